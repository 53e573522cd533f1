//! Where the links go: LINKS chosen by the flags, and known to be writable before anything is sent.

use super::fields::Fields;
use crate::body::{self, LONGEST_WINDOW, times};
use crate::cli::LinksArgs;
use crate::escape::untrusted;
use crate::input;
use crate::old_roster::columns;
use crate::old_roster::journal::{self, Start, path_for};
use crate::old_roster::links::{self, LONGEST_TEXT, LinksError, MOST_ROWS};
use crate::old_roster::read::{Format, Roster};
use crate::old_roster::table::{self, TableError};
use crate::problem::{Findings, Missing, Problem};
use jiff::SignedDuration;
use std::path::{Path, PathBuf};

/// Where the links go.
pub struct Links {
    /// LINKS.
    pub path: PathBuf,
    /// What to do with a journal that is there.
    pub start: Start,
    /// Links that end sooner are renewed.
    pub min_valid: SignedDuration,
}

/// What the flags say of LINKS; none if they do not name it.
pub fn choose(arguments: LinksArgs, findings: &mut Findings) -> Option<Links> {
    let LinksArgs { path, resume, force, min_valid } = arguments;
    let start = match (resume, force) {
        (true, true) => {
            findings.problem("--force", "cannot go with --resume: it starts over");
            Start::New
        }
        (true, false) => Start::Resume,
        (false, true) => Start::Over,
        (false, false) => Start::New,
    };
    if min_valid.is_some() && !resume {
        findings.problem("--min-valid", "goes with --resume, which renews links");
    }
    let min_valid = min_valid.and_then(|text| {
        let duration = times::duration(&text, "12h, 2d or 6d").and_then(|duration| {
            if duration < LONGEST_WINDOW {
                Ok(duration)
            } else {
                Err("needs to be less than 7 days, the longest life of a link".to_owned())
            }
        });
        findings.keep(duration.map_err(|message| Problem::new("--min-valid", message)))
    });
    Some(Links { path: path?, start, min_valid: min_valid.unwrap_or(SignedDuration::ZERO) })
}

/// What the form of LINKS can hold: a table has no two columns of one name, a workbook a limited number
/// of rows, and of characters in a cell.
pub fn check_form(path: &Path, roster: &Roster, findings: &mut Findings) {
    let shown = |message: String| format!("{message}; name a .jsonl file");
    let table = match table(path, roster) {
        None => None,
        Some(Ok(table)) => Some(table),
        Some(Err(error)) => return findings.problem("-o", shown(error.to_string())),
    };
    if let Some(table) = &table
        && let Err(errors) = columns::meanings(table, &Fields::all().vocabulary(), |_| false)
    {
        for error in errors {
            findings.problem("-o", shown(untrusted(&error.to_string())));
        }
    }
    if !links::is_workbook(path) {
        return;
    }
    if roster.len() > MOST_ROWS {
        let message = format!(
            "a workbook holds at most {MOST_ROWS} rows, and the roster has {}; name a .csv file",
            roster.len()
        );
        findings.problem("-o", message);
        return;
    }
    let columns = table.as_ref().unwrap_or(roster);
    if let Some((row, column)) = links::too_long(columns) {
        let message = format!(
            "the cell of {:?} in {} has more than the {LONGEST_TEXT} characters that a workbook can hold; name a .csv file",
            untrusted(&columns.header()[column]),
            untrusted(&roster.place(roster.line(row), Some(column)))
        );
        findings.problem("-o", message);
    }
}

/// Whether a file that is there may be replaced by a run that goes on: it has a journal, or came from
/// one that is lost. Anything else is somebody's own.
fn may_be_resumed(path: &Path) -> bool {
    !path.exists() || path_for(path).exists() || links::is_links(path)
}

/// The columns of LINKS, where the roster itself is JSON and has none; none where LINKS has none.
pub fn table(path: &Path, roster: &Roster) -> Option<Result<Roster, TableError>> {
    let is_needed = roster.format() == Format::JsonLines && links::is_table(path);
    is_needed.then(|| table::of_json(roster, &body::written))
}

/// What is wrong with LINKS is a problem with the input; that it cannot be written is an error of
/// its own.
pub fn check(
    links: Option<&Links>,
    roster: Option<&Path>,
    read: &[&Path],
    dry_run: bool,
    findings: &mut Findings,
) -> Result<(), LinksError> {
    let Some(links) = links else {
        if !dry_run {
            findings.missing(
                Missing::File,
                "-o LINKS",
                "it is the file that the links are written to",
            );
        }
        return Ok(());
    };
    if input::is_stdin(&links.path) {
        findings
            .problem("-o", "needs a file: links are credentials, and standard output may be a log");
        return Ok(());
    }
    if Format::of_path(&links.path) == Format::Workbook && !links::is_workbook(&links.path) {
        findings
            .problem("-o", "of workbooks, only .xlsx can be written; name a .xlsx or a .csv file");
        return Ok(());
    }
    let roster = roster.filter(|path| !input::is_stdin(path));
    let may_replace = links.start != Start::New;
    match links::check(&links.path, roster, read, may_replace) {
        Ok(()) if links.start == Start::Resume && !may_be_resumed(&links.path) => {
            let message = format!(
                "{} is not a links file, so there is nothing to resume; name another file, or add --force \
                 to replace this one",
                untrusted(&links.path.to_string_lossy())
            );
            findings.problem("-o", message);
        }
        Ok(()) => {
            if let Err(error) = journal::check(&path_for(&links.path), links.start) {
                findings.problem("-o", untrusted(&error.to_string()));
            }
        }
        Err(error @ LinksError::Write { .. }) => return Err(error),
        Err(error) => findings.problem("-o", untrusted(&error.to_string())),
    }
    Ok(())
}
