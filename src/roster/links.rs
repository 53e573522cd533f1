//! LINKS, the file with everybody's links: the roster as it was, and what came of each row.
//!
//! It is always written whole, row by row, so that memory stays small. The journal is the
//! record; this file can be made from it again at any time.

mod place;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, io, path::Path};

pub(crate) use place::{LinksError, check};

use super::{
    guard,
    outcome::Outcome,
    read::{Cells, Dialect, LineEnd, RESULT_COLUMNS, Roster, Row},
};
use place::Replacement;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes LINKS: the roster's rows in their order, each with the outcome that `outcome_of`
/// gives for its index.
///
/// The file gets mode 0600, and takes the place of an earlier one only when it is complete
/// and on the disk. Blank lines of the roster are not kept.
///
/// # Errors
///
/// What `outcome_of` reports, and everything that keeps the file from being written; an
/// earlier file then stays as it was.
pub(crate) fn write<E: From<LinksError>>(
    path: &Path,
    roster: &Roster,
    mut outcome_of: impl FnMut(usize) -> Result<Outcome, E>,
) -> Result<(), E> {
    let mut file = Replacement::start(path)?;
    if roster.wants_bom() {
        file.write(|out| out.write_all(BOM))?;
    }
    if let Some(dialect) = roster.dialect() {
        file.write(|out| write_header(out, roster, dialect))?;
    }
    let mut beyond_ascii = false;
    for index in 0..roster.len() {
        let outcome = outcome_of(index)?;
        beyond_ascii |= !is_ascii(&outcome);
        file.write(|out| write_row(out, roster, index, &outcome))?;
    }
    // Only a spreadsheet needs the BOM, and only with text beyond ASCII; that an error
    // message has some shows when the rest is written already.
    if beyond_ascii && roster.dialect().is_some() && !roster.wants_bom() {
        file = file.with_prefix(BOM)?;
    }
    file.finish()?;
    Ok(())
}

fn is_ascii(outcome: &Outcome) -> bool {
    let texts = [&outcome.client_url, &outcome.room_id, &outcome.error];
    texts.into_iter().flatten().all(|text| text.is_ascii())
}

fn write_header(out: &mut dyn io::Write, roster: &Roster, dialect: &Dialect) -> io::Result<()> {
    if dialect.separator_line {
        out.write_all(b"sep=")?;
        out.write_all(&[dialect.delimiter])?;
        out.write_all(roster.line_end().text().as_bytes())?;
    }
    let names = roster.header().iter().map(|name| guarded(name));
    let results = RESULT_COLUMNS.map(Cow::Borrowed);
    write_record(out, roster.line_end(), dialect, names, results)
}

fn write_row(
    out: &mut dyn io::Write,
    roster: &Roster,
    index: usize,
    outcome: &Outcome,
) -> io::Result<()> {
    let row = roster.row(index).map_err(io::Error::other)?;
    match (row, roster.dialect()) {
        (Row::Cells(cells), Some(dialect)) => {
            let width = roster.header().len();
            write_cells(out, roster.line_end(), dialect, (&cells, width), outcome)
        }
        (Row::Json(line), _) => {
            let line = line.with_result(&result_json(outcome)?);
            out.write_all(line.as_bytes())?;
            out.write_all(roster.line_end().text().as_bytes())
        }
        (Row::Cells(_), None) => Ok(()),
    }
}

fn write_cells(
    out: &mut dyn io::Write,
    line_end: LineEnd,
    dialect: &Dialect,
    (cells, width): (&Cells, usize),
    outcome: &Outcome,
) -> io::Result<()> {
    let own = (0..width).map(|column| guarded(cells.get(column)));
    let text = |text| guarded(Option::as_deref(text).unwrap_or_default());
    let results = [
        outcome.status.word().into(),
        // Never guarded: a link is to be clicked and copied, and starts with https.
        outcome.client_url.as_deref().unwrap_or_default().into(),
        outcome.expires_at.map(|time| time.to_string()).unwrap_or_default().into(),
        text(&outcome.room_id),
        text(&outcome.error),
    ];
    write_record(out, line_end, dialect, own, results)
}

/// Writes the roster's own cells, and the five results in their earlier places or last.
fn write_record<'a>(
    out: &mut dyn io::Write,
    line_end: LineEnd,
    dialect: &Dialect,
    own: impl Iterator<Item = Cow<'a, str>>,
    results: [Cow<'a, str>; 5],
) -> io::Result<()> {
    let mut record: Vec<Cow<str>> = own.collect();
    match dialect.result_columns {
        Some(places) => {
            for (place, result) in places.into_iter().zip(results) {
                record[place] = result;
            }
        }
        None => record.extend(results),
    }
    let terminator = match line_end {
        LineEnd::CrLf => csv::Terminator::CRLF,
        LineEnd::Lf => csv::Terminator::Any(b'\n'),
        LineEnd::Cr => csv::Terminator::Any(b'\r'),
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .terminator(terminator)
        .buffer_capacity(512)
        .from_writer(out);
    writer.write_record(record.iter().map(|cell| cell.as_bytes()))?;
    writer.flush()
}

fn guarded(cell: &str) -> Cow<'_, str> {
    if guard::needs_guard(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// The five columns as the `result` object of JSON Lines.
fn result_json(outcome: &Outcome) -> io::Result<String> {
    #[derive(serde::Serialize)]
    struct ResultJson<'a> {
        link_status: &'static str,
        client_url: &'a Option<String>,
        expires_at: Option<String>,
        room_id: &'a Option<String>,
        link_error: &'a Option<String>,
    }
    let result = ResultJson {
        link_status: outcome.status.word(),
        client_url: &outcome.client_url,
        expires_at: outcome.expires_at.map(|time| time.to_string()),
        room_id: &outcome.room_id,
        link_error: &outcome.error,
    };
    serde_json::to_string(&result).map_err(io::Error::from)
}
