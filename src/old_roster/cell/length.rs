//! Lengths of time as clocks and spreadsheets show them: `1:30` is an hour and a half.

use std::borrow::Cow;

/// Turns hours and minutes, and seconds if there are any, into `1h30m`; any other text comes back
/// unchanged.
pub(crate) fn length_text(cell: &str) -> Cow<'_, str> {
    parts(cell.trim()).map_or(Cow::Borrowed(cell), Cow::Owned)
}

fn parts(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds, None) =
        (parts.next()?, parts.next()?, parts.next().unwrap_or("00"), parts.next())
    else {
        return None;
    };
    let number = |part: &str, digits: usize| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=digits).contains(&part.len());
        (is_number && fits).then(|| part.parse::<u32>().ok()).flatten()
    };
    let is_below_60 = |part: &str| part.len() == 2 && number(part, 2).is_some_and(|it| it < 60);
    if !is_below_60(minutes) || !is_below_60(seconds) {
        return None;
    }
    let counts = [(number(hours, 4)?, 'h'), (number(minutes, 2)?, 'm'), (number(seconds, 2)?, 's')];
    let given = counts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = given.map(|(count, unit)| format!("{count}{unit}")).collect();
    Some(if parts.is_empty() { "0m".to_owned() } else { parts.concat() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_minutes_are_a_length_and_other_text_is_left_alone() {
        for (cell, text) in [
            ("1:30", "1h30m"),
            ("01:30:00", "1h30m"),
            ("0:45", "45m"),
            ("25:00", "25h"),
            ("0:00:30", "30s"),
            ("0:00", "0m"),
            (" 2:05 ", "2h5m"),
            ("90m", "90m"),
            ("1:5", "1:5"),
            ("1:60", "1:60"),
            (":30", ":30"),
            ("1:30:00:00", "1:30:00:00"),
            ("12345:00", "12345:00"),
        ] {
            assert_eq!(length_text(cell), text, "{cell}");
        }
    }
}
