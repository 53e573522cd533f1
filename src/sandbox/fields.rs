//! Reads the fields of one JSON object strictly, and gathers what is wrong with them in the
//! shape of Django REST framework: `{"<field>": ["..."]}`, nested for nested objects.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// One object of the body, and the problems found in it so far.
pub(super) struct Fields<'a> {
    fields: &'a Map<String, Value>,
    problems: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(fields: &'a Map<String, Value>) -> Self {
        Self { fields, problems: Map::new() }
    }

    /// Adds a problem; `non_field_errors` is the place for those of no single field.
    pub(super) fn problem(&mut self, field: &str, message: impl Into<String>) {
        let list = self.problems.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::String(message.into()));
        }
    }

    /// The problems as the API words them, if there are any.
    pub(super) fn finish(self) -> Result<(), Value> {
        if self.problems.is_empty() { Ok(()) } else { Err(Value::Object(self.problems)) }
    }

    /// The raw value; `None` also for a null, which is a problem.
    fn given(&mut self, field: &str) -> Option<&'a Value> {
        let value = self.fields.get(field)?;
        if value.is_null() {
            self.problem(field, "This field may not be null.");
            return None;
        }
        Some(value)
    }

    pub(super) fn is_null(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(Value::is_null)
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub(super) fn text(&mut self, field: &str) -> Option<&'a str> {
        let Some(text) = self.given(field)?.as_str() else {
            self.problem(field, "Not a valid string.");
            return None;
        };
        if text.contains('\0') {
            self.problem(field, "Null characters are not allowed.");
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&mut self, field: &str) -> Option<bool> {
        let flag = self.given(field)?.as_bool();
        if flag.is_none() {
            self.problem(field, "Must be a valid boolean.");
        }
        flag
    }

    /// An RFC 3339 time; without an offset it is taken as UTC.
    pub(super) fn time(&mut self, field: &str) -> Option<Timestamp> {
        let text = self.text(field)?;
        let time = text.parse::<Timestamp>().ok().or_else(|| {
            let civil: DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(civil).ok()
        });
        if time.is_none() {
            self.problem(
                field,
                "Datetime has wrong format. Use one of these formats instead: \
                 YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
            );
        }
        time
    }

    pub(super) fn object(&mut self, field: &str) -> Option<&'a Map<String, Value>> {
        let value = self.given(field)?;
        let object = value.as_object();
        if object.is_none() {
            let message = not_an_object(value);
            self.problems.insert(field.to_owned(), json!({"non_field_errors": [message]}));
        }
        object
    }

    /// Reads the object `field` with `read`; its problems are nested below the field's name.
    pub(super) fn nested<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&mut Fields<'a>) -> T,
    ) -> Option<T> {
        let mut inner = Fields::new(self.object(field)?);
        let result = read(&mut inner);
        if let Err(problems) = inner.finish() {
            self.problems.insert(field.to_owned(), problems);
        }
        Some(result)
    }

    /// The names in this object.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.fields.keys().map(String::as_str)
    }
}

/// The complaint about a value that is no object, in the framework's (Python's) words.
pub(super) fn not_an_object(value: &Value) -> String {
    let kind = match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    };
    format!("Invalid data. Expected a dictionary, but got {kind}.")
}
