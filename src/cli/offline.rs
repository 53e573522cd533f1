//! The flags of the commands that need neither key nor network: `link`, `handout`, `webhook`.
//! Values stay text here, so that everything wrong with them can be told at once.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `link`
#[derive(Debug, Args)]
pub struct ReadLinkArgs {
    /// The join link; - reads it from standard input, where nobody else sees it
    #[arg(value_name = "LINK")]
    pub link: String,
    /// Print the claims of the link's token as JSON; errors become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Print the link as a QR code instead: in the terminal, or with --qr=svg as an image. At a
    /// terminal it is drawn white on black, even with NO_COLOR, so that it scans on any background
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "terminal", conflicts_with = "json")]
    pub qr: Option<QrForm>,
}

/// How a QR code is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QrForm {
    /// Half blocks
    Terminal,
    /// An SVG image
    Svg,
}

/// `handout`
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
pub struct HandoutArgs {
    /// The links file that batch wrote with -o: .csv, .jsonl or .xlsx; - is standard input
    #[arg(value_name = "LINKS", value_hint = ValueHint::FilePath)]
    pub links: Option<PathBuf>,
    /// The file to make: .html for a page to print, .ics for a calendar
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The title of the page or calendar, and the name of the only Space if LINKS has none for it
    /// [default: the Space's name, if there is only one]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The time zone that times are shown in [default: this computer's]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Do not begin a new sheet of paper for each Space
    #[arg(long)]
    pub compact: bool,
    /// Replace FILE if it exists
    #[arg(long)]
    pub force: bool,
    /// Print a summary as JSON; errors become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Show warnings and errors only
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
