//! `lessonspace batch`: makes a link for every row of a roster, and never loses one.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

mod example;
mod prepare;

use crate::batch::job::Job;
use crate::batch::journal::{Header, Journal, Start};
use crate::batch::launches::{Launch, Made, Rows, State};
use crate::batch::plan::{self, Action, Plan};
use crate::batch::preview::Preview;
use crate::batch::recipe::Hidden;
use crate::batch::report::{self, Counts, Report, Run};
use crate::batch::send::{self, Sending};
use crate::batch::{ask, output};
use crate::body::zone;
use crate::cli::{ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, SpaceArgs};
use crate::commands::connect::Connection;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted_path;
use crate::exports;
use crate::links::write::Form;
use crate::links::{atomic_file, journal_path};
use crate::roster::Source;
use crate::settings::Endpoint;
use crate::terminal::output::Printer;
use crate::terminal::progress::Progress;
use crate::terminal::signal::until_interrupted;
use crate::terminal::{prompt, signal};
use crate::words::count;
use clap::{Arg, Args, ValueEnum, ValueHint};
use jiff::Timestamp;
use std::path::PathBuf;

/// The end of `batch -h`.
pub const SHORT_HELP: &str = "\
Examples:
  lessonspace batch class.xlsx
  lessonspace batch roster.csv -o links.csv --resume --min-valid 2d

All flags and column names: lessonspace batch --help";

/// The end of `batch --help`.
pub const HELP: &str = "\
Each row gets one link, or one per person with a recipe. All rows are checked first; nothing is sent if \
any row has an error. LINKS is the roster with five more columns: link_status, client_url, expires_at, \
room_id and link_error. LINKS.journal records every link as it arrives. If a run stops, repeat the command \
with --resume.

These columns are recognised, in upper or lower case, with or without spaces: id, space name, user id, \
user name, user email, role, leader, guest, display name, not before, not after, valid for, lesson time, \
time zone. Any field of the Launch endpoint works too, such as features.chat.enabled. Other columns are \
kept but not sent. Flags set defaults for all rows; a filled cell overrides them.

A row needs a person (a user id, a name or an email), unless the row is for a leader, or --guest or a \
guest column asks for a guest link.

At a terminal, batch asks which columns contain the class and the names if it does not recognise \
them. It \
shows the plan and asks once before it starts. If several names share a cell, it offers a link for each; \
names such as \"Byron, Ada\" can be read with the given name first. If LINKS exists, batch asks whether to \
update it. Without a terminal, it never prompts. An update without --map or --recipe reads the roster as \
the last run did.

You can sort and edit the roster between runs: rows are matched by content, not position. A row that \
fails for a temporary reason is tried up to five times within --timeout; attempts that fail because \
the API is unreachable or limits requests (429) do not count. Links without an expiry date are \
renewed as if they lasted 7 days.

Examples:
  lessonspace batch class.xlsx
  lessonspace batch roster.csv --map \"id={Class}\" --map \"user name={Pupil}\" --dry-run
  lessonspace batch roster.csv -o links.csv --resume --min-valid 2d
  lessonspace batch lessons.xlsx --recipe lesson.toml --only \"Status!=cancelled\"
  lessonspace batch oneroster.zip -o links.csv
  lessonspace batch --template > roster.csv";

/// The flags in `batch -h`; `--help` lists all of them.
const SHORT: &str = "
    roster path resume force min_valid dry_run
    map recipe only sheet all_sheets dates
    template example sandbox profile";

/// Help for `--lesson-time` in `batch`.
const LESSON_TIME_HELP: &str = "\
Start and end of the lesson, such as \"2026-12-01 14:00-14:45\"

Use it instead of --not-before and --not-after";

/// Help for `--leader` in `batch`.
const LEADER_HELP: &str = "Make everyone a leader unless their row says otherwise";

const LEADER_LONG_HELP: &str = "\
Make everyone a leader unless their row says otherwise

A leader can invite people, end the session and control other people's audio and video";

/// Help for `--feature` in `batch`.
const FEATURE_HELP: &str =
    "Turn a feature on or off in every link, such as --feature chat.enabled=off";

