//! Which row names the columns: people put a title, a date or a logo's caption above it.

use super::{ReadError, Reading};
use crate::old_roster::cell;

/// How many rows may stand above the header, and it.
pub(super) const ROWS_SEARCHED: usize = 20;

/// Says whether cells are a header.
pub(crate) type HeaderTest<'a> = &'a dyn Fn(&[String]) -> bool;

/// Where the header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderLine {
    /// Its line, or its row in a spreadsheet.
    pub(crate) line: u32,
    /// How many rows that are not blank stand above it, and are left out.
    pub(crate) left_out: usize,
    /// Whether it passed the test. If not, it is the likeliest, for a message to be about.
    pub(crate) is_found: bool,
}

/// The cells of the header, its index among the rows, and where it is.
type Found = (Vec<String>, usize, HeaderLine);

/// Finds the header among the first rows that are not blank. `row` gives the line and the cells of
/// each, as far as there are rows.
///
/// # Errors
///
/// No rows at all, and a line that is named and holds no row.
pub(super) fn find(
    row: &mut dyn FnMut(usize) -> Option<(u32, Vec<String>)>,
    reading: &Reading<'_>,
) -> Result<Found, ReadError> {
    let mut likeliest: Option<(usize, Found)> = None;
    for index in 0.. {
        let named = reading.header_line;
        let Some((line, cells)) = row(index).filter(|_| index < ROWS_SEARCHED || named.is_some())
        else {
            break;
        };
        if named.is_some_and(|named| named < line) {
            break;
        }
        let is_named = named == Some(line);
        let is_found = (reading.is_header)(&cells);
        let header = HeaderLine { line, left_out: index, is_found };
        if is_named || (named.is_none() && is_found) {
            return Ok((cells, index, header));
        }
        let given = cells.iter().filter(|cell| cell::given(cell).is_some()).count();
        if likeliest.as_ref().is_none_or(|(most, _)| given > *most) {
            likeliest = Some((given, (cells, index, header)));
        }
    }
    match (reading.header_line, likeliest) {
        (Some(line), Some(_)) => Err(ReadError::NoRowAt { line }),
        (_, likeliest) => likeliest.map(|(_, likeliest)| likeliest).ok_or(ReadError::Empty),
    }
}
