//! A roster's bytes as text: older encodings, and workbooks that are not text at all.

use crate::decode::{self, Decoded, NotText};
use encoding_rs::Encoding;

use super::{ReadError, sheet};

/// Decodes a whole file. A BOM wins over the encoding asked for, as in browsers.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<Decoded, ReadError> {
    if sheet::is_workbook(&bytes) {
        return Err(ReadError::Workbook);
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
