//! `lessonspace completions`: tab completion for a shell.

use crate::cli::{self, Shell};
use crate::error::Result;
use crate::terminal::output::Printer;

/// Prints the completion.
pub fn run(shell: Shell, printer: Printer) -> Result<()> {
    let mut script = Vec::new();
    cli::write_completions(shell, &mut script).map_err(anyhow::Error::from)?;
    printer.result_text(&String::from_utf8_lossy(&script))
}
