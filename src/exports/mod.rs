//! Reads a school's export or a calendar into a table with one row per person and class or lesson.
//!
//! Exports are `OneRoster` CSV (1.1 and 1.2) or Microsoft School Data Sync CSV (v1 and v2.1), in a
//! folder or zip archive. Calendars are iCalendar files.

mod calendar;
mod enrol;
mod event;
mod oneroster;
mod package;
mod recurrence;
mod sds;
mod zones;

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use crate::problem::{At, Problem};
use crate::roster::{Cell, Row, Source, Table};
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use package::is_part_of;
use package::{MAX_CELL_SIZE, Package};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

/// Largest table in memory, in bytes: about 300,000 people, a day's launches.
const MAX_TABLE_SIZE: usize = 256 << 20;

/// What is read here, as `--from` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// `OneRoster` CSV, 1.1 or 1.2.
    #[value(name = "oneroster", help = "OneRoster CSV, 1.1 or 1.2")]
    OneRoster,
    /// Microsoft School Data Sync CSV, v1 or v2.1.
    #[value(name = "sds", help = "Microsoft School Data Sync CSV, v1 or v2.1")]
    Sds,
    /// A calendar in iCalendar format.
    #[value(name = "ics", help = "Calendar (iCalendar)")]
    Calendar,
}

/// How to read an export or a calendar.
#[derive(Debug, Clone)]
pub struct Options {
    pub kind: Kind,
    /// The day on which enrolments must be active, and the first day of lessons.
    pub on: Date,
    /// Number of days of lessons to read.
    pub days: u16,
    /// The zone of days, and of times without a zone.
    pub zone: TimeZone,
    /// Whether the user chose the zone, so that a calendar's own default does not count.
    pub is_zone_chosen: bool,
    /// Whether to skip rows with errors instead of rejecting the whole export.
    pub skip_broken: bool,
}

/// The table made from an export or a calendar.
#[derive(Debug)]
pub struct Export {
    /// A header and the rows below it.
    pub table: Table,
    /// The column that fills each field by default, for example `("id", "{class}")`.
    pub maps: Vec<(&'static str, String)>,
    /// The names of the files that the rows come from.
    pub file_names: Vec<String>,
}

/// Detects whether a path is an export or a calendar, from its files or `--from`.
///
/// # Errors
///
/// A folder or an archive without the files of a known export.
pub fn recognise(path: &Path, from: Option<Kind>) -> Result<Option<Kind>> {
    if let Some(from) = from {
        check_choice(path, from)?;
        return Ok(Some(from));
    }
    let ends_in = |end: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(end));
    if !path.is_dir() && (ends_in("ics") || ends_in("ical")) {
        return Ok(Some(Kind::Calendar));
    }
    let Some(mut package) = Package::open(path)? else { return Ok(None) };
    recognise_package(&mut package).map(Some).ok_or_else(|| not_an_export(path, &package))
}

/// Rejects a `--from` that clearly contradicts the files: in the wrong format, an export would not
/// show who has left.
fn check_choice(path: &Path, from: Kind) -> Result<()> {
    if from == Kind::Calendar {
        return Ok(());
    }
    let Some(mut package) = Package::open(path)? else { return Ok(()) };
    let other = match from {
        Kind::Sds if package.has("manifest") && !has_sds_1(&package) => "OneRoster",
        Kind::OneRoster if !package.has("manifest") => {
            let (one_roster, sds) = marks_of(&mut package);
            if sds > one_roster || one_roster == 0 && package.has("Section") {
                "School Data Sync"
            } else {
                return Ok(());
            }
        }
        _ => return Ok(()),
    };
    let message = format!("{} is a {other} export; remove --from", untrusted_path(path));
    Err(Error::usage("--from", message))
}

/// Both formats use the same file names, but different columns.
fn recognise_package(package: &mut Package) -> Option<Kind> {
    let known = ["classes", "enrollments", "users"].iter().filter(|it| package.has(it)).count();
    if package.has("manifest") && known > 0 {
        return Some(Kind::OneRoster);
    }
    if has_sds_1(package) {
        return Some(Kind::Sds);
    }
    if known < 2 {
        return None;
    }
    let (one_roster, sds) = marks_of(package);
    Some(if one_roster > sds { Kind::OneRoster } else { Kind::Sds })
}

/// Whether the files of School Data Sync v1 are there. Their names differ from those of `OneRoster`.
fn has_sds_1(package: &Package) -> bool {
    let lists = ["Student", "Teacher", "StudentEnrollment", "TeacherRoster"];
    package.has("Section") && lists.iter().any(|it| package.has(it))
}

