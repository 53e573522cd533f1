//! A call to the API: how long it may take, what is told of it, and how it fails.

use crate::api::Event;
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

/// Tells the attempts and waits of a call, with `--verbose`.
pub fn watch(printer: Printer) -> impl Fn(Event<'_>) {
    move |event| match event {
        Event::Attempt(number) => printer.detail(&format!("attempt {number}")),
        Event::Failed(error) => printer.detail(&format!("failed: {error}")),
        Event::Waiting(pause) => printer.detail(&format!("waiting {:.1} s", pause.as_secs_f64())),
    }
}
