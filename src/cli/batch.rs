//! The flags of `batch`.

use super::{ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, SpaceArgs};
use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `batch`
#[derive(Debug, Args)]
#[command(
    // Refused with a message of its own: batch has many answers.
    mut_arg("field", |field| field.hide(true)),
    mut_arg("json", |json| {
        json.help("Print the summary as JSON; messages become JSON lines on standard error")
    })
)]
pub struct BatchArgs {
    /// The roster: a spreadsheet (.xlsx, .ods, .xls), CSV, or JSON, one Launch body an object; - is
    /// standard input
    #[arg(value_name = "ROSTER", value_hint = ValueHint::FilePath)]
    pub roster: Option<PathBuf>,
    #[command(flatten)]
    pub links: LinksArgs,
    /// Requests a second, retries included; 0 is as fast as it goes [default: 4]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub rate: Option<String>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Print an empty roster and do nothing else; with --recipe, one for that recipe
    #[arg(long)]
    pub template: bool,
    /// A JSON object that every row starts from
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Set a field of every row, such as --set user.role=student; a row's own cell wins
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Refuse unknown fields, instead of sending them with a warning
    #[arg(long)]
    pub strict: bool,
    /// Check everything, print one body a line and send nothing; needs no key and no -o
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub person: PersonArgs,
    #[command(flatten)]
    pub link: LinkArgs,
    #[command(flatten)]
    pub space: SpaceArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Where the links go, and what becomes of an earlier run's.
#[derive(Debug, Args)]
pub struct LinksArgs {
    /// Write the roster with everybody's link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record
    #[arg(short = 'o', long = "output", value_name = "LINKS", value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,
    /// Go on with an earlier run: send what is missing or failed, and renew links that have expired
    #[arg(long)]
    pub resume: bool,
    /// Start over, and replace LINKS and its journal
    #[arg(long)]
    pub force: bool,
    /// With --resume: also renew links that expire within this time, less than 7d
    #[arg(long, value_name = "DURATION")]
    pub min_valid: Option<String>,
}

/// How the roster is read.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// The roster's format [default: by its extension]
    #[arg(long)]
    pub format: Option<RosterFormat>,
    /// The roster's encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The sheet of the workbook [default: the first with rows]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The line of the header [default: the first of 20 rows with a column for the id]
    #[arg(long, value_name = "LINE", allow_negative_numbers = true)]
    pub header: Option<String>,
    /// A field made from columns, such as --map 'user name={First name} {Last name}'; write {{ for a brace
    #[arg(long, value_name = "FIELD=TEMPLATE")]
    pub map: Vec<String>,
    /// A TOML file that says how the roster is read, and may make several people from one row
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recipe: Option<PathBuf>,
    /// Give ids of more than 64 characters a short form, always the same
    #[arg(long)]
    pub shorten_ids: bool,
    /// How to read dates such as 01/12/2026: day first or month first
    #[arg(long)]
    pub dates: Option<Dates>,
}

/// The forms of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RosterFormat {
    /// Comma, semicolon or tab separated
    Csv,
    /// JSON objects, one a line
    #[value(alias = "json", alias = "ndjson")]
    Jsonl,
    /// A workbook: .xlsx, .ods or .xls
    #[value(alias = "ods", alias = "xls")]
    Xlsx,
}

/// The order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Dates {
    /// Day, month, year
    Dmy,
    /// Month, day, year
    Mdy,
}
