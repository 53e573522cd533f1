//! Reads delimited text as Excel and other programs write it, with the line numbers that editors show.
//!
//! The csv crate silently reads on after an unclosed quote, joins rows at a stray one and miscounts
//! lines after blank ones. All three would give people the wrong room, so this module has its own
//! parser.

use super::{Cell, Dialect, MAX_CELL_SIZE, MAX_COLUMNS, Row, Rows, Source, Table};
use crate::error::{Error, Result};
use memchr::{memchr, memchr3};

/// Bytes of text examined to find the delimiter.
const BYTES_EXAMINED: usize = 64 << 10;

/// Rows examined to find the delimiter.
const ROWS_EXAMINED: usize = 100;

/// Possible delimiters. Ties go to the first: semicolons come before commas because where Excel writes
/// semicolons, numbers contain commas.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Reads the rows of a text, which must not start with a BOM.
pub(super) fn parse(shown: &str, text: &str, has_bom: bool) -> Result<Table> {
    let content = text.trim_start();
    if let Some(kind) = describe_non_csv(content) {
        return Err(Error::about(shown, kind));
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
            rows.push(row).map_err(|too_large| Error::about(shown, too_large.to_string()))?;
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
    Error::about(shown, "is empty; the first line must contain the column names")
}

pub(super) fn first_line_end(text: &str) -> Option<&'static str> {
    let at = text.find(['\r', '\n'])?;
    Some(match &text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => "\r\n",
        [b'\r', ..] => "\r",
        _ => "\n",
    })
}

/// Whether the text starts with a JSON object or array, and not with a header such as `[Class]`.
pub(super) fn looks_like_json(content: &str) -> bool {
    let inside = content.strip_prefix(['{', '[']).map(str::trim_start);
    inside.is_some_and(|inside| inside.is_empty() || inside.starts_with(['"', '{', '}', '[', ']']))
}

/// The message for a text that is not CSV, with advice.
fn describe_non_csv(content: &str) -> Option<&'static str> {
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

/// The delimiter from a first line such as `sep=;`, which Excel understands, with or without quotes
/// around it.
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

