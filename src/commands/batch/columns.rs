//! Which columns a roster may have, and what a cell of each becomes in the body.

use super::fields::Fields;
use super::mapping::{Entry, Mapping};
use super::parts::{Part, Source, bind, is_present, parts};
use super::target::{RowValues, Target, target};
use crate::escape::untrusted;
use crate::old_roster::cell::date;
use crate::old_roster::columns::{self, Meaning};
use crate::old_roster::read::{Cells, Roster};
use crate::old_roster::template::Bound;
use crate::problem::Findings;
use crate::words::folded;
use std::collections::BTreeSet;

/// The columns of one roster, understood.
#[derive(Debug)]
pub struct Columns {
    /// All headers, safe to show.
    header: Vec<String>,
    /// The fields of each person of a row; of the only one where people have no names.
    people: Vec<Vec<Part>>,
    /// Whether people have names, and may be missing from a row.
    has_named_people: bool,
    /// Headers whose cells are sent, safe to show.
    pub sent: Vec<String>,
    /// Headers whose cells are kept and not sent, safe to show, each with the known name that it
    /// nearly is.
    pub kept: Vec<(String, Option<String>)>,
    dates: Option<date::DateOrder>,
}

impl Columns {
    /// Understands the header. A roster in JSON has none.
    pub fn new(
        roster: &Roster,
        (mapping, fields): (&Mapping, &Fields),
        dates: Option<date::DateOrder>,
        findings: &mut Findings,
    ) -> Self {
        let header = roster.header().iter().map(|name| untrusted(name.trim())).collect();
        let (people, sent, kept) = (Vec::new(), Vec::new(), Vec::new());
        let has_named_people = !mapping.people.is_empty();
        let mut columns = Self { header, people, has_named_people, sent, kept, dates };
        let known = findings.problems.len();
        let bound = bind(mapping.all(), roster.header(), findings);
        if findings.problems.len() > known {
            return columns;
        }
        let used: BTreeSet<usize> =
            bound.iter().flat_map(|(_, template)| template.columns()).collect();
        if mapping.people.is_empty() {
            let is_used = |index: usize| used.contains(&index);
            let mut own = columns.own_fields(roster, fields, &bound, is_used, findings);
            own.extend(parts(&mapping.entries, roster.header(), true, findings));
            columns.people.push(own);
        } else {
            for error in columns::twice(roster) {
                findings.problem("the header", untrusted(&error.to_string()));
            }
            columns.list(roster, &used);
            columns.add_people(mapping, roster.header(), findings);
        }
        columns
    }

    /// The fields that the roster's own columns are.
    fn own_fields(
        &mut self,
        roster: &Roster,
        fields: &Fields,
        bound: &[(&Entry, Bound)],
        is_used: impl Fn(usize) -> bool,
        findings: &mut Findings,
    ) -> Vec<Part> {
        let mut parts = Vec::new();
        match columns::meanings(roster, &fields.vocabulary(), &is_used) {
            Ok(meanings) => {
                for (index, meaning) in meanings.into_iter().enumerate() {
                    let target =
                        self.column((index, meaning), (bound, fields), is_used(index), findings);
                    let source = Source::Column(index);
                    parts.extend(target.map(|target| Part { source, target, is_own: true }));
                }
            }
            Err(errors) => {
                for error in errors {
                    findings.problem("the header", untrusted(&error.to_string()));
                }
            }
        }
        parts
    }

    /// Where only a recipe speaks: which columns it uses, and which are just kept.
    fn list(&mut self, roster: &Roster, used: &BTreeSet<usize>) {
        for (index, shown) in self.header.iter().enumerate() {
            if used.contains(&index) {
                self.sent.push(shown.clone());
            } else if !roster.is_result(index) && !shown.is_empty() {
                self.kept.push((shown.clone(), None));
            }
        }
    }

    /// The people of a row: what everybody has, unless they have their own, and their own.
    fn add_people(&mut self, mapping: &Mapping, header: &[String], findings: &mut Findings) {
        for person in &mapping.people {
            let is_shared =
                |entry: &&Entry| person.entries.iter().all(|own| own.field != entry.field);
            let shared = mapping.entries.iter().filter(is_shared);
            let mut fields = parts(shared, header, false, findings);
            fields.extend(parts(&person.entries, header, true, findings));
            self.people.push(fields);
        }
    }

    /// What one column is; none if it is nothing but a part of a template.
    fn column(
        &mut self,
        (index, meaning): (usize, Meaning),
        (entries, fields): (&[(&Entry, Bound)], &Fields),
        is_used: bool,
        findings: &mut Findings,
    ) -> Option<Target> {
        let shown = self.header[index].clone();
        let mapped = entries.iter().find(|(entry, _)| entry.field == meaning);
        let is_part = mapped.is_some_and(|(_, template)| template.columns().any(|it| it == index));
        let target = match meaning {
            Meaning::Result => return None,
            Meaning::Kept { .. } if is_used => None,
            Meaning::Kept { suggestion } => {
                // What is mapped was not meant by another column.
                let suggestion = suggestion.filter(|name| {
                    let field = fields.named(name).ok();
                    entries.iter().all(|(entry, _)| Some(&entry.field) != field.as_ref())
                });
                if !shown.is_empty() {
                    self.kept.push((shown, suggestion.map(|name| untrusted(&name))));
                }
                return None;
            }
            _ if is_part => None,
            meaning => {
                if let Some((entry, _)) = mapped {
                    let message = format!(
                        "the column {shown} already fills that field; rename the column, or leave out --map"
                    );
                    findings.problem(entry.label.as_str(), message);
                    return None;
                }
                findings.keep(target(&shown, &format!("column {shown}"), meaning))
            }
        };
        self.sent.push(shown);
        target
    }

    /// The column that a problem at this place is about.
    pub fn column_of(&self, place: &str) -> Option<usize> {
        let column = self.people.iter().flatten().find_map(|part| match &part.source {
            Source::Template { label, template } if label == place => template.columns().next(),
            _ => None,
        });
        column.or_else(|| {
            let wanted = folded(place);
            self.header.iter().position(|header| folded(header) == wanted && !wanted.is_empty())
        })
    }

    /// How many people a row may have.
    pub fn people(&self) -> usize {
        self.people.len().max(1)
    }

    /// Reads the cells of a row as one of its people; empty ones are not given. None if the person
    /// is not in the row: all that would be made from cells is empty.
    pub fn values(
        &self,
        person: usize,
        cells: &Cells,
        findings: &mut Findings,
    ) -> Option<RowValues> {
        let parts = self.people.get(person).map_or(&[][..], Vec::as_slice);
        if self.has_named_people && !is_present(parts, cells) {
            return None;
        }
        let mut values = RowValues::default();
        for part in parts {
            let taken = part.take(cells, &self.header, self.dates, &mut values);
            findings.keep(taken);
        }
        Some(values)
    }
}
