//! Excel workbooks: `SpreadsheetML` in a zip archive (ECMA-376).

use super::archive::{Archive, Xml, attribute, is_true, number, unescaped};
use super::grid::{Grid, Merge, outside};
use super::number_format::{NumberFormat, TimeFormat, built_in};
use super::{Fault, MAX_ROWS, Sheet, Workbook};
use crate::roster::{Cell, CellKind, MAX_CELL_SIZE, MAX_COLUMNS, MAX_TABLE_SIZE};
use jiff::civil::{Date, DateTime, Time};
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// An open workbook.
pub(super) struct Xlsx {
    archive: Archive,
    sheets: Vec<(Sheet, String)>,
    shared: Shared,
}

/// Data shared by the cells of all sheets.
struct Shared {
    strings: Strings,
    styles: Vec<NumberFormat>,
    is_1904: bool,
}

/// The shared strings, concatenated.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<u32>,
}

/// The target and type of a part's relationships, by id.
type Relationships = HashMap<String, (String, String)>;

impl Xlsx {
    pub(super) fn open(mut archive: Archive) -> Result<Self, Fault> {
        let package = relationships(&mut archive, "")?;
        let workbook = package.values().find(|(_, kind)| kind.ends_with("/officeDocument"));
        let workbook = workbook.map_or("xl/workbook.xml", |(target, _)| target).to_owned();
        let related = relationships(&mut archive, &workbook)?;
        let part = |kind: &str| {
            let found = related.values().find(|(_, found)| found.ends_with(kind));
            found.map(|(target, _)| target.clone())
        };
        let (sheets, is_1904) = sheets(&mut archive.required_xml(&workbook)?, &related)?;
        let mut strings = Strings::default();
        if let Some(part) = part("/sharedStrings")
            && let Some(mut xml) = archive.xml(&part)?
        {
            strings.read(&mut xml)?;
        }
        let mut styles = Vec::new();
        if let Some(part) = part("/styles")
            && let Some(mut xml) = archive.xml(&part)?
        {
            styles = read_styles(&mut xml)?;
        }
        Ok(Self { archive, sheets, shared: Shared { strings, styles, is_1904 } })
    }

    fn visit(&mut self, index: usize, visitor: &mut dyn Visitor) -> Result<(), Fault> {
        let mut xml = self.archive.required_xml(&self.sheets[index].1)?;
        self.shared.visit(&mut xml, visitor)
    }
}

