//! The flags of the commands that need neither key nor network: `sandbox`, `webhook`.
//! Values stay text here, so that everything wrong with them can be told at once.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value = "0", allow_negative_numbers = true)]
    pub port: String,
    /// How many requests a second each key may make; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value = "5", allow_negative_numbers = true)]
    pub rate: String,
    /// Which requests fail, and how: 429@7 is the 7th request answered with 429, drop@20 the 20th
    /// carried out but never answered
    #[arg(long, value_name = "KIND@NUMBER,...")]
    pub fail: Option<String>,
    /// Also send every event to this URL, besides the webhooks of each Space
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub webhook_url: Option<String>,
    /// Print address and key as JSON; errors become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Do not show requests and deliveries
    #[arg(short, long)]
    pub quiet: bool,
}

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
