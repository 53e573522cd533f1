//! JSON kept as written: member order, `1.10`, `1E5`, 30-digit integers and escapes survive reading
//! and writing. Scalars are raw text, decoded on demand.
//!
//! This module does not interpret the members.

mod parse;

pub use parse::{
    is_cut_short, parse_answer, parse_commented, parse_part, parse_strict, parse_with_duplicates,
};

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Deepest nesting that is read, in levels. No real Launch body comes close.
pub const MAX_DEPTH: usize = 128;

/// Where a value came from, for messages about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Made by the program or the API.
    Unplaced,
    /// Read from the JSON file, at the byte offset of its first character.
    File(usize),
    /// Given by a flag, `--set` or a roster cell, as shown in messages.
    Label(Arc<str>),
}

/// One JSON value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    pub origin: Origin,
    pub kind: Kind,
}

/// Kinds of JSON value, as far as they matter here: anything without members is a scalar.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `{...}`
    Object(Object),
    /// `[...]`
    Array(Vec<Value>),
    /// `null`, `true`, a number or a string, as raw JSON text.
    Scalar(String),
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

    /// An array without a place.
    pub fn array(items: Vec<Self>) -> Self {
        Self { origin: Origin::Unplaced, kind: Kind::Array(items) }
    }

    /// An object without members.
    pub fn empty_object(origin: Origin) -> Self {
        Self { origin, kind: Kind::Object(Object::default()) }
    }

    /// The decoded text of a string; `None` for anything else.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match &self.kind {
            Kind::Scalar(raw) => decoded(raw),
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

    /// Converts this value into its members, if it is an object.
    pub fn into_object(self) -> Option<Object> {
        match self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members, mutable, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match &mut self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The kind of value in messages: "text", "a number", "a list" and so on.
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

    /// Replaces the origin of this value and all values in it with the result of `origin`.
    pub fn place(&mut self, origin: &impl Fn(&Origin) -> Origin) {
        self.origin = origin(&self.origin);
        match &mut self.kind {
            Kind::Object(object) => object.members.iter_mut().for_each(|m| m.value.place(origin)),
            Kind::Array(items) => items.iter_mut().for_each(|item| item.place(origin)),
            Kind::Scalar(_) => {}
        }
    }

    /// Moves the place of this value and all values in it by `bytes`.
    fn shift(&mut self, bytes: usize) {
        if let Origin::File(offset) = &mut self.origin {
            *offset += bytes;
        }
        match &mut self.kind {
            Kind::Object(object) => object.shift(bytes),
            Kind::Array(items) => items.iter_mut().for_each(|item| item.shift(bytes)),
            Kind::Scalar(_) => {}
        }
    }

    /// The value as compact JSON on one line.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json, Order::Kept);
        json
    }

    fn write(&self, json: &mut String, order: Order) {
        match &self.kind {
            Kind::Object(object) => object.write(json, order),
            Kind::Array(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        json.push(',');
                    }
                    item.write(json, order);
                }
                json.push(']');
            }
            Kind::Scalar(raw) => json.push_str(raw),
        }
    }

    /// Replaces every string and member name for which `change` returns a text; both are decoded
    /// first. Other scalars are replaced too, and become strings.
    pub fn change_texts(&mut self, change: &impl Fn(&str) -> Option<String>) {
        match &mut self.kind {
            Kind::Object(object) => {
                for member in &mut object.members {
                    if let Some(name) = change(member.name()) {
                        member.name = Name::new(&name);
                    }
                    member.value.change_texts(change);
                }
            }
            Kind::Array(items) => items.iter_mut().for_each(|item| item.change_texts(change)),
            Kind::Scalar(raw) => {
                // A lone surrogate cannot be decoded.
                let text = decoded(raw);
                if let Some(text) = change(text.as_deref().unwrap_or(raw)) {
                    *raw = quote(&text);
                }
            }
        }
    }
}

/// An object made by the program, such as a result for `--json`.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Object {
    let mut object = Object::default();
    for (name, value) in members {
        object.insert(name, value);
    }
    object
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text, Origin::Unplaced)
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<str>) -> Self {
        Self::from(&*text)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self { origin: Origin::Unplaced, kind: Kind::Object(object) }
    }
}

/// `None` becomes `null`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Self::raw("null", Origin::Unplaced), Into::into)
    }
}

macro_rules! scalars {
    ($($scalar:ty),*) => {
        $(impl From<$scalar> for Value {
            fn from(scalar: $scalar) -> Self {
                Self::raw(scalar.to_string(), Origin::Unplaced)
            }
        })*
    };
}

scalars!(bool, u8, u16, u32, u64, usize);

/// The text of a JSON string; `None` for other scalars.
fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    if raw.contains('\\') {
        return serde_json::from_str(raw).ok();
    }
    between_quotes(raw).map(Cow::Borrowed)
}

