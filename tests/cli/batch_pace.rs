//! `batch` keeps to its pace, as the server sees it. Bounds are generous: nothing here depends on
//! how fast a computer is, only on requests never being too close.
//!
//! Two long ones tell their figures, and run when they are asked for:
//! `cargo test --test cli -- --ignored --nocapture batch_pace`

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::roster::{assert_all_linked, links, people};
use crate::school::{Call, Reply, School, Seen};
use crate::support::TestEnv;

/// How much a busy computer may delay what the program does on time.
const LATENESS: Duration = Duration::from_millis(100);

/// The same for the very first request, from which the rhythm is counted: it waits for a
/// connection, too.
const START_LATENESS: Duration = Duration::from_millis(300);

fn busy() -> Reply {
    Reply::Status("429 Too Many Requests", &["Retry-After: 1"], String::new())
}

/// Runs a roster to its end.
fn paced(school: &School, roster: &str, flags: &str) -> TestEnv {
    let env = school.env();
    env.write("roster.csv", roster);
    env.run(&format!("batch roster.csv -o links.csv {flags}")).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    env
}

/// When each launch came, from the first one on.
fn moments(seen: &[Seen]) -> Vec<Duration> {
    seen.iter().map(|one| one.begin - seen[0].begin).collect()
}

/// Whether each launch came no sooner than this one's turn in an even rhythm.
#[track_caller]
fn assert_spaced(moments: &[Duration], spacing: Duration) {
    for (index, &moment) in moments.iter().enumerate() {
        let earliest = spacing * u32::try_from(index).unwrap();
        assert!(
            moment + START_LATENESS >= earliest,
            "launch {index} came at {moment:?}, its turn was at {earliest:?}: {moments:?}"
        );
    }
    // No burst either: not even after somebody was late.
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
fn four_a_second_is_the_pace_that_nobody_asked_for() {
    let school = School::open();
    paced(&school, &people(7, 7), "");
    assert_spaced(&moments(&school.seen()), Duration::from_millis(250));
}

#[test]
fn slow_answers_do_not_slow_the_pace_and_retries_keep_to_it() {
    // Each answer takes several turns, and every fourth is a fault that is tried again.
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

/// The most launches that were under way at the same time.
fn most_at_once(seen: &[Seen]) -> usize {
    let at = |moment: Instant| {
        seen.iter()
            .filter(|one| one.begin <= moment && one.end.is_none_or(|end| end > moment))
            .count()
    };
    seen.iter().map(|one| at(one.begin)).max().unwrap_or_default()
}

#[test]
fn up_to_eight_rows_are_under_way_at_once() {
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
fn a_429_pauses_everybody_and_no_row_fails_for_it() {
    for (flags, quiet) in [("--rate 0", 900), ("--rate 20", 900)] {
        let school = School::script(|call| if call.number == 10 { busy() } else { Reply::Link });
        paced(&school, &people(24, 24), flags);
        let seen = school.seen();
        assert_eq!(seen.len(), 25);
        let refused = seen[10].end.unwrap();
        // Those that were on their way already may still come.
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
fn a_429_says_how_long_to_wait() {
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

/// A school that answers 429 to what comes after so many good answers within a second.
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
fn the_usual_pace_of_160_rows_takes_forty_seconds_and_meets_no_429() {
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
fn a_server_that_allows_less_than_the_pace_gives_every_link_with_few_429s() {
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

/// Figures for who runs the ignored tests with `--no-capture`.
#[expect(clippy::print_stderr, reason = "these tests are run for their figures")]
fn report(figures: &str) {
    eprintln!("{figures}");
}
