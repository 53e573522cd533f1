//! The flags of `login` and `logout`.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use super::ConnectionArgs;
use clap::Args;

/// `login`
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
pub struct LoginArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Print what was saved, and where, as JSON; messages become JSON lines on standard error
    #[arg(long, help_heading = "How to say it")]
    pub json: bool,
    /// No story on standard error; warnings and errors stay
    #[arg(short, long, help_heading = "How to say it")]
    pub quiet: bool,
    /// Say which settings won, and each attempt and wait; never a key
    #[arg(short, long, conflicts_with = "quiet", help_heading = "How to say it")]
    pub verbose: bool,
    /// Never ask; so it is too when CI is set, or without a terminal
    #[arg(long, help_heading = "How to say it")]
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
    /// No story on standard error; warnings and errors stay
    #[arg(short, long)]
    pub quiet: bool,
}
