//! JSON Lines: the body as written, and the result in its place.

use super::*;

fn parse(text: &str) -> JsonLine<'_> {
    JsonLine::parse(text, 1).expect("an object")
}

#[test]
fn lines_keep_their_text_and_numbers() {
    let text = "\u{feff}{\"id\": \"a\"}\r\n\r\n  {\"id\":1E5}\t\n{}";
    let roster = Roster::read(text.into(), &Reading::of(Format::JsonLines)).expect("read");
    assert_eq!(table(&roster), [["{\"id\": \"a\"}"], ["{\"id\":1E5}"], ["{}"]]);
    assert_eq!(lines(&roster), [1, 3, 4]);
    assert_eq!((roster.wants_bom(), roster.line_end()), (true, LineEnd::CrLf));
}

#[test]
fn a_result_is_never_sent() {
    for (text, body) in [
        (r#"{"result":{"a":[1]}, "id":"x"}"#, r#"{"id":"x"}"#),
        (r#"{ "id" : "x" , "result" : 1 }"#, r#"{ "id" : "x" }"#),
        (r#"{"id":"x","resu\u006ct":null,"n":1.50}"#, r#"{"id":"x","n":1.50}"#),
        (r#" { "result":1 } "#, " {  } "),
        (r#"{"results":1}"#, r#"{"results":1}"#),
    ] {
        assert_eq!(parse(text).body(), body);
    }
}

#[test]
fn a_result_replaces_the_earlier_one_or_comes_last() {
    for (text, with) in [
        (r#"{"id":"x"}"#, r#"{"id":"x","result":7}"#),
        (r#"{ "n": 1E5 } "#, r#"{ "n": 1E5,"result":7 } "#),
        (r#"{"result":{"a":1}, "id":"x"}"#, r#"{"result":7, "id":"x"}"#),
        ("{}", r#"{"result":7}"#),
        ("{\n  \"id\": \"a  b\"\r\n}", r#"{ "id": "a  b","result":7 }"#),
    ] {
        assert_eq!(parse(text).with_result("7"), with);
    }
}

#[test]
fn what_is_no_object_is_refused_with_its_place() {
    for (text, words) in [
        ("[1]", "not a JSON object at column 0: invalid type: sequence, expected one JSON object"),
        ("{\"id\": }", "not a JSON object at column 8: expected value"),
        ("{\"id\": 1} x", "not a JSON object at column 11: trailing characters"),
        ("{\"id\": 1", "not a JSON object at column 8: EOF while parsing an object"),
        ("{\"result\":1,\"result\":2}", "\"result\" appears twice; remove one"),
    ] {
        let error = JsonLine::parse(text, 9).expect_err("no object");
        assert_eq!((error.line, error.to_string().as_str()), (9, words));
    }
    assert!(JsonLine::parse("{1:2}", 1).is_err());
}
