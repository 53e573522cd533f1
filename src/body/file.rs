//! Reads a Launch body from a file, with comments and the place of every value.

use crate::escape::untrusted;
use crate::input::decode;
use crate::json::{self, Kind, Object, Origin};
use crate::problem::{PlacedText, Problem, excerpt, place_in_text};

/// Largest file, in bytes; the same as for a Launch body in a roster.
pub const MAX_SIZE: u64 = 1 << 20;

/// A JSON object and the text it was read from.
#[derive(Debug)]
pub struct BodyFile {
    /// The file's name, as shown in messages.
    pub name: String,
    /// Its members, each with its place in the text.
    pub body: Object,
    /// A problem for each member that repeats a name.
    pub duplicates: Vec<Problem>,
    text: PlacedText,
}

impl BodyFile {
    /// Parses a file: UTF-8 or UTF-16, with or without a BOM; comments and trailing commas are allowed.
    /// Anything other than one JSON object is a problem with line, column and field. Duplicate names are
    /// kept, so that the rest can be checked too.
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, Problem> {
        let name = if name == "-" { "standard input".to_owned() } else { untrusted(name) };
        let about = |message: &str| Problem::about(name.as_str(), message).in_file(&name, None);
        let text = decode(bytes, None).map_err(|error| about(&error.to_string()))?.text;
        if text.trim().is_empty() {
            return Err(about("is empty; expected a JSON object, such as {\"id\": \"room1\"}"));
        }
        let text = PlacedText::new(text);
        let (value, duplicates) = json::parse_with_duplicates(&text.text).map_err(|error| {
            if may_be_key(&text.text) {
                let message = "does not contain a JSON object; if it contains the API key, use --api-key-file";
                return about(message);
            }
            problem_at((&name, &text), error.offset, &error.field, &error.message)
        })?;
        let duplicates = duplicates
            .iter()
            .map(|error| problem_at((&name, &text), error.offset, &error.field, &error.message))
            .collect();
        let found = value.kind_name();
        let Kind::Object(body) = value.kind else {
            let message = format!("expected a JSON object, not {found}");
            return Err(Problem { is_predicate: false, ..about(&message) });
        };
        Ok(Self { name, body, duplicates, text })
    }

    /// A file for places in bodies that were parsed elsewhere; its own body is empty.
    pub fn of_text(name: &str, text: &str) -> Self {
        let name = if name == "-" { "standard input".to_owned() } else { untrusted(name) };
        let (body, duplicates) = (Object::default(), Vec::new());
        Self { name, body, duplicates, text: PlacedText::new(text.to_owned()) }
    }

    /// A problem with the field `path`; its value starts at `offset`.
    pub fn problem(&self, offset: usize, path: &str, message: &str) -> Problem {
        problem_at((&self.name, &self.text), offset, path, message)
    }

    /// The file, line and column of a byte offset, as shown in messages.
    pub fn place(&self, offset: usize) -> String {
        place_in_text(&self.name, self.text.position(offset), "")
    }

    /// The same body with each value labelled with its place, so that it can be merged with others.
    pub fn labelled(&self) -> Object {
        let mut value = json::Value::from(self.body.clone());
        value.place(&|origin| match origin {
            Origin::File(offset) => Origin::Label(self.place(*offset).into()),
            other => other.clone(),
        });
        match value.kind {
            Kind::Object(body) => body,
            _ => Object::default(),
        }
    }
}

/// Whether a file that is not JSON may contain the API key, which must not be shown.
fn may_be_key(text: &str) -> bool {
    let is_long = |word: &str| word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit());
    let text = text.trim();
    !text.starts_with(['{', '/']) && text.split_whitespace().any(is_long)
}

fn problem_at(
    (name, text): (&str, &PlacedText),
    offset: usize,
    field: &str,
    message: &str,
) -> Problem {
    let position = text.position(offset);
    let place = place_in_text(name, position, field);
    Problem { excerpt: excerpt(&text.text, offset, position.line), ..Problem::new(place, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(bytes: &[u8]) -> String {
        let problem = BodyFile::parse("space.json", bytes.to_vec()).expect_err("is refused");
        std::iter::once(problem.to_string()).chain(problem.excerpt).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_bom_utf_16_and_comments_are_accepted() {
        let text = "\u{feff}{\"id\": \"x\", // here\n}";
        let utf_16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes().to_vec(), utf_16] {
            let file = BodyFile::parse("f", bytes);
            assert_eq!(file.expect("is fine").body.to_json(), r#"{"id":"x"}"#);
        }
    }

    #[test]
    fn errors_in_a_file_are_reported_with_their_place() {
        for (bytes, message) in [
            (&b""[..], "space.json is empty; expected a JSON object, such as {\"id\": \"room1\"}"),
            (b" \n", "space.json is empty; expected a JSON object, such as {\"id\": \"room1\"}"),
            (b"[1]", "space.json: expected a JSON object, not a list"),
            (b"\"x\"", "space.json: expected a JSON object, not text"),
            (b"{\n\"a\xff\": 1}", "space.json is not UTF-8 (line 2); save it as UTF-8"),
            (b"\xff\xfe{\0}", "space.json is not valid UTF-16LE; save it as UTF-8"),
            (
                b"{\n  \"user\": {\"leader\": yes}\n}",
                "space.json, line 2, column 22, user.leader: not a JSON value; put text in double quotes\n2 |   \"user\": {\"leader\": yes}\n  |                      ^",
            ),
        ] {
            assert_eq!(problem(bytes), message);
        }
    }
}
