//! Which form LINKS has or is to have, told from its name, and whether a file is one.

use crate::old_roster::read::{Format, ReadError, Reading, Roster, Row};
use std::cell::Cell;
use std::path::Path;

/// Whether a file is one that [`write`](super::write) has written, or is empty.
pub(crate) fn is_links(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return false };
    if bytes.is_empty() {
        return true;
    }
    let has_links = Cell::new(false);
    let is_header = |cells: &[String]| {
        has_links.set(cells.iter().any(|cell| cell.trim().ends_with("client_url")));
        has_links.get()
    };
    let reading = Reading {
        format: Format::of_path(path),
        encoding: None,
        sheet: None,
        people: &[],
        header_line: None,
        is_header: &is_header,
    };
    match Roster::read(bytes, &reading) {
        Ok(roster) if roster.dialect().is_some() => roster.is_links(),
        Ok(roster) => has_results(&roster),
        // Those of a recipe, whose people are not known here. A column `room_id` alone is anybody's.
        Err(error) => has_links.get() && matches!(error, ReadError::PartOfLinks { .. }),
    }
}

/// Whether it is a LINKS file in JSON.
pub(crate) fn has_results(roster: &Roster) -> bool {
    !roster.is_empty() && matches!(roster.row(0), Ok(Row::Json(line)) if line.result().is_some())
}

/// Whether LINKS is to be a workbook, told from its name.
pub(crate) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

/// Whether LINKS is to have columns whatever the roster has, told from its name.
pub(crate) fn is_table(path: &Path) -> bool {
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    is_csv || is_workbook(path)
}

/// Whether LINKS is to be JSON Lines, told from its name.
pub(crate) fn has_no_columns(path: &Path) -> bool {
    Format::of_path(path) == Format::JsonLines
}
