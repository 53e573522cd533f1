//! Sample sets, and copies with one change: what is joined, left out and rejected.

use super::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

const SETS: [(&str, Kind, &str); 4] = [
    ("oneroster-1.1", Kind::OneRoster, "OneRoster 1.1"),
    ("oneroster-1.2", Kind::OneRoster, "OneRoster 1.2"),
    ("sds-1", Kind::Sds, "School Data Sync v1"),
    ("sds-2.1", Kind::Sds, "School Data Sync v2.1"),
];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/exports").join(name)
}

fn options(kind: Kind, on: &str) -> Options {
    Options {
        kind,
        on: on.parse().expect("is a date"),
        days: 14,
        zone: TimeZone::get("Europe/London").expect("is a zone"),
        is_zone_chosen: false,
        skip_broken: false,
    }
}

/// A copy of a sample set in a temporary folder, to be changed.
struct Set {
    folder: tempfile::TempDir,
    kind: Kind,
}

impl Set {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for file in std::fs::read_dir(sample(name)).expect("a set") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("copied");
        }
        let kind = if name.starts_with("sds") { Kind::Sds } else { Kind::OneRoster };
        Self { folder, kind }
    }

    fn replace(self, file: &str, from: &str, to: &str) -> Self {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).expect("is text");
        assert!(text.contains(from), "{from} is not in {file}");
        std::fs::write(path, text.replace(from, to)).expect("is written");
        self
    }

    fn write(self, file: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(file), text).expect("is written");
        self
    }

    fn without(self, file: &str) -> Self {
        std::fs::remove_file(self.folder.path().join(file)).expect("is removed");
        self
    }

    fn read_with(&self, change: impl FnOnce(&mut Options)) -> Result<Export> {
        let mut options = options(self.kind, "2026-11-29");
        change(&mut options);
        read(self.folder.path(), &options)
    }

    fn read(&self) -> Export {
        self.read_with(|_| ()).expect("is read")
    }

    /// The whole error message.
    fn refusal(&self) -> String {
        let error = self.read_with(|_| ()).expect_err("is refused");
        let mut lines = vec![error.message.clone()];
        lines.extend(error.causes.iter().cloned());
        lines.extend(error.hint.iter().map(|hint| format!("hint: {hint}")));
        lines.join("\n")
    }
}

/// `class: t-01* s-101`, with a star for leaders.
fn classes(export: &Export) -> BTreeMap<String, Vec<String>> {
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &export.table.rows[1..] {
        let star = if row.text(10) == "yes" { "*" } else { "" };
        classes.entry(row.text(0).to_owned()).or_default().push(format!("{}{star}", row.text(6)));
    }
    classes
}

fn people(export: &Export, class: &str) -> String {
    classes(export).remove(class).unwrap_or_default().join(" ")
}

fn left_out(export: &Export) -> Vec<String> {
    let Source::Export { left_out, .. } = &export.table.source else { panic!("is an export") };
    left_out.iter().map(|(count, words)| format!("{count} {words}")).collect()
}

fn warnings(export: &Export) -> &[String] {
    let Source::Export { warnings, .. } = &export.table.source else { panic!("is an export") };
    warnings
}

fn row<'a>(export: &'a Export, class: &str, person: &str) -> Vec<&'a str> {
    let is_it = |row: &&Row| row.text(0) == class && row.text(6) == person;
    let row = export.table.rows[1..].iter().find(is_it).expect("is there");
    row.cells.iter().map(|cell| &*cell.text).collect()
}

#[test]
fn every_sample_gives_the_same_twelve_pairs_as_a_folder_and_as_an_archive() {
    for (name, kind, format) in SETS {
        for path in [sample(name), sample(&format!("{name}.zip"))] {
            assert_eq!(recognise(&path, None).expect("is read"), Some(kind), "{name}");
            for day in ["2026-10-16", "2026-11-29", "2027-01-31"] {
                let export = read(&path, &options(kind, day)).expect("is read");
                let Source::Export { format: found, .. } = export.table.source else { panic!() };
                assert_eq!(found, format);
                assert_eq!(export.table.rows.len(), 13, "{name} {day}");
                assert_eq!(people(&export, "k-mat-7a"), "t-01* s-101 s-102 s-103 s-104");
                let leads = if kind == Kind::Sds { "t-02* t-01*" } else { "t-02* t-01" };
                assert_eq!(people(&export, "k-eng-7a"), format!("{leads} s-104 s-105"));
                assert_eq!(people(&export, "k-sci-8b"), "t-02* s-106 s-107");
            }
        }
    }
}

