//! `batch` reads the exports of school systems: `OneRoster`, School Data Sync, and calendars.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use serde_json::Value;

use crate::roster::{links, table};
use crate::school::School;
use crate::seen::Output;
use crate::seen::as_printed;
use crate::support::TestEnv;

const EXPORTS: [&str; 4] = ["oneroster-1.1", "oneroster-1.2", "sds-1", "sds-2.1"];

/// Copies the exports into the current folder of the runs.
fn exports(env: &TestEnv) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/exports");
    for name in EXPORTS {
        let folder = env.path("work").join(name);
        fs::create_dir(&folder).unwrap();
        for entry in fs::read_dir(data.join(name)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        let archive = format!("{name}.zip");
        fs::copy(data.join(&archive), env.path("work").join(archive)).unwrap();
    }
}

/// A dry run over an export.
fn plan(line: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    exports(&env);
    env.cmd(&format!("batch {line} --sandbox --dry-run")).args(flags).run()
}

/// Exit code 2 and exactly this error.
#[track_caller]
fn refused(output: &Output, error: &str) {
    output.failed(2);
    assert_eq!(output.stderr, format!("error: {error}\n"), "{output}");
}

const DELTA: &str = "warning: enrollments.csv contains only changes since the last export (delta), so people may be missing; use a full (bulk) export\n";

#[test]
fn every_export_gives_twelve_links_as_a_folder_and_as_an_archive() {
    let changes = "left out: 1 deleted enrolment, 1 inactive person\n";
    let several = "warning: more than one leader in 1 Space: k-eng-7a; Lessonspace recommends one leader per Space\n";
    for (name, format, warning, left_out, marta) in [
        ("oneroster-1.1", "OneRoster 1.1", DELTA, changes, "     "),
        ("oneroster-1.2", "OneRoster 1.2", DELTA, changes, "     "),
        ("sds-1", "School Data Sync v1", several, "left out: 1 inactive person\n", "leads"),
        (
            "sds-2.1",
            "School Data Sync v2.1",
            several,
            "left out: 1 person whose role has ended\n",
            "leads",
        ),
    ] {
        // The newer OneRoster has preferred names.
        let dimitri = if name == "oneroster-1.2" { "Dima Volkov   " } else { "Dimitri Volkov" };
        let expected = format!(
            "12 links in 3 Spaces, about 3 s\n{left_out}\n\
             k-mat-7a  Mathematics 7A\n  \
             Marta Quill       leads  new\n  \
             Ada Fenwick              new\n  \
             Björn Åkesson            new\n  \
             Chloé d'Aubray           new\n  \
             {dimitri}           new\n\n\
             k-eng-7a  English, group 7A\n  \
             Owen Brackley     leads  new\n  \
             Marta Quill       {marta}  new\n  \
             {dimitri}           new\n  \
             Elif Yıldırım            new\n\n\
             k-sci-8b  Science 8B\n  \
             Owen Brackley     leads  new\n  \
             Farid Nasser             new\n  \
             Grace Okoro-Lind         new\n"
        );
        for path in [name.to_owned(), format!("{name}.zip")] {
            let output = plan(&format!("{path} --on 2026-11-29"), &[]);
            output.succeeded(&expected);
            assert_eq!(
                output.stderr,
                format!(
                    "reading {format}\n\
                     columns sent: class, class title, role, user id, given name, family name, email, \
                     leader\ncolumns kept but not sent: school, term, grade\n{warning}"
                ),
                "{output}"
            );
        }
    }
}

#[test]
fn a_body_has_the_data_of_the_export() {
    for name in EXPORTS {
        let output = plan(&format!("{name} --on 2026-11-29 --json"), &[]);
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert_eq!(
            lines[0],
            "{\"id\":\"k-mat-7a\",\"name\":\"Mathematics 7A\",\"user\":{\"id\":\"t-01\",\"name\":\"Marta \
             Quill\",\"email\":\"marta.quill@lindenhill.example\",\"role\":\"teacher\",\"leader\":true}}",
            "{output}"
        );
        let elif: Vec<&str> = lines.iter().copied().filter(|line| line.contains("Elif")).collect();
        assert_eq!(
            elif,
            [&as_printed(
                "{\"id\":\"k-eng-7a\",\"name\":\"English, group 7A\",\"user\":{\"id\":\"s-105\",\
                     \"name\":\"Elif Yıldırım\",\"role\":\"student\"}}"
            )],
        );
    }
}

