//! LINKS as a workbook: links that can be clicked, dates that are dates, and text that stays text.
//!
//! All but the rows is made by the library. Its two ways to write rows are not for rosters: one takes
//! 5 KiB of memory a row, the other panics where the disk is full. So the rows are written here, one
//! after another, into the library's empty sheet.

use super::place::Replacement;
use super::sheet::{Links, Rows, Style};
use super::{LinksError, Target};
use crate::old_roster::outcome::Outcome;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::io::{self, Cursor, Read as _, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Rows of a sheet below its header.
pub(crate) const MOST_ROWS: usize = 1_048_575;

/// The widest column, in characters.
const WIDEST: usize = 50;

const SHEET: &str = "xl/worksheets/sheet1.xml";
const RELATIONSHIPS: &str = "xl/worksheets/_rels/sheet1.xml.rels";

/// Writes the whole workbook into the file that becomes LINKS.
pub(super) fn write<E: From<LinksError>>(
    file: &mut Replacement,
    target: &Target<'_>,
    outcomes_of: &mut impl FnMut(usize) -> Result<Vec<Option<Outcome>>, E>,
) -> Result<(), E> {
    let failed = |source| LinksError::Write { path: target.path.to_owned(), source };
    let empty = empty_workbook(target).map_err(io::Error::other).map_err(failed)?;
    let mut package = Package::start(&empty).map_err(failed)?;
    let mut rows = Rows::start(&mut package.zip, target).map_err(failed)?;
    for index in 0..target.roster.len() {
        let outcomes = outcomes_of(index)?;
        rows.write(index, &outcomes).map_err(failed)?;
    }
    let links = rows.links;
    // Not straight into the file: a zip archive that cannot be ended writes to stderr.
    let bytes = package.finish(&links).map_err(failed)?;
    file.write(|out| out.write_all(&bytes))?;
    Ok(())
}

/// A workbook without rows: its header stays in sight and filters, and columns are as wide as they need.
fn empty_workbook(target: &Target<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Links")?;
    // The library numbers formats in the order of their first use.
    for style in Style::ALL {
        sheet.write_blank(0, 0, &style.format())?;
    }
    let last = (row_number(target.roster.len())?, column_number(target.width().saturating_sub(1))?);
    sheet.write_blank(last.0, last.1, &Style::Header.format())?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last.0, last.1)?;
    for (column, characters) in target.column_widths().into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a width is a small number")]
        let shown = (characters + 2).min(WIDEST) as f64;
        sheet.set_column_width(column_number(column)?, shown)?;
    }
    workbook.save_to_buffer()
}

fn row_number(row: usize) -> Result<u32, XlsxError> {
    u32::try_from(row).map_err(|_| XlsxError::RowColumnLimitError)
}

fn column_number(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

/// A workbook on its way: all that the library made, and its sheet up to the rows.
struct Package {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    /// What comes after the rows, and after their links.
    rest: (String, String),
}

impl Package {
    fn start(empty: &[u8]) -> io::Result<Self> {
        let mut archive = ZipArchive::new(Cursor::new(empty))?;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut sheet = String::new();
        for index in 0..archive.len() {
            let part = archive.by_index_raw(index)?;
            if part.name()? != SHEET {
                zip.raw_copy_file(part)?;
            }
        }
        archive.by_name(SHEET)?.read_to_string(&mut sheet)?;
        let parts = (|| {
            let (before, rest) = sheet.split_once("<sheetData>")?;
            let (_, rest) = rest.split_once("</sheetData>")?;
            let links = rest.find("<pageMargins")?;
            Some((before, rest.split_at(links)))
        })();
        let Some((before, (filter, rest))) = parts else {
            return Err(io::Error::other("the empty sheet is not as expected"));
        };
        zip.start_file(SHEET, SimpleFileOptions::default())?;
        write!(zip, "{before}<sheetData>")?;
        Ok(Self { zip, rest: (filter.to_owned(), rest.to_owned()) })
    }

    fn finish(mut self, links: &Links) -> io::Result<Vec<u8>> {
        let (filter, rest) = self.rest;
        write!(self.zip, "</sheetData>{filter}")?;
        if links.is_empty() {
            write!(self.zip, "{rest}")?;
        } else {
            links.write_element(&mut self.zip)?;
            write!(self.zip, "{rest}")?;
            self.zip.start_file(RELATIONSHIPS, SimpleFileOptions::default())?;
            links.write_relationships(&mut self.zip)?;
        }
        Ok(self.zip.finish()?.into_inner())
    }
}
