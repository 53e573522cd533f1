//! Reads the rows of the roster and identifies its columns. At a terminal, prompts for what is unknown.

use super::super::{ReadingArgs, RosterFormat};
use super::{Basis, ExportOptions};
use crate::batch::columns::Columns;
use crate::batch::grid::{Grid, HeaderRule};
use crate::batch::launches::Rows;
use crate::batch::recipe::Recipe;
use crate::batch::{ask, row_problems, suggest_map};
use crate::body::BodyFile;
use crate::error::{Error, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::exports;
use crate::input;
use crate::links::ResultColumns;
use crate::problem::{Findings, Problem};
use crate::roster::fields::Field;
use crate::roster::template;
use crate::roster::{self, ReadOptions, Roster, Source, Table};
use crate::terminal::output::Printer;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::path::Path;

/// The rows of a roster, with notes and warnings about them.
#[derive(Default)]
pub(super) struct Read {
    pub(super) rows: Option<Rows>,
    pub(super) notes: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) left_out: Vec<(usize, String)>,
    /// A date in the week of `--week-of` or the recipe.
    pub(super) week_of: Option<Date>,
    /// The user's answers about the columns, as command-line flags.
    pub(super) answers: Vec<String>,
    /// Whether reading the grid found problems, so that its rows and cells are unreliable.
    pub(super) are_rows_unknown: bool,
    pub(super) are_columns_faulty: bool,
}

/// Reads the roster and identifies its columns. At a terminal, prompts for what is unknown.
pub(super) async fn read(
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
    read.week_of = week_of.and_then(|text| findings.keep(parse_week(&text, today)));
    basis.is_readable &= findings.problems.len() == known;
    let mut asked_encoding = None;
    if asks && basis.recipe.encoding.is_none() && findings.problems.is_empty() && !path.is_dir() {
        asked_encoding = ask::encoding(path).await?;
        basis.recipe.encoding.clone_from(&asked_encoding);
    }
    let zone = (&basis.clock.zone, basis.is_zone_chosen);
    let source =
        read_source(path, reading, &mut basis.recipe, export, (zone, today), findings).await;
    basis.defaults.shorten_ids |= basis.recipe.shorten_ids;
    match source {
        Some((Roster::Table(table), files)) if basis.is_readable => {
            // Report errors before prompting, because the answers would be lost.
            if asks && findings.problems.is_empty() {
                let guests = basis.defaults.guests;
                read.answers =
                    ask::columns(&table, &mut basis.recipe, basis.has_own_id, guests, printer)
                        .await?;
                if let Some(encoding) = asked_encoding.filter(|_| !read.answers.is_empty()) {
                    read.answers.splice(0..0, ["--encoding".to_owned(), encoding]);
                }
                basis.defaults.guests |= basis.recipe.guest;
            }
            let has_recipe = reading.recipe.is_some();
            read_table(table, files, (path, has_recipe), basis, &mut read, findings);
        }
        Some((Roster::Bodies(bodies), _)) => {
            let has_results = bodies.entries.first().is_some_and(|entry| entry.result.is_some());
            // The bodies of a links file are complete: they already contain the mapped values.
            if basis.recipe.has_maps() && !has_results {
                findings.about("--map and --recipe", "cannot be used with a JSON roster");
            }
            if !basis.recipe.only.is_empty() {
                findings.about("--only", "cannot be used with a JSON roster");
            }
            let file = BodyFile::of_text(&path.to_string_lossy(), &bodies.text);
            read.rows = Some(Rows::Bodies { bodies, file });
        }
        _ => {}
    }
    if read.are_columns_faulty && basis.is_of_last_run {
        let hint = "using the columns from the last run; to use others, add --map or --recipe";
        findings.hint.get_or_insert(hint.to_owned());
    }
    Ok(read)
}