#[test]
fn links_files_have_the_columns_of_the_export_and_stay_up_to_date() {
    let school = School::open();
    let env = school.env();
    exports(&env);
    let run = "batch oneroster-1.1.zip --on 2026-11-29 -o links.csv --rate 0";
    env.run(run).succeeded("").says(&["sent 12: 3 new Spaces, 9 links to existing ones\n"]);
    let (header, rows) = table(&env.path("work/links.csv"));
    assert_eq!(
        header.join(","),
        "class,class title,school,term,grade,role,user id,given name,family name,email,leader,\
         link_status,client_url,expires_at,room_id,link_error"
    );
    assert_eq!(
        rows[0][..11],
        [
            "k-mat-7a",
            "Mathematics 7A",
            "Linden Hill School",
            "Semester 1, Semester 2",
            "07",
            "teacher",
            "t-01",
            "Marta",
            "Quill",
            "marta.quill@lindenhill.example",
            "yes"
        ]
    );
    for again in [run, "batch links.csv -o links.csv --rate 0"] {
        env.run(&format!("{again} --resume"))
            .succeeded("")
            .says(&["nothing to send: all 12 links are still good\n"]);
    }
    // A new pupil joins the class.
    let enrolments = env.path("work/oneroster-1.1/enrollments.csv");
    let more = "e-199,active,2026-11-02T08:15:00.000Z,k-mat-7a,org-1,s-107,student,,,\n";
    fs::write(&enrolments, fs::read_to_string(&enrolments).unwrap() + more).unwrap();
    env.run(&format!("{} --resume", run.replace(".zip", "")))
        .succeeded("")
        .says(&["1 link in 1 Space\n12 links are still good\n"]);
    assert_eq!(school.count(), 13);
    env.run("batch oneroster-1.1.zip --on 2026-11-29").failed(2).says(&["-o LINKS is required"]);
}

#[test]
fn maps_filters_and_recipes_work_on_an_export() {
    let output = plan(
        "sds-1 --on 2026-11-29",
        &[
            "--only",
            "class title=science 8b",
            "--map",
            "id={class}_{term}",
            "--map",
            "user name={family name}",
        ],
    );
    output.succeeded(
        "3 links in 1 Space, about 1 s\nleft out: 1 inactive person, 9 rows (--only)\n\n\
         k-sci-8b_Semester 1  Science 8B\n  \
         Brackley    leads  new\n  \
         Nasser             new\n  \
         Okoro-Lind         new\n",
    );
    refused(
        &plan("sds-1 --on 2026-11-29", &["--only", "clas title=x"]),
        "--only clas title=x: no column named \"clas title\"; did you mean {class title}?",
    );
    let env = TestEnv::new();
    exports(&env);
    let recipe = "only = [\"role=teacher\"]\n[map]\nid = \"staff\"\n[values.role]\nteacher = \"admin\"\n\
                  student = \"student\"\n";
    env.write("recipe.toml", recipe);
    let line = "batch sds-2.1.zip --on 2026-11-29 --recipe recipe.toml --sandbox --dry-run --json";
    // Both teach two classes, and would be in the same Space twice.
    let error = env.run(line).json_error(2, "usage");
    assert_eq!(
        error["problems"][0],
        serde_json::json!({"path": "sds-2.1.zip/enrollments.csv", "line": 3, "field": "space name",
            "id": "staff", "message": "differs from enrollments.csv, line 2 in the same Space"})
    );
    env.write(
        "recipe.toml",
        recipe.replace("staff", "staff {class}").replace("role=t", "class=k-mat-7a\", \"role=t"),
    );
    env.run(line).succeeded(
        "{\"id\":\"staff k-mat-7a\",\"name\":\"Mathematics 7A\",\"user\":{\"id\":\"t-01\",\"name\":\"Marta \
         Quill\",\"email\":\"marta.quill@lindenhill.example\",\"role\":\"admin\",\"leader\":true}}\n",
    );
}

