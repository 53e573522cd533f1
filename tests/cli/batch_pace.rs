//! `batch` keeps to its rate, as measured by the server. Bounds are generous: they depend on
//! requests never being too close, not on the speed of the computer.
//!
//! Two long tests print their figures and run only on request:
//! `cargo test --test cli -- --ignored --nocapture batch_pace`

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::batch_faults::status;
use crate::roster::{assert_all_linked, count, links, people};
use crate::school::{Call, Reply, School, Seen};
use crate::support::TestEnv;

/// How much a busy computer may delay the program.
const LATENESS: Duration = Duration::from_millis(100);

/// The same for the first request, which also waits for a connection. The rhythm is counted from it.
const START_LATENESS: Duration = Duration::from_millis(300);

fn busy() -> Reply {
    Reply::Status("429 Too Many Requests", &["Retry-After: 1"], String::new())
}

/// Runs a roster to its end, without failures.
fn paced(school: &School, roster: &str, flags: &str) -> TestEnv {
    let env = school.env();
    env.write("roster.csv", roster);
    env.run(&format!("batch roster.csv -o links.csv {flags}")).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    env
}

/// When each launch arrived, counted from the first.
fn moments(seen: &[Seen]) -> Vec<Duration> {
    seen.iter().map(|one| one.begin - seen[0].begin).collect()
}

/// Checks that no launch arrived before its turn in an even rhythm.
#[track_caller]
fn assert_spaced(moments: &[Duration], spacing: Duration) {
    for (index, &moment) in moments.iter().enumerate() {
        let earliest = spacing * u32::try_from(index).unwrap();
        assert!(
            moment + START_LATENESS >= earliest,
            "launch {index} came at {moment:?}, its turn was at {earliest:?}: {moments:?}"
        );
    }
    // No burst either, even after a delay.
    let close =
        moments.windows(2).filter(|pair| pair[1].saturating_sub(pair[0]) < spacing / 2).count();
    assert!(
        close <= moments.len() / 3,
        "{close} launches came too soon after another: {moments:?}"
    );
}

#[test]
fn requests_are_evenly_spaced_and_never_in_a_burst() {
    for (rate, spacing) in [("20", Duration::from_millis(50)), ("10", Duration::from_millis(100))] {
        let school = School::open();
        paced(&school, &people(12, 12), &format!("--rate {rate}"));
        let seen = school.seen();
        assert_eq!(seen.len(), 12);
        assert_spaced(&moments(&seen), spacing);
    }
}

#[test]
fn the_default_rate_is_four_per_second() {
    let school = School::open();
    paced(&school, &people(7, 7), "");
    assert_spaced(&moments(&school.seen()), Duration::from_millis(250));
}

#[test]
fn slow_responses_do_not_slow_the_rate_and_retries_obey_it() {
    // Each response takes several turns, and every fourth fails and is retried.
    let school = School::script(|call| {
        thread::sleep(Duration::from_millis(200));
        if call.number % 4 == 3 { Reply::Close } else { Reply::Link }
    });
    paced(&school, &people(16, 16), "--rate 20");
    let seen = school.seen();
    assert!(seen.len() > 16);
    assert_spaced(&moments(&seen), Duration::from_millis(50));
    assert!(most_at_once(&seen) > 1, "one after the other would be slow");
}

/// The maximum number of launches in flight at the same time.
fn most_at_once(seen: &[Seen]) -> usize {
    let at = |moment: Instant| {
        seen.iter()
            .filter(|one| one.begin <= moment && one.end.is_none_or(|end| end > moment))
            .count()
    };
    seen.iter().map(|one| at(one.begin)).max().unwrap_or_default()
}

#[test]
fn up_to_eight_rows_are_in_flight_at_once() {
    let school = School::slow(Duration::from_millis(150));
    paced(&school, &people(40, 40), "--rate 0");
    let most = most_at_once(&school.seen());
    assert!((2..=8).contains(&most), "{most} at once");
}

#[test]
fn rows_of_one_space_never_overlap_and_keep_their_order() {
    let school = School::script(|call| {
        thread::sleep(Duration::from_millis(20));
        if call.number % 7 == 6 { Reply::MakeThenClose } else { Reply::Link }
    });
    paced(&school, &people(48, 4), "--rate 0");
    let seen = school.seen();
    let mut spaces: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for one in &seen {
        spaces.entry(&one.id).or_default().push(one);
    }
    assert_eq!(spaces.len(), 4);
    for rows in spaces.values() {
        for pair in rows.windows(2) {
            assert!(
                pair[0].end.is_some_and(|end| end <= pair[1].begin),
                "{} and {} overlap",
                pair[0].person,
                pair[1].person
            );
        }
        let mut order: Vec<u32> = rows.iter().map(|one| one.person[1..].parse().unwrap()).collect();
        order.dedup();
        assert!(order.is_sorted(), "{order:?}");
    }
    assert!(most_at_once(&seen) > 1, "several Spaces go at once");
}

