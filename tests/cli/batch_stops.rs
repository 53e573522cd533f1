//! What stops a run of `batch` at once, resumable, and what does not.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::batch_faults::status;
use crate::batch_resume::{RESUME, RUN};
use crate::faults::refused_url;
use crate::roster::{assert_all_linked, count, links, people, statuses};
use crate::school::{Reply, School};
use crate::support::TestEnv;

#[test]
fn a_refused_row_is_recorded_and_the_rest_goes_on() {
    for (line, body, text) in [
        (
            "400 Bad Request",
            json!({"user": {"email": ["Enter a valid email address."]}}),
            "user.email: Enter a valid email address.",
        ),
        ("400 Bad Request", json!({"non_field_errors": ["No more Spaces."]}), "No more Spaces."),
        ("404 Not Found", json!({"detail": "Not found."}), "404"),
        ("422 Unprocessable Entity", json!([]), "422"),
    ] {
        let school = School::script(move |call| {
            if call.person == "p2" {
                Reply::Status(line, &[], body.to_string())
            } else {
                Reply::Link
            }
        });
        let env = school.env();
        env.write("roster.csv", people(10, 10));
        env.run(RUN).failed(7).says(&["10 links: 9 Spaces created, 0 existing, 1 failed"]);
        let row = &links(&env, "links.csv")[2];
        assert!(row["link_status"] == "failed" && row["link_error"].contains(text), "{row:?}");
        assert_eq!(school.count(), 10, "a refusal is not repeated");
    }
}

/// A run that a single answer stops, in the middle.
#[track_caller]
fn stopped(code: i32, reply: fn() -> Reply, words: &[&str]) {
    let school = School::script(move |call| {
        thread::sleep(Duration::from_millis(5));
        if call.number == 20 { reply() } else { Reply::Link }
    });
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    let output = env.run(RUN);
    output.failed(code).says(words).says(&[
        "100 links: ",
        " pending",
        "lessonspace batch roster.csv -o links.csv --rate 0 --resume",
    ]);
    // Answers that were on their way let a few more rows go.
    let after = school.count() - 21;
    assert!(after <= 20, "{after} launches after the one that stopped the run");
    assert_eq!(count(&env, "links.csv", "failed"), 1, "{:?}", statuses(&env, "links.csv"));
    assert!(count(&env, "links.csv", "created") >= 20);
    env.run(RESUME).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    let again: usize = school.asked().values().map(|count| count - 1).sum();
    assert_eq!(again, 1, "one row was asked for twice");
}

#[test]
fn a_refused_key_stops_the_run_at_once() {
    stopped(3, || status("401 Unauthorized"), &["401", "LESSONSPACE_API_KEY"]);
    stopped(3, || status("403 Forbidden"), &["403"]);
}

#[test]
fn anything_but_the_api_stops_the_run_at_once() {
    stopped(
        6,
        || Reply::Status("200 OK", &[], "<html>Please log in</html>".to_owned()),
        &["your network answered instead of Lessonspace"],
    );
    stopped(
        6,
        || Reply::Status("302 Found", &["Location: https://login.example.org/"], String::new()),
        &["redirect"],
    );
    stopped(
        6,
        || Reply::Status("511 Network Authentication Required", &[], String::new()),
        &["your network answered instead of Lessonspace"],
    );
    stopped(
        6,
        || Reply::Status("200 OK", &[], "{\"client_url\":\"javascript:alert(1)\"}".to_owned()),
        &["client_url"],
    );
}

#[test]
fn what_answers_a_probe_instead_of_the_api_stops_the_run_and_no_row_fails() {
    for (greeting, body, code, words) in [
        ("401 Unauthorized", "{}", 3, "401"),
        ("200 OK", "<html>Please log in</html>", 6, "your network answered instead"),
        ("302 Found", "", 6, "redirect"),
    ] {
        let school = School::script(|call| {
            if (10..60).contains(&call.number) { Reply::Close } else { Reply::Link }
        });
        school.greet_with(greeting, body);
        let env = school.env();
        env.write("roster.csv", people(80, 80));
        env.run(RUN).failed(code).says(&[words, "--resume"]);
        assert!(school.hellos() == 1 && school.count() < 60, "{} launches", school.count());
        let links_file = statuses(&env, "links.csv");
        assert!(!links_file.iter().any(|status| status == "failed"), "{links_file:?}");
    }
}

