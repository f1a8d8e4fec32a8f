//! The progress bar, on stderr, over the bytes of the input.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over `bytes` of input, or a spinner where the size isn't known. Hidden when `is_hidden` and when stderr is not
/// a terminal (indicatif sees to that).
pub fn bar(bytes: Option<u64>, is_hidden: bool) -> ProgressBar {
    let template = match bytes {
        Some(_) => {
            "{bar:32} {percent:>3} % {binary_bytes:>10} / {binary_total_bytes} {binary_bytes_per_sec} 残り {eta}"
        }
        None => "{spinner} {binary_bytes} 読みました {binary_bytes_per_sec}",
    };
    let bar = match bytes {
        Some(bytes) => ProgressBar::new(bytes),
        None => ProgressBar::new_spinner(),
    };
    bar.set_style(
        ProgressStyle::with_template(template).expect("the template is tested by the tests that run it"),
    );
    if is_hidden {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
