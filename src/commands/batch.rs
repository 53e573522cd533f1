//! `lessonspace batch`: a link for every row of a roster, and nothing lost.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use crate::batch::journal::{self, Header, Journal, Start};
use crate::batch::launches::{Launch, Rows, State};
use crate::batch::plan::{self, Action, Plan};
use crate::batch::preview::Preview;
use crate::batch::recipe::Hidden;
use crate::batch::report::{self, Counts, Report, Run};
use crate::batch::send::{self, Sending};
use crate::batch::{ask, job, job::Job, output};
use crate::cli::{ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, SpaceArgs};
use crate::commands::connect::Connection;
use crate::error::{Error, Kind, Result};
use crate::exports;
use crate::links::atomic_file;
use crate::settings::Endpoint;
use crate::terminal::output::{Printer, Progress};
use crate::terminal::signal::until_interrupted;
use crate::terminal::{prompt, signal};
use crate::words::count;
use clap::{Args, ValueEnum, ValueHint};
use jiff::Timestamp;
use std::path::PathBuf;

/// Shown below the flags in `batch --help`.
pub const HELP: &str = "\
One row, one launch, one link. Everything is checked before anything is sent. LINKS has the \
roster's columns and link_status, client_url, expires_at, room_id and link_error. LINKS.journal \
next to it is the record from which --resume continues a run that stopped.

Columns are named like flags or body fields, in any spelling: id, space name, user id, user name, \
user email, role, leader, guest, display name, not before, not after, valid for, lesson time, time \
zone, features.chat.enabled. Other columns are kept in LINKS and not sent. The flags above are \
defaults for every row; the row takes precedence. A row is recognised by its content, so the roster \
may be sorted and edited between two runs.

At a terminal, unknown columns are asked for, and the plan is shown before anything is sent. \
Elsewhere nothing is asked.

Examples:
  lessonspace batch class.xlsx
  lessonspace batch roster.csv --map 'id={Class}' --map 'user name={Pupil}' --dry-run
  lessonspace batch roster.csv -o links.csv --resume --min-valid 2d
  lessonspace batch oneroster.zip -o links.csv
  lessonspace batch --template > roster.csv";

