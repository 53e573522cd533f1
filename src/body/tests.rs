//! Layers, guests and lesson times, up to the finished request.

use super::*;
use jiff::tz::TimeZone;

struct Case {
    purpose: Purpose,
    person: Option<Person>,
    file: Option<&'static str>,
    set: &'static [&'static str],
    valid_for: Option<&'static str>,
    lesson_time: Option<&'static str>,
    guest: bool,
}

const CASE: Case = Case {
    purpose: Purpose::Launch,
    person: None,
    file: None,
    set: &["id=x"],
    valid_for: None,
    lesson_time: None,
    guest: false,
};

fn teacher() -> Person {
    Person {
        id: Some("T1".to_owned()),
        name: Some("Peter".to_owned()),
        email: Some("p@example.org".to_owned()),
    }
}

fn build(case: &Case) -> Result<(String, Vec<String>), Vec<String>> {
    let file = case.file.map(|text| BodyFile::parse("f", text.into()).expect("is JSON"));
    let assignments: Vec<_> =
        case.set.iter().map(|text| Assignment::parse_set(text).expect("is good")).collect();
    let mut findings = Findings::default();
    let layers = BodyLayers {
        purpose: case.purpose,
        person: case.person.as_ref(),
        base: file.as_ref().map(|file| file.body.clone()).unwrap_or_default(),
        file: file.as_ref(),
        assignments: &assignments,
        valid_for: case
            .valid_for
            .map(|text| ValidFor { label: "--valid-for".into(), text: text.to_owned() }),
        lesson_time: case
            .lesson_time
            .map(|text| LessonTime { label: "--lesson-time".into(), text: text.to_owned() }),
        guest: case.guest,
        strict: false,
        id_place: "--id",
        shorten_ids: false,
    };
    let clock =
        Clock { now: "2026-11-23T10:00:00.5Z".parse().expect("a time"), zone: TimeZone::UTC };
    let draft = compose(layers, &mut findings);
    let request = draft.resolve(file.as_ref(), &clock, &mut findings);
    if findings.problems.is_empty() {
        Ok((request.to_json(), findings.warnings))
    } else {
        Err(findings.problems.iter().map(ToString::to_string).collect())
    }
}

fn sent(case: &Case) -> String {
    build(case).expect("is good").0
}

fn refused(case: &Case) -> String {
    build(case).expect_err("is refused").join("\n")
}

#[test]
fn later_layers_take_precedence_and_the_order_of_the_file_is_kept() {
    let case = Case {
        file: Some(
            r#"{"zzz": 1.10, "user": {"name": "F", "role": "student"}, "id": "file", "name": "N"}"#,
        ),
        set: &["user.name=S", "user.leader=false", "user.leader=true", "id=x"],
        person: Some(teacher()),
        ..CASE
    };
    assert_eq!(
        sent(&case),
        r#"{"zzz":1.10,"user":{"name":"S","role":"student","leader":true},"id":"x","name":"N"}"#
    );
}