/// The number of columns that only `OneRoster` has, and that only School Data Sync has.
fn marks_of(package: &mut Package) -> (usize, usize) {
    let mut marks = |file: &str, names: &[&str]| {
        let columns = package.columns(file);
        names.iter().filter(|name| columns.iter().any(|column| column == *name)).count()
    };
    // Folded names, without a final s.
    let one_roster = marks("enrollments", &["sourcedid", "statu", "primary", "begindate"])
        + marks("users", &["statu", "enableduser", "orgsourcedid"])
        + marks("classes", &["statu", "schoolsourcedid", "termsourcedid", "classtype"]);
    let sds = marks("users", &["activedirectorymatchid"])
        + marks("classes", &["orgsourcedid", "sessionsourcedid"])
        + marks("roles", &["sessionsourcedid", "isprimary", "rolestartdate"]);
    (one_roster, sds)
}

fn not_an_export(path: &Path, package: &Package) -> Error {
    if let Some(calendar) = package.name_ending("ics") {
        let calendar = crate::escape::untrusted(calendar);
        return Error::about(untrusted_path(path), "contains a calendar, not an export")
            .with_hint(format!("unpack it and use {calendar}"));
    }
    if package.has("sections") && package.has("students") {
        return Error::about(
            untrusted_path(path),
            "looks like a Clever export, which is not supported",
        )
        .with_hint("export OneRoster CSV or School Data Sync CSV instead");
    }
    Error::about(untrusted_path(path), "is not a OneRoster or School Data Sync export").with_cause(
        "expected classes.csv, enrollments.csv and users.csv, or Section.csv, Student.csv, \
         Teacher.csv, StudentEnrollment.csv and TeacherRoster.csv",
    )
}

/// Reads an export or a calendar.
///
/// # Errors
///
/// Missing files or columns, damaged files, exceeded limits and, unless they are skipped, rows that
/// cannot be used: one entry per kind of error.
pub fn read(path: &Path, options: &Options) -> Result<Export> {
    read_files(path, options).map_err(|mut error| {
        for problem in &mut error.problems {
            name_path(problem, path, options.kind);
        }
        error
    })
}

/// Adds the path of the file to a problem, for programs. Messages show only the file's name.
fn name_path(problem: &mut Problem, path: &Path, kind: Kind) {
    if problem.place.is_empty() || problem.place.starts_with("--") {
        return;
    }
    let shown = untrusted_path(path);
    let path = match &problem.place {
        place if *place == shown || kind == Kind::Calendar => shown,
        file => format!("{shown}/{file}"),
    };
    if problem.places.is_empty() {
        problem.places.push(Problem::new("", problem.message.clone()));
    }
    for place in &mut problem.places {
        place.at.path = Some(path.clone());
    }
}

fn read_files(path: &Path, options: &Options) -> Result<Export> {
    if options.kind == Kind::Calendar {
        return calendar::read(path, options);
    }
    let Some(mut package) = Package::open(path)? else {
        let error = match std::fs::metadata(path) {
            Err(error) => Error::about(untrusted_path(path), input::explain(&error)),
            Ok(_) => Error::about(untrusted_path(path), "is not a folder or a .zip archive"),
        };
        return Err(error.with_hint("use the folder or archive of the whole export"));
    };
    match options.kind {
        Kind::OneRoster => oneroster::read(&mut package, options),
        Kind::Sds | Kind::Calendar => sds::read(&mut package, options),
    }
}

/// Rows with a size limit, so that a small file cannot become a table larger than memory.
struct Rows {
    rows: Vec<Row>,
    size: usize,
}

impl Rows {
    fn new(header: &[&str]) -> Self {
        let cells = header.iter().map(|name| Cell::of_text(*name)).collect();
        let row = Row { line: 1, cells, ..Row::default() };
        Self { rows: vec![row], size: 0 }
    }

    /// Adds the row for a line of a file.
    fn push(&mut self, (file, line): (usize, u32), cells: &[&str]) -> Result<()> {
        if cells.iter().any(|cell| cell.len() > MAX_CELL_SIZE) {
            let message = format!("line {line}: a cell is larger than 1 MiB");
            return Err(Error::new(ErrorKind::Usage, message));
        }
        // Includes the allocator's overhead.
        self.size += cells.iter().map(|cell| size_of::<Cell>() + 16 + cell.len()).sum::<usize>();
        if self.size > MAX_TABLE_SIZE {
            let message = format!("the export has more than {} rows to send", self.rows.len() - 1);
            return Err(Error::new(ErrorKind::Usage, message)
                .with_hint("export fewer classes at a time, such as one school"));
        }
        let cells = cells.iter().map(|cell| Cell::of_text(*cell)).collect();
        self.rows.push(Row { line, sheet: file, cells, ..Row::default() });
        Ok(())
    }

