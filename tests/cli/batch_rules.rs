//! What `batch` demands of rows before the first request: that they are sound, and agree with each
//! other.

use std::fs;

use serde_json::json;

use crate::roster::people;
use crate::school::School;
use crate::seen::Output;

/// A run over this roster, which must not send anything.
#[track_caller]
pub(crate) fn refused(roster: &str, flags: &str) -> Output {
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
pub(crate) fn sent(roster: &str, flags: &[&str]) -> (Vec<serde_json::Value>, Output) {
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
    for (header, first, second) in [
        ("id,user id,user name", "a,1,Ann", "a,1,Ann Other"),
        ("id,email,user name", "a,x@example.org,Ann", "a,x@example.org,Bob"),
        ("id,user name,leader", "a,Ann,yes", "a,Ann,no"),
        ("id,user id,not before", "a,1,2099-01-01 10:00", "a,1,2099-01-01 10:00"),
        ("id,user id,not before", "a,1,2099-01-01T10:00+01:00", "a,1,2099-01-01T09:00Z"),
        ("id,user id,valid for", "a,1,2h", "a,1,120m"),
        ("id,user id,valid for", "a,1,", "a,1,7d"),
    ] {
        refused(&format!("{header}\n{first}\nb,9,\n{second}\n"), "").says(&[
            "line 4",
            "id \"a\"",
            "the same person with the same window is on line 2 already",
        ]);
    }
    refused("id,notes\na,one guest\na,another guest\n", "").says(&[
        "line 3",
        "id \"a\"",
        "a guest with the same window is on line 2 already",
    ]);
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
    refused("user id\n1\n", "").says(&["the header", "user id", "name one `id`"]);
    refused("id,user id\n,1\n", "").says(&["such as biology101_2023"]).does_not_say(&["--id"]);
}

#[test]
fn what_is_wrong_with_flags_and_rows_is_told_at_once() {
    let roster = "id,user id,leader\na,1,maybe\nb,2,yes\n#REF!,3,no\n";
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
    assert_eq!(output.stderr.matches("foo: unknown field").count(), 1, "{output}");
    assert!(output.stderr.starts_with("2 links in 2 Spaces"), "{output}");
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
fn field_is_refused() {
    refused(&people(1, 1), "--field client_url").says(&["--field"]);
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
