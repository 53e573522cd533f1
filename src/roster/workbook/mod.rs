//! Spreadsheets.

use super::{ReadOptions, Table, foreign};
use crate::error::{Error, Result};

/// Whether these bytes are a workbook, of a kind that is read or not: a zip archive or an OLE container.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
}

pub(super) fn parse(shown: &str, bytes: Vec<u8>, options: &ReadOptions<'_>) -> Result<Table> {
    let _ = options;
    Err(Error::usage(shown, foreign::instead_of_workbook(shown, &bytes)))
}
