//! Which error means which exit code, and what to do next: every typed error of the program is
//! told here, once.

mod api;

use crate::api::SetupError;
use crate::commands::{ApiFailure, MissingField, OutcomeError, PartialError};
use crate::commands::{ReportError, TrialFailure};
use crate::config::KeyError;
use crate::error::Kind;
use crate::escape::untrusted;
use crate::exit::{Exit, Failure};
use crate::old_roster::journal::JournalError;
use crate::old_roster::links::LinksError;
use crate::problem::{InvalidInput, OfflineInput};
use crate::terminal::output::WriteError;
use crate::terminal::signal::Interrupted;
use std::error::Error;

/// Finds out what an error is. The outermost known type decides; an unknown one is a fault of
/// this program or this computer.
pub fn explain(error: &anyhow::Error) -> Failure {
    error.chain().find_map(known).unwrap_or_else(|| Failure {
        causes: error.chain().skip(1).map(|cause| untrusted(&cause.to_string())).collect(),
        ..Failure::new(Exit::Unexpected, error)
    })
}

fn known(error: &(dyn Error + 'static)) -> Option<Failure> {
    None.or_else(|| error.downcast_ref::<crate::error::Error>().map(whole))
        .or_else(|| error.downcast_ref::<InvalidInput>().map(|given| input(given, error)))
        .or_else(|| error.downcast_ref::<OfflineInput>().map(|given| input(&given.0, error)))
        .or_else(|| error.downcast_ref::<KeyError>().map(key))
        .or_else(|| error.downcast_ref::<ApiFailure>().map(api::call))
        .or_else(|| error.downcast_ref::<TrialFailure>().map(api::trial))
        .or_else(|| error.downcast_ref::<SetupError>().map(setup))
        .or_else(|| error.downcast_ref::<OutcomeError>().map(outcome))
        .or_else(|| error.downcast_ref::<MissingField>().map(missing_field))
        .or_else(|| error.downcast_ref::<WriteError>().map(write))
        .or_else(|| error.downcast_ref::<PartialError>().map(partial))
        .or_else(|| {
            error.downcast_ref::<JournalError>().map(|error| file(error, journal_exit(error)))
        })
        .or_else(|| error.downcast_ref::<LinksError>().map(|error| file(error, links_exit(error))))
        .or_else(|| error.downcast_ref::<ReportError>().map(report))
        .or_else(|| error.downcast_ref::<Interrupted>().map(interrupted))
}

/// An error that says everything itself.
fn whole(error: &crate::error::Error) -> Failure {
    let exit = match error.kind {
        Kind::Unexpected => Exit::Unexpected,
        Kind::Usage => Exit::Usage,
        Kind::Key => Exit::Key,
        Kind::Refused => Exit::Refused,
        Kind::Unavailable => Exit::Unavailable,
        Kind::NotTheApi => Exit::NotTheApi,
        Kind::Partial => Exit::Partial,
        Kind::Outcome => Exit::Outcome,
        Kind::Interrupted(signal) => Exit::Interrupted(signal),
    };
    Failure {
        causes: error.causes.clone(),
        hint: error.hint.clone(),
        http_status: error.http_status,
        details: error.details.clone(),
        ..Failure::new(exit, error)
    }
}

fn input(given: &InvalidInput, error: &dyn Error) -> Failure {
    Failure {
        causes: given.causes(),
        hint: given.hint.clone(),
        ..Failure::new(Exit::Usage, &error)
    }
}

fn key(error: &KeyError) -> Failure {
    let exit = match error {
        KeyError::Folder { .. } => Exit::Usage,
        _ => Exit::Key,
    };
    let (causes, hint) = match error {
        KeyError::Missing { passed_over } => (
            passed_over.clone(),
            "set LESSONSPACE_API_KEY, or run: lessonspace login (the key is in the dashboard \
             under Settings > Developer; --sandbox needs none)",
        ),
        KeyError::Unusable { source_name, .. } => (
            vec![format!("it came from {source_name}")],
            "copy it again from the dashboard, under Settings > Developer",
        ),
        KeyError::Folder { .. } => (Vec::new(), "name the file that holds the key"),
        KeyError::NobodyToAsk => (
            Vec::new(),
            "run it at a terminal, or give the key in a file: lessonspace login \
             --api-key-file PATH (- is standard input)",
        ),
        KeyError::Unreadable { causes, .. } => {
            (causes.clone(), "fix that, or give the key in LESSONSPACE_API_KEY")
        }
    };
    Failure { causes, hint: Some(hint.to_owned()), ..Failure::new(exit, error) }
}

fn setup(error: &SetupError) -> Failure {
    let (exit, hint) = match error {
        SetupError::Trust(_) => {
            (Exit::Usage, "check SSL_CERT_FILE and SSL_CERT_DIR, or install ca-certificates")
        }
        SetupError::Proxy(_) => {
            (Exit::Usage, "write it as http://HOST:PORT, or unset it to go without a proxy")
        }
        SetupError::Http(_) => {
            (Exit::Usage, "check the proxy settings: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
        }
        SetupError::Key => (Exit::Key, "copy the key again from the dashboard"),
    };
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    Failure {
        causes: causes.map(|cause| crate::escape::untrusted(&cause.to_string())).collect(),
        hint: Some(hint.to_owned()),
        ..Failure::new(exit, error)
    }
}

fn outcome(error: &OutcomeError) -> Failure {
    Failure { hint: Some(error.hint.clone()), ..Failure::new(Exit::Outcome, error) }
}

fn missing_field(error: &MissingField) -> Failure {
    let hint = Some(format!("the answer has: {}", error.known));
    Failure { hint, ..Failure::new(Exit::NotTheApi, error) }
}

fn write(error: &WriteError) -> Failure {
    let hint = "check where standard output goes, then run it again; repeating is safe";
    Failure { hint: Some(hint.to_owned()), ..file(error, Exit::Unexpected) }
}

fn partial(error: &PartialError) -> Failure {
    Failure { hint: error.redo.clone(), ..Failure::new(Exit::Partial, error) }
}

fn report(error: &ReportError) -> Failure {
    match error {
        ReportError::Links(links) => file(links, Exit::Unexpected),
        ReportError::Journal(journal) => file(journal, Exit::Unexpected),
        ReportError::Counts { .. } => Failure::new(Exit::Unexpected, error),
    }
}

fn interrupted(error: &Interrupted) -> Failure {
    Failure::new(Exit::Interrupted(error.signal), error)
}

/// An error about a file, with what the system says.
fn file(error: &dyn Error, exit: Exit) -> Failure {
    let cause = error.source().map(|source| untrusted(&source.to_string()));
    let headline = untrusted(&error.to_string());
    Failure { causes: cause.into_iter().collect(), ..Failure::new(exit, &headline) }
}

fn links_exit(error: &LinksError) -> Exit {
    match error {
        LinksError::Write { .. } => Exit::Unexpected,
        LinksError::IsTheRoster { .. }
        | LinksError::IsRead { .. }
        | LinksError::Exists { .. }
        | LinksError::NotAFile { .. } => Exit::Usage,
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
