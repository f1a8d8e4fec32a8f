//! Tables on a terminal, aligned by display width: a kanji takes two cells.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// Writes headers and rows; every row has as many cells as there are columns.
pub fn write<const N: usize, C: AsRef<str>>(
    out: &mut impl Write,
    columns: [(&str, Side); N],
    rows: &[[C; N]],
) -> io::Result<()> {
    write_rows(out, &columns, rows)
}

/// As [`write`], where the number of columns is known only now.
pub fn write_rows<R: AsRef<[C]>, C: AsRef<str>>(
    out: &mut impl Write,
    columns: &[(&str, Side)],
    rows: &[R],
) -> io::Result<()> {
    let headers: Vec<&str> = columns.iter().map(|(header, _)| *header).collect();
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|row| row.as_ref().iter().map(AsRef::as_ref).collect()).collect();
    let mut widths: Vec<usize> = headers.iter().map(|header| header.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for row in std::iter::once(&headers).chain(&rows) {
        let mut line = String::new();
        for ((cell, width), (_, side)) in row.iter().zip(&widths).zip(columns) {
            let blank = " ".repeat(width - cell.width());
            let (left, right) = match side {
                Side::Left => ("", &*blank),
                Side::Right => (&*blank, ""),
            };
            line += &format!("{left}{cell}{right}  ");
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_display_width() {
        let mut out = Vec::new();
        write(&mut out, [("名", Side::Left), ("件数", Side::Right)], &[["表記", "7"], ["a", "128"]]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "名    件数\n表記     7\na      128\n");
    }
}
