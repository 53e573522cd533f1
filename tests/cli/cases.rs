//! Small rosters that were once read incorrectly, each with its correct result. They are in
//! `data/cases`, and each represents a whole class of errors.
//!
//! Lessons must be in the future whenever the tests run, so the years of their dates are moved:
//! December 2099 has the weekdays of December 2026, and March 2100 those of March 2027.

use std::fs;
use std::path::Path;

use crate::roster::{links, statuses};
use crate::seen::Output;
use crate::support::TestEnv;

/// An environment with one case and no key.
fn folder(case: &str) -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/cases").join(case);
    env.write(case, fs::read(path).unwrap());
    env
}

/// Moves the dates of a case to a distant year.
fn later(env: &TestEnv, case: &str, year: &str, later: &str) {
    let path = env.path("work").join(case);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(year), "{text}");
    fs::write(path, text.replace(year, later)).unwrap();
}

/// The plan of a case, with arguments that may contain spaces.
fn plan_of(env: &TestEnv, case: &str, arguments: &[&str]) -> Output {
    env.cmd("batch").arg(case).arg("--dry-run").args(arguments).run()
}

fn plan(case: &str, arguments: &[&str]) -> Output {
    plan_of(&folder(case), case, arguments)
}

/// The bodies that would be sent.
fn bodies(case: &str, arguments: &[&str]) -> String {
    let env = folder(case);
    let output = env.cmd("batch").arg(case).args(&["--dry-run", "--json"]).args(arguments).run();
    assert_eq!(output.code, Some(0), "{output}");
    output.stdout
}

/// The events of a calendar, with folded lines joined.
fn events(env: &TestEnv, name: &str) -> Vec<String> {
    let text = fs::read_to_string(env.path("work").join(name)).unwrap().replace("\r\n ", "");
    text.split("BEGIN:VEVENT").skip(1).map(str::to_owned).collect()
}

const CLASS_AND_PUPIL: [&str; 4] = ["--map", "id={Class}", "--map", "user name={Pupil}"];

#[test]
fn hidden_rows_are_counted_and_require_a_choice() {
    for case in ["filtered.xlsx", "filtered.ods"] {
        plan(case, &[]).refused(
            "error: 2 rows are hidden (by hand or by a filter) and would be sent: Class, row 3 and \
             Class, row 5; add --hidden skip to leave them out, or --hidden include to send them\n",
        );
        plan(case, &["--hidden", "skip"]).showed(
            0,
            "2 links in 1 Space, about 1 s\nleft out: 2 hidden rows\n\
         no leader in 1 Space: chem7\n  to make a leader link, run: \
         lessonspace launch --id chem7 --leader\n\n\
             chem7\n  Ada  new\n  Cy   new\n",
            "columns sent: id, user name, role\n",
        );
        plan(case, &["--hidden", "include"]).succeeded(
            "4 links in 2 Spaces, about 1 s\n\
         no leader in 2 Spaces: chem7 and old_group\n  to make a leader link, run: \
         lessonspace launch --id chem7 --leader\n\n\
             chem7\n  Ada               new\n  Bo (left school)  new\n  Cy                new\n\n\
             old_group\n  Del               new\n",
        );
    }
}

#[test]
fn a_merged_cell_applies_to_all_its_rows() {
    plan("merged.xlsx", &[]).succeeded(
        "5 links in 2 Spaces, about 2 s\n\
         no leader in 2 Spaces: chem7 and phys8\n  to make a leader link, run: \
         lessonspace launch --id chem7 --leader\n\n\
         chem7\n  Ada  new\n  Bo   new\n  Cy   new\n\n\
         phys8\n  Del  new\n  Eve  new\n",
    );
}

#[test]
fn ids_are_sent_as_displayed() {
    for case in ["padded-ids.xlsx", "padded-ids.ods"] {
        assert_eq!(
            bodies(case, &[]),
            "{\"id\":\"0701\",\"user\":{\"id\":\"0000042\",\"name\":\"Ada\"}}\n\
             {\"id\":\"0701\",\"user\":{\"id\":\"1234567\",\"name\":\"Bo\"}}\n\
             {\"id\":\"0012\",\"user\":{\"id\":\"0000007\",\"name\":\"Cy\"}}\n",
            "{case}"
        );
    }
}

