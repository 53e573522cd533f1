//! From the flags of `batch` to a job: the roster read, its columns understood, its launches made
//! and checked. Nothing is sent before all of it is right.

use super::check;
use super::columns::Columns;
use super::fields;
use super::grid::{Grid, HeaderRule};
use super::journal::{self, Header, Journal, Key, Start};
use super::launches::{Defaults, Made, Rows, Selection, State};
use super::only::Only;
use super::plan::Plan;
use super::preview::Preview;
use super::recipe::Recipe;
use super::row_problems;
use super::{ask, output};
use crate::body::{self, Assignment, BodyFile, LONGEST_WINDOW, ValidFor, times};
use crate::cli::{OutputArgs, is_flag};
use crate::commands::batch::{BatchArgs, Dates, ExportArgs, LinksArgs, ReadingArgs, RosterFormat};
use crate::commands::connect::{connection_flags, reads_key_from_stdin};
use crate::commands::launch::flags::{self, Flags};
use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::input;
use crate::json::Object;
use crate::links::atomic_file;
use crate::links::write::Form;
use crate::problem::{Findings, Missing, Problem};
use crate::roster::dates::DateOrder;
use crate::roster::{self, ReadOptions, Roster, Source};
use crate::settings::{Endpoint, Settings};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Requests per second, a little under the API's usual limit of 5.
const DEFAULT_RATE: f64 = 4.0;

/// How many days of a calendar are read.
const DEFAULT_DAYS: u16 = 14;

/// A batch, checked and ready to be sent.
pub struct Job {
    pub rows: Rows,
    pub defaults: Defaults,
    pub made: Made,
    /// How the roster was read.
    pub recipe: Recipe,
    /// Where the links go; none only for a dry run.
    pub links: Option<Links>,
    pub dry_run: bool,
    pub settings: Settings,
    /// The longest that the attempts of one launch may take.
    pub time: Duration,
    /// Requests per second; 0 means no limit.
    pub rate: f64,
    pub max_wait: Option<Duration>,
    /// The time to try a key that is asked for, if anyone may be asked.
    pub asking: Option<Duration>,
    /// Whether the first launch is asked about.
    pub confirms: bool,
    /// What was asked about the columns, as flags for next time.
    pub answers: Vec<String>,
    /// The roster's path as it was given.
    pub path: Option<PathBuf>,
    /// Warnings and lines about how the roster was read.
    warnings: Vec<String>,
    notes: Vec<String>,
    left_out: Vec<(usize, String)>,
}

/// Where the links go, and what happens to those of an earlier run.
#[derive(Debug, Clone)]
pub struct Links {
    pub path: PathBuf,
    pub start: Start,
    pub min_valid: SignedDuration,
    /// Whether the path was chosen for the user.
    is_chosen: bool,
}

/// How an export is read.
struct ExportOptions {
    on: Option<Date>,
    days: u16,
    from: Option<crate::exports::Kind>,
    skip_broken: bool,
}

impl Job {
    /// How long links must still be good to be kept.
    pub fn min_valid(&self) -> SignedDuration {
        self.links.as_ref().map_or(SignedDuration::ZERO, |links| links.min_valid)
    }

    /// What is known before the run starts.
    pub fn preview<'a>(&'a self, plan: &'a Plan) -> Preview<'a> {
        let mut left_out = self.left_out.clone();
        let rows = |number: usize| if number == 1 { "row" } else { "rows" };
        if self.made.left_out > 0 {
            let number = self.made.left_out;
            left_out.push((number, format!("{} left out by --only", rows(number))));
        }
        if self.made.hidden_left_out > 0 {
            let number = self.made.hidden_left_out;
            left_out.push((number, format!("hidden {} left out", rows(number))));
        }
        Preview {
            launches: &self.made.launches,
            plan,
            defaults: &self.defaults,
            rate: self.rate,
            left_out,
        }
    }

    /// Says how the roster was read, and warns of what may be wrong with it.
    pub fn tell_reading(&self, printer: Printer) {
        if let Some(links) = self.links.as_ref().filter(|links| links.is_chosen && !self.dry_run) {
            printer.story(&format!("links file: {}", super::report::shown(&links.path)));
        }
        for note in &self.notes {
            printer.story(note);
        }
        for warning in &self.warnings {
            printer.warning(warning);
        }
    }

