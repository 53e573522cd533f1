//! Row checks of `batch` before the first request: rows are valid and do not contradict each other.

use std::fs;

use serde_json::json;

use crate::roster::{links, people};
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// A run over this roster that must not send anything.
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

/// Exit code 2 before anything is sent, and exactly this error.
#[track_caller]
fn refused_with(roster: &str, flags: &str, error: &str) {
    let output = refused(roster, flags);
    assert_eq!(output.stderr, error, "{output}");
}

/// The output of `--dry-run`, for its stderr.
fn warned_about(roster: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.cmd("batch roster.csv --dry-run").args(flags).run()
}

#[test]
fn the_same_person_with_the_same_lesson_time_twice_in_one_space_is_an_error() {
    let already = "error: line 4 (id \"a\"): the same person with the same lesson time is already on \
                   line 2\n";
    for (header, first, second) in [
        ("id,user id,user name", "a,1,Ann", "a,1,Ann"),
        ("id,email,user name", "a,x@example.org,Ann", "a,X@example.org,Ann"),
        ("id,user name,leader", "a,Ann,yes", "a,Ann,no"),
        ("id,user id,valid for", "a,1,", "a,1,7d"),
    ] {
        refused_with(&format!("{header}\n{first}\nb,b@example.org,\n{second}\n"), "", already);
    }
    for (header, first, second) in [
        ("id,user id,lesson time", "a,1,2099-01-01 10:00-11:00", "a,1,2099-01-01 10:00 to 11:00"),
        ("id,user id,valid for", "a,1,2h", "a,1,120m"),
    ] {
        let roster =
            format!("{header}\n{first}\nb,1,{}\n{second}\n", first.split(',').nth(2).unwrap());
        refused_with(&roster, "", already);
    }
    refused_with(
        "id,notes\na,one guest\na,another guest\n",
        "--guest",
        "error: line 3 (id \"a\"): a guest with the same lesson time is already on line 2; several guests can share one link\n",
    );
}

#[test]
fn other_lesson_times_spaces_and_people_are_not_duplicates() {
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
        ("Transcribe", "x", "0"),
        ("webhook", "session.start=https://example.org/1", "session.start=https://example.org/2"),
    ] {
        let roster = format!("id,user id,{header}\na,1,{one}\nb,1,{other}\na,2,\na,3,{other}\n");
        let error =
            format!("error: line 5, {header} (id \"a\") differs from line 2 in the same Space\n");
        refused_with(&roster, "", &error);
    }
    refused_with(
        "id,user id,space name\na,1,Mine\na,2,\n",
        "--space-name Yours",
        "error: line 3 (id \"a\"): --space-name differs from line 2 in the same Space\n",
    );
    let (bodies, _) = sent("id,user id,record av\na,1,yes\na,2,\nb,3,no\n", &[]);
    assert_eq!(bodies[1], json!({"id": "a", "user": {"id": "2"}}));
}

#[test]
fn problems_name_the_line_the_column_and_the_id() {
    for (roster, error) in [
        (
            "id,user id,Feature\na,1,chat.enabled=maybe\n",
            "line 2, Feature (id \"a\"): expected yes or no, not \"maybe\"",
        ),
        (
            "id,user id,Webhook\na,1,session.start=x\n",
            "line 2, Webhook (id \"a\"): expected an absolute http or https URL (null or an empty \
             string removes the webhook)",
        ),
        ("id,user id\n,1\n", "line 2, id is required"),
        (
            "id,user name,leader\na,Ann,maybe\nb,Ben,perhaps\nc,Cem,yes\nd,Dan,oui\n",
            "leader: expected yes or no: lines 2, 3 and 5",
        ),
        (
            "id,user email\na,x\nb,b@example.org\nc,y\nd,z\ne,e@\nf,@f\ng,g g\n",
            "user email is not a valid email address; expected one such as anna@example.org: lines 2, \
             4, 5 and 3 more",
        ),
        (
            "id,user name\na,1234\nb,--\n",
            "user name contains no letters, so it is not a name; delete the row if it is a total: lines 2 and 3",
        ),
        (
            "id,user name\na,\"Ada Byron, Bo Li\"\nb,Cem; Dan\nc,\"Eve Fox\nGus Hill\"\n",
            "user name looks like several people; to give each a link, use a recipe with each = \
             \"{...}\" under [people.student]: lines 2, 3 and 4",
        ),
        (
            "id,user name\nNULL,Ann\n1.23E+15,Ben\n",
            "2 problems with the input; nothing was sent\n  \
             line 2, id: \"NULL\": \
             the word some programs write for an empty cell; clear the cell\n  \
             line 3, id: \"1.23E+15\": a spreadsheet shortened a long number; format the column as \
             text, enter the number again and save",
        ),
    ] {
        refused_with(roster, "", &format!("error: {error}\n"));
    }
    // "Surname, Name" and a name with a degree are the same person.
    sent("id,user name\na,\"Byron, Ada\"\nb,\"Ada Byron, MSc\"\n", &[]);
}

