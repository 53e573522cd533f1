//! Which columns a roster may have, and what a cell of each becomes in the body.

use super::fields::{Fields, KNOWN, Known};
use super::mapping::{Entry, Mapping};
use crate::body::{Assignment, ValidFor, ValueClass};
use crate::escape::untrusted;
use crate::nearest::folded;
use crate::problem::{Findings, Problem};
use crate::roster::cell::{self, date, length};
use crate::roster::columns::{self, Meaning};
use crate::roster::read::{Cells, Kind, Roster};
use crate::roster::template::Bound;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What one column's cells become.
#[derive(Debug)]
enum Target {
    Path { label: Arc<str>, path: Arc<[String]>, class: ValueClass },
    ValidFor { label: Arc<str> },
    TimeZone,
    Guest,
    Feature { label: Arc<str> },
    Webhook { label: Arc<str> },
    Kept,
}

/// Where a value is taken from.
#[derive(Debug)]
enum Source {
    Column(usize),
    Template { label: String, template: Bound },
}

/// The columns of one roster, understood.
#[derive(Debug)]
pub struct Columns {
    /// All headers, safe to show.
    header: Vec<String>,
    parts: Vec<(Source, Target)>,
    /// Headers whose cells are sent, safe to show.
    pub sent: Vec<String>,
    /// Headers whose cells are kept and not sent, safe to show, each with the known name that it
    /// nearly is.
    pub kept: Vec<(String, Option<String>)>,
    dates: Option<date::DateOrder>,
}

