//! Output of `batch`: LINKS byte for byte, the summary, and the command that finishes the rest.

use std::fs;

use serde_json::{Value, json};

use crate::roster::{links, people, records, statuses};
use crate::school::{Reply, School};
use crate::seen::Output;
use crate::support::TestEnv;

const HEADER: &str = "link_status,client_url,expires_at,room_id,link_error";

/// A response that rejects the row.
fn refusal() -> Reply {
    Reply::Status(
        "400 Bad Request",
        &[],
        json!({"user": {"email": ["Enter a valid email address."]}}).to_string(),
    )
}

/// A school that gives everyone a link except these people.
fn school_without(refused: &'static [&'static str]) -> School {
    School::script(
        move |call| if refused.contains(&call.person.as_str()) { refusal() } else { Reply::Link },
    )
}

fn read(env: &TestEnv, name: &str) -> String {
    fs::read_to_string(env.path("work").join(name)).unwrap()
}

/// LINKS with `LINK` in place of each link.
fn without_links(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("https://go.room.sh/") {
        let length = rest[at..].find([',', ';', '\t', '"', '\n']).unwrap();
        result += &rest[..at];
        result += "LINK";
        rest = &rest[at + length..];
    }
    result + rest
}

/// Runs a roster in which `bad` is rejected; returns LINKS without its links.
#[track_caller]
fn whole(roster: impl AsRef<[u8]>) -> String {
    let school = school_without(&["bad"]);
    let env = school.env();
    env.write("roster.csv", roster);
    // One request at a time, so that the order is certain.
    env.run("batch roster.csv -o links.csv --rate 0 -q").ended(7, "");
    without_links(&read(&env, "links.csv"))
}

#[test]
fn links_is_the_roster_with_five_more_columns() {
    let text = whole("user id,id,notes\n1,a,\"x, y\"\n2,a,\nbad,b,z\n");
    assert_eq!(
        text,
        format!(
            "user id,id,notes,{HEADER}\n\
             1,a,\"x, y\",created,LINK,2099-12-01T09:00:00Z,room-of-a,\n\
             2,a,,existing,LINK,2099-12-01T09:00:00Z,room-of-a,\n\
             bad,b,z,failed,,,,Lessonspace refused the request (400); user.email: Enter a valid email address.\n"
        )
    );
}

#[test]
fn delimiter_line_ending_and_sep_line_are_kept() {
    for (delimiter, end, first) in
        [(";", "\r\n", "sep=;"), (";", "\n", ""), ("\t", "\r\n", ""), (",", "\r\n", "sep=,")]
    {
        let first = if first.is_empty() { String::new() } else { format!("{first}{end}") };
        let roster = format!(
            "{first}{}",
            "id,user id\na,1\nb,bad\n".replace(',', delimiter).replace('\n', end)
        );
        let expected = format!(
            "id,user id,{HEADER}\na,1,created,LINK,2099-12-01T09:00:00Z,room-of-a,\nb,bad,failed,,,,E\n"
        );
        let expected = expected.replace(',', delimiter).replace('\n', end);
        let text = whole(&roster).replace(
            "Lessonspace refused the request (400); user.email: Enter a valid email address.",
            "E",
        );
        let text = text.replace("\"E\"", "E");
        assert_eq!(text, format!("{first}{expected}"));
    }
}

#[test]
fn a_bom_is_written_if_the_roster_had_one_or_the_text_is_not_ascii() {
    let starts = |roster: &[u8]| whole(roster).starts_with('\u{feff}');
    assert!(!starts(b"id,user id\na,bad\n"));
    assert!(starts("\u{feff}id,user id\na,bad\n".as_bytes()));
    assert!(starts("id,user id,notes\na,bad,ä\n".as_bytes()));
    assert!(starts("id,user id,Größe\na,bad,\n".as_bytes()));
    let utf_16: Vec<u8> =
        "id\tuser id\na\tbad\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = whole(utf_16);
    assert!(text.starts_with("\u{feff}id\tuser id\tlink_status\t"), "{text:?}");
}

