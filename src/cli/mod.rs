//! Defines the command line: commands, flags and help texts. Values are interpreted elsewhere.

mod args;
mod complete;
mod flag_hints;
mod help;
#[cfg(test)]
mod man;

pub use args::{
    AddUserArgs, BodyArgs, ConnectionArgs, Expect, HelloArgs, LaunchArgs, LinkArgs, OutputArgs,
    PersonArgs, REQUEST_TIMEOUT, ResultArgs, SpaceArgs,
};
pub use complete::write_completions;

use self::flag_hints::FlagHint;
use crate::commands::batch::{self, BatchArgs};
use crate::commands::completions::{self, Shell};
use crate::commands::handout::{self, HandoutArgs};
use crate::commands::link;
use crate::commands::login::{self, LoginArgs, LogoutArgs};
use crate::commands::sandbox::{self, SandboxArgs};
use crate::commands::webhook::{self, WebhookCommand};
use crate::error::Error;
use crate::escape::looks_like_key;
use crate::problem::Problem;
use crate::words::{boolean, nearest};
use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;

/// Longest word shown in a usage error, in characters; the program's own words are shorter.
const MAX_WORD_LENGTH: usize = 60;

/// Launch Lessonspace online classrooms from the command line.
#[derive(Debug, Parser)]
#[command(
    name = "lessonspace",
    // Not the file name, which is lessonspace.exe on Windows.
    bin_name = "lessonspace",
    version,
    about = "Launch Lessonspace online classrooms: create or open a Space and print a join link",
    after_help = help::SHORT_OVERVIEW,
    after_long_help = help::OVERVIEW,
    max_term_width = 100,
    infer_long_args = false
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create or open a Space and print a join link
    #[command(after_help = help::LAUNCH_SHORT, after_long_help = help::LAUNCH)]
    Launch(Box<LaunchArgs>),
    /// Print a join link for another person in a Space
    #[command(after_help = help::ADD_USER_SHORT, after_long_help = help::ADD_USER)]
    AddUser(Box<AddUserArgs>),
    /// Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)
    #[command(after_help = batch::SHORT_HELP, after_long_help = batch::HELP)]
    Batch(Box<BatchArgs>),
    /// Turn a links file into printable cards or a calendar
    #[command(after_help = handout::SHORT_HELP, after_long_help = handout::HELP)]
    Handout(HandoutArgs),
    /// Check that the API key works
    #[command(after_help = help::HELLO_SHORT, after_long_help = help::HELLO)]
    Hello(Box<HelloArgs>),
    /// Show who a join link is for and when it expires (works offline)
    #[command(after_help = link::SHORT_HELP, after_long_help = link::HELP)]
    Link(link::LinkArgs),
    /// Check an API key and save it
    #[command(after_help = login::SHORT_HELP, after_long_help = login::HELP)]
    Login(Box<LoginArgs>),
    /// Remove the saved API key
    #[command(after_help = login::LOGOUT_HELP)]
    Logout(LogoutArgs),
    /// Run a practice API on this computer
    #[command(after_help = sandbox::SHORT_HELP, after_long_help = sandbox::HELP)]
    Sandbox(SandboxArgs),
    /// Verify webhook signatures
    #[command(subcommand, after_help = webhook::HELP)]
    Webhook(WebhookCommand),
    /// Print a tab-completion script for your shell
    #[command(after_help = completions::HELP)]
    Completions {
        /// Your shell
        shell: Shell,
    },
}

/// The result of parsing the command line.
#[derive(Debug)]
pub enum Parsed {
    Command(Command),
    /// Help or version, to be printed.
    Text(String),
}

/// Parses the command line, which starts with the program's name. Help is coloured only if needed:
/// removing colours later would cost as much as generating the help.
pub fn parse(arguments: &[OsString], is_coloured: bool) -> Result<Parsed, Error> {
    if let Some(FlagHint { headline, hint }) = flag_hints::typographic(arguments, is_flag) {
        return Err(Error::usage("", headline).with_hint(hint));
    }
    let mut command = Cli::command();
    if !is_coloured {
        command = command.styles(Styles::plain());
    }
    let matches = command.try_get_matches_from_mut(arguments);
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(Cli { command: Some(command) }) => Ok(Parsed::Command(command)),
        Ok(Cli { command: None }) => Ok(text(&command.render_long_help())),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            Ok(text(&error.render()))
        }
        Err(error) => Err(invalid(&error, arguments)),
    }
}

/// Whether `--json` is among the arguments. Usage errors are reported before parsing ends.
pub fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

/// Hides a flag from `-h` unless it is in `listed`; `--help` shows every flag.
pub fn brief(argument: Arg, listed: &str) -> Arg {
    let is_listed = listed.split_whitespace().any(|id| id == argument.get_id().as_str());
    argument.hide_short_help(!is_listed)
}

fn text(styled: &StyledStr) -> Parsed {
    // clap leaves spaces on the empty line between two paragraphs.
    let help = styled.ansi().to_string();
    let lines = help.lines().map(str::trim_end).collect::<Vec<_>>();
    Parsed::Text(lines.join("\n") + "\n")
}

