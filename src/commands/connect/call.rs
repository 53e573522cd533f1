//! A call to the API: how long it may take, what is told of it, and how it fails.

use crate::api::{self, CallError, Event};
use crate::terminal::output::Printer;
use std::time::Duration;
use url::Url;

/// Where a key is tried, and how long that may take.
pub struct Trial<'a> {
    /// The API's address.
    pub url: &'a Url,
    /// The longest that the call may take.
    pub time: Duration,
}

/// A call to the API failed for good.
#[derive(Debug, thiserror::Error)]
#[error("{call}")]
pub struct ApiFailure {
    /// The failure.
    pub call: CallError,
    /// Where the key came from.
    pub key_source: String,
    /// The time that the call had.
    pub time: Duration,
    /// Whether the call makes something, as a launch does.
    pub makes_something: bool,
}

/// A key that was only tried did not pass.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TrialFailure(pub ApiFailure);

impl ApiFailure {
    /// Whether the API said that the key is not valid.
    pub fn is_key_refused(&self) -> bool {
        matches!(self.call.error, api::Error::KeyRefused { .. })
    }
}

/// Tells the attempts and waits of a call, with `--verbose`.
pub fn watch(printer: Printer) -> impl Fn(Event<'_>) {
    move |event| match event {
        Event::Attempt(number) => printer.detail(&format!("attempt {number}")),
        Event::Failed(error) => printer.detail(&format!("failed: {error}")),
        Event::Waiting(pause) => printer.detail(&format!("waiting {:.1} s", pause.as_secs_f64())),
    }
}