    /// Lets JSON bodies that a links file holds with absolute times be the launches they were.
    pub fn adopt_keys(&mut self, journal: &Journal) {
        if matches!(self.rows, Rows::Table { .. }) {
            return;
        }
        let sent: std::collections::HashMap<Key, Key> =
            journal.links().filter_map(|(key, link)| Some((link.sent?, key))).collect();
        let now = Timestamp::now();
        let (rows, defaults) = (&self.rows, &self.defaults);
        for launch in &mut self.made.launches {
            if journal.record(launch.key).is_none() {
                let body = launch.body_at(rows, defaults, now);
                if let Some(key) = sent.get(&Key::of(&body.body().to_sorted_json())) {
                    launch.key = *key;
                }
            }
        }
    }
}

/// Prints an empty roster.
pub async fn print_template(arguments: &ReadingArgs, printer: Printer) -> Result<()> {
    let ReadingArgs { recipe, map, .. } = arguments;
    if recipe.is_none() && map.is_empty() {
        return printer.result_text(fields::TEMPLATE);
    }
    let mut findings = Findings::default();
    let mut recipe = read_recipe(recipe.as_deref(), &mut findings).await.unwrap_or_default();
    recipe.add_flags(map, &mut findings);
    findings.finish_offline(None)?;
    let mut columns: Vec<String> = Vec::new();
    if recipe.people.is_empty() && !recipe.maps(fields::Field::Id) {
        columns.push("id".to_owned());
    }
    for name in recipe.columns() {
        if super::template::position(&columns, name).is_none() {
            columns.push(name.to_owned());
        }
    }
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&columns).map_err(anyhow::Error::from)?;
    let bytes = writer.into_inner().map_err(|error| anyhow::Error::new(error.into_error()))?;
    printer.result_text(&String::from_utf8_lossy(&bytes))
}

