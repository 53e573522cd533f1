//! `--set FIELD=VALUE` and the flags, which are assignments with a fixed path. Each sets one value
//! in the body, in the field's documented type.

use super::schema::{self, Type};
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::Problem;
use crate::words::{boolean, nearest};
use std::sync::Arc;

/// Message for JSON that lost its quotes to the shell.
const LOST_QUOTES: &str = if cfg!(windows) {
    "the shell removed the quotes from this JSON; write each one as \\\", or use --file"
} else {
    "the shell removed the quotes from this JSON; put the whole argument in single quotes, or use --file"
};

/// One value for one place in the body.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Where this came from, as shown in messages: `--set user.id`, `--user-id`, a roster cell.
    pub label: Arc<str>,
    /// The path of member names; below `features`, a single name.
    pub path: Arc<[String]>,
    pub value: String,
}

impl Assignment {
    /// The assignment for a flag. `path` is dotted and must be valid.
    pub fn flag(flag: &str, path: &str, value: impl Into<String>) -> Self {
        Self {
            label: flag.into(),
            path: path.split('.').map(str::to_owned).collect(),
            value: value.into(),
        }
    }

    /// Parses `FIELD=VALUE`.
    pub fn parse_set(text: &str) -> Result<Self, Problem> {
        let Some((path, value)) = text.split_once('=') else {
            return Err(Problem::new(
                format!("--set {}", untrusted(text)),
                "expected FIELD=VALUE, such as user.name=Anna",
            ));
        };
        let label = format!("--set {}", untrusted(path));
        let path =
            Self::parse_path(path).map_err(|message| Problem::new(label.as_str(), message))?;
        Ok(Self { label: label.into(), path, value: value.to_owned() })
    }

    /// Parses `KEY[=on|off]` of `--feature`.
    pub fn parse_feature(text: &str) -> Result<Self, Problem> {
        let (key, value) = text.split_once('=').unwrap_or((text, "on"));
        if key.is_empty() {
            return Err(Problem::new(
                "--feature",
                "expected a feature name, such as chat.enabled=off",
            ));
        }
        let label = format!("--feature {}", untrusted(key));
        Ok(Self {
            label: label.into(),
            path: ["features".to_owned(), key.to_owned()].into(),
            value: value.to_owned(),
        })
    }

    /// Parses `EVENT=URL` or `GROUP=URL` of `--webhook`. A group means all its documented events.
    pub fn parse_webhook(text: &str) -> Result<Vec<Self>, Problem> {
        let label = |event: &str| format!("--webhook {}", untrusted(event));
        let Some((event, url)) = text.split_once('=') else {
            return Err(Problem::new(
                label(text),
                "expected EVENT=URL, such as session.start=https://example.org/hook",
            ));
        };
        let one = |path: String| -> Result<Self, Problem> {
            let path =
                Self::parse_path(&path).map_err(|message| Problem::new(label(event), message))?;
            Ok(Self { label: label(event).into(), path, value: url.to_owned() })
        };
        if event.contains('.') {
            return Ok(vec![one(format!("webhooks.{event}"))?]);
        }
        if let Some(events) = schema::webhook_events(event) {
            return schema::names(events)
                .map(|name| one(format!("webhooks.{event}.{name}")))
                .collect();
        }
        let near = nearest(event, schema::webhook_groups());
        let near = near.map_or_else(String::new, |group| format!("; did you mean `{group}`?"));
        let message =
            format!("unknown event group; use a single event, such as session.start{near}");
        Err(Problem::new(label(event), message))
    }

    /// How a value for the field at `path` is written.
    pub fn class(path: &[String]) -> ValueClass {
        match known_type(path) {
            Some((Type::Boolean, true)) => ValueClass::Boolean,
            Some((Type::Time, _)) => ValueClass::Time,
            _ => ValueClass::Other,
        }
    }

    /// Splits a dotted path; below `features`, the rest is one key.
    pub fn parse_path(path: &str) -> Result<Arc<[String]>, String> {
        let segments: Arc<[String]> = match path.strip_prefix("features.") {
            Some(key) => ["features".to_owned(), key.to_owned()].into(),
            None => path.split('.').map(str::to_owned).collect(),
        };
        if segments.iter().any(|segment| segment.trim().is_empty()) {
            return Err("expected a field path, such as user.name".to_owned());
        }
        Ok(segments)
    }

