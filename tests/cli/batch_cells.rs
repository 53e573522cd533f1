//! `batch` reads rosters as people write them: their headers, cells as Excel leaves them, JSON
//! Lines, and every problem in one report.

use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// The plan of a CSV roster.
fn plan(roster: &str, flags: &str) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.run(&format!("batch roster.csv --dry-run {flags}"))
}

/// The bodies that a CSV roster would send.
fn bodies(roster: &str, flags: &str) -> Output {
    plan(roster, &format!("--json {flags}"))
}

/// The plan of a roster in JSON Lines.
fn json_plan(roster: &str, flags: &str) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.jsonl", roster);
    env.run(&format!("batch roster.jsonl --dry-run {flags}"))
}

/// Each roster is rejected with this message.
#[track_caller]
fn refuses(cases: &[(&str, &str, &str)]) {
    for (roster, flags, message) in cases {
        plan(roster, flags).refused(&format!("error: {message}\n"));
    }
}

#[test]
fn headers_match_regardless_of_case_spaces_and_marks() {
    for header in [
        "id,user name,user email,not after",
        "ID,User Name,E-Mail,Not After",
        " Id ,user_name,email,not-after",
        "I.D,USERNAME,user.email,timeouts.not_after",
        "space id,user-name,User_Email,NotAfter",
    ] {
        let roster = format!("{header}\na,Ann,ann@example.org,2099-01-01T01:00:00Z\n");
        bodies(&roster, "--not-before 2099-01-01T00:00:00Z").succeeded(
            "{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2099-01-01T00:00:00Z\",\
             \"not_after\":\"2099-01-01T01:00:00Z\"},\
             \"user\":{\"name\":\"Ann\",\"email\":\"ann@example.org\"}}\n",
        );
    }
}

#[test]
fn every_column_in_the_help_sets_its_field() {
    let roster = "id;space name;user id;user name;user email;role;leader;display name;not after;\
                  user.custom_jwt_parameters.x;features.chat.enabled;record av;kick on expiry;invite url\n\
                  a;Biology;1;Ann;ann@example.org;teacher;x;Ms A;2099-01-01 12:00;7;no;1;yes;\
                  https://example.org/a\n\
                  b;;;;;;yes;;;;;;;\n";
    let set_window = "--not-before 2098-12-30T00:00:00Z --time-zone Europe/London";
    let output = bodies(roster, set_window);
    let body: serde_json::Value =
        serde_json::from_str(output.stdout.lines().next().unwrap()).unwrap();
    let expected = serde_json::json!({
        "id": "a",
        "name": "Biology",
        "user": {
            "id": "1", "name": "Ann", "email": "ann@example.org", "role": "teacher", "leader": true,
            "custom_jwt_parameters": {"meta": {"displayName": "Ms A"}, "x": 7, "kickOnExp": true},
        },
        "features": {"chat.enabled": false},
        "timeouts": {"not_before": "2098-12-30T00:00:00Z", "not_after": "2099-01-01T12:00:00Z"},
        "record_av": true,
        "invite_url": "https://example.org/a",
    });
    assert_eq!(body, expected);
    // `guest`, `lesson time`, `valid for` and `time zone` are not sent under their own names.
    bodies("id,guest,lesson time,time zone\na,x,2098-07-01 14:00-14:45,Asia/Tokyo\n", "")
        .succeeded(
            "{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2098-07-01T05:00:00Z\",\
         \"not_after\":\"2098-07-01T05:45:00Z\"}}\n",
        );
}

#[test]
fn a_bare_name_is_refused_with_its_two_possible_meanings() {
    for header in ["name", "Name", "NAME"] {
        plan(&format!("id, {header} \na,b\n"), "").refused(&format!(
            "error: header: column \"{header}\" is ambiguous; rename it to \"space name\" or \"user \
             name\", or add --map 'user name={{{header}}}'\n"
        ));
    }
}