#[test]
fn excluded_people_are_counted_by_reason() {
    for (name, expected) in [
        ("oneroster-1.1", vec!["1 deleted enrolment", "1 inactive person"]),
        ("oneroster-1.2", vec!["1 deleted enrolment", "1 inactive person"]),
        ("sds-1", vec!["1 inactive person"]),
        ("sds-2.1", vec!["1 person whose role has ended"]),
    ] {
        assert_eq!(left_out(&Set::new(name).read()), expected, "{name}");
    }
}

#[test]
fn a_row_shows_its_titles_names_and_source() {
    let export = Set::new("oneroster-1.2").read();
    let header: Vec<&str> = export.table.rows[0].cells.iter().map(|cell| &*cell.text).collect();
    assert_eq!(
        header.join("|"),
        "class|class title|school|term|grade|role|user id|given name|family name|email|leader"
    );
    assert_eq!(export.file_names, ["enrollments.csv"]);
    assert_eq!(export.table.rows[1].line, 2);
    assert_eq!(
        row(&export, "k-eng-7a", "s-104").join("|"),
        "k-eng-7a|English, group 7A|Linden Hill School|Semester 1|07|student|s-104|Dima|Volkov|\
         dimitri.volkov@students.lindenhill.example|"
    );
    assert_eq!(row(&export, "k-mat-7a", "t-01")[3], "Semester 1, Semester 2");
    let export = Set::new("sds-1").read();
    assert_eq!(export.file_names, ["TeacherRoster.csv", "StudentEnrollment.csv"]);
    let last = export.table.rows.last().expect("a row");
    assert_eq!((last.sheet, last.line), (1, 9));
    assert_eq!(
        row(&export, "k-eng-7a", "s-105").join("|"),
        "k-eng-7a|English, group 7A|Linden Hill School|Semester 1|7|student|s-105|Elif|Yıldırım||"
    );
    let maps: Vec<String> =
        export.maps.iter().map(|(field, map)| format!("{field}={map}")).collect();
    assert_eq!(
        maps,
        [
            "id={class}",
            "space name={class title}",
            "user id={user id}",
            "user name={given name} {family name}",
            "user email={email}",
            "role={role}",
            "leader={leader}"
        ]
    );
}

#[test]
fn a_file_of_changes_is_recognised() {
    let export = Set::new("oneroster-1.1").read();
    assert_eq!(
        warnings(&export),
        [
            "enrollments.csv contains only changes since the last export (delta), so people may be missing; use a full (bulk) export"
        ]
    );
    let set =
        Set::new("oneroster-1.1").replace("manifest.csv", "enrollments,delta", "enrollments,bulk");
    assert!(warnings(&set.read()).is_empty());
}

#[test]
fn a_status_applies_in_every_file_and_any_case() {
    for (gone, status) in
        [(true, "INACTIVE"), (true, "Deleted"), (true, "toBeDeleted"), (false, "Active")]
    {
        let set = || Set::new("oneroster-1.1");
        let export = set().replace("users.csv", "s-101,,", &format!("s-101,{status},")).read();
        let expected =
            if gone { "t-01* s-102 s-103 s-104" } else { "t-01* s-101 s-102 s-103 s-104" };
        assert_eq!(people(&export, "k-mat-7a"), expected, "{status}");
        let export =
            set().replace("classes.csv", "k-mat-7a,,", &format!("k-mat-7a,{status},")).read();
        assert_eq!(people(&export, "k-mat-7a").is_empty(), gone, "{status}");
        assert_eq!(left_out(&export).contains(&"1 inactive class".to_owned()), gone);
        let change = format!("e-101,{status},");
        let export = set().replace("enrollments.csv", "e-101,active,", &change).read();
        assert_eq!(people(&export, "k-mat-7a"), expected, "{status}");
    }
    let set = Set::new("oneroster-1.1").replace("users.csv", "s-101,,", "s-101,on leave,");
    assert_eq!(
        set.refusal(),
        "users.csv: unknown status (expected active, inactive, deleted or tobedeleted): line 4 \
         (\"on leave\")\nhint: fix the export, or add --skip-broken to leave these rows out"
    );
}

