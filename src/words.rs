//! Words as people write them: names that are nearly right, yes and no, numbers with their nouns.

/// The name in lower case, without blanks, `-`, `_` and `.`, which people mix up.
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The known name that is nearest to `name`, if one is near enough to be what was meant: one
/// slip in three characters, and at most three.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (strsim::osa_distance(&wanted, &folded(known)), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The meaning of a word such as `yes`, `off` or `1`; `None` for anything else.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" => Some(true),
        "false" | "no" | "off" | "0" | "n" => Some(false),
        _ => None,
    }
}

/// Whether a character is a dash that word processors make of `-` and `--`.
pub fn is_dash(character: char) -> bool {
    matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// A text with plain hyphens in the place of its dashes.
pub fn plain_dashes(text: &str) -> String {
    text.replace(is_dash, "-")
}

/// `1 row`, `2 rows`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_recognised_and_strangers_are_not() {
        let known =
            ["webhooks", "record_av", "timeouts", "transcribe", "summarise", "user name", "id"];
        for (typed, meant) in [
            ("webhook", Some("webhooks")),
            ("recordAV", Some("record_av")),
            ("Time-outs", Some("timeouts")),
            ("trascribe", Some("transcribe")),
            ("summarize", Some("summarise")),
            ("usr nme", Some("user name")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }
}
