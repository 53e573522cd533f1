//! Delimited text as Excel and others write it: cells out, on the lines that an editor shows.
//!
//! The csv crate reads on silently after an unclosed quote, joins rows at a stray one and miscounts
//! lines after blank ones. All three would give people the wrong room, so the text is taken apart here.

use super::{Cell, Dialect, LARGEST_CELL, MOST_COLUMNS, Row, Rows, Source, Table};
use crate::error::{Error, Result};
use memchr::{memchr, memchr3};

/// How much of the text is looked at to find the delimiter.
const LOOKED_AT: usize = 64 << 10;

/// How many rows are looked at to find the delimiter.
const ROWS_LOOKED_AT: usize = 100;

/// What may separate cells, the likeliest first when nothing else decides. A semicolon comes before a
/// comma, because where Excel writes semicolons, commas are in numbers.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Reads the rows of a text without its BOM.
pub(super) fn parse(shown: &str, text: &str, has_bom: bool) -> Result<Table> {
    let content = text.trim_start();
    if let Some(kind) = other_than_text(content) {
        return Err(Error::usage(shown, kind));
    }
    let is_filling = |character: char| {
        character.is_whitespace() || DELIMITERS.map(char::from).contains(&character)
    };
    if content.trim_start_matches(is_filling).is_empty() {
        return Err(empty(shown));
    }
    let announced = announced_delimiter(content);
    let delimiter = announced.unwrap_or_else(|| likely_delimiter(content));
    let mut is_announcement = announced.is_some();
    let mut rows = Rows::default();
    let mut scan = Scan::new(text, delimiter);
    while let Some(row) = scan.next_row().map_err(|fault| fault.of(shown))? {
        let is_skipped = is_announcement && !row.cells.iter().all(Cell::is_blank);
        if is_skipped {
            is_announcement = false;
        } else {
            rows.push(row).map_err(|too_large| Error::usage(shown, too_large.to_string()))?;
        }
    }
    if rows.rows.is_empty() {
        return Err(empty(shown));
    }
    let dialect = Dialect {
        delimiter,
        has_separator_line: announced.is_some(),
        has_bom,
        line_end: first_line_end(text).unwrap_or("\r\n"),
    };
    Ok(Table { source: Source::Text, rows: rows.rows, hidden_columns: Vec::new(), dialect })
}

fn empty(shown: &str) -> Error {
    Error::usage(shown, "is empty; the first line must contain the column names")
}

/// The first line end of the text.
pub(super) fn first_line_end(text: &str) -> Option<&'static str> {
    let at = text.find(['\r', '\n'])?;
    Some(match &text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => "\r\n",
        [b'\r', ..] => "\r",
        _ => "\n",
    })
}

/// Whether an object or an array starts here, and not a header such as `[Class]`.
pub(super) fn looks_like_json(content: &str) -> bool {
    let inside = content.strip_prefix(['{', '[']).map(str::trim_start);
    inside.is_some_and(|inside| inside.is_empty() || inside.starts_with(['"', '{', '}', '[', ']']))
}

/// What a text is that is not CSV, and what to do.
fn other_than_text(content: &str) -> Option<&'static str> {
    let start = content.get(..64).unwrap_or(content).to_ascii_lowercase();
    if looks_like_json(content) {
        Some("looks like JSON, not CSV; rename it to .jsonl, or add --format jsonl")
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Some("is a web page, not CSV; download the file again, or save the page's table as CSV")
    } else if start.starts_with("<?xml") {
        Some("is XML, not CSV; open it in the program that made it and save it as CSV or .xlsx")
    } else if start.starts_with("%pdf-") {
        Some("is a PDF; export the list as CSV or .xlsx instead")
    } else if start.starts_with("{\\rtf") {
        Some("is a text document (RTF); save the list as CSV or .xlsx instead")
    } else if content.contains('\0') {
        Some("is not a text file; save the list as CSV or .xlsx")
    } else {
        None
    }
}

/// The delimiter of a first line `sep=;`, which tells Excel, with or without quotes around it.
fn announced_delimiter(content: &str) -> Option<u8> {
    let line = content.split(['\r', '\n']).next()?.trim_matches('"');
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter.as_bytes() {
        &[byte] if name.eq_ignore_ascii_case("sep=") && byte.is_ascii() && byte != b'"' => {
            Some(byte)
        }
        _ => None,
    }
}

/// The delimiter that explains the first rows best; a comma where there is none.
fn likely_delimiter(content: &str) -> u8 {
    let mut end = content.len().min(LOOKED_AT);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    let is_whole = end == content.len();
    let looked_at = &content[..end];
    let mut best: Option<(Evidence, u8)> = None;
    for delimiter in DELIMITERS {
        let evidence = Evidence::of(looked_at, delimiter, is_whole);
        if evidence.rows > 0 && best.as_ref().is_none_or(|(most, _)| evidence > *most) {
            best = Some((evidence, delimiter));
        }
    }
    best.map_or(b',', |(_, delimiter)| delimiter)
}

