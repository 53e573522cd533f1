//! A JSON roster as a table, for LINKS as CSV or as a workbook: a column for each field that any of
//! the bodies has.

use std::collections::HashMap;

use super::read::{Format, ReadError, Reading, Roster, Row};
use crate::json::{self, Kind, Object};

/// The same rows in the same order, with columns: named by the paths of the fields, in the order in
/// which the fields come.
///
/// # Errors
///
/// A table of more than 4 GiB.
pub(crate) fn of_json(roster: &Roster) -> Result<Roster, ReadError> {
    let mut columns = Columns::default();
    for index in 0..roster.len() {
        for (path, _) in fields(roster, index) {
            columns.add(path);
        }
    }
    let mut table =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Nothing is written anywhere but to memory.
    let _ = table.write_record(&columns.names);
    for index in 0..roster.len() {
        let mut cells = vec![String::new(); columns.names.len()];
        for (path, text) in fields(roster, index) {
            if let Some(place) = columns.places.get(&path) {
                cells[*place] = text;
            }
        }
        let _ = table.write_record(&cells);
    }
    let reading = Reading {
        format: Format::Csv,
        encoding: Some("utf-8"),
        sheet: None,
        people: &[],
        header_line: None,
        is_header: &|_| true,
    };
    Roster::read(table.into_inner().unwrap_or_default(), &reading)
}

#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    fn add(&mut self, name: String) {
        if !self.places.contains_key(&name) {
            self.places.insert(name.clone(), self.names.len());
            self.names.push(name);
        }
    }
}

/// The fields of a row's body that are no objects themselves: their columns, and what they hold.
fn fields(roster: &Roster, index: usize) -> Vec<(String, String)> {
    let Ok(Row::Json(line)) = roster.row(index) else { return Vec::new() };
    let body = json::parse_answer(&line.body()).ok().and_then(json::Value::into_object);
    let mut found = Vec::new();
    if let Some(body) = body {
        collect(&body, "", &mut found);
    }
    found
}

fn collect(object: &Object, parent: &str, found: &mut Vec<(String, String)>) {
    for member in object.members() {
        let path = match (parent, member.name()) {
            // A bare `name` could be the person's.
            ("", "name") => "space name".to_owned(),
            ("", name) => name.to_owned(),
            (parent, name) => format!("{parent}.{name}"),
        };
        match (&member.value.kind, member.value.as_text()) {
            (Kind::Object(inner), _) => collect(inner, &path, found),
            (_, Some(text)) => found.push((path, text.into_owned())),
            _ if member.value.is_null() => {}
            _ => found.push((path, member.value.to_json())),
        }
    }
}
