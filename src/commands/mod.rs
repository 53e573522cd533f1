//! One file a command: arguments, then body, then client, then printer.

mod add_user;
mod completions;
mod connect;
mod hello;
mod launch;
mod prepare;
mod ready;
mod result;
mod story;

pub use connect::ApiFailure;
pub use result::{MissingField, OutcomeError};

use crate::cli::{Command, OutputArgs};
use crate::output::Printer;

/// How the command wants to be heard.
pub fn printer(command: &Command) -> Printer {
    let output = match command {
        Command::Launch(arguments) => &arguments.output,
        Command::AddUser(arguments) => &arguments.output,
        Command::Hello(arguments) => &arguments.output,
        Command::Completions { .. } => return Printer::default(),
    };
    let &OutputArgs { json, quiet, verbose, field: _, no_input: _ } = output;
    Printer { json, quiet, verbose }
}

/// Runs one command.
pub async fn run(command: Command, printer: Printer) -> anyhow::Result<()> {
    match command {
        Command::Launch(arguments) => launch::run(*arguments, printer).await,
        Command::AddUser(arguments) => add_user::run(*arguments, printer).await,
        Command::Hello(arguments) => hello::run(*arguments, printer).await,
        Command::Completions { shell } => completions::run(shell, printer),
    }
}
