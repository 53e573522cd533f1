//! Makes untrusted text safe to show: text from the network, from files and from users. An escape
//! code must not change the terminal, a bidi mark must not reverse a line, and `::error::` at the
//! start of a line is a command to a CI system.

use crate::redact;
use std::fmt::Write as _;
use std::path::Path;

/// Longest untrusted text that is shown, in characters (Unicode scalar values).
const SHOWN_CHARACTERS: usize = 500;

/// Untrusted text for use in a message: escaped, without join links (see `redact`), and cut to 500
/// characters.
pub fn untrusted(text: &str) -> String {
    let text = redact::links(text);
    let mut cut: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    line(&cut)
}

/// A path for use in a message.
pub fn untrusted_path(path: &Path) -> String {
    untrusted(&path.to_string_lossy())
}

/// A whole line for display: control, C1 and bidi characters are escaped, and it does not start
/// with a CI command. Escaping twice changes nothing.
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_hostile(character) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            }
            _ => shown.push(character),
        }
    }
    disarm(shown)
}

/// CI systems run `::command::` at the start of a line, and `##[command]` and `##vso[command]`
/// anywhere in it.
fn disarm(shown: String) -> String {
    let start = shown.len() - shown.trim_start().len();
    if shown[start..].starts_with("::") || shown.contains("##") {
        let (blanks, text) = shown.split_at(start);
        let text =
            text.strip_prefix("::").map_or_else(|| text.into(), |t| format!("\\u{{3a}}:{t}"));
        return format!(
            "{blanks}{}",
            text.replace("##[", "#\\u{23}[").replace("##vso[", "#\\u{23}vso[")
        );
    }
    shown
}

/// JSON for one line of output. What [`line()`] would escape is written as `\uXXXX`, which means
/// the same to a JSON parser; with `ascii_only`, so is everything beyond ASCII.
pub fn json(json: &str, ascii_only: bool) -> String {
    let json = json.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[");
    if json.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
        return json;
    }
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hostile(character) || (ascii_only && !character.is_ascii()) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a word could be an API key in the wrong place: long, with letters and digits, and not a
/// path.
pub fn looks_like_key(word: &str) -> bool {
    let has = |class: fn(&u8) -> bool| word.bytes().any(|byte| class(&byte));
    word.len() >= 20
        && has(u8::is_ascii_alphabetic)
        && has(u8::is_ascii_digit)
        && !word.contains(['/', '\\', '.'])
}

/// Whether a text contains whitespace or characters unsafe to show. No valid URL does.
pub fn has_blank_or_hostile(text: &str) -> bool {
    !text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.chars().any(|character| character.is_whitespace() || is_hostile(character))
}

/// Control and C1 characters, bidi marks, and separators that some programs treat as line endings.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_shows_a_join_link() {
        assert_eq!(untrusted("\u{7}https://go.room.sh/j/a"), "\\u{7}https://go.room.sh/[hidden]");
    }

    #[test]
    fn hostile_text_is_escaped_and_harmless_text_is_not() {
        for (text, shown) in [
            ("plain, é, 日本, 👋🏽", "plain, é, 日本, 👋🏽"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}"),
            ("abc\u{202e}cba\u{2066}", "abc\\u{202e}cba\\u{2066}"),
            ("::error::x", "\\u{3a}:error::x"),
            ("  ::error::x", "  \\u{3a}:error::x"),
            ("a ::error::x", "a ::error::x"),
            ("a ##[error]x", "a #\\u{23}[error]x"),
            ("a ##vso[task.x]y ## z", "a #\\u{23}vso[task.x]y ## z"),
        ] {
            assert_eq!(untrusted(text), shown);
            assert_eq!(line(&untrusted(text)), shown, "escaping twice changes nothing");
        }
    }

    #[test]
    fn long_text_is_cut_at_500_characters() {
        assert_eq!(untrusted(&"é".repeat(500)), "é".repeat(500));
        assert_eq!(untrusted(&"é".repeat(501)), format!("{}…", "é".repeat(500)));
    }

    #[test]
    fn escaped_json_has_the_same_meaning() {
        assert_eq!(json("\"é\u{9b}\u{202e}\"", false), "\"é\\u009b\\u202e\"");
        assert_eq!(json("\"\u{7f}##[error]\"", false), "\"\\u007f#\\u0023[error]\"");
        assert_eq!(json("\"é👋\"", true), "\"\\u00e9\\ud83d\\udc4b\"");
    }
}
