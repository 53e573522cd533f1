//! Hides the API key, join links, tokens and secrets in any text, however it is escaped.

use std::borrow::Cow;
use std::ops::Range;

/// Replaces the API key.
pub const KEY_MASK: &str = "[API key]";

/// Replaces a join link, a token or a secret.
pub const MASK: &str = "[hidden]";

/// The host of join links. Anyone with the text after it can join.
const LINK_HOST: &str = "//go.room.sh/";

/// Parameters that contain the token of a join link, on any host.
const LINK_PARAMETERS: [&str; 2] = ["?user=", "&user="];

/// API fields that contain credentials, in lower case.
pub const SECRET_FIELDS: [&str; 4] = ["client_url", "clienturl", "client-url", "secret"];

/// Shortest key to look for, in bytes: replacing every "a" would ruin the text.
const MIN_KEY_LENGTH: usize = 4;

/// Shortest key to look for regardless of case, in bytes: a token of 500 letters contains many short
/// words.
const MIN_KEY_LENGTH_IN_ANY_CASE: usize = 8;

/// The text without join links or tokens.
pub fn links(text: &str) -> Cow<'_, str> {
    let is_suspect = ["eyJ", "\\", "%", LINK_PARAMETERS[0], LINK_PARAMETERS[1]]
        .iter()
        .any(|mark| text.contains(mark))
        || text.contains("//");
    if !is_suspect {
        return Cow::Borrowed(text);
    }
    let mut no_token_before = 0;
    hide(text, MASK, |characters, index| {
        rest_of_link(characters, index).or_else(|| token(characters, index, &mut no_token_before))
    })
}

/// An API response, or a piece of one, without join links, tokens or the values of fields such as
/// `secret`.
pub fn answer(text: &str) -> Cow<'_, str> {
    let mut no_token_before = 0;
    hide(text, MASK, |characters, index| {
        field_value(characters, index)
            .or_else(|| rest_of_link(characters, index))
            .or_else(|| token(characters, index, &mut no_token_before))
    })
}

/// The text without the API key.
pub fn key<'a>(text: &'a str, key: &str) -> Cow<'a, str> {
    match SoughtKey::of(key) {
        Some(sought) if text.len() >= sought.letters.len() => {
            hide(text, KEY_MASK, |characters, index| {
                sought.length_in(&characters[index..]).map(|length| index..index + length)
            })
        }
        _ => Cow::Borrowed(text),
    }
}

/// Replaces what `find` finds at each index with `mask`. A match may start after its index, but not
/// before.
fn hide<'a>(
    text: &'a str,
    mask: &str,
    mut find: impl FnMut(&[char], usize) -> Option<Range<usize>>,
) -> Cow<'a, str> {
    let unescaped = Unescaped::of(text);
    let mut found = Vec::new();
    let mut index = 0;
    while index < unescaped.characters.len() {
        match find(&unescaped.characters, index) {
            Some(range) => {
                index = range.end;
                found.push(range);
            }
            None => index += 1,
        }
    }
    unescaped.masked(&found, mask)
}

