//! Joins enrolments with classes and people, for both `OneRoster` and School Data Sync.

use super::package::{Column, Sheet};
use super::{Export, Rows};
use super::{Findings, LeftOut, Reason};
use crate::error::{Error, Result};
use crate::problem::{At, Problem};
use crate::words;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

const HEADER: [&str; 11] = [
    "class",
    "class title",
    "school",
    "term",
    "grade",
    "role",
    "user id",
    "given name",
    "family name",
    "email",
    "leader",
];

const MAPS: [(&str, &str); 7] = [
    ("id", "{class}"),
    ("space name", "{class title}"),
    ("user id", "{user id}"),
    ("user name", "{given name} {family name}"),
    ("user email", "{email}"),
    ("role", "{role}"),
    ("leader", "{leader}"),
];

/// Whether a record is active on the chosen day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Active,
    Out(Reason),
    /// What is wrong, and the value.
    Broken(String, String),
}

/// A class. Its identifier is the key in [`Enrolments`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class<'a> {
    pub line: u32,
    pub title: &'a str,
    pub school_id: &'a str,
    pub school: &'a str,
    pub term: String,
    pub grade: &'a str,
    pub verdict: Verdict,
}

/// A person. The identifier is the key in [`Enrolments`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    pub line: u32,
    pub given_name: &'a str,
    pub family_name: &'a str,
    pub email: &'a str,
    pub grade: &'a str,
    pub verdict: Verdict,
}

impl<'a> Person<'a> {
    /// Uses the username as the name of a person without one.
    pub fn or_named(self, username: &'a str) -> Self {
        let is_nameless = self.given_name.is_empty() && self.family_name.is_empty();
        if is_nameless { Self { given_name: username, ..self } } else { self }
    }
}

/// A person's role at a school.
#[derive(Debug)]
pub struct RoleAt<'a> {
    pub line: u32,
    pub school_id: &'a str,
    pub grade: &'a str,
    pub verdict: Verdict,
}

/// The list that a person is in. In School Data Sync v1, students and teachers may share
/// identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    Everyone,
    Students,
    Teachers,
}

/// A role in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Teacher,
    Student,
}

impl Role {
    /// `None` for other roles, which get no link.
    pub fn of(text: &str) -> Option<Self> {
        match text.to_lowercase().as_str() {
            "teacher" | "faculty" | "instructor" | "lecturer" | "professor" => Some(Self::Teacher),
            "student" => Some(Self::Student),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Student => "student",
        }
    }
}

/// A row of an enrolments file.
#[derive(Debug)]
pub struct Enrolment<'a> {
    /// The index of its file in [`Enrolments::files`].
    pub file: usize,
    pub line: u32,
    pub class: &'a str,
    pub person: &'a str,
    pub list: List,
    pub role: Option<Role>,
    /// Whether this is the class's primary teacher.
    pub is_primary: bool,
    pub verdict: Verdict,
}