/// Renames the headings of the flags shared with `launch`: in `batch` they set defaults, which a filled cell
/// overrides.
fn as_default(argument: Arg) -> Arg {
    let heading = match argument.get_help_heading() {
        Some("Person") => "Person (defaults for every row)",
        Some("Link") => "Link (defaults for every row)",
        Some(heading) if heading.starts_with("Space settings") => {
            "Space settings (defaults for every row)"
        }
        _ => return argument,
    };
    argument.help_heading(heading)
}

#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
#[command(
    mut_args(|argument| as_default(crate::cli::brief(argument, SHORT))),
    // Rejected with its own message: batch gets many responses.
    mut_arg("field", |field| field.hide(true)),
    mut_arg("json", |json| {
        json.help("Print the summary as JSON; messages go to standard error as JSON lines")
    }),
    mut_arg("guest", |guest| guest.help("Create guest links for rows without a person")),
    mut_arg("leader", |leader| leader.help(LEADER_HELP).long_help(LEADER_LONG_HELP)),
    mut_arg("feature", |feature| feature.help(FEATURE_HELP)),
    // Without "today" and "tomorrow", because a roster is used on more than one day.
    mut_arg("lesson_time", |time| time.long_help(LESSON_TIME_HELP)),
    mut_arg("not_before", |time| time.long_help(None::<&str>))
)]
pub struct BatchArgs {
    /// Roster: a spreadsheet, CSV, JSON, a school export or a calendar (- for standard input)
    ///
    /// Spreadsheets are .xlsx, .ods or .xls. Exports are a folder or .zip of OneRoster or School Data
    /// Sync files. Calendars are .ics
    #[arg(value_name = "ROSTER", value_hint = ValueHint::AnyPath)]
    pub roster: Option<PathBuf>,
    #[command(flatten)]
    pub links: LinksArgs,
    /// Check the whole roster and print the plan without sending anything
    ///
    /// Needs no API key and no -o. If the default links file exists, the plan shows what an update
    /// would do. With --json, prints the requests, one per line
    #[arg(long, help_heading = "Running")]
    pub dry_run: bool,
    /// Start without asking
    #[arg(long, help_heading = "Running")]
    pub yes: bool,
    /// Requests per second, retries included; 0 means no limit [default: 4]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, help_heading = "Running")]
    pub rate: Option<String>,
    /// How long to wait for a busy or unreachable API [default: 15m]
    #[arg(long, value_name = "DURATION", help_heading = "Running")]
    pub max_wait: Option<String>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    #[command(flatten)]
    pub export: ExportArgs,
    /// Print an empty roster to fill in
    ///
    /// With --map or --recipe, it has just the columns they use
    #[arg(long, help_heading = "Getting started")]
    pub template: bool,
    /// Write example rosters and recipes into a new folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, help_heading = "Getting started")]
    pub example: Option<PathBuf>,
    /// Default values for every row, from a JSON file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Defaults for every row")]
    pub file: Option<PathBuf>,
    /// Set a default for every row, such as --set user.role=student
    ///
    /// A filled cell overrides it
    #[arg(long, value_name = "FIELD=VALUE", help_heading = "Defaults for every row")]
    pub set: Vec<String>,
    /// Fail on unknown fields instead of sending them with a warning
    #[arg(long, help_heading = "Defaults for every row")]
    pub strict: bool,
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
#[command(next_help_heading = "Links file")]
pub struct LinksArgs {
    /// Links file to write [default: NAME-links next to the roster]
    ///
    /// A .csv, .tsv, .xlsx or .jsonl file: the roster with everyone's link. Required for a school export, a
    /// calendar and standard input. LINKS.journal next to it records progress; --resume needs it
    #[arg(short = 'o', long = "output", value_name = "LINKS", value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,
    /// Resume or repeat: send missing and failed rows, renew expired links
    ///
    /// New and changed rows are sent too; links that are still good are kept
    #[arg(long)]
    pub resume: bool,
    /// Start over and replace LINKS and its journal
    #[arg(long)]
    pub force: bool,
    /// With --resume, renew links this long before they expire, such as 2d
    ///
    /// Must be less than 7d. Links that already last until their lesson ends are kept
    #[arg(long, value_name = "DURATION")]
    pub min_valid: Option<String>,
}

/// How the roster is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading the roster")]
pub struct ReadingArgs {
    /// Format of the roster [default: from the file extension]
    #[arg(long)]
    pub format: Option<RosterFormat>,
    /// Text encoding of the roster, such as windows-1252 [default: UTF-8 or UTF-16, detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Sheet to read [default: the first visible sheet that is not empty]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Read all sheets; in --map, {sheet} is the name of a row's sheet
    #[arg(long, conflicts_with = "sheet")]
    pub all_sheets: bool,
    /// Line with the column names [default: found in the first 20 rows]
    ///
    /// 0 means that the roster has no column names; the columns are then called A, B, C
    #[arg(long, value_name = "LINE", allow_negative_numbers = true)]
    pub header: Option<String>,
    /// Fill a column from your own columns, such as --map "id={Class}"
    ///
    /// A template can join columns and text: --map "user name={First name} {Last name}".
    /// {Name|flip} turns "Byron, Ada" into "Ada Byron". {Start|time} reads 755 as 07:55. Write {{ for a
    /// literal brace
    #[arg(long, value_name = "COLUMN=TEMPLATE")]
    pub map: Vec<String>,
    /// Read column rules from a recipe (a TOML file)
    ///
    /// A recipe can set every other option in this group except --format. It can also make links for
    /// several people from one row
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recipe: Option<PathBuf>,
    /// Include only rows with this value in this column
    ///
    /// COLUMN!=VALUE excludes them; COLUMN~TEXT keeps rows whose cell contains TEXT. Repeat it to allow
    /// more values of a column, or to add conditions on other columns. Rows left out keep their links
    #[arg(long, value_name = "COLUMN=VALUE")]
    pub only: Vec<String>,
    /// What to do with hidden and filtered rows (an error if not set)
    #[arg(long, value_name = "WHAT")]
    pub hidden: Option<Hidden>,
    /// Shorten Space ids over 64 characters
    ///
    /// The same id always gets the same short form
    #[arg(long)]
    pub shorten_ids: bool,
    /// Order of day and month, as in 01/12/2026
    #[arg(long, value_name = "ORDER")]
    pub dates: Option<Dates>,
    /// Week for weekdays such as "Tue 14:00": this, next or any date in that week
    #[arg(long, value_name = "DATE")]
    pub week_of: Option<String>,
}

/// How an export or a calendar is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Exports and calendars")]
pub struct ExportArgs {
    /// Kind of export [default: detected from its files]
    #[arg(long, value_name = "KIND")]
    pub from: Option<exports::Kind>,
    /// Date on which enrolments must be current, or first day to read from a calendar [default: today]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Number of days to read from a calendar [default: 14]
    #[arg(long, value_name = "N")]
    pub days: Option<u16>,
    /// Skip and count broken rows in an export, such as rows with an unknown class
    #[arg(long)]
    pub skip_broken: bool,
}

/// The formats of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RosterFormat {
    /// Text separated by commas, semicolons or tabs
    Csv,
    /// JSON: one object per line, or an array
    #[value(alias = "json", alias = "ndjson")]
    Jsonl,
    /// Spreadsheet: .xlsx, .ods or .xls
    #[value(alias = "ods", alias = "xls")]
    Xlsx,
}

