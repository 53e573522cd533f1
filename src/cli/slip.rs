//! Slips of the command line that can be told apart from mere typing errors: typographic dashes and
//! quotes, and flags that other programs or people would call so.

use std::ffi::OsString;

/// Dashes that word processors make of `-` and `--`.
const DASHES: [char; 6] = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'];

/// Quotes that word processors make of `"` and `'`, each where it opens and where it closes.
const QUOTES: [(char, &[char]); 5] = [
    ('\u{201c}', &['\u{201d}']),
    ('\u{201e}', &['\u{201c}', '\u{201d}']),
    ('\u{201d}', &['\u{201d}']),
    ('\u{2018}', &['\u{2019}']),
    ('\u{ab}', &['\u{bb}']),
];

/// A headline and a hint.
pub struct Slip {
    /// What is wrong.
    pub headline: String,
    /// What to type.
    pub hint: String,
}

/// A dash before a flag, or quotes around a value, that no shell takes for one. The words
/// themselves are not repeated: one may be a key.
pub fn typographic(arguments: &[OsString]) -> Option<Slip> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words.take_while(|word| *word != "--").find_map(|word| dash(word).or_else(|| quote(word)))
}

fn dash(word: &str) -> Option<Slip> {
    let first = word.chars().next().filter(|first| DASHES.contains(first))?;
    let name = word.trim_start_matches(|c| c == '-' || DASHES.contains(&c));
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    Some(Slip {
        headline: format!(
            "an argument begins with a typographic dash ({first}, U+{:04X})",
            u32::from(first)
        ),
        hint: "word processors and web pages turn -- into it; type two plain hyphens: --"
            .to_owned(),
    })
}

fn quote(word: &str) -> Option<Slip> {
    // In --flag=“value” the value begins behind the sign.
    let value = word.strip_prefix("--").and_then(|flag| Some(flag.split_once('=')?.1));
    let value = value.unwrap_or(word);
    let first = value.chars().next()?;
    let (_, closing) = QUOTES.iter().find(|(open, _)| *open == first)?;
    // Without its end it was cut at a blank; with text behind the end it is a real quotation.
    let inner = &value[first.len_utf8()..];
    let end = inner.find(|c| closing.contains(&c));
    if end.is_some_and(|end| inner[end..].chars().count() > 1) {
        return None;
    }
    Some(Slip {
        headline: format!(
            "a value begins with a typographic quote ({first}, U+{:04X})",
            u32::from(first)
        ),
        hint: "the shell does not take it for a quote; type plain ones: \"Peter Parker\""
            .to_owned(),
    })
}

/// What was meant by a flag that does not exist.
pub fn meant(flag: &str) -> Option<&'static str> {
    let name = flag.strip_prefix("--")?.split('=').next()?.to_ascii_lowercase();
    Some(match name.as_str() {
        "name" => "--user-name is the person's name, --space-name the Space's",
        "email" | "mail" | "e-mail" => "the person's address goes into --user-email",
        "user" | "person" => "a person has --user-id, --user-name and --user-email",
        "space" | "space-id" | "room" | "room-id" => "the Space's id goes into --id",
        "student" | "pupil" => "a student's link: --user-name NAME --role student",
        "teacher" | "tutor" => {
            "a teacher's link: --leader, with --role teacher if you need the role"
        }
        "host" | "moderator" => "who leads the Space: --leader",
        "webhooks" | "hook" => "each webhook has a flag of its own: --webhook EVENT=URL",
        "features" => "each feature has a flag of its own: --feature KEY=on or KEY=off",
        "key" | "api-key" | "apikey" | "token" => {
            "a key never goes on the command line; give it in LESSONSPACE_API_KEY or --api-key-file"
        }
        "url" => "the API's address goes into --api-url",
        "duration" | "expires" | "expiry" | "ttl" => {
            "how long the link works: --valid-for 90m, or until when: --not-after TIME"
        }
        "start" | "from" => "when the link begins to work: --not-before TIME",
        "end" | "until" => "when the link stops working: --not-after TIME",
        "timezone" | "tz" => "the zone goes into --time-zone, such as Europe/London",
        "record" | "recording" => {
            "--record-av records sound and video, --record-content the boards"
        }
        "summary" | "summarize" => "the flag is --summarise",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip(words: &[&str]) -> Option<String> {
        let arguments: Vec<OsString> =
            ["lessonspace", "launch"].iter().chain(words).map(OsString::from).collect();
        typographic(&arguments).map(|slip| slip.headline)
    }

    #[test]
    fn typographic_dashes_and_quotes_are_found_and_real_ones_stay() {
        let dash = |c: &str, code: &str| {
            Some(format!("an argument begins with a typographic dash ({c}, {code})"))
        };
        let quote = |c: &str, code: &str| {
            Some(format!("a value begins with a typographic quote ({c}, {code})"))
        };
        for (words, expected) in [
            (&["–id", "x"][..], dash("–", "U+2013")),
            (&["—leader"], dash("—", "U+2014")),
            (&["--user-name", "“Peter", "Parker”"], quote("“", "U+201C")),
            (&["--id", "“bio101”"], quote("“", "U+201C")),
            (&["--id=„bio101“"], quote("„", "U+201E")),
            (&["--id", "‘a’"], quote("‘", "U+2018")),
            (&["--space-name", "“Hamlet” in class"], None),
            (&["--space-name", "– Monday –"], None),
            (&["--user-name", "Anna ‘Annie’ O’Brien"], None),
            (&["--", "–id"], None),
        ] {
            assert_eq!(slip(words), expected, "{words:?}");
        }
    }
}
