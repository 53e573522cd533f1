//! Where LINKS is written, and how: through a temporary file in the same folder, so that
//! there is always either the old file or the whole new one.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::input;
use crate::old_roster::disk;

/// Why LINKS cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinksError {
    /// LINKS would overwrite the roster.
    #[error("{} is the roster itself; write the links to another file", path.display())]
    IsTheRoster {
        /// LINKS, as given.
        path: PathBuf,
    },
    /// LINKS would overwrite another file that the run reads.
    #[error("{} is also read by this run; write the links to another file", path.display())]
    IsRead {
        /// LINKS, as given.
        path: PathBuf,
    },
    /// There is such a file, and nobody said to replace it.
    #[error(
        "{} exists; add --resume to go on with it, or --force to start over",
        path.display()
    )]
    Exists {
        /// LINKS, as given.
        path: PathBuf,
    },
    /// A folder, a device, a pipe.
    #[error("{} is not a regular file; write the links to a file", path.display())]
    NotAFile {
        /// LINKS, as given.
        path: PathBuf,
    },
    /// The folder is missing or read-only, the disk full, the file open in Excel.
    #[error("cannot write the links to {}{}", path.display(), place_hint(source))]
    Write {
        /// LINKS, as given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What to do about the failures that happen to people.
fn place_hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "; its folder does not exist",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room, then resume",
        io::ErrorKind::PermissionDenied if cfg!(windows) => "; close it if it is open in Excel",
        _ if input::is_held(source) => "; close it if it is open in Excel",
        _ => "",
    }
}

/// Checks, before anything is sent, that LINKS can be written later: it is not the roster
/// (`None` for stdin) and none of the other files that are `read`, it is not there yet or a regular file that `may_replace` allows to
/// replace, its folder takes new files, and no other program keeps it open where that matters (Windows).
///
/// # Errors
///
/// The first of these that does not hold.
pub(crate) fn check(
    path: &Path,
    roster: Option<&Path>,
    read: &[&Path],
    may_replace: bool,
) -> Result<(), LinksError> {
    if let Some(roster) = roster
        && disk::is_same_file(path, roster)
    {
        return Err(LinksError::IsTheRoster { path: path.to_owned() });
    }
    if read.iter().any(|read| disk::is_same_file(path, read)) {
        return Err(LinksError::IsRead { path: path.to_owned() });
    }
    if !disk::can_be_file(path) {
        return Err(LinksError::NotAFile { path: path.to_owned() });
    }
    if path.is_file() && !may_replace {
        return Err(LinksError::Exists { path: path.to_owned() });
    }
    // Replacing a file needs no right to write to it, but when another program has it open,
    // Windows replaces it as little as it opens it.
    if cfg!(windows) && path.exists() {
        File::options()
            .write(true)
            .open(path)
            .map_err(|source| LinksError::Write { path: path.to_owned(), source })?;
    }
    Replacement::start(path).map(drop)
}

const PREFIX: &str = ".lessonspace-";
const SUFFIX: &str = ".tmp";

/// Removes what runs left beside LINKS that were killed while they wrote. A file that is being
/// written is locked.
pub(crate) fn remove_leftovers(path: &Path) {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(folder) = fs::read_dir(disk::folder_of(&target)) else { return };
    for entry in folder.flatten() {
        let name = entry.file_name();
        let is_ours =
            name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
                && entry.file_type().is_ok_and(|kind| kind.is_file());
        let is_left = || {
            let file = File::options().write(true).open(entry.path());
            file.is_ok_and(|file| file.try_lock().is_ok())
        };
        if is_ours && is_left() {
            // One that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A new LINKS file on its way to its place. Dropped before [`Replacement::finish`], it
/// leaves nothing behind.
pub(crate) struct Replacement {
    /// As given, for messages.
    path: PathBuf,
    /// Where it goes: behind a symbolic link, the file that the link points to.
    target: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Replacement {
    /// Opens the temporary file, with mode 0600.
    pub(crate) fn start(path: &Path) -> Result<Self, LinksError> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !disk::can_be_file(&target) {
            return Err(LinksError::NotAFile { path: path.to_owned() });
        }
        let file = temporary_file(&target)
            .map_err(|source| LinksError::Write { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), target, file: BufWriter::new(file) })
    }

    /// Writes to the file.
    pub(crate) fn write(
        &mut self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), LinksError> {
        write(&mut self.file).map_err(|source| self.error(source))
    }

    /// The same file with these bytes before it.
    pub(super) fn with_prefix(mut self, prefix: &[u8]) -> Result<Self, LinksError> {
        let mut copy = Self::start(&self.path)?;
        let copied = self.file.flush().and_then(|()| copy.file.write_all(prefix)).and_then(|()| {
            // Through the same handle: on Windows the lock keeps out any other.
            let mut written = self.file.get_ref().as_file();
            written.seek(SeekFrom::Start(0))?;
            io::copy(&mut written, &mut copy.file)
        });
        copied.map_err(|source| self.error(source))?;
        Ok(copy)
    }

    /// Syncs the file, puts it in its place, and syncs the folder.
    pub(crate) fn finish(self) -> Result<(), LinksError> {
        let Self { path, target, file } = self;
        let finished = (|| {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&target)?;
            disk::sync_folder_of(&target)
        })();
        finished
            .map_err(|source: io::Error| LinksError::Write { path, source: system_error(source) })
    }

    fn error(&self, source: io::Error) -> LinksError {
        LinksError::Write { path: self.path.clone(), source: system_error(source) }
    }
}

fn temporary_file(target: &Path) -> io::Result<NamedTempFile> {
    let file = unlocked_file(target)?;
    // Where there are no locks, nobody can tell it from one that was left, and nobody removes it.
    if file.as_file().try_lock().is_err() || file.path().exists() {
        return Ok(file);
    }
    // Another run has taken it for one that was left, in the moment before it was locked.
    unlocked_file(target)
}

fn unlocked_file(target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(disk::folder_of(target))
        .map_err(system_error)
}

/// What the system said, without the temporary file's own name, which nobody has given. The library
/// adds it behind.
fn system_error(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said.to_owned()),
        None => error,
    }
}
