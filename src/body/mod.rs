//! One Launch body: layers merged (a profile's person, a JSON file, `--set`, flags), checked,
//! and made ready to be sent. Everything wrong is found here, before anything is sent.

mod assign;
mod check;
mod file;
mod forms;
mod invisible;
pub mod schema;
mod short_id;
pub mod times;
mod window;
pub mod zone;

pub use assign::{Assignment, ValueClass, written};
pub use file::BodyFile;
pub use times::Clock;
pub use window::{LONGEST_WINDOW, ValidFor, Window};

use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, Missing};
use check::Check;
use schema::Scope;
use std::borrow::Cow;

/// Where the name is that is shown instead of the person's.
const DISPLAY_NAME: [&str; 4] = ["user", "custom_jwt_parameters", "meta", "displayName"];

/// What names a person, beneath `user`.
const NAMES: [&str; 3] = ["id", "name", "email"];

/// Which command the body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Create or open a Space; every field is welcome.
    Launch,
    /// A link for another person; the Space stays as it is.
    AddUser,
}

/// Who you are: the person of `launch` when nothing else names one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The caller's own id of the person.
    pub id: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// What a body is made from. Later layers win.
#[derive(Debug)]
pub struct Recipe<'a> {
    /// Which command asks.
    pub purpose: Purpose,
    /// The person of the profile.
    pub person: Option<&'a Person>,
    /// What everything is laid upon: the JSON file's body.
    pub base: Object,
    /// The file that values in `base` came from, for their places.
    pub file: Option<&'a BodyFile>,
    /// `--set`, then flags, in this order.
    pub assignments: &'a [Assignment],
    /// `--valid-for`.
    pub valid_for: Option<ValidFor>,
    /// `--guest`: no person at all.
    pub guest: bool,
    /// `--strict`: unknown fields are problems.
    pub strict: bool,
    /// How messages call the place where the id is given.
    pub id_place: &'static str,
    /// `--shorten-ids`: an id that is too long gets a short form.
    pub shorten_ids: bool,
}

/// A merged and checked body whose times are still as they were written.
#[derive(Debug)]
pub struct Draft {
    body: Object,
    valid_for: Option<ValidFor>,
    long_id: Option<String>,
}

/// A body as it is sent.
#[derive(Debug, Clone)]
pub struct LaunchRequest {
    body: Object,
    /// When the link is asked to work.
    pub window: Window,
}

/// Merges the layers and checks the result, all but the window.
pub fn compose(mut recipe: Recipe, findings: &mut Findings) -> Draft {
    let mut body = std::mem::take(&mut recipe.base);
    let has_place_for_id = body.get("id").is_some();
    if recipe.purpose == Purpose::AddUser {
        leave_space_fields_out(&mut body, recipe.file, findings);
    }
    for assignment in recipe.assignments {
        if recipe.purpose == Purpose::AddUser && schema::scope(assignment.field()) == Scope::Space {
            findings.problem(
                &*assignment.label,
                "would change the Space, which add-user never does; use launch for that",
            );
            continue;
        }
        let applied = assignment.apply(&mut body);
        findings.keep(applied);
    }
    if recipe.guest {
        if let Some(person) = recipe.assignments.iter().find(|one| one.field() == "user") {
            findings.problem(
                "--guest",
                format!("sends no person, but {} describes one; leave it out", person.label),
            );
        }
        body.remove("user");
    } else if let (Purpose::Launch, Some(person)) = (recipe.purpose, recipe.person) {
        add_profile_person(&mut body, person);
    }
    if !has_place_for_id && let Some(id) = body.remove("id") {
        body.insert_first("id", id);
    }
    check::lower_role(&mut body);
    let long_id = if recipe.shorten_ids { short_id::shorten(&mut body) } else { None };
    check_valid_for(recipe.valid_for.as_ref(), recipe.assignments, findings);
    Check { file: recipe.file, strict: recipe.strict, id_place: recipe.id_place, findings }
        .body(&body);
    if recipe.purpose == Purpose::AddUser && !recipe.guest && lacks_person(&body) {
        findings.missing(
            Missing::Person,
            "--user-id, --user-name or --user-email",
            "say who the link is for, or use --guest",
        );
    }
    Draft { body, valid_for: recipe.valid_for, long_id }
}

fn leave_space_fields_out(body: &mut Object, file: Option<&BodyFile>, findings: &mut Findings) {
    let names: Vec<String> = body
        .members()
        .iter()
        .filter(|member| schema::scope(member.name()) == Scope::Space)
        .map(|member| member.name().to_owned())
        .collect();
    for name in &names {
        body.remove(name);
    }
    if let (false, Some(file)) = (names.is_empty(), file) {
        findings.warnings.push(format!(
            "{}: left out {}, because add-user never changes a Space",
            file.name,
            names.join(", ")
        ));
    }
}

