//! Whether standard output was closed when the program started (`>&-`, some daemons). Before
//! `main`, Rust opens /dev/null in the place of a closed stream, and every write succeeds.

use std::sync::atomic::{AtomicBool, Ordering};

static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether there is nobody and nothing to write to.
pub fn stdout_was_closed() -> bool {
    STDOUT_WAS_CLOSED.load(Ordering::Relaxed)
}

/// Runs before Rust's own start. Without /dev/fd nothing can be told.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn look() {
    let is_closed =
        std::fs::symlink_metadata("/dev/fd/1").is_err() && std::fs::metadata("/dev/fd").is_ok();
    STDOUT_WAS_CLOSED.store(is_closed, Ordering::Relaxed);
}
