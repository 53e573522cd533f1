//! The fields that a roster column can fill, and the rule for recognising their names in headers, maps
//! and recipes.

use crate::body::{self, schema};
use crate::words::{folded, nearest};

/// A field that a column, a map or a line of a recipe fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Id,
    SpaceName,
    UserId,
    UserName,
    UserEmail,
    Role,
    Leader,
    Guest,
    DisplayName,
    KickOnExpiry,
    NotBefore,
    NotAfter,
    ValidFor,
    LessonTime,
    TimeZone,
    Feature,
    InviteUrl,
    RecordAv,
    RecordContent,
    Transcribe,
    Summarise,
    AllowGuests,
    Webhook,
    Locale,
    Server,
}

/// A named field, or any path in the body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    Field(Field),
    /// A path in the body that has no field, such as `features.chat.enabled`.
    Path(String),
}

/// Each field's name, other names, and path in the body, if it fills exactly one.
const FIELDS: [(Field, &str, &[&str], Option<&str>); 25] = [
    (Field::Id, "id", &["space id"], Some("id")),
    (Field::SpaceName, "space name", &[], Some("name")),
    (Field::UserId, "user id", &[], Some("user.id")),
    (Field::UserName, "user name", &[], Some("user.name")),
    (Field::UserEmail, "user email", &["email", "e-mail"], Some("user.email")),
    (Field::Role, "role", &[], Some("user.role")),
    (Field::Leader, "leader", &[], Some("user.leader")),
    (Field::Guest, "guest", &[], None),
    (Field::DisplayName, "display name", &[], Some("user.custom_jwt_parameters.meta.displayName")),
    (Field::KickOnExpiry, "kick on expiry", &[], Some("user.custom_jwt_parameters.kickOnExp")),
    (Field::NotBefore, "not before", &[], Some("timeouts.not_before")),
    (Field::NotAfter, "not after", &[], Some("timeouts.not_after")),
    (Field::ValidFor, "valid for", &[], None),
    (Field::LessonTime, "lesson time", &[], None),
    (Field::TimeZone, "time zone", &[], None),
    (Field::Feature, "feature", &[], None),
    (Field::InviteUrl, "invite url", &[], Some("invite_url")),
    (Field::RecordAv, "record av", &[], Some("record_av")),
    (Field::RecordContent, "record content", &[], Some("record_content")),
    (Field::Transcribe, "transcribe", &[], Some("transcribe")),
    (Field::Summarise, "summarise", &[], Some("summarise")),
    (Field::AllowGuests, "allow guests", &[], Some("allow_guests")),
    (Field::Webhook, "webhook", &[], None),
    (Field::Locale, "locale", &[], Some("locale")),
    (Field::Server, "server", &[], Some("server")),
];

/// The header of an empty roster.
pub const TEMPLATE: &str = "id,space name,user id,user name,user email,role,leader,lesson time\r\n";

impl Field {
    /// The name of the field's column.
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(field, ..)| *field == self).map_or("", |(_, name, ..)| name)
    }

    /// The path in the body, if the field fills exactly one.
    pub fn path(self) -> Option<&'static str> {
        FIELDS.iter().find(|(field, ..)| *field == self).and_then(|(.., path)| *path)
    }
}

impl Target {
    /// The name in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::Field(field) => field.name(),
            Self::Path(path) => path,
        }
    }

    pub fn is(&self, field: Field) -> bool {
        *self == Self::Field(field)
    }

    /// Whether it identifies a person or makes the person a leader.
    pub fn is_person(&self) -> bool {
        use Field::{DisplayName, Guest, Leader, UserEmail, UserId, UserName};
        let Self::Field(field) = self else { return false };
        matches!(field, UserId | UserName | UserEmail | DisplayName | Leader | Guest)
    }
}

/// The meaning of a column's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A known name.
    Target(Target),
    /// `name` alone, which could be the Space's or the person's name.
    BareName,
    /// Not a known name; `suggestion` is a similar one.
    Unknown { suggestion: Option<String> },
}

