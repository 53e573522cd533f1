//! Single values as Django REST framework takes them: text, flags, times and addresses, and the
//! framework's words for those that it refuses. Pure.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::{Number, Value};
use url::Url;

pub(super) const NULL: &str = "This field may not be null.";
pub(super) const BLANK: &str = "This field may not be blank.";
pub(super) const EMAIL: &str = "Enter a valid email address.";
pub(super) const URL: &str = "Enter a valid URL.";
pub(super) const TEXT: &str = "Not a valid string.";
pub(super) const FLAG: &str = "Must be a valid boolean.";
pub(super) const TIME: &str = "Datetime has wrong format. Use one of these formats instead: \
                               YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

/// Text without the blanks at both ends; a number is its text.
pub(super) fn text(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim_matches(is_blank).to_owned(),
        Value::Number(number) => number_text(number),
        _ => return Err(TEXT.to_owned()),
    };
    if text.contains('\0') {
        return Err("Null characters are not allowed.".to_owned());
    }
    Ok(text)
}

/// What Python's `strip` takes away: four separators more than Unicode's white space.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// As Python writes it: `1e+16` and `1e-05`, not `1e16` and `1e-5`.
fn number_text(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    let text = format!("{float:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, power)) => {
            let sign = if power.starts_with('-') { '-' } else { '+' };
            format!("{digits}e{sign}{:0>2}", power.trim_start_matches('-'))
        }
    }
}

/// A boolean, or one of the words and numbers for it.
pub(super) fn flag(value: &Value) -> Result<bool, String> {
    let flag = match value {
        Value::Bool(flag) => Some(*flag),
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
    };
    flag.ok_or_else(|| FLAG.to_owned())
}

/// `2026-12-01T14:00`, with seconds and their fraction or without, with an offset or in UTC. A
/// date alone is refused: only some versions of the framework take it.
pub(super) fn time(value: &Value) -> Result<Timestamp, String> {
    value.as_str().and_then(moment).ok_or_else(|| TIME.to_owned())
}

/// A time as text, in any of the framework's forms.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let (year, date) = date.split_once('-')?;
    let (month, day) = date.split_once('-')?;
    let zone_at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let mut clock = clock.trim_end().split(':');
    let (hour, minute) = (clock.next()?, clock.next()?);
    let (second, fraction) = match clock.next() {
        Some(second) => second.split_once(['.', ',']).unwrap_or((second, "0")),
        None => ("0", "0"),
    };
    if clock.next().is_some() || year.len() != 4 {
        return None;
    }
    let civil = DateTime::new(
        digits(year, 4)?.try_into().ok()?,
        digits(month, 2)?.try_into().ok()?,
        digits(day, 2)?.try_into().ok()?,
        digits(hour, 2)?.try_into().ok()?,
        digits(minute, 2)?.try_into().ok()?,
        digits(second, 2)?.try_into().ok()?,
        nanoseconds(fraction)?,
    );
    offset(zone)?.to_timestamp(civil.ok()?).ok()
}

/// A number of one to `most` digits.
fn digits(text: &str, most: usize) -> Option<i32> {
    let whole = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| whole)
}

/// Of a fraction the framework keeps microseconds.
fn nanoseconds(fraction: &str) -> Option<i32> {
    let whole = (1..=12).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    let kept: String = fraction.chars().chain("000000".chars()).take(6).collect();
    digits(&kept, 6).filter(|_| whole).map(|micro| micro * 1000)
}

fn offset(zone: &str) -> Option<Offset> {
    let sign = match zone.as_bytes().first() {
        None => return Some(Offset::UTC),
        Some(b'Z') => return (zone == "Z").then_some(Offset::UTC),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let zone = zone.get(1..)?;
    let hours = zone.get(..2)?;
    let minutes = zone.get(2..)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes =
        if zone.len() == 2 { 0 } else { digits(minutes, 2).filter(|_| minutes.len() == 2)? };
    Offset::from_seconds(sign * (digits(hours, 2)? * 3600 + minutes * 60)).ok()
}

/// As strict as matters: one `@`, something before it, a domain with a dot behind it.
pub(super) fn is_email(text: &str) -> bool {
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
    // The framework takes one name without a dot.
    let is_host = domain == "localhost" || labels.len() > 1;
    whole && is_host && labels.iter().all(label)
}

pub(super) fn is_web_address(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}
