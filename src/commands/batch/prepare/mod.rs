//! Turns the flags of `batch` into a job. Nothing is sent unless everything is valid.

mod links_file;
mod read;

use self::links_file::{links_file, lost_columns, open_elsewhere};
use self::read::{Read, read};
use super::{BatchArgs, Dates, ExportArgs, ReadingArgs};
use crate::batch::job::{Job, Links};
use crate::batch::journal::{Header, Journal, Start};
use crate::batch::launches::{Defaults, Made, Rows, Selection, State};
use crate::batch::recipe::Recipe;
use crate::batch::row_problems::{self, RowProblem};
use crate::batch::{check, output, preview};
use crate::body::{self, Assignment, BodyFile, Clock, times, zone};
use crate::cli::{OutputArgs, PersonArgs, is_flag};
use crate::commands::connect::{connection_flags, reads_key_from_stdin};
use crate::commands::launch::flags::{self, Flags, also_read_for_key};
use crate::error::{Error, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::exports;
use crate::input;
use crate::json::Object;
use crate::links::journal_path;
use crate::problem::{Findings, Missing, Problem, ProblemKind};
use crate::roster::dates::DateOrder;
use crate::roster::fields::{self, Field};
use crate::roster::only::Only;
use crate::roster::template;
use crate::settings::{Endpoint, Settings};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use crate::words::count;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Requests per second, a little under the API's usual limit of 5.
const DEFAULT_RATE: f64 = 4.0;

/// Default number of days to read from a calendar.
const DEFAULT_DAYS: u16 = 14;

struct ExportOptions {
    on: Option<Date>,
    days: u16,
    from: Option<exports::Kind>,
    skip_broken: bool,
}

/// The flags for every row and for reading the roster.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Basis {
    settings: Settings,
    /// Time limit for all attempts of one launch.
    time: Duration,
    recipe: Recipe,
    is_header_from_flag: bool,
    /// Whether the recipe comes from the last run.
    is_of_last_run: bool,
    /// Whether the row filter comes from the last run, because this run does not set one.
    is_only_of_last_run: bool,
    only_of_next_run: Option<Vec<String>>,
    /// Whether the recipe and the reading flags are valid, so that the roster can be read.
    is_readable: bool,
    /// False if `--file` was given but could not be read.
    is_base_read: bool,
    /// Whether every row has an id from `--file` or `--set`.
    has_own_id: bool,
    defaults: Defaults,
    clock: Clock,
    /// Whether the clock's zone comes from a flag or the recipe.
    is_zone_chosen: bool,
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
    if recipe.people.is_empty() && !recipe.maps(Field::Id) {
        columns.push("id".to_owned());
    }
    for name in recipe.columns() {
        if template::position(&columns, name).is_none() {
            columns.push(name.to_owned());
        }
    }
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&columns).map_err(anyhow::Error::from)?;
    let bytes = writer.into_inner().map_err(|error| anyhow::Error::new(error.into_error()))?;
    printer.result_text(&String::from_utf8_lossy(&bytes))
}

