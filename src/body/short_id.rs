//! Ids that are too long get a short form, the same for ever: their beginning and a part of their
//! SHA-256.

use super::forms::ID_CHARACTERS;
use crate::json::{Object, Value};
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;

/// Characters of the id that stay. A dash and the digits follow.
const KEPT: usize = 51;

/// Bytes of the hash that are shown, two digits each.
const HASHED: usize = 6;

/// Gives an id that is too long its short form. What it was comes back.
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
    fn a_short_form_has_64_characters_and_never_changes() {
        let long = "x".repeat(65);
        // The beginning of `printf x%.0s {1..65} | sha256sum`.
        let expected = format!("{}-{}", "x".repeat(51), SHA256_OF_65_X);
        assert_eq!(short(&long), expected);
        assert_eq!(short(&"\u{65e5}".repeat(70)).chars().count(), 64);
        assert_ne!(short(&format!("{long}a")), short(&format!("{long}b")));
    }

    const SHA256_OF_65_X: &str = "9537c5fdf120";
}
