//! What can go wrong with the journal. Cloned to everybody whose record was in a group.

use std::{io, path::PathBuf, sync::Arc};

/// Why a journal cannot be opened, read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// There is a journal, and nobody said what to do with it.
    #[error(
        "{} exists: links were made before; add --resume to go on with them, or --force to \
         start over",
        path.display()
    )]
    Exists {
        /// The journal.
        path: PathBuf,
    },
    /// Another run has it locked.
    #[error("another run is writing to {}; wait until it has ended", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The file system knows no locks.
    #[error("cannot lock {}; write the links to a folder on this computer", path.display())]
    CannotLock {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Its links come from somewhere else.
    #[error(
        "{} holds links of {theirs}, not of {ours}; write these links to another file",
        path.display()
    )]
    OtherApi {
        /// The journal.
        path: PathBuf,
        /// The API of the journal, or "the sandbox".
        theirs: String,
        /// The API of this run, or "the sandbox".
        ours: String,
    },
    /// Something else has this name.
    #[error("{} is not a lessonspace journal; move it somewhere else", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error("{} was written by a newer lessonspace; update this one", path.display())]
    TooNew {
        /// The journal.
        path: PathBuf,
    },
    /// The folder is missing, or read-only.
    #[error("cannot open the journal {}", path.display())]
    Open {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// It cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The disk is full, or broken. No request may go any more, and what was to be written
    /// does not count.
    #[error("cannot write the journal {}; make room, then go on with --resume", path.display())]
    Write {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The thread that writes has died.
    #[error("the journal is no longer written; go on with --resume")]
    Stopped,
}

impl From<&JournalError> for crate::error::Error {
    fn from(error: &JournalError) -> Self {
        let kind = match error {
            JournalError::Exists { .. }
            | JournalError::OtherApi { .. }
            | JournalError::NotAJournal { .. }
            | JournalError::TooNew { .. } => crate::error::Kind::Usage,
            _ => crate::error::Kind::Unexpected,
        };
        with_cause(kind, error)
    }
}

/// An error of a file, and what the system says.
pub(crate) fn with_cause(
    kind: crate::error::Kind,
    error: &dyn std::error::Error,
) -> crate::error::Error {
    use crate::escape::untrusted;
    let cause = error.source().map(|source| untrusted(&source.to_string()));
    crate::error::Error::new(kind, untrusted(&error.to_string())).with_causes(cause)
}
