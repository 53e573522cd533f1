//! How often to retry, how long to wait, and what a response after a lost one can still prove.

use std::time::{Duration, SystemTime};

use crate::faults::{Act, Faults, good, http};
use crate::mock::link_line;

/// A response that asks for an immediate retry.
fn busy(status: &str) -> Act {
    Act::Answer(http(status, &["Retry-After: 0"], "{\"detail\": \"busy\"}"))
}

/// An HTTP date this many seconds from now.
fn http_date(seconds: u64) -> String {
    let time = SystemTime::now() + Duration::from_secs(seconds);
    let stamp = jiff::Timestamp::try_from(time).unwrap();
    stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[test]
fn created_is_reported_correctly_after_every_kind_of_first_attempt() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"client_url\":".to_vec();
    let rows = [
        ("closed after reading", Act::ReadThenClose, "null"),
        ("reset after reading", Act::ReadThenReset, "null"),
        ("answer cut short", Act::Answer(cut), "null"),
        ("408", busy("408 Request Timeout"), "null"),
        ("500", busy("500 Internal Server Error"), "null"),
        ("502", busy("502 Bad Gateway"), "null"),
        ("503", busy("503 Service Unavailable"), "null"),
        ("504", busy("504 Gateway Timeout"), "null"),
        ("425", busy("425 Too Early"), "false"),
        ("429", busy("429 Too Many Requests"), "false"),
    ];
    for (name, first, created) in rows {
        let server = Faults::play(vec![first.clone(), good("200 OK")]);
        let output = server.env().run("launch --id x --guest --field created");
        assert_eq!((output.code, output.stdout.trim_end()), (Some(0), created), "{name}\n{output}");
        let server = Faults::play(vec![first, good("201 Created")]);
        let output = server.env().run("launch --id x --guest --field created");
        assert_eq!((output.code, output.stdout.trim_end()), (Some(0), "true"), "{name}\n{output}");
        assert_eq!(server.requests().len(), 2, "{name}");
    }
}

#[test]
fn one_doubtful_attempt_makes_the_result_uncertain() {
    let script = vec![
        busy("429 Too Many Requests"),
        Act::ReadThenClose,
        busy("429 Too Many Requests"),
        good("200 OK"),
    ];
    let server = Faults::play(script);
    server.env().run("launch --id x --guest --field created").succeeded("null\n");
}

#[test]
fn an_uncertain_space_is_reported_as_uncertain() {
    let server = Faults::play(vec![busy("503 Service Unavailable"), good("200 OK")]);
    let output = server.env().run("launch --id biology101 --guest");
    output
        .succeeded(&link_line())
        .says(&["exists now; an earlier attempt, whose answer was lost, may have created it"])
        .does_not_say(&["opened existing Space", "created Space"]);
}

#[test]
fn a_space_is_certain_after_a_429() {
    let server = Faults::play(vec![busy("429 Too Many Requests"), good("200 OK")]);
    let output = server.env().run("launch --id biology101 --guest");
    output.succeeded(&link_line()).says(&["opened existing Space biology101"]);
}

#[test]
fn json_has_the_number_of_attempts() {
    let script =
        vec![busy("503 Service Unavailable"), busy("429 Too Many Requests"), good("200 OK")];
    let server = Faults::play(script);
    let output = server.env().run("launch --id x --guest --json");
    let json = output.json();
    assert_eq!(
        (&json["attempts"], &json["created"]),
        (&3.into(), &serde_json::Value::Null),
        "{output}"
    );
}

