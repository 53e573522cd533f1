//! What `batch` demands before the first request: rows that agree with each other, and files that
//! may be written.

use std::fs;

use serde_json::json;

use crate::roster::{links, people, statuses};
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// A run over this roster, which must not send anything.
#[track_caller]
fn refused(roster: &str, flags: &str) -> Output {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", roster);
    let output = env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"));
    output.failed(2);
    assert_eq!((school.count(), school.hellos()), (0, 0), "{output}");
    assert!(!env.path("work/links.csv").exists() && !env.path("work/links.csv.journal").exists());
    output
}

/// The bodies that a run over this roster sends, sorted by Space and person.
#[track_caller]
fn sent(roster: &str, flags: &[&str]) -> (Vec<serde_json::Value>, Output) {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", roster);
    env.write("base.json", "{\"user\":{\"role\":\"base\",\"leader\":true},\"name\":\"Base\",}");
    let output = env.cmd("batch roster.csv -o links.csv --rate 0").args(flags).run();
    output.succeeded("");
    let mut seen = school.seen();
    seen.sort_by_key(|seen| (seen.id.clone(), seen.person.clone()));
    (seen.into_iter().map(|seen| seen.body).collect(), output)
}

#[test]
fn the_same_person_with_the_same_window_twice_in_one_space_is_an_error() {
    for (header, first, second, who) in [
        ("id,user id,user name", "a,1,Ann", "a,1,Ann Other", "the same person"),
        ("id,email,user name", "a,x@example.org,Ann", "a,x@example.org,Bob", "the same person"),
        ("id,user name,leader", "a,Ann,yes", "a,Ann,no", "the same person"),
        (
            "id,user id,not before",
            "a,1,2099-01-01 10:00",
            "a,1,2099-01-01 10:00",
            "the same person",
        ),
        ("id,notes", "a,one guest", "a,another guest", "a guest"),
        ("id,user id,valid for", "a,1,2h", "a,1,120m", "the same person"),
        ("id,user id,valid for", "a,1,", "a,1,7d", "the same person"),
        (
            "id,user id,not before",
            "a,1,2099-01-01T10:00+01:00",
            "a,1,2099-01-01T09:00Z",
            "the same person",
        ),
    ] {
        refused(&format!("{header}\n{first}\nb,9,\n{second}\n"), "")
            .says(&["line 4", "id \"a\"", "line 2", who]);
    }
}

#[test]
fn other_windows_other_spaces_and_other_people_are_no_repetition() {
    let roster = "id,user id,user name,not before,valid for\na,1,Ann,2099-01-01 10:00,1h\n\
                  a,1,Ann,2099-01-02 10:00,1h\nb,1,Ann,2099-01-01 10:00,1h\na,2,Ann,2099-01-01 10:00,1h\n";
    let (bodies, output) = sent(roster, &[]);
    assert_eq!(bodies.len(), 4, "{output}");
}

#[test]
fn settings_that_differ_within_one_space_are_an_error() {
    for (header, one, other) in [
        ("space name", "Biology", "Chemistry"),
        ("record av", "yes", "no"),
        ("transcribe", "x", "0"),
        ("webhook", "session.start=https://example.org/1", "session.start=https://example.org/2"),
    ] {
        let roster = format!("id,user id,{header}\na,1,{one}\nb,1,{other}\na,2,\na,3,{other}\n");
        refused(&roster, "").says(&["line 5", "id \"a\"", "differs from line 2"]);
    }
    let (bodies, _) = sent("id,user id,record av\na,1,yes\na,2,\nb,3,no\n", &[]);
    assert_eq!(bodies[1], json!({"id": "a", "user": {"id": "2"}}));
}

#[test]
fn problems_name_the_column_as_it_is_in_the_roster() {
    refused("id,user id,Space Name\na,1,X\na,2,Y\n", "").says(&["line 3, Space Name (id \"a\")"]);
    refused("id,Feature\na,chat.enabled=maybe\n", "").says(&["line 2, Feature (id \"a\")"]);
    refused("id,Webhook\na,session.start=x\n", "").says(&["line 2, Webhook (id \"a\")"]);
    refused("user id\n1\n", "").says(&["such as biology101_2023"]).does_not_say(&["--id"]);
}

