//! The body of a launch: what is understood and what is refused, in the API's own words.

use super::*;
use crate::sandbox::kinds;
use proptest::prelude::*;

const NOW: &str = "2026-03-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("is a time")
}

fn refused(body: &str) -> Value {
    read(body.as_bytes(), now()).expect_err("is refused")
}

fn accepted(body: &str) -> Launch {
    read(body.as_bytes(), now()).expect("is accepted")
}

#[test]
fn an_id_is_all_that_a_launch_needs() {
    let launch = accepted(r#"{"id": "biology101_2023"}"#);
    assert_eq!(launch.id, "biology101_2023");
    assert!(launch.person.is_none() && launch.name.is_none() && launch.webhooks.is_none());
    assert_eq!(launch.window, Window { from: now(), until: now() + WEEK });
}

#[test]
fn ids_are_counted_in_characters() {
    assert_eq!(refused("{}"), json!({"id": ["This field is required."]}));
    assert_eq!(refused(r#"{"id": ""}"#), json!({"id": ["This field may not be blank."]}));
    assert_eq!(refused(r#"{"id": null}"#), json!({"id": ["This field may not be null."]}));
    accepted(&json!({"id": "é".repeat(64)}).to_string());
    let long = json!({"id": ["Ensure this field has no more than 64 characters."]});
    assert_eq!(refused(&json!({"id": "é".repeat(65)}).to_string()), long);
}

#[test]
fn an_integer_of_any_length_is_its_digits() {
    let launch = accepted(
        r#"{"id": 12345678901234567890123, "name": -98765432109876543210, "name": -0,
        "user": {"id": 18446744073709551616, "name": 1e22,
        "custom_jwt_parameters": {"n": 12345678901234567890123}}}"#,
    );
    assert_eq!(
        (launch.id.as_str(), launch.name.as_deref()),
        ("12345678901234567890123", Some("0"))
    );
    let person = launch.person.expect("a person");
    assert_eq!(person.id.as_deref(), Some("18446744073709551616"));
    assert_eq!(person.name.as_deref(), Some("1e+22"));
    assert!(person.custom["n"].is_number());
    let long = json!({"id": ["Ensure this field has no more than 64 characters."]});
    assert_eq!(refused(&format!("{{\"id\": {}}}", "7".repeat(65))), long);
}

#[test]
fn what_is_no_json_object_is_refused_as_the_framework_does() {
    assert_eq!(refused(""), json!({"id": ["This field is required."]}));
    let detail = "JSON parse error - EOF while parsing an object at line 1 column 1";
    assert_eq!(refused("{"), json!({"detail": detail}));
    let list = "Invalid data. Expected a dictionary, but got list.";
    assert_eq!(refused("[]"), json!({"non_field_errors": [list]}));
    assert_eq!(refused("null"), json!({"non_field_errors": ["No data provided"]}));
    let deep = refused(&"[".repeat(20_000));
    assert!(deep["detail"].as_str().is_some_and(|text| text.contains("recursion limit")), "{deep}");
}

#[test]
fn what_is_written_otherwise_means_the_same() {
    let launch = accepted(
        r#"{"id": 1024, "name": " Biology ", "record_av": "yes", "summarise": 0, "extra": [1],
        "user": {"id": 7, "email": "", "leader": "1", "custom_jwt_parameters": {"a": [1]}},
        "features": {"chat": "off", "timer": 1},
        "webhooks": {"session": {"start": " http://h/1 ", "end": ""}, "user": null}}"#,
    );
    assert_eq!((launch.id.as_str(), launch.name.as_deref()), ("1024", Some("Biology")));
    assert_eq!((launch.asked.record_av, launch.asked.summarise), (Some(true), Some(false)));
    let person = launch.person.expect("is a person");
    assert_eq!((person.id.as_deref(), person.email, person.leader), (Some("7"), None, true));
    assert_eq!(person.custom["a"], json!([1]));
    assert_eq!(launch.features, [("chat".to_owned(), false), ("timer".to_owned(), true)].into());
    let hooks = launch.webhooks.expect("are given");
    assert_eq!(hooks, [("session.start".to_owned(), "http://h/1".to_owned())].into());
}

#[test]
fn a_window_is_at_most_a_week_and_ends_after_it_starts() {
    let window = |timeouts: &str| {
        read(format!(r#"{{"id": "a", "timeouts": {timeouts}}}"#).as_bytes(), now())
            .map(|launch| (launch.window.from.to_string(), launch.window.until.to_string()))
            .map_err(|problems| problems["timeouts"]["not_after"][0].clone())
    };
    let ok = |from: &str, until: &str| Ok((from.to_owned(), until.to_owned()));
    let long = Err(json!("Must be at most 7 days after not_before, or after now."));
    let reversed = Err(json!("Must be later than not_before, or than now when that is left out."));
    let week = r#"{"not_before": "2026-12-01T14:00:00Z", "not_after": "2026-12-08T14:00:00Z"}"#;
    assert_eq!(window(week), ok("2026-12-01T14:00:00Z", "2026-12-08T14:00:00Z"));
    assert_eq!(window(&week.replace("08T14:00:00", "08T14:00:01")), long);
    assert_eq!(window(&week.replace("-08T", "-01T")), reversed);
    assert_eq!(window(r#"{"not_after": "2026-03-08T12:00:01Z"}"#), long);
    assert_eq!(window(r#"{"not_after": "2026-03-01T11:00:00Z"}"#), reversed);
    let starts = r#"{"not_before": "2026-12-01T14:00+02:00"}"#;
    assert_eq!(window(starts), ok("2026-12-01T12:00:00Z", "2026-12-08T12:00:00Z"));
    let naive = r#"{"not_before": "2026-12-01T14:00"}"#;
    assert_eq!(window(naive), ok("2026-12-01T14:00:00Z", "2026-12-08T14:00:00Z"));
    let indian =
        r#"{"not_before": "2020-08-27T13:46:17+05:30", "not_after": "2020-08-27T13:50:17+05:30"}"#;
    assert_eq!(window(indian), ok("2020-08-27T08:16:17Z", "2020-08-27T08:20:17Z"));
}

#[test]
fn email_addresses_are_checked_as_far_as_matters() {
    for good in ["peter@example.org", "p.p+x@sub.example.co.uk", "ü@exämple.org", "root@localhost"]
    {
        assert!(kinds::is_email(good), "{good}");
    }
    for bad in ["peter", "@example.org", "p@", "p@example", "p@@example.org", "a b@x.org", "p@x..y"]
    {
        assert!(!kinds::is_email(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        prop_assert!(read(&body, now()).is_ok_and(|launch| !launch.id.is_empty())
            || read(&body, now()).is_err_and(|problems| problems.is_object()));
    }

    #[test]
    fn no_json_makes_it_panic(name in ".{0,20}", text in ".{0,20}", number: f64) {
        for value in [json!(text), json!(number), json!({name.clone(): text}), json!([null])] {
            for field in ["id", "user", "features", "timeouts", "webhooks", "summarise", &name] {
                let body = json!({"id": "a", field: value}).to_string();
                let answer = read(body.as_bytes(), now());
                prop_assert!(answer.is_ok() || answer.is_err_and(|problems| problems.is_object()));
            }
        }
    }
}