/// Refuses an end and a length in one place.
pub fn check_valid_for(
    valid_for: Option<&ValidFor>,
    assignments: &[Assignment],
    findings: &mut Findings,
) {
    let end = assignments.iter().find(|one| *one.path == ["timeouts", "not_after"]);
    if let (Some(valid_for), Some(end)) = (valid_for, end) {
        findings
            .problem(&*valid_for.label, format!("cannot go with {}; give one of them", end.label));
    }
}

/// The profile's person as a whole, or not at all: two identities are never mixed. A name that
/// something else gave counts even if it is blank, as an unset variable of a script makes it.
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
    // Each goes to the front, so the last one stands first.
    for (name, value) in [("email", &person.email), ("name", &person.name), ("id", &person.id)] {
        if let Some(value) = value {
            let origin = Origin::Label(format!("user_{name} of the profile").into());
            user.insert_first(name, Value::text(value, origin));
        }
    }
}

/// Whether a body names nobody, or only blankly in its file. What cannot name a person has been told
/// already.
fn lacks_person(body: &Object) -> bool {
    let names_nobody = |value: &Value| {
        let is_blank = value.as_text().is_some_and(|text| text.trim().is_empty());
        is_blank && !matches!(value.origin, Origin::Label(_))
    };
    let is_wrong = body.get("user").is_some_and(|user| user.as_object().is_none());
    !is_wrong && NAMES.iter().all(|name| body.at(&["user", name]).is_none_or(names_nobody))
}

impl Draft {
    /// The id before it was shortened, if it was.
    pub fn long_id(&self) -> Option<&str> {
        self.long_id.as_deref()
    }

    /// The body with its times as they were written: what tells one roster row from another,
    /// however the columns or members are ordered.
    pub fn content(&self) -> String {
        let valid_for = self.valid_for.as_ref().map_or("", |valid_for| valid_for.text.as_str());
        format!("{} {valid_for}", self.body.to_sorted_json())
    }

    /// Whether its window has times that mean nothing without a zone.
    pub fn has_local_times(&self) -> bool {
        ["not_before", "not_after"].iter().any(|name| {
            let time = self.body.at(&["timeouts", name]).and_then(Value::as_text);
            time.is_some_and(|text| times::is_local(&text))
        })
    }

    /// Turns the times into UTC as seen from `clock`, and checks the window.
    pub fn resolve(
        &self,
        file: Option<&BodyFile>,
        clock: &Clock,
        findings: &mut Findings,
    ) -> LaunchRequest {
        let mut body = self.body.clone();
        let window = window::resolve(&mut body, self.valid_for.as_ref(), file, clock, findings);
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

    /// The Space's id.
    pub fn id(&self) -> Cow<'_, str> {
        self.body.get("id").and_then(Value::as_text).unwrap_or_default()
    }

    /// The body.
    pub fn body(&self) -> &Object {
        &self.body
    }

    /// What tells one person from another: the id, else the e-mail address, else the name.
    pub fn person_key(&self) -> Option<String> {
        ["id", "email", "name"].iter().find_map(|name| {
            let text = self.body.at(&["user", name]).and_then(Value::as_text)?;
            (!text.is_empty()).then(|| format!("{name} {text}"))
        })
    }

    /// Whether the link is for nobody in particular.
    pub fn is_guest(&self) -> bool {
        ["id", "name", "email", "role", "leader"]
            .iter()
            .all(|name| self.body.at(&["user", name]).is_none())
            && self.body.at(&DISPLAY_NAME).is_none()
    }

    /// Whether the link leads.
    pub fn is_leader(&self) -> bool {
        self.body.at(&["user", "leader"]).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whose link it is, safe to show: the name, else the e-mail address, else the id.
    pub fn shown_person(&self) -> Option<String> {
        [&["user", "name"][..], &DISPLAY_NAME, &["user", "email"], &["user", "id"]]
            .iter()
            .find_map(|path| self.body.at(path).and_then(Value::as_text))
            .filter(|person| !person.is_empty())
            .map(|person| untrusted(&person))
    }

    /// The yes-or-no settings of the Space that are asked for.
    pub fn settings(&self) -> impl Iterator<Item = (&str, bool)> {
        self.body.members().iter().filter_map(|member| {
            (schema::scope(member.name()) == Scope::Space)
                .then(|| Some((member.name(), member.value.as_bool()?)))
                .flatten()
        })
    }
}

#[cfg(test)]
mod tests;
