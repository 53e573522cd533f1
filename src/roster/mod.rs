//! A roster in memory: a table of cells, or JSON bodies as they were written.
//!
//! Reading keeps what a person sees next to what the file stores, with the place of everything, so
//! that later steps can follow the eye or name the cell. What a column means is for `batch`.

pub mod dates;

use crate::json::Object;

/// A roster, as it was read.
#[derive(Debug)]
pub enum Roster {
    /// A spreadsheet, CSV, an export or a calendar.
    Table(Table),
    /// JSON: one Launch body an entry.
    Bodies(Bodies),
}

/// Rows of cells, before anyone knows which row is the header.
#[derive(Debug, Default)]
pub struct Table {
    /// What the rows come from.
    pub source: Source,
    /// Every row that has a cell with text, in order; blank rows are left out.
    pub rows: Vec<Row>,
    /// Columns hidden in the spreadsheet, counted from 0, in order.
    pub hidden_columns: Vec<usize>,
    /// How a CSV file is written, for a links file that follows it.
    pub dialect: Dialect,
}

/// What the rows of a table come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// Delimited text. Places are lines.
    #[default]
    Text,
    /// One sheet of a spreadsheet. Places are cells such as `Sheet1!B7`.
    Sheet {
        /// The sheet that was read.
        name: String,
        /// Other sheets that hold something, hidden ones marked ` (hidden)`.
        others: Vec<String>,
    },
    /// All sheets of a workbook, one below the other; each row knows its sheet.
    AllSheets {
        /// Their names, in order.
        names: Vec<String>,
    },
    /// A table made from an export or a calendar. Places are lines of the named files.
    Export {
        /// What it was, such as `OneRoster 1.2`.
        format: &'static str,
        /// Who was left out and why, with how many: `(5, "enrolments that have ended")`.
        left_out: Vec<(usize, String)>,
        /// What the reader should be warned about, each once.
        warnings: Vec<String>,
    },
}

/// How delimited text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What separates cells: `,`, `;`, tab or `|`.
    pub delimiter: u8,
    /// Whether the first line is `sep=;`, which tells Excel the delimiter.
    pub has_separator_line: bool,
    /// Whether the file starts with a BOM or is UTF-16.
    pub has_bom: bool,
    /// What ends a line.
    pub line_end: &'static str,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', has_separator_line: false, has_bom: false, line_end: "\r\n" }
    }
}

/// One row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line that an editor shows, or the row number of a spreadsheet, from 1.
    pub line: u32,
    /// The index of the row's sheet in [`Source::AllSheets`], or of its file in an export; else 0.
    pub sheet: usize,
    /// Whether the spreadsheet hides the row, by hand or by a filter.
    pub is_hidden: bool,
    /// The cells, from the first column on; cells missing at the end are empty.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// What the file stores, as text: `701`, `2026-12-01`, `2026-12-01 14:00`, `14:00`, `TRUE`.
    /// Blanks at the ends are kept.
    pub text: Box<str>,
    /// What the spreadsheet knows about the text.
    pub kind: CellKind,
    /// What the spreadsheet shows, where its number format makes that differ from `text`: `0701`.
    pub shown: Option<Box<str>>,
    /// Whether the value comes from a cell merged over several rows, above this one.
    pub is_merged: bool,
}

/// What a spreadsheet knows about a cell. In delimited text everything is text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    #[default]
    Text,
    /// A number.
    Number,
    /// A date without a time of day in the cell's format, `2026-12-01`.
    Date,
    /// A date with a time of day, `2026-12-01 14:00`, with seconds only if there are any.
    DateTime,
    /// A time of day or a length of time, `14:00`, `25:30`.
    Time,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// A formula that failed, such as `#REF!`.
    Error,
    /// A formula whose value was not saved with it, or (in .xls) a 0 that it left in its place.
    NoValue,
}

/// JSON bodies.
#[derive(Debug, Default)]
pub struct Bodies {
    /// The file's text, which the places in the bodies refer to.
    pub text: String,
    /// The objects, in order.
    pub entries: Vec<Entry>,
    /// What ends a line.
    pub line_end: &'static str,
}

/// One JSON body.
#[derive(Debug)]
pub struct Entry {
    /// The line its object starts on, from 1.
    pub line: u32,
    /// The object, without `result`.
    pub body: Object,
    /// What an earlier run added under `result`.
    pub result: Option<Object>,
}

impl Row {
    /// The cell in a column counted from 0; none past the end of the row.
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

    /// Whether the cell holds nothing but blanks. A formula without its value is not blank.
    pub fn is_blank(&self) -> bool {
        self.kind != CellKind::NoValue && self.text.trim().is_empty()
    }
}