/// The input of [`Enrolments::join`].
#[derive(Debug, Default)]
pub struct Enrolments<'a> {
    pub format: &'static str,
    pub classes: HashMap<&'a str, Class<'a>>,
    pub people: HashMap<(List, &'a str), Person<'a>>,
    pub roles: HashMap<&'a str, Vec<RoleAt<'a>>>,
    /// The rows of the enrolments files.
    pub rows: Vec<Enrolment<'a>>,
    /// The names of the enrolments files.
    pub files: Vec<String>,
    /// The files that contain only changes.
    pub delta_files: Vec<&'a str>,
    pub classes_file: &'a str,
    pub roles_file: &'a str,
    /// The file with the people of each list.
    pub people_files: Vec<(List, &'a str)>,
}

/// An enrolment with its class and person.
struct Joined<'e, 'a> {
    enrolment: &'e Enrolment<'a>,
    class: &'e Class<'a>,
    person: &'e Person<'a>,
    grade: &'a str,
}

impl<'a> Enrolments<'a> {
    /// Adds a class. An identical duplicate is ignored; a different one makes the class invalid.
    pub fn add_class(&mut self, id: &'a str, class: Class<'a>) {
        let Some(known) = self.classes.get_mut(id) else {
            self.classes.insert(id, class);
            return;
        };
        if (Class { line: known.line, ..class }) != *known {
            known.verdict = listed_twice(id);
        }
    }

    /// Adds a person. Duplicates are handled as for classes.
    pub fn add_person(&mut self, list: List, id: &'a str, person: Person<'a>) {
        let Some(known) = self.people.get_mut(&(list, id)) else {
            self.people.insert((list, id), person);
            return;
        };
        if (Person { line: known.line, ..person }) != *known {
            known.verdict = listed_twice(id);
        }
    }

    /// Makes one row per person and class.
    pub fn join(self, mut findings: Findings) -> Result<Export> {
        let mut left_out = LeftOut::default();
        let mut joined = Vec::new();
        let (mut counted, mut seen) = (HashSet::new(), HashSet::new());
        for enrolment in &self.rows {
            let Some(row) = self.place(enrolment, (&mut left_out, &mut counted), &mut findings)
            else {
                continue;
            };
            if seen.insert((enrolment.class, enrolment.list, enrolment.person, enrolment.role)) {
                joined.push(row);
            } else {
                left_out.add(Reason::EnrolmentTwice);
            }
        }
        // If a teacher has two rows, either may be marked as primary.
        let led: HashSet<(&str, &str)> = self
            .rows
            .iter()
            .filter(|it| it.is_primary && it.role == Some(Role::Teacher))
            .filter(|it| it.verdict == Verdict::Active)
            .map(|it| (it.class, it.person))
            .collect();
        let is_primary = |it: &Joined| led.contains(&(it.enrolment.class, it.enrolment.person));
        let teaches = |it: &Joined| it.enrolment.role == Some(Role::Teacher);
        let marked: HashSet<&str> = joined
            .iter()
            .filter(|it| teaches(it) && is_primary(it))
            .map(|it| it.enrolment.class)
            .collect();
        warn_of_shared_ids(&joined, &mut findings);
        let mut rows = Rows::new(&HEADER);
        for it in &joined {
            let leads = teaches(it) && (is_primary(it) || !marked.contains(it.enrolment.class));
            let role = it.enrolment.role.map_or("", Role::name);
            rows.push(
                (it.enrolment.file, it.enrolment.line),
                &[
                    it.enrolment.class,
                    it.class.title,
                    it.class.school,
                    &it.class.term,
                    it.grade,
                    role,
                    it.enrolment.person,
                    it.person.given_name,
                    it.person.family_name,
                    it.person.email,
                    if leads { "yes" } else { "" },
                ],
            )?;
        }
        rows.into_export((self.format, &MAPS), self.files, (left_out, findings))
    }

    /// Finds the class and person of an enrolment; `None` if it is left out. People and classes
    /// that are left out count once, however many enrolments they have.
    fn place<'e>(
        &'e self,
        enrolment: &'e Enrolment<'a>,
        (left_out, counted): (&mut LeftOut, &mut HashSet<(Reason, &'a str)>),
        findings: &mut Findings,
    ) -> Option<Joined<'e, 'a>> {
        let file = &*self.files[enrolment.file];
        // People are in many classes, so the Space is known only for an enrolment or a class.
        let mut passes = |verdict: &Verdict, (file, line): (&str, u32), once: Option<&'a str>| {
            match verdict {
                Verdict::Active => return true,
                Verdict::Out(reason) => {
                    if once.is_none_or(|id| counted.insert((*reason, id))) {
                        left_out.add(*reason);
                    }
                }
                Verdict::Broken(what, value) => {
                    let is_of_class = once.is_none_or(|id| id == enrolment.class);
                    let space = if is_of_class { enrolment.class } else { "" };
                    findings.broken(what, (file, line), value, space);
                }
            }
            false
        };
        if !passes(&enrolment.verdict, (file, enrolment.line), None) {
            return None;
        }
        if enrolment.role.is_none() {
            passes(&Verdict::Out(Reason::OtherRole), (file, enrolment.line), None);
            return None;
        }
        let unknown = |what: &str, id: &str, file: &str| {
            let changes = if self.delta_files.contains(&file) {
                ", which contains only changes (delta)"
            } else {
                ""
            };
            let what = match id {
                "" => format!("no {what}"),
                _ => format!("{what} not in {file}{changes}"),
            };
            Verdict::Broken(what, id.to_owned())
        };
        let Some(class) = self.classes.get(enrolment.class).filter(|_| !enrolment.class.is_empty())
        else {
            let verdict = unknown("class", enrolment.class, self.classes_file);
            passes(&verdict, (file, enrolment.line), None);
            return None;
        };
        if !passes(&class.verdict, (self.classes_file, class.line), Some(enrolment.class)) {
            return None;
        }
        let key = (enrolment.list, enrolment.person);
        let people_file = self.people_file(enrolment.list);
        let Some(person) = self.people.get(&key).filter(|_| !enrolment.person.is_empty()) else {
            let verdict = unknown("person", enrolment.person, people_file);
            passes(&verdict, (file, enrolment.line), None);
            return None;
        };
        if !passes(&person.verdict, (people_file, person.line), Some(enrolment.person)) {
            return None;
        }
        let role = self.role_at(enrolment.person, class.school_id);
        if let Some(role) = role
            && !passes(&role.verdict, (self.roles_file, role.line), Some(enrolment.person))
        {
            return None;
        }
        let grades = [class.grade, person.grade, role.map_or("", |role| role.grade)];
        let grade = grades.into_iter().find(|grade| !grade.is_empty()).unwrap_or_default();
        Some(Joined { enrolment, class, person, grade })
    }

    /// The role that decides whether a person is active at a school: one at that school, or at
    /// another if there is none there. An active role takes precedence.
    fn role_at(&self, person: &str, school: &str) -> Option<&RoleAt<'a>> {
        let roles = self.roles.get(person)?;
        let is_there = roles.iter().any(|role| role.school_id == school);
        let of_school = || roles.iter().filter(move |role| !is_there || role.school_id == school);
        let active = of_school().find(|role| role.verdict == Verdict::Active);
        active.or_else(|| of_school().next())
    }

    fn people_file(&self, list: List) -> &'a str {
        let found = self.people_files.iter().find(|(known, _)| *known == list);
        found.map_or("", |(_, file)| file)
    }
}

