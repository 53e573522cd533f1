//! The end of a run: what it did, what the links file contains, why launches failed, and the command
//! that does the rest.

use super::journal::Journal;
use super::launches::{Launch, Rows, State};
use super::row_problems;
use crate::error::{Error, Kind};
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::links::{Outcome, Status};
use crate::terminal::output::Printer;
use crate::terminal::shell::Shell;
use crate::words::count;
use jiff::Timestamp;
use std::collections::HashSet;
use std::ffi::OsString;

/// How many reasons for failures are shown; LINKS has all.
const MOST_REASONS: usize = 20;

/// What a run did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Links received, renewals included.
    pub sent: usize,
    pub created: usize,
    pub existing: usize,
    pub unknown: usize,
    pub renewed: usize,
    pub failed: usize,
    /// Links whose token contradicts the row.
    pub contradicted: usize,
    /// Links that were still good.
    pub kept: usize,
    pub has_succeeded: bool,
}

/// When a run started and ended.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// One reason for failures, and where it happened.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub message: String,
    /// The lines, or rows of a sheet.
    pub lines: Vec<u32>,
    /// The places in words.
    pub places: Vec<String>,
}

impl Failure {
    /// `2 failed: Lessonspace refused the request (400): lines 3 and 4`.
    fn sentence(&self) -> String {
        let places: Vec<&str> = self.places.iter().map(String::as_str).collect();
        format!("{} failed: {} ({})", places.len(), self.message, row_problems::places(&places))
    }
}

/// What the links file contains.
pub struct Report {
    /// What came of each launch.
    pub outcomes: Vec<Outcome>,
    pub failures: Vec<Failure>,
}

impl Report {
    /// Collects what the journal knows about each launch.
    pub fn new(
        rows: &Rows,
        launches: &[Launch],
        journal: &Journal,
        ended: &HashSet<usize>,
        run: Run,
    ) -> Self {
        let outcomes: Vec<Outcome> = launches
            .iter()
            .enumerate()
            .map(|(index, launch)| outcome(launch, journal, ended.contains(&index), run))
            .collect();
        let mut failures: Vec<Failure> = Vec::new();
        for (launch, outcome) in launches.iter().zip(&outcomes) {
            let Some(message) = outcome.error.as_ref().filter(|_| outcome.status == Status::Failed)
            else {
                continue;
            };
            let place = rows.place(launch.row, None);
            match failures.iter_mut().find(|failure| failure.message == *message) {
                Some(failure) => {
                    failure.lines.push(launch.line);
                    failure.places.push(place);
                }
                None => failures.push(Failure {
                    message: message.clone(),
                    lines: vec![launch.line],
                    places: vec![place],
                }),
            }
        }
        Self { outcomes, failures }
    }