#[test]
fn enrolments_roles_and_terms_apply_on_their_days() {
    let dated = |begin: &str, end: &str| {
        let to = format!("k-mat-7a,org-1,s-101,student,,{begin},{end}");
        Set::new("oneroster-1.1").replace("enrollments.csv", "k-mat-7a,org-1,s-101,student,,,", &to)
    };
    for (begin, end, reason) in [
        ("", "2026-11-29", Some("1 enrolment that has ended")),
        ("2026-11-30", "", Some("1 enrolment that has not started")),
        ("2026-11-29", "2026-11-30", None),
    ] {
        let export = dated(begin, end).read();
        assert_eq!(people(&export, "k-mat-7a").contains("s-101"), reason.is_none());
        let is_said = reason.is_none_or(|reason| left_out(&export).contains(&reason.to_owned()));
        assert!(is_said, "{:?}", left_out(&export));
    }
    let set = Set::new("oneroster-1.1");
    let later = set.read_with(|options| options.on = "2027-02-01".parse().expect("a date"));
    let later = later.expect("is read");
    assert_eq!(classes(&later).into_keys().collect::<Vec<_>>(), ["k-mat-7a"]);
    assert_eq!(left_out(&later), ["2 classes whose terms are over", "1 deleted enrolment"]);
    let early = set.read_with(|options| options.on = "2026-08-01".parse().expect("a date"));
    assert_eq!(left_out(&early.expect("is read"))[0], "3 classes whose terms have not started");
    let role = Set::new("oneroster-1.2").replace(
        "roles.csv",
        "s-101,primary,student,,,",
        "s-101,primary,student,2026-09-01,2026-11-01,",
    );
    assert!(left_out(&role.read()).contains(&"1 person whose role has ended".to_owned()));
    let elsewhere = "r-s-101,,,s-101,primary,student,,,org-1,";
    // An active role at the school is enough, in any order; one at another school is not.
    let later = "r-x,,,s-101,primary,student,2027-01-01,,org-1,";
    for (roles, is_active) in [
        (format!("{elsewhere}\n{later}"), true),
        (format!("{later}\n{elsewhere}"), true),
        (format!("{later}\n{}", elsewhere.replace("org-1", "org-2")), false),
        (elsewhere.replace("org-1", "org-2"), true),
        (later.replace("org-1", "org-2"), false),
    ] {
        let set = Set::new("oneroster-1.2").replace("roles.csv", elsewhere, &roles);
        assert_eq!(people(&set.read(), "k-mat-7a").contains("s-101"), is_active, "{roles}");
    }
}

#[test]
fn either_the_primary_teacher_or_every_teacher_leads() {
    let unmarked =
        Set::new("oneroster-1.1").replace("enrollments.csv", ",teacher,true,", ",teacher,,");
    assert_eq!(people(&unmarked.read(), "k-eng-7a"), "t-02* t-01* s-104 s-105");
    let gone =
        Set::new("oneroster-1.1").replace("enrollments.csv", "e-002,active", "e-002,tobedeleted");
    assert_eq!(people(&gone.read(), "k-eng-7a"), "t-01* s-104 s-105");
    // A primary mark on a deleted enrolment does not count.
    let again = gone.replace(
        "enrollments.csv",
        "e-003,",
        "e-x,active,,k-eng-7a,org-1,t-02,teacher,,,\ne-003,",
    );
    assert_eq!(people(&again.read(), "k-eng-7a"), "t-02* t-01* s-104 s-105");
    let student = Set::new("oneroster-1.1").replace(
        "enrollments.csv",
        "org-1,s-104,student,,",
        "org-1,s-104,student,true,",
    );
    assert_eq!(people(&student.read(), "k-eng-7a"), "t-02* t-01 s-104 s-105");
}

#[test]
fn other_roles_and_duplicate_enrolments_are_counted() {
    let set = Set::new("oneroster-1.1")
        .replace("enrollments.csv", "s-101,student", "s-101,aide")
        .replace("enrollments.csv", "s-102,student", "s-102,ext:helper")
        .replace("enrollments.csv", "org-1,s-103,student", "org-1,s-104,Student");
    let export = set.read();
    assert_eq!(people(&export, "k-mat-7a"), "t-01* s-104");
    let counted = left_out(&export);
    assert_eq!(
        counted[..2],
        ["2 enrolments of aides, parents and others", "1 enrolment listed twice"]
    );
}