#[test]
fn the_profiles_person_is_used_completely_or_not_at_all() {
    let whole = r#"{"id":"x","user":{"id":"T1","name":"Peter","email":"p@example.org"}}"#;
    assert_eq!(sent(&Case { person: Some(teacher()), ..CASE }), whole);
    let led = Case { person: Some(teacher()), set: &["id=x", "user.leader=true"], ..CASE };
    assert_eq!(sent(&led), whole.replace(r#"org"}}"#, r#"org","leader":true}}"#));
    let other = Case { person: Some(teacher()), set: &["id=x", "user.name=Anna"], ..CASE };
    assert_eq!(sent(&other), r#"{"id":"x","user":{"name":"Anna"}}"#);
    let guest = Case { person: Some(teacher()), guest: true, ..CASE };
    assert_eq!(sent(&guest), r#"{"id":"x"}"#);
    let added = Case { person: Some(teacher()), purpose: Purpose::AddUser, ..CASE };
    assert!(
        refused(&added).contains("--user-id, --user-name or --user-email is required (or --guest)")
    );
}

#[test]
fn a_blank_name_never_becomes_the_profiles_person() {
    let with = |file, set| Case { person: Some(teacher()), file, set, ..CASE };
    for (set, place) in [
        (&["id=x", "user.name="][..], "--set user.name"),
        (&["id=x", "user.id= "], "--set user.id"),
        (&["id=x", "user.email=", "user.leader=yes"], "--set user.email"),
    ] {
        let message = format!("{place} is blank; leave it out or name the person");
        assert!(refused(&with(None, set)).contains(&message), "{set:?}");
    }
    for user in [r#"{"name":""}"#, r#"{"id":" ","leader":true}"#] {
        let file = format!(r#"{{"id":"x","user":{user}}}"#);
        let case = with(Some(file.clone().leak()), &[]);
        assert_eq!(sent(&case), file, "as it is without a profile");
    }
    let unnamed = with(Some(r#"{"user":{"role":"student"}}"#), &["id=x"]);
    assert!(sent(&unnamed).contains(r#""id":"T1""#), "a role names nobody");
}

#[test]
fn an_invalid_person_is_not_also_reported_as_missing() {
    for (file, expected) in [
        (
            r#"{"user":{"name":5}}"#,
            "f, line 1, column 17, user.name: expected text in quotes, not a number",
        ),
        (r#"{"user":5}"#, "f, line 1, column 9, user: expected an object {...}, not a number"),
        (
            r#"{"user":{"name":""}}"#,
            "--user-id, --user-name or --user-email is required (or --guest)",
        ),
    ] {
        let case = Case { purpose: Purpose::AddUser, file: Some(file), ..CASE };
        assert_eq!(refused(&case), expected);
    }
}

#[test]
fn errors_in_the_profiles_settings_name_the_profile() {
    let with = |person| refused(&Case { person: Some(person), ..CASE });
    let blank = Person { id: Some(" ".to_owned()), ..Person::default() };
    let message = "user_id in the profile is blank; leave it out or name the person";
    assert_eq!(with(blank), message);
    let email = Person { email: Some("x".to_owned()), ..teacher() };
    assert!(
        with(email).starts_with("user_email in the profile: \"x\" is not a valid email address")
    );
}

#[test]
fn add_user_never_changes_a_space() {
    let case = Case {
        purpose: Purpose::AddUser,
        file: Some(
            r#"{"id":"x","name":"N","record_av":"bad","webhooks":{},"user":{"id":"1"},"new":1}"#,
        ),
        ..CASE
    };
    let (json, warnings) = build(&case).expect("is good");
    assert_eq!(json, r#"{"id":"x","user":{"id":"1"},"new":1}"#);
    assert_eq!(
        warnings[0],
        "f: ignored name, record_av, webhooks: add-user does not change the Space"
    );
    let set =
        Case { purpose: Purpose::AddUser, set: &["id=x", "record_av=true", "user.id=1"], ..CASE };
    assert_eq!(
        refused(&set),
        "--set record_av would change the Space, which add-user cannot do; use launch"
    );
}

#[test]
fn a_guest_has_no_person() {
    let file = Case { file: Some(r#"{"user":{"id":"1"}}"#), guest: true, ..CASE };
    assert_eq!(sent(&file), r#"{"id":"x"}"#);
    let both = Case { guest: true, set: &["id=x", "user.id=1"], ..CASE };
    assert_eq!(refused(&both), "--guest cannot be used with --set user.id");
}

#[test]
fn lesson_times_are_sent_as_utc() {
    for (set, valid_for, timeouts) in [
        (
            &["id=x", "timeouts.not_after=2026-11-23T13:00:00+02:00"][..],
            None,
            r#"{"not_after":"2026-11-23T11:00:00Z"}"#,
        ),
        (&["id=x"], Some("2h"), r#"{"not_after":"2026-11-23T12:00:01Z"}"#),
        (
            &["id=x", "timeouts.not_before=2026-12-01 14:00"],
            Some("7d"),
            r#"{"not_before":"2026-12-01T14:00:00Z","not_after":"2026-12-08T14:00:00Z"}"#,
        ),
        (&["id=x", "timeouts.not_before=now"], None, r#"{"not_before":"2026-11-23T10:00:00Z"}"#),
        (
            &["id=x", "timeouts.not_before=now"],
            Some("7d"),
            r#"{"not_before":"2026-11-23T10:00:00Z","not_after":"2026-11-30T10:00:00Z"}"#,
        ),
        (
            &["id=x", "timeouts.not_before=now"],
            Some("6d"),
            r#"{"not_before":"2026-11-23T10:00:00Z","not_after":"2026-11-29T10:00:00Z"}"#,
        ),
        (
            &["id=x", "timeouts.not_before=2026-12-01T14:00:00.5Z"],
            Some("7d"),
            r#"{"not_before":"2026-12-01T14:00:00Z","not_after":"2026-12-08T14:00:00Z"}"#,
        ),
    ] {
        let case = Case { set, valid_for, ..CASE };
        assert_eq!(sent(&case), format!(r#"{{"id":"x","timeouts":{timeouts}}}"#));
    }
    assert_eq!(sent(&Case { valid_for: Some("7d"), ..CASE }), r#"{"id":"x"}"#, "the API's default");
    let replaced = Case {
        file: Some(r#"{"timeouts":{"not_after":"2026-11-24T10:00:00Z"}}"#),
        valid_for: Some("7d"),
        ..CASE
    };
    assert_eq!(sent(&replaced), r#"{"id":"x"}"#);
}

#[test]
fn impossible_lesson_times_are_refused() {
    for (set, valid_for, message) in [
        (&["id=x", "timeouts.not_after=2026-11-23 09:00"][..], None, "this lesson is already over"),
        (
            &[
                "id=x",
                "timeouts.not_before=2026-12-02 10:00",
                "timeouts.not_after=2026-12-01 10:00",
            ],
            None,
            "is before the start",
        ),
        (
            &[
                "id=x",
                "timeouts.not_before=2026-12-01T14:00:00.1Z",
                "timeouts.not_after=2026-12-01T14:00:00.9Z",
            ],
            None,
            "--set timeouts.not_after: start and end are the same: Tue 1 Dec 2026, 14:00 UTC",
        ),
        (
            &[
                "id=x",
                "timeouts.not_before=2026-12-02 10:00",
                "timeouts.not_after=2026-12-09 10:01",
            ],
            None,
            "more than 7 days",
        ),
        (&["id=x", "timeouts.not_after=2026-11-30 10:01"], None, "a link lasts at most 7 days"),
        (&["id=x", "timeouts.not_after=soon"], None, "is not a valid time"),
        (&["id=x"], Some("8d"), "too long: a link lasts at most 7 days"),
        (&["id=x"], Some("0s"), "must be greater than zero"),
        (
            &["id=x", "timeouts.not_after=2026-11-24 10:00"],
            Some("2h"),
            "--valid-for cannot be used with --set timeouts.not_after",
        ),
    ] {
        let problem = refused(&Case { set, valid_for, ..CASE });
        let known = message.replace("more than 7 days", "7 days");
        assert!(problem.contains(&known), "{problem}");
    }
    let exactly = Case { set: &["id=x", "timeouts.not_after=2026-11-30T10:00:00Z"], ..CASE };
    assert_eq!(sent(&exactly), r#"{"id":"x","timeouts":{"not_after":"2026-11-30T10:00:00Z"}}"#);
}

#[test]
fn a_missing_id_is_an_error() {
    let case = Case { set: &[], ..CASE };
    assert_eq!(refused(&case), "--id is required");
}

#[test]
fn a_lesson_time_sets_the_start_and_the_end() {
    let lesson_time = Some("2026-12-01 14:00-14:45");
    assert_eq!(
        sent(&Case { lesson_time, ..CASE }),
        r#"{"id":"x","timeouts":{"not_before":"2026-12-01T14:00:00Z","not_after":"2026-12-01T14:45:00Z"}}"#
    );
    let file = Some(r#"{"timeouts":{"not_after":"2026-11-24T10:00:00Z"}}"#);
    assert_eq!(
        sent(&Case { file, lesson_time, ..CASE }),
        r#"{"id":"x","timeouts":{"not_after":"2026-12-01T14:45:00Z","not_before":"2026-12-01T14:00:00Z"}}"#
    );
}

#[test]
fn a_lesson_time_cannot_be_combined_with_other_times() {
    let lesson_time = Some("2026-12-01 14:00-14:45");
    let both = Case {
        lesson_time,
        set: &["id=x", "timeouts.not_before=now", "timeouts.not_after=2026-12-02 10:00"],
        ..CASE
    };
    assert_eq!(
        refused(&both),
        "--lesson-time cannot be used with --set timeouts.not_before\n\
         --lesson-time cannot be used with --set timeouts.not_after"
    );
    let length = Case { lesson_time, valid_for: Some("45m"), ..CASE };
    assert_eq!(refused(&length), "--lesson-time cannot be used with --valid-for");
}

#[test]
fn past_lesson_times_are_recognised() {
    let over = |set: &str, lesson_time| -> Vec<(ProblemKind, String)> {
        let clock =
            Clock { now: "2026-11-23T10:00:00Z".parse().expect("a time"), zone: TimeZone::UTC };
        let assignments: Vec<_> = vec![Assignment::parse_set(set).expect("is good")];
        let mut findings = Findings::default();
        let layers = BodyLayers {
            purpose: Purpose::Launch,
            person: None,
            base: BodyFile::parse("f", br#"{"id":"x"}"#.to_vec()).expect("is JSON").body,
            file: None,
            assignments: &assignments,
            valid_for: None,
            lesson_time,
            guest: false,
            strict: false,
            id_place: "id",
            shorten_ids: false,
        };
        compose(layers, &mut findings).resolve(None, &clock, &mut findings);
        findings.problems.iter().map(|problem| (problem.kind, problem.message.clone())).collect()
    };
    let ended = |message: &str| vec![(ProblemKind::Ended, message.to_owned())];
    for (set, expected) in [
        (
            "timeouts.not_after=2026-11-23T10:00:00Z",
            ended("this lesson is already over (it ended Mon 23 Nov 2026, 10:00 UTC)"),
        ),
        ("timeouts.not_after=2026-11-23T10:00:01Z", vec![]),
        (
            "timeouts.not_before=2026-11-16T10:00:00Z",
            ended(
                "this lesson is already over (it started Mon 16 Nov 2026, 10:00 UTC, and a link lasts \
                 at most 7 days)",
            ),
        ),
        ("timeouts.not_before=2026-11-16T10:00:01Z", vec![]),
    ] {
        assert_eq!(over(set, None), expected, "{set}");
    }
    let lesson = LessonTime { label: "lesson time".into(), text: "2026-11-23 08:00-09:00".into() };
    assert_eq!(
        over("name=x", Some(lesson)),
        ended("this lesson is already over (it ended Mon 23 Nov 2026, 09:00 UTC)")
    );
}
