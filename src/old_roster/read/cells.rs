//! The cells of one row, and what a spreadsheet knows of each besides its text.

use crate::links::csv_injection as guard;
use crate::old_roster::cell::{self, Damage};

/// What a cell is, in a spreadsheet. In CSV everything is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A date, with or without a time of day: `2026-12-01`, `2026-12-01 14:00`.
    Date,
    /// A time of day or a length of time: `14:00`, `25:30`.
    Time,
    /// `TRUE` or `FALSE`.
    Boolean,
    /// A formula that failed: `#REF!`.
    Error,
    /// A formula without the value that it had.
    Unknown,
}

/// The cells of one row.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
    /// As many as cells, or none at all where everything is text.
    pub(super) kinds: Vec<Kind>,
    pub(super) guarded: bool,
}

impl Cells {
    /// The cell in column `index`, counted from 0; empty when the row ends before it. In a
    /// LINKS file the guard before formula-like text is gone.
    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let cell = &self.text[start..end];
        if self.guarded { guard::unguarded(cell) } else { cell }
    }

    /// What the cell in column `index` is.
    pub(crate) fn kind(&self, index: usize) -> Kind {
        self.kinds.get(index).copied().unwrap_or(Kind::Text)
    }

    /// Whether the row is of a LINKS file, where a date may have become text.
    pub(crate) fn is_of_links(&self) -> bool {
        self.guarded
    }

    /// Whether the cell holds a value at all, whatever is wanted of it.
    ///
    /// # Errors
    ///
    /// A formula that failed, or whose value is not known.
    pub(crate) fn has_value(&self, index: usize) -> Result<(), Damage> {
        match self.kind(index) {
            Kind::Error => Err(Damage::FailedFormula),
            Kind::Unknown => Err(Damage::NoValue),
            _ => Ok(()),
        }
    }

    /// Whether the cell is fit to be sent as text.
    ///
    /// # Errors
    ///
    /// What happened to it, and how to get the value back.
    pub(crate) fn undamaged(&self, index: usize) -> Result<(), Damage> {
        self.has_value(index)?;
        cell::undamaged(self.get(index))
    }
}
