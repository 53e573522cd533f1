//! The exit-code table, and what a failed run has to tell. Which error means which code is for
//! `explain`, what it looks like for `output`.

use crate::json::Value;
use std::process::ExitCode;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; also when the reader closed the pipe early.
    Done,
    /// A fault of this program or this computer.
    Unexpected,
    /// Wrong input; nothing was sent.
    Usage,
    /// No API key, an unusable one, or a refused one.
    Key,
    /// The API refused the request.
    Refused,
    /// Not reached, or not available.
    Unavailable,
    /// Something else answered, or stands between.
    NotTheApi,
    /// A batch finished, and some rows have no link.
    Partial,
    /// Done, but not what was required.
    Outcome,
    /// Stopped by a signal of this number.
    Interrupted(u8),
}

impl Exit {
    /// The code for the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Key => 3,
            Self::Refused => 4,
            Self::Unavailable => 5,
            Self::NotTheApi => 6,
            Self::Partial => 7,
            Self::Outcome => 8,
            Self::Interrupted(signal) => 128 + signal,
        }
    }

    /// The name of the kind in JSON errors.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Key => "key",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::NotTheApi => "not_the_api",
            Self::Partial => "partial",
            Self::Outcome => "outcome",
            Self::Interrupted(_) => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error, ready to be told: one headline, its causes, one next step.
#[derive(Debug)]
pub struct Failure {
    /// How the run ends.
    pub exit: Exit,
    /// What failed.
    pub headline: String,
    /// Why, a line each.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// The HTTP status, if an answer came.
    pub http_status: Option<u16>,
    /// The API's error body as JSON.
    pub details: Option<Value>,
}

impl Failure {
    /// A failure without causes or a hint.
    pub fn new(exit: Exit, headline: &dyn std::fmt::Display) -> Self {
        Self {
            exit,
            headline: headline.to_string(),
            causes: Vec::new(),
            hint: None,
            http_status: None,
            details: None,
        }
    }
}
