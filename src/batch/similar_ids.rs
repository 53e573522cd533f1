//! Ids that people take for one another: two Spaces where one was meant.

use crate::escape::untrusted;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// A Space with at least so many rows is one that a single row may have been meant for.
const MANY: usize = 5;

/// With more Spaces of a single row than this, single rows are the rule and not a typo.
const MOST_SINGLE: usize = 500;

/// One Space of a roster.
#[derive(Debug, Clone)]
pub struct Space<'a> {
    /// Its id, before it was shortened.
    pub id: &'a str,
    /// How many rows it has.
    pub rows: usize,
    /// The place of the first, safe to show.
    pub place: String,
}

/// What is worth a warning.
pub fn warnings(spaces: &[Space]) -> Vec<String> {
    let mut warnings = look_alikes(spaces);
    let single: Vec<&Space> = spaces.iter().filter(|space| space.rows == 1).collect();
    if single.len() > MOST_SINGLE {
        return warnings;
    }
    let many: Vec<(Vec<char>, &Space)> = spaces
        .iter()
        .filter(|space| space.rows >= MANY)
        .map(|space| (space.id.chars().collect(), space))
        .collect();
    for space in single {
        let id: Vec<char> = space.id.chars().collect();
        if let Some((_, near)) = many.iter().find(|(near, _)| is_one_slip(&id, near)) {
            warnings.push(format!(
                "{}: the id {} has a single row, and {} has {}; is it a typo?",
                space.place,
                untrusted(space.id),
                untrusted(near.id),
                near.rows
            ));
        }
    }
    warnings
}

/// Ids that differ only in case, width or in how the same letters are encoded.
fn look_alikes(spaces: &[Space]) -> Vec<String> {
    let mut first: HashMap<String, &Space> = HashMap::new();
    let mut warnings = Vec::new();
    for space in spaces {
        let plain = space.id.nfkc().flat_map(char::to_lowercase).nfkc().collect::<String>();
        let Some(earlier) = first.insert(plain, space) else { continue };
        let is_case = earlier.id.to_lowercase() == space.id.to_lowercase();
        let how = if is_case {
            "differ only in case"
        } else {
            "look alike, but their letters are encoded differently"
        };
        warnings.push(format!(
            "the ids {} ({}) and {} ({}) {how}: they are two Spaces",
            untrusted(earlier.id),
            earlier.place,
            untrusted(space.id),
            space.place
        ));
    }
    warnings
}

/// Whether one character too many, too few or different, or two that are swapped, make the one the
/// other.
fn is_one_slip(one: &[char], other: &[char]) -> bool {
    if one.len().abs_diff(other.len()) > 1 || one == other {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&one[..one.len() - end], &other[..other.len() - end]) {
        ([a, b], [c, d]) => (a, b) == (d, c),
        (one, other) => one.len() <= 1 && other.len() <= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_makes_ids_alike_and_two_do_not() {
        let is_slip = |one: &str, other: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            is_one_slip(&letters(one), &letters(other))
        };
        for (one, other) in [
            ("biology101_2032", "biology101_2023"),
            ("maths", "math"),
            ("art", "arts"),
            ("7a", "7b"),
        ] {
            assert!(is_slip(one, other) && is_slip(other, one), "{one} {other}");
        }
        for (one, other) in [("maths", "maths"), ("7a", "8b"), ("abc", "cba"), ("art", "party")] {
            assert!(!is_slip(one, other), "{one} {other}");
        }
    }

    #[test]
    fn single_rows_beside_many_and_look_alikes_are_warned_of() {
        let of = |spaces: &[(&'static str, usize)]| {
            let spaces: Vec<Space> = spaces
                .iter()
                .enumerate()
                .map(|(line, (id, rows))| Space { id, rows: *rows, place: format!("line {line}") })
                .collect();
            warnings(&spaces)
        };
        assert_eq!(
            of(&[("maths_2023", 24), ("maths_2032", 1)]),
            ["line 1: the id maths_2032 has a single row, and maths_2023 has 24; is it a typo?"]
        );
        assert!(of(&[("lesson1", 2), ("lesson2", 1), ("lesson3", 1)]).is_empty());
        let found = of(&[("Caf\u{e9}", 2), ("Cafe\u{301}", 2), ("\u{ff21}1", 2), ("A1", 2)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|it| it.contains("look alike")), "{found:?}");
        assert_eq!(
            of(&[("7A", 2), ("7a", 2)]),
            ["the ids 7A (line 0) and 7a (line 1) differ only in case: they are two Spaces"]
        );
        assert!(of(&[("Caf\u{e9}", 2), ("Cafe", 2)]).is_empty());
    }
}
