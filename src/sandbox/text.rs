//! Text that came from outside, made safe to show: in a log line, and (escaped once more) on
//! a page.

/// The most characters of a foreign text that are shown.
const LONGEST: usize = 500;

/// `text` on one line: control, C1, bidi and other invisible characters become `\u{202e}`,
/// and what is longer than 500 characters ends in `…`. The joiners that emoji and several
/// scripts need stay.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * LONGEST));
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if is_unsafe(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_deceive_is_escaped_and_what_people_write_stays() {
        assert_eq!(visible("a\nb\u{1b}[31m"), "a\\u{a}b\\u{1b}[31m");
        assert_eq!(visible("\u{202e}evil\u{9b}"), "\\u{202e}evil\\u{9b}");
        assert_eq!(visible("Zoë 李 👩\u{200d}🏫"), "Zoë 李 👩\u{200d}🏫");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(visible(&"é".repeat(500)), "é".repeat(500));
        assert_eq!(visible(&"é".repeat(501)), format!("{}…", "é".repeat(500)));
    }

    proptest! {
        #[test]
        fn nothing_unsafe_ever_comes_out(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(is_unsafe));
        }
    }
}
