//! Tab completion: the scripts that clap generates, without hidden flags, with common values for flags
//! that accept any value, and with fixes where a script suggests something the program rejects.

use super::Cli;
use crate::body::schema;
use crate::commands::completions::Shell;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _};
use clap_complete::{Generator, Shell as Complete};
use clap_complete_nushell::Nushell;
use jiff::tz::TimeZoneDatabase;
use std::io::{self, Write};

/// Writes the tab-completion script for a shell.
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

/// The command line without hidden flags, which the generators would offer.
fn program() -> Command {
    let mut command = Cli::command();
    command.set_bin_name("lessonspace");
    command.build();
    let mut visible = visible(&command);
    visible.set_bin_name("lessonspace");
    visible.build();
    visible
}

/// A copy, because clap can hide a flag but not remove it. Includes the flags and commands for help
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

/// A flag with its usual values. If clap parsed with them, it would reject all others.
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

/// clap requires static strings. The program exits soon, so the leak is harmless.
fn leaked(word: String) -> &'static str {
    word.leak()
}

/// The start of each `--webhook` value; the URL follows.
fn webhook_events(group: &'static str) -> impl Iterator<Item = &'static str> {
    let events = schema::webhook_events(group).unwrap_or_default();
    events.iter().map(move |event| leaked(format!("{group}.{}=", event.name)))
}

/// Common zones such as `Europe/London`, without `Etc/GMT+1`, `EST` and other old names. The list
/// is built into the program, so the scripts are the same on every computer.
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

/// Flags that take a value only after `=`, such as `--qr=svg`, without their dashes.
fn glued_flags(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|argument| argument.is_require_equals_set());
    let mut flags: Vec<String> =
        own.filter_map(|argument| argument.get_long().map(str::to_owned)).collect();
    flags.extend(command.get_subcommands().flat_map(glued_flags));
    flags.sort();
    flags.dedup();
    flags
}

/// Bash splits `--expect=c` at the `=`, so the flag is two words back. A flag in `glued` does not
/// take the next word as its value.
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

/// Zsh needs `=-` where a value must be part of the flag's own word.
fn zsh(script: String, glued: &[String]) -> String {
    glued.iter().fold(script, |script, flag| {
        script.replace(&format!("--{flag}=["), &format!("--{flag}=-["))
    })
}

/// Fixes for fish: flags in `glued` do not take a separate word, so they get no `-r`; `help` does not
/// count as a command after `help`; the shells are offered after `completions`.
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