#[test]
fn a_non_ascii_error_also_adds_a_bom() {
    let school = School::script(|_| {
        Reply::Status("400 Bad Request", &[], json!({"id": ["Ungültig."]}).to_string())
    });
    let env = school.env();
    env.write("roster.csv", "id,user id\na,1\n");
    env.run("batch roster.csv -o links.csv --rate 0").ended(7, "");
    let text = read(&env, "links.csv");
    assert!(
        text.starts_with("\u{feff}id,user id,link_status") && text.contains("id: Ungültig."),
        "{text:?}"
    );
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_guarded_but_links_are_not() {
    let school = School::script(|_| {
        Reply::Status("400 Bad Request", &[], json!({"id": ["=cmd()"]}).to_string())
    });
    let env = school.env();
    env.write(
        "roster.csv",
        "id,=header,a,b,c,user name\n@x,=1+1,+44,-1,\"\tt\",\"\rr\"\ny,'=z,1-2,' =,',a=b\n",
    );
    env.run("batch roster.csv -o links.csv --rate 0").ended(7, "");
    let text = read(&env, "links.csv");
    let (header, rows) = records(text.as_bytes(), b',');
    assert_eq!(header[..6], ["id", "'=header", "a", "b", "c", "user name"]);
    assert_eq!(rows[0][..6], ["'@x", "'=1+1", "'+44", "'-1", "'\tt", "'\rr"]);
    assert_eq!(rows[1][..6], ["y", "''=z", "1-2", "' =", "'", "a=b"]);
    assert!(school.seen().iter().any(|seen| seen.id == "@x"), "what is sent is not guarded");
}

#[test]
fn json_lines_keep_their_text_and_get_a_result() {
    let school = school_without(&["bad"]);
    let env = school.env();
    let first = "{\"id\":\"a\",\"user\":{\"id\":\"1\"},\"x\":1.10}";
    env.write(
        "roster.jsonl",
        format!(
            "{first}\n\n{{\"id\":\"b\",\"user\":{{\"id\":\"bad\"}},\"result\":{{\"old\":1}}}}\n"
        ),
    );
    env.run("batch roster.jsonl -o links.jsonl --rate 0").ended(7, "");
    let text = read(&env, "links.jsonl");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with(first.trim_end_matches('}')) && text.ends_with('\n'), "{text}");
    let rows: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut result = rows[0]["result"].clone();
    assert!(result["client_url"].as_str().is_some_and(|url| url.starts_with("https://")));
    result["client_url"] = json!("LINK");
    assert_eq!(
        result,
        json!({"link_status": "created", "client_url": "LINK", "expires_at": "2099-12-01T09:00:00Z", "room_id": "room-of-a", "link_error": null})
    );
    let error = "Lessonspace refused the request (400); user.email: Enter a valid email address.";
    assert_eq!(
        rows[1]["result"],
        json!({"link_status": "failed", "client_url": null, "expires_at": null, "room_id": null, "link_error": error})
    );
    // Used as a roster again, its results are ignored and not sent.
    env.run("batch links.jsonl -o next.jsonl --rate 0").ended(7, "").does_not_say(&["result"]);
    let seen = school.seen();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|seen| seen.body.get("result").is_none()));
    assert_eq!(read(&env, "next.jsonl").matches("\"result\"").count(), 2);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_links_and_journal() {
    use crate::roster::mode;

    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    env.run("batch roster.csv -o links.csv --rate 0").succeeded("");
    for name in ["work/links.csv", "work/links.csv.journal"] {
        assert_eq!(mode(&env.path(name)), 0o600, "{name}");
        crate::support::set_mode(&env.path(name), 0o644);
    }
    env.run("batch roster.csv -o links.csv --rate 0 --force").succeeded("");
    for name in ["work/links.csv", "work/links.csv.journal"] {
        assert_eq!(mode(&env.path(name)), 0o600, "{name}");
    }
    // No other files are left.
    let mut names: Vec<_> =
        fs::read_dir(env.path("work")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["links.csv", "links.csv.journal", "roster.csv"]);
}

