//! `batch` with server errors, and with a network that fails and recovers.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::batch_resume::{RESUME, RUN};
use crate::roster::{assert_all_linked, count, links, people, statuses};
use crate::school::{Call, Reply, School};

/// A status without a body.
pub(crate) fn status(line: &'static str) -> Reply {
    Reply::Status(line, &[], String::new())
}

/// The same with an immediate retry, so that the run does not sleep.
fn soon(line: &'static str) -> Reply {
    Reply::Status(line, &["Retry-After: 0"], "<html>later</html>".to_owned())
}

/// Many kinds of failure in turn.
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

/// Whether this call fails: three in ten, spread independently of rows.
fn is_faulty(call: &Call) -> bool {
    let mixed = (call.number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    call.number > 20 && mixed % 10 < 3
}

#[test]
fn two_thousand_rows_get_links_even_if_three_in_ten_requests_fail() {
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
        // Some rows failed five times; a later run gets their links.
        assert_eq!(output.code, Some(7), "{output}");
        output = env.run(RESUME);
    }
    output.succeeded("");
    let rows = links(&env, "links.csv");
    assert_eq!(rows.len(), 2000);
    assert_all_linked(&rows);
    let faulty = school.seen().iter().filter(|seen| seen.status >= 400 || seen.status == 0).count();
    assert!(faulty * 5 > school.count(), "{faulty} of {} answers were faulty", school.count());
    // A "created" row had that response, and no Space was created twice.
    let made: HashSet<_> = rows
        .iter()
        .filter(|row| row["link_status"] == "created")
        .map(|row| row["id"].clone())
        .collect();
    assert_eq!(made.len(), count(&env, "links.csv", "created"));
}

#[test]
fn a_network_outage_is_waited_out_and_no_row_fails() {
    let school = School::slow(Duration::from_millis(10));
    let env = school.env();
    env.write("roster.csv", people(300, 300));
    let run = env.cmd(&format!("{RUN} --timeout 2s"));
    let child = run.command().spawn().unwrap();
    school.wait_for(60);
    school.leave();
    // Longer than the time limit of a row.
    thread::sleep(Duration::from_secs(5));
    let while_gone = school.count();
    school.restart();
    let output = run.finish(child);
    output.succeeded("").says(&[
        "could not reach 127.0.0.1; waiting up to 15 min\nLessonspace is reachable again\n",
        "sent 300: ",
    ]);
    assert!(while_gone < 300);
    assert_all_linked(&links(&env, "links.csv"));
    assert!(school.hellos() >= 1, "it probes with hello");
}

#[test]
fn a_long_network_outage_ends_the_run_after_max_wait_and_no_row_fails() {
    let school = School::slow(Duration::from_millis(10));
    let env = school.env();
    env.write("roster.csv", people(300, 300));
    let run = env.cmd(&format!("{RUN} --timeout 2s --max-wait 3s"));
    let child = run.command().spawn().unwrap();
    school.wait_for(60);
    school.leave();
    let begin = Instant::now();
    let output = run.finish(child);
    let time = begin.elapsed();
    output.failed(5).says(&[
        "could not reach 127.0.0.1; waiting up to 3 s\nsent ",
        " pending\n",
        "\nerror: could not reach 127.0.0.1\n",
        "\n  waited 3 s\n",
        "to finish, run: lessonspace batch roster.csv -o links.csv --rate 0 --timeout 2s --max-wait \
         3s --resume\n",
    ]);
    assert!((3..10).contains(&time.as_secs()), "{time:?}");
    let failed: Vec<_> = statuses(&env, "links.csv");
    assert!(failed.iter().all(|status| status == "created" || status == "pending"), "{failed:?}");
    school.restart();
    env.run(RESUME).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
}

/// A school that responds to launches with 503 for this long, starting with launch `from`. `hello`
/// works.
fn gone_for(time: Duration, from: usize) -> School {
    let gone = Mutex::new(None::<Instant>);
    School::script(move |call| {
        let mut since = gone.lock().unwrap();
        if call.number == from {
            *since = Some(Instant::now());
        }
        match *since {
            Some(since) if since.elapsed() < time => status("503 Service Unavailable"),
            _ => Reply::Link,
        }
    })
}

#[test]
fn an_api_that_rejects_launches_for_a_while_is_waited_out_and_no_row_fails() {
    // Many Spaces, then one for all rows.
    for spaces in [100, 1] {
        let school = gone_for(Duration::from_secs(6), 30);
        let env = school.env();
        env.write("roster.csv", people(100, spaces));
        env.run(RUN).succeeded("").says(&[
            "Lessonspace is temporarily unavailable (503); waiting up to 15 min\n",
            "\nLessonspace is reachable again\n",
            "sent 100: ",
        ]);
        assert_all_linked(&links(&env, "links.csv"));
        assert!(school.hellos() >= 2, "{} hellos", school.hellos());
        assert!(school.count() < 130, "{} launches", school.count());
    }
}

#[test]
fn an_api_that_keeps_rejecting_launches_ends_the_run_and_no_row_fails() {
    let school = gone_for(Duration::from_secs(60), 30);
    let env = school.env();
    env.write("roster.csv", people(100, 100));
    let output = env.run(&format!("{RUN} --max-wait 3s --json"));
    let error = output.json_error(5, "unavailable");
    assert_eq!(error["message"], "Lessonspace is temporarily unavailable (503)\nwaited 3 s");
    assert_eq!(output.json()["file"]["pending"], 70, "{output}");
    assert_eq!(output.json()["failures"], json!([]));
}

