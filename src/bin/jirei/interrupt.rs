//! Ctrl-C or SIGTERM while answers are being tagged: the run ends as if it had failed, so that nothing temporary stays behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::{Failure, INTERRUPTED};

/// Whether the run was asked to end since [`listen`].
static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on, these signals are for [`is_asked`] and [`check`].
pub fn listen() {
    ASKED.get_or_init(|| {
        let asked = Arc::new(AtomicBool::new(false));
        // The second time the program ends where it is. Should the system refuse, it does so the first time.
        for signal in [SIGINT, SIGTERM] {
            let _ = flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&asked))
                .and_then(|_| flag::register(signal, Arc::clone(&asked)));
        }
        asked
    });
}

/// Whether the run is to end.
pub fn is_asked() -> bool {
    ASKED.get().is_some_and(|asked| asked.load(Ordering::Relaxed))
}

/// Ends the run if it is to end.
pub fn check() -> Result<(), Failure> {
    if is_asked() { Err(Failure::Interrupted) } else { Ok(()) }
}
