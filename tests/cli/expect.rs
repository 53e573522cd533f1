//! `--expect`: any other result exits 8, and the link is still printed.

use serde_json::json;

use crate::faults::{Act, Faults, good, http};
use crate::mock::{Api, answer, link, link_line};

#[test]
fn an_expected_result_exits_0() {
    for (status, expected) in [(201, "created"), (200, "existing")] {
        for command in ["launch", "add-user"] {
            let api = Api::start();
            let _launch = api.launch(json!({"id": "x"}), status, &answer());
            let line = format!("{command} --id x --guest --expect {expected}");
            api.env().run(&line).succeeded(&link_line());
        }
    }
}

#[test]
fn any_other_result_exits_8_with_the_link() {
    for (status, expected) in [(201, "existing"), (200, "created")] {
        for command in ["launch", "add-user"] {
            let api = Api::start();
            let _launch = api.launch(json!({"id": "x"}), status, &answer());
            let line = format!("{command} --id x --guest --expect {expected}");
            let output = api.env().run(&line);
            output.ended(8, &link_line()).error_form().says(&["Space x"]);
        }
    }
}

#[test]
fn an_unexpectedly_created_space_is_reported_as_permanent() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "typo"}), 201, &answer());
    let output = api.env().run("launch --id typo --guest --expect existing");
    output
        .ended(8, &link_line())
        .says(&["Space typo did not exist and has been created; add-user cannot undo this"]);
}

#[test]
fn a_missing_field_does_not_hide_the_result() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "typo"}), 201, &answer()).times(2);
    let env = api.env();
    let line = "launch --id typo --guest --field nope -q --expect";
    env.run(&format!("{line} existing")).failed(8).says(&[
        "Space typo did not exist and has been created; add-user cannot undo this\n",
        "  no field nope in the response; the request succeeded\n",
        "check the spelling of --id",
    ]);
    env.run(&format!("{line} created")).failed(6).says(&["no field nope"]);
}

#[test]
fn an_uncertain_result_always_exits_8() {
    for expected in ["created", "existing"] {
        let busy = Act::Answer(http("503 Service Unavailable", &["Retry-After: 0"], ""));
        let server = Faults::play(vec![busy, good("200 OK")]);
        let output = server.env().run(&format!("launch --id x --guest --expect {expected}"));
        output.ended(8, &link_line()).error_form();
    }
}

#[test]
fn a_certain_result_after_a_retry_meets_the_expectation() {
    for (status, expected) in [("201 Created", "created"), ("200 OK", "existing")] {
        let busy = Act::Answer(http("429 Too Many Requests", &["Retry-After: 0"], ""));
        let server = Faults::play(vec![busy, good(status)]);
        server
            .env()
            .run(&format!("launch --id x --guest --expect {expected}"))
            .succeeded(&link_line());
    }
}

#[test]
fn json_has_the_response_on_stdout_and_the_error_on_stderr() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 200, &answer());
    let output = api.env().run("launch --id x --guest --expect created --json");
    output.json_error(8, "outcome");
    let json = output.json();
    assert_eq!(
        (&json["client_url"], &json["created"]),
        (&link().into(), &false.into()),
        "{output}"
    );
}

#[test]
fn quiet_keeps_the_error() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 200, &answer());
    let output = api.env().run("launch --id x --guest --expect created -q");
    output.ended(8, &link_line()).error_form();
}

#[test]
fn a_failed_launch_keeps_its_own_exit_code() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 401, &json!({"detail": "Invalid token."}));
    api.env().run("launch --id x --guest --expect created").failed(3);
}

#[test]
fn add_user_also_reports_a_new_space_once() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "typo"}), 201, &answer());
    let output = api.env().run("add-user --id typo --guest --expect existing");
    output.ended(8, &link_line());
    assert_eq!(output.stderr.matches("created").count(), 1, "{output}");
}
