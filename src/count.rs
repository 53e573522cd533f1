//! Numbers with their nouns, as people read them.

/// `1 row`, `2 rows`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