#[test]
fn only_the_row_that_always_fails_is_failed_after_five_attempts() {
    // In the middle, at the end, two failing after all others are done, and one in its own Space.
    for (rows, spaces, bad, failed) in [
        (8, 8, &["p2"][..], 1),
        (8, 8, &["p7"], 1),
        (8, 8, &["p3", "p7"], 2),
        (6, 1, &["p2"], 1),
        (6, 1, &["p5"], 1),
        (9, 3, &["p2", "p5", "p8"], 3),
    ] {
        let school = School::script(move |call| {
            if bad.contains(&call.person.as_str()) {
                // By then the others have had their links for a while.
                thread::sleep(Duration::from_millis(60));
                soon("500 Internal Server Error")
            } else {
                Reply::Link
            }
        });
        let env = school.env();
        env.write("roster.csv", people(rows, spaces));
        let output = env.run(RUN);
        output.failed(7).does_not_say(&["waiting up to"]);
        assert_eq!(count(&env, "links.csv", "failed"), failed, "{bad:?}\n{output}");
        assert_eq!(count(&env, "links.csv", "pending"), 0, "{bad:?}\n{output}");
        for ((_, person), attempts) in school.launch_counts() {
            let expected = if bad.contains(&person.as_str()) { 5 } else { 1 };
            assert_eq!(attempts, expected, "{person} of {bad:?}\n{output}");
        }
    }
}

#[test]
fn a_server_that_stops_responding_fails_no_row_even_after_its_time_limit() {
    let hangs = Arc::new(AtomicBool::new(true));
    let shared = Arc::clone(&hangs);
    let school = School::script(move |call| {
        while call.number >= 4 && shared.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
        }
        Reply::Link
    });
    school.greet_with("503 Service Unavailable", "");
    let env = school.env();
    env.write("roster.csv", people(12, 12));
    let output = env.run("batch roster.csv -o links.csv --rate 2 --timeout 700ms --max-wait 3s");
    hangs.store(false, Ordering::SeqCst);
    output.failed(5).says(&["sent 4: 4 new Spaces; 8 pending\n", "waited 3 s\n"]);
}

#[test]
fn an_api_that_hangs_for_a_while_fails_no_row_even_after_its_time_limit() {
    let hangs = Mutex::new(None::<Instant>);
    let school = School::script(move |call| {
        if call.number >= 4 {
            let since = *hangs.lock().unwrap().get_or_insert_with(Instant::now);
            while since.elapsed() < Duration::from_millis(2800) {
                thread::sleep(Duration::from_millis(10));
            }
        }
        thread::sleep(Duration::from_millis(30));
        Reply::Link
    });
    let env = school.env();
    // Eight rows time out, and one row is left to check whether the API is back.
    env.write("roster.csv", people(13, 13));
    let output = env.run(&format!("{RUN} --timeout 500ms --max-wait 20s"));
    output.succeeded("").says(&["Lessonspace is reachable again\n", "sent 13: "]);
    assert_all_linked(&links(&env, "links.csv"));
    let tries = school.count() - 4 - 8 - 8;
    assert!(tries <= 5, "{tries} tries: no other row is sent while it hangs\n{output}");
}

#[test]
fn a_rows_attempts_before_an_outage_do_not_count_after_it() {
    let gone = Mutex::new(None::<Instant>);
    let school = School::script(move |call| {
        let mut gone = gone.lock().unwrap();
        match (call.person.as_str(), call.earlier) {
            ("p5", 0..3 | 4) => soon("500 Internal Server Error"),
            ("p5", 3) => {
                *gone = Some(Instant::now());
                Reply::Status("500 Internal Server Error", &["Retry-After: 1"], String::new())
            }
            ("p5", _) => Reply::Link,
            _ if gone.is_some_and(|gone| gone.elapsed() < Duration::from_millis(1500)) => {
                status("503 Service Unavailable")
            }
            _ => Reply::Link,
        }
    });
    let env = school.env();
    env.write("roster.csv", people(40, 40));
    let output = env.run("batch roster.csv -o links.csv --rate 20");
    output.succeeded("").says(&["Lessonspace is reachable again\n", "sent 40: "]);
    assert_all_linked(&links(&env, "links.csv"));
}

#[test]
fn a_rows_time_limit_includes_its_attempts_and_the_pauses_between_them() {
    for (delay, retry_after, most) in [(0, &["Retry-After: 1"], 2), (700, &["Retry-After: 0"], 3)] {
        let school = School::script(move |call| {
            if call.person == "p2" {
                thread::sleep(Duration::from_millis(delay));
                Reply::Status("503 Service Unavailable", retry_after, String::new())
            } else {
                Reply::Link
            }
        });
        let env = school.env();
        env.write("roster.csv", people(4, 4));
        env.run(&format!("{RUN} --timeout 2s")).failed(7);
        assert_eq!(count(&env, "links.csv", "failed"), 1);
        let attempts = school.count() - 3;
        assert!((1..=most).contains(&attempts), "{attempts} attempts, each after {delay} ms");
    }
}

#[test]
fn a_long_retry_after_stops_the_run_and_a_short_one_is_obeyed() {
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
    let output = env.run("batch roster.csv -o other.csv --rate 0 --json");
    let error = output.json_error(5, "unavailable");
    assert_eq!(error["retry_after_s"], 7200);
    assert_eq!(
        error["message"],
        "Lessonspace is temporarily unavailable (503)\nthe Space may have been created anyway\n\
         the server said to wait 2 h"
    );
    assert!(error["hint"].as_str().is_some(), "{error}");
}
