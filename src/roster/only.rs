//! Selects the rows to launch: `--only 'Status!=cancelled'`.

use super::{Row, template};
use crate::escape::untrusted;
use crate::problem::{Findings, Problem};

/// Maximum number of a column's values in a message.
const MAX_VALUES: usize = 10;

/// The conditions for rows to launch; without any, all rows are launched.
#[derive(Debug, Default)]
pub struct Only {
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    column: usize,
    test: Test,
    /// In lower case and trimmed.
    wanted: String,
    /// As written, safe to show.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Is,
    IsNot,
    Contains,
}

impl Only {
    /// Parses the conditions of `place` and finds their columns. Adds problems to `findings`.
    pub fn new(place: &str, texts: &[String], header: &[String], findings: &mut Findings) -> Self {
        let conditions =
            texts.iter().filter_map(|text| findings.keep(condition(place, text, header)));
        Self { conditions: conditions.collect() }
    }

    /// Whether a row is left out. To be kept, it must match one `=` or `~` of each column and every `!=`.
    pub fn leaves_out(&self, row: &Row) -> bool {
        self.conditions.iter().any(|condition| {
            if condition.test == Test::IsNot {
                return !condition.holds(row);
            }
            let of_column =
                |other: &&Condition| other.column == condition.column && other.test != Test::IsNot;
            !self.conditions.iter().filter(of_column).any(|it| it.holds(row))
        })
    }

    /// The conditions that no row meets, each with the values of its column.
    pub fn unfulfilled(&self, rows: &[Row]) -> Vec<String> {
        let fulfilled = |it: &&Condition| rows.iter().any(|row| it.holds(row));
        let unfulfilled = self.conditions.iter().filter(|it| !fulfilled(it));
        let explain = |condition: &Condition| {
            let mut values: Vec<&str> = Vec::new();
            for row in rows {
                let value = shown(row, condition.column);
                if !value.is_empty() && !values.contains(&value) && values.len() <= MAX_VALUES {
                    values.push(value);
                }
            }
            let mut listed: Vec<String> =
                values.iter().take(MAX_VALUES).map(|value| untrusted(value)).collect();
            if values.len() > MAX_VALUES {
                listed.push("…".to_owned());
            }
            format!("no row has {}; that column contains: {}", condition.text, listed.join(", "))
        };
        unfulfilled.map(explain).collect()
    }
}

impl Condition {
    fn holds(&self, row: &Row) -> bool {
        let cell = shown(row, self.column).to_lowercase();
        match self.test {
            Test::Is => cell == self.wanted,
            Test::IsNot => cell != self.wanted,
            Test::Contains => cell.contains(&self.wanted),
        }
    }
}

/// The text that a cell shows.
fn shown(row: &Row, column: usize) -> &str {
    let shown = row.cell(column).and_then(|cell| cell.shown.as_deref());
    shown.unwrap_or_else(|| row.text(column)).trim()
}

fn condition(place: &str, text: &str, header: &[String]) -> Result<Condition, Problem> {
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
    let Some(column) = template::position(header, name.trim()) else {
        return Err(Problem::new(label(), template::unknown_column(header, name.trim())));
    };
    Ok(Condition { column, test, wanted, text: untrusted(text) })
}
