//! LINKS, the file with everybody's links: the roster as it was, and what came of each row.
//!
//! It is always written whole, row by row, so that memory stays small. The journal is the
//! record; this file can be made from it again at any time.

mod form;
mod place;
mod sheet;
#[cfg(test)]
mod tests;
mod workbook;

use std::{borrow::Cow, io, path::Path};

pub(crate) use form::{has_no_columns, has_results, is_links, is_table, is_workbook};
pub(crate) use place::{LinksError, check, remove_leftovers};
pub(crate) use sheet::{LONGEST_TEXT, too_long};
pub(crate) use workbook::MOST_ROWS;

use super::{
    guard,
    outcome::Outcome,
    read::{Dialect, JsonLine, LineEnd, Roster, Row},
    results::{self, ResultCell},
};
use jiff::tz::TimeZone;
pub(crate) use place::Replacement;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// What is written, and where.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    /// LINKS.
    pub(crate) path: &'a Path,
    /// The roster, whose columns and order LINKS has.
    pub(crate) roster: &'a Roster,
    /// The people of a row; none for one without a name.
    pub(crate) people: &'a [String],
    /// The zone of the dates in a workbook.
    pub(crate) zone: &'a TimeZone,
    /// The body of a launch as JSON, for LINKS in JSON from a roster with columns; launches are counted
    /// from 0, row by row, and in a row person by person.
    pub(crate) body_of: &'a dyn Fn(usize) -> Option<String>,
}

impl std::fmt::Debug for Target<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Target").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Target<'_> {
    /// Where the result columns are: in their earlier places, else last.
    fn result_places(&self) -> Vec<usize> {
        let earlier = self.roster.dialect().and_then(|dialect| dialect.result_columns.clone());
        let own = self.roster.header().len();
        earlier.unwrap_or_else(|| (own..own + results::names(self.people).len()).collect())
    }

    /// How many columns there are.
    fn width(&self) -> usize {
        let last = self.result_places().into_iter().max().map_or(0, |last| last + 1);
        last.max(self.roster.header().len())
    }

    /// The headers, the roster's own and those of the results.
    fn header(&self) -> Vec<String> {
        let mut header = self.roster.header().to_vec();
        header.resize(self.width(), String::new());
        for (place, name) in self.result_places().into_iter().zip(results::names(self.people)) {
            header[place] = name;
        }
        header
    }

    /// How many characters the cells of each column have at most; of links, as many as tell them
    /// apart from nothing.
    fn column_widths(&self) -> Vec<usize> {
        const OF_RESULTS: usize = 22;
        let header = self.header();
        let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
        let places = self.result_places();
        for place in &places {
            widths[*place] = widths[*place].max(OF_RESULTS);
        }
        for index in 0..self.roster.len() {
            let Ok(Row::Cells(cells)) = self.roster.row(index) else { continue };
            for (column, width) in widths.iter_mut().enumerate() {
                if !places.contains(&column) {
                    *width = (*width).max(cells.get(column).chars().count());
                }
            }
        }
        widths
    }
}

/// Writes LINKS: the roster's rows in their order, each with the outcomes that `outcomes_of` gives
/// for its index: one for each person, none for one who is not in the row. Its extension says
/// whether it is a workbook.
///
/// The file gets mode 0600, and takes the place of an earlier one only when it is complete
/// and on the disk. Blank lines of the roster are not kept.
///
/// # Errors
///
/// What `outcomes_of` reports, and everything that keeps the file from being written; an
/// earlier file then stays as it was.
pub(crate) fn write<E: From<LinksError>>(
    target: &Target<'_>,
    mut outcomes_of: impl FnMut(usize) -> Result<Vec<Option<Outcome>>, E>,
) -> Result<(), E> {
    let mut file = Replacement::start(target.path)?;
    if is_workbook(target.path) {
        workbook::write(&mut file, target, &mut outcomes_of)?;
    } else if has_no_columns(target.path) && target.roster.dialect().is_some() {
        write_bodies(&mut file, target, &mut outcomes_of)?;
    } else {
        file = write_text(file, target, &mut outcomes_of)?;
    }
    file.finish()?;
    Ok(())
}

/// Writes the launches of a roster with columns as JSON Lines: a body each, and its result.
fn write_bodies<E: From<LinksError>>(
    file: &mut Replacement,
    target: &Target<'_>,
    outcomes_of: &mut impl FnMut(usize) -> Result<Vec<Option<Outcome>>, E>,
) -> Result<(), E> {
    let people = target.people.len().max(1);
    for index in 0..target.roster.len() {
        for (person, outcome) in outcomes_of(index)?.iter().enumerate() {
            let body = (target.body_of)(index * people + person);
            let (Some(outcome), Some(body)) = (outcome, body) else { continue };
            file.write(|out| {
                let result = result_json(outcome)?;
                let line = JsonLine::parse(&body, 1).map_err(io::Error::other)?;
                writeln!(out, "{}", line.with_result(&result))
            })?;
        }
    }
    Ok(())
}