/// The part between the quotes of a JSON string: its text, if it has no escapes.
fn between_quotes(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

/// `text` as a JSON string, quotes included.
pub fn quote(text: &str) -> String {
    // Serialising always succeeds but reserves too much space, and a roster keeps many strings.
    let mut quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.shrink_to_fit();
    quoted
}

/// The members of a JSON object, in order.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<Member>,
}

/// One `"name": value` of an object.
#[derive(Debug, Clone)]
pub struct Member {
    pub value: Value,
    name: Name,
}

#[derive(Debug, Clone)]
struct Name {
    /// As JSON, quotes included.
    raw: Box<str>,
    /// The text, if it differs from what is between the quotes.
    decoded: Option<Box<str>>,
    /// The byte offset of its first quote in the text it was read from.
    offset: Option<usize>,
}

impl Object {
    /// The members, in order.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of the member with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|member| member.name() == name).map(|member| &member.value)
    }

    /// The value of the member with this name, mutable.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.members.iter_mut().find(|member| member.name() == name).map(|member| &mut member.value)
    }

    /// Names and mutable values, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.members.iter_mut().map(|Member { name, value }| (name.text(), value))
    }

    /// The value at a path of member names.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |value, name| value.as_object()?.get(name))
    }

    /// Sets a member: in place if it exists, otherwise at the end.
    pub fn insert(&mut self, name: &str, value: Value) {
        if let Some(place) = self.get_mut(name) {
            *place = value;
        } else {
            // Most objects have few members, and a roster keeps two objects for each launch.
            self.members.reserve_exact(1);
            self.members.push(Member { name: Name::new(name), value });
        }
    }

    /// Sets a member: in place if it exists, otherwise at the front.
    pub fn insert_first(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.members.insert(0, Member { name: Name::new(name), value }),
        }
    }

    /// Removes a member and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.members.iter().position(|member| member.name() == name)?;
        Some(self.members.remove(index).value)
    }

    /// Merges `over` into this object: objects are merged, everything else is replaced.
    pub fn merge(&mut self, over: Object) {
        if self.members.is_empty() {
            *self = over;
            return;
        }
        // A file may have 100,000 fields of its own.
        let index = (over.members.len() > 32).then(|| {
            let names = self.members.iter().map(|member| member.name().to_owned());
            names.zip(0..).collect::<HashMap<String, usize>>()
        });
        for Member { name, value: Value { origin, kind } } in over.members {
            let place = match &index {
                Some(index) => index.get(name.text()).map(|place| &mut self.members[*place].value),
                None => self.get_mut(name.text()),
            };
            match (place, kind) {
                (Some(Value { kind: Kind::Object(under), .. }), Kind::Object(over)) => {
                    under.merge(over);
                }
                (Some(place), kind) => *place = Value { origin, kind },
                (None, kind) => self.members.push(Member { name, value: Value { origin, kind } }),
            }
        }
    }

    /// Renames every member with this name, in place.
    pub fn rename(&mut self, name: &str, new_name: &str) {
        for member in self.members.iter_mut().filter(|member| member.name.text() == name) {
            member.name = Name::new(new_name);
        }
    }

    /// The object as compact JSON on one line.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json, Order::Kept);
        json
    }

    /// The object as JSON that does not depend on the order of members, at any depth.
    pub fn to_sorted_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json, Order::ByName);
        json
    }

    fn shift(&mut self, bytes: usize) {
        for Member { value, name } in &mut self.members {
            value.shift(bytes);
            name.offset = name.offset.map(|offset| offset + bytes);
        }
    }

    fn write(&self, json: &mut String, order: Order) {
        let mut write_member = |(index, member): (usize, &Member)| {
            json.push(if index == 0 { '{' } else { ',' });
            json.push_str(&member.name.raw);
            json.push(':');
            member.value.write(json, order);
        };
        match order {
            _ if self.is_empty() => json.push('{'),
            Order::Kept => self.members.iter().enumerate().for_each(write_member),
            Order::ByName => {
                let mut members: Vec<&Member> = self.members.iter().collect();
                members.sort_by_key(|member| member.name());
                members.into_iter().enumerate().for_each(&mut write_member);
            }
        }
        json.push('}');
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Kept,
    ByName,
}

impl Member {
    /// The decoded name.
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// Where the member came from: its name if that was read from a file, otherwise its value.
    pub fn origin(&self) -> Origin {
        match (&self.value.origin, self.name.offset) {
            (Origin::File(_), Some(offset)) => Origin::File(offset),
            (origin, _) => origin.clone(),
        }
    }
}

impl Name {
    fn new(text: &str) -> Self {
        Self::from_raw(quote(text), None)
    }

    /// A name from a valid JSON string and its offset.
    fn from_raw(raw: String, offset: Option<usize>) -> Self {
        let decoded = raw.contains('\\').then(|| {
            // A lone surrogate cannot be decoded.
            serde_json::from_str(&raw).unwrap_or_else(|_| raw.as_str().into())
        });
        Self { raw: raw.into(), decoded, offset }
    }

    fn text(&self) -> &str {
        self.decoded.as_deref().or_else(|| between_quotes(&self.raw)).unwrap_or_default()
    }
}
