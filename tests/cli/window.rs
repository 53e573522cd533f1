//! When a link is valid: times, zones, clock changes, and the limit of 7 days.

use serde_json::{Value, json};

use crate::mock::Api;
use crate::support::TestEnv;

/// The `timeouts` that would be sent.
fn window(env: &TestEnv, flags: &[&str]) -> Value {
    let output = env.cmd("launch --id x --guest --dry-run").args(flags).run();
    assert_eq!(output.code, Some(0), "{output}");
    output.json()["timeouts"].clone()
}

#[test]
fn a_duration_from_now_is_exact_to_the_second() {
    let env = TestEnv::new();
    for length in ["7d", "6d", "24h"] {
        let sent = window(&env, &["--not-before=now", "--valid-for", length]);
        let time_of_day = |name: &str| sent[name].as_str().unwrap()[10..].to_owned();
        assert_eq!(time_of_day("not_before"), time_of_day("not_after"), "{sent}");
    }
}

/// Flags with the same result in every time zone of the machine.
#[test]
fn times_are_sent_as_utc_with_z() {
    let london = "--time-zone=Europe/London";
    let rows: Vec<(Vec<&str>, &str, &str)> = vec![
        (
            vec!["--not-before=2040-12-01T14:00:00Z", "--not-after=2040-12-01T15:00:00Z"],
            "2040-12-01T14:00:00Z",
            "2040-12-01T15:00:00Z",
        ),
        (
            vec!["--not-before=2040-12-01T09:00:00+02:00", "--valid-for=1h"],
            "2040-12-01T07:00:00Z",
            "2040-12-01T08:00:00Z",
        ),
        // An offset takes precedence over every zone.
        (
            vec![london, "--not-before=2040-07-01T09:00:00-05:00", "--valid-for=1h30m"],
            "2040-07-01T14:00:00Z",
            "2040-07-01T15:30:00Z",
        ),
        (
            vec![london, "--not-before=2040-07-01 14:00", "--valid-for=90m"],
            "2040-07-01T13:00:00Z",
            "2040-07-01T14:30:00Z",
        ),
        (
            vec![london, "--not-before=2040-12-01 14:00", "--not-after=2040-12-01 16:30"],
            "2040-12-01T14:00:00Z",
            "2040-12-01T16:30:00Z",
        ),
        (
            vec!["--time-zone=Asia/Kathmandu", "--not-before=2040-07-01 14:00", "--valid-for=2h"],
            "2040-07-01T08:15:00Z",
            "2040-07-01T10:15:00Z",
        ),
        (
            vec!["--not-before=2040-12-01T00:00:00Z", "--valid-for=7d"],
            "2040-12-01T00:00:00Z",
            "2040-12-08T00:00:00Z",
        ),
    ];
    for zone in ["UTC", "Pacific/Auckland"] {
        let env = TestEnv::new();
        env.set("TZ", zone);
        for (flags, start, end) in &rows {
            let expected = json!({"not_before": start, "not_after": end});
            assert_eq!(window(&env, flags), expected, "{flags:?}");
        }
    }
}

#[test]
fn the_zone_comes_from_the_flag_then_the_profile_then_the_machine() {
    let env = TestEnv::new();
    env.set("TZ", "America/New_York");
    let flags = ["--not-before=2040-07-01 14:00", "--valid-for=1h"];
    assert_eq!(window(&env, &flags)["not_before"], "2040-07-01T18:00:00Z");
    env.config("[profiles.default]\ntime_zone = \"Europe/London\"\n");
    assert_eq!(window(&env, &flags)["not_before"], "2040-07-01T13:00:00Z");
    let flags = [flags[0], flags[1], "--time-zone=Asia/Kathmandu"];
    assert_eq!(window(&env, &flags)["not_before"], "2040-07-01T08:15:00Z");
}

#[test]
fn an_unknown_zone_exits_2() {
    let env = TestEnv::new();
    let line = "launch --id x --guest --dry-run --valid-for 1h --not-before 2040-12-01T14:00";
    env.run(&format!("{line} --time-zone Europe/Lundon")).failed(2).says(&["Europe/Lundon"]);
    env.config("[profiles.default]\ntime_zone = \"Mars/Olympus\"\n");
    env.run(line).failed(2).says(&["Mars/Olympus", "time_zone"]);
}