#[test]
fn a_429_pauses_all_rows_and_fails_none() {
    for (flags, quiet) in [("--rate 0", 900), ("--rate 20", 900)] {
        let school = School::script(|call| if call.number == 10 { busy() } else { Reply::Link });
        paced(&school, &people(24, 24), flags);
        let seen = school.seen();
        assert_eq!(seen.len(), 25);
        let refused = seen[10].end.unwrap();
        // Launches already in flight may still arrive.
        let soon =
            |one: &&Seen| one.begin > refused && one.begin < refused + Duration::from_millis(quiet);
        let early: Vec<_> = seen.iter().filter(soon).collect();
        assert!(
            early.iter().all(|one| one.begin < refused + LATENESS) && early.len() <= 8,
            "{} launches came while everybody should wait",
            early.len()
        );
    }
}

#[test]
fn a_429_sets_the_length_of_the_wait() {
    let school = School::script(|call| {
        if call.number == 3 {
            Reply::Status("429 Too Many Requests", &["Retry-After: 3"], String::new())
        } else {
            Reply::Link
        }
    });
    paced(&school, &people(8, 8), "--rate 20");
    let seen = school.seen();
    let refused = seen[3].end.unwrap();
    assert!(
        seen.iter().all(|one| one.begin < refused + LATENESS
            || one.begin > refused + Duration::from_millis(2900))
    );
}

#[test]
fn too_many_requests_is_reported_once() {
    let school =
        School::script(
            |call| {
                if call.number < 3 { status("429 Too Many Requests") } else { Reply::Link }
            },
        );
    let env = school.env();
    env.write("roster.csv", people(4, 1));
    let output = env.run("batch roster.csv -o links.csv --rate 40");
    output.succeeded("").says(&["\ntoo many requests (429); waiting 1 s, then 28.0 per second\n\
         sent 4: 1 new Space, 3 links to existing ones\n"]);
}

#[test]
fn only_429s_end_the_run_after_max_wait_and_no_row_fails() {
    for (headers, json, causes) in [
        (&[][..], None, "every request in the last 2 s got a 429 with no Retry-After"),
        (
            &["Retry-After: 1"],
            Some(1),
            "the server said to wait 1 s\nevery request in the last 2 s got a 429",
        ),
    ] {
        // At the first launch, and after some links.
        for after in [0, 6] {
            let school = School::script(move |call| {
                if call.number < after {
                    return Reply::Link;
                }
                Reply::Status("429 Too Many Requests", headers, String::new())
            });
            let env = school.env();
            env.write("roster.csv", people(40, 40));
            let begin = Instant::now();
            let output = env.run("batch roster.csv -o links.csv --rate 0 --max-wait 2s --json");
            let time = begin.elapsed();
            assert!((2..5).contains(&time.as_secs()), "{time:?}\n{output}");
            let error = output.json_error(5, "unavailable");
            let message = format!("too many requests (429)\n{causes}");
            assert_eq!(error["message"], message);
            assert_eq!(
                (&error["http_status"], &error["retry_after_s"]),
                (&json!(429), &json!(json))
            );
            let summary = output.json();
            assert_eq!((&summary["sent"], &summary["failures"]), (&json!(after), &json!([])));
            assert_eq!(count(&env, "links.csv", "pending"), 40 - after, "{output}");
        }
    }
}

#[test]
fn a_wait_longer_than_max_wait_ends_the_run_at_once() {
    for (flags, after, asked, shown) in [
        // 2 minutes before the first success, 15 minutes after it.
        ("", 0, 121, "2 min 1 s"),
        ("", 6, 901, "15 min 1 s"),
        ("--max-wait 10s", 6, 11, "11 s"),
    ] {
        let school = School::script(move |call| {
            if call.number < after {
                return Reply::Link;
            }
            let header: &'static [&'static str] = match asked {
                121 => &["Retry-After: 121"],
                901 => &["Retry-After: 901"],
                _ => &["Retry-After: 11"],
            };
            Reply::Status("429 Too Many Requests", header, String::new())
        });
        let env = school.env();
        env.write("roster.csv", people(40, 40));
        let begin = Instant::now();
        let output = env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"));
        assert!(begin.elapsed() < Duration::from_secs(5), "{output}");
        output.failed(5).says(&[&format!(
            "error: too many requests (429)\n  the server said to wait {shown}\n\
             hint: run it again with --resume after that time, or with a longer --max-wait\n"
        )]);
        assert_eq!(count(&env, "links.csv", "pending"), 40 - after, "{output}");
        env.write("other.csv", people(40, 40));
        let output = env.run(&format!("batch other.csv --rate 0 --json {flags}"));
        assert_eq!(output.json_error(5, "unavailable")["retry_after_s"], asked);
    }
}

