//! Hints for mistakes that are more than typos: flags with names that other programs or people would
//! use, and typographic dashes and quotes, which word processors and web pages substitute for plain ones
//! and no shell understands. Only flag names are repeated, because other words may be a key.

use crate::words::{is_dash, plain_dashes};
use std::ffi::OsString;

/// A hint for a flag that does not exist. `has` checks whether a command has a flag, so that only flags
/// of the command in use are suggested.
pub fn meant(flag: &str, command: &str, has: impl Fn(&str, &str) -> bool) -> Option<String> {
    let name = flag.strip_prefix("--")?.split('=').next()?.to_ascii_lowercase();
    let own = format!("--{name}");
    let hint = hint(&name);
    let missing: Vec<&str> = hint
        .map_or_else(|| vec![own.as_str()], flags_in)
        .into_iter()
        .filter(|flag| !has(command, flag))
        .collect();
    if missing.is_empty() {
        return hint.map(str::to_owned);
    }
    if command != "add-user" || !missing.iter().all(|flag| has("launch", flag)) {
        return None;
    }
    if name == "name" {
        let hint = "use --user-name for the person's name; to name the Space, use launch with --space-name";
        return Some(hint.to_owned());
    }
    Some(format!("add-user does not change the Space; use launch with {}", missing.join(" and ")))
}

/// The flags named in a hint.
fn flags_in(hint: &str) -> Vec<&str> {
    hint.split(' ')
        .filter(|word| word.starts_with("--"))
        .map(|word| {
            word.split(|c: char| c != '-' && !c.is_ascii_lowercase()).next().unwrap_or(word)
        })
        .collect()
}

fn hint(name: &str) -> Option<&'static str> {
    Some(match name {
        "name" => "use --user-name for the person's name, --space-name for the Space's",
        "email" | "mail" | "e-mail" => "use --user-email for the person's email address",
        "user" | "person" => "describe the person with --user-id, --user-name and --user-email",
        "space" | "space-id" | "room" | "room-id" => "use --id for the Space id",
        "student" | "pupil" => "for a student: --user-name NAME --role student",
        "teacher" | "tutor" => "for a teacher: --leader, plus --role teacher if you need the role",
        "host" | "moderator" => "for the person who leads the lesson: --leader",
        "webhooks" | "hook" => "use --webhook EVENT=URL, once per webhook",
        "features" => "use --feature FEATURE=on or FEATURE=off, once per feature",
        "key" | "api-key" | "apikey" | "token" => {
            "do not put the API key on the command line; use LESSONSPACE_API_KEY or --api-key-file"
        }
        "url" => "use --api-url for the API's address",
        "duration" | "expires" | "expiry" | "ttl" => {
            "use --valid-for 90m for how long the link lasts, or --not-after TIME for when it expires"
        }
        "lesson" | "time" | "when" => {
            "use --lesson-time for start and end, such as \"2026-12-01 14:00-14:45\""
        }
        "start" | "from" => "use --not-before TIME for when the link becomes valid",
        "end" | "until" => "use --not-after TIME for when the link expires",
        "timezone" | "tz" => "use --time-zone for the time zone, such as Europe/London",
        "record" | "recording" => {
            "use --record-av to record audio and video, --record-content for the whiteboards"
        }
        "summary" | "summarize" => "did you mean --summarise?",
        _ => return None,
    })
}

/// Quotes that word processors substitute for `"` and `'`, each with its closing quotes.
const QUOTES: [(char, &[char]); 12] = [
    ('\u{201c}', &['\u{201d}', '\u{201c}']),
    ('\u{201d}', &['\u{201d}']),
    ('\u{201e}', &['\u{201c}', '\u{201d}']),
    ('\u{201f}', &['\u{201d}', '\u{201f}']),
    ('\u{ab}', &['\u{bb}']),
    ('\u{bb}', &['\u{ab}', '\u{bb}']),
    ('\u{2039}', &['\u{203a}']),
    ('\u{203a}', &['\u{2039}', '\u{203a}']),
    ('\u{201a}', &['\u{2018}', '\u{2019}']),
    ('\u{2018}', &['\u{2019}', '\u{2018}']),
    ('\u{2019}', &['\u{2019}', '\u{2018}']),
    ('\u{201b}', &['\u{2019}']),
];