#[test]
fn json_lists_each_place_as_an_entry_with_its_parts() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("r.csv", "id,Class,user name,leader\na,1,Ann,maybe\nb,#REF!,Ben,maybe\n");
    let places = |flags: &[&str]| {
        let output = env.cmd("batch r.csv --dry-run --json").args(flags).run();
        output.json_error(2, "usage")["problems"].clone()
    };
    assert_eq!(
        places(&["--map", "space name={Class}", "--timeout", "fast"]),
        json!([
            {"field": "--timeout", "message": "\"fast\" is not a valid duration; use 30 (seconds), 90s or 2m"},
            {"path": "r.csv", "line": 2, "column": 4, "field": "leader", "id": "a",
                "message": "expected yes or no, not \"maybe\""},
            {"path": "r.csv", "line": 3, "column": 4, "field": "leader", "id": "b",
                "message": "expected yes or no, not \"maybe\""},
            {"path": "r.csv", "line": 3, "column": 2, "field": "space name", "id": "b",
                "message": "\"#REF!\": the formula failed; fix it in the spreadsheet, or type the \
                            value instead, then save"},
        ])
    );
    let book = crate::batch_sheets::workbook(&["id", "user name", "leader"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann", "maybe"]).unwrap();
    });
    env.write("r.xlsx", book);
    let output = env.run("batch r.xlsx --dry-run --json");
    assert_eq!(
        output.json_error(2, "usage")["problems"],
        json!([{"path": "r.xlsx", "line": 2, "column": 3, "cell": "Sheet1!C2", "field": "leader",
            "id": "a", "message": "expected yes or no, not \"maybe\""}])
    );
}

#[test]
fn guest_links_must_be_requested() {
    let nobody = "no person: the row has no user id, name or email; for a guest link, add --guest";
    for (roster, error) in [
        (
            "id,Pupil\na,Ann\nb,Ben\n",
            "no person: column \"Pupil\" may contain the name; add --map 'user name={Pupil}', or --guest \
             for guest links: lines 2 and 3",
        ),
        (
            "id,Vorname,Nachname,E-Mail-Adresse\na,Änne,Lind,a@example.org\n",
            "line 2 (id \"a\"): no person: columns \"Vorname\" and \"Nachname\" and \
             \"E-Mail-Adresse\" may contain the name; add --map 'user name={Vorname} {Nachname}' --map 'user \
             email={E-Mail-Adresse}', or --guest for guest links",
        ),
        ("id,user name,leader\na,,yes\na,Ann,\nNotes: bring books,,\n", "LINE 4"),
        ("id,user name,guest\na,,yes\na,Ann,\nb,,no\n", "LINE 4"),
        (
            "id,user name,guest\na,Ann,yes\n",
            "line 2, guest (id \"a\") cannot be used with user name",
        ),
        (
            "id,user name,guest\na,,perhaps\n",
            "line 2, guest (id \"a\"): expected yes or no, not \"perhaps\"",
        ),
    ] {
        let id = roster.lines().last().unwrap().split(',').next().unwrap();
        let line = format!("line 4 (id \"{id}\"): {nobody}");
        let error = error.replace("LINE 4", &line);
        refused_with(roster, "", &format!("error: {error}\n"));
    }
    let (bodies, _) = sent("id,Pupil\na,Ann\n", &["--guest"]);
    assert_eq!(bodies, [json!({"id": "a"})]);
    let (bodies, _) = sent("id,user name,leader,guest\na,,yes,\nb,,,x\n", &[]);
    assert_eq!(bodies, [json!({"id": "a", "user": {"leader": true}}), json!({"id": "b"})]);
    // A default supplies the person, and a JSON body is complete without one.
    let (bodies, _) = sent("id\na\n", &["--user-name", "Ann"]);
    assert_eq!(bodies, [json!({"id": "a", "user": {"name": "Ann"}})]);
    let env = TestEnv::new();
    env.write("roster.jsonl", "{\"id\":\"a\"}\n");
    env.run("batch roster.jsonl --dry-run --json").succeeded("{\"id\":\"a\"}\n");
}

