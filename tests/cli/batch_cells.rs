//! `batch` understands a roster: headers as people write them, cells as Excel leaves them, JSON
//! Lines, and every problem at once.

use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// The plan of a CSV roster.
fn plan(roster: &str, flags: &str) -> Output {
    let env = TestEnv::new();
    env.write("roster.csv", roster);
    env.run(&format!("batch roster.csv --dry-run {flags}"))
}

/// The plan of a roster in JSON Lines.
fn json_plan(roster: &str) -> Output {
    let env = TestEnv::new();
    env.write("roster.jsonl", roster);
    env.run("batch roster.jsonl --dry-run")
}

#[test]
fn headers_match_without_regard_to_case_blanks_and_marks() {
    for header in [
        "id,user name,user email,not before",
        "ID,User Name,E-Mail,Not Before",
        " Id ,user_name,email,not-before",
        "I.D,USERNAME,user.email,timeouts.not_before",
        "space id,user-name,User_Email,NotBefore",
    ] {
        plan(&format!("{header}\na,Ann,ann@example.org,2099-01-01T00:00:00Z\n"), "").succeeded(
            "{\"id\":\"a\",\"user\":{\"name\":\"Ann\",\"email\":\"ann@example.org\"},\
             \"timeouts\":{\"not_before\":\"2099-01-01T00:00:00Z\"}}\n",
        );
    }
}

#[test]
fn every_column_of_the_help_goes_to_its_field() {
    let roster = "id;space name;user id;role;leader;display name;not after;\
                  user.custom_jwt_parameters.x;features.chat.enabled;record av;kick on expiry;invite url\n\
                  a;Biology;1;teacher;x;Ms A;2099-01-01 12:00;7;no;1;yes;https://example.org/a\n";
    let set_window = "--not-before 2098-12-30T00:00:00Z --time-zone Europe/London";
    let body = plan(roster, set_window).json();
    let expected = serde_json::json!({
        "id": "a",
        "name": "Biology",
        "user": {
            "id": "1", "role": "teacher", "leader": true,
            "custom_jwt_parameters": {"meta": {"displayName": "Ms A"}, "x": 7, "kickOnExp": true},
        },
        "features": {"chat.enabled": false},
        "timeouts": {"not_before": "2098-12-30T00:00:00Z", "not_after": "2099-01-01T12:00:00Z"},
        "record_av": true,
        "invite_url": "https://example.org/a",
    });
    assert_eq!(body, expected);
}

#[test]
fn a_bare_name_is_refused_with_the_two_that_it_could_be() {
    for header in ["name", "Name", " NAME "] {
        plan(&format!("id,{header}\na,b\n"), "").failed(2).says(&["space name", "user name"]);
    }
}