#[test]
fn local_times_are_refused_if_the_computers_zone_is_unknown() {
    let env = TestEnv::new();
    env.set("TZ", "Mars/Olympus");
    let line = "launch --id x --guest --dry-run --valid-for 1h --not-before 2040-12-01T14:00";
    env.run(line).failed(2).says(&["--not-before: cannot tell this computer's time zone (TZ is \
               \"Mars/Olympus\"); use --time-zone"]);
    for same_time in [format!("{line}Z"), format!("{line} --time-zone UTC")] {
        let output = env.run(&same_time);
        assert!(output.stdout.contains("2040-12-01T14:00:00Z"), "{output}");
    }
}

#[test]
fn local_times_that_a_clock_change_skips_or_repeats_are_refused() {
    let env = TestEnv::new();
    for time in ["2040-03-25 01:00", "2040-03-25 01:30", "2040-10-28 01:00", "2040-10-28 01:59"] {
        for flag in ["--not-before", "--not-after"] {
            env.cmd("launch --id x --guest --dry-run --time-zone Europe/London")
                .args(&[flag, time])
                .run()
                .failed(2)
                .says(&[flag, time]);
        }
    }
    for (time, utc) in [
        ("2040-03-25 00:59", "2040-03-25T00:59:00Z"),
        ("2040-03-25 02:00", "2040-03-25T01:00:00Z"),
        ("2040-10-28 00:59", "2040-10-27T23:59:00Z"),
        ("2040-10-28 02:00", "2040-10-28T02:00:00Z"),
    ] {
        let flags = ["--time-zone=Europe/London", "--not-before", time, "--valid-for=1h"];
        assert_eq!(window(&env, &flags)["not_before"], utc);
    }
}

#[test]
fn seven_days_are_counted_in_hours_not_by_the_calendar() {
    let env = TestEnv::new();
    let utc = ["--not-before=2040-12-01T00:00:00Z", "--not-after=2040-12-08T00:00:00Z"];
    assert_eq!(window(&env, &utc)["not_after"], "2040-12-08T00:00:00Z");
    // The week of the spring clock change has 167 hours, the one in autumn 169.
    let spring = [
        "--time-zone=Europe/London",
        "--not-before=2040-03-20 12:00",
        "--not-after=2040-03-27 12:00",
    ];
    assert_eq!(window(&env, &spring)["not_after"], "2040-03-27T11:00:00Z");
    let autumn = [
        "--time-zone=Europe/London",
        "--not-before=2040-10-25 12:00",
        "--not-after=2040-11-01 12:00",
    ];
    env.cmd("launch --id x --guest --dry-run").args(&autumn).run().failed(2).says(&["7 days"]);
}

#[test]
fn impossible_lesson_times_exit_2() {
    for flags in [
        "--not-before=2040-12-01T00:00:00Z --not-after=2040-12-08T00:00:01Z",
        "--not-before=2040-12-01T00:00:00Z --valid-for=8d",
        "--not-before=2040-12-01T00:00:00Z --valid-for=169h",
        "--valid-for=8d",
        "--not-after=2040-12-01T00:00:00Z",
        "--not-before=2040-12-02T00:00:00Z --not-after=2040-12-01T00:00:00Z",
        "--not-after=2020-12-01T00:00:00Z",
        "--not-before=2020-12-01T00:00:00Z --not-after=2020-12-02T00:00:00Z",
        "--not-before=2020-12-01T00:00:00Z --valid-for=2h",
        "--not-after=2040-12-01T00:00:00Z --valid-for=2h",
        "--valid-for=0s",
        "--valid-for=0",
        "--valid-for=-1h",
        "--valid-for=soon",
        "--valid-for=99999999999999999999d",
        "--valid-for=9223372036854775807d",
        "--valid-for=1e9d",
        "--not-before=tomorrow",
        "--not-before=2020-12-01T00:00:00Z",
        "--lesson-time=2020-12-01T14:00:00Z-14:45",
        "--lesson-time=2040-12-01T14:00:00Z-14:00",
        "--lesson-time=2040-12-01T14:00:00Z-2:45",
        "--lesson-time=2040-12-01T14:00-14:45 --valid-for=45m",
        "--not-before=2040-13-01T00:00:00Z",
        "--not-before=2040-02-30T00:00:00Z",
        "--not-before=01/12/2040",
        "--not-before=9999-12-31T23:59:59Z --valid-for=7d",
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        api.env().run(&format!("launch --id x --guest {flags}")).failed(2);
    }
}

