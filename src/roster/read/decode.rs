//! A roster's bytes as text: older encodings, and workbooks that are no text at all.

use crate::decode::{self, Decoded, NotText};
use encoding_rs::Encoding;

use super::ReadError;

/// Decodes a whole file. A BOM wins over the encoding asked for, as in browsers.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<Decoded, ReadError> {
    if let Some(kind) = workbook(&bytes) {
        return Err(ReadError::Workbook { kind });
    }
    let asked = label.map(|label| {
        Encoding::for_label(label.as_bytes())
            .ok_or_else(|| ReadError::UnknownEncoding { label: label.to_owned() })
    });
    decode::decode(bytes, asked.transpose()?).map_err(|error| match error {
        NotText::Utf8 { line } => ReadError::NotUtf8 { line },
        NotText::Encoding { encoding } => ReadError::NotInEncoding { encoding },
    })
}

/// Names a workbook by its first bytes: zip for the newer ones, OLE for the older.
fn workbook(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") {
        Some(".xlsx, .ods or .numbers")
    } else if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        Some(".xls")
    } else {
        None
    }
}