    fn into_export(
        self,
        (format, maps): (&'static str, &[(&'static str, &str)]),
        file_names: Vec<String>,
        (left_out, findings): (LeftOut, Findings),
    ) -> Result<Export> {
        let (broken, warnings) = findings.finish()?;
        let mut left_out = left_out.into_words();
        left_out.extend(broken);
        let source = Source::Export { format, left_out, warnings };
        let maps = maps.iter().map(|(field, template)| (*field, (*template).to_owned())).collect();
        Ok(Export {
            table: Table { source, rows: self.rows, ..Table::default() },
            maps,
            file_names,
        })
    }
}

/// Broken rows to show per kind.
const SHOWN: usize = 3;

/// Maximum number of broken rows to count per kind.
const COUNTED: usize = 100_000;

/// Numbers, each with the words that follow it.
pub type Counts = Vec<(usize, String)>;

/// Broken rows by kind, and warnings.
#[derive(Debug)]
pub struct Findings {
    skip_broken: bool,
    kinds: Vec<Broken>,
    warnings: Vec<String>,
}

/// A kind of error in a file, and the rows that have it.
#[derive(Debug)]
struct Broken {
    file: String,
    what: String,
    lines: HashSet<u32>,
    rows: Vec<BrokenRow>,
}

/// A row with an error.
#[derive(Debug)]
struct BrokenRow {
    line: u32,
    /// What is wrong in this row; may be empty.
    value: String,
    /// The id of its Space; empty if unknown.
    space: String,
}

impl Broken {
    /// The first rows, and how many there are.
    fn shown(&self) -> String {
        let mut shown = String::new();
        for row in self.rows.iter().take(SHOWN) {
            let comma = if shown.is_empty() { "" } else { ", " };
            let _ = write!(shown, "{comma}line {}", row.line);
            if !row.value.is_empty() {
                let _ = write!(shown, " ({:?})", row.value);
            }
        }
        if let more @ 1.. = self.rows.len().saturating_sub(SHOWN) {
            let _ = write!(shown, " and {more} more");
        }
        shown
    }

    fn into_problem(self) -> Problem {
        let message = format!("{}: {}", self.what, self.shown());
        let place = |row: BrokenRow| {
            let message = match row.value.as_str() {
                "" => self.what.clone(),
                value => format!("{}: {value:?}", self.what),
            };
            let id = Some(row.space).filter(|space| !space.is_empty());
            let at = At { line: Some(row.line), id, ..At::default() };
            Problem { at: Box::new(at), ..Problem::new("", message) }
        };
        let places = self.rows.into_iter().map(place).collect();
        Problem { places, ..Problem::new(self.file, message) }
    }
}

impl Findings {
    /// With `skip_broken`, broken rows are counted but are not an error.
    pub fn new(skip_broken: bool) -> Self {
        Self { skip_broken, kinds: Vec::new(), warnings: Vec::new() }
    }

    /// Adds a row that cannot be used, with the value that is wrong and the id of its Space, if they
    /// are known. The same row counts once per kind.
    pub fn broken(&mut self, what: &str, (file, line): (&str, u32), value: &str, space: &str) {
        let known = self.kinds.iter().position(|kind| kind.file == file && kind.what == what);
        let index = known.unwrap_or_else(|| {
            let (file, what) = (file.to_owned(), what.to_owned());
            self.kinds.push(Broken { file, what, lines: HashSet::new(), rows: Vec::new() });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[index];
        if kind.lines.len() >= COUNTED || !kind.lines.insert(line) || self.skip_broken {
            return;
        }
        kind.rows.push(BrokenRow { line, value: untrusted(value), space: untrusted(space) });
    }

    /// Adds a warning, unless it is already there.
    pub fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The number of broken rows skipped, by kind, and the warnings.
    ///
    /// # Errors
    ///
    /// Broken rows, unless they are skipped: one problem per kind.
    pub fn finish(self) -> Result<(Counts, Vec<String>)> {
        if self.kinds.is_empty() || self.skip_broken {
            let left_out = self.kinds.into_iter().map(|kind| {
                let rows = if kind.lines.len() == 1 { "broken row" } else { "broken rows" };
                (kind.lines.len(), format!("{rows} in {} ({})", kind.file, kind.what))
            });
            return Ok((left_out.collect(), self.warnings));
        }
        let problems = self.kinds.into_iter().map(Broken::into_problem);
        Err(Error::of_problems(problems.collect())
            .with_hint("fix the export, or add --skip-broken to leave these rows out"))
    }
}

/// Why a person, class or lesson is left out although the export has no error.
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
    TermsDeleted,
    LessonCancelled,
    AllDay,
    NoAttendees,
    Declined,
    NotAPerson,
    Nameless,
    OlderVersion,
}

impl Reason {
    /// Singular and plural, to follow a number.
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
            Self::TermsDeleted => {
                ("class whose terms were deleted", "classes whose terms were deleted")
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

/// Counts by reason, in the order in which the reasons first came up.
#[derive(Debug, Default)]
pub struct LeftOut(Vec<(Reason, usize)>);

impl LeftOut {
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

#[cfg(test)]
mod tests;