/// Lessonspace treats people with the same id as one person.
fn warn_of_shared_ids(joined: &[Joined], findings: &mut Findings) {
    let ids = |list: List| -> HashSet<&str> {
        let of_list = joined.iter().filter(|it| it.enrolment.list == list);
        of_list.map(|it| it.enrolment.person).collect()
    };
    let students = ids(List::Students);
    let mut shared: Vec<&str> =
        ids(List::Teachers).into_iter().filter(|id| students.contains(id)).collect();
    if shared.is_empty() {
        return;
    }
    shared.sort_unstable();
    let more = if shared.len() > 1 { " and others" } else { "" };
    let example = format!("{}{more}", crate::escape::untrusted(shared[0]));
    let count = words::count(shared.len(), "id");
    findings.warn(format!(
        "{count} used by both a student and a teacher (such as {example}); to tell them apart, add \
         --map 'user id={{role}}-{{user id}}'"
    ));
}

fn listed_twice(id: &str) -> Verdict {
    Verdict::Broken("listed twice, with different values".to_owned(), id.to_owned())
}

/// Required files and columns that an export lacks, reported all at once.
#[derive(Debug, Default)]
pub struct Missing {
    problems: Vec<Problem>,
}

impl Missing {
    /// Records a missing file.
    pub fn file(&mut self, name: &str) {
        self.problems.push(Problem::about(format!("{name}.csv"), "is missing from this export"));
    }

    /// Records that a file has none of these columns.
    pub fn column(&mut self, file: &str, names: &[&str]) {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        let message = format!("no column {}", quoted.join(" or "));
        let field = Some(names.join(" or "));
        let at = Box::new(At { field, ..At::default() });
        let places = vec![Problem { at, ..Problem::new("", message.clone()) }];
        self.problems.push(Problem { places, ..Problem::new(file, message) });
    }

    /// Fails if anything is missing.
    pub fn finish(self, hint: &str) -> Result<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Error::of_problems(self.problems).with_hint(hint))
    }
}

/// Finds a column that many exports leave out. Without it, warns of the effect.
pub fn column_or_warning(
    sheet: &Sheet,
    name: &str,
    effect: &str,
    findings: &mut Findings,
) -> Result<Column> {
    let column = sheet.column(&[name])?;
    if column.is_none() {
        findings.warn(format!("{} has no column {name:?}, so {effect}", sheet.file));
    }
    Ok(column)
}

/// The verdict for a `status`. Empty means active. An unknown word is an error, because it may mean
/// that the person has left.
pub fn status(text: &str, gone: Reason) -> Verdict {
    match text.to_lowercase().as_str() {
        "" | "active" => Verdict::Active,
        "inactive" | "deleted" | "tobedeleted" | "to be deleted" => Verdict::Out(gone),
        _ => Verdict::Broken(
            "unknown status (expected active, inactive, deleted or tobedeleted)".to_owned(),
            text.to_owned(),
        ),
    }
}

