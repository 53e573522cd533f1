//! Profiles: which one is used, the person in it, and a key that a program tells.

use serde_json::{Value, json};

use crate::mock::{Api, answer, link_line};
use crate::support::{TestEnv, key};

/// A default profile whose key comes from this command, given as TOML.
fn commanded(api: &Api, command: &str) -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.config(&format!(
        "[profiles.default]\napi_key_command = {command}\napi_url = \"{}\"\n",
        api.url()
    ));
    env
}

#[test]
fn an_unknown_profile_is_exit_2_with_a_suggestion() {
    let env = TestEnv::new();
    env.config("[profiles.westside]\nuser_name = \"x\"\n");
    env.run("hello --profile westsid").failed(2).says(&["westsid", "`westside`"]);
    env.cmd("hello").var("LESSONSPACE_PROFILE", "westsid").run().failed(2).says(&["`westside`"]);
    let env = TestEnv::new();
    env.run("hello --profile westside").failed(2).says(&["westside"]);
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
fn the_flag_beats_the_variable() {
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
fn the_profiles_person_launches() {
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
fn the_output_of_the_command_is_the_key() {
    let api = Api::start();
    let value = key("told");
    let _hello = api.hello(&value, 200, "{\"response\": \"Hi\"}").times(2);
    let env = commanded(&api, "[\"key-tool\", \"read\", \"op://School/key\"]");
    env.program(
        "key-tool",
        &format!("[ \"$1 $2 $#\" = 'read op://School/key 2' ] && echo '{value}'"),
    );
    env.run("hello").succeeded("Hi\n");
    env.program("key-tool", &format!("echo 'Organisation {value}'; echo noise >&2"));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn the_command_is_run_without_a_shell() {
    let api = Api::start();
    let value = key("told");
    let _hello = api.hello(&value, 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "[\"key-tool\", \"$HOME; *\", \"a b\"]");
    env.program("key-tool", &format!("[ \"$1|$2|$#\" = '$HOME; *|a b|2' ] && echo '{value}'"));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn the_command_beats_the_key_beside_it() {
    let api = Api::start();
    let _hello = api.hello(&key("told"), 200, "{\"response\": \"Hi\"}");
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.program("key-tool", &format!("echo '{}'", key("told")));
    env.config(&format!(
        "[profiles.default]\napi_key = \"{}\"\napi_key_command = [\"key-tool\"]\napi_url = \"{}\"\n",
        key("written"),
        api.url()
    ));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn the_command_is_not_run_when_a_better_source_has_the_key() {
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
fn a_command_that_gives_no_key_is_exit_3() {
    let secret = key("told");
    for script in [
        "exit 1".to_owned(),
        format!("echo '{secret}'; exit 3"),
        "echo 'cannot unlock the safe' >&2; exit 1".to_owned(),
        "exit 0".to_owned(),
        "echo".to_owned(),
        format!("echo '{secret}'; echo '{secret}'"),
        "printf '\\377\\376'".to_owned(),
        "kill -9 $$".to_owned(),
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        let env = commanded(&api, "[\"key-tool\"]");
        env.program("key-tool", &script);
        env.run("hello").failed(3).says(&["api_key_command"]);
        env.run("hello --json").json_error(3, "key");
    }
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

#[test]
fn a_command_that_reads_stdin_does_not_eat_the_payload() {
    let api = Api::start();
    let _launch = api.launch_with_key(&key("told"), json!({"id": "x"}), 201, &answer());
    let env = commanded(&api, "[\"key-tool\"]");
    env.program("key-tool", &format!("read -r line; echo '{}'", key("told")));
    env.cmd("launch --guest --file -").stdin("{\"id\": \"x\"}\n").run().succeeded(&link_line());
}