#[test]
fn errors_in_flags_and_rows_are_reported_together() {
    let roster = "id,user id,leader\na,1,maybe\nb,2,yes\n#REF!,3,no\n";
    let rows = "line 2, leader (id \"a\"): expected yes or no, not \"maybe\"\n  \
                line 4, id: \"#REF!\": the formula failed; fix it in the spreadsheet, or type the \
                value instead, then save\n";
    for (flags, problem) in [
        (
            "--timeout fast",
            "--timeout: \"fast\" is not a valid duration; use 30 (seconds), 90s or 2m",
        ),
        (
            "--feature chat.enabled=maybe",
            "--feature chat.enabled: expected yes or no, not \"maybe\"",
        ),
        (
            "--webhook session.start=nowhere",
            "--webhook session.start: expected an absolute http or https URL (null or an empty string \
             removes the webhook)",
        ),
        (
            "--time-zone Mars/Olympus",
            "--time-zone: unknown time zone \"Mars/Olympus\"; use a name such as Europe/London or UTC",
        ),
    ] {
        let error =
            format!("error: 3 problems with the input; nothing was sent\n  {problem}\n  {rows}");
        refused_with(roster, flags, &error);
    }
    // When an input is missing, its other errors cannot be known.
    refused_with(roster, "--file nowhere.json", "error: --file nowhere.json does not exist\n");
    // Errors that only follow from another error are not reported.
    refused("id,name\n,x\n", "").says(&["error: header: column \"name\" is ambiguous"]);
    refused("Class\na\nb\n", "--map id={Clss} --map user-name={Pupil}").says(&["2 problems"]);
    refused_with(
        "id,user id\na,1\n",
        "--not-after 2099-01-01T10:00Z --valid-for 2h",
        "error: --valid-for cannot be used with --not-after\n",
    );
}

#[test]
fn an_unknown_field_causes_one_warning() {
    let (_, output) = sent("id,user id,leader\na,1,x\nb,2,x\n", &["--set", "foo=1"]);
    output.showed(
        0,
        "",
        "columns sent: id, user id, leader\nwarning: --set foo: unknown field, sent as is\n\
         2 links in 2 Spaces\nsent 2: 2 new Spaces\n\
         links saved to links.csv (only you can read it); each link is personal\n",
    );
}

#[test]
fn ids_that_are_easily_confused_cause_warnings() {
    let rows = |id: &str, count: usize| {
        (0..count).map(|row| format!("{id},{id} {row}\n")).collect::<String>()
    };
    for (roster, warnings) in [
        (
            format!("{}{}", rows("Maths", 2), rows("maths", 1)),
            vec![
                "the ids Maths (line 2) and maths (line 4) differ only in case: they are two Spaces",
            ],
        ),
        (
            format!("{}{}", rows("Caf\u{e9}", 2), rows("Cafe\u{301}", 2)),
            vec![
                "the ids Caf\u{e9} (line 2) and Cafe\u{301} (line 4) look alike, but their letters are \
                 encoded differently: they are two Spaces",
            ],
        ),
        (
            format!("{}{}", rows("7A", 1), rows("\u{ff17}A", 1)),
            vec![
                "the ids 7A (line 2) and \u{ff17}A (line 3) look alike, but their letters are encoded \
                 differently: they are two Spaces",
            ],
        ),
        (
            format!("{}{}", rows("maths_2023", 5), rows("maths_2032", 1)),
            vec![
                "line 7: only this row has the id maths_2032, but maths_2023 has 5 rows; is it a typo?",
            ],
        ),
        (format!("{}{}", rows("maths_2023", 4), rows("maths_2032", 1)), Vec::new()),
        (format!("{}{}", rows("7a", 6), rows("7b", 2)), Vec::new()),
        (format!("{}{}", rows("Caf\u{e9}", 2), rows("Cafe", 2)), Vec::new()),
    ] {
        let output = warned_about(&format!("id,display name\n{roster}"), &["--leader", "--guest"]);
        let seen: Vec<_> = output.stderr.lines().filter(|it| it.starts_with("warning")).collect();
        let leaders = |line: &&str| !line.contains("more than one leader");
        let seen: Vec<_> = seen.into_iter().filter(leaders).collect();
        let expected: Vec<_> = warnings.iter().map(|it| format!("warning: {it}")).collect();
        assert_eq!(seen, expected, "{output}");
    }
    // Ids are also compared before they are shortened.
    let (long, other) = ("x".repeat(70), format!("X{}", "x".repeat(69)));
    warned_about(&format!("id,user name\n{long},Ann\n{other},Ben\n"), &["--shorten-ids"]).says(&[
        &format!("warning: the ids {long} (line 2) and {other} (line 3) differ only in case"),
    ]);
}

