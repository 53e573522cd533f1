//! Guided launches at a real terminal: the prompts, the request, and the command to repeat it
//! without prompts.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::support::{KEY, TestEnv};
use crate::terminal::{Session, Terminal};

const ID: &str = "Space id (use the same id to open the same Space again): ";
const YOU: &str = "Your name (leave empty for a guest link): ";
const LEAD: &str = "Will you lead the lesson?";
const SAME: &str = "to repeat this without prompts:\r\n  ";

/// Runs the suggested command in a shell without a terminal.
fn run_again(env: &TestEnv, session: &Session) -> std::process::Output {
    let (_, rest) = session.screen.split_once(SAME).expect("the command is printed");
    let line = rest.split("\r\n").next().unwrap();
    let direct = env.cmd("").command();
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(line).env_clear().current_dir(env.path("work"));
    shell.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(std::process::Stdio::null()).output().unwrap()
}

#[test]
fn a_launch_without_flags_prompts_for_space_and_person_and_shows_the_command() {
    let api = Api::start();
    let body =
        json!({"id": "O'Brien's \\ $HOME 1", "user": {"name": "Zoë \"Z\" Müller", "leader": true}});
    let _launch = api.launch(body, 201, &answer()).times(2);
    let env = api.env();
    let mut terminal = Terminal::start(&env.cmd("launch"));
    terminal.wait_for(ID).line("O'Brien's \\ $HOME 1");
    terminal.wait_for(YOU).line("Zoë \"Z\" Müller");
    terminal.wait_for(LEAD).keys("y");
    let session = terminal.end();
    session.ended(0, &[link_line().trim(), "created Space O'Brien's"]);
    let again = run_again(&env, &session);
    assert_eq!(String::from_utf8_lossy(&again.stdout), link_line(), "{}", session.screen);
}

#[test]
fn the_profiles_person_is_the_default_and_is_used_completely() {
    let api = Api::start();
    let person = json!({"id": "T1", "name": "Peter", "email": "p@e.org"});
    let _launch = api.launch(json!({"id": "x", "user": person}), 201, &answer()).times(2);
    let env = api.env();
    env.config(
        "[profiles.default]\nuser_id = \"T1\"\nuser_name = \"Peter\"\nuser_email = \"p@e.org\"\n",
    );
    let mut terminal = Terminal::start(&env.cmd("launch"));
    terminal.wait_for(ID).line("x").wait_for("Your name [Peter]: ").line("");
    terminal.wait_for(LEAD).keys("n");
    let session = terminal.end();
    session.ended(0, &[]).without(&["--user-name", "--leader"]);
    assert!(run_again(&env, &session).status.success());
}

#[test]
fn a_name_other_than_the_profiles_is_another_person() {
    let api = Api::start();
    let body = json!({"id": "x", "user": {"name": "Anna", "leader": true}});
    let _launch = api.launch(body, 201, &answer());
    let env = api.env();
    env.config("[profiles.default]\nuser_id = \"T1\"\nuser_name = \"Peter\"\n");
    let mut terminal = Terminal::start(&env.cmd("launch"));
    terminal.wait_for(ID).line("x").wait_for("[Peter]: ").line("Anna").wait_for(LEAD).keys("\r");
    terminal.end().ended(0, &["--user-name Anna --leader"]);
}

#[test]
fn no_name_makes_a_guest_link() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "-x"}), 201, &answer());
    let mut terminal = Terminal::start(&api.env().cmd("launch"));
    terminal.wait_for(ID).line("-x").wait_for(YOU).line("");
    terminal.end().ended(0, &["guest link", "launch '--id=-x'"]).without(&[LEAD]);
}

#[test]
fn an_invalid_id_is_prompted_for_again_with_the_reason() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "good", "user": {"leader": true}}), 201, &answer());
    let mut terminal = Terminal::start(&api.env().cmd("launch --leader"));
    terminal.wait_for(ID).line("");
    terminal.wait_for("the Space id is empty").wait_for(ID).line(&"x".repeat(65));
    terminal.wait_for("has 65 characters").wait_for(ID).line(" a");
    terminal.wait_for("starts or ends with whitespace").wait_for(ID).line("good");
    // If a flag says what to launch, only missing values are prompted for.
    terminal.end().ended(0, &["launch --leader --id good"]).without(&["Your name", LEAD]);
}

#[test]
fn typed_text_can_be_deleted_and_pasted_text_appears_once() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "日本é"}), 201, &answer());
    let mut terminal = Terminal::start(&api.env().cmd("launch --valid-for 7d"));
    terminal.wait_for(ID).keys("wrong\u{15}").keys("日本éx\u{7f}\u{1b}[D\u{1b}[A").keys("\r");
    let session = terminal.end();
    session.ended(0, &["日本éx"]);
    assert_eq!(session.screen.matches("wrong").count(), 1, "{}", session.screen);
}

