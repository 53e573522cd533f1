//! Reading a roster: bytes in, rows with the line numbers an editor shows out.
//!
//! The decoded text is kept once, with eight bytes for each row saying where it starts; a
//! row is taken apart only when it is asked for. A hundred thousand rows so cost little
//! more than their own text. What the columns mean is left to [`super::columns`].

mod cells;
mod csv_text;
mod decode;
mod error;
mod format;
mod header;
mod json_line;
mod json_scan;
mod scan;
mod sheet;
#[cfg(test)]
mod tests;

pub(crate) use cells::{Cells, Kind};
pub(crate) use csv_text::Dialect;
pub(crate) use error::{ReadError, RowError};
pub(crate) use format::{Format, LineEnd, Reading};
pub(crate) use header::{HeaderLine, HeaderTest};
pub(crate) use json_line::JsonLine;

use csv_text::CsvText;
use sheet::Sheet;

/// Where one row starts. Four bytes each, for memory's sake: rosters end at 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RowStart {
    /// Byte offset into the text.
    offset: u32,
    /// Line number, the first line being 1.
    line: u32,
}

/// A whole roster, in memory.
#[derive(Debug)]
pub(crate) struct Roster {
    text: String,
    rows: Vec<RowStart>,
    shape: Shape,
    line_end: LineEnd,
    wants_bom: bool,
}

#[derive(Debug)]
enum Shape {
    Csv(Box<CsvText>),
    /// Where each row ends.
    Json(Vec<u32>),
    Sheet(Box<Sheet>, Dialect),
}

/// One row of a roster.
#[derive(Debug)]
pub(crate) enum Row<'a> {
    /// A row of a CSV roster.
    Cells(Cells),
    /// An object of a JSON roster.
    Json(JsonLine<'a>),
}

impl Roster {
    /// Reads a roster from the bytes of a file or of stdin.
    ///
    /// Without a BOM and an encoding that is asked for, the text is UTF-8, or UTF-16 if it looks so.
    ///
    /// # Errors
    ///
    /// What makes the whole file unreadable. What is wrong with one row alone comes from
    /// [`Roster::row`], so that all rows' problems can be told at once.
    pub(crate) fn read(bytes: Vec<u8>, reading: &Reading<'_>) -> Result<Self, ReadError> {
        let format = reading.format;
        if format == Format::Workbook {
            return Self::of_workbook(bytes, reading);
        }
        let decoded = decode::decode(bytes, reading.encoding)?;
        let text = decoded.text;
        if u32::try_from(text.len()).is_err() {
            return Err(ReadError::TooLarge);
        }
        let (shape, rows) = match format {
            Format::Csv => {
                let (csv, rows) = CsvText::open(&text, reading)?;
                (Shape::Csv(Box::new(csv)), rows)
            }
            Format::JsonLines | Format::Workbook => {
                let found = json_scan::objects(&text)?;
                (Shape::Json(found.ends), found.rows)
            }
        };
        let line_end = match (format, LineEnd::first_of(&text)) {
            (Format::JsonLines, Some(LineEnd::Cr) | None) => LineEnd::Lf,
            (_, None) => LineEnd::CrLf,
            (_, Some(line_end)) => line_end,
        };
        Ok(Self { text, rows, shape, line_end, wants_bom: decoded.wants_bom })
    }

    fn of_workbook(bytes: Vec<u8>, reading: &Reading<'_>) -> Result<Self, ReadError> {
        let (mut sheet, text, rows) = sheet::open(bytes, reading)?;
        let result_columns = csv_text::result_columns(&mut sheet.header, reading.people)?;
        let dialect = Dialect { delimiter: b',', separator_line: false, result_columns };
        let shape = Shape::Sheet(Box::new(sheet), dialect);
        Ok(Self { text, rows, shape, line_end: LineEnd::CrLf, wants_bom: false })
    }

    /// A roster in CSV made of a header and of rows with their lines, each with as many cells.
    ///
    /// # Errors
    ///
    /// More than 4 GiB of text.
    pub(super) fn of_table(
        header: Vec<String>,
        rows_of: impl Iterator<Item = (u32, Vec<String>)>,
        wants_bom: bool,
    ) -> Result<Self, ReadError> {
        let line_end = LineEnd::CrLf;
        let (mut text, mut rows) = (Vec::new(), Vec::new());
        for (line, cells) in rows_of {
            let offset = u32::try_from(text.len()).map_err(|_| ReadError::TooLarge)?;
            rows.push(RowStart { offset, line });
            csv_text::append(&mut text, &cells);
        }
        let text = String::from_utf8(text).unwrap_or_default();
        let shape = Shape::Csv(Box::new(CsvText::of_header(header)));
        Ok(Self { text, rows, shape, line_end, wants_bom })
    }

