//! What one field of a row becomes in the body, whichever column or template it comes from.

use super::fields::{KNOWN, Known};
use crate::body::{Assignment, ValidFor, ValueClass};
use crate::escape::untrusted;
use crate::old_roster::cell::{self, date, length};
use crate::old_roster::columns::Meaning;
use crate::problem::Problem;
use std::sync::Arc;

/// What one column's cells become.
#[derive(Debug)]
pub enum Target {
    Path { label: Arc<str>, path: Arc<[String]>, class: ValueClass },
    ValidFor { label: Arc<str> },
    TimeZone,
    Guest,
    Feature { label: Arc<str> },
    Webhook { label: Arc<str> },
    Kept,
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

/// What the values of a field become. `label` names them in messages, `place` the field itself.
pub fn target(label: &str, place: &str, meaning: Meaning) -> Result<Target, Problem> {
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
    /// Puts a cell's value where it belongs.
    pub fn take(
        &self,
        cell: &str,
        dates: Option<date::DateOrder>,
        values: &mut RowValues,
    ) -> Result<(), Problem> {
        match self {
            Self::Kept => {}
            Self::ValidFor { label } => {
                let text = length::length_text(cell).into_owned();
                values.valid_for = Some(ValidFor { label: label.clone(), text });
            }
            Self::TimeZone => values.time_zone = Some(cell.trim().to_owned()),
            Self::Guest => {
                values.guest = yes_or_no(cell).map_err(|text| Problem::new("guest", text))?;
            }
            Self::Feature { label } => {
                let assigned = Assignment::parse_feature(cell.trim()).map(|one| vec![one]);
                values.assignments.extend(at_column(label, assigned)?);
            }
            Self::Webhook { label } => {
                let assigned = Assignment::parse_webhook(cell.trim());
                values.assignments.extend(at_column(label, assigned)?);
            }
            Self::Path { label, path, class } => {
                let value = value(*class, cell, dates);
                let fault = value.as_ref().err().map(|message| Problem::new(&**label, message));
                // An id with a fault is still no id that is missing.
                let value = value.ok().or_else(|| self.is_id().then(|| cell.to_owned()));
                if let Some(value) = value {
                    let label = match class {
                        // What follows speaks of the time as understood.
                        ValueClass::Time if value != cell => {
                            format!("{label} {:?}", untrusted(cell)).into()
                        }
                        _ => label.clone(),
                    };
                    let path = path.clone();
                    values.assignments.push(Assignment { label, path, value });
                }
                return fault.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    /// Whether it is a point in time.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Path { class: ValueClass::Time, .. })
    }

    /// Whether it is the Space's id.
    pub fn is_id(&self) -> bool {
        matches!(self, Self::Path { path, .. } if **path == ["id"])
    }
}

/// A date cell is a point in time: a date alone is its midnight.
pub fn with_time(text: &str) -> String {
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

fn value(class: ValueClass, cell: &str, dates: Option<date::DateOrder>) -> Result<String, String> {
    match class {
        ValueClass::Boolean => Ok(yes_or_no(cell)?.to_string()),
        ValueClass::Time => date::time_text(cell, dates)
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| format!("{:?}: {error}", untrusted(cell))),
        ValueClass::Other => {
            cell::undamaged(cell).map_err(|error| format!("{:?}: {error}", untrusted(cell)))?;
            Ok(cell.to_owned())
        }
    }
}
