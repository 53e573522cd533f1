//! Slips of the command line that can be told apart from mere typing errors: flags that other
//! programs or people would call so.

/// What was meant by a flag that does not exist. `has` tells whether a command has a flag: nobody is
/// sent to one that is missing where they are.
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
    let person = if name == "name" { "use --user-name for the person's name; " } else { "" };
    let missing = missing.join(" and ");
    Some(format!("{person}add-user does not change the Space; use launch with {missing}"))
}

/// The flags that a hint names.
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
        "features" => "use --feature KEY=on or KEY=off, once per feature",
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
        "start" | "from" => "use --not-before TIME for when the link starts to work",
        "end" | "until" => "use --not-after TIME for when the link expires",
        "timezone" | "tz" => "use --time-zone for the time zone, such as Europe/London",
        "record" | "recording" => {
            "use --record-av to record audio and video, --record-content for the whiteboards"
        }
        "summary" | "summarize" => "did you mean --summarise?",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_a_flag_that_the_command_does_not_have() {
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
                Some(format!("use --user-name for the person's name; {}", space("--space-name"))),
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
}
