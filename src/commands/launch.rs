//! `lessonspace launch`: creates or opens a Space and prints a join link.

use super::ready::{self, Arguments};
use crate::body::Purpose;
use crate::cli::LaunchArgs;
use crate::output::Printer;

const EXAMPLE: &str = "a complete example: lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader";

/// Runs the command.
pub async fn run(arguments: LaunchArgs, printer: Printer) -> anyhow::Result<()> {
    let LaunchArgs { body, person, link, space, result, output, connection } = arguments;
    let arguments =
        Arguments { body, person, link, space: Some(space), result, output, connection };
    ready::launch(Purpose::Launch, arguments, EXAMPLE, printer).await
}