#[test]
fn what_is_wrong_with_flags_and_rows_is_told_at_once() {
    let roster = "id,user id,leader\na,1,maybe\nb,2,yes\n c,3,no\n";
    for (flags, place) in [
        ("--timeout fast", "--timeout: \"fast\""),
        ("--feature chat.enabled=maybe", "--feature chat.enabled: \"maybe\""),
        ("--webhook session.start=nowhere", "--webhook session.start: needs an absolute"),
        ("--time-zone Mars/Olympus", "--time-zone: "),
    ] {
        let output = refused(roster, flags);
        output.says(&["3 problems with the input", place, "line 2, leader", "line 4, id"]);
        assert_eq!(output.stderr.matches("nowhere").count(), 0, "{output}");
    }
    // Where a part is missing, what else is wrong cannot be known.
    refused(roster, "--file nowhere.json").does_not_say(&["line 2"]);
    refused("id,name\n,x\n", "--timeout fast").says(&["2 problems"]).does_not_say(&["line 2"]);
}

#[test]
fn an_end_and_a_length_in_one_place_are_an_error() {
    refused("id,user id\na,1\n", "--not-after 2099-01-01T10:00Z --valid-for 2h")
        .says(&["--valid-for", "cannot go with --not-after"]);
}

#[test]
fn a_field_that_is_not_known_earns_one_warning_after_the_plan() {
    let (_, output) = sent("id,user id\na,1\nb,2\n", &["--set", "foo=1"]);
    assert_eq!(output.stderr.matches("foo is no field").count(), 1, "{output}");
    assert!(output.stderr.starts_with("2 links in 2 Spaces"), "{output}");
}

#[test]
fn the_command_for_the_rest_is_right_after_two_dashes_too() {
    let school = School::script(|_| crate::batch_faults::status("400 Bad Request"));
    let env = school.env();
    env.write("-r.csv", people(1, 1));
    env.run("batch -o links.csv --rate 0 -- -r.csv")
        .failed(7)
        .says(&["hint: lessonspace batch -o links.csv --rate 0 --resume -- -r.csv"]);
}

#[test]
fn a_default_of_the_command_and_a_rows_own_setting_differ_too() {
    refused("id,user id,space name\na,1,Mine\na,2,\n", "--space-name Yours")
        .says(&["line 3", "name", "line 2"]);
}

#[test]
fn ids_that_differ_only_in_case_and_a_second_leader_are_warnings() {
    let roster = "id,user id,leader\nMaths,1,yes\nmaths,2,yes\nMaths,3,no\nMaths,4,yes\n";
    let (bodies, output) = sent(roster, &[]);
    assert_eq!(bodies.len(), 4);
    output.says(&[
        "warning: the ids Maths and maths differ only in case",
        "warning: line 5: a second leader in Space Maths",
    ]);
    assert_eq!(output.stderr.matches("warning").count(), 2, "{output}");
}

#[test]
fn twenty_warnings_are_shown_and_the_rest_is_counted() {
    let rows = (0..50).map(|row| format!("a,{row},yes\n")).collect::<String>();
    let (_, output) = sent(&format!("id,user id,leader\n{rows}"), &[]);
    assert_eq!(output.stderr.matches("a second leader").count(), 20, "{output}");
    output.says(&["and 29 more warnings"]);
}

#[test]
fn the_row_wins_over_file_set_and_flags() {
    let roster = "id,user id,role,leader,space name\na,1,row,no,Row\nb,2,,,\n";
    let base =
        json!({"id": "b", "user": {"id": "2", "role": "base", "leader": true}, "name": "Base"});
    let row =
        json!({"id": "a", "user": {"id": "1", "role": "row", "leader": false}, "name": "Row"});
    let (bodies, _) = sent(roster, &["--file", "base.json"]);
    assert_eq!(bodies, [row.clone(), base]);
    let set =
        json!({"id": "b", "user": {"id": "2", "role": "set", "leader": true}, "name": "Base"});
    let (bodies, _) = sent(roster, &["--file", "base.json", "--set", "user.role=set"]);
    assert_eq!(bodies, [row.clone(), set]);
    let flag =
        json!({"id": "b", "user": {"id": "2", "role": "flag", "leader": true}, "name": "Flag"});
    let flags =
        ["--file", "base.json", "--set", "user.role=set", "--role", "flag", "--space-name", "Flag"];
    let (bodies, _) = sent(roster, &flags);
    assert_eq!(bodies, [row, flag]);
}