#[test]
fn paths_of_known_fields_match_in_any_spelling() {
    for (header, cell, field) in [
        ("Features Chat Enabled", "no", r#","features":{"chat.enabled":false}"#),
        ("features_av_screenshare", "yes", r#","features":{"av.screenShare":true}"#),
        ("FEATURES.new.Thing", "yes", r#","features":{"new.Thing":true}"#),
        (
            "Webhooks.Session.Start",
            "https://e.org/",
            r#","webhooks":{"session":{"start":"https://e.org/"}}"#,
        ),
        ("Resource-URL", "https://e.org/x", r#","resource_url":"https://e.org/x""#),
    ] {
        bodies(&format!("id,user id,{header}\na,1,{cell}\n"), "")
            .succeeded(&format!("{{\"id\":\"a\",\"user\":{{\"id\":\"1\"}}{field}}}\n"));
    }
    bodies("id,user id,User.Custom JWT Parameters.X\na,1,7b\n", "").succeeded(
        "{\"id\":\"a\",\"user\":{\"id\":\"1\",\"custom_jwt_parameters\":{\"X\":\"7b\"}}}\n",
    );
}

#[test]
fn two_columns_for_one_field_are_refused() {
    for (one, other) in [
        ("display name", "user.custom_jwt_parameters.meta.displayName"),
        ("not before", "timeouts.not_before"),
        ("Features.Chat.Enabled", "features chat enabled"),
        ("user name", "User-Name"),
    ] {
        plan(&format!("id,{one},{other}\na,,\n"), "").refused(&format!(
            "error: header: columns \"{one}\" and \"{other}\" mean the same thing; rename or remove one\n"
        ));
    }
}

#[test]
fn other_columns_are_kept_and_listed_and_near_matches_get_a_suggestion() {
    plan("id,user id,usr name,Klasse,,feature.chat\na,1,b,c,d,e\n", "").showed(
        0,
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  1  new\n",
        "columns sent: id, user id\n\
         columns kept but not sent: usr name, Klasse, column E, feature.chat\n\
         warning: column \"usr name\" is not sent; did you mean `user name`?\n\
         warning: column \"feature.chat\" is not sent; did you mean `features.chat`?\n",
    );
}

#[test]
fn an_empty_cell_counts_as_not_set() {
    let roster = "id,user id,user name,leader,valid for,record av\n\
                  a,1,,,,\nb,, \u{a0}Bo\u{a0} ,  ,,\n";
    bodies(roster, "").succeeded(
        "{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n{\"id\":\"b\",\"user\":{\"name\":\"Bo\"}}\n",
    );
}

#[test]
fn yes_and_no_are_read_in_any_case_and_nothing_else_is_accepted() {
    for (cell, value) in [
        ("yes", true),
        ("YES", true),
        ("true", true),
        ("1", true),
        ("x", true),
        (" X ", true),
        ("no", false),
        ("False", false),
        ("0", false),
        ("y", true),
        ("N", false),
        ("on", true),
        ("Off", false),
    ] {
        let body = format!("{{\"id\":\"a\",\"user\":{{\"id\":\"1\",\"leader\":{value}}}}}\n");
        bodies(&format!("id,user id,leader\na,1,{cell}\n"), "").succeeded(&body);
    }
    for cell in ["2", "ja", "✓", "yes no"] {
        plan(&format!("id,user id,leader\na,1,{cell}\n"), "").refused(&format!(
            "error: line 2, leader (id \"a\"): expected yes or no, not \"{cell}\"\n"
        ));
    }
}

#[test]
fn a_row_without_a_person_is_an_error_unless_it_is_for_a_leader_or_guest() {
    let missing = "no person: the row has no user id, name or email; for a guest link, add --guest";
    refuses(&[
        (
            "id,user name,role\na,Ann,student\nb,,student\n",
            "",
            &format!("line 3 (id \"b\"): {missing}"),
        ),
        ("id,guest\na,yes\nb,\n", "", &format!("line 3 (id \"b\"): {missing}")),
        ("id,guest\na,no\nb,\n", "--guest", &format!("line 2 (id \"a\"): {missing}")),
        (
            "id,guest,user name\na,yes,Ann\nb,,Bo\n",
            "",
            "line 2, guest (id \"a\") cannot be used with user name",
        ),
        (
            "id,Pupil\na,Ann\n",
            "",
            "line 2 (id \"a\"): no person: column \"Pupil\" may contain the name; add --map 'user \
             name={Pupil}', or --guest for guest links",
        ),
        // An error in the map is reported without the errors that follow from it.
        (
            "id,Pupil\na,Ann\n",
            "--map user-name={Pupl}",
            "--map user-name: no column named \"Pupl\"; did you mean {Pupil}?",
        ),
        (
            "id,user name\na,1234\n",
            "",
            "line 2, user name (id \"a\"): \"1234\" contains no letters, so it is not a name; delete the row if it is a total",
        ),
    ]);
    for (roster, flags, stdout) in [
        ("id\na\n", "--guest", "{\"id\":\"a\"}\n"),
        ("id,guest\na,x\n", "", "{\"id\":\"a\"}\n"),
        ("id,guest,leader,role\na,yes,no,student\n", "", "{\"id\":\"a\"}\n"),
        ("id,leader\na,yes\n", "", "{\"id\":\"a\",\"user\":{\"leader\":true}}\n"),
        ("id\na\n", "--user-id=1", "{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n"),
    ] {
        bodies(roster, flags).succeeded(stdout);
    }
}

#[test]
fn a_damaged_id_or_email_cell_is_reported_with_its_cause() {
    let shortened = "a spreadsheet shortened a long number; format the column as text, enter the \
                     number again and save";
    let failed =
        "the formula failed; fix it in the spreadsheet, or type the value instead, then save";
    let narrow = "the column was too narrow to show the value; widen it and save again";
    let formula = "a formula, not a plain value; remove the =\" and the \"";
    let decimal =
        "a program turned it into a decimal number; remove the .0, or export the column as text";
    let date =
        "a spreadsheet turned it into a date; format the column as text and enter the value again";
    let nothing = "the word some programs write for an empty cell; clear the cell";
    let apostrophe = "a spreadsheet added the apostrophe at the start; remove it";
    let marks = "only question marks; export the file again as UTF-8";
    let letter = "a letter was lost and replaced with \u{fffd}; export the file again as UTF-8, or \
                  type the letter";
    for (cell, shown, message) in [
        ("1.23E+15", "1.23E+15", shortened),
        ("\"1,23E+15\"", "1,23E+15", shortened),
        ("1e+05", "1e+05", shortened),
        ("#REF!", "#REF!", failed),
        ("#N/A", "#N/A", failed),
        ("#BEZUG!", "#BEZUG!", failed),
        ("########", "########", narrow),
        ("\"=\"\"007\"\"\"", "=\\\"007\\\"", formula),
        ("1001.0", "1001.0", decimal),
        ("02-Jan", "02-Jan", date),
        ("nan", "nan", nothing),
        ("NULL", "NULL", nothing),
        ("None", "None", nothing),
        ("'007", "'007", apostrophe),
        ("????", "????", marks),
        ("M\u{fffd}ller@example.org", "M\u{fffd}ller@example.org", letter),
    ] {
        // An invalid person or id is not a missing one.
        for (header, id) in
            [("id,user id", ""), ("user id,id", " (id \"a\")"), ("email,id", " (id \"a\")")]
        {
            let field = header.split(',').next().unwrap();
            plan(&format!("{header}\n{cell},a\n"), "")
                .refused(&format!("error: line 2, {field}{id}: \"{shown}\": {message}\n"));
        }
    }
    // Ids may look like damaged cells.
    bodies("id,user id\n1E5,a\n#general,1.5\n007,02-Janus\n", "").succeeded(
        "{\"id\":\"1E5\",\"user\":{\"id\":\"a\"}}\n\
         {\"id\":\"#general\",\"user\":{\"id\":\"1.5\"}}\n\
         {\"id\":\"007\",\"user\":{\"id\":\"02-Janus\"}}\n",
    );
    // In other sent columns, only failed cells are errors; columns that are not sent do not matter.
    plan("id,user name,display name,note\na,Ann,#REF!,#REF!\nb,M\u{fffd}ller,nan,x\n", "").refused(
        &format!(
            "error: 2 problems with the input; nothing was sent\n  \
             line 2, display name (id \"a\"): \"#REF!\": {failed}\n  \
             line 3, user name (id \"b\"): \"M\u{fffd}ller\": {letter}\n"
        ),
    );
}

#[test]
fn dates_written_by_excel_need_an_order() {
    let roster = "id,user id,not before,not after\na,1,01/12/2098 14:00,2.12.2098 2:30 PM\n\
                  b,1,01/12/2098 15:00,2.12.2098 3:30 PM\n";
    let order = "ambiguous date; add --dates dmy (day first) or --dates mdy (month first)";
    refuses(&[
        (
            roster,
            "",
            &format!(
                "2 problems with the input; nothing was sent\n  not before: {order}: lines 2 and 3\n  \
                 not after: {order}: lines 2 and 3"
            ),
        ),
        (
            "id,user id,not after\na,1,31/12/2098 14:00\n",
            "--dates mdy",
            "line 2, not after (id \"a\"): \"31/12/2098 14:00\": no such date with the month first",
        ),
        (
            "id,user id,not after\na,1,31/12/98 14:00\n",
            "--dates dmy",
            "line 2, not after (id \"a\"): \"31/12/98 14:00\": write the year with four digits",
        ),
        (
            "id,user name,space name\na,Ann,null\n",
            "",
            "line 2, space name (id \"a\"): \"null\": the word some programs write for an empty cell; \
             clear the cell",
        ),
        (
            "id,user id,not after\na,1,soon\n",
            "--dates dmy",
            "line 2, not after (id \"a\"): \"soon\" is not a valid time; use 2026-12-01T14:00:00Z, a \
             local time such as \"2026-12-01 14:00\", or now",
        ),
    ]);
    let sent = |before: &str, after: &str| {
        format!(
            "{{\"id\":\"a\",\"user\":{{\"id\":\"1\"}},\"timeouts\":{{\"not_before\":\"{before}\",\
             \"not_after\":\"{after}\"}}}}\n"
        )
    };
    let first = roster.lines().take(2).collect::<Vec<_>>().join("\n");
    bodies(&first, "--dates dmy").succeeded(&sent("2098-12-01T14:00:00Z", "2098-12-02T14:30:00Z"));
    let roster = "id,user id,not before,not after\na,1,12/01/2098 14:00,12/02/2098 14:30:30\n";
    bodies(roster, "--dates mdy").succeeded(&sent("2098-12-01T14:00:00Z", "2098-12-02T14:30:30Z"));
    let roster = "id,user id,not before,not after\na,1,12/1/68 2:00 PM,12/1/68 14:45\n";
    bodies(roster, "--dates mdy").succeeded(&sent("2068-12-01T14:00:00Z", "2068-12-01T14:45:00Z"));
    // The order affects only ambiguous dates.
    let roster = "id,user id,not before,not after\na,1,2098-12-01T14:00:00Z,2098/12/01 15:00\n";
    bodies(roster, "--dates mdy").succeeded(&sent("2098-12-01T14:00:00Z", "2098-12-01T15:00:00Z"));
}

#[test]
fn month_names_durations_with_colons_and_serial_numbers_are_handled() {
    let roster = "id,user id,not before,valid for\na,1,1-Dec-98 14:00,1:30\n\
                  b,1,1 December 2098 2:00 PM,0:45\n";
    bodies(roster, "").succeeded(
        "{\"id\":\"a\",\"user\":{\"id\":\"1\"},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\
         \"not_after\":\"2098-12-01T15:30:00Z\"}}\n\
         {\"id\":\"b\",\"user\":{\"id\":\"1\"},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\
         \"not_after\":\"2098-12-01T14:45:00Z\"}}\n",
    );
    plan("id,user id,not before,valid for\na,1,46357.58,1h\nb,1,2098-12-01 14:00,45\n", "").refused(
        "error: 2 problems with the input; nothing was sent\n  \
         line 2, not before (id \"a\"): \"46357.58\": looks like Excel's number for 2026-12-01; format \
         the column as a date and save again\n  \
         line 3, valid for (id \"b\"): \"45\" has no unit; write 45m for minutes, or map the column: \
         --map 'valid for={Minutes}m'\n",
    );
}

#[test]
fn a_date_without_a_time_is_never_midnight() {
    let time = "has no time of day; add one, such as 2098-12-01 14:00";
    refuses(&[
        (
            "id,user id,not before,not after\na,1,2098-12-01,1/12/2098\n",
            "--dates dmy",
            &format!(
                "2 problems with the input; nothing was sent\n  \
                 line 2, not before (id \"a\"): \"2098-12-01\" {time}\n  \
                 line 2, not after \"1/12/2098\" (id \"a\"): \"2098-12-01\" {time}"
            ),
        ),
        (
            "id,user id,lesson time\na,1,2098-12-01\n",
            "",
            "line 2, lesson time (id \"a\"): \"2098-12-01\": the start has no time of day; add one, such \
             as 2026-12-01 14:00-14:45",
        ),
    ]);
}

#[test]
fn emails_are_checked_and_roles_are_sent_as_lessonspace_spells_them() {
    let roster = "id,email,role\na,ann@example.org,Teacher\nb,b@example.org,TUTOR\n\
                  c,c@example.org,TUTOR\n";
    bodies(roster, "").showed(
        0,
        "{\"id\":\"a\",\"user\":{\"email\":\"ann@example.org\",\"role\":\"teacher\"}}\n\
         {\"id\":\"b\",\"user\":{\"email\":\"b@example.org\",\"role\":\"TUTOR\"}}\n\
         {\"id\":\"c\",\"user\":{\"email\":\"c@example.org\",\"role\":\"TUTOR\"}}\n",
        "{\"warning\":\"unknown role \\\"TUTOR\\\", sent as is (known roles: teacher, student, admin): \
         lines 3 and 4\"}\n",
    );
    for address in ["ann", "ann@", "@example.org", "a@b@c", "ann smith@example.org"] {
        plan(&format!("id,E-Mail\na,{address}\n"), "").refused(&format!(
            "error: line 2, E-Mail (id \"a\"): \"{address}\" is not a valid email address; expected one \
             such as anna@example.org\n"
        ));
    }
    refuses(&[(
        "id,E-Mail\na,mailto:ann@example.org\n",
        "",
        "line 2, E-Mail (id \"a\"): \"mailto:ann@example.org\" is a link; remove mailto: and use only the \
         address",
    )]);
}

#[test]
fn ids_that_nearly_match_others_cause_warnings() {
    let rows = (0..24).map(|row| format!("biology101_2023,p{row}\n")).collect::<String>();
    let roster =
        format!("id,user id\n{rows}biology101_2032,x\nTotals2,24\nCaf\u{e9},1\nCafe\u{301},2\n");
    plan(&roster, "").says(&[
        "warning: line 26: only this row has the id biology101_2032, but biology101_2023 has 24 rows; is it a typo?\n",
        "warning: the ids Caf\u{e9} (line 28) and Cafe\u{301} (line 29) look alike, but their letters \
         are encoded differently: they are two Spaces\n",
    ]);
}

#[test]
fn local_times_use_the_rows_zone_or_else_the_commands() {
    let roster = "id,user id,lesson time,time zone\na,1,2098-07-01 14:00-15:00,\n\
                  b,1,2098-07-01 14:00-15:00,Asia/Tokyo\n";
    bodies(roster, "--time-zone Europe/London").succeeded(
        "{\"id\":\"a\",\"user\":{\"id\":\"1\"},\"timeouts\":{\"not_before\":\"2098-07-01T13:00:00Z\",\
         \"not_after\":\"2098-07-01T14:00:00Z\"}}\n\
         {\"id\":\"b\",\"user\":{\"id\":\"1\"},\"timeouts\":{\"not_before\":\"2098-07-01T05:00:00Z\",\
         \"not_after\":\"2098-07-01T06:00:00Z\"}}\n",
    );
    plan(roster, "--time-zone Europe/London").succeeded(
        "2 links in 2 Spaces, about 1 s\nlesson times are in Asia/Tokyo and Europe/London\n\
         no leader in 2 Spaces: a and b\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\n\
         a\n  1  Tue 1 Jul 2098, 14:00 to 15:00 BST  new\n\n\
         b\n  1  Tue 1 Jul 2098, 14:00 to 15:00 JST  new\n",
    );
}

#[test]
fn json_lines_are_whole_bodies() {
    let line = "{\"id\":\"a\",\"user\":{\"id\":\"1\"},\"new_field\":1.10}\n";
    json_plan(line, "--json").showed(
        0,
        line,
        "{\"warning\":\"roster.jsonl, line 1, column 29: new_field: unknown field, sent as is\"}\n",
    );
    // A JSON body is sent as is, even for a guest.
    json_plan("{\"id\":\"a\"}\n", "--json").succeeded("{\"id\":\"a\"}\n");
    let env = TestEnv::new();
    env.write("roster.txt", line);
    env.run("batch roster.txt --dry-run --json --format jsonl").succeeded(line);
    env.run("batch roster.txt --dry-run").refused(
        "error: roster.txt looks like JSON, not CSV; rename it to .jsonl, or add --format jsonl\n",
    );
    for name in ["roster.ndjson", "ROSTER.JSONL"] {
        env.write(name, format!("\u{feff}\r\n{}", line.replace('\n', "\r\n")));
        env.run(&format!("batch {name} --dry-run --json")).succeeded(line);
    }
}

#[test]
fn errors_in_json_are_reported_with_their_line() {
    let roster = "{\"id\":\"a\"}\n\n{\"id\":\"b\",\"id\":\"c\"}\n[1]\n{\"id\": tru}\n";
    json_plan(roster, "").refused(
        "error: 3 problems with the input; nothing was sent\n  \
         roster.jsonl, line 3, column 11, id: duplicate field\n  \
         3 | {\"id\":\"b\",\"id\":\"c\"}\n    \
           |           ^\n  \
         roster.jsonl, line 4, column 1: expected a JSON object, not a list\n  \
         4 | [1]\n    \
           | ^\n  \
         roster.jsonl, line 5, column 8, id: not a JSON value; put text in double quotes\n  \
         5 | {\"id\": tru}\n    \
           |        ^\n",
    );
    let roster = "{\"id\":\"e\",\"user\":{\"leader\":\"perhaps\"}}\n{\"user\":{\"id\":\"1\"}}\n";
    json_plan(roster, "").refused(
        "error: 2 problems with the input; nothing was sent\n  \
         roster.jsonl, line 1, column 28, user.leader (id \"e\"): expected true or false without \
         quotes, not text\n  \
         1 | {\"id\":\"e\",\"user\":{\"leader\":\"perhaps\"}}\n    \
           |                            ^\n  \
         line 2, id is required\n",
    );
    let roster = "[\n{\"id\":\"a\"},\n{\n\"id\": 1,\n\"user\": {\"leader\":\"no\"}\n}\n]\n";
    json_plan(roster, "").refused(
        "error: 2 problems with the input; nothing was sent\n  \
         roster.jsonl, line 4, column 7, id: expected text in quotes, not a number\n  \
         4 | \"id\": 1,\n    \
           |       ^\n  \
         roster.jsonl, line 5, column 19, user.leader: expected true or false without quotes, not \
         text\n  \
         5 | \"user\": {\"leader\":\"no\"}\n    \
           |                   ^\n",
    );
    json_plan("[\n{\"id\":\"a\"}\n", "").refused(
        "error: roster.jsonl, line 1, column 1: unclosed [; a ] or the end of the file is missing\n  1 | [\n    | ^\n",
    );
}

#[test]
fn json_is_read_in_any_layout() {
    let pretty =
        |id: &str| format!("{{\n  \"id\": \"{id}\",\n  \"user\": {{\n    \"id\": \"1\"\n  }}\n}}");
    let (a, b) = (pretty("a"), pretty("b"));
    let bodies = "{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n{\"id\":\"b\",\"user\":{\"id\":\"1\"}}\n";
    for roster in [format!("{a}\n{b}\n"), format!("{a} {b}"), format!("[{a},\n{b}]")] {
        json_plan(&roster, "--json").succeeded(bodies);
    }
    let school = School::open();
    let env = school.env();
    env.write("roster.json", format!("[{a},\n{b}]"));
    env.run("batch roster.json -o links.jsonl --rate 0").succeeded("");
    let links = std::fs::read_to_string(env.path("work/links.jsonl")).unwrap();
    assert_eq!(links.lines().count(), 2, "{links}");
    env.run("batch links.jsonl -o again.jsonl --dry-run --json").succeeded(bodies);
    env.run("batch roster.json -o links.jsonl --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 2);
}

#[test]
fn the_result_of_a_json_line_is_never_sent() {
    json_plan("{\"id\":\"a\",\"result\":{\"client_url\":\"x\"},\"name\":\"n\"}\n", "--json")
        .succeeded("{\"id\":\"a\",\"name\":\"n\"}\n");
}

#[test]
fn the_template_is_an_empty_roster() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let template = env.run("batch --template");
    template.showed(
        0,
        "id,space name,user id,user name,user email,role,leader,lesson time\r\n",
        "",
    );
    env.write("roster.csv", &template.stdout);
    env.run("batch roster.csv --dry-run").refused("error: the roster has no rows\n");
    env.write("roster.csv", format!("{}a,,1\r\n", template.stdout));
    env.run("batch roster.csv --dry-run").showed(
        0,
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  1  new\n",
        "columns sent: id, space name, user id, user name, user email, role, leader, lesson time\n",
    );
}

#[test]
fn a_plan_shows_the_number_of_links_and_spaces_and_the_time() {
    let roster = crate::roster::people(400, 14);
    let plans = |flags: &str| plan(&roster, flags).stdout.lines().next().unwrap().to_owned();
    assert_eq!(plans(""), "400 links in 14 Spaces, about 1 min 40 s");
    assert_eq!(plans("--rate 2"), "400 links in 14 Spaces, about 3 min 20 s");
    assert_eq!(plans("--rate 0"), "400 links in 14 Spaces");
    for rate in ["fast", "-1", "inf", "NaN"] {
        plan(&roster, &format!("--rate {rate}")).refused(&format!(
            "error: --rate: expected a number such as 4, or 0 for no limit, not \"{rate}\"\n"
        ));
    }
}

#[test]
fn each_kind_of_problem_is_reported_once_with_its_rows_up_to_twenty_kinds() {
    let school = School::open();
    let env = school.env();
    let rows = (0..30).map(|row| format!("space-{row},p{row},maybe\n")).collect::<String>();
    env.write("roster.csv", format!("id,user id,leader\n{rows}good,p,yes\n"));
    env.run("batch roster.csv -o links.csv --rate 0")
        .refused("error: leader: expected yes or no, not \"maybe\": lines 2, 3, 4 and 27 more\n");
    let names: Vec<String> = (0..25).map(|number| format!("features.f{number}")).collect();
    env.write(
        "roster.csv",
        format!("id,user id,{}\na,1{}\n", names.join(","), ",maybe".repeat(25)),
    );
    let shown: String = names[..20]
        .iter()
        .map(|name| format!("  line 2, {name} (id \"a\"): expected yes or no, not \"maybe\"\n"))
        .collect();
    env.run("batch roster.csv -o links.csv --rate 0").refused(&format!(
        "error: 25 problems with the input; nothing was sent\n{shown}  and 5 more\n"
    ));
    assert_eq!(school.count(), 0);
    assert!(!env.path("work/links.csv").exists() && !env.path("work/links.csv.journal").exists());
}

#[test]
fn problems_with_flags_and_roster_are_reported_together_if_possible() {
    let env = TestEnv::new();
    env.write("roster.csv", "id,name\na,b\n");
    let output =
        env.run("batch roster.csv --rate fast --set user.leader=maybe --resume --min-valid 8d");
    output.refused(
        "error: 4 problems with the input; nothing was sent\n  \
         --min-valid must be less than 7 days, because links last at most 7 days\n  \
         --rate: expected a number such as 4, or 0 for no limit, not \"fast\"\n  \
         --set user.leader: expected yes or no, not \"maybe\"\n  \
         header: column \"name\" is ambiguous; rename it to \"space name\" or \"user name\", or add \
         --map 'user name={name}'\n",
    );
}

#[test]
fn a_message_quotes_a_date_as_it_was_written() {
    refuses(&[
        (
            "id,user id,not before,time zone\nx,1,29/03/2026 01:30,Europe/London\n",
            "--dates dmy",
            "line 2, not before \"29/03/2026 01:30\" (id \"x\"): 2026-03-29 01:30 does not exist in \
             Europe/London (the clocks go forward); choose another time, or add an offset",
        ),
        (
            "id,user id,not after\nx,1,1 December 2020 2:00 PM\n",
            "",
            "every lesson is already over: line 2",
        ),
    ]);
    plan("id,user id,not after\nx,1,2020-12-01 14:00\ny,2,\n", "").succeeded(
        "1 link in 1 Space, about 1 s\n1 lesson is already over: no link\nlesson times are in UTC\n\
         no leader in 1 Space: y\n  to make a leader link, run: \
         lessonspace launch --id y --leader\n\n\
         x\n  1  until Tue 1 Dec 2020, 14:00 UTC  ended\n\n\
         y\n  2                                   new\n",
    );
}

#[test]
fn an_excessively_large_roster_is_refused_at_once() {
    let env = TestEnv::new();
    let wide = |columns: usize| format!("id,user name{}\na,Ada\n", ",".repeat(columns - 2));
    env.write("wide.csv", wide(16_384));
    env.run("batch wide.csv --dry-run").succeeded(
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  Ada  new\n",
    );
    env.write("wide.csv", wide(16_385));
    env.run("batch wide.csv --dry-run")
        .refused("error: wide.csv: line 1 has more than 16,384 columns, which is the maximum\n");
    let large = |length: usize| format!("id,user name,note\na,Ada,{}\n", "x".repeat(length));
    env.write("large.csv", large(1 << 20));
    env.run("batch large.csv --dry-run").succeeded(
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  Ada  new\n",
    );
    env.write("large.csv", large((1 << 20) + 1));
    env.run("batch large.csv --dry-run")
        .refused("error: large.csv: line 2 has a cell larger than 1 MiB; check its quotes (\")\n");
    for name in ["long.csv", "long.xlsx", "long.jsonl"] {
        let file = std::fs::File::create(env.path("work").join(name)).unwrap();
        file.set_len((64 << 20) + 1).unwrap();
        env.run(&format!("batch {name} --dry-run"))
            .refused(&format!("error: {name} is larger than 64 MiB\n"));
    }
    #[cfg(unix)]
    {
        env.run("batch /dev/zero --dry-run").refused("error: /dev/zero is larger than 64 MiB\n");
        let zeros = std::fs::File::open("/dev/zero").unwrap();
        let run = env.cmd("batch - --dry-run");
        let child = run.command().stdin(zeros).spawn().unwrap();
        run.finish(child).refused("error: standard input is larger than 64 MiB\n");
    }
}
