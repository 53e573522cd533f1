//! The flags of `webhook`. Values stay text here, so that all problems are reported at once.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// What `webhook` can do.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Check that a delivery was signed with the Space's secret
    #[command(after_help = super::help::WEBHOOK_VERIFY)]
    Verify(VerifyArgs),
}

/// `webhook verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The x-webhook-signature header: hex or base64, with or without sha256= before it
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    pub signature: Option<String>,
    /// The delivery's body, byte for byte as it came, at most 16 MiB; - is standard input [default: -]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub body_file: Option<PathBuf>,
    /// A file with the Space's secret, which launch prints with --field secret; - is standard input
    /// [env: LESSONSPACE_WEBHOOK_SECRET holds the secret itself]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub secret_file: Option<PathBuf>,
    /// Print the verdict as JSON; errors become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Say nothing when the signature matches
    #[arg(short, long)]
    pub quiet: bool,
}
