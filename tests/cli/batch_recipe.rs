//! `batch --recipe`: a lesson sheet with one row per lesson, each with a tutor and a student.

use std::fs;

use crate::batch_sheets::workbook;
use crate::roster::links;
use crate::school::{Reply, School};
use crate::seen::Output;
use crate::support::TestEnv;

const RECIPE: &str = r#"
header = 3
dates = "dmy"

[map]
id = "{Tutor ID}_{Student ID}"
"space name" = "{Subject}: {Student}"
"not before" = "{Date} {Start}"
"valid for" = "{Minutes}m"

[people.tutor]
"user name" = "{Tutor}"
"user email" = "{Tutor e-mail}"
leader = "yes"

[people.student]
"user name" = "{Student}"
role = "student"
"#;

const LESSONS: &str = "Autumn term\n\
    as of 1 December\n\
    Date,Start,Minutes,Tutor ID,Tutor,Tutor e-mail,Student ID,Student,Subject,name\n\
    01/12/2098,14:00,60,T1,Peter,peter@example.org,S1,Anna,Maths,x\n\
    02/12/2098,9:30,45,T1,Peter,,S2,Ben,Maths,\n\
    03/12/2098,10:00,45,T2,,,S3,Cem,Art,\n";

/// A school, a lesson sheet and its recipe.
fn lessons(school: &School) -> TestEnv {
    let env = school.env();
    env.write("lessons.csv", LESSONS);
    env.write("lesson.toml", RECIPE);
    env
}

fn plan(recipe: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("lessons.csv", LESSONS);
    env.write("lesson.toml", recipe);
    env.cmd("batch lessons.csv --recipe lesson.toml --dry-run").args(flags).run()
}

/// The same with `--json`: one body per line.
fn bodies(recipe: &str, flags: &[&str]) -> Output {
    plan(recipe, &flags.iter().copied().chain(["--json"]).collect::<Vec<_>>())
}

/// Exit code 2 and exactly this error.
#[track_caller]
fn refused(output: &Output, error: &str) {
    output.failed(2);
    assert_eq!(output.stderr, format!("error: {error}\n"), "{output}");
}

/// The same after a warning.
#[track_caller]
fn refused_after(output: &Output, warning: &str, error: &str) {
    output.failed(2);
    assert_eq!(output.stderr, format!("{warning}error: {error}\n"), "{output}");
}

#[test]
fn each_person_in_a_row_gets_a_launch() {
    let times = |start: &str, end: &str| {
        format!(
            r#""timeouts":{{"not_before":"2098-12-{start}:00Z","not_after":"2098-12-{end}:00Z"}}"#
        )
    };
    let (first, second, third) = (
        times("01T14:00", "01T15:00"),
        times("02T09:30", "02T10:15"),
        times("03T10:00", "03T10:45"),
    );
    bodies(RECIPE, &[]).succeeded(&format!(
        "{{\"id\":\"T1_S1\",\"user\":{{\"name\":\"Peter\",\"email\":\"peter@example.org\",\"leader\":true}},\"name\":\"Maths: Anna\",{first}}}\n\
         {{\"id\":\"T1_S1\",\"user\":{{\"name\":\"Anna\",\"role\":\"student\"}},\"name\":\"Maths: Anna\",{first}}}\n\
         {{\"id\":\"T1_S2\",\"user\":{{\"name\":\"Peter\",\"leader\":true}},\"name\":\"Maths: Ben\",{second}}}\n\
         {{\"id\":\"T1_S2\",\"user\":{{\"name\":\"Ben\",\"role\":\"student\"}},\"name\":\"Maths: Ben\",{second}}}\n\
         {{\"id\":\"T2_S3\",\"user\":{{\"name\":\"Cem\",\"role\":\"student\"}},\"name\":\"Art: Cem\",{third}}}\n"
    ));
    let output = plan(RECIPE, &[]);
    output.succeeded(
        "5 links in 3 Spaces, about 2 s\nlesson times are in UTC\n\
         no leader in 1 Space: T2_S3\n  to make a leader link, run: \
         lessonspace launch --id T2_S3 --leader\n\n\
         T1_S1  Maths: Anna\n  \
         Peter  leads  Mon 1 Dec 2098, 14:00 to 15:00 UTC  new\n  \
         Anna          Mon 1 Dec 2098, 14:00 to 15:00 UTC  new\n\n\
         T1_S2  Maths: Ben\n  \
         Peter  leads  Tue 2 Dec 2098, 09:30 to 10:15 UTC  new\n  \
         Ben           Tue 2 Dec 2098, 09:30 to 10:15 UTC  new\n\n\
         T2_S3  Art: Cem\n  \
         Cem           Wed 3 Dec 2098, 10:00 to 10:45 UTC  new\n",
    );
    assert_eq!(
        output.stderr,
        "the header is line 3; the rows above it are skipped\n\
         columns sent: Date, Start, Minutes, Tutor ID, Tutor, Tutor e-mail, Student ID, Student, \
         Subject\ncolumns kept but not sent: name\n"
    );
}