/// A period of time. An empty date means no limit.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    pub begin: &'a str,
    pub end: &'a str,
    /// Whether the end is the last day included, not the day after it.
    pub includes_end: bool,
}

/// Where a day is relative to a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Before,
    Within,
    After,
}

impl Span<'_> {
    /// Compares a day with the span. The error is the text that is not a date.
    pub fn place(&self, on: Date) -> Result<When, String> {
        let day = |text: &str| match text {
            "" => Ok(None),
            text => date(text).map(Some).ok_or_else(|| text.to_owned()),
        };
        let (begin, end) = (day(self.begin)?, day(self.end)?);
        if end.is_some_and(|end| if self.includes_end { on > end } else { on >= end }) {
            Ok(When::After)
        } else if begin.is_some_and(|begin| on < begin) {
            Ok(When::Before)
        } else {
            Ok(When::Within)
        }
    }

    /// Active if the day is within the span.
    pub fn verdict(&self, on: Date, ahead: Reason, ended: Reason) -> Verdict {
        match self.place(on) {
            Ok(When::Within) => Verdict::Active,
            Ok(When::Before) => Verdict::Out(ahead),
            Ok(When::After) => Verdict::Out(ended),
            Err(text) => not_a_date(text),
        }
    }
}

pub fn not_a_date(text: String) -> Verdict {
    Verdict::Broken("not a date (expected one such as 2026-12-01)".to_owned(), text)
}

impl Verdict {
    /// This verdict, or the next if this one is active.
    pub fn and(self, next: impl FnOnce() -> Self) -> Self {
        if self == Self::Active { next() } else { self }
    }
}

/// Parses the date formats of exports: `2026-12-01`, optionally followed by a time, `20261201`, and
/// `12/1/2026`, with the month first as in Microsoft's files.
fn date(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    if let [month, day, year] = *day.split('/').collect::<Vec<_>>()
        && year.len() == 4
    {
        return Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    }
    let is_plain = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    Date::strptime(if is_plain { "%Y%m%d" } else { "%Y-%m-%d" }, day).ok()
}

/// The titles of the schools or courses that a file lists, by identifier.
#[derive(Debug, Default)]
pub struct Titles<'a> {
    /// The file, if it exists and lists all of them.
    pub file: Option<&'a str>,
    titles: HashMap<&'a str, &'a str>,
}

impl<'a> Titles<'a> {
    pub fn read(sheet: &'a Sheet, id: Column, title: Column) -> Self {
        let titles: HashMap<_, _> =
            sheet.records().map(|row| (row.get(id), row.get(title))).collect();
        // An optional file is often exported with its header alone.
        let file = (!titles.is_empty()).then_some(&*sheet.file);
        Self { file, titles }
    }

    /// The title; empty if unknown.
    pub fn of(&self, id: &str) -> &'a str {
        self.titles.get(id).copied().unwrap_or_default()
    }

    /// Whether the file lists this identifier of a school or course, as `what` says. An empty one
    /// refers to none.
    pub fn check(&self, what: &str, id: &str) -> Verdict {
        match self.file {
            Some(file) if !id.is_empty() && !self.titles.contains_key(id) => {
                Verdict::Broken(format!("{what} not in {file}"), id.to_owned())
            }
            _ => Verdict::Active,
        }
    }
}

/// The terms of a school year, by identifier.
#[derive(Debug, Default)]
pub struct Terms<'a>(pub HashMap<&'a str, Term<'a>>);

/// A term, or another part of a school year.
#[derive(Debug)]
pub struct Term<'a> {
    pub title: &'a str,
    pub span: Span<'a>,
    pub is_deleted: bool,
}

