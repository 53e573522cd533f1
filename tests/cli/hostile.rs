//! Text from the network or a file is shown but has no effect: no escape sequences, no CI commands,
//! no key.
//!
//! Every run is checked for control and bidi characters and for lines starting with `::` on stderr;
//! the tests here supply such text.

use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::{Act, Faults, http, json_answer};
use crate::mock::{Api, answer, answer_with, link_line};
use crate::seen::Output;
use crate::support::{KEY, TestEnv};

/// Texts that do harm if shown unescaped.
const WILD: [&str; 8] = [
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "::error::stolen",
    "a\n::error::stolen\r\n::add-mask::x",
    "\u{202e}desrever\u{2066}",
    "\u{200f}\u{61c}\u{2028}::warning::x",
    "\r\u{8}\u{8}overwritten\u{0}",
];

/// A launch rejected with these details.
fn refused_with(details: &Value, flags: &str) -> Output {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 400, details);
    api.env().run(&format!("launch --id x --guest {flags}"))
}

#[test]
fn hostile_text_in_an_error_is_shown_safely() {
    for wild in WILD {
        for details in [
            json!({"detail": wild}),
            json!({"user": {"email": [wild]}}),
            json!({wild: ["Bad."]}),
            json!([wild]),
            json!(wild),
        ] {
            refused_with(&details, "").failed(4);
            refused_with(&details, "-v").failed(4);
            let error = refused_with(&details, "--json").json_error(4, "refused");
            assert_eq!(error["details"], details);
        }
    }
}

#[test]
fn the_words_of_hostile_text_are_still_shown() {
    let output = refused_with(&json!({"detail": WILD[0]}), "");
    output.failed(4).says(&["red", "["]);
    refused_with(&json!({"detail": WILD[3]}), "").failed(4).says(&["error::stolen"]);
}

#[test]
fn hostile_text_that_is_not_json_is_shown_safely() {
    for wild in WILD {
        for status in ["400 Bad Request", "503 Service Unavailable", "200 OK", "302 Found"] {
            let headers = ["Content-Type: text/plain", "Retry-After: 86400"];
            let server = Faults::play(vec![Act::Answer(http(status, &headers, wild))]);
            let output = server.env().run("launch --id x --guest");
            output.failed(output.code.unwrap());
        }
    }
}

#[test]
fn a_hostile_status_line_and_hostile_headers_are_harmless() {
    let mut answer = b"HTTP/1.1 400 \x1b[31mred\r\nContent-Length: 0\r\n\r\n".to_vec();
    let server = Faults::play(vec![Act::Answer(answer.clone())]);
    let output = server.env().run("launch --id x --guest --timeout 500ms");
    output.failed(output.code.unwrap());
    answer = http("302 Found", &["Location: ::error::\u{9b}31m\u{202e}"], "");
    let server = Faults::play(vec![Act::Answer(answer)]);
    server.env().run("launch --id x --guest -v").failed(6);
}

#[test]
fn long_text_is_cut_to_500_characters() {
    let output = refused_with(&json!({"detail": "é".repeat(10_000)}), "");
    output.failed(4);
    let shown = output.stderr.matches('é').count();
    assert!((400..=500).contains(&shown), "{shown} characters are shown");
    let output = refused_with(&json!({"k".repeat(10_000): ["Bad."]}), "");
    assert!(output.failed(4).stderr.matches('k').count() <= 600, "{output}");
}

#[test]
fn very_many_errors_do_not_flood_the_terminal() {
    let many: serde_json::Map<String, Value> =
        (0..5000).map(|n| (format!("field{n}"), json!(["Bad."]))).collect();
    let output = refused_with(&Value::Object(many), "");
    assert!(
        output.failed(4).stderr.lines().count() < 200,
        "{} lines",
        output.stderr.lines().count()
    );
}

#[test]
fn an_echoed_key_is_replaced_in_text_and_in_details() {
    let header = format!("Organisation {KEY}");
    for details in [
        json!({"detail": format!("bad header: {header}")}),
        json!({"user": {KEY: [header]}}),
        json!({KEY: KEY}),
        json!([[KEY]]),
        json!(format!("\u{1b}{KEY}")),
    ] {
        refused_with(&details, "").failed(4);
        refused_with(&details, "-v").failed(4);
        let error = refused_with(&details, "--json").json_error(4, "refused");
        assert!(!error["details"].is_null(), "details are shown without the key");
    }
}

#[test]
fn an_echoed_key_is_replaced_however_the_server_writes_it() {
    let escaped: String = KEY.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let body = format!("{{\"detail\": \"{escaped}\"}}");
    for status in ["400 Bad Request", "401 Unauthorized", "503 Service Unavailable"] {
        let headers = ["Content-Type: application/json", "Retry-After: 86400"];
        let server = Faults::play(vec![Act::Answer(http(status, &headers, &body))]);
        let env = server.env();
        for flags in ["", "-v", "--json"] {
            let output = env.run(&format!("launch --id x --guest {flags}"));
            assert!(matches!(output.code, Some(3..=5)), "{output}");
        }
    }
}

#[test]
fn an_echoed_key_is_replaced_before_the_text_is_cut() {
    for length in 470..500 {
        if length % 3 == 0 {
            let text = format!("{}{KEY}", "x".repeat(length));
            refused_with(&json!({"detail": text}), "").failed(4);
        }
    }
}

