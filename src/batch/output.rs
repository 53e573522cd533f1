//! Writes the links file: its columns, its format and the results from the report.

use super::columns::Slot;
use super::job::Job;
use super::journal::Journal;
use super::launches::{Launch, Rows};
use super::report::Report;
use crate::error::{Error, Result};
use crate::links::Outcome;
use crate::links::write::{Form, LinksTable, MAX_ROWS, MAX_TEXT_LENGTH, table_of, write_json};
use crate::roster::{Dialect, Row};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes the links file.
///
/// # Errors
///
/// I/O errors.
pub fn write(job: &Job, report: &Report, journal: &Journal) -> Result<()> {
    let Some(links) = &job.links else { return Ok(()) };
    let path = links.path.as_path();
    let form = Form::of_path(path).unwrap_or(Form::Csv);
    let outcomes: Vec<&Outcome> = report.outcomes.iter().map(|outcome| &**outcome).collect();
    if form == Form::Json {
        return write_bodies(job, &outcomes, journal, path);
    }
    let flat = flattened(&job.rows)?;
    let table = table(job, flat.as_ref(), &outcomes);
    match form {
        Form::Workbook => table.write_workbook(path),
        _ => table.write_text(path, form),
    }
}

/// Checks that the roster fits the format of the links file, before anything is sent.
///
/// # Errors
///
/// A roster that does not fit the format.
pub fn check(job: &Job) -> Result<()> {
    let Some(links) = &job.links else { return Ok(()) };
    let form = Form::of_path(&links.path).unwrap_or(Form::Csv);
    if form == Form::Json {
        return Ok(());
    }
    let flat = flattened(&job.rows)?;
    if form != Form::Workbook {
        return Ok(());
    }
    let table = table(job, flat.as_ref(), &[]);
    if table.rows.len() > MAX_ROWS {
        let message = format!(
            "an .xlsx file has at most {MAX_ROWS} rows, but the roster has {}; use a .csv file",
            table.rows.len()
        );
        return Err(Error::usage("-o", message));
    }
    if let Some((row, column)) = table.too_long() {
        let message = format!(
            "the text in {} is longer than {MAX_TEXT_LENGTH} characters, the limit for a cell in an \
             .xlsx file; use a .csv file",
            job.rows.place(row, Some(column))
        );
        return Err(Error::usage("-o", message));
    }
    Ok(())
}

/// JSON bodies as a table.
fn flattened(rows: &Rows) -> Result<Option<(Vec<String>, Vec<Row>)>> {
    match rows {
        Rows::Table { .. } => Ok(None),
        Rows::Bodies { bodies, .. } => table_of(bodies)
            .map(Some)
            .map_err(|message| Error::usage("-o", format!("the roster {message}"))),
    }
}

/// The people in a row, in output order; empty if each row is one launch.
fn slots(job: &Job) -> (BTreeMap<Slot, usize>, Vec<String>) {
    let Rows::Table { columns, .. } = &job.rows else { return (BTreeMap::new(), Vec::new()) };
    if columns.people.iter().all(|person| person.name.is_none()) {
        return (BTreeMap::new(), Vec::new());
    }
    let mut entries: BTreeMap<usize, usize> = BTreeMap::new();
    for launch in &job.made.launches {
        let most = entries.entry(launch.slot.person).or_default();
        *most = (*most).max(launch.slot.entry + 1);
    }
    let mut places = BTreeMap::new();
    let mut names = Vec::new();
    for (index, person) in columns.people.iter().enumerate() {
        let name = person.name.as_deref().unwrap_or_default();
        let count = if person.has_each() { entries.get(&index).copied().unwrap_or(1) } else { 1 };
        for entry in 0..count {
            places.insert(Slot { person: index, entry }, names.len());
            names.push(if person.has_each() {
                format!("{name}_{}", entry + 1)
            } else {
                name.to_owned()
            });
        }
    }
    (places, names)
}

fn table<'a>(
    job: &'a Job,
    flat: Option<&'a (Vec<String>, Vec<Row>)>,
    outcomes: &[&'a Outcome],
) -> LinksTable<'a> {
    let (places, people) = slots(job);
    let (header, rows, results, dialect) = match (&job.rows, flat) {
        (Rows::Table { grid, .. }, _) => {
            let mut dialect = grid.table.dialect;
            if grid.is_spreadsheet() || !grid.files.is_empty() {
                dialect = Dialect::default();
            }
            (grid.header.as_slice(), grid.table.rows.as_slice(), grid.results.as_ref(), dialect)
        }
        (Rows::Bodies { bodies, .. }, Some((header, rows))) => {
            let dialect = Dialect { has_bom: bodies.has_bom, ..Dialect::default() };
            (header.as_slice(), rows.as_slice(), None, dialect)
        }
        (Rows::Bodies { .. }, None) => (&[][..], &[][..], None, Dialect::default()),
    };
    let width = people.len().max(1);
    let mut by_row: Vec<Vec<Option<&Outcome>>> = vec![vec![None; width]; rows.len()];
    for (launch, outcome) in job.made.launches.iter().zip(outcomes) {
        let place = places.get(&launch.slot).copied().unwrap_or_default();
        by_row[launch.row][place] = Some(outcome);
    }
    LinksTable {
        header,
        rows,
        results,
        people,
        outcomes: by_row,
        dialect,
        zone: &job.defaults.zone,
    }
}

fn write_bodies(job: &Job, outcomes: &[&Outcome], journal: &Journal, path: &Path) -> Result<()> {
    let now = Timestamp::now();
    let line_end = match &job.rows {
        Rows::Bodies { bodies, .. } if bodies.line_end == "\r\n" => "\r\n",
        _ => "\n",
    };
    let body = |launch: &Launch| match &job.rows {
        Rows::Bodies { bodies, .. } => bodies.entries[launch.row].body.clone(),
        Rows::Table { .. } => {
            // The body as sent, so that the file is a roster of the same launches.
            let link = journal.record(launch.key).and_then(|record| record.link.as_ref());
            let at = link.map_or(now, |link| link.at);
            launch.body_at(&job.rows, &job.defaults, at).body().clone()
        }
    };
    let launches = job.made.launches.iter().zip(outcomes);
    write_json(path, launches.map(|(launch, outcome)| (body(launch), *outcome)), line_end)
}
