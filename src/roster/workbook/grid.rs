//! Collects the cells of a sheet: values as text, rows in order, merged cells filled.

use super::number_format::{NumberFormat, TimeFormat, date_time};
use super::{Fault, MAX_ROWS};
use crate::roster::{Cell, CellKind, MAX_CELL_SIZE, MAX_COLUMNS, Row, Rows, column_letters};
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Maximum number of cells to visit when filling merged ranges. Overlapping ranges, which no spreadsheet saves, could take
/// too long.
const MAX_VISITS: usize = 20_000_000;

/// Whole numbers below this have at most 15 digits, as many as a spreadsheet keeps.
const EXACT: f64 = 1e15;

pub(super) struct Grid {
    rows: Rows,
    /// The index of the first row of this sheet.
    first: usize,
    sheet: usize,
    row: Row,
    hidden_columns: Vec<(usize, usize)>,
    merges: Vec<Merge>,
}

/// A merged range; rows are numbered from 1, columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merge {
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    pub(super) first_column: usize,
    pub(super) last_column: usize,
}

impl Grid {
    /// A grid that appends the rows of a sheet to `rows`.
    pub(super) fn new(rows: Rows, sheet: usize) -> Self {
        let first = rows.rows.len();
        let (row, hidden_columns, merges) = (Row::default(), Vec::new(), Vec::new());
        Self { rows, first, sheet, row, hidden_columns, merges }
    }

    /// Starts a row; `line` counts from 1.
    pub(super) fn start_row(&mut self, line: u32, is_hidden: bool) -> Result<(), Fault> {
        if line > MAX_ROWS {
            return Err(outside(line, 0));
        }
        if line == self.row.line {
            self.row.is_hidden |= is_hidden;
            return Ok(());
        }
        if line < self.row.line {
            return Err(Fault::damaged(format!("row {line} follows row {}", self.row.line)));
        }
        self.end_row()?;
        self.row = Row { line, sheet: self.sheet, is_hidden, ..Row::default() };
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Fault> {
        let mut row = std::mem::take(&mut self.row);
        row.cells.shrink_to_fit();
        self.rows.push(row)?;
        Ok(())
    }

    /// Adds a cell to the row, unless it is blank.
    pub(super) fn put(&mut self, column: usize, cell: Cell) -> Result<(), Fault> {
        let line = self.row.line;
        if column >= MAX_COLUMNS {
            return Err(outside(line, column));
        }
        if cell.text.len() > MAX_CELL_SIZE {
            let place = format!("{}{line}", column_letters(column));
            return Err(Fault::Other(format!("has a cell larger than 1 MiB ({place})")));
        }
        if cell.is_blank() {
            return Ok(());
        }
        if self.row.cells.len() <= column {
            self.row.cells.resize_with(column + 1, Cell::default);
        }
        self.row.cells[column] = cell;
        Ok(())
    }

    /// Marks columns as hidden, from `first` to `last` inclusive.
    pub(super) fn hide_columns(&mut self, first: usize, last: usize) {
        self.hidden_columns.push((first, last));
    }

    /// Adds a merged range; ignores a single cell.
    pub(super) fn merge(&mut self, merge: Merge) {
        if merge.first_row < merge.last_row || merge.first_column < merge.last_column {
            self.merges.push(merge);
        }
    }

    /// The rows, and the hidden columns within the width of this sheet.
    pub(super) fn finish(mut self) -> Result<(Rows, Vec<usize>), Fault> {
        self.end_row()?;
        self.fill_merges()?;
        let rows = &self.rows.rows[self.first..];
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        let is_hidden = |column: &usize| {
            self.hidden_columns.iter().any(|(first, last)| (first..=last).contains(&column))
        };
        let hidden = (0..width).filter(is_hidden).collect();
        Ok((self.rows, hidden))
    }

    /// Copies a merged cell to all its rows. Cells that it covers are not shown, so they are cleared.
    fn fill_merges(&mut self) -> Result<(), Fault> {
        let mut visits = 0_usize;
        for merge in std::mem::take(&mut self.merges) {
            let Rows { rows, size } = &mut self.rows;
            let rows = &mut rows[self.first..];
            let start = rows.partition_point(|row| row.line < merge.first_row);
            let end = rows.partition_point(|row| row.line <= merge.last_row);
            let Some(rows) = rows.get_mut(start..end) else { continue };
            let top = rows.first().filter(|row| row.line == merge.first_row);
            let value = top.and_then(|row| row.cell(merge.first_column)).cloned();
            let value = Cell { is_merged: true, ..value.unwrap_or_default() };
            let is_of_one_row = merge.first_row == merge.last_row;
            for row in rows {
                if is_of_one_row {
                    row.merged_across =
                        row.merged_across.max(merge.last_column + 1 - merge.first_column);
                }
                let is_first = row.line == merge.first_row;
                let last = merge.last_column.min(row.cells.len().saturating_sub(1));
                let covered = merge.first_column + usize::from(is_first)..=last;
                visits += 1 + covered.clone().count();
                if visits > MAX_VISITS {
                    return Err(Fault::damaged("its merged cells overlap"));
                }
                for column in covered {
                    if let Some(cell) = row.cells.get_mut(column) {
                        *cell = Cell::default();
                    }
                }
                if !is_first && !value.is_blank() {
                    let missing = (merge.first_column + 1).saturating_sub(row.cells.len());
                    let shown = value.shown.as_ref().map_or(0, |text| text.len());
                    *size += missing * size_of::<Cell>() + value.text.len() + shown + 32;
                    Rows::check(*size)?;
                    row.cells.resize_with(row.cells.len() + missing, Cell::default);
                    row.cells[merge.first_column] = value.clone();
                }
            }
        }
        let (rows, first) = (&mut self.rows.rows, self.first);
        let mut at = 0;
        rows.retain(|row| {
            at += 1;
            at <= first || row.cells.iter().any(|cell| !cell.is_merged && !cell.is_blank())
        });
        Ok(())
    }
}

/// The error for a cell beyond the limits of a spreadsheet.
pub(super) fn outside(line: u32, column: usize) -> Fault {
    Fault::damaged(format!(
        "cell {}{line} is beyond the limit of 16,384 columns and 1,048,576 rows",
        column_letters(column)
    ))
}

impl Cell {
    pub(super) fn of_kind(kind: CellKind, text: impl Into<Box<str>>) -> Self {
        Self { kind, ..Self::of_text(text) }
    }

