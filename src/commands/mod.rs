//! The commands, one file or folder each. A command turns its arguments into a body, sends it with a client,
//! and prints the result.

pub mod batch;
pub mod completions;
pub mod connect;
pub mod handout;
mod hello;
pub mod launch;
pub mod link;
pub mod login;
pub mod sandbox;
pub mod webhook;

use self::handout::HandoutArgs;
use self::link::LinkArgs;
use self::login::{LoginArgs, LogoutArgs};
use self::sandbox::SandboxArgs;
use self::webhook::{VerifyArgs, WebhookCommand};
use crate::cli::{Command, OutputArgs};
use crate::error::{Error, Kind, Result};
use crate::settings;
use crate::terminal::output::Printer;
use crate::terminal::signal::{self, outlive_file_size_limit, until_interrupted};
use std::pin::Pin;

/// The printer for the command's output flags.
pub fn printer(command: &Command) -> Printer {
    let output = match command {
        Command::Launch(arguments) => &arguments.output,
        Command::AddUser(arguments) => &arguments.output,
        Command::Batch(arguments) => &arguments.output,
        Command::Hello(arguments) => &arguments.output,
        Command::Login(arguments) => {
            let &LoginArgs { json, quiet, verbose, .. } = &**arguments;
            return Printer { json, quiet, verbose };
        }
        &Command::Link(LinkArgs { json, .. }) => {
            return Printer { json, ..Printer::default() };
        }
        &Command::Handout(HandoutArgs { json, quiet, .. })
        | &Command::Logout(LogoutArgs { json, quiet, .. })
        | &Command::Sandbox(SandboxArgs { json, quiet, .. })
        | &Command::Webhook(WebhookCommand::Verify(VerifyArgs { json, quiet, .. })) => {
            return Printer { json, quiet, verbose: false };
        }
        Command::Completions { .. } => return Printer::default(),
    };
    let &OutputArgs { json, quiet, verbose, field: _, no_input: _ } = output;
    Printer { json, quiet, verbose }
}

/// Runs one command until it ends or a signal stops it. A batch stops in an orderly way, and Ctrl-C is not an
/// error for the sandbox.
pub async fn run(command: Command, printer: Printer) -> Result<()> {
    outlive_file_size_limit();
    if uses_settings(&command) {
        for warning in settings::misspelt_variables() {
            printer.warning(&warning);
        }
    }
    let is_offline = is_offline(&command);
    let work: Pin<Box<dyn Future<Output = Result<()>>>> = match command {
        Command::Batch(arguments) => {
            let done = Box::pin(batch::run(*arguments, printer)).await;
            // A dry run that was stopped by a signal has not shown the whole roster.
            return done.and_then(|()| signal::check());
        }
        Command::Sandbox(arguments) => return sandbox::run(arguments, printer).await,
        Command::Launch(arguments) => Box::pin(launch::launch(*arguments, printer)),
        Command::AddUser(arguments) => Box::pin(launch::add_user(*arguments, printer)),
        Command::Handout(arguments) => Box::pin(handout::run(arguments, printer)),
        Command::Hello(arguments) => Box::pin(hello::run(*arguments, printer)),
        Command::Link(arguments) => Box::pin(link::run(arguments, printer)),
        Command::Login(arguments) => Box::pin(login::login(*arguments, printer)),
        Command::Logout(arguments) => Box::pin(login::logout(arguments, printer)),
        Command::Webhook(command) => Box::pin(webhook::run(command, printer)),
        Command::Completions { shell } => Box::pin(async move { completions::run(shell, printer) }),
    };
    until_interrupted(work).await.map_err(|error| match error.kind {
        Kind::Usage | Kind::Interrupted(_) => error,
        _ if is_offline => error,
        _ => match crate::sandbox::state_fault() {
            Some(fault) => {
                Error::new(Kind::Unexpected, "cannot save the practice Spaces").with_cause(fault)
            }
            None => error,
        },
    })
}

/// Whether a command reads this program's environment variables.
fn uses_settings(command: &Command) -> bool {
    match command {
        Command::Handout(_)
        | Command::Link(_)
        | Command::Sandbox(_)
        | Command::Completions { .. } => false,
        Command::Webhook(_) | Command::Logout(_) => true,
        api => !is_offline(api),
    }
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
