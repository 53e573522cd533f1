//! Keys, links and secrets that a server sends back are masked in every spelling, even in truncated
//! bodies.

use serde_json::{Value, json};

use crate::faults::{Act, Faults, http};
use crate::mock::{LINK_MARK, SECRET, answer, link};
use crate::seen::Output;
use crate::support::KEY;

/// A launch that gets this response, run with each kind of output.
fn answered(status: &str, body: &str, code: i32) -> Vec<Output> {
    let headers = ["Content-Type: application/json", "Retry-After: 86400"];
    let server = Faults::play(vec![Act::Answer(http(status, &headers, body))]);
    let env = server.env();
    let run = |flags: &&str| {
        let output = env.run(&format!("launch --id x --guest {flags}"));
        assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""), "{body}\n{output}");
        output
    };
    ["", "-v", "--json"].iter().map(run).collect()
}

/// Checks that the output masks this body and contains none of these words.
#[track_caller]
fn masked(body: &str, words: &[&str]) {
    for (status, code) in [("400 Bad Request", 4), ("503 Service Unavailable", 5)] {
        for output in answered(status, body, code) {
            output.says(&["[hidden]"]).does_not_say(words);
        }
    }
}

#[test]
fn a_body_truncated_anywhere_shows_no_link_and_no_secret() {
    let body = answer().to_string();
    for end in (0..body.len()).step_by(41) {
        answered("400 Bad Request", &body[..end], 4);
    }
    let body = json!({"client_url": "https://go.room.sh/j/abc", "secret": "tuvwxyz"}).to_string();
    masked(&body[..body.len() - 1], &["j/abc", "tuv"]);
    masked(&body[..body.len() - 4], &["j/abc", "tuv"]);
}

#[test]
fn a_link_or_secret_is_masked_in_any_position() {
    let (link, short) = (link(), "https://go.room.sh/j/abc123");
    let token = link.split("user=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let payload = token.split('.').nth(1).unwrap();
    for details in [
        json!({token: ["x"], &link: 1, short: 2}),
        json!({"detail": answer().to_string()}),
        json!({"detail": json!({"detail": answer().to_string()}).to_string()}),
        json!({"data": {"CLIENT_URL": short, "Secret": SECRET}}),
        json!({"detail": token.replace('.', "%2E")}),
        json!({"detail": token.strip_suffix(&format!(".{LINK_MARK}"))}),
        json!(format!("see {short} now")),
        json!(format!("secret: {SECRET}, client_url={short}")),
    ] {
        masked(&details.to_string(), &[payload, "abc123", SECRET]);
    }
    masked(&format!("secret: {SECRET}"), &[SECRET]);
}

#[test]
fn an_error_that_only_mentions_secrets_is_shown_in_full() {
    let text = "the secret of go.room.sh: none; see https://api.thelessonspace.com/v2/ (eyJ)";
    for output in answered("400 Bad Request", &json!({"detail": text}).to_string(), 4) {
        output.says(&[text]);
    }
}

#[test]
fn a_key_is_masked_in_any_spelling() {
    let escaped = KEY.replace('-', "\\u002d");
    let percent = KEY.replace('-', "%2D");
    for body in [
        json!({"detail": format!("Organisation {}", KEY.to_uppercase())}).to_string(),
        json!({"detail": KEY.to_lowercase(), KEY.to_uppercase(): percent}).to_string(),
        json!({"detail": format!("{{\"key\": \"{escaped}\"}}")}).to_string(),
        format!("{{\"detail\": \"{escaped}\""),
        format!("{{\"detail\": \"{escaped}\",,}}"),
    ] {
        for output in answered("401 Unauthorized", &body, 3) {
            let shown = output.stderr.to_lowercase();
            assert!(!shown.contains("kc7qw9zxv3") && shown.contains("[api key]"), "{output}");
        }
    }
}

#[test]
fn a_uuid_key_is_masked_without_its_dashes_too() {
    let key = "5a4db0c5-1111-4000-8000-0000abcdef00";
    let bare = key.replace('-', "");
    let body = json!({"response": format!("Hi {bare}, {}", key.to_uppercase())}).to_string();
    let server = Faults::play(vec![Act::Answer(http("200 OK", &[], &body))]);
    let env = server.env();
    env.set("LESSONSPACE_API_KEY", key);
    env.run("hello").succeeded("Hi [API key], [API key]\n");
}

#[test]
fn a_link_that_contains_the_key_is_reported_as_unusable() {
    for part in [KEY.to_owned(), KEY.to_uppercase(), KEY.replace('-', "%2d")] {
        let body = json!({"client_url": format!("https://go.room.sh/?k={part}")}).to_string();
        let outputs = answered("200 OK", &body, 6);
        outputs[0].says(&["no usable join link in the response: client_url contains the API key"]);
    }
}

#[test]
fn other_numbers_and_texts_in_a_successful_response_are_unchanged() {
    let body = json!({"client_url": link(), "n": 1.5, "s": "a%20b\\u0041", "x": "secret: y"});
    let server = Faults::play(vec![Act::Answer(http("201 Created", &[], &body.to_string()))]);
    let printed: Value = server.env().run("launch --id x --guest --json").json();
    for name in ["client_url", "n", "s", "x"] {
        assert_eq!(printed[name], body[name]);
    }
}