/// What the cells of one row ask for.
#[derive(Debug, Default)]
pub struct RowValues {
    /// What is put where.
    pub assignments: Vec<Assignment>,
    /// The length of the window.
    pub valid_for: Option<ValidFor>,
    /// The zone of this row's times.
    pub time_zone: Option<String>,
    /// No person at all.
    pub guest: bool,
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
        let (parts, sent, kept) = (Vec::new(), Vec::new(), Vec::new());
        let mut columns = Self { header, parts, sent, kept, dates };
        let entries = bind(&mapping.entries, roster.header(), findings);
        let used: BTreeSet<usize> =
            entries.iter().flat_map(|(_, template)| template.columns()).collect();
        let is_used = |index: usize| used.contains(&index);
        match columns::meanings(roster, &fields.vocabulary(), is_used) {
            Ok(meanings) => {
                for (index, meaning) in meanings.into_iter().enumerate() {
                    columns.column((index, meaning), &entries, is_used(index), findings);
                }
            }
            Err(errors) => {
                for error in errors {
                    findings.problem("the header", untrusted(&error.to_string()));
                }
            }
        }
        for (entry, template) in entries {
            let label = entry.label.as_str();
            if let Some(target) = findings.keep(target(label, label, entry.field.clone())) {
                let source = Source::Template { label: label.to_owned(), template };
                columns.parts.push((source, target));
            }
        }
        columns
    }

    /// Takes in one column, unless it is nothing but a part of a template.
    fn column(
        &mut self,
        (index, meaning): (usize, Meaning),
        entries: &[(&Entry, Bound)],
        is_used: bool,
        findings: &mut Findings,
    ) {
        let shown = self.header[index].clone();
        let mapped = entries.iter().find(|(entry, _)| entry.field == meaning);
        let is_part = mapped.is_some_and(|(_, template)| template.columns().any(|it| it == index));
        let target = match meaning {
            Meaning::Result => return,
            Meaning::Kept { .. } if is_used => None,
            Meaning::Kept { suggestion } => {
                if !shown.is_empty() {
                    self.kept.push((shown, suggestion.map(|name| untrusted(&name))));
                }
                return;
            }
            _ if is_part => None,
            meaning => {
                if let Some((entry, _)) = mapped {
                    let message = format!(
                        "the column {shown} is that field already; rename the column, or leave \
                         the map out"
                    );
                    findings.problem(entry.label.as_str(), message);
                    return;
                }
                findings.keep(target(&shown, &format!("column {shown}"), meaning))
            }
        };
        self.parts.extend(target.map(|target| (Source::Column(index), target)));
        self.sent.push(shown);
    }

    /// The column that a problem at this place is about.
    pub fn column_of(&self, place: &str) -> Option<usize> {
        let column = self.parts.iter().find_map(|(source, _)| match source {
            Source::Template { label, template } if label == place => template.columns().next(),
            _ => None,
        });
        column.or_else(|| {
            let wanted = folded(place);
            self.header.iter().position(|header| folded(header) == wanted && !wanted.is_empty())
        })
    }

    /// Reads the cells of a row; empty ones are not given.
    pub fn values(&self, cells: &Cells, findings: &mut Findings) -> RowValues {
        let mut values = RowValues::default();
        for (source, target) in &self.parts {
            let result = match source {
                Source::Column(index) => self.cell(target, cells, *index, &mut values),
                Source::Template { label, template } => {
                    self.fill(target, (label, template), cells, &mut values)
                }
            };
            findings.keep(result);
        }
        values
    }

    /// Takes one cell.
    fn cell(
        &self,
        target: &Target,
        cells: &Cells,
        index: usize,
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        let text = cells.get(index);
        let fault = cells.has_value(index).err().map(|error| {
            let shown = untrusted(text.trim());
            let shown = if shown.is_empty() { shown } else { format!("{shown:?}: ") };
            Problem::new(self.header[index].as_str(), format!("{shown}{error}"))
        });
        if let Some(fault) = fault {
            // An id with a fault is still no id that is missing.
            if let (true, Target::Path { label, path, .. }) = (target.is_id(), target) {
                let (label, path, value) = (label.clone(), path.clone(), "?".to_owned());
                values.assignments.push(Assignment { label, path, value });
            }
            return Err(fault);
        }
        let Some(text) = cell::given(text) else { return Ok(()) };
        if target.is_time() && cells.kind(index) == Kind::Date {
            return self.take(target, &with_time(text), values);
        }
        self.take(target, text, values)
    }

    /// Takes what a template gives for a row.
    fn fill(
        &self,
        target: &Target,
        (label, template): (&str, &Bound),
        cells: &Cells,
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        let problem = |message: String| Problem::new(label, message);
        let damaged = template.columns().find_map(|column| {
            let error = cells.undamaged(column).err()?;
            let shown = untrusted(cells.get(column).trim());
            Some(problem(format!("{:?} in {{{}}}: {error}", shown, self.header[column])))
        });
        let filled = template.fill(cells);
        let is_id = target.is_id();
        let empty = filled.empty.first().filter(|_| is_id).map(|column| {
            problem(format!(
                "{{{}}} is empty, and two Spaces could become one without it; fill it in",
                self.header[*column]
            ))
        });
        let fault = damaged.or(empty);
        let text = match filled.text {
            None if is_id => "?".to_owned(),
            None => return fault.map_or(Ok(()), Err),
            Some(text) => text,
        };
        let is_date = template.columns().any(|column| cells.kind(column) == Kind::Date);
        match fault {
            None if target.is_time() && is_date => self.take(target, &with_time(&text), values),
            None => self.take(target, &text, values),
            Some(fault) => {
                // An id with a fault is still no id that is missing.
                if let (true, Target::Path { label, path, .. }) = (is_id, target) {
                    let (label, path) = (label.clone(), path.clone());
                    values.assignments.push(Assignment { label, path, value: text });
                }
                Err(fault)
            }
        }
    }

    fn take(&self, target: &Target, cell: &str, values: &mut RowValues) -> Result<(), Problem> {
        match target {
            Target::Kept => {}
            Target::ValidFor { label } => {
                let text = length::length_text(cell).into_owned();
                values.valid_for = Some(ValidFor { label: label.clone(), text });
            }
            Target::TimeZone => values.time_zone = Some(cell.trim().to_owned()),
            Target::Guest => {
                values.guest = yes_or_no(cell).map_err(|text| Problem::new("guest", text))?;
            }
            Target::Feature { label } => {
                let assigned = Assignment::parse_feature(cell.trim()).map(|one| vec![one]);
                values.assignments.extend(at_column(label, assigned)?);
            }
            Target::Webhook { label } => {
                let assigned = Assignment::parse_webhook(cell.trim());
                values.assignments.extend(at_column(label, assigned)?);
            }
            Target::Path { label, path, class } => {
                let value = self.value(*class, cell);
                let fault = value.as_ref().err().map(|message| Problem::new(&**label, message));
                // An id with a fault is still no id that is missing.
                let value = value.ok().or_else(|| target.is_id().then(|| cell.to_owned()));
                if let Some(value) = value {
                    let (label, path) = (label.clone(), path.clone());
                    values.assignments.push(Assignment { label, path, value });
                }
                return fault.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    fn value(&self, class: ValueClass, cell: &str) -> Result<String, String> {
        match class {
            ValueClass::Boolean => Ok(yes_or_no(cell)?.to_string()),
            ValueClass::Time => date::time_text(cell, self.dates)
                .map(std::borrow::Cow::into_owned)
                .map_err(|error| format!("{:?}: {error}", untrusted(cell))),
            ValueClass::Other => {
                cell::undamaged(cell).map_err(|error| format!("{:?}: {error}", untrusted(cell)))?;
                Ok(cell.to_owned())
            }
        }
    }
}

/// The entries with their placeholders found among the columns.
fn bind<'a>(
    entries: &'a [Entry],
    header: &[String],
    findings: &mut Findings,
) -> Vec<(&'a Entry, Bound)> {
    let mut bound = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.template.bind(header) {
            Ok(template) => bound.push((entry, template)),
            Err(unknown) => {
                for column in unknown {
                    let near = column.suggestion.map_or_else(String::new, |near| {
                        format!("; did you mean {{{}}}?", untrusted(&near))
                    });
                    let message =
                        format!("no column is called {:?}{near}", untrusted(&column.name));
                    findings.problem(entry.label.as_str(), message);
                }
            }
        }
    }
    bound
}

