//! `lessonspace completions`: tab completion for a shell.

use crate::cli::{self, Shell};
use crate::terminal::output::Printer;

/// Prints the completion.
pub fn run(shell: Shell, printer: Printer) -> anyhow::Result<()> {
    let mut script = Vec::new();
    cli::write_completions(shell, &mut script)?;
    Ok(printer.result_text(&String::from_utf8_lossy(&script))?)
}