/// The order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Dates {
    /// Day first: 1 December
    Dmy,
    /// Month first: 12 January
    Mdy,
}

pub async fn run(arguments: BatchArgs, printer: Printer) -> Result<()> {
    if arguments.template {
        return prepare::print_template(&arguments.reading, printer).await;
    }
    if let Some(folder) = &arguments.example {
        return example::write(folder, printer);
    }
    let mut job = until_interrupted(prepare::prepare(arguments, printer)).await?;
    signal::check()?;
    let now = Timestamp::now();
    let header = journal_header(&job);
    if job.dry_run {
        let journal = match &job.links {
            Some(links) if links.start != Start::New => {
                Journal::look(&journal_path(&links.path), &header, links.start)?
            }
            _ => None,
        };
        return dry_run(&mut job, (journal.as_ref(), &header), now, printer);
    }
    let Some(links) = &job.links else {
        return Err(Error::about("-o LINKS", "is required"));
    };
    let (path, start, is_update) = (links.path.clone(), links.start, links.is_update);
    let connection =
        until_interrupted(Connection::open(&job.settings, job.asking, printer)).await?;
    let journal_path = journal_path(&path);
    let open = || Journal::open(&journal_path, header.clone(), start);
    // A new journal is created only after the prompt, so that answering no changes nothing.
    let continues = start == Start::Resume && journal_path.exists();
    let journal = continues.then(open).transpose()?;
    let is_first = journal.as_ref().is_none_or(|journal| journal.links().next().is_none());
    atomic_file::remove_leftovers(&path);
    if let Some(journal) = journal.as_ref().filter(|_| !is_first) {
        job.adopt_keys(journal);
        plan::check_resumed(&job.rows, &job.made.launches, journal)?;
    }
    let plan = Plan::new(&job.made.launches, journal.as_ref(), job.min_valid(), now);
    let preview = job.preview(&plan);
    show_plan(&job, &preview, printer);
    if let Some(journal) = &journal {
        warn_about_journal(&job, journal, &header, printer);
    }
    let shown = untrusted_path(&path);
    let question = if is_update {
        Some(format!("Update {shown}?"))
    } else {
        (is_first && plan.to_send() > 0)
            .then(|| format!("Launch {}?", count(plan.to_send(), "link")))
    };
    if let Some(question) = question.filter(|_| job.confirms)
        && !until_interrupted(prompt::yes_or_no(&question, true)).await?
    {
        if is_update {
            printer.message(&format!("nothing was sent, and {shown} is unchanged"));
            printer
                .message("to choose the columns again, add --force (this creates all links again)");
        } else {
            printer.message("nothing was sent");
        }
        return Ok(());
    }
    let mut journal = journal.map_or_else(open, Ok)?;
    journal.read_as(header.clone())?;
    let done = launch_all(&mut job, &connection, journal, &plan, printer).await;
    if done.as_ref().err().is_none_or(|error| error.kind == Kind::Partial) {
        until_interrupted(ask::offer_recipe(&job, printer)).await?;
    }
    done
}