/// Reads and checks everything.
pub async fn prepare(arguments: BatchArgs, printer: Printer) -> Result<Job> {
    let mut findings = Findings::default();
    check_output(&arguments.output, &mut findings);
    check_stdin(&arguments, &mut findings);
    let BatchArgs {
        roster: path,
        links,
        rate,
        max_wait,
        reading,
        export,
        template: _,
        example: _,
        file,
        set,
        strict,
        dry_run,
        yes,
        person,
        link,
        space,
        output,
        connection,
    } = arguments;
    let may_ask = prompt::may_ask(output.no_input, output.json);
    let mut links = choose_links(links, path.as_deref(), dry_run, &mut findings);
    let read: Vec<&Path> = [&file, &reading.recipe, &connection.api_key_file]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    if let Some(links) = &mut links {
        if may_ask
            && !yes
            && links.start == Start::New
            && !dry_run
            && links.path.is_file()
            && journal::path_for(&links.path).is_file()
        {
            let question = format!("Update {}?", super::report::shown(&links.path));
            if prompt::yes_or_no(&question, true).await? {
                links.start = Start::Resume;
            }
        }
        let roster = path.as_deref().filter(|path| !input::is_stdin(path));
        check_links(links, roster, &read, dry_run, &mut findings)?;
    }
    let base = flags::file(file.as_deref(), &mut findings).await;
    let is_base_read = file.is_some() == base.is_some();
    let (connection, time) = connection_flags(connection, &mut findings);
    let settings = Settings::load(connection, &mut findings);
    let recipe_known = findings.problems.len();
    let mut recipe =
        read_recipe(reading.recipe.as_deref(), &mut findings).await.unwrap_or_default();
    if reading.recipe.is_none() && reading.map.is_empty() {
        recipe = recipe_of_journal(links.as_ref(), &settings).unwrap_or(recipe);
    }
    let is_line_from_flag = reading.header.is_some();
    add_reading_flags(&mut recipe, &reading, &mut findings);
    let guest = person.guest;
    let mut flags = flags::flags(
        None,
        &set,
        (crate::cli::PersonArgs { guest: false, ..person }, link),
        &mut findings,
    );
    flags.assignments.extend(flags::space_flags(space, &mut findings));
    let zone = flags.time_zone.take().or_else(|| recipe.time_zone.clone());
    let clock = flags::clock(zone, &settings, &mut findings);
    let rate = rate.and_then(|text| findings.keep(parse_rate(&text))).unwrap_or(DEFAULT_RATE);
    let max_wait = max_wait.and_then(|text| {
        let time = times::waiting_time(&text).map_err(|it| Problem::new("--max-wait", it));
        findings.keep(time)
    });
    let today = clock.now.to_zoned(clock.zone.clone()).date();
    let week_of = recipe.week_of.as_ref().and_then(|text| findings.keep(parse_week(text, today)));
    let export = export_options(export, &mut findings);
    let is_recipe_read = findings.problems.len() == recipe_known;

    let Some(path) = path else {
        findings.missing(
            Missing::File,
            "ROSTER",
            "a spreadsheet, a CSV or JSON file, an export, a calendar, or - for standard input",
        );
        return Err(with_example(findings));
    };
    let mut warnings = std::mem::take(&mut findings.warnings);
    let mut notes = Vec::new();
    let mut left_out = Vec::new();
    let source =
        read_source(&path, &reading, &mut recipe, &export, (&clock.zone, today), &mut findings)
            .await;
    let has_own_id = base.as_ref().is_some_and(|base| base.body.get("id").is_some())
        || flags.assignments.iter().any(|one| *one.path == ["id"]);
    let mut answers = Vec::new();
    let rows = match source {
        Some((Roster::Table(table), files)) if is_recipe_read => {
            if let Source::Export { left_out: out, warnings: of_export, .. } = &table.source {
                left_out.extend(out.iter().cloned());
                warnings.extend(of_export.iter().cloned());
            }
            if may_ask && !yes {
                answers = ask::columns(&table, &mut recipe, has_own_id, guest).await?;
            }
            let rule = HeaderRule { recipe: &recipe, is_line_from_flag, has_own_id };
            Grid::new(table, &rule, &mut findings).map(|mut grid| {
                grid.files = files;
                let columns = Columns::new(&grid, &recipe, week_of, &mut findings);
                describe(&grid, &columns, &path, &mut notes, &mut warnings);
                Rows::Table { grid: Box::new(grid), columns }
            })
        }
        Some((Roster::Bodies(bodies), _)) => {
            let has_results = bodies.entries.first().is_some_and(|entry| entry.result.is_some());
            // The bodies of a links file are whole: what the maps made is in them.
            if recipe.has_maps() && !has_results {
                findings.about("--map and --recipe", "are for rosters with columns, not for JSON");
            }
            if !recipe.only.is_empty() {
                findings.about("--only", "is for rosters with columns, not for JSON");
            }
            let name = path.to_string_lossy();
            let file = BodyFile::of_text(&name, &bodies.text);
            Some(Rows::Bodies { bodies, file })
        }
        _ => None,
    };
    let only = match &rows {
        Some(Rows::Table { grid, .. }) => Only::new(&recipe.only, grid, &mut findings),
        _ => Only::default(),
    };
    let defaults = defaults(base.as_ref(), flags, strict, &recipe, &mut findings);
    let defaults = Defaults { guests: guest || recipe.guest, zone: clock.zone.clone(), ..defaults };
    let Some(rows) = rows.filter(|_| is_base_read) else {
        warnings.iter().for_each(|warning| printer.warning(warning));
        return Err(with_example(findings));
    };
    let selection = Selection { only, hidden: recipe.hidden };
    let mut made = rows.launches(&defaults, &selection, clock.now);
    findings.problems.append(&mut made.general);
    if findings.problems.is_empty()
        && made.problems.is_empty()
        && let Some(error) = crate::commands::batch::nothing_to_launch(&rows, &made.launches)
    {
        return Err(error);
    }
    if made.problems.is_empty() {
        let compared = check::compare(&made.launches, &rows);
        made.problems.extend(compared.problems);
        warnings.extend(compared.warnings);
    }
    warnings.extend(row_problems::warnings(&made.warnings));
    if !findings.problems.is_empty() || !made.problems.is_empty() {
        warnings.iter().for_each(|warning| printer.warning(warning));
        let hint = findings.is_something_missing().then(example);
        let shown = path.to_string_lossy();
        let mut error = row_problems::error(findings.problems, &made.problems, Some(&shown));
        error.hint = hint;
        return Err(error);
    }
    let is_first = links.as_ref().is_none_or(|links| links.start != Start::Resume);
    if is_first && made.launches.iter().all(|launch| launch.state != State::Ready) {
        let places: Vec<String> =
            made.launches.iter().map(|launch| rows.place(launch.row, None)).collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        let message = format!("every lesson is already over: {}", row_problems::listed(&places));
        return Err(Error::usage("", message));
    }
    let asking = may_ask.then_some(time);
    let confirms = may_ask && !yes;
    let job = Job {
        rows,
        defaults,
        made,
        recipe,
        links,
        dry_run,
        settings,
        time,
        rate,
        max_wait,
        asking,
        confirms,
        answers,
        path: Some(path),
        warnings,
        notes,
        left_out,
    };
    output::check(&job)?;
    Ok(job)
}