#[test]
fn add_user_prompts_for_the_space_and_the_person() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x", "user": {"name": "Anna"}}), 200, &answer()).times(2);
    let env = api.env();
    let mut terminal = Terminal::start(&env.cmd("add-user"));
    terminal.wait_for(ID).line("x").wait_for("Name of the person: ").line(" ");
    terminal.wait_for("--guest").wait_for("Name of the person: ").line("Anna");
    let session = terminal.end();
    session.ended(0, &["add-user --id x --user-name Anna"]).without(&[LEAD]);
    assert!(run_again(&env, &session).status.success());
}

#[test]
fn add_user_with_a_person_prompts_only_for_the_space() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x", "user": {"id": "S7"}}), 200, &answer());
    let mut terminal = Terminal::start(&api.env().cmd("add-user --user-id S7"));
    terminal.wait_for(ID).line("x");
    terminal.end().ended(0, &[]).without(&["Name of the person"]);
}

#[test]
fn an_id_in_the_file_is_not_prompted_for() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "f", "name": "F"}), 201, &answer());
    let env = api.env();
    env.write("f.json", "{\"id\": \"f\", \"name\": \"F\"}");
    Terminal::start(&env.cmd("launch --file f.json")).end().ended(0, &[]).without(&[ID, SAME]);
}

#[test]
fn errors_are_reported_before_any_prompt() {
    let env = TestEnv::new();
    let session = Terminal::start(&env.cmd("launch --timeout soon")).end();
    session.ended(2, &["--timeout", "--id is required", "for example"]).without(&[ID]);
}

#[test]
fn only_the_link_is_written_to_the_pipe() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    let mut terminal = Terminal::start_redirected(&env.cmd("launch"), "> out");
    terminal.wait_for(ID).line("x").wait_for(YOU).line("");
    terminal.end().ended(0, &["created Space x", SAME]).without(&[link_line().trim()]);
    assert_eq!(fs::read_to_string(env.path("work/out")).unwrap(), link_line());
}

#[test]
fn quiet_prompts_but_prints_no_messages() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let mut terminal = Terminal::start(&api.env().cmd("launch -q"));
    terminal.wait_for(ID).line("x").wait_for(YOU).line("");
    terminal.end().ended(0, &[link_line().trim()]).without(&[SAME, "created Space"]);
}

#[test]
fn a_dry_run_prompts_and_requires_no_key() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let mut terminal = Terminal::start(&env.cmd("launch --dry-run"));
    terminal.wait_for(ID).line("x").wait_for(YOU).line("Anna").wait_for(LEAD).keys("n");
    terminal.end().ended(0, &["{\"id\":\"x\",\"user\":{\"name\":\"Anna\"}}"]);
}

#[test]
fn there_are_no_prompts_where_they_are_disabled() {
    let all = ["--id is required", "for example: lessonspace"];
    for (line, name, value) in [
        ("launch --no-input", "X", "1"),
        ("launch", "CI", "true"),
        ("launch", "CI", "1"),
        ("launch", "TERM", "dumb"),
    ] {
        let env = TestEnv::new();
        env.set(name, value);
        Terminal::start(&env.cmd(line)).end().ended(2, &all).without(&[ID]);
        env.unset("LESSONSPACE_API_KEY");
        Terminal::start(&env.cmd(&line.replace("launch", "hello")))
            .end()
            .ended(3, &["no API key found", "lessonspace login"]);
    }
    let env = TestEnv::new();
    for redirection in ["< /dev/null", "2> err", "2>&1 | cat; exit $?"] {
        let session = Terminal::start_redirected(&env.cmd("launch"), redirection).end();
        session.without(&[ID]);
    }
    assert!(fs::read_to_string(env.path("work/err")).unwrap().contains(all[0]));
    Terminal::start(&env.cmd("launch --json"))
        .end()
        .ended(2, &["{\"error\":{\"kind\":\"usage\"", "--id is required"]);
    let missing = "--user-id, --user-name or --user-email is required (or --guest)";
    Terminal::start(&env.cmd("add-user --no-input")).end().ended(2, &[all[0], missing, all[1]]);
}

#[test]
fn ci_set_to_false_does_not_count_as_ci() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    env.set("CI", "false").set("LESSONSPACE_API_KEY", KEY);
    let mut terminal = Terminal::start(&env.cmd("launch --valid-for 7d"));
    terminal.wait_for(ID).line("x");
    terminal.end().ended(0, &[]);
}

#[test]
fn a_file_on_standard_input_is_not_read_for_answers() {
    let env = TestEnv::new();
    let mut terminal = Terminal::start(&env.cmd("launch --file -"));
    terminal.keys("{\"name\": \"x\"}\r").keys("\u{4}");
    terminal.end().ended(2, &["--id is required"]).without(&[ID]);
}