fn journal_header(job: &Job) -> Header {
    let api_url = match &job.settings.endpoint {
        Endpoint::Api(url) => Some(url.as_str()),
        Endpoint::Sandbox => None,
    };
    let maps = job.recipe.map.iter();
    let mut header = Header::new(api_url);
    header.zone = job.defaults.zone.iana_name().map(str::to_owned);
    header.maps = maps.map(|map| (map.target.name().to_owned(), map.text.clone())).collect();
    let mut recipe = job.recipe.clone();
    if let Some(only) = &job.only_of_next_run {
        recipe.only.clone_from(only);
    }
    // Saves "next" as a date: by the next run, that week may be this week.
    if recipe.week_of.as_deref().is_some_and(|week| week.trim().eq_ignore_ascii_case("next")) {
        recipe.week_of = job.week_of.map(|date| date.to_string());
    }
    header.recipe = Some(recipe.to_toml()).filter(|recipe| !recipe.is_empty());
    header.defaults = job.defaults.digest();
    header
}

/// Prints the plan on standard output, or with `--json` the bodies, one per line.
fn dry_run(
    job: &mut Job,
    (journal, header): (Option<&Journal>, &Header),
    now: Timestamp,
    printer: Printer,
) -> Result<()> {
    if let Some(journal) = journal {
        job.adopt_keys(journal);
        plan::check_resumed(&job.rows, &job.made.launches, journal)?;
    }
    let plan = Plan::new(&job.made.launches, journal, job.min_valid(), now);
    let preview = job.preview(&plan);
    job.print_reading_notes(printer);
    if let Some(journal) = journal {
        warn_about_journal(job, journal, header, printer);
    }
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
    lines.extend(preview.notes(true));
    let table = preview.table();
    if !table.is_empty() {
        lines.push(String::new());
        lines.extend(table);
    }
    printer.result(&lines.join("\n"))?;
    signal::check()
}

/// Shows the plan on standard error: the counts, and at a terminal also the table, unless it is too long.
fn show_plan(job: &Job, preview: &Preview, printer: Printer) {
    const MAX_SPACES: usize = 20;
    job.print_reading_notes(printer);
    let is_terminal = printer.is_at_terminal();
    if is_terminal && preview.spaces() <= MAX_SPACES {
        for line in preview.table() {
            printer.message(&line);
        }
        printer.message("");
    }
    // If there is nothing to send, the summary follows immediately and says so.
    if preview.plan.to_send() > 0 {
        preview.counts().iter().for_each(|line| printer.message(line));
    }
    preview.notes(is_terminal).iter().for_each(|line| printer.message(line));
}