    /// The number of rows, without the header, blank lines, and rows whose cells are all
    /// blank.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How this roster is written.
    pub(crate) fn format(&self) -> Format {
        match self.shape {
            Shape::Csv(_) => Format::Csv,
            Shape::Json(_) => Format::JsonLines,
            Shape::Sheet(..) => Format::Workbook,
        }
    }

    /// The sheet that the rows come from, and the other sheets that hold something; none for text.
    pub(crate) fn sheet(&self) -> Option<(&str, &[String])> {
        match &self.shape {
            Shape::Sheet(sheet, _) => Some((&sheet.name, &sheet.others)),
            Shape::Csv(_) | Shape::Json(_) => None,
        }
    }

    /// What a message calls a place: `line 7`, or in a sheet `Sheet1!B7`, or `Sheet1, row 7` without
    /// a column.
    pub(crate) fn place(&self, line: u32, column: Option<usize>) -> String {
        match (self.sheet(), column) {
            (None, _) => format!("line {line}"),
            (Some((name, _)), None) => format!("{name}, row {line}"),
            (Some((name, _)), Some(column)) => {
                let is_plain = !name.starts_with(|one: char| one.is_ascii_digit())
                    && name.chars().all(|one| one.is_alphanumeric() || one == '_');
                let name = if is_plain {
                    name.to_owned()
                } else {
                    format!("'{}'", name.replace('\'', "''"))
                };
                format!("{name}!{}{line}", sheet::column_letters(column))
            }
        }
    }

    /// The line that row `index` starts on, as an editor numbers it: the first line is 1,
    /// blank lines and newlines inside quotes count.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Roster::len`].
    pub(crate) fn line(&self, index: usize) -> u32 {
        self.rows[index].line
    }

    /// The headers, in order; none for JSON Lines.
    pub(crate) fn header(&self) -> &[String] {
        match &self.shape {
            Shape::Csv(csv) => csv.header(),
            Shape::Sheet(sheet, _) => &sheet.header,
            Shape::Json(_) => &[],
        }
    }

    /// Where the header is; none for JSON Lines.
    pub(crate) fn header_line(&self) -> Option<HeaderLine> {
        match &self.shape {
            Shape::Csv(csv) => Some(csv.header_line()),
            Shape::Sheet(sheet, _) => Some(sheet.header_line),
            Shape::Json(_) => None,
        }
    }

    /// Whether column `index` is one of the result columns of a LINKS file.
    pub(crate) fn is_result(&self, index: usize) -> bool {
        let places = self.dialect().and_then(|dialect| dialect.result_columns.as_ref());
        places.is_some_and(|places| places.contains(&index))
    }

    /// Whether this is the LINKS file of an earlier run: its result columns are to be
    /// replaced, and the guards before its formula-like cells are already gone from what
    /// [`Roster::row`] returns. Always false for JSON Lines, which has no guards.
    pub(crate) fn is_links(&self) -> bool {
        self.dialect().is_some_and(|dialect| dialect.result_columns.is_some())
    }

    /// How the CSV is written, or would be; none for JSON Lines.
    pub(super) fn dialect(&self) -> Option<&Dialect> {
        match &self.shape {
            Shape::Csv(csv) => Some(csv.dialect()),
            Shape::Sheet(_, dialect) => Some(dialect),
            Shape::Json(_) => None,
        }
    }

    /// What ends this roster's lines.
    pub(super) fn line_end(&self) -> LineEnd {
        self.line_end
    }

    /// Whether the LINKS file starts with a BOM whatever the links say: the roster had one,
    /// was UTF-16, or is CSV with text beyond ASCII, which Excel misreads without.
    pub(super) fn wants_bom(&self) -> bool {
        self.wants_bom || (self.format() != Format::JsonLines && !self.text.is_ascii())
    }

    /// Row `index`, counted from 0, taken apart.
    ///
    /// # Errors
    ///
    /// A row with more cells than there are headers; a line that is not one JSON object.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Roster::len`].
    pub(crate) fn row(&self, index: usize) -> Result<Row<'_>, RowError> {
        let RowStart { offset, line } = self.rows[index];
        let end = self.rows.get(index + 1).map_or(self.text.len(), |next| next.offset as usize);
        let text = &self.text[offset as usize..end];
        match &self.shape {
            Shape::Csv(csv) => csv.row(text, line).map(Row::Cells),
            Shape::Sheet(_, dialect) => {
                let guarded = dialect.result_columns.is_some();
                Ok(Row::Cells(Cells { guarded, ..sheet::cells(text) }))
            }
            Shape::Json(ends) => {
                let end = ends.get(index).map_or(self.text.len(), |end| *end as usize);
                JsonLine::parse(&self.text[offset as usize..end], line).map(Row::Json)
            }
        }
    }
}
