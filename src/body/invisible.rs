//! Characters that nobody sees: two ids that differ by one look alike, and are two Spaces.

/// An invisible character in a text.
pub struct Invisible {
    /// The character, such as `U+200B (zero width space)`.
    pub name: String,
    /// Its place, in characters; the first is 1.
    pub place: usize,
}

/// The first invisible character of a text.
pub fn first_in(text: &str) -> Option<Invisible> {
    let (index, character) = text.chars().enumerate().find(|(_, c)| name(*c).is_some())?;
    let name = format!("U+{:04X} ({})", u32::from(character), name(character)?);
    Some(Invisible { name, place: index + 1 })
}

/// Unicode's name of an invisible character, or of its kind.
fn name(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "combining grapheme joiner",
        '\u{61c}' => "arabic letter mark",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "hangul filler",
        '\u{180e}' => "mongolian vowel separator",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a mark of writing direction",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "an invisible operator",
        '\u{206a}'..='\u{206f}' => "a deprecated format character",
        '\u{feff}' => "byte order mark",
        '\u{fff9}'..='\u{fffb}' => "an annotation mark",
        '\u{e0000}'..='\u{e007f}' => "a tag character",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_invisible_character_is_named_with_its_place() {
        for (text, expected) in [
            ("bio\u{200b}101", Some(("U+200B (zero width space)", 4))),
            ("\u{feff}bio", Some(("U+FEFF (byte order mark)", 1))),
            ("bio\u{ad}logy", Some(("U+00AD (soft hyphen)", 4))),
            ("a\u{202e}b", Some(("U+202E (a mark of writing direction)", 2))),
            ("Zo\u{eb} \u{1f98b} \u{5d0}", None),
        ] {
            let found = first_in(text);
            let found = found.as_ref().map(|found| (found.name.as_str(), found.place));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
