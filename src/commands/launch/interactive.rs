//! A guided launch: prompts for what is missing, then shows the command that does the same without prompts.

use super::plan::{Arguments, Plan};
use super::send::CheckedLaunch;
use crate::body::{Person, Purpose};
use crate::cli::{BodyArgs, LinkArgs, OutputArgs, PersonArgs, SpaceArgs};
use crate::commands::connect::reads_key_from_stdin;
use crate::error::Result;
use crate::input;
use crate::problem::{Findings, Missing};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use crate::terminal::shell::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

/// Whether prompts are allowed: the flags permit them, and standard input is not used for something else.
pub fn may_ask(arguments: &Arguments) -> bool {
    let &OutputArgs { no_input, json, .. } = &arguments.output;
    let is_stdin = |path: &Option<PathBuf>| path.as_deref().is_some_and(input::is_stdin);
    let reads_stdin = is_stdin(&arguments.body.file) || reads_key_from_stdin(&arguments.connection);
    !reads_stdin && prompt::may_ask(no_input, json)
}

/// Prompts for what is missing. Returns the examined launch, and the answers as flags (empty if there were no
/// prompts).
pub async fn complete(
    plan: &Plan,
    purpose: Purpose,
    mut arguments: Arguments,
    printer: Printer,
) -> Result<(CheckedLaunch, Findings, Vec<OsString>)> {
    let (checked, findings) = plan.examine(arguments.clone());
    // Report errors before prompting, because the answers would be lost.
    let is_wrong = findings.first_fault().is_some();
    if !findings.is_something_missing() || is_wrong || !may_ask(&arguments) {
        return Ok((checked, findings, Vec::new()));
    }
    let is_bare = purpose == Purpose::Launch && is_bare(&arguments);
    let mut flags = Vec::new();
    if findings.lacks(Missing::SpaceId) {
        flags.extend(ask_id(plan, &mut arguments, printer).await?);
    }
    if is_bare {
        flags.extend(ask_who_you_are(&checked, &mut arguments.person).await?);
    }
    if findings.lacks(Missing::Person) {
        flags.extend(ask_name(&mut arguments.person, printer).await?);
    }
    let (checked, findings) = plan.examine(arguments);
    Ok((checked, findings, flags))
}

/// Shows the command that does the same without prompts: this run's command plus the answers.
pub fn show_command(flags: &[OsString], printer: Printer) {
    if flags.is_empty() {
        return;
    }
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if cfg!(windows) && !words.is_empty() {
        // PowerShell passes the full path, which would need a & before it.
        words[0] = OsString::from("lessonspace");
    }
    words.extend_from_slice(flags);
    if let Some(line) = Shell::in_use().command_line(&words) {
        printer.message("to repeat this without prompts:");
        printer.message(&format!("  {line}"));
    }
}

/// Whether no flag describes the launch itself.
fn is_bare(arguments: &Arguments) -> bool {
    let Arguments { body, person, link, space, result: _, output: _, connection: _ } = arguments;
    let BodyArgs { id, file, set, strict: _, dry_run: _ } = body;
    id.is_none()
        && file.is_none()
        && set.is_empty()
        && *person == PersonArgs::default()
        && *link == LinkArgs::default()
        && space.as_ref().is_none_or(|space| *space == SpaceArgs::default())
}

async fn ask_id(plan: &Plan, arguments: &mut Arguments, printer: Printer) -> Result<Vec<OsString>> {
    loop {
        let id =
            prompt::text("Space id (use the same id to open the same Space again)", None).await?;
        arguments.body.id = Some(id.clone());
        match plan.examine(arguments.clone()).1.first_fault() {
            Some(fault) => printer.warning(&format!("the Space id {}", fault.message)),
            None => return Ok(flag("--id", &id)),
        }
    }
}

/// Prompts for the person. The one in the profile is used as a whole and needs no flag.
async fn ask_who_you_are(
    checked: &CheckedLaunch,
    person: &mut PersonArgs,
) -> Result<Vec<OsString>> {
    let Person { id, name, email } = &checked.settings.profile.person;
    let known = [name, email, id].into_iter().flatten().next();
    let mut flags = Vec::new();
    let question = "Your name";
    let name = match known {
        Some(known) => prompt::text(question, Some(known)).await?,
        None => prompt::text(&format!("{question} (leave empty for a guest link)"), None).await?,
    };
    if known != Some(&name) {
        if name.trim().is_empty() {
            return Ok(flags);
        }
        flags.extend(flag("--user-name", &name));
        person.user_name = Some(name);
    }
    if prompt::yes_or_no("Will you lead the lesson?", true).await? {
        flags.push("--leader".into());
        person.leader = Some("true".to_owned());
    }
    Ok(flags)
}

async fn ask_name(person: &mut PersonArgs, printer: Printer) -> Result<Vec<OsString>> {
    loop {
        let name = prompt::text("Name of the person", None).await?;
        if name.trim().is_empty() {
            printer.warning("enter a name; for a link without a name, use --guest");
            continue;
        }
        let flags = flag("--user-name", &name);
        person.user_name = Some(name);
        return Ok(flags);
    }
}

/// A value that starts with a dash requires the form `--name=value`.
fn flag(name: &str, value: &str) -> Vec<OsString> {
    if value.starts_with('-') {
        return vec![format!("{name}={value}").into()];
    }
    vec![name.into(), value.into()]
}