impl Shared {
    /// Reads a cell to its end; `None` if it is empty.
    fn cell(&self, xml: &mut Xml<'_>, attributes: &CellAttributes) -> Result<Option<Cell>, Fault> {
        let mut value = String::new();
        let (mut has_formula, mut has_value) = (false, false);
        loop {
            match xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "v" => {
                        xml.push_text(&mut value)?;
                        has_value = !value.is_empty();
                    }
                    "is" => {
                        push_rich_text(xml, &mut value)?;
                        has_value = true;
                    }
                    "f" => {
                        xml.skip()?;
                        has_formula = true;
                    }
                    _ => xml.skip()?,
                },
                Event::End(_) => break,
                _ => {}
            }
        }
        if !has_value && attributes.kind != Kind::Text {
            return Ok(has_formula.then(Cell::without_value));
        }
        self.value(value, attributes).map(Some)
    }

    fn value(&self, value: String, attributes: &CellAttributes) -> Result<Cell, Fault> {
        let general = NumberFormat::General;
        let format = self.styles.get(attributes.style).unwrap_or(&general);
        Ok(match attributes.kind {
            Kind::Shared => {
                let text = value.trim().parse().ok().and_then(|index| self.strings.get(index));
                let text = text.ok_or_else(|| Fault::damaged("the text of a cell is missing"))?;
                Cell::of_sheet_text(text)
            }
            Kind::Text => Cell::of_sheet_text(unescaped_text(value)),
            Kind::Boolean => Cell::of_boolean(matches!(value.trim(), "1" | "true" | "TRUE")),
            Kind::Error => Cell::of_kind(CellKind::Error, value),
            Kind::Date => of_iso_date(&value, format),
            Kind::Number => match value.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Cell::of_number(number, format, self.is_1904),
                _ => Cell::of_sheet_text(value),
            },
        })
    }

    /// Visits the rows and cells of a sheet.
    fn visit(&self, xml: &mut Xml<'_>, visitor: &mut dyn Visitor) -> Result<(), Fault> {
        let (mut row, mut column) = (0_u32, 0_usize);
        let mut is_in_row = false;
        loop {
            let event = xml.next()?;
            match event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "row" => {
                        row = number(&element, "r")?.unwrap_or(row.saturating_add(1));
                        column = 0;
                        is_in_row = true;
                        visitor.row(row, is_hidden_row(&element)?)?;
                    }
                    "c" if is_in_row => {
                        let attributes = CellAttributes::of(&element)?;
                        if column >= MAX_COLUMNS {
                            return Err(outside(row, column));
                        }
                        if let Some((at_row, at_column)) = attributes.position {
                            if at_row != row {
                                row = at_row;
                                visitor.row(row, false)?;
                            }
                            column = at_column;
                        }
                        if let Some(cell) = self.cell(xml, &attributes)?
                            && !visitor.cell(row, column, cell)?
                        {
                            return Ok(());
                        }
                        column += 1;
                    }
                    "col" => visitor.columns(&element)?,
                    "mergeCell" => visitor.merge(&element)?,
                    // These do not describe cells, and forms contain other rows and columns.
                    "extLst"
                    | "conditionalFormatting"
                    | "dataValidations"
                    | "AlternateContent"
                    | "controls"
                    | "oleObjects" => {
                        xml.skip()?;
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "row" => is_in_row = false,
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// Receives the parts of a sheet.
trait Visitor {
    fn row(&mut self, line: u32, is_hidden: bool) -> Result<(), Fault>;
    /// Receives a cell; returns whether to continue.
    fn cell(&mut self, line: u32, column: usize, cell: Cell) -> Result<bool, Fault>;
    fn columns(&mut self, element: &BytesStart<'_>) -> Result<(), Fault>;
    fn merge(&mut self, element: &BytesStart<'_>) -> Result<(), Fault>;
}

/// Finds out whether the sheet has a cell that is not blank.
#[derive(Default)]
struct Search {
    is_found: bool,
}

impl Visitor for Search {
    fn row(&mut self, line: u32, _: bool) -> Result<(), Fault> {
        if line > MAX_ROWS { Err(outside(line, 0)) } else { Ok(()) }
    }

    fn cell(&mut self, _: u32, _: usize, cell: Cell) -> Result<bool, Fault> {
        self.is_found = !cell.is_blank();
        Ok(!self.is_found)
    }

    fn columns(&mut self, _: &BytesStart<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn merge(&mut self, _: &BytesStart<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

impl Visitor for Grid {
    fn row(&mut self, line: u32, is_hidden: bool) -> Result<(), Fault> {
        self.start_row(line, is_hidden)
    }

    fn cell(&mut self, _: u32, column: usize, cell: Cell) -> Result<bool, Fault> {
        self.put(column, cell)?;
        Ok(true)
    }

    fn columns(&mut self, element: &BytesStart<'_>) -> Result<(), Fault> {
        let is_narrow = number::<f64>(element, "width")?.is_some_and(|width| width <= 0.0);
        if (is_narrow || is_true(element, "hidden")?)
            && let (Some(first), Some(last)) =
                (number(element, "min")?, number::<usize>(element, "max")?)
        {
            self.hide_columns(usize::saturating_sub(first, 1), last.saturating_sub(1));
        }
        Ok(())
    }

    fn merge(&mut self, element: &BytesStart<'_>) -> Result<(), Fault> {
        let range = attribute(element, "ref")?.unwrap_or_default();
        let (first, last) = range.split_once(':').unwrap_or((&range, &range));
        let ((first_row, first_column), (last_row, last_column)) =
            (position(first)?, position(last)?);
        Grid::merge(self, Merge { first_row, last_row, first_column, last_column });
        Ok(())
    }
}

impl Workbook for Xlsx {
    fn sheets(&self) -> Vec<Sheet> {
        self.sheets.iter().map(|(sheet, _)| sheet.clone()).collect()
    }

    fn holds_anything(&mut self, index: usize) -> Result<bool, Fault> {
        let mut search = Search::default();
        self.visit(index, &mut search)?;
        Ok(search.is_found)
    }

    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        self.visit(index, grid)
    }
}

struct CellAttributes {
    /// The row, numbered from 1, and the column, counted from 0.
    position: Option<(u32, usize)>,
    style: usize,
    kind: Kind,
}

/// The encoding of a cell's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

impl CellAttributes {
    fn of(element: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut found = Self { position: None, style: 0, kind: Kind::Number };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute?;
            match attribute.key.as_ref() {
                "r" => found.position = Some(position(&attribute.value)?),
                "s" => found.style = attribute.value.trim().parse().unwrap_or_default(),
                "t" => {
                    found.kind = match &*attribute.value {
                        "s" => Kind::Shared,
                        "str" | "inlineStr" => Kind::Text,
                        "b" => Kind::Boolean,
                        "e" => Kind::Error,
                        "d" => Kind::Date,
                        _ => Kind::Number,
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Parses a cell reference such as `B7` into the row, numbered from 1, and the column, counted from 0.
fn position(text: &str) -> Result<(u32, usize), Fault> {
    let wrong = || Fault::damaged(format!("{:?} is not a cell", crate::escape::untrusted(text)));
    let text = text.trim();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = text.split_at(letters);
    let row: u32 = row.parse().map_err(|_| wrong())?;
    if letters.is_empty() || row == 0 {
        return Err(wrong());
    }
    let column = letters.bytes().try_fold(0_usize, |column, letter| {
        let letter = usize::from(letter.to_ascii_uppercase() - b'A');
        column.checked_mul(26)?.checked_add(letter + 1)
    });
    match column {
        Some(column) => Ok((row, column - 1)),
        None => Err(wrong()),
    }
}

fn is_hidden_row(element: &BytesStart<'_>) -> Result<bool, Fault> {
    let mut is_hidden = false;
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        is_hidden |= match attribute.key.as_ref() {
            "hidden" => matches!(&*attribute.value, "1" | "true" | "on"),
            "ht" => attribute.value.parse::<f64>().is_ok_and(|height| height <= 0.0),
            _ => false,
        };
    }
    Ok(is_hidden)
}

/// The relationships of a part, or of the whole package if `part` is empty.
fn relationships(archive: &mut Archive, part: &str) -> Result<Relationships, Fault> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let slash = if folder.is_empty() { "" } else { "/" };
    let mut found = Relationships::new();
    let Some(mut xml) = archive.xml(&format!("{folder}{slash}_rels/{file}.rels"))? else {
        return Ok(found);
    };
    loop {
        match xml.next()? {
            Event::Start(element) if element.local_name().as_ref() == "Relationship" => {
                let (mut id, mut kind, mut target) = (String::new(), String::new(), String::new());
                for attribute in element.attributes().with_checks(false) {
                    let attribute = attribute?;
                    match attribute.key.as_ref() {
                        "Id" => id = unescaped(&attribute)?,
                        "Type" => kind = unescaped(&attribute)?,
                        "Target" => target = unescaped(&attribute)?,
                        _ => {}
                    }
                }
                found.insert(id, (resolved(folder, &target), kind));
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// Resolves a path that is relative to a part's folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The worksheets with the names of their parts, and whether dates count from 1904.
fn sheets(
    xml: &mut Xml<'_>,
    related: &Relationships,
) -> Result<(Vec<(Sheet, String)>, bool), Fault> {
    let (mut sheets, mut is_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "workbookPr" => is_1904 = is_true(&element, "date1904")?,
                "sheet" => {
                    let name = attribute(&element, "name")?.unwrap_or_default();
                    let state = attribute(&element, "state")?.unwrap_or_default();
                    let id = attribute(&element, "id")?.unwrap_or_default();
                    if let Some((target, kind)) = related.get(&id)
                        && kind.ends_with("/worksheet")
                    {
                        let is_hidden = matches!(state.as_str(), "hidden" | "veryHidden");
                        sheets.push((Sheet { name, is_hidden }, target.clone()));
                    }
                }
                _ => {}
            },
            Event::Eof if sheets.is_empty() => return Err(Fault::damaged("it has no sheets")),
            Event::Eof => return Ok((sheets, is_1904)),
            _ => {}
        }
    }
}

/// The number formats of the cell styles.
fn read_styles(xml: &mut Xml<'_>) -> Result<Vec<NumberFormat>, Fault> {
    let (mut codes, mut styles) = (HashMap::new(), Vec::new());
    let mut parsed: HashMap<u32, NumberFormat> = HashMap::new();
    let mut is_in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    if let Some(id) = number::<u32>(&element, "numFmtId")? {
                        codes.insert(id, attribute(&element, "formatCode")?.unwrap_or_default());
                    }
                }
                "cellXfs" => is_in_cells = true,
                "xf" if is_in_cells => {
                    let id = number(&element, "numFmtId")?.unwrap_or_default();
                    let code = || codes.get(&id).map_or(built_in(id), String::as_str);
                    let format = parsed.entry(id).or_insert_with(|| NumberFormat::parse(code()));
                    styles.push(format.clone());
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => {
                return Ok(styles);
            }
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

impl Strings {
    fn read(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        let mut text = String::new();
        loop {
            match xml.next()? {
                Event::Start(element) if element.local_name().as_ref() == "si" => {
                    text.clear();
                    push_rich_text(xml, &mut text)?;
                    self.text.push_str(&unescaped_text(std::mem::take(&mut text)));
                    if self.text.len() > MAX_TABLE_SIZE / 2 {
                        return Err(crate::roster::TooLarge.into());
                    }
                    self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

/// Adds the text of an element that has just started, plain or in runs. Japanese pronunciation marks are
/// ignored.
fn push_rich_text(xml: &mut Xml<'_>, text: &mut String) -> Result<(), Fault> {
    let mut depth = 1_usize;
    while depth > 0 {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => xml.push_text(text)?,
                "rPh" => xml.skip()?,
                _ => depth += 1,
            },
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if text.len() > 4 * MAX_CELL_SIZE {
            return Err(Fault::LargeCell);
        }
    }
    Ok(())
}

/// Decodes `_x000D_` and similar escapes, which Excel uses for characters that XML does not allow.
fn unescaped_text(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let (mut plain, mut units, mut rest) = (String::new(), Vec::new(), text.as_str());
    while let Some(at) = rest.find("_x") {
        let unit = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let unit = unit.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = unit.and_then(|hex| u16::from_str_radix(hex, 16).ok());
        if at > 0 || unit.is_none() {
            plain.push_str(&String::from_utf16_lossy(&units));
            units.clear();
        }
        plain.push_str(&rest[..at]);
        rest = if let Some(unit) = unit {
            units.push(unit);
            &rest[at + 7..]
        } else {
            plain.push_str("_x");
            &rest[at + 2..]
        };
    }
    plain.push_str(&String::from_utf16_lossy(&units));
    plain.push_str(rest);
    plain
}

/// A date or time that some programs write as `2026-12-01T14:00:00`, `2026-12-01` or `14:00:00`.
fn of_iso_date(text: &str, format: &NumberFormat) -> Cell {
    let text = text.trim().trim_end_matches('Z');
    let has_time = text.contains(':');
    let time: Option<DateTime> = text.parse().ok().or_else(|| {
        let time: Time = text.parse().ok()?;
        Some(Date::new(1900, 1, 1).ok()?.to_datetime(time))
    });
    let has_date = text.parse::<Date>().is_ok();
    let Some(time) = time else { return Cell::of_sheet_text(text) };
    let by_text =
        TimeFormat { has_full_date: has_date, has_date, has_time, ..TimeFormat::default() };
    match format {
        NumberFormat::Time(format) if has_date => {
            Cell::of_date_time(time, format, || format.show(time))
        }
        _ => Cell::of_date_time(time, &by_text, || text.to_owned()),
    }
}