#[test]
fn a_key_echoed_in_a_successful_response_is_replaced_too() {
    let api = Api::start();
    let answer = answer_with(&json!({"echo": format!("Organisation {KEY}"), "api_base": KEY}));
    let _launch = api.launch(json!({"id": "x"}), 201, &answer).times(3);
    let env = api.env();
    env.run("launch --id x --guest").succeeded(&link_line());
    for flags in ["--json", "--field echo"] {
        let output = env.run(&format!("launch --id x --guest {flags}"));
        assert!(output.code == Some(0) && output.stdout.contains("Organisation "), "{output}");
    }
}

#[test]
fn a_key_echoed_in_a_page_or_a_redirect_is_not_shown() {
    let page = format!("<html>Organisation {KEY}</html>");
    let location = format!("Location: https://example.org/?{KEY}");
    let server = Faults::play(vec![
        Act::Answer(http("200 OK", &["Content-Type: text/html"], &page)),
        Act::Answer(http("302 Found", &[&location], "")),
    ]);
    let env = server.env();
    env.run("launch --id x --guest -v").failed(6);
    env.run("launch --id x --guest -v").failed(6);
}

#[test]
fn an_id_with_hostile_text_is_sent_as_is_and_shown_safely() {
    for id in ["::error::x", "##[error]x", "a::b"] {
        let api = Api::start();
        let _launch = api.launch(json!({"id": id}), 201, &answer()).times(2);
        let env = api.env();
        env.cmd("launch --guest --id")
            .arg(id)
            .run()
            .succeeded(&link_line())
            .says(&["created Space "]);
        env.cmd("launch --guest --json --id").arg(id).run();
    }
}

#[test]
fn hostile_text_in_a_file_is_shown_safely() {
    let env = TestEnv::new();
    for wild in WILD {
        let value = json!(wild).to_string();
        for text in [
            format!("{{\"record_av\": {value}}}"),
            format!("{{{value}: 1, {value}: 2}}"),
            format!("{{\"user\": {{{value}: true}}}}"),
            format!("{{\"id\": \"x\" {wild}}}"),
            wild.to_owned(),
            format!("{{\"record_av\": 5, // {}\n}}", wild.replace('\n', " ")),
        ] {
            env.write("body.json", &text);
            let output = env.run("launch --id x --strict --dry-run --file body.json");
            output.failed(2);
        }
    }
}

#[test]
fn hostile_arguments_are_shown_safely() {
    let env = TestEnv::new();
    for wild in WILD.iter().filter(|wild| !wild.contains('\0')) {
        for flag in [
            "--id",
            "--set",
            "--not-before",
            "--webhook",
            "--feature",
            "--time-zone",
            "--api-url",
            "--profile",
            "--field",
        ] {
            let output =
                env.cmd("launch --guest --dry-run --strict").arg(format!("{flag}={wild}")).run();
            assert!(matches!(output.code, Some(0 | 2)), "{output}");
        }
        assert_eq!(env.cmd("launch").arg(wild).run().code, Some(2));
        assert_eq!(env.cmd("").arg(wild).run().code, Some(2));
        assert_eq!(env.cmd("launch").arg(format!("--{wild}")).run().code, Some(2));
    }
}

#[test]
fn a_hostile_name_in_the_token_is_harmless() {
    for wild in WILD {
        let claims = json!({"exp": 4_099_798_800_u64, "guest": false, "meta": {"name": wild, "displayName": wild}, "id": wild});
        let url = crate::mock::link_with_claims(&claims.to_string());
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 201, &json!({"client_url": url}));
        api.env().run("launch --id x --guest").succeeded(&format!("{url}\n"));
    }
}

#[test]
fn a_link_or_secret_in_an_error_is_not_shown() {
    let body = answer().to_string();
    let headers = ["Content-Type: application/json", "Retry-After: 86400"];
    for (status, code) in [
        ("202 Accepted", 6),
        ("400 Bad Request", 4),
        ("401 Unauthorized", 3),
        ("503 Service Unavailable", 5),
    ] {
        let server = Faults::play(vec![Act::Answer(http(status, &headers, &body))]);
        let env = server.env();
        for flags in ["", "-v", "--json"] {
            let output = env.run(&format!("launch --id x --guest {flags}"));
            assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""), "{output}");
        }
    }
}

#[test]
fn a_hostile_response_is_read_quickly() {
    let nested = |start: &str, end: &str, count| start.repeat(count) + "1" + &end.repeat(count);
    for hostile in [
        nested("[", "]", 500_000),
        nested("{\"a\":", "}", 150_000),
        nested("[", &format!("{}]", ",1".repeat(4000)), 120),
        "[".repeat(1_000_000),
        format!("\"{}\"", "eyJ".repeat(330_000)),
    ] {
        let answer = answer().to_string();
        let answer = format!("{},\"new\":{hostile}}}", answer.strip_suffix('}').unwrap());
        for (status, body, codes) in [("400 Bad", &hostile, [4, 4]), ("200 OK", &answer, [0, 6])] {
            let server = Faults::play(vec![json_answer(status, body)]);
            let env = server.env();
            let run = env.cmd("launch --id x --guest --timeout 3");
            let output = run.patience(Duration::from_secs(15)).run();
            assert!(output.code.is_some_and(|code| codes.contains(&code)), "{output}");
        }
    }
}