#[test]
fn header_spellings_and_unneeded_files_may_differ() {
    let set = Set::new("oneroster-1.1")
        .without("manifest.csv")
        .without("courses.csv")
        .without("orgs.csv")
        .without("academicSessions.csv")
        .replace(
            "classes.csv",
            "sourcedId,status,dateLastModified,title,grades",
            "SourceID,Status,dateModified,title,grade",
        )
        .replace(
            "enrollments.csv",
            "classSourcedId,schoolSourcedId,userSourcedId",
            "classSourceId,schoolSourceId,user_sourced_ids",
        )
        .replace(
            "users.csv",
            "sourcedId,status,dateLastModified,enabledUser",
            "sourcedid,status,metadata.x,enableduser",
        );
    let export = set.read();
    assert_eq!(recognise(set.folder.path(), None).expect("is read"), Some(Kind::OneRoster));
    assert_eq!(export.table.rows.len(), 13);
    assert_eq!(row(&export, "k-mat-7a", "s-101")[1..5], ["Mathematics 7A", "", "", "07"]);
}

#[test]
fn everything_missing_is_reported_at_once() {
    let set = Set::new("oneroster-1.1")
        .without("users.csv")
        .replace("enrollments.csv", "classSourcedId", "klass")
        .replace("enrollments.csv", "role", "what");
    assert_eq!(
        set.refusal(),
        "3 problems with the input; nothing was sent\n\
         users.csv is missing from this export\n\
         enrollments.csv: no column \"classSourcedId\"\n\
         enrollments.csv: no column \"role\"\n\
         hint: export all files of the OneRoster package, including their header lines"
    );
    let set =
        Set::new("sds-1").without("School.csv").without("Student.csv").without("TeacherRoster.csv");
    assert_eq!(
        set.refusal(),
        "3 problems with the input; nothing was sent\n\
         School.csv is missing from this export\n\
         Student.csv is missing from this export\n\
         TeacherRoster.csv is missing from this export\n\
         hint: export all School Data Sync files, including their header lines"
    );
}

#[test]
fn files_that_the_format_or_the_manifest_requires_must_be_there() {
    for (name, file) in [
        ("oneroster-1.1", "academicSessions"),
        ("oneroster-1.1", "orgs"),
        ("oneroster-1.1", "courses"),
        ("oneroster-1.2", "roles"),
        ("sds-2.1", "orgs"),
        ("sds-2.1", "roles"),
    ] {
        let set = Set::new(name).without(&format!("{file}.csv"));
        let missing = format!("{file}.csv is missing from this export\n");
        assert!(set.refusal().starts_with(&missing), "{name} {file}");
        if set.kind == Kind::Sds {
            continue;
        }
        let declared = format!("file.{file},bulk");
        let delta = set.replace("manifest.csv", &declared, &format!("file.{file},Delta"));
        assert!(delta.refusal().starts_with(&missing), "{name} {file}");
        let absent = delta.replace("manifest.csv", "Delta", "absent");
        assert_eq!(absent.read().table.rows.len(), 13, "{name} {file}");
        let unsaid = absent.replace("manifest.csv", &format!("file.{file},absent"), "other,x");
        assert_eq!(unsaid.read().table.rows.len(), 13, "{name} {file}");
    }
    let older = Set::new("sds-2.1").without("roles.csv").replace("users.csv", "sms", "role");
    assert_eq!(older.read().table.rows.len(), 14, "s-108 has no role that ends");
}

#[test]
fn columns_that_decide_who_gets_a_link_or_name_a_person_are_required() {
    for (name, file, column) in [
        ("oneroster-1.1", "users.csv", "enabledUser"),
        ("oneroster-1.1", "users.csv", "givenName"),
        ("oneroster-1.1", "users.csv", "familyName"),
        ("oneroster-1.1", "classes.csv", "termSourcedIds"),
        ("oneroster-1.2", "classes.csv", "schoolSourcedId"),
        ("oneroster-1.2", "roles.csv", "orgSourcedId"),
        ("sds-1", "Section.csv", "Section Name"),
        ("sds-1", "Student.csv", "First Name"),
        ("sds-1", "Teacher.csv", "Last Name"),
        ("sds-2.1", "users.csv", "familyName"),
        ("sds-2.1", "classes.csv", "orgSourcedId"),
        ("sds-2.1", "roles.csv", "orgSourcedId"),
    ] {
        let hint = match name {
            "sds-1" | "sds-2.1" => "export all School Data Sync files",
            _ => "export all files of the OneRoster package",
        };
        assert_eq!(
            Set::new(name).replace(file, column, "renamed").refusal(),
            format!("{file}: no column {column:?}\nhint: {hint}, including their header lines")
        );
    }
    let changes = Set::new("oneroster-1.1")
        .replace("manifest.csv", "academicSessions,bulk", "academicSessions,delta")
        .replace("academicSessions.csv", "status", "renamed");
    assert!(changes.refusal().starts_with("academicSessions.csv: no column \"status\"\n"));
}

