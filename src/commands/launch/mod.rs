//! `lessonspace launch` and `lessonspace add-user`: make a join link for one person. They differ only in the
//! fields they allow in the body; `add-user` never changes the Space.

pub mod flags;
mod interactive;
pub mod messages;
mod plan;
pub mod result_action;
mod send;

use crate::body::Purpose;
use crate::cli::{AddUserArgs, LaunchArgs};
use crate::error::Result;
use crate::terminal::output::Printer;
use plan::{Arguments, Plan};

/// Creates or opens a Space and prints a join link.
pub async fn launch(arguments: LaunchArgs, printer: Printer) -> Result<()> {
    let example = "for example: lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader";
    let LaunchArgs { body, person, link, space, result, output, connection } = arguments;
    let arguments =
        Arguments { body, person, link, space: Some(space), result, output, connection };
    run(Purpose::Launch, arguments, example, printer).await
}

/// Prints a join link for another person.
pub async fn add_user(arguments: AddUserArgs, printer: Printer) -> Result<()> {
    let example = "for example: lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna";
    let AddUserArgs { body, person, link, result, output, connection } = arguments;
    let arguments = Arguments { body, person, link, space: None, result, output, connection };
    run(Purpose::AddUser, arguments, example, printer).await
}

/// Checks everything, prompts for what is missing if that is allowed, and launches. `example` is the hint if
/// something is still missing.
async fn run(
    purpose: Purpose,
    arguments: Arguments,
    example: &str,
    printer: Printer,
) -> Result<()> {
    let plan = Plan::read(purpose, &arguments).await;
    let may_ask = interactive::may_ask(&arguments);
    let (checked, findings, answers) =
        interactive::complete(&plan, purpose, arguments, printer).await?;
    let hint = findings.is_something_missing().then(|| example.to_owned());
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    findings.finish(hint)?;
    let done = checked.send(may_ask, printer).await;
    interactive::show_command(&answers, printer);
    done
}
