//! Dates with the month as a word: `1-Dec-26`, `1 December 2026`, `Dec 1, 2026`.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A character between the parts of such a date.
fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '/' | ',' | '.')
}

/// The date, and what follows it, if the text begins with a day, a month in English letters and a
/// year, or a month, a day and a year; a day of the week before it is passed over. Two digits of a
/// year are of this century. The error is a date that there is not.
pub(super) fn date_with_word(text: &str) -> Option<Result<(Date, &str), ()>> {
    let (mut first, mut rest) = part(text)?;
    if index_of(first, &DAYS).is_some() {
        (first, rest) = part(rest)?;
    }
    let (second, rest) = part(rest)?;
    let (year, rest) = part(rest)?;
    let (day, month) = match (index_of(first, &MONTHS), index_of(second, &MONTHS)) {
        (None, Some(month)) => (first, month),
        (Some(month), None) => (second, month),
        _ => return None,
    };
    let day = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i16>().ok()).flatten()
    };
    let year = match (year.len(), number(year)?) {
        (2, year) => 2000 + year,
        (4, year) => year,
        _ => return None,
    };
    let day = i8::try_from(number(day)?).unwrap_or_default();
    let month = i8::try_from(month + 1).unwrap_or_default();
    Some(Date::new(year, month, day).map(|date| (date, rest.trim())).map_err(|_| ()))
}

/// The first part of a date, and the text after what stands behind it.
fn part(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(is_between);
    let end = text.find(is_between).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Which name it is, or begins: three letters at least.
fn index_of(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.to_lowercase();
    (word.len() >= 3).then(|| names.iter().position(|name| name.starts_with(&word))).flatten()
}
