//! From the flags of `batch` to a job. Nothing is sent before all of it is right.

use super::{BatchArgs, Dates, ExportArgs, LinksArgs, ReadingArgs, RosterFormat};
use crate::batch::columns::Columns;
use crate::batch::grid::{Grid, HeaderRule};
use crate::batch::job::{Job, Links};
use crate::batch::journal::{self, Header, Journal, Start};
use crate::batch::launches::{Defaults, Made, Rows, Selection, State};
use crate::batch::only::Only;
use crate::batch::recipe::Recipe;
use crate::batch::row_problems::{self, RowProblem};
use crate::batch::{ask, check, output, suggest_map};
use crate::body::{self, Assignment, BodyFile, Clock, LONGEST_WINDOW, times};
use crate::cli::{OutputArgs, PersonArgs, is_flag};
use crate::commands::connect::{connection_flags, reads_key_from_stdin};
use crate::commands::launch::flags::{self, Flags};
use crate::error::{Error, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::exports;
use crate::input;
use crate::json::Object;
use crate::links::write::Form;
use crate::links::{ResultColumns, atomic_file};
use crate::problem::{Findings, Missing, Problem, ProblemKind};
use crate::roster::dates::DateOrder;
use crate::roster::fields::{self, Field};
use crate::roster::template;
use crate::roster::{self, ReadOptions, Roster, Source, Table};
use crate::settings::{Endpoint, Settings};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Requests per second, a little under the API's usual limit of 5.
const DEFAULT_RATE: f64 = 4.0;

/// How many days of a calendar are read.
const DEFAULT_DAYS: u16 = 14;

/// How an export is read.
struct ExportOptions {
    on: Option<Date>,
    days: u16,
    from: Option<exports::Kind>,
    skip_broken: bool,
}

/// What the flags say about every row, and about reading the roster.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Basis {
    settings: Settings,
    /// The longest that the attempts of one launch may take.
    time: Duration,
    recipe: Recipe,
    is_header_from_flag: bool,
    /// Whether the recipe and the flags about reading are sound, so that the roster can be read.
    is_readable: bool,
    /// Whether `--file` could be read.
    is_base_read: bool,
    /// Whether every row has an id from `--file` or `--set`.
    has_own_id: bool,
    defaults: Defaults,
    clock: Clock,
}

