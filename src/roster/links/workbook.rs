//! LINKS as a workbook: links that can be clicked, dates that are dates, and text that stays text.
//!
//! The workbook is made in memory, some 2 KiB a row. The library's other way, through a temporary file
//! of its own, panics where the disk is full.

use super::Target;
use super::place::Replacement;
use crate::roster::links::LinksError;
use crate::roster::outcome::Outcome;
use crate::roster::read::{Cells, Kind, Row};
use crate::roster::results::{self, ResultCell};
use jiff::civil::{DateTime, Time};
use rust_xlsxwriter::{ExcelDateTime, Format, Url, Workbook, Worksheet, XlsxError};
use std::io;

/// Each link to click takes some 7 KiB of memory until the workbook is whole, so the rest of a very long
/// roster has its links as text.
pub(super) const MOST_LINKS: usize = 4_000;

/// The longest link that Excel takes, in bytes.
const LONGEST_LINK: usize = 2_000;

/// The widest column, in characters.
const WIDEST: usize = 50;

/// Rows of a sheet below its header.
pub(crate) const MOST_ROWS: usize = 1_048_575;

/// Writes the whole workbook into the file that becomes LINKS.
pub(super) fn write<E: From<LinksError>>(
    file: &mut Replacement,
    target: &Target<'_>,
    outcomes_of: &mut impl FnMut(usize) -> Result<Vec<Option<Outcome>>, E>,
) -> Result<(), E> {
    let path = target.path;
    let failed = |error: XlsxError| LinksError::Write {
        path: path.to_owned(),
        source: match error {
            XlsxError::IoError(error) => error,
            error => io::Error::other(error),
        },
    };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Links").map_err(failed)?;
    let mut page = Page { sheet, target, links: 0, formats: Formats::new() };
    page.header().map_err(failed)?;
    for index in 0..target.roster.len() {
        let outcomes = outcomes_of(index)?;
        page.row(index, &outcomes).map_err(failed)?;
    }
    page.frame().map_err(failed)?;
    // Not straight into the file: a zip archive that cannot be ended writes to stderr.
    let bytes = workbook.save_to_buffer().map_err(failed)?;
    file.write(|out| out.write_all(&bytes))?;
    Ok(())
}

struct Formats {
    header: Format,
    date: Format,
    day: Format,
    time: Format,
    time_with_seconds: Format,
}

impl Formats {
    fn new() -> Self {
        let shown_as = |text: &str| Format::new().set_num_format(text);
        Self {
            header: Format::new().set_bold(),
            date: shown_as("yyyy-mm-dd hh:mm"),
            day: shown_as("yyyy-mm-dd"),
            time: shown_as("[hh]:mm"),
            time_with_seconds: shown_as("[hh]:mm:ss"),
        }
    }
}

struct Page<'a> {
    sheet: &'a mut Worksheet,
    target: &'a Target<'a>,
    links: usize,
    formats: Formats,
}

impl Page<'_> {
    fn header(&mut self) -> Result<(), XlsxError> {
        let names = self.target.header();
        for (column, name) in names.iter().enumerate() {
            self.sheet.write_string_with_format(0, number(column)?, name, &self.formats.header)?;
        }
        Ok(())
    }

    fn row(&mut self, index: usize, outcomes: &[Option<Outcome>]) -> Result<(), XlsxError> {
        let row = u32::try_from(index + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
        let places = self.target.result_places();
        let results = results::cells(outcomes, !self.target.people.is_empty());
        let Ok(Row::Cells(cells)) = self.target.roster.row(index) else { return Ok(()) };
        for column in 0..self.target.width() {
            match places.iter().position(|place| *place == column) {
                Some(result) => self.result((row, number(column)?), &results[result])?,
                None => self.own((row, number(column)?), &cells, column)?,
            }
        }
        Ok(())
    }

    fn result(&mut self, (row, column): (u32, u16), cell: &ResultCell) -> Result<(), XlsxError> {
        match cell {
            ResultCell::Empty => {}
            ResultCell::Link(link) if self.links < MOST_LINKS && link.len() <= LONGEST_LINK => {
                self.links += 1;
                self.sheet.write_url(row, column, Url::new(*link))?;
            }
            ResultCell::Text(text) | ResultCell::Link(text) => {
                self.sheet.write_string(row, column, *text)?;
            }
            ResultCell::Time(time) => {
                let local = time.to_zoned(self.target.zone.clone()).datetime();
                let date = excel_time(local)?;
                self.sheet.write_datetime_with_format(row, column, &date, &self.formats.date)?;
            }
        }
        Ok(())
    }

    /// Writes a cell of the roster as what it was.
    fn own(
        &mut self,
        (row, column): (u32, u16),
        cells: &Cells,
        index: usize,
    ) -> Result<(), XlsxError> {
        let (text, formats) = (cells.get(index), &self.formats);
        let sheet = &mut *self.sheet;
        let written = match cells.kind(index) {
            Kind::Number => text.parse::<f64>().ok().map(|it| sheet.write_number(row, column, it)),
            Kind::Boolean => Some(sheet.write_boolean(row, column, text == "TRUE")),
            Kind::Date => parse_date(text).map(|date| {
                let format =
                    if date.time() == Time::midnight() { &formats.day } else { &formats.date };
                sheet.write_datetime_with_format(row, column, &excel_time(date)?, format)
            }),
            Kind::Time => seconds(text).map(|seconds| {
                let has_seconds = text.matches(':').count() == 2;
                let format = if has_seconds { &formats.time_with_seconds } else { &formats.time };
                sheet.write_number_with_format(row, column, seconds / 86_400.0, format)
            }),
            Kind::Text | Kind::Error | Kind::Unknown => None,
        };
        match written {
            Some(written) => written.map(drop),
            None if text.is_empty() => Ok(()),
            None => sheet.write_string(row, column, text).map(drop),
        }
    }

    /// What makes the sheet easy to read: the header stays in sight and filters, and columns are as
    /// wide as they need.
    fn frame(&mut self) -> Result<(), XlsxError> {
        let width = self.target.width();
        let rows = u32::try_from(self.target.roster.len()).unwrap_or(u32::MAX);
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.autofilter(0, 0, rows, number(width.saturating_sub(1))?)?;
        for (column, characters) in self.target.column_widths().into_iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a width is a small number")]
            let shown = (characters + 2).min(WIDEST) as f64;
            self.sheet.set_column_width(number(column)?, shown)?;
        }
        Ok(())
    }
}

fn number(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

fn parse_date(text: &str) -> Option<DateTime> {
    text.parse().ok()
}

fn excel_time(time: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(time.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, small(time.month()), small(time.day()))?.and_hms(
        u16::from(small(time.hour())),
        small(time.minute()),
        small(time.second()),
    )
}

/// `25:30:15` in seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut seconds = 0_u32;
    let mut unit = 3600;
    for part in text.split(':') {
        seconds += part.parse::<u32>().ok()?.checked_mul(unit)?;
        unit /= 60;
    }
    Some(f64::from(seconds))
}
