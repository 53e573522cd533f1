//! Microsoft School Data Sync CSV, versions 1 and 2.1, and the older version 2.
//!
//! The files do not show who leads a class. Microsoft does not document whether the last day of a
//! term or role is included; here it is.

use super::enrol::{
    Class, Enrolment, Enrolments, List, Missing, Person, Role, RoleAt, Span, Term, Terms, Titles,
    Verdict, column_or_warning, status,
};
use super::package::{Column, Package, Record, Sheet};
use super::{Export, Options};
use super::{Findings, Reason};
use crate::error::Result;

const HINT: &str = "export all School Data Sync files, including their header lines";

/// Column names of version 1, and of its British variant.
const ID: [&str; 2] = ["SIS ID", "ID"];
const SCHOOL_ID: [&str; 2] = ["School SIS ID", "School DfE Number"];
const SECTION_ID: [&str; 2] = ["Section SIS ID", "Section ID"];

pub fn read(package: &mut Package, options: &Options) -> Result<Export> {
    if package.has("Section") || package.has("StudentEnrollment") {
        read_v1(package, options)
    } else {
        read_v2(package, options)
    }
}

/// State while reading an export.
struct ExportReader<'a> {
    missing: Missing,
    findings: Findings,
    data: Enrolments<'a>,
}

impl<'a> ExportReader<'a> {
    fn new(format: &'static str, options: &Options) -> Self {
        Self {
            missing: Missing::default(),
            findings: Findings::new(options.skip_broken),
            data: Enrolments { format, ..Enrolments::default() },
        }
    }

    /// Returns a required file, or records it as missing.
    fn file<'s>(&mut self, sheet: Option<&'s Sheet>, name: &str) -> Option<&'s Sheet> {
        if sheet.is_none() {
            self.missing.file(name);
        }
        sheet
    }

    /// Finds a column with one of these names, or records it as missing.
    fn required(&mut self, sheet: &Sheet, names: &[&str]) -> Result<Column> {
        let column = sheet.column(names)?;
        if column.is_none() {
            self.missing.column(&sheet.file, names);
        }
        Ok(column)
    }

    /// The columns of a person's given name, family name and username. Small exports have no names, but
    /// one without the other is half a name.
    fn names(&mut self, sheet: &Sheet, names: [&str; 3]) -> Result<[Column; 3]> {
        let [given, family, username] = names;
        let columns =
            [sheet.column(&[given])?, sheet.column(&[family])?, sheet.column(&[username])?];
        match columns {
            [None, None, None] => self.missing.column(&sheet.file, &names),
            [None, None, Some(_)] => self.findings.warn(format!(
                "{} has no columns {given:?} and {family:?}, so people's usernames are used as names",
                sheet.file
            )),
            [None, Some(_), _] => self.missing.column(&sheet.file, &[given]),
            [Some(_), None, _] => self.missing.column(&sheet.file, &[family]),
            [Some(_), Some(_), _] => {}
        }
        Ok(columns)
    }

    /// The names of schools, in a required file.
    fn schools(
        &mut self,
        sheet: Option<&'a Sheet>,
        file: &str,
        (id, name): (&[&str], &str),
    ) -> Result<Titles<'a>> {
        let Some(sheet) = self.file(sheet, file) else { return Ok(Titles::default()) };
        let id = self.required(sheet, id)?;
        let name = self.required(sheet, &[name])?;
        Ok(Titles::read(sheet, id, name))
    }

    /// The grades of courses, if the export has courses.
    fn courses(&mut self, sheet: Option<&'a Sheet>) -> Result<Titles<'a>> {
        let Some(sheet) = sheet else { return Ok(Titles::default()) };
        let id = self.required(sheet, &["sourcedId"])?;
        Ok(Titles::read(sheet, id, sheet.column(&["grade"])?))
    }
}

