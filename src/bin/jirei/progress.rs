//! How far a run is: a bar on stderr with rows, rate and remaining time, for whoever waits longer than a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a run may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);

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
            Some(bytes) => (ProgressBar::new(bytes), "{bar:32} {percent:>3} %  {msg}"),
            None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
        };
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(template).expect("the templates have known keys only"));
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
    fn the_message_has_rows_rate_and_remaining_time() {
        assert_eq!(message(25, Some(100), 5_000, 30.0), "5000 行（毎秒 167 行） 残り約 1:30");
        assert_eq!(message(25, None, 5_000, 2.0), "5000 行（毎秒 2500 行）");
        assert_eq!(message(0, Some(0), 0, 2.0), "0 行（毎秒 0 行）");
    }
}
