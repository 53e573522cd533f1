//! CSV text: its dialect, its header, and single rows taken apart.

use std::sync::{Mutex, PoisonError};

use super::{
    Cells, HeaderLine, ReadError, Reading, RowError, RowStart, error::RowProblem, header, scan,
};
use crate::old_roster::{guard, results};

/// How a CSV roster is written, as far as its LINKS file follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What separates cells.
    pub(crate) delimiter: u8,
    /// Whether the first line is `sep=;`, which tells Excel the delimiter.
    pub(crate) separator_line: bool,
    /// Where the result columns are, in the order in which they are written, if this is a LINKS file.
    pub(crate) result_columns: Option<Vec<usize>>,
}

/// The parts of a CSV roster that are not its text.
#[derive(Debug)]
pub(super) struct CsvText {
    header: Vec<String>,
    header_line: HeaderLine,
    dialect: Dialect,
    /// Kept between rows, as building one takes longer than reading a row, and the clone of
    /// a built one does not work (csv-core 0.1.13).
    parser: Mutex<csv_core::Reader>,
}

impl CsvText {
    /// Finds the header, and the rows below it.
    pub(super) fn open(
        text: &str,
        reading: &Reading<'_>,
    ) -> Result<(Self, Vec<RowStart>), ReadError> {
        let content = text.trim_start();
        if looks_like_json(content) {
            return Err(ReadError::LooksLikeJson);
        }
        let announced = announced_delimiter(content);
        let delimiters = announced.map_or_else(|| likely_delimiters(content), |one| vec![one]);
        let mut first = None;
        for delimiter in delimiters {
            // A title above the header has other delimiters, or none.
            let opened = Self::open_with(text, delimiter, announced.is_some(), reading);
            let is_found = opened.as_ref().is_ok_and(|(csv, _)| csv.header_line.is_found);
            if is_found || first.is_none() {
                first = Some(opened);
            }
            if is_found {
                break;
            }
        }
        let (mut csv, rows) = first.unwrap_or(Err(ReadError::Empty))?;
        csv.dialect.result_columns = result_columns(&mut csv.header, reading.people)?;
        Ok((csv, rows))
    }

    /// For rows that [`append`] has written.
    pub(super) fn of_header(header: Vec<String>) -> Self {
        let dialect = Dialect { delimiter: b',', separator_line: false, result_columns: None };
        let header_line = HeaderLine { line: 1, left_out: 0, is_found: true };
        Self { header, header_line, dialect, parser: Mutex::new(parser(b',')) }
    }

