//! Where settings and state are kept on each system.

use super::Environment;
use std::path::PathBuf;

/// The config file, and whether somebody named it, so that it must exist. `None` if this computer
/// names no home folder.
pub fn config_path(environment: &Environment) -> Option<(PathBuf, bool)> {
    if let Some(path) = environment.get("LESSONSPACE_CONFIG") {
        return Some((PathBuf::from(path), true));
    }
    let folder = if cfg!(windows) {
        environment.get("APPDATA").map(PathBuf::from)
    } else {
        xdg(environment, "XDG_CONFIG_HOME", ".config")
    };
    Some((folder?.join("lessonspace").join("config.toml"), false))
}

/// The folder in which the sandbox remembers its Spaces.
pub fn state_folder(environment: &Environment) -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        environment.get("LOCALAPPDATA").map(PathBuf::from)
    } else {
        xdg(environment, "XDG_STATE_HOME", ".local/state")
    };
    Some(folder?.join("lessonspace"))
}

/// An XDG base folder; a relative one counts as not set.
fn xdg(environment: &Environment, variable: &str, in_home: &str) -> Option<PathBuf> {
    let named = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| Some(PathBuf::from(environment.get("HOME")?).join(in_home)))
}
