//! What a cell holds: nothing, yes or no, an id that Excel left whole, a date.
//!
//! Only the reading of text is done here; whether a value is right for its column is for
//! others to say.

pub(crate) mod date;
pub(crate) mod length;
mod month;

use crate::words::boolean;

/// The cell's text without the blanks at its ends, no-break ones included; none when nothing is
/// left, which means "not given".
pub(crate) fn given(cell: &str) -> Option<&str> {
    Some(cell.trim()).filter(|text| !text.is_empty())
}

/// A cell that must say yes or no, and does not.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither yes nor no; use yes, no, true, false, on, off, 1, 0 or x")]
pub(crate) struct NotYesOrNo;

/// Reads a given cell as yes or no: the words that flags take, and `x` (yes), in any case.
///
/// # Errors
///
/// Anything else.
pub(crate) fn yes_or_no(cell: &str) -> Result<bool, NotYesOrNo> {
    if cell.trim().eq_ignore_ascii_case("x") {
        return Ok(true);
    }
    boolean(cell).ok_or(NotYesOrNo)
}

/// What Excel has made of a cell.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    /// `1.23E+15`: a long number, of which digits are lost.
    #[error(
        "Excel has shortened a long number; format the column as text, enter the number \
         again, and save"
    )]
    Shortened,
    /// `#REF!`, `#N/A` and the like: a formula that failed.
    #[error("a formula in Excel failed here; fix it, or type the value itself, then save")]
    FailedFormula,
    /// A formula whose value was not saved with it.
    #[error(
        "the value of this formula was not saved; open the file in Excel or LibreOffice, and save it again"
    )]
    NoValue,
    /// `####`: a column too narrow to show its value.
    #[error("the column was too narrow in Excel to show the value; widen it, and save again")]
    TooNarrow,
}

/// Whether Excel has damaged the cell beyond repair. For every cell that is sent as text;
/// above all for ids.
///
/// # Errors
///
/// What happened, and how to get the value back.
pub(crate) fn undamaged(cell: &str) -> Result<(), Damage> {
    let text = cell.trim();
    if is_scientific(text) {
        Err(Damage::Shortened)
    } else if text.len() > 1 && text.bytes().all(|byte| byte == b'#') {
        Err(Damage::TooNarrow)
    } else if is_formula_error(text) {
        Err(Damage::FailedFormula)
    } else {
        Ok(())
    }
}

/// `1.23E+15`, with the sign and the two digits that Excel always writes; `1E5` may be
/// somebody's id.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once("E+") else {
        return false;
    };
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    whole.len() == 1 && digits(whole) && digits(decimals) && exponent.len() >= 2 && digits(exponent)
}

/// `#REF!`, `#NAME?`, `#DIV/0!` and what they are called in other languages (`#BEZUG!`);
/// `#N/A` and its translations have no mark at the end.
fn is_formula_error(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else {
        return false;
    };
    if matches!(name, "N/A" | "NV" | "N/D" | "N/B") {
        return true;
    }
    let Some(name) = name.strip_suffix(['!', '?']) else {
        return false;
    };
    !name.is_empty()
        && name.chars().all(|character| {
            character.is_uppercase() || character.is_numeric() || matches!(character, '/' | '_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_cells_are_not_given() {
        assert_eq!(given(""), None);
        assert_eq!(given(" \t\n\u{a0}"), None);
        assert_eq!(given(" x\u{a0}\u{202f}"), Some("x"));
    }

    #[test]
    fn yes_and_no_in_any_case() {
        for cell in ["yes", "YES", "True", "1", "x", " X ", "y", "On"] {
            assert_eq!(yes_or_no(cell), Ok(true), "{cell:?}");
        }
        for cell in ["no", "FALSE", "0", "N", "off"] {
            assert_eq!(yes_or_no(cell), Ok(false), "{cell:?}");
        }
        for cell in ["", "ja", "2", "xx", "yes no"] {
            assert_eq!(yes_or_no(cell), Err(NotYesOrNo), "{cell:?}");
        }
    }

    #[test]
    fn what_excel_damaged_is_seen() {
        for cell in ["1.23E+15", "1,23457E+12", "1E+20", "-4.5E+11", " 1.2E+10 "] {
            assert_eq!(undamaged(cell), Err(Damage::Shortened), "{cell:?}");
        }
        for cell in
            ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#BEZUG!", "#ÜBERLAUF!", "#NV"]
        {
            assert_eq!(undamaged(cell), Err(Damage::FailedFormula), "{cell:?}");
        }
        assert_eq!(undamaged("########"), Err(Damage::TooNarrow));
        for cell in
            ["1E5", "1E+5", "123E+15", "#1", "#", "#general", "#Maths!", "A1E+10", "E+10", "1.E+10"]
        {
            assert_eq!(undamaged(cell), Ok(()), "{cell:?}");
        }
    }
}