    fn open_with(
        text: &str,
        delimiter: u8,
        separator_line: bool,
        reading: &Reading<'_>,
    ) -> Result<(Self, Vec<RowStart>), ReadError> {
        let mut rows = scan::rows(text, delimiter)?;
        rows.drain(..usize::from(separator_line).min(rows.len()));
        let mut parser = parser(delimiter);
        let mut taken = |index: usize| {
            let end = rows.get(index + 1).map_or(text.len(), |row| row.offset as usize);
            let start = rows.get(index)?.offset as usize;
            let cells = take_apart(&mut parser, &text[start..end], delimiter);
            let header: Vec<String> =
                (0..cells.ends.len()).map(|index| cells.get(index).to_owned()).collect();
            Some((rows[index].line, header))
        };
        let (header, index, header_line) = header::find(&mut taken, reading)?;
        rows.drain(..=index);
        let dialect = Dialect { delimiter, separator_line, result_columns: None };
        Ok((Self { header, header_line, dialect, parser: Mutex::new(parser) }, rows))
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn header_line(&self) -> HeaderLine {
        self.header_line
    }

    pub(super) fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Takes one row apart; blank lines may follow it in `text`.
    pub(super) fn row(&self, text: &str, line: u32) -> Result<Cells, RowError> {
        let mut parser = self.parser.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cells = take_apart(&mut parser, text, self.dialect.delimiter);
        drop(parser);
        let (found, expected) = (cells.ends.len(), self.header.len());
        if found > expected {
            let delimiter = match self.dialect.delimiter {
                b',' => "comma",
                b';' => "semicolon",
                b'\t' => "tab",
                _ => "delimiter",
            };
            let problem = RowProblem::TooManyCells { found, expected, delimiter };
            return Err(RowError { line, problem });
        }
        cells.guarded = self.dialect.result_columns.is_some();
        Ok(cells)
    }
}

/// Writes a row as [`CsvText::of_header`] reads it.
pub(super) fn append(text: &mut Vec<u8>, cells: &[String]) {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(text);
    // Nothing is written anywhere but to memory. The library makes one empty cell of none.
    let _ = if cells.is_empty() { Ok(()) } else { writer.write_record(cells) };
}

fn parser(delimiter: u8) -> csv_core::Reader {
    let mut parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    // A fresh parser takes U+FEFF at the start of a row for a BOM. One that has read
    // something does not.
    let _ = parser.read_record(b"x\n", &mut [0; 2], &mut [0; 2]);
    parser
}

/// Reads the first record of the text. The buffers are as large as a record can be, so the
/// parser never stops for space, and always stops after a line end.
fn take_apart(parser: &mut csv_core::Reader, text: &str, delimiter: u8) -> Cells {
    let delimiters = text.bytes().filter(|&byte| byte == delimiter).count();
    let mut output = vec![0; text.len() + 1];
    let mut ends = vec![0; delimiters + 2];
    let (result, _, mut length, mut count) =
        parser.read_record(text.as_bytes(), &mut output, &mut ends);
    if result == csv_core::ReadRecordResult::InputEmpty {
        let (_, _, more_length, more_count) =
            parser.read_record(b"\n", &mut output[length..], &mut ends[count..]);
        length += more_length;
        count += more_count;
    }
    output.truncate(length);
    ends.truncate(count);
    // UTF-8 went in and only ASCII bytes were left out, so UTF-8 comes out.
    let text = String::from_utf8(output).unwrap_or_default();
    Cells { text, ends, kinds: Vec::new(), guarded: false }
}

/// Whether an object or an array begins, and not a header such as `[Class]`.
fn looks_like_json(content: &str) -> bool {
    let inside = content.strip_prefix(['{', '[']).map(str::trim_start);
    inside.is_some_and(|inside| inside.is_empty() || inside.starts_with(['"', '{', '}', '[', ']']))
}

/// The delimiter that a first line `sep=;` announces, with or without quotes around it.
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

/// The delimiters that one of the first lines has most of, quoted text aside, the one of the very
/// first line first; a comma where there is none.
fn likely_delimiters(content: &str) -> Vec<u8> {
    let mut likely = Vec::new();
    let mut rest = content;
    for _ in 0..header::ROWS_SEARCHED {
        let (delimiter, length) = likely_delimiter(rest);
        if !likely.contains(&delimiter) {
            likely.push(delimiter);
        }
        rest = rest[length..].trim_start();
        if rest.is_empty() {
            break;
        }
    }
    likely
}

/// The delimiter that the first line has most of, and where that line ends.
fn likely_delimiter(content: &str) -> (u8, usize) {
    let mut quoted = false;
    let mut counts = [(b',', 0_u32), (b'\t', 0), (b';', 0)];
    let mut length = content.len();
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => {
                length = at;
                break;
            }
            _ if quoted => {}
            _ => counts
                .iter_mut()
                .filter(|(delimiter, _)| *delimiter == byte)
                .for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.iter().max_by_key(|&&(_, count)| count).filter(|(_, count)| *count > 0);
    (most.map_or(b',', |&(delimiter, _)| delimiter), length)
}

/// Finds the result columns: all, or none, and takes the guards from the headers. Their names must be as this program writes them;
/// somebody's own `Room ID` is not one.
pub(super) fn result_columns(
    header: &mut [String],
    people: &[String],
) -> Result<Option<Vec<usize>>, ReadError> {
    let names = results::names(people);
    let mut places = Vec::with_capacity(names.len());
    let mut missing = Vec::new();
    for name in names {
        // A person's name may begin as a formula does, and is guarded then.
        let is_it = |cell: &&str| guard::unguarded(cell.trim()).eq_ignore_ascii_case(&name);
        match header.iter().map(String::as_str).position(|cell| is_it(&cell)) {
            Some(place) => places.push(place),
            None => missing.push(name),
        }
    }
    match (places.is_empty(), missing.is_empty()) {
        (true, _) => Ok(None),
        (false, true) => {
            for name in header {
                *name = guard::unguarded(name).to_owned();
            }
            Ok(Some(places))
        }
        (false, false) => Err(ReadError::PartOfLinks { missing }),
    }
}
