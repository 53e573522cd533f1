//! The rows of a workbook's sheet, as XML. What the elements and attributes are: ECMA-376, part 1,
//! chapter 18.3 (worksheets), and part 2, chapter 9 (relationships).

use super::Target;
use crate::links::csv_injection as guard;
use crate::old_roster::outcome::Outcome;
use crate::old_roster::read::{Cells, Kind, Roster, Row};
use crate::old_roster::results::{self, ResultCell};
use jiff::civil::{DateTime, Time};
use quick_xml::escape::escape;
use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{Format, IntoExcelDateTime as _};
use std::borrow::Cow;
use std::io::{self, Write};
use url::Url;

/// The most links that Excel opens in one sheet.
pub(super) const MOST_LINKS: usize = 65_530;

/// The longest link that Excel takes, in bytes.
const LONGEST_LINK: usize = 2_000;

/// The longest text of a cell, in characters.
pub(crate) const LONGEST_TEXT: usize = 32_767;

/// How a cell looks; what is not in the list looks like any.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Link,
    Header,
    Date,
    Day,
    Time,
    TimeWithSeconds,
}

impl Style {
    /// In the order of their numbers in a workbook, which begin with 1; the library has that of links
    /// first.
    pub(super) const ALL: [Self; 6] =
        [Self::Link, Self::Header, Self::Date, Self::Day, Self::Time, Self::TimeWithSeconds];

    pub(super) fn format(self) -> Format {
        let shown_as = |text: &str| Format::new().set_num_format(text);
        match self {
            Self::Header => Format::new().set_bold(),
            Self::Link => Format::new().set_hyperlink(),
            Self::Date => shown_as("yyyy-mm-dd hh:mm"),
            Self::Day => shown_as("yyyy-mm-dd"),
            Self::Time => shown_as("[hh]:mm"),
            Self::TimeWithSeconds => shown_as("[hh]:mm:ss"),
        }
    }

    fn attribute(self) -> String {
        format!(" s=\"{}\"", self as usize + 1)
    }
}

/// The rows of a sheet, on their way.
pub(super) struct Rows<'a, W> {
    out: W,
    target: &'a Target<'a>,
    places: Vec<usize>,
    width: usize,
    /// The links so far.
    pub(super) links: Links,
}

impl<'a, W: Write> Rows<'a, W> {
    /// Writes the header.
    pub(super) fn start(out: W, target: &'a Target<'a>) -> io::Result<Self> {
        let (places, width) = (target.result_places(), target.width());
        let mut rows = Self { out, target, places, width, links: Links::default() };
        write!(rows.out, "<row r=\"1\">")?;
        for (column, name) in target.header().iter().enumerate() {
            rows.text(&reference(0, column)?, &marked(name), &Style::Header.attribute())?;
        }
        write!(rows.out, "</row>")?;
        Ok(rows)
    }

    /// Writes a row, and what came of it.
    pub(super) fn write(&mut self, index: usize, outcomes: &[Option<Outcome>]) -> io::Result<()> {
        let Ok(Row::Cells(cells)) = self.target.roster.row(index) else { return Ok(()) };
        let results = results::cells(outcomes, !self.target.people.is_empty());
        let row = index + 1;
        write!(self.out, "<row r=\"{}\">", row + 1)?;
        for column in 0..self.width {
            let at = reference(row, column)?;
            match self.places.iter().position(|place| *place == column) {
                Some(result) => self.result(&at, &results[result])?,
                None => self.own(&at, &cells, column)?,
            }
        }
        write!(self.out, "</row>")
    }

    fn result(&mut self, at: &str, cell: &ResultCell) -> io::Result<()> {
        match cell {
            ResultCell::Empty => Ok(()),
            ResultCell::Text(text) => self.text(at, text, ""),
            ResultCell::Link(link) => {
                let is_link = self.links.add(at, link)?;
                let style = if is_link { Style::Link.attribute() } else { String::new() };
                self.text(at, link, &style)
            }
            ResultCell::Time(time) => {
                let local = time.to_zoned(self.target.zone.clone()).datetime();
                self.number(at, local.to_excel_serial_date(), &Style::Date.attribute())
            }
        }
    }

    /// Writes a cell of the roster as what it was.
    fn own(&mut self, at: &str, cells: &Cells, index: usize) -> io::Result<()> {
        let text = cells.get(index);
        let number = match cells.kind(index) {
            Kind::Number => text.parse().ok().map(|number| (number, String::new())),
            Kind::Date => text.parse().ok().map(|date: DateTime| {
                let style = if date.time() == Time::midnight() { Style::Day } else { Style::Date };
                (date.to_excel_serial_date(), style.attribute())
            }),
            Kind::Time => seconds(text).map(|seconds| {
                let has_seconds = text.matches(':').count() == 2;
                let style = if has_seconds { Style::TimeWithSeconds } else { Style::Time };
                (seconds / 86_400.0, style.attribute())
            }),
            Kind::Boolean => {
                let value = u8::from(text == "TRUE");
                return write!(self.out, "<c r=\"{at}\" t=\"b\"><v>{value}</v></c>");
            }
            Kind::Text | Kind::Error | Kind::Unknown => None,
        };
        match number {
            Some((number, style)) => self.number(at, number, &style),
            None => self.text(at, &marked(text), ""),
        }
    }

