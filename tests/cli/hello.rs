//! `hello`: checks the key, and prints the greeting on one line.

use serde_json::json;

use crate::faults::{Act, Faults, http};
use crate::json_text::compact;
use crate::mock::Api;
use crate::support::{KEY, TestEnv};

#[test]
fn a_good_key_prints_the_greeting() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hello there, Westside Tutors! 👋\"}");
    api.env().run("hello").succeeded("Hello there, Westside Tutors! 👋\n");
}

#[test]
fn a_multi_line_greeting_is_printed_on_one_line_with_escapes() {
    let api = Api::start();
    let text = json!({"response": "Hi\n::error::\u{1b}[31mred\u{202e}"}).to_string();
    let _hello = api.hello(KEY, 200, &text);
    let output = api.env().run("hello");
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
    assert!(output.stdout.starts_with("Hi") && output.stdout.contains("red"), "{output}");
}

#[test]
fn a_greeting_that_looks_like_a_ci_command_is_harmless() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"::add-mask::x\"}");
    let output = api.env().run("hello");
    assert!(output.code == Some(0) && !output.stdout.starts_with("::"), "{output}");
}

#[test]
fn a_greeting_that_echoes_the_key_does_not_show_it() {
    let api = Api::start();
    let text = json!({"response": format!("Hello {KEY}!")}).to_string();
    let _hello = api.hello(KEY, 200, &text).times(3);
    let env = api.env();
    for flags in ["", "--json", "--field response"] {
        let output = env.run(&format!("hello {flags}"));
        assert!(output.code == Some(0) && output.stdout.contains("Hello "), "{output}");
    }
}

#[test]
fn json_is_the_response_and_the_attempts_on_one_line() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\":\"Hi\",\"x\":1.10,\"attempts\":7}");
    let output = api.env().run("hello --json");
    let line = "{\"response\":\"Hi\",\"x\":1.10,\"api_attempts\":7,\"attempts\":1}";
    assert_eq!((output.code, compact(&output.stdout).as_str()), (Some(0), line), "{output}");
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
}

#[test]
fn one_field_is_printed_raw() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\":\"Hi \\\"you\\\"\"}").times(3);
    let env = api.env();
    env.run("hello --field attempts --field response").succeeded("1\nHi \"you\"\n");
    env.run("hello --field response").succeeded("Hi \"you\"\n");
    env.run("hello --field nothing").failed(6).says(&["nothing"]);
}

#[test]
fn a_refused_key_exits_3_and_says_where_it_came_from() {
    for (status, name) in [(401, "401"), (403, "403")] {
        let api = Api::start();
        let _hello = api.hello(KEY, status, "{\"detail\": \"Invalid token.\"}").times(2);
        let env = api.env();
        let output = env.run("hello");
        output.failed(3).says(&[name, "the key came from LESSONSPACE_API_KEY"]).hint();
        let headline = format!("error: Lessonspace refused the API key ({name})");
        assert!(output.stderr.lines().any(|line| line == headline), "{output}");
        let error = env.run("hello --json").json_error(3, "key");
        assert_eq!(error["http_status"], status);
        assert_eq!(error["details"], json!({"detail": "Invalid token."}));
    }
}

#[test]
fn a_login_page_is_reported_as_one() {
    let page = http("200 OK", &["Content-Type: text/html"], "<html>Please log in</html>");
    let server = Faults::play(vec![Act::Answer(page)]);
    server.env().run("hello").failed(6).says(&["your network answered instead of Lessonspace"]);
    assert_eq!(server.requests()[0].line(), "GET /v2/hello/ HTTP/1.1");
}

#[test]
fn hello_is_retried_too() {
    let busy = Act::Answer(http("503 Service Unavailable", &["Retry-After: 0"], ""));
    let good =
        Act::Answer(http("200 OK", &["Content-Type: application/json"], "{\"response\":\"Hi\"}"));
    let server = Faults::play(vec![busy, Act::ReadThenClose, good]);
    server.env().run("hello --field attempts").succeeded("3\n");
}

#[test]
fn an_unreachable_server_exits_5() {
    let env = TestEnv::at(&crate::faults::refused_url());
    env.run("hello --timeout 500ms").failed(5);
    env.run("hello --timeout 500ms --json").json_error(5, "unavailable");
}

#[test]
fn the_greeting_is_printed_with_quiet_and_verbose() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}").times(2);
    let env = api.env();
    let quiet = env.run("hello -q");
    assert_eq!(quiet.succeeded("Hi\n").stderr, "");
    env.run("hello -v").succeeded("Hi\n").says(&["LESSONSPACE_API_KEY"]);
}
