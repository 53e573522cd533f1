//! Checks a merged body against the documented fields (types, the id, webhook URLs) and finds
//! fields that this version does not know.

use super::id::{ID_CHARACTERS, check_id, invisible};
use super::schema::{self, Field, Type};
use super::{BodyFile, NAMES};
use crate::escape::{has_blank_or_hostile, untrusted};
use crate::json::{Member, Object, Origin, Value};
use crate::problem::{Findings, Missing, Problem, ProblemKind};
use crate::words::nearest;
use url::Url;

/// Message for an invalid webhook.
const WEBHOOK_URL: &str = "expected an absolute http or https URL";

/// The path of a value from the body down; formatted only for messages.
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
}

impl Path<'_> {
    /// Name of the top-level field it is in.
    fn top(&self) -> &str {
        self.parent.map_or(self.name, Path::top)
    }

    /// The dotted path. It ends after about [`LONGEST_PATH`] bytes: one long name can be in the paths
    /// of many fields.
    fn text(&self) -> String {
        let mut text = self.parent.map_or_else(String::new, |parent| parent.text() + ".");
        if text.len() < LONGEST_PATH {
            text.extend(self.name.chars().take(LONGEST_PATH));
        }
        text
    }
}

/// Longer than the part of a path that messages show.
const LONGEST_PATH: usize = 1000;

/// Checks one body and collects the findings.
pub struct Check<'a> {
    /// The file that values with [`Origin::File`] came from.
    file: Option<&'a BodyFile>,
    /// Whether unknown fields are problems.
    strict: bool,
    /// Where the id is given, as shown in messages.
    id_place: &'static str,
    findings: &'a mut Findings,
    /// The number of problems beyond [`MAX_PROBLEMS`].
    more: usize,
}

/// Maximum number of problems to keep.
const MAX_PROBLEMS: usize = 10_000;

impl<'a> Check<'a> {
    pub fn new(
        file: Option<&'a BodyFile>,
        strict: bool,
        id_place: &'static str,
        findings: &'a mut Findings,
    ) -> Self {
        Self { file, strict, id_place, findings, more: 0 }
    }

    /// Checks the whole body.
    pub fn body(&mut self, body: &Object) {
        self.object(body, schema::BODY, None, false);
        if let (Some(last), 1..) = (self.findings.problems.last_mut(), self.more) {
            last.message = format!("{}, and {} more problems", last.message, self.more);
        }
        self.settings(body);
        let Some(id) = body.get("id") else {
            return self.findings.problems.push(Problem {
                kind: ProblemKind::Missing(Missing::SpaceId),
                ..Problem::about(self.id_place, "is required")
            });
        };
        if let Some(text) = id.as_text()
            && let Err(mut message) = check_id(&text)
        {
            if self.id_place == "id" && text.chars().count() > ID_CHARACTERS {
                message.push_str("; to shorten long ids, add --shorten-ids");
            }
            self.about(&Path { parent: None, name: "id" }, id, &message);
        }
    }

    /// Reports contradictory Space settings, which the API is documented to refuse. The
    /// organisation decides settings that are not in the body.
    fn settings(&mut self, body: &Object) {
        let is = |name: &str, value: bool| body.get(name).and_then(Value::as_bool) == Some(value);
        let mut refuse = |name: &str, needed: &str| {
            if let Some(value) = body.get(name) {
                // Name the missing setting in the same form: a flag for a flag, a field for a field.
                let is_flag =
                    matches!(&value.origin, Origin::Label(label) if label.starts_with("--"));
                let needed = if is_flag {
                    format!("--{}", needed.replace('_', "-"))
                } else {
                    needed.to_owned()
                };
                let message = format!("requires {needed}, which is switched off");
                self.about(&Path { parent: None, name }, value, &message);
            }
        };
        let records = !is("record_av", false);
        if is("transcribe", true) && !records {
            refuse("transcribe", "record_av");
        } else if is("summarise", true) && !records {
            refuse("summarise", "record_av");
        }
        if is("summarise", true) && is("transcribe", false) {
            refuse("summarise", "transcribe");
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
            (Type::Text, _) if documented && !is_space_id(path) && is_blank(value) => {
                let message = if is_person(path) {
                    "is blank; leave it out or name the person"
                } else {
                    "is blank; leave it out or give it a value"
                };
                return self.about(path, value, message);
            }
            (Type::Text | Type::Time, _) if value.as_text().is_some() => {
                return self.person_text(value, path);
            }
            (Type::TextOrNull, _) if value.is_null() || value.as_text().is_some() => return,
            (Type::Boolean, _) if value.as_bool().is_some() => return,
            (Type::Text, _) => "text in quotes",
            (Type::TextOrNull, _) => "text in quotes, or null",
            (Type::Time, _) => "a time in quotes, such as \"2026-12-01T14:00:00Z\"",
            (Type::Boolean, _) => "true or false without quotes",
            (Type::Object(_) | Type::Open(_) | Type::Features, None) => "an object {...}",
        };
        if documented {
            let remedy = match value.is_null() {
                true if path.top() == "webhooks" => {
                    "; leave it out to keep the webhooks, or set an event to null to remove it"
                }
                true => "; leave it out instead",
                false => "",
            };
            let found = value.kind_name();
            self.problem(path, value, &format!("expected {needed}, not {found}{remedy}"));
        }
    }