#[test]
fn verbose_shows_each_attempt_and_each_wait() {
    let school = School::script(|call| match call.number {
        0 => Reply::Status("503 Service Unavailable", &["Retry-After: 1"], String::new()),
        1 => busy(),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let output = env.run("batch roster.csv -o links.csv -v");
    output.succeeded("").says(&["\
        note: line 2: attempt 1\n\
        note: line 2: attempt 1 failed: Lessonspace is temporarily unavailable (503)\n\
        note: line 2: waiting 1.0 s\n\
        note: line 2: attempt 2\n\
        note: line 2: attempt 2 failed: too many requests (429)\n\
        too many requests (429); waiting 1 s, then 2.8 per second\n\
        note: line 2: attempt 2\n\
        note: line 3: attempt 1\n\
        sent 2: 1 new Space, 1 link to an existing one\n"]);
}

#[test]
fn the_progress_line_every_ten_seconds_is_correct_when_printed() {
    let school = School::script(|call| match call.number {
        12 => Reply::Status("429 Too Many Requests", &["Retry-After: 12"], String::new()),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(50, 50));
    let begin = jiff::Timestamp::now();
    let output = env.run("batch roster.csv -o links.csv --rate 4");
    output.succeeded("");
    let lines: Vec<&str> =
        output.stderr.lines().filter(|line| line.contains(" of 50 done, ")).collect();
    // 12 links in 3 s, then a wait until 15 s, then the other 38 at 2.8 per second or more.
    let (until, _) = lines[0].strip_prefix("12 of 50 done, waiting until ").unwrap().split_at(8);
    let until: jiff::civil::Time = until.parse().unwrap();
    let seconds = begin.to_zoned(jiff::tz::TimeZone::UTC).time().until(until).unwrap();
    assert!((14..=18).contains(&seconds.get_seconds()), "{seconds}\n{output}");
    let (done, rest) = lines[1].split_once(" of 50 done, ").unwrap();
    let done: u32 = done.parse().unwrap();
    assert!((22..=32).contains(&done), "{output}");
    let (rate, rest) = rest.split_once(" per second, about ").unwrap();
    let (rate, left) = (rate.parse::<f64>().unwrap(), rest.strip_suffix(" s left").unwrap());
    assert!((f64::from(done) / 20.0 - rate).abs() < 0.2, "{output}");
    let left = left.parse::<f64>().unwrap();
    assert!((f64::from(50 - done) / rate - left).abs() < 3.0, "{output}");
}

/// A school that responds with 429 after this many links within a second.
fn strict_school(limit: usize) -> School {
    let recent = Mutex::new(VecDeque::new());
    School::script(move |_: &Call| {
        let mut recent = recent.lock().unwrap();
        let now = Instant::now();
        while recent.front().is_some_and(|&first| now - first >= Duration::from_secs(1)) {
            recent.pop_front();
        }
        if recent.len() >= limit {
            return busy();
        }
        recent.push_back(now);
        Reply::Link
    })
}

fn refused(school: &School) -> usize {
    school.seen().iter().filter(|one| one.status == 429).count()
}

#[test]
#[ignore = "takes 40 s of pure waiting, and measures the computer's clock with it"]
fn at_the_default_rate_160_rows_take_forty_seconds_without_a_429() {
    let school = strict_school(5);
    let env = school.env();
    env.write("roster.csv", people(160, 20));
    let begin = Instant::now();
    env.cmd("batch roster.csv -o links.csv").patience(Duration::from_secs(120)).run().succeeded("");
    let time = begin.elapsed();
    assert_all_linked(&links(&env, "links.csv"));
    assert!(
        refused(&school) == 0 && time <= Duration::from_secs(42),
        "{time:?}, {} answers 429",
        refused(&school)
    );
    report(&format!("160 rows, 5 allowed: {time:.2?}, no answer 429"));
}

#[test]
#[ignore = "takes a minute of pure waiting"]
fn a_server_with_a_lower_rate_gives_every_link_with_few_429s() {
    let school = strict_school(3);
    let env = school.env();
    env.write("roster.csv", people(160, 20));
    let begin = Instant::now();
    env.cmd("batch roster.csv -o links.csv").patience(Duration::from_secs(180)).run().succeeded("");
    let time = begin.elapsed();
    assert_all_linked(&links(&env, "links.csv"));
    let (all, refused) = (school.count(), refused(&school));
    assert!(refused * 10 <= all, "{refused} of {all} answers were 429");
    report(&format!("160 rows, 3 allowed: {time:.2?}, {refused} of {all} answers 429"));
}

/// Prints figures when the ignored tests run with `--no-capture`.
#[expect(clippy::print_stderr, reason = "these tests are run for their figures")]
fn report(figures: &str) {
    eprintln!("{figures}");
}
