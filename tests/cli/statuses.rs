//! What each status means, in every documented form, and responses that are not from the API.

use serde_json::{Value, json};

use crate::faults::{Act, Faults, http, json_answer};
use crate::mock::{Api, answer};
use crate::support::KEY;

#[test]
fn a_rejected_request_is_reported_with_one_line_per_field() {
    let rows: Vec<(Value, &[&str])> = vec![
        (json!({"detail": "JSON parse error."}), &["JSON parse error."]),
        (json!({"non_field_errors": ["Give a name."]}), &["Give a name."]),
        (json!({"id": ["This field is required."]}), &["id: This field is required."]),
        (
            json!({"user": {"email": ["Enter a valid email address."]}}),
            &["user.email: Enter a valid email address."],
        ),
        (
            json!({"id": ["Too long."], "user": {"name": ["Blank."], "email": ["Bad.", "Very bad."]}}),
            &["id: Too long.", "user.name: Blank.", "user.email: ", "Bad.", "Very bad."],
        ),
        (json!({"timeouts": {"not_after": "Too late."}}), &["timeouts.not_after: Too late."]),
        (json!(["Something is wrong."]), &["Something is wrong."]),
        (json!("Just no."), &["Just no."]),
        (
            json!({"webhooks": {"session": {"start": ["Bad URL."]}}}),
            &["webhooks.session.start: Bad URL."],
        ),
        (json!({"tags": [{"a": ["x-ray"]}, {}]}), &["x-ray"]),
        (json!({"detail": null}), &["400"]),
        (json!({}), &["400"]),
        (json!(null), &["400"]),
    ];
    for (details, words) in rows {
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 400, &details).times(2);
        let env = api.env();
        let output = env.run("launch --id x --guest");
        output.failed(4).says(&["400"]).says(words);
        let error = env.run("launch --id x --guest --json").json_error(4, "refused");
        assert_eq!((&error["http_status"], &error["details"]), (&400.into(), &details));
    }
}

#[test]
fn each_field_is_on_its_own_line() {
    let api = Api::start();
    let details = json!({"id": ["Too long."], "user": {"email": ["Enter a valid email address."]}});
    let _launch = api.launch(json!({"id": "x"}), 400, &details);
    let output = api.env().run("launch --id x --guest");
    for line in ["id: Too long.", "user.email: Enter a valid email address."] {
        assert!(output.stderr.lines().any(|seen| seen.trim() == line), "{line}\n{output}");
    }
    let fields: serde_json::Map<_, _> =
        (0..30).map(|field| (format!("f{field}"), json!(["Bad."]))).collect();
    let _launch = api.launch(json!({"id": "y"}), 400, &fields.into());
    let output = api.env().run("launch --id y --guest");
    output.says(&["Bad.\n  and 10 more\nhint: "]);
    assert_eq!(output.stderr.matches("Bad.").count(), 20, "{output}");
}

