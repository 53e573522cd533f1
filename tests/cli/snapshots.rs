//! Every help text, each kind of message, and the files that a run leaves on disk, as snapshots: a
//! change of wording or of a file format is one diff to read.
//! `INSTA_UPDATE=always cargo test snapshots` accepts it.
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;

use serde_json::json;

use crate::batch_kinds::as_workbook;
use crate::school::{Call, Reply, School};
use crate::support::TestEnv;

/// Compares with a file in `snapshots/`. What differs from run to run gets a fixed name.
fn assert_same(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
    settings.add_filter(r"/tmp/\.tmp\w+", "/HOME");
    settings.add_filter(r"\b20[2-8]\d-\d\d-\d\dT[0-9:.]+Z", "NOW");
    settings.add_filter(r"https://room\S+?(?P<end>[,\x22\s])", "LINK${end}");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Runs what a person would type, one command after another, and records what they would see.
struct Transcript<'env> {
    env: &'env TestEnv,
    text: String,
}

impl<'env> Transcript<'env> {
    fn new(env: &'env TestEnv) -> Self {
        Self { env, text: String::new() }
    }

    /// Splits arguments at spaces, except in single quotes.
    fn run(&mut self, line: &str) -> &mut Self {
        let words = line.split('\'').enumerate().flat_map(|(part, text)| {
            let is_quoted = part % 2 == 1;
            let words: Vec<&str> =
                if is_quoted { vec![text] } else { text.split_whitespace().collect() };
            words
        });
        let words: Vec<&str> = words.collect();
        let seen = self.env.cmd("").args(&words).run();
        let _ = writeln!(self.text, "$ lessonspace {line}");
        self.text.push_str(&seen.stdout);
        self.text.push_str(&seen.stderr);
        let _ = writeln!(self.text, "[exit code {}]\n", seen.code.unwrap_or_default());
        self
    }

    fn matches_snapshot(&self, name: &str) {
        assert_same(name, &self.text);
    }
}

#[test]
fn every_help_text_is_unchanged() {
    let env = TestEnv::new();
    let mut short = Transcript::new(&env);
    let mut long = Transcript::new(&env);
    short.run("-h");
    long.run("--help");
    for command in [
        "launch",
        "add-user",
        "batch",
        "hello",
        "link",
        "handout",
        "login",
        "logout",
        "sandbox",
        "webhook",
        "webhook verify",
        "completions",
    ] {
        short.run(&format!("{command} -h"));
        long.run(&format!("{command} --help"));
    }
    short.matches_snapshot("help-short");
    long.matches_snapshot("help-long");
}

#[test]
fn messages_about_the_command_line_and_bodies_are_unchanged() {
    let env = TestEnv::new();
    env.write("broken.json", "{\"id\": \"chem7\",\n \"user\": {\"name\": }}");
    env.write("twice.json", "{\"id\": \"a\", \"id\": \"b\"}");
    env.write("types.json", "{\"id\": 7, \"user\": {\"leader\": \"maybe\"}, \"webhook\": {}}");
    let mut seen = Transcript::new(&env);
    for line in [
        "",
        "lunch",
        "launch",
        "launch --id chem7 --leadr",
        "launch --id --user-name Anna",
        "launch --id chem7 --name Anna",
        "launch --id ' chem7' --guest",
        "launch --id chem7 --user-name ''",
        "launch --id chem7 --leader=maybe",
        "launch --id chem7 --guest --user-name Anna",
        "launch --id chem7 --user-email mailto:ada@example.org --role tutor --dry-run",
        "launch --id chem7 --guest --not-before 2026-12-01",
        "launch --id chem7 --guest --not-before '2026-12-01 14:00-14:45'",
        "launch --id chem7 --guest --lesson-time '2099-12-01 14:00-2:45'",
        "launch --id chem7 --guest --lesson-time '2001-12-03 14:00-14:45'",
        "launch --id chem7 --guest --valid-for 8d",
        "launch --id chem7 --guest --time-zone London --not-before '2099-12-01 14:00'",
        "launch --id chem7 --guest --set webhooks={session:{end:x}}",
        "launch --id chem7 --guest --transcribe --record-av=false",
        "launch --id chem7 --guest --webhook sesion.start=https://example.org --strict --dry-run",
        "launch --file missing.json",
        "launch --file broken.json",
        "launch --file twice.json",
        "launch --file types.json --dry-run",
        "launch --id chem7 --user-name Anna --leader --dry-run",
        "add-user --id chem7",
        "add-user --id chem7 --guest --set name=Chemistry",
        "launch --sandbox --api-url http://127.0.0.1:1/v2/ --id chem7 --guest",
        "launch --id chem7 --guest --api-url http://example.org/v2/",
        "launch --id chem7 --guest --profile west",
        "link https://example.org/",
        "completions tcsh",
        "webhook verify --signature 00",
    ] {
        seen.run(line);
    }
    seen.matches_snapshot("messages-command-line");
}