#[test]
fn a_persons_own_field_takes_precedence_over_the_shared_one() {
    let recipe = RECIPE.replace("[people.tutor]", "role = \"guest\"\n\n[people.tutor]");
    let output = bodies(&recipe, &[]);
    let roles = ["guest", "student"].map(|role| {
        let role = format!("\"role\":\"{role}\"");
        output.stdout.matches(&role).count()
    });
    assert_eq!(roles, [2, 3], "{output}");
}

#[test]
fn links_files_have_columns_for_each_person_and_work_with_the_same_recipe() {
    let school = School::open();
    let env = lessons(&school);
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).succeeded("").says(&["sent 5: 3 new Spaces, 2 links to existing ones\n"]);
    let rows = links(&env, "links.csv");
    let (header, _) = crate::roster::table(&env.path("work/links.csv"));
    assert_eq!(
        header[10..].join(","),
        "tutor_link_status,tutor_client_url,tutor_expires_at,tutor_link_error,\
         student_link_status,student_client_url,student_expires_at,student_link_error,room_id"
    );
    let statuses: Vec<_> = rows
        .iter()
        .map(|row| (row["tutor_link_status"].as_str(), row["student_link_status"].as_str()))
        .collect();
    assert_eq!(statuses, [("created", "existing"), ("created", "existing"), ("", "created")]);
    assert!(rows.iter().all(|row| row["student_client_url"].starts_with("https://")), "{rows:?}");
    assert_ne!(rows[0]["tutor_client_url"], rows[0]["student_client_url"]);
    assert_eq!(rows[2]["tutor_client_url"], "");
    assert!(rows.iter().all(|row| !row["room_id"].is_empty()), "{rows:?}");
    env.run(&format!("{run} --resume"))
        .succeeded("")
        .says(&["nothing to send: all 5 links are still good\n"]);
    // The title is gone, so the header is no longer on the recipe's line.
    env.run("batch links.csv --recipe lesson.toml -o again.csv --rate 0").succeeded("");
    assert_eq!(crate::roster::table(&env.path("work/again.csv")).0, header);
    assert_eq!(school.count(), 10);
}

#[test]
fn only_failed_launches_are_sent_again() {
    let school = School::script(|call| {
        if call.person == "Ben" && call.number < 5 {
            Reply::Status("400 Bad Request", &[], "{\"detail\":\"no\"}".to_owned())
        } else {
            Reply::Link
        }
    });
    let env = lessons(&school);
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).failed(7).says(&[
        "sent 4: 3 new Spaces, 1 link to an existing one; 1 failed\n",
        "error: 1 of 5 launches failed; see link_error in links.csv for the reasons\n",
    ]);
    let rows = links(&env, "links.csv");
    assert_eq!(rows[1]["student_link_status"], "failed");
    assert!(rows[1]["student_link_error"].contains("no"), "{rows:?}");
    assert_eq!(rows[1]["tutor_link_status"], "created");
    env.run(&format!("{run} --resume")).succeeded("").says(&["1 link in 1 Space (1 to retry)\n"]);
    assert_eq!(school.count(), 6);
    assert_eq!(links(&env, "links.csv")[1]["student_link_status"], "existing");
}

