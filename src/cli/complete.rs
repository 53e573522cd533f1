//! Tab completion: what the generators of clap make, without hidden flags, and with a few lines mended
//! that offer what the program does not take.

use super::Cli;
use crate::commands::completions::Shell;
use clap::{Command, CommandFactory as _};
use clap_complete::{Generator, Shell as Complete};
use clap_complete_nushell::Nushell;
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

/// A copy, because clap can hide a flag but not remove it. The flags and commands for help and version
/// are among those that are copied.
fn visible(command: &Command) -> Command {
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    // clap wants a name that lives as long as the program, which here is not much longer.
    let name: &'static str = command.get_name().to_owned().leak();
    let copy = Command::new(name)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments.cloned())
        .subcommands(command.get_subcommands().map(visible));
    match command.get_about() {
        Some(about) => copy.about(about.clone()),
        None => copy,
    }
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
    let mended = format!(
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
    script.replacen(PREVIOUS, &mended, 1)
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
    let mended = script.lines().map(|line| {
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
    mended.chain(values).map(|line| line + "\n").collect()
}
