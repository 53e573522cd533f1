//! `batch --resume` renews links that have expired or soon will, and skips those that cannot last
//! longer.

use std::time::Duration;

use crate::batch_resume::{RESUME, RUN, finished, refusal};
use crate::roster::{assert_all_linked, links, people, statuses};
use crate::school::{Reply, School};
use crate::support::TestEnv;

/// Unix time in seconds, this many hours from now.
fn in_hours(hours: i64) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + hours * 3600
}

/// The same as text for a roster.
fn text_in_hours(hours: i64) -> String {
    jiff::Timestamp::from_second(in_hours(hours)).unwrap().to_string()
}

/// A school whose links are valid for this many hours; each further link for the same person lasts
/// 144 hours.
fn school_with_links_for(hours: i64) -> School {
    School::script(move |call| {
        Reply::LinkUntil(in_hours(if call.earlier == 0 { hours } else { 144 }))
    })
}

#[test]
fn links_that_have_expired_or_soon_will_are_renewed() {
    let school = school_with_links_for(24);
    let env = finished(&school, &people(3, 1));
    env.run(RESUME).succeeded("");
    env.run(&format!("{RESUME} --min-valid 20h")).succeeded("");
    assert_eq!(school.count(), 3);
    env.run(&format!("{RESUME} --min-valid 3d")).succeeded("").says(&[
        "3 links in 1 Space (3 to renew)\n",
        "sent 3: 3 links to existing Spaces; 3 renewed\n",
    ]);
    assert_eq!(school.count(), 6);
    assert_all_linked(&links(&env, "links.csv"));
    env.run(&format!("{RESUME} --min-valid 3d")).succeeded("").says(&["nothing to send"]);
    assert_eq!(school.count(), 6);
    let school = school_with_links_for(-1);
    let env = finished(&school, &people(3, 1));
    env.run(RESUME).succeeded("").says(&["3 links in 1 Space (3 to renew)\n"]);
    env.run(RESUME).succeeded("").says(&["nothing to send"]);
    assert_eq!(school.count(), 6);
}

#[test]
fn a_link_with_an_unknown_end_is_assumed_valid_for_a_week() {
    let school = School::script(|call| {
        let answer = format!("{{\"client_url\":\"https://room.example/join/{}\"}}", call.number);
        Reply::Status("200 OK", &[], answer)
    });
    let env = finished(&school, &people(3, 1));
    env.run(&format!("{RESUME} --min-valid 6d")).succeeded("").says(&["nothing to send"]);
    assert_eq!(links(&env, "links.csv")[0]["expires_at"], "");
    // Make it look two days old.
    let journal = env.path("work/links.csv.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    let (_, at) = text.rsplit_once("\"at\":\"").unwrap();
    std::fs::write(&journal, text.replace(&at[..10], &text_in_hours(-48)[..10])).unwrap();
    env.run(RESUME).succeeded("").says(&["nothing to send"]);
    env.run(&format!("{RESUME} --min-valid 6d")).succeeded("").says(&["3 links in 1 Space"]);
    assert_eq!(school.count(), 6);
}

#[test]
fn min_valid_must_be_less_than_a_week_and_requires_resume() {
    let env = TestEnv::new();
    env.write("roster.csv", people(1, 1));
    env.run(&format!("{RUN} --min-valid 1d")).failed(2).says(&["--min-valid", "--resume"]);
    for duration in ["7d", "8d", "168h", "0m", "soon", "-1h"] {
        env.run(&format!("{RESUME} --min-valid={duration}")).failed(2).says(&["--min-valid"]);
    }
}

#[test]
fn a_link_that_lasts_to_the_end_of_its_lesson_is_not_renewed() {
    let end = in_hours(10);
    let school = School::script(move |_| Reply::LinkUntil(end));
    let text = jiff::Timestamp::from_second(end).unwrap();
    let env = finished(&school, &format!("id,user id,not after\na,1,{text}\nb,2,\n"));
    let output = env.run(&format!("{RESUME} --min-valid 3d"));
    output.succeeded("").says(&["1 link in 1 Space (1 to renew)\n1 link is still good\n"]);
    assert_eq!((school.count(), school.seen()[2].id.as_str()), (3, "b"));
}

#[test]
fn a_link_with_only_a_duration_is_renewed_before_it_expires() {
    // A two-day link made yesterday.
    let school = school_with_links_for(24);
    let env = finished(&school, "id,user name,valid for\na,Ann,2d\n");
    env.run(&format!("{RESUME} --min-valid 20h")).succeeded("").says(&["nothing to send"]);
    env.run(&format!("{RESUME} --min-valid 2d")).succeeded("").says(&["1 link in 1 Space"]);
    assert_eq!(school.count(), 2);
}