    /// The top-level field this assignment changes.
    pub fn field(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Sets the value in `body`.
    pub fn apply(&self, body: &mut Object) -> Result<(), Problem> {
        let problem = |message: String| Problem::new(&*self.label, message);
        let value = self.typed().map_err(problem)?;
        let Some((last, parents)) = self.path.split_last() else {
            return Err(problem("expected a field name".to_owned()));
        };
        let mut object = body;
        for (depth, name) in parents.iter().enumerate() {
            if object.get(name).is_none_or(Value::is_null) {
                object.insert(name, Value::empty_object(self.origin()));
            }
            let kind = object.get(name).map_or("nothing", Value::kind_name);
            let Some(inner) = object.get_mut(name).and_then(Value::as_object_mut) else {
                let parent = self.path[..=depth].join(".");
                return Err(problem(format!(
                    "{parent} is {kind}, not an object, so it has no fields"
                )));
            };
            object = inner;
        }
        object.insert(last, value);
        Ok(())
    }

    fn origin(&self) -> Origin {
        Origin::Label(self.label.clone())
    }

    /// The value in the field's documented type; for other fields, JSON if valid, otherwise text.
    fn typed(&self) -> Result<Value, String> {
        let text = || Value::text(&self.value, self.origin());
        match self.known_type() {
            Some((Type::Text | Type::Time, _)) => Ok(text()),
            Some((Type::TextOrNull | Type::WebhookUrl, _)) => {
                Ok(if self.value == "null" { Value::raw("null", self.origin()) } else { text() })
            }
            Some((Type::Boolean, documented)) => match boolean(&self.value) {
                Some(value) => Ok(Value::raw(value.to_string(), self.origin())),
                None if documented => {
                    Err(format!("expected yes or no, not {:?}", untrusted(&self.value)))
                }
                None => Ok(self.json()?.unwrap_or_else(text)),
            },
            Some((Type::Object(_) | Type::Open(_) | Type::Features, true)) => match self.json()? {
                Some(value) if value.as_object().is_some() => Ok(value),
                _ if self.lost_quotes() => Err(LOST_QUOTES.to_owned()),
                _ => Err("expected a JSON object, such as {}".to_owned()),
            },
            Some((Type::Object(_) | Type::Open(_), false)) if self.lost_quotes() => {
                Err(LOST_QUOTES.to_owned())
            }
            _ => match self.json()? {
                None if self.lost_quotes() && self.value.trim().ends_with('}') => {
                    Err(LOST_QUOTES.to_owned())
                }
                value => Ok(value.unwrap_or_else(text)),
            },
        }
    }

    /// Whether the value was JSON until a shell removed its quotes: `{session:{end:...}}`.
    fn lost_quotes(&self) -> bool {
        let text = self.value.trim();
        let has_colon = text.contains(':') || text.contains('\'');
        text.starts_with('{') && text.len() > 2 && has_colon && !text.contains('"')
    }

    fn known_type(&self) -> Option<(Type, bool)> {
        known_type(&self.path)
    }

    /// The value as JSON; `None` if it is not JSON, and therefore text.
    fn json(&self) -> Result<Option<Value>, String> {
        match crate::json::parse_strict(&self.value) {
            Ok(mut value) => {
                value.place(&|_| self.origin());
                Ok(Some(value))
            }
            Err(error) if error.is_json => Err(format!("cannot send this JSON: {}", error.message)),
            Err(_) => Ok(None),
        }
    }
}

/// `value` as text that [`Assignment::apply`] turns back into the same value at `path`.
pub fn written(path: &[String], value: &Value) -> String {
    let Some(text) = value.as_text() else { return value.to_json() };
    let is_text = matches!(
        known_type(path),
        Some((Type::Text | Type::Time | Type::TextOrNull | Type::WebhookUrl, _))
    );
    // Text that would be read as a number or the like, or lose whitespace, needs JSON quotes.
    let stays =
        text.trim() == text && crate::json::parse_strict(&text).is_err_and(|error| !error.is_json);
    let is_plain = is_text || stays;
    if is_plain { text.into_owned() } else { value.to_json() }
}

/// How a value is written in text, before it becomes JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueClass {
    /// Yes or no.
    Boolean,
    Time,
    Other,
}

