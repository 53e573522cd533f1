//! `batch` on a bad day: what stops a run and what does not.

use std::collections::HashSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::faults::refused_url;
use crate::roster::{assert_all_linked, count, links, people, statuses};
use crate::school::{Call, Reply, School};
use crate::support::TestEnv;

const RUN: &str = "batch roster.csv -o links.csv --rate 0";
const RESUME: &str = "batch roster.csv -o links.csv --rate 0 --resume";

fn status(line: &'static str) -> Reply {
    Reply::Status(line, &[], String::new())
}

/// The same, to be tried again at once: the run is not to be slept through.
fn soon(line: &'static str) -> Reply {
    Reply::Status(line, &["Retry-After: 0"], "<html>later</html>".to_owned())
}

/// Many things that go wrong, one after the other.
fn some_fault(number: usize) -> Reply {
    match number % 8 {
        0 => status("500 Internal Server Error"),
        1 => soon("500 Internal Server Error"),
        2 => soon("502 Bad Gateway"),
        3 => soon("503 Service Unavailable"),
        4 => soon("504 Gateway Timeout"),
        5 => Reply::Close,
        6 => Reply::MakeThenClose,
        _ => Reply::Cut,
    }
}

/// Whether the call with this number goes wrong: three of ten, in no order that rows could see.
fn is_faulty(call: &Call) -> bool {
    let mixed = (call.number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    call.number > 20 && mixed % 10 < 3
}

#[test]
fn two_thousand_rows_get_their_links_while_three_of_ten_answers_are_faulty() {
    let school = School::script(|call| {
        if !is_faulty(call) {
            Reply::Link
        } else if call.number % 500 == 250 {
            status("429 Too Many Requests")
        } else {
            some_fault(call.number)
        }
    });
    let env = school.env();
    env.write("roster.csv", people(2000, 300));
    let mut output = env.cmd(RUN).patience(Duration::from_secs(150)).run();
    for _ in 0..3 {
        if output.code == Some(0) {
            break;
        }
        // Rows that had five faults in each of two rounds; a later run gets them.
        assert_eq!(output.code, Some(7), "{output}");
        output = env.run(RESUME);
    }
    output.succeeded("");
    let rows = links(&env, "links.csv");
    assert_eq!(rows.len(), 2000);
    assert_all_linked(&rows);
    let faulty = school.seen().iter().filter(|seen| seen.status >= 400 || seen.status == 0).count();
    assert!(faulty * 5 > school.count(), "{faulty} of {} answers were faulty", school.count());
    // Told truthfully: what is "created" was answered so, and no Space was made twice.
    let made: HashSet<_> = rows
        .iter()
        .filter(|row| row["link_status"] == "created")
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(made.len(), count(&env, "links.csv", "created"));
}

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
    output.failed(5).says(&["--resume"]);
    assert!(begin.elapsed() < Duration::from_secs(10), "at once");
    let school = School::script(|_| status("503 Service Unavailable"));
    env.set("LESSONSPACE_API_URL", school.url());
    env.run("batch roster.csv -o other.csv --rate 0").failed(5).says(&["503"]);
    assert!(school.count() <= 12 && school.hellos() == 0, "{} launches", school.count());
    assert_eq!(statuses(&env, "other.csv").len(), 50);
}

#[test]
fn a_network_that_goes_away_is_waited_for_and_no_row_fails() {
    let school = School::slow(Duration::from_millis(10));
    let env = school.env();
    env.write("roster.csv", people(300, 300));
    let run = env.cmd(&format!("{RUN} --timeout 2s"));
    let child = run.command().spawn().unwrap();
    school.wait_for(60);
    school.leave();
    // Longer than all attempts of a row may take.
    thread::sleep(Duration::from_secs(5));
    let while_gone = school.count();
    school.come_back();
    let output = run.finish(child);
    output.succeeded("").says(&[
        "the network is gone",
        "the network is back",
        "300 links: ",
        " 0 failed",
    ]);
    assert!(while_gone < 300);
    assert_all_linked(&links(&env, "links.csv"));
    assert!(school.hellos() >= 1, "it probes with hello");
}

#[test]
fn an_api_that_answers_503_for_a_while_is_waited_for_too() {
    let gone = std::sync::Arc::new(std::sync::Mutex::new(None::<Instant>));
    let shared = std::sync::Arc::clone(&gone);
    let school = School::script(move |call| {
        let mut since = shared.lock().unwrap();
        if call.number == 30 {
            *since = Some(Instant::now());
        }
        match *since {
            Some(since) if since.elapsed() < Duration::from_secs(3) => {
                status("503 Service Unavailable")
            }
            _ => Reply::Link,
        }
    });
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    // The greeting works all the while, so the rows' own retries carry them through.
    env.run(RUN).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
}

#[test]
fn a_row_that_fails_for_a_reason_that_passes_is_tried_once_more_at_the_end() {
    // Five attempts, and then one more round.
    let school = School::script(|call| {
        if call.person == "p0" && call.earlier < 5 {
            status("500 Internal Server Error")
        } else {
            thread::sleep(Duration::from_millis(20));
            Reply::Link
        }
    });
    let env = school.env();
    env.write("roster.csv", people(40, 40));
    env.run(RUN).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    assert_eq!(school.count(), 45);
}

#[cfg(unix)]
#[test]
fn a_full_disk_stops_the_run_at_once_and_it_can_be_resumed() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(400, 40));
    let journal = env.path("work/links.csv.journal");
    for (blocks, flags) in [(16, ""), (40, "--resume"), (41, "--resume")] {
        // Files that may not grow answer as a full disk does, if the signal is not heard.
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let run = env.cmd(&format!("{RUN} {flags}"));
        let plain = run.command();
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", &limit, "sh"]).arg(plain.get_program()).args(plain.get_args());
        command.env_clear().current_dir(env.path("work"));
        command.envs(plain.get_envs().map(|(name, value)| (name, value.unwrap())));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let before = school.count();
        let output = run.finish(command.spawn().unwrap());
        output.failed(1).says(&["links.csv.journal", "--resume"]);
        assert!(school.count() < 400, "{output}");
        // Whole lines only, and no request that was not marked.
        let text = fs::read_to_string(&journal).unwrap();
        assert!(
            text.ends_with('\n')
                && text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
        );
        assert!(text.matches("\"mark\"").count() >= school.count(), "asked for without a mark");
        assert!(blocks == 41 || school.count() > before);
        if env.path("work/links.csv").exists() {
            assert_eq!(links(&env, "links.csv").len(), 400);
        }
    }
    env.run(RESUME).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    let again: usize = school.asked().values().map(|count| count - 1).sum();
    assert!(again <= 3 * 9, "{again} rows asked for again");
}

#[test]
fn a_long_retry_after_stops_the_run_and_a_short_one_is_waited_for() {
    let school = School::script(|call| match call.number {
        5 => Reply::Status("503 Service Unavailable", &["Retry-After: 2"], String::new()),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(10, 10));
    let begin = Instant::now();
    env.run(RUN).succeeded("");
    assert!(begin.elapsed() >= Duration::from_secs(2));
    let school = School::script(|call| match call.number {
        5 => Reply::Status("503 Service Unavailable", &["Retry-After: 7200"], String::new()),
        _ => Reply::Link,
    });
    env.set("LESSONSPACE_API_URL", school.url());
    env.run("batch roster.csv -o other.csv --rate 0").failed(5).says(&["--resume"]);
}
