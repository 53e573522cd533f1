//! Writes LINKS: the roster's columns and the result of each launch, as delimited text, a workbook or
//! JSON Lines. The file is written as a whole; the journal is the record from which it can be recreated.

use super::atomic_file::{Replacement, write_error};
use super::{COLUMNS, Outcome, ResultColumns, column_names};
use crate::body;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::escape::untrusted;
use crate::json::{self, Kind, Object, Value};
use crate::roster::{Bodies, Cell, CellKind, Dialect, Row};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Url, Workbook, Worksheet, XlsxError};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Maximum number of rows below the header of a sheet.
pub const MAX_ROWS: usize = 1_048_575;

/// Maximum number of links per sheet that Excel can open, and their maximum length in bytes.
const MAX_LINKS: usize = 65_530;
const MAX_LINK_LENGTH: usize = 2_000;

/// Longest text of a cell in a workbook, in UTF-16 units.
pub const MAX_TEXT_LENGTH: usize = 32_767;

/// Widest column of a workbook and width of the result columns, in characters.
const WIDEST: usize = 50;
const RESULT_WIDTH: usize = 22;

/// Replaces `%` in link targets until the workbook is complete. The library would escape `%3A` to
/// `%253A` and break the link.
const PERCENT: &str = "\u{f8ff}";

/// The part of a workbook with the link targets of its only sheet.
const TARGETS: &str = "xl/worksheets/_rels/sheet1.xml.rels";

/// The formats of a links file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Tsv,
    Json,
    Workbook,
}

impl Form {
    /// The format for a file's extension; `None` for any other extension.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" => Some(Self::Json),
            "xlsx" => Some(Self::Workbook),
            _ => None,
        }
    }
}

/// The contents of a links file: the roster's columns, and the result of each launch in a row.
pub struct LinksTable<'a> {
    pub header: &'a [String],
    pub rows: &'a [Row],
    /// The result columns of an earlier run, if the roster is a links file.
    pub results: Option<&'a ResultColumns>,
    /// The people in a row; empty for one launch per row.
    pub people: Vec<String>,
    /// The outcomes of each row, in the order of `people`; `None` where a row has no such person.
    pub outcomes: Vec<Vec<Option<&'a Outcome>>>,
    pub dialect: Dialect,
    /// The zone for times in a workbook.
    pub zone: &'a TimeZone,
}

/// The source of a column in LINKS.
#[derive(Clone, Copy)]
enum Column {
    Own(usize),
    /// An index into the names of the result columns.
    Result(usize),
}

