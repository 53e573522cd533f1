//! A roster in memory: a table of cells, or JSON bodies as written.
//!
//! Cells keep both what the file stores and what a spreadsheet shows, with their place, so that later
//! steps can use either and name the cell in messages. `batch` decides what a column means.

mod cell;
mod csv;
pub mod dates;
pub mod fields;
mod foreign;
mod json;
pub mod only;
pub mod template;
mod workbook;

pub use cell::{Damage, Shown, damage, is_failed, shown_text};
pub use foreign::open_in;

use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::input;
use crate::json::Object;
use std::path::Path;

/// Largest roster, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// Maximum number of columns of a table, the same as in a spreadsheet.
const MAX_COLUMNS: usize = 16_384;

/// Largest cell, in bytes.
const MAX_CELL_SIZE: usize = 1 << 20;

/// Maximum memory for the cells of a table, in bytes. A small file of nothing but commas could otherwise
/// use all memory.
const MAX_TABLE_SIZE: usize = 256 << 20;

/// How to read a roster.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// The format; by default from the file's name or, for standard input, from its first bytes.
    pub format: Option<Format>,
    /// The encoding's label, such as `windows-1252`; a BOM in the file takes precedence.
    pub encoding: Option<&'a str>,
    /// The sheet's name; by default the first visible sheet that is not empty.
    pub sheet: Option<&'a str>,
    /// Whether to read all visible sheets, one below the other. Cannot be used with `sheet`.
    pub all_sheets: bool,
}

/// The format of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv,
    /// JSON objects.
    Json,
    Workbook,
}

#[derive(Debug)]
pub enum Roster {
    /// A spreadsheet, CSV, an export or a calendar.
    Table(Table),
    /// JSON: one Launch body per entry.
    Bodies(Bodies),
}

/// Rows of cells; which row is the header is decided later.
#[derive(Debug, Default)]
pub struct Table {
    pub source: Source,
    /// The rows that are not blank, in order.
    pub rows: Vec<Row>,
    /// Columns hidden in the spreadsheet (in any sheet, if there are several), counted from 0, in order.
    pub hidden_columns: Vec<usize>,
    /// The dialect of a CSV file, so that the links file can use the same.
    pub dialect: Dialect,
}

/// The source of a table's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// Delimited text. Places are line numbers.
    #[default]
    Text,
    /// One sheet of a spreadsheet. Places are cells such as `Sheet1!B7`.
    Sheet {
        name: String,
        /// Other sheets that are not empty, hidden ones marked ` (hidden)`.
        others: Vec<String>,
    },
    /// All visible sheets of a workbook, one below the other. [`Row::sheet`] is the sheet of a row.
    AllSheets {
        /// The names of the sheets, in order.
        names: Vec<String>,
        /// Hidden sheets that are not empty; they are not read.
        hidden: Vec<String>,
    },
    /// A table made from an export or a calendar. Places are line numbers in its files.
    Export {
        /// The format of the export, such as `OneRoster 1.2`.
        format: &'static str,
        /// How many entries were left out, and why: `(5, "enrolments that have ended")`.
        left_out: Vec<(usize, String)>,
        /// Warnings for the user, without duplicates.
        warnings: Vec<String>,
    },
}

/// The dialect of delimited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The character between cells: `,`, `;`, tab or `|`.
    pub delimiter: u8,
    /// Whether the first line is `sep=;`, which sets the delimiter in Excel.
    pub has_separator_line: bool,
    /// Whether the file starts with a BOM or is UTF-16.
    pub has_bom: bool,
    /// The line ending.
    pub line_end: &'static str,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', has_separator_line: false, has_bom: false, line_end: "\r\n" }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line number in an editor, or the row number in a spreadsheet, from 1.
    pub line: u32,
    /// The index of the row's sheet in [`Source::AllSheets`], or of its file in an export; otherwise 0.
    pub sheet: usize,
    /// Whether the spreadsheet hides the row, by hand or by a filter.
    pub is_hidden: bool,
    /// The number of columns of the widest merged cell that is in this row only; 0 without one.
    pub merged_across: usize,
    /// The cells, from the first column on; cells missing at the end are empty.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The stored value as text: `701`, `2026-12-01`, `2026-12-01 14:00`, `14:00`, `TRUE`. Whitespace at
    /// the ends is kept.
    pub text: Box<str>,
    /// The type of the value in the spreadsheet.
    pub kind: CellKind,
    /// The text that the spreadsheet shows, if its number format makes it differ from `text`: `0701`.
    pub shown: Option<Box<str>>,
    /// Whether the value comes from a cell above this one that is merged over several rows.
    pub is_merged: bool,
}

