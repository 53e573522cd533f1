//! `batch` loses nothing when it is killed again and again.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::batch_kinds::{KINDS, Kind, LaunchResult, assert_linked};
use crate::roster::{assert_all_linked, count, links, people};
use crate::school::{Reply, School};
use crate::signals::send;
use crate::support::TestEnv;

const ROWS: usize = 60;

/// Minimum number of kills per kind of roster: more than 300 in all.
const KILLS: usize = 50;

fn run(env: &TestEnv, line: &str) -> Child {
    env.cmd(line).command().spawn().unwrap()
}

/// The Space and person of each launch, in order.
fn spaces_and_people(results: &[LaunchResult]) -> Vec<(&str, &str)> {
    results.iter().map(|launch| (launch.id.as_str(), launch.person.as_str())).collect()
}

/// The keys of launches that the journal has marked as sent but not answered: in flight at a kill.
fn in_flight(journal: &str) -> BTreeSet<String> {
    let mut marked = BTreeSet::new();
    for line in journal.lines() {
        // The last line may be torn.
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        if let Some(key) = line["mark"].as_str() {
            marked.insert(key.to_owned());
        } else if let Some(key) = line["answer"].as_str() {
            marked.remove(key);
        }
    }
    marked
}

/// The launches in LINKS after a run that was not killed.
fn uninterrupted(kind: Kind) -> Vec<LaunchResult> {
    let school = School::open();
    let env = school.env();
    kind.write(&env, ROWS, 25);
    env.run(&format!("{} -q", kind.run())).succeeded("");
    kind.assert_tidy(&env);
    kind.results(&env)
}

/// Kills the runs of one roster at random moments until one finishes; returns the number of kills.
fn killed_until_done(kind: Kind, expected: &[LaunchResult], random: &mut fastrand::Rng) -> usize {
    let school = School::slow(Duration::from_millis(6));
    let env = school.env();
    kind.write(&env, ROWS, 25);
    let (mut kills, mut in_flight_total) = (0, 0);
    loop {
        let mut child = run(&env, &format!("{} -q --resume", kind.run()));
        // Kill later each time, so that a slow computer finishes too.
        let last = 45_000 + 2_000 * kills as u64;
        let moment = Instant::now() + Duration::from_micros(random.u64(500..last));
        while Instant::now() < moment && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(300));
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.success() {
            break;
        }
        assert_eq!(status.code(), None, "killed, not failed: {status}");
        kills += 1;
        in_flight_total += in_flight(&kind.journal(&env)).len();
        // At any moment LINKS is complete or missing.
        if kind.has_links(&env) {
            assert_eq!(spaces_and_people(&kind.results(&env)), spaces_and_people(expected));
        }
    }
    let results = kind.results(&env);
    assert_linked(&results);
    assert_eq!(spaces_and_people(&results), spaces_and_people(expected));
    kind.assert_tidy(&env);
    assert_sent_once_or_unknown(&school, &results, kills, in_flight_total);
    kills
}

/// A launch that was sent twice is unknown unless the last response said that its Space is new.
/// Only launches in flight at a kill are sent twice or unknown.
fn assert_sent_once_or_unknown(
    school: &School,
    results: &[LaunchResult],
    kills: usize,
    in_flight_total: usize,
) {
    let asked = school.launch_counts();
    assert_eq!(asked.len(), results.len());
    let seen = school.seen();
    for launch in results {
        let times = asked[&(launch.id.clone(), launch.person.clone())];
        let last = seen.iter().rfind(|one| one.id == launch.id && one.person == launch.person);
        match launch.status.as_str() {
            "created" | "existing" => {
                assert!(
                    times == 1 || last.unwrap().status == 201,
                    "asked {times} times: {launch:?}"
                );
            }
            "unknown" => {}
            status => panic!("{status}: {launch:?}"),
        }
    }
    let twice: usize = asked.values().map(|count| count - 1).sum();
    assert!(
        twice <= in_flight_total,
        "{twice} launches asked for again, but {in_flight_total} in flight at a kill"
    );
    let unknown = results.iter().filter(|launch| launch.status == "unknown").count();
    assert!(unknown <= in_flight_total, "{unknown} unknown, but {in_flight_total} in flight");
    // At most 8 launches are ever in flight, so no kill can affect more.
    assert!(asked.values().all(|&count| count <= kills + 1) && in_flight_total <= 8 * kills);
}

#[test]
fn a_run_killed_at_any_moment_can_be_resumed_without_loss() {
    let mut random = fastrand::Rng::new();
    for kind in KINDS {
        let expected = uninterrupted(kind);
        assert_eq!(expected.len(), kind.launches(ROWS));
        assert!(expected.iter().all(|one| ["created", "existing"].contains(&&*one.status)));
        let (mut kills, mut rosters) = (0, 0);
        while kills < KILLS {
            kills += killed_until_done(kind, &expected, &mut random);
            rosters += 1;
            assert!(rosters < 150, "too few kills hit: {kills} in {rosters} rosters of {kind:?}");
        }
    }
}

