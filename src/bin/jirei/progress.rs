//! How far a run is: a bar on stderr with rows, rate and remaining time, for whoever waits longer than a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

/// How long a run may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Cells for a message of some million rows, with the share before it.
const MESSAGE_CELLS: u16 = 56;

/// The bar of a run. Never there when hidden, nor when stderr is no terminal (indicatif sees to that).
pub struct Progress {
    bar: ProgressBar,
    /// Bytes of all inputs, where known.
    bytes: Option<u64>,
    started: Instant,
    is_hidden: bool,
    is_shown: bool,
}

impl Progress {
    pub fn new(bytes: Option<u64>, is_hidden: bool) -> Progress {
        let (bar, template) = match bytes {
            Some(bytes) => {
                (ProgressBar::new(bytes), format!("{}{{percent:>3}} %  {{msg}}", bar_within(columns())))
            }
            None => (ProgressBar::new_spinner(), "{spinner} {msg}".to_owned()),
        };
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(&template).expect("the templates have known keys only"));
        Progress { bar, bytes, started: Instant::now(), is_hidden, is_shown: false }
    }

    /// Says that `bytes` of the inputs were read and `rows` rows are done.
    pub fn reach(&mut self, bytes: u64, rows: u64) {
        let elapsed = self.started.elapsed();
        if self.is_hidden || elapsed < PATIENCE {
            return;
        }
        if !self.is_shown {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(bytes);
        self.bar.set_message(message(bytes, self.bytes, rows, elapsed.as_secs_f64()));
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How wide the terminal is, in cells.
fn columns() -> u16 {
    terminal_size_of(std::io::stderr()).map_or(80, |(Width(columns), _)| columns)
}

/// The bar, as long as the message beside it leaves room for.
fn bar_within(columns: u16) -> String {
    match columns.saturating_sub(MESSAGE_CELLS).min(32) {
        0..8 => String::new(),
        cells => format!("{{bar:{cells}}} "),
    }
}

fn message(bytes: u64, all: Option<u64>, rows: u64, seconds: f64) -> String {
    let rate = rows as f64 / seconds;
    let so_far = format!("{rows} 行（毎秒 {rate:.0} 行）");
    match all {
        Some(all) if bytes > 0 => {
            let left = (seconds * (all.saturating_sub(bytes)) as f64 / bytes as f64).ceil();
            format!("{so_far} 残り約 {}:{:02}", (left / 60.0).floor(), left % 60.0)
        }
        _ => so_far,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_has_a_short_bar_or_none() {
        assert_eq!(bar_within(120), "{bar:32} ");
        assert_eq!(bar_within(72), "{bar:16} ");
        assert_eq!(bar_within(60), "");
        // The longest message within reach leaves room for what stands beside it.
        let message = message(1, Some(20_000), 12_345_678, 1.0);
        let cells = unicode_width::UnicodeWidthStr::width(format!("100 %  {message}").as_str());
        assert!(cells <= usize::from(MESSAGE_CELLS), "{cells}: {message}");
    }

    #[test]
    fn the_message_has_rows_rate_and_remaining_time() {
        assert_eq!(message(25, Some(100), 5_000, 30.0), "5000 行（毎秒 167 行） 残り約 1:30");
        assert_eq!(message(25, None, 5_000, 2.0), "5000 行（毎秒 2500 行）");
        assert_eq!(message(0, Some(0), 0, 2.0), "0 行（毎秒 0 行）");
    }
}