#[test]
fn formulas_without_a_stored_value_are_refused_with_their_cells() {
    plan("formula-zero.xls", &[]).refused(
        "error: id: \"0\": the value of this formula was not saved; open the file in Excel or \
         LibreOffice and save it again: Sheet!C2, Sheet!C3 and Sheet!C4\n",
    );
}

#[test]
fn a_cell_outside_any_spreadsheet_is_reported_as_damage_at_once() {
    for (case, cell) in [("far-cell.xlsx", "ZZZZZZZZ2"), ("far-cell-2.xlsx", "ZZZZ2")] {
        let begin = std::time::Instant::now();
        plan(case, &[]).refused(&format!(
            "error: {case} is damaged (cell {cell} is beyond the limit of 16,384 columns \
             and 1,048,576 rows); open it in Excel and save it again\n"
        ));
        assert!(begin.elapsed().as_secs() < 5, "{case} took {:?}", begin.elapsed());
    }
}

#[test]
fn a_date_without_a_time_is_not_midnight() {
    plan("date-without-time.xlsx", &[]).refused(
        "error: '7B'!C2, not before (id \"chem7\"): \"2027-01-14\" has no time of day; add one, such \
         as 2027-01-14 14:00\n",
    );
}

#[test]
fn a_class_that_became_a_date_is_refused_with_both_values() {
    plan("class-became-a-date.xlsx", &CLASS_AND_PUPIL).refused(
        "error: Sheet!A2, --map id, {Class}: the cell shows \"1-2\" but contains \"2026-02-01\"; \
         format the column as text and enter the value again\n",
    );
}

#[test]
fn one_sheet_per_class_makes_one_space_per_class() {
    let case = "a-sheet-a-class.xlsx";
    let env = folder(case);
    let maps = ["--all-sheets", "--map", "id={sheet}", "--map", "user name={Pupil}"];
    plan_of(&env, case, &maps).succeeded(
        "4 links in 2 Spaces, about 1 s\n\
         no leader in 2 Spaces: 7A and 7B\n  to make a leader link, run: \
         lessonspace launch --id 7A --leader\n\n\
         7A\n  Ada 7A  new\n  Bo 7A   new\n\n\
         7B\n  Ada 7B  new\n  Bo 7B   new\n",
    );
    env.cmd("batch").arg(case).args(&maps).args(&["-o", "links.csv", "--sandbox"]).run();
    let text = fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert_eq!(
        text.lines().next(),
        Some("sheet,Pupil,E-mail,link_status,client_url,expires_at,room_id,link_error")
    );
    let rows = links(&env, "links.csv");
    let found: Vec<_> = rows.iter().map(|row| (&*row["sheet"], &*row["Pupil"])).collect();
    assert_eq!(found, [("7A", "Ada 7A"), ("7A", "Bo 7A"), ("7B", "Ada 7B"), ("7B", "Bo 7B")]);
    assert!(rows.iter().all(|row| row["client_url"].starts_with("https://sandbox.invalid/")));
    assert_ne!(rows[0]["room_id"], rows[2]["room_id"]);
}

#[test]
fn notes_below_the_table_are_not_guests() {
    plan("notes-below.csv", &[]).refused(
        "error: no person: the row has no user id, name or email; for a guest link, add --guest: \
         lines 5 and 6\n",
    );
}

#[test]
fn unknown_person_columns_are_listed_with_the_maps_to_read_them() {
    let case = "unknown-person-columns.csv";
    plan(case, &[]).refused(
        "error: no person: columns \"Pupil\" and \"E-mail address\" may contain the name; add --map \
         'user name={Pupil}' --map 'user email={E-mail address}', or --guest for guest links: lines 2 \
         and 3\n",
    );
    assert_eq!(
        bodies(case, &["--map", "user name={Pupil}", "--map", "user email={E-mail address}"]),
        "{\"id\":\"chem7\",\"user\":{\"name\":\"Ada\",\"email\":\"ada@example.org\"}}\n\
         {\"id\":\"phys8\",\"user\":{\"name\":\"Bo\",\"email\":\"bo@example.org\"}}\n"
    );
}

#[test]
fn ids_that_join_into_the_same_text_are_refused_with_both_rows() {
    let maps = ["--map", "id={Class}{Group}", "--map", "user name={Pupil}"];
    plan("ids-run-together.csv", &maps).refused(
        "error: line 3, id (id \"111\"): the parts \"11\" and \"1\" make the same id as \"1\" and \"11\" on line 2; separate them with a character no cell contains, as in {A}_{B}\n",
    );
}

