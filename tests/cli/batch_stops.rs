//! What stops a `batch` run at once, ready to resume, and what does not.

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
fn a_rejected_row_is_recorded_and_the_rest_continues() {
    for (line, body, text) in [
        (
            "400 Bad Request",
            json!({"user": {"email": ["Enter a valid email address."]}}),
            "Lessonspace refused the request (400); user.email: Enter a valid email address.",
        ),
        (
            "400 Bad Request",
            json!({"non_field_errors": ["No more Spaces."]}),
            "Lessonspace refused the request (400); No more Spaces.",
        ),
        (
            "404 Not Found",
            json!({"detail": "Not found."}),
            "Lessonspace refused the request (404); Not found.",
        ),
        ("422 Unprocessable Entity", json!([]), "Lessonspace refused the request (422)"),
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
        let output = env.run(RUN);
        output.failed(7);
        assert!(
            output.stderr.contains(&format!(
                "sent 9: 9 new Spaces; 1 failed\n{SAVED}\n\
                 error: 1 of 10 launches failed; see link_error in links.csv for the reasons\n  \
                 1 failed: {text} (line 4)\n\
                 hint: to finish, run: {RESUME_COMMAND}\n"
            )),
            "{output}"
        );
        let row = &links(&env, "links.csv")[2];
        assert_eq!((&*row["link_status"], &*row["link_error"]), ("failed", text));
        assert_eq!(school.count(), 10, "a refusal is not repeated");
    }
}

const RESUME_COMMAND: &str = "lessonspace batch roster.csv -o links.csv --rate 0 --resume";
const SAVED: &str = if cfg!(unix) {
    "links saved to links.csv (only you can read it); each link is personal"
} else {
    "links saved to links.csv; each link is personal"
};

#[test]
fn reasons_are_grouped_and_counted_on_stderr_and_in_json() {
    let school = || {
        School::script(|call| match call.person.as_str() {
            "p1" | "p3" | "p4" | "p5" | "p6" | "p7" => crate::batch_resume::refusal(),
            "p8" => Reply::Status("402 Payment Required", &[], String::new()),
            _ => Reply::Link,
        })
    };
    let email = "Lessonspace refused the request (400); user.email: No.";
    let first = school();
    let env = first.env();
    env.write("roster.csv", people(9, 9));
    let output = env.run(RUN);
    output.failed(7).says(&[&format!(
        "sent 2: 2 new Spaces; 7 failed\n{SAVED}\n\
         error: 7 of 9 launches failed; see link_error in links.csv for the reasons\n  \
         6 failed: {email} (lines 3, 5, 6 and 3 more)\n  \
         1 failed: Lessonspace refused the request (402) (line 10)\n"
    )]);
    let second = school();
    env.set("LESSONSPACE_API_URL", second.url());
    let output = env.run("batch roster.csv -o other.csv --rate 0 --json");
    assert_eq!(output.code, Some(7), "{output}");
    let summary = output.json();
    assert_eq!(
        summary["file"],
        json!({"created": 2, "existing": 0, "unknown": 0, "failed": 7, "ended": 0, "pending": 0, "skipped": 0})
    );
    assert_eq!(
        summary["failures"],
        json!([
            {"message": email, "count": 6, "lines": [3, 5, 6, 7, 8, 9]},
            {"message": "Lessonspace refused the request (402)", "count": 1, "lines": [10]},
        ])
    );
    let error = output.json_error(7, "partial");
    assert_eq!(
        error["hint"],
        "to finish, run: lessonspace batch roster.csv -o other.csv --rate 0 --json --resume"
    );
}

/// A run that a single response stops in the middle.
#[track_caller]
fn stopped(code: i32, reply: fn() -> Reply, error: &str) {
    let school = School::script(move |call| {
        thread::sleep(Duration::from_millis(5));
        if call.number == 20 { reply() } else { Reply::Link }
    });
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    let output = env.run(RUN);
    // While responses are in flight, a few more rows are sent.
    let after = school.count() - 21;
    assert!(after <= 20, "{after} launches after the one that stopped the run");
    let links_are = school.count() - 1;
    output.failed(code).says(&[&format!(
        "sent {links_are}: {links_are} new Spaces; {} pending\n{SAVED}\n\
         to finish, run: {RESUME_COMMAND}\nerror: {error}",
        100 - links_are
    )]);
    assert_eq!(count(&env, "links.csv", "failed"), 0, "{:?}", statuses(&env, "links.csv"));
    assert_eq!(count(&env, "links.csv", "created"), links_are);
    env.run(RESUME).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    let again: usize = school.launch_counts().values().map(|count| count - 1).sum();
    assert_eq!(again, 1, "one row was asked for twice");
}