#[test]
fn missing_columns_that_many_exports_leave_out_cause_a_warning() {
    let informal = Set::new("oneroster-1.1").without("manifest.csv").replace(
        "users.csv",
        "enabledUser",
        "renamed",
    );
    let nameless = |name: &str, file: &str, [given, family]: [&str; 2]| {
        Set::new(name).replace(file, given, "renamed").replace(file, family, "renamed too")
    };
    for (set, warning) in [
        (informal, "users.csv has no column \"enabledUser\", so disabled users are included"),
        (
            Set::new("sds-2.1").replace("classes.csv", "sessionSourcedIds", "renamed"),
            "classes.csv has no column \"sessionSourcedIds\", so classes whose terms are over are included",
        ),
        (
            nameless("sds-1", "Student.csv", ["First Name", "Last Name"]),
            "Student.csv has no columns \"First Name\" and \"Last Name\", so people's usernames are used as names",
        ),
        (
            nameless("sds-2.1", "users.csv", ["givenName", "familyName"]),
            "users.csv has no columns \"givenName\" and \"familyName\", so people's usernames are used as names",
        ),
    ] {
        assert_eq!(warnings(&set.read()), [warning]);
    }
}

#[test]
fn each_kind_of_dangling_identifier_is_one_error_or_is_skipped() {
    let set = Set::new("oneroster-1.1")
        .replace("users.csv", "s-10", "p-10")
        .replace("classes.csv", "k-sci-8b", "k-bio-8b")
        .replace("classes.csv", "org-1,sem-1,English", "org-1,sem-9,English");
    assert_eq!(
        set.refusal(),
        "3 problems with the input; nothing was sent\n\
         classes.csv: term not in academicSessions.csv: line 3 (\"sem-9\")\n\
         enrollments.csv: class not in classes.csv: line 5 (\"k-sci-8b\"), line 13 (\"k-sci-8b\"), \
         line 14 (\"k-sci-8b\") and 1 more\n\
         enrollments.csv: person not in users.csv: line 6 (\"s-101\"), line 7 (\"s-102\"), line 8 \
         (\"s-103\") and 1 more\n\
         hint: fix the export, or add --skip-broken to leave these rows out"
    );
    let export = set.read_with(|options| options.skip_broken = true).expect("is read");
    assert_eq!(people(&export, "k-mat-7a"), "t-01*");
    assert_eq!(
        left_out(&export),
        [
            "1 deleted enrolment",
            "1 broken row in classes.csv (term not in academicSessions.csv)",
            "4 broken rows in enrollments.csv (class not in classes.csv)",
            "4 broken rows in enrollments.csv (person not in users.csv)"
        ]
    );
}

#[test]
fn schools_and_courses_that_are_not_listed_are_errors_unless_the_cell_is_empty() {
    let enrolment = "k-eng-7a,org-1,s-105";
    let school = "enrollments.csv: school not in orgs.csv: line 11 (\"org-9\")";
    let course = "classes.csv: course not in courses.csv: line 3 (\"c-none\")";
    for (name, file, from, gone, error) in [
        ("oneroster-1.1", "enrollments.csv", enrolment, "k-eng-7a,org-9,s-105", school),
        ("oneroster-1.2", "classes.csv", "c-eng", "c-none", course),
        ("sds-2.1", "classes.csv", "c-eng", "c-none", course),
    ] {
        let set = Set::new(name).replace(file, from, gone);
        let hint = "hint: fix the export, or add --skip-broken to leave these rows out";
        assert_eq!(set.refusal(), format!("{error}\n{hint}"));
        let cell = if gone == "c-none" { gone } else { "org-9" };
        let empty = set.replace(file, cell, "");
        assert_eq!(empty.read().table.rows.len(), 13, "{name}");
    }
    let changes = Set::new("oneroster-1.1")
        .replace("manifest.csv", "courses,bulk", "courses,delta")
        .replace("classes.csv", "c-eng", "c-none");
    assert_eq!(changes.read().table.rows.len(), 13);
    let nothing = Set::new("sds-2.1").without("courses.csv");
    assert_eq!(nothing.read().table.rows.len(), 13);
}