#[test]
fn cards_show_nothing_from_columns_that_are_not_sent() {
    let env = folder("private-column.csv");
    let output =
        env.cmd("batch private-column.csv --sandbox --rate 0").args(&CLASS_AND_PUPIL).run();
    output.showed(
        0,
        "",
        "warning: practice only: nothing is sent to Lessonspace\n\
         links file: private-column-links.csv\n\
         columns sent: Class, Pupil\n\
         columns kept but not sent: Need, Fee paid\n\
         4 links in 2 Spaces\n\
         no leader in 2 Spaces: 7b and 8c\n  to make a leader link, run: \
         lessonspace launch --sandbox --id 7b --leader\n\
         sent 4: 2 new Spaces, 2 links to existing ones\n\
         links saved to private-column-links.csv (only you can read it); each link is personal\n",
    );
    for form in ["html", "ics"] {
        let line = format!("handout private-column-links.csv -o cards.{form} --lang en");
        let made = env.run(&line);
        // The links are valid for a week, which is not a lesson.
        assert_eq!(made.code, Some(if form == "html" { 0 } else { 2 }), "{made}");
    }
    let page = fs::read_to_string(env.path("work/cards.html")).unwrap();
    let headings: Vec<_> = page.lines().filter(|line| line.starts_with("<h2 ")).collect();
    assert_eq!(
        headings,
        ["<h2 id=\"space-0\"><bdi>7b</bdi></h2>", "<h2 id=\"space-1\"><bdi>8c</bdi></h2>"]
    );
    for private in ["SEN", "none</", "Need", "Fee paid", ">no<", ">yes<"] {
        assert!(!page.contains(private), "{private:?} is on a card");
    }
}

#[test]
fn damaged_ids_are_each_reported_with_their_cause() {
    plan("damaged-ids.csv", &[]).refused(
        "error: 7 problems with the input; nothing was sent\n  \
         line 2, id: \"1e+05\": a spreadsheet shortened a long number; format the column as text, \
         enter the number again and save\n  \
         line 3, id: \"1001.0\": a program turned it into a decimal number; remove the .0, or export the \
         column as text\n  \
         line 4, id: \"02-Jan\": a spreadsheet turned it into a date; format the column as text and \
         enter the value again\n  \
         line 5, id: \"=\\\"007\\\"\": a formula, not a plain value; remove the =\" and the \"\n  \
         line 6, id: \"'0701\": a spreadsheet added the apostrophe at the start; remove it\n  \
         line 7, id: \"nan\": the word some programs write for an empty cell; clear the cell\n  \
         line 8, id: \"M\u{fffd}ller\": a letter was lost and replaced with \u{fffd}; export the \
         file again as UTF-8, or type the letter\n",
    );
}

#[test]
fn a_start_column_with_an_end_is_a_lesson_time() {
    let case = "time-ranges.csv";
    let env = folder(case);
    later(&env, case, "2026", "2099");
    let start = ["--map", "not before={Date} {Time}", "--map", "valid for=45m"];
    plan_of(&env, case, &[&CLASS_AND_PUPIL[..], &start].concat()).refused(
        "error: --map not before is a start and an end; use --lesson-time, or a column \"lesson \
         time\": lines 2, 3, 4, 5 and 6\n",
    );
    let lesson = ["--map", "lesson time={Date} {Time}"];
    plan_of(&env, case, &[&CLASS_AND_PUPIL[..], &lesson].concat()).showed(
        0,
        "5 links in 3 Spaces, about 2 s\nlesson times are in UTC\n\
         no leader in 3 Spaces: chem7, chem8 and chem9\n  to make a leader link, run: \
         lessonspace launch --id chem7 --leader\n\n\
         chem7\n  Ada  Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n\n\
         chem8\n  Bo   Tue 1 Dec 2099, 09:00 to 10:00 UTC  new\n\n\
         chem9\n  \
         Cy   Tue 1 Dec 2099, 11:30 to 12:15 UTC  new\n  \
         Del  Tue 1 Dec 2099, 15:00 to 16:00 UTC  new\n  \
         Eve  Tue 1 Dec 2099, 15:00 to 16:00 UTC  new\n",
        "columns sent: Class, Pupil, Date, Time\n",
    );
}

