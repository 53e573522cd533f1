//! The id of a Space: what it may contain, invisible characters, and a short form for long ids.

use crate::escape::untrusted;
use crate::json::{Object, Value};
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;

/// Longest id of a Space, in characters (Unicode scalar values).
pub const ID_CHARACTERS: usize = 64;

/// Quotation marks and apostrophes, each with its closing marks.
const QUOTES: [(char, &str); 9] = [
    ('"', "\""),
    ('\'', "'"),
    ('`', "`'"),
    ('\u{b4}', "\u{b4}"),
    ('\u{2018}', "\u{2019}\u{2018}"),
    ('\u{201a}', "\u{2018}\u{2019}"),
    ('\u{201c}', "\u{201d}\u{201c}"),
    ('\u{201e}', "\u{201c}\u{201d}"),
    ('\u{ab}', "\u{bb}"),
];

/// Checks the id of a Space: 1 to 64 characters, no control or invisible characters, and no
/// whitespace or quotation marks around it. The error continues the place: `is empty`.
pub fn check_id(id: &str) -> Result<(), String> {
    let length = id.chars().count();
    if length == 0 {
        return Err("is empty; it must have 1 to 64 characters".to_owned());
    }
    if length > ID_CHARACTERS {
        return Err(format!("has {length} characters; the maximum is {ID_CHARACTERS}"));
    }
    if let Some(control) = id.chars().find(|character| character.is_control()) {
        return Err(format!("contains the control character {}", control.escape_unicode()));
    }
    if id.contains(char::REPLACEMENT_CHARACTER) {
        return Err(
            "contains U+FFFD, which replaces a lost character; type the id again".to_owned()
        );
    }
    if let Some((name, position)) = invisible(id) {
        return Err(format!(
            "contains an invisible character ({name}) at position {position}; remove it, or you get \
             a different Space"
        ));
    }
    if id.trim() != id {
        return Err(format!("starts or ends with whitespace: \"{}\"", untrusted(id)));
    }
    // cmd.exe cuts 'R&D' to 'R; but 't Hooft is a name.
    let mut start = id.chars().skip(1);
    let is_letter = start.next().is_some_and(char::is_lowercase);
    let is_article = is_letter && start.next().is_some_and(|next| next == ' ' || next == '-');
    if cfg!(windows) && id.starts_with('\'') && !id.ends_with('\'') && !is_article {
        return Err(format!(
            "starts with an apostrophe: {}; use double quotes (cmd.exe does not understand ')",
            untrusted(id)
        ));
    }
    if let Some(inner) = unquoted(id) {
        return Err(format!(
            "has quotation marks around it: {}; write {} (cmd.exe removes \", but not ')",
            untrusted(id),
            untrusted(inner)
        ));
    }
    Ok(())
}

/// The text inside quotation marks or apostrophes, if they enclose all of it.
fn unquoted(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let (_, closing) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let inner = &text[first.len_utf8()..];
    inner.strip_suffix(|last| closing.contains(last))
}

/// The first invisible character of a text, such as `U+200B, zero width space`, and its position in
/// characters, from 1.
pub fn invisible(text: &str) -> Option<(String, usize)> {
    let (index, character) = text.chars().enumerate().find(|(_, c)| name(*c).is_some())?;
    let name = format!("U+{:04X}, {}", u32::from(character), name(character)?);
    Some((name, index + 1))
}

/// The Unicode name of an invisible character, or of its kind.
fn name(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "combining grapheme joiner",
        '\u{61c}' => "arabic letter mark",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "hangul filler",
        '\u{180b}'..='\u{180d}'
        | '\u{180f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}' => "a variation selector",
        '\u{17b4}' | '\u{17b5}' => "a khmer vowel without a shape",
        '\u{2800}' => "braille pattern blank",
        '\u{180e}' => "mongolian vowel separator",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a text direction mark",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "an invisible operator",
        '\u{206a}'..='\u{206f}' => "a deprecated format character",
        '\u{feff}' => "byte order mark",
        '\u{fff9}'..='\u{fffb}' => "an annotation mark",
        '\u{e0000}'..='\u{e007f}' => "a tag character",
        _ => return None,
    })
}

