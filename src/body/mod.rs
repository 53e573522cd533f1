//! One Launch body: layers (a profile's person, a JSON file, `--set`, flags) are merged, checked
//! and made ready to send. All problems are found here, before anything is sent.

mod assign;
mod check;
mod file;
mod id;
pub mod lesson_time;
pub mod schema;
pub mod times;
pub mod zone;

pub use assign::{Assignment, ValueClass, written};
pub use file::{BodyFile, MAX_SIZE};
pub use id::check_id;
pub use lesson_time::{LessonTime, MAX_WINDOW, ValidFor, Window, check_times};
pub use times::Clock;

use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, Missing, Problem, ProblemKind};
use check::Check;
use std::borrow::Cow;

/// Path of the name that is shown instead of the person's.
const DISPLAY_NAME: [&str; 4] = ["user", "custom_jwt_parameters", "meta", "displayName"];

/// Fields of `user` that identify a person.
const NAMES: [&str; 3] = ["id", "name", "email"];

/// The command the body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Create or open a Space; all fields are allowed.
    Launch,
    /// A link for another person; the Space does not change.
    AddUser,
}

/// Who you are: the person for `launch` if nothing else names one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The caller's own id for the person.
    pub id: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    pub email: Option<String>,
}

/// The layers of a body. Later layers take precedence.
#[derive(Debug)]
pub struct BodyLayers<'a> {
    pub purpose: Purpose,
    /// The person in the profile.
    pub person: Option<&'a Person>,
    /// The first layer: the JSON file's body.
    pub base: Object,
    /// The file that the values in `base` came from, for their places.
    pub file: Option<&'a BodyFile>,
    /// `--set`, then flags, in this order.
    pub assignments: &'a [Assignment],
    /// `--valid-for`.
    pub valid_for: Option<ValidFor>,
    /// `--lesson-time`.
    pub lesson_time: Option<LessonTime>,
    /// `--guest`: no person.
    pub guest: bool,
    /// `--strict`: unknown fields are problems.
    pub strict: bool,
    /// Where the id is given, as shown in messages.
    pub id_place: &'static str,
    /// `--shorten-ids`: an id that is too long is shortened.
    pub shorten_ids: bool,
}

/// A merged and checked body, with times as written.
#[derive(Debug, Default)]
pub struct Draft {
    body: Object,
    valid_for: Option<ValidFor>,
    lesson_time: Option<LessonTime>,
    long_id: Option<String>,
}

/// A body ready to send.
#[derive(Debug, Clone)]
pub struct LaunchRequest {
    body: Object,
    /// The requested lesson time.
    pub window: Window,
}

/// Merges the layers and checks the result, except for the lesson time.
pub fn compose(mut layers: BodyLayers, findings: &mut Findings) -> Draft {
    let mut body = std::mem::take(&mut layers.base);
    let has_place_for_id = body.get("id").is_some();
    if layers.purpose == Purpose::AddUser {
        leave_space_fields_out(&mut body, layers.file, findings);
    }
    for assignment in layers.assignments {
        if layers.purpose == Purpose::AddUser && schema::is_like_space_setting(assignment.field()) {
            findings.problems.push(Problem::about(
                &*assignment.label,
                "would change the Space, which add-user cannot do; use launch",
            ));
            continue;
        }
        let applied = assignment.apply(&mut body);
        findings.keep(applied);
    }
    if layers.guest {
        if let Some(person) = layers.assignments.iter().find(|one| one.field() == "user") {
            let message = format!("cannot be used with {}", person.label);
            findings.problems.push(Problem::about("--guest", message));
        }
        body.remove("user");
    } else if let (Purpose::Launch, Some(person)) = (layers.purpose, layers.person) {
        add_profile_person(&mut body, person);
    }
    if !has_place_for_id && let Some(id) = body.remove("id") {
        body.insert_first("id", id);
    }
    check::lower_role(&mut body);
    let long_id = if layers.shorten_ids { id::shorten(&mut body) } else { None };
    let (valid_for, lesson_time) = (layers.valid_for.as_ref(), layers.lesson_time.as_ref());
    check_times(valid_for, lesson_time, layers.assignments, findings);
    Check::new(layers.file, layers.strict, layers.id_place, findings).body(&body);
    if layers.purpose == Purpose::AddUser && !layers.guest && lacks_person(&body) {
        findings.problems.push(Problem {
            kind: ProblemKind::Missing(Missing::Person),
            ..Problem::about("--user-id, --user-name or --user-email", "is required (or --guest)")
        });
    }
    let BodyLayers { valid_for, lesson_time, .. } = layers;
    Draft { body, valid_for, lesson_time, long_id }
}

fn leave_space_fields_out(body: &mut Object, file: Option<&BodyFile>, findings: &mut Findings) {
    let names: Vec<String> = body
        .members()
        .iter()
        .filter(|member| schema::is_space_setting(member.name()))
        .map(|member| member.name().to_owned())
        .collect();
    for name in &names {
        body.remove(name);
    }
    if let (false, Some(file)) = (names.is_empty(), file) {
        findings.warnings.push(format!(
            "{}: ignored {}: add-user does not change the Space",
            file.name,
            names.join(", ")
        ));
    }
}

