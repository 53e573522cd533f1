//! `--only 'Status!=cancelled'`: which rows are launched.

use super::grid::Grid;
use crate::escape::untrusted;
use crate::problem::{Findings, Problem};
use crate::roster::Row;
use crate::roster::template;

/// The rows that are launched; without conditions all.
#[derive(Debug, Default)]
pub struct Only {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    column: usize,
    test: Test,
    /// In lower case, without outer blanks.
    wanted: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Is,
    IsNot,
    Contains,
}

impl Only {
    /// Reads the conditions of `place` and finds their columns. Problems go into `findings`.
    pub fn new(place: &str, texts: &[String], grid: &Grid, findings: &mut Findings) -> Self {
        let conditions =
            texts.iter().filter_map(|text| findings.keep(condition(place, text, grid)));
        Self { conditions: conditions.collect() }
    }

    /// Whether a row is left out. Several `=` or `~` for one column mean any of them; different
    /// columns, and every `!=`, must all hold.
    pub fn leaves_out(&self, row: &Row) -> bool {
        let cell = |column: usize| {
            let cell = row.cell(column);
            let shown = cell.and_then(|cell| cell.shown.as_deref());
            shown.unwrap_or_else(|| row.text(column)).trim().to_lowercase()
        };
        self.conditions.iter().any(|condition| {
            let holds = |condition: &Condition| {
                let cell = cell(condition.column);
                match condition.test {
                    Test::Is => cell == condition.wanted,
                    Test::IsNot => cell != condition.wanted,
                    Test::Contains => cell.contains(&condition.wanted),
                }
            };
            if condition.test == Test::IsNot {
                return !holds(condition);
            }
            let of_column =
                |other: &&Condition| other.column == condition.column && other.test != Test::IsNot;
            !self.conditions.iter().filter(of_column).any(holds)
        })
    }
}

fn condition(place: &str, text: &str, grid: &Grid) -> Result<Condition, Problem> {
    let label = || format!("{place} {}", untrusted(text));
    let at = text.find(['=', '~']);
    let Some(at) = at.filter(|at| *at > 0) else {
        return Err(Problem::new(
            label(),
            "expected COLUMN=VALUE, COLUMN!=VALUE or COLUMN~TEXT, such as 'Status!=cancelled'",
        ));
    };
    let (test, name) = match (&text[at..=at], text[..at].strip_suffix('!')) {
        ("=", Some(name)) => (Test::IsNot, name),
        ("=", None) => (Test::Is, &text[..at]),
        (_, _) => (Test::Contains, &text[..at]),
    };
    let wanted = text[at + 1..].trim().to_lowercase();
    let Some(column) = template::position(&grid.header, name.trim()) else {
        return Err(Problem::new(label(), template::unknown_column(&grid.header, name.trim())));
    };
    Ok(Condition { column, test, wanted })
}