/// The rows of a roster, and what is to be said about them.
#[derive(Default)]
struct Read {
    rows: Option<Rows>,
    notes: Vec<String>,
    warnings: Vec<String>,
    left_out: Vec<(usize, String)>,
    /// What was answered about the columns, as maps.
    answers: Vec<String>,
    /// Whether rows and cells are not what the recipe and the flags make of them.
    are_rows_unknown: bool,
    are_columns_faulty: bool,
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

/// Reads and checks everything.
pub async fn prepare(mut arguments: BatchArgs, printer: Printer) -> Result<Job> {
    let mut findings = Findings::default();
    check_output(&arguments.output, &mut findings);
    let is_stdin_free = check_stdin(&arguments, &mut findings);
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
    if !is_stdin_free {
        // What is wanted twice is read for neither.
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
    let Read { rows, notes, warnings: of_rows, left_out, answers, .. } = read;
    let (are_rows_unknown, are_columns_faulty) = (read.are_rows_unknown, read.are_columns_faulty);
    warnings.extend(of_rows);
    let Basis { settings, time, recipe, is_base_read, mut defaults, clock, .. } = basis;
    warnings.extend(rows.as_ref().and_then(|rows| lost_columns(rows, links.as_ref())));
    warnings.extend(links.as_ref().filter(|_| !dry_run).and_then(open_elsewhere));
    // Rows are not blamed for a person that a wrong column or map would have named.
    defaults.guests |= are_columns_faulty;
    let known = findings.problems.len();
    let only = match &rows {
        Some(Rows::Table { grid, .. }) => {
            let place = if reading.only.is_empty() { "only" } else { "--only" };
            Only::new(place, &recipe.only, grid, &mut findings)
        }
        _ => Only::default(),
    };
    let is_only_sound = findings.problems.len() == known;
    let Some(rows) = rows.filter(|_| is_base_read && is_only_sound && !are_rows_unknown) else {
        for warning in &warnings {
            printer.warning(warning);
        }
        return Err(with_example(findings, Some(&path)));
    };
    let selection = Selection { only, hidden: recipe.hidden };
    let mut made = rows.launches(&defaults, &selection, clock.now);
    let known = (&*left_out, are_columns_faulty);
    check_launches(&rows, &selection.only, &mut made, known, &mut warnings, &mut findings)?;
    if !findings.problems.is_empty() || !made.problems.is_empty() {
        for warning in &warnings {
            printer.warning(warning);
        }
        let hint = findings.is_something_missing().then(example);
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

/// Compares the launches with each other. Problems stay in `made` and `findings`.
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
        // What an export left out is the reason that no row is there.
        let mut causes: Vec<String> =
            left_out.iter().map(|(count, what)| format!("{count} {what}")).collect();
        if let Rows::Table { grid, .. } = rows {
            causes.extend(only.unfulfilled(grid));
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

/// What to say of columns that LINKS cannot keep.
fn lost_columns(rows: &Rows, links: Option<&Links>) -> Option<String> {
    let Rows::Table { columns, .. } = rows else { return None };
    if Form::of_path(&links?.path) != Some(Form::Json) || columns.kept.is_empty() {
        return None;
    }
    let kept: Vec<&str> = columns.kept.iter().map(|(name, _)| name.as_str()).collect();
    Some(format!(
        "a JSON file cannot keep the columns that are not sent: {}; use a .csv file to keep them",
        kept.join(", ")
    ))
}

/// What to say of a links file that a spreadsheet has open.
fn open_elsewhere(links: &Links) -> Option<String> {
    let program = roster::open_in(&links.path)?;
    let shown = untrusted_path(&links.path);
    Some(format!("{shown} is open in {program}; close it there, or it will not show the new links"))
}

fn all_over(rows: &Rows, made: &Made) -> Error {
    let places: Vec<String> =
        made.launches.iter().map(|launch| rows.place(launch.row, None)).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    Error::usage("", format!("every lesson is already over: {}", row_problems::listed(&places)))
}

/// Where the links go. At a terminal those that are there are updated, if the answer to the plan is yes;
/// a dry run without `-o` shows that plan.
fn links_file(
    arguments: &mut BatchArgs,
    asks: bool,
    findings: &mut Findings,
) -> Result<Option<Links>> {
    let BatchArgs { roster, links, file, reading, connection, dry_run, .. } = arguments;
    let Some(mut links) = choose_links(links, roster.as_deref(), *dry_run, findings) else {
        return Ok(None);
    };
    let has_links = links.path.is_file() && journal::path_for(&links.path).is_file();
    let may_update = if *dry_run { links.is_chosen } else { asks };
    if has_links && may_update && links.start == Start::New {
        links.start = Start::Resume;
        links.is_update = true;
    }
    let read = [&*file, &reading.recipe, &connection.api_key_file];
    let read: Vec<&Path> = read.into_iter().flatten().map(PathBuf::as_path).collect();
    let roster = roster.as_deref().filter(|path| !input::is_stdin(path));
    check_links(&links, roster, &read, *dry_run, findings)?;
    Ok(Some(links))
}

/// What the flags say, checked. Problems go into `findings`.
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
    let base = flags::file(file.as_deref(), findings).await;
    let is_base_read = file.is_some() == base.is_some();
    let (connection, time) = connection_flags(connection, findings);
    let settings = Settings::load(connection, findings);
    let known = findings.problems.len();
    let mut recipe = read_recipe(reading.recipe.as_deref(), findings).await.unwrap_or_default();
    if reading.recipe.is_none() && reading.map.is_empty() {
        recipe = recipe_of_journal(links, &settings).unwrap_or(recipe);
    }
    add_reading_flags(&mut recipe, &reading, findings);
    let is_readable = findings.problems.len() == known;
    let guests = person.guest || recipe.guest;
    // For a roster the flag means rows without a person, and not everyone.
    let person = PersonArgs { guest: false, ..person };
    let mut flags = flags::flags(None, &set, (person, link), findings);
    flags.assignments.extend(flags::space_flags(space, findings));
    let zone = flags.time_zone.take().or_else(|| recipe.time_zone.clone());
    let clock = flags::clock(zone, &settings, findings);
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
        is_readable,
        is_base_read,
        has_own_id,
        defaults,
        clock,
    }
}

/// Reads the roster and finds what its columns are; at a terminal what is unknown is asked for.
async fn read(
    path: &Path,
    (reading, export): (&ReadingArgs, &ExportOptions),
    basis: &mut Basis,
    (asks, printer): (bool, Printer),
    findings: &mut Findings,
) -> Result<Read> {
    let mut read = Read::default();
    let today = basis.clock.now.to_zoned(basis.clock.zone.clone()).date();
    let week_of = basis.recipe.week_of.clone();
    let known = findings.problems.len();
    let week_of = week_of.and_then(|text| findings.keep(parse_week(&text, today)));
    basis.is_readable &= findings.problems.len() == known;
    let zone = basis.clock.zone.clone();
    let source =
        read_source(path, reading, &mut basis.recipe, export, (&zone, today), findings).await;
    basis.defaults.shorten_ids |= basis.recipe.shorten_ids;
    match source {
        Some((Roster::Table(table), files)) if basis.is_readable => {
            // Report errors before asking questions whose answers would be lost.
            if asks && findings.problems.is_empty() {
                let guests = basis.defaults.guests;
                read.answers =
                    ask::columns(&table, &mut basis.recipe, basis.has_own_id, guests, printer)
                        .await?;
                basis.defaults.guests |= basis.recipe.guest;
            }
            let has_recipe = reading.recipe.is_some();
            read_table(table, files, (path, has_recipe), week_of, basis, &mut read, findings);
        }
        Some((Roster::Bodies(bodies), _)) => {
            let has_results = bodies.entries.first().is_some_and(|entry| entry.result.is_some());
            // The bodies of a links file are whole: what the maps made is in them.
            if basis.recipe.has_maps() && !has_results {
                findings.about("--map and --recipe", "are for rosters with columns, not for JSON");
            }
            if !basis.recipe.only.is_empty() {
                findings.about("--only", "is for rosters with columns, not for JSON");
            }
            let file = BodyFile::of_text(&path.to_string_lossy(), &bodies.text);
            read.rows = Some(Rows::Bodies { bodies, file });
        }
        _ => {}
    }
    Ok(read)
}

fn read_table(
    table: Table,
    files: Vec<String>,
    (path, has_recipe): (&Path, bool),
    week_of: Option<Date>,
    basis: &Basis,
    read: &mut Read,
    findings: &mut Findings,
) {
    if let Source::Export { left_out, warnings, .. } = &table.source {
        read.left_out.extend(left_out.iter().cloned());
        read.warnings.extend(warnings.iter().cloned());
    }
    let rule = HeaderRule {
        recipe: &basis.recipe,
        is_line_from_flag: basis.is_header_from_flag,
        has_own_id: basis.has_own_id,
    };
    let recipe = &basis.recipe;
    let known = findings.problems.len();
    let Some(mut grid) = Grid::new(table, &rule, findings) else { return };
    grid.files = files;
    read.are_rows_unknown = findings.problems.len() > known;
    let known = findings.problems.len();
    if has_recipe && let Some(message) = is_for_another_roster(recipe, &grid) {
        findings.problem("--recipe", message);
        return;
    }
    let columns = Columns::new(&grid, recipe, week_of, findings);
    read.are_columns_faulty = findings.problems.len() > known;
    if !basis.has_own_id && !read.are_columns_faulty && !columns.fills(Field::Id) {
        if recipe.people.is_empty() {
            let advice = suggest_map::advice(&grid.header, &grid.table.rows);
            findings.problem("header", format!("no column for the Space id; {advice}"));
        } else {
            let message = "has no id; a row is one Space: add one such as id = \"{Class}\"";
            findings.about("[map]", message);
        }
        return;
    }
    describe(&grid, &columns, path, &mut read.notes, &mut read.warnings);
    read.rows = Some(Rows::Table { grid: Box::new(grid), columns });
}

/// What to say of a recipe none of whose columns is in the roster.
fn is_for_another_roster(recipe: &Recipe, grid: &Grid) -> Option<String> {
    let names = recipe.columns();
    let is_here = |name: &&str| template::position(&grid.header, name).is_some();
    if names.is_empty() || names.iter().any(is_here) {
        return None;
    }
    let shown = |names: Vec<&str>| {
        let names = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
        names.map(untrusted).collect::<Vec<_>>().join(", ")
    };
    Some(format!(
        "none of its columns is in the roster: {}; the roster has: {}",
        shown(names),
        shown(grid.header.iter().map(String::as_str).collect())
    ))
}

fn with_example(mut findings: Findings, path: Option<&Path>) -> Error {
    let hint = findings.is_something_missing().then(example);
    let shown = path.map(untrusted_path);
    for problem in &mut findings.problems {
        if shown.as_ref() == Some(&problem.place) {
            problem.at.path.clone_from(&shown);
        }
    }
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
        Source::AllSheets { hidden, .. } if !hidden.is_empty() => warnings.push(format!(
            "hidden sheets are not read: {} (read one with --sheet)",
            untrusted(&hidden.join(", "))
        )),
        Source::Export { format, .. } => notes.push(format!("reading {format}")),
        _ => {}
    }
    if let Some(program) = roster::open_in(path) {
        warnings.push(format!(
            "{} is open in {program}; changes that are not saved there are not read",
            untrusted_path(path)
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
        let times: Vec<&str> = kept.into_iter().filter(|name| suggest_map::is_time(name)).collect();
        let fields = [Field::NotBefore, Field::NotAfter, Field::LessonTime, Field::ValidFor];
        if !times.is_empty() && !fields.into_iter().any(|field| columns.fills(field)) {
            notes.push(format!(
                "no lesson times are read from {}, so links work for 7 days",
                row_problems::listed(&times)
            ));
        }
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
        exports::recognise(path, export.from)
    };
    match kind {
        Err(error) => {
            keep(error);
            None
        }
        Ok(Some(kind)) => {
            let options = exports::Options {
                kind,
                on: export.on.unwrap_or(today),
                days: export.days,
                zone: zone.clone(),
                skip_broken: export.skip_broken,
            };
            let owned = path.to_owned();
            let read = tokio::task::spawn_blocking(move || exports::read(&owned, &options)).await;
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
                    let exports::Export { table, file_names, maps } = export;
                    if recipe.people.is_empty() {
                        recipe.add_defaults(&maps);
                    }
                    // The UID of a calendar is often longer than an id may be.
                    recipe.shorten_ids |= kind == exports::Kind::Calendar;
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
                encoding: recipe.encoding.as_deref(),
                sheet: recipe.sheet.as_deref(),
                all_sheets: recipe.all_sheets,
            };
            let read = roster::read(path, &options).await;
            let is_from_recipe = reading.sheet.is_none() && !reading.all_sheets;
            let names_sheet = recipe.sheet.is_some() || recipe.all_sheets;
            // A recipe's sheet is that of the school's workbook; a links file has its own.
            let read = match read {
                Err(error) if is_from_recipe && names_sheet => {
                    let options = ReadOptions { sheet: None, all_sheets: false, ..options };
                    let other = roster::read(path, &options).await.ok();
                    other.filter(has_no_sheet_of_a_recipe).ok_or(error)
                }
                read => read,
            };
            match read {
                Ok(roster) => Some((roster, Vec::new())),
                Err(error) => {
                    keep(error);
                    None
                }
            }
        }
    }
}

/// Whether a roster is not the workbook that a recipe's sheet is in: text, or a links file.
fn has_no_sheet_of_a_recipe(roster: &Roster) -> bool {
    let Roster::Table(table) = roster else { return true };
    if !matches!(table.source, Source::Sheet { .. }) {
        return true;
    }
    let header = table.rows.first().map(|row| row.cells.iter().map(|cell| &*cell.text));
    let results = header.map(|header| ResultColumns::find(header.map(str::trim)));
    matches!(results, Some(Ok(Some(_))))
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
    let ReadingArgs { format: _, encoding, recipe: _, .. } = reading;
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
            let message = format!("{:?} is not a date; write it as 2026-12-01", untrusted(text));
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
    let shown = untrusted_path(path);
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
fn check_stdin(arguments: &BatchArgs, findings: &mut Findings) -> bool {
    let paths = [&arguments.roster, &arguments.file, &arguments.reading.recipe];
    let files = paths.into_iter().flatten().filter(|path| input::is_stdin(path)).count();
    let is_free = files + usize::from(reads_key_from_stdin(&arguments.connection)) <= 1;
    if !is_free {
        findings.problem("-", "standard input can be read only once; use a file for the others");
    }
    is_free
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

/// The links file that the flags name, or the one next to the roster.
fn choose_links(
    arguments: &mut LinksArgs,
    roster: Option<&Path>,
    dry_run: bool,
    findings: &mut Findings,
) -> Option<Links> {
    let LinksArgs { path, resume, force, min_valid } = arguments;
    let (path, min_valid) = (path.take(), min_valid.take());
    let start = match (*resume, *force) {
        (true, true) => {
            findings.about("--force", "cannot be used with --resume, because it starts over");
            Start::New
        }
        (true, false) => Start::Resume,
        (false, true) => Start::Over,
        (false, false) => Start::New,
    };
    if min_valid.is_some() && !*resume {
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
        return Some(Links { path, start, min_valid, is_chosen: false, is_update: false });
    }
    let chosen = roster.and_then(beside);
    if chosen.is_none() && !dry_run && roster.is_some() {
        findings.missing(Missing::File, "-o LINKS", "the file that the links are written to");
    }
    Some(Links { path: chosen?, start, min_valid, is_chosen: true, is_update: false })
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
    let shown = untrusted_path(path);
    let is_folder = path.is_dir() || shown.ends_with('/');
    if Form::of_path(path).is_none() && !is_folder {
        let message =
            format!("{shown}: a links file is .csv, .tsv, .xlsx or .jsonl; choose one of these");
        findings.problem("-o", message);
        return Ok(());
    }
    let may_replace = links.start != Start::New;
    let journal = std::fs::metadata(journal::path_for(path));
    // One that was emptied knows as little as one that is gone.
    let has_journal = journal.is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0);
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