fn with_example(findings: Findings) -> Error {
    let hint = findings.is_something_missing().then(example);
    let mut error = Error::of_problems(findings.problems);
    error.hint = hint;
    error
}

fn example() -> String {
    "for example: lessonspace batch roster.csv -o links.csv".to_owned()
}

/// What is to be said about the table and its columns.
fn describe(
    grid: &Grid,
    columns: &Columns,
    path: &Path,
    notes: &mut Vec<String>,
    warnings: &mut Vec<String>,
) {
    match &grid.table.source {
        Source::Sheet { name, others } if !others.is_empty() => warnings.push(format!(
            "only the sheet {} is read; other sheets with content: {} (choose one with --sheet, or \
             add --all-sheets)",
            untrusted(name),
            untrusted(&others.join(", "))
        )),
        Source::Export { format, .. } => notes.push(format!("reading {format}")),
        _ => {}
    }
    if let Some(program) = roster::open_in(path) {
        warnings.push(format!(
            "{} is open in {program}; changes that are not saved there are not read",
            super::report::shown(path)
        ));
    }
    if grid.skipped_above > 0
        && let Some(line) = grid.header_line
    {
        let what = if grid.is_spreadsheet() { "row" } else { "line" };
        notes.push(format!("the header is {what} {line}; the rows above it are skipped"));
    }
    if !grid.repeated_headers.is_empty() {
        let number = grid.repeated_headers.len();
        notes.push(format!(
            "{} the header and {} skipped",
            if number == 1 { "1 row repeats".to_owned() } else { format!("{number} rows repeat") },
            if number == 1 { "is" } else { "are" }
        ));
    }
    let hidden: Vec<String> = grid
        .table
        .hidden_columns
        .iter()
        .filter(|column| columns.is_used.get(**column).copied().unwrap_or(false))
        .map(|column| untrusted(grid.header[*column].trim()))
        .collect();
    if !hidden.is_empty() {
        let what = if hidden.len() == 1 { "a hidden column is" } else { "hidden columns are" };
        warnings.push(format!("{what} sent: {}", hidden.join(", ")));
    }
    for name in &columns.replaced {
        notes.push(format!("--map takes the place of the column {name}"));
    }
    if !columns.sent.is_empty() {
        notes.push(format!("columns sent: {}", columns.sent.join(", ")));
    }
    if !columns.kept.is_empty() {
        let kept: Vec<&str> = columns.kept.iter().map(|(name, _)| name.as_str()).collect();
        notes.push(format!("columns kept but not sent: {}", kept.join(", ")));
    }
    for (name, suggestion) in &columns.kept {
        if let Some(known) = suggestion {
            warnings.push(format!("column {name} is not sent; did you mean `{known}`?"));
        }
    }
}

