//! JSON rosters: a sequence of objects in any layout, or one array of them.

use super::{Bodies, Entry, MAX_CELL_SIZE, MAX_TABLE_SIZE, TooLarge, csv};
use crate::error::{Error, Result};
use crate::json::{self, Kind, Member, Object, Value};
use crate::problem::{Position, Problem, excerpt, place_in_text};
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// The member with the result of an earlier run; never sent.
const RESULT: &str = "result";

/// Largest object, in bytes.
const MAX_ENTRY_SIZE: usize = MAX_CELL_SIZE;

/// Reading stops after this many problems.
const MAX_PROBLEMS: usize = 20;

pub(super) fn parse(shown: &str, text: String) -> Result<Bodies> {
    parse_within(shown, text, MAX_TABLE_SIZE)
}

/// Reads the objects of a text, using at most `limit` bytes of memory.
fn parse_within(shown: &str, text: String, limit: usize) -> Result<Bodies> {
    let mut reader = Reader { shown, text: &text, limit, ..Reader::default() };
    let start = text.len() - text.trim_start().len();
    if text[start..].starts_with('[') {
        reader.array(start);
    } else {
        reader.objects(start);
    }
    let Reader { entries, problems, fault, .. } = reader;
    match fault {
        Some(fault) => Err(fault),
        None if !problems.is_empty() => Err(Error::of_problems(problems)),
        None if entries.is_empty() => Err(Error::about(
            shown,
            "is empty; it must contain JSON objects, such as {\"id\": \"room1\"}",
        )),
        None => {
            let line_end = csv::first_line_end(&text).filter(|end| *end != "\r").unwrap_or("\n");
            Ok(Bodies { text, entries, line_end, has_bom: false })
        }
    }
}

#[derive(Default)]
struct Reader<'a> {
    shown: &'a str,
    text: &'a str,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
    /// An error that makes the whole roster unreadable.
    fault: Option<Error>,
    /// The byte offset up to which lines have been counted, and its line number.
    counted: (usize, u32),
    /// Memory of the entries, in bytes.
    size: usize,
    limit: usize,
}

impl Reader<'_> {
    /// Reads a sequence of objects. After invalid JSON, continues at the next line that starts with `{`.
    fn objects(&mut self, start: usize) {
        let mut start = start;
        while start < self.text.len() && !self.is_finished() {
            let rest = &self.text[start..];
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
            let mut wrong = None;
            for value in stream.by_ref() {
                match value {
                    Ok(value) => self.entry(value),
                    Err(error) => wrong = Some(error),
                }
                if wrong.is_some() || self.is_finished() {
                    break;
                }
            }
            let Some(error) = wrong else { return };
            let value = start + stream.byte_offset();
            let value = value + (self.text[value..].len() - self.text[value..].trim_start().len());
            let found =
                self.syntax_error(value, offset_of(rest, &error).map(|at| start + at), &error);
            let next = self.text[found.max(value)..].find("\n{");
            start = next.map_or(self.text.len(), |next| found.max(value) + next + 1);
        }
    }

    fn array(&mut self, start: usize) {
        let rest = &self.text[start..];
        let mut deserializer = serde_json::Deserializer::from_str(rest);
        let read = deserializer.deserialize_seq(Items(self)).and_then(|()| deserializer.end());
        if let Err(error) = read
            && !self.is_finished()
        {
            if error.is_eof() {
                let message = "unclosed [; a ] or the end of the file is missing";
                self.problem(start, "", message);
                return;
            }
            let at = offset_of(rest, &error).map_or(start, |at| start + at);
            // The invalid value starts after the last known one.
            let known = self.counted.0.max(start);
            let after = self.text[known..].find('{').map_or(at, |brace| known + brace);
            let value = if self.entries.is_empty() { after.min(at) } else { at };
            self.syntax_error(value, Some(at), &error);
        }
    }

    fn is_finished(&self) -> bool {
        self.fault.is_some() || self.problems.len() >= MAX_PROBLEMS
    }

    /// Adds a problem for invalid JSON and returns its byte offset.
    fn syntax_error(
        &mut self,
        value: usize,
        at: Option<usize>,
        error: &serde_json::Error,
    ) -> usize {
        let at = at.unwrap_or(value);
        // The other parser has clearer messages; use them unless it stops later.
        let end = self.text.len().min(value + MAX_ENTRY_SIZE);
        let end = start_of_character(self.text, end);
        let better = json::parse_commented(&self.text[value..end]).err();
        let better = better.filter(|better| value + better.offset <= at + 1);
        let (at, field, message) = if let Some(better) = better {
            (value + better.offset, better.field, better.message)
        } else {
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            (at, String::new(), format!("invalid JSON: {words}"))
        };
        self.problem(at, &field, &message);
        at
    }

    /// Adds a problem at a byte offset.
    fn problem(&mut self, at: usize, field: &str, message: &str) {
        let at = start_of_character(self.text, at.min(self.text.len()));
        let position = Position::of(self.text, at);
        let place = place_in_text(self.shown, position, field);
        let excerpt = excerpt(self.text, at, position.line);
        self.problems.push(Problem { excerpt, ..Problem::new(place, message) });
    }

    /// Adds an entry, or a problem if the value cannot be one.
    fn entry(&mut self, value: &RawValue) {
        let raw = value.get();
        let start = raw.as_ptr().addr() - self.text.as_ptr().addr();
        let part = start..start + raw.len();
        let line = self.line_at(start);
        if raw.len() > MAX_ENTRY_SIZE {
            let message = format!("the object on line {line} is larger than 1 MiB");
            self.fault = Some(Error::usage(self.shown, message));
            return;
        }
        match self.body(part) {
            Ok((body, result)) => {
                self.size += size_of::<Entry>() * 2 + size_of_object(&body);
                self.size += result.as_ref().map_or(0, size_of_object);
                self.entries.push(Entry { line, body, result });
                if self.size > self.limit {
                    self.fault = Some(Error::about(self.shown, TooLarge.to_string()));
                }
            }
            Err((at, field, message)) => self.problem(at, &field, &message),
        }
    }

    /// Splits an object into its body and its result. An error is a byte offset, a field and a message.
    fn body(
        &self,
        part: Range<usize>,
    ) -> Result<(Object, Option<Object>), (usize, String, String)> {
        let start = part.start;
        let value = json::parse_part(self.text, part)
            .map_err(|error| (error.offset, error.field, error.message))?;
        let found = value.kind_name();
        let Kind::Object(mut body) = value.kind else {
            return Err((start, String::new(), format!("expected a JSON object, not {found}")));
        };
        let result = match body.remove(RESULT) {
            None => None,
            Some(Value { kind: Kind::Object(result), .. }) => Some(result),
            Some(value) if value.is_null() => None,
            Some(value) => {
                let found = value.kind_name();
                return Err((start, RESULT.to_owned(), format!("expected an object, not {found}")));
            }
        };
        Ok((body, result))
    }

    /// The line number of an offset, which must not be smaller than the previous one.
    fn line_at(&mut self, offset: usize) -> u32 {
        let (counted, line) = self.counted;
        let ends = self.text[counted..offset].bytes().filter(|byte| *byte == b'\n').count();
        let line = line.max(1).saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
        self.counted = (offset, line);
        line
    }
}