/// Warns about anything unusual in the journal of a resumed run.
fn warn_about_journal(job: &Job, journal: &Journal, header: &Header, printer: Printer) {
    let before = &journal.header.defaults;
    if before.is_some() && *before != header.defaults {
        printer.warning(
            "the defaults set by flags have changed since the last run, so links will be created again",
        );
    }
    if journal.damaged_lines > 0 {
        printer.warning(&format!(
            "could not read {} of the journal; the rows recorded there will be sent again",
            count(journal.damaged_lines, "line")
        ));
    }
    if let Some(warning) = plan::exchanged(&job.rows, &job.made.launches, journal) {
        printer.warning(&warning);
    }
    let has_local_times = job.made.launches.iter().any(Launch::has_local_times);
    // A zone can have several names, such as UTC and Etc/UTC.
    let is_same = |name: &str| zone::zone(name).is_ok_and(|zone| zone == job.defaults.zone);
    if let (Some(before), Some(now)) = (&journal.header.zone, job.defaults.zone.iana_name())
        && before != now
        && !is_same(before)
        && has_local_times
    {
        let before = crate::escape::untrusted(before);
        printer.warning(&format!(
            "lesson times are now in {now}, but earlier links used {before} and stay unchanged; to keep {before}, add --time-zone {before}"
        ));
    }
}

async fn launch_all(
    job: &mut Job,
    connection: &Connection,
    mut journal: Journal,
    plan: &Plan,
    printer: Printer,
) -> Result<()> {
    let Some(path) = job.links.as_ref().map(|links| links.path.clone()) else { return Ok(()) };
    let start = Timestamp::now();
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
        launches: &job.made.launches,
        connection,
        time: job.time,
        journal: &mut journal,
        progress: &progress,
        rate: job.rate,
        max_wait: job.max_wait,
    };
    let done = send::send(sending, todo).await;
    progress.finish();
    if Form::of_path(&path) == Some(Form::Workbook) {
        // Frees memory for the library that writes workbooks.
        job.made.launches.iter_mut().for_each(Launch::forget_body);
    }
    let job = &*job;
    let launches = &job.made.launches;
    let counts = Counts { kept: plan.count(Action::Keep), to_send: plan.to_send(), ..done.counts };
    let run = Run { start, end: Timestamp::now() };
    let report = Report::new(&job.rows, launches, &journal, &done.ended, run);
    let written = output::write(job, &report, &journal);
    let shown = untrusted_path(&path);
    if let Err(error) = written {
        let Some(stop) = done.stop else {
            return Err(error.with_hint(
                "the journal contains all links; to write the links file, \
                                        run it again with --resume",
            ));
        };
        printer.warning(&format!(
            "{error}; the journal contains all links (to write the links \
                                  file, run it again with --resume)"
        ));
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

/// The error for a roster with nothing to launch.
pub fn nothing_to_launch(rows: &Rows, made: &Made) -> Option<Error> {
    let launches = &made.launches;
    if let Rows::Table { grid, .. } = rows
        && let Source::Export { format: "calendar", .. } = grid.table.source
        && rows.len() == 0
    {
        let message = "the calendar has no lessons with attendees on these days";
        return Some(Error::new(Kind::Usage, message).with_hint(
            "by default, batch reads the next 14 days, starting today; to choose other days, use --on and --days",
        ));
    }
    if rows.len() == 0 {
        return Some(Error::new(Kind::Usage, "the roster has no rows"));
    }
    if launches.is_empty() {
        return Some(Error::new(
            Kind::Usage,
            "no row contains a person; check the columns that the recipe uses",
        ));
    }
    launches.iter().all(|launch| launch.state == State::Skipped).then(|| {
        let what = match (made.left_out, made.hidden_left_out) {
            (_, 0) => "--only excludes",
            (0, _) => "--hidden skip excludes",
            _ => "--only and --hidden skip exclude",
        };
        Error::new(Kind::Usage, format!("{what} every row"))
    })
}
