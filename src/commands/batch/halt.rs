//! Once something stops the run, no further request goes: rows that wait for anything but an
//! answer stop waiting.

use std::cell::Cell;
use tokio::sync::Notify;

/// Whether the run is being stopped.
#[derive(Default)]
pub struct Halt {
    is_called: Cell<bool>,
    called: Notify,
}

impl Halt {
    /// Stops the run.
    pub fn call(&self) {
        self.is_called.set(true);
        self.called.notify_waiters();
    }

    /// Waits for something; none as soon as the run is being stopped.
    pub async fn unless<T>(&self, wait: impl Future<Output = T>) -> Option<T> {
        let called = self.called.notified();
        if self.is_called.get() {
            return None;
        }
        tokio::select! {
            biased;
            () = called => None,
            result = wait => Some(result),
        }
    }
}
