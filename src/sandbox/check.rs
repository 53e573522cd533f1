//! Understands the body of one launch, or refuses it as the API does.
//!
//! Pure. What each field takes is in `schema`; here is what the values mean together.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::fields::{dictionary, take};
use super::integers;
use super::schema::LAUNCH;
use crate::json;

/// The longest window of a link, and the window of a link without one.
pub(super) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a launch asks for.
#[derive(Debug)]
pub(super) struct Launch {
    pub id: String,
    /// Left out, or given; a null or blank name is given as empty.
    pub name: Option<String>,
    /// `None`: a guest link.
    pub person: Option<Person>,
    pub features: BTreeMap<String, bool>,
    pub window: Window,
    pub asked: Asked,
    /// Event name to URL, without those that an empty URL removes. `None`: leave them alone.
    pub webhooks: Option<BTreeMap<String, String>>,
}

/// Whose link it is.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub leader: bool,
    pub custom: Map<String, Value>,
}

/// From when until when a link works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// The settings that a launch names.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub record_av: Option<bool>,
    pub record_content: Option<bool>,
    pub waiting_room: Option<bool>,
    pub transcribe: Option<bool>,
    pub summarise: Option<bool>,
}

/// Reads `body`. The error is the body of the 400, with every problem in it.
pub(super) fn read(body: &[u8], now: Timestamp) -> Result<Launch, Value> {
    // The framework takes a request without a body for one without fields.
    let body = if body.is_empty() { b"{}" } else { body };
    let mut given: Value = serde_json::from_slice(body)
        .map_err(|error| json!({"detail": format!("JSON parse error - {error}")}))?;
    let raw = json::parse_answer(&String::from_utf8_lossy(body)).ok();
    if let (Some(given), Some(raw)) =
        (given.as_object_mut(), raw.as_ref().and_then(json::Value::as_object))
    {
        integers::restore(LAUNCH, given, raw);
    }
    let mut fields = take(LAUNCH, dictionary(&given)?)?;
    Ok(Launch {
        id: text(&mut fields, "id").unwrap_or_default(),
        name: name(&mut fields),
        person: object(&mut fields, "user").map(person),
        features: features(object(&mut fields, "features").unwrap_or_default()),
        window: window(&object(&mut fields, "timeouts").unwrap_or_default(), now)?,
        asked: Asked {
            record_av: flag(&fields, "record_av"),
            record_content: flag(&fields, "record_content"),
            waiting_room: flag(&fields, "waiting_room"),
            transcribe: flag(&fields, "transcribe"),
            summarise: flag(&fields, "summarise"),
        },
        webhooks: webhooks(fields.remove("webhooks")),
    })
}

/// Takes text out of the fields.
fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn object(fields: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    match fields.remove(name) {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    fields.get(name)?.as_bool()
}

fn name(fields: &mut Map<String, Value>) -> Option<String> {
    let given = fields.contains_key("name");
    given.then(|| text(fields, "name").unwrap_or_default())
}

fn person(mut user: Map<String, Value>) -> Person {
    let mut said = |name: &str| text(&mut user, name).filter(|text| !text.is_empty());
    Person {
        id: said("id"),
        name: said("name"),
        email: said("email"),
        leader: flag(&user, "leader").unwrap_or(false),
        custom: object(&mut user, "custom_jwt_parameters").unwrap_or_default(),
    }
}

fn features(object: Map<String, Value>) -> BTreeMap<String, bool> {
    object.into_iter().filter_map(|(name, on)| Some((name, on.as_bool()?))).collect()
}

fn window(timeouts: &Map<String, Value>, now: Timestamp) -> Result<Window, Value> {
    let time = |name: &str| timeouts.get(name)?.as_str()?.parse::<Timestamp>().ok();
    let from = time("not_before");
    let until = time("not_after");
    let window = Window {
        from: from.unwrap_or(now),
        until: until.unwrap_or_else(|| week_after(from.unwrap_or(now))),
    };
    match wrong_window(window) {
        Some(problem) => Err(json!({"timeouts": {"not_after": [problem]}})),
        None => Ok(window),
    }
}

fn week_after(from: Timestamp) -> Timestamp {
    from.checked_add(WEEK).unwrap_or(Timestamp::MAX)
}

fn wrong_window(window: Window) -> Option<&'static str> {
    if window.until <= window.from {
        return Some("Must be later than not_before, or than now when that is left out.");
    }
    let too_long = window.until.duration_since(window.from) > WEEK;
    too_long.then_some("Must be at most 7 days after not_before, or after now.")
}

/// Flattens the groups to `session.start` and so on. Entries that are null or empty are left
/// out, which removes them, because the whole object replaces the earlier one.
fn webhooks(given: Option<Value>) -> Option<BTreeMap<String, String>> {
    let Value::Object(groups) = given? else {
        return Some(BTreeMap::new());
    };
    let mut all = BTreeMap::new();
    for (group, events) in &groups {
        for (event, url) in events.as_object().into_iter().flatten() {
            if let Some(url) = url.as_str().filter(|url| !url.is_empty()) {
                all.insert(format!("{group}.{event}"), url.to_owned());
            }
        }
    }
    Some(all)
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
