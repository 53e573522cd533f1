//! What is told of the rows of a roster: each problem and warning with the place of its row, and of
//! very many the first ones.

use super::rows::Rows;
use crate::error::Error;
use crate::escape::untrusted;
use crate::problem::Problem;
use std::collections::HashSet;

/// How many problems, and how many warnings, are shown.
const SHOWN: usize = 20;

/// The problems and warnings so far.
pub struct Told<'a> {
    rows: &'a Rows,
    warnings: Vec<String>,
    warning_count: usize,
    seen_warnings: HashSet<String>,
    problems: Vec<Problem>,
    problem_count: usize,
}

impl<'a> Told<'a> {
    /// Nothing yet.
    pub fn new(rows: &'a Rows) -> Self {
        Self {
            rows,
            warnings: Vec::new(),
            warning_count: 0,
            seen_warnings: HashSet::new(),
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    /// Whether anything is wrong.
    pub fn has_problems(&self) -> bool {
        self.problem_count > 0
    }

    /// Takes a warning, unless it is one already.
    pub fn warn(&mut self, warning: String) {
        if self.seen_warnings.len() < SHOWN && self.seen_warnings.insert(warning.clone()) {
            self.warnings.push(warning);
            self.warning_count += 1;
        } else if !self.seen_warnings.contains(&warning) {
            self.warning_count += 1;
        }
    }

    /// Takes what is wrong with the launch of this line and id.
    pub fn problem(&mut self, line: u32, id: &str, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < SHOWN {
            let id =
                if id.is_empty() { String::new() } else { format!(" (id \"{}\")", untrusted(id)) };
            let column = self.rows.columns.column_of(&problem.place);
            let row = untrusted(&self.rows.roster.place(line, column));
            let place = match problem.place.as_str() {
                "" => format!("{row}{id}"),
                // A place in JSON names the line already.
                place if self.is_json() && place.contains(", line ") => format!("{place}{id}"),
                place => format!("{row}, {place}{id}"),
            };
            self.problems.push(Problem { place, ..problem });
        }
    }

    /// The place of an earlier row, in words.
    pub fn shown(&self, line: u32) -> String {
        untrusted(&self.rows.roster.place(line, None))
    }

    fn is_json(&self) -> bool {
        self.rows.roster.header_line().is_none()
    }

    /// Where an earlier row is, in words.
    pub fn at(&self, line: u32) -> String {
        let preposition = if self.rows.roster.sheet().is_some() { "in" } else { "on" };
        format!("{preposition} {}", self.shown(line))
    }

    /// The warnings, if nothing is wrong.
    pub fn finish(mut self) -> Result<Vec<String>, Error> {
        if self.has_problems() {
            let mut error = Error::of_problems(self.problems);
            let unshown = self.problem_count - error.problems.len();
            if unshown > 0 {
                error.message =
                    format!("{} problems with the input; nothing was sent", self.problem_count);
                error = error.with_cause(format!("and {unshown} more"));
            }
            return Err(error);
        }
        let unshown = self.warning_count - self.warnings.len();
        if unshown > 0 {
            self.warnings.push(format!("and {unshown} more warnings like these"));
        }
        Ok(self.warnings)
    }
}