#[test]
fn a_successful_run_reports_its_plan_and_result_and_prints_nothing_to_stdout() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(6, 2));
    let output = env.run("batch roster.csv -o links.csv --rate 0");
    output.succeeded("");
    let private = if cfg!(unix) { " (only you can read it)" } else { "" };
    assert_eq!(
        output.stderr,
        format!(
            "columns sent: id, user id, user name\n\
             6 links in 2 Spaces\n\
             no leader in 2 Spaces: space-0 and space-1\n  to make a leader link, run: \
         lessonspace launch --id space-0 --leader\n\
             sent 6: 2 new Spaces, 4 links to existing ones\n\
             links saved to links.csv{private}; each link is personal\n"
        )
    );
    assert_eq!(school.launch_counts().len(), 6);
    let silent = env.run("batch roster.csv -o links.csv --rate 0 --force -q");
    silent.succeeded("");
    assert_eq!(silent.stderr, "", "{silent}");
}

#[cfg(unix)]
#[test]
fn a_roster_with_a_non_utf8_name_is_launched_like_any_other() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let school = School::open();
    let env = school.env();
    let name = OsStr::from_bytes(b"class\xff.csv");
    fs::write(env.path("work").join(name), people(2, 1)).unwrap();
    let output = env.cmd("batch -o links.csv --rate 0").arg(name).run();
    output
        .succeeded("")
        .says(&["to make a leader link, run: lessonspace launch --id space-0 --leader"]);
}

/// The command shown for the remaining rows.
#[track_caller]
fn redo(output: &Output) -> String {
    let line = |line: &str| {
        let at = line.find("lessonspace batch ")?;
        Some(line[at..].to_owned())
    };
    output.stderr.lines().find_map(line).unwrap_or_else(|| panic!("no command in\n{output}"))
}

#[test]
fn a_run_with_failures_exits_7_and_shows_the_command_for_the_rest() {
    let school = school_without(&["p1", "p3", "p4"]);
    let env = school.env();
    env.write("roster.csv", people(6, 1));
    let output = env.run("batch roster.csv -o links.csv --rate 0");
    output.failed(7).says(&[
        "sent 3: 1 new Space, 2 links to existing ones; 3 failed\n",
        "error: 3 of 6 launches failed; see link_error in links.csv for the reasons\n\
         \u{20}\u{20}3 failed: Lessonspace refused the request (400); user.email: Enter a valid email \
         address. (lines 3, 5 and 6)\nhint: to finish, run: ",
    ]);
    assert_eq!(redo(&output), "lessonspace batch roster.csv -o links.csv --rate 0 --resume");
    assert_eq!(
        statuses(&env, "links.csv"),
        ["created", "failed", "existing", "failed", "failed", "existing"]
    );
    for row in links(&env, "links.csv") {
        assert_eq!(row["client_url"].is_empty(), row["link_status"] == "failed");
        assert_eq!(row["link_error"].is_empty(), row["link_status"] != "failed");
    }
}

