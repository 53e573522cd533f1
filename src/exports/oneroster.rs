//! `OneRoster` CSV, versions 1.1 and 1.2.

use super::enrol::{
    Class, Enrolment, Enrolments, List, Missing, Person, Role, RoleAt, Span, Term, Terms, Titles,
    Verdict, column_or_warning, status,
};
use super::package::{Column, Package, Record, Sheet};
use super::{Export, Options};
use super::{Findings, Reason};
use crate::error::Result;
use crate::words;
use std::collections::HashMap;

/// The files to read, if they exist.
#[derive(Default)]
struct Files {
    manifest: Option<Sheet>,
    orgs: Option<Sheet>,
    sessions: Option<Sheet>,
    courses: Option<Sheet>,
    classes: Option<Sheet>,
    users: Option<Sheet>,
    roles: Option<Sheet>,
    enrolments: Option<Sheet>,
}

/// The properties in `manifest.csv`: `oneroster.version` is `1.1`, `file.users` is `bulk`.
struct Manifest(HashMap<String, String>);

impl Manifest {
    fn read(sheet: Option<&Sheet>) -> Result<Self> {
        let mut properties = HashMap::new();
        if let Some(sheet) = sheet {
            let name = sheet.column(&["propertyName", "property"])?;
            let value = sheet.column(&["value"])?;
            for record in sheet.records() {
                properties
                    .insert(record.get(name).to_lowercase(), record.get(value).to_lowercase());
            }
        }
        Ok(Self(properties))
    }

    /// Whether there is a manifest. Informal exports have none, and fewer columns.
    fn exists(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a file must be part of the export.
    fn declares(&self, file: &str) -> bool {
        self.mode(file).is_some_and(|mode| mode == "bulk" || mode == "delta")
    }

    /// Whether a file contains only changes.
    fn is_delta(&self, file: &str) -> bool {
        self.mode(file).is_some_and(|mode| mode == "delta")
    }

    /// `absent`, `bulk` or `delta`.
    fn mode(&self, file: &str) -> Option<&String> {
        self.0.get(&format!("file.{}", file.to_lowercase()))
    }

    fn format(&self, has_roles: bool) -> &'static str {
        match self.0.get("oneroster.version").map(String::as_str) {
            Some(version) if version.starts_with("1.2") => "OneRoster 1.2",
            None if has_roles => "OneRoster 1.2",
            _ => "OneRoster 1.1",
        }
    }
}

pub fn read(package: &mut Package, options: &Options) -> Result<Export> {
    let files = Files {
        manifest: package.sheet("manifest")?,
        orgs: package.sheet("orgs")?,
        sessions: package.sheet("academicSessions")?,
        courses: package.sheet("courses")?,
        classes: package.sheet("classes")?,
        users: package.sheet("users")?,
        roles: package.sheet("roles")?,
        enrolments: package.sheet("enrollments")?,
    };
    let manifest = Manifest::read(files.manifest.as_ref())?;
    let mut reader = ExportReader {
        options,
        manifest: &manifest,
        has_roles: files.roles.is_some(),
        missing: Missing::default(),
        findings: Findings::new(options.skip_broken),
        data: Enrolments {
            format: manifest.format(files.roles.is_some()),
            ..Enrolments::default()
        },
    };
    reader.declared_files(&files);
    let schools = reader.titles(files.orgs.as_ref(), "orgs", "name")?;
    let courses = reader.titles(files.courses.as_ref(), "courses", "title")?;
    let terms = reader.terms(files.sessions.as_ref())?;
    reader.classes(
        files.classes.as_ref(),
        (&schools, &courses),
        (&terms, files.sessions.as_ref()),
    )?;
    reader.users(files.users.as_ref())?;
    reader.roles(files.roles.as_ref())?;
    reader.enrolments(files.enrolments.as_ref(), &schools)?;
    reader
        .missing
        .finish("export all files of the OneRoster package, including their header lines")?;
    if manifest.is_delta("enrollments") {
        reader.findings.warn(
            "enrollments.csv contains only changes since the last export (delta), so people may \
             be missing; use a full (bulk) export"
                .to_owned(),
        );
    }
    reader.data.join(reader.findings)
}

/// State while reading an export.
struct ExportReader<'a> {
    options: &'a Options,
    manifest: &'a Manifest,
    has_roles: bool,
    missing: Missing,
    findings: Findings,
    data: Enrolments<'a>,
}