    /// A formula without a saved value.
    pub(super) fn without_value() -> Self {
        Self::of_kind(CellKind::NoValue, "")
    }

    pub(super) fn of_boolean(value: bool) -> Self {
        Self::of_kind(CellKind::Boolean, if value { "TRUE" } else { "FALSE" })
    }

    /// Text, or an error if it is `LibreOffice`'s code for a failed formula, such as `Err:502`.
    pub(super) fn of_sheet_text(text: impl Into<Box<str>>) -> Self {
        let cell = Self::of_text(text);
        let is_error = cell.text.strip_prefix("Err:").is_some_and(|code| {
            (3..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
        });
        Self { kind: if is_error { CellKind::Error } else { CellKind::Text }, ..cell }
    }

    /// A number, or a date or time if its format makes it one.
    pub(super) fn of_number(number: f64, format: &NumberFormat, is_1904: bool) -> Self {
        if !number.is_finite() {
            return Self::of_kind(CellKind::Error, "#NUM!");
        }
        let text = number_text(number);
        let shown = match format {
            NumberFormat::General => None,
            NumberFormat::Number(_) => format.show(number),
            NumberFormat::Time(time) => {
                if let Some(cell) = of_serial(number, time, is_1904) {
                    return cell;
                }
                None
            }
        };
        let shown = shown.filter(|shown| shown.trim() != text).map(Into::into);
        Self { shown, ..Self::of_kind(CellKind::Number, text) }
    }

    /// A date or time, with the parts that its format shows. `shown` is called only for a format without
    /// a full date.
    pub(super) fn of_date_time(
        date_time: DateTime,
        format: &TimeFormat,
        shown: impl FnOnce() -> String,
    ) -> Self {
        if !format.has_date {
            let seconds = date_time.time().duration_since(jiff::civil::Time::midnight());
            return length(seconds.as_secs_f64()).unwrap_or_default();
        }
        let (kind, code) = match (format.has_time, date_time.second()) {
            (false, _) => (CellKind::Date, "%Y-%m-%d"),
            (true, 0) => (CellKind::DateTime, "%Y-%m-%d %H:%M"),
            (true, _) => (CellKind::DateTime, "%Y-%m-%d %H:%M:%S"),
        };
        let shown = (!format.has_full_date).then(|| shown().into());
        Self { shown, ..Self::of_kind(kind, date_time.strftime(code).to_string()) }
    }
}

/// A date or time from a spreadsheet's serial number; `None` for a number that is neither.
fn of_serial(serial: f64, format: &TimeFormat, is_1904: bool) -> Option<Cell> {
    if format.is_length {
        return length(serial * 86_400.0);
    }
    // Day 0 of 1900 is not a date, so this is a time whatever the format.
    if (0.0..1.0).contains(&serial) && format.has_time && !is_1904 {
        return length(serial * 86_400.0);
    }
    let date_time = date_time(serial, is_1904)?;
    Some(Cell::of_date_time(date_time, format, || format.show(date_time)))
}

/// A duration such as `14:00` or `25:30:15`; `None` if it is negative.
pub(super) fn length(seconds: f64) -> Option<Cell> {
    let seconds = SignedDuration::try_from_secs_f64(seconds.round()).ok()?.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let text = match rest {
        0 => format!("{hours:02}:{minutes:02}"),
        _ => format!("{hours:02}:{minutes:02}:{rest:02}"),
    };
    (seconds >= 0).then(|| Cell::of_kind(CellKind::Time, text))
}

/// A number with up to the 15 digits that spreadsheets keep. A longer one is in scientific notation, as
/// spreadsheets show it, so that the damage is visible.
pub(super) fn number_text(number: f64) -> String {
    let fifteen = format!("{number:.14e}");
    if number.abs() < EXACT {
        let rounded = fifteen.parse::<f64>().unwrap_or(number);
        return if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() };
    }
    let (digits, exponent) = fifteen.split_once('e').unwrap_or((&fifteen, "0"));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}E+{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(number: f64, code: &str) -> (CellKind, String, Option<String>) {
        let cell = Cell::of_number(number, &NumberFormat::parse(code), false);
        (cell.kind, cell.text.into(), cell.shown.map(Into::into))
    }

    #[test]
    fn numbers_become_the_text_that_people_would_type() {
        for (number, text) in [
            (7.0, "7"),
            (-1.5, "-1.5"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1E+15"),
            (1_234_567_890_123_456_789.0, "1.23456789012346E+18"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn the_number_format_decides_between_date_time_and_number() {
        let noon = 46_357.583_333_333_33;
        for (number, code, kind, text, shown) in [
            (701.0, "General", CellKind::Number, "701", None),
            (701.0, "0", CellKind::Number, "701", None),
            (701.0, "0_ ", CellKind::Number, "701", None),
            (701.0, "0000", CellKind::Number, "701", Some("0701")),
            (0.75, "0%", CellKind::Number, "0.75", Some("75%")),
            (46_357.0, "dd.mm.yyyy", CellKind::Date, "2026-12-01", None),
            (noon, "dd.mm.yyyy", CellKind::Date, "2026-12-01", None),
            (noon, "m/d/yy h:mm", CellKind::DateTime, "2026-12-01 14:00", None),
            (46_357.0, "m/d/yy h:mm", CellKind::DateTime, "2026-12-01 00:00", None),
            (46_357.500_011_574_07, "m/d/yy h:mm", CellKind::DateTime, "2026-12-01 12:00:01", None),
            (noon, "h:mm", CellKind::Time, "14:00", None),
            (0.375, "h:mm AM/PM", CellKind::Time, "09:00", None),
            (0.375, "m/d/yy h:mm", CellKind::Time, "09:00", None),
            (1.0625, "[h]:mm", CellKind::Time, "25:30", None),
            (46_054.0, "d-m", CellKind::Date, "2026-02-01", Some("1-2")),
            (46_054.0, "mmm-yy", CellKind::Date, "2026-02-01", Some("Feb-26")),
            (-1.0, "d-m", CellKind::Number, "-1", None),
            (-0.5, "[h]:mm", CellKind::Number, "-0.5", None),
            (1e300, "d-m", CellKind::Number, "1E+300", None),
        ] {
            let expected = (kind, text.to_owned(), shown.map(str::to_owned));
            assert_eq!(cell(number, code), expected, "{number} {code}");
        }
    }

    /// Reads rows (line number and cells) as a sheet with these merged ranges.
    fn grid(rows: &[(u32, &[&str])], merges: &[Merge]) -> Vec<(u32, Vec<String>)> {
        let mut grid = Grid::new(Rows::default(), 0);
        for (line, cells) in rows {
            grid.start_row(*line, false).expect("a row");
            for (column, text) in cells.iter().enumerate() {
                grid.put(column, Cell::of_text(*text)).expect("a cell");
            }
        }
        for merge in merges {
            grid.merge(*merge);
        }
        let (rows, _) = grid.finish().expect("rows");
        let texts = |row: Row| row.cells.into_iter().map(|cell| cell.text.into()).collect();
        rows.rows.into_iter().map(|row| (row.line, texts(row))).collect()
    }

    #[test]
    fn a_merged_cell_applies_to_all_its_rows() {
        let merge = |first_row, last_row, first_column, last_column| Merge {
            first_row,
            last_row,
            first_column,
            last_column,
        };
        let rows: &[(u32, &[&str])] = &[
            (1, &["id", "name"]),
            (2, &["c", "Ada"]),
            (3, &["x", "Bo"]),
            (5, &["", "Cy"]),
            (6, &["z"]),
        ];
        let filled = grid(rows, &[merge(2, 5, 0, 0)]);
        let texts: Vec<Vec<&str>> =
            filled.iter().map(|(_, row)| row.iter().map(String::as_str).collect()).collect();
        assert_eq!(texts, [&["id", "name"][..], &["c", "Ada"], &["c", "Bo"], &["c", "Cy"], &["z"]]);
        // Cells covered by another are not shown, and a merged cell alone does not make a row.
        let filled = grid(
            &[(1, &["Title", "hidden"]), (2, &["a", "b"]), (3, &["", "b"])],
            &[merge(1, 1, 0, 1), merge(2, 3, 0, 1)],
        );
        assert_eq!(
            filled,
            [(1, vec!["Title".into(), String::new()]), (2, vec!["a".into(), String::new()])]
        );
    }

    #[test]
    fn overlapping_merged_ranges_are_handled_quickly() {
        let rows: Vec<(u32, &[&str])> = (1..=5000).map(|line| (line, &["a"][..])).collect();
        let mut grid = Grid::new(Rows::default(), 0);
        for (line, _) in rows {
            grid.start_row(line, false).expect("a row");
            grid.put(0, Cell::of_text("a")).expect("a cell");
        }
        for _ in 0..5000 {
            grid.merge(Merge { first_row: 1, last_row: 1 << 20, first_column: 1, last_column: 1 });
        }
        assert!(matches!(grid.finish(), Err(Fault::Damaged(_))));
    }

    #[test]
    fn cells_outside_a_spreadsheet_and_unordered_rows_are_damage() {
        let mut grid = Grid::new(Rows::default(), 0);
        grid.start_row(2, false).expect("a row");
        assert!(grid.put(16_383, Cell::of_text("x")).is_ok());
        let fault = grid.put(16_384, Cell::of_text("x")).expect_err("outside");
        assert!(fault.to_string().contains("(cell XFE2 is beyond"), "{fault}");
        assert!(grid.start_row(1 << 20, false).is_ok());
        assert!(matches!(grid.start_row((1 << 20) + 1, false), Err(Fault::Damaged(_))));
        assert!(matches!(grid.start_row(2, false), Err(Fault::Damaged(_))));
        let large = grid.put(0, Cell::of_text("x".repeat((1 << 20) + 1))).expect_err("large");
        assert!(large.to_string().contains("has a cell larger than 1 MiB (A1048576)"), "{large}");
    }
}
