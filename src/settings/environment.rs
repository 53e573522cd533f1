//! The environment: variables, where an empty one counts as not set, and the folders of each system.

use crate::escape::untrusted;
use crate::words::nearest;
use std::path::PathBuf;

/// Every variable of this program.
const VARIABLES: [&str; 7] = [
    "LESSONSPACE_API_KEY",
    "LESSONSPACE_API_KEY_FILE",
    "LESSONSPACE_API_URL",
    "LESSONSPACE_CONFIG",
    "LESSONSPACE_PROFILE",
    "LESSONSPACE_SANDBOX",
    "LESSONSPACE_WEBHOOK_SECRET",
];

/// The variables that hold a secret. Programs that this one starts do not inherit them.
pub const SECRETS: [&str; 2] = ["LESSONSPACE_API_KEY", "LESSONSPACE_WEBHOOK_SECRET"];

/// The value of a variable.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Whether this is a CI job: `CI` is set, and not to `false`.
pub fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}

/// The config file, and whether the user chose it, so that it must exist. `None` if this computer
/// has no home folder.
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

/// The folder where the sandbox saves its Spaces.
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

/// A warning for each variable that is nearly one of this program's, such as `LESSONSPACE_APIKEY`.
pub fn misspelt_variables() -> Vec<String> {
    let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
    let mut names: Vec<String> = set.filter_map(|(name, _)| name.into_string().ok()).collect();
    names.sort_unstable();
    names.iter().filter_map(|name| misspelt(name)).collect()
}

fn misspelt(name: &str) -> Option<String> {
    let is_ours = name.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("lessonspace"));
    // Windows takes upper and lower case for the same.
    let is_same =
        |known: &str| known == name || (cfg!(windows) && known.eq_ignore_ascii_case(name));
    if !is_ours || VARIABLES.into_iter().any(is_same) {
        return None;
    }
    let meant = nearest(name, VARIABLES)?;
    Some(format!("{} is not a known variable; did you mean {meant}?", untrusted(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_nearly_right_is_named_and_others_are_left_alone() {
        for (name, meant) in [
            ("LESSONSPACE_APIKEY", Some("LESSONSPACE_API_KEY")),
            ("LESSONSPACE_KEY", Some("LESSONSPACE_API_KEY")),
            ("LESSONSPACE_API_KEYFILE", Some("LESSONSPACE_API_KEY_FILE")),
            ("LESSONSPACE_API_KEY_FLIE", Some("LESSONSPACE_API_KEY_FILE")),
            ("LESSONSPACE_URL", Some("LESSONSPACE_API_URL")),
            ("LESSONSPACE_SANBOX", Some("LESSONSPACE_SANDBOX")),
            ("LESSONSPACE_PROFIL", Some("LESSONSPACE_PROFILE")),
            ("LESSONSPACE_API_KEY", None),
            ("LESSONSPACE_WEBHOOK_SECRET", None),
            ("LESSONSPACE_ROSTER", None),
            ("LESSONSPACE_ID", None),
            ("LESSONSPACE_", None),
            ("LESSONSPACE", None),
            ("LESSON_API_KEY", None),
            ("API_KEY", None),
        ] {
            let expected =
                meant.map(|meant| format!("{name} is not a known variable; did you mean {meant}?"));
            assert_eq!(misspelt(name), expected);
        }
    }
}
