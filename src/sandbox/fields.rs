//! Reads the fields of a JSON object like Django REST framework: it is lenient about how a value is written,
//! and reports all problems at once as `{"<field>": ["..."]}`, nested for nested objects.
//!
//! Checked against Django 5.2 and its REST framework on Python 3.11. Values are read from their raw
//! text, because Python keeps integers of any length and `serde_json` does not.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::IpAddr;
use url::Url;

const NULL: &str = "This field may not be null.";
const BLANK: &str = "This field may not be blank.";
const EMAIL: &str = "Enter a valid email address.";
const URL: &str = "Enter a valid URL.";
const TEXT: &str = "Not a valid string.";
const FLAG: &str = "Must be a valid boolean.";
const TIME: &str = "Datetime has wrong format. Use one of these formats instead: \
                    YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

/// One field of an object, and what it accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub null: bool,
    /// Whether text may be empty after it is trimmed.
    pub blank: bool,
    /// Longest text, in Unicode scalar values.
    pub longest: Option<usize>,
}

/// The kinds of values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text, or a number, which is converted to text.
    Text,
    Email,
    Url,
    Flag,
    /// Converted to microseconds since 1970.
    Time,
    /// An object with these fields; others are ignored.
    Object(&'static [Field]),
    /// An object with any names and values of one kind.
    Each(&'static Field),
    /// Any object.
    Anything,
}

impl Field {
    pub(super) const fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, null: false, blank: false, longest: None }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    pub(super) const fn blank(self) -> Self {
        Self { blank: true, ..self }
    }

    pub(super) const fn at_most(self, characters: usize) -> Self {
        Self { longest: Some(characters), ..self }
    }

    /// The normalised value; an allowed null becomes empty text or an empty object. The error is the value
    /// under the field's name in the response.
    fn take(&self, raw: &RawValue) -> Result<Value, Value> {
        if raw.get() == "null" {
            return match self.kind {
                _ if !self.null => Err(json!([NULL])),
                Kind::Text | Kind::Email | Kind::Url => Ok(json!("")),
                _ => Ok(json!({})),
            };
        }
        let problem = |problem: String| json!([problem]);
        match self.kind {
            Kind::Text | Kind::Email | Kind::Url => {
                self.text(raw).map(Value::from).map_err(problem)
            }
            Kind::Flag => flag(raw).map(Value::from).ok_or_else(|| json!([FLAG])),
            Kind::Time => {
                let time = parsed(raw).as_str().and_then(moment).map(Timestamp::as_microsecond);
                time.map(Value::from).ok_or_else(|| json!([TIME]))
            }
            Kind::Object(fields) => take(fields, raw).map(Value::Object),
            Kind::Each(field) => each(field, raw),
            Kind::Anything => members(raw).map(|_| parsed(raw)),
        }
    }

    fn text(&self, raw: &RawValue) -> Result<String, String> {
        let text = text(raw)?;
        if text.is_empty() {
            return if self.blank { Ok(text) } else { Err(BLANK.to_owned()) };
        }
        if let Some(longest) = self.longest.filter(|&longest| text.chars().count() > longest) {
            return Err(format!("Ensure this field has no more than {longest} characters."));
        }
        match self.kind {
            Kind::Email if !is_email(&text) => Err(EMAIL.to_owned()),
            Kind::Url if !is_web_address(&text) => Err(URL.to_owned()),
            _ => Ok(text),
        }
    }
}

/// Reads the body of a request: an object with these fields. The error is the body of the response.
pub(super) fn read(fields: &[Field], body: &[u8]) -> Result<Map<String, Value>, Value> {
    // The framework treats a missing body as an object without fields.
    let body = if body.is_empty() { b"{}" } else { body };
    let no_json = |error| json!({"detail": format!("JSON parse error - {error}")});
    // The contents of raw values are not checked, so parse everything first.
    serde_json::from_slice::<Value>(body).map_err(no_json)?;
    take(fields, serde_json::from_slice(body).map_err(no_json)?)
}

fn take(fields: &[Field], raw: &RawValue) -> Result<Map<String, Value>, Value> {
    let given = members(raw)?;
    let results = fields.iter().filter_map(|field| match given.get(field.name) {
        Some(value) => Some((field.name.to_owned(), field.take(value))),
        None if field.required => {
            Some((field.name.to_owned(), Err(json!(["This field is required."]))))
        }
        None => None,
    });
    collected(results)
}

fn each(field: &Field, raw: &RawValue) -> Result<Value, Value> {
    let results = members(raw)?.into_iter().map(|(name, value)| (name, field.take(value)));
    collected(results).map(Value::Object)
}

