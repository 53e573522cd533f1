//! Fields made from a row's cells: `--map FIELD=TEMPLATE`.

use super::fields::{Fields, ID};
use crate::escape::untrusted;
use crate::problem::{Findings, Problem};
use crate::roster::columns::Meaning;
use crate::roster::template::{self, Template};

/// One field, and what it is made from.
#[derive(Debug, Clone)]
pub struct Entry {
    /// How messages call the place where it was written, such as `--map id`.
    pub label: String,
    /// The field.
    pub field: Meaning,
    /// What its value is made from.
    pub template: Template,
}

/// The fields that a roster's columns are not called by.
#[derive(Debug, Default)]
pub struct Mapping {
    /// For every row.
    pub entries: Vec<Entry>,
}

impl Mapping {
    /// Reads the flags.
    pub fn of_flags(map: &[String], fields: &Fields, findings: &mut Findings) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for text in map {
            let Some(entry) = findings.keep(parse(text, fields)) else { continue };
            match entries.iter().find(|earlier| earlier.field == entry.field) {
                Some(earlier) => {
                    let message = format!("is mapped twice; {} is the same field", earlier.label);
                    findings.problem(entry.label, message);
                }
                None => entries.push(entry),
            }
        }
        Self { entries }
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether these cells are the header of a roster that this is for: they have what makes the
    /// Space's id, or `has_own_id` says that the id comes from elsewhere.
    pub fn is_header(&self, cells: &[String], has_own_id: bool, fields: &Fields) -> bool {
        let id = self.entries.iter().find(|entry| entry.field == Meaning::Known(ID));
        match id {
            Some(entry) => {
                entry.template.columns().all(|name| template::position(cells, name).is_some())
            }
            None => has_own_id || cells.iter().any(|cell| fields.is_id(cell)),
        }
    }

    /// Whether the Space's id is made from columns.
    pub fn makes_id(&self) -> bool {
        self.entries.iter().any(|entry| entry.field == Meaning::Known(ID))
    }
}

fn parse(text: &str, fields: &Fields) -> Result<Entry, Problem> {
    let Some((name, template)) = text.split_once('=') else {
        return Err(Problem::new(
            format!("--map {}", untrusted(text)),
            "needs FIELD=TEMPLATE, such as 'user name={First name} {Last name}'",
        ));
    };
    entry(format!("--map {}", untrusted(name.trim())), name, template, fields)
}

/// One field called `name`, made from a template.
pub fn entry(label: String, name: &str, template: &str, fields: &Fields) -> Result<Entry, Problem> {
    let problem = |message: String| Problem::new(label.as_str(), message);
    let field = fields.named(name.trim()).map_err(problem)?;
    let template =
        Template::parse(template).map_err(|error| problem(untrusted(&error.to_string())))?;
    Ok(Entry { label, field, template })
}