/// A cell of a result column.
enum ResultCell<'a> {
    Empty,
    Text(&'a str),
    Link(&'a str),
    Time(jiff::Timestamp),
}

impl LinksTable<'_> {
    /// The columns, in the order of the file. Existing result columns keep their places.
    fn columns(&self) -> (Vec<String>, Vec<Column>) {
        let names = column_names(&self.people);
        let mut header = Vec::new();
        let mut columns = Vec::new();
        let mut is_written = vec![false; names.len()];
        for (index, name) in self.header.iter().enumerate() {
            if self.results.is_some_and(|results| results.contains(index)) {
                let place = names.iter().position(|other| other.eq_ignore_ascii_case(name.trim()));
                // An earlier run may have had other people.
                let Some(place) = place else { continue };
                is_written[place] = true;
                header.push(names[place].clone());
                columns.push(Column::Result(place));
            } else {
                header.push(name.clone());
                columns.push(Column::Own(index));
            }
        }
        for (place, name) in names.into_iter().enumerate().filter(|(it, _)| !is_written[*it]) {
            header.push(name);
            columns.push(Column::Result(place));
        }
        (header, columns)
    }

    fn results(&self, row: usize) -> Vec<ResultCell<'_>> {
        let has_people = !self.people.is_empty();
        let outcomes = &self.outcomes[row];
        let mut cells = Vec::new();
        for place in 0..self.people.len().max(1) {
            let outcome = outcomes.get(place).copied().flatten();
            let of = |cell: fn(&Outcome) -> ResultCell<'_>| outcome.map_or(ResultCell::Empty, cell);
            cells.push(of(|it| ResultCell::Text(it.status.word())));
            cells.push(of(|it| {
                it.client_url.as_deref().map_or(ResultCell::Empty, ResultCell::Link)
            }));
            cells.push(of(|it| it.expires_at.map_or(ResultCell::Empty, ResultCell::Time)));
            if !has_people {
                cells.push(text(outcome.and_then(|it| it.room_id.as_deref())));
            }
            cells.push(text(outcome.and_then(|it| it.error.as_deref())));
        }
        if has_people {
            let room = outcomes.iter().flatten().find_map(|it| it.room_id.as_deref());
            cells.push(text(room));
        }
        cells
    }

    /// Writes the table as delimited text.
    ///
    /// # Errors
    ///
    /// I/O errors.
    pub fn write_text(&self, path: &Path, form: Form) -> Result<()> {
        let mut dialect = self.dialect;
        if form == Form::Tsv {
            dialect.delimiter = b'\t';
        }
        let mut text = Vec::new();
        self.text(&mut text, dialect).map_err(|source| write_error(path, source))?;
        let mut file = Replacement::start(path)?;
        // Excel needs the BOM, but only for text that is not ASCII.
        if dialect.has_bom || !text.is_ascii() {
            file.write(|out| out.write_all(BOM))?;
        }
        file.write(|out| out.write_all(&text))?;
        file.finish()
    }

    fn text(&self, out: &mut Vec<u8>, dialect: Dialect) -> io::Result<()> {
        let (header, columns) = self.columns();
        if dialect.has_separator_line {
            write!(out, "sep={}{}", char::from(dialect.delimiter), dialect.line_end)?;
        }
        let terminator = match dialect.line_end {
            "\n" => csv::Terminator::Any(b'\n'),
            "\r" => csv::Terminator::Any(b'\r'),
            _ => csv::Terminator::CRLF,
        };
        let names: Vec<Cow<str>> = header.iter().map(|name| guarded(name)).collect();
        // Readers could mistake these names for JSON or for another delimiter.
        let is_misleading = names.iter().any(|name| name.contains([',', ';', '\t', '|']))
            || names.first().is_some_and(|name| name.starts_with(['{', '[']));
        let mut builder = csv::WriterBuilder::new();
        builder.delimiter(dialect.delimiter).terminator(terminator);
        let style =
            if is_misleading { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = builder.quote_style(style).from_writer(Vec::new());
        writer.write_record(names.iter().map(|name| name.as_bytes()))?;
        out.extend(writer.into_inner().map_err(csv::IntoInnerError::into_error)?);
        let mut writer = builder.quote_style(csv::QuoteStyle::Necessary).from_writer(out);
        for (index, row) in self.rows.iter().enumerate() {
            let results = self.results(index);
            let record = columns.iter().map(|column| match column {
                Column::Own(column) => guarded(own_text(row, *column)),
                Column::Result(place) => match &results[*place] {
                    ResultCell::Empty => "".into(),
                    ResultCell::Text(text) => guarded(text),
                    // No guard: links are clicked and copied, and start with https.
                    ResultCell::Link(link) => (*link).into(),
                    ResultCell::Time(time) => time.to_string().into(),
                },
            });
            let record: Vec<Cow<str>> = record.collect();
            writer.write_record(record.iter().map(|cell| cell.as_bytes()))?;
        }
        writer.flush()
    }

    /// Writes the table as a workbook with clickable links, real dates, and text that stays text.
    ///
    /// # Errors
    ///
    /// I/O errors.
    pub fn write_workbook(&self, path: &Path) -> Result<()> {
        // Build it in memory first: the library does not report a full disk well.
        let bytes = self.workbook().map_err(anyhow::Error::from);
        let bytes = bytes.and_then(with_percent_signs).map_err(|error| {
            Error::new(ErrorKind::Unexpected, "cannot create the workbook").with_source(error)
        })?;
        let mut file = Replacement::start(path)?;
        file.write(|out| out.write_all(&bytes))?;
        file.finish()
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let (header, columns) = self.columns();
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name("Links")?;
        let mut pen = Pen { sheet, formats: Formats::new(), zone: self.zone, links: 0 };
        for (column, name) in header.iter().enumerate() {
            let name = marked(name);
            pen.sheet.write_string_with_format(0, number(column)?, name, &pen.formats.bold)?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let results = self.results(index);
            let line = u32::try_from(index + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
            for (place, column) in columns.iter().enumerate() {
                let at = (line, number(place)?);
                match column {
                    Column::Own(column) => {
                        if let Some(cell) = row.cell(*column).filter(|cell| !cell.text.is_empty()) {
                            pen.own(at, cell, own_text(row, *column))?;
                        }
                    }
                    Column::Result(result) => pen.result(at, &results[*result])?,
                }
            }
        }
        let last_row =
            u32::try_from(self.rows.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofilter(0, 0, last_row, number(header.len().saturating_sub(1))?)?;
        for (place, column) in columns.iter().enumerate() {
            let name = header[place].chars().count();
            let characters = match column {
                Column::Result(_) => name.max(RESULT_WIDTH),
                Column::Own(column) => {
                    let cells = self.rows.iter().map(|row| row.text(*column).chars().count());
                    cells.max().unwrap_or_default().max(name)
                }
            };
            #[expect(clippy::cast_precision_loss, reason = "a width is a small number")]
            let width = (characters + 2).min(WIDEST) as f64;
            sheet.set_column_width(number(place)?, width)?;
        }
        workbook.save_to_buffer()
    }

    /// The row and column, counted from 0, of the first cell that is too long for a workbook.
    pub fn too_long(&self) -> Option<(usize, usize)> {
        let is_too_long = |cell: &Cell| {
            cell.text.len() > MAX_TEXT_LENGTH && cell.text.encode_utf16().count() > MAX_TEXT_LENGTH
        };
        self.rows.iter().enumerate().find_map(|(index, row)| {
            row.cells.iter().position(is_too_long).map(|column| (index, column))
        })
    }
}

/// The cell formats of a workbook.
struct Formats {
    bold: CellFormat,
    date: CellFormat,
    day: CellFormat,
    time: CellFormat,
    long_time: CellFormat,
}

impl Formats {
    fn new() -> Self {
        let shown_as = |text: &str| CellFormat::new().set_num_format(text);
        Self {
            bold: CellFormat::new().set_bold(),
            date: shown_as("yyyy-mm-dd hh:mm"),
            day: shown_as("yyyy-mm-dd"),
            time: shown_as("[hh]:mm"),
            long_time: shown_as("[hh]:mm:ss"),
        }
    }
}

/// Writes the cells of a sheet.
struct Pen<'a> {
    sheet: &'a mut Worksheet,
    formats: Formats,
    zone: &'a TimeZone,
    /// The number of clickable links so far.
    links: usize,
}

impl Pen<'_> {
    /// Writes a cell of the roster with its type.
    fn own(
        &mut self,
        (row, column): (u32, u16),
        cell: &Cell,
        shown: &str,
    ) -> Result<(), XlsxError> {
        let text = &*cell.text;
        let sheet = &mut *self.sheet;
        // Write a value that is shown differently, such as 0701, as text.
        let kind = if cell.shown.is_some() { CellKind::Text } else { cell.kind };
        match kind {
            CellKind::Number => {
                if let Ok(number) = text.parse::<f64>() {
                    return sheet.write_number(row, column, number).map(drop);
                }
            }
            CellKind::Date | CellKind::DateTime => {
                if let Ok(time) = text.parse::<DateTime>() {
                    let is_day = kind == CellKind::Date || time.time() == Time::midnight();
                    let format = if is_day { &self.formats.day } else { &self.formats.date };
                    let time = excel_time(time)?;
                    return sheet.write_datetime_with_format(row, column, time, format).map(drop);
                }
            }
            CellKind::Time => {
                if let Some(seconds) = seconds(text) {
                    let is_long = text.matches(':').count() == 2;
                    let format = if is_long { &self.formats.long_time } else { &self.formats.time };
                    let days = seconds / 86_400.0;
                    return sheet.write_number_with_format(row, column, days, format).map(drop);
                }
            }
            CellKind::Boolean => return sheet.write_boolean(row, column, text == "TRUE").map(drop),
            CellKind::Text | CellKind::Error | CellKind::NoValue => {}
        }
        sheet.write_string(row, column, marked(shown)).map(drop)
    }

    fn result(&mut self, (row, column): (u32, u16), cell: &ResultCell) -> Result<(), XlsxError> {
        let sheet = &mut *self.sheet;
        match cell {
            ResultCell::Empty => Ok(()),
            ResultCell::Text(text) => sheet.write_string(row, column, *text).map(drop),
            ResultCell::Link(link) if self.links < MAX_LINKS && link.len() <= MAX_LINK_LENGTH => {
                self.links += 1;
                let url = Url::new(without_percent_signs(link)).set_text(*link);
                sheet.write_url(row, column, url).map(drop)
            }
            ResultCell::Link(link) => sheet.write_string(row, column, *link).map(drop),
            ResultCell::Time(moment) => {
                let local = excel_time(moment.to_zoned(self.zone.clone()).datetime())?;
                sheet.write_datetime_with_format(row, column, local, &self.formats.date).map(drop)
            }
        }
    }
}

