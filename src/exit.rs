//! The exit-code table, and which error means which code. What a failure looks like is for
//! `output`.

use crate::api::{
    CertificateProblem, Details, Error as ApiError, SetupError, Stranger, retry::Stop,
};
use crate::body::times;
use crate::commands::{ApiFailure, MissingField, OutcomeError, PartialError, ReportError};
use crate::config::KeyError;
use crate::json::Value;
use crate::output::WriteError;
use crate::problem::InvalidInput;
use crate::roster::journal::JournalError;
use crate::roster::links::LinksError;
use crate::signal::Interrupted;
use jiff::SignedDuration;
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
    /// Finds out what an error is. The innermost known type decides; an unknown one is a fault of
    /// this program or this computer.
    pub fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(Self::known).unwrap_or_else(|| Self {
            causes: error.chain().skip(1).map(ToString::to_string).collect(),
            ..Self::new(Exit::Unexpected, error)
        })
    }

    fn known(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(invalid) = error.downcast_ref::<InvalidInput>() {
            let (causes, hint) = (invalid.causes(), invalid.hint.clone());
            return Some(Self { causes, hint, ..Self::new(Exit::Usage, invalid) });
        }
        if let Some(key) = error.downcast_ref::<KeyError>() {
            return Some(Self::of_key(key));
        }
        if let Some(failure) = error.downcast_ref::<ApiFailure>() {
            return Some(Self::of_api(failure));
        }
        if let Some(setup) = error.downcast_ref::<SetupError>() {
            return Some(Self::of_setup(setup));
        }
        if let Some(outcome) = error.downcast_ref::<OutcomeError>() {
            let hint = Some(outcome.hint.clone());
            return Some(Self { hint, ..Self::new(Exit::Outcome, outcome) });
        }
        if let Some(missing) = error.downcast_ref::<MissingField>() {
            let hint = Some(format!("the answer has: {}", missing.known));
            return Some(Self { hint, ..Self::new(Exit::NotTheApi, missing) });
        }
        if let Some(write) = error.downcast_ref::<WriteError>() {
            let hint = "mend what standard output goes to, then run it again; repeating is safe"
                .to_owned();
            let cause = std::error::Error::source(write).map(ToString::to_string);
            return Some(Self {
                causes: cause.into_iter().collect(),
                hint: Some(hint),
                ..Self::new(Exit::Unexpected, write)
            });
        }
        if let Some(partial) = error.downcast_ref::<PartialError>() {
            return Some(Self { hint: partial.redo.clone(), ..Self::new(Exit::Partial, partial) });
        }
        if let Some(journal) = error.downcast_ref::<JournalError>() {
            return Some(Self::of_file(journal, journal_exit(journal)));
        }
        if let Some(links) = error.downcast_ref::<LinksError>() {
            let exit = match links {
                LinksError::Write { .. } => Exit::Unexpected,
                _ => Exit::Usage,
            };
            return Some(Self::of_file(links, exit));
        }
        if let Some(report) = error.downcast_ref::<ReportError>() {
            return Some(match report {
                ReportError::Links(links) => Self::of_file(links, Exit::Unexpected),
                ReportError::Journal(journal) => Self::of_file(journal, Exit::Unexpected),
                ReportError::Counts { .. } => Self::new(Exit::Unexpected, report),
            });
        }
        let interrupted = error.downcast_ref::<Interrupted>()?;
        Some(Self::new(Exit::Interrupted(interrupted.signal), interrupted))
    }

    fn new(exit: Exit, headline: &dyn std::fmt::Display) -> Self {
        Self {
            exit,
            headline: headline.to_string(),
            causes: Vec::new(),
            hint: None,
            http_status: None,
            details: None,
        }
    }

    /// An error about a file, with what the system says.
    fn of_file(error: &dyn std::error::Error, exit: Exit) -> Self {
        let cause = error.source().map(|source| crate::escape::untrusted(&source.to_string()));
        Self {
            causes: cause.into_iter().collect(),
            ..Self::new(exit, &crate::escape::untrusted(&error.to_string()))
        }
    }

    fn of_key(error: &KeyError) -> Self {
        let (causes, hint) = match error {
            KeyError::Missing { passed_over } => (
                passed_over.clone(),
                "set LESSONSPACE_API_KEY, or run: lessonspace login (the key is in the dashboard \
                 under Settings > Developer; --sandbox needs none)",
            ),
            KeyError::Unusable { source_name, .. } => (
                vec![format!("it came from {source_name}")],
                "copy it once more from the dashboard, under Settings > Developer",
            ),
            KeyError::NobodyToAsk => (
                Vec::new(),
                "run it at a terminal, or give the key in a file: lessonspace login \
                 --api-key-file PATH (- is standard input)",
            ),
            KeyError::Unreadable { causes, .. } => {
                (causes.clone(), "mend that, or give the key in LESSONSPACE_API_KEY")
            }
        };
        Self { causes, hint: Some(hint.to_owned()), ..Self::new(Exit::Key, error) }
    }

    fn of_setup(error: &SetupError) -> Self {
        let (exit, hint) = match error {
            SetupError::Trust(_) => {
                (Exit::Usage, "check SSL_CERT_FILE and SSL_CERT_DIR, or install ca-certificates")
            }
            SetupError::Http(_) => {
                (Exit::Usage, "check the proxy settings: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
            }
            SetupError::Key => (Exit::Key, "copy the key once more from the dashboard"),
        };
        let causes =
            std::iter::successors(std::error::Error::source(error), |error| error.source());
        Self {
            causes: causes.map(|cause| crate::escape::untrusted(&cause.to_string())).collect(),
            hint: Some(hint.to_owned()),
            ..Self::new(exit, error)
        }
    }

    fn of_api(failure: &ApiFailure) -> Self {
        let error = &failure.call.error;
        let mut causes = error.causes();
        if matches!(error, ApiError::KeyRefused { .. }) {
            causes.insert(0, format!("the key came from {}", failure.key_source));
        }
        causes.extend(attempts(failure));
        let details = match error.details() {
            Some(Details::Json(json)) => Some(json.clone()),
            Some(Details::Text(text)) => Some(Value::text(text, crate::json::Origin::Unplaced)),
            Some(Details::None) | None => None,
        };
        Self {
            causes,
            hint: Some(api_hint(error).to_owned()),
            http_status: error.status(),
            details,
            ..Self::new(api_exit(error), &failure.call)
        }
    }
}