/// All values, or all problems.
fn collected(
    results: impl Iterator<Item = (String, Result<Value, Value>)>,
) -> Result<Map<String, Value>, Value> {
    let (mut values, mut problems) = (Map::new(), Map::new());
    for (name, result) in results {
        match result {
            Ok(value) => values.insert(name, value),
            Err(problem) => problems.insert(name, problem),
        };
    }
    if problems.is_empty() { Ok(values) } else { Err(Value::Object(problems)) }
}

/// The members of an object (the last one of each name), or the framework's error for any other value.
fn members(raw: &RawValue) -> Result<BTreeMap<String, &RawValue>, Value> {
    let text = raw.get();
    let python = match text.as_bytes().first() {
        Some(b'{') => {
            let invalid = |error: serde_json::Error| json!({"detail": error.to_string()});
            return serde_json::from_str(text).map_err(invalid);
        }
        Some(b'n') => return Err(json!({"non_field_errors": ["No data provided"]})),
        Some(b't' | b'f') => "bool",
        Some(b'"') => "str",
        Some(b'[') => "list",
        _ if text.contains(['.', 'e', 'E']) => "float",
        _ => "int",
    };
    let problem = format!("Invalid data. Expected a dictionary, but got {python}.");
    Err(json!({"non_field_errors": [problem]}))
}

fn parsed(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// Trimmed text. A number is converted to text.
fn text(raw: &RawValue) -> Result<String, String> {
    let text = match parsed(raw) {
        Value::String(text) => text.trim_matches(is_blank).to_owned(),
        Value::Number(_) => number_text(raw.get()),
        _ => return Err(TEXT.to_owned()),
    };
    if text.contains('\0') {
        return Err("Null characters are not allowed.".to_owned());
    }
    Ok(text)
}

/// The characters that Python's `strip` removes: Unicode whitespace and four separators.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// A number as Python writes it: integers in full, and `1e16` and `1e-5` as `1e+16` and `1e-05`.
fn number_text(raw: &str) -> String {
    if raw.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
        return if raw == "-0" { "0".to_owned() } else { raw.to_owned() };
    }
    let text = format!("{:?}", raw.parse::<f64>().unwrap_or_default());
    match text.split_once('e') {
        None => text,
        Some((digits, power)) => {
            let sign = if power.starts_with('-') { '-' } else { '+' };
            format!("{digits}e{sign}{:0>2}", power.trim_start_matches('-'))
        }
    }
}

/// A boolean, or a word or number that means one.
fn flag(raw: &RawValue) -> Option<bool> {
    match parsed(raw) {
        Value::Bool(flag) => Some(flag),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A time such as `2026-12-01T14:00`, with optional seconds and fraction, and with an offset or in UTC. A
/// date alone is rejected, because only some versions of Python accept it.
fn moment(text: &str) -> Option<Timestamp> {
    // jiff accepts these, but Python does not.
    if !text.contains(':') || text.contains(":60") || text.contains(['z', '[']) {
        return None;
    }
    let text = text.replace(" +", "+").replace(" -", "-");
    let has_zone = text.get(10..)?.contains(['Z', '+', '-']);
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    if has_zone { text.parse().ok() } else { civil().map(|time| time.timestamp()) }
}

/// What Django's `EmailValidator` accepts.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_short = text.chars().count() <= 320;
    let address = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = || address.is_some_and(|address| address.parse::<IpAddr>().is_ok());
    is_short && is_local_part(local) && (domain == "localhost" || is_domain(domain) || is_address())
}

fn is_local_part(local: &str) -> bool {
    let atom = |atom: &str| {
        let is_atom = |b| b"-!#$%&'*+/=?^_`{}|~".contains(&b) || b.is_ascii_alphanumeric();
        !atom.is_empty() && atom.bytes().all(is_atom)
    };
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    local.split('.').all(atom) || quoted.is_some_and(is_quoted)
}

fn is_quoted(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'\\' => bytes.next().is_some_and(|b| matches!(b, 1..=9 | 11 | 12 | 14..=127)),
            byte => matches!(byte, 1..=8 | 11 | 12 | 14..=31 | b'!' | b'#'..=127),
        };
        if !allowed {
            return false;
        }
    }
    true
}

fn is_domain(domain: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || ('\u{a1}'..='\u{ffff}').contains(&c);
    let label = |label: &str, longest: usize, is_part: &dyn Fn(char) -> bool| {
        (1..=longest).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || is_part(c))
    };
    let Some((names, last)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_last = match last.strip_prefix("xn--") {
        Some(code) => label(code, 59, &|c| c.is_ascii_alphanumeric() && c != '-'),
        None => last.chars().count() > 1 && label(last, 63, &is_letter),
    };
    is_last && names.split('.').all(|one| label(one, 63, &|c| is_letter(c) || c.is_ascii_digit()))
}

pub(super) fn is_web_address(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}