impl Terms<'_> {
    /// The titles of a class's terms, and whether the class is active: from the start of its first
    /// term to the end of its last, breaks included. Deleted terms do not count; a class with only deleted
    /// terms is left out.
    pub fn of_class(&self, ids: &str, file: &str, on: Date) -> (String, Verdict) {
        let (mut titles, mut places, mut has_deleted) = (Vec::new(), Vec::new(), false);
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let Some(term) = self.0.get(id) else {
                let verdict = Verdict::Broken(format!("term not in {file}"), id.to_owned());
                return (String::new(), verdict);
            };
            if term.is_deleted {
                has_deleted = true;
                continue;
            }
            titles.push(term.title);
            match term.span.place(on) {
                Ok(place) => places.push(place),
                Err(text) => {
                    let what = format!("term with an invalid date in {file}");
                    return (String::new(), Verdict::Broken(what, text));
                }
            }
        }
        let all = |wanted: When| !places.is_empty() && places.iter().all(|it| *it == wanted);
        let verdict = if places.is_empty() && has_deleted {
            Verdict::Out(Reason::TermsDeleted)
        } else if all(When::After) {
            Verdict::Out(Reason::ClassOver)
        } else if all(When::Before) {
            Verdict::Out(Reason::ClassAhead)
        } else {
            Verdict::Active
        };
        (titles.join(", "), verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Date {
        text.parse().expect("is a date")
    }

    #[test]
    fn dates_are_parsed_as_each_format_writes_them() {
        for (text, expected) in [
            ("2026-12-01", Some("2026-12-01")),
            ("2026-12-01T08:15:00.000Z", Some("2026-12-01")),
            ("2026-12-01 00:00", Some("2026-12-01")),
            ("20261201", Some("2026-12-01")),
            ("12/1/2026", Some("2026-12-01")),
            ("9/10/2026", Some("2026-09-10")),
            ("31/12/2026", None),
            ("2026-13-01", None),
            ("13/13/2026", None),
            ("1/2/26", None),
            ("soon", None),
        ] {
            assert_eq!(date(text), expected.map(on), "{text}");
        }
    }

    #[test]
    fn a_span_lasts_from_its_first_day_until_its_end() {
        for (begin, end, includes_end, day, expected) in [
            ("2026-09-01", "2027-02-01", false, "2026-08-31", When::Before),
            ("2026-09-01", "2027-02-01", false, "2026-09-01", When::Within),
            ("2026-09-01", "2027-02-01", false, "2027-01-31", When::Within),
            ("2026-09-01", "2027-02-01", false, "2027-02-01", When::After),
            ("2026-09-01", "2027-02-01", true, "2027-02-01", When::Within),
            ("2026-09-01", "2027-02-01", true, "2027-02-02", When::After),
            ("", "", false, "2027-02-02", When::Within),
            ("2027-01-01", "2026-01-01", false, "2026-06-01", When::After),
        ] {
            let span = Span { begin, end, includes_end };
            assert_eq!(span.place(on(day)), Ok(expected), "{begin} {end} {day}");
        }
        let span = Span { begin: "", end: "never", includes_end: false };
        assert_eq!(span.place(on("2026-01-01")), Err("never".to_owned()));
    }

    #[test]
    fn a_class_runs_until_all_of_its_terms_are_over() {
        let term = |title, begin, end| Term {
            title,
            span: Span { begin, end, includes_end: false },
            is_deleted: false,
        };
        let mut terms = Terms::default();
        terms.0.insert("1", term("One", "2026-09-01", "2026-12-20"));
        terms.0.insert("2", term("Two", "2027-01-10", "2027-04-01"));
        let deleted = Term { is_deleted: true, ..term("Old", "2026-09-01", "2027-09-01") };
        terms.0.insert("old", deleted);
        for (ids, day, expected) in [
            ("1", "2026-08-31", Verdict::Out(Reason::ClassAhead)),
            ("1", "2026-12-19", Verdict::Active),
            ("1", "2026-12-20", Verdict::Out(Reason::ClassOver)),
            ("1, 2", "2026-12-31", Verdict::Active),
            ("1,2", "2027-04-01", Verdict::Out(Reason::ClassOver)),
            ("old", "2026-10-01", Verdict::Out(Reason::TermsDeleted)),
            ("old,1", "2026-10-01", Verdict::Active),
            ("old,1", "2026-12-20", Verdict::Out(Reason::ClassOver)),
            ("old,2", "2026-10-01", Verdict::Out(Reason::ClassAhead)),
            ("", "2026-10-01", Verdict::Active),
            ("3", "2026-10-01", Verdict::Broken("term not in t.csv".to_owned(), "3".to_owned())),
        ] {
            assert_eq!(terms.of_class(ids, "t.csv", on(day)).1, expected, "{ids} {day}");
        }
        assert_eq!(terms.of_class("1,2", "t.csv", on("2026-10-01")).0, "One, Two");
    }
}
