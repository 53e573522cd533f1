//! Ids that people take for one another: two Spaces where one was meant, and a sum under the table.

use crate::escape::untrusted;
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// A Space with at least so many rows is one that a single row may have been meant for.
const MANY: u32 = 5;

/// With more Spaces of a single row than this, single rows are the rule and no slip.
const MOST_SINGLE: usize = 500;

/// What stands under a table, and is not a Space.
const TOTALS: [&str; 10] = [
    "total",
    "totals",
    "grand total",
    "sum",
    "summe",
    "gesamt",
    "subtotal",
    "count",
    "average",
    "somme",
];

/// One Space of a roster.
#[derive(Debug, Clone, Copy)]
pub struct Space<'a> {
    /// Its id.
    pub id: &'a str,
    /// How many rows it has.
    pub rows: u32,
    /// The line of the first.
    pub line: u32,
}

/// What is worth a warning, each with the line that it is about.
pub fn warnings(spaces: &[Space]) -> Vec<(u32, String)> {
    let mut warnings = look_alikes(spaces);
    let single: Vec<&Space> = spaces.iter().filter(|space| space.rows == 1).collect();
    if single.len() > MOST_SINGLE || spaces.len() < 2 {
        return warnings;
    }
    let many: Vec<(Vec<char>, &Space)> = spaces
        .iter()
        .filter(|space| space.rows >= MANY)
        .map(|space| (space.id.chars().collect(), space))
        .collect();
    for space in single {
        let id: Vec<char> = space.id.chars().collect();
        let shown = untrusted(space.id);
        if TOTALS.contains(&space.id.to_lowercase().trim_end_matches(':')) {
            let message = format!(
                "the id {shown} has a single row, and looks like a sum under the table; if it is, \
                 remove the row"
            );
            warnings.push((space.line, message));
        } else if let Some((_, near)) = many.iter().find(|(near, _)| is_one_slip(&id, near)) {
            let message = format!(
                "the id {shown} has a single row, and {} has {}; check that it is not a slip",
                untrusted(near.id),
                near.rows
            );
            warnings.push((space.line, message));
        }
    }
    warnings
}

/// Ids of the same letters, which are encoded in two ways.
fn look_alikes(spaces: &[Space]) -> Vec<(u32, String)> {
    let plain = |id: &str| id.nfkc().collect::<String>();
    let beyond_ascii = || spaces.iter().filter(|space| !space.id.is_ascii());
    let mut first: HashMap<String, &str> = HashMap::new();
    for space in beyond_ascii() {
        first.insert(plain(space.id), "");
    }
    if first.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for space in spaces {
        let Some(earlier) = first.get_mut(&plain(space.id)) else { continue };
        if earlier.is_empty() {
            *earlier = space.id;
            continue;
        }
        let message = format!(
            "the ids {} and {} look alike, but their letters are encoded differently, and they are \
             two Spaces",
            untrusted(earlier),
            untrusted(space.id)
        );
        warnings.push((space.line, message));
    }
    warnings
}

/// Whether one character too many, too few or another, or two that changed places, make the one the
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
    fn single_rows_beside_many_sums_and_look_alikes_are_warned_of() {
        let space = |(id, rows, line)| Space { id, rows, line };
        let of = |spaces: &[(&'static str, u32, u32)]| {
            warnings(&spaces.iter().copied().map(space).collect::<Vec<_>>())
        };
        let found = of(&[("maths_2023", 24, 2), ("maths_2032", 1, 30), ("Total", 1, 31)]);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [30, 31]);
        assert!(found[0].1.contains("maths_2023 has 24"), "{found:?}");
        assert!(of(&[("lesson1", 2, 2), ("lesson2", 1, 4), ("lesson3", 1, 5)]).is_empty());
        let found =
            of(&[("Caf\u{e9}", 2, 2), ("Cafe\u{301}", 2, 4), ("\u{ff21}1", 2, 6), ("A1", 2, 8)]);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 8]);
        assert!(found.iter().all(|(_, words)| words.contains("look alike")), "{found:?}");
        assert!(of(&[("Caf\u{e9}", 2, 2), ("Cafe", 2, 4)]).is_empty());
    }
}