/// The documented type at a path, and whether Lessonspace documents it.
fn known_type(path: &[String]) -> Option<(Type, bool)> {
    match path {
        [features, _] if features == "features" => Some((Type::Boolean, true)),
        [tags, _] if matches!(tags.as_str(), "space_tags" | "tags" | "session_tags") => {
            Some((Type::Text, false))
        }
        path => schema::field_at(path).map(|field| (field.kind, field.documented)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(assignments: &[&str]) -> Result<String, String> {
        let mut body = Object::default();
        for text in assignments {
            Assignment::parse_set(text)
                .and_then(|assignment| assignment.apply(&mut body))
                .map_err(|problem| problem.to_string())?;
        }
        Ok(body.to_json())
    }

    #[test]
    fn known_fields_take_their_type_and_others_are_json_or_text() {
        for (assignment, body) in [
            ("user.id=1001", r#"{"user":{"id":"1001"}}"#),
            ("user.id=null", r#"{"user":{"id":"null"}}"#),
            ("user.leader=yes", r#"{"user":{"leader":true}}"#),
            ("name=null", r#"{"name":null}"#),
            ("name=", r#"{"name":""}"#),
            ("name=a=b", r#"{"name":"a=b"}"#),
            ("features.chat.enabled=false", r#"{"features":{"chat.enabled":false}}"#),
            ("features.new.thing=on", r#"{"features":{"new.thing":true}}"#),
            ("features={\"chat\":true}", r#"{"features":{"chat":true}}"#),
            ("space_tags.year=2026", r#"{"space_tags":{"year":"2026"}}"#),
            ("future.price=1.10", r#"{"future":{"price":1.10}}"#),
            ("future=[1, 2]", r#"{"future":[1,2]}"#),
            ("future=1E5", r#"{"future":1E5}"#),
            ("future=hello", r#"{"future":"hello"}"#),
            ("theme=dark", r#"{"theme":"dark"}"#),
            ("user.custom_jwt_parameters.x=5", r#"{"user":{"custom_jwt_parameters":{"x":5}}}"#),
            ("webhooks.session.start=null", r#"{"webhooks":{"session":{"start":null}}}"#),
        ] {
            assert_eq!(set(&[assignment]).as_deref(), Ok(body), "{assignment}");
        }
    }

    #[test]
    fn invalid_set_values_are_refused() {
        for (assignments, message) in [
            (&["user.leader=maybe"][..], "--set user.leader: expected yes or no, not \"maybe\""),
            (&["user=Anna"], "--set user: expected a JSON object, such as {}"),
            (
                &["user.name=Anna", "user.name.first=A"],
                "--set user.name.first: user.name is text, not an object, so it has no fields",
            ),
            (
                &["webhooks={session:{end:https://e.org}}"],
                &format!("--set webhooks: {LOST_QUOTES}"),
            ),
            (&["space_tags={a:1}"], &format!("--set space_tags: {LOST_QUOTES}")),
            (&["user={}x"], "--set user: expected a JSON object, such as {}"),
            (&["x"], "--set x: expected FIELD=VALUE, such as user.name=Anna"),
            (&["=1"], "--set : expected a field path, such as user.name"),
            (&["user..id=1"], "--set user..id: expected a field path, such as user.name"),
            (&["features.x=5"], "--set features.x: expected yes or no, not \"5\""),
        ] {
            assert_eq!(set(assignments), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_webhook_group_sets_all_its_events() {
        let paths = |text| {
            Assignment::parse_webhook(text)
                .map(|all| all.iter().map(|one| one.path.join(".")).collect::<Vec<_>>().join(" "))
                .map_err(|problem| problem.to_string())
        };
        assert_eq!(
            paths("user=https://e.org").as_deref(),
            Ok("webhooks.user.join webhooks.user.leave webhooks.user.idle")
        );
        assert_eq!(paths("new.event=https://e.org").as_deref(), Ok("webhooks.new.event"));
        assert!(paths("sesion=https://e.org").is_err());
        assert!(paths("session.start").is_err());
    }
}
