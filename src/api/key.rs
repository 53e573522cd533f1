//! The API key: cleaned after pasting, and never shown.

use crate::json::Value;
use crate::redact;
use crate::words::count;
use std::borrow::Cow;
use std::fmt;

/// Shortest key, in characters. Anything shorter is a mistake; hiding it would garble responses.
const MIN_LENGTH: usize = 8;

/// Longest key, in bytes. Anything longer is some other file.
const MAX_LENGTH: usize = 4096;

/// The API key of one organisation.
#[derive(Clone)]
pub struct ApiKey(String);

/// Why a text cannot be an API key. Reveals only the length of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Nothing is left after cleaning.
    #[error("it is empty")]
    Empty,
    /// Too short after cleaning.
    #[error("it has only {}", count(*length, "character"))]
    TooShort {
        /// Length in characters after cleaning.
        length: usize,
    },
    /// Contains a character that is not allowed in a header or that suggests a bad paste.
    #[error("it contains {what} ({length} characters in total)")]
    Unusable {
        what: &'static str,
        /// Length in characters after cleaning.
        length: usize,
    },
}

impl ApiKey {
    /// Cleans a pasted key: removes surrounding whitespace and BOMs, one pair of quotes and a leading
    /// `Organisation `. The only format required is 8 or more printable ASCII characters without spaces.
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
        } else if bare.len() > MAX_LENGTH {
            Err(unusable("too much text for an API key"))
        } else if bare.chars().any(char::is_whitespace) {
            Err(unusable("a space or a line break"))
        } else if bare.chars().any(char::is_control) {
            Err(unusable("a control character"))
        } else if !bare.is_ascii() {
            Err(unusable("a non-ASCII character"))
        } else if length < MIN_LENGTH {
            Err(KeyFault::TooShort { length })
        } else {
            Ok(Self(bare.to_owned()))
        }
    }

    /// The key itself, for the `Authorization` header and the config file.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the key replaced, however it is escaped.
    pub fn redact_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        redact::key(text, &self.0)
    }

    /// Replaces every occurrence of the key in a response.
    pub fn redact(&self, answer: &mut Value) {
        answer.change_texts(&|text| match self.redact_text(text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        });
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\0')
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Removes one pair of quotes.
fn unquote(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .map_or(text, trim)
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(redact::KEY_MASK)
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
    fn debug_output_hides_the_key() {
        assert_eq!(format!("{:?}", ApiKey::parse("abcd-123").expect("a key")), "[API key]");
    }
}
