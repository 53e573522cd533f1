//! Times, durations and lengths in every form, and what is none.

use super::*;

fn london() -> Clock {
    Clock {
        now: "2026-11-23T10:00:00Z".parse().expect("a time"),
        zone: crate::body::zone::zone("Europe/London").expect("a zone"),
    }
}

#[cfg(unix)]
#[test]
fn the_systems_link_tells_the_name_and_the_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("zoneinfo/Europe/Nowhere");
    let link = folder.path().join("localtime");
    let linked = || linked_zone(link.to_str().expect("UTF-8"));
    std::fs::create_dir_all(rules.parent().expect("a parent")).expect("a folder");
    std::os::unix::fs::symlink(&rules, &link).expect("a link");
    assert_eq!(linked(), None);
    std::fs::write(&rules, "no rules").expect("a file");
    assert_eq!(linked(), None);
    // No transitions, one type of time: 2 hours east of Greenwich, called NWT.
    let head = [b"TZif".as_slice(), &[0; 35], &[1, 0, 0, 0, 4]].concat();
    let only_type = [0, 0, 0x1c, 0x20, 0, 0];
    std::fs::write(&rules, [&head, only_type.as_slice(), b"NWT\0"].concat()).expect("a file");
    let zone = linked().expect("a zone");
    assert_eq!(zone.iana_name(), Some("Europe/Nowhere"));
    assert_eq!(shown(london().now, &zone), "Mon 2026-11-23 12:00 NWT");
    std::fs::remove_file(&link).and_then(|()| std::fs::copy(&rules, &link)).expect("a copy");
    assert_eq!(linked(), None);
}

#[test]
fn times_in_every_accepted_form_become_utc() {
    for (text, sent) in [
        ("2026-12-01T14:00:00Z", "2026-12-01T14:00:00Z"),
        ("2026-12-01T14:00:00.999+02:00", "2026-12-01T12:00:00Z"),
        ("2026-12-01T14:00+02:00", "2026-12-01T12:00:00Z"),
        ("2026-12-01T14:00:00+23:59", "2026-11-30T14:01:00Z"),
        ("2026-12-01 14:00", "2026-12-01T14:00:00Z"),
        ("2026-07-01 14:00", "2026-07-01T13:00:00Z"),
        ("2026-07-01T14:00:30", "2026-07-01T13:00:30Z"),
        (" now ", "2026-11-23T10:00:00Z"),
    ] {
        assert_eq!(time(text, &london()).map(utc), Ok(sent.to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "tomorrow",
        "14:00",
        "2026-12-01",
        "2026-13-01 14:00",
        "2026-02-30 10:00",
        "01/12/2026 14:00",
        "2026-12-01 14:00 GMT",
        "1764597600",
        "2026-12-01 25:00",
        "2026-12-01T14:00:00+25:00",
        "2026-12-01T14:00:00-24:00",
    ] {
        assert!(time(text, &london()).is_err(), "{text}");
    }
}

#[test]
fn a_local_time_that_a_clock_change_skips_or_doubles_is_refused() {
    let skipped = time("2026-03-29 01:30", &london()).expect_err("is skipped");
    assert!(skipped.contains("does not exist in Europe/London"), "{skipped}");
    let doubled = time("2026-10-25 01:30", &london()).expect_err("is doubled");
    assert!(
        doubled.contains("2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00"),
        "{doubled}"
    );
}

#[test]
fn durations_are_read_and_nonsense_is_refused() {
    for (text, seconds) in
        [("90m", 5400), ("2h", 7200), ("1h30m", 5400), ("7d", 604_800), ("1w", 604_800)]
    {
        assert_eq!(duration(text, "2h").map(|duration| duration.as_secs()), Ok(seconds), "{text}");
    }
    for text in
        ["", "0s", "-2h", "2h ago", "5", "h", "1mo", "2y", "99999999999999999999d", "forever"]
    {
        assert!(duration(text, "2h").is_err(), "{text}");
    }
}

#[test]
fn the_time_left_is_rounded_up_to_the_minute() {
    for (seconds, shown) in
        [(59, "59 s"), (60, "1 min"), (7141, "2 h"), (604_799, "7 days"), (604_801, "7 days")]
    {
        assert_eq!(length_left(SignedDuration::from_secs(seconds)), shown);
    }
}

#[test]
fn lengths_are_shown_in_their_two_largest_units() {
    for (seconds, shown) in [
        (40, "40 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86_400, "1 day"),
        (604_799, "6 days 23 h"),
        (604_800, "7 days"),
        (-5, "0 s"),
    ] {
        assert_eq!(length(SignedDuration::from_secs(seconds)), shown);
    }
}
