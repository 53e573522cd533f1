//! Every field of the table, with everything that its kind takes and refuses.

use super::*;
use crate::sandbox::fields::take;
use crate::sandbox::kinds::{BLANK, EMAIL, FLAG as NO_FLAG, NULL, TEXT as NO_TEXT, TIME, URL};
use serde_json::{Map, Value, json};

/// A value, and what becomes of it: another value, or the words of a refusal.
type Case = (Value, Result<Value, Value>);

fn good(given: impl Into<Value>, taken: impl Into<Value>) -> Case {
    (given.into(), Ok(taken.into()))
}

fn bad(given: impl Into<Value>, problem: &str) -> Case {
    (given.into(), Err(json!([problem])))
}

fn text_cases() -> Vec<Case> {
    vec![
        good("biology", "biology"),
        good("  biology\u{a0}\n", "biology"),
        good("\u{1c}a b\u{1f}", "a b"),
        good(7, "7"),
        good(-7, "-7"),
        good(u64::MAX, "18446744073709551615"),
        good(1.5, "1.5"),
        good(2.0, "2.0"),
        good(1e16, "1e+16"),
        good(0.000_01, "1e-05"),
        bad(true, NO_TEXT),
        bad(json!([]), NO_TEXT),
        bad(json!({}), NO_TEXT),
        bad("a\0", "Null characters are not allowed."),
    ]
}

fn flag_cases() -> Vec<Case> {
    let words = |words: &str| words.split(' ').map(|word| json!(word)).collect::<Vec<_>>();
    let yes = words("true True TRUE t T yes Yes YES y Y on On ON 1");
    let no = words("false False FALSE f F no No NO n N off Off OFF 0");
    let wrong = [json!(2), json!(-1), json!("maybe"), json!(""), json!(" true"), json!([true])];
    let yes = yes.into_iter().chain([json!(true), json!(1), json!(1.0)]);
    let no = no.into_iter().chain([json!(false), json!(0), json!(0.0)]);
    let yes = yes.map(|given| good(given, true));
    let no = no.map(|given| good(given, false));
    yes.chain(no).chain(wrong.into_iter().map(|given| bad(given, NO_FLAG))).collect()
}

fn time_cases() -> Vec<Case> {
    let two = "2026-12-01T14:00:00Z";
    let takes = [
        (two, two),
        ("2026-12-01T14:00", two),
        ("2026-12-01 14:00", two),
        ("2026-12-01T14:00Z", two),
        ("2026-12-01T14:00:00", two),
        ("2026-12-01T19:30+05:30", two),
        ("2026-12-01T19:30:00+0530", two),
        ("2026-12-01T12:00:00-02", two),
        ("2026-12-01T14:00:00+00:00", two),
        ("2026-12-01T14:00:00 +00:00", two),
        ("2026-12-1T14:00", two),
        ("2026-12-01T14:00:00.5Z", "2026-12-01T14:00:00.5Z"),
        ("2026-12-01T14:00:00.123456+00:00", "2026-12-01T14:00:00.123456Z"),
        ("2026-12-01T14:00:00,123456789Z", "2026-12-01T14:00:00.123456Z"),
    ];
    let refuses = [
        "tomorrow",
        "",
        "2026-12-01",
        "14:00",
        "2026-13-01T14:00",
        "2026-02-30T14:00",
        "2026-12-01T24:00",
        "2026-12-01T14:60",
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
    ];
    let mut cases: Vec<_> = takes.into_iter().map(|(given, taken)| good(given, taken)).collect();
    cases.extend(refuses.map(|given| bad(given, TIME)));
    cases.extend([bad(1_796_133_600, TIME), bad(true, TIME), bad(json!({}), TIME)]);
    cases
}

fn object_cases(kind: Kind) -> Vec<Case> {
    let refusal = |given: Value, name: &str| {
        let problem = format!("Invalid data. Expected a dictionary, but got {name}.");
        (given, Err(json!({"non_field_errors": [problem]})))
    };
    let mut cases = vec![
        refusal(json!("x"), "str"),
        refusal(json!([]), "list"),
        refusal(json!(1), "int"),
        refusal(json!(1.5), "float"),
        refusal(json!(true), "bool"),
        good(json!({}), json!({})),
    ];
    match kind {
        Kind::Object(_) => cases.push(good(json!({"unheard_of": [1]}), json!({}))),
        Kind::Anything => cases.push(good(json!({"a": [1, null]}), json!({"a": [1, null]}))),
        _ => {}
    }
    cases
}