/// The value in `secret: sss` or `"client_url":"https://..."`, if such a field starts at `start`.
/// The value may be cut short.
fn field_value(characters: &[char], start: usize) -> Option<Range<usize>> {
    let is_word = |character: &char| character.is_alphanumeric() || *character == '_';
    if start > 0 && is_word(&characters[start - 1]) {
        return None;
    }
    let field = SECRET_FIELDS.iter().find(|field| starts_with(&characters[start..], field))?;
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

/// The rest of a join link after its host or parameter, if one of these starts at `start`.
fn rest_of_link(characters: &[char], start: usize) -> Option<Range<usize>> {
    let here = &characters[start..];
    let is_mark = |mark: &&str| starts_with(here, mark);
    let mark = std::iter::once(LINK_HOST).chain(LINK_PARAMETERS).find(|mark| is_mark(mark))?;
    let rest = start + mark.len();
    let is_part =
        |character: &&char| !character.is_whitespace() && !"\"'`<>\\".contains(**character);
    let mut length = characters[rest..].iter().take_while(is_part).count();
    // Punctuation after a link belongs to the sentence.
    while length > 0 && ",;.".contains(characters[rest + length - 1]) {
        length -= 1;
    }
    (length > 0).then_some(rest..rest + length)
}

/// A JSON Web Token that starts at `start`: `eyJ`, and at least one dot. A token cut off after its
/// second part still names the person. A word without a dot is read only once: no token starts before
/// `no_token_before`.
fn token(characters: &[char], start: usize, no_token_before: &mut usize) -> Option<Range<usize>> {
    if start < *no_token_before || !characters[start..].starts_with(&['e', 'y', 'J']) {
        return None;
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.=".contains(character);
    let length = characters[start..].iter().take_while(|character| is_part(**character)).count();
    let token = start..start + length;
    if !characters[token.clone()].contains(&'.') {
        *no_token_before = token.end;
        return None;
    }
    Some(token)
}

fn starts_with(characters: &[char], word: &str) -> bool {
    characters.len() >= word.len()
        && characters.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
}

/// A key to look for.
struct SoughtKey {
    letters: Vec<u8>,
    /// Whether to ignore case.
    any_case: bool,
    /// Whether dashes are optional: UUIDs are written both with and without.
    any_dashes: bool,
}

impl SoughtKey {
    fn of(key: &str) -> Option<Self> {
        let letters: Vec<u8> = key.bytes().filter(|byte| *byte != b'-').collect();
        let is_uuid = letters.len() == 32 && letters.iter().all(u8::is_ascii_hexdigit);
        let letters = if is_uuid { letters } else { key.as_bytes().to_vec() };
        (letters.len() >= MIN_KEY_LENGTH).then_some(Self {
            any_case: letters.len() >= MIN_KEY_LENGTH_IN_ANY_CASE,
            any_dashes: is_uuid,
            letters,
        })
    }

    /// How many characters the key takes up at the start of a text, if it is there.
    fn length_in(&self, text: &[char]) -> Option<usize> {
        let mut letters = self.letters.iter();
        let mut length = 0;
        while let Some(letter) = letters.as_slice().first() {
            let (character, letter) = (*text.get(length)?, char::from(*letter));
            let is_same =
                character == letter || (self.any_case && character.eq_ignore_ascii_case(&letter));
            if is_same {
                letters.next();
            } else if !(self.any_dashes && character == '-' && length > 0) {
                return None;
            }
            length += 1;
        }
        Some(length)
    }
}

/// Layers of escapes to undo. JSON inside JSON adds one per level.
const LAYERS: usize = 4;

/// A text without escapes, so that they cannot hide a secret: `\u002d`, `\/`, `%2E`, and several
/// layers of them.
struct Unescaped<'a> {
    text: &'a str,
    characters: Vec<char>,
    /// Where each character starts in `text`, in bytes.
    starts: Vec<usize>,
}

impl<'a> Unescaped<'a> {
    fn of(text: &'a str) -> Self {
        let (mut starts, mut characters): (Vec<_>, Vec<_>) = text.char_indices().unzip();
        for _ in 0..LAYERS {
            if !characters.iter().any(|character| matches!(character, '\\' | '%')) {
                break;
            }
            (starts, characters) = without_one_layer(&starts, &characters);
        }
        Self { text, characters, starts }
    }

    /// The text with `mask` in place of these ranges of characters, which must be in order.
    fn masked(&self, ranges: &[Range<usize>], mask: &str) -> Cow<'a, str> {
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

fn without_one_layer(starts: &[usize], characters: &[char]) -> (Vec<usize>, Vec<char>) {
    let mut kept = (Vec::with_capacity(starts.len()), Vec::with_capacity(starts.len()));
    let mut index = 0;
    while index < characters.len() {
        let (character, length) = first_character(&characters[index..]);
        kept.0.push(starts[index]);
        kept.1.push(character);
        index += length;
    }
    kept
}

/// The first character of a non-empty text, and how many characters it is written with.
fn first_character(characters: &[char]) -> (char, usize) {
    let hex = |digits: Option<&[char]>| {
        let digits: String = digits?.iter().collect();
        // `from_str_radix` accepts a sign.
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
    fn links_and_tokens_are_hidden_in_every_text() {
        for (text, shown) in [
            ("a eyJh.eyJi.c-_d b", "a [hidden] b"),
            ("a eyJh.eyJi", "a [hidden]"),
            ("a eyJh%2EeyJi%2ec&b", "a [hidden]&b"),
            ("a eyJh%252EeyJi", "a [hidden]"),
            ("a eyJh b and user=Ann", "a eyJh b and user=Ann"),
            ("see http://GO.room.sh/j/abc?x=1#y now", "see http://GO.room.sh/[hidden] now"),
            ("https%3A%2F%2Fgo.room.sh%2Fj%2Fabc", "https%3A%2F%2Fgo.room.sh%2F[hidden]"),
            ("https:\\/\\/go.room.sh\\/j", "https:\\/\\/go.room.sh\\/[hidden]"),
            ("https://go.room.sh/ is up", "https://go.room.sh/ is up"),
            ("a https://go.room.sh/j/abc, b", "a https://go.room.sh/[hidden], b"),
            ("https://go.room.sh/?a=1,2;3.", "https://go.room.sh/[hidden]."),
            (
                "https://sandbox.invalid/?user=eyJh.eyJi.c&room=r",
                "https://sandbox.invalid/?user=[hidden]",
            ),
            (
                "r&user=a.b.c \"https://e.org/?user=x\"",
                "r&user=[hidden] \"https://e.org/?user=[hidden]\"",
            ),
            ("room=r&user=a.b.c", "room=r&user=[hidden]"),
            ("box.invalid/?ser=eyJh.eyJi", "box.invalid/?ser=[hidden]"),
            ("\u{e4}?user=\u{e4}", "\u{e4}?user=[hidden]"),
            ("secret: sss", "secret: sss"),
        ] {
            assert_eq!(links(text), shown);
            assert_eq!(links(shown), shown, "once is enough");
        }
    }

    #[test]
    fn secrets_are_hidden_in_responses_too() {
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
            ("secret:", "secret:"),
            ("a eyJh.eyJi.c-_d b", "a [hidden] b"),
            ("https://go.room.sh/j/abc", "https://go.room.sh/[hidden]"),
        ] {
            assert_eq!(answer(text), shown);
        }
    }

    #[test]
    fn an_echoed_key_is_replaced_however_it_is_written() {
        let uuid = "5a4db0c5-1111-4000-8000-0000abcdef00";
        for (sought, text, shown) in [
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
            ("ab-9", "x ab-9 AB-9", "x [API key] AB-9"),
            ("ab9", "x ab9", "x ab9"),
            (uuid, "5A4DB0C511114000800000000ABCDEF00", "5A4DB0C511114000800000000ABCDEF00"),
            (uuid, "x5A4DB0C51111400080000000ABCDEF00y", "x[API key]y"),
            (uuid, "-5a4db0c5-1111-4000-8000-0000abcdef00-", "-[API key]-"),
            ("5a4db0c51111400080000000abcdef00", uuid, "[API key]"),
        ] {
            assert_eq!(key(text, sought), shown);
        }
    }

    #[test]
    fn repeatedly_escaped_text_is_decoded() {
        for (text, understood) in [
            ("plain, é", "plain, é"),
            (r"a\u002db\/c\\d", r"a-b/c\d"),
            (r"a\\u002db", "a-b"),
            // At most four layers.
            ("a%2525252Eb", "a.b"),
            ("a%252525252Eb", "a%2Eb"),
            (r#"{\"a\":\"b\\\"\"}"#, r#"{"a":"b""}"#),
            ("a%2Eb%2e%252Ec", "a.b..c"),
            (r"\u00", r"\u00"),
            (r"\u+123 %+1 %e9 100% \", r"\u+123 %+1 %e9 100% \"),
        ] {
            let unescaped = Unescaped::of(text);
            assert_eq!(unescaped.characters.iter().collect::<String>(), understood);
            assert_eq!(unescaped.masked(&[], "-"), text);
        }
    }

    #[test]
    fn a_mask_replaces_the_original_text() {
        let unescaped = Unescaped::of(r"é a\u002db%2Ec end");
        assert_eq!(unescaped.masked(&[2..5, 6..7], "[x]"), "é [x]%2E[x] end");
        assert_eq!(unescaped.masked(&[0..1, 8..11], "[x]"), r"[x] a\u002db%2Ec [x]");
    }
}
