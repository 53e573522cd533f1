//! The report at the end of a run: what it did, what the links file contains, why launches failed, and
//! the command to finish.

use super::journal::Journal;
use super::launches::{Launch, Rows, State};
use super::preview::nothing_to_send;
use super::row_problems;
use crate::error::{Error, Kind};
use crate::json::{self, Value};
use crate::links::{Outcome, Status};
use crate::terminal::output::Printer;
use crate::terminal::shell::Shell;
use crate::words::{count, plural};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsString;

/// Maximum number of reasons for failures to show; LINKS has all of them.
const MAX_REASONS: usize = 20;

/// What a run did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Links received, including renewals.
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
    /// Launches to send.
    pub to_send: usize,
    pub has_succeeded: bool,
}

/// When a run started and ended.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A reason for failures, and the rows that failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub message: String,
    /// The lines, or the rows in a sheet.
    pub lines: Vec<u32>,
    /// The places, as shown in messages.
    pub places: Vec<String>,
}

impl Failure {
    /// `2 failed: Lessonspace refused the request (400) (lines 3 and 4)`.
    fn sentence(&self) -> String {
        let places: Vec<&str> = self.places.iter().map(String::as_str).collect();
        format!("{} failed: {} ({})", places.len(), self.message, row_problems::rows(&places))
    }
}

/// What the links file contains.
pub struct Report<'a> {
    /// The result of each launch.
    pub outcomes: Vec<Cow<'a, Outcome>>,
    pub failures: Vec<Failure>,
}

impl<'a> Report<'a> {
    /// Collects the result of each launch from the journal.
    pub fn new(
        rows: &Rows,
        launches: &[Launch],
        journal: &'a Journal,
        ended: &HashSet<usize>,
        run: Run,
    ) -> Self {
        let outcomes: Vec<Cow<'a, Outcome>> = launches
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

    /// Number of launches that should have a link but do not.
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
                kinds.push(match (counts.existing, counts.created) {
                    (1, 0) => "1 link to an existing Space".to_owned(),
                    (1, _) => "1 link to an existing one".to_owned(),
                    (links, 0) => format!("{links} links to existing Spaces"),
                    (links, _) => format!("{links} links to existing ones"),
                });
            }
            if counts.unknown > 0 {
                kinds.push(match counts.unknown {
                    1 => "1 link to a Space that may be new".to_owned(),
                    links => format!("{links} links to Spaces that may be new"),
                });
            }
            parts.push(format!("sent {}: {}", counts.sent, kinds.join(", ")));
        } else if counts.to_send > 0 {
            parts.push("sent 0".to_owned());
        }
        if counts.renewed > 0 {
            parts.push(format!("{} renewed", counts.renewed));
        }
        if counts.kept > 0 {
            parts.push(match (counts.kept, counts.to_send) {
                (kept, 0) => nothing_to_send(kept),
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
            let (one, many) = ("link differs from its row", "links differ from their rows");
            parts.push(plural(counts.contradicted, one, many));
        }
        if parts.is_empty() { nothing_to_send(0) } else { parts.join("; ") }
    }

    /// The summary as JSON on one line.
    pub fn to_json(&self, counts: &Counts, links: &str) -> String {
        let file = Status::ALL.map(|status| (status.word(), self.count(status).into()));
        let failures = self.failures.iter().map(|failure| {
            let places = failure.lines.iter().map(|line| Value::from(*line)).collect();
            let failure = json::object([
                ("message", failure.message.as_str().into()),
                ("count", failure.lines.len().into()),
                ("lines", Value::array(places)),
            ]);
            failure.into()
        });
        json::object([
            ("sent", counts.sent.into()),
            ("created", counts.created.into()),
            ("existing", counts.existing.into()),
            ("unknown", counts.unknown.into()),
            ("renewed", counts.renewed.into()),
            ("kept", counts.kept.into()),
            ("contradicted", counts.contradicted.into()),
            ("file", json::object(file).into()),
            ("failures", Value::array(failures.collect())),
            ("links", links.into()),
        ])
        .to_json()
    }

    /// Prints the report to standard error. `redo` is the command to finish a run that was stopped;
    /// otherwise, the error for failed launches has the command and the reasons.
    pub fn tell(&self, counts: &Counts, links: &str, redo: Option<&str>, printer: Printer) {
        printer.message(&self.summary(counts));
        if redo.is_some() {
            self.reasons().iter().for_each(|reason| printer.warning(reason));
        }
        let private = if cfg!(unix) { " (only you can read it)" } else { "" };
        if self.outcomes.iter().any(|outcome| outcome.client_url.is_some()) {
            printer.message(&format!("links saved to {links}{private}; each link is personal"));
        }
        if let Some(redo) = redo {
            printer.message(&format!("to finish, run: {redo}"));
        }
    }

    /// The error for a run that finished without a link for every row.
    pub fn partial(&self, rows: usize, links: &str, redo: Option<String>) -> Error {
        let without = self.without_link();
        let what = if rows == 1 { "launch" } else { "launches" };
        let mut error = Error::new(
            Kind::Partial,
            format!("{without} of {rows} {what} failed; see link_error in {links} for the reasons"),
        )
        .with_causes(self.reasons());
        error.hint = redo.map(|redo| format!("to finish, run: {redo}"));
        error
    }

    /// Why launches failed, most common reason first.
    fn reasons(&self) -> Vec<String> {
        let mut failures: Vec<&Failure> = self.failures.iter().collect();
        failures.sort_by_key(|failure| std::cmp::Reverse(failure.lines.len()));
        let mut reasons: Vec<String> =
            failures.iter().take(MAX_REASONS).map(|failure| failure.sentence()).collect();
        let more = failures.len() - reasons.len();
        if more > 0 {
            reasons.push(format!("and {}", count(more, "more reason")));
        }
        reasons
    }
}