fn cases(field: &Field) -> Vec<Case> {
    let mut cases = match field.kind {
        Kind::Text => text_cases(),
        Kind::Email => vec![
            good(" peter@example.org ", "peter@example.org"),
            bad("peter", EMAIL),
            bad(7, EMAIL),
            bad(false, NO_TEXT),
        ],
        Kind::Url => vec![
            good("https://example.org/hook ", "https://example.org/hook"),
            good("http://localhost:8080", "http://localhost:8080"),
            bad("example.org", URL),
            bad("ftp://example.org", URL),
            bad(7, URL),
            bad(json!([]), NO_TEXT),
        ],
        Kind::Flag => flag_cases(),
        Kind::Time => time_cases(),
        Kind::Object(_) | Kind::Each(_) | Kind::Anything => object_cases(field.kind),
    };
    if matches!(field.kind, Kind::Text | Kind::Email | Kind::Url) {
        for blank in ["", " \t"] {
            cases.push(if field.blank { good(blank, "") } else { bad(blank, BLANK) });
        }
    }
    if let Some(longest) = field.longest {
        let problem = format!("Ensure this field has no more than {longest} characters.");
        cases.push(good("é".repeat(longest), "é".repeat(longest)));
        cases.push(bad("é".repeat(longest + 1), &problem));
    }
    cases.push(if field.null { good(Value::Null, Value::Null) } else { bad(Value::Null, NULL) });
    cases
}

/// Tries every case of every field, and those of the fields inside; says how many there were.
fn try_all(fields: &[Field], place: &str) -> usize {
    let mut tried = 0;
    for field in fields {
        let place = format!("{place}.{}", field.name);
        for (given, expected) in cases(field) {
            let taken = field.take(&given);
            assert_eq!(taken, expected, "{place}: {given}");
            tried += 1;
        }
        tried += match field.kind {
            Kind::Object(inside) => try_all(inside, &place),
            Kind::Each(inside) => try_all(&[*inside], &place),
            _ => 0,
        };
    }
    tried
}

#[test]
fn every_field_takes_and_refuses_what_its_kind_does() {
    assert!(try_all(LAUNCH, "") > 800);
}

#[test]
fn the_table_names_each_field_once() {
    fn look(fields: &[Field]) {
        let mut names: Vec<_> = fields.iter().map(|field| field.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for field in fields {
            if let Kind::Object(inside) = field.kind {
                look(inside);
            }
        }
    }
    look(LAUNCH);
}

#[test]
fn only_the_id_is_required_and_only_what_the_api_removes_may_be_null() {
    let chosen = |choose: fn(&Field) -> bool| {
        LAUNCH.iter().filter(|field| choose(field)).map(|field| field.name).collect::<Vec<_>>()
    };
    assert_eq!(chosen(|field| field.required), ["id"]);
    assert_eq!(chosen(|field| field.null), ["name", "webhooks"]);
}

#[test]
fn problems_are_nested_where_their_fields_are_and_told_at_once() {
    let given = json!({
        "user": {"leader": "maybe", "id": []},
        "features": {"chat": 3, "timer": "off"},
        "timeouts": {"not_after": "soon"},
        "webhooks": {"session": {"end": "x"}, "user": "y"},
        "tags": {"a": {}},
    });
    let refusal = take(LAUNCH, given.as_object().unwrap_or(&Map::new())).expect_err("is refused");
    let expected = json!({
        "id": ["This field is required."],
        "user": {"leader": [NO_FLAG], "id": [NO_TEXT]},
        "features": {"chat": [NO_FLAG]},
        "timeouts": {"not_after": [TIME]},
        "webhooks": {
            "session": {"end": [URL]},
            "user": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
        },
        "tags": {"a": [NO_TEXT]},
    });
    assert_eq!(refusal, expected);
}