    /// Checks an email address, and warns about an undocumented role.
    fn person_text(&mut self, value: &Value, path: &Path) {
        let is_users = path.parent.is_some_and(|it| it.parent.is_none() && it.name == "user");
        let Some(text) = value.as_text().filter(|_| is_users) else { return };
        if path.name == "email"
            && let Err(message) = check_address(&text)
        {
            self.problem(path, value, &message);
        }
        if path.name == "role" && !ROLES.contains(&&*text) {
            self.findings.warnings.push(format!(
                "unknown role {:?}, sent as is (known roles: {})",
                untrusted(&text),
                ROLES.join(", ")
            ));
        }
    }

    fn features(&mut self, features: &Object, parent: &Path) {
        for member in features.members() {
            let path = Path { parent: Some(parent), name: member.name() };
            if member.value.as_object().is_some() {
                let message = "expected true or false; write the feature as one dotted key, such as \"chat.enabled\": false";
                self.problem(&path, &member.value, message);
            } else if member.value.as_bool().is_none() {
                let message = format!(
                    "expected true or false without quotes, not {}",
                    member.value.kind_name()
                );
                self.problem(&path, &member.value, &message);
            } else if !schema::features().any(|name| name == member.name()) {
                let known = nearest(member.name(), schema::features());
                self.unknown(member, &path, "feature", known);
            }
        }
    }

    /// Checks that a webhook is a URL, null or "". In an unknown group, checks every webhook.
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
            let message = format!("{WEBHOOK_URL} (null or an empty string removes the webhook)");
            self.problem(path, value, &message);
        }
    }

    fn unknown(&mut self, member: &Member, path: &Path, what: &str, known: Option<&str>) {
        let origin = member.origin();
        let hint = known.map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
        if self.strict {
            let message = format!("unknown {what} (not allowed with --strict){hint}");
            self.problem_at(path, &origin, &message);
        } else {
            let place = self.place(&origin, path);
            self.findings.warnings.push(format!("{place}: unknown {what}, sent as is{hint}"));
        }
    }

    fn place(&self, origin: &Origin, path: &Path) -> String {
        let path = untrusted(&path.text());
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

    /// Adds a problem with a message that continues the place: `is blank`.
    fn about(&mut self, path: &Path, value: &Value, predicate: &str) {
        let problem = problem_at(self.file, &path.text(), &value.origin, predicate);
        self.push(Problem { is_predicate: true, ..problem });
    }

    fn problem_at(&mut self, path: &Path, origin: &Origin, message: &str) {
        if self.findings.problems.len() >= MAX_PROBLEMS {
            self.more += 1;
            return;
        }
        self.push(problem_at(self.file, &path.text(), origin, message));
    }

    fn push(&mut self, problem: Problem) {
        // A flag that sets all events of a group has one value, so it is one problem.
        if self.findings.problems.last() != Some(&problem) {
            self.findings.problems.push(problem);
        }
    }
}

/// A problem with the value at `path`, placed where the value came from.
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

