//! What is wrong with the input. Problems are collected, so that one run names them all.

use crate::escape::untrusted;
use std::fmt::{self, Write as _};

/// One thing that is wrong with what the user gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a flag, a field, a file with line and column; may be empty.
    pub place: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The line of the file, with a mark below the fault.
    pub excerpt: Vec<String>,
    /// Of what sort.
    pub sort: Sort,
    /// Whether the message goes on from the place without a colon: `--id is required`.
    pub is_predicate: bool,
}

/// The sorts of problem that somebody tells apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Something is wrong.
    #[default]
    Wrong,
    /// Something is missing, so that an example helps; it can be asked for.
    Missing(Missing),
    /// A time window has passed, which is nobody's fault when a roster is renewed.
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
    /// What is worth a word, though the run goes on.
    pub warnings: Vec<String>,
}

/// The input cannot be used; nothing was sent.
#[derive(Debug)]
pub struct InvalidInput {
    /// At least one.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub unshown: usize,
    /// What to do next, if that is not plain from the problems.
    pub hint: Option<String>,
}

/// The same for a command that never sends anything, and so need not say that nothing was sent.
#[derive(Debug)]
pub struct OfflineInput(pub InvalidInput);

impl Problem {
    /// A problem at a place such as `--id`.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            excerpt: Vec::new(),
            sort: Sort::Wrong,
            is_predicate: false,
        }
    }

    /// What a place such as `--id` is or does: `is required`, `cannot be used with --guest`.
    pub fn about(place: impl Into<String>, predicate: impl Into<String>) -> Self {
        Self { is_predicate: true, ..Self::new(place, predicate) }
    }

    /// Whether something is missing, rather than wrong.
    pub fn is_missing(&self) -> bool {
        matches!(self.sort, Sort::Missing(_))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        if !self.place.is_empty() {
            let colon = if self.is_predicate { "" } else { ":" };
            write!(formatter, "{}{colon} ", self.place)?;
        }
        formatter.write_str(&self.message)
    }
}

impl Findings {
    /// Adds a problem.
    pub fn problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(place, message));
    }

    /// Adds that something is missing that must be given.
    pub fn missing(&mut self, missing: Missing, place: impl Into<String>, what: &str) {
        self.problems.push(Problem {
            sort: Sort::Missing(missing),
            ..Problem::new(place, format!("is missing; {what}"))
        });
    }

    /// Whether anything is missing, so that an example helps.
    pub fn is_something_missing(&self) -> bool {
        self.problems.iter().any(Problem::is_missing)
    }

    /// Whether this is missing.
    pub fn lacks(&self, missing: Missing) -> bool {
        self.problems.iter().any(|problem| problem.sort == Sort::Missing(missing))
    }

    /// The first problem that is more than something missing.
    pub fn first_fault(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| !problem.is_missing())
    }

    /// Takes the value of `result`; its problem, if it has one, is added.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// The end of checking: an error if there is any problem.
    pub fn finish(self, hint: Option<String>) -> Result<(), InvalidInput> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(InvalidInput { problems: self.problems, unshown: 0, hint })
        }
    }
}

impl InvalidInput {
    /// One problem with the command line.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problems: vec![Problem::new(place, message)], unshown: 0, hint: None }
    }

    /// The same with a hint.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The lines below the headline.
    pub fn causes(&self) -> Vec<String> {
        if let [problem] = self.problems.as_slice() {
            return problem.excerpt.clone();
        }
        let mut lines = Vec::new();
        for problem in &self.problems {
            lines.push(problem.to_string());
            lines.extend(problem.excerpt.iter().cloned());
        }
        if self.unshown > 0 {
            lines.push(format!("and {} more", self.unshown));
        }
        lines
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self.problems.as_slice() {
            [problem] => problem.fmt(formatter),
            problems => {
                let count = problems.len() + self.unshown;
                write!(formatter, "{count} problems with the input; nothing was sent")
            }
        }
    }
}

impl std::error::Error for InvalidInput {}

impl fmt::Display for OfflineInput {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self(input) = self;
        match input.problems.as_slice() {
            [problem] => problem.fmt(formatter),
            problems => {
                write!(formatter, "{} problems with the input", problems.len() + input.unshown)
            }
        }
    }
}

impl std::error::Error for OfflineInput {}

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

/// The line that holds `offset`, with its number, counted from `first_line`, and a mark below the
/// fault. Of a long line
/// only the part around the fault is shown.
pub fn excerpt(text: &str, first_line: usize, offset: usize) -> Vec<String> {
    const BEFORE: usize = 60;
    const SHOWN: usize = 100;
    let position = Position::of(text, offset);
    let line = text.lines().nth(position.line - 1).unwrap_or_default();
    let skipped = position.column.saturating_sub(BEFORE + 1);
    let characters = || line.chars().skip(skipped);
    let shown = untrusted(&characters().take(SHOWN).collect::<String>());
    let before: String = characters().take(position.column - 1 - skipped).collect();
    let number = (position.line + first_line - 1).to_string();
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
    fn a_predicate_follows_its_place_without_a_colon() {
        assert_eq!(Problem::about("--id", "is required").to_string(), "--id is required");
        assert_eq!(Problem::new("--id", "unknown").to_string(), "--id: unknown");
        assert_eq!(Problem::about("", "is empty").to_string(), "is empty");
    }

    #[test]
    fn an_excerpt_marks_the_fault() {
        let text = "{\n\t\"é\": tru,\n}";
        let offset = text.find("tru").expect("is there");
        assert_eq!(Position::of(text, offset), Position { line: 2, column: 7 });
        assert_eq!(excerpt(text, 1, offset), ["2 | \\t\"é\": tru,", "  |        ^"]);
        assert_eq!(excerpt("", 1, 0), ["1 | ", "  | ^"]);
        assert_eq!(excerpt("{\n", 1, 2), ["2 | ", "  | ^"]);
    }

    #[test]
    fn a_long_line_is_shown_around_the_fault() {
        let text = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let lines = excerpt(&text, 1, 1000);
        assert_eq!(lines[0], format!("1 | {}!{}", "a".repeat(60), "b".repeat(39)));
        assert_eq!(lines[1], format!("  | {}^", " ".repeat(60)));
    }
}
