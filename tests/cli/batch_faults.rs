//! `batch` on a bad day: faulty answers, and a network that goes away and comes back.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use crate::batch_resume::{RESUME, RUN};
use crate::roster::{assert_all_linked, count, links, people};
use crate::school::{Call, Reply, School};

/// A status without a body.
pub(crate) fn status(line: &'static str) -> Reply {
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
        "the network is down",
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