    fn number(&mut self, at: &str, number: f64, style: &str) -> io::Result<()> {
        write!(self.out, "<c r=\"{at}\"{style}><v>{number}</v></c>")
    }

    fn text(&mut self, at: &str, text: &str, style: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if is_too_long(text) {
            return Err(io::Error::other(format!("the text for {at} is too long for a workbook")));
        }
        let text = escaped(text);
        write!(
            self.out,
            "<c r=\"{at}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
        )
    }
}

/// Text in a workbook needs no guard. But where it looks like a guard it gets one, because the guards
/// of a CSV file that a spreadsheet has saved as a workbook are taken away when it is read.
fn marked(text: &str) -> Cow<'_, str> {
    let is_guard_like = text.starts_with('\'') && guard::needs_guard(text);
    if is_guard_like { format!("'{text}").into() } else { text.into() }
}

/// The links of a sheet, in the order of their cells.
#[derive(Default)]
pub(super) struct Links {
    count: usize,
    elements: Vec<u8>,
    relationships: Vec<u8>,
}

impl Links {
    /// Makes a link to click of a cell, if Excel can.
    pub(super) fn add(&mut self, at: &str, link: &str) -> io::Result<bool> {
        let url = Url::parse(link).ok().filter(|url| url.as_str().len() <= LONGEST_LINK);
        let Some(mut url) = url.filter(|_| self.count < MOST_LINKS) else { return Ok(false) };
        self.count += 1;
        let id = self.count;
        let location = url
            .fragment()
            .map_or_else(String::new, |fragment| format!(" location=\"{}\"", escape(fragment)));
        url.set_fragment(None);
        write!(self.elements, "<hyperlink ref=\"{at}\" r:id=\"rId{id}\"{location}/>")?;
        write!(
            self.relationships,
            "<Relationship Id=\"rId{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
            escape(url.as_str())
        )?;
        Ok(true)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Writes the element of the sheet that says which cells are links.
    pub(super) fn write_element(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "<hyperlinks>")?;
        out.write_all(&self.elements)?;
        write!(out, "</hyperlinks>")
    }

    /// Writes the part of the workbook that says where they lead.
    pub(super) fn write_relationships(&self, out: &mut impl Write) -> io::Result<()> {
        write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        )?;
        out.write_all(&self.relationships)?;
        write!(out, "</Relationships>")
    }
}

/// The first cell of a roster that is too long for a workbook: its row and its column, counted from 0.
pub(crate) fn too_long(roster: &Roster) -> Option<(usize, usize)> {
    (0..roster.len()).find_map(|index| {
        let Ok(Row::Cells(cells)) = roster.row(index) else { return None };
        let column = (0..roster.header().len()).find(|column| is_too_long(cells.get(*column)))?;
        Some((index, column))
    })
}

fn is_too_long(text: &str) -> bool {
    text.len() > LONGEST_TEXT && text.chars().nth(LONGEST_TEXT).is_some()
}

/// `B7`, of a row and a column counted from 0.
fn reference(row: usize, column: usize) -> io::Result<String> {
    let row = u32::try_from(row).map_err(io::Error::other)?;
    let column = u16::try_from(column).map_err(io::Error::other)?;
    Ok(row_col_to_cell(row, column))
}

/// A text as XML. What XML has no way to write, Excel writes by its number, `_x000D_`; and an underscore
/// that begins such a thing in the text itself, too.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_unwritable = |c: char| {
        matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}') && !matches!(c, '\t' | '\n')
    };
    if !text.contains(is_unwritable) && !text.contains("_x") {
        return escape(text);
    }
    let mut written = String::with_capacity(text.len() + 7);
    for (index, c) in text.char_indices() {
        if is_unwritable(c) || (c == '_' && is_number(&text[index..])) {
            written.extend(["_x", &format!("{:04X}", u32::from(c)), "_"]);
        } else {
            written.push(c);
        }
    }
    escape(written)
}

/// Whether a text begins with `_x000D_` or the like.
fn is_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'_', b'x', a, b, c, d, b'_', ..]
        if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit))
}

/// `25:30:15` in seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut seconds = 0_u32;
    let mut unit = 3600;
    for part in text.split(':') {
        seconds = part.parse::<u32>().ok()?.checked_mul(unit)?.checked_add(seconds)?;
        unit /= 60;
    }
    Some(f64::from(seconds))
}