impl<'a> ExportReader<'a> {
    /// Records files that the manifest declares but the export lacks.
    fn declared_files(&mut self, files: &Files) {
        for (name, sheet) in [
            ("orgs", &files.orgs),
            ("academicSessions", &files.sessions),
            ("courses", &files.courses),
            ("roles", &files.roles),
        ] {
            if sheet.is_none() && self.manifest.declares(name) {
                self.missing.file(name);
            }
        }
    }

    /// Finds a column, or records it as missing.
    fn required(&mut self, sheet: &Sheet, name: &str) -> Result<Column> {
        let column = sheet.column(&[name])?;
        if column.is_none() {
            self.missing.column(&sheet.file, &[name]);
        }
        Ok(column)
    }

    /// Finds a column that is required only if the file that it refers to exists.
    fn required_if(&mut self, is_needed: bool, sheet: &Sheet, name: &str) -> Result<Column> {
        if is_needed { self.required(sheet, name) } else { sheet.column(&[name]) }
    }

    /// The `status` column, which is required in a file of changes.
    fn status(&mut self, sheet: &'a Sheet, file: &str) -> Result<Column> {
        if self.manifest.is_delta(file) {
            self.data.delta_files.push(&sheet.file);
            return self.required(sheet, "status");
        }
        sheet.column(&["status"])
    }

