//! The body of one launch: its fields and what they mean.
//!
//! Sources: the documentation for the fields and for nulls in `name` and `webhooks`; existing integrations
//! for the rest. If neither covers a case, the practice API is strict, so that what works here should work
//! with Lessonspace. Unknown fields are ignored, as in the framework.

use super::fields::{self, Field, Kind};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The longest time that a link is valid, and the default.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest `id`, in Unicode scalar values.
const MAX_ID_LENGTH: usize = 64;

const FLAG: Field = Field::of("", Kind::Flag);
const TEXT: Field = Field::of("", Kind::Text).blank();

/// The body of `POST spaces/launch/`.
const LAUNCH: &[Field] = &[
    Field::of("id", Kind::Text).required().at_most(MAX_ID_LENGTH),
    Field::of("name", Kind::Text).null().blank(),
    Field::of("user", Kind::Object(USER)),
    Field::of("features", Kind::Each(&FLAG)),
    Field::of("timeouts", Kind::Object(TIMEOUTS)),
    Field::of("webhooks", Kind::Object(WEBHOOKS)).null(),
    Field::of("record_av", Kind::Flag),
    Field::of("record_content", Kind::Flag),
    Field::of("transcribe", Kind::Flag),
    Field::of("summarise", Kind::Flag),
    Field::of("waiting_room", Kind::Flag),
    Field::of("allow_guests", Kind::Flag),
    Field::of("locale", Kind::Text).blank(),
    Field::of("server", Kind::Text).blank(),
    // The documentation's example has no scheme, so this is not a URL field.
    Field::of("invite_url", Kind::Text).blank(),
    Field::of("resource_url", Kind::Text).blank(),
    Field::of("video_layout_mode", Kind::Text).blank(),
    Field::of("theme", Kind::Anything),
    Field::of("holodeck_parameters", Kind::Anything),
    Field::of("auth_external", Kind::Object(&[Field::of("url", Kind::Url).blank()])),
    Field::of("space_tags", Kind::Each(&TEXT)),
    Field::of("session_tags", Kind::Each(&TEXT)),
    Field::of("tags", Kind::Each(&TEXT)),
];

const USER: &[Field] = &[
    Field::of("id", Kind::Text).blank(),
    Field::of("name", Kind::Text).blank(),
    Field::of("email", Kind::Email).blank(),
    Field::of("role", Kind::Text).blank(),
    Field::of("leader", Kind::Flag),
    Field::of("single_use", Kind::Flag),
    Field::of("profile_picture", Kind::Url).blank(),
    Field::of("custom_jwt_parameters", Kind::Anything),
];

const TIMEOUTS: &[Field] =
    &[Field::of("not_before", Kind::Time), Field::of("not_after", Kind::Time)];

/// A null or empty text removes an entry.
const WEBHOOKS: &[Field] = &[
    Field::of("session", Kind::Object(&hooks(["start", "end", "idle"]))).null(),
    Field::of("user", Kind::Object(&hooks(["join", "leave", "idle"]))).null(),
    Field::of("chat", Kind::Object(&hooks(["message"]))).null(),
    Field::of("cobrowser", Kind::Object(&hooks(["start", "stop"]))).null(),
    Field::of("transcription", Kind::Object(&hooks(["finish"]))).null(),
    Field::of("summary", Kind::Object(&hooks(["finish"]))).null(),
    Field::of("knock", Kind::Object(&hooks(["request", "admit", "deny"]))).null(),
];

const fn hooks<const N: usize>(names: [&'static str; N]) -> [Field; N] {
    let mut fields = [Field::of("", Kind::Url).null().blank(); N];
    let mut at = 0;
    while at < N {
        fields[at].name = names[at];
        at += 1;
    }
    fields
}

/// The fields of a launch. Except in the name, empty text means that the field was left out.
#[derive(Debug, Deserialize)]
pub(super) struct Launch {
    pub id: String,
    /// Empty if null or blank.
    pub name: Option<String>,
    /// `None` for a guest link.
    pub user: Option<Person>,
    #[serde(default)]
    pub features: BTreeMap<String, bool>,
    #[serde(default)]
    timeouts: Timeouts,
    #[serde(flatten)]
    pub asked: RequestedSettings,
    pub allow_guests: Option<bool>,
    #[serde(default)]
    pub invite_url: String,
    webhooks: Option<BTreeMap<String, BTreeMap<String, String>>>,
    #[serde(skip)]
    pub window: Window,
}

/// The owner of a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    pub id: String,
    pub name: String,
    pub email: String,
    pub leader: bool,
    pub custom_jwt_parameters: Map<String, Value>,
}

/// In microseconds since 1970.
#[derive(Debug, Default, Deserialize)]
struct Timeouts {
    not_before: Option<i64>,
    not_after: Option<i64>,
}

/// The Space settings in a launch.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RequestedSettings {
    pub record_av: Option<bool>,
    pub record_content: Option<bool>,
    pub waiting_room: Option<bool>,
    pub transcribe: Option<bool>,
    pub summarise: Option<bool>,
}

/// When a link is valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Launch {
    /// Reads a body. The error is the body of the 400 response, with all problems.
    pub(super) fn read(body: &[u8], now: Timestamp) -> Result<Self, Value> {
        let given = Value::Object(fields::read(LAUNCH, body)?);
        let mut launch: Self = serde_json::from_value(given)
            .map_err(|error| json!({"detail": format!("JSON parse error - {error}")}))?;
        launch.window = launch.timeouts.window(now)?;
        Ok(launch)
    }

    /// Event name (`session.start`) to URL; `None` leaves the Space's webhooks unchanged.
    pub(super) fn webhooks(&self) -> Option<BTreeMap<String, String>> {
        let mut all = BTreeMap::new();
        for (group, events) in self.webhooks.as_ref()? {
            for (event, url) in events.iter().filter(|(_, url)| !url.is_empty()) {
                all.insert(format!("{group}.{event}"), url.clone());
            }
        }
        Some(all)
    }
}

impl Timeouts {
    fn window(&self, now: Timestamp) -> Result<Window, Value> {
        let time = |time: Option<i64>| time.and_then(|time| Timestamp::from_microsecond(time).ok());
        let from = time(self.not_before).unwrap_or(now);
        let week = || from.checked_add(WEEK).unwrap_or(Timestamp::MAX);
        let window = Window { from, until: time(self.not_after).unwrap_or_else(week) };
        let problem = if window.until <= window.from {
            "Must be later than not_before (or now, if not_before is not set)."
        } else if window.until.duration_since(window.from) > WEEK {
            "Must be at most 7 days after not_before (or now, if not_before is not set)."
        } else {
            return Ok(window);
        };
        Err(json!({"timeouts": {"not_after": [problem]}}))
    }
}

#[cfg(test)]
#[path = "tests/launch.rs"]
mod tests;
