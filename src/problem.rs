//! Problems with the input. They are collected, so that one run reports them all.

use crate::error::Error;
use crate::escape::untrusted;
use std::fmt::{self, Write as _};
use std::sync::Mutex;

/// One problem with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a flag, a field, a file with line and column; may be empty.
    pub place: String,
    /// What is wrong, and what is expected.
    pub message: String,
    /// Whether the message continues the place as a sentence (`--id is required`); otherwise a
    /// colon separates them.
    pub is_predicate: bool,
    /// The line of the file, with a mark below the error.
    pub excerpt: Vec<String>,
    pub kind: ProblemKind,
    /// The place in parts, for programs that read errors as JSON.
    pub at: Box<At>,
    /// If one message is about several places, a problem for each of them, for the same programs.
    pub places: Vec<Self>,
}

/// A place in parts. Only some of them apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    pub path: Option<String>,
    /// The line in the file, or the row of a sheet, from 1.
    pub line: Option<u32>,
    /// The column within the line, from 1.
    pub column: Option<u32>,
    /// The cell of a spreadsheet, `Sheet1!B7`.
    pub cell: Option<String>,
    /// The name of the column or field.
    pub field: Option<String>,
    /// The id of the Space.
    pub id: Option<String>,
}

/// A place in a text, as shown in messages: `space.json, line 3, column 11, user.email`.
pub fn place_in_text(name: &str, position: Position, field: &str) -> String {
    let Position { line, column } = position;
    let place = format!("{name}, line {line}, column {column}");
    if field.is_empty() { place } else { format!("{place}, {}", untrusted(field)) }
}

impl At {
    /// Parses a place made by [`place_in_text`], or one with a line but no column; any other place is a
    /// field.
    fn of_place(place: &str) -> Self {
        let number = |text: &str| {
            let end = text.find([',', ':']).unwrap_or(text.len());
            let (number, rest) = text.split_at(end);
            Some((number.parse().ok()?, rest.to_owned()))
        };
        let parts = || {
            let (path, rest) = place.split_once(", line ")?;
            let (line, mut rest) = number(rest)?;
            let mut column = None;
            if let Some(text) = rest.strip_prefix(", column ") {
                let (found, after) = number(text)?;
                (column, rest) = (Some(found), after);
            }
            let field = rest.trim_start_matches([',', ':', ' ']);
            Some(Self {
                path: Some(path.to_owned()),
                line: Some(line),
                column,
                field: (!field.is_empty()).then(|| field.to_owned()),
                ..Self::default()
            })
        };
        let field = || Some(place.to_owned()).filter(|place| !place.is_empty());
        parts().unwrap_or_else(|| Self { field: field(), ..Self::default() })
    }
}

/// Kinds of problem that are handled differently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProblemKind {
    /// Any other problem.
    #[default]
    Wrong,
    /// Something is missing: an example helps, and a prompt can ask for it.
    Missing(Missing),
    /// The lesson is over, which is fine when a roster is renewed.
    Ended,
    /// The config file has a setting that this version does not know.
    UnknownSetting,
}

/// Something that is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The Space id.
    SpaceId,
    /// Who the link is for.
    Person,
    /// A file that only the command line can name.
    File,
}

/// Everything found while checking the input.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What stops the run.
    pub problems: Vec<Problem>,
    /// What does not stop the run.
    pub warnings: Vec<String>,
    /// What to do next, from the first error that says it.
    pub hint: Option<String>,
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
            places: Vec::new(),
        }
    }

    /// A problem as one sentence: `--id is required`.
    pub fn about(place: impl Into<String>, predicate: impl Into<String>) -> Self {
        Self { is_predicate: true, ..Self::new(place, predicate) }
    }

    /// Sets the file, as shown in messages, and the flag that names it.
    pub fn in_file(mut self, path: &str, flag: Option<&str>) -> Self {
        self.at.path = Some(path.to_owned());
        self.at.field = flag.map(str::to_owned);
        self
    }

    /// The place in parts, for programs.
    pub fn parts(&self) -> At {
        let At { path, line, column, cell, field, id } = &*self.at;
        if path.is_none() && line.is_none() && cell.is_none() && field.is_none() {
            return At { id: id.clone(), ..At::of_place(&self.place) };
        }
        let place =
            Some(&self.place).filter(|place| !place.is_empty() && Some(*place) != path.as_ref());
        let field = field.as_ref().or(place).cloned();
        let (path, cell, id) = (path.clone(), cell.clone(), id.clone());
        At { path, line: *line, column: *column, cell, field, id }
    }

    /// Whether something is missing rather than wrong.
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

    /// Adds a problem as one sentence: `--id cannot be used with --guest`.
    pub fn about(&mut self, place: impl Into<String>, predicate: impl Into<String>) {
        self.problems.push(Problem::about(place, predicate));
    }

    /// Adds a problem for something required but missing; `what` describes it.
    pub fn missing(&mut self, missing: Missing, place: impl Into<String>, what: &str) {
        let what = if what.is_empty() { String::new() } else { format!(" ({what})") };
        self.problems.push(Problem {
            kind: ProblemKind::Missing(missing),
            ..Problem::about(place, format!("is required{what}"))
        });
    }

    /// Whether anything is missing, so that an example helps.
    pub fn is_something_missing(&self) -> bool {
        self.problems.iter().any(Problem::is_missing)
    }

    pub fn lacks(&self, missing: Missing) -> bool {
        self.problems.iter().any(|problem| problem.kind == ProblemKind::Missing(missing))
    }

    /// The first problem with something that is wrong rather than missing.
    pub fn first_fault(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| !problem.is_missing())
    }

    /// The value, or `None` with the problem added.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Adds the problems of an error, with its causes and its hint.
    pub fn keep_error(&mut self, error: &Error) {
        let mut problems = error.problems.clone();
        match problems.as_mut_slice() {
            [] => problems.push(Problem::new("", error.message.clone())),
            [problem] => problem.excerpt.clone_from(&error.causes),
            _ => {}
        }
        self.problems.extend(problems);
        self.hint = self.hint.take().or_else(|| error.hint.clone());
    }

    /// An error if there is any problem; nothing was sent.
    pub fn finish(self, hint: Option<String>) -> Result<(), Error> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let mut error = Error::of_problems(self.problems);
        error.hint = self.hint.or(hint);
        Err(error)
    }

    /// Like [`Self::finish`], without "nothing was sent": for commands that never send anything.
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

