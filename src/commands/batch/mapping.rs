//! Fields made from a row's cells: `--map FIELD=TEMPLATE`, and recipes, which may make several
//! people from one row.

use super::fields::{Fields, ID};
use crate::escape::untrusted;
use crate::old_roster::columns::Meaning;
use crate::old_roster::recipe::{RecipeField, RecipeFile};
use crate::old_roster::template::{self, Template};
use crate::problem::{Findings, Problem};

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

/// One of the people of a row.
#[derive(Debug)]
pub struct Person {
    /// The name in the recipe.
    pub name: String,
    /// The person's own fields.
    pub entries: Vec<Entry>,
}

/// The fields that a roster's columns are not called by.
#[derive(Debug, Default)]
pub struct Mapping {
    /// For everybody.
    pub entries: Vec<Entry>,
    /// The people of a row; none where a row is one person, whose fields its columns are, too.
    pub people: Vec<Person>,
}

impl Mapping {
    /// Reads the flags and the recipe; flags win.
    pub fn new(
        map: &[String],
        recipe: Option<&RecipeFile>,
        fields: &Fields,
        findings: &mut Findings,
    ) -> Self {
        let mut entries = Vec::new();
        for text in map {
            let entry = findings.keep(parse_flag(text, fields));
            add(&mut entries, entry, findings);
        }
        let Some(recipe) = recipe else { return Self { entries, people: Vec::new() } };
        let of_flags = entries.clone();
        let is_free = |entry: &Entry| of_flags.iter().all(|flag| flag.field != entry.field);
        let section = |name: &str, written: &[RecipeField], findings: &mut Findings| {
            let mut entries = Vec::new();
            for field in written {
                add(&mut entries, findings.keep(parse_field(name, field, fields)), findings);
            }
            entries.retain(is_free);
            entries
        };
        entries.extend(section("[map]", &recipe.map, findings));
        let people = recipe.people.iter().map(|(name, written)| {
            let entries = section(&format!("[people.{}]", untrusted(name)), written, findings);
            Person { name: name.clone(), entries }
        });
        let people = people.collect();
        Self { entries, people }
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.people.is_empty()
    }

    /// All entries, those of everybody first.
    pub fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().chain(self.people.iter().flat_map(|person| &person.entries))
    }

    /// Whether these cells are the header of a roster that this is for: they have what makes the
    /// Space's id. Where `has_own_id` says that the id comes from elsewhere, they have what else is
    /// mapped, or some field.
    pub fn is_header(&self, cells: &[String], has_own_id: bool, fields: &Fields) -> bool {
        if self.makes_id() {
            return has_all(cells, self.ids());
        }
        let reads_columns = self.people.is_empty();
        let has_own_fields = || {
            if self.is_empty() {
                cells.iter().any(|cell| fields.named(cell.trim()).is_ok())
            } else {
                has_all(cells, self.all())
            }
        };
        (reads_columns && cells.iter().any(|cell| fields.is_id(cell)))
            || (has_own_id && has_own_fields())
    }

    /// Whether the Space's id is made from columns.
    pub fn makes_id(&self) -> bool {
        self.ids().next().is_some()
    }

    fn ids(&self) -> impl Iterator<Item = &Entry> {
        self.all().filter(|entry| entry.field == Meaning::Known(ID))
    }

    /// An empty roster with just the columns that are used.
    pub fn template(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        if self.people.is_empty() && !self.makes_id() {
            columns.push("id".to_owned());
        }
        for name in self.all().flat_map(|entry| entry.template.columns()) {
            if template::position(&columns, name).is_none() {
                columns.push(name.to_owned());
            }
        }
        columns
    }
}

/// Adds an entry, unless its field is there already.
fn add(entries: &mut Vec<Entry>, entry: Option<Entry>, findings: &mut Findings) {
    let Some(entry) = entry else { return };
    match entries.iter().find(|earlier| earlier.field == entry.field) {
        Some(earlier) => {
            let message = format!("is mapped twice; {} is the same field", earlier.label);
            findings.problem(entry.label, message);
        }
        None => entries.push(entry),
    }
}

fn parse_flag(text: &str, fields: &Fields) -> Result<Entry, Problem> {
    let Some((name, template)) = text.split_once('=') else {
        return Err(Problem::new(
            format!("--map {}", untrusted(text)),
            "needs FIELD=TEMPLATE, such as 'user name={First name} {Last name}'",
        ));
    };
    let label = format!("--map {}", untrusted(name.trim()));
    entry(&label, name, template, fields).map_err(|message| Problem::new(label.as_str(), message))
}

fn parse_field(section: &str, field: &RecipeField, fields: &Fields) -> Result<Entry, Problem> {
    let label = format!("{section} {}", untrusted(&field.name));
    entry(&label, &field.name, &field.template, fields)
        .map_err(|message| Problem::new(format!("{}, {label}", field.place), message))
}

/// Whether the columns are there that the entries are made of.
fn has_all<'a>(cells: &[String], mut entries: impl Iterator<Item = &'a Entry>) -> bool {
    entries
        .all(|entry| entry.template.columns().all(|name| template::position(cells, name).is_some()))
}

/// One field called `name`, made from a template.
fn entry(label: &str, name: &str, template: &str, fields: &Fields) -> Result<Entry, String> {
    let field = fields.named(name.trim())?;
    let template = Template::parse(template).map_err(|error| untrusted(&error.to_string()))?;
    Ok(Entry { label: label.to_owned(), field, template })
}