/// The result of a launch in LINKS: its latest link, unless it has expired and was due for renewal.
fn outcome<'a>(
    launch: &Launch,
    journal: &'a Journal,
    has_ended: bool,
    run: Run,
) -> Cow<'a, Outcome> {
    let record = journal.record(launch.key);
    let link = record.and_then(|record| record.link.as_ref());
    let without_link = |status| Cow::Owned(Outcome::without_link(status));
    match (launch.state, link) {
        (State::Skipped, Some(link)) => Cow::Borrowed(&link.outcome),
        (State::Skipped, None) => without_link(Status::Skipped),
        (State::Ended, _) => without_link(Status::Ended),
        (State::Ready, _) if has_ended => without_link(Status::Ended),
        (State::Ready, link) => match (record.and_then(|record| record.failure.clone()), link) {
            (Some(error), link) => {
                let last = link.filter(|link| link.ends_at > run.end);
                let no_link = || Outcome::without_link(Status::Failed);
                let last = last.map_or_else(no_link, |link| link.outcome.clone());
                Cow::Owned(Outcome { status: Status::Failed, error: Some(error), ..last })
            }
            // The run stopped before the link was renewed.
            (None, Some(link)) if link.ends_at <= run.start && link.at < run.start => {
                without_link(Status::Pending)
            }
            (None, Some(link)) => Cow::Borrowed(&link.outcome),
            (None, None) => without_link(Status::Pending),
        },
    }
}

/// The command to finish a run: the command that was typed, with `--resume`.
pub fn redo_command() -> Option<String> {
    resume_command(&[])
}

/// The command that was typed, with these flags and `--resume`.
pub fn resume_command(flags: &[String]) -> Option<String> {
    let mut words: Vec<OsString> =
        std::env::args_os().skip(1).filter(|word| word != "--force" && word != "--yes").collect();
    words.insert(0, "lessonspace".into());
    // Words after `--` are not flags.
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let resume = (!words[..end].iter().any(|word| word == "--resume")).then(|| "--resume".into());
    words.splice(end..end, flags.iter().map(OsString::from).chain(resume));
    Shell::in_use().command_line(&words)
}

