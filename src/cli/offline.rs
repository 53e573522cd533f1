//! The flags of `link`, `handout` and `sandbox`, which need neither key nor network.
//! Values stay text here, so that everything wrong with them can be told at once.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, ValueEnum, ValueHint};
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
