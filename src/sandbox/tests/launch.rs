//! What a launch accepts and rejects, with the framework's messages.

use super::*;
use crate::sandbox::fields;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("is a time")
}

fn read(body: &str) -> Result<Launch, Value> {
    Launch::read(body.as_bytes(), now())
}

fn refused(body: &str) -> Value {
    read(body).expect_err("is refused")
}

fn accepted(body: &str) -> Launch {
    read(body).expect("is accepted")
}

/// Reads one value as a field of this kind.
fn taken(field: Field, value: &Value) -> Result<Value, Value> {
    let fields = [Field { name: "x", ..field }];
    fields::read(&fields, json!({"x": value}).to_string().as_bytes())
        .map(|mut taken| taken["x"].take())
        .map_err(|mut problems| problems["x"].take())
}

#[test]
fn a_launch_requires_only_an_id() {
    let launch = accepted(r#"{"id": "biology101_2023"}"#);
    assert_eq!(launch.id, "biology101_2023");
    assert!(launch.user.is_none() && launch.name.is_none() && launch.webhooks().is_none());
    assert_eq!(launch.window, Window { from: now(), until: now() + WEEK });
}

#[test]
fn ids_are_counted_in_characters() {
    assert_eq!(refused("{}"), json!({"id": ["This field is required."]}));
    assert_eq!(refused(r#"{"id": " "}"#), json!({"id": ["This field may not be blank."]}));
    assert_eq!(refused(r#"{"id": null}"#), json!({"id": ["This field may not be null."]}));
    accepted(&json!({"id": "é".repeat(64)}).to_string());
    let long = json!({"id": ["Ensure this field has no more than 64 characters."]});
    assert_eq!(refused(&json!({"id": "é".repeat(65)}).to_string()), long);
    assert_eq!(refused(&format!("{{\"id\": {}}}", "7".repeat(65))), long);
}

#[test]
fn integers_of_any_length_keep_all_digits() {
    let launch = accepted(
        r#"{"id": 12345678901234567890123, "name": -98765432109876543210, "name": -0,
        "user": {"id": 18446744073709551616, "name": 1e22,
        "custom_jwt_parameters": {"n": 12345678901234567890123}}}"#,
    );
    assert_eq!((&*launch.id, launch.name.as_deref()), ("12345678901234567890123", Some("0")));
    let person = launch.user.expect("a person");
    assert_eq!((&*person.id, &*person.name), ("18446744073709551616", "1e+22"));
    assert!(person.custom_jwt_parameters["n"].is_number());
}

#[test]
fn a_body_that_is_not_a_json_object_gets_the_frameworks_error() {
    assert_eq!(refused(""), json!({"id": ["This field is required."]}));
    let detail = "JSON parse error - EOF while parsing an object at line 1 column 1";
    assert_eq!(refused("{"), json!({"detail": detail}));
    for (body, name) in [("[]", "list"), ("1", "int"), ("1.5", "float"), ("\"x\"", "str")] {
        let problem = format!("Invalid data. Expected a dictionary, but got {name}.");
        assert_eq!(refused(body), json!({"non_field_errors": [problem]}));
    }
    assert_eq!(refused(" null "), json!({"non_field_errors": ["No data provided"]}));
    let deep = refused(&"[".repeat(20_000));
    assert!(deep["detail"].as_str().is_some_and(|text| text.contains("recursion limit")), "{deep}");
}

#[test]
fn other_ways_of_writing_a_value_mean_the_same() {
    let launch = accepted(
        r#"{"id": 1024, "name": " Biology ", "record_av": "yes", "summarise": 0, "extra": [1],
        "user": {"id": 7, "email": "", "leader": "1", "custom_jwt_parameters": {"a": [1]}},
        "features": {"chat": "off", "timer": 1}, "allow_guests": "False",
        "webhooks": {"session": {"start": " http://h/1 ", "end": "", "idle": null}, "user": null}}"#,
    );
    assert_eq!((&*launch.id, launch.name.as_deref()), ("1024", Some("Biology")));
    assert_eq!((launch.asked.record_av, launch.asked.summarise), (Some(true), Some(false)));
    assert_eq!(launch.allow_guests, Some(false));
    let hooks = launch.webhooks().expect("are given");
    assert_eq!(hooks, [("session.start".to_owned(), "http://h/1".to_owned())].into());
    assert_eq!(launch.features, [("chat".to_owned(), false), ("timer".to_owned(), true)].into());
    let person = launch.user.expect("is a person");
    assert_eq!((&*person.id, &*person.email, person.leader), ("7", "", true));
    assert_eq!(person.custom_jwt_parameters["a"], json!([1]));
    assert_eq!(accepted(r#"{"id": "a", "name": null}"#).name.as_deref(), Some(""));
    assert_eq!(accepted(r#"{"id": "a", "webhooks": null}"#).webhooks(), Some(BTreeMap::new()));
}

#[test]
fn problems_are_nested_like_their_fields_and_reported_together() {
    let given = json!({
        "user": {"leader": "maybe", "id": []},
        "features": {"chat": 3, "timer": "off"},
        "timeouts": {"not_after": "soon", "not_before": null},
        "webhooks": {"session": {"end": "x"}, "user": "y"},
        "tags": {"a": {}},
    });
    let time = "Datetime has wrong format. Use one of these formats instead: \
                YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
    let expected = json!({
        "id": ["This field is required."],
        "user": {"leader": ["Must be a valid boolean."], "id": ["Not a valid string."]},
        "features": {"chat": ["Must be a valid boolean."]},
        "timeouts": {"not_after": [time], "not_before": ["This field may not be null."]},
        "webhooks": {
            "session": {"end": ["Enter a valid URL."]},
            "user": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
        },
        "tags": {"a": ["Not a valid string."]},
    });
    assert_eq!(refused(&given.to_string()), expected);
}

#[test]
fn a_lesson_time_lasts_at_most_a_week_and_ends_after_its_start() {
    let window = |timeouts: &str| {
        read(&format!(r#"{{"id": "a", "timeouts": {timeouts}}}"#))
            .map(|launch| (launch.window.from.to_string(), launch.window.until.to_string()))
            .map_err(|problems| problems["timeouts"]["not_after"][0].clone())
    };
    let ok = |from: &str, until: &str| Ok((from.to_owned(), until.to_owned()));
    let long = "Must be at most 7 days after not_before (or now, if not_before is not set).";
    let reversed = "Must be later than not_before (or now, if not_before is not set).";
    let (long, reversed) = (Err(json!(long)), Err(json!(reversed)));
    let week = r#"{"not_before": "2026-12-01T14:00:00Z", "not_after": "2026-12-08T14:00:00Z"}"#;
    assert_eq!(window(week), ok("2026-12-01T14:00:00Z", "2026-12-08T14:00:00Z"));
    assert_eq!(window(&week.replace("08T14:00:00", "08T14:00:01")), long);
    assert_eq!(window(&week.replace("-08T", "-01T")), reversed);
    assert_eq!(window(r#"{"not_after": "2026-03-08T12:00:01Z"}"#), long);
    assert_eq!(window(r#"{"not_after": "2026-03-01T11:00:00Z"}"#), reversed);
    let starts = r#"{"not_before": "2026-12-01T14:00+02:00"}"#;
    assert_eq!(window(starts), ok("2026-12-01T12:00:00Z", "2026-12-08T12:00:00Z"));
    let indian =
        r#"{"not_before": "2020-08-27T13:46:17+05:30", "not_after": "2020-08-27T13:50:17+05:30"}"#;
    assert_eq!(window(indian), ok("2020-08-27T08:16:17Z", "2020-08-27T08:20:17Z"));
}

#[test]
fn text_is_trimmed_and_numbers_become_text() {
    for (given, expected) in [
        (json!("  biology\u{a0}\n"), "biology"),
        (json!("\u{1c}a b\u{1f}"), "a b"),
        (json!(-7), "-7"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(1.5), "1.5"),
        (json!(2.0), "2.0"),
        (json!(1e16), "1e+16"),
        (json!(0.000_01), "1e-05"),
        (json!(" "), ""),
    ] {
        assert_eq!(taken(TEXT, &given), Ok(json!(expected)), "{given}");
    }
    for given in [json!(true), json!([]), json!({})] {
        assert_eq!(taken(TEXT, &given), Err(json!(["Not a valid string."])), "{given}");
    }
    let null = json!(["Null characters are not allowed."]);
    assert_eq!(taken(TEXT, &json!("a\0")), Err(null));
}

#[test]
fn booleans_may_be_words_and_numbers() {
    let words = |words: &str| words.split(' ').map(|word| json!(word)).collect::<Vec<_>>();
    let yes = words("true True TRUE t T yes Yes YES y Y on On ON 1");
    let no = words("false False FALSE f F no No NO n N off Off OFF 0");
    for given in yes.into_iter().chain([json!(true), json!(1), json!(1.0)]) {
        assert_eq!(taken(FLAG, &given), Ok(json!(true)), "{given}");
    }
    for given in no.into_iter().chain([json!(false), json!(0), json!(0.0)]) {
        assert_eq!(taken(FLAG, &given), Ok(json!(false)), "{given}");
    }
    for given in [json!(2), json!(-1), json!("maybe"), json!(""), json!(" true"), json!([true])] {
        assert_eq!(taken(FLAG, &given), Err(json!(["Must be a valid boolean."])), "{given}");
    }
}

#[test]
fn times_are_read_with_and_without_seconds_and_zone() {
    let time = Field::of("", Kind::Time);
    let two = "2026-12-01T14:00:00Z";
    for (given, expected) in [
        (two, two),
        ("2026-12-01T14:00", two),
        ("2026-12-01 14:00", two),
        ("2026-12-01T14:00:00", two),
        ("2026-12-01T19:30+05:30", two),
        ("2026-12-01T19:30:00+0530", two),
        ("2026-12-01T12:00:00-02", two),
        ("2026-12-01T14:00:00 +00:00", two),
        ("2026-12-01T14:00:00.5Z", "2026-12-01T14:00:00.5Z"),
        ("2026-12-01T14:00:00,123456789Z", "2026-12-01T14:00:00.123456Z"),
    ] {
        let expected: Timestamp = expected.parse().expect("is a time");
        assert_eq!(taken(time, &json!(given)), Ok(json!(expected.as_microsecond())), "{given}");
    }
    for given in [
        "tomorrow",
        "",
        "2026-12-01",
        "14:00",
        "2026-02-30T14:00",
        "2026-12-01T24:00",
        "2026-12-01T14:00:60",
        "2026-12-01T14",
        "2026-12-01T14:00:00.",
        "2026-12-01T14:00z",
        "2026-12-01T14:00+5:30",
        "26-12-01T14:00",
        "2026-12-01T14:00 CET",
        "2026-12-01T14:00Zé",
        "2026-12-01T14:00+\u{e9}\u{e9}",
        "2026-12-01T14:00:00:00",
        "+026-12-01T14:00",
    ] {
        assert!(taken(time, &json!(given)).is_err(), "{given}");
    }
    assert!(taken(time, &json!(1_796_133_600)).is_err());
}

/// Each case was checked with Django 5.2.
#[test]
fn email_addresses_are_checked_as_django_does() {
    let email = Field::of("", Kind::Email);
    let long = |length: usize| format!("{}@b.org", "x".repeat(length - 6));
    let label = |length| format!("a@{}.org", "b".repeat(length));
    for good in [
        "a@b.org",
        "a+b@c.org",
        "o'b@c.org",
        "a`b|c@d.org",
        "root@localhost",
        "a@[127.0.0.1]",
        "a@[::1]",
        "\"a@b\"@c.org",
        "a@b.xn--p1ai",
        "p@exämple.org",
        "a@b.órg",
        "a@1.2.com",
        "a@b.o-g",
        "a@b--c.org",
        "a@b.उदाहरण.परीक्षा",
        " a@b.org ",
        &label(63),
        &long(320),
    ] {
        assert_eq!(taken(email, &json!(good)), Ok(json!(good.trim())), "{good}");
    }
    for bad in [
        "a..b@c.org",
        "a,b@c.org",
        "mailto:a@b.org",
        "a@b.123",
        "a@b.c",
        "a@b.1a",
        "a@xn--p1ai",
        "ü@x.org",
        "a@[1.2.3]",
        "\"a b\"@c.org",
        "a\"b@c.org",
        "\"@c.org",
        ".a@b.org",
        "a.@b.org",
        "a@b-.org",
        "a@-b.org",
        "a@b.-org",
        "a@b.org-",
        "a@b_c.org",
        "a@b.org.",
        "a@b..org",
        "a@LOCALHOST",
        "a b@c.org",
        "a@b c.org",
        "a@127.0.0.1",
        "@b.org",
        "a@",
        "a",
        "a@@b.org",
        "a@b",
        "a@b.o1",
        &label(64),
        &long(321),
    ] {
        assert_eq!(
            taken(email, &json!(bad)),
            Err(json!(["Enter a valid email address."])),
            "{bad}"
        );
    }
}

#[test]
fn webhooks_must_be_web_addresses() {
    let url = Field::of("", Kind::Url);
    for good in ["https://example.org/hook ", "http://localhost:8080"] {
        assert_eq!(taken(url, &json!(good)), Ok(json!(good.trim())));
    }
    for bad in [json!("example.org"), json!("ftp://example.org"), json!(7)] {
        assert_eq!(taken(url, &bad), Err(json!(["Enter a valid URL."])), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        let launch = Launch::read(&body, now());
        prop_assert!(launch.is_ok_and(|launch| !launch.id.is_empty())
            || Launch::read(&body, now()).is_err_and(|problems| problems.is_object()));
    }

    #[test]
    fn no_json_makes_it_panic(name in ".{0,20}", text in ".{0,20}", number: f64) {
        for value in [json!(text), json!(number), json!({name.clone(): text}), json!([null])] {
            for field in ["id", "user", "features", "timeouts", "webhooks", "summarise", &name] {
                let answer = read(&json!({"id": "a", field: value}).to_string());
                prop_assert!(answer.is_ok() || answer.is_err_and(|problems| problems.is_object()));
            }
        }
    }
}