fn journal_exit(error: &JournalError) -> Exit {
    match error {
        JournalError::Exists { .. }
        | JournalError::OtherApi { .. }
        | JournalError::NotAJournal { .. }
        | JournalError::TooNew { .. } => Exit::Usage,
        JournalError::InUse { .. }
        | JournalError::CannotLock { .. }
        | JournalError::Open { .. }
        | JournalError::Read { .. }
        | JournalError::Write { .. }
        | JournalError::Stopped => Exit::Unexpected,
    }
}

fn api_exit(error: &ApiError) -> Exit {
    match error {
        ApiError::Unreachable { .. }
        | ApiError::TimedOut { .. }
        | ApiError::Broken { .. }
        | ApiError::Unavailable { .. } => Exit::Unavailable,
        ApiError::KeyRefused { .. } => Exit::Key,
        ApiError::Refused { .. } => Exit::Refused,
        ApiError::Certificate { .. }
        | ApiError::ProxyPassword
        | ApiError::NotLessonspace { .. } => Exit::NotTheApi,
    }
}

fn api_hint(error: &ApiError) -> &'static str {
    match error {
        ApiError::Unreachable { .. } => {
            "check the network and, at a school, the proxy (HTTPS_PROXY), then run it again"
        }
        ApiError::TimedOut { .. } => "run it again later, or with a longer --timeout",
        ApiError::Broken { .. } => "run it again; repeating is safe",
        ApiError::Unavailable { .. } => "run it again later; repeating is safe",
        ApiError::KeyRefused { .. } => {
            "check it under Settings > Developer, or run: lessonspace login"
        }
        ApiError::Refused { status: 404, .. } => "check --api-url",
        ApiError::Refused { .. } => "mend the request; --dry-run shows what would be sent",
        ApiError::Certificate { problem: CertificateProblem::UnknownIssuer, .. } => {
            "if your school inspects TLS, have its certificate installed on this computer, or name it in SSL_CERT_FILE"
        }
        ApiError::Certificate {
            problem: CertificateProblem::Expired | CertificateProblem::NotYet,
            ..
        } => {
            "check the date and time of this computer; if they are right, ask who runs the network"
        }
        ApiError::Certificate { .. } => "check --api-url; if it is right, ask who runs the network",
        ApiError::ProxyPassword => {
            "put them into the proxy's address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT"
        }
        ApiError::NotLessonspace { reason, .. } => match reason {
            Stranger::Page => {
                "open a web page in the browser, log in to the network, then run it again"
            }
            Stranger::Redirect { .. }
            | Stranger::Status { .. }
            | Stranger::TooLarge
            | Stranger::NotJson => {
                "check --api-url and the proxy; redirects are never followed, because the key would go along"
            }
            Stranger::NoLink(_) | Stranger::NoGreeting => {
                "check --api-url; if it is right, tell Lessonspace's support"
            }
        },
    }
}

/// How often it was tried, why no more, and whether it may have been carried out all the same.
fn attempts(failure: &ApiFailure) -> Vec<String> {
    let call = &failure.call;
    let mut lines = Vec::new();
    let shown =
        |duration| times::length(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX));
    match call.stop {
        Some(Stop::RetryAfter { asked, left }) => lines.push(format!(
            "the server asks to wait {}, and {} of --timeout are left",
            shown(asked),
            shown(left)
        )),
        Some(Stop::Time) => {
            lines.push(format!("the time of --timeout ({}) is used up", shown(failure.time)));
        }
        Some(Stop::Attempts) | None => {}
    }
    if call.attempts > 1 {
        lines.push(format!("{} attempts were made", call.attempts));
    }
    if call.may_have_acted
        && failure.makes_something
        && api_exit(&call.error) != Exit::Refused
        && api_exit(&call.error) != Exit::Key
    {
        lines.push("the Space may have been created all the same".to_owned());
    }
    lines
}
