//! `batch` is killed, again and again, and loses nothing.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::roster::{LinkRow, assert_all_linked, count, links, people};
use crate::school::School;
use crate::signals::send;
use crate::support::TestEnv;

const ROWS: usize = 60;

/// How many kills there must be over all rosters.
const KILLS: usize = 300;

fn run(env: &TestEnv, line: &str) -> Child {
    env.cmd(line).command().spawn().unwrap()
}

/// LINKS without what two runs may differ in: the links, and whether a row in flight found its
/// Space or made it.
fn comparable(rows: &[LinkRow]) -> Vec<LinkRow> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        row.remove("client_url");
        row.remove("link_status");
    }
    rows
}

/// The keys of rows that the journal has marked and not answered: those in flight at a kill.
fn in_flight(env: &TestEnv) -> BTreeSet<String> {
    let text = std::fs::read_to_string(env.path("work/links.csv.journal")).unwrap_or_default();
    let mut marked = BTreeSet::new();
    for line in text.lines() {
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

/// An undisturbed run's LINKS.
fn undisturbed(roster: &str) -> Vec<LinkRow> {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", roster);
    env.run("batch roster.csv -o links.csv --rate 0 -q").succeeded("");
    links(&env, "links.csv")
}

/// Kills one roster's runs at random moments until a run comes to its end; gives the kills.
fn killed_until_done(roster: &str, expected: &[LinkRow], random: &mut fastrand::Rng) -> usize {
    let school = School::slow(Duration::from_millis(6));
    let env = school.env();
    env.write("roster.csv", roster);
    let (mut kills, mut flying) = (0, 0);
    loop {
        let mut child = run(&env, "batch roster.csv -o links.csv --rate 0 -q --resume");
        let moment = Instant::now() + Duration::from_micros(random.u64(500..45_000));
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
        flying += in_flight(&env).len();
        // LINKS is whole or not there at any time.
        if env.path("work/links.csv").exists() {
            assert_eq!(links(&env, "links.csv").len(), ROWS);
        }
    }
    let rows = links(&env, "links.csv");
    assert_all_linked(&rows);
    assert_eq!(comparable(&rows), comparable(expected));
    for (row, expected) in rows.iter().zip(expected) {
        let (status, expected) = (row["link_status"].as_str(), expected["link_status"].as_str());
        assert!(status == "unknown" || ["created", "existing"].contains(&status), "{row:?}");
        assert!(["created", "existing"].contains(&expected));
    }
    let asked = school.asked();
    let twice: usize = asked.values().map(|count| count - 1).sum();
    assert_eq!(asked.len(), ROWS);
    assert!(twice <= flying, "{twice} rows asked for again, but {flying} in flight at a kill");
    let unknown = rows.iter().filter(|row| row["link_status"] == "unknown").count();
    assert!(unknown <= flying, "{unknown} unknown, but {flying} in flight");
    // Whoever was asked for once, was not in flight: no more than 8 at a time ever are.
    assert!(asked.values().all(|&count| count <= kills + 1) && flying <= 8 * kills);
    kills
}

#[test]
fn a_run_killed_at_any_moment_goes_on_as_if_nothing_had_been() {
    let mut random = fastrand::Rng::new();
    let roster = people(ROWS, 25);
    let expected = undisturbed(&roster);
    let (mut kills, mut rosters) = (0, 0);
    while kills < KILLS {
        kills += killed_until_done(&roster, &expected, &mut random);
        rosters += 1;
        assert!(rosters < 150, "too few kills hit: {kills} in {rosters} rosters");
    }
}

#[test]
fn a_signal_ends_a_run_with_its_code_and_links_whole() {
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
            "100 links: ",
            " pending",
            "lessonspace batch roster.csv -o links.csv --rate 0 --resume",
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
        let again: usize = school.asked().values().map(|count| count - 1).sum();
        assert!(again <= 8, "{again} rows asked for again");
    }
}

#[test]
fn a_signal_while_the_run_waits_for_its_pace_ends_it_at_once() {
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
    assert_eq!((&summary["created"], &summary["pending"]), (&1.into(), &39.into()));
    assert_eq!(school.count(), 1);
}

#[test]
fn a_signal_while_the_network_is_gone_ends_the_wait() {
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
    output.says(&["the network is down", " 0 failed", "--resume"]);
    school.come_back();
    env.run("batch roster.csv -o links.csv --rate 0 --resume").succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
}
