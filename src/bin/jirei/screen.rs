//! A screen that is written anew again and again, cut to the size of the terminal: what matters stays in sight.

use std::io::{self, IsTerminal, Write};

use terminal_size::{Height, Width, terminal_size};
use unicode_width::UnicodeWidthChar;

/// Stdout as a screen; where it is no terminal, one text below the other.
#[derive(Debug)]
pub struct Screen {
    is_terminal: bool,
}

impl Screen {
    pub fn stdout() -> Self {
        let is_terminal = io::stdout().is_terminal();
        if is_terminal {
            // What stood there before stays in the terminal's history.
            print!("\u{1b}[2J");
        }
        Screen { is_terminal }
    }

    /// Shows `text` instead of what was there.
    pub fn show(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.is_terminal {
            // Home, then what is there is overwritten and the rest cleared: clearing first would flicker.
            let (Width(columns), Height(rows)) = terminal_size().unwrap_or((Width(80), Height(24)));
            let fitted = fit(text, usize::from(columns), usize::from(rows));
            write!(out, "\u{1b}[H")?;
            for line in fitted.split('\n') {
                write!(out, "{line}\u{1b}[K\r\n")?;
            }
            write!(out, "\u{1b}[J")?;
        } else {
            writeln!(out, "{}\n{}", text.trim_end(), "─".repeat(20))?;
        }
        out.flush()
    }
}

/// The beginning of `text` that fits: a line less than `rows`, for the cursor, each cut to `columns` cells.
fn fit(text: &str, columns: usize, rows: usize) -> String {
    let lines: Vec<&str> = text.trim_end().split('\n').collect();
    let room = rows.saturating_sub(1).max(1);
    let shown = if lines.len() > room { room - 1 } else { lines.len() };
    let mut fitted: Vec<String> = lines[..shown].iter().map(|line| cut(line, columns)).collect();
    if shown < lines.len() {
        fitted.push(cut(
            &format!("… ほか {} 行（窓を広げると、次の保存から多く見えます）", lines.len() - shown),
            columns,
        ));
    }
    fitted.join("\n")
}

/// `line` in at most `columns` cells. Escape sequences take none, and are kept to their end.
fn cut(line: &str, columns: usize) -> String {
    // Where it doesn't fit, a cell is kept for the sign that something is missing.
    let mut is_escape = false;
    let visible = line.chars().filter(|c| {
        let is_part = is_escape || *c == '\u{1b}';
        is_escape = is_part && !c.is_ascii_alphabetic();
        !is_part
    });
    let room = if visible.map(|c| c.width().unwrap_or(0)).sum::<usize>() > columns {
        columns.max(1) - 1
    } else {
        columns
    };
    let (mut cells, mut shown, mut is_full, mut is_escape) = (0, String::new(), false, false);
    for c in line.chars() {
        if is_escape || c == '\u{1b}' {
            is_escape = !is_escape || !c.is_ascii_alphabetic();
            shown.push(c);
            continue;
        }
        let width = c.width().unwrap_or(0);
        if !is_full && cells + width > room {
            is_full = true;
            shown.push('…');
        }
        if !is_full {
            cells += width;
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_by_cells_and_colours_end() {
        for (line, columns, expected) in [
            ("受付が混む", 20, "受付が混む"),
            ("受付が混む", 7, "受付が…"),
            ("受付が混む", 8, "受付が…"),
            ("受付が混む", 10, "受付が混む"),
            ("\u{1b}[1m受付\u{1b}[0mが混む", 6, "\u{1b}[1m受付\u{1b}[0m…"),
            ("", 5, ""),
        ] {
            assert_eq!(cut(line, columns), expected, "{line:?} in {columns}");
        }
        assert_eq!(fit("一\n二\n三\n", 10, 4), "一\n二\n三");
        assert!(fit("一\n二\n三\n四\n", 10, 4).starts_with("一\n二\n… ほか"));
    }
}
