//! The end of a run: LINKS is written, the counts add up, and the command that does the rest is
//! said.

use super::check::Task;
use super::rows::Rows;
use crate::json::{Object, Origin, Value};
use crate::old_roster::journal::{Journal, JournalError};
use crate::old_roster::links::{self, LinksError, Target};
use crate::old_roster::outcome::{Outcome, Status};
use crate::terminal::output::Printer;
use crate::terminal::shell::Shell;
use crate::words::count;
use jiff::Timestamp;
use std::collections::HashSet;
use std::ffi::OsString;

/// How many rows came to which end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    created: usize,
    existing: usize,
    unknown: usize,
    failed: usize,
    ended: usize,
    pending: usize,
}

/// LINKS could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file itself.
    #[error(transparent)]
    Links(#[from] LinksError),
    /// The journal that it is made from.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A fault of this program.
    #[error("the counts do not add up: {counted} of {rows} rows; the journal holds all links")]
    Counts {
        /// Rows that were counted.
        counted: usize,
        /// Rows of the roster.
        rows: usize,
    },
}

/// Some rows failed: they have no link, or no new one.
#[derive(Debug, thiserror::Error)]
#[error("{without} of {rows} {what} failed; link_error in {links} says why")]
pub struct PartialError {
    /// How many.
    pub without: usize,
    /// Rows of the roster, or links where a row has several people.
    pub rows: usize,
    /// What `rows` counts.
    pub what: &'static str,
    /// LINKS, safe to show.
    pub links: String,
    /// The command that does the rest.
    pub redo: Option<String>,
}

impl Totals {
    fn add(&mut self, status: Status) {
        let count = match status {
            Status::Created => &mut self.created,
            Status::Existing => &mut self.existing,
            Status::Unknown => &mut self.unknown,
            Status::Failed => &mut self.failed,
            Status::Ended => &mut self.ended,
            Status::Pending => &mut self.pending,
        };
        *count += 1;
    }

    /// All rows.
    pub fn sum(self) -> usize {
        self.created + self.existing + self.unknown + self.failed + self.ended + self.pending
    }

    /// Rows that should have a link and have none.
    pub fn without(self) -> usize {
        self.failed + self.pending
    }

    /// `400 links: 14 Spaces created, 383 existing, 3 failed`
    pub fn summary(self) -> String {
        let counts = [
            (self.unknown, "unknown"),
            (self.failed, "failed"),
            (self.ended, "ended"),
            (self.pending, "pending"),
        ];
        let others = counts.iter().filter(|(count, word)| *count > 0 || *word == "failed");
        let others = others.map(|(count, word)| format!("{count} {word}"));
        let created = format!("{} created", count(self.created, "Space"));
        let parts: Vec<String> =
            [created, format!("{} existing", self.existing)].into_iter().chain(others).collect();
        format!("{}: {}", count(self.sum(), "link"), parts.join(", "))
    }

    /// The same as JSON.
    pub fn to_json(self, links: &str) -> String {
        let mut summary = Object::default();
        for (name, count) in [
            ("rows", self.sum()),
            ("created", self.created),
            ("existing", self.existing),
            ("unknown", self.unknown),
            ("failed", self.failed),
            ("ended", self.ended),
            ("pending", self.pending),
        ] {
            summary.insert(name, Value::raw(count.to_string(), Origin::Unplaced));
        }
        summary.insert("links", Value::text(links, Origin::Unplaced));
        summary.to_json()
    }
}

/// Writes LINKS from the journal, and counts.
pub fn write_links(
    target: &Target<'_>,
    (rows, tasks): (&Rows, &[Task]),
    journal: &Journal,
    ended: &[u32],
) -> Result<Totals, ReportError> {
    let ended: HashSet<usize> = ended.iter().map(|index| *index as usize).collect();
    let now = Timestamp::now();
    let mut totals = Totals::default();
    links::write::<ReportError>(target, |row| {
        let mut outcomes = Vec::new();
        for index in rows.launches_of(row) {
            let task = tasks[index];
            let outcome = match task {
                Task { is_absent: true, .. } => None,
                _ if task.has_ended || ended.contains(&index) => {
                    Some(Outcome::without_link(Status::Ended))
                }
                _ => Some(outcome(journal, task, now)?),
            };
            if let Some(outcome) = &outcome {
                totals.add(outcome.status);
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    })?;
    let (counted, rows) = (totals.sum(), tasks.iter().filter(|task| !task.is_absent).count());
    if counted != rows {
        return Err(ReportError::Counts { counted, rows });
    }
    Ok(totals)
}

/// A row whose renewal failed keeps its link for as long as that works.
fn outcome(journal: &Journal, task: Task, now: Timestamp) -> Result<Outcome, JournalError> {
    let link = journal.link(task.key)?;
    let Some(failure) = journal.failure(task.key)? else {
        return Ok(link.unwrap_or_else(|| Outcome::without_link(Status::Pending)));
    };
    let still_good = link.filter(|link| link.expires_at.is_some_and(|end| end > now));
    Ok(match still_good {
        Some(link) => Outcome { status: Status::Failed, error: failure.error, ..link },
        None => failure,
    })
}

/// The command line of this run, changed so that it goes on where this run ended.
pub fn redo_command() -> Option<String> {
    let mut words: Vec<OsString> =
        std::env::args_os().skip(1).filter(|word| word != "--force").collect();
    words.insert(0, "lessonspace".into());
    // What follows `--` is not a flag.
    let flags = words.iter().position(|word| word == "--").unwrap_or(words.len());
    if !words[..flags].iter().any(|word| word == "--resume") {
        words.insert(flags, "--resume".into());
    }
    Shell::in_use().command_line(&words)
}

/// The last words of a run.
pub fn tell(totals: Totals, links: &str, is_stopped: bool, printer: Printer) {
    printer.story(&totals.summary());
    // On Windows a file is as private as its folder.
    let private = if cfg!(unix) { ", and the file is yours alone to read" } else { "" };
    printer.story(&format!("the links are in {links}; each is personal{private}"));
    if is_stopped && let Some(command) = redo_command() {
        printer.story(&format!("for the rest: {command}"));
    }
}
