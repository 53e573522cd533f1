//! `lessonspace add-user`: a join link for another person, which never changes the Space.

use super::ready::{self, Arguments};
use crate::body::Purpose;
use crate::cli::AddUserArgs;
use crate::output::Printer;

const EXAMPLE: &str = "a complete example: lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna";

/// Runs the command.
pub async fn run(arguments: AddUserArgs, printer: Printer) -> anyhow::Result<()> {
    let AddUserArgs { body, person, link, result, output, connection } = arguments;
    let arguments = Arguments { body, person, link, space: None, result, output, connection };
    ready::launch(Purpose::AddUser, arguments, EXAMPLE, printer).await
}