#[test]
fn a_map_takes_precedence_over_a_column_with_that_name() {
    let maps = [
        "--map",
        "user name={Invitee Name}",
        "--map",
        "user email={Invitee Email}",
        "--map",
        "id=lesson-{UUID}",
    ];
    let reading = "--map is used instead of column \"User Name\"\n\
                   columns sent: Invitee Name, Invitee Email, UUID\n\
                   columns kept but not sent: Team, User Name, Invitee Time Zone, Event Type Name, \
                   Start Date & Time, End Date & Time, Canceled, Event Created Date & Time\n\
                   lesson times are not read from Start Date & Time, so links last 7 days\n";
    plan("calendly.csv", &maps).showed(
        0,
        "2 links in 2 Spaces, about 1 s\n\
         no leader in 2 Spaces: lesson-abc-1 and lesson-abc-2\n  to make a leader link, run: \
         lessonspace launch --id lesson-abc-1 --leader\n\n\
         lesson-abc-1\n  Ada Byron  new\n\n\
         lesson-abc-2\n  Bo Li      new\n",
        reading,
    );
    plan("calendly.csv", &[&maps[..], &["--only", "Canceled=false"]].concat()).showed(
        0,
        "1 link in 1 Space, about 1 s\nleft out: 1 row (--only)\n\
         no leader in 1 Space: lesson-abc-1\n  to make a leader link, run: \
         lessonspace launch --id lesson-abc-1 --leader\n\nlesson-abc-1\n  Ada Byron  new\n",
        reading,
    );
}

#[test]
fn each_of_several_people_in_a_cell_gets_a_link() {
    let case = "groups.csv";
    plan(case, &["--map", "id={Group}", "--map", "user name={Students}"]).refused(
        "error: --map user name looks like several people; to give each a link, use a recipe with \
         each = \"{...}\" under [people.student]: lines 2 and 3\n",
    );
    let env = folder(case);
    let recipe = |separator: &str| {
        let text = format!(
            "[map]\nid = \"{{Group}}\"\n\
             [people.tutor]\n\"user name\" = \"{{Tutor}}\"\nleader = true\n\
             [people.student]\neach = \"{{Students}}\"\n{separator}\"user name\" = \"{{each}}\"\n"
        );
        env.write("groups.toml", text);
        env.run("batch groups.csv --recipe groups.toml --dry-run")
    };
    recipe("").refused(
        "error: line 2, [people.student] each (id \"chem7\"): \"Ada Byron, Bo Li; Cy Twombly\" contains \
         two kinds of separator; in the recipe, list those that separate people, such as separator = [\";\", \",\"]\n",
    );
    // Text that still looks like several people is rejected too.
    recipe("separator = [\";\", \",\"]\n").refused(
        "error: line 3, [people.student] user name (id \"phys8\"): \"Del Ito\\\\nEve Fox\" looks like \
         several people; to give each a link, use a recipe with each = \"{...}\" under [people.student]\n",
    );
    recipe("separator = [\";\", \",\", \"\\n\"]\n").succeeded(
        "7 links in 2 Spaces, about 2 s\n\n\
         chem7\n  \
         Kim Lee     leads  new\n  \
         Ada Byron          new\n  \
         Bo Li              new\n  \
         Cy Twombly         new\n\n\
         phys8\n  \
         Jo Ray      leads  new\n  \
         Del Ito            new\n  \
         Eve Fox            new\n",
    );
}

#[test]
fn a_roster_without_a_header_uses_column_letters() {
    let case = "no-header.csv";
    plan(case, &[]).refused(
        "error: header: no column for the Space id in the first 20 rows, and line 1 looks like data; \
         if the roster has no header, add --header 0 and use the columns A, B, C in --map\n",
    );
    plan(case, &["--map", "id={6092}", "--map", "user name={Max}"]).refused(
        "error: header: line 1 would be the header, but looks like data; if the roster has no \
         header, add --header 0 and use the columns A, B, C in --map\n",
    );
    let maps = [
        "--header",
        "0",
        "--map",
        "id={D}",
        "--map",
        "user name={C} {B}",
        "--map",
        "user id={A}",
        "--map",
        "space name={E} {F}",
    ];
    assert_eq!(
        bodies(case, &maps),
        "{\"id\":\"06e1\",\"user\":{\"name\":\"Max Muster\",\"id\":\"6092\"},\
         \"name\":\"Jg07-KA-1,Jg07-MA-C-1 20140422\"}\n\
         {\"id\":\"05e2\",\"user\":{\"name\":\"Silvia Meier\",\"id\":\"6139\"},\
         \"name\":\"Jg05-MC-B-1,Jg05-PPL-2 20120915\"}\n"
    );
}

