//! Detects cells that other programs have damaged, and chooses the text to send for a cell.

use super::{Cell, CellKind};
use std::fmt::{self, Display};

/// Why a cell's value must not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// `#REF!`, `#N/A` and similar.
    FailedFormula,
    /// A formula without a saved value.
    NoValue,
    /// U+FFFD instead of a letter.
    LostLetter,
    /// `1.23E+15`, `1e+05`: digits were lost.
    Scientific,
    /// A number with more digits than a spreadsheet keeps.
    LongNumber,
    /// `########`: the column was too narrow to show the value.
    TooNarrow,
    /// `="007"`.
    FormulaText,
    /// `1001.0`: a program stored an id as a decimal number.
    Decimal,
    /// `02-Jan`, usually from `1-2` or similar.
    BecameDate,
    /// `nan`, `NULL`, `None`: a program's word for an empty cell.
    Nothing,
    /// `'007`: the apostrophe that marks text in a spreadsheet.
    Apostrophe,
    /// Nothing but `?`.
    QuestionMarks,
}

impl Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::FailedFormula => {
                "the formula failed; fix it in the spreadsheet, or type the value instead, then save"
            }
            Self::NoValue => {
                "the value of this formula was not saved; open the file in Excel or LibreOffice and \
                 save it again"
            }
            Self::LostLetter => {
                "a letter was lost and replaced with \u{fffd}; export the file again as UTF-8, or \
                 type the letter"
            }
            Self::Scientific => {
                "a spreadsheet shortened a long number; format the column as text, enter the number \
                 again and save"
            }
            Self::LongNumber => {
                "a number with more than 15 digits, of which Excel keeps only 15; format the column as \
                 text, enter the number again and save"
            }
            Self::TooNarrow => {
                "the column was too narrow to show the value; widen it and save again"
            }
            Self::FormulaText => "a formula, not a plain value; remove the =\" and the \"",
            Self::Decimal => {
                "a program turned it into a decimal number; remove the .0, or export the column \
                 as text"
            }
            Self::BecameDate => {
                "a spreadsheet turned it into a date; format the column as text and enter the \
                 value again"
            }
            Self::Nothing => "the word some programs write for an empty cell; clear the cell",
            Self::Apostrophe => "a spreadsheet added the apostrophe at the start; remove it",
            Self::QuestionMarks => "only question marks; export the file again as UTF-8",
        })
    }
}

/// Damage that matters in every column: a failed formula or a lost letter.
pub fn is_failed(cell: &Cell) -> Option<Damage> {
    let text = cell.text.trim();
    match cell.kind {
        CellKind::Error => Some(Damage::FailedFormula),
        CellKind::NoValue => Some(Damage::NoValue),
        _ if text.contains('\u{fffd}') => Some(Damage::LostLetter),
        _ if is_formula_error(text) => Some(Damage::FailedFormula),
        _ => None,
    }
}

/// Damage that matters in ids and email addresses, where it would go unnoticed.
pub fn damage(cell: &Cell) -> Option<Damage> {
    let text = cell.text.trim();
    let lower = text.to_ascii_lowercase();
    let found = |is_found: bool, damage| is_found.then_some(damage);
    is_failed(cell)
        .or(found(cell.kind == CellKind::Number && is_long_number(text), Damage::LongNumber))
        .or(found(is_scientific(text), Damage::Scientific))
        .or(found(text.len() > 1 && text.bytes().all(|byte| byte == b'#'), Damage::TooNarrow))
        .or(found(text.starts_with("=\"") && text.ends_with('"'), Damage::FormulaText))
        .or(found(
            text.strip_suffix(".0").or(text.strip_suffix(",0")).is_some_and(is_whole_number),
            Damage::Decimal,
        ))
        .or(found(is_day_and_month(&lower), Damage::BecameDate))
        .or(found(matches!(lower.as_str(), "nan" | "null" | "none" | "<na>"), Damage::Nothing))
        .or(found(is_after_apostrophe(text), Damage::Apostrophe))
        .or(found(!text.is_empty() && text.bytes().all(|byte| byte == b'?'), Damage::QuestionMarks))
}

/// The text of a cell for an id or another text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// This text, as the sheet shows it.
    Text(&'a str),
    /// The sheet shows something other than it stores, and either may be meant.
    Differs {
        /// The shown text: `1-2`, `75%`.
        shown: &'a str,
        /// The stored text: `2026-02-01`, `0.75`.
        stored: &'a str,
    },
}