#[test]
fn paths_of_known_fields_match_as_people_write_them() {
    for (header, cell, field) in [
        ("Features Chat Enabled", "no", r#""features":{"chat.enabled":false}"#),
        ("features_av_screenshare", "yes", r#""features":{"av.screenShare":true}"#),
        ("FEATURES.new.Thing", "yes", r#""features":{"new.Thing":true}"#),
        (
            "Timeouts Not_Before",
            "2099-01-01T10:00Z",
            r#""timeouts":{"not_before":"2099-01-01T10:00:00Z"}"#,
        ),
        (
            "Webhooks.Session.Start",
            "https://e.org/",
            r#""webhooks":{"session":{"start":"https://e.org/"}}"#,
        ),
        ("User.Custom JWT Parameters.X", "7b", r#""user":{"custom_jwt_parameters":{"X":"7b"}}"#),
        ("Resource-URL", "https://e.org/x", r#""resource_url":"https://e.org/x""#),
    ] {
        plan(&format!("id,{header}\na,{cell}\n"), "")
            .succeeded(&format!("{{\"id\":\"a\",{field}}}\n"));
    }
}

#[test]
fn two_columns_for_one_field_are_refused() {
    for (one, other) in [
        ("display name", "user.custom_jwt_parameters.meta.displayName"),
        ("not before", "timeouts.not_before"),
        ("Features.Chat.Enabled", "features chat enabled"),
    ] {
        plan(&format!("id,{one},{other}\na,,\n"), "").failed(2).says(&[one, other, "are the same"]);
    }
}

#[test]
fn other_columns_are_kept_and_listed_and_near_misses_get_a_suggestion() {
    plan("id,usr name,Klasse,feature.chat\na,b,c,d\n", "").succeeded("{\"id\":\"a\"}\n").says(&[
        "kept but not sent: usr name, Klasse, feature.chat",
        "warning: column usr name is not sent; did you mean `user name`?",
        "`features.chat`",
    ]);
}

#[test]
fn an_empty_cell_is_not_given() {
    let roster = "id,user id,user name,leader,valid for,record av\na,1,,,,\nb,, \u{a0},  ,,\n";
    plan(roster, "").succeeded("{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n{\"id\":\"b\"}\n");
}

#[test]
fn yes_and_no_cells_are_read_in_any_case_and_nothing_else_is() {
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
        let body = format!("{{\"id\":\"a\",\"user\":{{\"leader\":{value}}}}}\n");
        plan(&format!("id,leader\na,{cell}\n"), "").succeeded(&body);
    }
    for cell in ["2", "ja", "✓", "yes no"] {
        plan(&format!("id,leader\na,{cell}\n"), "")
            .failed(2)
            .says(&["line 2", "id \"a\"", "leader", "yes, no"]);
    }
}

#[test]
fn an_id_that_excel_has_damaged_is_refused() {
    for cell in ["1.23E+15", "\"1,23E+15\"", "#REF!", "#N/A", "#BEZUG!", "########"] {
        for header in ["id,user id", "user id,id"] {
            plan(&format!("{header}\n{cell},a\n"), "").failed(2).says(&["line 2", "Excel"]);
        }
    }
    // What only looks alike is somebody's id.
    plan("id\n1E5\n#general\n007\n", "")
        .succeeded("{\"id\":\"1E5\"}\n{\"id\":\"#general\"}\n{\"id\":\"007\"}\n");
}

#[test]
fn a_damaged_id_is_one_problem_not_two() {
    plan("id\n1.23E+15\n", "").failed(2).does_not_say(&["missing", "problems"]);
}

#[test]
fn dates_as_excel_writes_them_need_their_order() {
    let roster = "id,not before,not after\na,01/12/2098 14:00,2.12.2098 2:30 PM\n";
    plan(roster, "").failed(2).says(&[
        "--dates dmy",
        "--dates mdy",
        "not before",
        "not after",
        "line 2",
    ]);
    let bodies = |before: &str, after: &str| {
        format!(
            "{{\"id\":\"a\",\"timeouts\":{{\"not_before\":\"{before}\",\"not_after\":\"{after}\"}}}}\n"
        )
    };
    let output = plan(roster, "--dates dmy");
    output.succeeded(&bodies("2098-12-01T14:00:00Z", "2098-12-02T14:30:00Z"));
    let roster = "id,not before,not after\na,12/01/2098 14:00,12/02/2098 14:30:30\n";
    let output = plan(roster, "--dates mdy");
    output.succeeded(&bodies("2098-12-01T14:00:00Z", "2098-12-02T14:30:30Z"));
    plan("id,not after\na,31/12/2098 14:00\n", "--dates mdy")
        .failed(2)
        .says(&["no such day", "month"]);
    plan("id,not after\na,31/12/98 14:00\n", "--dates dmy").failed(2).says(&["four"]);
    plan("id,not after\na,soon\n", "--dates dmy").failed(2).says(&["line 2", "soon"]);
    // The order is for dates that need it only.
    plan("id,not before\na,2098-12-01T14:00:00Z\n", "--dates dmy")
        .succeeded("{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\"}}\n");
}

#[test]
fn months_as_words_lengths_with_colons_and_serial_numbers() {
    let roster = "id,not before,valid for\na,1-Dec-98 14:00,1:30\nb,1 December 2098 2:00 PM,0:45\n";
    plan(roster, "").succeeded(
        "{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T15:30:00Z\"}}\n\
         {\"id\":\"b\",\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T14:45:00Z\"}}\n",
    );
    plan("id,not before\na,46357.58\n", "").failed(2).says(&["46357.58", "Excel", "2026-12-01"]);
}

#[test]
fn addresses_are_checked_and_roles_are_sent_as_lessonspace_writes_them() {
    let roster = "id,email,role\na,ann@example.org,Teacher\nb,,TUTOR\nc,,TUTOR\n";
    let output = plan(roster, "");
    output.succeeded(
        "{\"id\":\"a\",\"user\":{\"email\":\"ann@example.org\",\"role\":\"teacher\"}}\n\
         {\"id\":\"b\",\"user\":{\"role\":\"TUTOR\"}}\n{\"id\":\"c\",\"user\":{\"role\":\"TUTOR\"}}\n",
    );
    assert_eq!(output.stderr.matches("the role \"TUTOR\"").count(), 1, "{output}");
    for address in ["ann", "ann@", "@example.org", "a@b@c", "ann smith@example.org"] {
        plan(&format!("id,E-Mail\na,{address}\n"), "").failed(2).says(&["line 2, E-Mail", "one @"]);
    }
}

#[test]
fn ids_that_are_nearly_others_are_warned_of() {
    let rows = (0..24).map(|row| format!("biology101_2023,p{row}\n")).collect::<String>();
    let roster =
        format!("id,user id\n{rows}biology101_2032,x\nTotal,24\nCaf\u{e9},1\nCafe\u{301},2\n");
    plan(&roster, "").says(&[
        "line 26: the id biology101_2032 has a single row, and biology101_2023 has 24",
        "line 27: the id Total",
        "line 29: the ids Caf\u{e9} and Cafe\u{301} look alike",
    ]);
}

#[test]
fn local_times_are_read_in_the_rows_zone_else_in_the_one_of_the_command() {
    let roster = "id,not before,time zone\na,2098-07-01 14:00,\nb,2098-07-01 14:00,Asia/Tokyo\n";
    plan(roster, "--time-zone Europe/London").succeeded(
        "{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2098-07-01T13:00:00Z\"}}\n\
         {\"id\":\"b\",\"timeouts\":{\"not_before\":\"2098-07-01T05:00:00Z\"}}\n",
    );
}

#[test]
fn json_lines_are_whole_bodies() {
    let line = "{\"id\":\"a\",\"user\":{\"id\":\"1\"},\"new_field\":1.10}\n";
    json_plan(line).succeeded(line).says(&["new_field"]);
    let env = TestEnv::new();
    env.write("roster.txt", line);
    env.run("batch roster.txt --dry-run --format jsonl").succeeded(line);
    env.run("batch roster.txt --dry-run").failed(2).says(&["JSON", "--format jsonl"]);
    for name in ["roster.ndjson", "ROSTER.JSONL"] {
        env.write(name, format!("\u{feff}\r\n{}", line.replace('\n', "\r\n")));
        env.run(&format!("batch {name} --dry-run")).succeeded(line);
    }
}

#[test]
fn json_lines_with_faults_are_named_by_line() {
    let roster = "{\"id\":\"a\"}\n\n{\"id\":\"b\",\"id\":\"c\"}\n[1]\n{\"id\":\"d\"\n{\"id\":\"e\",\"user\":{\"leader\":\"perhaps\"}}\n{\"user\":{\"id\":\"1\"}}\n";
    json_plan(roster).failed(2).says(&[
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "user.leader",
        "line 7",
    ]);
    let output =
        json_plan("[\n{\"id\":\"a\"},\n{\n\"id\": 1,\n\"user\": {\"leader\":\"no\"}\n}\n]\n");
    output.failed(2).says(&["line 4, column", "line 5, column", "user.leader"]);
    json_plan("[\n{\"id\":\"a\"}\n").failed(2).says(&["line 1", "bracket"]);
}

#[test]
fn json_is_read_however_it_is_laid_out() {
    let pretty =
        |id: &str| format!("{{\n  \"id\": \"{id}\",\n  \"user\": {{\n    \"id\": \"1\"\n  }}\n}}");
    let (a, b) = (pretty("a"), pretty("b"));
    let bodies = "{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n{\"id\":\"b\",\"user\":{\"id\":\"1\"}}\n";
    for roster in [format!("{a}\n{b}\n"), format!("{a} {b}"), format!("[{a},\n{b}]")] {
        json_plan(&roster).succeeded(bodies);
    }
    let school = School::open();
    let env = school.env();
    env.write("roster.json", format!("[{a},\n{b}]"));
    env.run("batch roster.json -o links.json --rate 0").succeeded("");
    let links = std::fs::read_to_string(env.path("work/links.json")).unwrap();
    assert_eq!(links.lines().count(), 2, "{links}");
    env.run("batch links.json -o again.json --dry-run").succeeded(bodies);
    env.run("batch roster.json -o links.json --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 2);
}

#[test]
fn the_result_of_a_json_line_is_never_sent() {
    json_plan("{\"id\":\"a\",\"result\":{\"client_url\":\"x\"},\"name\":\"n\"}\n")
        .succeeded("{\"id\":\"a\",\"name\":\"n\"}\n")
        .does_not_say(&["warning"]);
}

#[test]
fn the_template_is_an_empty_roster() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let template = env.run("batch --template");
    template.succeeded(
        "id,space name,user id,user name,user email,role,leader,not before,not after,valid for\r\n",
    );
    assert_eq!(template.stderr, "");
    env.write("roster.csv", &template.stdout);
    env.run("batch roster.csv --dry-run").failed(2).says(&["no rows"]);
    env.write("roster.csv", format!("{}a,,1\r\n", template.stdout));
    let planned = env.run("batch roster.csv --dry-run");
    planned.succeeded("{\"id\":\"a\",\"user\":{\"id\":\"1\"}}\n").does_not_say(&["kept"]);
}

#[test]
fn a_plan_says_how_many_links_in_how_many_spaces_and_how_long() {
    let roster = crate::roster::people(400, 14);
    let plans = |flags: &str| plan(&roster, flags).stderr.lines().next().unwrap().to_owned();
    assert_eq!(plans(""), "400 links in 14 Spaces, about 1 min 40 s");
    assert_eq!(plans("--rate 2"), "400 links in 14 Spaces, about 3 min 20 s");
    assert_eq!(plans("--rate 0"), "400 links in 14 Spaces");
    for rate in ["fast", "-1", "inf", "NaN"] {
        plan(&roster, &format!("--rate {rate}")).failed(2).says(&["--rate"]);
    }
}

#[test]
fn all_problems_are_told_at_once_twenty_of_them_shown() {
    let school = School::open();
    let env = school.env();
    let rows = (0..30).map(|row| format!("space-{row},p{row},maybe\n")).collect::<String>();
    env.write("roster.csv", format!("id,user id,leader\n{rows}good,p,yes\n"));
    let output = env.run("batch roster.csv -o links.csv --rate 0");
    output.failed(2).says(&["30 problems", "nothing was sent", "and 10 more"]);
    let shown: Vec<_> = output.stderr.lines().filter(|line| line.contains("maybe")).collect();
    assert_eq!(shown.len(), 20, "{output}");
    for (row, line) in shown.iter().enumerate() {
        let start = format!("  line {}, leader (id \"space-{row}\"): ", row + 2);
        assert!(line.starts_with(&start), "{line:?}");
    }
    assert_eq!(school.count(), 0);
    assert!(!env.path("work/links.csv").exists() && !env.path("work/links.csv.journal").exists());
}

#[test]
fn problems_of_the_flags_and_of_the_roster_come_together_as_far_as_they_can() {
    let env = TestEnv::new();
    env.write("roster.csv", "id,name\na,b\n");
    let output = env.run("batch roster.csv --rate fast --set user.leader=maybe --min-valid 8d");
    output.failed(2).says(&["--rate", "user.leader", "--min-valid", "-o LINKS", "space name"]);
}

#[test]
fn a_message_quotes_a_date_as_it_was_written() {
    plan("id,not before,time zone\nx,29/03/2026 01:30,Europe/London\n", "--dates dmy")
        .failed(2)
        .says(&["line 2, not before \"29/03/2026 01:30\" (id \"x\"): 2026-03-29 01:30 does not exist in Europe/London"]);
    plan("id,not after\nx,1 December 2020 2:00 PM\n", "").failed(2).says(&[
        "line 2, not after \"1 December 2020 2:00 PM\" (id \"x\"): the window has ended already",
    ]);
    plan("id,not after\nx,2020-12-01 14:00\n", "")
        .failed(2)
        .says(&["line 2, not after (id \"x\"): the window has ended already"]);
}