#[test]
fn a_refused_key_stops_the_run_at_once() {
    stopped(
        3,
        || status("401 Unauthorized"),
        "Lessonspace refused the API key (401)\n  the key came from LESSONSPACE_API_KEY\n\
         hint: check it under Settings > Developer, or run: lessonspace login\n",
    );
    stopped(3, || status("403 Forbidden"), "Lessonspace refused the API key (403)\n");
}

#[test]
fn a_response_that_is_not_from_the_api_stops_the_run_at_once() {
    stopped(
        6,
        || Reply::Status("200 OK", &[], "<html>Please log in</html>".to_owned()),
        "your network answered instead of Lessonspace, with a login or block page\n",
    );
    stopped(
        6,
        || Reply::Status("302 Found", &["Location: https://login.example.org/"], String::new()),
        "something on the network redirected the request (302)\n",
    );
    stopped(
        6,
        || Reply::Status("511 Network Authentication Required", &[], String::new()),
        "your network answered instead of Lessonspace, with a login or block page\n",
    );
    stopped(
        6,
        || Reply::Status("200 OK", &[], "{\"client_url\":\"javascript:alert(1)\"}".to_owned()),
        "no usable join link in the response: ",
    );
}

#[test]
fn a_failed_probe_of_the_api_stops_the_run_and_no_row_fails() {
    for (greeting, body, code, error) in [
        ("401 Unauthorized", "{}", 3, "error: Lessonspace refused the API key (401)\n"),
        (
            "200 OK",
            "<html>Please log in</html>",
            6,
            "error: your network answered instead of Lessonspace, with a login or block page\n",
        ),
        ("302 Found", "", 6, "error: something on the network redirected the request (302)\n"),
    ] {
        let school = School::script(|call| {
            if (10..60).contains(&call.number) { Reply::Close } else { Reply::Link }
        });
        school.greet_with(greeting, body);
        let env = school.env();
        env.write("roster.csv", people(80, 80));
        env.run(RUN).failed(code).says(&[
            "sent 10: 10 new Spaces; 70 pending\n",
            &format!("to finish, run: {RESUME_COMMAND}\n"),
            error,
        ]);
        // A link that arrives during the first probe ends the wait, so a second one may follow.
        let (hellos, launches) = (school.hellos(), school.count());
        assert!((1..=2).contains(&hellos) && launches < 60, "{hellos} probes, {launches} launches");
    }
}

#[test]
fn a_row_with_too_long_a_retry_after_fails_and_is_not_requested_again() {
    // Before and after the other responses, with and without more rows in its Space.
    for (delay, spaces, bad) in [(0, 3, "p1"), (60, 3, "p1"), (0, 1, "p1"), (0, 1, "p2")] {
        let school = School::script(move |call| {
            if call.person == bad {
                thread::sleep(Duration::from_millis(delay));
                Reply::Status("503 Service Unavailable", &["Retry-After: 300"], String::new())
            } else {
                Reply::Link
            }
        });
        let env = school.env();
        env.write("roster.csv", people(3, spaces));
        env.run(&format!("{RUN} --timeout 5s")).failed(7);
        assert_eq!(school.count(), 3);
        let why = "Lessonspace is temporarily unavailable (503); the server said to wait 5 min";
        for row in &links(&env, "links.csv") {
            assert_eq!(row["link_error"], if row["user id"] == bad { why } else { "" });
        }
    }
}

#[test]
fn a_key_that_never_worked_costs_at_most_one_round() {
    let school = School::script(|_| status("401 Unauthorized"));
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    let output = env.run(RUN);
    output.failed(3).says(&["\nsent 0; 100 pending\n"]);
    assert!(school.count() <= 8, "{output}");
}

