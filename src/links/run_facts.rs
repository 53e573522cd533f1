//! What the journal beside a links file recorded about the run.

use super::journal_path;
use super::read::MAX_SIZE;
use crate::json::{self, Kind, Value};
use crate::roster::dates::DateOrder;
use crate::roster::fields::{self, Field, Target};
use crate::roster::template::Template;
use jiff::civil::Date;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use toml_edit::{DocumentMut, Item};

/// Facts in the journal about how the roster was read.
#[derive(Debug, Default)]
pub struct RunFacts {
    /// The zone of the roster's local times.
    pub zone: Option<String>,
    /// The order of day and month in dates.
    pub dates: Option<DateOrder>,
    /// A day in the week of weekdays without a date. `this` is another week by now, so it is unknown.
    pub week_of: Option<Date>,
    /// Conditions for rows to launch, such as `Status!=cancelled`.
    pub only: Vec<String>,
    /// Replacements for the cells of columns, by the cell in lower case.
    pub values: Vec<(String, HashMap<String, String>)>,
    /// Maps for everyone in a row.
    maps: Maps,
    /// Maps for each person in a recipe.
    people: Vec<(String, Maps)>,
    /// The person each link was made for, by link.
    pub made: HashMap<String, MadeFor>,
}

/// The person a link was made for, according to the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MadeFor {
    /// The id of the Space.
    pub id: String,
    /// The person's name, or something else that identifies them.
    pub person: String,
    pub email: Option<String>,
    /// Whether the run's `--only` left the row out and another run, with another filter, included it.
    pub outside_filter: bool,
}

/// Fields with the templates that fill them.
type Maps = Vec<(Field, Template)>;

impl RunFacts {
    /// Reads the journal beside a links file: its header, which is the first line or a later line like
    /// it, and the person each link was made for. A missing or unreadable journal gives no facts; links
    /// work without them.
    pub fn beside(links: &Path) -> Self {
        const OPENING: &[u8] = b"{\"lessonspace_journal\":";
        let path = journal_path(links);
        // Opening a pipe could block.
        if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Self::default();
        }
        let Ok(file) = std::fs::File::open(path) else { return Self::default() };
        let lines =
            BufReader::new(file.take(MAX_SIZE)).split(b'\n').map_while(Result::ok).enumerate();
        let (mut header, mut made) = (Vec::new(), HashMap::new());
        for (index, line) in lines {
            if index == 0 || line.starts_with(OPENING) {
                header = line;
            } else if let Some((link, whom)) = made_for(&line) {
                made.insert(link, whom);
            }
        }
        let run = std::str::from_utf8(&header).map_or_else(|_| Self::default(), Self::of_line);
        Self { made, ..run }
    }

    pub(super) fn of_line(line: &str) -> Self {
        let value = json::parse_answer(line).ok().and_then(Value::into_object);
        let Some(first) = value else { return Self::default() };
        let zone = ["zone", "time_zone"].iter().find_map(|name| first.get(name));
        let recipe = first.get("recipe").and_then(Value::as_text).unwrap_or_default();
        let recipe: DocumentMut = recipe.parse().unwrap_or_default();
        let (more, people) = maps_of_recipe(&recipe);
        let only = recipe.get("only").and_then(Item::as_array).into_iter().flatten();
        let only = only.filter_map(|text| Some(text.as_str()?.to_owned())).collect();
        let values = values_of_recipe(&recipe);
        let dates = recipe.get("dates").and_then(Item::as_str).and_then(DateOrder::of_word);
        let week_of = recipe.get("week_of").and_then(Item::as_str);
        let week_of = week_of.and_then(|date| date.parse().ok());
        let mut maps = first.get("maps").map(maps).unwrap_or_default();
        maps.extend(more);
        let zone = zone.and_then(Value::as_text).map(std::borrow::Cow::into_owned);
        Self { zone, dates, week_of, only, values, maps, people, ..Self::default() }
    }

    /// The map for a field of a person.
    pub(super) fn map(&self, field: Field, person: Option<&str>) -> Option<&Template> {
        let find = |maps: &'_ [(Field, Template)]| maps.iter().position(|(of, _)| *of == field);
        let own = person.and_then(|person| {
            let base = person.trim_end_matches(|last: char| last.is_ascii_digit());
            let base = base.strip_suffix('_').unwrap_or(person);
            let of = |name: &str| self.people.iter().find(|(of, _)| of == name);
            of(person).or_else(|| of(base))
        });
        let own = own.and_then(|(_, maps)| Some(&maps[find(maps)?].1));
        own.or_else(|| Some(&self.maps[find(&self.maps)?].1))
    }
}

/// The link on a line of the journal, and the person it was made for.
fn made_for(line: &[u8]) -> Option<(String, MadeFor)> {
    #[derive(serde::Deserialize)]
    struct Line {
        client_url: String,
        id: String,
        person: String,
        email: Option<String>,
        #[serde(default)]
        outside_filter: bool,
    }
    let Line { client_url, id, person, email, outside_filter } =
        serde_json::from_slice(line).ok()?;
    Some((client_url, MadeFor { id, person, email, outside_filter }))
}

/// Parses the maps in a journal, a list of pairs.
fn maps(value: &Value) -> Maps {
    let Kind::Array(pairs) = &value.kind else { return Vec::new() };
    let map = |pair: &Value| {
        let Kind::Array(pair) = &pair.kind else { return None };
        let [name, template] = pair.as_slice() else { return None };
        map(&name.as_text()?, &template.as_text()?)
    };
    pairs.iter().filter_map(map).collect()
}

fn map(name: &str, template: &str) -> Option<(Field, Template)> {
    let Ok(Target::Field(field)) = fields::target(name) else { return None };
    Some((field, Template::parse(template).ok()?))
}

fn values_of_recipe(recipe: &DocumentMut) -> Vec<(String, HashMap<String, String>)> {
    let columns = recipe.get("values").and_then(Item::as_table_like);
    let columns = columns.into_iter().flat_map(|columns| columns.iter());
    let words = |item: &Item| {
        let pairs = item.as_table_like().into_iter().flat_map(|table| table.iter());
        let pairs = pairs
            .filter_map(|(cell, word)| Some((cell.trim().to_lowercase(), word.as_str()?.into())));
        pairs.collect()
    };
    columns.map(|(column, item)| (column.to_owned(), words(item))).collect()
}

/// Parses the maps of a recipe: for everyone in a row, and for each person.
fn maps_of_recipe(recipe: &DocumentMut) -> (Maps, Vec<(String, Maps)>) {
    let maps = |item: &Item| -> Maps {
        let table = item.as_table_like().into_iter().flat_map(|table| table.iter());
        table.filter_map(|(name, template)| map(name, template.as_str()?)).collect()
    };
    let people = recipe.get("people").and_then(Item::as_table_like);
    let people = people.into_iter().flat_map(|people| people.iter());
    (
        recipe.get("map").map(maps).unwrap_or_default(),
        people.map(|(name, item)| (name.to_lowercase(), maps(item))).collect(),
    )
}
