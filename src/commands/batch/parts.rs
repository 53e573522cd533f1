//! The fields of a launch, each with the cells of a row that it is made from.

use super::mapping::Entry;
use super::target::{RowValues, Target, target, with_time};
use crate::body::Assignment;
use crate::escape::untrusted;
use crate::old_roster::cell::{self, date::DateOrder};
use crate::old_roster::read::{Cells, Kind};
use crate::old_roster::template::Bound;
use crate::problem::{Findings, Problem};

/// Where a value is taken from.
#[derive(Debug)]
pub enum Source {
    /// A column, counted from 0.
    Column(usize),
    /// Several columns. The label is how messages call the place where it was written.
    Template { label: String, template: Bound },
}

/// One field of a launch.
#[derive(Debug)]
pub struct Part {
    /// Where its value is taken from.
    pub source: Source,
    /// Where it goes.
    pub target: Target,
    /// Whether it is the person's own, and not the same for everybody of the row.
    pub is_own: bool,
}

impl Part {
    /// Takes its value from a row. The header is for messages, and safe to show.
    pub fn take(
        &self,
        cells: &Cells,
        header: &[String],
        dates: Option<DateOrder>,
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        match &self.source {
            Source::Column(index) => self.cell(*index, cells, (header, dates), values),
            Source::Template { label, template } => {
                self.fill((label, template), cells, (header, dates), values)
            }
        }
    }

    /// Takes the cell of a column.
    fn cell(
        &self,
        index: usize,
        cells: &Cells,
        (header, dates): (&[String], Option<DateOrder>),
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        let target = &self.target;
        let text = cells.get(index);
        let fault = cells.has_value(index).err().map(|error| {
            let shown = untrusted(text.trim());
            let shown = if shown.is_empty() { shown } else { format!("{shown:?}: ") };
            Problem::new(header[index].as_str(), format!("{shown}{error}"))
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
        if target.is_time() && is_date(cells, index) {
            return target.take(&with_time(text), dates, values);
        }
        target.take(text, dates, values)
    }

    /// Takes what a template gives for a row.
    fn fill(
        &self,
        (label, template): (&str, &Bound),
        cells: &Cells,
        (header, dates): (&[String], Option<DateOrder>),
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        let target = &self.target;
        let problem = |message: String| Problem::new(label, message);
        let damaged = template.columns().find_map(|column| {
            let error = cells.undamaged(column).err()?;
            let shown = untrusted(cells.get(column).trim());
            Some(problem(format!("{:?} in {{{}}}: {error}", shown, header[column])))
        });
        let filled = template.fill(cells);
        let is_id = target.is_id();
        let empty = filled.empty.first().filter(|_| is_id).map(|column| {
            problem(format!(
                "{{{}}} is empty, and two Spaces could become one without it; fill it in",
                header[*column]
            ))
        });
        let fault = damaged.or(empty);
        let text = match filled.text {
            None if is_id => "?".to_owned(),
            None => return fault.map_or(Ok(()), Err),
            Some(text) => text,
        };
        let is_date = template.columns().any(|column| is_date(cells, column));
        match fault {
            None if target.is_time() && is_date => target.take(&with_time(&text), dates, values),
            None => target.take(&text, dates, values),
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
}

/// Whether a cell is a date in a sheet, or may have been one, before it was written to LINKS in CSV.
fn is_date(cells: &Cells, column: usize) -> bool {
    cells.kind(column) == Kind::Date || cells.is_of_links()
}

/// Whether a person is in a row: a cell of the person's own is given, or all the person has is the
/// same in every row.
pub fn is_present(parts: &[Part], cells: &Cells) -> bool {
    let mut needs_cells = false;
    for part in parts.iter().filter(|part| part.is_own) {
        if let Source::Template { template, .. } = &part.source
            && !template.is_constant()
        {
            needs_cells = true;
            let is_given = |column| {
                cell::given(cells.get(column)).is_some() || cells.has_value(column).is_err()
            };
            if template.columns().any(is_given) {
                return true;
            }
        }
    }
    !needs_cells
}

/// The entries as fields of a launch. What is wrong with their columns has been told.
pub fn parts<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    header: &[String],
    is_own: bool,
    findings: &mut Findings,
) -> Vec<Part> {
    let bound = bind(entries, header, &mut Findings::default());
    let mut parts = Vec::with_capacity(bound.len());
    for (entry, template) in bound {
        let label = entry.label.as_str();
        if let Some(target) = findings.keep(target(label, label, entry.field.clone())) {
            let source = Source::Template { label: label.to_owned(), template };
            parts.push(Part { source, target, is_own });
        }
    }
    parts
}

/// The entries with their placeholders found among the columns.
pub fn bind<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    header: &[String],
    findings: &mut Findings,
) -> Vec<(&'a Entry, Bound)> {
    let mut bound = Vec::new();
    for entry in entries {
        match entry.template.bind(header) {
            Ok(template) => bound.push((entry, template)),
            Err(unknown) => {
                for column in unknown {
                    let near = column.suggestion.map_or_else(String::new, |near| {
                        format!("; did you mean {{{}}}?", untrusted(&near))
                    });
                    let message = format!("no column is named {:?}{near}", untrusted(&column.name));
                    findings.problem(entry.label.as_str(), message);
                }
            }
        }
    }
    bound
}