    /// The titles of schools or courses. A file of changes does not list all of them.
    fn titles(&mut self, sheet: Option<&'a Sheet>, file: &str, title: &str) -> Result<Titles<'a>> {
        let Some(sheet) = sheet else { return Ok(Titles::default()) };
        let id = self.required(sheet, "sourcedId")?;
        let title = self.required(sheet, title)?;
        let mut titles = Titles::read(sheet, id, title);
        if self.manifest.is_delta(file) {
            titles.file = None;
        }
        Ok(titles)
    }

    fn terms(&mut self, sessions: Option<&'a Sheet>) -> Result<Terms<'a>> {
        let mut terms = Terms::default();
        let Some(sheet) = sessions else { return Ok(terms) };
        let id = self.required(sheet, "sourcedId")?;
        let title = self.required(sheet, "title")?;
        let begin = self.required(sheet, "startDate")?;
        let end = self.required(sheet, "endDate")?;
        let gone = self.status(sheet, "academicSessions")?;
        for session in sheet.records() {
            let term = Term {
                title: session.get(title),
                span: span(session, begin, end),
                is_deleted: matches!(
                    status(session.get(gone), Reason::ClassInactive),
                    Verdict::Out(_)
                ),
            };
            terms.0.insert(session.get(id), term);
        }
        Ok(terms)
    }

    fn classes(
        &mut self,
        classes: Option<&'a Sheet>,
        (schools, courses): (&Titles<'a>, &Titles<'a>),
        (terms, sessions): (&Terms<'a>, Option<&'a Sheet>),
    ) -> Result<()> {
        let Some(sheet) = classes else {
            self.missing.file("classes");
            return Ok(());
        };
        let id = self.required(sheet, "sourcedId")?;
        let title = self.required(sheet, "title")?;
        let gone = self.status(sheet, "classes")?;
        let grade = sheet.column(&["grades"])?;
        // Roles apply at a school.
        let school = self.required_if(self.has_roles, sheet, "schoolSourcedId")?;
        let term = self.required_if(sessions.is_some(), sheet, "termSourcedIds")?;
        let course = sheet.column(&["courseSourcedId"])?;
        self.data.classes_file = &sheet.file;
        for class in sheet.records() {
            let school_id = class.get(school);
            let (term, runs) = match sessions {
                Some(sheet) => terms.of_class(class.get(term), &sheet.file, self.options.on),
                None => (String::new(), Verdict::Active),
            };
            let verdict = status(class.get(gone), Reason::ClassInactive)
                .and(|| runs)
                .and(|| schools.check("school", school_id))
                .and(|| courses.check("course", class.get(course)));
            let class_of = Class {
                line: class.line(),
                title: class.get(title),
                school_id,
                school: schools.of(school_id),
                term,
                grade: class.get(grade),
                verdict,
            };
            self.data.add_class(class.get(id), class_of);
        }
        Ok(())
    }

    fn users(&mut self, users: Option<&'a Sheet>) -> Result<()> {
        let Some(sheet) = users else {
            self.missing.file("users");
            return Ok(());
        };
        let id = self.required(sheet, "sourcedId")?;
        let gone = self.status(sheet, "users")?;
        let enabled = if self.manifest.exists() {
            self.required(sheet, "enabledUser")?
        } else {
            let effect = "disabled users are included";
            column_or_warning(sheet, "enabledUser", effect, &mut self.findings)?
        };
        let given = self.required(sheet, "givenName")?;
        let family = self.required(sheet, "familyName")?;
        let preferred_given = sheet.column(&["preferredGivenName"])?;
        let preferred_family = sheet.column(&["preferredFamilyName"])?;
        let username = sheet.column(&["username"])?;
        let email = sheet.column(&["email"])?;
        let grade = sheet.column(&["grades"])?;
        self.data.people_files.push((List::Everyone, &sheet.file));
        for user in sheet.records() {
            let either = |first: Column, second: Column| match user.get(first) {
                "" => user.get(second),
                name => name,
            };
            let enabled = user.get(enabled);
            let verdict =
                status(user.get(gone), Reason::PersonInactive).and(|| {
                    match words::boolean(enabled) {
                        _ if enabled.is_empty() => Verdict::Active,
                        Some(true) => Verdict::Active,
                        Some(false) => Verdict::Out(Reason::PersonInactive),
                        None => not_yes_or_no("enabledUser", enabled),
                    }
                });
            let person = Person {
                line: user.line(),
                given_name: either(preferred_given, given),
                family_name: either(preferred_family, family),
                email: user.get(email),
                grade: user.get(grade),
                verdict,
            };
            self.data.add_person(List::Everyone, user.get(id), person.or_named(user.get(username)));
        }
        Ok(())
    }

    /// Reads the roles of version 1.2, each for a period at a school.
    fn roles(&mut self, roles: Option<&'a Sheet>) -> Result<()> {
        let Some(sheet) = roles else { return Ok(()) };
        let user = self.required(sheet, "userSourcedId")?;
        let gone = self.status(sheet, "roles")?;
        let school = self.required(sheet, "orgSourcedId")?;
        let begin = sheet.column(&["beginDate"])?;
        let end = sheet.column(&["endDate"])?;
        self.data.roles_file = &sheet.file;
        for role in sheet.records() {
            let span = span(role, begin, end);
            let verdict = status(role.get(gone), Reason::RoleEnded)
                .and(|| span.verdict(self.options.on, Reason::RoleAhead, Reason::RoleEnded));
            let role_at =
                RoleAt { line: role.line(), school_id: role.get(school), grade: "", verdict };
            self.data.roles.entry(role.get(user)).or_default().push(role_at);
        }
        Ok(())
    }

    fn enrolments(&mut self, enrolments: Option<&'a Sheet>, schools: &Titles<'a>) -> Result<()> {
        let Some(sheet) = enrolments else {
            self.missing.file("enrollments");
            return Ok(());
        };
        let class = self.required(sheet, "classSourcedId")?;
        let user = self.required(sheet, "userSourcedId")?;
        let role = self.required(sheet, "role")?;
        let gone = self.status(sheet, "enrollments")?;
        let school = sheet.column(&["schoolSourcedId"])?;
        let primary = sheet.column(&["primary"])?;
        let begin = sheet.column(&["beginDate"])?;
        let end = sheet.column(&["endDate"])?;
        self.data.files.push(sheet.file.clone());
        for record in sheet.records() {
            let span = span(record, begin, end);
            let primary = record.get(primary);
            let is_primary = words::boolean(primary);
            let verdict = status(record.get(gone), Reason::EnrolmentDeleted)
                .and(|| {
                    span.verdict(self.options.on, Reason::EnrolmentAhead, Reason::EnrolmentEnded)
                })
                .and(|| match is_primary {
                    None if !primary.is_empty() => not_yes_or_no("primary", primary),
                    _ => Verdict::Active,
                })
                .and(|| schools.check("school", record.get(school)));
            self.data.rows.push(Enrolment {
                file: 0,
                line: record.line(),
                class: record.get(class),
                person: record.get(user),
                list: List::Everyone,
                role: Role::of(record.get(role)),
                is_primary: is_primary == Some(true),
                verdict,
            });
        }
        Ok(())
    }
}

fn span(record: Record<'_>, begin: Column, end: Column) -> Span<'_> {
    Span { begin: record.get(begin), end: record.get(end), includes_end: false }
}

fn not_yes_or_no(column: &str, value: &str) -> Verdict {
    Verdict::Broken(format!("{column} is not true or false"), value.to_owned())
}
