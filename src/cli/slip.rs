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
    let person = if name == "name" { "--user-name is the person's name; " } else { "" };
    let missing = missing.join(" and ");
    Some(format!("{person}add-user never changes the Space; for that, launch has {missing}"))
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

    #[test]
    fn nobody_is_sent_to_a_flag_that_the_command_does_not_have() {
        let has = |command: &str, flag: &str| match command {
            "launch" => true,
            "add-user" => matches!(flag, "--user-name" | "--user-email" | "--time-zone"),
            _ => flag == "--api-url",
        };
        let space = |flag| format!("add-user never changes the Space; for that, launch has {flag}");
        for (flag, command, expected) in [
            (
                "--name",
                "launch",
                Some("--user-name is the person's name, --space-name the Space's".to_owned()),
            ),
            (
                "--name=x",
                "add-user",
                Some(format!("--user-name is the person's name; {}", space("--space-name"))),
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