/// The text to send for an id or another text field: as shown if the number format only pads with zeros
/// or fixes the decimals, as stored if the sheet shows nothing else.
pub fn shown_text(cell: &Cell) -> Shown<'_> {
    let stored = cell.text.trim();
    let Some(shown) = cell.shown.as_deref().map(str::trim) else { return Shown::Text(stored) };
    let is_padded = cell.kind == CellKind::Number && is_the_same_number(shown, stored);
    if is_padded { Shown::Text(shown) } else { Shown::Differs { shown, stored } }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_whole_number(text: &str) -> bool {
    is_digits(text.strip_prefix('-').unwrap_or(text))
}

/// Whether the shown text is the stored number, perhaps rounded, in digits and one decimal point or
/// comma: `0701` and `7.50`, but not `75%`, or `1,001` for 1001.
fn is_the_same_number(shown: &str, stored: &str) -> bool {
    let digits = shown.strip_prefix('-').unwrap_or(shown);
    let (whole, decimals) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    if !is_digits(whole) || !is_digits(decimals) {
        return false;
    }
    let (Ok(number), Ok(stored)) = (shown.replace(',', ".").parse::<f64>(), stored.parse::<f64>())
    else {
        return false;
    };
    let places = if digits == whole { 0 } else { decimals.len().min(15) };
    let half = 0.5 / 10_f64.powi(i32::try_from(places).unwrap_or_default());
    // Allow for the rounding of binary numbers.
    (number - stored).abs() <= half * 1.000_001
}

/// A number that has more digits than a spreadsheet can keep.
fn is_long_number(text: &str) -> bool {
    text.contains("E+") || text.bytes().filter(u8::is_ascii_digit).count() > 15
}

/// `1.23E+15`, `1e+05`, with a sign and at least two digits in the exponent; `1E5` may be an id.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else {
        return false;
    };
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    whole.len() == 1
        && is_digits(whole)
        && is_digits(decimals)
        && exponent.len() >= 2
        && is_digits(exponent)
}

/// Matches `'007` and `'+44`, but not `'t Hooft`.
fn is_after_apostrophe(text: &str) -> bool {
    let rest = text.strip_prefix('\'').unwrap_or_default();
    rest.starts_with(|first: char| first.is_ascii_digit() || "=+-@".contains(first))
        && !rest.ends_with('\'')
}

/// `#REF!`, `#NAME?`, `#DIV/0!` and their translations (`#BEZUG!`). `#N/A` and its translations end
/// without a mark.
fn is_formula_error(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else { return false };
    if matches!(name, "N/A" | "NV" | "N/D" | "N/B") {
        return true;
    }
    let Some(name) = name.strip_suffix(['!', '?']) else { return false };
    // Spanish: `#¡REF!`, `#¿NOMBRE?`.
    let name = name.trim_start_matches(['¡', '¿']);
    !name.is_empty()
        && name.chars().all(|character| {
            character.is_uppercase() || character.is_numeric() || matches!(character, '/' | '_')
        })
}

/// Abbreviations of months in spreadsheets: English, German, French, Spanish, Italian, Dutch, Polish and
/// Portuguese.
const MONTHS: [&str; 54] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mrz",
    "mär", "mai", "okt", "dez", "janv", "févr", "mars", "avr", "juin", "juil", "août", "sept",
    "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott", "mrt", "mei",
    "sty", "lut", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru", "fev", "out",
    "märz", "june", "july",
];

