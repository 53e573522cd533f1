//! `lessonspace completions`: tab completion for a shell.

use crate::cli;
use crate::error::Result;
use crate::terminal::output::Printer;

pub const HELP: &str = "\
Examples:
  lessonspace completions bash > ~/.local/share/bash-completion/completions/lessonspace
  lessonspace completions zsh > ~/.zfunc/_lessonspace
  lessonspace completions fish > ~/.config/fish/completions/lessonspace.fish
  lessonspace completions powershell >> $PROFILE
  lessonspace completions nushell > ~/.config/nushell/autoload/lessonspace.nu";

/// The shells with tab completion.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "Nushell is its name")]
pub enum Shell {
    /// Bash
    Bash,
    /// Elvish
    Elvish,
    /// Fish
    Fish,
    /// Nushell
    Nushell,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Zsh
    Zsh,
}

/// Prints the script.
pub fn run(shell: Shell, printer: Printer) -> Result<()> {
    let mut script = Vec::new();
    cli::write_completions(shell, &mut script).map_err(anyhow::Error::from)?;
    printer.result_text(&String::from_utf8_lossy(&script))
}