/// Characters of the id that are kept. A dash and the digits of the hash follow.
const KEPT: usize = 51;

/// Bytes of the hash that are used, two digits each.
const HASHED: usize = 6;

/// Shortens an id that is too long and returns the original.
pub(super) fn shorten(body: &mut Object) -> Option<String> {
    let id = body.get_mut("id")?;
    let long = id.as_text()?.into_owned();
    if long.chars().count() <= ID_CHARACTERS {
        return None;
    }
    *id = Value::text(&short(&long), id.origin.clone());
    Some(long)
}

fn short(id: &str) -> String {
    let mut short: String = id.chars().take(KEPT).collect();
    short.push('-');
    for byte in digest(&SHA256, id.as_bytes()).as_ref().iter().take(HASHED) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_and_never_changed() {
        let (longest, ideographs) = ("x".repeat(64), "\u{65e5}".repeat(64));
        for good in [
            "a",
            "-x",
            "--leader",
            &longest,
            &ideographs,
            "a b",
            "é👋",
            "'",
            "\"",
            "it's",
            "'n Sync",
            "O'Brien's",
            "5'",
            "“Hamlet” 1",
        ] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
        for (bad, message) in [
            ("", "is empty; it must have 1 to 64 characters"),
            (&*"x".repeat(65), "has 65 characters; the maximum is 64"),
            (&*"\u{65e5}".repeat(65), "has 65 characters; the maximum is 64"),
            (" a", "starts or ends with whitespace: \" a\""),
            ("a\u{a0}", "starts or ends with whitespace: \"a\u{a0}\""),
            ("a\nb", "contains the control character \\u{a}"),
            ("a\u{85}b", "contains the control character \\u{85}"),
            ("\u{7f}", "contains the control character \\u{7f}"),
            (
                "M\u{fffd}ller",
                "contains U+FFFD, which replaces a lost character; type the id again",
            ),
            (
                "bio\u{200b}",
                "contains an invisible character (U+200B, zero width space) at position 4; remove \
                 it, or you get a different Space",
            ),
            (
                "'chem7'",
                "has quotation marks around it: 'chem7'; write chem7 (cmd.exe removes \", but not ')",
            ),
        ] {
            assert_eq!(check_id(bad), Err(message.to_owned()), "{bad:?}");
        }
        for quoted in ["\"chem7\"", "''", "‘chem7’", "“chem7”", "„chem7“", "«chem7»", "`chem7`"]
        {
            assert!(check_id(quoted).is_err_and(|it| it.contains("quotation marks")), "{quoted}");
        }
    }

    #[test]
    fn the_first_invisible_character_is_reported_with_its_position() {
        for (text, expected) in [
            ("bio\u{200b}101", Some(("U+200B, zero width space", 4))),
            ("\u{feff}bio", Some(("U+FEFF, byte order mark", 1))),
            ("bio\u{ad}logy", Some(("U+00AD, soft hyphen", 4))),
            ("a\u{202e}b", Some(("U+202E, a text direction mark", 2))),
            ("a\u{fe0f}", Some(("U+FE0F, a variation selector", 2))),
            ("a\u{e0100}", Some(("U+E0100, a variation selector", 2))),
            ("Zo\u{eb} \u{1f98b} \u{5d0}", None),
        ] {
            let found = invisible(text);
            let found = found.as_ref().map(|(name, position)| (name.as_str(), *position));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_short_form_has_64_characters_and_never_changes() {
        let long = "x".repeat(65);
        // The start of `printf x%.0s {1..65} | sha256sum`.
        let expected = format!("{}-{}", "x".repeat(51), SHA256_OF_65_X);
        assert_eq!(short(&long), expected);
        assert_eq!(short(&"\u{65e5}".repeat(70)).chars().count(), 64);
        assert_ne!(short(&format!("{long}a")), short(&format!("{long}b")));
    }

    const SHA256_OF_65_X: &str = "9537c5fdf120";
}
