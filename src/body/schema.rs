//! The fields of a Launch body, as documented by Lessonspace or mentioned by others: name and type.
//!
//! Fields that only third parties mention are listed too, so that they cause no warning. Their type is
//! never checked; they are sent as is.

use crate::words::folded;

#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// A string.
    Text,
    /// A string or null.
    TextOrNull,
    /// `true` or `false`.
    Boolean,
    /// A point in time, sent as UTC.
    Time,
    /// An `http` or `https` URL; null or an empty string removes an earlier one.
    WebhookUrl,
    /// An object with these members; others are unknown.
    Object(&'static [Field]),
    /// An object with these members; callers can add their own.
    Open(&'static [Field]),
    /// An object of booleans with flat, dotted keys.
    Features,
    /// Anything: the type is not documented.
    Any,
}

#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Type,
    /// Whether Lessonspace documents the type, so that a wrong type is an error.
    pub documented: bool,
}

const fn documented(name: &'static str, kind: Type) -> Field {
    Field { name, kind, documented: true }
}

const fn mentioned(name: &'static str, kind: Type) -> Field {
    Field { name, kind, documented: false }
}

/// The members of a Launch body.
pub const BODY: &[Field] = &[
    documented("id", Type::Text),
    documented("name", Type::TextOrNull),
    documented("user", Type::Object(USER)),
    documented("features", Type::Features),
    documented("webhooks", Type::Object(WEBHOOKS)),
    documented("timeouts", Type::Object(TIMEOUTS)),
    documented("record_av", Type::Boolean),
    documented("record_content", Type::Boolean),
    documented("transcribe", Type::Boolean),
    documented("summarise", Type::Boolean),
    documented("allow_guests", Type::Boolean),
    documented("invite_url", Type::Text),
    documented("resource_url", Type::Text),
    mentioned("locale", Type::Text),
    mentioned("server", Type::Text),
    mentioned("space_tags", Type::Open(&[])),
    mentioned("tags", Type::Open(&[])),
    mentioned("session_tags", Type::Open(&[])),
    mentioned("auth_external", Type::Object(&[mentioned("url", Type::Text)])),
    mentioned("theme", Type::Any),
    mentioned("video_layout_mode", Type::Text),
    mentioned("holodeck_parameters", Type::Any),
    mentioned("waiting_room", Type::Boolean),
];

const USER: &[Field] = &[
    documented("id", Type::Text),
    documented("name", Type::Text),
    documented("email", Type::Text),
    documented("role", Type::Text),
    documented("leader", Type::Boolean),
    documented("custom_jwt_parameters", Type::Open(JWT_PARAMETERS)),
    mentioned("profile_picture", Type::Text),
    mentioned("single_use", Type::Boolean),
];

const JWT_PARAMETERS: &[Field] = &[
    documented("meta", Type::Open(&[documented("displayName", Type::Text)])),
    documented("kickOnExp", Type::Boolean),
];

const TIMEOUTS: &[Field] =
    &[documented("not_before", Type::Time), documented("not_after", Type::Time)];

const WEBHOOKS: &[Field] = &[
    documented("session", Type::Object(&[event("start"), event("end"), event("idle")])),
    documented("user", Type::Object(&[event("join"), event("leave"), event("idle")])),
    documented("chat", Type::Object(&[event("message")])),
    documented("cobrowser", Type::Object(&[event("start"), event("stop")])),
    documented("transcription", Type::Object(&[event("finish")])),
    documented("knock", Type::Object(&[event("request"), event("admit"), event("deny")])),
    documented("summary", Type::Object(&[event("finish")])),
];

const fn event(name: &'static str) -> Field {
    documented(name, Type::WebhookUrl)
}

/// Names of UI features; the complete list is not public.
const FEATURES: &str = "
    apps.enabled apps.dice apps.calculator apps.graphingCalculator apps.sharedVideo
    av.enabled av.screenShare av.publishing av.layoutModes av.directLeaderUnmute
    chat.enabled options.fullscreen options.profanityFilter reactions.emojis
    import.zip breakouts.enabled people.invite whiteboard.equations whiteboard.infiniteToggle
    chat timer invite endSession participants fullscreen tabContextMenu
    importZip importPdf exportZip tabDownload emojis profanityFilter
    hideTabbar hideToolbar lobby avPublishing";

/// The known UI features.
pub fn features() -> impl Iterator<Item = &'static str> {
    FEATURES.split_whitespace()
}

/// The field with this name.
pub fn field(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}

/// The known field at a path; `None` for unknown names, including those in open objects.
pub fn field_at(path: &[String]) -> Option<&'static Field> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(field(BODY, first)?, |parent, name| match parent.kind {
        Type::Object(fields) | Type::Open(fields) => field(fields, name),
        _ => None,
    })
}

/// The documented groups of webhook events.
pub fn webhook_groups() -> impl Iterator<Item = &'static str> {
    names(WEBHOOKS)
}

/// The documented events of a webhook group such as `session`.
pub fn webhook_events(group: &str) -> Option<&'static [Field]> {
    match field(WEBHOOKS, group)?.kind {
        Type::Object(events) => Some(events),
        _ => None,
    }
}

/// The settings of the Space, which outlast the link.
const SPACE_SETTINGS: [&str; 10] = [
    "name",
    "allow_guests",
    "record_av",
    "record_content",
    "transcribe",
    "summarise",
    "webhooks",
    "space_tags",
    "server",
    "waiting_room",
];

/// Whether the top-level field `name` is a setting of the Space.
pub fn is_space_setting(name: &str) -> bool {
    SPACE_SETTINGS.contains(&name)
}

/// Whether `name` is a setting of the Space in another spelling, such as `Record-AV`.
pub fn is_like_space_setting(name: &str) -> bool {
    SPACE_SETTINGS.iter().any(|setting| folded(setting) == folded(name))
}

/// The paths of all known fields: first those that are not objects, then those that are.
pub fn paths() -> (Vec<String>, Vec<String>) {
    let features = features().map(|name| format!("features.{name}"));
    let mut paths = (features.collect(), Vec::new());
    collect_paths(BODY, "", &mut paths);
    paths
}

fn collect_paths(fields: &[Field], parent: &str, paths: &mut (Vec<String>, Vec<String>)) {
    for field in fields {
        let path = format!("{parent}{}", field.name);
        match field.kind {
            Type::Object(fields) | Type::Open(fields) => {
                collect_paths(fields, &format!("{path}."), paths);
                paths.1.push(path);
            }
            Type::Features => paths.1.push(path),
            _ => paths.0.push(path),
        }
    }
}

pub fn names(fields: &'static [Field]) -> impl Iterator<Item = &'static str> {
    fields.iter().map(|field| field.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_resolve_to_fields() {
        let at = |path: &str| {
            field_at(&path.split('.').map(str::to_owned).collect::<Vec<_>>()).map(|f| f.name)
        };
        assert_eq!(at("user.custom_jwt_parameters.meta.displayName"), Some("displayName"));
        assert_eq!(at("webhooks.session.start"), Some("start"));
        assert_eq!(at("user.custom_jwt_parameters.other"), None);
        assert_eq!(at("id.x"), None);
    }

    #[test]
    fn every_field_has_its_path() {
        let (fields, objects) = paths();
        for field in ["id", "features.chat.enabled", "webhooks.chat.message", "timeouts.not_after"]
        {
            assert!(fields.iter().any(|path| path == field), "{field}");
        }
        for object in ["user", "features", "user.custom_jwt_parameters.meta", "tags"] {
            assert!(objects.iter().any(|path| path == object), "{object}");
        }
    }
}
