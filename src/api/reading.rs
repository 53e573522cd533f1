//! A text as whoever reads it would understand it, so that an escape hides nothing that is looked
//! for: `\u002d`, `\/`, `%2E`, and each of them escaped once more.

use std::borrow::Cow;
use std::ops::Range;

/// How often an escape may be escaped. Each layer of JSON in JSON is one.
const LAYERS: usize = 4;

/// A text, and how it is understood.
pub struct Reading<'a> {
    text: &'a str,
    /// What it says, character by character.
    characters: Vec<char>,
    /// Where each of them begins in the text, in bytes.
    starts: Vec<usize>,
}

impl<'a> Reading<'a> {
    /// Reads a text.
    pub fn of(text: &'a str) -> Self {
        let (mut starts, mut characters): (Vec<_>, Vec<_>) = text.char_indices().unzip();
        for _ in 0..LAYERS {
            if !characters.iter().any(|character| matches!(character, '\\' | '%')) {
                break;
            }
            (starts, characters) = unescaped(&starts, &characters);
        }
        Self { text, characters, starts }
    }

    /// What the text says, character by character.
    pub fn characters(&self) -> &[char] {
        &self.characters
    }

    /// The text with `mask` in the place of these ranges of characters, which come one after the
    /// other.
    pub fn masked(&self, ranges: &[Range<usize>], mask: &str) -> Cow<'a, str> {
        if ranges.is_empty() {
            return Cow::Borrowed(self.text);
        }
        let place = |index: usize| self.starts.get(index).copied().unwrap_or(self.text.len());
        let mut shown = String::with_capacity(self.text.len());
        let mut end = 0;
        for range in ranges {
            shown.push_str(&self.text[end..place(range.start)]);
            shown.push_str(mask);
            end = place(range.end);
        }
        shown.push_str(&self.text[end..]);
        Cow::Owned(shown)
    }
}

/// The same with one layer of escapes less.
fn unescaped(starts: &[usize], characters: &[char]) -> (Vec<usize>, Vec<char>) {
    let mut kept = (Vec::with_capacity(starts.len()), Vec::with_capacity(starts.len()));
    let mut index = 0;
    while index < characters.len() {
        let (character, length) = first(&characters[index..]);
        kept.0.push(starts[index]);
        kept.1.push(character);
        index += length;
    }
    kept
}

/// The first character of a text that is not empty, and how many it is written with.
fn first(characters: &[char]) -> (char, usize) {
    let hex = |digits: Option<&[char]>| {
        let digits: String = digits?.iter().collect();
        // `from_str_radix` takes a sign, too.
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(&digits, 16).ok().filter(|_| is_hex)
    };
    let read = match characters {
        ['\\', 'u', ..] => hex(characters.get(2..6)).and_then(char::from_u32).map(|c| (c, 6)),
        ['\\', escaped @ ('"' | '\\' | '/'), ..] => Some((*escaped, 2)),
        ['%', ..] => hex(characters.get(1..3))
            .and_then(char::from_u32)
            .filter(char::is_ascii)
            .map(|character| (character, 3)),
        _ => None,
    };
    read.unwrap_or((characters[0], 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_however_often_they_are_escaped() {
        for (text, understood) in [
            ("plain, é", "plain, é"),
            (r"a\u002db\/c\\d", r"a-b/c\d"),
            (r"a\\u002db", "a-b"),
            (r#"{\"a\":\"b\\\"\"}"#, r#"{"a":"b""}"#),
            ("a%2Eb%2e%252Ec", "a.b..c"),
            (r"\u00", r"\u00"),
            (r"\u+123 %+1 %e9 100% \", r"\u+123 %+1 %e9 100% \"),
        ] {
            let reading = Reading::of(text);
            assert_eq!(reading.characters().iter().collect::<String>(), understood);
            assert_eq!(reading.masked(&[], "-"), text);
        }
    }

    #[test]
    fn a_mask_takes_the_place_of_what_was_written() {
        let reading = Reading::of(r"é a\u002db%2Ec end");
        assert_eq!(reading.masked(&[2..5, 6..7], "[x]"), "é [x]%2E[x] end");
        assert_eq!(reading.masked(&[0..1, 8..11], "[x]"), r"[x] a\u002db%2Ec [x]");
    }
}