#[test]
fn a_second_leader_and_one_identity_with_two_names_cause_warnings() {
    let roster = "id,user id,user name,leader\na,1,Ann,yes\na,2,Ben,no\na,3,Cem,yes\nb,4,Dan,yes\n\
                  c,5,Eve,yes\nc,6,Fay,yes\n";
    let output = warned_about(roster, &[]);
    let warning = "warning: more than one leader in 2 Spaces: a and c; Lessonspace recommends one leader per Space\n";
    assert_eq!(output.stderr, format!("columns sent: id, user id, user name, leader\n{warning}"));
    let roster = "id,user id,email,user name,leader\na,1,A@example.org,Ann,yes\nb,1,,Ben,yes\n\
                  c,2,a@example.org,Cem,yes\nd,1,,ANN,yes\n";
    let output = warned_about(roster, &[]);
    assert_eq!(
        output.stderr,
        "columns sent: id, user id, email, user name, leader\n\
         warning: email a@example.org is used with different names: lines 2 and 4\n\
         warning: user id 1 is used with different names: lines 2 and 3\n"
    );
}

#[test]
fn the_first_of_many_similar_warnings_are_shown_and_the_rest_are_counted() {
    let rows = (0..50).map(|row| format!("a{row},A,{row},x\nA{row},B,{row},x\n"));
    let roster = format!("id,user name,user id,leader\n{}", rows.collect::<String>());
    let output = warned_about(&roster, &[]);
    assert_eq!(output.stderr.matches("differ only in case").count(), 20, "{output}");
    assert_eq!(output.stderr.matches("is used with different names").count(), 20, "{output}");
    output.says(&[
        "warning: and 30 more similar ids\n",
        "warning: and 30 more user ids or emails with different names\n",
    ]);
}

#[test]
fn only_selected_rows_are_launched() {
    let roster =
        "id,user name,Status,Day\na,Ann,open,Mon\na,Ben, Cancelled,Mon\nb,Cem,pending,Tue\n";
    for (conditions, names) in [
        (&["Status!=cancelled"][..], &["Ann", "Cem"][..]),
        (&["status = OPEN "], &["Ann"]),
        (&["STATUS~pen"], &["Ann", "Cem"]),
        (&["Status!=nothing like it"], &["Ann", "Ben", "Cem"]),
        (&["Status=open", "Status~pend"], &["Ann", "Cem"]),
        (&["Status=open", "Status=pending", "Day!=Mon"], &["Cem"]),
        (&["Day=mon", "Status!=open", "Status!=pending"], &["Ben"]),
    ] {
        let flags: Vec<&str> = conditions.iter().flat_map(|one| ["--only", one]).collect();
        let env = TestEnv::new();
        env.write("roster.csv", roster);
        let output = env.cmd("batch roster.csv --dry-run --json").args(&flags).run();
        let names: Vec<_> = names.iter().map(|name| format!("\"name\":\"{name}\"")).collect();
        assert_eq!(output.stdout.lines().count(), names.len(), "{output}");
        let holds = |(line, name): (&str, &String)| line.contains(name.as_str());
        assert!(output.stdout.lines().zip(&names).all(holds), "{output}");
        let left_out = match 3 - names.len() {
            0 => String::new(),
            1 => "left out: 1 row (--only)\n".to_owned(),
            many => format!("left out: {many} rows (--only)\n"),
        };
        let plan = warned_about(roster, &flags);
        assert!(plan.stdout.contains(&left_out), "{plan}");
        assert_eq!(plan.stdout.contains("left out"), names.len() < 3, "{plan}");
    }
    for (flag, error) in [
        ("Statsu=open", "--only Statsu=open: no column named \"Statsu\"; did you mean {Status}?"),
        (
            "Status=gone",
            "--only excludes every row\n  no row has Status=gone; that column contains: open, Cancelled, pending",
        ),
        (
            "Status",
            "--only Status: expected COLUMN=VALUE, COLUMN!=VALUE or COLUMN~TEXT, such as \
             'Status!=cancelled'",
        ),
    ] {
        refused_with(roster, &format!("--only {flag}"), &format!("error: {error}\n"));
    }
}