#[test]
fn dangling_references_are_errors_or_skipped() {
    let env = TestEnv::new();
    exports(&env);
    let folder = env.path("work/oneroster-1.1");
    let enrolments = folder.join("enrollments.csv");
    let rows = "e-1,active,,k-none,org-1,s-101,student,,,\ne-2,active,,k-mat-7a,org-1,s-9,student,,,\n\
                e-3,active,,k-mat-7a,org-1,s-8,student,,,\n";
    fs::write(&enrolments, fs::read_to_string(&enrolments).unwrap() + rows).unwrap();
    let run = "batch oneroster-1.1 --on 2026-11-29 --dry-run";
    refused(
        &env.run(run),
        "2 problems with the input; nothing was sent\n  \
         enrollments.csv: class not in classes.csv: line 16 (\"k-none\")\n  \
         enrollments.csv: person not in users.csv: line 17 (\"s-9\"), line 18 (\"s-8\")\n\
         hint: fix the export, or add --skip-broken to leave these rows out",
    );
    let place = |line: u32, id: &str, message: &str| {
        let path = "oneroster-1.1/enrollments.csv";
        serde_json::json!({"path": path, "line": line, "id": id, "message": message})
    };
    assert_eq!(
        env.run(&format!("{run} --json")).json_error(2, "usage")["problems"],
        serde_json::json!([
            place(16, "k-none", "class not in classes.csv: \"k-none\""),
            place(17, "k-mat-7a", "person not in users.csv: \"s-9\""),
            place(18, "k-mat-7a", "person not in users.csv: \"s-8\""),
        ])
    );
    let output = env.run(&format!("{run} --skip-broken"));
    assert!(
        output.stdout.starts_with(
            "12 links in 3 Spaces, about 3 s\nleft out: 1 deleted enrolment, 1 inactive person, \
             1 broken row in enrollments.csv (class not in classes.csv), \
             2 broken rows in enrollments.csv (person not in users.csv)\n"
        ),
        "{output}"
    );
    fs::remove_file(folder.join("users.csv")).unwrap();
    refused(
        &env.run(run),
        "users.csv is missing from this export\n\
         hint: export all files of the OneRoster package, including their header lines",
    );
    fs::write(&enrolments, "classSourcedId,userSourcedId,status\n").unwrap();
    assert_eq!(
        env.run(&format!("{run} --json")).json_error(2, "usage")["problems"],
        serde_json::json!([
            {"path": "oneroster-1.1/users.csv", "message": "is missing from this export"},
            {"path": "oneroster-1.1/enrollments.csv", "field": "role", "message": "no column \"role\""},
        ])
    );
}

#[test]
fn files_that_are_not_exports_are_reported() {
    let env = TestEnv::new();
    exports(&env);
    fs::create_dir(env.path("work/empty")).unwrap();
    env.write("plain.csv", "id,user name\na,Ann\n");
    let missing = "3 problems with the input; nothing was sent\n  \
                   classes.csv is missing from this export\n  \
                   users.csv is missing from this export\n  \
                   enrollments.csv is missing from this export";
    for (line, error) in [
        ("empty", "empty is not a OneRoster or School Data Sync export"),
        ("empty --from oneroster", missing),
        (
            "sds-1.zip --from oneroster",
            "--from: sds-1.zip is a School Data Sync export; remove --from",
        ),
        ("sds-1.zip --from ics", "sds-1.zip is not a calendar (expected BEGIN:VCALENDAR)"),
        ("plain.csv --from oneroster", "plain.csv is not a folder or a .zip archive"),
        (
            "sds-1 --on 29.11.2026",
            "--on: \"29.11.2026\" is not a valid date; expected one such as 2026-12-01",
        ),
        ("sds-1 --days 0", "--days must be at least 1"),
    ] {
        let output = env.run(&format!("batch {line} --dry-run"));
        output.failed(2);
        let seen = &output.stderr;
        assert!(seen.starts_with(&format!("error: {error}")), "expected {error:?}\n{output}");
    }
    // Read as SDS, they would give links to people who have left.
    for name in ["oneroster-1.1", "oneroster-1.2.zip"] {
        let output = env.run(&format!("batch {name} --from sds --dry-run"));
        output.refused(&format!("error: --from: {name} is a OneRoster export; remove --from\n"));
    }
    // A folder with both is read as the format that --from names.
    for entry in fs::read_dir(env.path("work/sds-1")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), env.path("work/oneroster-1.1").join(entry.file_name())).unwrap();
    }
    for (from, format) in [("oneroster", "OneRoster 1.1"), ("sds", "School Data Sync v1")] {
        let line = format!("batch oneroster-1.1 --from {from} --on 2026-11-29 --sandbox --dry-run");
        env.run(&line).says(&[&format!("reading {format}\n")]);
    }
    let output = env.run("batch sds-1 --from moodle --dry-run");
    output.failed(2).says(&["moodle"]);
    let output = env.run("batch oneroster-1.2 --on 2030-01-01 --dry-run");
    output.failed(2).says(&["error: the roster has no rows\n  "]);
}