/// Reads the roster: an export, a calendar, or a file.
async fn read_source(
    path: &Path,
    reading: &ReadingArgs,
    recipe: &mut Recipe,
    export: &ExportOptions,
    (zone, today): (&TimeZone, Date),
    findings: &mut Findings,
) -> Option<(Roster, Vec<String>)> {
    let mut keep = |error: Error| {
        if error.problems.is_empty() {
            findings.problem("", error.message.clone());
        } else {
            findings.problems.extend(error.problems.iter().cloned());
        }
    };
    let kind = if input::is_stdin(path) || reading.format.is_some() {
        Ok(None)
    } else {
        crate::exports::recognise(path, export.from)
    };
    match kind {
        Err(error) => {
            keep(error);
            None
        }
        Ok(Some(kind)) => {
            let options = crate::exports::Options {
                kind,
                on: export.on.unwrap_or(today),
                days: export.days,
                zone: zone.clone(),
                skip_broken: export.skip_broken,
            };
            let owned = path.to_owned();
            let read =
                tokio::task::spawn_blocking(move || crate::exports::read(&owned, &options)).await;
            match read.map_err(anyhow::Error::from) {
                Err(error) => {
                    keep(error.into());
                    None
                }
                Ok(Err(error)) => {
                    keep(error);
                    None
                }
                Ok(Ok(export)) => {
                    let crate::exports::Export { table, file_names, maps } = export;
                    if recipe.people.is_empty() {
                        recipe.add_defaults(&maps);
                    }
                    // The UID of a calendar is often longer than an id may be.
                    recipe.shorten_ids |= kind == crate::exports::Kind::Calendar;
                    Some((Roster::Table(table), file_names))
                }
            }
        }
        Ok(None) => {
            let format = reading.format.map(|format| match format {
                RosterFormat::Csv => roster::Format::Csv,
                RosterFormat::Jsonl => roster::Format::Json,
                RosterFormat::Xlsx => roster::Format::Workbook,
            });
            let options = ReadOptions {
                format,
                encoding: reading.encoding.as_deref(),
                sheet: recipe.sheet.as_deref(),
                all_sheets: recipe.all_sheets,
            };
            match roster::read(path, &options).await {
                Ok(roster) => Some((roster, Vec::new())),
                Err(error) => {
                    keep(error);
                    None
                }
            }
        }
    }
}

/// How an earlier run read its roster, if this one continues it and says nothing about columns.
fn recipe_of_journal(links: Option<&Links>, settings: &Settings) -> Option<Recipe> {
    let links = links.filter(|links| links.start == Start::Resume)?;
    let api_url = match &settings.endpoint {
        Endpoint::Api(url) => Some(url.as_str()),
        Endpoint::Sandbox => None,
    };
    let path = journal::path_for(&links.path);
    let journal = Journal::look(&path, &Header::new(api_url), Start::Resume).ok().flatten()?;
    let text = journal.header.recipe.clone()?;
    Recipe::parse("the journal", text.into_bytes(), &mut Findings::default())
}

/// The flags take precedence over the recipe.
fn add_reading_flags(recipe: &mut Recipe, reading: &ReadingArgs, findings: &mut Findings) {
    let ReadingArgs { format: _, encoding: _, recipe: _, .. } = reading;
    let ReadingArgs { sheet, all_sheets, header, map, only, hidden, .. } = reading;
    let ReadingArgs { shorten_ids, dates, week_of, .. } = reading;
    if let Some(text) = header {
        recipe.header = findings.keep(header_line(text)).or(recipe.header);
    }
    if let Some(sheet) = sheet {
        recipe.sheet = Some(sheet.clone());
        recipe.all_sheets = false;
    }
    if *all_sheets {
        recipe.all_sheets = true;
        recipe.sheet = None;
    }
    recipe.add_flags(map, findings);
    if !only.is_empty() {
        recipe.only.clone_from(only);
    }
    recipe.hidden = hidden.or(recipe.hidden);
    recipe.shorten_ids |= shorten_ids;
    recipe.dates = dates
        .map(|order| match order {
            Dates::Dmy => DateOrder::DayMonthYear,
            Dates::Mdy => DateOrder::MonthDayYear,
        })
        .or(recipe.dates);
    if let Some(week_of) = week_of {
        recipe.week_of = Some(week_of.clone());
    }
}