#[cfg(test)]
mod tests {
    use super::super::journal::tests::{failed, link_until, opened};
    use super::super::launches::tests::launches;
    use super::*;
    use jiff::SignedDuration;

    fn run() -> Run {
        let start: Timestamp = "2026-12-01T12:00:00Z".parse().expect("a time");
        Run { start, end: start + SignedDuration::from_hours(1) }
    }

    fn hours(hours: i64) -> Timestamp {
        run().start + SignedDuration::from_hours(hours)
    }

    #[test]
    fn links_has_the_latest_link_but_no_expired_one_that_was_due() {
        type Write = fn(&mut Journal, &Launch);
        let nothing: Write = |_, _| ();
        let good: Write = |journal, launch| link_until(journal, launch, hours(5));
        let short: Write = |journal, launch| link_until(journal, launch, hours(1));
        let dead: Write = |journal, launch| link_until(journal, launch, hours(0));
        let marked: Write = |journal, launch| journal.mark(launch);
        // A link from this run, whatever the expiry in its token.
        let late: Write = |journal, launch| {
            let outcome = Outcome {
                client_url: Some("https://go.example.org/".to_owned()),
                expires_at: Some(hours(-3)),
                ..Outcome::without_link(Status::Existing)
            };
            let at = Some(run().start);
            journal.answer(
                launch,
                &outcome,
                &super::super::journal::Sent { at, ..Default::default() },
            );
        };
        let (ready, over, skipped) = (State::Ready, State::Ended, State::Skipped);
        for (index, (state, writes, has_ended, status, has_link)) in [
            (ready, vec![nothing], false, Status::Pending, false),
            (ready, vec![marked], false, Status::Pending, false),
            (ready, vec![failed], false, Status::Failed, false),
            (ready, vec![good], false, Status::Created, true),
            (ready, vec![good, failed], false, Status::Failed, true),
            (ready, vec![failed, good], false, Status::Created, true),
            // The link has expired by the end of the run.
            (ready, vec![short, failed], false, Status::Failed, false),
            (ready, vec![dead, failed], false, Status::Failed, false),
            // The link was due for renewal but was not renewed.
            (ready, vec![dead], false, Status::Pending, false),
            (ready, vec![short], false, Status::Created, true),
            (ready, vec![dead, late], false, Status::Existing, true),
            (ready, vec![good], true, Status::Ended, false),
            (over, vec![good], false, Status::Ended, false),
            (skipped, vec![nothing], false, Status::Skipped, false),
            (skipped, vec![dead], false, Status::Created, true),
        ]
        .into_iter()
        .enumerate()
        {
            let folder = tempfile::tempdir().expect("a folder");
            let (_, mut launches) = launches(r#"{"id":"a","user":{"id":"1"}}"#, run().start);
            launches[0].state = state;
            let mut journal = opened(&folder);
            for write in writes {
                write(&mut journal, &launches[0]);
            }
            let outcome = outcome(&launches[0], &journal, has_ended, run());
            assert_eq!(outcome.status, status, "case {index}");
            assert_eq!(outcome.client_url.is_some(), has_link, "case {index}");
            let has_error = status == Status::Failed;
            assert_eq!(outcome.error.is_some(), has_error, "case {index}");
        }
    }

    fn report(statuses: &[(Status, usize)]) -> Report<'static> {
        let of = |(status, number): &(Status, usize)| vec![Outcome::without_link(*status); *number];
        Report {
            outcomes: statuses.iter().flat_map(of).map(Cow::Owned).collect(),
            failures: Vec::new(),
        }
    }

