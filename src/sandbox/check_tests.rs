//! The body of a launch: what is understood and what is refused, in the API's own words.

use super::*;
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
fn what_is_no_json_object_is_refused_as_the_framework_does() {
    let detail = "JSON parse error - EOF while parsing a value at line 1 column 0";
    assert_eq!(refused(""), json!({"detail": detail}));
    let list = "Invalid data. Expected a dictionary, but got list.";
    assert_eq!(refused("[]"), json!({"non_field_errors": [list]}));
    let deep = refused(&"[".repeat(20_000));
    assert!(deep["detail"].as_str().is_some_and(|text| text.contains("recursion limit")), "{deep}");
}

#[test]
fn every_wrong_type_is_reported_at_once() {
    let body = r#"{"id": 7, "record_av": "yes", "user": {"email": "peter", "leader": 1},
        "features": {"chat": "off"}, "timeouts": {"not_after": "tomorrow"},
        "webhooks": {"session": {"start": "example.org"}, "user": []}}"#;
    let format = "Datetime has wrong format. Use one of these formats instead: \
                  YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
    let list = "Invalid data. Expected a dictionary, but got list.";
    let expected = json!({
        "id": ["Not a valid string."],
        "record_av": ["Must be a valid boolean."],
        "user": {
            "email": ["Enter a valid email address."],
            "leader": ["Must be a valid boolean."],
        },
        "features": {"chat": ["Must be a valid boolean."]},
        "timeouts": {"not_after": [format]},
        "webhooks": {
            "session": {"start": ["Enter a valid URL."]},
            "user": {"non_field_errors": [list]},
        },
    });
    assert_eq!(refused(body), expected);
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
}

#[test]
fn email_addresses_are_checked_as_far_as_matters() {
    for good in ["peter@example.org", "p.p+x@sub.example.co.uk", "ü@exämple.org"] {
        assert!(is_email(good), "{good}");
    }
    for bad in ["peter", "@example.org", "p@", "p@example", "p@@example.org", "a b@x.org", "p@x..y"]
    {
        assert!(!is_email(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        prop_assert!(read(&body, now()).is_err() || !body.is_empty());
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