/// A place in a text file, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset, which must be on a character boundary.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The place where counting starts.
const START: (usize, Position) = (0, Position { line: 1, column: 1 });

/// A text with positions that are looked up one after another.
#[derive(Debug)]
pub struct PlacedText {
    pub text: String,
    /// The last position looked up; the next one is counted from there.
    last: Mutex<(usize, Position)>,
}

impl PlacedText {
    pub fn new(text: String) -> Self {
        Self { text, last: Mutex::new(START) }
    }

    /// The line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        if !self.text.is_char_boundary(offset) {
            return Position::of(&self.text, offset);
        }
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.0 > offset {
            *last = START;
        }
        let (at, mut position) = *last;
        for character in self.text[at..offset].chars() {
            if character == '\n' {
                position = Position { line: position.line + 1, column: 1 };
            } else {
                position.column += 1;
            }
        }
        *last = (offset, position);
        position
    }
}

/// The line at `offset` with its number, and a mark below the error. A long line is cut to the part
/// around the error; the rest of the text is not read.
pub fn excerpt(text: &str, offset: usize, line: usize) -> Vec<String> {
    const BEFORE: usize = 60;
    const SHOWN: usize = 100;
    let is_line = |character: &char| *character != '\n';
    let (before, after) = text.split_at(offset);
    let mut reversed: Vec<char> = before.chars().rev().take_while(is_line).take(BEFORE).collect();
    reversed.reverse();
    let before: String = reversed.iter().collect();
    let after: String = after.chars().take_while(is_line).take(SHOWN - reversed.len()).collect();
    let shown = untrusted(format!("{before}{after}").trim_end_matches('\r'));
    let number = line.to_string();
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
    fn an_excerpt_marks_the_error() {
        let text = "{\n\t\"é\": tru,\n}";
        let offset = text.find("tru").expect("is there");
        assert_eq!(Position::of(text, offset), Position { line: 2, column: 7 });
        assert_eq!(excerpt(text, offset, 2), ["2 | \\t\"é\": tru,", "  |        ^"]);
        assert_eq!(excerpt("", 0, 1), ["1 | ", "  | ^"]);
        assert_eq!(excerpt("{\n", 2, 2), ["2 | ", "  | ^"]);
    }

    #[test]
    fn places_do_not_depend_on_the_order_of_lookups() {
        let text = "{\n\"é\": 1,\r\n  \"b\": 2\n}";
        let placed = PlacedText::new(text.to_owned());
        for offset in (0..=text.len()).chain((0..=text.len()).rev()) {
            if text.is_char_boundary(offset) {
                assert_eq!(placed.position(offset), Position::of(text, offset), "{offset}");
            }
        }
    }

    #[test]
    fn a_place_written_as_text_can_be_parsed() {
        let position = Position { line: 3, column: 11 };
        for (name, field) in [("m.json", "user.email"), ("a, b.json", ""), ("standard input", "id")]
        {
            let at = At::of_place(&place_in_text(name, position, field));
            assert_eq!((at.path.as_deref(), at.line, at.column), (Some(name), Some(3), Some(11)));
            assert_eq!(at.field.as_deref().unwrap_or_default(), field);
        }
        let flag = At { field: Some("--id".to_owned()), ..At::default() };
        assert_eq!(At::of_place("--id"), flag);
    }

    #[test]
    fn a_long_line_is_shown_around_the_error() {
        let text = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let lines = excerpt(&text, 1000, 1);
        assert_eq!(lines[0], format!("1 | {}!{}", "a".repeat(60), "b".repeat(39)));
        assert_eq!(lines[1], format!("  | {}^", " ".repeat(60)));
    }
}
