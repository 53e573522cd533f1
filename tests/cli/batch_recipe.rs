//! `batch --recipe`: a lesson sheet, where one row is a lesson with a tutor and a student.

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

#[test]
fn one_row_is_a_launch_for_each_of_its_people() {
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
    let output = plan(RECIPE, &[]);
    output.succeeded(&format!(
        "{{\"id\":\"T1_S1\",\"name\":\"Maths: Anna\",{first},\"user\":{{\"name\":\"Peter\",\"email\":\"peter@example.org\",\"leader\":true}}}}\n\
         {{\"id\":\"T1_S1\",\"name\":\"Maths: Anna\",{first},\"user\":{{\"name\":\"Anna\",\"role\":\"student\"}}}}\n\
         {{\"id\":\"T1_S2\",\"name\":\"Maths: Ben\",{second},\"user\":{{\"name\":\"Peter\",\"leader\":true}}}}\n\
         {{\"id\":\"T1_S2\",\"name\":\"Maths: Ben\",{second},\"user\":{{\"name\":\"Ben\",\"role\":\"student\"}}}}\n\
         {{\"id\":\"T2_S3\",\"name\":\"Art: Cem\",{third},\"user\":{{\"name\":\"Cem\",\"role\":\"student\"}}}}\n"
    ));
    output.says(&["5 links in 3 Spaces, about 2 s", "columns kept but not sent: name\n"]);
}

#[test]
fn links_have_columns_for_each_person_and_are_a_roster_for_the_same_recipe() {
    let school = School::open();
    let env = lessons(&school);
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).succeeded("").says(&["5 links: 3 Spaces created, 2 existing, 0 failed"]);
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
    env.run(&format!("{run} --resume")).succeeded("").says(&["0 links", "5 of 5 links need none"]);
    // The title is gone, so the header is in another line than the recipe says.
    env.run("batch links.csv --recipe lesson.toml -o again.csv --rate 0 --header 1").succeeded("");
    assert_eq!(crate::roster::table(&env.path("work/again.csv")).0, header);
    assert_eq!(school.count(), 10);
    // Without the recipe these are no five columns.
    env.run("batch links.csv -o x.csv --map id={Tutor}").failed(2).says(&["link_status"]);
}

#[test]
fn what_failed_is_sent_again_and_nothing_else() {
    let school = School::script(|call| {
        if call.person == "Ben" && call.number < 5 {
            Reply::Status("400 Bad Request", &[], "{\"detail\":\"no\"}".to_owned())
        } else {
            Reply::Link
        }
    });
    let env = lessons(&school);
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).failed(7).says(&["1 of 5 links failed"]);
    let rows = links(&env, "links.csv");
    assert_eq!(rows[1]["student_link_status"], "failed");
    assert!(rows[1]["student_link_error"].contains("no"), "{rows:?}");
    assert_eq!(rows[1]["tutor_link_status"], "created");
    env.run(&format!("{run} --resume")).succeeded("").says(&["1 link in 1 Space"]);
    assert_eq!(school.count(), 6);
    assert_eq!(links(&env, "links.csv")[1]["student_link_status"], "existing");
}

#[test]
fn a_row_whose_window_has_passed_is_ended_for_everybody_of_it() {
    let school = School::open();
    let env = lessons(&school);
    env.write("lessons.csv", LESSONS.replace("01/12/2098", "01/12/2020"));
    let run = "batch lessons.csv --recipe lesson.toml -o links.csv --rate 0";
    env.run(run).failed(2).says(&["line 4", "has ended"]);
    env.run(&format!("{run} --resume")).succeeded("").says(&["2 ended"]);
    let rows = links(&env, "links.csv");
    assert_eq!(rows[0]["tutor_link_status"], "ended");
    assert_eq!(rows[0]["student_link_status"], "ended");
    assert_eq!(school.count(), 3);
}

