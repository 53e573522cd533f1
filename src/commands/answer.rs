//! An answer of the API as the result: as JSON, with this program's own fields, or one field of it.

use crate::error::{Error, Kind, Result};
use crate::escape::{self, untrusted};
use crate::json::{Object, Value};
use crate::problem::Findings;
use crate::terminal::output::Printer;

/// `--json` and `--field` exclude each other.
pub fn check_form(json: bool, field: Option<&str>, findings: &mut Findings) {
    if field.is_some_and(|name| name.trim().is_empty()) {
        findings.problem("--field", "needs the name of a field, such as room_id");
    }
    if json && field.is_some() {
        findings.problem("--field", "cannot go with --json; give one of them");
    }
}

/// Adds fields of this program to the end of an answer. A field of the API with such a name, each of
/// them if there are several, becomes `api_...`.
pub fn append<const N: usize>(answer: &mut Object, fields: [(&str, Value); N]) {
    for (name, value) in fields {
        let mut other = format!("api_{name}");
        while answer.get(name).is_some() && answer.get(&other).is_some() {
            other.insert_str(0, "api_");
        }
        answer.rename(name, &other);
        answer.insert(name, value);
    }
}

/// Prints an answer as JSON, or one field of it.
pub fn print_answer(answer: &Object, field: Option<&str>, printer: Printer) -> Result<()> {
    let Some(name) = field else {
        return printer.json_result(&answer.to_json());
    };
    let value = answer.get(name).or_else(|| answer.at(&name.split('.').collect::<Vec<_>>()));
    match value {
        Some(value) => match value.as_text() {
            Some(text) => printer.result(&escape::line(&text)),
            None => printer.json_result(&value.to_json()),
        },
        None => {
            let message = format!(
                "the response has no field {}; the request itself succeeded",
                untrusted(name)
            );
            let hint = format!("the response has: {}", names(answer));
            Err(Error::new(Kind::NotTheApi, message).with_hint(hint))
        }
    }
}

fn names(answer: &Object) -> String {
    let names = answer.members().iter().map(|member| untrusted(member.name())).collect::<Vec<_>>();
    names.join(", ")
}