/// The meaning of a name in a header, a map or a recipe. Case, whitespace, `-`, `_` and `.` are ignored.
pub fn named(name: &str) -> Named {
    let name = name.trim();
    let wanted = folded(name);
    if wanted == "name" {
        return Named::BareName;
    }
    if wanted.is_empty() {
        return Named::Unknown { suggestion: None };
    }
    let is_named = |other: &&str| folded(other) == wanted;
    let known = FIELDS.iter().find(|(_, own, others, path)| {
        is_named(own) || others.iter().any(is_named) || path.iter().any(is_named)
    });
    if let Some((field, ..)) = known {
        return Named::Target(Target::Field(*field));
    }
    let (paths, objects) = schema::paths();
    // Try the exact name first: the names of two features may differ only by dots and case.
    let path = paths.iter().find(|path| *path == name);
    let path = path.or_else(|| paths.iter().find(|path| folded(path) == wanted));
    if let Some(path) = path {
        return Named::Target(Target::Path(path.clone()));
    }
    let below_object = name.rmatch_indices('.').find_map(|(dot, _)| {
        let (start, rest) = (folded(&name[..dot]), &name[dot + 1..]);
        let object = objects.iter().find(|object| folded(object) == start)?;
        (!rest.is_empty()).then(|| format!("{object}.{rest}"))
    });
    if let Some(path) = below_object {
        return Named::Target(Target::Path(path));
    }
    Named::Unknown { suggestion: suggestion(name, &objects) }
}

/// The target of a map or of a line in a recipe.
///
/// # Errors
///
/// An unknown name, as a predicate about it.
pub fn target(name: &str) -> Result<Target, String> {
    match named(name) {
        Named::Target(Target::Path(path)) => {
            body::Assignment::parse_path(&path)?;
            Ok(Target::Path(path))
        }
        Named::Target(target) => Ok(target),
        Named::BareName => Err("is ambiguous; use \"space name\" or \"user name\"".to_owned()),
        Named::Unknown { suggestion } => {
            let near =
                suggestion.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(format!("is not a known field{near}"))
        }
    }
}

/// A common column name that is similar to `leader` but unrelated.
const NOT_LEADER: &str = "gender";

/// The known name nearest to an unknown one.
fn suggestion(name: &str, objects: &[String]) -> Option<String> {
    if folded(name) == NOT_LEADER {
        return None;
    }
    let names = FIELDS
        .iter()
        .flat_map(|(_, own, others, _)| std::iter::once(*own).chain(others.iter().copied()));
    if let Some(near) = nearest(name, names) {
        let of_field =
            FIELDS.iter().find(|(_, own, others, _)| *own == near || others.contains(&near));
        return of_field.map(|(_, own, ..)| (*own).to_owned());
    }
    let (first, rest) = name.split_once('.').filter(|(_, rest)| !rest.is_empty())?;
    let object = nearest(first, objects.iter().map(String::as_str))?;
    Some(format!("{object}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gender_is_not_a_typo_for_leader() {
        assert_eq!(named("Gender"), Named::Unknown { suggestion: None });
        assert_eq!(named("laeder"), Named::Unknown { suggestion: Some("leader".to_owned()) });
    }

    #[test]
    fn column_names_match_in_any_spelling() {
        for (name, field) in [
            (" ID ", Field::Id),
            ("Space-ID", Field::Id),
            ("User-Name", Field::UserName),
            ("user.name", Field::UserName),
            ("USERNAME", Field::UserName),
            ("E-Mail", Field::UserEmail),
            ("Timeouts.not_before", Field::NotBefore),
            ("Lesson Time", Field::LessonTime),
            ("timezone", Field::TimeZone),
        ] {
            assert_eq!(named(name), Named::Target(Target::Field(field)), "{name}");
        }
        let path = |path: &str| Named::Target(Target::Path(path.to_owned()));
        assert_eq!(named("features.chat.enabled"), path("features.chat.enabled"));
        assert_eq!(named("Features Import Zip"), path("features.import.zip"));
        assert_eq!(named("features.importZip"), path("features.importZip"));
        assert_eq!(named("USER custom jwt-parameters.X.y"), path("user.custom_jwt_parameters.X.y"));
    }

    #[test]
    fn near_matches_are_suggested_and_a_bare_name_is_ambiguous() {
        assert_eq!(named("Name"), Named::BareName);
        for (name, near) in [
            ("usr nme", Some("user name")),
            ("emial", Some("user email")),
            ("feature.chat.enabled", Some("features.chat.enabled")),
            ("shoe size", None),
            ("", None),
        ] {
            let suggestion = near.map(str::to_owned);
            assert_eq!(named(name), Named::Unknown { suggestion }, "{name}");
        }
        assert_eq!(
            target("name"),
            Err("is ambiguous; use \"space name\" or \"user name\"".to_owned())
        );
    }

    #[test]
    fn every_field_has_a_unique_name() {
        for (field, name, ..) in FIELDS {
            assert_eq!(named(name), Named::Target(Target::Field(field)));
            assert_eq!(field.name(), name);
        }
    }
}
