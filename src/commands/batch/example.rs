//! `batch --example FOLDER`: writes the example rosters and recipes, for users who have only the program.

use crate::error::{Error, Result};
use crate::escape::untrusted_path;
use crate::links::atomic_file::Replacement;
use crate::terminal::output::Printer;
use std::path::{Path, PathBuf};

macro_rules! examples {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_bytes!(concat!("../../../examples/", $name)).as_slice())),*]
    };
}

/// The files in `examples/`.
const FILES: [(&str, &[u8]); 16] = examples![
    "class.xlsx",
    "lessons.csv",
    "lesson.toml",
    "users.csv",
    "recipes/calendly.csv",
    "recipes/calendly.toml",
    "recipes/acuity.csv",
    "recipes/acuity.toml",
    "recipes/teachworks.csv",
    "recipes/teachworks.toml",
    "recipes/webuntis.csv",
    "recipes/webuntis.toml",
    "recipes/google-calendar.csv",
    "recipes/google-calendar.toml",
    "recipes/moodle.csv",
    "recipes/moodle.toml",
];

/// Writes the examples into a folder, and creates it if necessary.
///
/// # Errors
///
/// If one of the files already exists, or cannot be written.
pub fn write(folder: &Path, printer: Printer) -> Result<()> {
    let shown = untrusted_path(folder);
    for (name, _) in FILES {
        if in_folder(folder, name).exists() {
            let message = format!("{shown} already contains {name}; choose another folder");
            return Err(Error::usage("--example", message));
        }
    }
    std::fs::create_dir_all(folder.join("recipes")).map_err(|error| {
        Error::usage("--example", format!("{shown} {}", crate::input::explain(&error)))
    })?;
    for (name, bytes) in FILES {
        let path = in_folder(folder, name);
        let mut file = Replacement::start(&path)?;
        file.write(|out| out.write_all(bytes))?;
        file.finish()?;
        printer.message(&format!("wrote {}", untrusted_path(&path)));
    }
    Ok(())
}

/// The path of an example, with the separators of this system.
fn in_folder(folder: &Path, name: &str) -> PathBuf {
    let mut path = folder.to_owned();
    path.extend(name.split('/'));
    path
}
