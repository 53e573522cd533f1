//! Chooses the links file (`-o` or next to the roster), and checks that it may be replaced or continued.

use super::super::{BatchArgs, LinksArgs};
use crate::batch::job::Links;
use crate::batch::journal::{self, Start};
use crate::batch::launches::Rows;
use crate::body::{MAX_WINDOW, times};
use crate::error::Result;
use crate::escape::untrusted_path;
use crate::exports;
use crate::input;
use crate::links::write::Form;
use crate::links::{atomic_file, journal_path};
use crate::problem::{Findings, Missing, Problem};
use crate::roster;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};

/// Chooses and checks the links file. At a terminal, an existing one is updated if the user confirms the
/// plan. A dry run without `-o` shows that plan.
pub(super) fn links_file(
    arguments: &mut BatchArgs,
    asks: bool,
    findings: &mut Findings,
) -> Result<Option<Links>> {
    let BatchArgs { roster, links, file, reading, connection, dry_run, .. } = arguments;
    let Some(mut links) = choose_links(links, roster.as_deref(), *dry_run, findings) else {
        return Ok(None);
    };
    let has_links = links.path.is_file() && journal_path(&links.path).is_file();
    let may_update = if *dry_run { links.is_chosen } else { asks };
    if has_links && may_update && links.start == Start::New {
        links.start = Start::Resume;
        links.is_update = true;
    }
    let read = [&*file, &reading.recipe, &connection.api_key_file];
    let read: Vec<&Path> = read.into_iter().flatten().map(PathBuf::as_path).collect();
    let roster = roster.as_deref().filter(|path| !input::is_stdin(path));
    check_links(&links, roster, &read, *dry_run, findings)?;
    Ok(Some(links))
}

/// The links file from `-o`, or the default one next to the roster.
fn choose_links(
    arguments: &mut LinksArgs,
    roster: Option<&Path>,
    dry_run: bool,
    findings: &mut Findings,
) -> Option<Links> {
    let LinksArgs { path, resume, force, min_valid } = arguments;
    let (path, min_valid) = (path.take(), min_valid.take());
    let start = match (*resume, *force) {
        (true, true) => {
            findings.about("--force", "cannot be used with --resume, because it starts over");
            Start::Resume
        }
        (true, false) => Start::Resume,
        (false, true) => Start::Over,
        (false, false) => Start::New,
    };
    if min_valid.is_some() && !*resume {
        findings.about("--min-valid", "requires --resume, which renews links");
    }
    let min_valid = min_valid.and_then(|text| {
        let duration = times::duration(&text, "12h, 2d or 6d")
            .map_err(|message| Problem::new("--min-valid", message));
        findings.keep(duration.and_then(|duration| {
            if duration < MAX_WINDOW {
                Ok(duration)
            } else {
                let message = "must be less than 7 days, because links last at most 7 days";
                Err(Problem::about("--min-valid", message))
            }
        }))
    });
    let min_valid = min_valid.unwrap_or(SignedDuration::ZERO);
    if let Some(path) = path {
        return Some(Links { path, start, min_valid, is_chosen: false, is_update: false });
    }
    let chosen = roster.and_then(beside);
    if chosen.is_none() && !dry_run && roster.is_some() {
        findings.missing(Missing::File, "-o LINKS", "the links file to write");
    }
    Some(Links { path: chosen?, start, min_valid, is_chosen: true, is_update: false })
}

/// The default links file next to the roster: `class-links.xlsx` for `class.ods`. Calendars and exports have
/// none.
fn beside(roster: &Path) -> Option<PathBuf> {
    if input::is_stdin(roster) || roster.is_dir() {
        return None;
    }
    let extension = roster.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let extension = match extension.as_str() {
        "xlsx" | "xlsm" | "xltx" | "ods" | "xls" => "xlsx",
        "json" | "jsonl" | "ndjson" => "jsonl",
        "tsv" => "tsv",
        "ics" | "zip" => return None,
        _ => "csv",
    };
    let name = roster.file_stem()?.to_string_lossy();
    Some(roster.with_file_name(format!("{name}-links.{extension}")))
}

/// Checks that the links file can be written and may be replaced.
fn check_links(
    links: &Links,
    roster: Option<&Path>,
    read: &[&Path],
    dry_run: bool,
    findings: &mut Findings,
) -> Result<()> {
    let path = links.path.as_path();
    // A dry run without -o writes nothing, so an existing file does not matter.
    if dry_run && links.is_chosen && links.start == Start::New {
        return Ok(());
    }
    if input::is_stdin(path) {
        findings.about(
            "-o",
            "must be a file: links are credentials, and standard output may be logged",
        );
        return Ok(());
    }
    let shown = untrusted_path(path);
    let is_folder = path.is_dir() || shown.ends_with('/');
    if Form::of_path(path).is_none() && !is_folder {
        let message = format!("{shown} must end in .csv, .tsv, .xlsx or .jsonl");
        findings.problem("-o", message);
        return Ok(());
    }
    if roster.is_some_and(|roster| exports::is_part_of(roster, path)) {
        findings.problem("-o", format!("{shown} is part of the roster; choose another file"));
        return Ok(());
    }
    let may_replace = links.start != Start::New;
    let journal = std::fs::metadata(journal_path(path));
    // An empty journal is as useless as a missing one.
    let has_journal = journal.is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0);
    // A roster may be replaced only if it is already a links file.
    if links.start == Start::Over
        && !has_journal
        && roster.is_some_and(|roster| atomic_file::is_same_file(path, roster))
    {
        findings.problem("-o", format!("{shown} is the roster; choose another file"));
        return Ok(());
    }
    let checked = atomic_file::check(path, roster, read, may_replace)
        .and_then(|()| journal::check(&journal_path(path), links.start));
    if let Err(error) = checked {
        if error.problems.is_empty() {
            return Err(error);
        }
        findings.keep_error(&error);
        return Ok(());
    }
    let is_empty = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
    if links.start == Start::Resume && path.exists() && !has_journal && !is_empty {
        let message = format!(
            "the journal {shown}.journal is missing, so earlier links are unknown; restore it, or \
             add --force to create all links again"
        );
        findings.problem("--resume", message);
    }
    Ok(())
}

/// The warning about columns that LINKS cannot keep.
pub(super) fn lost_columns(rows: &Rows, links: Option<&Links>) -> Option<String> {
    let Rows::Table { columns, .. } = rows else { return None };
    if Form::of_path(&links?.path) != Some(Form::Json) || columns.kept.is_empty() {
        return None;
    }
    let kept: Vec<&str> = columns.kept.iter().map(|(name, _)| name.as_str()).collect();
    Some(format!(
        "a .jsonl file cannot contain columns that are not sent: {}; to keep them, use -o with a \
         .csv or .xlsx file",
        kept.join(", ")
    ))
}

/// The warning about a links file that is open in a spreadsheet program.
pub(super) fn open_elsewhere(links: &Links) -> Option<String> {
    let program = roster::open_in(&links.path)?;
    let shown = untrusted_path(&links.path);
    Some(format!("{shown} is open in {program}; close it there, or it will not show the new links"))
}
