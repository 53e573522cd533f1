//! What can be wrong with a roster as text, and what to do about it.

/// Why a roster cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Nothing but blank lines.
    #[error("the roster is empty; its first line must name the columns")]
    Empty,
    /// `--header` names a line that holds no row.
    #[error("line {line} does not begin a row, so it is not the header; see --header")]
    NoRowAt {
        /// As named.
        line: u32,
    },
    /// More than 4 GiB of text.
    #[error("the roster is larger than 4 GiB; split it")]
    TooLarge,
    /// A workbook under the name of text.
    #[error(
        "the roster is a workbook, not text; give the file its own extension, or add --format xlsx"
    )]
    Workbook,
    /// Text under the name of a workbook, as many programs export it.
    #[error(
        "despite its name, the roster is not a workbook; if it is text, add --format csv, else open it in Excel and save it as .xlsx"
    )]
    NotAWorkbook,
    /// A workbook that is not read.
    #[error("the roster is {kind}; open it in the program that made it, and save it as .xlsx")]
    OtherWorkbook {
        /// What it is.
        kind: &'static str,
    },
    /// A workbook of Numbers.
    #[error(
        "the roster is a Numbers workbook; in Numbers choose File > Export To > Excel, and use that \
         file"
    )]
    Numbers,
    /// A workbook that opens with a password only.
    #[error(
        "the roster has a password; open it in Excel, remove the password (File > Info > Protect \
         Workbook), and save a copy"
    )]
    Password,
    /// A workbook that cannot be read.
    #[error("the workbook is damaged ({reason}); open it in Excel, and save it again")]
    DamagedWorkbook {
        /// The parser's words.
        reason: String,
    },
    /// A workbook that unpacks to more than is read.
    #[error(
        "the workbook unpacks to more than 256 MiB; leave in it only the sheet with the roster"
    )]
    WorkbookTooLarge,
    /// No sheet is called so.
    #[error(
        "no sheet is named {wanted:?}{}; the sheets are {}",
        suggestion.as_ref().map_or_else(String::new, |near| format!(" (did you mean {near:?}?)")),
        sheets.join(", ")
    )]
    NoSuchSheet {
        /// As asked for.
        wanted: String,
        /// The nearest.
        suggestion: Option<String>,
        /// All of them.
        sheets: Vec<String>,
    },
    /// Neither UTF-8 nor UTF-16.
    #[error(
        "line {line} is not UTF-8; if Excel wrote the roster, add --encoding windows-1252, \
         or save it again as \"CSV UTF-8 (comma delimited)\""
    )]
    NotUtf8 {
        /// The first line that is not.
        line: u32,
    },
    /// The bytes are not in the encoding that was named, or that the BOM names.
    #[error("the roster is damaged, or not {encoding} as it seems to be; save it again as UTF-8")]
    NotInEncoding {
        /// The encoding's name.
        encoding: &'static str,
    },
    /// No such encoding.
    #[error("unknown encoding {label:?}; usual ones are utf-8, utf-16le and windows-1252")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// JSON where CSV was expected.
    #[error("the roster looks like JSON, not CSV; name the file .jsonl, or add --format jsonl")]
    LooksLikeJson,
    /// JSON whose brackets, quotes or commas do not match.
    #[error(
        "the JSON that begins in line {line} does not end as it should: a bracket, a quote or a \
         comma is missing, or one too many"
    )]
    UnclosedJson {
        /// Where.
        line: u32,
    },
    /// A quote that is never closed, and so swallows the rest of the file.
    #[error(
        "line {line} opens a quote (\") that is never closed; a quote inside a cell is \
             written twice"
    )]
    UnclosedQuote {
        /// Where it was opened.
        line: u32,
    },
    /// Text after a closing quote, usually the sign of one quote too many further up.
    #[error(
        "line {line} has text after a closing quote (\"); a quote inside a cell is written \
         twice, and the cell starts on line {opened}"
    )]
    TextAfterQuote {
        /// Where the text is.
        line: u32,
        /// Where the cell's first quote is.
        opened: u32,
    },
    /// Some result columns of a LINKS file, but not all.
    #[error(
        "some of the columns that hold links are there, but not {}; remove them all, or \
         bring them all back",
        missing.join(", ")
    )]
    PartOfLinks {
        /// The result columns that are not there.
        missing: Vec<String>,
    },
}

/// What is wrong with one row. The line is part of it, not of the text, so that the
/// caller can show line, column and id in its own way.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct RowError {
    /// The line that the row starts on.
    pub(crate) line: u32,
    /// What is wrong.
    pub(crate) problem: RowProblem,
}

/// See [`RowError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowProblem {
    /// More cells than headers: mostly a delimiter inside a cell that is not quoted.
    #[error("{found} cells, but only {expected} columns; is a {delimiter} inside a cell?")]
    TooManyCells {
        /// Cells in the row.
        found: usize,
        /// Headers.
        expected: usize,
        /// The delimiter in words.
        delimiter: &'static str,
    },
    /// Not one JSON object.
    #[error("not a JSON object at {}column {column}: {reason}", lines_below(*below))]
    NotAnObject {
        /// How many lines below the first of the object.
        below: u32,
        /// Where, the first byte of the line being 1.
        column: usize,
        /// The parser's words, without the place.
        reason: String,
    },
    /// Two `result` members in one object.
    #[error("\"result\" appears twice; remove one")]
    TwoResults,
}

fn lines_below(below: u32) -> String {
    match below {
        0 => String::new(),
        1 => "the line below, ".to_owned(),
        lines => format!("{lines} lines below, "),
    }
}