#[test]
fn a_rejection_that_is_not_json_is_still_a_rejection() {
    for body in ["", "Bad request, sorry", "\u{feff}", "}{"] {
        let answer = http("400 Bad Request", &["Content-Type: text/plain"], body);
        let server = Faults::play(vec![Act::Answer(answer)]);
        let env = server.env();
        env.run("launch --id x --guest").failed(4).says(&["400"]);
        env.run("launch --id x --guest --json").json_error(4, "refused");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_complete_rejection_with_unusual_text_is_not_retried() {
    let headers = ["Content-Type: application/json"];
    for body in ["{\"detail\": \"odd", "[[[["] {
        let answer = http("400 Bad Request", &headers, body);
        let server = Faults::play(vec![Act::Answer(answer)]);
        server.env().run("launch --id x --guest --timeout 900ms").failed(4);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_rejection_nested_ten_thousand_deep_does_not_crash() {
    let body = format!("{}\"deep\"{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let server = Faults::play(vec![json_answer("400 Bad Request", &body)]);
    server.env().run("launch --id x --guest").failed(4);
}

#[test]
fn other_rejections_exit_4_at_once() {
    for status in [402, 404, 405, 409, 410, 413, 415, 418, 422, 451] {
        let api = Api::start();
        let details = json!({"detail": "No such thing."});
        let _launch = api.launch(json!({"id": "x"}), status, &details);
        api.env()
            .run("launch --id x --guest")
            .failed(4)
            .says(&[&status.to_string(), "No such thing."]);
    }
}

#[test]
fn a_rejected_key_exits_3_at_once() {
    for status in [401, 403] {
        let api = Api::start();
        let details = json!({"detail": "Invalid token."});
        let _launch = api.launch_with_key(KEY, json!({"id": "x"}), status, &details);
        let output = api.env().run("launch --id x --guest");
        let headline = format!("error: Lessonspace refused the API key ({status})");
        output.failed(3).says(&[&headline, "  the key came from LESSONSPACE_API_KEY"]);
        output.hint();
    }
}

#[test]
fn statuses_worth_retrying_exit_5_in_the_end() {
    let statuses = [
        "408 Request Timeout",
        "425 Too Early",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ];
    for status in statuses {
        let body = "{\"detail\": \"Try later.\"}";
        let headers = ["Retry-After: 86400", "Content-Type: application/json"];
        let server = Faults::play(vec![Act::Answer(http(status, &headers, body))]);
        let env = server.env();
        env.run("launch --id x --guest").failed(5).says(&[&status[..3]]).hint();
        let error = env.run("launch --id x --guest --json").json_error(5, "unavailable");
        assert_eq!(error["http_status"].to_string(), status[..3]);
        assert_eq!(error["details"], json!({"detail": "Try later."}));
    }
}

#[test]
fn a_5xx_not_worth_retrying_exits_5_at_once() {
    for status in ["501 Not Implemented", "505 HTTP Version Not Supported", "599 Odd"] {
        let server = Faults::play(vec![Act::Answer(http(status, &[], ""))]);
        server.env().run("launch --id x --guest").failed(5).says(&[&status[..3]]);
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_request_for_a_login_or_proxy_password_exits_6_at_once() {
    for status in ["511 Network Authentication Required", "407 Proxy Authentication Required"] {
        let server = Faults::play(vec![Act::Answer(http(status, &[], ""))]);
        server.env().run("launch --id x --guest").failed(6).hint();
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn no_redirect_is_ever_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let target = Api::start();
        let _never = target.anything().never();
        let header = format!("Location: {}spaces/launch/", target.url());
        let server = Faults::play(vec![Act::Answer(http(status, &[&header], ""))]);
        let env = server.env();
        env.run("launch --id x --guest")
            .failed(6)
            .says(&[&status[..3], "redirects are never followed, to protect the API key"]);
        env.run("hello").failed(6);
        let error = env.run("hello --json").json_error(6, "not_the_api");
        assert_eq!(error["http_status"].to_string(), status[..3]);
        assert_eq!(server.requests().len(), 3, "{status}");
    }
}

#[test]
fn a_redirect_back_to_the_same_place_is_not_followed_either() {
    let answer = http("307 Temporary Redirect", &["Location: /v2/spaces/launch/"], "");
    let server = Faults::play(vec![Act::Answer(answer)]);
    server.env().run("launch --id x --guest").failed(6);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_login_or_block_page_is_identified() {
    let page = "<!DOCTYPE html><html><body>Blocked by Westside School</body></html>";
    for status in [
        "200 OK",
        "201 Created",
        "202 Accepted",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
    ] {
        let server = Faults::play(vec![Act::Answer(http(
            status,
            &["Content-Type: text/html; charset=utf-8"],
            page,
        ))]);
        let output = server.env().run("launch --id x --guest");
        output.failed(6).says(&["your network answered instead of Lessonspace"]).hint();
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_page_is_recognised_by_its_type_or_its_text() {
    let rows: [(&[&str], &str); 4] = [
        (&["Content-Type: TEXT/HTML"], "hello"),
        (&["Content-Type: text/html"], ""),
        (&[], "<!doctype html><title>Log in</title>"),
        (&["Content-Type: application/json"], "\n  <html><body>Log in</body></html>"),
    ];
    for (headers, body) in rows {
        let server = Faults::play(vec![Act::Answer(http("200 OK", headers, body))]);
        let output = server.env().run("launch --id x --guest");
        output.failed(6).says(&["your network answered instead of Lessonspace"]);
    }
}

#[test]
fn a_page_with_429_or_5xx_counts_as_a_problem_of_the_api() {
    let headers = ["Content-Type: text/html", "Retry-After: 86400"];
    for status in [
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
    ] {
        let page = "<html><h1>nginx</h1></html>";
        let server = Faults::play(vec![Act::Answer(http(status, &headers, page))]);
        server
            .env()
            .run("launch --id x --guest")
            .failed(5)
            .does_not_say(&["your network answered"]);
    }
}

#[test]
fn another_2xx_is_not_from_the_api() {
    let body = answer().to_string();
    for status in ["202 Accepted", "203 Odd", "206 Partial Content", "226 IM Used"] {
        let server = Faults::play(vec![json_answer(status, &body)]);
        server
            .env()
            .run("launch --id x --guest")
            .failed(6)
            .says(&[&format!("error: unexpected response status {}\n", &status[..3])])
            .does_not_say(&["redirect"]);
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    let empty =
        b"HTTP/1.1 204 No Content\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n".to_vec();
    let server = Faults::play(vec![Act::Answer(empty)]);
    server.env().run("launch --id x --guest").failed(6);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn add_user_treats_statuses_like_launch() {
    for (status, code) in [(400, 4), (401, 3), (404, 4), (200, 0)] {
        let api = Api::start();
        let answer = if code == 0 { answer() } else { json!({"detail": "No."}) };
        let _launch = api.launch(json!({"id": "x"}), status, &answer).times(2);
        let env = api.env();
        for command in ["launch", "add-user"] {
            let output = env.run(&format!("{command} --id x --guest"));
            assert_eq!(output.code, Some(code), "{output}");
        }
    }
}