/// The type of a cell. In delimited text every cell is text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CellKind {
    #[default]
    Text,
    Number,
    /// A date in a format without a time of day: `2026-12-01`.
    Date,
    /// A date with a time of day: `2026-12-01 14:00`, with seconds unless they are zero.
    DateTime,
    /// A time of day or a duration: `14:00`, `25:30`.
    Time,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// A formula that failed, such as `#REF!`.
    Error,
    /// A formula without a saved value. Some programs save a 0 instead in .xls; the text is then `0`.
    NoValue,
}

/// JSON bodies.
#[derive(Debug, Default)]
pub struct Bodies {
    /// The file's text; the offsets in the bodies refer to it.
    pub text: String,
    /// The objects, in order.
    pub entries: Vec<Entry>,
    /// The line ending.
    pub line_end: &'static str,
    /// Whether the file starts with a BOM or is UTF-16.
    pub has_bom: bool,
}

/// One JSON body.
#[derive(Debug)]
pub struct Entry {
    /// The line on which the object starts, from 1.
    pub line: u32,
    /// The object, without `result`.
    pub body: Object,
    /// The `result` that an earlier run added.
    pub result: Option<Object>,
}

/// Reads a roster; `-` is standard input. Parsing runs on another thread, so that Ctrl-C takes effect at
/// once.
pub async fn read(path: &Path, options: &ReadOptions<'_>) -> Result<Roster> {
    let name = path.to_string_lossy().into_owned();
    if let Some(error) = foreign::by_name(path) {
        return Err(Error::about(shown_name(&name), error));
    }
    let bytes = input::read_up_to(path, MAX_SIZE)
        .await
        .map_err(|message| Error::about(shown_name(&name), message))?;
    let ReadOptions { format, encoding, sheet, all_sheets } = *options;
    let (encoding, sheet) = (encoding.map(str::to_owned), sheet.map(str::to_owned));
    let parsed = tokio::task::spawn_blocking(move || {
        let (encoding, sheet) = (encoding.as_deref(), sheet.as_deref());
        parse(&name, bytes, &ReadOptions { format, encoding, sheet, all_sheets })
    });
    parsed.await.unwrap_or_else(|error| Err(anyhow::Error::new(error).into()))
}

/// The first line that is not UTF-8, if the file is plausible in windows-1252.
pub async fn windows_1252_line(path: &Path) -> Option<String> {
    if matches!(Format::of_path(path), Some(Format::Json | Format::Workbook)) {
        return None;
    }
    foreign::windows_1252_line(&input::read_up_to(path, MAX_SIZE).await.ok()?)
}

/// Reads a roster from its bytes. `name` is its path, or `-` for standard input.
pub fn parse(name: &str, bytes: Vec<u8>, options: &ReadOptions<'_>) -> Result<Roster> {
    let shown = shown_name(name);
    let by_name = if name == "-" { None } else { Format::of_path(Path::new(name)) };
    let format = options.format.or(by_name).unwrap_or_else(|| Format::of_bytes(&bytes));
    if format != Format::Workbook && (options.sheet.is_some() || options.all_sheets) {
        let flag = if options.all_sheets { "--all-sheets" } else { "--sheet" };
        return Err(Error::about(flag, format!("works only with workbooks, not with {shown}")));
    }
    if format == Format::Workbook {
        return workbook::parse(&shown, bytes, options).map(Roster::Table);
    }
    let decoded =
        foreign::decode(bytes, options.encoding).map_err(|error| Error::about(&shown, error))?;
    if format == Format::Json {
        let has_bom = decoded.wants_bom;
        return json::parse(&shown, decoded.text)
            .map(|bodies| Roster::Bodies(Bodies { has_bom, ..bodies }));
    }
    csv::parse(&shown, &decoded.text, decoded.wants_bom).map(Roster::Table)
}