fn span(record: Record<'_>, begin: Column, end: Column) -> Span<'_> {
    Span { begin: record.get(begin), end: record.get(end), includes_end: true }
}

fn read_v1(package: &mut Package, options: &Options) -> Result<Export> {
    let schools = package.sheet("School")?;
    let sections = package.sheet("Section")?;
    let students = package.sheet("Student")?;
    let teachers = package.sheet("Teacher")?;
    let student_enrolments = package.sheet("StudentEnrollment")?;
    let teacher_enrolments = package.sheet("TeacherRoster")?;
    let mut reader = ExportReader::new("School Data Sync v1", options);
    let school_ids = ["SIS ID", "DfE Number", "ID"];
    let schools = reader.schools(schools.as_ref(), "School", (&school_ids, "Name"))?;
    if let Some(sheet) = reader.file(sections.as_ref(), "Section") {
        reader.sections(sheet, &schools, options)?;
    }
    if let Some(sheet) = reader.file(teachers.as_ref(), "Teacher") {
        reader.people(sheet, List::Teachers)?;
    }
    if let Some(sheet) = reader.file(students.as_ref(), "Student") {
        reader.people(sheet, List::Students)?;
    }
    if let Some(sheet) = reader.file(teacher_enrolments.as_ref(), "TeacherRoster") {
        reader.enrolments_v1(sheet, List::Teachers, Role::Teacher)?;
    }
    if let Some(sheet) = reader.file(student_enrolments.as_ref(), "StudentEnrollment") {
        reader.enrolments_v1(sheet, List::Students, Role::Student)?;
    }
    reader.missing.finish(HINT)?;
    reader.data.join(reader.findings)
}

impl<'a> ExportReader<'a> {
    fn sections(
        &mut self,
        sheet: &'a Sheet,
        schools: &Titles<'a>,
        options: &Options,
    ) -> Result<()> {
        let id = self.required(sheet, &ID)?;
        let title = self.required(sheet, &["Section Name"])?;
        let school_id = sheet.column(&SCHOOL_ID)?;
        let term = sheet.column(&["Term Name"])?;
        let begin = sheet.column(&["Term StartDate"])?;
        let end = sheet.column(&["Term EndDate"])?;
        let gone = sheet.column(&["Status"])?;
        self.data.classes_file = &sheet.file;
        for section in sheet.records() {
            let school_id = section.get(school_id);
            let verdict = status(section.get(gone), Reason::ClassInactive)
                .and(|| {
                    let span = span(section, begin, end);
                    span.verdict(options.on, Reason::ClassAhead, Reason::ClassOver)
                })
                .and(|| schools.check("school", school_id));
            let class = Class {
                line: section.line(),
                title: section.get(title),
                school_id,
                school: schools.of(school_id),
                term: section.get(term).to_owned(),
                grade: "",
                verdict,
            };
            self.data.add_class(section.get(id), class);
        }
        Ok(())
    }

    fn people(&mut self, sheet: &'a Sheet, list: List) -> Result<()> {
        let id = self.required(sheet, &ID)?;
        let [given, family, username] =
            self.names(sheet, ["First Name", "Last Name", "Username"])?;
        let email = sheet.column(&["Secondary Email"])?;
        let grade = sheet.column(&["Grade"])?;
        let gone = sheet.column(&["Status"])?;
        self.data.people_files.push((list, &sheet.file));
        for row in sheet.records() {
            let username = row.get(username);
            // Without a domain, it is only the part of an address before the @.
            let address = if username.contains('@') { username } else { "" };
            let person = Person {
                line: row.line(),
                given_name: row.get(given),
                family_name: row.get(family),
                email: Some(row.get(email)).filter(|email| !email.is_empty()).unwrap_or(address),
                grade: row.get(grade),
                verdict: status(row.get(gone), Reason::PersonInactive),
            };
            self.data.add_person(list, row.get(id), person.or_named(username));
        }
        Ok(())
    }

    fn enrolments_v1(&mut self, sheet: &'a Sheet, list: List, role: Role) -> Result<()> {
        let class = self.required(sheet, &SECTION_ID)?;
        let person = self.required(sheet, &ID)?;
        let file = self.data.files.len();
        self.data.files.push(sheet.file.clone());
        for row in sheet.records() {
            self.data.rows.push(Enrolment {
                file,
                line: row.line(),
                class: row.get(class),
                person: row.get(person),
                list,
                role: Some(role),
                is_primary: false,
                verdict: Verdict::Active,
            });
        }
        Ok(())
    }
}

fn read_v2(package: &mut Package, options: &Options) -> Result<Export> {
    let orgs = package.sheet("orgs")?;
    let sessions = package.sheet("academicSessions")?;
    let courses = package.sheet("courses")?;
    let classes = package.sheet("classes")?;
    let users = package.sheet("users")?;
    let roles = package.sheet("roles")?;
    let enrolments = package.sheet("enrollments")?;
    let mut reader = ExportReader::new("School Data Sync v2.1", options);
    let terms = reader.terms(sessions.as_ref())?;
    let schools = reader.schools(orgs.as_ref(), "orgs", (&["sourcedId"], "name"))?;
    let courses = reader.courses(courses.as_ref())?;
    let sessions = sessions.as_ref();
    if let Some(sheet) = reader.file(classes.as_ref(), "classes") {
        reader.classes(sheet, (&schools, &courses), (&terms, sessions), options)?;
    }
    if let Some(sheet) = reader.file(users.as_ref(), "users") {
        reader.users(sheet)?;
    }
    // The older version 2 has the roles in the users file, without dates.
    let has_roles_in_users = match &users {
        Some(users) => users.column(&["role"])?.is_some(),
        None => false,
    };
    match roles.as_ref() {
        Some(sheet) => reader.roles(sheet, (&terms, sessions), options)?,
        None if has_roles_in_users => {}
        None => reader.missing.file("roles"),
    }
    if let Some(sheet) = reader.file(enrolments.as_ref(), "enrollments") {
        reader.enrolments_v2(sheet)?;
    }
    reader.missing.finish(HINT)?;
    reader.data.join(reader.findings)
}

impl<'a> ExportReader<'a> {
    fn terms(&mut self, sessions: Option<&'a Sheet>) -> Result<Terms<'a>> {
        let mut terms = Terms::default();
        let Some(sheet) = sessions else { return Ok(terms) };
        let id = self.required(sheet, &["sourcedId"])?;
        let title = self.required(sheet, &["title"])?;
        let begin = self.required(sheet, &["startDate"])?;
        let end = self.required(sheet, &["endDate"])?;
        for row in sheet.records() {
            let term =
                Term { title: row.get(title), span: span(row, begin, end), is_deleted: false };
            terms.0.insert(row.get(id), term);
        }
        Ok(terms)
    }

    fn classes(
        &mut self,
        sheet: &'a Sheet,
        (schools, courses): (&Titles<'a>, &Titles<'a>),
        (terms, sessions): (&Terms, Option<&Sheet>),
        options: &Options,
    ) -> Result<()> {
        let id = self.required(sheet, &["sourcedId"])?;
        let title = self.required(sheet, &["title"])?;
        let school_id = self.required(sheet, &["orgSourcedId"])?;
        let term = if sessions.is_some() {
            let effect = "classes whose terms are over are included";
            column_or_warning(sheet, "sessionSourcedIds", effect, &mut self.findings)?
        } else {
            None
        };
        let course = sheet.column(&["courseSourcedId"])?;
        let gone = sheet.column(&["status"])?;
        self.data.classes_file = &sheet.file;
        for row in sheet.records() {
            let (school_id, course) = (row.get(school_id), row.get(course));
            let (term, runs) = match sessions {
                Some(sheet) => terms.of_class(row.get(term), &sheet.file, options.on),
                None => (String::new(), Verdict::Active),
            };
            let class = Class {
                line: row.line(),
                title: row.get(title),
                school_id,
                school: schools.of(school_id),
                term,
                grade: courses.of(course),
                verdict: status(row.get(gone), Reason::ClassInactive)
                    .and(|| runs)
                    .and(|| schools.check("school", school_id))
                    .and(|| courses.check("course", course)),
            };
            self.data.add_class(row.get(id), class);
        }
        Ok(())
    }

    fn users(&mut self, sheet: &'a Sheet) -> Result<()> {
        let id = self.required(sheet, &["sourcedId"])?;
        let [given, family, username] =
            self.names(sheet, ["givenName", "familyName", "username"])?;
        let email = sheet.column(&["email"])?;
        let gone = sheet.column(&["status"])?;
        self.data.people_files.push((List::Everyone, &sheet.file));
        for row in sheet.records() {
            let person = Person {
                line: row.line(),
                given_name: row.get(given),
                family_name: row.get(family),
                email: row.get(email),
                grade: "",
                verdict: status(row.get(gone), Reason::PersonInactive),
            };
            self.data.add_person(List::Everyone, row.get(id), person.or_named(row.get(username)));
        }
        Ok(())
    }

    /// Reads roles. A role is active from its first day to its last, and only during its session.
    fn roles(
        &mut self,
        sheet: &'a Sheet,
        (terms, sessions): (&Terms, Option<&Sheet>),
        options: &Options,
    ) -> Result<()> {
        let user = self.required(sheet, &["userSourcedId"])?;
        let school = self.required(sheet, &["orgSourcedId"])?;
        let session = if sessions.is_some() { sheet.column(&["sessionSourcedId"])? } else { None };
        let grade = sheet.column(&["grade"])?;
        let begin = sheet.column(&["roleStartDate"])?;
        let end = sheet.column(&["roleEndDate"])?;
        self.data.roles_file = &sheet.file;
        for row in sheet.records() {
            let span = span(row, begin, end);
            let verdict =
                span.verdict(options.on, Reason::RoleAhead, Reason::RoleEnded).and(|| {
                    let Some(sessions) = sessions else { return Verdict::Active };
                    match terms.of_class(row.get(session), &sessions.file, options.on).1 {
                        Verdict::Out(Reason::ClassOver) => Verdict::Out(Reason::RoleEnded),
                        Verdict::Out(_) => Verdict::Out(Reason::RoleAhead),
                        verdict => verdict,
                    }
                });
            let role = RoleAt {
                line: row.line(),
                school_id: row.get(school),
                grade: row.get(grade),
                verdict,
            };
            self.data.roles.entry(row.get(user)).or_default().push(role);
        }
        Ok(())
    }

    fn enrolments_v2(&mut self, sheet: &'a Sheet) -> Result<()> {
        let class = self.required(sheet, &["classSourcedId"])?;
        let person = self.required(sheet, &["userSourcedId"])?;
        let role = self.required(sheet, &["role"])?;
        let gone = sheet.column(&["status"])?;
        self.data.files.push(sheet.file.clone());
        for row in sheet.records() {
            self.data.rows.push(Enrolment {
                file: 0,
                line: row.line(),
                class: row.get(class),
                person: row.get(person),
                list: List::Everyone,
                role: Role::of(row.get(role)),
                is_primary: false,
                verdict: status(row.get(gone), Reason::EnrolmentDeleted),
            });
        }
        Ok(())
    }
}