#[test]
fn a_row_with_a_past_lesson_time_is_ended_for_all_its_people() {
    let school = School::open();
    let env = lessons(&school);
    env.write("lessons.csv", LESSONS.replace("01/12/2098", "01/12/2020"));
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).succeeded("").says(&[
        "3 links in 2 Spaces\n2 lessons are already over: no link\n",
        "sent 3: 2 new Spaces, 1 link to an existing one; 2 already over\n",
    ]);
    let rows = links(&env, "links.csv");
    assert_eq!(rows[0]["tutor_link_status"], "ended");
    assert_eq!(rows[0]["student_link_status"], "ended");
    assert_eq!(school.count(), 3);
}

#[test]
fn lost_responses_and_renewals_are_per_person() {
    let soon = jiff::Timestamp::now().as_second() + 20 * 3600;
    let school = School::script(move |call| match (call.person.as_str(), call.earlier) {
        ("Anna", 0) => Reply::Cut,
        ("Ben", 0) => Reply::LinkUntil(soon),
        _ => Reply::LinkUntil(soon + 5 * 86_400),
    });
    let env = school.env();
    env.write("lessons.csv", "Day,Tutor,Student\nMon,Peter,Anna\nTue,Mary,Ben\n");
    env.write(
        "lesson.toml",
        "[map]\nid = \"{Day}\"\n[people.tutor]\n\"user name\" = \"{Tutor}\"\n\
         [people.student]\n\"user name\" = \"{Student}\"\n",
    );
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).succeeded("");
    let before = links(&env, "links.csv");
    assert_eq!(before[0]["student_link_status"], "unknown");
    assert_eq!(school.count(), 5);
    env.run(&format!("{run} --resume --min-valid 2d")).succeeded("").says(&["1 link in 1 Space"]);
    let after = links(&env, "links.csv");
    assert_ne!(before[1]["student_client_url"], after[1]["student_client_url"]);
    assert_eq!(before[1]["tutor_client_url"], after[1]["tutor_client_url"]);
    assert_eq!(before[0], after[0]);
}

#[test]
fn every_error_in_a_recipe_is_reported() {
    let recipe = RECIPE
        .replace("header = 3", "headr = 3")
        .replace("\"valid for\"", "\"valid fro\"")
        .replace("leader = \"yes\"", "leadr = \"yes\"")
        .replace("{Subject}", "{Subject");
    refused(
        &plan(&recipe, &[]),
        "4 problems with the input; nothing was sent\n  \
         lesson.toml, line 2: unknown key `headr`; did you mean `header`?\n  \
         lesson.toml, line 7, [map] space name has an unclosed { before \"Subject: {Student}\"; for a \
         literal {, write {{\n  \
         lesson.toml, line 9, [map] valid fro is not a known field; did you mean `valid for`?\n  \
         lesson.toml, line 14, [people.tutor] leadr is not a known field; did you mean `leader`?",
    );
    let without_id = RECIPE.replace("id = \"{Tutor ID}_{Student ID}\"", "");
    for (recipe, error) in [
        ("[map\n".to_owned(), "lesson.toml, line 1: invalid TOML: unclosed table, expected `]`"),
        (
            RECIPE.replace("{Subject}", "{Subjcet}"),
            "[map] space name: no column named \"Subjcet\"; did you mean {Subject}?",
        ),
        (without_id.clone(), "[map] has no id; add one, such as id = \"{Class}\""),
        (
            without_id.replace("header = 3", ""),
            "[map] has no id; add one, such as id = \"{Class}\"",
        ),
        (
            RECIPE.replace("[people.student]\n", "[people.student]\neach = \"Student\"\n"),
            "[people.student] each does not name a column; write the name in curly brackets, such as \
             \"{Students}\"",
        ),
        (
            RECIPE.replace("[people.student]\n", "[people.student]\nid = \"x\"\n"),
            "lesson.toml, line 17, [people.student] id is not allowed: a row is one Space; put id under \
             [map]",
        ),
        (
            "[map]\nid = \"{Xyz}\"\n[people.pupil]\n\"user name\" = \"{Abc}\"\n".to_owned(),
            "--recipe: none of its columns is in the roster: Xyz, Abc; the roster has: Date, Start, \
             Minutes, Tutor ID, Tutor, Tutor e-mail, Student ID, Student, Subject, name",
        ),
        (
            "week_of = \"soon\"\n".to_owned(),
            "lesson.toml, line 1: week_of: expected \"this\", \"next\" or a date, such as \
             \"2026-12-07\"",
        ),
        (
            "only = 1\nweek_of = 3\nhidden = \"no\"\nall_sheets = 1\n[people]\n".to_owned(),
            "5 problems with the input; nothing was sent\n  \
             lesson.toml, line 1: only: expected a list, such as [\"Status!=cancelled\"]\n  \
             lesson.toml, line 2: week_of: expected \"this\", \"next\" or a date, such as \
             \"2026-12-07\"\n  \
             lesson.toml, line 3: hidden: expected \"include\" or \"skip\"\n  \
             lesson.toml, line 4: all_sheets: expected true or false\n  \
             lesson.toml, line 5: people: expected at least one person, such as [people.tutor]",
        ),
    ] {
        refused(&plan(&recipe, &[]), error);
    }
    let env = TestEnv::new();
    env.write("lessons.csv", LESSONS);
    let output = env.run("batch lessons.csv --recipe none.toml --dry-run");
    refused(&output, "none.toml does not exist");
}