/// Responds as the id requests.
fn by_id(call: &Call) -> Reply {
    let refused = |status, body: serde_json::Value| Reply::Status(status, &[], body.to_string());
    match call.id.as_str() {
        "refused" => refused(
            "400 Bad Request",
            json!({"user": {"email": ["Enter a valid email address."]}, "id": ["Too long."]}),
        ),
        "unauthorized" => refused("401 Unauthorized", json!({"detail": "Invalid token."})),
        "forbidden" => refused("403 Forbidden", json!({"detail": "Not allowed."})),
        "missing" => refused("404 Not Found", json!({"detail": "Not found."})),
        "later" => Reply::Status("429 Too Many Requests", &["Retry-After: 3600"], String::new()),
        "html" => Reply::Status(
            "200 OK",
            &["Content-Type: text/html"],
            "<html><title>Sign in</title></html>".to_owned(),
        ),
        "moved" => {
            Reply::Status("302 Found", &["Location: https://login.example.org/"], String::new())
        }
        "proxy" => Reply::Status("511 Network Authentication Required", &[], String::new()),
        "no-link" => refused("200 OK", json!({"room_id": "r"})),
        "accepted" => refused("202 Accepted", json!({})),
        "banner" => Reply::Status("200 OK", &[], "220 mail.example.org".to_owned()),
        _ => Reply::Link,
    }
}

#[test]
fn messages_about_keys_and_responses_are_unchanged() {
    let school = School::script(by_id);
    let env = school.env();
    let mut seen = Transcript::new(&env);
    for id in [
        "chem7",
        "refused",
        "unauthorized",
        "forbidden",
        "missing",
        "later",
        "html",
        "moved",
        "proxy",
        "no-link",
        "accepted",
        "banner",
    ] {
        seen.run(&format!("launch --id {id} --user-name Anna"));
    }
    seen.run("launch --id refused --user-name Anna --json");
    seen.run("launch --id chem7 --user-name Anna --leader --json");
    seen.run("add-user --id other --guest --expect existing");
    seen.run("hello");
    env.set("LESSONSPACE_API_KEY", "short");
    seen.run("hello");
    env.unset("LESSONSPACE_API_KEY");
    seen.run("hello");
    seen.run("launch --id chem7 --guest");
    seen.matches_snapshot("messages-answers");
}

#[test]
fn messages_about_rosters_are_unchanged() {
    let school = School::script(by_id);
    let env = school.env();
    env.write(
        "good.csv",
        "id,user name,leader,lesson time\nchem7,Ada,yes,2099-12-01 08:00-08:45\n",
    );
    env.write("faults.csv", "id,user email\nchem7,ada\nchem7,bo@\n1E+15,cy@example.org\n,\n");
    env.write("pupils.csv", "Class,Pupil,E-mail\n7B,Ada Byron,ada@example.org\n");
    env.write("guests.csv", "id,Pupil\nchem7,Ada\n");
    env.write("near.csv", "id,user nmae\nchem7,Ada\n");
    env.write("twice.csv", "id,user name\nchem7,Ada\nchem7,Ada\n");
    env.write("parts.csv", "Class,Group,user name\n1,11,Ada\n11,1,Bo\n");
    env.write("people.csv", "id,user name\nchem7,\"Ada Byron, Bo Li\"\n");
    env.write("fails.csv", "id,user name\nrefused,Ada\nrefused,Bo\nchem7,Cy\n");
    env.write("key.csv", "id,user name\nunauthorized,Ada\nunauthorized,Bo\n");
    env.write("late.csv", "id,user name\nlater,Ada\nlater,Bo\n");
    env.write("recipe.toml", "[map]\nid = \"{Klass}\"\n[peple.tutor]\n");
    let mut seen = Transcript::new(&env);
    for line in [
        "batch",
        "batch missing.csv",
        "batch good.csv --dry-run",
        "batch good.csv",
        "batch good.csv",
        "batch good.csv --resume",
        "batch good.csv --resume --dry-run",
        "batch good.csv -o good.html",
        "batch good.csv -o nowhere/links.csv",
        "batch faults.csv",
        "batch faults.csv --json",
        "batch pupils.csv",
        "batch pupils.csv --map id={Klass} --map user-name={Pupil}",
        "batch pupils.csv --recipe recipe.toml",
        "batch guests.csv",
        "batch near.csv",
        "batch twice.csv",
        "batch parts.csv --map id={Class}{Group}",
        "batch people.csv",
        "batch good.csv --only Class=7B",
        "batch good.csv --only 'user name=Bo'",
        "batch fails.csv",
        "batch fails.csv --json --force",
        "batch key.csv",
        "batch late.csv --max-wait 1m",
        "batch --template",
    ] {
        seen.run(line);
    }
    seen.matches_snapshot("messages-batch");
}

