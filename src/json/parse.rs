//! Parses JSON: files as people write them (comments, trailing commas), and responses as servers
//! send them (strict).

use super::{Kind, MAX_DEPTH, Member, Name, Object, Origin, Value};
use jsonc_parser::ast;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, ParseOptions, Scanner, ScannerOptions};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::ops::Range;

/// Why a text is not accepted as JSON, and where.
#[derive(Debug)]
pub struct SyntaxError {
    /// Byte offset of the error.
    pub offset: usize,
    /// What is wrong, in lower case.
    pub message: String,
    /// Path of the last field before the error; empty at the top level.
    pub field: String,
    /// Whether it is valid JSON that is not accepted: a duplicate field, or nesting too deep.
    pub is_json: bool,
}

const COMMENTED: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses JSON that may contain comments and trailing commas. Rejects duplicate names, nesting
/// beyond [`MAX_DEPTH`] and anything else that is not JSON.
pub fn parse_commented(text: &str) -> Result<Value, SyntaxError> {
    let (value, duplicates) = parse_with_duplicates(text)?;
    duplicates.into_iter().next().map_or(Ok(value), Err)
}

/// Like [`parse_commented`], but keeps duplicate names and returns an error for each.
pub fn parse_with_duplicates(text: &str) -> Result<(Value, Vec<SyntaxError>), SyntaxError> {
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &COMMENTED).map_err(
        |error| {
            let start = error.range().start;
            located(text, start, leading_zero(text, start).unwrap_or_else(|| describe(&error)))
        },
    )?;
    match parsed.value {
        Some(value) => {
            let mut kept = Keeper { text, duplicates: Vec::new(), more_duplicates: 0 };
            let value = kept.value(&value, "", 1)?;
            if let (Some(last), 1..) = (kept.duplicates.last_mut(), kept.more_duplicates) {
                last.message = format!("duplicate field, and {} more", kept.more_duplicates);
            }
            Ok((value, kept.duplicates))
        }
        None => Err(located(text, text.len(), "no JSON value found".to_owned())),
    }
}

/// Parses strict JSON: no comments, no trailing commas, no duplicate names.
pub fn parse_strict(text: &str) -> Result<Value, SyntaxError> {
    if let Err(error) = serde_json::from_str::<&RawValue>(text) {
        return Err(located(text, 0, error.to_string()));
    }
    parse_commented(text).map_err(|error| SyntaxError { is_json: true, ..error })
}

/// Parses strict JSON that is part of a larger text. Places are counted in the larger text.
pub fn parse_part(text: &str, part: Range<usize>) -> Result<Value, SyntaxError> {
    let start = part.start;
    let mut value = parse_strict(&text[part])
        .map_err(|error| SyntaxError { offset: start + error.offset, ..error })?;
    value.shift(start);
    Ok(value)
}

struct Keeper<'a> {
    text: &'a str,
    duplicates: Vec<SyntaxError>,
    /// The number of duplicates beyond [`MAX_DUPLICATES`], which are not kept.
    more_duplicates: usize,
}

/// Maximum number of duplicates to keep and report.
const MAX_DUPLICATES: usize = 100;