/// A roster with a class, several people in a cell, their role, and whether the lesson takes place.
const CLASSES: &str = "Class,Students,Role,Status\n\
    7a,Ada Byron; Bo Li,Schüler,ok\n\
    ,Cem Dan,lehrer,cancelled\n\
    7b,\"Eve\nFay\",Lehrer,ok\n\
    ,\"Gus, Hal\",Schüler,ok\n\
    7c,,Lehrer,ok\n";

const EACH: &str = r#"only = ["Status!=Cancelled"]
fill_down = ["Class"]

[values.Role]
Lehrer = "teacher"
"schüler" = "student"

[map]
id = "{Class}"

[people.student]
each = "{Students}"
"user name" = "{each}"
role = "{Role}"
"#;

/// The plan of these classes.
fn classes(roster: &str, recipe: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("classes.csv", roster);
    env.write("each.toml", recipe);
    env.cmd("batch classes.csv --recipe each.toml --dry-run").args(flags).run()
}

#[test]
fn each_of_several_people_in_a_cell_gets_a_launch() {
    let student = |id: &str, name: &str, role: &str| {
        format!("{{\"id\":\"{id}\",\"user\":{{\"name\":\"{name}\",\"role\":\"{role}\"}}}}\n")
    };
    let all = [
        student("7a", "Ada Byron", "student"),
        student("7a", "Bo Li", "student"),
        student("7a", "Cem Dan", "teacher"),
        student("7b", "Eve", "teacher"),
        student("7b", "Fay", "teacher"),
        student("7b", "Gus", "student"),
        student("7b", "Hal", "student"),
    ];
    let but_cancelled = [&all[..2], &all[3..]].concat().concat();
    classes(CLASSES, EACH, &["--json"]).succeeded(&but_cancelled);
    classes(CLASSES, EACH, &[]).says(&["columns sent: Class, Students, Role\n"]);
    // Flags replace the recipe's settings.
    classes(CLASSES, EACH, &["--json", "--only", "Status~C", "--only", "status=ok"])
        .succeeded(&all.concat());
    let flipped =
        EACH.replace("{each}", "{each|flip}").replace("each =", "separator = \";\"\neach =");
    classes(
        "Class,Students,Role,Status\n7a,\"Byron, Ada; Li, Bo\",lehrer,\n",
        &flipped,
        &["--json"],
    )
    .succeeded(
        &[student("7a", "Ada Byron", "teacher"), student("7a", "Bo Li", "teacher")].concat(),
    );
}

