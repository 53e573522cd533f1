//! What must not be shown of an error answer: join links, secrets and tokens, wherever they stand
//! and however they are escaped.

use super::reading::Reading;
use crate::escape::LINKS;
use crate::json::{Kind, Origin, Value};
use std::ops::Range;

/// What stands in the place of a credential.
const MASK: &str = "[hidden]";

/// The fields that hold credentials, in lower case.
const FIELDS: [&str; 4] = ["client_url", "clienturl", "client-url", "secret"];

/// Replaces the credentials in an error body.
pub fn hide_credentials(value: &mut Value) {
    hide_fields(value);
    value.change_texts(&|text| {
        let hidden = hide_in_text(text);
        (hidden != text).then_some(hidden)
    });
}

fn hide_fields(value: &mut Value) {
    match &mut value.kind {
        Kind::Object(object) => {
            for (name, value) in object.iter_mut() {
                if FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
                    *value = Value::text(MASK, Origin::Unplaced);
                } else {
                    hide_fields(value);
                }
            }
        }
        Kind::Array(items) => items.iter_mut().for_each(hide_fields),
        Kind::Scalar(_) => {}
    }
}

/// Replaces the credentials in a text: what a field such as `secret` is said to be, what makes a
/// join link, and JSON Web Tokens.
pub fn hide_in_text(text: &str) -> String {
    let reading = Reading::of(text);
    let characters = reading.characters();
    let mut found = Vec::new();
    let mut index = 0;
    while index < characters.len() {
        let range = field_value(characters, index)
            .or_else(|| rest_of_link(characters, index))
            .or_else(|| token(characters, index));
        match range {
            Some(range) => {
                index = range.end;
                found.push(range);
            }
            None => index += 1,
        }
    }
    reading.masked(&found, MASK).into_owned()
}

/// The value in `secret: sss` or `"client_url":"https://..."`, if such a field begins here. It may
/// be cut short.
fn field_value(characters: &[char], start: usize) -> Option<Range<usize>> {
    let is_word = |character: &char| character.is_alphanumeric() || *character == '_';
    if start > 0 && is_word(&characters[start - 1]) {
        return None;
    }
    let field = FIELDS.iter().find(|field| begins_with(&characters[start..], field))?;
    let skip = |from: usize, skipped: &str| {
        let rest = characters.iter().skip(from);
        from + rest.take_while(|character| skipped.contains(**character)).count()
    };
    let separator = skip(start + field.len(), "\"'` \t\r\n");
    if !matches!(characters.get(separator), Some(':' | '=')) {
        return None;
    }
    let value = skip(separator, "\"'` \t\r\n:=>[(");
    let quote = characters[value - 1];
    let ends = |character: char| match quote {
        '"' | '\'' | '`' => character == quote,
        _ => character.is_whitespace() || ",;&\"'<>)]}".contains(character),
    };
    let length = characters[value..].iter().take_while(|character| !ends(**character)).count();
    (length > 0).then_some(value..value + length)
}

/// What follows the host of a join link that begins here.
fn rest_of_link(characters: &[char], start: usize) -> Option<Range<usize>> {
    if !begins_with(&characters[start..], LINKS) {
        return None;
    }
    let rest = start + LINKS.len();
    let is_part = |character: char| !character.is_whitespace() && !"\"'`<>\\".contains(character);
    let length = characters[rest..].iter().take_while(|character| is_part(**character)).count();
    (length > 0).then_some(rest..rest + length)
}

/// A JSON Web Token that begins here: `eyJ`, and at least one dot. A token that was cut after its
/// second part still tells whose it is.
fn token(characters: &[char], start: usize) -> Option<Range<usize>> {
    if !characters[start..].starts_with(&['e', 'y', 'J']) {
        return None;
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.=".contains(character);
    let length = characters[start..].iter().take_while(|character| is_part(**character)).count();
    let token = start..start + length;
    characters[token.clone()].contains(&'.').then_some(token)
}

fn begins_with(characters: &[char], word: &str) -> bool {
    characters.len() >= word.len()
        && characters.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_secrets_and_tokens_are_hidden_in_json() {
        for (json, shown) in [
            (
                r#"{"detail":"see https://go.room.sh/?user=eyJh.eyJi.c-_d&room=r","x":"eyJ"}"#,
                r#"{"detail":"see https://go.room.sh/[hidden]","x":"eyJ"}"#,
            ),
            (
                r#"{"data":[{"client_url":"https://x","secret":5,"Secret":null,"CLIENT_URL":{}}]}"#,
                r#"{"data":[{"client_url":"[hidden]","secret":"[hidden]","Secret":"[hidden]","CLIENT_URL":"[hidden]"}]}"#,
            ),
            (
                r#"{"eyJh.eyJi.c":["x"],"https://go.room.sh/j/abc":1,"https://e.org/?eyJh.eyJi":2}"#,
                r#"{"[hidden]":["x"],"https://go.room.sh/[hidden]":1,"https://e.org/?[hidden]":2}"#,
            ),
            (
                r#"{"detail":"{\"client_url\":\"https://go.room.sh/j/abc\",\"n\":1,\"secret\":\"sss\"}"}"#,
                r#"{"detail":"{\"client_url\":\"[hidden]\",\"n\":1,\"secret\":\"[hidden]\"}"}"#,
            ),
        ] {
            let mut value = crate::json::parse_answer(json).expect("is JSON");
            hide_credentials(&mut value);
            assert_eq!(value.to_json(), shown);
        }
    }

    #[test]
    fn links_secrets_and_tokens_are_hidden_in_text() {
        for (text, shown) in [
            (
                r#"{"client_url":"https://go.room.sh/j/abc","secret":"sss"#,
                r#"{"client_url":"[hidden]","secret":"[hidden]"#,
            ),
            (r#"{"client_url":"https:\/\/e.org\/j"#, r#"{"client_url":"[hidden]"#),
            (r#"{"s\u0065cret" : 'sss', "a": 1"#, r#"{"s\u0065cret" : '[hidden]', "a": 1"#),
            (r#"{\"secret\":\"sss\",\"a\":1"#, r#"{\"secret\":\"[hidden]\",\"a\":1"#),
            (
                "secret: sss, Secret=sss; CLIENT_URL=https://e.org/x&a=1",
                "secret: [hidden], Secret=[hidden]; CLIENT_URL=[hidden]&a=1",
            ),
            ("{\"secret\":[\"sss\"]}", "{\"secret\":[\"[hidden]\"]}"),
            ("secret sss, the_secret: x, secretly: y", "secret sss, the_secret: x, secretly: y"),
            ("a eyJh.eyJi.c-_d b", "a [hidden] b"),
            ("a eyJh.eyJi", "a [hidden]"),
            ("a eyJh%2EeyJi%2ec&b", "a [hidden]&b"),
            ("a eyJh%252EeyJi", "a [hidden]"),
            ("a eyJh b", "a eyJh b"),
            ("see http://GO.room.sh/j/abc?x=1#y now", "see http://GO.room.sh/[hidden] now"),
            ("https%3A%2F%2Fgo.room.sh%2Fj%2Fabc", "https%3A%2F%2Fgo.room.sh%2F[hidden]"),
            ("https://go.room.sh/ is up", "https://go.room.sh/ is up"),
            ("secret:", "secret:"),
        ] {
            assert_eq!(hide_in_text(text), shown);
        }
    }
}