/// Writes bodies as JSON Lines, each with its outcome under `result`.
///
/// # Errors
///
/// I/O errors.
pub fn write_json<'a>(
    path: &Path,
    bodies: impl Iterator<Item = (Object, &'a Outcome)>,
    line_end: &str,
) -> Result<()> {
    let mut file = Replacement::start(path)?;
    for (mut body, outcome) in bodies {
        body.remove("result");
        body.insert("result", result(outcome));
        file.write(|out| write!(out, "{}{line_end}", body.to_json()))?;
    }
    file.finish()
}

fn result(outcome: &Outcome) -> Value {
    let expires_at = outcome.expires_at.map(|time| time.to_string());
    let result = json::object([
        ("link_status", outcome.status.word().into()),
        ("client_url", outcome.client_url.as_deref().into()),
        ("expires_at", expires_at.as_deref().into()),
        ("room_id", outcome.room_id.as_deref().into()),
        ("link_error", outcome.error.as_deref().into()),
    ]);
    result.into()
}

fn text(text: Option<&str>) -> ResultCell<'_> {
    text.map_or(ResultCell::Empty, ResultCell::Text)
}

/// A cell's text in LINKS. Numbers are written as shown, so that 0701 stays 0701.
fn own_text(row: &Row, column: usize) -> &str {
    row.cell(column).map_or("", |cell| match (&cell.shown, cell.kind) {
        (Some(shown), CellKind::Number) => shown,
        _ => &cell.text,
    })
}

