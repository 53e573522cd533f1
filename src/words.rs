//! Words as people write them: near misses, yes and no, weekdays, and numbers with nouns.

use jiff::civil::{Date, Weekday};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthStr as _;

/// The name in lower case, without whitespace, `-`, `_` or `.`, which people mix up.
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The known name nearest to `name`, if it is close enough to be a typo: one typo per three characters
/// is allowed, at least one and at most three.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    let length = wanted.chars().count();
    let allowed = (length / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (folded(known), known))
        // The distance is at least the difference in length, and slow to compute for a large cell.
        .filter(|(folded, _)| folded.chars().count().abs_diff(length) <= allowed)
        .map(|(folded, known)| (strsim::osa_distance(&wanted, &folded), known))
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

/// The days of the week in English, German, French, Spanish, Italian, Dutch, Polish and Portuguese:
/// first full names, which match from three letters on, then short names, which match only in full.
/// All in the form of [`plain_letters`].
const WEEKDAYS: [(Weekday, &str, &str); 7] = [
    (
        Weekday::Monday,
        "monday montag lundi lunes lunedi maandag poniedzialek segunda-feira",
        "mo ma lu pn",
    ),
    (
        Weekday::Tuesday,
        "tuesday dienstag mardi martes martedi dinsdag wtorek terca-feira",
        "tu di ma wt",
    ),
    (
        Weekday::Wednesday,
        "wednesday mittwoch mercredi miercoles mercoledi woensdag sroda quarta-feira",
        "we weds mi me wo sr",
    ),
    (
        Weekday::Thursday,
        "thursday donnerstag jeudi jueves giovedi donderdag czwartek quinta-feira",
        "th do je ju gi cz",
    ),
    (
        Weekday::Friday,
        "friday freitag vendredi viernes venerdi vrijdag piatek sexta-feira",
        "fr ve vi vr pt",
    ),
    (
        Weekday::Saturday,
        "saturday samstag sonnabend samedi sabado sabato zaterdag sobota",
        "sa za sb",
    ),
    (Weekday::Sunday, "sunday sonntag dimanche domingo domenica zondag niedziela", "su so zo nd"),
];

/// The days that a word can mean, with or without a final dot or comma; usually one or none. `ma`
/// is Monday in Dutch, and Tuesday in French, Spanish and Italian.
pub fn weekdays(word: &str) -> Vec<Weekday> {
    let word = plain_letters(word.trim_end_matches(['.', ',']));
    let names = |whole: &str, short: &str| {
        short.split(' ').any(|name| name == word)
            || (word.len() >= 3 && whole.split(' ').any(|name| name.starts_with(&word)))
    };
    WEEKDAYS.iter().filter(|(_, whole, short)| names(whole, short)).map(|(day, ..)| *day).collect()
}

/// Rejects a date that is not on one of these days.
pub fn check_weekday(date: Date, days: &[Weekday]) -> Result<(), String> {
    if days.contains(&date.weekday()) {
        return Ok(());
    }
    let written: Vec<&str> = days.iter().map(|day| weekday_name(*day)).collect();
    Err(format!(
        "{} is a {}, not a {}",
        date.strftime("%-d %b %Y"),
        weekday_name(date.weekday()),
        written.join(" or ")
    ))
}

/// The English name of a weekday.
pub fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// A word in lower case and without accents.
pub fn plain_letters(word: &str) -> String {
    let letters = word.nfd().filter(|character| !is_combining_mark(*character));
    letters.flat_map(char::to_lowercase).map(|c| if c == 'ł' { 'l' } else { c }).collect()
}

/// Whether a character is a dash that word processors substitute for `-` and `--`.
pub fn is_dash(character: char) -> bool {
    matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// All ways to split a text at a hyphen, a dash or the word `to`, without the whitespace around it.
pub fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_around = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c.is_ascii_digit());
    text.char_indices().filter_map(move |(index, character)| {
        let (start, rest) = text.split_at(index);
        let end = if character == '-' || is_dash(character) {
            &rest[character.len_utf8()..]
        } else {
            let is_to = rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("to"));
            let end = rest.get(2..).filter(|_| is_to)?;
            let is_word = is_around(start.chars().next_back()) && is_around(end.chars().next());
            is_word.then_some(end)?
        };
        Some((start.trim_end(), end.trim_start()))
    })
}

/// The text with plain hyphens instead of dashes.
pub fn plain_dashes(text: &str) -> String {
    text.replace(is_dash, "-")
}

/// `1 row`, `2 rows`.
pub fn count(number: usize, noun: &str) -> String {
    plural(number, noun, &format!("{noun}s"))
}

/// `1 person has`, `2 people have`.
pub fn plural(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// The first lines of a list, and the number of lines left out.
pub fn first_of(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    lines.truncate(most);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// `4, 9 and 12`; for more than `all` names, the first ones: `4, 9, 12 and 31 more`.
pub fn listed(names: &[&str], all: usize, first: usize) -> String {
    if names.len() > all {
        return format!("{} and {} more", names[..first].join(", "), names.len() - first);
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// The text, cut if it takes more than `widest` columns of a terminal.
pub fn shortened(text: &str, widest: usize) -> String {
    if text.width() <= widest {
        return text.to_owned();
    }
    let mut short = String::new();
    for character in text.chars() {
        if short.width() + 2 > widest {
            break;
        }
        short.push(character);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_recognised_in_eight_languages() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        for (words, day) in [
            (
                "Mon monday MO. Montag lundi lun. lunes lunedì maandag pon. poniedziałek seg segunda",
                Monday,
            ),
            (
                "Tue Tues. Di Dienstag mardi mar. martes martedì dinsdag wt. wtorek terça ter",
                Tuesday,
            ),
            (
                "Wed Mi. Mittwoch mercredi miércoles mié miercole\u{301}s mercoledì wo śr. środa qua",
                Wednesday,
            ),
            (
                "Thu thurs Do Donnerstag jeudi jueves giovedì donderdag czw. czwartek quinta-feira",
                Thursday,
            ),
            ("Fri Fr. Freitag vendredi viernes venerdì vrijdag vr pt. piątek sexta sex", Friday),
            ("Sat Sa Samstag Sonnabend samedi sábado sabato zaterdag za sob. sobota", Saturday),
            ("Sun So. Sonntag dimanche dim. domingo domenica zondag zo niedz. niedziela", Sunday),
        ] {
            for word in words.split(' ') {
                assert_eq!(weekdays(word), [day], "{word}");
            }
        }
        assert_eq!(weekdays("ma"), [Monday, Tuesday]);
        assert_eq!(weekdays("Sonn."), [Saturday, Sunday]);
        for word in ["", "m", "t", "tuesdays", "dez", "1wed", "now", "tomorrow", "日"] {
            assert_eq!(weekdays(word), [], "{word}");
        }
    }

    #[test]
    fn near_matches_are_recognised_and_other_words_are_not() {
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
