//! `OpenDocument` spreadsheets, as `LibreOffice` writes them: XML in a zip archive (ISO 26300).

use super::archive::{Archive, Xml, attribute, push_entity, unescaped};
use super::grid::{Grid, Merge, length, number_text};
use super::number_format::TimeFormat;
use super::{Fault, MAX_ROWS, Sheet, Workbook};
use crate::roster::{Cell, CellKind, MAX_CELL_SIZE, MAX_COLUMNS};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// The part of the archive with the sheets.
const CONTENT: &str = "content.xml";

/// An open workbook.
pub(super) struct Ods {
    archive: Archive,
    styles: Styles,
    /// Each sheet, and whether it contains anything.
    sheets: Vec<(Sheet, bool)>,
}

/// The styles of a workbook.
#[derive(Default)]
struct Styles {
    /// Styles of cells and sheets by name.
    styles: HashMap<String, Style>,
    /// Number formats of dates and times by name.
    times: HashMap<String, TimeFormat>,
}

#[derive(Default)]
struct Style {
    parent: String,
    number_format: String,
    is_hidden_sheet: bool,
}

impl Ods {
    pub(super) fn open(mut archive: Archive) -> Result<Self, Fault> {
        if is_encrypted(&mut archive)? {
            return Err(Fault::Password);
        }
        let mut styles = Styles::default();
        if let Some(mut xml) = archive.xml("styles.xml")? {
            styles.read(&mut xml)?;
        }
        styles.read(&mut archive.required_xml(CONTENT)?)?;
        let mut search = Search::default();
        read_sheets(&mut archive.required_xml(CONTENT)?, &styles, &mut search)?;
        if search.sheets.is_empty() {
            return Err(Fault::Other("is an OpenDocument file with no sheets".to_owned()));
        }
        Ok(Self { archive, styles, sheets: search.sheets })
    }
}

impl Workbook for Ods {
    fn sheets(&self) -> Vec<Sheet> {
        self.sheets.iter().map(|(sheet, _)| sheet.clone()).collect()
    }

    fn holds_anything(&mut self, index: usize) -> Result<bool, Fault> {
        Ok(self.sheets[index].1)
    }

    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        let mut one = One { index, next: 0, grid };
        read_sheets(&mut self.archive.required_xml(CONTENT)?, &self.styles, &mut one)
    }
}

