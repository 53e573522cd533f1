//! Understands the body of one launch, or refuses it as the API does.
//!
//! Pure. Fields that the sandbox has no use for are ignored. Where the API's strictness is
//! unknown, the sandbox is strict: what works here should work there.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use url::Url;

use super::fields::{Fields, not_an_object};

/// The longest window of a link, and the window of a link without one.
pub(super) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest `id`, in Unicode scalar values.
const LONGEST_ID: usize = 64;

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
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| json!({"detail": format!("JSON parse error - {error}")}))?;
    let object =
        value.as_object().ok_or_else(|| json!({"non_field_errors": [not_an_object(&value)]}))?;
    let mut fields = Fields::new(object);
    let launch = Launch {
        id: id(&mut fields),
        name: name(&mut fields),
        person: fields.nested("user", person),
        features: fields.nested("features", features).unwrap_or_default(),
        window: window(&mut fields, now),
        asked: Asked {
            record_av: fields.flag("record_av"),
            record_content: fields.flag("record_content"),
            waiting_room: fields.flag("waiting_room"),
            transcribe: fields.flag("transcribe"),
            summarise: fields.flag("summarise"),
        },
        webhooks: webhooks(&mut fields),
    };
    fields.flag("allow_guests");
    fields.finish()?;
    Ok(launch)
}

fn id(fields: &mut Fields) -> String {
    if !fields.has("id") {
        fields.problem("id", "This field is required.");
    }
    let Some(id) = fields.text("id") else {
        return String::new();
    };
    if id.trim().is_empty() {
        fields.problem("id", "This field may not be blank.");
    } else if id.chars().count() > LONGEST_ID {
        let message = format!("Ensure this field has no more than {LONGEST_ID} characters.");
        fields.problem("id", message);
    }
    id.to_owned()
}

fn name(fields: &mut Fields) -> Option<String> {
    if fields.is_null("name") {
        return Some(String::new());
    }
    fields.text("name").map(str::to_owned)
}

fn person(user: &mut Fields) -> Person {
    let email = user.text("email").filter(|email| !email.is_empty());
    if email.is_some_and(|email| !is_email(email)) {
        user.problem("email", "Enter a valid email address.");
    }
    user.text("role");
    Person {
        id: user.text("id").map(str::to_owned),
        name: user.text("name").map(str::to_owned),
        email: email.map(str::to_owned),
        leader: user.flag("leader").unwrap_or(false),
        custom: user.object("custom_jwt_parameters").cloned().unwrap_or_default(),
    }
}

/// As strict as matters: one `@`, something before it, a domain with a dot behind it.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = domain.split('.').collect::<Vec<_>>();
    let label = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let whole = !local.is_empty() && !local.chars().any(|c| c.is_whitespace() || c.is_control());
    whole && labels.len() > 1 && labels.iter().all(label)
}

fn features(object: &mut Fields) -> BTreeMap<String, bool> {
    object.names().filter_map(|name| Some((name.to_owned(), object.flag(name)?))).collect()
}

fn window(fields: &mut Fields, now: Timestamp) -> Window {
    let window = fields.nested("timeouts", |timeouts| {
        let from = timeouts.time("not_before");
        let until = timeouts.time("not_after");
        let window = Window {
            from: from.unwrap_or(now),
            until: until.unwrap_or_else(|| week_after(from.unwrap_or(now))),
        };
        if let Some(problem) = wrong_window(window) {
            timeouts.problem("not_after", problem);
        }
        window
    });
    window.unwrap_or(Window { from: now, until: week_after(now) })
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
fn webhooks(fields: &mut Fields) -> Option<BTreeMap<String, String>> {
    if fields.is_null("webhooks") {
        return Some(BTreeMap::new());
    }
    fields.nested("webhooks", |groups| {
        let mut all = BTreeMap::new();
        for group in groups.names().filter(|name| !groups.is_null(name)).collect::<Vec<_>>() {
            groups.nested(group, |events| {
                for event in events.names().filter(|name| !events.is_null(name)).collect::<Vec<_>>()
                {
                    match events.text(event) {
                        None | Some("") => {}
                        Some(url) if is_web_address(url) => {
                            all.insert(format!("{group}.{event}"), url.to_owned());
                        }
                        Some(_) => events.problem(event, "Enter a valid URL."),
                    }
                }
            });
        }
        all
    })
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
