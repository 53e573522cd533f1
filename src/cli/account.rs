//! The flags of `login` and `logout`.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use super::ConnectionArgs;
use clap::Args;

/// `login`
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
#[command(
    // Refused with a message of its own: the practice API needs no key.
    mut_arg("sandbox", |sandbox| sandbox.hide(true)),
    mut_arg("api_key_file", |file| {
        file.help("Read the API key from a file, instead of asking for it; - is standard input")
    })
)]
pub struct LoginArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Print what was saved, and where, as JSON; messages become JSON lines on standard error
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Show warnings and errors only
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// Show which settings are used, and each attempt and wait; never a key
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Output")]
    pub verbose: bool,
    /// Never ask questions; implied when CI is set or there is no terminal
    #[arg(long, help_heading = "Output")]
    pub no_input: bool,
}

/// `logout`
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// Whose key to remove [env: LESSONSPACE_PROFILE] [default: default]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Print what was removed, and where, as JSON; messages become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Show warnings and errors only
    #[arg(short, long)]
    pub quiet: bool,
}
