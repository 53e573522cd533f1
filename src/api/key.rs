//! The API key: cleaned of what people paste along with it, and never shown.

use super::reading::Reading;
use crate::words::count;
use std::fmt;

/// What stands in the place of a key that an answer echoed.
pub const MASK: &str = "[API key]";

/// Shortest key, in characters. Less is a slip, and hiding it in answers would wreck them.
const SHORTEST: usize = 8;

/// Longest key, in bytes: more is another file.
const LONGEST: usize = 4096;

/// An API key of one organisation.
#[derive(Clone)]
pub struct ApiKey(String);

/// Why a text cannot be an API key. It says nothing of the text but its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Nothing is left after cleaning.
    #[error("it is empty")]
    Empty,
    /// Too little is left.
    #[error("it has only {}", count(*length, "character"))]
    TooShort {
        /// Its length in characters after cleaning.
        length: usize,
    },
    /// A character that no header can carry, or that a paste went wrong with.
    #[error("it contains {what} ({length} characters in total)")]
    Unusable {
        /// What was found in it.
        what: &'static str,
        /// Its length in characters after cleaning.
        length: usize,
    },
}

impl ApiKey {
    /// Cleans a pasted key: blanks, line ends and BOMs around it, one pair of quotes, and a
    /// leading `Organisation `. No format is enforced beyond 8 printable ASCII characters without blanks.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let unquoted = unquote(trim(text));
        let bare = match unquoted.split_at_checked("Organisation".len()) {
            Some((word, rest))
                if word.eq_ignore_ascii_case("Organisation")
                    && (rest.is_empty() || rest.starts_with(is_blank)) =>
            {
                let rest = trim(rest);
                if unquoted.len() == trim(text).len() { unquote(rest) } else { rest }
            }
            _ => unquoted,
        };
        let length = bare.chars().count();
        let unusable = |what| KeyFault::Unusable { what, length };
        if bare.is_empty() {
            Err(KeyFault::Empty)
        } else if bare.len() > LONGEST {
            Err(unusable("too much text for an API key"))
        } else if bare.chars().any(char::is_whitespace) {
            Err(unusable("a space or a line break"))
        } else if bare.chars().any(char::is_control) {
            Err(unusable("a control character"))
        } else if !bare.is_ascii() {
            Err(unusable("a non-ASCII character"))
        } else if length < SHORTEST {
            Err(KeyFault::TooShort { length })
        } else {
            Ok(Self(bare.to_owned()))
        }
    }

    /// The key itself: for the one header, and for the config file.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the key replaced, however it is escaped.
    pub fn redact_text(&self, text: &str) -> String {
        self.hidden(text).unwrap_or_else(|| text.to_owned())
    }

    /// Replaces every occurrence of the key in an answer.
    pub fn redact(&self, answer: &mut crate::json::Value) {
        answer.change_texts(&|text| self.hidden(text));
    }

    /// The text without the key; `None` if it is not in there.
    fn hidden(&self, text: &str) -> Option<String> {
        let sought = Sought::of(&self.0);
        if text.len() < sought.letters.len() {
            return None;
        }
        let reading = Reading::of(text);
        let characters = reading.characters();
        let mut found = Vec::new();
        let mut index = 0;
        while index < characters.len() {
            match sought.length_in(&characters[index..]) {
                Some(length) => {
                    found.push(index..index + length);
                    index += length;
                }
                None => index += 1,
            }
        }
        (!found.is_empty()).then(|| reading.masked(&found, MASK).into_owned())
    }
}

/// What a key is known by in an answer.
struct Sought {
    letters: Vec<u8>,
    /// Whether dashes may be left out: in UUIDs, which programs write both ways.
    any_dashes: bool,
}

impl Sought {
    fn of(key: &str) -> Self {
        let letters: Vec<u8> = key.bytes().filter(|byte| *byte != b'-').collect();
        let is_uuid = letters.len() == 32 && letters.iter().all(u8::is_ascii_hexdigit);
        let letters = if is_uuid { letters } else { key.as_bytes().to_vec() };
        Self { any_dashes: is_uuid, letters }
    }

    /// How many characters the key takes at the start of a text, if it is there, in any case.
    fn length_in(&self, text: &[char]) -> Option<usize> {
        let mut letters = self.letters.iter();
        let mut length = 0;
        while let Some(letter) = letters.as_slice().first() {
            let (character, letter) = (*text.get(length)?, char::from(*letter));
            if character.eq_ignore_ascii_case(&letter) {
                letters.next();
            } else if !(self.any_dashes && character == '-' && length > 0) {
                return None;
            }
            length += 1;
        }
        Some(length)
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\0')
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Takes one pair of quotes off.
fn unquote(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .map_or(text, trim)
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_key_is_cleaned() {
        for text in [
            "abcd-123",
            "  abcd-123\r\n",
            "\u{feff}abcd-123",
            "\"abcd-123\"",
            "'abcd-123'\n",
            "Organisation abcd-123",
            "Organisation \"abcd-123\"",
            "\"Organisation abcd-123\"",
            "\u{feff} \"Organisation  abcd-123 \" \n",
        ] {
            assert_eq!(ApiKey::parse(text).expect(text).reveal(), "abcd-123", "{text:?}");
        }
    }

    #[test]
    fn an_unusable_key_is_described_without_showing_it() {
        for (text, message) in [
            ("", "it is empty"),
            (" \"\" ", "it is empty"),
            ("Organisation", "it is empty"),
            ("\"Organisation \"\n", "it is empty"),
            ("a", "it has only 1 character"),
            ("Organisation 'abcd-12'\n", "it has only 7 characters"),
            ("ab cd", "it contains a space or a line break (5 characters in total)"),
            ("ab\ncd", "it contains a space or a line break (5 characters in total)"),
            ("ab\u{1}c", "it contains a control character (4 characters in total)"),
            ("abcé", "it contains a non-ASCII character (4 characters in total)"),
            ("“abc”", "it contains a non-ASCII character (5 characters in total)"),
        ] {
            assert_eq!(ApiKey::parse(text).expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn an_echoed_key_is_replaced_however_it_is_written() {
        let uuid = "5a4db0c5-1111-4000-8000-0000abcdef00";
        for (key, text, shown) in [
            ("abc-DEF9", "x ABC-DEF9 abc-def9 abcDEF9", "x [API key] [API key] abcDEF9"),
            (
                "abc/def9",
                r#"{"detail": "bad abc\/def9" oops"#,
                r#"{"detail": "bad [API key]" oops"#,
            ),
            (
                "abc-def9",
                r"abc\u002ddef9 abc\\u002Ddef9 abc%2Ddef9",
                "[API key] [API key] [API key]",
            ),
            (uuid, "5A4DB0C511114000800000000ABCDEF00", "5A4DB0C511114000800000000ABCDEF00"),
            (uuid, "x5A4DB0C51111400080000000ABCDEF00y", "x[API key]y"),
            (uuid, "-5a4db0c5-1111-4000-8000-0000abcdef00-", "-[API key]-"),
            ("5a4db0c51111400080000000abcdef00", uuid, "[API key]"),
        ] {
            assert_eq!(ApiKey::parse(key).expect(key).redact_text(text), shown);
        }
    }

    #[test]
    fn debug_output_hides_the_key() {
        assert_eq!(format!("{:?}", ApiKey::parse("abcd-123").expect("a key")), "[API key]");
    }
}