#[test]
fn excluded_rows_keep_their_links() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user name,Day\na,Ann,Mon\na,Ben,Tue\nb,Cem,Wed\n");
    let seen = |name: &str| {
        links(&env, name)
            .iter()
            .map(|row| (row["link_status"].clone(), row["client_url"].clone()))
            .collect::<Vec<_>>()
    };
    env.run("batch roster.csv -o links.csv --rate 0 -q --only Day=Mon").succeeded("");
    let first = seen("links.csv");
    let statuses: Vec<_> = first.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["created", "skipped", "skipped"]);
    assert_eq!((first[1].1.as_str(), first[2].1.as_str()), ("", ""));
    env.run("batch roster.csv -o links.csv --rate 0 -q --only Day=Tue --resume").succeeded("");
    let second = seen("links.csv");
    assert_eq!(second[0], first[0]);
    assert_eq!((second[1].0.as_str(), second[2].0.as_str()), ("existing", "skipped"));
    assert_eq!(school.count(), 2);
}

#[test]
fn the_row_takes_precedence_over_file_set_and_flags() {
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
fn a_rows_own_lesson_time_takes_precedence_over_valid_for() {
    let roster = "id,user id,not before,not after,valid for\na,1,2099-01-01 10:00,2099-01-01 11:00,\n\
                  b,1,2099-01-01 10:00,,\nc,1,2099-01-01 10:00,,30m\n";
    let (bodies, _) = sent(roster, &["--valid-for", "2h"]);
    let ends: Vec<_> = bodies.iter().map(|body| body["timeouts"]["not_after"].clone()).collect();
    assert_eq!(ends, ["2099-01-01T11:00:00Z", "2099-01-01T12:00:00Z", "2099-01-01T10:30:00Z"]);
    let lesson = ["--lesson-time", "2099-01-02 14:00-14:45"];
    let whole = roster.replace("b,1,2099-01-01 10:00,,\n", "");
    let (bodies, _) = sent(&format!("{whole}d,1,,,\n"), &lesson);
    let times: Vec<_> = bodies.iter().map(|body| body["timeouts"].clone()).collect();
    let time = |start, end| json!({"not_before": start, "not_after": end});
    assert_eq!(times[0], time("2099-01-01T10:00:00Z", "2099-01-01T11:00:00Z"));
    assert_eq!(times[1], time("2099-01-01T10:00:00Z", "2099-01-01T10:30:00Z"));
    assert_eq!(times[2], time("2099-01-02T14:00:00Z", "2099-01-02T14:45:00Z"));
    // With only a start, the link would last for 7 days.
    refused_with(
        roster,
        "--lesson-time 2099-01-02T14:00-14:45",
        "warning: line 3: the link starts more than 7 days from now and may expire before then; set an end with \
         --not-after or --valid-for\n\
         error: line 3 (id \"b\"): a start but no end, so --lesson-time cannot be used; add an end, or \
         clear the start\n",
    );
}

#[test]
fn excluded_rows_are_not_compared_with_others() {
    let roster = "id,user id,space name,Status\na,1,Biology,ok\na,1,Biology,cancelled\n\
                  a,2,Chemistry,cancelled\n";
    let (bodies, output) = sent(roster, &["--only", "Status=ok"]);
    assert_eq!(bodies, [json!({"id": "a", "user": {"id": "1"}, "name": "Biology"})], "{output}");
}

#[test]
fn nothing_is_sent_if_any_row_has_an_error() {
    let long = "x".repeat(65);
    let roster = format!("{}{long},p,Person\n", people(60, 6));
    refused_with(
        &roster,
        "",
        &format!(
            "error: line 62, id (id \"{long}\") has 65 characters; the maximum is 64; to shorten long \
             ids, add --shorten-ids\n"
        ),
    );
    for (header, row, problem) in [
        (
            "not before,not after",
            "2099-01-02 10:00,2099-01-01 10:00",
            "not after (id \"a\"): the end (Thu 1 Jan 2099, 10:00 UTC) is before the start (Fri 2 Jan \
             2099, 10:00 UTC)",
        ),
        (
            "not before,not after",
            "2099-01-01 10:00,2099-01-20 10:00",
            "not after (id \"a\"): the end (Tue 20 Jan 2099, 10:00 UTC) is more than 7 days after the \
             start; a link lasts at most 7 days",
        ),
        (
            "lesson time",
            "Tue 14:00-14:45",
            "lesson time (id \"a\"): \"Tue 14:00-14:45\": a weekday without a date; write the date, or add --week-of this or --week-of next",
        ),
    ] {
        let roster = format!("id,user name,{header}\na,Ann,{row}\n");
        refused_with(&roster, "", &format!("error: line 2, {problem}\n"));
    }
    refused_with(
        "id,user name,not after\na,A,2020-01-01 10:00\n",
        "",
        "error: every lesson is already over: line 2\n",
    );
    refused_with(
        &people(1, 1),
        "--field client_url",
        "error: --field cannot be used with batch, which writes the results to the links file\n",
    );
}

#[test]
fn a_weekday_is_a_day_in_the_given_week() {
    let roster =
        "id,user name,leader,lesson time\na,Ann,x,Tue 14:00-14:45\na,Ben,,fri 9.30 to 10.15\n";
    let output = warned_about(roster, &["--week-of", "2098-12-04", "--time-zone", "Europe/Berlin"]);
    output.succeeded(
        "2 links in 1 Space, about 1 s\nlesson times are in Europe/Berlin\n\n\
         a\n  Ann  leads  Tue 2 Dec 2098, 14:00 to 14:45 CET  new\n  \
         Ben         Fri 5 Dec 2098, 09:30 to 10:15 CET  new\n",
    );
    for week in ["this", "next"] {
        let output = warned_about(roster, &["--week-of", week, "--time-zone", "UTC"]);
        assert!(output.code == Some(0) || output.stderr.contains("already over"), "{output}");
    }
    let output = warned_about(roster, &["--week-of", "sometime"]);
    output.failed(2).says(&[
        "error: --week-of: expected this, next or a date such as 2026-12-07, not \"sometime\"\n",
    ]);
}

#[test]
fn without_a_key_nothing_is_started() {
    let school = School::open();
    let env = school.env();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", people(2, 1));
    env.run("batch roster.csv -o links.csv").failed(3).says(&["no API key", "LESSONSPACE_API_KEY"]);
    assert_eq!(school.count(), 0);
    assert_eq!(fs::read_dir(env.path("work")).unwrap().count(), 1, "the roster, and nothing else");
    // Roster errors are reported first: the person who fixes them may not have the key.
    env.write("roster.csv", "id,name\na,b\n");
    env.run("batch roster.csv -o links.csv").failed(2);
}

#[test]
fn rows_excluded_from_the_last_run_are_excluded_again_with_a_message() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name,Status\na,Ann,open\nb,Ben,cancelled\n");
    env.run("batch class.csv --rate 0 --only Status!=cancelled")
        .succeeded("")
        .does_not_say(&["as in an earlier run"]);
    env.run("batch class.csv --rate 0 --resume").succeeded("").says(&[
        "warning: 1 row left out: only rows with Status!=cancelled are sent, as in an earlier run; to change this, add --only, --map or --recipe\n",
    ]);
    assert_eq!(school.count(), 1);
}