#[test]
fn a_map_reads_times_of_day_without_a_colon() {
    let case = "untis.csv";
    let env = folder(case);
    later(&env, case, "2026", "2099");
    let maps = [
        "--map",
        "id={lessonId}",
        "--map",
        "user name={pupil}",
        "--map",
        "not before={date} {startTime|time}",
        "--map",
        "not after={date} {endTime|time}",
    ];
    plan_of(&env, case, &maps).showed(
        0,
        "2 links in 2 Spaces, about 1 s\nlesson times are in UTC\n\
         no leader in 2 Spaces: 4711 and 4712\n  to make a leader link, run: \
         lessonspace launch --id 4711 --leader\n\n\
         4711\n  Ada  Tue 1 Dec 2099, 07:55 to 08:40 UTC  new\n\n\
         4712\n  Bo   Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n",
        "columns sent: lessonId, pupil, date, startTime, endTime\n\
         columns kept but not sent: teacher\n",
    );
}

#[test]
fn a_recipe_defines_the_words_in_a_column() {
    let env = folder("roles.csv");
    let listed = "[values.role]\nTeacherEnrollment = \"teacher\"\nStudentEnrollment = \"student\"\n\
                  Host = \"teacher\"\nLehrer = \"teacher\"\n";
    env.write("roles.toml", listed);
    env.run("batch roles.csv --recipe roles.toml --dry-run").refused(
        "error: line 6, role (id \"chem7\"): \"guardian\" is not listed in [values.role]; add it to the recipe\n",
    );
    env.write("roles.toml", format!("{listed}guardian = \"student\"\n"));
    env.run("batch roles.csv --recipe roles.toml --dry-run --json").succeeded(
        "{\"id\":\"chem7\",\"user\":{\"name\":\"Kim\",\"role\":\"teacher\"}}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Ada\",\"role\":\"student\"}}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Lee\",\"role\":\"teacher\"}}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Mo\",\"role\":\"teacher\"}}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Pa\",\"role\":\"student\"}}\n",
    );
}

#[test]
fn weekdays_are_days_in_the_given_week() {
    let maps = [
        "--week-of",
        "2099-12-07",
        "--map",
        "id={Group}",
        "--map",
        "user name={Pupil}",
        "--map",
        "not before={Day} {Start}",
        "--map",
        "valid for=45m",
    ];
    plan("weekdays.csv", &maps).refused(
        "error: line 3, --map not before (id \"phys8\"): \"1Wed:2 10:00\" is not a valid time; use \
         2026-12-01T14:00:00Z, a local time such as \"2026-12-01 14:00\", or now\n",
    );
    plan("weekdays.csv", &[&maps[..], &["--only", "Pupil=Ada"]].concat()).succeeded(
        "1 link in 1 Space, about 1 s\nleft out: 1 row (--only)\nlesson times are in UTC\n\
         no leader in 1 Space: chem7\n  to make a leader link, run: \
         lessonspace launch --id chem7 --leader\n\n\
         chem7\n  Ada  Tue 8 Dec 2099, 14:00 to 14:45 UTC  new\n",
    );
}

#[test]
fn surplus_empty_cells_are_ignored() {
    assert_eq!(
        bodies("surplus-cells.csv", &[]),
        "{\"id\":\"chem7\",\"user\":{\"name\":\"Ada\",\"email\":\"ada@example.org\"}}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Cy\",\"email\":\"cy@example.org\"}}\n"
    );
}

