//! One file or folder a command: arguments, then body, then client, then printer.

mod answer;
mod batch;
mod completions;
mod connect;
mod handout;
mod hello;
mod launch;
mod login;
mod logout;
mod outcome;
mod read_link;
pub mod sandbox;
mod webhook;

pub use answer::MissingField;
pub use batch::{PartialError, ReportError};
pub use connect::{ApiFailure, TrialFailure};
pub use outcome::OutcomeError;

use crate::cli::{Command, HandoutArgs, Later, LoginArgs, LogoutArgs, OutputArgs, ReadLinkArgs};
use crate::cli::{VerifyArgs, WebhookCommand};
use crate::problem::{InvalidInput, OfflineInput};
use crate::terminal::output::Printer;
use crate::terminal::signal::{Interrupted, outlive_file_size_limit, until_interrupted};

/// How the command wants to be heard.
pub fn printer(command: &Command) -> Printer {
    let output = match command {
        Command::Launch(Later(arguments)) => &arguments.output,
        Command::AddUser(Later(arguments)) => &arguments.output,
        Command::Batch(Later(arguments)) => &arguments.output,
        Command::Hello(Later(arguments)) => &arguments.output,
        Command::Login(Later(arguments)) => {
            let &LoginArgs { json, quiet, verbose, .. } = &**arguments;
            return Printer { json, quiet, verbose };
        }
        &Command::Link(Later(ReadLinkArgs { json, .. })) => {
            return Printer { json, ..Printer::default() };
        }
        &Command::Handout(Later(HandoutArgs { json, quiet, .. }))
        | &Command::Logout(Later(LogoutArgs { json, quiet, .. }))
        | &Command::Sandbox(Later(sandbox::SandboxArgs { json, quiet, .. }))
        | &Command::Webhook(WebhookCommand::Verify(VerifyArgs { json, quiet, .. })) => {
            return Printer { json, quiet, verbose: false };
        }
        Command::Completions { .. } => return Printer::default(),
    };
    let &OutputArgs { json, quiet, verbose, field: _, no_input: _ } = output;
    Printer { json, quiet, verbose }
}

/// Runs one command, until a signal ends it. A batch ends in order even then, and for
/// the sandbox Ctrl-C is not an error.
pub async fn run(command: Command, printer: Printer) -> anyhow::Result<()> {
    outlive_file_size_limit();
    match command {
        Command::Batch(Later(arguments)) => batch::run(*arguments, printer).await,
        Command::Sandbox(Later(arguments)) => sandbox::run(arguments, printer).await,
        other => until_interrupted(run_short(other, printer)).await,
    }
}

async fn run_short(command: Command, printer: Printer) -> anyhow::Result<()> {
    let is_offline = is_offline(&command);
    let result = match command {
        Command::Launch(Later(arguments)) => launch::launch(*arguments, printer).await,
        Command::AddUser(Later(arguments)) => launch::add_user(*arguments, printer).await,
        Command::Batch(Later(arguments)) => Box::pin(batch::run(*arguments, printer)).await,
        Command::Handout(Later(arguments)) => handout::run(arguments, printer).await,
        Command::Hello(Later(arguments)) => hello::run(*arguments, printer).await,
        Command::Link(Later(arguments)) => read_link::run(arguments, printer).await,
        Command::Login(Later(arguments)) => login::run(*arguments, printer).await,
        Command::Logout(Later(arguments)) => logout::run(arguments, printer).await,
        Command::Sandbox(Later(arguments)) => sandbox::run(arguments, printer).await,
        Command::Webhook(command) => webhook::run(command, printer).await,
        Command::Completions { shell } => completions::run(shell, printer),
    };
    result.map_err(|error| match error.downcast::<InvalidInput>() {
        Ok(input) if is_offline => OfflineInput(input).into(),
        Ok(input) => input.into(),
        Err(error) if is_offline || error.is::<Interrupted>() => error,
        Err(error) => match crate::sandbox::state_fault() {
            Some(fault) => anyhow::Error::msg(fault).context("the sandbox cannot save its Spaces"),
            None => error,
        },
    })
}

/// Whether a command never sends anything to the API.
fn is_offline(command: &Command) -> bool {
    match command {
        Command::Launch(_)
        | Command::AddUser(_)
        | Command::Batch(_)
        | Command::Hello(_)
        | Command::Login(_) => false,
        Command::Handout(_)
        | Command::Link(_)
        | Command::Logout(_)
        | Command::Sandbox(_)
        | Command::Webhook(_)
        | Command::Completions { .. } => true,
    }
}
