//! `api_key_command`: the output of a program is the key. The programs here are shell scripts;
//! `windows` tests those for Windows.
#![cfg(unix)]

use std::time::Duration;

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::profiles::commanded;
use crate::support::{TestEnv, key};

#[test]
fn the_output_of_the_command_is_the_key() {
    let api = Api::start();
    let value = key("helper");
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
    let value = key("helper");
    let _hello = api.hello(&value, 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "[\"key-tool\", \"$HOME; *\", \"a b\"]");
    env.program("key-tool", &format!("[ \"$1|$2|$#\" = '$HOME; *|a b|2' ] && echo '{value}'"));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn the_command_takes_precedence_over_the_key_beside_it() {
    let api = Api::start();
    let _hello = api.hello(&key("helper"), 200, "{\"response\": \"Hi\"}");
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.program("key-tool", &format!("echo '{}'", key("helper")));
    env.config(&format!(
        "[profiles.default]\napi_key = \"{}\"\napi_key_command = [\"key-tool\"]\napi_url = \"{}\"\n",
        key("written"),
        api.url()
    ));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn a_command_that_prints_no_key_exits_3() {
    let secret = key("helper");
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
fn background_processes_of_the_command_are_not_waited_for() {
    let api = Api::start();
    let _hello = api.hello(&key("helper"), 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "[\"key-tool\"]");
    env.program("key-tool", &format!("echo '{}'; /bin/sleep 20 &", key("helper")));
    env.cmd("hello").patience(Duration::from_secs(10)).run().succeeded("Hi\n");
}

#[test]
fn a_command_that_reads_stdin_does_not_consume_the_body() {
    let api = Api::start();
    let _launch = api.launch_with_key(&key("helper"), json!({"id": "x"}), 201, &answer());
    let env = commanded(&api, "[\"key-tool\"]");
    env.program("key-tool", &format!("read -r line; echo '{}'", key("helper")));
    env.cmd("launch --guest --file -").stdin("{\"id\": \"x\"}\n").run().succeeded(&link_line());
}

#[test]
fn a_failing_password_manager_cannot_show_the_key() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.program("manager", "echo \"sign in first: SUPERSECRETKEY key=abcdefgh-ijkl\" >&2; exit 1");
    let manager = env.path("bin/manager");
    let command =
        format!("[profiles.default]\napi_key_command = [{:?}]\n", manager.to_str().unwrap());
    env.config(&command);
    let output = env.run("hello");
    output.failed(3).says(&["sign in first: [hidden]"]).does_not_say(&["SUPERSECRET", "abcdefgh"]);
}

#[test]
fn verbose_shows_the_commands_standard_error_without_the_key() {
    let api = Api::start();
    let value = key("helper");
    let _hello = api.hello(&value, 200, "{\"response\": \"Hi\"}").times(2);
    let env = commanded(&api, "[\"key-tool\"]");
    let script = format!(
        "echo 'the safe is open until 12:00' >&2; printf 'it gives \\033[1m{value}\\n' >&2; echo '{value}'"
    );
    env.program("key-tool", &script);
    let printed = env.run("hello -v");
    printed.succeeded("Hi\n");
    printed.says(&[
        "api_key_command: the safe is open until 12:00",
        "api_key_command: it gives \\u{1b}[1m[hidden]",
    ]);
    printed.does_not_say(&[&value]);
    env.run("hello").succeeded("Hi\n").does_not_say(&["the safe is open"]);
}

#[test]
fn the_command_does_not_inherit_the_key_from_the_environment() {
    let api = Api::start();
    let _hello = api.hello(&key("helper"), 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "[\"key-tool\"]");
    env.set("LESSONSPACE_API_KEY", key("inherited"));
    env.program(
        "key-tool",
        &format!("[ -z \"$LESSONSPACE_API_KEY\" ] && echo '{}'", key("helper")),
    );
    env.run("hello --profile default").succeeded("Hi\n");
}

#[test]
fn the_command_may_not_exceed_the_timeout() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = commanded(&api, "[\"key-tool\"]");
    env.program("key-tool", "exec /bin/sleep 20");
    let run = env.cmd("hello --timeout 500ms").patience(Duration::from_secs(10)).run();
    run.failed(3).says(&["key-tool timed out after 0.5 s\n"]);
}