#[test]
fn a_file_of_the_export_is_never_the_links_file() {
    let env = TestEnv::new();
    exports(&env);
    for (export, file) in [("oneroster-1.1", "users.csv"), ("sds-1", "Section.csv")] {
        let path = env.path("work").join(export).join(file);
        let whole = fs::read(&path).unwrap();
        for flag in ["", "--force", "--resume"] {
            let line =
                format!("batch {export} --on 2026-11-29 --sandbox -o {export}/{file} {flag}");
            let error = format!("-o: {export}/{file} is part of the roster; choose another file");
            env.run(&line).failed(2).says(&[&format!("error: {error}\n")]);
        }
        assert_eq!(fs::read(&path).unwrap(), whole);
        // Another file in the same folder can be chosen, and is not read.
        let line =
            format!("batch {export} --on 2026-11-29 --sandbox --rate 0 -o {export}/links.csv");
        env.run(&line).succeeded("");
        env.run(&format!("{line} --resume")).succeeded("");
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let env = TestEnv::new();
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [
        ("classes.csv", b"sourcedId\n".to_vec()),
        ("enrollments.csv", b"sourcedId\n".to_vec()),
        ("users.csv", vec![b'x'; (64 << 20) + 1]),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 200_000);
    env.write("bomb.zip", bytes);
    let output = env.run("batch bomb.zip --dry-run");
    assert_eq!(
        output.failed(2).stderr,
        "error: users.csv makes this export larger than 64 MiB\n\
         hint: export fewer classes at a time, such as one school\n"
    );
    env.write("bad.zip", "PK, but not really");
    env.run("batch bad.zip --dry-run").failed(2).says(&["bad.zip is not a readable zip archive"]);
}

/// A weekly lesson with an organiser and two pupils and with its second date moved and renamed, and
/// entries that are skipped. 1 December 2098 is a Monday.
const CALENDAR: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Made up//EN
BEGIN:VEVENT
UID:maths@example.org
DTSTART;TZID=Europe/London:20981201T140000
DTEND;TZID=Europe/London:20981201T144500
RRULE:FREQ=WEEKLY;COUNT=20
SUMMARY:Maths
LOCATION:Room 4
ORGANIZER;CN=Marta Quill:mailto:marta@example.org
ATTENDEE;CN=Marta Quill:mailto:marta@example.org
ATTENDEE;CN=Ada Fenwick:mailto:ada@example.org
ATTENDEE:mailto:bo@example.org
ATTENDEE;PARTSTAT=DECLINED:mailto:cem@example.org
END:VEVENT
BEGIN:VEVENT
UID:maths@example.org
RECURRENCE-ID;TZID=Europe/London:20981208T140000
DTSTART;TZID=Europe/London:20981209T093000
DTEND;TZID=Europe/London:20981209T101500
SUMMARY:Maths (moved)
ORGANIZER;CN=Marta Quill:mailto:marta@example.org
ATTENDEE;CN=Ada Fenwick:mailto:ada@example.org
END:VEVENT
BEGIN:VEVENT
UID:inset@example.org
DTSTART;VALUE=DATE:20981203
SUMMARY:Inset day
ATTENDEE:mailto:ada@example.org
END:VEVENT
BEGIN:VEVENT
UID:gone@example.org
DTSTART:20981203T100000Z
DTEND:20981203T110000Z
STATUS:CANCELLED
SUMMARY:Art
ATTENDEE:mailto:ada@example.org
END:VEVENT
BEGIN:VEVENT
UID:alone@example.org
DTSTART:20981203T120000Z
DTEND:20981203T130000Z
SUMMARY:Planning
END:VEVENT
END:VCALENDAR
";

/// Writes the calendar with CRLF line endings, as the standard requires.
fn calendar(env: &TestEnv) {
    env.write("lessons.ics", CALENDAR.replace('\n', "\r\n"));
}

#[test]
fn a_calendar_gives_a_launch_for_each_lesson_and_person() {
    let env = TestEnv::new();
    calendar(&env);
    let run = "batch lessons.ics --sandbox --dry-run --time-zone Europe/London --on 2098-11-30";
    let output = env.run(run);
    output.succeeded(
        "5 links in 1 Space, about 2 s\n\
         left out: 1 all-day event, 1 cancelled lesson, 1 declined invitation, \
         1 lesson without attendees\n\n\
         maths@example.org  Maths\n  \
         Marta Quill     leads  Mon 1 Dec 2098, 14:00 to 14:45 GMT  new\n  \
         Ada Fenwick            Mon 1 Dec 2098, 14:00 to 14:45 GMT  new\n  \
         bo@example.org         Mon 1 Dec 2098, 14:00 to 14:45 GMT  new\n  \
         Marta Quill     leads  Tue 9 Dec 2098, 09:30 to 10:15 GMT  new\n  \
         Ada Fenwick            Tue 9 Dec 2098, 09:30 to 10:15 GMT  new\n",
    );
    let output = env.run(&format!("{run} --days 3 --json"));
    let bodies: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        bodies[..2],
        [
            serde_json::json!({"id": "maths@example.org", "name": "Maths",
                "timeouts": {"not_before": "2098-12-01T14:00:00Z", "not_after": "2098-12-01T14:45:00Z"},
                "user": {"name": "Marta Quill", "email": "marta@example.org", "role": "teacher",
                    "leader": true}}),
            serde_json::json!({"id": "maths@example.org", "name": "Maths",
                "timeouts": {"not_before": "2098-12-01T14:00:00Z", "not_after": "2098-12-01T14:45:00Z"},
                "user": {"name": "Ada Fenwick", "email": "ada@example.org", "role": "student"}}),
        ]
    );
    assert_eq!((bodies.len(), bodies[2]["user"]["name"].as_str()), (3, Some("bo@example.org")));
    for (flag, links) in [("--days 21", 8), ("--only summary~math", 5), ("--only start~T09:30", 2)]
    {
        let output = env.run(&format!("{run} {flag} --json"));
        assert_eq!((output.code, output.stdout.lines().count()), (Some(0), links), "{output}");
    }
    env.run(&format!("{run} --only summary~art")).failed(2).says(&["--only excludes every row\n"]);
    let endless = CALENDAR.replace("DTEND;TZID=Europe/London:20981201T144500\n", "");
    env.write("st.ics", endless);
    let error = env.run(&format!("{} --json", run.replace("lessons", "st"))).json_error(2, "usage");
    assert_eq!(
        error["problems"],
        serde_json::json!([{"path": "st.ics", "line": 4, "id": "maths@example.org",
            "message": "no end (DTEND or DURATION) after the start: \"Maths\""}])
    );
    refused(
        &env.run("batch lessons.ics --sandbox --dry-run --time-zone Europe/London --on 2097-01-01"),
        "the calendar has no lessons with attendees on these days\n\
         hint: by default, batch reads the next 14 days, starting today; to choose other days, use --on and --days",
    );
}

