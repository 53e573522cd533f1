//! `-q`, `-v`, `--json`, `--github-output`, `--open`, colour, and the text of the help.

use std::fs;

use serde_json::json;

use crate::faults::{Act, Faults, good, http};
use crate::mock::{Api, Expected, ROOM, answer, answer_with, link, link_line};
use crate::support::{KEY, TestEnv};

/// Expects this many launches of Space `x` by a guest.
pub(crate) fn launches(api: &Api, times: usize) -> Expected<'_> {
    api.launch(json!({"id": "x"}), 201, &answer()).times(times)
}

#[test]
fn quiet_prints_no_messages() {
    let api = Api::start();
    let _launch = launches(&api, 2);
    for flag in ["-q", "--quiet"] {
        let output = api.env().run(&format!("launch --id x --guest {flag}"));
        assert_eq!(output.succeeded(&link_line()).stderr, "");
    }
}

#[test]
fn quiet_keeps_errors() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 400, &json!({"detail": "No."}));
    api.env().run("launch --id x --guest -q").failed(4).says(&["No."]);
}

#[test]
fn verbose_adds_only_to_stderr() {
    let api = Api::start();
    let _launch = launches(&api, 2);
    let env = api.env();
    let plain = env.run("launch --id x --guest");
    let verbose = env.run("launch --id x --guest -v");
    assert_eq!(plain.stdout, verbose.succeeded(&link_line()).stdout);
    assert!(verbose.stderr.lines().count() > plain.stderr.lines().count(), "{verbose}");
}

#[test]
fn with_json_every_usage_error_is_json() {
    for line in [
        "launch --json",
        "launch --json --id x --nonsense",
        "launch --nonsense --id x --json",
        "launch --id x --json --record-av=perhaps",
        "launch --id x --json --guest --user-id a",
        "launch --id x --json --expect maybe",
        "launch --id x --json --file missing.json",
        "launch --json --id",
        "launch --json --timeout soon --id x",
        "add-user --json --id x",
        "hello --json extra",
        "hello --json --api-url nonsense",
        "hello --json --profile missing",
    ] {
        let env = TestEnv::new();
        let output = env.run(line);
        let error = output.json_error(2, "usage");
        assert!(error["http_status"].is_null() && error["details"].is_null(), "{output}");
        assert_eq!((output.stdout.as_str(), output.stderr.lines().count()), ("", 1), "{output}");
    }
}

#[test]
fn json_prints_no_messages_and_one_error_line() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 401, &json!({"detail": "Invalid token."}));
    let output = api.env().run("launch --id x --guest --json -v");
    let error = output.json_error(3, "key");
    assert!(error["hint"].is_string(), "{output}");
    let last = output.stderr.lines().last().unwrap();
    assert!(last.starts_with("{\"error\""), "{output}");
}

#[test]
fn output_without_a_terminal_has_no_colours() {
    // Every run is checked for escape characters.
    let api = Api::start();
    let _launch = launches(&api, 3);
    for (name, value) in [("CLICOLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
        api.env().set(name, value).run("launch --id x --guest").succeeded(&link_line());
    }
    TestEnv::new().set("TERM", "xterm-256color").run("launch --nonsense").failed(2);
    assert_eq!(TestEnv::new().run("launch --help").code, Some(0));
}

/// The value of an entry in a GitHub output file, plain or between delimiters.
fn github_value(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(value) = line.strip_prefix(&format!("{name}=")) {
            return Some(value.to_owned());
        }
        if line.starts_with(&format!("{name}<<")) {
            return lines.next().map(ToOwned::to_owned);
        }
    }
    None
}