/// `batch`
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
#[command(
    // Refused with a message of its own: batch has many answers.
    mut_arg("field", |field| field.hide(true)),
    mut_arg("json", |json| {
        json.help("Print the summary as JSON; messages become JSON lines on standard error")
    })
)]
pub struct BatchArgs {
    /// The roster: a spreadsheet (.xlsx, .ods, .xls), CSV, JSON, a OneRoster or School Data Sync
    /// export (folder or .zip), or a calendar (.ics); - is standard input
    #[arg(value_name = "ROSTER", value_hint = ValueHint::AnyPath)]
    pub roster: Option<PathBuf>,
    #[command(flatten)]
    pub links: LinksArgs,
    /// Requests per second, retries included; 0 means no limit [default: 4]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub rate: Option<String>,
    /// How long to wait for a service that is busy or gone [default: 15m]
    #[arg(long, value_name = "DURATION")]
    pub max_wait: Option<String>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub export: ExportArgs,
    /// Print an empty roster and do nothing else; with --recipe, one for that recipe
    #[arg(long)]
    pub template: bool,
    /// Write example rosters and recipes into a folder and do nothing else
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub example: Option<PathBuf>,
    /// A JSON object that every row starts from
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Set a field for every row, such as --set user.role=student; a row's own cell takes precedence
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Reject unknown fields instead of sending them with a warning
    #[arg(long)]
    pub strict: bool,
    /// Check everything and print the plan; send nothing. Needs no key and no -o; with --json, print
    /// one body a line
    #[arg(long)]
    pub dry_run: bool,
    /// Answer yes to the questions that ask whether to start
    #[arg(long)]
    pub yes: bool,
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

/// Where the links go, and what happens to those of an earlier run.
#[derive(Debug, Args)]
#[command(next_help_heading = "The links file")]
pub struct LinksArgs {
    /// Write the links to this file: .csv, .tsv, .xlsx or .jsonl; LINKS.journal next to it is the
    /// record [default: NAME-links next to the roster]
    #[arg(short = 'o', long = "output", value_name = "LINKS", value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,
    /// Continue an earlier run: send what is missing or failed, and renew links that have expired
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
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How the roster is read")]
pub struct ReadingArgs {
    /// The roster's format [default: by its extension]
    #[arg(long)]
    pub format: Option<RosterFormat>,
    /// The roster's encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// The sheet of the workbook [default: the first visible one with anything in it]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Read all sheets, each with its own header; {sheet} is the name of a row's sheet
    #[arg(long, conflicts_with = "sheet")]
    pub all_sheets: bool,
    /// The line of the header; 0 if there is none, and the columns are A, B, C [default: the first
    /// row of 20 that has the columns]
    #[arg(long, value_name = "LINE", allow_negative_numbers = true)]
    pub header: Option<String>,
    /// A field made from columns, such as --map 'user name={First name} {Last name}'. {Name|flip}
    /// turns "Byron, Ada" into "Ada Byron", {Start|time} reads 755 as 07:55; write {{ for a brace
    #[arg(long, value_name = "FIELD=TEMPLATE")]
    pub map: Vec<String>,
    /// A TOML file with all of this, which can make several people from one row
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recipe: Option<PathBuf>,
    /// Launch only rows with this value; COLUMN!=VALUE leaves such rows out, COLUMN~TEXT takes rows
    /// that contain it
    #[arg(long, value_name = "COLUMN=VALUE")]
    pub only: Vec<String>,
    /// What to do with rows that the spreadsheet hides
    #[arg(long)]
    pub hidden: Option<Hidden>,
    /// Shorten ids of more than 64 characters, always in the same way
    #[arg(long)]
    pub shorten_ids: bool,
    /// How to read dates such as 01/12/2026: day first (dmy) or month first (mdy)
    #[arg(long)]
    pub dates: Option<Dates>,
    /// The week that weekdays such as "Tue 14:00" belong to: this, next or a date in it
    #[arg(long, value_name = "DATE")]
    pub week_of: Option<String>,
}

/// How an export or a calendar is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Exports and calendars")]
pub struct ExportArgs {
    /// Read the roster as this kind of export [default: recognised by its files]
    #[arg(long)]
    pub from: Option<exports::Kind>,
    /// The day on which enrolments must hold, and the first day of lessons [default: today]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// How many days of a calendar to read [default: 14]
    #[arg(long, value_name = "N")]
    pub days: Option<u16>,
    /// Leave out rows of an export that join to nothing, and count them
    #[arg(long)]
    pub skip_broken: bool,
}

/// The forms of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RosterFormat {
    /// Comma, semicolon or tab separated
    Csv,
    /// JSON objects
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

/// Runs the command.
pub async fn run(arguments: BatchArgs, printer: Printer) -> Result<()> {
    if arguments.template {
        return job::print_template(&arguments.reading, printer).await;
    }
    if let Some(folder) = &arguments.example {
        return crate::batch::example::write(folder, printer);
    }
    let mut job = until_interrupted(job::prepare(arguments, printer)).await?;
    signal::check()?;
    let now = Timestamp::now();
    let header = journal_header(&job);
    if job.dry_run {
        let journal = match &job.links {
            Some(links) if links.start != Start::New => {
                Journal::look(&journal::path_for(&links.path), &header, links.start)?
            }
            _ => None,
        };
        return dry_run(&mut job, journal.as_ref(), now, printer);
    }
    let Some(links) = &job.links else {
        return Err(Error::usage("-o LINKS", "is required"));
    };
    let (path, start) = (links.path.clone(), links.start);
    let connection =
        until_interrupted(Connection::open(&job.settings, job.asking, printer)).await?;
    let journal = Journal::open(&journal::path_for(&path), header, start)?;
    let is_first = journal.links().next().is_none();
    atomic_file::remove_leftovers(&path);
    if !is_first {
        job.adopt_keys(&journal);
        plan::check_resumed(&job.rows, &job.made.launches, &journal)?;
    }
    let plan = Plan::new(&job.made.launches, Some(&journal), job.min_valid(), now);
    let preview = job.preview(&plan);
    show_plan(&job, &preview, printer);
    tell_journal(&job, &journal, printer);
    if is_first && job.confirms && plan.to_send() > 0 {
        let question = format!("Launch {}?", count(plan.to_send(), "link"));
        if !until_interrupted(prompt::yes_or_no(&question, true)).await? {
            drop(journal);
            // Nothing was sent, so a journal that was made for this run is not needed.
            let _ = std::fs::remove_file(journal::path_for(&path));
            printer.story("nothing was sent");
            return Ok(());
        }
    }
    let done = launch_all(&job, &connection, journal, &plan, printer).await;
    done?;
    until_interrupted(ask::offer_recipe(&job, printer)).await
}

/// What the journal of this run starts with.
fn journal_header(job: &Job) -> Header {
    let api_url = match &job.settings.endpoint {
        Endpoint::Api(url) => Some(url.as_str()),
        Endpoint::Sandbox => None,
    };
    let maps = job.recipe.map.iter();
    let mut header = Header::new(api_url);
    header.zone = job.defaults.zone.iana_name().map(str::to_owned);
    header.maps = maps.map(|map| (map.target.name().to_owned(), map.text.clone())).collect();
    header.recipe = Some(job.recipe.to_toml()).filter(|recipe| !recipe.is_empty());
    header
}

/// Prints the plan on standard output, or with `--json` one body a line.
fn dry_run(
    job: &mut Job,
    journal: Option<&Journal>,
    now: Timestamp,
    printer: Printer,
) -> Result<()> {
    if let Some(journal) = journal {
        job.adopt_keys(journal);
        plan::check_resumed(&job.rows, &job.made.launches, journal)?;
    }
    let plan = Plan::new(&job.made.launches, journal, job.min_valid(), now);
    let preview = job.preview(&plan);
    job.tell_reading(printer);
    if let Some(journal) = journal {
        tell_journal(job, journal, printer);
    }
    preview.without_leader().iter().for_each(|warning| printer.warning(warning));
    preview.gone().iter().for_each(|warning| printer.warning(warning));
    if printer.json {
        for (launch, action) in job.made.launches.iter().zip(&plan.actions) {
            if action.is_sent()
                && let Some(request) = launch.request(&job.rows, &job.defaults, now)
            {
                printer.json_result(&request.to_json())?;
            }
        }
        return signal::check();
    }
    let mut lines = preview.counts();
    lines.extend(preview.zone());
    let table = preview.table();
    if !table.is_empty() {
        lines.push(String::new());
        lines.extend(table);
    }
    printer.result(&lines.join("\n"))?;
    signal::check()
}

/// Shows the plan on standard error: at a terminal in full if it is not too long, else the counts.
fn show_plan(job: &Job, preview: &Preview, printer: Printer) {
    const MOST_SPACES: usize = 20;
    job.tell_reading(printer);
    let is_terminal = printer.is_at_terminal();
    if is_terminal && preview.spaces() <= MOST_SPACES {
        for line in preview.table() {
            printer.story(&line);
        }
        printer.story("");
    }
    // Where there is nothing to send, the summary follows at once and says so.
    if preview.plan.to_send() > 0 {
        preview.counts().iter().for_each(|line| printer.story(line));
    }
    preview.zone().iter().for_each(|line| printer.story(line));
    preview.without_leader().iter().for_each(|warning| printer.warning(warning));
    let gone = if is_terminal { preview.gone() } else { preview.gone_count() };
    gone.iter().for_each(|warning| printer.warning(warning));
}

/// What is unusual about a journal that a run continues.
fn tell_journal(job: &Job, journal: &Journal, printer: Printer) {
    if journal.damaged_lines > 0 {
        printer.warning(&format!(
            "{} of the journal could not be read; what they recorded is sent again",
            count(journal.damaged_lines, "line")
        ));
    }
    let has_local_times = job.made.launches.iter().any(Launch::has_local_times);
    if let (Some(before), Some(now)) = (&journal.header.zone, job.defaults.zone.iana_name())
        && before != now
        && has_local_times
    {
        let before = crate::escape::untrusted(before);
        printer.warning(&format!(
            "local times are read in {now}, but the first links were made with times in {before}; \
             those links stay as they are. For the same times as before, add --time-zone {before}"
        ));
    }
}

async fn launch_all(
    job: &Job,
    connection: &Connection,
    mut journal: Journal,
    plan: &Plan,
    printer: Printer,
) -> Result<()> {
    let Some(links) = &job.links else { return Ok(()) };
    let start = Timestamp::now();
    let launches = &job.made.launches;
    let todo: Vec<(usize, bool)> = plan
        .actions
        .iter()
        .enumerate()
        .filter(|(_, action)| action.is_sent())
        .map(|(index, action)| (index, *action == Action::Renew))
        .collect();
    let progress = Progress::new(printer, todo.len());
    let sending = Sending {
        rows: &job.rows,
        defaults: &job.defaults,
        launches,
        connection,
        time: job.time,
        journal: &mut journal,
        progress: &progress,
        rate: job.rate,
        max_wait: job.max_wait,
    };
    let done = send::send(sending, todo).await;
    progress.finish();
    let counts = Counts { kept: plan.count(Action::Keep), ..done.counts };
    let run = Run { start, end: Timestamp::now() };
    let report = Report::new(&job.rows, launches, &journal, &done.ended, run);
    let written = output::write(job, &report, &journal);
    drop(journal);
    let shown = report::shown(&links.path);
    if let Err(error) = written {
        let Some(stop) = done.stop else {
            return Err(error.with_hint("LINKS.journal has all links; add --resume to write them"));
        };
        printer.warning(&format!("{error}; the journal has all links: add --resume to write them"));
        return Err(stop);
    }
    let redo = report::redo_command();
    if printer.json {
        printer.json_result(&report.to_json(&counts, &shown))?;
    }
    let is_stopped = done.stop.is_some();
    report.tell(&counts, &shown, redo.as_deref().filter(|_| is_stopped), printer);
    match done.stop {
        Some(stop) => Err(stop),
        None if report.without_link() > 0 => {
            let rows = launches.iter().filter(|launch| launch.state != State::Skipped).count();
            Err(report.partial(rows, &shown, redo))
        }
        None => Ok(()),
    }
}

/// A roster that cannot be launched at all.
pub fn nothing_to_launch(rows: &Rows, launches: &[Launch]) -> Option<Error> {
    if rows.len() == 0 {
        return Some(Error::usage("the roster", "has no rows"));
    }
    if launches.is_empty() {
        return Some(Error::new(
            Kind::Usage,
            "no row has anyone to launch; check the columns that the recipe uses",
        ));
    }
    launches
        .iter()
        .all(|launch| launch.state == State::Skipped)
        .then(|| Error::usage("--only", "leaves no row to launch"))
}
