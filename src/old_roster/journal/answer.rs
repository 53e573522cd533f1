//! What came of a request, for the journal.

use crate::old_roster::outcome::{Outcome, Status};

/// What came of a request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// With status `Created`, `Existing`, `Unknown` or `Failed`.
    pub(crate) outcome: Outcome,
    /// For a failure: whether the request may have been carried out all the same, as after a
    /// time-out.
    pub(crate) may_have_acted: bool,
}

impl Answer {
    /// No link, and why, on one line.
    pub(crate) fn failed(error: String, may_have_acted: bool) -> Self {
        let outcome = Outcome { error: Some(error), ..Outcome::without_link(Status::Failed) };
        Self { outcome, may_have_acted }
    }

    /// Takes a mark back: its request did not go.
    pub(crate) fn unsent() -> Self {
        Self { outcome: Outcome::without_link(Status::Pending), may_have_acted: false }
    }
}