#[test]
fn a_filter_used_with_resume_on_the_first_run_applies_to_later_runs() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\na,Ann\nb,Ben\n");
    env.run("batch class.csv --rate 0 --resume --only id=a").succeeded("");
    env.run("batch class.csv --rate 0 --resume").says(&["1 row left out: only rows with id=a"]);
    assert_eq!(school.count(), 1);
}

#[test]
fn a_filter_on_a_later_run_applies_to_that_run_only() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\na,Ann\nb,Ben\n");
    let run = "batch class.csv --rate 0 --resume -q";
    env.run(run).succeeded("");
    env.run(&format!("{run} --only id=a")).succeeded("");
    env.write("class.csv", "id,user name\na,Ann\nb,Ben\nb,Cem\n");
    let later = env.run(run);
    later.succeeded("");
    assert_eq!(later.stderr, "", "{later}");
    assert_eq!(school.count(), 3, "the new pupil has a link");
}

#[test]
fn rows_without_a_lesson_time_cause_a_warning_if_others_have_one() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let header = "id,user name,not before,valid for";
    let whole = "7a,Ann,2098-12-01 14:00,45m";
    for (rows, warning) in [
        ("7a,Bo,,45m", Some("no lesson start, so the link is valid immediately: line 3")),
        ("7a,Cy,2098-12-01 14:00,", Some("no lesson end, so the link expires in 7 days: line 3")),
        ("7a,Di,,\n7a,Ed,,", Some("no lesson time, so the link lasts 7 days: lines 3 and 4")),
        ("7a,Flo,2098-12-01 15:00,45m", None),
    ] {
        env.write("class.csv", format!("{header}\n{whole}\n{rows}\n"));
        let output = env.run("batch class.csv --dry-run");
        match warning {
            Some(warning) => drop(output.says(&[&format!("warning: {warning}\n")])),
            None => drop(output.does_not_say(&["warning"])),
        }
    }
    env.write("class.csv", "id,user name\n7a,Ann\n7a,Bo\n");
    env.run("batch class.csv --dry-run").does_not_say(&["lesson time"]);
    env.write("class.csv", "id,user name,not before\n7a,Ann,2098-12-01 14:00\n7a,Bo,\n");
    env.run("batch class.csv --dry-run")
        .says(&["warning: no lesson start, so the link is valid immediately: line 3\n"]);
}