/// `02-Jan`, `Jan-02`, `02. Jan`: a day and a month, or a month and a two-digit year.
fn is_day_and_month(lower: &str) -> bool {
    let Some((first, rest)) = lower.split_once(['-', '.']) else { return false };
    let second = rest.trim_start().trim_end_matches('.');
    let is_number = |text: &str| (1..=2).contains(&text.len()) && is_digits(text);
    let is_month = |text: &str| MONTHS.contains(&text);
    (is_number(first) && is_month(second)) || (is_month(first) && is_number(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::of_text(text)
    }

    #[test]
    fn damage_by_other_programs_to_ids_is_reported() {
        for (cells, expected) in [
            (
                &["1.23E+15", "1,23457E+12", "1E+20", "-4.5E+11", " 1.2E+10 ", "1e+05", "1.5e+16"]
                    [..],
                Some(Damage::Scientific),
            ),
            (
                &[
                    "#REF!",
                    "#N/A",
                    "#NAME?",
                    "#DIV/0!",
                    "#BEZUG!",
                    "#\u{dc}BERLAUF!",
                    "#NV",
                    "#¡REF!",
                    "#¿NOMBRE?",
                ],
                Some(Damage::FailedFormula),
            ),
            (&["########", "##"], Some(Damage::TooNarrow)),
            (&["=\"007\"", "=\"\""], Some(Damage::FormulaText)),
            (&["1001.0", "1001,0", "-7.0", "0.0"], Some(Damage::Decimal)),
            (
                &["02-Jan", "2-jan", "Jan-26", "02. Jan", "2.Mrz", "02-janv.", "1-M\u{e4}r"],
                Some(Damage::BecameDate),
            ),
            (&["nan", "NaN", "NULL", "None", "<NA>"], Some(Damage::Nothing)),
            (&["'0701", "'=x", "'+44"], Some(Damage::Apostrophe)),
            (&["?", "????"], Some(Damage::QuestionMarks)),
            (&["M\u{fffd}ller"], Some(Damage::LostLetter)),
            (
                &[
                    "",
                    "1E5",
                    "1E+5",
                    "123E+15",
                    "#1",
                    "#",
                    "#general",
                    "#Maths!",
                    "A1E+10",
                    "1.E+10",
                    "1001",
                    "1001.00",
                    "1.5",
                    "v1.0",
                    "02-Jana",
                    "Jan-2026",
                    "jan",
                    "7-b",
                    "1-2",
                    "nana",
                    "Nonette",
                    "'t Hooft",
                    "'7'",
                    "why?",
                    "12345678901234567890",
                    "=x",
                    "ada@example.org",
                    "2026-12-01",
                    "M\u{fc}ller",
                ],
                None,
            ),
        ] {
            for cell in cells {
                assert_eq!(damage(&text(cell)), expected, "{cell:?}");
            }
        }
    }

    #[test]
    fn only_failed_cells_are_errors_in_every_column() {
        for cell in ["1001.0", "1001,0", "02-Jan", "nan", "'007", "??", "1e+05", "####"] {
            assert_eq!(is_failed(&text(cell)), None);
        }
        assert_eq!(is_failed(&text(" #N/A ")), Some(Damage::FailedFormula));
        let of_kind = |kind| Cell { kind, ..text("x") };
        assert_eq!(is_failed(&of_kind(CellKind::Error)), Some(Damage::FailedFormula));
        assert_eq!(is_failed(&of_kind(CellKind::NoValue)), Some(Damage::NoValue));
    }

    #[test]
    fn a_long_number_counts_as_damaged() {
        let number = |text: &str| damage(&Cell { kind: CellKind::Number, ..Cell::of_text(text) });
        assert_eq!(number("1.23456789012346E+18"), Some(Damage::LongNumber));
        assert_eq!(number("1234567890123456"), Some(Damage::LongNumber));
        assert_eq!(number("123456789012345"), None);
    }

    #[test]
    fn zeros_and_decimals_are_sent_as_shown_and_other_differences_are_not() {
        let cell = |kind, stored: &str, shown: &str| Cell {
            kind,
            shown: Some(shown.into()),
            ..Cell::of_text(stored)
        };
        for (stored, shown) in [
            ("701", "0701"),
            ("7.5", "7.50"),
            ("7.5", "7,50"),
            ("1.005", "1.01"),
            ("-3", "-003"),
            ("1.5", "2"),
        ] {
            let cell = cell(CellKind::Number, stored, shown);
            assert_eq!(shown_text(&cell), Shown::Text(shown));
        }
        for (kind, stored, shown) in [
            (CellKind::Number, "0.75", "75%"),
            (CellKind::Number, "1001", "1,001"),
            (CellKind::Number, "12345", "12"),
            (CellKind::Number, "12", "S012"),
            (CellKind::Number, "12", ""),
            (CellKind::Date, "2026-02-01", "1-2"),
            (CellKind::Text, "701", "0701"),
        ] {
            assert_eq!(shown_text(&cell(kind, stored, shown)), Shown::Differs { shown, stored });
        }
        assert_eq!(shown_text(&text(" 7b ")), Shown::Text("7b"));
    }
}
