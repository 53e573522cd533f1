//! An answer of the API as the result: as JSON, with this program's own fields, or some fields of it.

use crate::error::{Error, Kind, Result};
use crate::escape::{self, untrusted};
use crate::json::{Object, Value};
use crate::problem::Findings;
use crate::terminal::output::Printer;

/// `--json` and `--field` exclude each other.
pub fn check_form(json: bool, fields: &[String], findings: &mut Findings) {
    if fields.iter().any(|name| name.trim().is_empty()) {
        findings.problem("--field", "expected a field name, such as room_id");
    }
    if json && !fields.is_empty() {
        findings.about("--field", "cannot be used with --json");
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

/// Prints an answer as JSON, or these fields of it, one value a line.
pub fn print_answer(answer: &Object, fields: &[String], printer: Printer) -> Result<()> {
    if fields.is_empty() {
        return printer.json_result(&answer.to_json());
    }
    let value =
        |name: &str| answer.get(name).or_else(|| answer.at(&name.split('.').collect::<Vec<_>>()));
    let missing: Vec<String> =
        fields.iter().filter(|name| value(name).is_none()).map(|name| untrusted(name)).collect();
    if !missing.is_empty() {
        let message =
            format!("no field {} in the response; the request succeeded", missing.join(", "));
        let hint = format!("fields in the response: {}", names(answer));
        return Err(Error::new(Kind::NotTheApi, message).with_hint(hint));
    }
    // All in one piece: a reader that takes the first line only must not stop the rest.
    let lines: String = fields.iter().filter_map(|name| value(name)).map(line).collect();
    printer.result_text(&lines)
}

fn line(value: &Value) -> String {
    let line = match value.as_text() {
        Some(text) => escape::line(&text),
        None => escape::json(&value.to_json(), crate::terminal::output::ascii_only()),
    };
    format!("{line}\n")
}

fn names(answer: &Object) -> String {
    let names = answer.members().iter().map(|member| untrusted(member.name())).collect::<Vec<_>>();
    names.join(", ")
}