/// Reads and checks all input.
pub async fn prepare(mut arguments: BatchArgs, printer: Printer) -> Result<Job> {
    let mut findings = Findings::default();
    check_output(&arguments.output, &mut findings);
    let are_inputs_readable = check_inputs(&arguments, &mut findings);
    let dry_run = arguments.dry_run;
    let may_ask = prompt::may_ask(arguments.output.no_input, arguments.output.json);
    let asks = may_ask && !arguments.yes;
    let links = links_file(&mut arguments, asks, &mut findings)?;
    let rate = arguments.rate.take();
    let rate = rate.and_then(|text| findings.keep(parse_rate(&text))).unwrap_or(DEFAULT_RATE);
    let max_wait = arguments.max_wait.take();
    let max_wait = max_wait.and_then(|text| findings.keep(parse_max_wait(&text)));
    let path = arguments.roster.take();
    let known = findings.problems.len();
    let export = export_options(&arguments.export, &mut findings);
    let is_export_readable = findings.problems.len() == known;
    if !are_inputs_readable {
        return Err(with_example(findings, None));
    }
    let reading = arguments.reading.clone();
    let mut basis = basis(arguments, links.as_ref(), &mut findings).await;
    basis.is_readable &= is_export_readable;
    let Some(path) = path else {
        findings.missing(
            Missing::File,
            "ROSTER",
            "a spreadsheet, a CSV or JSON file, an export, a calendar, or - for standard input",
        );
        return Err(with_example(findings, None));
    };
    let mut warnings = std::mem::take(&mut findings.warnings);
    let read = read(&path, (&reading, &export), &mut basis, (asks, printer), &mut findings).await?;
    let Read { rows, notes, warnings: of_rows, left_out, week_of, answers, .. } = read;
    let (are_rows_unknown, are_columns_faulty) = (read.are_rows_unknown, read.are_columns_faulty);
    warnings.extend(of_rows);
    let Basis { settings, time, recipe, is_base_read, mut defaults, clock, .. } = basis;
    let Basis { is_only_of_last_run, only_of_next_run, .. } = basis;
    warnings.extend(rows.as_ref().and_then(|rows| lost_columns(rows, links.as_ref())));
    warnings.extend(links.as_ref().filter(|_| !dry_run).and_then(open_elsewhere));
    // If a column or map is faulty, rows are not reported for having no person.
    defaults.guests |= are_columns_faulty;
    let known = findings.problems.len();
    let only = row_filter(rows.as_ref(), &recipe, &reading, &mut findings);
    let is_sound = findings.problems.len() == known && is_base_read && !are_rows_unknown;
    let Some(rows) = rows.filter(|_| is_sound) else {
        for warning in &warnings {
            printer.warning(warning);
        }
        return Err(with_example(findings, Some(&path)));
    };
    let selection = Selection { only, hidden: recipe.hidden };
    let mut made = rows.launches(&defaults, &selection, clock.now);
    if let Some(usual) = only_of_next_run.as_ref().filter(|usual| **usual != recipe.only) {
        rows.mark_outside(usual, &mut made.launches);
    }
    warnings.extend(filter_of_last_run(&recipe, &made).filter(|_| is_only_of_last_run));
    let known = (&*left_out, are_columns_faulty);
    check_launches(&rows, &selection.only, &mut made, known, &mut warnings, &mut findings)?;
    if !findings.problems.is_empty() || !made.problems.is_empty() {
        for warning in &warnings {
            printer.warning(warning);
        }
        let hint = hint(&mut findings);
        let shown = path.to_string_lossy();
        let mut error = row_problems::error(findings.problems, &made.problems, Some(&shown));
        error.hint = hint;
        return Err(error);
    }
    let is_first = links.as_ref().is_none_or(|links| links.start != Start::Resume);
    if is_first && made.launches.iter().all(|launch| launch.state != State::Ready) {
        return Err(all_over(&rows, &made));
    }
    let job = Job {
        rows,
        defaults,
        made,
        recipe,
        only_of_next_run,
        week_of,
        links,
        dry_run,
        settings,
        time,
        rate,
        max_wait,
        asking: may_ask.then_some(time),
        confirms: asks,
        answers,
        path: Some(path),
        warnings,
        notes,
        left_out,
    };
    output::check(&job)?;
    Ok(job)
}

/// The row filter of a table.
fn row_filter(
    rows: Option<&Rows>,
    recipe: &Recipe,
    reading: &ReadingArgs,
    findings: &mut Findings,
) -> Only {
    let Some(Rows::Table { grid, .. }) = rows else { return Only::default() };
    let place = if reading.only.is_empty() { "only" } else { "--only" };
    Only::new(place, &recipe.only, &grid.header, findings)
}

/// Compares the launches with each other, and adds problems to `made` and `findings`.
fn check_launches(
    rows: &Rows,
    only: &Only,
    made: &mut Made,
    (left_out, are_columns_faulty): (&[(usize, String)], bool),
    warnings: &mut Vec<String>,
    findings: &mut Findings,
) -> Result<()> {
    if are_columns_faulty {
        let lacks_id =
            |row: &RowProblem| row.problem.kind == ProblemKind::Missing(Missing::SpaceId);
        made.problems.retain(|row| !lacks_id(row));
    }
    findings.problems.append(&mut made.general);
    if findings.problems.is_empty()
        && made.problems.is_empty()
        && let Some(error) = super::nothing_to_launch(rows, made)
    {
        // The rows that an export left out may explain why nothing is left to launch.
        let mut causes: Vec<String> = preview::left_out(left_out).into_iter().collect();
        if let Rows::Table { grid, .. } = rows {
            causes.extend(only.unfulfilled(&grid.table.rows));
        }
        return Err(error.with_causes(causes));
    }
    if made.problems.is_empty() && !are_columns_faulty {
        let compared = check::compare(&made.launches, rows);
        made.problems.extend(compared.problems);
        warnings.extend(compared.warnings);
    }
    warnings.extend(row_problems::warnings(&made.warnings));
    Ok(())
}

fn all_over(rows: &Rows, made: &Made) -> Error {
    let places: Vec<String> =
        made.launches.iter().map(|launch| rows.place(launch.row, None)).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    Error::usage("", format!("every lesson is already over: {}", row_problems::listed(&places)))
}

