//! `batch --resume` renews links that have ended or soon will, and leaves alone those that cannot
//! last longer.

use std::time::Duration;

use crate::batch_resume::{RESUME, RUN, finished, refusal};
use crate::roster::{assert_all_linked, links, people, statuses};
use crate::school::{Reply, School};
use crate::support::TestEnv;

/// Seconds since 1970, so many hours from now.
fn in_hours(hours: i64) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + hours * 3600
}

/// The same as text, as a roster says it.
fn text_in_hours(hours: i64) -> String {
    jiff::Timestamp::from_second(in_hours(hours)).unwrap().to_string()
}

/// A school whose links work so many hours; each further link for the same person 144 hours.
fn school_with_links_for(hours: i64) -> School {
    School::script(move |call| {
        Reply::LinkUntil(in_hours(if call.earlier == 0 { hours } else { 144 }))
    })
}

#[test]
fn links_that_have_ended_or_would_soon_are_renewed() {
    let school = school_with_links_for(24);
    let env = finished(&school, &people(3, 1));
    env.run(RESUME).succeeded("");
    env.run(&format!("{RESUME} --min-valid 20h")).succeeded("");
    assert_eq!(school.count(), 3);
    env.run(&format!("{RESUME} --min-valid 3d"))
        .succeeded("")
        .says(&["3 links in 1 Space, "].map(|text| text.trim_end_matches(", ")));
    assert_eq!(school.count(), 6);
    assert_all_linked(&links(&env, "links.csv"));
    env.run(&format!("{RESUME} --min-valid 3d")).succeeded("").says(&["0 links"]);
    assert_eq!(school.count(), 6);
    let school = school_with_links_for(-1);
    let env = finished(&school, &people(3, 1));
    env.run(RESUME).succeeded("").says(&["3 links in 1 Space"]);
    env.run(RESUME).succeeded("").says(&["0 links"]);
    assert_eq!(school.count(), 6);
}

#[test]
fn a_link_that_does_not_tell_its_end_is_taken_to_work_for_a_week() {
    let school = School::script(|_| {
        let answer = "{\"client_url\":\"https://room.example/join\"}";
        Reply::Status("200 OK", &[], answer.to_owned())
    });
    let env = finished(&school, &people(3, 1));
    env.run(&format!("{RESUME} --min-valid 6d")).succeeded("").says(&["0 links"]);
    assert_eq!(links(&env, "links.csv")[0]["expires_at"], "");
    // As if it had been written two days ago.
    let journal = env.path("work/links.csv.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    let (_, at) = text.rsplit_once("\"at\":\"").unwrap();
    std::fs::write(&journal, text.replace(&at[..10], &text_in_hours(-48)[..10])).unwrap();
    env.run(RESUME).succeeded("").says(&["0 links"]);
    env.run(&format!("{RESUME} --min-valid 6d")).succeeded("").says(&["3 links in 1 Space"]);
    assert_eq!(school.count(), 6);
}

#[test]
fn min_valid_is_less_than_a_week_and_goes_with_resume() {
    let env = TestEnv::new();
    env.write("roster.csv", people(1, 1));
    env.run(&format!("{RUN} --min-valid 1d")).failed(2).says(&["--min-valid", "--resume"]);
    for duration in ["7d", "8d", "168h", "0m", "soon", "-1h"] {
        env.run(&format!("{RESUME} --min-valid={duration}")).failed(2).says(&["--min-valid"]);
    }
}

#[test]
fn a_row_whose_own_window_ends_with_its_link_is_not_renewed() {
    let end = in_hours(10);
    let school = School::script(move |_| Reply::LinkUntil(end));
    let text = jiff::Timestamp::from_second(end).unwrap();
    let env = finished(&school, &format!("id,user id,not after\na,1,{text}\nb,2,\n"));
    let output = env.run(&format!("{RESUME} --min-valid 3d"));
    output.succeeded("").says(&["1 link in 1 Space; 1 of 2 rows need none"]);
    assert_eq!((school.count(), school.seen()[2].id.as_str()), (3, "b"));
}

#[test]
fn a_length_of_time_is_no_windows_end_and_its_link_is_renewed_before_it_lapses() {
    // A link of two days, made yesterday.
    let school = school_with_links_for(24);
    let env = finished(&school, "id,user name,valid for\na,Ann,2d\n");
    env.run(&format!("{RESUME} --min-valid 20h")).succeeded("").says(&["0 links"]);
    env.run(&format!("{RESUME} --min-valid 2d")).succeeded("").says(&["1 link in 1 Space"]);
    assert_eq!(school.count(), 2);
}

#[test]
fn a_row_whose_window_has_passed_is_ended_and_that_alone_is_no_failure() {
    let school = School::open();
    let env = school.env();
    let roster = format!(
        "id,user id,not before,not after\na,1,{},{}\nb,2,,\n",
        text_in_hours(-50),
        text_in_hours(-2)
    );
    env.write("roster.csv", &roster);
    // At the start it is a mistake; later it is what happens to windows.
    env.run(RUN).failed(2).says(&["line 2"]);
    let output = env.run(RESUME);
    output
        .succeeded("")
        .says(&["2 links: 1 Space created, 0 existing, 0 failed, 1 ended"])
        .does_not_say(&["lessonspace batch"]);
    assert_eq!(statuses(&env, "links.csv"), ["ended", "created"]);
    let ended = &links(&env, "links.csv")[0];
    assert!(
        ["client_url", "expires_at", "room_id", "link_error"]
            .iter()
            .all(|name| ended[*name].is_empty()),
        "{ended:?}"
    );
    assert_eq!(school.count(), 1);
}

#[test]
fn relative_times_are_resolved_when_the_row_is_sent_and_do_not_change_it() {
    let school = school_with_links_for(1);
    let env = finished(&school, "id,user id,not before,valid for\na,1,now,90m\n");
    env.run(RESUME).succeeded("").says(&["0 links"]);
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
    env.run(&format!("{RESUME} --min-valid 3d"))
        .ended(7, "")
        .says(&["2 failed", "error: 2 of 2 rows failed; link_error in links.csv says why"]);
    for (before, after) in before.iter().zip(links(&env, "links.csv")) {
        assert_eq!(
            (after["link_status"].as_str(), &after["client_url"]),
            ("failed", &before["client_url"])
        );
        assert!(after["link_error"].contains("user.email"));
    }
}