fn read_table(
    table: Table,
    files: Vec<String>,
    (path, has_recipe): (&Path, bool),
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
    let columns = Columns::new(&grid, recipe, read.week_of, findings);
    read.are_columns_faulty = findings.problems.len() > known;
    if !basis.has_own_id && !read.are_columns_faulty && !columns.fills(Field::Id) {
        if recipe.people.is_empty() {
            let advice = suggest_map::advice(&grid.header, &grid.table.rows);
            findings.problem("header", format!("no column for the Space id; {advice}"));
        } else {
            findings.about("[map]", suggest_map::missing_id(&grid.header, &grid.table.rows));
        }
        return;
    }
    describe(&grid, &columns, path, &mut read.notes, &mut read.warnings);
    read.rows = Some(Rows::Table { grid: Box::new(grid), columns });
}

/// The message if no column of the recipe is in the roster.
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

/// Adds notes and warnings about the table and its columns.
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
            "{} is open in {program}; unsaved changes are not read",
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
        notes.push(format!("--map is used instead of column {name:?}"));
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
                "lesson times are not read from {}, so links last 7 days",
                row_problems::listed(&times)
            ));
        }
    }
    for (name, suggestion) in &columns.kept {
        if let Some(known) = suggestion {
            warnings.push(format!("column {name:?} is not sent; did you mean `{known}`?"));
        }
    }
}

/// Reads the roster: an export, a calendar, or a file.
async fn read_source(
    path: &Path,
    reading: &ReadingArgs,
    recipe: &mut Recipe,
    export: &ExportOptions,
    ((zone, is_zone_chosen), today): ((&TimeZone, bool), Date),
    findings: &mut Findings,
) -> Option<(Roster, Vec<String>)> {
    let mut keep = |error: Error| findings.keep_error(&error);
    let kind = if input::is_stdin(path) || reading.format.is_some() {
        if export.from.is_some() {
            let message = "works only with a file or folder, and without --format";
            keep(Error::usage("", format!("--from {message}")));
            return None;
        }
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
            let ReadingArgs { header, sheet, encoding, all_sheets, .. } = reading;
            for (flag, is_given) in [
                ("--header", header.is_some()),
                ("--sheet", sheet.is_some()),
                ("--encoding", encoding.is_some()),
                ("--all-sheets", *all_sheets),
            ] {
                if is_given {
                    let message = format!("{flag} cannot be used with an export or a calendar");
                    keep(Error::usage("", message));
                    return None;
                }
            }
            let options = exports::Options {
                kind,
                on: export.on.unwrap_or(today),
                days: export.days,
                zone: zone.clone(),
                is_zone_chosen,
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
                    // Calendar UIDs are often longer than an id may be.
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
            // The sheets are those of the school's workbook; a links file has only its own.
            let read = match read {
                Ok(roster) if !names_sheet || !is_links(&roster) => Ok(roster),
                read => {
                    let options = ReadOptions { sheet: None, all_sheets: false, ..options };
                    let other =
                        if names_sheet { roster::read(path, &options).await.ok() } else { None };
                    let is_meant = |it: &Roster| {
                        (is_links(it) && reading.sheet.is_none())
                            || (is_from_recipe && has_no_sheets(it))
                    };
                    other.filter(is_meant).map_or(read, Ok)
                }
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

fn has_no_sheets(roster: &Roster) -> bool {
    let Roster::Table(table) = roster else { return true };
    !matches!(table.source, Source::Sheet { .. } | Source::AllSheets { .. })
}

/// Whether a table is a links file.
fn is_links(roster: &Roster) -> bool {
    let Roster::Table(table) = roster else { return false };
    if matches!(&table.source, Source::AllSheets { names, .. } if names.len() > 1) {
        return false;
    }
    let header = table.rows.first().map(|row| row.cells.iter().map(|cell| &*cell.text));
    let results = header.map(|header| ResultColumns::find(header.map(str::trim)));
    matches!(results, Some(Ok(Some(_))))
}

/// Parses `this`, `next` or a date, and returns a date in that week.
fn parse_week(text: &str, today: Date) -> Result<Date, Problem> {
    match text.trim().to_ascii_lowercase().as_str() {
        "this" => Ok(today),
        "next" => today
            .checked_add(7.days())
            .map_err(|_| Problem::new("--week-of", "the date is out of range")),
        date => date.parse().map_err(|_| {
            let message = format!(
                "expected this, next or a date such as 2026-12-07, not {:?}",
                untrusted(text)
            );
            Problem::new("--week-of", message)
        }),
    }
}
