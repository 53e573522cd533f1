//! Profiles: which one is used, its person, and a key from a program.

use serde_json::{Value, json};

use crate::mock::{Api, answer, link_line};
use crate::support::TestEnv;

/// A default profile with its key from this command, given as TOML.
pub(crate) fn commanded(api: &Api, command: &str) -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.config(&format!(
        "[profiles.default]\napi_key_command = {command}\napi_url = \"{}\"\n",
        api.url()
    ));
    env
}

#[test]
fn an_unknown_profile_exits_2_with_a_suggestion() {
    let env = TestEnv::new();
    env.config("[profiles.westside]\nuser_name = \"x\"\n");
    env.run("hello --profile westsid").failed(2).says(&["westsid", "`westside`"]);
    env.cmd("hello").var("LESSONSPACE_PROFILE", "westsid").run().failed(2).says(&["`westside`"]);
    let env = TestEnv::new();
    env.run("hello --profile westside").failed(2).says(&["westside"]);
}

#[test]
fn a_profile_without_a_name_is_refused() {
    let env = TestEnv::new();
    for command in ["hello", "launch --id x --dry-run", "login --api-key-file -", "logout"] {
        for (name, shown) in [("", "\"\""), ("  ", "\"  \"")] {
            let output = env.cmd(command).args(&["--profile", name]).stdin("key").run();
            let says = format!("--profile: {shown} is not a valid profile name");
            output.failed(2).says(&[&says]);
        }
    }
    assert!(!env.path("config/lessonspace/config.toml").exists());
}

#[test]
fn the_default_profile_need_not_exist() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    env.config("[profiles.westside]\nuser_name = \"Peter\"\n");
    env.run("launch --id x").succeeded(&link_line());
}

#[test]
fn the_flag_takes_precedence_over_the_variable() {
    let env = TestEnv::new();
    env.config("[profiles.a]\nuser_name = \"A\"\n[profiles.b]\nuser_name = \"B\"\n");
    env.set("LESSONSPACE_PROFILE", "a");
    let person = |flags: &str| -> Value {
        env.run(&format!("launch --id x --dry-run {flags}")).json()["user"].clone()
    };
    assert_eq!(person(""), json!({"name": "A"}));
    assert_eq!(person("--profile b"), json!({"name": "B"}));
}

#[test]
fn the_profiles_person_is_used_for_launches() {
    let api = Api::start();
    let person = json!({"id": "Teacher_1", "name": "Peter Parker", "email": "peter@example.org"});
    let _launch = api.launch(json!({"id": "x", "user": person}), 201, &answer());
    let env = api.env();
    env.config(
        "[profiles.default]\nuser_id = \"Teacher_1\"\nuser_name = \"Peter Parker\"\n\
         user_email = \"peter@example.org\"\n",
    );
    env.run("launch --id x").succeeded(&link_line());
}

#[test]
fn a_blank_person_is_refused_and_never_replaced_by_the_profiles() {
    let env = TestEnv::new();
    env.config("[profiles.default]\nuser_id = \"7\"\nuser_name = \"Pet\"\nuser_email = \"a@b\"\n");
    for (flag, blank) in [
        ("--user-name", ""),
        ("--user-name", " "),
        ("--user-id", ""),
        ("--user-email", "\u{a0}"),
        ("--set", "user.name="),
    ] {
        let run = env.cmd("launch --id x --dry-run").args(&[flag, blank]).run();
        run.failed(2).says(&[flag, "is blank; leave it out"]);
    }
    env.write("body.json", "{\"user\": {\"name\": \"\"}}");
    let sent = env.run("launch --id x --dry-run --file body.json");
    assert_eq!(sent.json(), json!({"user": {"name": ""}, "id": "x"}), "{sent}");
}

#[test]
fn the_command_is_not_run_if_a_source_with_higher_precedence_has_the_key() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    let marker = env.path("work/was-run");
    env.program("key-tool", &format!("echo > '{}'", marker.display()));
    env.config(&format!(
        "[profiles.default]\napi_key_command = [\"key-tool\"]\napi_url = \"{}\"\n",
        api.url()
    ));
    env.run("launch --id x --guest").succeeded(&link_line());
    env.run("launch --id x --guest --dry-run");
    assert!(!marker.exists(), "the command was run without need");
}

#[test]
fn a_command_that_cannot_be_run_sends_nothing() {
    for command in ["[\"no-such-tool\"]", "[\"\"]", "[]"] {
        let api = Api::start();
        let _never = api.anything().never();
        let output = commanded(&api, command).run("hello");
        assert!(matches!(output.code, Some(2 | 3)), "{output}");
        output.failed(output.code.unwrap()).says(&["api_key_command"]);
    }
}