fn guarded(cell: &str) -> Cow<'_, str> {
    if needs_guard(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// Text in a workbook needs no guard unless it looks guarded: reading removes guards from workbooks too,
/// because a spreadsheet may have saved a CSV file as a workbook.
fn marked(text: &str) -> Cow<'_, str> {
    let is_guard_like = text.starts_with('\'') && needs_guard(text);
    if is_guard_like { format!("'{text}").into() } else { text.into() }
}

fn number(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

fn excel_time(time: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let (year, month, day) = (time.year().unsigned_abs(), time.month(), time.day());
    ExcelDateTime::from_ymd(year, month.unsigned_abs(), day.unsigned_abs())?.and_hms(
        u16::from(time.hour().unsigned_abs()),
        time.minute().unsigned_abs(),
        f64::from(time.second()),
    )
}

/// Converts `25:30:15` to seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut seconds = 0_u32;
    let mut unit = 3600;
    for part in text.split(':') {
        seconds = part.parse::<u32>().ok()?.checked_mul(unit)?.checked_add(seconds)?;
        unit /= 60;
    }
    Some(f64::from(seconds))
}

/// The link to pass to the library, which leaves text after a `#` unescaped.
fn without_percent_signs(link: &str) -> String {
    match link.split_once('#') {
        Some((link, anchor)) => format!("{}#{anchor}", link.replace('%', PERCENT)),
        None => link.replace('%', PERCENT),
    }
}

