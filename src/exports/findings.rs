//! What was found while an export or a calendar was read: broken rows, and who was left out.

use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::problem::Problem;
use std::collections::HashSet;
use std::fmt::Write as _;

/// How many broken rows of a kind are shown.
const SHOWN: usize = 3;

/// How many broken rows of a kind are told apart by their lines.
const COUNTED: usize = 100_000;

/// How many of what, in words that follow the number.
pub type Counts = Vec<(usize, String)>;

/// Broken rows by kind, and warnings.
#[derive(Debug)]
pub struct Findings {
    skip_broken: bool,
    kinds: Vec<Broken>,
    warnings: Vec<String>,
}

/// A kind of fault in a file, and the rows that have it.
#[derive(Debug)]
struct Broken {
    file: String,
    what: String,
    lines: HashSet<u32>,
    shown: String,
}

impl Findings {
    /// Nothing found. With `skip_broken`, broken rows are counted and are not an error.
    pub fn new(skip_broken: bool) -> Self {
        Self { skip_broken, kinds: Vec::new(), warnings: Vec::new() }
    }

    /// Adds a row that cannot be used. A row that is found again, for the same reason, counts once.
    pub fn broken(&mut self, file: &str, what: &str, line: u32, identifier: &str) {
        let known = self.kinds.iter().position(|kind| kind.file == file && kind.what == what);
        let index = known.unwrap_or_else(|| {
            let (file, what) = (file.to_owned(), what.to_owned());
            self.kinds.push(Broken { file, what, lines: HashSet::new(), shown: String::new() });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[index];
        if kind.lines.len() >= COUNTED || !kind.lines.insert(line) || kind.lines.len() > SHOWN {
            return;
        }
        let comma = if kind.shown.is_empty() { "" } else { ", " };
        let _ = write!(kind.shown, "{comma}line {line}");
        if !identifier.is_empty() {
            let _ = write!(kind.shown, " ({:?})", untrusted(identifier));
        }
    }

    /// Adds a warning, once.
    pub fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The broken rows that are left out, with their number, and the warnings.
    ///
    /// # Errors
    ///
    /// Broken rows that are not to be skipped, one problem for each kind.
    pub fn finish(self) -> Result<(Counts, Vec<String>)> {
        if self.kinds.is_empty() || self.skip_broken {
            let left_out = self.kinds.into_iter().map(|kind| {
                let rows = if kind.lines.len() == 1 { "broken row" } else { "broken rows" };
                (kind.lines.len(), format!("{rows} of {} ({})", kind.file, kind.what))
            });
            return Ok((left_out.collect(), self.warnings));
        }
        let problems = self.kinds.into_iter().map(|kind| {
            let more = match kind.lines.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Problem::new(kind.file, format!("{}: {}{more}", kind.what, kind.shown))
        });
        Err(Error::of_problems(problems.collect())
            .with_hint("fix the export, or add --skip-broken to leave these rows out"))
    }
}

/// Why somebody or something is left out, though nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    EnrolmentDeleted,
    EnrolmentEnded,
    EnrolmentAhead,
    EnrolmentTwice,
    OtherRole,
    PersonInactive,
    RoleEnded,
    RoleAhead,
    ClassInactive,
    ClassOver,
    ClassAhead,
    LessonCancelled,
    AllDay,
    NoAttendees,
    Declined,
    NotAPerson,
    Nameless,
    OlderVersion,
}

impl Reason {
    /// In words that follow a number: of one, and of several.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::EnrolmentDeleted => ("deleted enrolment", "deleted enrolments"),
            Self::EnrolmentEnded => ("enrolment that has ended", "enrolments that have ended"),
            Self::EnrolmentAhead => {
                ("enrolment that has not started", "enrolments that have not started")
            }
            Self::EnrolmentTwice => ("enrolment listed twice", "enrolments listed twice"),
            Self::OtherRole => {
                ("enrolment of an aide, parent or other", "enrolments of aides, parents and others")
            }
            Self::PersonInactive => ("inactive person", "inactive people"),
            Self::RoleEnded => ("person whose role has ended", "people whose role has ended"),
            Self::RoleAhead => {
                ("person whose role has not started", "people whose role has not started")
            }
            Self::ClassInactive => ("inactive class", "inactive classes"),
            Self::ClassOver => ("class whose terms are over", "classes whose terms are over"),
            Self::ClassAhead => {
                ("class whose terms have not started", "classes whose terms have not started")
            }
            Self::LessonCancelled => ("cancelled lesson", "cancelled lessons"),
            Self::AllDay => ("all-day event", "all-day events"),
            Self::NoAttendees => ("lesson without attendees", "lessons without attendees"),
            Self::Declined => ("declined invitation", "declined invitations"),
            Self::NotAPerson => ("room, device or group", "rooms, devices and groups"),
            Self::Nameless => {
                ("attendee without a name or email", "attendees without a name or email")
            }
            Self::OlderVersion => ("older version of a lesson", "older versions of lessons"),
        }
    }
}

/// How many were left out for each reason, in the order in which the reasons came up.
#[derive(Debug, Default)]
pub struct LeftOut(Vec<(Reason, usize)>);

impl LeftOut {
    /// Counts one more.
    pub fn add(&mut self, reason: Reason) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.0.push((reason, 1)),
        }
    }

    pub fn into_words(self) -> Counts {
        let words = |(reason, count): (Reason, usize)| {
            let (one, several) = reason.words();
            (count, if count == 1 { one } else { several }.to_owned())
        };
        self.0.into_iter().map(words).collect()
    }
}
