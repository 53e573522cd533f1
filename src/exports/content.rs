//! The lines of an iCalendar file (RFC 5545, section 3.1): folded lines joined, names, parameters and
//! texts taken apart.
//!
//! Written here and not taken from a crate, because messages name lines, which `calcard` and
//! `icalendar` forget, and because both guess where a line is damaged or refuse the whole file.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// A line with a name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// In capitals.
    pub name: String,
    /// Names in capitals, and values without quotes.
    parameters: Vec<(String, String)>,
    /// As written.
    pub value: String,
}

/// The lines of a file, with their numbers.
pub struct Lines<'a> {
    rest: &'a [u8],
    line: u32,
}

/// The bytes of a calendar without a byte order mark, in UTF-8 if they say that they are UTF-16.
/// Lines are folded by bytes, within characters too, so the text is not checked here.
pub fn utf_8(bytes: Vec<u8>) -> Vec<u8> {
    match Encoding::for_bom(&bytes) {
        Some((encoding, length)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned().into_bytes()
        }
        Some((_, length)) => bytes[length..].to_vec(),
        None => bytes,
    }
}

impl<'a> Lines<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, line: 0 }
    }

    fn physical(&mut self) -> &'a [u8] {
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.line += 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

impl Iterator for Lines<'_> {
    /// The number of the line that it starts on, and its text, or none if that is not UTF-8.
    type Item = (u32, Option<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut bytes = self.physical().to_vec();
        let line = self.line;
        while self.rest.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            bytes.extend_from_slice(&self.physical()[1..]);
        }
        Some((line, String::from_utf8(bytes).ok()))
    }
}

impl Property {
    /// Takes a line apart; none if it is not `NAME;PARAMETER=value:value`.
    pub fn parse(line: &str) -> Option<Self> {
        let end = line.find([';', ':'])?;
        let name = line[..end].trim();
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        let mut parameters = Vec::new();
        let mut rest = &line[end..];
        while let Some(parameter) = rest.strip_prefix(';') {
            let (text, after) = parameter.split_at(unquoted_end(parameter)?);
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            parameters.push((name.trim().to_ascii_uppercase(), parameter_text(value)));
            rest = after;
        }
        let value = rest.strip_prefix(':')?.trim().to_owned();
        is_name(name).then(|| Self { name: name.to_ascii_uppercase(), parameters, value })
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value as text, with what was escaped, on one line.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut characters = self.value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => text.push(' '),
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                character => text.push(character),
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Where a parameter ends: at the first `;` or `:` that is not in quotes.
fn unquoted_end(text: &str) -> Option<usize> {
    let mut in_quotes = false;
    text.char_indices().find_map(|(at, character)| {
        in_quotes ^= character == '"';
        (!in_quotes && matches!(character, ';' | ':')).then_some(at)
    })
}

/// A parameter's value without quotes, with the escapes of RFC 6868 and those that some write for
/// commas.
fn parameter_text(value: &str) -> String {
    let value = value.trim().replace('"', "").replace("\\,", ",").replace("\\;", ";");
    if !value.contains('^') {
        return value;
    }
    let (mut text, mut rest) = (String::new(), value.as_str());
    while let Some(at) = rest.find('^') {
        text.push_str(&rest[..at]);
        let (escaped, length) = match rest.as_bytes().get(at + 1) {
            Some(b'n') => (" ", 2),
            Some(b'\'') => ("\"", 2),
            Some(b'^') => ("^", 2),
            _ => ("^", 1),
        };
        text.push_str(escaped);
        rest = &rest[at + length..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_are_joined_and_keep_their_number() {
        let text = b"A:1\r\nB:Caf\xC3\r\n \xA9 and\n\t more\nC:\xFF\n\nD:2";
        let lines: Vec<(u32, Option<String>)> = Lines::new(text).collect();
        let line = |number, text: &str| (number, Some(text.to_owned()));
        assert_eq!(
            lines,
            [
                line(1, "A:1"),
                line(2, "B:Caf\u{e9} and more"),
                (5, None),
                line(6, ""),
                line(7, "D:2")
            ]
        );
        let utf_16: Vec<u8> =
            "\u{feff}A:\u{e9}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf_8(utf_16), "A:\u{e9}".as_bytes());
        assert_eq!(utf_8(b"\xEF\xBB\xBFA:1".to_vec()), b"A:1");
    }

    #[test]
    fn names_parameters_and_texts_are_taken_apart() {
        let property = |line: &str| Property::parse(line).expect("is a property");
        let attendee =
            property("attendee;CN=\"Byron; Ada: x\";PartStat=ACCEPTED:mailto:ada@x.example");
        assert_eq!(attendee.name, "ATTENDEE");
        assert_eq!(attendee.parameter("CN"), Some("Byron; Ada: x"));
        assert_eq!(attendee.parameter("PARTSTAT"), Some("ACCEPTED"));
        assert_eq!(attendee.value, "mailto:ada@x.example");
        assert_eq!(property("X;CN=a^'b^^n^n^x:v").parameter("CN"), Some("a\"b^n ^x"));
        assert_eq!(property("X;CN=Byron\\, Ada:v").parameter("CN"), Some("Byron, Ada"));
        assert_eq!(
            property("SUMMARY:One\\, two\\;\\n three\\\\n: 4").text(),
            "One, two; three\\n: 4"
        );
        assert_eq!(property("SUMMARY:").text(), "");
        for line in ["", "no colon", "Teacher Ada: here", ":x", "X;A=\"b:c", "Caf\u{e9}:x"] {
            assert_eq!(Property::parse(line), None, "{line:?}");
        }
    }
}