/// Whether the problem is at a different path from the one in the flag: `--set user` sets a whole
/// object, and `--webhook session.start.x` makes an object where a URL is expected.
fn is_elsewhere(label: &str, path: &str) -> bool {
    let path = untrusted(path);
    if let Some(set) = label.strip_prefix("--set ") {
        return set != path;
    }
    let inner = path.strip_prefix("webhooks.").zip(label.strip_prefix("--webhook "));
    inner.is_some_and(|(path, event)| !path.starts_with(event))
}

/// The documented roles.
const ROLES: [&str; 3] = ["teacher", "student", "admin"];

/// Trims a documented role and converts it to lower case.
pub(super) fn lower_role(body: &mut Object) {
    let Some(user) = body.get_mut("user").and_then(Value::as_object_mut) else { return };
    let Some(role) = user.get_mut("role") else { return };
    let lower = role.as_text().map(|text| text.trim().to_ascii_lowercase());
    if let Some(lower) = lower.filter(|lower| ROLES.contains(&lower.as_str())) {
        *role = Value::text(&lower, role.origin.clone());
    }
}

/// The Space's id has a check of its own.
fn is_space_id(path: &Path) -> bool {
    path.parent.is_none() && path.name == "id"
}

/// Whether a path is that of a person's id, name or email.
fn is_person(path: &Path) -> bool {
    path.parent.is_some_and(|parent| parent.parent.is_none() && parent.name == "user")
        && NAMES.contains(&path.name)
}

/// Whether a value is blank text from a flag, as with an unset script variable. Blank values in a file are
/// deliberate.
fn is_blank(value: &Value) -> bool {
    matches!(value.origin, Origin::Label(_))
        && value.as_text().is_some_and(|text| text.trim().is_empty())
}

/// Whether a text is an absolute `http` or `https` URL with a host.
pub fn is_web_url(text: &str) -> bool {
    // For https:///x, the parser would take the host from the path.
    let names_host = ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && !text[scheme.len()..].starts_with(['/', '\\'])
    });
    names_host && !has_blank_or_hostile(text) && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// Checks an email address: one `@` with text on both sides, no whitespace, nothing invisible.
