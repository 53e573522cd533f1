//! JSON as people and servers write it.

use super::*;

fn fault(text: &str) -> (usize, String, String) {
    let error = parse_commented(text).expect_err("should be refused");
    (error.offset, error.message, error.field)
}

#[test]
fn a_commented_file_keeps_order_numbers_and_escapes() {
    let text = "{ // first\n \"z\": 1.10, \"a\": [1E5, 123456789012345678901234567890,],\n\
                \"t\\u0065xt\": \"caf\\u00e9 é\", /* last */ \"n\": null, }";
    assert_eq!(
        parse_commented(text).expect("is fine").to_json(),
        r#"{"z":1.10,"a":[1E5,123456789012345678901234567890],"t\u0065xt":"caf\u00e9 é","n":null}"#
    );
}

#[test]
fn a_fault_names_its_place_and_field() {
    assert_eq!(fault("{\"a\": {\"b\": tru}}").2, "a.b");
    assert_eq!(fault("{\"a\": 1, \"b\" 2}").2, "b");
    assert_eq!(fault("{\"a\": [{\"c\": 1}, {\"b\" 2}]}").2, "a.b");
    assert_eq!(fault("{\"a\": 1, \"a\": 2}"), (9, "this field appears twice".into(), "a".into()));
    assert_eq!(fault("{\"u\": {\"a\": 1, \"a\": 2}}").2, "u.a");
    assert_eq!(fault("{\"a\": 1").1, "a { is never closed");
    let zero = "a number cannot begin with 0; as text it needs quotes";
    for text in ["{\"a\":01}", "{\"a\": -007}", "[1, 00]"] {
        assert_eq!(fault(text).1, zero, "{text}");
    }
    assert_eq!(fault("[10 1]").1, "a comma is missing before this");
    assert_eq!(fault("").1, "there is no JSON value in it");
    assert_eq!(fault("// nothing").1, "there is no JSON value in it");
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "{'a': 1}",
        "{a: 1}",
        "{\"a\": 0x1}",
        "{\"a\": +1}",
        "{\"a\": .5}",
        "{\"a\": 1.}",
        "{\"a\": 01}",
        "{\"a\": NaN}",
        "{\"a\" 1}",
        "{\"a\": 1 \"b\": 2}",
        "{} {}",
        "{\"a\": \"\n\"}",
        "{\"a\": \"\\x41\"}",
        "{,}",
        "[,]",
    ] {
        assert!(parse_commented(text).is_err(), "{text}");
    }
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    let arrays = "[".repeat(20_000);
    assert_eq!(fault(&arrays).1, "nested deeper than 128 levels");
    let objects = "{\"a\":".repeat(20_000);
    assert_eq!(fault(&objects).1, "nested deeper than 128 levels");
    let closed = format!("{}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(fault(&closed).1, "nested deeper than 128 levels");
    assert!(parse_answer(&arrays).expect_err("cut short").is_eof());
    let closed = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(!parse_answer(&closed).expect_err("too deep").is_eof());
}

#[test]
fn an_answer_comes_back_as_it_was_sent() {
    let text = r#"{"b":1.10,"a":{"x":[1E5,"\ud83d\ude00"],"é":"\ud800"},"b":null}"#;
    assert_eq!(parse_answer(text).expect("is fine").to_json(), text);
    assert!(parse_answer(r#"{"client_url": "https"#).expect_err("cut short").is_eof());
    assert!(!parse_answer("<html>").expect_err("a page").is_eof());
}

#[test]
fn an_answer_is_known_to_be_cut_wherever_it_is() {
    let is_cut =
        |text: &str| matches!(parse_answer(text), Err(error) if is_cut_short(text, &error));
    let whole = r#"{"a":"h\u00e9\n","n":-12.5e+10,"m":0.1E-2,"b":true,"c":null,"d":[1,{"e":2}]}"#;
    for length in 0..whole.len() {
        assert!(is_cut(&whole[..length]), "{}", &whole[..length]);
    }
    for text in
        [whole, "<html>", "{\"n\":1}-", "{\"n\":1..", "[1,+", "{\"n\":x.", "{\"n\":1e5e", "a."]
    {
        assert!(!is_cut(text), "{text}");
    }
}

#[test]
fn sorted_json_is_the_same_for_every_order() {
    for text in [
        r#"{"b":1.10,"a":{"d":[{"f":1,"e":2}],"c":{}},"\u0061b":"x"}"#,
        r#"{"\u0061b":"x","a":{"c":{},"d":[{"e":2,"f":1}]},"b":1.10}"#,
    ] {
        let value = parse_answer(text).expect("is fine");
        assert_eq!(value.to_json(), text);
        let sorted = value.as_object().expect("an object").to_sorted_json();
        assert_eq!(sorted, r#"{"a":{"c":{},"d":[{"e":2,"f":1}]},"\u0061b":"x","b":1.10}"#);
    }
}

#[test]
fn texts_are_changed_however_they_are_escaped() {
    let mut value = parse_answer(r#"{"k\u0065y-1":["a key-1 b","k\u0065y\u002d1"],"n":1,"m":2}"#)
        .expect("is fine");
    value.change_texts(&|text| match text {
        "1" => Some("one".to_owned()),
        _ => text.contains("key-1").then(|| text.replace("key-1", "[key]")),
    });
    assert_eq!(value.to_json(), r#"{"[key]":["a [key] b","[key]"],"n":"one","m":2}"#);
}
