//! Checks a merged body against the documented fields: types, the id, webhook URLs; and finds
//! fields that this version does not know.

use super::BodyFile;
use super::forms::{ID_CHARACTERS, check_id, is_address, is_web_url};
use super::schema::{self, Field, Type};
use crate::escape::untrusted;
use crate::json::{Member, Object, Origin, Value};
use crate::problem::{Findings, Missing, Problem};
use crate::words::nearest;
use std::fmt;

/// What a webhook must be.
const WEBHOOK_URL: &str = "needs an absolute http or https URL";

/// Where a value is, from the body downwards; written out for messages only.
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
}

impl Path<'_> {
    /// The name of the body's own member that it is in.
    fn top(&self) -> &str {
        self.parent.map_or(self.name, Path::top)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self.parent {
            Some(parent) => write!(formatter, "{parent}.{}", self.name),
            None => formatter.write_str(self.name),
        }
    }
}

/// One walk over a body.
pub struct Check<'a> {
    /// The file that values with [`Origin::File`] came from.
    pub file: Option<&'a BodyFile>,
    /// Whether unknown fields are problems.
    pub strict: bool,
    /// How messages call the place where the id is given.
    pub id_place: &'static str,
    /// What was found.
    pub findings: &'a mut Findings,
}

impl Check<'_> {
    /// Checks the whole body.
    pub fn body(&mut self, body: &Object) {
        self.object(body, schema::BODY, None, false);
        let Some(id) = body.get("id") else {
            let what = match self.id_place {
                "--id" => "it names the Space, such as --id biology101_2023",
                _ => "it names the Space, such as biology101_2023",
            };
            return self.findings.missing(Missing::SpaceId, self.id_place, what);
        };
        if let Some(text) = id.as_text()
            && let Err(mut message) = check_id(&text)
        {
            if self.id_place == "id" && text.chars().count() > ID_CHARACTERS {
                message.push_str("; --shorten-ids gives long ids a short form of their own");
            }
            self.problem(&Path { parent: None, name: "id" }, id, &message);
        }
    }

    fn object(
        &mut self,
        object: &Object,
        fields: &'static [Field],
        parent: Option<&Path>,
        open: bool,
    ) {
        for member in object.members() {
            let path = Path { parent, name: member.name() };
            match schema::field(fields, member.name()) {
                Some(field) => self.value(&member.value, field.kind, field.documented, &path),
                None if open => {}
                None => {
                    let known = nearest(member.name(), schema::names(fields));
                    self.unknown(member, &path, "field", known);
                    if parent.is_some_and(|parent| parent.top() == "webhooks") {
                        self.webhook(&member.value, &path);
                    }
                }
            }
        }
    }

    fn value(&mut self, value: &Value, kind: Type, documented: bool, path: &Path) {
        let needed = match (kind, value.as_object()) {
            (Type::Any, _) => return,
            (Type::Object(fields), Some(object)) => {
                return self.object(object, fields, Some(path), false);
            }
            (Type::Open(fields), Some(object)) => {
                return self.object(object, fields, Some(path), true);
            }
            (Type::Features, Some(object)) => return self.features(object, path),
            (Type::WebhookUrl, Some(_)) => {
                return self.problem(path, value, &format!("{WEBHOOK_URL}, not an object"));
            }
            (Type::WebhookUrl, None) => return self.webhook(value, path),
            (Type::Text, _) if is_blank_person(path, value) => {
                let message = "is blank; leave it out, or say who the person is";
                return self.problem(path, value, message);
            }
            (Type::Text | Type::Time, _) if value.as_text().is_some() => {
                return self.person_text(value, path);
            }
            (Type::TextOrNull, _) if value.is_null() || value.as_text().is_some() => return,
            (Type::Boolean, _) if value.as_bool().is_some() => return,
            (Type::Text, _) => "text in quotes",
            (Type::TextOrNull, _) => "text in quotes, or null",
            (Type::Time, _) => "a time in quotes, such as \"2026-12-01T14:00:00Z\"",
            (Type::Boolean, _) => "true or false, without quotes",
            (Type::Object(_) | Type::Open(_) | Type::Features, None) => "an object {...}",
        };
        if documented {
            let remedy = if value.is_null() { "; leave it out instead" } else { "" };
            let found = value.kind_name();
            self.problem(path, value, &format!("needs {needed}, not {found}{remedy}"));
        }
    }

    /// What is demanded of an address, and a role that nobody documents.
    fn person_text(&mut self, value: &Value, path: &Path) {
        let is_users = path.parent.is_some_and(|it| it.parent.is_none() && it.name == "user");
        let Some(text) = value.as_text().filter(|_| is_users) else { return };
        if path.name == "email" && !is_address(&text) {
            let message = format!(
                "{:?} is not an e-mail address; it needs one @ with something on both sides, and no \
                 blanks",
                untrusted(&text)
            );
            self.problem(path, value, &message);
        }
        if path.name == "role" && !ROLES.contains(&&*text) {
            self.findings.warnings.push(format!(
                "the role {:?} is not one of {}; it is sent as written",
                untrusted(&text),
                ROLES.join(", ")
            ));
        }
    }

    fn features(&mut self, features: &Object, parent: &Path) {
        for member in features.members() {
            let path = Path { parent: Some(parent), name: member.name() };
            if member.value.as_object().is_some() {
                let message = "needs true or false; a dotted feature is one key, such as \"chat.enabled\": false";
                self.problem(&path, &member.value, message);
            } else if member.value.as_bool().is_none() {
                let message = format!(
                    "needs true or false, without quotes, not {}",
                    member.value.kind_name()
                );
                self.problem(&path, &member.value, &message);
            } else if !schema::FEATURES.contains(&member.name()) {
                let known = nearest(member.name(), schema::FEATURES.iter().copied());
                self.unknown(member, &path, "feature", known);
            }
        }
    }

    /// An URL, null or "" at a webhook; all of those below a group that is not known.
    fn webhook(&mut self, value: &Value, path: &Path) {
        if let Some(group) = value.as_object() {
            for member in group.members() {
                self.webhook(&member.value, &Path { parent: Some(path), name: member.name() });
            }
            return;
        }
        let good = value.is_null()
            || value.as_text().is_some_and(|url| url.is_empty() || is_web_url(&url));
        if !good {
            let message = format!("{WEBHOOK_URL}; null or an empty text removes the webhook");
            self.problem(path, value, &message);
        }
    }

    fn unknown(&mut self, member: &Member, path: &Path, what: &str, known: Option<&str>) {
        let origin = member.origin();
        let hint = known.map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
        if self.strict {
            let message = format!("unknown {what}, which --strict refuses{hint}");
            self.problem_at(path, &origin, &message);
        } else {
            let place = self.place(&origin, path);
            self.findings.warnings.push(format!("{place}: unknown {what}, sent as written{hint}"));
        }
    }

    fn place(&self, origin: &Origin, path: &Path) -> String {
        let path = untrusted(&path.to_string());
        match (origin, self.file) {
            (Origin::File(offset), Some(file)) => format!("{}: {path}", file.place(*offset)),
            (Origin::Label(label), _) if label.contains(&path) => label.to_string(),
            (Origin::Label(label), _) => format!("{label}: {path}"),
            _ => path,
        }
    }

    fn problem(&mut self, path: &Path, value: &Value, message: &str) {
        self.problem_at(path, &value.origin, message);
    }

    fn problem_at(&mut self, path: &Path, origin: &Origin, message: &str) {
        let problem = problem_at(self.file, &path.to_string(), origin, message);
        // A flag that sets all events of a group has one value, and one fault.
        if self.findings.problems.last() != Some(&problem) {
            self.findings.problems.push(problem);
        }
    }
}