/// Adds the profile's person as a whole or not at all: two identities are never mixed. A name from
/// elsewhere counts even if it is blank, as with an unset script variable.
fn add_profile_person(body: &mut Object, person: &Person) {
    let is_object = body.get("user").is_none_or(|user| user.as_object().is_some());
    let is_given = NAMES.iter().any(|name| body.at(&["user", name]).is_some());
    if is_given || !is_object || *person == Person::default() {
        return;
    }
    if body.get("user").is_none() {
        body.insert("user", Value::empty_object(Origin::Unplaced));
    }
    let Some(user) = body.get_mut("user").and_then(Value::as_object_mut) else { return };
    // Each is inserted at the front, so the last one comes first.
    for (name, value) in [("email", &person.email), ("name", &person.name), ("id", &person.id)] {
        if let Some(value) = value {
            let origin = Origin::Label(format!("user_{name} in the profile").into());
            user.insert_first(name, Value::text(value, origin));
        }
    }
}

/// Whether a body names no person, or only with blanks in its file. A `user` that cannot name a
/// person has been reported already.
fn lacks_person(body: &Object) -> bool {
    let names_nobody = |value: &Value| {
        let is_blank = value.as_text().is_some_and(|text| text.trim().is_empty());
        is_blank && !matches!(value.origin, Origin::Label(_))
    };
    let is_wrong = body.get("user").is_some_and(|user| user.as_object().is_none());
    !is_wrong && NAMES.iter().all(|name| body.at(&["user", name]).is_none_or(names_nobody))
}

impl Draft {
    /// The body, with times as written.
    pub fn body(&self) -> &Object {
        &self.body
    }

    /// The original id, if it was shortened.
    pub fn long_id(&self) -> Option<&str> {
        self.long_id.as_deref()
    }

    /// The body with its times as written, to compare roster rows regardless of the order of
    /// columns or members.
    pub fn content(&self) -> String {
        let lesson_time = self.lesson_time.as_ref().map(|lesson_time| &lesson_time.text);
        let valid_for = self.valid_for.as_ref().map(|valid_for| &valid_for.text);
        let time = lesson_time.or(valid_for).map_or("", String::as_str);
        format!("{} {time}", self.body.to_sorted_json())
    }

    /// Whether any of its times depends on a time zone.
    pub fn has_local_times(&self) -> bool {
        let lesson_time = self.lesson_time.as_ref();
        if lesson_time.is_some_and(|lesson_time| lesson_time::is_local(&lesson_time.text)) {
            return true;
        }
        ["not_before", "not_after"].iter().any(|name| {
            let time = self.body.at(&["timeouts", name]).and_then(Value::as_text);
            time.is_some_and(|text| times::is_local(&text))
        })
    }

    /// Converts the times to UTC, relative to `clock`, and checks the lesson time.
    pub fn resolve(
        &self,
        file: Option<&BodyFile>,
        clock: &Clock,
        findings: &mut Findings,
    ) -> LaunchRequest {
        let mut body = self.body.clone();
        let given = (self.valid_for.as_ref(), self.lesson_time.as_ref());
        let window = lesson_time::resolve(&mut body, given, file, clock, findings);
        LaunchRequest { body, window }
    }
}

impl LaunchRequest {
    /// The body as JSON on one line.
    pub fn to_json(&self) -> String {
        self.body.to_json()
    }

    /// The Space's id, safe to show.
    pub fn shown_id(&self) -> String {
        untrusted(&self.id())
    }

    pub fn id(&self) -> Cow<'_, str> {
        self.body.get("id").and_then(Value::as_text).unwrap_or_default()
    }

    pub fn body(&self) -> &Object {
        &self.body
    }

    /// Whether the link is for a guest: no person, role or leader.
    pub fn is_guest(&self) -> bool {
        ["id", "name", "email", "role", "leader"]
            .iter()
            .all(|name| self.body.at(&["user", name]).is_none())
            && self.body.at(&DISPLAY_NAME).is_none()
    }

    pub fn is_leader(&self) -> bool {
        self.body.at(&["user", "leader"]).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Who the link is for, safe to show: the name, else the email address, else the id.
    pub fn shown_person(&self) -> Option<String> {
        [&["user", "name"][..], &DISPLAY_NAME, &["user", "email"], &["user", "id"]]
            .iter()
            .find_map(|path| self.body.at(path).and_then(Value::as_text))
            .filter(|person| !person.is_empty())
            .map(|person| untrusted(&person))
    }

    /// The requested yes-or-no settings of the Space.
    pub fn settings(&self) -> impl Iterator<Item = (&str, bool)> {
        self.body.members().iter().filter_map(|member| {
            schema::is_space_setting(member.name())
                .then(|| Some((member.name(), member.value.as_bool()?)))
                .flatten()
        })
    }
}

#[cfg(test)]
mod tests;