/// Quotes that are also apostrophes: a name may start or end with one.
const APOSTROPHES: [char; 3] = ['\u{2018}', '\u{2019}', '\u{201b}'];

/// Flags that take a name, `=` and a value.
const PAIRS: [&str; 4] = ["--set", "--webhook", "--feature", "--map"];

pub struct FlagHint {
    /// What is wrong.
    pub headline: String,
    /// What to type.
    pub hint: String,
}

/// Finds the first typographic dash in a flag, or typographic quotes around a value.
pub fn typographic(arguments: &[OsString], is_flag: impl Fn(&str) -> bool) -> Option<FlagHint> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let words: Vec<&str> = words.take_while(|word| *word != "--").collect();
    let mut previous = "";
    for (index, word) in words.iter().enumerate() {
        if let Some(hint) = dash(word, &is_flag)
            .or_else(|| values(word, previous).find_map(|value| quote(value, &words[index + 1..])))
        {
            return Some(hint);
        }
        previous = word;
    }
    None
}

fn dash(word: &str, is_flag: impl Fn(&str) -> bool) -> Option<FlagHint> {
    let first = word.chars().next().filter(|first| *first == '-' || is_dash(*first))?;
    let flag = word.split('=').next().unwrap_or(word);
    let found = flag.chars().find(|character| is_dash(*character))?;
    let name = plain_dashes(flag);
    let name = name.trim_start_matches('-');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name.contains(char::is_whitespace) {
        return None;
    }
    let verb = if found == first { "starts with" } else { "contains" };
    let plain = format!("--{name}");
    let hint = if is_flag(&plain) {
        format!("type plain hyphens: {plain} (word processors and web pages change them)")
    } else {
        "type two plain hyphens: -- (word processors and web pages change them)".to_owned()
    };
    let headline =
        format!("an argument {verb} a typographic dash ({found}, U+{:04X})", u32::from(found));
    Some(FlagHint { headline, hint })
}

/// Where a value may start in a word: at once, after the `=` of `--flag=value`, and after the `=`
/// of `user.name=value`.
fn values<'a>(word: &'a str, previous: &str) -> impl Iterator<Item = &'a str> {
    let (flag, inner) = match word.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
        _ => (previous, None),
    };
    let pair = PAIRS.contains(&flag).then(|| inner.unwrap_or(word).split_once('=')).flatten();
    [Some(word), inner, pair.map(|(_, value)| value)].into_iter().flatten()
}