/// Whether the manifest lists encrypted parts.
fn is_encrypted(archive: &mut Archive) -> Result<bool, Fault> {
    let Some(mut xml) = archive.xml("META-INF/manifest.xml")? else { return Ok(false) };
    loop {
        match xml.next()? {
            Event::Start(element)
                if matches!(element.local_name().as_ref(), "encryption-data" | "encrypted-key") =>
            {
                return Ok(true);
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

impl Styles {
    /// Reads the styles of a part.
    fn read(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        let (mut style, mut format) = (None, None);
        loop {
            match xml.next()? {
                Event::Start(element) => {
                    let local = element.local_name();
                    match local.as_ref() {
                        "body" | "master-styles" => return Ok(()),
                        "style" => {
                            let name = attribute(&element, "name")?.unwrap_or_default();
                            self.styles.insert(
                                name.clone(),
                                Style {
                                    parent: attribute(&element, "parent-style-name")?
                                        .unwrap_or_default(),
                                    number_format: attribute(&element, "data-style-name")?
                                        .unwrap_or_default(),
                                    is_hidden_sheet: false,
                                },
                            );
                            style = Some(name);
                        }
                        "table-properties" => {
                            let is_hidden =
                                attribute(&element, "display")?.as_deref() == Some("false");
                            if let Some(style) =
                                style.as_ref().and_then(|name| self.styles.get_mut(name))
                            {
                                style.is_hidden_sheet = is_hidden;
                            }
                        }
                        "date-style" | "time-style" => {
                            let name = attribute(&element, "name")?.unwrap_or_default();
                            let is_length = attribute(&element, "truncate-on-overflow")?.as_deref()
                                == Some("false");
                            self.times.insert(
                                name.clone(),
                                TimeFormat { is_length, ..TimeFormat::default() },
                            );
                            format = Some((name, [false; 3]));
                        }
                        part => {
                            if let Some((name, date)) = &mut format
                                && let Some(format) = self.times.get_mut(name)
                            {
                                note_part(part, date, format);
                            }
                        }
                    }
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "style" => style = None,
                    "date-style" | "time-style" => format = None,
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// The date or time format of a style; `None` for other formats.
    fn time_format(&self, name: &str) -> Option<&TimeFormat> {
        let mut name = name;
        // Parents could form a cycle.
        for _ in 0..10 {
            let style = self.styles.get(name)?;
            if !style.number_format.is_empty() {
                return self.times.get(&style.number_format);
            }
            name = &style.parent;
        }
        None
    }
}

/// Adds a part to a format; `date` records whether year, month and day have been seen.
fn note_part(part: &str, date: &mut [bool; 3], format: &mut TimeFormat) {
    match part {
        "year" => date[0] = true,
        "month" => date[1] = true,
        "day" => date[2] = true,
        "hours" | "minutes" | "seconds" => format.has_time = true,
        "day-of-week" | "quarter" | "week-of-year" | "era" => format.has_date = true,
        _ => return,
    }
    format.has_date |= date.contains(&true);
    format.has_full_date = *date == [true; 3];
}

/// Receives the contents of the sheets.
trait Visitor {
    /// Starts a sheet; returns whether to read its cells.
    fn sheet(&mut self, sheet: Sheet) -> bool;
    /// Hides columns, from `first` to `last` inclusive.
    fn hide_columns(&mut self, first: usize, last: usize);
    /// Receives a row, numbered from 1, and its cells; returns whether to read more rows of the sheet.
    fn row(&mut self, line: u32, is_hidden: bool, cells: &[Found]) -> Result<bool, Fault>;
}

/// A cell, repeated to the right `times` times.
struct Found {
    column: usize,
    times: usize,
    cell: Cell,
    rows_spanned: u32,
    columns_spanned: usize,
}

/// Lists the sheets, and which are not empty.
#[derive(Default)]
struct Search {
    sheets: Vec<(Sheet, bool)>,
}

impl Visitor for Search {
    fn sheet(&mut self, sheet: Sheet) -> bool {
        self.sheets.push((sheet, false));
        true
    }

    fn hide_columns(&mut self, _: usize, _: usize) {}

    fn row(&mut self, _: u32, _: bool, cells: &[Found]) -> Result<bool, Fault> {
        let is_full = cells.iter().any(|found| !found.cell.is_blank());
        if let Some((_, is_found)) = self.sheets.last_mut() {
            *is_found |= is_full;
        }
        Ok(!is_full)
    }
}

struct One<'a> {
    index: usize,
    next: usize,
    grid: &'a mut Grid,
}

impl Visitor for One<'_> {
    fn sheet(&mut self, _: Sheet) -> bool {
        self.next += 1;
        self.next - 1 == self.index
    }

    fn hide_columns(&mut self, first: usize, last: usize) {
        self.grid.hide_columns(first, last);
    }

    fn row(&mut self, line: u32, is_hidden: bool, cells: &[Found]) -> Result<bool, Fault> {
        self.grid.start_row(line, is_hidden)?;
        for Found { column, times, cell, rows_spanned, columns_spanned } in cells {
            for column in *column..column.saturating_add(*times) {
                self.grid.put(column, cell.clone())?;
                let last_row = line.saturating_add(rows_spanned.saturating_sub(1));
                let last_column = column.saturating_add(columns_spanned.saturating_sub(1));
                self.grid.merge(Merge {
                    first_row: line,
                    last_row,
                    first_column: column,
                    last_column,
                });
            }
        }
        Ok(true)
    }
}

/// Visits all sheets. Skips tracked changes, which contain cells that are no longer in a sheet.
fn read_sheets(xml: &mut Xml<'_>, styles: &Styles, visitor: &mut dyn Visitor) -> Result<(), Fault> {
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "table" => {
                    let name = attribute(&element, "name")?.unwrap_or_default();
                    let style = attribute(&element, "style-name")?.unwrap_or_default();
                    let is_hidden =
                        styles.styles.get(&style).is_some_and(|one| one.is_hidden_sheet);
                    // Copies of cells in other files that formulas here refer to.
                    let is_foreign = name.starts_with("'file:");
                    if !is_foreign && visitor.sheet(Sheet { name, is_hidden }) {
                        SheetReader::new(styles).read(xml, visitor)?;
                    } else {
                        xml.skip()?;
                    }
                }
                "tracked-changes" | "dde-links" | "automatic-styles" | "font-face-decls" => {
                    xml.skip()?;
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The state of reading one sheet.
struct SheetReader<'a> {
    styles: &'a Styles,
    /// The last column of each range, and the default style of its cells.
    column_styles: Vec<(usize, String)>,
    /// The number of columns so far.
    columns: usize,
    /// The last row read, numbered from 1.
    line: u32,
    /// The number of closed (collapsed) row groups around this row.
    closed_groups: usize,
    /// For each row group around this row, whether it is closed.
    groups: Vec<bool>,
}

impl<'a> SheetReader<'a> {
    fn new(styles: &'a Styles) -> Self {
        let (column_styles, groups) = (Vec::new(), Vec::new());
        Self { styles, column_styles, columns: 0, line: 0, closed_groups: 0, groups }
    }

    fn read(&mut self, xml: &mut Xml<'_>, visitor: &mut dyn Visitor) -> Result<(), Fault> {
        let mut depth = 1_usize;
        while depth > 0 {
            let event = xml.next()?;
            match event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "table-column" => {
                        self.column(&element, visitor)?;
                        depth += 1;
                    }
                    "table-row" => {
                        let row = RowAttributes::of(&element)?;
                        if !self.row(xml, &row, visitor)? {
                            for _ in 0..depth {
                                xml.skip()?;
                            }
                            return Ok(());
                        }
                    }
                    "table-row-group" => {
                        let is_closed = attribute(&element, "display")?.as_deref() == Some("false");
                        self.groups.push(is_closed);
                        self.closed_groups += usize::from(is_closed);
                        depth += 1;
                    }
                    "table-columns"
                    | "table-column-group"
                    | "table-header-columns"
                    | "table-rows"
                    | "table-header-rows" => depth += 1,
                    // Drawings, forms and links: any text in them is not a cell's.
                    _ => xml.skip()?,
                },
                Event::End(element) => {
                    depth -= 1;
                    if element.local_name().as_ref() == "table-row-group" {
                        self.closed_groups -= usize::from(self.groups.pop() == Some(true));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn column(&mut self, element: &BytesStart<'_>, visitor: &mut dyn Visitor) -> Result<(), Fault> {
        let (mut times, mut is_hidden, mut style) = (1, false, String::new());
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute?;
            match attribute.key.local_name().as_ref() {
                "number-columns-repeated" => times = attribute.value.parse().unwrap_or(1),
                "visibility" => is_hidden = matches!(&*attribute.value, "collapse" | "filter"),
                "default-cell-style-name" => style = unescaped(&attribute)?,
                _ => {}
            }
        }
        let first = self.columns;
        self.columns = first.saturating_add(times);
        if self.columns > first && first < MAX_COLUMNS {
            self.column_styles.push((self.columns - 1, style));
            if is_hidden {
                visitor.hide_columns(first, self.columns - 1);
            }
        }
        Ok(())
    }

    /// Reads a row to its end; returns whether to read more rows.
    fn row(
        &mut self,
        xml: &mut Xml<'_>,
        row: &RowAttributes,
        visitor: &mut dyn Visitor,
    ) -> Result<bool, Fault> {
        let (mut cells, mut column) = (Vec::new(), 0_usize);
        loop {
            match xml.next()? {
                Event::Start(element) => {
                    let is_covered = match element.local_name().as_ref() {
                        "table-cell" => false,
                        "covered-table-cell" => true,
                        _ => {
                            xml.skip()?;
                            continue;
                        }
                    };
                    let attributes = CellAttributes::of(&element)?;
                    let style = attributes.style.as_ref().or(row.style.as_ref());
                    let style = style.map_or_else(|| self.column_style(column), String::as_str);
                    let format = self.styles.time_format(style);
                    let cell = attributes.read(xml, format)?;
                    let is_span = attributes.rows_spanned > 1 || attributes.columns_spanned > 1;
                    if !is_covered && (!cell.is_blank() || is_span) {
                        if column >= MAX_COLUMNS || attributes.times > MAX_COLUMNS - column {
                            let times = attributes.times.max(1) - 1;
                            return Err(super::grid::outside(
                                self.line.saturating_add(1),
                                column.saturating_add(times),
                            ));
                        }
                        cells.push(Found {
                            column,
                            times: attributes.times,
                            cell,
                            rows_spanned: attributes.rows_spanned,
                            columns_spanned: attributes.columns_spanned,
                        });
                    }
                    column = column.saturating_add(attributes.times);
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        let first = self.line.saturating_add(1);
        self.line = self.line.saturating_add(row.times);
        if cells.is_empty() {
            return Ok(true);
        }
        if self.line > MAX_ROWS {
            return Err(super::grid::outside(self.line, cells[0].column));
        }
        let is_hidden = row.is_hidden || self.closed_groups > 0;
        for line in first..=self.line {
            if !visitor.row(line, is_hidden, &cells)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn column_style(&self, column: usize) -> &str {
        let at = self.column_styles.partition_point(|(last, _)| *last < column);
        self.column_styles.get(at).map_or("", |(_, style)| style)
    }
}

struct RowAttributes {
    times: u32,
    is_hidden: bool,
    style: Option<String>,
}

impl RowAttributes {
    fn of(element: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut found = Self { times: 1, is_hidden: false, style: None };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute?;
            match attribute.key.local_name().as_ref() {
                "number-rows-repeated" => found.times = attribute.value.parse().unwrap_or(1),
                "visibility" => {
                    found.is_hidden = matches!(&*attribute.value, "collapse" | "filter");
                }
                "default-cell-style-name" => found.style = Some(unescaped(&attribute)?),
                _ => {}
            }
        }
        Ok(found)
    }
}

struct CellAttributes {
    times: usize,
    rows_spanned: u32,
    columns_spanned: usize,
    style: Option<String>,
    kind: String,
    value: Option<String>,
    has_formula: bool,
    is_error: bool,
}

impl CellAttributes {
    fn of(element: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut found = Self {
            times: 1,
            rows_spanned: 1,
            columns_spanned: 1,
            style: None,
            kind: String::new(),
            value: None,
            has_formula: false,
            is_error: false,
        };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute?;
            let is_extension = attribute.key.as_ref().starts_with("calcext:");
            match attribute.key.local_name().as_ref() {
                "number-columns-repeated" => found.times = attribute.value.parse().unwrap_or(1),
                "number-rows-spanned" => found.rows_spanned = attribute.value.parse().unwrap_or(1),
                "number-columns-spanned" => {
                    found.columns_spanned = attribute.value.parse().unwrap_or(1);
                }
                "style-name" => found.style = Some(unescaped(&attribute)?),
                "value-type" if is_extension => found.is_error = &*attribute.value == "error",
                "value-type" => found.kind = unescaped(&attribute)?,
                "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => {
                    found.value = Some(unescaped(&attribute)?);
                }
                "formula" => found.has_formula = true,
                _ => {}
            }
        }
        Ok(found)
    }

    /// Reads the cell to its end.
    fn read(&self, xml: &mut Xml<'_>, format: Option<&TimeFormat>) -> Result<Cell, Fault> {
        let text = cell_text(xml)?;
        let value = self.value.as_deref().unwrap_or_default().trim();
        let shown = |cell: Cell| {
            let shown = text.as_deref().filter(|text| text.trim() != &*cell.text);
            Cell { shown: shown.map(Into::into), ..cell }
        };
        Ok(match self.kind.as_str() {
            _ if self.is_error => {
                let text = text.filter(|text| !text.trim().is_empty());
                Cell::of_kind(CellKind::Error, text.unwrap_or_else(|| "#VALUE!".to_owned()))
            }
            // A formula with an empty value, ="", has an empty paragraph.
            "" if self.has_formula && text.is_none() => Cell::without_value(),
            "float" | "percentage" | "currency" => match value.parse::<f64>() {
                Ok(number) if number.is_finite() => match text.as_deref().and_then(truth) {
                    Some(value) => Cell::of_boolean(value),
                    None => shown(Cell::of_kind(CellKind::Number, number_text(number))),
                },
                _ => Cell::of_sheet_text(text.unwrap_or_default()),
            },
            "boolean" => Cell::of_boolean(value == "true"),
            "date" => of_date(value, format, || text.clone().unwrap_or_default())
                .unwrap_or_else(|| Cell::of_sheet_text(text.clone().unwrap_or_default())),
            "time" => value
                .parse::<SignedDuration>()
                .ok()
                .and_then(|duration| of_time(duration, format))
                .unwrap_or_else(|| Cell::of_sheet_text(text.clone().unwrap_or_default())),
            _ => Cell::of_sheet_text(text.or_else(|| self.value.clone()).unwrap_or_default()),
        })
    }
}

/// The boolean that `LibreOffice` shows for a number, in the languages of the program.
fn truth(shown: &str) -> Option<bool> {
    match shown.trim() {
        "TRUE" | "WAHR" | "VRAI" | "VERDADERO" | "VERO" | "WAAR" | "PRAWDA" | "VERDADEIRO" => {
            Some(true)
        }
        "FALSE" | "FALSCH" | "FAUX" | "FALSO" | "ONWAAR" | "FA\u{141}SZ" => Some(false),
        _ => None,
    }
}

/// A date, with or without a time of day according to its format, or by default according to `value`.
fn of_date(
    value: &str,
    format: Option<&TimeFormat>,
    shown: impl FnOnce() -> String,
) -> Option<Cell> {
    let time: DateTime = value.parse().ok()?;
    let time = time.round(jiff::Unit::Second).unwrap_or(time);
    let as_written = TimeFormat {
        has_full_date: true,
        has_date: true,
        has_time: value.contains('T'),
        ..TimeFormat::default()
    };
    Some(Cell::of_date_time(time, format.unwrap_or(&as_written), shown))
}

/// A time of day or a duration. Some programs write a time of day as hours since 1900.
fn of_time(duration: SignedDuration, format: Option<&TimeFormat>) -> Option<Cell> {
    let seconds = duration.as_secs_f64();
    match format {
        Some(format) if format.has_date => {
            let first = Date::new(1899, 12, 30).ok()?.at(0, 0, 0, 0);
            let time = first.checked_add(duration).ok()?;
            Some(Cell::of_date_time(time, format, || time.to_string()))
        }
        Some(format) if !format.is_length && seconds >= 86_400.0 => length(seconds % 86_400.0),
        _ => length(seconds),
    }
}

/// The text of a cell that has just started, one line per paragraph; `None` without paragraphs.
/// Comments, drawings and Japanese pronunciation marks are ignored.
fn cell_text(xml: &mut Xml<'_>) -> Result<Option<String>, Fault> {
    let mut found: Option<String> = None;
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "p" | "h" => {
                    let text = found.get_or_insert_default();
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    push_paragraph(xml, text)?;
                    if text.len() > 4 * MAX_CELL_SIZE {
                        return Err(Fault::LargeCell);
                    }
                }
                _ => xml.skip()?,
            },
            Event::End(_) => return Ok(found),
            _ => {}
        }
    }
}

/// Adds the text of a paragraph that has just started.
fn push_paragraph(xml: &mut Xml<'_>, text: &mut String) -> Result<(), Fault> {
    let start = text.len();
    let mut depth = 1_usize;
    while depth > 0 {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "s" => {
                    let count = attribute(&element, "c")?.and_then(|count| count.parse().ok());
                    let count = count.unwrap_or(1_usize).min(MAX_CELL_SIZE);
                    text.extend(std::iter::repeat_n(' ', count));
                    depth += 1;
                }
                "tab" => {
                    text.push('\t');
                    depth += 1;
                }
                "line-break" => {
                    text.push('\n');
                    depth += 1;
                }
                "annotation" | "annotation-end" | "note" | "ruby-text" | "frame"
                | "custom-shape" => {
                    xml.skip()?;
                }
                _ => depth += 1,
            },
            Event::End(_) => depth -= 1,
            Event::Text(part) => push_collapsed(text, start, &part.xml10_content()),
            Event::CData(part) => push_collapsed(text, start, &part.xml10_content()),
            Event::GeneralRef(entity) => push_entity(text, &entity)?,
            _ => {}
        }
        if text.len() > 4 * MAX_CELL_SIZE {
            return Err(Fault::LargeCell);
        }
    }
    Ok(())
}

/// Adds text, with runs of whitespace collapsed to one space and none at the start.
fn push_collapsed(text: &mut String, start: usize, part: &str) {
    for character in part.chars() {
        if !matches!(character, ' ' | '\t' | '\r' | '\n') {
            text.push(character);
        } else if text.len() > start && !text.ends_with(' ') {
            text.push(' ');
        }
    }
}