/// clap's message in this program's format: one headline, then the tip as the hint.
fn invalid(error: &clap::Error, arguments: &[OsString]) -> Error {
    let path = subcommands(arguments);
    let name = path.first().copied().unwrap_or_default();
    let see = format!("run: {} --help", [&["lessonspace"], &*path].concat().join(" "));
    if let ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand =
        error.kind()
    {
        return Error::usage("", "no command given").with_hint(see);
    }
    if let Some(word) = flag_after_id(arguments) {
        let problem = Problem::about("--id", no_value(word));
        return Error::of_problems(vec![problem]).with_hint(see);
    }
    let rendered = error.render().to_string();
    let message = rendered.split("\n\n").next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = stray_keys(error, name)
        .iter()
        .fold(message.to_owned(), |message, key| message.replace(*key, "..."));
    let headline = message.split_whitespace().map(masked).collect::<Vec<_>>().join(" ");
    let tip = rendered.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    let tip = tip
        .filter(|_| is_like_suggestion(error))
        .filter(|tip| stray_keys(error, name).iter().all(|key| !tip.contains(key)))
        .map(str::to_owned);
    let hint = misplaced(error, name, arguments).or(tip).unwrap_or(see);
    Error::usage("", headline).with_hint(hint)
}

/// The flag that `--id` took as its value, as when a script variable is not set.
fn flag_after_id(arguments: &[OsString]) -> Option<&str> {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let pairs = words.split(|word| *word == "--").next()?.windows(2);
    pairs.filter(|pair| pair[0] == "--id" && is_flag(pair[1])).map(|pair| pair[1]).next()
}

/// The problem with an `--id` that has a flag as its value.
pub fn no_value(flag: &str) -> String {
    format!("has no value; {flag} is a flag (if it is the id, write --set id={flag})")
}

/// Whether clap's suggestion resembles the typed name. By clap's measure, `--insecure` resembles
/// `--transcribe`.
fn is_like_suggestion(error: &clap::Error) -> bool {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.as_str()],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    [
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
        (ContextKind::InvalidValue, ContextKind::SuggestedValue),
    ]
    .into_iter()
    .all(|(typed, suggested)| {
        let (typed, suggested) = (text(typed), text(suggested));
        let Some(typed) = typed.first().filter(|_| !suggested.is_empty()) else { return true };
        let begins = |one: &str, other: &str| other.len() >= 5 && one.starts_with(other);
        let mut suggested = suggested.into_iter();
        suggested.any(|name| {
            nearest(typed, [name]).is_some() || begins(typed, name) || begins(name, typed)
        })
    })
}

/// The words at the start that name a command, such as `webhook verify`.
fn subcommands(arguments: &[OsString]) -> Vec<&str> {
    let mut command = &Cli::command();
    let words = arguments.iter().skip(1).map_while(|word| {
        let word = word.to_str()?;
        command = command.find_subcommand(word)?;
        Some(word)
    });
    words.collect()
}

/// The flag that a stray word belongs to, or that an unknown flag probably means.
fn misplaced(error: &clap::Error, command: &str, arguments: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    if word.starts_with('-') {
        return flag_hints::meant(word, command, has_flag);
    }
    // cmd.exe splits a value in single quotes at its spaces.
    let is_apart = |word: &OsString| {
        word.to_str().is_some_and(|word| word.starts_with('\'') && !word.ends_with('\''))
    };
    let place = match command {
        _ if arguments.iter().any(is_apart) => {
            Some("use double quotes around a value with spaces; cmd.exe does not understand '")
        }
        _ if word == "\\" => {
            Some("write the command on one line; only Unix shells continue a line after \\")
        }
        _ if boolean(word).is_some() => Some("use =, such as --leader=yes"),
        "launch" | "add-user" if !looks_like_key(word) => Some("use --id for the Space id"),
        "hello" | "login" | "launch" | "add-user" => Some(
            "do not put the API key on the command line; use LESSONSPACE_API_KEY or --api-key-file",
        ),
        _ => None,
    };
    place.map(str::to_owned)
}

/// Unexpected words that may be a key, so they are not repeated. After `login`, where people type a
/// key, this is any word except a flag.
fn stray_keys<'a>(error: &'a clap::Error, command: &str) -> Vec<&'a str> {
    let is_flag_like = |word: &str| {
        let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
        name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
    };
    let may_be_key = |word: &&str| match command {
        "login" => !word.is_empty() && !is_flag_like(word),
        "hello" | "" => {
            let has = |class: fn(&u8) -> bool| word.bytes().any(|byte| class(&byte));
            word.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
        }
        _ => looks_like_key(word),
    };
    [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue]
        .into_iter()
        .filter_map(|kind| match error.get(kind)? {
            ContextValue::String(word) => Some(word.as_str()),
            _ => None,
        })
        .filter(may_be_key)
        .collect()
}

/// A word of clap's message. Misplaced join links and keys are hidden, because others may see them.
fn masked(word: &str) -> &str {
    let bare = word.trim_matches(|character| matches!(character, '\'' | '-'));
    let is_long = word.chars().count() > MAX_WORD_LENGTH;
    if is_long || word.contains("://") || looks_like_key(bare) { "'...'" } else { word }
}

/// Whether a word is a flag of `launch` or `add-user`, such as `--leader`.
pub fn is_flag(word: &str) -> bool {
    let flag = word.split_once('=').map_or(word, |(flag, _)| flag);
    ["launch", "add-user"].iter().any(|command| has_flag(command, flag))
}

/// Whether a command has a flag, such as `--leader`.
fn has_flag(command: &str, flag: &str) -> bool {
    // Skip building the command line for words that are not flags.
    flag.strip_prefix("--").is_some_and(|name| {
        let mut all = Cli::command();
        all.build();
        all.find_subcommand(command)
            .is_some_and(|it| it.get_arguments().any(|argument| argument.get_long() == Some(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_missing_value_is_detected() {
        assert!(is_flag("--leader"));
        assert!(is_flag("--leader=false"));
        assert!(!is_flag("--biology"));
        assert!(!is_flag("-x"));
    }
}