#[test]
fn a_rows_own_window_wins_over_the_length_of_the_command() {
    let roster = "id,user id,not before,not after,valid for\na,1,2099-01-01 10:00,2099-01-01 11:00,\n\
                  b,1,2099-01-01 10:00,,\nc,1,2099-01-01 10:00,,30m\n";
    let (bodies, _) = sent(roster, &["--valid-for", "2h"]);
    let ends: Vec<_> = bodies.iter().map(|body| body["timeouts"]["not_after"].clone()).collect();
    assert_eq!(ends, ["2099-01-01T11:00:00Z", "2099-01-01T12:00:00Z", "2099-01-01T10:30:00Z"]);
}

#[test]
fn nothing_is_sent_unless_every_row_is_well() {
    let roster = format!("{}{},p,Person\n", people(60, 6), "x".repeat(65));
    refused(&roster, "").says(&["line 62", "64"]);
    refused("id,user name,not before,not after\na,A,2099-01-02 10:00,2099-01-01 10:00\n", "")
        .says(&["line 2"]);
    refused("id,user name,not before,not after\na,A,2099-01-01 10:00,2099-01-20 10:00\n", "")
        .says(&["7 days"]);
    refused("id,user name,not after\na,A,2020-01-01 10:00\n", "").says(&["line 2", "id \"a\""]);
}

#[test]
fn links_must_be_another_file_than_the_roster_and_no_folder_or_stdout() {
    let env = TestEnv::new();
    let roster = people(1, 1);
    env.write("roster.csv", &roster);
    for flags in ["", "--force", "--resume"] {
        env.run(&format!("batch roster.csv -o roster.csv {flags}"))
            .failed(2)
            .says(&["roster itself"]);
        env.run(&format!("batch roster.csv -o ../work/roster.csv {flags}"))
            .failed(2)
            .says(&["roster itself"]);
        env.run(&format!("batch roster.csv -o - {flags}")).failed(2).says(&["-o"]);
        env.run(&format!("batch roster.csv -o ../work {flags}")).failed(2).says(&["regular file"]);
    }
    assert_eq!(fs::read_to_string(env.path("work/roster.csv")).unwrap(), roster);
    env.write("base.json", "{}");
    env.run("batch roster.csv --file base.json -o base.json --force")
        .failed(2)
        .says(&["base.json is read by this very run"]);
    env.run("batch roster.csv").failed(2).says(&["-o"]);
    env.run("batch roster.csv -o nowhere/links.csv").failed(1).says(&["folder does not exist"]);
}

#[test]
fn what_exists_is_refused_without_resume_or_force() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    let run = |flags: &str| env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"));
    run("").succeeded("");
    let before = fs::read(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&["links.csv exists", "--resume", "--force"]);
    assert_eq!((school.count(), fs::read(env.path("work/links.csv")).unwrap()), (3, before));
    run("--resume --force").failed(2).says(&["--force", "--resume"]);
    fs::remove_file(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&["links.csv.journal exists", "--resume", "--force"]);
    assert_eq!(school.count(), 3);
    run("--resume").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (3, 3));
    run("--force").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (6, 3));
    fs::remove_file(env.path("work/links.csv.journal")).unwrap();
    run("").failed(2).says(&["links.csv exists"]);
}

