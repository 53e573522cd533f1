//! JSON that stays as it was written: member order, `1.10`, `1E5`, 30-digit integers and
//! escapes survive reading and writing. Scalars are kept as raw text and decoded on demand.
//!
//! What the members mean is for others; this room only keeps them.

mod parse;

pub use parse::{parse_answer, parse_commented, parse_strict};

use std::sync::Arc;

/// Deepest nesting that is read, in levels. Nobody's Launch body comes near it.
pub const MAX_DEPTH: usize = 128;

/// Where a value came from, so that a message about it can name the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Made by the program or by the API.
    Unplaced,
    /// Read from the JSON file; the byte offset of its first character.
    File(usize),
    /// Given by a flag, a `--set` or a roster's cell; how to call that place in a message.
    Label(Arc<str>),
}

/// One JSON value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    /// Where it came from.
    pub origin: Origin,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of JSON value that matter here: everything without members is a scalar.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `{...}`
    Object(Object),
    /// `[...]`
    Array(Vec<Value>),
    /// `null`, `true`, a number or a string, as raw JSON text.
    Scalar(String),
}

/// The members of a JSON object in their order.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<Member>,
}

/// One `"name": value` of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// The decoded name.
    pub name: String,
    /// The value.
    pub value: Value,
    raw_name: String,
}

impl Value {
    /// A JSON string.
    pub fn text(text: &str, origin: Origin) -> Self {
        Self { origin, kind: Kind::Scalar(quote(text)) }
    }

    /// A scalar from its raw JSON text, which must be valid.
    pub fn raw(raw: impl Into<String>, origin: Origin) -> Self {
        Self { origin, kind: Kind::Scalar(raw.into()) }
    }

    /// An object without members.
    pub fn empty_object(origin: Origin) -> Self {
        Self { origin, kind: Kind::Object(Object::default()) }
    }

    /// The decoded text of a string; `None` for anything else.
    pub fn as_text(&self) -> Option<String> {
        match &self.kind {
            Kind::Scalar(raw) if raw.starts_with('"') => serde_json::from_str(raw).ok(),
            _ => None,
        }
    }

    /// The value of `true` or `false`; `None` for anything else.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Scalar(raw) => raw.parse().ok(),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(raw) if raw == "null")
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members for keeps, if this is an object.
    pub fn into_object(self) -> Option<Object> {
        match self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members, to be changed, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match &mut self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// What a message calls this kind of value: "text", "a number", "a list" and so on.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Object(_) => "an object",
            Kind::Array(_) => "a list",
            Kind::Scalar(raw) => match raw.as_bytes().first() {
                Some(b'"') => "text",
                Some(b't' | b'f') => "true or false",
                Some(b'n') => "null",
                _ => "a number",
            },
        }
    }

    /// Gives this value and all within it the origin that `origin` makes of the present one.
    pub fn place(&mut self, origin: &impl Fn(&Origin) -> Origin) {
        self.origin = origin(&self.origin);
        match &mut self.kind {
            Kind::Object(object) => object.members.iter_mut().for_each(|m| m.value.place(origin)),
            Kind::Array(items) => items.iter_mut().for_each(|item| item.place(origin)),
            Kind::Scalar(_) => {}
        }
    }

    fn sort(&mut self) {
        match &mut self.kind {
            Kind::Object(object) => *object = std::mem::take(object).sorted(),
            Kind::Array(items) => items.iter_mut().for_each(Self::sort),
            Kind::Scalar(_) => {}
        }
    }

    /// The value as compact JSON on one line.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match &self.kind {
            Kind::Object(object) => object.write(json),
            Kind::Array(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        json.push(',');
                    }
                    item.write(json);
                }
                json.push(']');
            }
            Kind::Scalar(raw) => json.push_str(raw),
        }
    }

    /// Replaces every string, and every member name, that contains `secret`: the secret in it
    /// becomes `mask`. Escapes such as `\u002d` do not hide it.
    pub fn redact(&mut self, secret: &str, mask: &str) {
        match &mut self.kind {
            Kind::Object(object) => {
                for member in &mut object.members {
                    if member.name.contains(secret) {
                        member.name = member.name.replace(secret, mask);
                        member.raw_name = quote(&member.name);
                    }
                    member.value.redact(secret, mask);
                }
            }
            Kind::Array(items) => items.iter_mut().for_each(|item| item.redact(secret, mask)),
            Kind::Scalar(raw) => {
                // Most texts hold no escape: what is looked for then stands in them as it is.
                if !raw.contains('\\') && !raw.contains(secret) {
                    return;
                }
                let decoded = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.clone());
                if decoded.contains(secret) {
                    *raw = quote(&decoded.replace(secret, mask));
                }
            }
        }
    }
}

impl Object {
    /// The members in their order.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The value of a member, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.members.iter_mut().find(|member| member.name == name).map(|member| &mut member.value)
    }

    /// Names and values in their order, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.members.iter_mut().map(|member| (member.name.as_str(), &mut member.value))
    }

    /// The value at a path of member names.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |value, name| value.as_object()?.get(name))
    }

    /// Sets a member: in its place if it is there, else at the end.
    pub fn insert(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.members.push(Member::new(name, value)),
        }
    }

    /// Sets a member: in its place if it is there, else at the front.
    pub fn insert_first(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.members.insert(0, Member::new(name, value)),
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.members.iter().position(|member| member.name == name)?;
        Some(self.members.remove(index).value)
    }

    /// Lays the members of `over` on top: objects are merged, everything else is replaced.
    pub fn merge(&mut self, over: Object) {
        for member in over.members {
            match (self.get_mut(&member.name), member.value.kind) {
                (Some(Value { kind: Kind::Object(under), .. }), Kind::Object(over)) => {
                    under.merge(over);
                }
                (Some(place), kind) => *place = Value { origin: member.value.origin, kind },
                (None, kind) => self.members.push(Member {
                    name: member.name,
                    value: Value { origin: member.value.origin, kind },
                    raw_name: member.raw_name,
                }),
            }
        }
    }

    /// The same object however its members, and those of objects in it, were ordered.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.members.sort_by(|one, other| one.name.cmp(&other.name));
        for member in &mut self.members {
            member.value.sort();
        }
        self
    }

    /// Gives a member another name, in its place.
    pub fn rename(&mut self, name: &str, new_name: &str) {
        if let Some(member) = self.members.iter_mut().find(|member| member.name == name) {
            new_name.clone_into(&mut member.name);
            member.raw_name = quote(new_name);
        }
    }

    /// The object as compact JSON on one line.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        json.push('{');
        for (index, member) in self.members.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&member.raw_name);
            json.push(':');
            member.value.write(json);
        }
        json.push('}');
    }
}

impl Member {
    fn new(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), value, raw_name: quote(name) }
    }
}

/// `text` as a JSON string, quotes included.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
