//! The error type of this program: what failed, why, and what to do next.
//!
//! An error is created where its cause is known and passed up unchanged; `main` prints it once.

use crate::json::Value;
use crate::problem::Problem;
use std::fmt::{self, Display};
use std::ops::{Deref, DerefMut};
use std::process::ExitCode;
use std::time::Duration;

/// A result whose error can be shown to a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of failure. Each kind has its own exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An internal error, or a problem with this computer.
    Unexpected,
    /// The input is wrong; nothing was sent.
    Usage,
    /// No API key, or one that is unusable or was refused.
    Key,
    /// The API refused the request.
    Refused,
    /// The API could not be reached, or is unavailable.
    Unavailable,
    /// Something other than the API responded.
    NotTheApi,
    /// A batch finished, but some rows have no link.
    Partial,
    /// Done, but a check failed, such as `--expect`.
    Outcome,
    /// Stopped by the signal with this number.
    Interrupted(u8),
}

impl Kind {
    pub fn exit_code(self) -> u8 {
        match self {
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

    /// The name in JSON errors.
    pub fn name(self) -> &'static str {
        match self {
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

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(kind.exit_code())
    }
}

/// An error ready to show. Boxed, because results carry it everywhere.
#[derive(Debug)]
pub struct Error(Box<Report>);

/// The content of an error.
#[derive(Debug)]
pub struct Report {
    pub kind: Kind,
    /// What failed: lower case, no final period, safe to show.
    pub message: String,
    /// Why it failed, one line each.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// What is wrong with the input, one entry per place.
    pub problems: Vec<Problem>,
    /// The HTTP status, if there was a response.
    pub http_status: Option<u16>,
    /// The API's error body.
    pub details: Option<Value>,
    /// How long the server said to wait.
    pub retry_after: Option<Duration>,
    /// The underlying library error.
    pub source: Option<anyhow::Error>,
}

impl Error {
    /// An error of this kind with only a message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Report {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            problems: Vec::new(),
            http_status: None,
            details: None,
            retry_after: None,
            source: None,
        }))
    }

    /// Wrong input in one place, such as a flag. An empty place is not shown.
    pub fn usage(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::of_problems(vec![Problem::new(place, message)])
    }

    /// Wrong input as one sentence: `class.csv is empty`.
    pub fn about(place: impl Into<String>, predicate: impl Into<String>) -> Self {
        Self::of_problems(vec![Problem::about(place, predicate)])
    }

    /// Wrong input. A single problem becomes the message; several are counted and listed.
    pub fn of_problems(problems: Vec<Problem>) -> Self {
        let mut causes = Vec::new();
        let message = if let [problem] = problems.as_slice() {
            causes.clone_from(&problem.excerpt);
            problem.to_string()
        } else {
            for problem in &problems {
                causes.push(problem.to_string());
                causes.extend(problem.excerpt.iter().cloned());
            }
            format!("{} problems with the input; nothing was sent", problems.len())
        };
        Self::new(Kind::Usage, message).with_causes(causes).with_problems(problems)
    }

    /// Adds one line to the causes.
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds lines to the causes.
    pub fn with_causes(mut self, causes: impl IntoIterator<Item = String>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// Sets what to do next.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what is wrong with the input, for programs that read the error as JSON.
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// Adds a library error; each of its messages becomes a cause.
    pub fn with_source(mut self, source: impl Into<anyhow::Error>) -> Self {
        let source = source.into();
        self.causes
            .extend(source.chain().map(|cause| crate::escape::untrusted(&cause.to_string())));
        self.source = Some(source);
        self
    }
}

impl Deref for Error {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Report {
        &mut self.0
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// An error without a kind is an internal error or a problem with this computer.
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| {
            let message = crate::escape::untrusted(&error.to_string());
            let causes = error.chain().skip(1);
            let causes: Vec<String> =
                causes.map(|cause| crate::escape::untrusted(&cause.to_string())).collect();
            Self::new(Kind::Unexpected, message).with_causes(causes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_problem_is_the_whole_message_and_several_are_counted() {
        let one = Error::usage("--id", "is empty");
        assert_eq!((one.to_string().as_str(), one.causes.len()), ("--id: is empty", 0));
        let two = Error::of_problems(vec![Problem::new("--id", "a"), Problem::new("", "b")]);
        assert_eq!(two.to_string(), "2 problems with the input; nothing was sent");
        assert_eq!(two.causes, ["--id: a", "b"]);
    }

    #[test]
    fn an_error_survives_conversion_to_anyhow_and_back() {
        let error = Error::new(Kind::Key, "refused").with_hint("log in");
        let back = Error::from(anyhow::Error::new(error));
        assert_eq!((back.kind, back.hint.as_deref()), (Kind::Key, Some("log in")));
        let strange = Error::from(anyhow::anyhow!("inner").context("outer"));
        assert_eq!((strange.kind, strange.message.as_str()), (Kind::Unexpected, "outer"));
        assert_eq!(strange.causes, ["inner"]);
    }
}
