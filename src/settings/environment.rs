//! The environment: variables, where an empty one counts as not set, and the folders of each system.

use std::path::PathBuf;

/// The value of a variable.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Whether this is a CI job: `CI` is set, and not to `false`.
pub fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}

/// The config file, and whether somebody named it, so that it must exist. `None` if this computer
/// names no home folder.
pub fn config_path() -> Option<(PathBuf, bool)> {
    if let Some(path) = variable("LESSONSPACE_CONFIG") {
        return Some((PathBuf::from(path), true));
    }
    let folder = if cfg!(windows) {
        variable("APPDATA").map(PathBuf::from)
    } else {
        xdg("XDG_CONFIG_HOME", ".config")
    };
    Some((folder?.join("lessonspace").join("config.toml"), false))
}

/// The folder in which the sandbox remembers its Spaces.
pub fn state_folder() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else {
        xdg("XDG_STATE_HOME", ".local/state")
    };
    Some(folder?.join("lessonspace"))
}

/// An XDG base folder. A relative one counts as not set, and so does a relative home: nothing is
/// read from the current folder.
fn xdg(name: &str, in_home: &str) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder(name).or_else(|| Some(folder("HOME")?.join(in_home)))
}
