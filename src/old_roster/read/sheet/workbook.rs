//! The sheets of a workbook, and the cells of the one that is read.

use super::Table;
use super::size::{self, Sort};
use super::value::Value;
use crate::old_roster::read::ReadError;
use crate::words::nearest;
use calamine::{
    Data, DataRef, Ods, OdsError, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError,
    Xlsx, XlsxError,
};
use std::io::Cursor;

/// A workbook in memory.
type Bytes = Cursor<Vec<u8>>;

/// Reads one sheet: the one of this name, else the first that holds anything, and of those that
/// people see before those that are hidden. Gives its name, those of the other sheets that hold
/// something, and its cells.
pub(super) fn read(
    bytes: Vec<u8>,
    wanted: Option<&str>,
) -> Result<(String, Vec<String>, Table), ReadError> {
    let sort = size::sort(&bytes)?;
    let bytes = Cursor::new(bytes);
    match sort {
        Sort::Xlsx => {
            let mut workbook = Xlsx::new(bytes).map_err(xlsx_error)?;
            let sheets = workbook.sheets_metadata().to_vec();
            let (name, others) = choose(&sheets, wanted, |name| holds_cells(&mut workbook, name))?;
            let table = streamed(&mut workbook, &name).map_err(xlsx_error)??;
            Ok((name, others, table))
        }
        Sort::Ods => {
            size::check_whole(bytes.get_ref(), "content.xml")?;
            ranged(&mut Ods::new(bytes).map_err(ods_error)?, wanted)
        }
        Sort::Xls => ranged(&mut Xls::new(bytes).map_err(xls_error)?, wanted),
    }
}

/// The name of the sheet to be read, and of the others that hold something.
fn choose(
    sheets: &[Sheet],
    wanted: Option<&str>,
    mut holds_something: impl FnMut(&str) -> bool,
) -> Result<(String, Vec<String>), ReadError> {
    let sheets: Vec<&Sheet> =
        sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    let mut full: Vec<&Sheet> =
        sheets.iter().copied().filter(|sheet| holds_something(&sheet.name)).collect();
    let chosen = match wanted {
        Some(wanted) => {
            let matches =
                |sheet: &&&Sheet| sheet.name.trim().to_lowercase() == wanted.trim().to_lowercase();
            let sheet = sheets.iter().find(|sheet| sheet.name == wanted);
            sheet.or_else(|| sheets.iter().find(matches)).copied().ok_or_else(|| {
                let names = || sheets.iter().map(|sheet| sheet.name.as_str());
                ReadError::NoSuchSheet {
                    wanted: wanted.to_owned(),
                    suggestion: nearest(wanted, names()).map(str::to_owned),
                    sheets: names().map(str::to_owned).collect(),
                }
            })?
        }
        None => full
            .iter()
            .find(|sheet| sheet.visible == SheetVisible::Visible)
            .or(full.first())
            .copied()
            .ok_or(ReadError::Empty)?,
    };
    full.retain(|sheet| sheet.name != chosen.name);
    let shown = |sheet: &&Sheet| match sheet.visible {
        SheetVisible::Visible => sheet.name.clone(),
        _ => format!("{} (hidden)", sheet.name),
    };
    Ok((chosen.name.clone(), full.iter().map(shown).collect()))
}

/// Whether a sheet holds a value. One that cannot be read does not count.
fn holds_cells(workbook: &mut Xlsx<Bytes>, name: &str) -> bool {
    let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { return false };
    while let Ok(Some(cell)) = cells.next_cell() {
        if Value::of(cell.get_value()).is_some() {
            return true;
        }
    }
    false
}

/// Reads a sheet cell by cell; it is never in memory as a whole.
fn streamed(workbook: &mut Xlsx<Bytes>, name: &str) -> Result<Result<Table, ReadError>, XlsxError> {
    let mut table = Table::default();
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        let value = match Value::of(&cell.value) {
            None if cell.formula.is_some() && cell.value == DataRef::Empty => Value::unknown(),
            None => continue,
            Some(value) => value,
        };
        if let Err(error) = table.push(cell.pos, &value) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(table))
}

/// Reads a sheet of a workbook that comes into memory as a whole.
fn ranged<R>(
    workbook: &mut R,
    wanted: Option<&str>,
) -> Result<(String, Vec<String>, Table), ReadError>
where
    R: Reader<Bytes>,
    R::Error: std::fmt::Display,
{
    let damaged = |error: R::Error| ReadError::DamagedWorkbook { reason: error.to_string() };
    let sheets = workbook.sheets_metadata().to_vec();
    let (name, others) = choose(&sheets, wanted, |name| {
        workbook.worksheet_range(name).is_ok_and(|range| holds_something(&range))
    })?;
    let formulas = workbook.worksheet_formula(&name).map_err(damaged)?;
    let cells = workbook.worksheet_range(&name).map_err(damaged)?;
    let mut table = Table::default();
    let (ends, starts) = ([cells.end(), formulas.end()], [cells.start(), formulas.start()]);
    let Some((last_row, last_column)) =
        ends.into_iter().flatten().reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))
    else {
        return Ok((name, others, table));
    };
    let first_row = starts.into_iter().flatten().map(|(row, _)| row).min().unwrap_or_default();
    for row in first_row..=last_row {
        for column in 0..=last_column {
            let is_formula =
                formulas.get_value((row, column)).is_some_and(|formula| !formula.is_empty());
            let data = cells.get_value((row, column)).unwrap_or(&Data::Empty);
            let value = match Value::of_data(data) {
                None if is_formula && *data == Data::Empty => Value::unknown(),
                None => continue,
                Some(value) => value,
            };
            table.push((row, column), &value)?;
        }
    }
    Ok((name, others, table))
}

fn holds_something(range: &Range<Data>) -> bool {
    range.used_cells().any(|(_, _, data)| Value::of_data(data).is_some())
}

fn xlsx_error(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Password => ReadError::Password,
        error => ReadError::DamagedWorkbook { reason: error.to_string() },
    }
}

fn ods_error(error: OdsError) -> ReadError {
    match error {
        OdsError::Password => ReadError::Password,
        error => ReadError::DamagedWorkbook { reason: error.to_string() },
    }
}

fn xls_error(error: XlsError) -> ReadError {
    match error {
        XlsError::Password => ReadError::Password,
        error => ReadError::DamagedWorkbook { reason: error.to_string() },
    }
}