/// Restores `%` in the link targets of a workbook.
fn with_percent_signs(workbook: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut parts = ZipArchive::new(Cursor::new(workbook))?;
    let Some(targets) = parts.index_for_name(TARGETS) else {
        return Ok(parts.into_inner().into_inner());
    };
    let mut whole = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..parts.len() {
        if index == targets {
            let text = io::read_to_string(parts.by_index(index)?)?;
            whole.start_file(TARGETS, SimpleFileOptions::default())?;
            whole.write_all(text.replace(PERCENT, "%").as_bytes())?;
        } else {
            whole.raw_copy_file(parts.by_index_raw(index)?)?;
        }
    }
    Ok(whole.finish()?.into_inner())
}

// The guard against cells that a spreadsheet would run as formulas: writing adds `'` before such a cell,
// and reading a LINKS file removes it. To make them exact opposites, a cell that already has `'` before
// such text gets another.

/// Characters at the start of a cell that a spreadsheet may run as a formula (OWASP, "CSV injection").
const TRIGGERS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether the cell starts like a formula, after any number of `'`.
fn is_formula_like(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(TRIGGERS)
}

pub fn needs_guard(cell: &str) -> bool {
    is_formula_like(cell)
}

/// Removes the guard of a cell. Only for LINKS files: elsewhere `'` belongs to the text.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula_like(rest) => rest,
        _ => cell,
    }
}

/// JSON bodies as a table, for a links file with columns. Each field in any body becomes a column.
///
/// # Errors
///
/// Fields that cannot become columns, as a predicate about the roster.
pub fn table_of(bodies: &Bodies) -> Result<(Vec<String>, Vec<Row>), String> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    for entry in &bodies.entries {
        let mut paths = Vec::new();
        descend(&entry.body, &mut Vec::new(), &mut |path, _| paths.push(path.to_vec()));
        for path in paths {
            if let Entry::Vacant(place) = places.entry(path) {
                let name = name_of(place.key())?;
                if let Some(other) = names
                    .iter()
                    .find(|other| crate::words::folded(other) == crate::words::folded(&name))
                {
                    return Err(format!(
                        "has the fields {:?} and {:?}, which would be the same column; use a .jsonl file",
                        untrusted(other),
                        untrusted(&name)
                    ));
                }
                place.insert(names.len());
                names.push(name);
            }
        }
    }
    let rows = bodies.entries.iter().map(|entry| {
        let mut cells = vec![Cell::default(); names.len()];
        descend(&entry.body, &mut Vec::new(), &mut |path, value| {
            if let Some(place) = places.get(path) {
                cells[*place] = Cell::of_text(body::written(path, value));
            }
        });
        Row { line: entry.line, cells, ..Row::default() }
    });
    let rows = rows.collect();
    Ok((names, rows))
}

fn name_of(path: &[String]) -> Result<String, String> {
    // Below `features`, a name may contain dots.
    let is_feature = path.len() == 2 && path[0] == "features";
    if let Some(name) = path.iter().find(|name| !is_feature && name.contains('.')) {
        return Err(format!(
            "has a field {:?}, but a dot in a column name means a nested field; use a .jsonl file",
            untrusted(name)
        ));
    }
    let name = match path {
        // A bare `name` could be the person's name.
        [name] if name == "name" => "space name".to_owned(),
        path => path.join("."),
    };
    if COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(&name)) {
        return Err(format!(
            "has a field {:?}, which is a result column of the links file; use a .jsonl file",
            untrusted(&name)
        ));
    }
    Ok(name)
}

/// Visits every value that is not an object or `null`, with its path.
fn descend(object: &Object, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &Value)) {
    for member in object.members() {
        path.push(member.name().to_owned());
        match &member.value.kind {
            Kind::Object(inner) => descend(inner, path, visit),
            _ if member.value.is_null() => {}
            _ => visit(path, &member.value),
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guarded(cell: &str) -> String {
        if needs_guard(cell) { format!("'{cell}") } else { cell.to_owned() }
    }

    #[test]
    fn formulas_are_guarded_and_other_text_is_not() {
        for cell in ["=1+1", "+44 7700", "-1", "@sum", "\tx", "\rx", "'=1", "''-"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "Ann", "'Ann", "' =1", "1-2", "O'Neill", "'"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn removing_the_guard_restores_the_cell(cell in "'{0,3}[=+@\t\rab-]?.{0,4}") {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(&written), cell.as_str());
        }
    }
}