#[test]
fn values_are_replaced_as_written_or_else_regardless_of_case() {
    let recipe = "[values.Role]\nL = \"teacher\"\nl = \"student\"\n\"Schu\u{308}ler\" = \"student\"\n\
        [map]\nid = \"{Class}\"\n[people.student]\n\"user name\" = \"{Students}\"\nrole = \"{Role}\"\n";
    let roster = "Class,Students,Role\n7a,Ada,L\n7a,Bo,l\n7a,Cy,SCH\u{dc}LER\n";
    let body = |name: &str, role: &str| {
        format!("{{\"id\":\"7a\",\"user\":{{\"name\":\"{name}\",\"role\":\"{role}\"}}}}\n")
    };
    let expected = [body("Ada", "teacher"), body("Bo", "student"), body("Cy", "student")].concat();
    classes(roster, recipe, &["--json"]).succeeded(&expected);
    // Cells must be listed even if they are not sent.
    let unsent = recipe.replace("\nrole = \"{Role}\"", "");
    classes(&roster.replace(",l\n", ",x\n"), &unsent, &[]).failed(2).says(&[
        "line 3, Role (id \"7a\"): \"x\" is not listed in [values.Role]; add it to the recipe\n",
    ]);
}

#[test]
fn a_teacher_in_each_students_row_gets_one_link_with_once() {
    const RECIPE: &str = "[map]\nid = \"{Set}\"\n\"lesson time\" = \"{Time}\"\n\
        [people.tutor]\n\"user name\" = \"{Tutor}\"\nleader = \"yes\"\n\
        [people.pupil]\n\"user name\" = \"{Pupil}\"\n";
    const ROSTER: &str = "Pupil,Set,Tutor,Time,Status\n\
        Ada,7B,Kim Lee,2099-12-01 14:00-14:45,away\n\
        Ben,7B,Kim Lee,2099-12-01 14:00-14:45,\n\
        Cem,7B,Kim Lee,2099-12-01 14:00-14:45,\n\
        Dee,7B,Kim Lee,2099-12-02 14:00-14:45,\n\
        Eva,8A,Kim Lee,2099-12-02 14:00-14:45,\n";
    let school = School::open();
    let env = school.env();
    env.write("sets.csv", ROSTER);
    env.write("sets.toml", RECIPE);
    let batch = "batch sets.csv --recipe sets.toml -o links.csv --rate 0 --only Status!=away";
    env.run(batch).failed(2).says(&[
        "line 4 (id \"7B\"): the same person with the same lesson time is already on line 3; to make \
         one link for all these rows, add once = true to [people.tutor]\n",
    ]);
    let once = RECIPE.replace("[people.tutor]\n", "[people.tutor]\nonce = true\n");
    env.write("sets.toml", &once);
    env.run(batch).succeeded("").says(&["sent 7: 2 new Spaces, 5 links to existing ones"]);
    let status: Vec<String> = links(&env, "links.csv")
        .iter()
        .map(|row| {
            format!("{}: {} {}", row["Pupil"], row["tutor_link_status"], row["pupil_link_status"])
        })
        .collect();
    assert_eq!(
        status,
        [
            "Ada:  skipped",
            "Ben: created existing",
            "Cem:  existing",
            "Dee: existing existing",
            "Eva: created existing"
        ]
    );
    // In another order, the first row of each lesson has the link, and nothing is sent again.
    let mut rows: Vec<&str> = ROSTER.lines().collect();
    rows[1..].reverse();
    env.write("sets.csv", rows.join("\n"));
    env.run(&format!("{batch} --resume")).succeeded("").says(&["all 7 links are still good"]);
    env.run("handout links.csv -o cards.html").succeeded("").says(&["7 cards for 2 Spaces"]);
}

