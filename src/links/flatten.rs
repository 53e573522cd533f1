//! JSON bodies as a table, for a links file with columns: a column for each field that any body has.

use super::COLUMNS;
use crate::body;
use crate::escape::untrusted;
use crate::json::{Kind, Object, Value};
use crate::roster::{Bodies, Cell, Row};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The header and the rows of the bodies.
///
/// # Errors
///
/// What columns cannot hold, as a predicate about the roster.
pub fn table(bodies: &Bodies) -> Result<(Vec<String>, Vec<Row>), String> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    for entry in &bodies.entries {
        let mut paths = Vec::new();
        descend(&entry.body, &mut Vec::new(), &mut |path, _| paths.push(path.to_vec()));
        for path in paths {
            if let Entry::Vacant(place) = places.entry(path) {
                let name = name_of(place.key())?;
                if let Some(other) = names
                    .iter()
                    .find(|other| crate::words::folded(other) == crate::words::folded(&name))
                {
                    return Err(format!(
                        "has the fields {:?} and {:?}, which would be the same column; use a .jsonl file",
                        untrusted(other),
                        untrusted(&name)
                    ));
                }
                place.insert(names.len());
                names.push(name);
            }
        }
    }
    let rows = bodies.entries.iter().map(|entry| {
        let mut cells = vec![Cell::default(); names.len()];
        descend(&entry.body, &mut Vec::new(), &mut |path, value| {
            if let Some(place) = places.get(path) {
                cells[*place] = Cell::of_text(body::written(path, value));
            }
        });
        Row { line: entry.line, cells, ..Row::default() }
    });
    let rows = rows.collect();
    Ok((names, rows))
}

fn name_of(path: &[String]) -> Result<String, String> {
    // Below `features` the rest of a path is one name.
    let is_feature = path.len() == 2 && path[0] == "features";
    if let Some(name) = path.iter().find(|name| !is_feature && name.contains('.')) {
        return Err(format!(
            "has a field {:?}, and a dot in a column's name leads into a field; use a .jsonl file",
            untrusted(name)
        ));
    }
    let name = match path {
        // A bare `name` could be the person's.
        [name] if name == "name" => "space name".to_owned(),
        path => path.join("."),
    };
    if COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(&name)) {
        return Err(format!(
            "has a field {:?}, which is a result column of the links file; use a .jsonl file",
            untrusted(&name)
        ));
    }
    Ok(name)
}

/// Visits every value that is not an object, with its path; `null` is as if it were not there.
fn descend(object: &Object, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &Value)) {
    for member in object.members() {
        path.push(member.name().to_owned());
        match &member.value.kind {
            Kind::Object(inner) => descend(inner, path, visit),
            _ if member.value.is_null() => {}
            _ => visit(path, &member.value),
        }
        path.pop();
    }
}