    fn count(&self, status: Status) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status == status).count()
    }

    /// How many launches have no link and should have one.
    pub fn without_link(&self) -> usize {
        self.count(Status::Failed) + self.count(Status::Pending)
    }

    /// What this run did, and what else the file contains.
    fn summary(&self, counts: &Counts) -> String {
        let mut parts = Vec::new();
        if counts.sent > 0 {
            let mut kinds = Vec::new();
            if counts.created > 0 {
                kinds.push(count(counts.created, "new Space"));
            }
            if counts.existing > 0 {
                kinds.push(match counts.existing {
                    1 => "1 link to an existing one".to_owned(),
                    links => format!("{links} links to existing ones"),
                });
            }
            if counts.unknown > 0 {
                kinds.push(format!("{} to Spaces that may be new", count(counts.unknown, "link")));
            }
            parts.push(format!("sent {}: {}", counts.sent, kinds.join(", ")));
        }
        if counts.renewed > 0 {
            parts.push(format!("{} renewed", counts.renewed));
        }
        if counts.kept > 0 {
            parts.push(match (counts.kept, counts.sent) {
                (1, 0) => "nothing to send: the link is still good".to_owned(),
                (kept, 0) if counts.failed == 0 => {
                    format!("nothing to send: all {kept} links are still good")
                }
                (1, _) => "1 link was still good".to_owned(),
                (kept, _) => format!("{kept} links were still good"),
            });
        }
        for (status, word) in [
            (Status::Failed, "failed"),
            (Status::Ended, "already over"),
            (Status::Pending, "pending"),
            (Status::Skipped, "skipped"),
        ] {
            let number = self.count(status);
            if number > 0 {
                parts.push(format!("{number} {word}"));
            }
        }
        if counts.contradicted > 0 {
            parts.push(match counts.contradicted {
                1 => "1 link contradicts its row".to_owned(),
                number => format!("{number} links contradict their rows"),
            });
        }
        if parts.is_empty() { "nothing to send".to_owned() } else { parts.join("; ") }
    }

    /// The summary as JSON on one line.
    pub fn to_json(&self, counts: &Counts, links: &str) -> String {
        let number = |number: usize| Value::raw(number.to_string(), Origin::Unplaced);
        let text = |text: &str| Value::text(text, Origin::Unplaced);
        let object = |members: Vec<(&str, Value)>| {
            let mut object = Object::default();
            for (name, value) in members {
                object.insert(name, value);
            }
            Value { origin: Origin::Unplaced, kind: crate::json::Kind::Object(object) }
        };
        let file = Status::ALL.map(|status| (status.word(), number(self.count(status)))).to_vec();
        let failures = self.failures.iter().map(|failure| {
            let lines = failure.lines.iter().map(|line| number(*line as usize)).collect();
            object(vec![
                ("message", text(&failure.message)),
                ("count", number(failure.lines.len())),
                ("lines", Value::array(lines)),
            ])
        });
        object(vec![
            ("sent", number(counts.sent)),
            ("created", number(counts.created)),
            ("existing", number(counts.existing)),
            ("unknown", number(counts.unknown)),
            ("renewed", number(counts.renewed)),
            ("kept", number(counts.kept)),
            ("contradicted", number(counts.contradicted)),
            ("file", object(file)),
            ("failures", Value::array(failures.collect())),
            ("links", text(links)),
        ])
        .to_json()
    }

    /// Prints the end of a run on standard error. `redo` is the command for the rest of a run that was
    /// stopped; the error for failed launches has it otherwise, and their reasons too.
    pub fn tell(&self, counts: &Counts, links: &str, redo: Option<&str>, printer: Printer) {
        printer.story(&self.summary(counts));
        if redo.is_some() {
            self.reasons().iter().for_each(|reason| printer.warning(reason));
        }
        let private = if cfg!(unix) { " (only you can read it)" } else { "" };
        if self.outcomes.iter().any(|outcome| outcome.client_url.is_some()) {
            printer.story(&format!("links saved to {links}{private}; each link is personal"));
        }
        if let Some(redo) = redo {
            printer.story(&format!("for the rest: {redo}"));
        }
    }

    /// The error for a run that finished without a link for every row.
    pub fn partial(&self, rows: usize, links: &str, redo: Option<String>) -> Error {
        let without = self.without_link();
        let what = if rows == 1 { "launch" } else { "launches" };
        let mut error = Error::new(
            Kind::Partial,
            format!("{without} of {rows} {what} failed; link_error in {links} has the reasons"),
        )
        .with_causes(self.reasons());
        error.hint = redo.map(|redo| format!("to try the rest again: {redo}"));
        error
    }

    /// Why launches failed, the commonest reason first.
    fn reasons(&self) -> Vec<String> {
        let mut failures: Vec<&Failure> = self.failures.iter().collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.lines.len()));
        let mut reasons: Vec<String> =
            failures.iter().take(MOST_REASONS).map(|failure| failure.sentence()).collect();
        let more = failures.len() - reasons.len();
        if more > 0 {
            reasons.push(format!("and {}", count(more, "more reason")));
        }
        reasons
    }
}

/// What LINKS says of a launch: its latest link, unless that has expired and a newer one was due.
fn outcome(launch: &Launch, journal: &Journal, has_ended: bool, run: Run) -> Outcome {
    let record = journal.record(launch.key);
    let link = record.and_then(|record| record.link.as_ref());
    match launch.state {
        State::Skipped => {
            link.map_or_else(|| Outcome::without_link(Status::Skipped), |link| link.outcome.clone())
        }
        State::Ended => Outcome::without_link(Status::Ended),
        State::Ready if has_ended => Outcome::without_link(Status::Ended),
        State::Ready => match (record.and_then(|record| record.failure.clone()), link) {
            (Some(error), Some(link)) if link.ends_at > run.end => {
                Outcome { status: Status::Failed, error: Some(error), ..link.outcome.clone() }
            }
            (Some(error), _) => {
                Outcome { error: Some(error), ..Outcome::without_link(Status::Failed) }
            }
            // It was to be renewed, and the run stopped before.
            (None, Some(link)) if link.ends_at <= run.start && link.at < run.start => {
                Outcome::without_link(Status::Pending)
            }
            (None, Some(link)) => link.outcome.clone(),
            (None, None) => Outcome::without_link(Status::Pending),
        },
    }
}

/// The command that does the rest of a run: the one that was typed, with `--resume`.
pub fn redo_command() -> Option<String> {
    let mut words: Vec<OsString> =
        std::env::args_os().skip(1).filter(|word| word != "--force" && word != "--yes").collect();
    words.insert(0, "lessonspace".into());
    // What follows `--` is not a flag.
    let flags = words.iter().position(|word| word == "--").unwrap_or(words.len());
    if !words[..flags].iter().any(|word| word == "--resume") {
        words.insert(flags, "--resume".into());
    }
    Shell::in_use().command_line(&words)
}

/// A path in messages.
pub fn shown(path: &std::path::Path) -> String {
    untrusted(&path.to_string_lossy())
}
