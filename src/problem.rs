//! What is wrong with the input. Problems are collected, so that one run names them all.

use crate::error::Error;
use crate::escape::untrusted;
use std::fmt::{self, Write as _};

/// One thing that is wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a flag, a field, a file with line and column; may be empty.
    pub place: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// Whether the message continues the place as a sentence (`--id is required`); else a colon
    /// stands between them.
    pub is_predicate: bool,
    /// The line of the file, with a mark below the fault.
    pub excerpt: Vec<String>,
    /// Which kind of problem it is.
    pub kind: ProblemKind,
    /// The place in parts, for programs that read errors as JSON.
    pub at: Box<At>,
}

/// A place in parts; those that apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    pub path: Option<String>,
    /// The line in the file, or the row of a sheet, from 1.
    pub line: Option<u32>,
    /// The column within the line, from 1.
    pub column: Option<u32>,
    /// The cell of a spreadsheet, `Sheet1!B7`.
    pub cell: Option<String>,
    /// The column's or field's name.
    pub field: Option<String>,
    /// The id of the Space.
    pub id: Option<String>,
}

/// The kinds of problem that are handled differently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProblemKind {
    /// Something is wrong.
    #[default]
    Wrong,
    /// Something is missing, so that an example helps; it can be asked for.
    Missing(Missing),
    /// The lesson is over, which is fine when a roster is renewed.
    Ended,
    /// The config file has a setting that this version does not know.
    UnknownSetting,
}

/// Something that must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The Space's id.
    SpaceId,
    /// Who the link is for.
    Person,
    /// A file that only a command line can name.
    File,
}

/// Everything found while the input was checked.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What makes the run impossible.
    pub problems: Vec<Problem>,
    /// What does not stop the run.
    pub warnings: Vec<String>,
}

impl Problem {
    /// A problem at a place: `--set foo: unknown field`.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            is_predicate: false,
            excerpt: Vec::new(),
            kind: ProblemKind::Wrong,
            at: Box::default(),
        }
    }

    /// What is wrong with a thing, as one sentence: `--id is required`.
    pub fn about(place: impl Into<String>, predicate: impl Into<String>) -> Self {
        Self { is_predicate: true, ..Self::new(place, predicate) }
    }

    /// Whether something is missing, rather than wrong.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, ProblemKind::Missing(_))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        if !self.place.is_empty() {
            formatter.write_str(&self.place)?;
            formatter.write_str(if self.is_predicate { " " } else { ": " })?;
        }
        formatter.write_str(&self.message)
    }
}

impl Findings {
    /// Adds a problem: `--set foo: unknown field`.
    pub fn problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(place, message));
    }

    /// Adds a problem told as one sentence: `--id cannot be used with --guest`.
    pub fn about(&mut self, place: impl Into<String>, predicate: impl Into<String>) {
        self.problems.push(Problem::about(place, predicate));
    }

    /// Adds that something is required, with what it is.
    pub fn missing(&mut self, missing: Missing, place: impl Into<String>, what: &str) {
        let what = if what.is_empty() { String::new() } else { format!(" ({what})") };
        self.problems.push(Problem {
            kind: ProblemKind::Missing(missing),
            ..Problem::about(place, format!("is required{what}"))
        });
    }

    /// Whether something is missing, so that an example helps.
    pub fn is_something_missing(&self) -> bool {
        self.problems.iter().any(Problem::is_missing)
    }

    /// Whether this is missing.
    pub fn lacks(&self, missing: Missing) -> bool {
        self.problems.iter().any(|problem| problem.kind == ProblemKind::Missing(missing))
    }

    /// The first problem that is not something missing.
    pub fn first_fault(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| !problem.is_missing())
    }

    /// The value, or none with the problem kept.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// An error if there is any problem; nothing was sent.
    pub fn finish(self, hint: Option<String>) -> Result<(), Error> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let mut error = Error::of_problems(self.problems);
        error.hint = hint;
        Err(error)
    }

    /// The same for a command that never sends anything, so the message does not say so.
    pub fn finish_offline(self, hint: Option<String>) -> Result<(), Error> {
        self.finish(hint).map_err(|mut error| {
            let length = error.message.strip_suffix("; nothing was sent").map(str::len);
            if let Some(length) = length {
                error.message.truncate(length);
            }
            error
        })
    }
}

/// A place in a text file, as an editor shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset, which must lie on a character's edge.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The line that holds `offset`, with its number, and a mark below the fault. Of a long line only the
/// part around the fault is shown.
pub fn excerpt(text: &str, offset: usize) -> Vec<String> {
    const BEFORE: usize = 60;
    const SHOWN: usize = 100;
    let position = Position::of(text, offset);
    let line = text.lines().nth(position.line - 1).unwrap_or_default();
    let skipped = position.column.saturating_sub(BEFORE + 1);
    let characters = || line.chars().skip(skipped);
    let shown = untrusted(&characters().take(SHOWN).collect::<String>());
    let before: String = characters().take(position.column - 1 - skipped).collect();
    let number = position.line.to_string();
    let mut mark = String::new();
    let _ = write!(
        mark,
        "{} | {}^",
        " ".repeat(number.len()),
        " ".repeat(untrusted(&before).chars().count())
    );
    vec![format!("{number} | {shown}"), mark]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_marks_the_fault() {
        let text = "{\n\t\"é\": tru,\n}";
        let offset = text.find("tru").expect("is there");
        assert_eq!(Position::of(text, offset), Position { line: 2, column: 7 });
        assert_eq!(excerpt(text, offset), ["2 | \\t\"é\": tru,", "  |        ^"]);
        assert_eq!(excerpt("", 0), ["1 | ", "  | ^"]);
        assert_eq!(excerpt("{\n", 2), ["2 | ", "  | ^"]);
    }

    #[test]
    fn a_long_line_is_shown_around_the_fault() {
        let text = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let lines = excerpt(&text, 1000);
        assert_eq!(lines[0], format!("1 | {}!{}", "a".repeat(60), "b".repeat(39)));
        assert_eq!(lines[1], format!("  | {}^", " ".repeat(60)));
    }
}