impl Keeper<'_> {
    fn value(
        &mut self,
        value: &ast::Value,
        path: &str,
        depth: usize,
    ) -> Result<Value, SyntaxError> {
        use jsonc_parser::common::Ranged;
        let offset = value.start();
        if depth > MAX_DEPTH {
            return Err(located(self.text, offset, too_deep()));
        }
        let kind = match value {
            ast::Value::Object(object) => Kind::Object(self.object(object, path, depth)?),
            ast::Value::Array(array) => Kind::Array(
                array
                    .elements
                    .iter()
                    .map(|element| self.value(element, path, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            _ => Kind::Scalar(scalar(self.text, offset, value.text(self.text))?),
        };
        Ok(Value { origin: Origin::File(offset), kind })
    }

    fn object(
        &mut self,
        object: &ast::Object,
        parent: &str,
        depth: usize,
    ) -> Result<Object, SyntaxError> {
        let text = self.text;
        let mut kept = Object::default();
        let mut names = HashSet::new();
        for property in &object.properties {
            let ast::ObjectPropName::String(name) = &property.name else {
                return Err(located(
                    text,
                    property.range.start,
                    "field names need double quotes".into(),
                ));
            };
            let (start, end) = (name.range.start, name.range.end);
            let name = Name::from_raw(scalar(text, start, &text[start..end])?, Some(start));
            let is_duplicate = !names.insert(name.text().to_owned());
            let is_kept = !is_duplicate || self.duplicates.len() < MAX_DUPLICATES;
            if !is_kept {
                self.more_duplicates += 1;
            } else if is_duplicate {
                self.duplicates.push(SyntaxError {
                    offset: start,
                    message: "duplicate field".to_owned(),
                    field: joined(parent, name.text()),
                    is_json: false,
                });
            }
            let value = match &property.value {
                container @ (ast::Value::Object(_) | ast::Value::Array(_)) => {
                    self.value(container, &joined(parent, name.text()), depth + 1)?
                }
                scalar => self.value(scalar, "", depth + 1)?,
            };
            if is_kept {
                kept.members.push(Member { value, name });
            }
        }
        Ok(kept)
    }
}

/// A path with one more name. It does not get longer than messages show: one long name can be in the paths of
/// many fields.
fn joined(parent: &str, name: &str) -> String {
    const LONGEST: usize = 1000;
    if parent.len() > LONGEST {
        return parent.to_owned();
    }
    let dot = if parent.is_empty() { "" } else { "." };
    format!("{parent}{dot}{}", name.chars().take(LONGEST).collect::<String>())
}

/// The raw text of a scalar, if `serde_json`, which is stricter, accepts it too.
fn scalar(text: &str, offset: usize, raw: &str) -> Result<String, SyntaxError> {
    match serde_json::from_str::<&RawValue>(raw) {
        Ok(_) => Ok(raw.to_owned()),
        Err(_) if raw.starts_with('"') => Err(located(
            text,
            offset,
            "text contains a line break or control character; use \\n or \\t".into(),
        )),
        Err(_) => Err(located(text, offset, "not a valid JSON number".to_owned())),
    }
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

fn describe(error: &ParseError) -> String {
    use ParseErrorKind as Fault;
    match error.kind() {
        Fault::NestingDepthExceeded => too_deep(),
        Fault::UnterminatedObject => "unclosed {".to_owned(),
        Fault::UnterminatedArray => "unclosed [".to_owned(),
        Fault::UnterminatedCommentBlock => "unclosed /* comment".to_owned(),
        Fault::ExpectedComma => "missing comma before this".to_owned(),
        Fault::SingleQuotedStringsNotAllowed => "text needs double quotes".to_owned(),
        Fault::UnexpectedWord | Fault::UnexpectedToken => {
            "not a JSON value; put text in double quotes".to_owned()
        }
        Fault::ExpectedStringObjectProperty => "field names need double quotes".to_owned(),
        Fault::ExpectedColonAfterObjectKey => "missing colon after the field name".into(),
        Fault::ExpectedObjectValue => "missing value for this field".to_owned(),
        Fault::MultipleRootJsonValues => "unexpected text after the JSON value".to_owned(),
        other => {
            let message = other.to_string();
            let mut letters = message.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_lowercase().chain(letters).collect::<String>()
            })
        }
    }
}

/// For `01`, the parser reads the 0 as a number and reports a missing comma after it.
fn leading_zero(text: &str, offset: usize) -> Option<String> {
    let (before, digits) = text.split_at_checked(offset)?;
    let rest =
        before.strip_suffix('0').filter(|_| digits.starts_with(|c: char| c.is_ascii_digit()))?;
    let is_start = !rest.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+'));
    is_start.then(|| "a number cannot start with 0; put text in double quotes".to_owned())
}

fn located(text: &str, offset: usize, message: String) -> SyntaxError {
    let offset = offset.min(text.len());
    let message = typographic(&text[offset..]).unwrap_or(message);
    SyntaxError { offset, message, field: field_before(text, offset), is_json: false }
}

/// Explains a typographic quote, which word processors and web pages substitute for a plain one.
fn typographic(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    matches!(first, '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '\u{ab}' | '\u{bb}').then(
        || {
            format!(
                "{first} (U+{:04X}) is a typographic quote; use a plain one: \"",
                u32::from(first)
            )
        },
    )
}

/// The path of the field at `offset`, from the tokens before it.
fn field_before(text: &str, offset: usize) -> String {
    let mut scanner = Scanner::new(
        text,
        &ScannerOptions {
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        },
    );
    // The names down to the place; lists have none.
    let mut path: Vec<String> = Vec::new();
    let mut is_object = Vec::new();
    let mut name_is_due = false;
    while let Ok(Some(token)) = scanner.scan() {
        if scanner.token_start() > offset {
            break;
        }
        match token {
            Token::OpenBrace | Token::OpenBracket => {
                path.push(String::new());
                is_object.push(token == Token::OpenBrace);
                name_is_due = true;
            }
            Token::CloseBrace | Token::CloseBracket => {
                path.pop();
                is_object.pop();
            }
            Token::Comma => name_is_due = true,
            Token::String(text) if name_is_due && is_object.last() == Some(&true) => {
                name_is_due = false;
                if let Some(last) = path.last_mut() {
                    *last = text.into_owned();
                }
            }
            _ => {}
        }
    }
    path.retain(|name| !name.is_empty());
    path.truncate(8);
    path.join(".")
}

/// Whether a text that [`parse_answer`] rejected with `error` is JSON that was cut short. A number
/// that was cut can continue with a digit.
pub fn is_cut_short(text: &str, error: &serde_json::Error) -> bool {
    let goes_on = || matches!(parse_answer(&format!("{text}0")), Err(error) if error.is_eof());
    error.is_eof() || (text.ends_with(['-', '+', '.', 'e', 'E']) && goes_on())
}

/// Parses a server's response: strict JSON. The text is read only twice, even if deeply nested.
pub fn parse_answer(text: &str) -> Result<Value, serde_json::Error> {
    let text = text.trim_ascii();
    let _: &RawValue = serde_json::from_str(text)?;
    Splitter { text, at: 0 }.value(1)
}

/// Splits valid JSON into its values.
struct Splitter<'a> {
    text: &'a str,
    /// The byte offset of the next character.
    at: usize,
}