/// What the values of a field become. `label` names them in messages, `place` the field itself.
fn target(label: &str, place: &str, meaning: Meaning) -> Result<Target, Problem> {
    let label: Arc<str> = label.into();
    let path = |path: Arc<[String]>| {
        let class = Assignment::class(&path);
        Target::Path { label: label.clone(), path, class }
    };
    Ok(match meaning {
        Meaning::Result | Meaning::Kept { .. } => Target::Kept,
        Meaning::Path(text) => {
            path(Assignment::parse_path(&text).map_err(|message| Problem::new(place, message))?)
        }
        Meaning::Known(index) => match KNOWN[index].2 {
            Known::Path(text) => path(text.split('.').map(str::to_owned).collect()),
            Known::ValidFor => Target::ValidFor { label },
            Known::TimeZone => Target::TimeZone,
            Known::Guest => Target::Guest,
            Known::Feature => Target::Feature { label },
            Known::Webhook => Target::Webhook { label },
        },
    })
}

impl Target {
    /// Whether it is a point in time.
    fn is_time(&self) -> bool {
        matches!(self, Self::Path { class: ValueClass::Time, .. })
    }

    /// Whether it is the Space's id.
    fn is_id(&self) -> bool {
        matches!(self, Self::Path { path, .. } if **path == ["id"])
    }
}

/// A date cell is a point in time: a date alone is its midnight.
fn with_time(text: &str) -> String {
    if text.parse::<jiff::civil::Date>().is_ok() && !text.contains(':') {
        format!("{text} 00:00")
    } else {
        text.to_owned()
    }
}

/// The same of a column, where a flag makes these assignments elsewhere.
fn at_column(
    label: &Arc<str>,
    assigned: Result<Vec<Assignment>, Problem>,
) -> Result<impl Iterator<Item = Assignment>, Problem> {
    let assignments =
        assigned.map_err(|problem| Problem { place: label.to_string(), ..problem })?;
    Ok(assignments.into_iter().map(|one| Assignment { label: label.clone(), ..one }))
}

fn yes_or_no(cell: &str) -> Result<bool, String> {
    cell::yes_or_no(cell).map_err(|error| format!("{:?} is {error}", untrusted(cell)))
}