/// Checks the flags. Problems go into `findings`.
async fn basis(arguments: BatchArgs, links: Option<&Links>, findings: &mut Findings) -> Basis {
    let BatchArgs {
        roster: _,
        links: _,
        rate: _,
        max_wait: _,
        reading,
        export: _,
        template: _,
        example: _,
        file,
        set,
        strict,
        dry_run: _,
        yes: _,
        person,
        link,
        space,
        output: _,
        connection,
    } = arguments;
    let base = flags::file(file.as_deref(), &connection, findings).await;
    let is_base_read = file.is_some() == base.is_some();
    let (connection, time) = connection_flags(connection, findings);
    let settings = Settings::load(connection, findings);
    let known = findings.problems.len();
    let mut recipe = read_recipe(reading.recipe.as_deref(), findings).await.unwrap_or_default();
    let reads_like_last_run = reading.recipe.is_none() && reading.map.is_empty();
    let last_run = last_run(links, &settings, reads_like_last_run, findings);
    let last_recipe = last_run
        .as_ref()
        .and_then(|last| last.recipe.clone())
        .and_then(|text| Recipe::parse("the journal", text.into_bytes(), &mut Findings::default()));
    let last_only = last_recipe.as_ref().map(|last| last.only.clone()).unwrap_or_default();
    let is_of_last_run = reads_like_last_run && last_recipe.is_some();
    if let Some(last) = last_recipe.filter(|_| reads_like_last_run) {
        recipe = last;
    }
    let is_only_of_last_run = is_of_last_run && reading.only.is_empty() && !recipe.only.is_empty();
    let continues = links
        .is_some_and(|links| links.start == Start::Resume && journal_path(&links.path).exists());
    // On a continued run, --only applies to that run alone; otherwise the other links would no longer be
    // renewed.
    let only_of_next_run = if !continues {
        None
    } else if reading.only.is_empty() || is_of_last_run {
        Some(recipe.only.clone())
    } else {
        Some(last_only)
    };
    add_reading_flags(&mut recipe, &reading, findings);
    let is_readable = findings.problems.len() == known;
    let guests = person.guest || recipe.guest;
    // In a batch, `--guest` is for rows without a person, not for everyone.
    let person = PersonArgs { guest: false, ..person };
    let mut flags = flags::flags(None, &set, (person, link), findings);
    flags.assignments.extend(flags::space_flags(space, findings));
    let zone = flags.time_zone.take().or_else(|| recipe.time_zone.clone());
    let is_zone_chosen = zone.is_some();
    let mut clock = flags::clock(zone, &settings, findings);
    if let Some(name) = last_run.and_then(|last| last.zone).filter(|_| !is_zone_chosen)
        && clock.zone.iana_name() != Some(&name)
        && let Ok(zone) = zone::zone(&name)
    {
        clock.zone = zone;
    }
    let has_own_id = base.as_ref().is_some_and(|base| base.body.get("id").is_some())
        || flags.assignments.iter().any(|one| *one.path == ["id"]);
    let defaults = defaults(base.as_ref(), flags, strict, findings);
    let defaults =
        Defaults { shorten_ids: recipe.shorten_ids, guests, zone: clock.zone.clone(), ..defaults };
    Basis {
        settings,
        time,
        recipe,
        is_header_from_flag: reading.header.is_some(),
        is_of_last_run,
        is_only_of_last_run,
        only_of_next_run,
        is_readable,
        is_base_read,
        has_own_id,
        defaults,
        clock,
        is_zone_chosen,
    }
}

fn with_example(mut findings: Findings, path: Option<&Path>) -> Error {
    let hint = hint(&mut findings);
    let shown = path.map(untrusted_path);
    for problem in &mut findings.problems {
        if shown.as_ref() == Some(&problem.place) || problem.place == "header" {
            problem.at.path.clone_from(&shown);
        }
    }
    let mut error = Error::of_problems(findings.problems);
    error.hint = hint;
    error
}

fn hint(findings: &mut Findings) -> Option<String> {
    let hint = findings.hint.take();
    hint.or_else(|| findings.is_something_missing().then(example))
}

/// A warning about rows that a filter of the last run leaves out.
fn filter_of_last_run(recipe: &Recipe, made: &Made) -> Option<String> {
    (made.left_out > 0).then(|| {
        format!(
            "{} left out: only rows with {} are sent, as in an earlier run; to change this, add \
             --only, --map or --recipe",
            count(made.left_out, "row"),
            untrusted(&recipe.only.join(" and "))
        )
    })
}