fn check_address(text: &str) -> Result<(), String> {
    let shown = untrusted(text);
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        return Err(format!("{shown:?} is a link; remove mailto: and use only the address"));
    }
    if let Some((name, position)) = invisible(text) {
        return Err(format!(
            "{shown:?} contains an invisible character ({name}) at position {position}; remove it"
        ));
    }
    let is_whole = |(before, after): (&str, &str)| {
        !before.is_empty() && !after.is_empty() && !after.contains('@')
    };
    let has_hole =
        |c: char| c.is_whitespace() || c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if !text.split_once('@').is_some_and(is_whole) || text.contains(has_hole) {
        return Err(format!(
            "{shown:?} is not a valid email address; expected one such as anna@example.org"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(json: &str, strict: bool) -> (Vec<String>, Vec<String>) {
        let file = BodyFile::parse("f", json.as_bytes().to_vec()).expect("is JSON");
        let mut findings = Findings::default();
        Check::new(Some(&file), strict, "--id", &mut findings).body(&file.body);
        let problems = findings.problems.iter().map(ToString::to_string).collect();
        (problems, findings.warnings)
    }

    #[test]
    fn documented_types_are_checked_and_all_errors_are_listed() {
        let (problems, warnings) = findings(
            r#"{"id": 5, "name": true, "user": [], "record_av": "yes", "features": {"chat": 1, "a": {"b": true}},
     "webhooks": {"session": {"start": "example.org/x"}}, "timeouts": {"not_after": 5}, "locale": 5}"#,
            false,
        );
        assert_eq!(
            problems,
            [
                "f, line 1, column 8, id: expected text in quotes, not a number",
                "f, line 1, column 19, name: expected text in quotes, or null, not true or false",
                "f, line 1, column 33, user: expected an object {...}, not a list",
                "f, line 1, column 50, record_av: expected true or false without quotes, not text",
                "f, line 1, column 78, features.chat: expected true or false without quotes, not a number",
                "f, line 1, column 86, features.a: expected true or false; write the feature as one dotted key, such as \"chat.enabled\": false",
                "f, line 2, column 40, webhooks.session.start: expected an absolute http or https URL (null or an empty string removes the webhook)",
                "f, line 2, column 85, timeouts.not_after: expected a time in quotes, such as \"2026-12-01T14:00:00Z\", not a number",
            ]
        );
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn an_object_is_not_a_webhook() {
        let json =
            r#"{"id": "x", "webhooks": {"session": {"start": {"x": "https://a/"}, "end": {}}}}"#;
        let needed = "expected an absolute http or https URL, not an object";
        for strict in [false, true] {
            let expected = [
                format!("f, line 1, column 47, webhooks.session.start: {needed}"),
                format!("f, line 1, column 75, webhooks.session.end: {needed}"),
            ];
            assert_eq!(findings(json, strict).0, expected);
        }
    }

    #[test]
    fn unknown_fields_cause_one_warning_or_an_error_with_strict() {
        let json = r#"{"id": "x", "webhook": 1.10, "user": {"nmae": "A", "custom_jwt_parameters": {"any": 1}},
     "features": {"chat.enabld": true}, "webhooks": {"new": {"thing": "https://e.org"}}, "webhooks.new": 1}"#;
        let (problems, warnings) = findings(json, false);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            warnings,
            [
                "f, line 1, column 13: webhook: unknown field, sent as is; did you mean `webhooks`?",
                "f, line 1, column 39: user.nmae: unknown field, sent as is; did you mean `name`?",
                "f, line 2, column 19: features.chat.enabld: unknown feature, sent as is; did you mean `chat.enabled`?",
                "f, line 2, column 54: webhooks.new: unknown field, sent as is",
                "f, line 2, column 90: webhooks.new: unknown field, sent as is; did you mean `webhooks`?",
            ]
        );
        assert_eq!(findings(json, true).0.len(), 5);
    }

    #[test]
    fn emails_have_one_at_sign_with_text_on_both_sides() {
        for good in ["a@b", "ann.o'neill+x@example.org", "\u{e4}@\u{f6}.de"] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b ",
            "@",
            "mailto:a@b",
            "MAILTO:a@b",
            "a\u{200b}@b",
            "a@b\u{fffd}",
        ] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn webhook_urls_are_absolute_http_or_https() {
        for good in ["https://e.org/x", "http://127.0.0.1:8000", "HTTPS://e.org"] {
            assert!(is_web_url(good), "{good}");
        }
        for bad in [
            "e.org",
            "//e.org",
            "ftp://e.org",
            "https:e.org",
            "https://",
            "https:///a",
            "HTTP:///e.org/x",
            "https://\\e.org",
            "https://e org",
            "javascript:x",
            "https://e.org/\u{202e}",
        ] {
            assert!(!is_web_url(bad), "{bad}");
        }
    }

    #[test]
    fn contradictory_settings_are_refused_once() {
        for (settings, expected) in [
            (r#""record_av": false, "transcribe": true"#, &["transcribe requires record_av"][..]),
            (r#""record_av": false, "summarise": true"#, &["summarise requires record_av"]),
            (r#""transcribe": false, "summarise": true"#, &["summarise requires transcribe"]),
            (
                r#""record_av": false, "transcribe": true, "summarise": true"#,
                &["transcribe requires record_av"],
            ),
            (
                r#""record_av": false, "transcribe": false, "summarise": true"#,
                &["summarise requires record_av", "summarise requires transcribe"],
            ),
            (r#""transcribe": true, "summarise": true"#, &[]),
            (r#""record_av": false, "transcribe": false, "summarise": false"#, &[]),
            (r#""record_av": true, "summarise": true"#, &[]),
        ] {
            let (problems, _) = findings(&format!(r#"{{"id": "x", {settings}}}"#), false);
            assert_eq!(problems.len(), expected.len(), "{problems:?}");
            for (problem, part) in problems.iter().zip(expected) {
                assert!(problem.contains(part), "{problem}");
            }
        }
    }

    #[test]
    fn null_webhooks_get_a_suitable_hint() {
        let hint = "expected an object {...}, not null; leave it out to keep the webhooks, or set an \
                    event to null to remove it";
        for json in
            [r#"{"id": "x", "webhooks": null}"#, r#"{"id": "x", "webhooks": {"user": null}}"#]
        {
            let (problems, _) = findings(json, false);
            assert!(problems[0].ends_with(hint), "{problems:?}");
        }
    }
}
