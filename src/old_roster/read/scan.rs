//! Where rows start, and on which line: one pass over the whole text.
//!
//! The csv crate takes rows apart, but swallows the rest of the file after an unclosed
//! quote, joins rows at a stray one, and miscounts lines after blank ones. This pass finds
//! all three, and leaves cells alone.

use super::{ReadError, RowStart};

#[derive(Clone, Copy)]
enum Place {
    CellStart,
    Plain,
    Quoted { opened: u32 },
    AfterQuote { opened: u32 },
}

/// Finds the rows of a CSV text that are not blank. Blank is a row whose cells hold at most
/// blanks: Excel saves an empty, once formatted row as `;;;;`.
pub(super) fn rows(text: &str, delimiter: u8) -> Result<Vec<RowStart>, ReadError> {
    let bytes = text.as_bytes();
    let mut rows = Vec::new();
    let mut place = Place::CellStart;
    let mut start = RowStart { offset: 0, line: 1 };
    let mut line = 1;
    let mut holds_text = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let ends_line = match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        line += u32::from(ends_line);
        let is_text = match byte {
            0..0x80 => !byte.is_ascii_whitespace(),
            // Within a character, whose first byte has told.
            0x80..0xC0 => false,
            0xC0.. => !text[at..].starts_with(char::is_whitespace),
        };
        match (place, byte) {
            (Place::Quoted { opened }, b'"') => place = Place::AfterQuote { opened },
            (Place::Quoted { .. }, _) => holds_text |= is_text,
            (Place::AfterQuote { opened }, b'"') => {
                holds_text = true;
                place = Place::Quoted { opened };
            }
            (_, b'\r' | b'\n') => {
                if holds_text {
                    rows.push(start);
                }
                holds_text = false;
                place = Place::CellStart;
                start = RowStart { offset: offset(at + 1), line: line + u32::from(!ends_line) };
            }
            (_, byte) if byte == delimiter => place = Place::CellStart,
            (Place::CellStart, b'"') => place = Place::Quoted { opened: line },
            (Place::AfterQuote { opened }, _) if is_text => {
                return Err(ReadError::TextAfterQuote { line, opened });
            }
            (Place::AfterQuote { .. }, _) => {}
            (Place::CellStart | Place::Plain, _) => {
                holds_text |= is_text;
                place = Place::Plain;
            }
        }
    }
    if let Place::Quoted { opened } = place {
        return Err(ReadError::UnclosedQuote { line: opened });
    }
    if holds_text {
        rows.push(start);
    }
    rows.shrink_to_fit();
    Ok(rows)
}

/// The caller has refused texts whose offsets do not fit.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