#[test]
fn the_links_of_a_calendar_can_be_written_as_a_calendar() {
    let school = School::open();
    let env = school.env();
    calendar(&env);
    let run = "batch lessons.ics --on 2098-11-30 -o links.csv --rate 0 --time-zone Europe/London";
    env.run(run).succeeded("").says(&["sent 5: 1 new Space, 4 links to existing ones\n"]);
    let (header, _) = table(&env.path("work/links.csv"));
    assert_eq!(header[..9].join(","), "uid,summary,start,end,location,role,name,email,leader");
    // A week later there are new lessons; the links of the earlier ones are unchanged.
    env.run(&format!("{} --resume", run.replace("11-30", "12-07")))
        .succeeded("")
        .says(&["3 links in 1 Space\n2 links are still good\n"]);
    assert_eq!(links(&env, "links.csv").len(), 5);
    assert_eq!(school.count(), 8);
    let env = TestEnv::new();
    calendar(&env);
    env.run(&format!("{run} --sandbox")).succeeded("");
    env.run("handout links.csv -o calendar.ics")
        .succeeded("")
        .says(&["5 events for 1 Space saved to calendar.ics"]);
    let text = fs::read_to_string(env.path("work/calendar.ics")).unwrap().replace("\r\n ", "");
    let events: Vec<&str> = text.split("BEGIN:VEVENT").skip(1).collect();
    assert_eq!(events.len(), 5);
    assert!(events[0].contains("DTSTART:20981201T140000Z\r\nDTEND:20981201T144500Z\r\n"), "{text}");
    assert!(events[0].contains("Maths (Marta Quill)"), "{text}");
    assert!(events.iter().all(|it| it.contains("URL:https://sandbox.invalid/")), "{text}");
    let uids: std::collections::HashSet<&str> =
        text.lines().filter(|line| line.starts_with("UID:")).collect();
    assert!(uids.len() == 5 && uids.iter().all(|uid| !uid.contains("maths@")), "{text}");
}
