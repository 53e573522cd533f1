//! Replaces files atomically, through a temporary file in the same folder, so that either the old file
//! or the complete new one exists.

use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Temporary files are named `.lessonspace-*.tmp`.
const PREFIX: &str = ".lessonspace-";
const SUFFIX: &str = ".tmp";

/// A new file that has not replaced the old one yet.
pub struct Replacement {
    path: PathBuf,
    target: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Replacement {
    /// Starts a file for `path` that only its owner can read.
    ///
    /// # Errors
    ///
    /// A folder that is missing or not writable, or a `path` that is not a regular file.
    pub fn start(path: &Path) -> Result<Self> {
        // Replace the target of a symbolic link, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if !can_be_file(&target) {
            return Err(not_a_file(path));
        }
        if !folder_of(&target).is_dir() {
            let folder = untrusted_path(folder_of(&target));
            let message = format!("the folder {folder} does not exist");
            return Err(Error::usage(untrusted_path(path), message)
                .with_hint("create the folder, or choose another place with -o"));
        }
        let file = temporary_file(&target).map_err(|source| write_error(path, source))?;
        Ok(Self { path: path.to_owned(), target, file: BufWriter::new(file) })
    }

    /// Writes a part of the file.
    ///
    /// # Errors
    ///
    /// I/O errors, such as a full disk.
    pub fn write(
        &mut self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<()> {
        write(&mut self.file).map_err(|source| write_error(&self.path, source))
    }

    /// Syncs the file to disk and moves it to its path.
    ///
    /// # Errors
    ///
    /// I/O errors; the old file is then unchanged.
    pub fn finish(self) -> Result<()> {
        let Self { path, target, file } = self;
        let finished = (|| {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&target)?;
            sync_folder_of(&target)
        })();
        finished.map_err(|source: io::Error| write_error(&path, source))
    }
}

/// The error for a file that could not be written, with a hint.
pub fn write_error(path: &Path, source: io::Error) -> Error {
    let source = system_error(source);
    let mut error = Error::new(Kind::Unexpected, format!("cannot write {}", untrusted_path(path)))
        .with_cause(untrusted(&source.to_string()));
    let hint = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Some("free up disk space, then run it again with --resume")
        }
        io::ErrorKind::PermissionDenied if cfg!(windows) => Some("close it if it is open in Excel"),
        _ if input::is_held(&source) => Some("close it if it is open in Excel"),
        _ => None,
    };
    error.hint = hint.map(str::to_owned);
    error
}

/// Checks, before anything is sent, that `path` can be written later.
///
/// # Errors
///
/// A path that is also read by this run, is not a regular file, exists although it must not be replaced,
/// or cannot be written.
pub fn check(path: &Path, roster: Option<&Path>, read: &[&Path], may_replace: bool) -> Result<()> {
    let shown = || untrusted_path(path);
    if roster.is_some_and(|roster| is_same_file(path, roster)) && !may_replace {
        return Err(Error::usage("-o", format!("{} is the roster; choose another file", shown())));
    }
    if read.iter().any(|read| is_same_file(path, read)) {
        let message = format!("{} is also read by this run; choose another file", shown());
        return Err(Error::usage("-o", message));
    }
    if !can_be_file(path) {
        return Err(not_a_file(path));
    }
    if path.is_file() && !may_replace {
        let message = format!(
            "{} already exists; add --resume to continue, or --force to start over",
            shown()
        );
        return Err(Error::usage("-o", message));
    }
    // Replacing a file needs no write permission, but on Windows a file that another program has open
    // can be neither replaced nor opened for writing.
    if cfg!(windows) && path.exists() {
        File::options().write(true).open(path).map_err(|source| write_error(path, source))?;
    }
    Replacement::start(path).map(drop)
}

fn not_a_file(path: &Path) -> Error {
    let shown = untrusted_path(path);
    let what = if is_folder(path) { "a folder, not a file" } else { "not a regular file" };
    Error::usage("-o", format!("{shown} is {what}"))
}

/// Removes temporary files next to `path` that killed runs left behind.
pub fn remove_leftovers(path: &Path) {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(folder) = fs::read_dir(folder_of(&target)) else { return };
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
            // A file that cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A temporary file, locked so that other runs do not take it for a leftover.
fn temporary_file(target: &Path) -> io::Result<NamedTempFile> {
    let file = unlocked_file(target)?;
    // If files cannot be locked, no run removes leftovers.
    if file.as_file().try_lock().is_err() || file.path().exists() {
        return Ok(file);
    }
    // Another run removed it as a leftover before it was locked.
    unlocked_file(target)
}

fn unlocked_file(target: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(folder_of(target))
        .map_err(system_error)
}

/// The system's error without the name of the temporary file.
fn system_error(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said.to_owned()),
        None => error,
    }
}

/// The folder of a file; `.` for a bare file name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Syncs the folder of a file, so that the file survives a power cut.
///
/// # Errors
///
/// I/O errors; a file system that cannot sync folders is not an error.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match File::open(folder_of(path))?.sync_all() {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Whether two paths are the same file, including symbolic and hard links.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let canonical = |path| fs::canonicalize(path).ok();
    canonical(one).is_some_and(|path| canonical(other) == Some(path)) || is_hard_link(one, other)
}

/// Whether a path is, or could become, a regular file.
fn can_be_file(path: &Path) -> bool {
    let is_something_else = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    !(is_something_else || is_folder(path) || cfg!(windows) && is_device(path))
}

/// Whether a path is a folder, or ends with a separator.
pub fn is_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    path.is_dir() || last.is_some_and(|byte| std::path::is_separator(char::from(*byte)))
}

/// Whether a name is a device on Windows, in any folder and with any extension.
fn is_device(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is_numbered = |kind| {
        stem.strip_prefix(kind).is_some_and(|number: &str| {
            number.len() == 1 && number.starts_with(|first: char| ('1'..='9').contains(&first))
        })
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem) || is_numbered("COM") || is_numbered("LPT")
}

#[cfg(unix)]
fn is_hard_link(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let identity = |path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    identity(one).is_some_and(|file| identity(other) == Some(file))
}

#[cfg(not(unix))]
fn is_hard_link(_one: &Path, _other: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_recognised_in_any_folder_and_with_any_extension() {
        for name in ["con", "NUL", "nul.csv", "folder/Aux.tar.gz", "COM1", "lpt9.csv", "prn .csv"] {
            assert!(is_device(Path::new(name)), "{name}");
        }
        for name in ["links.csv", "console.csv", "COM0", "COM10", "nul-links.csv", ".nul", "x/"] {
            assert!(!is_device(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn an_unfinished_file_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("links.csv");
        fs::write(&path, "before").expect("written");
        let mut file = Replacement::start(&path).expect("started");
        file.write(|out| out.write_all(b"after")).expect("written");
        drop(file);
        assert_eq!(fs::read_to_string(&path).expect("read"), "before");
        let mut file = Replacement::start(&path).expect("started");
        file.write(|out| out.write_all(b"after")).expect("written");
        file.finish().expect("finished");
        assert_eq!(fs::read_to_string(&path).expect("read"), "after");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