#[test]
fn times_in_the_file_are_checked_like_the_flags() {
    let env = TestEnv::new();
    for timeouts in [
        "{\"not_before\": \"2040-12-02T00:00:00Z\", \"not_after\": \"2040-12-01T00:00:00Z\"}",
        "{\"not_before\": \"2040-12-01T00:00:00Z\", \"not_after\": \"2040-12-09T00:00:00Z\"}",
        "{\"not_after\": \"2020-12-01T00:00:00Z\"}",
    ] {
        env.write("body.json", format!("{{\"timeouts\": {timeouts}}}"));
        env.run("launch --id x --guest --dry-run --file body.json").failed(2).says(&["timeouts"]);
    }
    env.write(
        "body.json",
        "{\"timeouts\": {\"not_before\": \"2040-12-01T09:00:00+02:00\", \"not_after\": \"2040-12-01T10:00:00Z\"}}",
    );
    let expected =
        json!({"not_before": "2040-12-01T07:00:00Z", "not_after": "2040-12-01T10:00:00Z"});
    assert_eq!(window(&env, &["--file=body.json"]), expected);
    // A flag replaces one end, and the lesson time is checked as it will be sent.
    let expected =
        json!({"not_before": "2040-12-01T07:00:00Z", "not_after": "2040-12-02T00:00:00Z"});
    assert_eq!(window(&env, &["--file=body.json", "--not-after=2040-12-02T00:00:00Z"]), expected);
}

#[test]
fn seven_days_from_now_is_the_default_and_is_not_sent() {
    let env = TestEnv::new();
    assert_eq!(window(&env, &["--valid-for=7d"]), Value::Null);
}

#[test]
fn a_duration_without_a_start_counts_from_now() {
    let env = TestEnv::new();
    for flags in [vec!["--valid-for=2h"], vec!["--not-before=now", "--valid-for=2h"]] {
        let before = jiff::Timestamp::now();
        let end: jiff::Timestamp =
            window(&env, &flags)["not_after"].as_str().unwrap().parse().unwrap();
        let hours = jiff::SignedDuration::from_hours(2);
        // Times are sent in whole seconds.
        let slack = jiff::SignedDuration::from_secs(1);
        assert!(end >= before + hours - slack, "{end}");
        assert!(end <= jiff::Timestamp::now() + hours + slack, "{end}");
    }
}

#[test]
fn messages_show_start_and_end_in_local_time() {
    let api = Api::start();
    let body = json!({
        "id": "x",
        "timeouts": {"not_before": "2040-07-01T13:00:00Z", "not_after": "2040-07-01T14:30:00Z"},
    });
    let answer = json!({"client_url": "https://go.room.sh/?room=8f2b"});
    let _launch = api.launch(body, 201, &answer);
    let output = api
        .env()
        .cmd("launch --id x --guest --time-zone Europe/London --valid-for 90m --not-before")
        .arg("2040-07-01 14:00")
        .run();
    output
        .succeeded("https://go.room.sh/?room=8f2b\n")
        .says(&["lesson time: Sun 1 Jul 2040, 14:00 to 15:30 BST\n"]);
}

#[test]
fn the_links_token_takes_precedence_over_the_requested_times() {
    let api = Api::start();
    let body = json!({
        "id": "x",
        "timeouts": {"not_before": "2040-07-01T13:00:00Z", "not_after": "2040-07-01T14:30:00Z"},
    });
    let _launch = api.launch(body, 201, &crate::mock::answer()).times(2);
    let env = api.env();
    let line = "launch --id x --guest --not-before 2040-07-01T13:00:00Z --valid-for 90m";
    let output = env.run(&format!("{line} --field expires_at"));
    output.succeeded("2099-12-01T09:00:00Z\n");
    env.set("TZ", "Asia/Kathmandu").run(line).says(&["2099", "14:45"]);
}

#[test]
fn a_lesson_time_sets_the_start_and_the_end() {
    let env = TestEnv::new();
    let expected =
        json!({"not_before": "2040-12-01T14:00:00Z", "not_after": "2040-12-01T14:45:00Z"});
    for lesson in [
        "2040-12-01 14:00-14:45",
        "2040-12-01 14:00 – 14:45",
        "2040-12-01 14:00 to 14:45",
        "Sat 2040-12-01 14:00-14:45",
        "2040-12-01 14:00 - 2040-12-01 14:45",
        "2040-12-01T15:00:00+01:00-15:45",
    ] {
        let flags = ["--time-zone=Europe/London", "--lesson-time", lesson];
        assert_eq!(window(&env, &flags), expected, "{lesson}");
    }
    let night = window(&env, &["--lesson-time", "2040-12-01 23:30-00:30"]);
    assert_eq!(night["not_after"], "2040-12-02T00:30:00Z");
}

