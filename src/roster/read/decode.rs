//! Bytes to text: BOMs, UTF-16, older encodings, and workbooks that are not text at all.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{ReadError, sheet};

/// How much of a file without BOM is looked at to tell UTF-16 from UTF-8.
const LOOKED_AT: usize = 1024;

/// A roster's text, without its BOM.
pub(super) struct Decoded {
    /// The text.
    pub(super) text: String,
    /// Whether there was a BOM, or UTF-16, which becomes UTF-8 with one.
    pub(super) wants_bom: bool,
}

/// Decodes a whole file. A BOM wins over the encoding asked for, as in browsers.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<Decoded, ReadError> {
    if sheet::is_workbook(&bytes) {
        return Err(ReadError::Workbook);
    }
    let asked = label.map(|label| {
        Encoding::for_label(label.as_bytes())
            .ok_or_else(|| ReadError::UnknownEncoding { label: label.to_owned() })
    });
    let asked = asked.transpose()?;
    let (encoding, bom_length) = Encoding::for_bom(&bytes)
        .or_else(|| asked.map(|encoding| (encoding, 0)))
        .or_else(|| utf_16_without_bom(&bytes).map(|encoding| (encoding, 0)))
        .unwrap_or((UTF_8, 0));
    let wants_bom = bom_length > 0 || encoding == UTF_16LE || encoding == UTF_16BE;
    let text = if encoding == UTF_8 {
        utf_8(bytes, bom_length)?
    } else {
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[bom_length..])
            .ok_or(ReadError::NotInEncoding { encoding: encoding.name() })?;
        let mut text = text.into_owned();
        text.shrink_to_fit();
        text
    };
    Ok(Decoded { text, wants_bom })
}

/// UTF-8 in place: a large roster is not copied.
fn utf_8(bytes: Vec<u8>, bom_length: usize) -> Result<String, ReadError> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        ReadError::NotUtf8 { line: line_at_end_of(valid) }
    })?;
    text.drain(..bom_length);
    Ok(text)
}

/// The number of the line that starts, or goes on, where the text stops.
fn line_at_end_of(text: &[u8]) -> u32 {
    let ends = text.iter().enumerate().filter(|&(at, &byte)| {
        byte == b'\n' || (byte == b'\r' && text.get(at + 1) != Some(&b'\n'))
    });
    u32::try_from(ends.count() + 1).unwrap_or(u32::MAX)
}

/// UTF-16 shows in rosters by the zero bytes on one side of its ASCII characters.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes[..bytes.len().min(LOOKED_AT)].as_chunks::<2>();
    let zeros_first = pairs.iter().filter(|pair| pair[0] == 0).count();
    let zeros_second = pairs.iter().filter(|pair| pair[1] == 0).count();
    let many = |zeros: usize| zeros * 3 > pairs.len();
    match (many(zeros_first), many(zeros_second)) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}
