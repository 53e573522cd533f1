//! Reads spreadsheets (`.xlsx`, `.ods` and `.xls`), including what they hide, merge and show.
//!
//! calamine gives a cell's style or its formula, not both, ignores hidden rows, allocates every cell
//! between two distant ones, and panics on some damaged `.xls` files. A file must not crash this program
//! or use all memory, so this module reads the sheets row by row.

mod archive;
mod grid;
mod number_format;
mod ods;
#[cfg(test)]
mod tests;
mod xls;
mod xlsx;

use super::{ReadOptions, Rows, Source, Table, foreign};
use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::words::nearest;
use archive::Archive;
use grid::Grid;

/// A zip archive: a newer workbook.
const ZIP: &[u8] = b"PK\x03\x04";

/// An OLE container: an older workbook, or a newer one with a password.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Maximum number of rows of a spreadsheet.
const MAX_ROWS: u32 = 1 << 20;

/// Whether these bytes are a workbook, supported or not.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(OLE)
}

/// The error for a workbook, or another file in such a container, that is read as text.
pub(super) fn describe_workbook(bytes: Vec<u8>) -> String {
    let is_old = bytes.starts_with(OLE);
    // OpenDocument archives start with an entry of this name.
    let is_open_document = bytes.get(30..38) == Some(b"mimetype".as_slice());
    let extension = if is_old {
        ".xls"
    } else if is_open_document {
        ".ods"
    } else {
        ".xlsx"
    };
    match open("", bytes) {
        Err(Fault::Other(message)) => message,
        Err(_) if is_old => {
            "is not text but an older Office file (.xls or .doc); open it and save \
                             the table as .xlsx"
                .to_owned()
        }
        _ => {
            format!("is a workbook, not text; rename the file to {extension}, or add --format xlsx")
        }
    }
}

/// Reads a workbook's sheet, or all of its visible sheets.
pub(super) fn parse(shown: &str, bytes: Vec<u8>, options: &ReadOptions<'_>) -> Result<Table> {
    let read = || {
        let mut workbook = open(shown, bytes)?;
        let contents = Contents::of(workbook.as_mut())?;
        if options.all_sheets {
            contents.read_all(workbook.as_mut())
        } else {
            let chosen = contents.choose(options.sheet)?;
            contents.read_one(workbook.as_mut(), chosen)
        }
    };
    read().map_err(|fault: Fault| Error::about(shown, fault.to_string()))
}

trait Workbook {
    /// The sheets with cells, in order.
    fn sheets(&self) -> Vec<Sheet>;

    /// Whether a sheet contains a value.
    fn holds_anything(&mut self, index: usize) -> Result<bool, Fault>;

    /// Reads the cells of a sheet.
    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sheet {
    name: String,
    is_hidden: bool,
}

/// Why a workbook cannot be read, as a predicate about it.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("is damaged ({0}); open it in Excel and save it again")]
    Damaged(String),
    #[error(
        "has a password; remove it in Excel (File > Info > Protect Workbook) or LibreOffice, and save a copy"
    )]
    Password,
    #[error("is larger than 256 MiB unpacked; keep only the sheet with the roster")]
    UnpacksToTooMuch,
    #[error("has a cell larger than 1 MiB; remove it")]
    LargeCell,
    #[error("{0}")]
    Other(String),
}

impl Fault {
    fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(untrusted(&reason.into()))
    }
}

impl From<super::TooLarge> for Fault {
    fn from(too_large: super::TooLarge) -> Self {
        Self::Other(too_large.to_string())
    }
}

fn open(shown: &str, bytes: Vec<u8>) -> Result<Box<dyn Workbook>, Fault> {
    if bytes.starts_with(OLE) {
        return Ok(Box::new(xls::Xls::open(&bytes)?));
    }
    if !bytes.starts_with(ZIP) {
        return Err(Fault::Other(foreign::describe_non_workbook(shown, &bytes)));
    }
    let archive = Archive::open(bytes)?;
    let holds = |test: fn(&str) -> bool| archive.names().iter().any(|name| test(name));
    if holds(|name| name == "xl/workbook.bin") {
        Err(Fault::Other(foreign::XLSB.to_owned()))
    } else if holds(|name| name == "content.xml") {
        Ok(Box::new(ods::Ods::open(archive)?))
    } else if holds(|name| name.starts_with("Index/") || name == "Index.zip") {
        Err(Fault::Other(foreign::NUMBERS.to_owned()))
    } else if holds(|name| name.starts_with("word/")) {
        let message = "is a Word document; copy the table into a spreadsheet and save that";
        Err(Fault::Other(message.to_owned()))
    } else if holds(|name| name == "_rels/.rels" || name.starts_with("xl/")) {
        Ok(Box::new(xlsx::Xlsx::open(archive)?))
    } else {
        let message = "is a .zip archive without a workbook; unpack it and use one of its files";
        Err(Fault::Other(message.to_owned()))
    }
}