/// Visits the values of an array one by one.
struct Items<'a, 'b>(&'a mut Reader<'b>);

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(value) = items.next_element::<&RawValue>()? {
            self.0.entry(value);
            if self.0.is_finished() {
                return Err(serde::de::Error::custom("finished"));
            }
        }
        Ok(())
    }
}

/// The byte offset of an error's line and column.
fn offset_of(text: &str, error: &serde_json::Error) -> Option<usize> {
    let before: usize =
        text.split_inclusive('\n').take(error.line().checked_sub(1)?).map(str::len).sum();
    let at = (before + error.column().saturating_sub(1)).min(text.len());
    Some(start_of_character(text, at))
}

/// The offset, moved back to the start of its character.
fn start_of_character(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Approximate memory of an object, in bytes.
fn size_of_object(object: &Object) -> usize {
    let of_member = |member: &Member| {
        size_of::<Member>() + member.name().len() + 32 + size_of_value(&member.value)
    };
    object.members().iter().map(of_member).sum()
}

fn size_of_value(value: &Value) -> usize {
    match &value.kind {
        Kind::Object(object) => size_of_object(object),
        Kind::Array(items) => {
            items.iter().map(|item| size_of::<Value>() + size_of_value(item)).sum()
        }
        Kind::Scalar(raw) => raw.len() + 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Origin;

    fn bodies(text: &str) -> Bodies {
        parse("class.jsonl", text.to_owned()).expect(text)
    }

    fn found(text: &str) -> Vec<(u32, String)> {
        bodies(text).entries.iter().map(|entry| (entry.line, entry.body.to_json())).collect()
    }

    fn refusal(text: &str) -> String {
        let error = parse("class.jsonl", text.to_owned()).expect_err(text);
        std::iter::once(error.to_string())
            .chain(error.causes.clone())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn objects_are_found_in_any_layout() {
        let (one, pretty) =
            (r#"{"a":"}{","b":[1,{}]}"#, "{\n  \"a\": \"}{\",\n  \"b\": [1, {}]\n}");
        for (text, expected) in [
            ("{\"a\":1}\r\n\r\n{}\n".to_owned(), vec![(1, "{\"a\":1}"), (3, "{}")]),
            ("{} {}{}\n".to_owned(), vec![(1, "{}"), (1, "{}"), (1, "{}")]),
            (format!("{pretty}\n{pretty}"), vec![(1, one), (5, one)]),
            (format!("\n[\n{pretty},\n{{}}\n]\n"), vec![(3, one), (7, "{}")]),
            (r#"{"n":1E5,"m":1.50}"#.to_owned(), vec![(1, r#"{"n":1E5,"m":1.50}"#)]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(line, json)| (line, json.to_owned())).collect();
            assert_eq!(found(&text), expected, "{text}");
        }
        assert_eq!(bodies("{}\r\n{}").line_end, "\r\n");
        assert_eq!(bodies("{}").line_end, "\n");
    }

    #[test]
    fn places_refer_to_the_file() {
        let text = "{}\n  {\"id\": \"x\", \"user\": {\"name\": 7}}\n";
        let bodies = bodies(text);
        let body = &bodies.entries[1].body;
        let name = body.at(&["user", "name"]).expect("a name");
        assert_eq!(name.origin, Origin::File(text.find('7').expect("is there")));
        let member = &body.members()[1];
        assert_eq!(member.origin(), Origin::File(text.find("\"user\"").expect("is there")));
    }

    #[test]
    fn a_result_is_not_part_of_the_body() {
        for (text, body, result) in [
            (r#"{"result":{"a":[1]},"id":"x"}"#, r#"{"id":"x"}"#, Some(r#"{"a":[1]}"#)),
            (r#"{"id":"x","resu\u006ct":null}"#, r#"{"id":"x"}"#, None),
            (r#"{"result":{}}"#, "{}", Some("{}")),
            (r#"{"results":1}"#, r#"{"results":1}"#, None),
        ] {
            let bodies = bodies(text);
            let entry = &bodies.entries[0];
            assert_eq!(entry.body.to_json(), body);
            assert_eq!(entry.result.as_ref().map(Object::to_json).as_deref(), result);
        }
    }

    #[test]
    fn values_that_are_not_objects_are_refused_with_their_place() {
        for (text, message) in [
            (
                "{\"id\": }",
                "class.jsonl, line 1, column 8: unexpected close brace\n1 | {\"id\": }\n  |        ^",
            ),
            (
                "\n[{},\n{\"a\":1",
                "class.jsonl, line 2, column 1: unclosed [; a ] or the end of the file is missing\n2 | [{},\n  | ^",
            ),
            (
                "{}\n[1]",
                "class.jsonl, line 2, column 1: expected a JSON object, not a list\n2 | [1]\n  | ^",
            ),
            (
                "{\"result\":{},\"result\":{}}",
                "class.jsonl, line 1, column 14, result: duplicate field\n\
                 1 | {\"result\":{},\"result\":{}}\n  |              ^",
            ),
            (
                "{\"result\":7}",
                "class.jsonl, line 1, column 1, result: expected an object, not a number\n\
                 1 | {\"result\":7}\n  | ^",
            ),
        ] {
            assert_eq!(refusal(text), message);
        }
        for text in [
            "{\"id\": 1",
            "{\"id\": 1} x",
            "[{}",
            "[{} {}]",
            "[{\"a\":1",
            "[,]",
            ",",
            "[{}] {}",
            "[{},]",
            "{1:2}",
            "{\"a\":\"x\n\"}",
            "{\"a\": 1, // why\n}",
            "]",
            "{\"a\":1,}",
            "nul",
            "{\"]\u{e9}\n\"\\]3:\\}: \n}",
        ] {
            let message = refusal(text);
            assert!(message.starts_with("class.jsonl, line "), "{text:?}: {message}");
        }
        assert!(refusal(" \n").contains("is empty") && refusal("[]").contains("is empty"));
    }

    #[test]
    fn all_bad_lines_are_reported_at_once() {
        let message = refusal("{\"a\": 1\n{}\n{\"b\": tru}\n{\"c\": 1}\n7\n");
        assert!(message.starts_with("3 problems with the input"), "{message}");
        for place in ["line 2, column 1", "line 3, column 7, b", "line 5, column 1"] {
            assert!(message.contains(place), "{message}");
        }
    }

    #[test]
    fn excessive_sizes_are_refused() {
        let large = format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20));
        assert!(
            refusal(&format!("{{}}\n{large}"))
                .contains("the object on line 2 is larger than 1 MiB")
        );
        let many = "{\"a\":[1,2]}\n".repeat(1000);
        let error = parse_within("class.jsonl", many.clone(), 100_000).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "class.jsonl has too many cells; split it into several rosters"
        );
        assert!(parse_within("class.jsonl", many, 1_000_000).is_ok());
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(refusal(&deep).contains("nested deeper than 128 levels"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9a\u{e9} \n\\\\]{0,30}") {
            let _ = parse("class.jsonl", text);
        }
    }
}