fn export_options(arguments: ExportArgs, findings: &mut Findings) -> ExportOptions {
    let ExportArgs { from, on, days, skip_broken } = arguments;
    let on = on.and_then(|text| {
        findings.keep(text.trim().parse::<Date>().map_err(|_| {
            let message = format!("{:?} is not a date; write it as 2026-12-01", untrusted(&text));
            Problem::new("--on", message)
        }))
    });
    if days == Some(0) {
        findings.about("--days", "must be at least 1");
    }
    ExportOptions { on, days: days.unwrap_or(DEFAULT_DAYS), from, skip_broken }
}

/// The week of `this`, `next` or a date, as a date in it.
fn parse_week(text: &str, today: Date) -> Result<Date, Problem> {
    match text.trim().to_ascii_lowercase().as_str() {
        "this" => Ok(today),
        "next" => {
            today.checked_add(7.days()).map_err(|_| Problem::new("--week-of", "is too far away"))
        }
        date => date.parse().map_err(|_| {
            let message = format!(
                "expected this, next or a date such as 2026-12-07, not {:?}",
                untrusted(text)
            );
            Problem::new("--week-of", message)
        }),
    }
}

fn header_line(text: &str) -> Result<u32, Problem> {
    text.trim().parse().map_err(|_| {
        let message =
            format!("expected a line number (0 if there is no header), not {:?}", untrusted(text));
        Problem::new("--header", message)
    })
}

/// Reads a recipe, if there is one. Problems go into `findings`.
async fn read_recipe(path: Option<&Path>, findings: &mut Findings) -> Option<Recipe> {
    let path = path?;
    let shown = untrusted(&path.to_string_lossy());
    let bytes = input::read(path).await.map_err(|it| Problem::about(shown.as_str(), it));
    Recipe::parse(&shown, findings.keep(bytes)?, findings)
}

fn check_output(output: &OutputArgs, findings: &mut Findings) {
    let OutputArgs { json: _, field, quiet: _, verbose: _, no_input: _ } = output;
    if !field.is_empty() {
        findings.about("--field", "prints one response; batch gets many, and writes them to LINKS");
    }
}

/// Standard input can be read only once.
fn check_stdin(arguments: &BatchArgs, findings: &mut Findings) {
    let paths = [&arguments.roster, &arguments.file, &arguments.reading.recipe];
    let files = paths.into_iter().flatten().filter(|path| input::is_stdin(path)).count();
    if files + usize::from(reads_key_from_stdin(&arguments.connection)) > 1 {
        findings.problem("-", "standard input can be read only once; use a file for the others");
    }
}

fn parse_rate(text: &str) -> Result<f64, Problem> {
    match text.trim().parse::<f64>() {
        Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(rate),
        _ => Err(Problem::new(
            "--rate",
            format!("expected a number such as 4, or 0 for no limit, not {:?}", untrusted(text)),
        )),
    }
}

/// The links file that the flags name, or the one next to the roster.
fn choose_links(
    arguments: LinksArgs,
    roster: Option<&Path>,
    dry_run: bool,
    findings: &mut Findings,
) -> Option<Links> {
    let LinksArgs { path, resume, force, min_valid } = arguments;
    let start = match (resume, force) {
        (true, true) => {
            findings.about("--force", "cannot be used with --resume, because it starts over");
            Start::New
        }
        (true, false) => Start::Resume,
        (false, true) => Start::Over,
        (false, false) => Start::New,
    };
    if min_valid.is_some() && !resume {
        findings.about("--min-valid", "requires --resume, which renews links");
    }
    let min_valid = min_valid.and_then(|text| {
        let duration = times::duration(&text, "12h, 2d or 6d").and_then(|duration| {
            if duration < LONGEST_WINDOW {
                Ok(duration)
            } else {
                Err("must be less than 7 days, the longest life of a link".to_owned())
            }
        });
        findings.keep(duration.map_err(|message| Problem::new("--min-valid", message)))
    });
    let min_valid = min_valid.unwrap_or(SignedDuration::ZERO);
    if let Some(path) = path {
        return Some(Links { path, start, min_valid, is_chosen: false });
    }
    let chosen = roster.and_then(beside);
    if chosen.is_none() && !dry_run && roster.is_some() {
        findings.missing(Missing::File, "-o LINKS", "the file that the links are written to");
    }
    Some(Links { path: chosen?, start, min_valid, is_chosen: true })
}