#[test]
fn two_rows_with_the_same_identifier_must_agree() {
    let same = "s-101,,,true,org-1,student,ada.fenwick,{SIS:s-101},Ada,Fenwick";
    let set = Set::new("oneroster-1.1").replace(
        "users.csv",
        same,
        &format!(
            "s-101,,,true,org-2,student,ada.fenwick,,Ada,Fenwick,,S-101,\
                  ada.fenwick@students.lindenhill.example,,,,07,\n{same}"
        ),
    );
    assert!(people(&set.read(), "k-mat-7a").contains("s-101"));
    let set = set.replace("users.csv", "Ada,Fenwick,,S-101", "Ada,Fenn,,S-101").replace(
        "users.csv",
        "{SIS:s-101},Ada,Fenn",
        "{SIS:s-101},Ada,Fenwick",
    );
    assert_eq!(
        set.refusal(),
        "users.csv: listed twice, with different values: line 4 (\"s-101\")\nhint: fix the export, \
         or add --skip-broken to leave these rows out"
    );
}

#[test]
fn sds_1_students_and_teachers_with_the_same_id_are_different_people() {
    let set = Set::new("sds-1").replace("Student.csv", "s-101", "t-02").replace(
        "StudentEnrollment.csv",
        "k-mat-7a,s-101",
        "k-mat-7a,t-02",
    );
    let export = set.read();
    assert_eq!(row(&export, "k-mat-7a", "t-02")[5..9], ["student", "t-02", "Ada", "Fenwick"]);
    assert_eq!(row(&export, "k-sci-8b", "t-02")[5..9], ["teacher", "t-02", "Owen", "Brackley"]);
    assert_eq!(
        warnings(&export),
        [
            "1 id used by both a student and a teacher (such as t-02); to tell them apart, add --map \
             'user id={role}-{user id}'"
        ]
    );
}

#[test]
fn minimal_and_british_sds_1_exports_are_read() {
    // Removes the originals first: on case-insensitive file systems, these have the same names.
    let export = ["School", "Section", "Student", "Teacher", "StudentEnrollment", "TeacherRoster"]
        .into_iter()
        .fold(Set::new("sds-1"), |set, name| set.without(&format!("{name}.csv")))
        .write("school.csv", "DfE Number,Name\n1,Elm School\n")
        .write("section.csv", "ID,School DfE Number,Section Name\n7,1,Maths\n")
        .write("student.csv", "ID,School DfE Number,Username\n1,1,ada\n2,1,bo@elm.example\n")
        .write("teacher.csv", "ID,School DfE Number,Username\n1,1,owl\n")
        .write("studentenrollment.csv", "Section ID,ID\n7,1\n7,2\n")
        .write("teacherroster.csv", "Section ID,ID\n7,1\n")
        .read();
    let rows: Vec<Vec<&str>> = export.table.rows[1..]
        .iter()
        .map(|row| row.cells.iter().map(|cell| &*cell.text).collect())
        .collect();
    assert_eq!(
        rows,
        [
            ["7", "Maths", "Elm School", "", "", "teacher", "1", "owl", "", "", "yes"],
            ["7", "Maths", "Elm School", "", "", "student", "1", "ada", "", "", ""],
            [
                "7",
                "Maths",
                "Elm School",
                "",
                "",
                "student",
                "2",
                "bo@elm.example",
                "",
                "bo@elm.example",
                ""
            ],
        ]
    );
}

#[test]
fn past_sections_and_sessions_are_skipped() {
    let over = Set::new("sds-1").replace(
        "Section.csv",
        "2026-09-01,2027-02-01,c-sci",
        "9/1/2026,11/28/2026,c-sci",
    );
    assert_eq!(left_out(&over.read())[0], "1 class whose terms are over");
    let over = Set::new("sds-2.1").replace(
        "academicSessions.csv",
        "2026-09-01,2027-02-01",
        "2026-09-01,2026-11-28",
    );
    assert_eq!(left_out(&over.read())[0], "2 classes whose terms are over");
    let role = Set::new("sds-2.1").replace(
        "roles.csv",
        "s-101,org-1,student,year-2027",
        "s-101,org-1,student,sem-2",
    );
    assert!(left_out(&role.read()).contains(&"1 person whose role has not started".to_owned()));
}