    #[test]
    fn the_summary_shows_this_run_and_then_the_contents_of_the_file() {
        use Status::{Created, Ended, Failed, Pending, Skipped};
        let counts = Counts::default;
        let sent = |created, existing, unknown| Counts {
            to_send: created + existing + unknown,
            sent: created + existing + unknown,
            created,
            existing,
            unknown,
            ..counts()
        };
        for (counts, file, expected) in [
            (counts(), vec![], "nothing to send"),
            (
                sent(14, 26, 0),
                vec![(Created, 40)],
                "sent 40: 14 new Spaces, 26 links to existing ones",
            ),
            (
                sent(1, 1, 1),
                vec![],
                "sent 3: 1 new Space, 1 link to an existing one, 1 link to a Space \
                 that may be new",
            ),
            (
                Counts { kept: 360, failed: 2, ..sent(14, 26, 0) },
                vec![(Created, 400), (Failed, 2)],
                "sent 40: 14 new Spaces, 26 links to existing ones; 360 links were still good; 2 failed",
            ),
            (
                Counts { kept: 1, ..sent(1, 0, 0) },
                vec![],
                "sent 1: 1 new Space; 1 link was still good",
            ),
            (
                Counts { renewed: 2, ..sent(0, 2, 0) },
                vec![],
                "sent 2: 2 links to existing Spaces; 2 renewed",
            ),
            (
                Counts { kept: 60, ..counts() },
                vec![],
                "nothing to send: all 60 links are still good",
            ),
            (Counts { kept: 1, ..counts() }, vec![], "nothing to send: the link is still good"),
            (
                Counts { to_send: 1, kept: 3, failed: 1, ..counts() },
                vec![(Failed, 1)],
                "sent 0; 3 links were still good; 1 failed",
            ),
            (
                sent(1, 0, 0),
                vec![(Failed, 1), (Ended, 2), (Pending, 3), (Skipped, 4)],
                "sent 1: 1 new Space; 1 failed; 2 already over; 3 pending; 4 skipped",
            ),
            (
                Counts { contradicted: 1, ..sent(1, 0, 0) },
                vec![],
                "sent 1: 1 new Space; 1 link differs from its row",
            ),
            (
                Counts { contradicted: 2, ..sent(2, 0, 0) },
                vec![],
                "sent 2: 2 new Spaces; 2 links differ from their rows",
            ),
        ] {
            assert_eq!(report(&file).summary(&counts), expected);
        }
    }

    #[test]
    fn only_failed_and_pending_launches_lack_a_link_they_should_have() {
        for status in Status::ALL {
            let is_without = matches!(status, Status::Failed | Status::Pending);
            assert_eq!(report(&[(status, 3)]).without_link(), if is_without { 3 } else { 0 });
        }
    }

    #[test]
    fn reasons_are_grouped_and_counted_with_their_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let bodies: Vec<String> = (0..40).map(|row| format!("{{\"id\":\"{row}\"}}")).collect();
        let (rows, launches) = launches(&bodies.join("\n"), run().start);
        let mut journal = opened(&folder);
        for (index, launch) in launches.iter().enumerate() {
            let error = match index {
                0..4 => format!("reason {index}"),
                4..10 => "the commonest".to_owned(),
                _ => format!("reason {}", index / 2 + 10),
            };
            let outcome = Outcome { error: Some(error), ..Outcome::without_link(Status::Failed) };
            journal.answer(launch, &outcome, &super::super::journal::Sent::default());
        }
        let report = Report::new(&rows, &launches, &journal, &HashSet::new(), run());
        let error = report.partial(40, "links.csv", Some("lessonspace batch".to_owned()));
        assert_eq!(
            error.message,
            "40 of 40 launches failed; see link_error in links.csv for the reasons"
        );
        assert_eq!(error.hint.as_deref(), Some("to finish, run: lessonspace batch"));
        assert_eq!(error.causes[0], "6 failed: the commonest (lines 5, 6, 7 and 3 more)");
        assert_eq!(error.causes[1], "2 failed: reason 15 (lines 11 and 12)");
        assert_eq!(error.causes[16], "1 failed: reason 0 (line 1)");
        assert_eq!(error.causes.len(), 20);
        let lines = &report.failures[4];
        assert_eq!((lines.lines.len(), lines.lines[0]), (6, 5));
    }
}
