//! What rosters are read as.

mod dialects;
mod json;
mod wild;

use super::*;

/// Reads a CSV roster that must be good.
fn csv(bytes: impl AsRef<[u8]>) -> Roster {
    Roster::read(bytes.as_ref().to_vec(), &Reading::of(Format::Csv)).expect("a good roster")
}

/// Why a CSV roster is refused.
fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let read = Roster::read(bytes.as_ref().to_vec(), &Reading::of(Format::Csv));
    read.expect_err("a bad roster").to_string()
}

/// All cells of a roster, short rows filled up.
fn table(roster: &Roster) -> Vec<Vec<String>> {
    let width = roster.header().len();
    (0..roster.len())
        .map(|index| match roster.row(index).expect("a good row") {
            Row::Cells(cells) => (0..width).map(|column| cells.get(column).to_owned()).collect(),
            Row::Json(line) => vec![line.body().into_owned()],
        })
        .collect()
}

/// The lines that the rows start on.
fn lines(roster: &Roster) -> Vec<u32> {
    (0..roster.len()).map(|index| roster.line(index)).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}