#[test]
fn two_kinds_of_separator_require_a_choice() {
    for (cell, kinds, list) in [
        ("Ada, Bo; Cem", "two", r#"";", ",""#),
        ("Ada; Bo\nCem", "two", r#"";", "\n""#),
        ("Ada, Bo\nCem", "two", r#""\n", ",""#),
        ("Ada, Bo\nCem; Dan", "three", r#"";", "\n", ",""#),
    ] {
        let roster = format!("Class,Students,Role,Status\n7a,\"{cell}\",lehrer,\n");
        refused(
            &classes(&roster, EACH, &[]),
            &format!(
                "line 2, [people.student] each: \"{}\" contains {kinds} kinds of separator; in the recipe, list those that separate people, such as separator = [{list}]",
                cell.replace('\n', "\\\\n")
            ),
        );
        let both = EACH.replace("each =", &format!("separator = [{list}]\neach ="));
        let output = classes(&roster, &both, &["--json"]);
        let people = if kinds == "three" { 4 } else { 3 };
        assert_eq!((output.code, output.stdout.lines().count()), (Some(0), people), "{output}");
    }
    // One entry that looks like several people.
    let one = EACH.replace("each =", "separator = \";\"\neach =");
    let roster = "Class,Students,Role,Status\n7a,\"Ada Byron, Bo Li; Cem\",lehrer,\n";
    classes(roster, &one, &[]).failed(2).says(&["\"Ada Byron, Bo Li\" looks like several people"]);
}

#[test]
fn the_columns_of_a_recipe_must_match_the_roster() {
    let recipe = EACH
        .replace("\"Status!", "\"Statsu!")
        .replace("[\"Class", "[\"Clas")
        .replace("s.Role", "s.Rolle");
    refused(
        &classes(CLASSES, &recipe, &[]),
        "3 problems with the input; nothing was sent\n  \
         fill_down: no column named \"Clas\"; did you mean {Class}?\n  \
         [values.Rolle]: no column named \"Rolle\"; did you mean {Role}?\n  \
         only Statsu!=Cancelled: no column named \"Statsu\"; did you mean {Status}?",
    );
    refused(
        &classes("Class,Students,Role,Status\n7a,Ada,x,\n7a,Bo,Lehrer,\n7a,Cem,,\n", EACH, &[]),
        "line 2, [people.student] role, {Role} (id \"7a\"): \"x\" is not listed in [values.Role]; add it to the recipe",
    );
    // Above the first filled cell there is nothing to fill down.
    classes("Class,Students,Role,Status\n,Ada,lehrer,\n7a,Bo,lehrer,\n", EACH, &[])
        .failed(2)
        .says(&["line 2, [map] id: {Class} is empty"]);
}

#[test]
fn links_files_number_the_people_of_a_cell_and_work_with_the_same_recipe() {
    let school = School::open();
    let env = school.env();
    env.write("classes.csv", CLASSES);
    env.write("each.toml", EACH);
    let run = "batch classes.csv --recipe each.toml -o links.csv --rate 0";
    env.run(run)
        .succeeded("")
        .says(&["sent 6: 2 new Spaces, 4 links to existing ones; 1 skipped\n"]);
    let (header, _) = crate::roster::table(&env.path("work/links.csv"));
    assert_eq!(
        header[4..].join(","),
        "student_1_link_status,student_1_client_url,student_1_expires_at,student_1_link_error,\
         student_2_link_status,student_2_client_url,student_2_expires_at,student_2_link_error,room_id"
    );
    let rows = links(&env, "links.csv");
    let statuses: Vec<_> = rows
        .iter()
        .map(|row| [&*row["student_1_link_status"], &*row["student_2_link_status"]])
        .collect();
    assert_eq!(
        statuses,
        [
            ["created", "existing"],
            ["skipped", ""],
            ["created", "existing"],
            ["existing"; 2],
            [""; 2]
        ]
    );
    assert_ne!(rows[0]["student_1_client_url"], rows[0]["student_2_client_url"]);
    env.run("batch links.csv --recipe each.toml -o links.csv --rate 0 --resume")
        .succeeded("")
        .says(&["nothing to send: all 6 links are still good; 1 skipped\n"]);
    assert_eq!(school.count(), 6);
}

#[test]
fn a_recipe_can_replace_the_flags() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let long = "x".repeat(70);
    env.write("r.csv", format!("title\nid,lesson time,who\n{long},Tue 14:00-14:45,\n"));
    let recipe = "header = 2\nweek_of = 2098-12-04\ntime_zone = \"America/New_York\"\nshorten_ids = true\n\
                  guest = true\n";
    env.write("r.toml", recipe);
    let output = env.run("batch r.csv --recipe r.toml --dry-run --json");
    let body: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(body["timeouts"]["not_before"], "2098-12-02T19:00:00Z", "{output}");
    assert_eq!(body["id"].as_str().map(str::len), Some(64));
    // Flags take precedence.
    let flags = "--week-of 2098-12-11 --time-zone UTC";
    let output = env.run(&format!("batch r.csv --recipe r.toml --dry-run --json {flags}"));
    let body: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(body["timeouts"]["not_before"], "2098-12-09T14:00:00Z", "{output}");
    for (key, error) in [
        ("guest = true", "no person: the row has no user id, name or email"),
        ("shorten_ids = true", "has 70 characters; the maximum is 64"),
        ("week_of = 2098-12-04", "a weekday without a date; write the date"),
    ] {
        env.write("r.toml", recipe.replace(key, ""));
        env.run("batch r.csv --recipe r.toml --dry-run").failed(2).says(&[error]);
    }
    let book = workbook(&["id", "user name"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
        sheet.write_row(2, 0, ["b", "Ben"]).unwrap();
        sheet.set_row_hidden(2).unwrap();
    });
    env.write("r.xlsx", book);
    let run = "batch r.xlsx --recipe r.toml --dry-run";
    env.write("r.toml", "all_sheets = false\n");
    env.run(run).failed(2).says(&["1 row is hidden (by hand or by a filter) and would be sent"]);
    env.write("r.toml", "hidden = \"skip\"\n");
    let output = env.run(run);
    assert!(
        output.stdout.starts_with("1 link in 1 Space, about 1 s\nleft out: 1 hidden row\n"),
        "{output}"
    );
    env.run(&format!("{run} --json --hidden include")).succeeded(
        "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n{\"id\":\"b\",\"user\":{\"name\":\"Ben\"}}\n",
    );
    env.write("r.toml", "hidden = \"skip\"\nall_sheets = true\n[map]\nid = \"{sheet}\"\n");
    env.run(&format!("{run} --json"))
        .succeeded("{\"id\":\"Sheet1\",\"user\":{\"name\":\"Ann\"}}\n");
}

#[test]
fn errors_in_shared_fields_are_reported_once_and_flags_take_precedence() {
    refused(
        &plan(RECIPE, &["--map", "valid for=1:60"]),
        "--map valid for: \"1:60\" is not a valid duration; use 90m, 2h, 1h30m or 7d: lines 4, 5 and 6",
    );
    let flags = ["--map", "role=teacher", "--map", "valid for=30m", "--dates", "mdy"];
    let output = bodies(RECIPE, &flags);
    let bodies: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(bodies.len(), 5, "{output}");
    assert!(bodies.iter().all(|body| body["user"]["role"] == "teacher"), "{output}");
    assert_eq!(bodies[0]["timeouts"]["not_before"], "2098-01-12T14:00:00Z");
    assert_eq!(bodies[0]["timeouts"]["not_after"], "2098-01-12T14:30:00Z");
}

#[test]
fn the_rules_for_rosters_apply_across_all_launches() {
    let twice = RECIPE.replace("\"{Student}\"\nrole", "\"{Tutor}\"\nrole");
    let output = plan(&twice, &[]);
    refused_after(
        &output,
        "warning: line 6: no person, so no link\n",
        "line 5 (id \"T1_S2\"): the same person is in this row twice",
    );
    let leaders = RECIPE.replace("role = \"student\"", "leader = true");
    plan(&leaders, &[]).says(&[
        "warning: more than one leader in 2 Spaces: T1_S1 and T1_S2; Lessonspace recommends one leader per Space\n",
    ]);
    let settings = RECIPE
        .replace("leader = \"yes\"", "leader = \"yes\"\n\"record av\" = \"yes\"")
        .replace("role = \"student\"", "\"record av\" = \"no\"");
    refused(
        &plan(&settings, &[]),
        "2 problems with the input; nothing was sent\n  \
         line 4, [people.student] record av (id \"T1_S1\") differs from line 4 in the same Space\n  \
         line 5, [people.student] record av (id \"T1_S2\") differs from line 5 in the same Space",
    );
}

#[test]
fn a_recipe_prints_its_own_empty_roster() {
    let env = TestEnv::new();
    env.write("lesson.toml", RECIPE);
    env.run("batch --template --recipe lesson.toml")
        .succeeded("Tutor ID,Student ID,Subject,Student,Date,Start,Minutes,Tutor,Tutor e-mail\r\n");
    env.write("map.toml", "[map]\n\"user name\" = \"{First, middle} {Last}\"\n");
    env.run("batch --template --recipe map.toml").succeeded("id,\"First, middle\",Last\r\n");
    env.write("bad.toml", "mpa = 1\n");
    let output = env.run("batch --template --recipe bad.toml");
    refused(&output, "bad.toml, line 1: unknown key `mpa`; did you mean `map`?");
}

#[test]
fn a_recipe_without_people_is_a_set_of_maps() {
    let env = TestEnv::new();
    env.write("roster.csv", "Group,Pupil,role\na,Ann,student\n");
    env.write("map.toml", "[map]\nid = \"{Group}\"\nuser.name = \"{Pupil}\"\nleader = false\n");
    env.run("batch roster.csv --recipe map.toml --dry-run --json").succeeded(
        "{\"id\":\"a\",\"user\":{\"name\":\"Ann\",\"leader\":false,\"role\":\"student\"}}\n",
    );
}

#[test]
fn a_lesson_sheet_and_its_links_may_be_workbooks() {
    let school = School::open();
    let env = school.env();
    let recipe = RECIPE.replace("header = 3", "sheet = \"Sheet1\"");
    env.write("lesson.toml", recipe);
    let headers = [
        "Date",
        "Start",
        "Minutes",
        "Tutor ID",
        "Tutor",
        "Tutor e-mail",
        "Student ID",
        "Student",
        "Subject",
    ];
    let bytes = workbook(&headers, |sheet| {
        let shown = |text: &str| rust_xlsxwriter::Format::new().set_num_format(text);
        sheet.write_number_with_format(1, 0, 72_655, &shown("dd/mm/yyyy")).unwrap();
        sheet.write_number_with_format(1, 1, 0.375, &shown("h:mm")).unwrap();
        sheet.write_number(1, 2, 45).unwrap();
        sheet.write_row(1, 3, ["T1", "Peter", "", "S1", "Anna", "Maths"]).unwrap();
    });
    env.write("lessons.xlsx", bytes);
    env.run("batch lessons.xlsx --recipe lesson.toml -o links.xlsx --rate 0").succeeded("");
    let seen = env.run("batch links.xlsx --recipe lesson.toml --dry-run --json");
    let expected = env.run("batch lessons.xlsx --recipe lesson.toml --dry-run --json");
    seen.succeeded(&expected.stdout);
    assert_eq!(school.seen()[0].body["timeouts"]["not_before"], "2098-12-01T09:00:00Z");
    assert!(fs::metadata(env.path("work/links.xlsx")).unwrap().len() > 0);
}

#[test]
fn a_recipe_that_finds_no_one_is_an_error_and_utf_16_is_read() {
    let env = TestEnv::new();
    env.write("lessons.csv", "Pair,Student,Other\np,,Ann\nq,,Ben\n");
    let recipe = |column: &str| {
        let text =
            format!("[map]\nid = \"{{Pair}}\"\n[people.pupil]\n\"user name\" = \"{{{column}}}\"\n");
        let bytes = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
        bytes.collect::<Vec<u8>>()
    };
    env.write("recipe.toml", recipe("Student"));
    let output = env.run("batch lessons.csv --recipe recipe.toml --dry-run");
    refused(&output, "no row contains a person; check the columns that the recipe uses");
    env.write("recipe.toml", recipe("Other"));
    env.run("batch lessons.csv --recipe recipe.toml --dry-run --json").succeeded(
        "{\"id\":\"p\",\"user\":{\"name\":\"Ann\"}}\n{\"id\":\"q\",\"user\":{\"name\":\"Ben\"}}\n",
    );
}

#[test]
fn a_map_for_a_person_is_refused_with_a_recipe_for_several_people() {
    let output = plan(RECIPE, &["--map", "user name={Subject}"]);
    refused(
        &output,
        "--map user name cannot be used with a recipe that has several people; change the recipe",
    );
}
