//! Templates such as `{Tutor ID}_{Student ID}`: text made from a row's cells. Placeholders are column
//! names, matched like headers; `{Name|flip}` and `{Start|time}` convert the text of a cell.

use super::dates;
use crate::escape::untrusted;
use crate::problem::Problem;
use crate::words::{folded, nearest};

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece<String>>,
}

/// A template with its placeholders resolved to the columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pieces: Vec<Piece<(Slot, String)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<C> {
    Text(String),
    Placeholder(C, Filter),
}

/// The source of a placeholder's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A column, counted from 0.
    Column(usize),
    /// One entry of a cell with several people.
    Each,
}

/// A conversion of a cell's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    None,
    /// `Byron, Ada` becomes `Ada Byron`.
    Flip,
    /// `755`, `7.55` and `2pm` become a time of day.
    Time,
}

/// The result of a template for one row.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text; `None` if there are placeholders and all their cells are empty.
    pub text: Option<String>,
    /// The columns of placeholders with an empty cell.
    pub empty: Vec<usize>,
    /// The text of each placeholder, to distinguish values that look the same when joined.
    pub parts: Vec<String>,
    /// A problem with a cell; its place is the placeholder.
    pub problem: Option<Problem>,
}

impl Template {
    /// Parses a template. `{{` and `}}` are literal braces.
    ///
    /// # Errors
    ///
    /// Unmatched braces, or a placeholder without a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            literal.push_str(before);
            if brace.starts_with("{{") || brace.starts_with("}}") {
                literal.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            let Some(inside) = brace.strip_prefix('{') else {
                return Err("has a } without a {; for a literal }, write }}".to_owned());
            };
            let Some((name, after)) =
                inside.split_once('}').filter(|(name, _)| !name.contains('{'))
            else {
                return Err(format!(
                    "has an unclosed {{ before {:?}; for a literal {{, write {{{{",
                    untrusted(inside)
                ));
            };
            if name.trim().is_empty() {
                return Err(
                    "has an empty {}; put a column name in it, such as {Student}".to_owned()
                );
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            let (name, filter) = match name.rsplit_once('|') {
                Some((name, "flip")) => (name, Filter::Flip),
                Some((name, "time")) => (name, Filter::Time),
                _ => (name, Filter::None),
            };
            pieces.push(Piece::Placeholder(name.trim().to_owned(), filter));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The names in the placeholders, in order; `{each}` is not a column.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Placeholder(name, _) => Some(name.as_str()),
        })
    }

    /// The text of a template without placeholders.
    pub fn constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Finds the columns of the placeholders. `has_each` allows `{each}`.
    ///
    /// # Errors
    ///
    /// The placeholders without a matching column, each with the nearest name.
    pub fn bind(&self, header: &[String], has_each: bool) -> Result<Bound, Vec<String>> {
        let mut unknown = Vec::new();
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => pieces.push(Piece::Text(text.clone())),
                Piece::Placeholder(name, filter) => match position(header, name) {
                    Some(index) => {
                        let of = (Slot::Column(index), header[index].trim().to_owned());
                        pieces.push(Piece::Placeholder(of, *filter));
                    }
                    None if has_each && folded(name) == "each" => {
                        pieces.push(Piece::Placeholder((Slot::Each, "each".to_owned()), *filter));
                    }
                    None => unknown.push(unknown_column(header, name)),
                },
            }
        }
        if unknown.is_empty() { Ok(Bound { pieces }) } else { Err(unknown) }
    }
}

/// The message for an unknown column, with the nearest name.
pub fn unknown_column(header: &[String], name: &str) -> String {
    let near = nearest(name, header.iter().map(|it| it.trim())).filter(|near| !near.is_empty());
    let near =
        near.map_or_else(String::new, |near| format!("; did you mean {{{}}}?", untrusted(near)));
    if near.is_empty() {
        let names = header.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
        let names: Vec<String> = names.map(untrusted).collect();
        return format!("no column named {:?}; columns: {}", untrusted(name), names.join(", "));
    }
    format!("no column named {:?}{near}", untrusted(name))
}

/// The column with this name; an exact match takes precedence over one that ignores case and separators.
pub fn position(header: &[String], name: &str) -> Option<usize> {
    let wanted = folded(name);
    header
        .iter()
        .position(|column| column.trim() == name.trim())
        .or_else(|| header.iter().position(|column| folded(column) == wanted && !wanted.is_empty()))
}

impl Bound {
    /// The columns of the placeholders.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder((Slot::Column(index), _), _) => Some(*index),
            _ => None,
        })
    }

    /// Whether the template has no placeholders and gives the same text for every row.
    pub fn is_constant(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Replaces the placeholders with cells. An empty cell also removes the surplus whitespace next to it.
    pub fn fill(&self, cell: impl Fn(Slot) -> Result<String, Problem>) -> Filled {
        let mut filled = Filled::default();
        let mut text = String::new();
        let mut after_nothing = false;
        for piece in &self.pieces {
            match piece {
                Piece::Placeholder((slot, name), filter) => {
                    let part = cell(*slot).and_then(|part| {
                        filter.apply(&part).map_err(|message| Problem::new("", message))
                    });
                    let part = part.unwrap_or_else(|problem| {
                        let place = format!("{{{}}}", untrusted(name));
                        filled.problem.get_or_insert(Problem { place, ..problem });
                        "?".to_owned()
                    });
                    let part = part.trim();
                    if part.is_empty() {
                        if let Slot::Column(index) = slot {
                            filled.empty.push(*index);
                        }
                        after_nothing = true;
                    } else {
                        text.push_str(part);
                        after_nothing = false;
                    }
                    filled.parts.push(part.to_owned());
                }
                Piece::Text(literal) => {
                    let is_open = text.is_empty() || text.ends_with(char::is_whitespace);
                    let literal =
                        if after_nothing && is_open { literal.trim_start() } else { literal };
                    text.push_str(literal);
                    after_nothing = after_nothing && literal.is_empty();
                }
            }
        }
        let is_given = self.is_constant() || filled.parts.iter().any(|part| !part.is_empty());
        filled.text = is_given.then(|| text.trim().to_owned());
        filled
    }
}

impl Filter {
    fn apply(self, text: &str) -> Result<String, String> {
        match self {
            Self::None => Ok(text.to_owned()),
            Self::Flip => Ok(dates::flip_name(text)),
            Self::Time if text.trim().is_empty() => Ok(String::new()),
            Self::Time => dates::time_of_day(text.trim())
                .ok_or_else(|| format!("{:?} is not a valid time of day", untrusted(text.trim()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_column_name_takes_precedence_over_a_loose_match() {
        let header = ["user-name", "User Name", " Class "].map(str::to_owned);
        for (name, column) in [
            ("User Name", Some(1)),
            ("user-name", Some(0)),
            ("USER NAME", Some(0)),
            ("Class", Some(2)),
            ("class", Some(2)),
            ("", None),
        ] {
            assert_eq!(position(&header, name), column, "{name:?}");
        }
    }
}