#[cfg(unix)]
#[test]
fn the_command_for_the_rest_can_be_pasted_into_a_shell() {
    // Rejected only the first time.
    let school = School::script(|call| {
        if call.earlier == 0 && call.person == "p1" { refusal() } else { Reply::Link }
    });
    let env = school.env();
    let binary = env!("CARGO_BIN_EXE_lessonspace");
    env.program("lessonspace", &format!("exec '{binary}' \"$@\""));
    env.write("Form 7's \"best\" $HOME.csv", people(3, 3));
    let output = env
        .cmd("batch --rate 0 --force")
        .arg("Form 7's \"best\" $HOME.csv")
        .args(&[
            "-o",
            "the links\\.csv",
            "--set",
            "user.custom_jwt_parameters.a b=`x` & y!",
            "--user-email",
            "*@example.org",
        ])
        .run();
    output.failed(7);
    let line = redo(&output);
    let mut shell = std::process::Command::new("/bin/sh");
    let runs = env.cmd("");
    let variables: Vec<_> = runs
        .command()
        .get_envs()
        .map(|(name, value)| (name.to_owned(), value.unwrap().to_owned()))
        .collect();
    shell.args(["-c", &line]).env_clear().envs(variables).current_dir(env.path("work"));
    let result = shell.output().unwrap();
    let said = String::from_utf8_lossy(&result.stderr).into_owned();
    assert_eq!(result.status.code(), Some(0), "{line}\n{said}");
    let printed = "1 link in 1 Space (1 to retry)\n2 links are still good\n";
    assert!(result.stdout.is_empty() && said.contains(printed), "{said}");
    assert_eq!(statuses(&env, "the links\\.csv"), ["created", "created", "created"]);
    let seen = school.seen();
    assert_eq!(seen.len(), 4);
    assert!(
        seen.iter().all(|seen| seen.body["user"]["custom_jwt_parameters"]["a b"] == "`x` & y!"
            && seen.body["user"]["email"] == "*@example.org")
    );
}

#[test]
fn json_prints_the_summary_as_one_object() {
    let school = school_without(&["p1"]);
    let env = school.env();
    env.write("roster.csv", people(4, 2));
    let good = env.run("batch roster.csv -o links.csv --rate 0 --json");
    assert_eq!((good.code, good.stdout.lines().count()), (Some(7), 1), "{good}");
    let reason = "Lessonspace refused the request (400); user.email: Enter a valid email address.";
    let file = |created: u8, existing: u8, failed: u8| {
        json!({
            "created": created, "existing": existing, "unknown": 0, "failed": failed, "ended": 0,
            "pending": 0, "skipped": 0
        })
    };
    assert_eq!(
        good.json(),
        json!({
            "sent": 3, "created": 2, "existing": 1, "unknown": 0, "renewed": 0, "kept": 0,
            "contradicted": 0, "file": file(2, 1, 1),
            "failures": [{"message": reason, "count": 1, "lines": [3]}], "links": "links.csv"
        })
    );
    let error = good.json_error(7, "partial");
    let redo = "lessonspace batch roster.csv -o links.csv --rate 0 --json --resume";
    assert_eq!(error["hint"], format!("to finish, run: {redo}"));
    let again = env.run(&redo["lessonspace ".len()..]);
    assert_eq!(
        again.json(),
        json!({
            "sent": 0, "created": 0, "existing": 0, "unknown": 0, "renewed": 0, "kept": 3,
            "contradicted": 0, "file": file(2, 1, 1),
            "failures": [{"message": reason, "count": 1, "lines": [3]}], "links": "links.csv"
        })
    );
    env.write("roster.csv", "id,leader\na,yes\n");
    let good = env.run("batch roster.csv -o other.csv --rate 0 --json");
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""), "{good}");
    assert_eq!((&good.json()["sent"], &good.json()["file"]), (&json!(1), &file(1, 0, 0)));
}

#[test]
fn settings_that_were_not_applied_are_reported_once_per_run() {
    let school = School::script(|call| {
        let url = format!("https://room.example/join/{}", call.number);
        let settings = match call.id.as_str() {
            "space-3" => json!({"transcribe": true, "record_av": false}),
            _ => json!({"transcribe": false}),
        };
        let answer = json!({"client_url": url, "room_settings": settings});
        Reply::Status("201 Created", &[], answer.to_string())
    });
    let env = school.env();
    env.write("roster.csv", people(40, 20));
    let output = env.run("batch roster.csv -o links.csv --rate 0 --transcribe --record-av");
    output.succeeded("").says(&[
        "warning: record_av: requested true, but it is false in space-3\n",
        "warning: transcribe: requested true, but it is false in space-",
        " and 16 more\n",
    ]);
    assert_eq!(output.stderr.matches("requested").count(), 2, "{output}");
}