#[test]
fn a_persons_lost_answer_is_unknown_and_a_link_about_to_end_is_renewed_for_that_person_alone() {
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
fn a_recipe_is_checked_whole() {
    let recipe = RECIPE
        .replace("header = 3", "headr = 3")
        .replace("\"valid for\"", "\"valid fro\"")
        .replace("leader = \"yes\"", "leadr = \"yes\"")
        .replace("{Subject}", "{Subject");
    plan(&recipe, &[]).failed(2).says(&[
        "4 problems",
        "lesson.toml, line 2: `headr` is not a key of a recipe; did you mean `header`?",
        "lesson.toml, line 7, [map] space name",
        "lesson.toml, line 9, [map] valid fro: is not the name of a field; did you mean `valid for`?",
        "lesson.toml, line 14, [people.tutor] leadr: is not the name of a field; did you mean `leader`?",
    ]);
    plan("[map\n", &[]).failed(2).says(&["lesson.toml, line 1", "TOML"]);
    plan(&RECIPE.replace("{Subject}", "{Subjcet}"), &[])
        .failed(2)
        .says(&["[map] space name", "no column is named \"Subjcet\"; did you mean {Subject}?"]);
    let without_id = RECIPE.replace("id = \"{Tutor ID}_{Student ID}\"", "");
    plan(&without_id, &[]).failed(2).says(&["--recipe", "id"]);
    let env = TestEnv::new();
    env.write("lessons.csv", LESSONS);
    env.run("batch lessons.csv --recipe none.toml --dry-run").failed(2).says(&["none.toml"]);
}

#[test]
fn what_everybody_of_a_row_has_is_told_once_and_flags_win() {
    let output = plan(RECIPE, &["--map", "valid for=1:60"]);
    output.failed(2).says(&["3 problems", "line 4, --map valid for", "line 6, --map valid for"]);
    let flags = ["--map", "role=teacher", "--map", "valid for=30m", "--dates", "mdy"];
    let output = plan(RECIPE, &flags);
    let bodies: Vec<serde_json::Value> =
        output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(bodies.len(), 5, "{output}");
    assert!(bodies.iter().all(|body| body["user"]["role"] == "teacher"), "{output}");
    assert_eq!(bodies[0]["timeouts"]["not_before"], "2098-01-12T14:00:00Z");
    assert_eq!(bodies[0]["timeouts"]["not_after"], "2098-01-12T14:30:00Z");
}

#[test]
fn the_rules_of_a_roster_hold_over_all_launches() {
    let twice = RECIPE.replace("\"{Student}\"\nrole", "\"{Tutor}\"\nrole");
    plan(&twice, &[]).failed(2).says(&["the same person with the same window"]);
    let leaders = RECIPE.replace("role = \"student\"", "leader = true");
    plan(&leaders, &[]).says(&["a second leader in Space T1_S1"]);
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
    env.run("batch --template --recipe bad.toml").failed(2).says(&["did you mean `map`?"]);
}

#[test]
fn a_recipe_without_people_is_a_file_of_maps() {
    let env = TestEnv::new();
    env.write("roster.csv", "Group,Pupil,role\na,Ann,student\n");
    env.write("map.toml", "[map]\nid = \"{Group}\"\nuser.name = \"{Pupil}\"\nleader = false\n");
    env.run("batch roster.csv --recipe map.toml --dry-run").succeeded(
        "{\"id\":\"a\",\"user\":{\"role\":\"student\",\"name\":\"Ann\",\"leader\":false}}\n",
    );
}

#[test]
fn a_lesson_sheet_may_be_a_workbook_and_its_links_too() {
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
    let plan = "batch links.xlsx --recipe lesson.toml --sheet Links --dry-run";
    let seen = env.run(plan);
    let expected = env.run("batch lessons.xlsx --recipe lesson.toml --dry-run");
    seen.succeeded(&expected.stdout);
    assert_eq!(school.seen()[0].body["timeouts"]["not_before"], "2098-12-01T09:00:00Z");
    assert!(fs::metadata(env.path("work/links.xlsx")).unwrap().len() > 0);
}

#[test]
fn a_recipe_that_finds_nobody_is_an_error_and_utf_16_is_read() {
    let env = TestEnv::new();
    env.write("lessons.csv", "Pair,Student,Other\np,,Ann\nq,,Ben\n");
    let recipe = |column: &str| {
        let text =
            format!("[map]\nid = \"{{Pair}}\"\n[people.pupil]\n\"user name\" = \"{{{column}}}\"\n");
        let bytes = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
        bytes.collect::<Vec<u8>>()
    };
    env.write("recipe.toml", recipe("Student"));
    env.run("batch lessons.csv --recipe recipe.toml --dry-run")
        .failed(2)
        .says(&["--recipe: finds nobody in any row; look at the columns that it names"]);
    env.write("recipe.toml", recipe("Other"));
    env.run("batch lessons.csv --recipe recipe.toml --dry-run").succeeded(
        "{\"id\":\"p\",\"user\":{\"name\":\"Ann\"}}\n{\"id\":\"q\",\"user\":{\"name\":\"Ben\"}}\n",
    );
}
