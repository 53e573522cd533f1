//! A sheet of a workbook, kept as text: every cell as a letter for what it is, its text, and a NUL.
//!
//! So a hundred thousand rows cost little more than their own text, and are taken apart as the
//! rows of CSV are.

mod size;
#[cfg(test)]
mod tests;
mod value;
mod workbook;

use super::cells::{Cells, Kind};
use super::{HeaderLine, ReadError, Reading, RowStart, header};
use value::Value;

pub(super) use size::is_workbook;

/// Ends a cell. XML cannot hold it.
const END: char = '\0';

/// The parts of a sheet that are not its text.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its name.
    pub(super) name: String,
    /// The other sheets that hold something.
    pub(super) others: Vec<String>,
    /// The headers.
    pub(super) header: Vec<String>,
    /// Where they are.
    pub(super) header_line: HeaderLine,
}

/// The text of a sheet while it is read, cell by cell, row after row.
#[derive(Debug, Default)]
struct Table {
    text: String,
    rows: Vec<RowStart>,
    /// Columns of the row under way.
    columns: u32,
    /// Columns of the widest row.
    width: u32,
}

impl Table {
    /// Adds a cell; rows and columns are counted from 0. Cells that are empty are left out.
    fn push(&mut self, (row, column): (u32, u32), value: &Value) -> Result<(), ReadError> {
        if self.rows.last().is_none_or(|last| last.line != row + 1) {
            let offset = u32::try_from(self.text.len()).map_err(|_| ReadError::TooLarge)?;
            self.rows.push(RowStart { offset, line: row + 1 });
            self.columns = 0;
        }
        while self.columns < column {
            self.text.extend([letter(Kind::Text), END]);
            self.columns += 1;
        }
        self.text.push(letter(value.kind));
        self.text.extend(value.text.chars().filter(|character| *character != END));
        self.text.push(END);
        self.columns += 1;
        self.width = self.width.max(self.columns);
        Ok(())
    }

    fn cells(&self, index: usize) -> Option<(u32, Cells)> {
        let start = self.rows.get(index)?;
        let end = self.rows.get(index + 1).map_or(self.text.len(), |next| next.offset as usize);
        Some((start.line, cells(&self.text[start.offset as usize..end])))
    }
}

/// Reads the sheet that is asked for, or the first that holds anything: what there is to know of
/// it, its text, and its rows.
pub(super) fn open(
    bytes: Vec<u8>,
    reading: &Reading<'_>,
) -> Result<(Sheet, String, Vec<RowStart>), ReadError> {
    size::check(&bytes, size::LARGEST)?;
    let (name, others, mut table) = workbook::read(bytes, reading.sheet)?;
    let mut row = |index: usize| {
        let (line, cells) = table.cells(index)?;
        let texts = (0..table.width as usize).map(|column| cells.get(column).to_owned()).collect();
        Some((line, texts))
    };
    let (header, index, header_line) = header::find(&mut row, reading)?;
    table.rows.drain(..=index);
    table.rows.shrink_to_fit();
    table.text.shrink_to_fit();
    Ok((Sheet { name, others, header, header_line }, table.text, table.rows))
}

/// Takes one row apart.
pub(super) fn cells(row: &str) -> Cells {
    let mut cells =
        Cells { text: String::new(), ends: Vec::new(), kinds: Vec::new(), guarded: false };
    for cell in row.split_terminator(END) {
        let mut characters = cell.chars();
        cells.kinds.push(characters.next().map_or(Kind::Text, kind));
        cells.text.push_str(characters.as_str());
        cells.ends.push(cells.text.len());
    }
    cells
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::Text => 't',
        Kind::Number => 'n',
        Kind::Date => 'd',
        Kind::Time => 'h',
        Kind::Boolean => 'b',
        Kind::Error => 'e',
        Kind::Unknown => 'u',
    }
}

fn kind(letter: char) -> Kind {
    match letter {
        'n' => Kind::Number,
        'd' => Kind::Date,
        'h' => Kind::Time,
        'b' => Kind::Boolean,
        'e' => Kind::Error,
        'u' => Kind::Unknown,
        _ => Kind::Text,
    }
}

/// The letters of a column, counted from 0: `A`, `Z`, `AA`.
pub(super) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().collect()
}