#[test]
fn moved_lessons_are_moved_in_the_calendar_and_missing_ones_are_cancelled() {
    let env = folder("lessons-before.csv");
    let after = folder("lessons-after.csv");
    env.write("lessons-after.csv", fs::read(after.path("work/lessons-after.csv")).unwrap());
    for case in ["lessons-before.csv", "lessons-after.csv"] {
        later(&env, case, "2027", "2100");
    }
    env.run("batch lessons-before.csv -o links.csv --sandbox --rate 0").succeeded("");
    let handout = "handout links.csv -o lessons.ics --lesson-id {id} --lang en";
    env.run(handout).showed(
        0,
        "",
        "3 events for 2 Spaces saved to lessons.ics (only you can read it); each link is personal\n\
         warning: 3 practice links do not open real lessons; each event says so\n",
    );
    let before = events(&env, "lessons.ics");
    assert_eq!(before.len(), 3);
    env.run("batch lessons-after.csv -o links.csv --sandbox --rate 0 --resume").showed(
        0,
        "",
        "warning: practice only: nothing is sent to Lessonspace\n\
         columns sent: id, user name, user id, not before, valid for, role\n\
         2 links in 1 Space\n\
         lesson times are in UTC\n\
         no leader in 1 Space: maths\n  to make a leader link, run: \
         lessonspace launch --sandbox --id maths --leader\n\
         1 link still works for someone who is no longer in the roster\n\
         sent 2: 2 links to existing Spaces\n\
         links saved to links.csv (only you can read it); each link is personal\n",
    );
    assert_eq!(statuses(&env, "links.csv"), ["existing", "existing"]);
    env.run(&format!("{handout} --update")).showed(
        0,
        "",
        "2 events for 1 Space saved to lessons.ics (only you can read it); each link is personal\n\
         0 new, 2 moved or changed, 1 cancelled, 0 unchanged\n\
         warning: 2 practice links do not open real lessons; each event says so\n",
    );
    let now = events(&env, "lessons.ics");
    let of = |event: &str, name: &str| {
        let line = event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.to_owned()
    };
    let shown: Vec<_> = now
        .iter()
        .map(|event| [of(event, "SUMMARY:"), of(event, "DTSTART:"), of(event, "STATUS:")].join(" "))
        .collect();
    assert_eq!(
        shown,
        [
            "[Practice link] maths (Ada\\; \"the\" Byron\\, MSc) 21000329T150000Z CONFIRMED",
            "[Practice link] maths (Bo) 21000329T150000Z CONFIRMED",
            "[Practice link] physics (Bo) 21000330T233000Z CANCELLED",
        ]
    );
    for (before, now) in before.iter().zip(&now) {
        assert_eq!(of(before, "UID:"), of(now, "UID:"));
        let number = |event: &str| of(event, "SEQUENCE:").parse::<u64>().unwrap();
        assert!(number(now) > number(before), "{now}");
    }
}

#[test]
fn a_web_page_saved_as_xls_is_identified() {
    plan("html.xls", &[]).refused(
        "error: html.xls is a web page saved as .xls; open it in Excel and save it as .xlsx\n",
    );
    plan("html.xls", &["--format", "csv"]).refused(
        "error: html.xls is a web page, not CSV; download the file again, or save the page's table \
         as CSV\n",
    );
}

#[test]
fn a_workbook_with_a_password_is_identified() {
    plan("locked.ods", &[]).refused(
        "error: locked.ods has a password; remove it in Excel (File > Info > Protect Workbook) or \
         LibreOffice, and save a copy\n",
    );
}

#[test]
fn common_spellings_of_dates_and_durations_are_read() {
    let case = "date-forms.csv";
    let env = folder(case);
    later(&env, case, "2026", "2099");
    plan_of(&env, case, &["--dates", "dmy"]).refused(
        "error: line 2, valid for (id \"c\"): \"45\" has no unit; write 45m for minutes, or map the \
         column: --map 'valid for={Minutes}m'\n",
    );
    later(&env, case, "14:00,45\n", "14:00,45m\n");
    plan_of(&env, case, &["--dates", "dmy"]).succeeded(
        "7 links in 1 Space, about 2 s\nlesson times are in UTC\n\
         no leader in 1 Space: c\n  to make a leader link, run: \
         lessonspace launch --id c --leader\n\n\
         c\n  \
         Ada  Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n  \
         Bo   Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n  \
         Cy   Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n  \
         Del  Tue 1 Dec 2099, 14:00 to 15:30 UTC  new\n  \
         Eve  Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n  \
         Fay  Tue 1 Dec 2099, 14:00 to 14:45 UTC  new\n  \
         Gil  Tue 1 Dec 2099, 14:00 to 15:30 UTC  new\n",
    );
}
