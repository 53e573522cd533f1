//! What LINKS and the journal both ask of the file system.

use std::{fs, io, path::Path};

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a new or replaced file's name survive a power cut. Windows has no such call, and
/// needs none.
///
/// # Errors
///
/// What the system says, but for file systems that cannot sync a folder at all.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match fs::File::open(folder_of(path))?.sync_all() {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Whether two paths lead to one file. A file that is not there is no other's.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let canonical = |path| fs::canonicalize(path).ok();
    canonical(one).is_some_and(|path| canonical(other) == Some(path)) || is_hard_link(one, other)
}

/// Whether a regular file is at this path, or can be made there.
pub(super) fn can_be_file(path: &Path) -> bool {
    let is_something_else = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    !(is_something_else || is_folder(path) || cfg!(windows) && is_device(path))
}

/// Whether a folder is at this path, or nothing else can be: it ends in a separator.
pub(crate) fn is_folder(path: &Path) -> bool {
    let last = path.as_os_str().as_encoded_bytes().last();
    path.is_dir() || last.is_some_and(|byte| std::path::is_separator(char::from(*byte)))
}

/// Whether Windows takes the path's last part for a device, in any folder and with any extension.
/// Source: "Naming Files, Paths, and Namespaces" of Microsoft's documentation.
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
    fn the_names_of_devices_are_known_in_any_folder_and_with_any_extension() {
        for name in ["con", "NUL", "nul.csv", "folder/Aux.tar.gz", "COM1", "lpt9.csv", "prn .csv"] {
            assert!(is_device(Path::new(name)), "{name}");
        }
        for name in ["links.csv", "console.csv", "COM0", "COM10", "nul-links.csv", ".nul", "x/"] {
            assert!(!is_device(Path::new(name)), "{name}");
        }
    }
}
