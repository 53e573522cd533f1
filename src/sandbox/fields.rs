//! Takes the fields of a JSON object as Django REST framework takes them: lenient about how a
//! value is written, and every problem told at once, `{"<field>": ["..."]}`, nested for nested
//! objects. Pure. Which fields there are is in `schema`, single values are in `kinds`.

use serde_json::{Map, Value, json};

use super::kinds;

/// One field of an object, and what it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub null: bool,
    /// Whether text may be empty once the blanks at its ends are gone.
    pub blank: bool,
    /// In Unicode scalar values.
    pub longest: Option<usize>,
}

/// What the value of a field is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text, or a number, which becomes its text.
    Text,
    Email,
    Url,
    Flag,
    Time,
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object whose every value is like this, whatever its name.
    Each(&'static Field),
    /// An object with whatever in it.
    Anything,
}

impl Field {
    pub(super) const fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, null: false, blank: false, longest: None }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    pub(super) const fn blank(self) -> Self {
        Self { blank: true, ..self }
    }

    pub(super) const fn at_most(self, characters: usize) -> Self {
        Self { longest: Some(characters), ..self }
    }

    /// The value as it is from now on: text stripped, flags true or false, times in UTC. The
    /// error is what the answer holds under the field's name.
    pub(super) fn take(&self, value: &Value) -> Result<Value, Value> {
        if value.is_null() {
            return if self.null { Ok(Value::Null) } else { Err(one(kinds::NULL)) };
        }
        match self.kind {
            Kind::Text | Kind::Email | Kind::Url => self.text(value).map_err(one),
            Kind::Flag => kinds::flag(value).map(Value::Bool).map_err(one),
            Kind::Time => kinds::time(value).map(|time| json!(time.to_string())).map_err(one),
            Kind::Object(fields) => take(fields, dictionary(value)?).map(Value::Object),
            Kind::Each(field) => each(field, dictionary(value)?),
            Kind::Anything => dictionary(value).cloned().map(Value::Object),
        }
    }

    fn text(&self, value: &Value) -> Result<Value, String> {
        let text = kinds::text(value)?;
        if text.is_empty() {
            return if self.blank { Ok(Value::String(text)) } else { Err(kinds::BLANK.to_owned()) };
        }
        if let Some(longest) = self.longest.filter(|&longest| text.chars().count() > longest) {
            return Err(format!("Ensure this field has no more than {longest} characters."));
        }
        match self.kind {
            Kind::Email if !kinds::is_email(&text) => Err(kinds::EMAIL.to_owned()),
            Kind::Url if !kinds::is_web_address(&text) => Err(kinds::URL.to_owned()),
            _ => Ok(Value::String(text)),
        }
    }
}

/// Takes an object with these fields, and drops all others. The error holds every problem.
pub(super) fn take(
    fields: &[Field],
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Value> {
    let mut taken = Map::new();
    let mut problems = Map::new();
    for field in fields {
        let name = field.name.to_owned();
        match given.get(field.name).map(|value| field.take(value)) {
            Some(Ok(value)) => drop(taken.insert(name, value)),
            Some(Err(problem)) => drop(problems.insert(name, problem)),
            None if field.required => drop(problems.insert(name, one("This field is required."))),
            None => {}
        }
    }
    if problems.is_empty() { Ok(taken) } else { Err(Value::Object(problems)) }
}

fn each(field: &Field, given: &Map<String, Value>) -> Result<Value, Value> {
    let mut taken = Map::new();
    let mut problems = Map::new();
    for (name, value) in given {
        match field.take(value) {
            Ok(value) => taken.insert(name.clone(), value),
            Err(problem) => problems.insert(name.clone(), problem),
        };
    }
    if problems.is_empty() { Ok(Value::Object(taken)) } else { Err(Value::Object(problems)) }
}

/// The value as an object, or the framework's (Python's) complaint that it is none.
pub(super) fn dictionary(value: &Value) -> Result<&Map<String, Value>, Value> {
    let kind = match value {
        Value::Object(object) => return Ok(object),
        Value::Null => return Err(json!({"non_field_errors": ["No data provided"]})),
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
    };
    let problem = format!("Invalid data. Expected a dictionary, but got {kind}.");
    Err(json!({"non_field_errors": [problem]}))
}

fn one(problem: impl Into<String>) -> Value {
    json!([problem.into()])
}
