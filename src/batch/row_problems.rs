//! Problems with the rows of a roster, grouped by kind for people and listed by place for programs.

use crate::error::Error;
use crate::escape::untrusted;
use crate::problem::{At, Problem};
use crate::words;

/// Maximum number of kinds of problem in a message.
const SHOWN: usize = 20;

/// Number of rows to list per kind before counting the rest.
const NAMED: usize = 3;

/// Up to this many rows are all listed.
const ALL_NAMED: usize = 5;

/// A problem with one row.
#[derive(Debug, Clone)]
pub struct RowProblem {
    /// The row or cell, such as `line 7` or `Sheet1!B7`; safe to show.
    pub place: String,
    pub line: u32,
    pub is_cell: bool,
    /// The id of the row's Space; empty if unknown.
    pub id: String,
    /// The problem; its `place` is the column or field.
    pub problem: Problem,
}

/// A kind of problem and its rows.
struct Group<'a> {
    rows: Vec<&'a RowProblem>,
    field: &'a str,
    generic: (String, bool),
}

impl RowProblem {
    /// The full message for one row.
    fn sentence(&self) -> String {
        let Problem { place: field, message, is_predicate, .. } = &self.problem;
        let id = if self.id.is_empty() {
            String::new()
        } else {
            format!(" (id \"{}\")", untrusted(&self.id))
        };
        // A place in a JSON file includes the line, which may be below the first line of the body.
        let place = if names_line(field) {
            field.clone()
        } else if field.is_empty() {
            self.place.clone()
        } else {
            format!("{}, {field}", self.place)
        };
        let link = if *is_predicate { " " } else { ": " };
        format!("{place}{id}{link}{message}")
    }

    fn for_programs(&self, path: Option<&str>) -> Problem {
        let Problem { place, message, at, .. } = &self.problem;
        // A row of an export is in one of its files.
        let file = self.place.rsplit_once(", line ").map(|(file, _)| file);
        let path = path.map(|path| match file {
            Some(file) if !path.ends_with(file) => format!("{path}/{file}"),
            _ => path.to_owned(),
        });
        let at = At {
            path,
            line: Some(self.line),
            cell: self.is_cell.then(|| self.place.clone()),
            field: (!place.is_empty()).then(|| field(place).to_owned()),
            // If columns are mixed up, the id can be anything, even a join link.
            id: (!self.id.is_empty()).then(|| untrusted(&self.id)),
            column: at.column,
        };
        Problem { at: Box::new(at), message: message.clone(), ..self.problem.clone() }
    }
}

/// Whether a place is a position in a file: `roster.jsonl, line 4, column 7, id`.
fn names_line(place: &str) -> bool {
    let mut parts = place.split(", ");
    parts.any(|part| part.starts_with("line ")) && parts.any(|part| part.starts_with("column "))
}

/// Only the name of the field: `id` for `--map id` and `[map] id`, without the text of a time.
fn field(place: &str) -> &str {
    if names_line(place) {
        return place.rsplit(", ").next().unwrap_or(place);
    }
    let name = place.strip_prefix("--map ").unwrap_or(place);
    let name = match name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, name)) => name,
        None => name,
    };
    name.split([',', '"']).next().unwrap_or(name).trim_end()
}

/// The message without the row's own value, and whether it is a predicate.
fn generic(problem: &Problem) -> (String, bool) {
    let message = problem.message.as_str();
    if let Some(rest) = message.strip_prefix('"') {
        let closed = rest.match_indices('"').find(|(at, _)| {
            !rest[..*at].ends_with('\\') && rest[at + 1..].starts_with([' ', ':', ','])
        });
        if let Some((at, _)) = closed {
            let rest = &rest[at + 1..];
            return match rest.strip_prefix(": ") {
                Some(rest) => (rest.to_owned(), false),
                None => (rest.trim_start_matches([',', ' ']).to_owned(), true),
            };
        }
    }
    if let Some((before, other)) = message.split_once(" is already ") {
        let remedy = other.find(';').map_or("", |at| &other[at..]);
        return (format!("{before} is already in an earlier row{remedy}"), problem.is_predicate);
    }
    let cut = message.find(", not \"").unwrap_or(message.len());
    (message[..cut].to_owned(), problem.is_predicate)
}

fn groups(problems: &[RowProblem]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for row in problems {
        let field = row.problem.place.as_str();
        let generic = generic(&row.problem);
        match groups.iter_mut().find(|group| group.field == field && group.generic == generic) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { rows: vec![row], field, generic }),
        }
    }
    groups.sort_by_key(|group| !is_flag(group.field));
    groups
}

/// Whether a problem or warning is about a flag, and so the same in every row.
fn is_flag(text: &str) -> bool {
    text.starts_with("--") && !text.starts_with("--map ")
}

impl Group<'_> {
    fn sentence(&self) -> String {
        let [first, rest @ ..] = self.rows.as_slice() else { return String::new() };
        if is_flag(self.field) {
            return first.problem.to_string();
        }
        if rest.is_empty() {
            return first.sentence();
        }
        let (message, is_predicate) = &self.generic;
        let is_same = rest.iter().all(|row| row.problem.message == first.problem.message);
        let (message, is_predicate) = if is_same {
            (&first.problem.message, &first.problem.is_predicate)
        } else {
            (message, is_predicate)
        };
        let link = match (self.field.is_empty(), is_predicate) {
            (true, _) => "",
            (false, true) => " ",
            (false, false) => ": ",
        };
        let places: Vec<&str> = self.rows.iter().map(|row| row.place.as_str()).collect();
        format!("{}{link}{message}: {}", self.field, rows(&places))
    }
}