#[test]
fn messages_about_links_and_handouts_are_unchanged() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name,user id,leader\nchem7,Ada,1,yes\nchem7,Bo,2,\n");
    env.write("none.csv", "id,user name\nchem7,Ada\n");
    let mut seen = Transcript::new(&env);
    for line in [
        "batch class.csv -o links.csv",
        "handout links.csv",
        "handout links.csv -o cards.html",
        "handout links.csv -o cards.html",
        "handout links.csv -o links.csv --force",
        "handout links.csv -o cards.ics",
        "handout links.csv -o cards.pdf",
        "handout links.csv -o each --each person",
        "handout none.csv -o none.html",
        "handout missing.csv -o none.html",
        "handout links.csv -o cards.html --force --lang xx",
        "logout",
        "sandbox --fail 429",
    ] {
        seen.run(line);
    }
    seen.matches_snapshot("messages-handout");
}

/// LINKS and its journal.
fn left_behind(env: &TestEnv, links: &str) -> String {
    let read = |name: &str| fs::read_to_string(env.path("work").join(name)).unwrap();
    format!("{}\n-- {links}.journal\n{}", read(links), read(&format!("{links}.journal")))
}

#[test]
fn links_and_journals_of_each_kind_of_roster_are_unchanged() {
    const TABLE: &str = "id,user name,user email,leader,Note\n\
        chem7,Ada,ada@example.org,yes,0701\nchem7,Bo,bo@example.org,,=1+1\n";
    const BODIES: &str = "{\"id\": \"chem7\", \"user\": {\"name\": \"Ada\", \"leader\": true}, \"new\": 1.10}\n\
        {\"id\": \"chem7\", \"user\": {\"name\": \"Bo\"}}\n";
    const LESSONS: &str = "Lesson,Tutor,Students\nchem7,Ada,Bo; Cy\nchem7,,Di\n";
    const RECIPE: &str = "[map]\nid = \"{Lesson}\"\n\
        [people.tutor]\n\"user name\" = \"{Tutor}\"\nleader = \"yes\"\n\
        [people.student]\neach = \"{Students}\"\n\"user name\" = \"{each}\"\n";
    const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test\r\nBEGIN:VEVENT\r\n\
        UID:lesson-1\r\nDTSTAMP:20990101T000000Z\r\nDTSTART:20991201T140000Z\r\n\
        DTEND:20991201T144500Z\r\nSUMMARY:Chemistry\r\n\
        ORGANIZER;CN=Ada Byron:mailto:ada@example.org\r\n\
        ATTENDEE;CN=Bo Li:mailto:bo@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let mut text = String::new();
    let mut golden = |title: &str, files: &[(&str, &[u8])], line: &str, links: &str| {
        let school = School::open();
        let env = school.env();
        for (name, bytes) in files {
            env.write(name, bytes);
        }
        let seen = env.run(line);
        assert_eq!(seen.code, Some(0), "{seen}");
        let _ = writeln!(text, "== {title}\n-- {links}\n{}", left_behind(&env, links));
    };
    let table = ("roster.csv", TABLE.as_bytes());
    let workbook = as_workbook(TABLE);
    golden("CSV", &[table], "batch roster.csv", "roster-links.csv");
    golden("CSV into TSV", &[table], "batch roster.csv -o links.tsv", "links.tsv");
    golden("CSV into JSON Lines", &[table], "batch roster.csv -o links.jsonl", "links.jsonl");
    golden(
        "workbook into CSV",
        &[("roster.xlsx", &workbook)],
        "batch roster.xlsx -o links.csv",
        "links.csv",
    );
    golden(
        "JSON Lines",
        &[("roster.jsonl", BODIES.as_bytes())],
        "batch roster.jsonl",
        "roster-links.jsonl",
    );
    golden(
        "recipe with people",
        &[("lessons.csv", LESSONS.as_bytes()), ("recipe.toml", RECIPE.as_bytes())],
        "batch lessons.csv --recipe recipe.toml",
        "lessons-links.csv",
    );
    golden(
        "calendar",
        &[("lessons.ics", CALENDAR.as_bytes())],
        "batch lessons.ics --on 2099-12-01 -o links.csv",
        "links.csv",
    );
    assert_same("links-and-journals", &text);
}