#[test]
fn a_row_that_the_server_puts_off_for_too_long_fails_and_is_not_asked_for_again() {
    let school = School::script(|call| {
        if call.person == "p1" {
            Reply::Status("503 Service Unavailable", &["Retry-After: 300"], String::new())
        } else {
            Reply::Link
        }
    });
    let env = school.env();
    env.write("roster.csv", people(3, 3));
    env.run(&format!("{RUN} --timeout 5s")).failed(7);
    assert_eq!(school.count(), 3);
    let row = &links(&env, "links.csv")[1];
    assert!(row["link_error"].ends_with("; the server asks to wait 5 min"), "{row:?}");
}

#[test]
fn the_second_round_waits_for_as_long_as_the_server_asks() {
    let school = School::script(|call| match (call.person.as_str(), call.earlier) {
        ("p1", 0..4) => {
            Reply::Status("503 Service Unavailable", &["Retry-After: 0"], String::new())
        }
        ("p1", 4) => Reply::Status("503 Service Unavailable", &["Retry-After: 1"], String::new()),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(3, 3));
    env.run(RUN).succeeded("");
    let asked: Vec<_> = school.seen().into_iter().filter(|seen| seen.person == "p1").collect();
    assert_eq!(asked.len(), 6);
    assert!(asked[5].begin - asked[4].begin >= Duration::from_secs(1), "it was not obeyed");
}

#[test]
fn too_many_requests_are_told_once() {
    let school =
        School::script(
            |call| {
                if call.number < 2 { status("429 Too Many Requests") } else { Reply::Link }
            },
        );
    let env = school.env();
    env.write("roster.csv", people(4, 1));
    let output = env.run("batch roster.csv -o links.csv --rate 40");
    output.succeeded("");
    assert_eq!(output.stderr.matches("too many requests; all rows wait").count(), 1, "{output}");
}

#[test]
fn a_key_that_never_worked_costs_one_round_at_most() {
    let school = School::script(|_| status("401 Unauthorized"));
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    let output = env.run(RUN);
    output.failed(3);
    assert!(school.count() <= 8, "{output}");
}

#[test]
fn rows_that_wait_for_their_turn_are_not_sent_once_the_run_stops() {
    for (line, code) in [("401 Unauthorized", 3), ("302 Found", 6)] {
        let school = School::script(move |_| status(line));
        let env = school.env();
        env.write("roster.csv", people(20, 20));
        let begin = Instant::now();
        env.run("batch roster.csv -o links.csv --rate 2").failed(code);
        assert!(begin.elapsed() < Duration::from_secs(3), "it waited for others");
        assert_eq!(school.count(), 1);
        assert_eq!(count(&env, "links.csv", "pending"), 19);
    }
}

#[test]
fn five_failures_in_a_row_with_nothing_ever_reached_stop_the_run() {
    let env = TestEnv::at(&refused_url());
    env.write("roster.csv", people(50, 50));
    let begin = Instant::now();
    let output = env.run(RUN);
    output.failed(5).says(&["50 links: 0 Spaces created, 0 existing, 0 failed, 50 pending"]);
    output.says(&["--resume"]);
    assert!(begin.elapsed() < Duration::from_secs(10), "at once");
    let school = School::script(|_| status("503 Service Unavailable"));
    env.set("LESSONSPACE_API_URL", school.url());
    env.run("batch roster.csv -o other.csv --rate 0").failed(5).says(&["503", "50 pending"]);
    assert!(school.count() <= 12 && school.hellos() == 0, "{} launches", school.count());
    assert_eq!(statuses(&env, "other.csv").len(), 50);
}
