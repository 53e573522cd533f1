//! `lessonspace hello`: checks that the API key works.

use super::connect::{Connection, connection_flags, watch};
use super::launch::result_action::{append, check_form, print_answer};
use crate::cli::{HelloArgs, OutputArgs};
use crate::error::Result;
use crate::escape;
use crate::problem::Findings;
use crate::settings::Settings;
use crate::terminal::output::Printer;
use crate::terminal::prompt;

/// Requests the greeting and prints it.
pub async fn run(arguments: HelloArgs, printer: Printer) -> Result<()> {
    let HelloArgs { output, connection } = arguments;
    let OutputArgs { json, field, quiet: _, verbose: _, no_input } = output;
    let mut findings = Findings::default();
    check_form(json, &field, &mut findings);
    let (flags, time) = connection_flags(connection, &mut findings);
    let settings = Settings::load(flags, &mut findings);
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    findings.finish(None)?;
    let asking = prompt::may_ask(no_input, json).then_some(time);
    let connection = Connection::open(&settings, asking, printer).await?;
    let greeting = match connection.client.hello(time, &watch(printer)).await {
        Ok(greeting) => greeting,
        Err(call) => return Err(connection.failure(&call, time, false)),
    };
    if !json && field.is_empty() {
        return printer.result(&escape::untrusted(&greeting.text));
    }
    let mut answer = greeting.answer;
    append(&mut answer, [("attempts", greeting.attempts.into())]);
    print_answer(&answer, &field, printer)
}