#[test]
fn files_that_are_not_exports_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let refusal = |path: &Path| {
        let error = recognise(path, None).expect_err("is refused").to_string();
        error.replace(&folder.path().display().to_string(), "FOLDER")
    };
    assert_eq!(refusal(folder.path()), "FOLDER is not a OneRoster or School Data Sync export");
    std::fs::write(folder.path().join("x.zip"), "PK").expect("is written");
    let message = refusal(&folder.path().join("x.zip"));
    assert!(message.contains("x.zip is not a readable zip archive ("), "{message}");
    for name in ["class.csv", "class.xlsx", "gone.csv"] {
        assert_eq!(recognise(&folder.path().join(name), None).expect("is fine"), None);
    }
    let calendar = recognise(&folder.path().join("Lessons.ICS"), None);
    assert_eq!(calendar.expect("is fine"), Some(Kind::Calendar));
    let gone = read(&folder.path().join("gone.zip"), &options(Kind::OneRoster, "2026-11-29"));
    assert!(gone.expect_err("is refused").to_string().ends_with("gone.zip does not exist"));
}

/// Writes an archive with these files.
fn archive(path: &Path, files: &[(&str, &[u8])]) {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).expect("is made"));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
        archive.start_file(*name, options).expect("is started");
        archive.write_all(text).expect("is written");
    }
    archive.finish().expect("is finished");
}

#[test]
fn archives_have_a_size_limit_and_their_names_are_never_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("export.zip");
    let read_it = || read(&path, &options(Kind::OneRoster, "2026-11-29"));
    let users = b"sourcedId,givenName,familyName\nu1,Ada,Byron\n";
    let classes = b"sourcedId,title\nc1,Chemistry\n";
    let enrolments = b"classSourcedId,userSourcedId,role\nc1,u1,student\n";
    archive(
        &path,
        &[
            ("../../export/users.csv", users),
            ("../../export/classes.csv", classes),
            ("../../export/enrollments.csv", enrolments),
            ("__MACOSX/export/users.csv", b"x"),
        ],
    );
    assert_eq!(read_it().expect("is read").table.rows.len(), 2);
    archive(
        &path,
        &[
            ("a/users.csv", users),
            ("b/users.csv", users),
            ("classes.csv", classes),
            ("enrollments.csv", enrolments),
        ],
    );
    assert_eq!(
        read_it().expect_err("is refused").to_string(),
        "users.csv appears twice in this export (in two folders, or in upper and lower case); remove one"
    );
    let bomb = vec![b'x'; usize::try_from(package::MAX_SIZE).expect("fits") + 1];
    archive(
        &path,
        &[("users.csv", &bomb), ("classes.csv", classes), ("enrollments.csv", enrolments)],
    );
    assert_eq!(
        read_it().expect_err("is refused").to_string(),
        "users.csv makes this export larger than 64 MiB"
    );
    let many: Vec<String> = (0..10_001).map(|number| format!("{number}.csv")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    archive(&path, &many);
    let message = read_it().expect_err("is refused").to_string();
    assert!(message.ends_with("export.zip contains more than 10000 files"), "{message}");
}

#[test]
fn a_large_school_can_be_read() {
    let rows = |row: fn(usize) -> String| (0..2000).map(row).collect::<Vec<_>>().concat();
    let users = rows(|number| format!("s{number},Ada,Byron\n"));
    let classes = rows(|number| format!("c{number},Class\n"));
    let enrolments = rows(|number| {
        let class = |offset| (number * 7 + offset) % 2000;
        (0..10).map(|it| format!("c{},s{number},student\n", class(it))).collect::<Vec<_>>().concat()
    });
    let set = Set::new("oneroster-1.1")
        .without("manifest.csv")
        .without("academicSessions.csv")
        .write("users.csv", &format!("sourcedId,givenName,familyName\n{users}"))
        .write("classes.csv", &format!("sourcedId,title\n{classes}"))
        .write("enrollments.csv", &format!("classSourcedId,userSourcedId,role\n{enrolments}"));
    assert_eq!(set.read().table.rows.len(), 20_001);
}