/// `lines 4, 9, 12 and 31 more`.
pub fn rows(places: &[impl AsRef<str>]) -> String {
    let mut places: Vec<&str> = places.iter().map(AsRef::as_ref).collect();
    places.dedup();
    let lines: Vec<&str> = places.iter().filter_map(|it| it.strip_prefix("line ")).collect();
    match lines.as_slice() {
        [line] if places.len() == 1 => format!("line {line}"),
        lines if lines.len() == places.len() => format!("lines {}", listed(lines)),
        _ => listed(&places),
    }
}

/// `4, 9 and 12`, or only the first of many.
pub fn listed(places: &[&str]) -> String {
    let mut places: Vec<&str> = places.to_vec();
    places.dedup();
    words::listed(&places, ALL_NAMED, NAMED)
}

/// Each warning once, with its rows.
pub fn warnings(found: &[(String, String)]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (warning, place) in found {
        match groups.iter_mut().find(|(other, _)| other == warning) {
            Some((_, places)) if places.last() == Some(&place.as_str()) => {}
            Some((_, places)) => places.push(place),
            None => groups.push((warning, vec![place])),
        }
    }
    let shown = groups.into_iter().map(|(warning, places)| {
        let lines: Vec<&str> = places.iter().filter_map(|it| it.strip_prefix("line ")).collect();
        match lines.as_slice() {
            _ if is_flag(warning) => warning.to_owned(),
            [_] if warning.split_once(": ").is_some_and(|(place, _)| names_line(place)) => {
                warning.to_owned()
            }
            [line] => format!("line {line}: {warning}"),
            lines if lines.len() == places.len() => format!("{warning}: lines {}", listed(lines)),
            _ => format!("{warning}: {}", listed(&places)),
        }
    });
    shown.collect()
}

/// The error for problems with flags and rows; `path` is the roster's path.
pub fn error(flags: Vec<Problem>, rows: &[RowProblem], path: Option<&str>) -> Error {
    let groups = groups(rows);
    if groups.is_empty() {
        return Error::of_problems(flags);
    }
    let count = flags.len() + groups.len();
    let mut causes = Vec::new();
    for problem in &flags {
        causes.push(problem.to_string());
        causes.extend(problem.excerpt.iter().cloned());
    }
    for group in &groups {
        causes.push(group.sentence());
        if let [row] = group.rows.as_slice() {
            causes.extend(row.problem.excerpt.iter().cloned());
        }
    }
    let message = if count == 1 {
        causes.remove(0)
    } else {
        format!("{count} problems with the input; nothing was sent")
    };
    let causes = words::first_of(causes, SHOWN);
    let mut problems = flags;
    for group in &groups {
        match group.rows.first() {
            Some(first) if is_flag(group.field) => problems.push(first.problem.clone()),
            _ => problems.extend(group.rows.iter().map(|row| row.for_programs(path))),
        }
    }
    Error::new(crate::error::Kind::Usage, message).with_causes(causes).with_problems(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, problem: Problem) -> RowProblem {
        let place = format!("line {line}");
        RowProblem { place, line, is_cell: false, id: "7a".to_owned(), problem }
    }

    #[test]
    fn each_kind_of_problem_is_listed_once_with_its_rows() {
        let address = |line, text: &str| {
            row(line, Problem::new("user email", format!("\"{text}\" is not an email address")))
        };
        let many: Vec<RowProblem> = (4..38).map(|line| address(line, &line.to_string())).collect();
        let mut all = many;
        all.push(row(5, Problem::new("leader", "expected yes or no, not \"maybe\"")));
        all.push(row(6, Problem::new("leader", "expected yes or no, not \"perhaps\"")));
        all.push(row(9, Problem::new("role", "expected yes or no, not \"maybe\"")));
        let error = error(vec![Problem::new("--rate", "is wrong")], &all, Some("r.csv"));
        assert_eq!(error.message, "4 problems with the input; nothing was sent");
        assert_eq!(
            error.causes,
            [
                "--rate: is wrong",
                "user email is not an email address: lines 4, 5, 6 and 31 more",
                "leader: expected yes or no: lines 5 and 6",
                "line 9, role (id \"7a\"): expected yes or no, not \"maybe\"",
            ]
        );
        assert_eq!(error.problems.len(), 38);
        assert_eq!(error.problems[1].at.line, Some(4));
        assert_eq!(field("--map id"), "id");
        assert_eq!(field("--map id, {Class}"), "id");
        assert_eq!(field("r.jsonl, line 4, column 7, user.email"), "user.email");
        assert_eq!(field("[people.a b] user name"), "user name");
        assert_eq!(field("not before \"1/2/26\""), "not before");
    }

    #[test]
    fn a_single_problem_is_the_whole_message() {
        let error = error(Vec::new(), &[row(5, Problem::about("id", "is required"))], None);
        assert_eq!(error.message, "line 5, id (id \"7a\") is required");
        assert!(error.causes.is_empty());
    }

    #[test]
    fn a_short_list_of_places_is_complete() {
        assert_eq!(listed(&["1"]), "1");
        assert_eq!(listed(&["1", "2"]), "1 and 2");
        assert_eq!(listed(&["1", "2", "3", "4", "5"]), "1, 2, 3, 4 and 5");
        assert_eq!(listed(&["1", "2", "3", "4", "5", "6"]), "1, 2, 3 and 3 more");
    }
}