#[test]
fn a_past_lesson_is_ended_on_the_first_run_too_if_others_are_left() {
    let school = School::open();
    let env = school.env();
    let (start, end) = (text_in_hours(-50), text_in_hours(-2));
    let roster = format!("id,user id,not before,not after\na,1,{start},{end}\n");
    env.write("roster.csv", &roster);
    env.run(RUN).failed(2).says(&["error: every lesson is already over: line 2\n"]);
    // A link without an end is valid for 7 days.
    let (over, open) = (text_in_hours(-7 * 24), text_in_hours(-7 * 24 + 1));
    env.write("roster.csv", format!("{roster}b,2,,\nc,3,{over},\nd,4,{open},\n"));
    let plan = env.run("batch roster.csv --dry-run");
    assert!(
        plan.stdout
            .starts_with("2 links in 2 Spaces, about 1 s\n2 lessons are already over: no link\n"),
        "{plan}"
    );
    let ended = plan.stdout.lines().filter(|line| line.ends_with("  ended")).count();
    assert_eq!(ended, 2, "{plan}");
    assert!(plan.stdout.contains("\nno leader in 2 Spaces: b and d\n"), "{plan}");
    env.run(RUN)
        .succeeded("")
        .says(&["2 lessons are already over: no link\n", "sent 2: 2 new Spaces; 2 already over\n"])
        .does_not_say(&["lessonspace batch"]);
    assert_eq!(statuses(&env, "links.csv"), ["ended", "created", "ended", "created"]);
    for ended in [&links(&env, "links.csv")[0], &links(&env, "links.csv")[2]] {
        let result = ["client_url", "expires_at", "room_id", "link_error"];
        assert!(result.iter().all(|name| ended[*name].is_empty()), "{ended:?}");
    }
    assert_eq!(school.count(), 2);
    // When everything is over, nothing is left to do, and resuming succeeds.
    env.write("roster.csv", roster);
    env.run(&format!("{RESUME} -q")).failed(2).says(&["has no Space or person in common"]);
    env.run("batch roster.csv -o other.csv --rate 0 --resume")
        .succeeded("")
        .says(&["1 already over\n"]);
    assert_eq!(school.count(), 2);
}

#[test]
fn relative_times_are_resolved_when_the_row_is_sent_without_changing_it() {
    let school = school_with_links_for(1);
    let env = finished(&school, "id,user id,not before,valid for\na,1,now,90m\n");
    env.run(RESUME).succeeded("").says(&["nothing to send"]);
    std::thread::sleep(Duration::from_millis(1100));
    env.run(&format!("{RESUME} --min-valid 70m")).succeeded("").says(&["1 link"]);
    let bodies: Vec<_> =
        school.seen().into_iter().map(|seen| seen.body["timeouts"].clone()).collect();
    assert_eq!(bodies.len(), 2);
    assert_ne!(bodies[0], bodies[1]);
}

#[test]
fn a_failed_renewal_keeps_the_link_that_still_works() {
    let school =
        School::script(
            |call| if call.earlier == 0 { Reply::LinkUntil(in_hours(24)) } else { refusal() },
        );
    let env = finished(&school, &people(2, 1));
    let before = links(&env, "links.csv");
    env.run(&format!("{RESUME} --min-valid 3d")).ended(7, "").says(&[
        "2 links in 1 Space (2 to renew)\n",
        "2 failed\n",
        "error: 2 of 2 launches failed; see link_error in links.csv for the reasons\n",
        "\n  2 failed: Lessonspace refused the request (400); user.email: No. (lines 2 and 3)\n",
    ]);
    for (before, after) in before.iter().zip(links(&env, "links.csv")) {
        assert_eq!(
            (after["link_status"].as_str(), &after["client_url"]),
            ("failed", &before["client_url"])
        );
        assert!(after["link_error"].contains("user.email"));
    }
}

#[test]
fn an_expired_link_is_removed_if_its_renewal_fails_or_is_pending() {
    let school = School::script(|call| match (call.earlier, call.person.as_str()) {
        (0, _) => Reply::LinkUntil(in_hours(-1)),
        (_, "p0") => refusal(),
        (_, "p1") => crate::batch_faults::status("401 Unauthorized"),
        _ => Reply::Link,
    });
    let env = finished(&school, &people(3, 1));
    assert!(links(&env, "links.csv").iter().all(|row| !row["client_url"].is_empty()));
    // The key is rejected at the second row, so the third is not tried.
    env.run(RESUME).failed(3).says(&["1 failed; 2 pending\n"]);
    let rows = links(&env, "links.csv");
    assert_eq!(statuses(&env, "links.csv"), ["failed", "pending", "pending"]);
    for row in &rows {
        assert_eq!((row["client_url"].as_str(), row["expires_at"].as_str()), ("", ""), "{row:?}");
    }
    assert_eq!(rows[0]["link_error"], "Lessonspace refused the request (400); user.email: No.");
}

#[test]
fn a_failed_row_with_a_link_is_retried() {
    let school = School::script(|call| match call.earlier {
        0 => Reply::LinkUntil(in_hours(24)),
        1 => refusal(),
        _ => Reply::Link,
    });
    let env = finished(&school, &people(2, 1));
    env.run(&format!("{RESUME} --min-valid 3d")).ended(7, "");
    // Without --min-valid its link would be good, but the row is still marked as failed.
    env.run(RESUME)
        .succeeded("")
        .says(&["2 links in 1 Space (2 to retry)\n", "sent 2: 2 links to existing Spaces\n"]);
    assert_all_linked(&links(&env, "links.csv"));
    assert_eq!((school.count(), statuses(&env, "links.csv")), (6, vec!["existing".to_owned(); 2]));
}