fn example() -> String {
    "for example: lessonspace batch roster.csv -o links.csv".to_owned()
}

/// The header of the journal of the run that this one continues. Another API's journal is a problem if this
/// run is to read the roster like the last one.
fn last_run(
    links: Option<&Links>,
    settings: &Settings,
    reads_like_last_run: bool,
    findings: &mut Findings,
) -> Option<Header> {
    // Also read without --resume, so that an existing links file is the only problem reported.
    let links = links.filter(|links| links.start != Start::Over)?;
    let api_url = match &settings.endpoint {
        Endpoint::Api(url) => Some(url.as_str()),
        Endpoint::Sandbox => None,
    };
    let path = journal_path(&links.path);
    let looked = Journal::look(&path, &Header::new(api_url), Start::Resume);
    let journal = match looked {
        Ok(journal) => journal?,
        // A journal of practice links, for example. No other problem matters then.
        Err(error) => {
            if reads_like_last_run && !error.problems.is_empty() {
                findings.keep_error(&error);
            }
            return None;
        }
    };
    Some(journal.header.clone())
}

/// Applies the reading flags, which take precedence over the recipe.
fn add_reading_flags(recipe: &mut Recipe, reading: &ReadingArgs, findings: &mut Findings) {
    let ReadingArgs {
        format: _,
        encoding,
        recipe: _,
        sheet,
        all_sheets,
        header,
        map,
        only,
        hidden,
        shorten_ids,
        dates,
        week_of,
    } = reading;
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
    if encoding.is_some() {
        recipe.encoding.clone_from(encoding);
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

fn export_options(arguments: &ExportArgs, findings: &mut Findings) -> ExportOptions {
    let &ExportArgs { from, ref on, days, skip_broken } = arguments;
    let on = on.as_ref().and_then(|text| {
        findings.keep(text.trim().parse::<Date>().map_err(|_| {
            let message = format!(
                "{:?} is not a valid date; expected one such as 2026-12-01",
                untrusted(text)
            );
            Problem::new("--on", message)
        }))
    });
    if days == Some(0) {
        findings.about("--days", "must be at least 1");
    }
    ExportOptions { on, days: days.unwrap_or(DEFAULT_DAYS), from, skip_broken }
}

fn header_line(text: &str) -> Result<u32, Problem> {
    text.trim().parse().map_err(|_| {
        let message =
            format!("expected a line number (0 if there is no header), not {:?}", untrusted(text));
        Problem::new("--header", message)
    })
}

/// Reads a recipe, if one is given. Problems go into `findings`.
async fn read_recipe(path: Option<&Path>, findings: &mut Findings) -> Option<Recipe> {
    let path = path?;
    let shown = untrusted_path(path);
    let bytes = input::read(path).await.map_err(|it| Problem::about(shown.as_str(), it));
    Recipe::parse(&shown, findings.keep(bytes)?, findings)
}

fn check_output(output: &OutputArgs, findings: &mut Findings) {
    let OutputArgs { json: _, field, quiet: _, verbose: _, no_input: _ } = output;
    if !field.is_empty() {
        findings.about(
            "--field",
            "cannot be used with batch, which writes the results to the links file",
        );
    }
}

/// Checks that standard input is read only once, and that no input is the file with the API key, which an
/// error would show. Otherwise nothing is read.
fn check_inputs(arguments: &BatchArgs, findings: &mut Findings) -> bool {
    let paths = [&arguments.roster, &arguments.file, &arguments.reading.recipe];
    let files = paths.into_iter().flatten().filter(|path| input::is_stdin(path)).count();
    let is_free = files + usize::from(reads_key_from_stdin(&arguments.connection)) <= 1;
    if !is_free {
        findings.problem(
            "-",
            "standard input can be read only once; use - for one input and files for the others",
        );
        return false;
    }
    let known = findings.problems.len();
    for (name, path) in [("ROSTER", paths[0]), ("--file", paths[1]), ("--recipe", paths[2])] {
        let also_read = |path: &PathBuf| also_read_for_key(name, path, &arguments.connection);
        findings.problems.extend(path.as_ref().and_then(also_read));
    }
    findings.problems.len() == known
}

fn parse_max_wait(text: &str) -> Result<Duration, Problem> {
    times::waiting_time(text).map_err(|message| Problem::new("--max-wait", message))
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

/// The checked defaults for every row.
fn defaults(
    base: Option<&BodyFile>,
    flags: Flags,
    strict: bool,
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
    Defaults {
        body,
        valid_for,
        lesson_time,
        strict,
        shorten_ids: false,
        guests: false,
        zone: TimeZone::UTC,
    }
}
