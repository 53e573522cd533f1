//! Tab completion: what the generators of clap make, without hidden flags, with known values for flags
//! that take others too, and with a few lines fixed that would offer what the program does not take.

use super::Cli;
use crate::body::schema;
use crate::commands::completions::Shell;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _};
use clap_complete::{Generator, Shell as Complete};
use clap_complete_nushell::Nushell;
use jiff::tz::TimeZoneDatabase;
use std::io::{self, Write};

/// Writes a shell's tab completion.
pub fn write_completions(shell: Shell, to: &mut dyn Write) -> io::Result<()> {
    let command = program();
    let generator: &dyn Generator = match shell {
        Shell::Bash => &Complete::Bash,
        Shell::Elvish => &Complete::Elvish,
        Shell::Fish => &Complete::Fish,
        Shell::Nushell => &Nushell,
        Shell::PowerShell => &Complete::PowerShell,
        Shell::Zsh => &Complete::Zsh,
    };
    let mut script = Vec::new();
    generator.try_generate(&command, &mut script)?;
    let script = String::from_utf8(script).map_err(io::Error::other)?;
    let glued = glued_flags(&command);
    let script = match shell {
        Shell::Bash => bash(&script, &glued),
        Shell::Fish => fish(&script, &glued, &command),
        Shell::Zsh => zsh(script, &glued),
        Shell::Elvish | Shell::Nushell | Shell::PowerShell => script,
    };
    to.write_all(script.as_bytes())
}

/// The whole command line but for hidden flags, which the generators would offer.
fn program() -> Command {
    let mut command = Cli::command();
    command.set_bin_name("lessonspace");
    command.build();
    let mut visible = visible(&command);
    visible.set_bin_name("lessonspace");
    visible.build();
    visible
}

/// A copy, because clap can hide a flag but not remove it. It includes the flags and commands for help
/// and version.
fn visible(command: &Command) -> Command {
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let copy = Command::new(leaked(command.get_name().to_owned()))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments.cloned().map(with_values))
        .subcommands(command.get_subcommands().map(visible));
    match command.get_about() {
        Some(about) => copy.about(about.clone()),
        None => copy,
    }
}

/// A flag with its usual values, of which clap would refuse all others if it parsed with them.
fn with_values(argument: Arg) -> Arg {
    let values: Vec<&'static str> = match argument.get_long() {
        Some("role") => vec!["teacher", "student", "admin"],
        Some("feature") => schema::features().collect(),
        Some("webhook") => schema::webhook_groups().flat_map(webhook_events).collect(),
        Some("time-zone") => time_zones(),
        _ => return argument,
    };
    argument.value_parser(PossibleValuesParser::new(values))
}

/// clap wants words that live as long as the program, which here is not much longer.
fn leaked(word: String) -> &'static str {
    word.leak()
}

/// The start of a value of `--webhook`; the URL follows.
fn webhook_events(group: &'static str) -> impl Iterator<Item = &'static str> {
    let events = schema::webhook_events(group).unwrap_or_default();
    events.iter().map(move |event| leaked(format!("{group}.{}=", event.name)))
}

/// Zones as people know them, `Europe/London`, without `Etc/GMT+1`, `EST` and other old names. The
/// list is that of the program, so the scripts are the same on every computer.
fn time_zones() -> Vec<&'static str> {
    const AREAS: &str =
        "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific";
    let mut zones: Vec<&'static str> = TimeZoneDatabase::bundled()
        .available()
        .map(|zone| leaked(zone.as_str().to_owned()))
        .filter(|zone| {
            zone.split_once('/').is_some_and(|(area, _)| AREAS.split(' ').any(|it| it == area))
        })
        .collect();
    zones.push("UTC");
    zones.sort_unstable();
    zones
}

/// The flags that take a value only behind a `=`, such as `--qr=svg`, without their dashes.
fn glued_flags(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|argument| argument.is_require_equals_set());
    let mut flags: Vec<String> =
        own.filter_map(|argument| argument.get_long().map(str::to_owned)).collect();
    flags.extend(command.get_subcommands().flat_map(glued_flags));
    flags.sort();
    flags.dedup();
    flags
}

/// Bash parts `--expect=c` at the sign, so that the flag is the word before the last but one; and a
/// flag of `glued` has no value in the word behind it.
fn bash(script: &str, glued: &[String]) -> String {
    const PREVIOUS: &str = "    prev=\"$3\"\n";
    let flags: Vec<String> = glued.iter().map(|flag| format!("--{flag}")).collect();
    let fixed = format!(
        "{PREVIOUS}    \
         if [[ \"${{prev}}\" == \"=\" && \"${{COMP_CWORD}}\" -ge 2 ]]; then\n        \
             prev=\"${{COMP_WORDS[COMP_CWORD-2]}}\"\n    \
         elif [[ \"${{COMP_WORDS[COMP_CWORD]}}\" != \"=\" ]]; then\n        \
             case \"${{prev}}\" in\n            \
                 {})\n                \
                     prev=\"\"\n                \
                     ;;\n        \
             esac\n    \
         fi\n",
        flags.join("|")
    );
    script.replacen(PREVIOUS, &fixed, 1)
}

/// Zsh writes `=-` where a value must stand in the flag's own word.
fn zsh(script: String, glued: &[String]) -> String {
    glued.iter().fold(script, |script, flag| {
        script.replace(&format!("--{flag}=["), &format!("--{flag}=-["))
    })
}

/// Fish offers a value as a word of its own only behind a flag with `-r`. The commands after `help`
/// are offered unless one of them stands there, and `help` itself is not one of them; the shells after
/// `completions` are missing.
fn fish(script: &str, glued: &[String], command: &Command) -> String {
    let fixed = script.lines().map(|line| {
        let is_glued = glued.iter().any(|flag| line.contains(&format!("\" -l {flag} -d '")));
        let is_help = line.contains("_using_subcommand help; and not __fish_seen_subcommand_from ");
        match line.rsplit_once("' -r") {
            Some((before, after)) if is_glued => format!("{before}'{after}"),
            _ if is_help => line.replacen(" help\" -f", "\" -f", 1),
            _ => line.to_owned(),
        }
    });
    let values = command.get_subcommands().filter_map(|subcommand| {
        let name = subcommand.get_name();
        let values = subcommand.get_positionals().flat_map(clap::Arg::get_possible_values);
        let words: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
        let condition =
            format!("complete -c lessonspace -n \"__fish_lessonspace_using_subcommand {name}\" -f");
        match words.as_slice() {
            [] if name == "help" => Some(condition),
            [] => None,
            words => Some(format!("{condition} -a \"{}\"", words.join(" "))),
        }
    });
    fixed.chain(values).map(|line| line + "\n").collect()
}