fn write_text<E: From<LinksError>>(
    mut file: Replacement,
    target: &Target<'_>,
    outcomes_of: &mut impl FnMut(usize) -> Result<Vec<Option<Outcome>>, E>,
) -> Result<Replacement, E> {
    let roster = target.roster;
    if roster.wants_bom() {
        file.write(|out| out.write_all(BOM))?;
    }
    if let Some(dialect) = roster.dialect() {
        file.write(|out| write_header(out, target, dialect))?;
    }
    let mut beyond_ascii = false;
    for index in 0..roster.len() {
        let outcomes = outcomes_of(index)?;
        beyond_ascii |= !outcomes.iter().flatten().all(is_ascii);
        file.write(|out| write_row(out, target, index, &outcomes))?;
    }
    // Only a spreadsheet needs the BOM, and only with text beyond ASCII; that an error
    // message has some shows when the rest is written already.
    if beyond_ascii && roster.dialect().is_some() && !roster.wants_bom() {
        file = file.with_prefix(BOM)?;
    }
    Ok(file)
}

fn is_ascii(outcome: &Outcome) -> bool {
    let texts = [&outcome.client_url, &outcome.room_id, &outcome.error];
    texts.into_iter().flatten().all(|text| text.is_ascii())
}

fn write_header(out: &mut dyn io::Write, target: &Target<'_>, dialect: &Dialect) -> io::Result<()> {
    let line_end = target.roster.line_end();
    if dialect.separator_line {
        out.write_all(b"sep=")?;
        out.write_all(&[dialect.delimiter])?;
        out.write_all(line_end.text().as_bytes())?;
    }
    let header = target.header();
    let names: Vec<_> = header.iter().map(|name| guarded(name)).collect();
    // What a reader could take for JSON, or for another delimiter.
    let is_misleading = names.iter().any(|name| name.contains([',', ';', '\t']))
        || names.first().is_some_and(|name| name.starts_with(['{', '[']));
    let quotes = if is_misleading { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
    write_record(out, line_end, (dialect, quotes), &names)
}

fn write_row(
    out: &mut dyn io::Write,
    target: &Target<'_>,
    index: usize,
    outcomes: &[Option<Outcome>],
) -> io::Result<()> {
    let (roster, line_end) = (target.roster, target.roster.line_end());
    let row = roster.row(index).map_err(io::Error::other)?;
    match (row, roster.dialect()) {
        (Row::Cells(cells), Some(dialect)) => {
            let mut record: Vec<Cow<str>> =
                (0..target.width()).map(|column| guarded(cells.get(column))).collect();
            let results = results::cells(outcomes, !target.people.is_empty());
            for (place, result) in target.result_places().into_iter().zip(results) {
                record[place] = match result {
                    ResultCell::Empty => "".into(),
                    ResultCell::Text(text) => guarded(text),
                    // Never guarded: a link is to be clicked and copied, and starts with https.
                    ResultCell::Link(link) => link.into(),
                    ResultCell::Time(time) => time.to_string().into(),
                };
            }
            write_record(out, line_end, (dialect, csv::QuoteStyle::Necessary), &record)
        }
        (Row::Json(line), _) => {
            let Some(outcome) = outcomes.iter().flatten().next() else { return Ok(()) };
            let line = line.with_result(&result_json(outcome)?);
            out.write_all(line.as_bytes())?;
            out.write_all(line_end.text().as_bytes())
        }
        (Row::Cells(_), None) => Ok(()),
    }
}

fn write_record(
    out: &mut dyn io::Write,
    line_end: LineEnd,
    (dialect, quotes): (&Dialect, csv::QuoteStyle),
    record: &[Cow<'_, str>],
) -> io::Result<()> {
    let terminator = match line_end {
        LineEnd::CrLf => csv::Terminator::CRLF,
        LineEnd::Lf => csv::Terminator::Any(b'\n'),
        LineEnd::Cr => csv::Terminator::Any(b'\r'),
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .quote_style(quotes)
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

impl From<&LinksError> for crate::error::Error {
    fn from(error: &LinksError) -> Self {
        let kind = match error {
            LinksError::Write { .. } => crate::error::Kind::Unexpected,
            _ => crate::error::Kind::Usage,
        };
        super::journal::with_cause(kind, error)
    }
}

impl From<LinksError> for crate::error::Error {
    fn from(error: LinksError) -> Self {
        Self::from(&error)
    }
}