/// The roster's name in messages.
fn shown_name(name: &str) -> String {
    if name == "-" { "standard input".to_owned() } else { untrusted(name) }
}

impl Format {
    /// The format for a file's extension; CSV for an unknown one, `None` without an extension.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "jsonl" | "ndjson" | "json" => Self::Json,
            "xlsx" | "xlsm" | "xltx" | "xltm" | "ods" | "ots" | "xls" | "xlt" => Self::Workbook,
            _ => Self::Csv,
        })
    }

    /// The format according to the first bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        if workbook::is_workbook(bytes) {
            return Self::Workbook;
        }
        // Ignore a BOM and zero bytes, so that UTF-16 looks the same.
        let ascii = bytes.iter().filter(|byte| byte.is_ascii() && **byte != 0).take(64);
        let start: String = ascii.map(|byte| char::from(*byte)).collect();
        let is_json = csv::looks_like_json(start.trim_start());
        if is_json { Self::Json } else { Self::Csv }
    }
}

/// Collects the rows of a table within the memory limit.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<Row>,
    /// Memory of all rows, in bytes.
    size: usize,
}

/// The table needs more memory than [`MAX_TABLE_SIZE`].
#[derive(Debug, Clone, Copy)]
struct TooLarge;

impl Rows {
    /// Adds a row unless it is blank.
    fn push(&mut self, row: Row) -> Result<(), TooLarge> {
        /// Cost of an allocation besides its contents, in bytes.
        const OVERHEAD: usize = 16;
        if row.cells.iter().all(Cell::is_blank) {
            return Ok(());
        }
        let texts = |cell: &Cell| {
            let shown = cell.shown.as_ref().map_or(0, |shown| shown.len() + OVERHEAD);
            shown + if cell.text.is_empty() { 0 } else { cell.text.len() + OVERHEAD }
        };
        // The list of rows grows by doubling, so the row itself counts twice.
        self.size += 2 * size_of::<Row>() + OVERHEAD;
        self.size += row.cells.capacity() * size_of::<Cell>();
        self.size += row.cells.iter().map(texts).sum::<usize>();
        Self::check(self.size)?;
        self.rows.push(row);
        Ok(())
    }

    fn check(size: usize) -> Result<(), TooLarge> {
        if size > MAX_TABLE_SIZE { Err(TooLarge) } else { Ok(()) }
    }
}

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("has too many cells; split it into several rosters")
    }
}

/// The letters of a column counted from 0: A, B, ..., Z, AA.
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

impl Table {
    /// The number of cells in the longest row.
    #[cfg(test)]
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default()
    }

    /// A place in messages: `line 7`, or in a spreadsheet `Sheet1!B7`, or `Sheet1, row 7` without a
    /// column. Safe to show.
    pub fn place(&self, row: &Row, column: Option<usize>) -> String {
        let sheet = match &self.source {
            Source::Text | Source::Export { .. } => None,
            Source::Sheet { name, .. } => Some(name),
            Source::AllSheets { names, .. } => names.get(row.sheet),
        };
        let line = row.line;
        match (sheet, column) {
            (None, _) => format!("line {line}"),
            (Some(sheet), None) => format!("{}, row {line}", untrusted(sheet)),
            (Some(sheet), Some(column)) => {
                format!("{}!{}{line}", quoted_sheet(sheet), column_letters(column))
            }
        }
    }
}

/// A sheet's name as in a cell reference: in quotes unless it is one plain word.
fn quoted_sheet(name: &str) -> String {
    let is_plain = !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|character| character.is_alphanumeric() || character == '_');
    if is_plain { name.to_owned() } else { format!("'{}'", untrusted(name).replace('\'', "''")) }
}

impl Row {
    /// The cell in a column, counted from 0; `None` past the end of the row.
    pub fn cell(&self, column: usize) -> Option<&Cell> {
        self.cells.get(column)
    }

    /// The text of a cell; empty past the end of the row.
    pub fn text(&self, column: usize) -> &str {
        self.cell(column).map_or("", |cell| &cell.text)
    }
}

