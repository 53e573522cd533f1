//! The journal's file: opened, locked, and private.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
    sync::Arc,
};

use super::{JournalError, Start};

/// Checks what has the journal's name, before anything is opened.
///
/// # Errors
///
/// Something other than a file, and a journal that `start` does not allow.
pub(crate) fn check(path: &Path, start: Start) -> Result<(), JournalError> {
    if path.exists() && !path.is_file() {
        Err(JournalError::NotAJournal { path: path.to_owned() })
    } else if path.exists() && start == Start::New {
        Err(JournalError::Exists { path: path.to_owned() })
    } else {
        Ok(())
    }
}

/// Opens and locks the file, making it if `start` allows. The system drops the lock when the
/// process ends, however it ends.
pub(super) fn open_locked(path: &Path, start: Start) -> Result<File, JournalError> {
    let open_error =
        |source| JournalError::Open { path: path.to_owned(), source: Arc::new(source) };
    let (file, is_new) = match options().create_new(true).open(path) {
        Ok(file) => (file, true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // That it is in use, which only its lock tells, goes before that it is there.
            check(path, Start::Resume)?;
            (options().open(path).map_err(open_error)?, false)
        }
        Err(error) => return Err(open_error(error)),
    };
    locked(file.try_lock(), path)?;
    if !is_new {
        check(path, start)?;
        make_private(&file).map_err(open_error)?;
    }
    Ok(file)
}

/// Opens a journal that is there for reading, unless a run writes to it.
pub(super) fn open_to_look(path: &Path, start: Start) -> Result<Option<File>, JournalError> {
    check(path, start)?;
    match File::open(path) {
        Ok(file) => locked(file.try_lock_shared(), path).map(|()| Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(JournalError::Open { path: path.to_owned(), source: Arc::new(source) }),
    }
}

fn locked(lock: Result<(), TryLockError>, path: &Path) -> Result<(), JournalError> {
    let path = path.to_owned();
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse { path }),
        Err(TryLockError::Error(source)) => {
            Err(JournalError::CannotLock { path, source: Arc::new(source) })
        }
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// The mode of a new file does nothing for one that is there already.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    if file.metadata()?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is a mode, which can fail")]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}