#[test]
fn there_are_at_most_five_attempts() {
    let server = Faults::play(vec![busy("503 Service Unavailable")]);
    server.env().run("launch --id x --guest").failed(5).says(&["503"]);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn the_fifth_attempt_counts() {
    let busy = || busy("502 Bad Gateway");
    let server = Faults::play(vec![busy(), busy(), busy(), busy(), good("201 Created")]);
    server.env().run("launch --id x --guest --field attempts").succeeded("5\n");
}

#[test]
fn a_short_retry_after_is_obeyed() {
    for value in ["1".to_owned(), " 1 ".to_owned(), http_date(2), http_date(0)] {
        let first =
            Act::Answer(http("429 Too Many Requests", &[&format!("Retry-After: {value}")], ""));
        let server = Faults::play(vec![first, good("201 Created")]);
        server.env().run("launch --id x --guest --field attempts").succeeded("2\n");
    }
}

#[test]
fn a_retry_after_is_not_cut_short() {
    let first = Act::Answer(http("503 Service Unavailable", &["Retry-After: 1"], ""));
    let server = Faults::play(vec![first.clone(), good("201 Created")]);
    let start = std::time::Instant::now();
    server.env().run("launch --id x --guest").succeeded(&link_line());
    assert!(start.elapsed() >= Duration::from_secs(1), "came back after {:?}", start.elapsed());
    // Little time is left after this wait; whether it is enough depends on the computer.
    let server = Faults::play(vec![first, good("201 Created")]);
    let output = server.env().run("launch --id x --guest --timeout 1.15 -v");
    output.says(&["note: waiting 1.0 s\n"]);
}

#[test]
fn a_retry_after_longer_than_the_time_left_stops_at_once_and_says_so() {
    let far = "Wed, 01 Jan 2098 00:00:00 GMT";
    let values =
        ["86400", "18446744073709551616", "18446744073709551615", "9223372036854775807", far];
    for value in values {
        for status in ["429 Too Many Requests", "503 Service Unavailable"] {
            let header = format!("Retry-After: {value}");
            let server = Faults::play(vec![Act::Answer(http(status, &[&header], ""))]);
            let output = server.env().run("launch --id x --guest");
            output.failed(5).says(&["--timeout"]);
            assert_eq!(server.requests().len(), 1, "{value}");
        }
    }
}

#[test]
fn an_invalid_retry_after_is_ignored() {
    for value in ["soon", "-5", "", "1.5.2", "0x10", "Wed, 99 Foo 2098", "1, 2", "\u{7f}"] {
        let header = format!("Retry-After: {value}");
        let first = Act::Answer(http("503 Service Unavailable", &[&header], ""));
        let server = Faults::play(vec![first, good("201 Created")]);
        server.env().run("launch --id x --guest --field attempts").succeeded("2\n");
    }
}

#[test]
fn a_retry_after_in_the_past_means_at_once() {
    let header = "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT";
    let first = Act::Answer(http("503 Service Unavailable", &[header], ""));
    let server = Faults::play(vec![first, good("201 Created")]);
    server.env().run("launch --id x --guest --field attempts").succeeded("2\n");
}

#[test]
fn the_timeout_covers_all_attempts_and_waits() {
    let server =
        Faults::play(vec![Act::Answer(http("503 Service Unavailable", &["Retry-After: 2"], ""))]);
    server.env().run("launch --id x --guest --timeout 1s").failed(5);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn verbose_shows_each_attempt_and_each_wait() {
    let server = Faults::play(vec![busy("503 Service Unavailable"), good("201 Created")]);
    let output = server.env().run("launch --id x --guest -v");
    output.succeeded(&link_line()).says(&["503", "attempt"]);
}

#[test]
fn a_rejection_after_a_doubtful_attempt_says_the_space_may_exist() {
    const DOUBT: &str = "an earlier attempt may have created the Space";
    let page = |status| Act::Answer(http(status, &["Content-Type: text/html"], "<html>Blocked"));
    let refusal = |status| Act::Answer(http(status, &[], "{\"detail\": \"no\"}"));
    for (last, code) in [
        (refusal("400 Bad Request"), 4),
        (refusal("401 Unauthorized"), 3),
        (page("403 Forbidden"), 6),
        (page("511 Network Authentication Required"), 6),
    ] {
        let server = Faults::play(vec![busy("500 Internal Server Error"), last.clone()]);
        server.env().run("launch --id x --guest").failed(code).says(&[DOUBT]);
        for script in [vec![last.clone()], vec![busy("429 Too Many Requests"), last]] {
            let output = Faults::play(script).env().run("launch --id x --guest");
            output.failed(code).does_not_say(&["may have"]);
        }
    }
    let server = Faults::play(vec![page("200 OK")]);
    server
        .env()
        .run("launch --id x --guest")
        .failed(6)
        .says(&["the Space may have been created anyway"]);
}

#[test]
fn the_time_left_is_shown() {
    let wait = |seconds| {
        let header = format!("Retry-After: {seconds}");
        Faults::play(vec![Act::Answer(http("503 Service Unavailable", &[&header], ""))])
    };
    wait(1)
        .env()
        .run("launch --id x --guest --timeout 1")
        .failed(5)
        .says(&["the server said to wait 1 s, but only 0.", " s of --timeout is left"]);
    let server = Faults::play(vec![Act::ReadThenClose]);
    let output = server.env().run("launch --id x --guest --timeout 150ms");
    output.failed(5).says(&["  stopped: --timeout (150 ms) reached\n"]);
    let error = wait(90).env().run("launch --id x --guest --json").json_error(5, "unavailable");
    assert_eq!(error["retry_after_s"], 90);
}