/// Finds quotes around a value. If the closing quote is missing, the value was split at a space; if
/// text follows it, the quotes belong to the value.
fn quote(value: &str, following: &[&str]) -> Option<FlagHint> {
    let first = value.chars().next()?;
    let (_, closing) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let inner = &value[first.len_utf8()..];
    let may_be_apostrophe = APOSTROPHES.contains(&first);
    let is_around = match inner.find(|c| closing.contains(&c)) {
        Some(_) if may_be_apostrophe => inner.ends_with(*closing),
        Some(end) => inner[end..].chars().count() == 1,
        None if may_be_apostrophe => {
            let mut rest = following.iter().take_while(|word| !word.starts_with('-'));
            rest.any(|word| word.ends_with(*closing))
        }
        None => true,
    };
    is_around.then(|| FlagHint {
        headline: format!(
            "a value starts with a typographic quote ({first}, U+{:04X})",
            u32::from(first)
        ),
        hint: "type plain quotes, which the shell understands: \"Peter Parker\"".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_never_suggest_a_flag_that_the_command_lacks() {
        let has = |command: &str, flag: &str| match command {
            "launch" => true,
            "add-user" => matches!(flag, "--user-name" | "--user-email" | "--time-zone"),
            _ => flag == "--api-url",
        };
        let space = |flag| format!("add-user does not change the Space; use launch with {flag}");
        for (flag, command, expected) in [
            (
                "--name",
                "launch",
                Some(
                    "use --user-name for the person's name, --space-name for the Space's"
                        .to_owned(),
                ),
            ),
            (
                "--name=x",
                "add-user",
                Some(
                    "use --user-name for the person's name; to name the Space, use launch with \
                     --space-name"
                        .to_owned(),
                ),
            ),
            ("--space-name", "add-user", Some(space("--space-name"))),
            ("--webhooks", "add-user", Some(space("--webhook"))),
            ("--record", "add-user", Some(space("--record-av and --record-content"))),
            ("--tz", "add-user", hint("tz").map(str::to_owned)),
            ("--name", "hello", None),
            ("--tz", "hello", None),
            ("--space-name", "hello", None),
            ("--url", "hello", hint("url").map(str::to_owned)),
        ] {
            assert_eq!(meant(flag, command, has), expected, "{command} {flag}");
        }
    }

    fn found(words: &[&str]) -> Option<FlagHint> {
        let arguments: Vec<OsString> =
            ["lessonspace", "launch"].iter().chain(words).map(OsString::from).collect();
        typographic(&arguments, |flag| flag == "--user-name")
    }

    #[test]
    fn typographic_dashes_and_quotes_are_detected() {
        let dash = |verb: &str, c: &str, code: &str| {
            format!("an argument {verb} a typographic dash ({c}, {code})")
        };
        let quote =
            |c: &str, code: &str| format!("a value starts with a typographic quote ({c}, {code})");
        for (words, expected) in [
            (&["–id", "x"][..], dash("starts with", "–", "U+2013")),
            (&["—leader"], dash("starts with", "—", "U+2014")),
            (&["--user–name", "A"], dash("contains", "–", "U+2013")),
            (&["-–user-name=A"], dash("contains", "–", "U+2013")),
            (&["--user-name", "“Peter", "Parker”"], quote("“", "U+201C")),
            (&["--user-name", "‘Peter", "Parker’"], quote("‘", "U+2018")),
            (&["--id", "“bio101”"], quote("“", "U+201C")),
            (&["--id=„bio101“"], quote("„", "U+201E")),
            (&["--id", "‘a’"], quote("‘", "U+2018")),
            (&["--user-name", "‚Peter‘"], quote("‚", "U+201A")),
            (&["--user-name", "»Peter«"], quote("»", "U+00BB")),
            (&["--user-name", "«Peter»"], quote("«", "U+00AB")),
            (&["--user-name", "’Peter’"], quote("’", "U+2019")),
            (&["--user-name", "’Peter O’Neill’"], quote("’", "U+2019")),
            (&["--user-name", "‟Peter”"], quote("‟", "U+201F")),
            (&["--user-name", "›Peter‹"], quote("›", "U+203A")),
            (&["--set", "user.name=“Peter”"], quote("“", "U+201C")),
            (&["--set", "user.name=“Peter", "Parker”"], quote("“", "U+201C")),
            (&["--set=user.name=“Peter”"], quote("“", "U+201C")),
            (&["--webhook", "session=“https://a/”"], quote("“", "U+201C")),
            (&["--feature", "chat.enabled=“off”"], quote("“", "U+201C")),
        ] {
            let headline = found(words).map(|found| found.headline);
            assert_eq!(headline, Some(expected), "{words:?}");
        }
    }

    #[test]
    fn quotations_apostrophes_and_dashes_in_text_are_kept() {
        for words in [
            &["--space-name", "“Hamlet” in class"][..],
            &["--space-name", "– Monday –"],
            &["--space-name", "x=“Hamlet”"],
            &["--user-name", "Anna ‘Annie’ O’Brien"],
            &["--user-name", "Jess’"],
            &["--user-name", "’n Sync", "--leader"],
            &["--user-name", "‘t Hooft", "--space-name", "Jess’"],
            &["--set", "user.name=O’Neill"],
            &["--set", "user.name=Jess’"],
            &["--", "–id"],
        ] {
            assert!(found(words).is_none(), "{words:?}");
        }
    }

    #[test]
    fn a_known_flag_is_shown_in_its_plain_spelling() {
        let hint = |word| found(&[word]).map(|found| found.hint).unwrap_or_default();
        assert!(hint("--user–name").starts_with("type plain hyphens: --user-name ("));
        assert!(hint("–user-name=A").starts_with("type plain hyphens: --user-name ("));
        assert!(hint("–sk_live_5").starts_with("type two plain hyphens: -- ("), "it may be a key");
    }
}
