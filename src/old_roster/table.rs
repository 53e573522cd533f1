//! A JSON roster as a table, for LINKS as CSV or as a workbook: a column for each field that any of
//! the bodies has.

use std::collections::HashMap;

use super::read::{ReadError, Roster, Row};
use super::results;
use crate::json::{self, Kind, Object, Value};

/// The text of a cell that becomes the value again, at a path into the body.
pub(crate) type CellText<'a> = &'a dyn Fn(&[String], &Value) -> String;

/// Why JSON is no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// Its column would be one of the results'.
    #[error(
        "the roster has a field {name:?}, and LINKS has a column of that name for what came of each row"
    )]
    IsResult {
        /// The field.
        name: String,
    },
    /// Its column would be for a field within a field.
    #[error("the roster has a field {name:?}, and in a column's name a dot leads into a field")]
    HasDot {
        /// The field.
        name: String,
    },
    /// A table that is too large.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The same rows in the same order, with columns: named by the paths of the fields, in the order in
/// which the fields come.
///
/// # Errors
///
/// A field whose column would mean something else, and a table of more than 4 GiB.
pub(crate) fn of_json(roster: &Roster, cell_text: CellText<'_>) -> Result<Roster, TableError> {
    let mut columns = Columns::default();
    for index in 0..roster.len() {
        let mut added = Ok(());
        each_field(roster, index, &mut |path, _| {
            if added.is_ok() {
                added = columns.add(path);
            }
        });
        added?;
    }
    let Columns { names, places } = columns;
    let width = names.len();
    let rows = (0..roster.len()).map(|index| {
        let mut cells = vec![String::new(); width];
        each_field(roster, index, &mut |path, value| {
            if let Some(place) = places.get(path) {
                cells[*place] = cell_text(path, value);
            }
        });
        (roster.line(index), cells)
    });
    Ok(Roster::of_table(names, rows, roster.wants_bom())?)
}

#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<Vec<String>, usize>,
}

impl Columns {
    fn add(&mut self, path: &[String]) -> Result<(), TableError> {
        if self.places.contains_key(path) {
            return Ok(());
        }
        // Below `features` the rest of a path is one name.
        let is_feature = path.len() == 2 && path[0] == "features";
        if let Some(name) = path.iter().find(|name| !is_feature && name.contains('.')) {
            return Err(TableError::HasDot { name: name.clone() });
        }
        let name = match path {
            // A bare `name` could be the person's.
            [name] if name == "name" => "space name".to_owned(),
            path => path.join("."),
        };
        if results::names(&[]).contains(&name) {
            return Err(TableError::IsResult { name });
        }
        self.places.insert(path.to_vec(), self.names.len());
        self.names.push(name);
        Ok(())
    }
}

/// Visits the fields of a row's body that are no objects themselves.
fn each_field(roster: &Roster, index: usize, visit: &mut dyn FnMut(&[String], &Value)) {
    let Ok(Row::Json(line)) = roster.row(index) else { return };
    let body = json::parse_answer(&line.body()).ok().and_then(Value::into_object);
    if let Some(body) = body {
        descend(&body, &mut Vec::new(), visit);
    }
}

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
