//! The forms of single values: a Space's id, an e-mail address, a web address.

use super::invisible::{self, Invisible};
use crate::escape::{has_blank_or_hostile, untrusted};
use url::Url;

/// Longest id of a Space, in characters (Unicode scalar values).
pub const ID_CHARACTERS: usize = 64;

/// Checks the id of a Space: 1 to 64 characters, no control or invisible characters, no blanks at
/// its ends.
pub fn check_id(id: &str) -> Result<(), String> {
    let length = id.chars().count();
    if length == 0 {
        return Err("is empty; it needs 1 to 64 characters".to_owned());
    }
    if length > ID_CHARACTERS {
        return Err(format!(
            "is {length} characters long, and at most {ID_CHARACTERS} are allowed; it is never cut, \
             because two Spaces could become one"
        ));
    }
    if let Some(control) = id.chars().find(|character| character.is_control()) {
        return Err(format!("contains the control character {}", control.escape_unicode()));
    }
    if let Some(Invisible { name, place }) = invisible::first_in(id) {
        return Err(format!(
            "contains an invisible character, {name}, as character {place}; remove it, because two \
             ids that look alike are two Spaces"
        ));
    }
    if id.trim() != id {
        return Err(format!("begins or ends with a blank: \"{}\"", untrusted(id)));
    }
    Ok(())
}

/// An absolute `http` or `https` URL with a host.
pub fn is_web_url(text: &str) -> bool {
    // The parser would take the host of https:///x from its path.
    let names_host = ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && !text[scheme.len()..].starts_with(['/', '\\'])
    });
    names_host && !has_blank_or_hostile(text) && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// One `@` with something on both sides, and no blanks.
pub fn is_address(text: &str) -> bool {
    let sides = text.split_once('@');
    let is_whole = |(before, after): (&str, &str)| {
        !before.is_empty() && !after.is_empty() && !after.contains('@')
    };
    sides.is_some_and(is_whole) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_and_never_changed() {
        for good in ["a", "-x", "--leader", &"x".repeat(64), &"日".repeat(64), "a b", "é👋"] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            " a",
            "a ",
            "a\u{a0}",
            &"x".repeat(65),
            &"日".repeat(65),
            "a\nb",
            "a\u{85}b",
            "\u{7f}",
        ] {
            assert!(check_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_have_one_at_sign_with_something_on_both_sides() {
        for good in ["a@b", "ann.o'neill+x@example.org", "\u{e4}@\u{f6}.de"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b ", "@"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn webhook_urls_are_absolute_http_or_https() {
        for good in ["https://e.org/x", "http://127.0.0.1:8000", "HTTPS://e.org"] {
            assert!(is_web_url(good), "{good}");
        }
        for bad in [
            "e.org",
            "//e.org",
            "ftp://e.org",
            "https:e.org",
            "https://",
            "https:///a",
            "HTTP:///e.org/x",
            "https://\\e.org",
            "https://e org",
            "javascript:x",
            "https://e.org/\u{202e}",
        ] {
            assert!(!is_web_url(bad), "{bad}");
        }
    }
}