#[test]
fn a_lesson_time_cannot_be_combined_with_other_times() {
    let env = TestEnv::new();
    for (flag, value) in [
        ("--not-before", "2040-12-01 14:00"),
        ("--not-after", "2040-12-01 15:00"),
        ("--valid-for", "45m"),
    ] {
        let output = env
            .cmd("launch --id x --guest --dry-run --lesson-time")
            .args(&["2040-12-01 14:00-14:45", flag, value])
            .run();
        let says = format!("error: --lesson-time cannot be used with {flag}\n");
        output.failed(2).says(&[&says]);
    }
}

#[test]
fn a_lesson_that_ends_before_it_starts_shows_both_interpretations() {
    let env = TestEnv::new();
    let lesson = "2040-12-01 14:00-2:45";
    let output = env.cmd("launch --id x --guest --dry-run --lesson-time").arg(lesson).run();
    output.failed(2);
    assert_eq!(
        output.stderr,
        "error: --lesson-time: \"2040-12-01 14:00-2:45\" ends before it starts; write \"2040-12-01 \
         14:00-14:45\", or for an end on the next day \"2040-12-01 14:00 - 2040-12-02 02:45\"\n"
    );
}

#[test]
fn a_range_or_an_offset_in_a_time_gets_a_corrected_example() {
    let env = TestEnv::new();
    for (time, says) in [
        (
            "2040-12-01 14:00-14:45",
            "is a start and an end; use --lesson-time, or a column \"lesson time\"",
        ),
        (
            "2040-12-01 14:00 -05:00",
            "is not a valid time; write the offset as in 2040-12-01T14:00:00-05:00",
        ),
        ("2040-12-01", "has no time of day; add one, such as 2040-12-01 14:00"),
    ] {
        let output = env.cmd("launch --id x --guest --dry-run --not-before").arg(time).run();
        output.failed(2);
        assert_eq!(output.stderr, format!("error: --not-before: {time:?} {says}\n"));
    }
    let day =
        env.cmd("launch --id x --guest --dry-run --not-before").arg("Fri 2040-12-01 14:00").run();
    day.failed(2).says(&["error: --not-before: 1 Dec 2040 is a Saturday, not a Friday\n"]);
}

#[test]
fn times_typed_now_get_a_date() {
    let env = TestEnv::new();
    for words in ["tomorrow 14:00", "tue 14:00", "Sunday 14:00"] {
        let sent = window(&env, &["--not-before", words, "--valid-for=45m"]);
        let start: jiff::Timestamp = sent["not_before"].as_str().unwrap().parse().unwrap();
        let ahead = start.duration_since(jiff::Timestamp::now());
        assert!(ahead.is_positive() && ahead.as_hours() < 7 * 24, "{words}: {sent}");
        assert!(sent["not_after"].as_str().unwrap().ends_with("T14:45:00Z"), "{sent}");
    }
    let lesson = window(&env, &["--lesson-time", "tomorrow 14:00-14:45"]);
    assert!(lesson["not_before"].as_str().unwrap().ends_with("T14:00:00Z"), "{lesson}");
    // Rows and files must mean the same on every day.
    env.write("body.json", "{\"timeouts\": {\"not_before\": \"tomorrow 14:00\"}}");
    env.run("launch --id x --guest --dry-run --file body.json").failed(2).says(&["not_before"]);
}

#[test]
fn a_zone_with_a_fixed_offset_causes_a_warning_that_shows_it() {
    let env = TestEnv::new();
    let line = "launch --id x --guest --dry-run --valid-for 1h --not-before 2040-07-01T14:00";
    for (zone, says) in [
        ("EST", "warning: the time zone EST is UTC-05:00 all year"),
        ("Etc/GMT+1", "warning: the time zone Etc/GMT+1 is UTC-01:00 all year"),
    ] {
        let output = env.run(&format!("{line} --time-zone {zone}"));
        assert_eq!(output.code, Some(0), "{output}");
        output.says(&[says]);
    }
    env.set("TZ", "EST");
    env.run(line).says(&["warning: the time zone EST is UTC-05:00 all year"]);
    env.run("launch --id x --guest --dry-run --valid-for 1h").does_not_say(&["warning"]);
    env.run(&format!("{line} --time-zone Europe/London -v"))
        .says(&["note: time zone: Europe/London\n"])
        .does_not_say(&["warning"]);
}