#[test]
fn rows_waiting_for_their_turn_are_not_sent_after_the_run_stops() {
    for (line, code) in [("401 Unauthorized", 3), ("302 Found", 6)] {
        let school = School::script(move |_| status(line));
        let env = school.env();
        env.write("roster.csv", people(20, 20));
        let begin = Instant::now();
        env.run("batch roster.csv -o links.csv --rate 2").failed(code);
        assert!(begin.elapsed() < Duration::from_secs(3), "it waited for others");
        assert_eq!(school.count(), 1);
        assert_eq!(count(&env, "links.csv", "pending"), 20);
    }
}

#[test]
fn five_failures_in_a_row_at_the_start_stop_the_run() {
    let env = TestEnv::at(&refused_url());
    env.write("roster.csv", people(50, 50));
    let begin = Instant::now();
    let output = env.run(RUN);
    output.failed(5).says(&[&format!(
        "\nsent 0; 50 pending\nto finish, run: {RESUME_COMMAND}\nerror: could not reach 127.0.0.1\n"
    )]);
    assert!(begin.elapsed() < Duration::from_secs(10), "at once");
    let school = School::script(|_| status("503 Service Unavailable"));
    env.set("LESSONSPACE_API_URL", school.url());
    env.run("batch roster.csv -o other.csv --rate 0")
        .failed(5)
        .says(&["\nsent 0; 50 pending\n", "error: Lessonspace is temporarily unavailable (503)\n"]);
    assert!(school.count() <= 12 && school.hellos() == 0, "{} launches", school.count());
    assert_eq!(statuses(&env, "other.csv"), vec!["pending"; 50]);
}

#[cfg(unix)]
#[test]
fn a_signal_at_any_stage_saves_the_links_and_shows_how_to_continue() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // During requests, during a 429 pause, and during an outage.
        for stage in ["slow", "busy", "gone"] {
            let school = School::script(move |call| match (stage, call.number) {
                (_, 0..4) => Reply::Link,
                ("slow", _) => {
                    thread::sleep(Duration::from_secs(3));
                    Reply::Link
                }
                ("busy", _) => {
                    Reply::Status("429 Too Many Requests", &["Retry-After: 60"], String::new())
                }
                _ => Reply::Close,
            });
            if stage == "gone" {
                school.greet_with("502 Bad Gateway", "");
            }
            let env = school.env();
            env.write("roster.csv", people(40, 40));
            let run = env.cmd(RUN);
            let child = run.command().spawn().unwrap();
            school.wait_for(if stage == "gone" { 9 } else { 5 });
            school.wait_until(|school| stage != "gone" || school.hellos() > 1);
            thread::sleep(Duration::from_millis(100));
            let begin = Instant::now();
            crate::signals::send(signal, &child);
            let output = run.finish(child);
            let time = begin.elapsed();
            assert!(time < Duration::from_millis(1300), "{time:?} for {stage}\n{output}");
            output.failed(code).says(&[&format!(
                "sent 4: 4 new Spaces; 36 pending\n{SAVED}\nto finish, run: {RESUME_COMMAND}\n\
                 error: interrupted\n"
            )]);
            let mut expected = vec!["created"; 4];
            expected.extend(["pending"; 36]);
            let mut found = statuses(&env, "links.csv");
            found.sort();
            assert_eq!(found, expected, "{stage}");
        }
    }
}

#[test]
fn a_resume_that_sends_nothing_says_so() {
    let school = School::open();
    for (rows, words) in [
        (1, "nothing to send: the link is still good\n"),
        (3, "nothing to send: all 3 links are still good\n"),
    ] {
        let env = school.env();
        env.write("roster.csv", people(rows, 1));
        env.run(RUN).succeeded("");
        let before = school.count();
        env.run(RESUME).succeeded("").says(&[&format!("{words}{SAVED}\n")]);
        assert_eq!(school.count(), before);
        let json = env.run(&format!("{RESUME} --json")).json();
        assert_eq!((&json["sent"], &json["kept"]), (&json!(0), &json!(rows)));
    }
}
