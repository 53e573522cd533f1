//! Reading what the user names: files, and standard input where `-` says so. A read never blocks
//! the rest of the program, so that Ctrl-C works while a pipe is silent.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest input that is read whole, in bytes.
const LARGEST: u64 = 16 << 20;

/// Reads a file, or standard input for `-`, at most 16 MiB. The error says why not, in words that
/// follow the file's name.
pub async fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_up_to(path, LARGEST).await
}

/// The same with another limit, in bytes.
pub async fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || read_now(&path, limit))
        .await
        .unwrap_or_else(|_| Err("could not be read".to_owned()))
}

fn read_now(path: &PathBuf, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| explain(&error))?;
    if bytes.len() as u64 > limit {
        return Err(format!("is larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// Reads a file whole, at once: anything but a regular file is refused, because a pipe or a device
/// could keep the whole program waiting.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, NotAFile));
    }
    std::fs::read(path)
}

/// A pipe, a device or a socket stands where a file is wanted.
#[derive(Debug, thiserror::Error)]
#[error("is not a file")]
struct NotAFile;

/// Whether a path means standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// An I/O error in words that follow the file's name.
pub fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "cannot be read or written by your user account".to_owned(),
        ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        ErrorKind::StorageFull => "cannot be written: the disk is full".to_owned(),
        _ if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<NotAFile>) => {
            NotAFile.to_string()
        }
        _ if is_held(error) => {
            "is open in another program; close it there, then try again".to_owned()
        }
        _ => format!("cannot be used: {error}"),
    }
}

/// Whether another program keeps the file open for itself, as Excel does on Windows.
pub fn is_held(error: &io::Error) -> bool {
    /// `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION`.
    const HELD: [i32; 2] = [32, 33];
    cfg!(windows) && error.raw_os_error().is_some_and(|code| HELD.contains(&code))
}