#[test]
fn a_journal_of_another_api_or_of_the_sandbox_is_refused() {
    let (school, other) = (School::open(), School::open());
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let resume = "batch roster.csv -o links.csv --rate 0 --resume";
    env.run(resume).succeeded("");
    env.cmd(resume).var("LESSONSPACE_API_URL", other.url()).run().failed(2).says(&[
        "links.csv.journal",
        &school.url(),
        &other.url(),
    ]);
    env.cmd(resume).arg("--sandbox").run().failed(2).says(&["the sandbox"]);
    assert_eq!((school.count(), other.count()), (2, 0));
    env.run("batch roster.csv -o practice.csv --rate 0 --sandbox").succeeded("");
    env.run("batch roster.csv -o practice.csv --rate 0 --resume").failed(2).says(&["the sandbox"]);
    env.run("batch roster.csv -o practice.csv --rate 0 --resume --sandbox").succeeded("");
    // Starting over is another thing.
    env.cmd("batch roster.csv -o links.csv --rate 0 --force")
        .var("LESSONSPACE_API_URL", other.url())
        .run()
        .succeeded("");
    assert_eq!((school.count(), other.count()), (2, 2));
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    for flags in ["--resume", "--force"] {
        let path = env.write("links.csv.journal", "Dear diary,\n");
        env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"))
            .failed(2)
            .says(&["not a journal"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "Dear diary,\n");
    }
    fs::create_dir(env.path("work/other.csv.journal")).unwrap();
    for flags in ["", "--resume", "--force"] {
        env.run(&format!("batch roster.csv -o other.csv --rate 0 {flags}"))
            .failed(2)
            .says(&["other.csv.journal is not a journal of lessonspace; move it away"]);
    }
    assert_eq!(school.count(), 0);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_found_before_the_first_request() {
    use std::process::Command;

    use crate::support::set_mode;

    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let folder = env.path("work/locked");
    fs::create_dir(&folder).unwrap();
    set_mode(&folder, 0o555);
    let run = env.cmd("batch roster.csv -o locked/links.csv --rate 0");
    let mut command = run.command();
    // To root no folder is read-only.
    if Command::new("/usr/bin/id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
        use std::os::unix::process::CommandExt as _;
        set_mode(&env.path(""), 0o777);
        command.uid(65534).gid(65534);
    }
    let output = run.finish(command.spawn().unwrap());
    output.failed(1).says(&["locked/links.csv"]);
    assert_eq!(school.count(), 0);
    assert_eq!(crate::roster::mode(&folder), 0o555);
}

#[test]
fn field_is_refused() {
    refused(&people(1, 1), "--field client_url").says(&["--field"]);
}

#[test]
fn some_of_the_five_result_columns_are_refused() {
    for header in ["client_url", "link_status,client_url,expires_at,room_id", "Link_Error"] {
        refused(&format!("id,{header}\na\n"), "").says(&[
            "link_error"
                .replace(
                    "link_error",
                    if header == "Link_Error" { "client_url" } else { "link_error" },
                )
                .as_str(),
            "remove them all",
        ]);
    }
    // Somebody's own column is none of them.
    let (bodies, _) = sent("id,Room ID\na,12\n", &[]);
    assert_eq!(bodies, [json!({"id": "a"})]);
}

#[test]
fn a_links_file_is_a_roster_whose_five_columns_are_replaced() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user id,user name,notes\na,1,'quoted',=SUM(A1)\nb,2,-Bob,'=x\n");
    env.run("batch roster.csv -o links.csv --rate 0").succeeded("");
    let first = links(&env, "links.csv");
    assert_eq!((first[0]["notes"].as_str(), first[1]["notes"].as_str()), ("'=SUM(A1)", "''=x"));
    assert_eq!(
        (first[0]["user name"].as_str(), first[1]["user name"].as_str()),
        ("'quoted'", "'-Bob")
    );
    env.run("batch links.csv -o next.csv --rate 0")
        .succeeded("")
        .does_not_say(&["warning", "link_status"]);
    let next = links(&env, "next.csv");
    let bodies: Vec<_> = school.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies.len(), 4);
    assert!(
        bodies
            .iter()
            .all(|body| *body == json!({"id": "a", "user": {"id": "1", "name": "'quoted'"}})
                || *body == json!({"id": "b", "user": {"id": "2", "name": "-Bob"}})),
        "{bodies:?}"
    );
    for (first, next) in first.iter().zip(&next) {
        assert_eq!(first["notes"], next["notes"]);
        assert_ne!(first["client_url"], next["client_url"]);
        assert_eq!(
            (first["link_status"].as_str(), next["link_status"].as_str()),
            ("created", "existing")
        );
        assert_eq!(next.len(), 9);
    }
    // Its rows are the roster's own, so it goes on with the same journal.
    env.run("batch next.csv -o links.csv --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 4);
}

#[test]
fn without_a_key_nothing_is_begun() {
    let school = School::open();
    let env = school.env();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", people(2, 1));
    env.run("batch roster.csv -o links.csv").failed(3).says(&["no API key", "LESSONSPACE_API_KEY"]);
    assert_eq!(school.count(), 0);
    assert_eq!(fs::read_dir(env.path("work")).unwrap().count(), 1, "the roster, and nothing else");
    // A roster that is wrong is told first: its owner need not have the key.
    env.write("roster.csv", "id,name\na,b\n");
    env.run("batch roster.csv -o links.csv").failed(2);
}