/// `class-links.xlsx` for `class.ods`: next to the roster, in its own form.
fn beside(roster: &Path) -> Option<PathBuf> {
    if input::is_stdin(roster) || roster.is_dir() {
        return None;
    }
    let extension = roster.extension()?.to_str()?.to_ascii_lowercase();
    let extension = match extension.as_str() {
        "xlsx" | "xlsm" | "xltx" | "ods" | "xls" => "xlsx",
        "json" | "jsonl" | "ndjson" => "jsonl",
        "tsv" => "tsv",
        "csv" | "txt" => "csv",
        _ => return None,
    };
    let name = roster.file_stem()?.to_string_lossy();
    Some(roster.with_file_name(format!("{name}-links.{extension}")))
}

/// Checks that the links file can be written, and that it may be.
fn check_links(
    links: &Links,
    roster: Option<&Path>,
    read: &[&Path],
    dry_run: bool,
    findings: &mut Findings,
) -> Result<()> {
    let path = links.path.as_path();
    // A dry run without -o writes nothing, whatever is there.
    if dry_run && links.is_chosen && links.start == Start::New {
        return Ok(());
    }
    if input::is_stdin(path) {
        findings
            .about("-o", "must be a file: links are credentials, and standard output may be a log");
        return Ok(());
    }
    let shown = super::report::shown(path);
    let is_folder = path.is_dir() || shown.ends_with('/');
    if Form::of_path(path).is_none() && !is_folder {
        let message =
            format!("{shown}: a links file is .csv, .tsv, .xlsx or .jsonl; choose one of these");
        findings.problem("-o", message);
        return Ok(());
    }
    let may_replace = links.start != Start::New;
    let has_journal = journal::path_for(path).exists();
    // Only a roster that is a links file already may be replaced by one.
    if links.start == Start::Over
        && !has_journal
        && roster.is_some_and(|roster| atomic_file::is_same_file(path, roster))
    {
        findings.problem("-o", format!("{shown} is the roster; choose another file"));
        return Ok(());
    }
    let checked = atomic_file::check(path, roster, read, may_replace)
        .and_then(|()| journal::check(&journal::path_for(path), links.start));
    if let Err(error) = checked {
        if error.problems.is_empty() {
            return Err(error);
        }
        findings.problems.extend(error.problems.iter().cloned());
        return Ok(());
    }
    let is_empty = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
    if links.start == Start::Resume && path.exists() && !has_journal && !is_empty {
        let message = format!(
            "{shown} is here but its journal, {shown}.journal, is not, so it is unknown which links \
             were made; restore the journal, or add --force to make all links again"
        );
        findings.problem("--resume", message);
    }
    Ok(())
}

/// What every row starts from, checked.
fn defaults(
    base: Option<&BodyFile>,
    flags: Flags,
    strict: bool,
    recipe: &Recipe,
    findings: &mut Findings,
) -> Defaults {
    let Flags { assignments, valid_for, lesson_time, time_zone: _, guest: _ } = flags;
    let mut body = base.map_or_else(Object::default, BodyFile::labelled);
    body::check_times(valid_for.as_ref(), lesson_time.as_ref(), &assignments, findings);
    for assignment in &assignments {
        if assignment.path.first().is_some_and(|first| first == "id") && is_flag(&assignment.value)
        {
            findings.about("--set id", "has no value");
        }
        findings.keep(Assignment::apply(assignment, &mut body));
    }
    let valid_for: Option<ValidFor> = valid_for;
    Defaults {
        body,
        valid_for,
        lesson_time,
        strict,
        shorten_ids: recipe.shorten_ids,
        guests: false,
        zone: TimeZone::UTC,
    }
}