impl Cell {
    /// A cell of plain text.
    pub fn of_text(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Whether the cell is empty or only whitespace. A formula without its value is not blank.
    pub fn is_blank(&self) -> bool {
        self.kind != CellKind::NoValue && self.text.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_spreadsheet_letters() {
        for (index, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[tokio::test]
    async fn an_unreadable_roster_is_reported_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let message = async |path: &Path| {
            let read = read(path, &ReadOptions::default()).await;
            read.err().map(|error| error.to_string()).unwrap_or_default()
        };
        let file = folder.path().join("class.csv");
        assert_eq!(message(&file).await, format!("{} does not exist", file.display()));
        std::fs::write(&file, "id,user name\nchem7,Ada\n").expect("written");
        assert_eq!(message(&file).await, "");
        let large = std::fs::File::create(&file).expect("a file");
        large.set_len(MAX_SIZE + 1).expect("a size");
        assert!(message(&file).await.ends_with("class.csv is larger than 64 MiB"));
        assert!(message(folder.path()).await.contains("is a folder, but not a OneRoster"));
        assert_eq!(
            message(Path::new("https://example.org/class.csv")).await,
            "https://example.org/class.csv is a web address; download the file and use the download"
        );
        #[cfg(unix)]
        assert_eq!(message(Path::new("/dev/zero")).await, "/dev/zero is larger than 64 MiB");
    }

    #[test]
    fn a_table_beyond_the_memory_limit_is_refused() {
        let row = |text: &str| Row { cells: vec![Cell::of_text(text)], ..Row::default() };
        let mut rows = Rows::default();
        for _ in 0..255 {
            rows.push(row(&"x".repeat(MAX_CELL_SIZE))).expect("there is room");
        }
        assert!(rows.push(row(&"x".repeat(MAX_CELL_SIZE))).is_err());
        let mut wide = Rows { size: MAX_TABLE_SIZE - 300_000, ..Rows::default() };
        let cells = |count| vec![Cell::of_text("x"); count];
        assert!(wide.push(Row { cells: cells(1000), ..Row::default() }).is_ok());
        assert!(wide.push(Row { cells: cells(10_000), ..Row::default() }).is_err());
        assert!(rows.push(row(" ")).is_ok(), "blank rows take no room");
    }

    #[test]
    fn places_are_shown_as_lines_or_cells() {
        let row = Row { line: 7, ..Row::default() };
        let of = |source| Table { source, ..Table::default() };
        let sheet = |name: &str| of(Source::Sheet { name: name.to_owned(), others: Vec::new() });
        assert_eq!(of(Source::Text).place(&row, Some(1)), "line 7");
        assert_eq!(sheet("Sheet1").place(&row, Some(1)), "Sheet1!B7");
        assert_eq!(sheet("Sheet1").place(&row, None), "Sheet1, row 7");
        assert_eq!(sheet("Ann's list").place(&row, Some(27)), "'Ann''s list'!AB7");
        assert_eq!(sheet("7A").place(&row, Some(0)), "'7A'!A7");
        let sheets =
            of(Source::AllSheets { names: vec!["7A".into(), "B".into()], hidden: Vec::new() });
        assert_eq!(sheets.place(&Row { sheet: 1, ..row.clone() }, Some(0)), "B!A7");
    }

    #[test]
    fn the_name_gives_the_format_and_standard_input_is_inspected() {
        for (name, format) in [
            ("class.csv", Some(Format::Csv)),
            ("class.txt", Some(Format::Csv)),
            ("class", None),
            ("class.JSONL", Some(Format::Json)),
            ("class.ndjson", Some(Format::Json)),
            ("class.XLSX", Some(Format::Workbook)),
            ("class.ods", Some(Format::Workbook)),
            ("class.xls", Some(Format::Workbook)),
        ] {
            assert_eq!(Format::of_path(Path::new(name)), format);
        }
        for (bytes, format) in [
            (&b"id,user name\nx,Ada"[..], Format::Csv),
            (b"\xef\xbb\xbf {\"id\": 1}", Format::Json),
            (b"[\n{}]", Format::Json),
            (b"[Class],x\n", Format::Csv),
            (b"PK\x03\x04", Format::Workbook),
            (b"", Format::Csv),
        ] {
            assert_eq!(Format::of_bytes(bytes), format);
        }
        let long = format!("[{{\"name\": \"{}\"}}]", "\u{e9}".repeat(2000));
        assert_eq!(Format::of_bytes(long.as_bytes()), Format::Json);
    }
}
