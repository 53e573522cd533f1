//! `{Tutor ID}_{Student ID}`: text made from a row's cells.
//!
//! Placeholders name columns, matched as headers are. What the text is for is left to the caller.

use super::cell;
use super::read::Cells;
use crate::words::{folded, nearest};

/// A template as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece<String>>,
}

/// A template whose placeholders are columns of one roster, counted from 0.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pieces: Vec<Piece<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<C> {
    Text(String),
    Column(C),
}

/// Why a text is not a template.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// `{Name`
    #[error("the brace before {rest:?} is never closed; to write a brace itself, double it: {{{{")]
    Unclosed {
        /// What follows the brace.
        rest: String,
    },
    /// `Name}`
    #[error("a closing brace has no opening one; to write a brace itself, double it: }}}}")]
    Unopened,
    /// `{}`
    #[error("a placeholder needs the name of a column, such as {{Student}}")]
    Nameless,
}

/// A placeholder that no column is named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownColumn {
    /// As written, without its braces.
    pub(crate) name: String,
    /// The column that is nearest to it.
    pub(crate) suggestion: Option<String>,
}

/// What a template gives for one row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The text; none when there are placeholders and all their cells are empty.
    pub(crate) text: Option<String>,
    /// The columns of the placeholders whose cells are empty.
    pub(crate) empty: Vec<usize>,
}

impl Template {
    /// Reads a template. `{{` and `}}` are braces.
    ///
    /// # Errors
    ///
    /// Braces that do not match, and a placeholder without a name.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
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
            let inside = brace.strip_prefix('{').ok_or(TemplateError::Unopened)?;
            let (name, after) = inside
                .split_once('}')
                .filter(|(name, _)| !name.contains('{'))
                .ok_or_else(|| TemplateError::Unclosed { rest: inside.to_owned() })?;
            if name.trim().is_empty() {
                return Err(TemplateError::Nameless);
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Column(name.trim().to_owned()));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The names of the columns that it needs, in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Column(name) => Some(name.as_str()),
        })
    }

    /// Finds the columns of the placeholders.
    ///
    /// # Errors
    ///
    /// All placeholders that no column is named.
    pub(crate) fn bind(&self, header: &[String]) -> Result<Bound, Vec<UnknownColumn>> {
        let mut unknown = Vec::new();
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => pieces.push(Piece::Text(text.clone())),
                Piece::Column(name) => match position(header, name) {
                    Some(index) => pieces.push(Piece::Column(index)),
                    None => unknown.push(UnknownColumn {
                        suggestion: nearest(name, header.iter().map(|it| it.trim()))
                            .filter(|near| !near.is_empty())
                            .map(str::to_owned),
                        name: name.clone(),
                    }),
                },
            }
        }
        if unknown.is_empty() { Ok(Bound { pieces }) } else { Err(unknown) }
    }
}

/// The column of this name: the very name before one that only matches as headers do.
pub(crate) fn position(header: &[String], name: &str) -> Option<usize> {
    let wanted = folded(name);
    header
        .iter()
        .position(|column| column.trim() == name)
        .or_else(|| header.iter().position(|column| folded(column) == wanted))
}

impl Bound {
    /// The columns that it needs.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Column(index) => Some(*index),
        })
    }

    /// Whether it has no placeholder, and so is the same in every row.
    pub(crate) fn is_constant(&self) -> bool {
        self.columns().next().is_none()
    }

    /// Puts the cells of a row in place of the placeholders. An empty cell gives nothing; blanks
    /// that are left over beside it go, too.
    pub(crate) fn fill(&self, cells: &Cells) -> Filled {
        let mut text = String::new();
        let mut empty = Vec::new();
        let mut filled = 0;
        let mut after_nothing = false;
        for piece in &self.pieces {
            match piece {
                Piece::Column(index) => {
                    if let Some(cell) = cell::given(cells.get(*index)) {
                        text.push_str(cell);
                        filled += 1;
                        after_nothing = false;
                    } else {
                        empty.push(*index);
                        after_nothing = true;
                    }
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
        let is_given = filled > 0 || empty.is_empty();
        Filled { text: is_given.then(|| text.trim().to_owned()), empty }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::old_roster::read::{Format, Reading, Roster, Row};

    /// What a template gives for a roster of one row.
    fn filled(roster: &str, template: &str) -> Filled {
        let roster = Roster::read(roster.into(), &Reading::of(Format::Csv)).expect("a roster");
        let template = Template::parse(template).expect("a template");
        let Row::Cells(cells) = roster.row(0).expect("a row") else { panic!("cells") };
        template.bind(roster.header()).expect("known columns").fill(&cells)
    }

    #[test]
    fn placeholders_become_cells_matched_as_headers_are() {
        let roster = "Tutor ID,First_name,Last-Name,x\nT1,Ann,O'Neill,{y}\n";
        for (template, text) in [
            ("{tutorid}_{x}", "T1_{y}"),
            ("{First name} {LAST NAME}", "Ann O'Neill"),
            ("{{{x}}}", "{{y}}"),
            ("plain", "plain"),
            ("{ Tutor ID }m", "T1m"),
        ] {
            assert_eq!(filled(roster, template).text.as_deref(), Some(text), "{template}");
        }
    }

    #[test]
    fn empty_cells_give_nothing_and_blanks_left_over_go() {
        let roster = "a,b,c\n, \u{a0},x  y\n";
        for (template, text, empty) in [
            ("{c} {a} {c}", Some("x  y x  y"), 1),
            ("{a} {c}", Some("x  y"), 1),
            ("{c} {a} {b}", Some("x  y"), 2),
            ("{a} {b}", None, 2),
            ("{a}m", None, 1),
            ("({a}) {c}", Some("() x  y"), 1),
        ] {
            let filled = filled(roster, template);
            assert_eq!((filled.text.as_deref(), filled.empty.len()), (text, empty), "{template}");
        }
    }

    #[test]
    fn braces_must_match_and_columns_must_be_there() {
        for (text, words) in [
            ("{a", "never closed"),
            ("{a {b}", "never closed"),
            ("a}", "no opening"),
            ("{ }", "name of a column"),
        ] {
            let error = Template::parse(text).expect_err("no template").to_string();
            assert!(error.contains(words), "{error}");
        }
        let header = ["Student".to_owned(), "b".to_owned()];
        let template = Template::parse("{Studnet} {b} {zzz}").expect("a template");
        assert_eq!(template.columns().collect::<Vec<_>>(), ["Studnet", "b", "zzz"]);
        let unknown = template.bind(&header).expect_err("two unknown columns");
        let names: Vec<_> =
            unknown.iter().map(|one| (one.name.as_str(), one.suggestion.as_deref())).collect();
        assert_eq!(names, [("Studnet", Some("Student")), ("zzz", None)]);
    }
}