#[test]
fn github_output_masks_the_link_and_writes_the_file() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    let file = env.write("github-output", "earlier=1\n");
    env.set("GITHUB_OUTPUT", &file).set("CI", "true");
    env.run("launch --id x --guest --github-output")
        .succeeded(&format!("::add-mask::{}\n", link()));
    let text = fs::read_to_string(file).unwrap();
    assert!(text.starts_with("earlier=1\n"), "{text}");
    assert_eq!(github_value(&text, "client_url").as_deref(), Some(link().as_str()), "{text}");
    assert_eq!(github_value(&text, "room_id").as_deref(), Some(ROOM), "{text}");
    assert_eq!(github_value(&text, "created").as_deref(), Some("true"), "{text}");
}

#[test]
fn github_output_of_an_uncertain_space_is_null() {
    let busy = Act::Answer(http("503 Service Unavailable", &["Retry-After: 0"], ""));
    let server = Faults::play(vec![busy, good("200 OK")]);
    let env = server.env();
    let file = env.write("github-output", "");
    env.set("GITHUB_OUTPUT", &file);
    let output = env.run("launch --id x --guest --github-output");
    output.succeeded(&format!("::add-mask::{}\n", link()));
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(github_value(&text, "created").as_deref(), Some("null"), "{text}");
}

#[test]
fn github_output_is_safe_with_a_hostile_room_id() {
    let api = Api::start();
    let answer = answer_with(&json!({"room_id": "a\nclient_url=https://evil.example/\nEOF\n"}));
    let _launch = api.launch(json!({"id": "x"}), 201, &answer);
    let env = api.env();
    let file = env.write("github-output", "");
    env.set("GITHUB_OUTPUT", &file);
    env.run("launch --id x --guest --github-output");
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains("\nclient_url=https://evil.example/"), "{text}");
}

#[test]
fn github_output_requires_its_file_before_anything_is_sent() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.run("launch --id x --guest --github-output").failed(2).says(&["GITHUB_OUTPUT"]);
    env.set("GITHUB_OUTPUT", env.path("work/missing"));
    env.run("launch --id x --guest --github-output").failed(2).says(&["GITHUB_OUTPUT"]);
    env.set("GITHUB_OUTPUT", "");
    env.run("launch --id x --guest --github-output").failed(2).says(&["GITHUB_OUTPUT"]);
}

#[test]
fn the_link_is_printed_even_without_a_browser() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let output = api.env().run("launch --id x --guest --open");
    assert_eq!(output.stdout, link_line(), "{output}");
}

#[test]
fn help_shows_the_exit_codes_and_what_open_does() {
    let env = TestEnv::new();
    let help = env.run("help");
    for word in ["130", "143", "launch", "add-user", "hello", "completions"] {
        assert!(help.code == Some(0) && help.stdout.contains(word), "{word}\n{help}");
    }
    assert_eq!(env.run("--help").stdout, help.stdout);
    for flag in
        ["--id", "--file", "--set", "--expect", "--dry-run", "--open", "--valid-for", "--webhook"]
    {
        let help = env.run("launch --help");
        assert!(help.code == Some(0) && help.stdout.contains(flag), "{flag}\n{help}");
    }
}

#[test]
fn the_version_is_printed_to_stdout() {
    let output = TestEnv::new().run("--version");
    output.succeeded(&format!("lessonspace {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_shows_the_help_and_an_unknown_one_exits_2() {
    let env = TestEnv::new();
    env.run("").succeeded(&env.run("help").stdout);
    TestEnv::new().run("lauch --id x").failed(2).says(&["launch"]);
}

#[test]
fn a_students_link_should_be_shared_only_with_the_student() {
    let student = crate::mock::link_with_claims(
        "{\"exp\":4099798800,\"guest\":false,\"canLead\":false,\"meta\":{\"name\":\"Miles\"}}",
    );
    let api = Api::start();
    let answer = answer_with(&json!({"client_url": student}));
    let _launch =
        api.launch_with_key(KEY, json!({"id": "x", "user": {"name": "Miles"}}), 200, &answer);
    let output = api.env().run("launch --id x --user-name Miles");
    output
        .succeeded(&format!("{student}\n"))
        .says(&["\nlink for Miles (not a leader); share it only with them\n", "2099"])
        .does_not_say(&["private"]);
}