/// What speaks for a delimiter, the most important first. A title above the header, or commas within
/// a column, speak for the wrong one in some rows only.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Evidence {
    /// Whether the quotes come out right.
    is_valid: bool,
    /// Rows that have it.
    rows: usize,
    /// Rows of the commonest width.
    alike: usize,
    /// Whether it is without a space after it, as in prose it is not.
    is_dense: bool,
    /// How often it occurs.
    count: usize,
}

impl Evidence {
    fn of(text: &str, delimiter: u8, is_whole: bool) -> Self {
        let mut scan = Scan::new(text, delimiter);
        let mut widths = Vec::new();
        let (mut spaced, mut count) = (0, 0);
        let is_valid = loop {
            if widths.len() == ROWS_LOOKED_AT {
                break true;
            }
            match scan.next_row() {
                Ok(Some(row)) if row.cells.iter().all(Cell::is_blank) => {}
                Ok(Some(row)) => {
                    spaced +=
                        row.cells[1..].iter().filter(|cell| cell.text.starts_with(' ')).count();
                    count += row.cells.len() - 1;
                    widths.push(row.cells.len());
                }
                Ok(None) => break true,
                // The text that is looked at may end within quotes.
                Err(Fault::UnclosedQuote { .. }) => break !is_whole,
                Err(_) => break false,
            }
        };
        let rows = widths.iter().filter(|width| **width > 1).count();
        widths.retain(|width| *width > 1);
        widths.sort_unstable();
        let alike = widths.chunk_by(|one, other| one == other).map(<[usize]>::len).max();
        let is_dense = spaced * 2 < count;
        Self { is_valid, rows, alike: alike.unwrap_or_default(), is_dense, count }
    }
}

/// What makes a text unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A quote that is never closed, and so swallows the rest of the file.
    UnclosedQuote { line: u32 },
    /// Text after a closing quote, mostly the sign of one quote too many further up.
    TextAfterQuote { line: u32, opened: u32 },
    /// A row wider than a spreadsheet.
    TooWide { line: u32 },
    /// A cell above [`LARGEST_CELL`].
    LargeCell { line: u32 },
}

impl Fault {
    fn of(self, shown: &str) -> Error {
        let message = match self {
            Self::UnclosedQuote { line } => format!(
                "unclosed quote (\") on line {line}; to use a quote inside a cell, write it twice"
            ),
            Self::TextAfterQuote { line, opened } => format!(
                "text after a closing quote (\") on line {line}, in the cell that starts on line \
                 {opened}; to use a quote inside a cell, write it twice"
            ),
            Self::TooWide { line } => {
                format!("line {line} has more than 16,384 columns, which is the maximum")
            }
            Self::LargeCell { line } => {
                format!("line {line} has a cell larger than 1 MiB; check its quotes (\")")
            }
        };
        Error::usage(shown, message)
    }
}

/// A place in the text.
struct Scan<'a> {
    text: &'a str,
    delimiter: u8,
    at: usize,
    line: u32,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, delimiter, at: 0, line: 1 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next row, blank ones too; none at the end of the text.
    fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        if self.at == self.text.len() {
            return Ok(None);
        }
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            if cells.len() == MOST_COLUMNS {
                return Err(Fault::TooWide { line });
            }
            let started = self.line;
            let text = if self.peek() == Some(b'"') { self.quoted()? } else { self.plain().into() };
            if text.len() > LARGEST_CELL {
                return Err(Fault::LargeCell { line: started });
            }
            cells.push(Cell::of_text(text));
            match self.peek() {
                Some(byte) if byte == self.delimiter => self.at += 1,
                end => {
                    self.at += usize::from(end == Some(b'\r'));
                    self.at += usize::from(self.peek() == Some(b'\n'));
                    self.line += u32::from(end.is_some());
                    cells.shrink_to_fit();
                    return Ok(Some(Row { line, cells, ..Row::default() }));
                }
            }
        }
    }

    /// The text up to the next delimiter or line end.
    fn plain(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = memchr3(self.delimiter, b'\r', b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// The text of a cell in quotes. Blanks after the closing quote are dropped.
    fn quoted(&mut self) -> Result<Box<str>, Fault> {
        let opened = self.line;
        let mut text = String::new();
        loop {
            self.at += 1;
            let rest = &self.text[self.at..];
            let Some(length) = memchr(b'"', rest.as_bytes()) else {
                return Err(Fault::UnclosedQuote { line: opened });
            };
            text.push_str(&rest[..length]);
            self.line += line_ends(&rest[..length]);
            self.at += length + 1;
            if self.peek() != Some(b'"') {
                break;
            }
            text.push('"');
        }
        if !self.plain().trim().is_empty() {
            return Err(Fault::TextAfterQuote { line: self.line, opened });
        }
        Ok(text.into())
    }
}

/// How many lines end in a text; `\r\n` is one end.
fn line_ends(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\r', b'\n', bytes)
        .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
    u32::try_from(ends.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
