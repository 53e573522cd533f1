//! How a roster is written, and how it is to be read.

use super::{HeaderTest, sheet};
use std::path::Path;

/// How a roster is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A header line, then one row a person, in whichever dialect Excel chose.
    Csv,
    /// JSON objects, one a line or laid out in another way.
    JsonLines,
    /// A sheet of a workbook: `.xlsx`, `.ods` or `.xls`.
    Workbook,
}

impl Format {
    /// The format that a file's name promises, in any case: JSON Lines for `.jsonl`, `.ndjson` and
    /// `.json`, a workbook for the extensions of workbooks, else CSV.
    pub(crate) fn of_path(path: &Path) -> Self {
        let is_one_of = |names: &[&str]| {
            path.extension().is_some_and(|extension| {
                names.iter().any(|name| extension.eq_ignore_ascii_case(name))
            })
        };
        if is_one_of(&["jsonl", "ndjson", "json"]) {
            Self::JsonLines
        } else if is_one_of(&["xlsx", "xlsm", "xltx", "xlsb", "ods", "xls", "numbers"]) {
            Self::Workbook
        } else {
            Self::Csv
        }
    }

    /// The format of bytes that have no name: a workbook shows, else it is CSV.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        if sheet::is_workbook(bytes) { Self::Workbook } else { Self::Csv }
    }
}

/// How a roster is to be read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// How it is written.
    pub(crate) format: Format,
    /// A label such as `windows-1252`; a BOM in the bytes wins over it.
    pub(crate) encoding: Option<&'a str>,
    /// The name of the sheet, if it is named; else the first is taken that holds anything.
    pub(crate) sheet: Option<&'a str>,
    /// The people of a row, whose result columns a LINKS file has.
    pub(crate) people: &'a [String],
    /// The line of the header, if it is named; else the first row is taken that passes the test.
    pub(crate) header_line: Option<u32>,
    /// Whether these cells are a header.
    pub(crate) is_header: HeaderTest<'a>,
}

impl Reading<'_> {
    /// A roster whose first row is the header.
    #[cfg(test)]
    pub(crate) fn of(format: Format) -> Self {
        Self {
            format,
            encoding: None,
            sheet: None,
            people: &[],
            header_line: None,
            is_header: &|_| true,
        }
    }
}

/// What ends a line of the roster, and so of its LINKS file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    /// `\r\n`, as Excel writes.
    CrLf,
    /// `\n`.
    Lf,
    /// `\r`, as Excel for Mac once wrote.
    Cr,
}

impl LineEnd {
    /// The bytes of this line end.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
        }
    }

    /// The first line end in the text.
    pub(super) fn first_of(text: &str) -> Option<Self> {
        let at = text.find(['\r', '\n'])?;
        Some(match &text.as_bytes()[at..] {
            [b'\r', b'\n', ..] => Self::CrLf,
            [b'\r', ..] => Self::Cr,
            _ => Self::Lf,
        })
    }
}