/// The sheets of a workbook, and which are not empty.
struct Contents {
    sheets: Vec<Sheet>,
    are_full: Vec<bool>,
}

impl Contents {
    fn of(workbook: &mut dyn Workbook) -> Result<Self, Fault> {
        let sheets = workbook.sheets();
        let are_full = (0..sheets.len()).map(|index| workbook.holds_anything(index));
        Ok(Self { are_full: are_full.collect::<Result<_, _>>()?, sheets })
    }

    /// The sheet with this name; by default the first visible one that is not empty.
    fn choose(&self, wanted: Option<&str>) -> Result<usize, Fault> {
        let Some(wanted) = wanted else { return self.first_full() };
        let names = || self.sheets.iter().map(|sheet| sheet.name.as_str());
        let folded = |name: &str| name.trim().to_lowercase();
        let index = names()
            .position(|name| name == wanted)
            .or_else(|| names().position(|name| folded(name) == folded(wanted)));
        let index = index.ok_or_else(|| {
            let near = nearest(wanted, names());
            let near = near.map(|near| format!(" (did you mean {:?}?)", untrusted(near)));
            let all: Vec<&str> = names().collect();
            Fault::Other(format!(
                "has no sheet named {:?}{}; available sheets: {}",
                untrusted(wanted),
                near.unwrap_or_default(),
                untrusted(&all.join(", "))
            ))
        })?;
        if self.are_full[index] {
            Ok(index)
        } else {
            let name = untrusted(&self.sheets[index].name);
            Err(Fault::Other(format!("has no data in sheet {name:?}")))
        }
    }

    fn first_full(&self) -> Result<usize, Fault> {
        if let Some(index) = self.visible().next() {
            return Ok(index);
        }
        let hidden = self.sheets.iter().zip(&self.are_full).find(|(_, is_full)| **is_full);
        Err(Fault::Other(match hidden {
            None => "is empty; the first row must contain the column names".to_owned(),
            Some((sheet, _)) => format!(
                "has data only in hidden sheets; to read one, add --sheet {:?}",
                untrusted(&sheet.name)
            ),
        }))
    }

    /// The visible sheets that are not empty.
    fn visible(&self) -> impl Iterator<Item = usize> {
        (0..self.sheets.len())
            .filter(|index| self.are_full[*index] && !self.sheets[*index].is_hidden)
    }

    fn read_one(&self, workbook: &mut dyn Workbook, index: usize) -> Result<Table, Fault> {
        let mut grid = Grid::new(Rows::default(), 0);
        workbook.read(index, &mut grid)?;
        let (rows, hidden_columns) = grid.finish()?;
        let others =
            (0..self.sheets.len()).filter(|other| *other != index && self.are_full[*other]);
        let others = others.map(|other| {
            let Sheet { name, is_hidden } = &self.sheets[other];
            format!("{name}{}", if *is_hidden { " (hidden)" } else { "" })
        });
        let source =
            Source::Sheet { name: self.sheets[index].name.clone(), others: others.collect() };
        Ok(Table { source, rows: rows.rows, hidden_columns, ..Table::default() })
    }

    fn read_all(&self, workbook: &mut dyn Workbook) -> Result<Table, Fault> {
        self.first_full()?;
        let (mut rows, mut names, mut all_hidden) = (Rows::default(), Vec::new(), Vec::new());
        for index in self.visible() {
            let mut grid = Grid::new(rows, names.len());
            workbook.read(index, &mut grid)?;
            let hidden;
            (rows, hidden) = grid.finish()?;
            names.push(self.sheets[index].name.clone());
            all_hidden.extend(hidden);
        }
        all_hidden.sort_unstable();
        all_hidden.dedup();
        let is_hidden = |(sheet, is_full): &(&Sheet, &bool)| sheet.is_hidden && **is_full;
        let hidden = self.sheets.iter().zip(&self.are_full).filter(is_hidden);
        let hidden = hidden.map(|(sheet, _)| sheet.name.clone()).collect();
        let source = Source::AllSheets { names, hidden };
        Ok(Table { source, rows: rows.rows, hidden_columns: all_hidden, ..Table::default() })
    }
}
