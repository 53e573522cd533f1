//! The guard against cells that a spreadsheet would run as formulas.
//!
//! Writing puts `'` before such a cell, reading a LINKS file takes it away. So that both
//! are exact opposites, a cell that already has `'` before such text gets one more.

/// What a cell starts with that a spreadsheet may run (OWASP, "CSV injection").
const TRIGGERS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether, after any number of `'`, the cell starts as a formula does.
fn is_formula_like(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(TRIGGERS)
}

/// Whether the cell must be written with `'` before it.
pub fn needs_guard(cell: &str) -> bool {
    is_formula_like(cell)
}

/// The cell without its guard. Only for cells of a LINKS file: elsewhere `'` is somebody's
/// own.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula_like(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guarded(cell: &str) -> String {
        if needs_guard(cell) { format!("'{cell}") } else { cell.to_owned() }
    }

    #[test]
    fn formulas_are_guarded_and_other_text_is_not() {
        for cell in ["=1+1", "+44 7700", "-1", "@sum", "\tx", "\rx", "'=1", "''-"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "Ann", "'Ann", "' =1", "1-2", "O'Neill", "'"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn taking_the_guard_away_gives_the_cell_back(cell in "'{0,3}[=+@\t\rab-]?.{0,4}") {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(&written), cell.as_str());
        }
    }
}
