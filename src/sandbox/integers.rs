//! Integers of more than 64 bits where text is wanted. The framework's language has them, and makes
//! text of them digit by digit; here they become floats when they are read.

use serde_json::{Map, Value};

use super::fields::{Field, Kind};
use crate::json;

/// Puts the digits of such integers into the place of their floats. `raw` is the same object.
pub(super) fn restore(fields: &[Field], given: &mut Map<String, Value>, raw: &json::Object) {
    for field in fields {
        if let Some(value) = given.get_mut(field.name) {
            restore_in(field, value, last(raw, field.name));
        }
    }
}

fn restore_in(field: &Field, value: &mut Value, raw: Option<&json::Value>) {
    match (field.kind, value, raw.map(|raw| &raw.kind)) {
        (Kind::Text, value, Some(json::Kind::Scalar(raw))) if value.is_f64() => {
            let is_integer = raw.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
            if is_integer {
                // Zero has no sign there.
                *value = Value::String(if raw == "-0" { "0".to_owned() } else { raw.clone() });
            }
        }
        (Kind::Object(fields), Value::Object(given), Some(json::Kind::Object(raw))) => {
            restore(fields, given, raw);
        }
        (Kind::Each(field), Value::Object(given), Some(json::Kind::Object(raw))) => {
            for (name, value) in given {
                restore_in(field, value, last(raw, name));
            }
        }
        _ => {}
    }
}

/// Of several members of one name the last one counts.
fn last<'a>(raw: &'a json::Object, name: &str) -> Option<&'a json::Value> {
    raw.members().iter().rfind(|member| member.name() == name).map(|member| &member.value)
}
