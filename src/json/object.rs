//! The members of a JSON object, and their names.

use super::{Kind, Origin, Value, between_quotes, quote};
use std::collections::HashMap;

/// The members of a JSON object in their order.
#[derive(Debug, Clone, Default)]
pub struct Object {
    pub(super) members: Vec<Member>,
}

/// One `"name": value` of an object.
#[derive(Debug, Clone)]
pub struct Member {
    pub value: Value,
    pub(super) name: Name,
}

/// A member's name.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// As JSON, quotes included.
    raw: Box<str>,
    /// The text, where it is not what stands between the quotes.
    decoded: Option<Box<str>>,
    /// Where it stands in the text that it was read from: the byte offset of its first quote.
    offset: Option<usize>,
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
        self.members.iter().find(|member| member.name() == name).map(|member| &member.value)
    }

    /// The value of a member, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.members.iter_mut().find(|member| member.name() == name).map(|member| &mut member.value)
    }

    /// Names and values in their order, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.members.iter_mut().map(|Member { name, value }| (name.text(), value))
    }

    /// The value at a path of member names.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |value, name| value.as_object()?.get(name))
    }

    /// Sets a member: in its place if it is there, else at the end.
    pub fn insert(&mut self, name: &str, value: Value) {
        if let Some(place) = self.get_mut(name) {
            *place = value;
        } else {
            // Most objects have few members, and a roster keeps two objects for each launch.
            self.members.reserve_exact(1);
            self.members.push(Member { name: Name::new(name), value });
        }
    }

    /// Sets a member: in its place if it is there, else at the front.
    pub fn insert_first(&mut self, name: &str, value: Value) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.members.insert(0, Member { name: Name::new(name), value }),
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.members.iter().position(|member| member.name() == name)?;
        Some(self.members.remove(index).value)
    }

    /// Lays the members of `over` on top: objects are merged, everything else is replaced.
    pub fn merge(&mut self, over: Object) {
        if self.members.is_empty() {
            *self = over;
            return;
        }
        // A file may have a hundred thousand fields of its own.
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

    /// Gives every member of a name another one, in its place.
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

    /// The same JSON however the members, and those of objects in it, are ordered.
    pub fn to_sorted_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json, Order::ByName);
        json
    }

    pub(super) fn shift(&mut self, bytes: usize) {
        for Member { value, name } in &mut self.members {
            value.shift(bytes);
            name.offset = name.offset.map(|offset| offset + bytes);
        }
    }

    pub(super) fn write(&self, json: &mut String, order: Order) {
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

/// The order in which members are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Kept,
    ByName,
}

impl Member {
    /// The decoded name.
    pub fn name(&self) -> &str {
        self.name.text()
    }

    /// Where the member came from: its name, where that was read from a file, else its value.
    pub fn origin(&self) -> Origin {
        match (&self.value.origin, self.name.offset) {
            (Origin::File(_), Some(offset)) => Origin::File(offset),
            (origin, _) => origin.clone(),
        }
    }
}

impl Name {
    pub(super) fn new(text: &str) -> Self {
        Self::from_raw(quote(text), None)
    }

    /// A name from a valid JSON string, and where that stands.
    pub(super) fn from_raw(raw: String, offset: Option<usize>) -> Self {
        let decoded = raw.contains('\\').then(|| {
            // A lone surrogate has no text.
            serde_json::from_str(&raw).unwrap_or_else(|_| raw.as_str().into())
        });
        Self { raw: raw.into(), decoded, offset }
    }

    pub(super) fn text(&self) -> &str {
        self.decoded.as_deref().or_else(|| between_quotes(&self.raw)).unwrap_or_default()
    }
}