/// A problem with what stands at `path`, placed where that came from.
pub fn problem_at(file: Option<&BodyFile>, path: &str, origin: &Origin, message: &str) -> Problem {
    match (origin, file) {
        (Origin::File(offset), Some(file)) => file.problem(*offset, path, message),
        (Origin::Label(label), _) if is_elsewhere(label, path) => {
            Problem::new(format!("{label}: {}", untrusted(path)), message)
        }
        (Origin::Label(label), _) => Problem::new(&**label, message),
        _ => Problem::new(untrusted(path), message),
    }
}

/// Whether a flag that names a path is at fault at another one: `--set user` sets a whole object,
/// and `--webhook session.start.x` makes an object where a URL belongs.
fn is_elsewhere(label: &str, path: &str) -> bool {
    let path = untrusted(path);
    if let Some(set) = label.strip_prefix("--set ") {
        return set != path;
    }
    let inner = path.strip_prefix("webhooks.").zip(label.strip_prefix("--webhook "));
    inner.is_some_and(|(path, event)| !path.starts_with(event))
}

/// The roles that Lessonspace documents.
const ROLES: [&str; 3] = ["teacher", "student", "admin"];

/// Gives a role that Lessonspace documents the letters that it has there.
pub(super) fn lower_role(body: &mut Object) {
    let Some(user) = body.get_mut("user").and_then(Value::as_object_mut) else { return };
    let Some(role) = user.get_mut("role") else { return };
    let lower = role.as_text().map(|text| text.trim().to_ascii_lowercase());
    if let Some(lower) = lower.filter(|lower| ROLES.contains(&lower.as_str())) {
        *role = Value::text(&lower, role.origin.clone());
    }
}

/// A person's id, name or address that a flag gave, but blank, as an unset variable of a script
/// makes it.
fn is_blank_person(path: &Path, value: &Value) -> bool {
    path.parent.is_some_and(|parent| parent.parent.is_none() && parent.name == "user")
        && matches!(path.name, "id" | "name" | "email")
        && matches!(value.origin, Origin::Label(_))
        && value.as_text().is_some_and(|text| text.trim().is_empty())
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