/// The delimiter that fits the first rows best; a comma if none fits.
fn likely_delimiter(content: &str) -> u8 {
    let mut end = content.len().min(BYTES_EXAMINED);
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

/// Evidence for a delimiter, the most important first. A wrong one, such as commas in a title or inside
/// a column, occurs only in some rows.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Evidence {
    /// Whether all quotes are closed correctly.
    is_valid: bool,
    /// Rows that contain it.
    rows: usize,
    /// Rows with the most common number of cells.
    alike: usize,
    /// Whether most are not followed by a space, unlike commas in prose.
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
            if widths.len() == ROWS_EXAMINED {
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
                // The examined text may end inside quotes.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A quote that is never closed and swallows the rest of the file.
    UnclosedQuote { line: u32 },
    /// Text after a closing quote, usually because of an extra quote further up.
    TextAfterQuote { line: u32, opened: u32 },
    /// A row wider than a spreadsheet.
    TooWide { line: u32 },
    /// A cell larger than [`MAX_CELL_SIZE`].
    LargeCell { line: u32 },
}

impl Fault {
    fn of(self, shown: &str) -> Error {
        let (Self::UnclosedQuote { line }
        | Self::TextAfterQuote { line, .. }
        | Self::TooWide { line }
        | Self::LargeCell { line }) = self;
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
        let mut error = Error::usage(shown, message);
        for problem in &mut error.problems {
            problem.at.path = Some(shown.to_owned());
            problem.at.line = Some(line);
        }
        error
    }
}

/// A position in the text.
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

    /// The next row, including blank ones; `None` at the end of the text.
    fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        if self.at == self.text.len() {
            return Ok(None);
        }
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            if cells.len() == MAX_COLUMNS {
                return Err(Fault::TooWide { line });
            }
            let started = self.line;
            let text = if self.peek() == Some(b'"') { self.quoted()? } else { self.plain().into() };
            if text.len() > MAX_CELL_SIZE {
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

    /// The text up to the next delimiter or line ending.
    fn plain(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = memchr3(self.delimiter, b'\r', b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// The text of a quoted cell. Whitespace after the closing quote is dropped.
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

/// The number of line endings in a text; `\r\n` counts once.
fn line_ends(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\r', b'\n', bytes)
        .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
    u32::try_from(ends.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::roster::{ReadOptions, Roster, parse as read};
    use proptest::prelude::*;

    fn table(text: impl AsRef<[u8]>) -> Table {
        match read("class.csv", text.as_ref().to_vec(), &ReadOptions::default()) {
            Ok(Roster::Table(table)) => table,
            other => panic!("{other:?}"),
        }
    }

    fn refusal(text: impl AsRef<[u8]>) -> String {
        let read = read("class.csv", text.as_ref().to_vec(), &ReadOptions::default());
        read.expect_err("a bad roster").to_string()
    }

    fn texts(table: &Table) -> Vec<Vec<&str>> {
        table.rows.iter().map(|row| row.cells.iter().map(|cell| &*cell.text).collect()).collect()
    }

    fn lines(table: &Table) -> Vec<u32> {
        table.rows.iter().map(|row| row.line).collect()
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_excel_encoding_gives_the_same_cells() {
        let text = "id;user name\r\nbiology;Zo\u{eb}\r\n";
        let with_bom = format!("\u{feff}{text}");
        for (bytes, has_bom) in [
            (text.as_bytes().to_vec(), false),
            (with_bom.as_bytes().to_vec(), true),
            (utf_16(&with_bom, u16::to_le_bytes), true),
            (utf_16(&with_bom, u16::to_be_bytes), true),
            (utf_16(text, u16::to_le_bytes), true),
            (utf_16(text, u16::to_be_bytes), true),
        ] {
            let table = table(bytes);
            assert_eq!(texts(&table), [["id", "user name"], ["biology", "Zo\u{eb}"]]);
            let dialect =
                Dialect { delimiter: b';', has_separator_line: false, has_bom, line_end: "\r\n" };
            assert_eq!(table.dialect, dialect);
        }
    }

    #[test]
    fn the_delimiter_is_the_one_used_by_most_rows() {
        for (text, delimiter) in [
            ("id;user name\nx;y", b';'),
            ("id,user name\nx;,y", b','),
            ("id\tuser name\nx\ty", b'\t'),
            ("id|user name\nx|y", b'|'),
            ("\"id,a,b\";user name\nx;y", b';'),
            ("id\nx", b','),
            // Titles above the header.
            ("Class list, autumn, 2026\n\nid;user name\nx;Ada\ny;Bo", b';'),
            ("Class list; autumn; 2026\nid,user name\nx,Ada\ny,Bo", b','),
            ("Class list, 2026\n\nid\tuser name\nx\tAda", b'\t'),
            // Other delimiters inside a column.
            ("Group,Students\nchem7,Ada Byron; Bo Li\nphys8,Del; Eve", b','),
            ("id;name;points\nx;Ada;1,5\ny;Bo;2,5", b';'),
            ("id,name,note\nx,Ada,a|b\ny,Bo,c|d", b','),
            // A tie: commas in prose are followed by a space, delimiters are not.
            ("Name, first;Class\nByron, Ada;7b\nLi, Bo;7c", b';'),
            ("Class,Name; first\n7b,Byron; Ada\n7c,Li; Bo", b','),
            ("Class,Name; first\n7b,Byron;Ada", b','),
            ("id,name;x\na,b;c", b';'),
            // Only one delimiter gives valid quotes.
            ("Maths,7b\nroom,3\nfloor,2\nid;note\nx;6,\"", b';'),
        ] {
            assert_eq!(table(text).dialect.delimiter, delimiter, "{text:?}");
        }
    }

    #[test]
    fn the_first_line_may_set_the_delimiter() {
        for text in ["sep=|\r\nid|a,b\r\nx|y", "\"sep=|\"\nid|a,b\nx|y", "\n\nSEP=|\nid|a,b\nx|y"] {
            let table = table(text);
            assert!(table.dialect.has_separator_line);
            assert_eq!(texts(&table), [["id", "a,b"], ["x", "y"]]);
        }
        assert_eq!(texts(&table("sep=\t\nid\tname\nx\ty"))[0], ["id", "name"]);
        assert_eq!(texts(&table("sep=ab;c\nx;y"))[0], ["sep=ab", "c"]);
    }

    #[test]
    fn blank_lines_are_dropped_and_rows_keep_their_number_of_cells() {
        let table =
            table("\r\nid,a,b\r\n\r\n1\r\n,,\r\n\" \",,\r\n2,x\r\n3,x,y,,,\r\n4,5,6,7\r\n\r\n");
        assert_eq!(
            texts(&table),
            [
                &["id", "a", "b"][..],
                &["1"],
                &["2", "x"],
                &["3", "x", "y", "", "", ""],
                &["4", "5", "6", "7"],
            ]
        );
        assert_eq!(lines(&table), [2, 4, 7, 8, 9]);
    }

    #[test]
    fn lines_are_counted_as_in_an_editor() {
        let table = table("id,note\n\n1,\"two\nlines\"\n\n\n2,\"a\r\n\r\nb\"\r\n3,x\r4,y\r\n5,z");
        assert_eq!(lines(&table), [1, 3, 7, 10, 11, 12]);
        assert_eq!(texts(&table)[2], ["2", "a\r\n\r\nb"]);
    }

    #[test]
    fn a_stray_quote_is_reported_at_its_place() {
        assert_eq!(
            refusal("id,name\n1,\"Ann\n2,Bob\n"),
            "class.csv: unclosed quote (\") on line 2; to use a quote inside a cell, write it twice"
        );
        assert_eq!(
            refusal("id,name\n1,\"Ann\n2,\"Bob\",x\n"),
            "class.csv: text after a closing quote (\") on line 3, in the cell that starts on line 2; to \
             use a quote inside a cell, write it twice"
        );
        assert_eq!(
            texts(&table("id\n6\" ruler\n\"a \"\"b\"\"\" \n")),
            [["id"], ["6\" ruler"], ["a \"b\""]]
        );
    }

    #[test]
    fn files_that_are_not_csv_are_reported() {
        for (text, words) in [
            ("PK\u{3}\u{4}rest", "is a workbook, not text"),
            ("\n{\"id\": \"x\"}", "looks like JSON"),
            ("<!DOCTYPE html>\n<html>", "is a web page"),
            ("<?xml version=\"1.0\"?>", "is XML"),
            ("%PDF-1.7", "is a PDF"),
            ("id,name\n\0\0,x", "is not a text file"),
            ("", "is empty"),
            ("\r\n \r\n;;\r\n", "is empty"),
        ] {
            let message = refusal(text);
            assert!(message.contains(words) && message.starts_with("class.csv "), "{message}");
        }
        assert_eq!(texts(&table("[Class],x\n")), [["[Class]", "x"]]);
        let sheet = ReadOptions { sheet: Some("A"), ..ReadOptions::default() };
        let error = read("class.csv", b"id,x".to_vec(), &sheet).expect_err("no sheets");
        assert_eq!(error.to_string(), "--sheet works only with workbooks, not with class.csv");
    }

    #[test]
    fn excessive_sizes_are_refused() {
        let wide = |columns: usize| format!("id{}\n", ",".repeat(columns - 1));
        assert_eq!(table(wide(16_384)).width(), 16_384);
        assert!(refusal(wide(16_385)).contains("line 1 has more than 16,384 columns"));
        let large = |bytes: usize| format!("id,note\n1,{}\n", "x".repeat(bytes));
        assert_eq!(table(large(1 << 20)).rows.len(), 2);
        assert!(refusal(large((1 << 20) + 1)).contains("line 2 has a cell larger than 1 MiB"));
    }

    /// Cells that are hard to parse: quotes, delimiters, newlines, other alphabets, BOMs.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z0-9]{0,6}",
            "[\"';,\t\n\r a|\u{df}\u{e9}\u{6f22}\u{feff}=]{0,8}",
            proptest::string::string_regex("[^\u{0}]{0,6}").expect("a pattern"),
        ]
    }

    /// A header and non-blank rows, all of the same width.
    fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
        (1_usize..5).prop_flat_map(|width| {
            let row = proptest::collection::vec(cell(), width)
                .prop_filter("not blank", |row| row.iter().any(|cell| !cell.trim().is_empty()));
            proptest::collection::vec(row, 0..8).prop_map(move |mut rows| {
                rows.insert(0, (0..width).map(|column| format!("column {column}")).collect());
                rows
            })
        })
    }

    /// The line number at the end of the text, computed in a simple, slow way.
    fn editor_lines(text: &str) -> u32 {
        let ends = text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count();
        u32::try_from(ends).expect("few") + 1
    }

    proptest! {
        #[test]
        fn written_cells_are_read_back_on_their_line(
            rows in rows(),
            delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
            is_crlf: bool,
            always_quoted: bool,
            blank_lines: bool,
            spelling in 0..4,
        ) {
            let ending = if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let quotes = if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let (mut text, mut expected_lines) = (format!("sep={}\n", char::from(delimiter)), Vec::new());
            for row in &rows {
                expected_lines.push(editor_lines(&text));
                let mut writer = csv::WriterBuilder::new()
                    .delimiter(delimiter)
                    .terminator(ending)
                    .quote_style(quotes)
                    .from_writer(Vec::new());
                writer.write_record(row).expect("written");
                let bytes = writer.into_inner().expect("flushed");
                text.push_str(std::str::from_utf8(&bytes).expect("utf-8"));
                if blank_lines {
                    text.push_str(if is_crlf { "\r\n" } else { "\n" });
                }
            }
            let bytes = match spelling {
                0 => text.clone().into_bytes(),
                1 => format!("\u{feff}{text}").into_bytes(),
                2 => utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes),
                _ => utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes),
            };
            let table = table(bytes);
            prop_assert_eq!(texts(&table), rows);
            prop_assert_eq!(lines(&table), expected_lines);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>, text in "[a\",;\r\n{}:\\[ ]{0,40}") {
            for bytes in [bytes, text.into_bytes()] {
                for name in ["a.csv", "a.jsonl", "a.xlsx", "a.xls", "-"] {
                    let _ = read(name, bytes.clone(), &ReadOptions::default());
                }
            }
        }
    }
}