#[test]
fn names_and_ids_with_invisible_differences_cause_warnings() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    for other in ["anna klein", "Anna  Klein", "Anna\u{a0}Klein"] {
        env.write("class.csv", format!("id,user name\n7a,Anna Klein\n7a,{other}\n"));
        env.run("batch class.csv --dry-run").says(&[
            "warning: line 3: the name looks like the one on line 2; if it is the same person, delete one of the rows\n",
        ]);
    }
    env.write("class.csv", "id,user name\nMaths-7,Ann\nMaths\u{2013}7,Bo\n");
    env.run("batch class.csv --dry-run").says(&["differ only in case, blanks or dashes"]);
}

#[test]
fn labels_below_a_list_are_not_spaces_or_people() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    for (row, label) in [("Total,two pupils", "Total"), ("7a,Pupils who left:", "Pupils who left:")]
    {
        env.write("class.csv", format!("id,user name\n7a,Ann\n{row}\n"));
        env.run("batch class.csv --dry-run").failed(2).says(&[&format!(
            "\"{label}\" looks like a label below or above the list; delete the row or leave it out with --only"
        )]);
    }
    // An id may end with a colon.
    env.write("class.csv", "id,user name\n7a,Ann\nNote:,Bo is away until May\n");
    env.run("batch class.csv --dry-run").says(&[
        "warning: line 3: the id Note: ends with a colon; if it is a label below the list, delete the row\n",
    ]);
    env.write("class.csv", "id,user name\n7a,\"Smith, John, A.\"\n");
    assert_eq!(env.run("batch class.csv --dry-run").code, Some(0));
    env.write("class.csv", "id,user name\n7a,\"Ada, Bo, Cy\"\n7a,\"King, Jr., Martin\"\n");
    let output = env.run("batch class.csv --dry-run");
    output.failed(2).says(&["\"Ada, Bo, Cy\" looks like several people"]).does_not_say(&["King"]);
}

#[test]
fn utf_8_is_not_read_in_another_encoding() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("class.csv", "id,user name\n7a,J\u{fc}rgen\n");
    env.run("batch class.csv --dry-run --encoding windows-1252")
        .refused("error: class.csv is UTF-8, not windows-1252; use --encoding utf-8\n");
}