impl Splitter<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, serde_json::Error> {
        if depth > MAX_DEPTH {
            return Err(serde::de::Error::custom(too_deep()));
        }
        let kind = match self.next() {
            Some(b'{') => {
                let mut object = Object::default();
                while self.has_another(b'}') {
                    let name = Name::from_raw(self.scalar()?, None);
                    self.next();
                    self.at += ":".len();
                    object.members.push(Member { name, value: self.value(depth + 1)? });
                }
                object.members.shrink_to_fit();
                Kind::Object(object)
            }
            Some(b'[') => {
                let mut items = Vec::new();
                while self.has_another(b']') {
                    items.push(self.value(depth + 1)?);
                }
                Kind::Array(items)
            }
            _ => Kind::Scalar(self.scalar()?),
        };
        Ok(Value { origin: Origin::Unplaced, kind })
    }

    /// Skips whitespace, and returns the next byte.
    fn next(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_ascii_start().len();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips the start of a list or an object, a comma, or the `end`, and returns whether another item
    /// follows.
    fn has_another(&mut self, end: u8) -> bool {
        let is_end = self.next() == Some(end);
        self.at += 1;
        if is_end {
            return false;
        }
        // Only an empty one ends right after its start.
        let is_empty = self.next() == Some(end);
        self.at += usize::from(is_empty);
        !is_empty
    }

    /// The raw text of a string, a number or a word.
    fn scalar(&mut self) -> Result<String, serde_json::Error> {
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter();
        let raw: Option<&RawValue> = values.next().transpose()?;
        self.at += values.byte_offset();
        Ok(raw.map(|raw| raw.get().to_owned()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    //! JSON as people and servers write it.

    use super::*;

    fn fault(text: &str) -> (usize, String, String) {
        let error = parse_commented(text).expect_err("should be refused");
        (error.offset, error.message, error.field)
    }

    #[test]
    fn a_file_with_comments_keeps_its_order_numbers_and_escapes() {
        let text = "{ // first\n \"z\": 1.10, \"a\": [1E5, 123456789012345678901234567890,],\n\
                    \"t\\u0065xt\": \"caf\\u00e9 é\", /* last */ \"n\": null, }";
        assert_eq!(
            parse_commented(text).expect("is fine").to_json(),
            r#"{"z":1.10,"a":[1E5,123456789012345678901234567890],"t\u0065xt":"caf\u00e9 é","n":null}"#
        );
    }

    #[test]
    fn an_error_names_its_place_and_field() {
        assert_eq!(fault("{\"a\": {\"b\": tru}}").2, "a.b");
        assert_eq!(fault("{\"a\": 1, \"b\" 2}").2, "b");
        assert_eq!(fault("{\"a\": [{\"c\": 1}, {\"b\" 2}]}").2, "a.b");
        assert_eq!(fault("{\"a\": 1, \"a\": 2}"), (9, "duplicate field".into(), "a".into()));
        assert_eq!(fault("{\"u\": {\"a\": 1, \"a\": 2}}").2, "u.a");
        assert_eq!(fault("{\"a\": 1").1, "unclosed {");
        let zero = "a number cannot start with 0; put text in double quotes";
        for text in ["{\"a\":01}", "{\"a\": -007}", "[1, 00]"] {
            assert_eq!(fault(text).1, zero, "{text}");
        }
        assert_eq!(fault("[10 1]").1, "missing comma before this");
        assert_eq!(fault("").1, "no JSON value found");
        assert_eq!(fault("// nothing").1, "no JSON value found");
    }

    #[test]
    fn invalid_json_is_refused() {
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
    fn a_response_is_kept_as_it_was_sent() {
        let text =
            r#"{"b":1.10,"a":{"x":[1E5,"\ud83d\ude00"],"é":"\ud800"},"b":null,"":[[],{},-0]}"#;
        let spaced = " {\"b\" : 1.10 ,\n\"a\":{\"x\":[ 1E5\t,\"\\ud83d\\ude00\" ],\"é\":\"\\ud800\" } \
                      ,\"b\":null\r,\"\":[ [ ],{ }, -0 ]}";
        for written in [text, spaced] {
            assert_eq!(parse_answer(written).expect("is fine").to_json(), text);
        }
        assert!(parse_answer(r#"{"client_url": "https"#).expect_err("cut short").is_eof());
        assert!(!parse_answer("<html>").expect_err("a page").is_eof());
    }

    #[test]
    fn a_truncated_response_is_detected_wherever_it_is_cut() {
        let is_cut =
            |text: &str| matches!(parse_answer(text), Err(error) if is_cut_short(text, &error));
        let whole =
            r#"{"a":"h\u00e9\n","n":-12.5e+10,"m":0.1E-2,"b":true,"c":null,"d":[1,{"e":2}]}"#;
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
    fn sorted_json_does_not_depend_on_the_original_order() {
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
    fn strings_are_changed_however_they_are_escaped() {
        let mut value =
            parse_answer(r#"{"k\u0065y-1":["a key-1 b","k\u0065y\u002d1"],"n":1,"m":2}"#)
                .expect("is fine");
        value.change_texts(&|text| match text {
            "1" => Some("one".to_owned()),
            _ => text.contains("key-1").then(|| text.replace("key-1", "[key]")),
        });
        assert_eq!(value.to_json(), r#"{"[key]":["a [key] b","[key]"],"n":"one","m":2}"#);
    }
}
