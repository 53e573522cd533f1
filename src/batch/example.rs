//! `batch --example DIR`: example rosters and recipes for those who have only the program.

use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::links::atomic_file::Replacement;
use crate::terminal::output::Printer;
use std::path::Path;

/// The files, as they are in `examples/`.
const FILES: [(&str, &[u8]); 4] = [
    ("class.xlsx", include_bytes!("../../examples/class.xlsx")),
    ("lessons.csv", include_bytes!("../../examples/lessons.csv")),
    ("lesson.toml", include_bytes!("../../examples/lesson.toml")),
    ("users.csv", include_bytes!("../../examples/users.csv")),
];

/// Writes the examples into a folder, which is created if need be.
///
/// # Errors
///
/// A file that is there already, and what the system reports.
pub fn write(folder: &Path, printer: Printer) -> Result<()> {
    let shown = untrusted(&folder.to_string_lossy());
    for (name, _) in FILES {
        if folder.join(name).exists() {
            let message = format!("{shown} already contains {name}; choose another folder");
            return Err(Error::usage("--example", message));
        }
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::usage("--example", format!("{shown} {}", crate::input::explain(&error)))
    })?;
    for (name, bytes) in FILES {
        let mut file = Replacement::start(&folder.join(name))?;
        file.write(|out| out.write_all(bytes))?;
        file.finish()?;
        printer.story(&format!("wrote {}", untrusted(&folder.join(name).to_string_lossy())));
    }
    Ok(())
}
