//! The checks of a body, each with the words that it has for what is wrong.

use super::*;

fn findings(json: &str, strict: bool) -> (Vec<String>, Vec<String>) {
    let file = BodyFile::parse("f", json.as_bytes().to_vec()).expect("is JSON");
    let mut findings = Findings::default();
    Check { file: Some(&file), strict, id_place: "--id", findings: &mut findings }.body(&file.body);
    let problems = findings.problems.iter().map(ToString::to_string).collect();
    (problems, findings.warnings)
}

#[test]
fn documented_types_are_checked_and_all_faults_are_named() {
    let (problems, warnings) = findings(
        r#"{"id": 5, "name": true, "user": [], "record_av": "yes", "features": {"chat": 1, "a": {"b": true}},
 "webhooks": {"session": {"start": "example.org/x"}}, "timeouts": {"not_after": 5}, "locale": 5}"#,
        false,
    );
    assert_eq!(
        problems,
        [
            "f, line 1, column 8, id: needs text in quotes, not a number",
            "f, line 1, column 19, name: needs text in quotes, or null, not true or false",
            "f, line 1, column 33, user: needs an object {...}, not a list",
            "f, line 1, column 50, record_av: needs true or false, without quotes, not text",
            "f, line 1, column 78, features.chat: needs true or false, without quotes, not a number",
            "f, line 1, column 86, features.a: needs true or false; a dotted feature is one key, such as \"chat.enabled\": false",
            "f, line 2, column 36, webhooks.session.start: needs an absolute http or https URL; null or an empty text removes the webhook",
            "f, line 2, column 81, timeouts.not_after: needs a time in quotes, such as \"2026-12-01T14:00:00Z\", not a number",
        ]
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn an_object_is_not_a_webhook() {
    let json = r#"{"id": "x", "webhooks": {"session": {"start": {"x": "https://a/"}, "end": {}}}}"#;
    let needed = "needs an absolute http or https URL, not an object";
    for strict in [false, true] {
        let expected = [
            format!("f, line 1, column 47, webhooks.session.start: {needed}"),
            format!("f, line 1, column 75, webhooks.session.end: {needed}"),
        ];
        assert_eq!(findings(json, strict).0, expected);
    }
}

#[test]
fn unknown_fields_earn_one_warning_or_with_strict_an_error() {
    let json = r#"{"id": "x", "webhook": 1.10, "user": {"nmae": "A", "custom_jwt_parameters": {"any": 1}},
 "features": {"chat.enabld": true}, "webhooks": {"new": {"thing": "https://e.org"}}, "webhooks.new": 1}"#;
    let (problems, warnings) = findings(json, false);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        warnings,
        [
            "f, line 1, column 13: webhook: unknown field, sent as written; did you mean `webhooks`?",
            "f, line 1, column 39: user.nmae: unknown field, sent as written; did you mean `name`?",
            "f, line 2, column 15: features.chat.enabld: unknown feature, sent as written; did you mean `chat.enabled`?",
            "f, line 2, column 50: webhooks.new: unknown field, sent as written",
            "f, line 2, column 86: webhooks.new: unknown field, sent as written; did you mean `webhooks`?",
        ]
    );
    assert_eq!(findings(json, true).0.len(), 5);
}