#[test]
fn a_signal_ends_a_run_with_its_code_and_complete_links() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let school = School::slow(Duration::from_millis(150));
        let env = school.env();
        env.write("roster.csv", people(100, 20));
        let started = env.cmd("batch roster.csv -o links.csv --rate 0");
        let child = started.command().spawn().unwrap();
        school.wait_for(18);
        send(signal, &child);
        let output = started.finish(child);
        assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""), "{output}");
        output.says(&[
            "sent ",
            " pending\n",
            "to finish, run: lessonspace batch roster.csv -o links.csv --rate 0 --resume",
        ]);
        let rows = links(&env, "links.csv");
        assert_eq!(rows.len(), 100);
        let (linked, pending) = (
            count(&env, "links.csv", "created") + count(&env, "links.csv", "existing"),
            count(&env, "links.csv", "pending"),
        );
        assert!(linked >= 8 && pending >= 1 && linked + pending == 100, "{output}");
        for row in rows.iter().filter(|row| row["link_status"] == "pending") {
            assert_eq!((row["client_url"].as_str(), row["link_error"].as_str()), ("", ""));
        }
        env.run("batch roster.csv -o links.csv --rate 0 --resume").succeeded("");
        assert_all_linked(&links(&env, "links.csv"));
        let again: usize = school.launch_counts().values().map(|count| count - 1).sum();
        assert!(again <= 8, "{again} rows asked for again");
    }
}

#[test]
fn a_signal_during_a_rate_limit_wait_ends_the_run_at_once() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(40, 20));
    let started = env.cmd("batch roster.csv -o links.csv --rate 0.1 --json");
    let child = started.command().spawn().unwrap();
    school.wait_for(1);
    thread::sleep(Duration::from_millis(100));
    send("INT", &child);
    let begin = Instant::now();
    let output = started.finish(child);
    assert!(begin.elapsed() < Duration::from_secs(5));
    output.json_error(130, "interrupted");
    let summary = output.json();
    assert_eq!(
        (&summary["sent"], &summary["file"]["created"], &summary["file"]["pending"]),
        (&1.into(), &1.into(), &39.into())
    );
    assert_eq!(school.count(), 1);
}

#[test]
fn a_signal_during_a_network_outage_ends_the_wait() {
    let school = School::slow(Duration::from_millis(10));
    let env = school.env();
    env.write("roster.csv", people(200, 200));
    let started = env.cmd("batch roster.csv -o links.csv --rate 0");
    let child = started.command().spawn().unwrap();
    school.wait_for(40);
    school.leave();
    thread::sleep(Duration::from_secs(2));
    send("TERM", &child);
    let begin = Instant::now();
    let output = started.finish(child);
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(output.code, Some(143), "{output}");
    output
        .says(&["could not reach 127.0.0.1; waiting up to 15 min\n", "to finish, run: "])
        .does_not_say(&["failed"]);
    school.restart();
    env.run("batch roster.csv -o links.csv --rate 0 --resume").succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
}

#[test]
fn a_rows_time_limit_covers_its_attempts_but_not_429s_and_their_pauses() {
    // Four 429s and their pauses take longer than the row's time limit.
    let school = School::script(|call| match call.number {
        0..4 => {
            thread::sleep(Duration::from_millis(500));
            let pause: &[&str] =
                if call.number == 1 { &["Retry-After: 2"] } else { &["Retry-After: 0"] };
            Reply::Status("429 Too Many Requests", pause, String::new())
        }
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(1, 1));
    let output = env.run("batch roster.csv -o links.csv --rate 0 --timeout 1500ms");
    output.succeeded("").says(&["too many requests (429); waiting ", "sent 1: 1 new Space\n"]);
    assert_eq!(school.count(), 5);
}

#[test]
fn a_rows_time_limit_restarts_after_an_outage() {
    // The attempts that meet the outage use more than half of the row's time limit.
    let school = School::script(|call| match call.number {
        0..8 => Reply::Link,
        8..16 => {
            thread::sleep(Duration::from_millis(1200));
            Reply::Close
        }
        _ => {
            thread::sleep(Duration::from_millis(1200));
            Reply::Link
        }
    });
    let env = school.env();
    env.write("roster.csv", people(24, 24));
    school.greet_with("503 Service Unavailable", "");
    let started = env.cmd("batch roster.csv -o links.csv --rate 0 --timeout 2s");
    let child = started.command().spawn().unwrap();
    school.wait_until(|school| school.hellos() >= 2);
    thread::sleep(Duration::from_millis(500));
    school.greet_with("200 OK", "{\"response\":\"Hello\"}");
    let output = started.finish(child);
    output.succeeded("").says(&[
        "Lessonspace is temporarily unavailable (503); waiting up to 15 min\n",
        "Lessonspace is reachable again\n",
    ]);
    assert_all_linked(&links(&env, "links.csv"));
    assert_eq!(school.count(), 32);
}

#[test]
fn a_single_row_that_always_fails_is_marked_failed_and_the_run_ends() {
    let school = School::script(|call| match call.person.as_str() {
        "p2" => crate::batch_faults::status("500 Internal Server Error"),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(3, 3));
    let output = env.run("batch roster.csv -o links.csv --rate 0 -q");
    output.failed(7).says(&[
        "error: 1 of 3 launches failed; see link_error in links.csv for the reasons\n",
        "1 failed: Lessonspace is temporarily unavailable (500) (line 4)\n",
    ]);
    assert_eq!(count(&env, "links.csv", "created"), 2);
    assert!(school.count() <= 2 + 5 * 4, "{}", school.count());
}

#[test]
fn launches_that_all_fail_while_hello_works_are_pending_after_max_wait() {
    let school = School::script(|call| match call.number {
        0..10 => Reply::Link,
        _ => crate::batch_faults::status("503 Service Unavailable"),
    });
    let env = school.env();
    env.write("roster.csv", people(30, 30));
    let output = env.run("batch roster.csv -o links.csv --rate 0 --max-wait 4s");
    output.failed(5).says(&["sent 10: 10 new Spaces; 20 pending\n", "--resume"]);
    assert!(school.count() < 80, "it hammers the service: {}", school.count());
}
