//! Points in time and durations: as people write them, as the API takes them, and as people read
//! them.

use crate::escape::untrusted;
use crate::words::{check_weekday, is_dash, plain_dashes, weekdays};
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{
    RoundMode, SignedDuration, Span, SpanRelativeTo, Timestamp, TimestampRound, Unit, Zoned,
};
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The current time and the time zone for reading times.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The time that counts as now.
    pub now: Timestamp,
    /// The zone for times without one.
    pub zone: TimeZone,
}

/// This computer's time zone. jiff lists all zones before it finds this one, so unless TZ or TZDIR
/// is set, the system's own link is followed. On Unix, a computer without a zone, such as a small
/// container, uses UTC. The zone is unknown if TZ is not a valid zone, or if jiff does not have the
/// Windows zone.
pub fn system_zone() -> TimeZone {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let overridden = is_set("TZ") || is_set("TZDIR");
    let linked = if overridden || !cfg!(unix) { None } else { linked_zone("/etc/localtime") };
    let zone = linked.unwrap_or_else(TimeZone::system);
    if cfg!(unix) && zone.is_unknown() && !is_set("TZ") { TimeZone::UTC } else { zone }
}

/// The zone of a file of compiled rules, if `path` is a link that contains the zone's name.
fn linked_zone(path: &str) -> Option<TimeZone> {
    let target = std::fs::read_link(path).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    TimeZone::tzif(name, &std::fs::read(path).ok()?).ok()
}

/// Parses a time: RFC 3339, a local date and time such as `2026-12-01 14:00`, or `now`. The error
/// describes the problem without the place.
pub fn time(text: &str, clock: &Clock) -> Result<Timestamp, String> {
    Ok(Written::parse(text)?.resolve(clock)?.timestamp())
}

/// Longest text that can be a time, in bytes. Longer text is rejected without parsing.
pub(super) const MAX_LENGTH: usize = 100;

/// Whether a time depends on a time zone.
pub fn is_local(text: &str) -> bool {
    matches!(Written::parse(text), Ok(Written::Local(_)))
}

/// A time as written, before the time zone and the current time are applied.
pub(super) enum Written {
    /// `now`
    Now,
    /// With an offset.
    At(Zoned),
    /// A local date and time.
    Local(DateTime),
}

impl Written {
    /// Parses a time. The error describes what is wrong with its form.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(not_a_time(text));
        }
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::Now);
        }
        if let Some((word, rest)) = text.split_once(char::is_whitespace)
            && let days = weekdays(word)
            && !days.is_empty()
        {
            let written = Self::parse(rest)?;
            let date = match &written {
                Self::Now => return Err(not_a_time(text)),
                Self::At(zoned) => zoned.date(),
                Self::Local(civil) => civil.date(),
            };
            check_weekday(date, &days)?;
            return Ok(written);
        }
        // Try the offset first: the rest may look like a local time.
        if let Some(written) = with_offset(text) {
            return written;
        }
        civil(text).map(Self::Local).ok_or_else(|| not_a_time(text))
    }

    /// The time relative to `clock`, in the zone that also applies to a time of day next to it.
    pub(super) fn resolve(self, clock: &Clock) -> Result<Zoned, String> {
        match self {
            Self::Now => Ok(clock.now.to_zoned(clock.zone.clone())),
            Self::At(zoned) => Ok(zoned),
            Self::Local(civil) => local_time(civil, &clock.zone),
        }
    }
}

/// Parses a time with `T` and an offset. Without seconds, or west of -12:00, an apparent offset may
/// be the end of a lesson: `2026-12-01T14:00-14:45`.
fn with_offset(text: &str) -> Option<Result<Written, String>> {
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    let at = 11 + text.get(11..)?.find(['Z', 'z', '+', '-'])?;
    let (local, written) = text.split_at(at);
    let timestamp: Timestamp = text.parse().ok()?;
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    let seconds = offset.map_or(0, Offset::seconds);
    let has_seconds = local.matches(':').count() == 2;
    Some(if seconds.abs() >= 24 * 3600 {
        Err(format!("{:?} has an invalid offset; use one such as +02:00, or Z", untrusted(text)))
    } else if seconds < 0 && (!has_seconds || seconds < FARTHEST_WEST) {
        Err(not_a_time(text))
    } else if let Some(offset) = rfc_3339(written).filter(|offset| offset != written) {
        Err(format!(
            "{:?} is not a valid time; write the offset as in {local}{offset}",
            untrusted(text)
        ))
    } else {
        let zone = offset.map_or(TimeZone::UTC, TimeZone::fixed);
        Ok(Written::At(timestamp.to_zoned(zone)))
    })
}

/// An offset such as `+0100` or `+01` as RFC 3339 writes it: `+01:00`.
fn rfc_3339(offset: &str) -> Option<String> {
    let (sign, digits) = offset.split_at_checked(1)?;
    let digits = digits.replacen(':', "", 1);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        2 if is_number => Some(format!("{sign}{digits}:00")),
        4 if is_number => Some(format!("{sign}{}:{}", &digits[..2], &digits[2..])),
        _ => None,
    }
}

/// The westernmost offset on Earth, in seconds.
const FARTHEST_WEST: i32 = -12 * 3600;

/// Explains what is wrong with the form of a time.
fn not_a_time(text: &str) -> String {
    let shown = untrusted(text);
    let plain = plain_dashes(text);
    // After the date, a dash may separate start and end; a minus sign belongs to an offset.
    let dash = text.chars().enumerate().find(|(index, character)| {
        is_dash(*character) && (*index < 10 || *character == '\u{2212}')
    });
    if let Some((_, dash)) = dash
        && text.len() <= MAX_LENGTH
        && Written::parse(&plain).is_ok()
    {
        return format!(
            "{shown:?} contains a typographic dash ({dash}, U+{:04X}); use plain hyphens: {plain}",
            u32::from(dash)
        );
    }
    let (date, time, rest) = parts(text);
    match (date, time) {
        (Some(date), None) if rest.is_empty() => {
            format!("{shown:?} has no time of day; add one, such as {date} 14:00")
        }
        (None, Some(_)) if rest.is_empty() => {
            format!("{shown:?} has no date; add one, such as \"2026-12-01 14:00\"")
        }
        (Some(date), Some(time)) => surplus(&shown, date.to_datetime(time), rest),
        _ => format!(
            "{shown:?} is not a valid time; use 2026-12-01T14:00:00Z, a local time such as \
             \"2026-12-01 14:00\", or now"
        ),
    }
}

/// Explains what to write instead of a local time followed by an end, an offset or a zone. Some
/// texts are ambiguous.
fn surplus(shown: &str, start: DateTime, rest: &str) -> String {
    let is_to = |c: char| c == '-' || is_dash(c);
    let has_gap = rest.starts_with(char::is_whitespace);
    let rest = rest.trim();
    let end = rest.strip_prefix(is_to).or_else(|| rest.strip_prefix("to")).map(str::trim_start);
    let end = end.and_then(time_of_day);
    let is_lesson = end.is_some_and(|end| {
        let minutes = minutes_between(start.time(), end);
        end > start.time() || (1..=MAX_PAST_MIDNIGHT.as_mins()).contains(&minutes)
    });
    let offset = offset(rest);
    let as_lesson = "use --lesson-time, or a column \"lesson time\"";
    let as_offset = |offset: &str| {
        format!("write the offset as in {}{offset}", start.strftime("%Y-%m-%dT%H:%M:%S"))
    };
    match offset {
        Some(_) if is_lesson && !has_gap => {
            format!("{shown:?} is a start and an end; {as_lesson}")
        }
        Some(offset) if is_lesson => format!(
            "{shown:?} is ambiguous; {} (for a start and an end, {as_lesson})",
            as_offset(&offset)
        ),
        Some(offset) => format!("{shown:?} is not a valid time; {}", as_offset(&offset)),
        None if end.is_some() => format!("{shown:?} is a start and an end; {as_lesson}"),
        None if half_of_day(rest).is_some() => format!(
            "{shown:?} is not a valid time; use the 24-hour clock, as in \"{}\"",
            in_24_hours(start, rest).strftime("%Y-%m-%d %H:%M")
        ),
        None if rest.chars().all(char::is_alphabetic) => format!(
            "{shown:?} is not a valid time; use --time-zone for the time zone, such as Europe/London"
        ),
        None => format!(
            "{shown:?} is not a valid time; use a local time such as \"{}\"",
            start.strftime("%Y-%m-%d %H:%M")
        ),
    }
}

/// The hours to add for `am` or `pm`, in any spelling.
fn half_of_day(text: &str) -> Option<i64> {
    match text.replace(['.', ' '], "").to_ascii_lowercase().as_str() {
        "am" => Some(0),
        "pm" => Some(12),
        _ => None,
    }
}

/// A time with `am` or `pm` on the 24-hour clock. `14:00 pm` is 14:00.
fn in_24_hours(time: DateTime, half: &str) -> DateTime {
    let hours = match (half_of_day(half), time.hour()) {
        (Some(0), 12) => -12,
        (Some(hours), 0..12) => hours,
        _ => 0,
    };
    time.checked_add(Span::new().hours(hours)).unwrap_or(time)
}

/// The offset in a text such as `-05:00`, `+0530`, `Z` or `UTC`, in RFC 3339 format.
fn offset(text: &str) -> Option<String> {
    if ["Z", "UTC", "GMT"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let digits = text[1..].replacen(':', "", 1);
    let minutes = number(&digits, 4..=4)?;
    // From the westernmost to the easternmost offset.
    let farthest = if sign == '-' { 1200 } else { 1400 };
    (minutes <= farthest).then(|| format!("{sign}{}:{}", &digits[..2], &digits[2..]))
}

/// Minutes from one time of day to the next occurrence of another.
fn minutes_between(start: Time, end: Time) -> i64 {
    const DAY: i64 = 24 * 60;
    (end.duration_since(start).as_mins() + DAY) % DAY
}

/// Longest lesson that can end the next day if its end has no date.
pub(super) const MAX_PAST_MIDNIGHT: SignedDuration = SignedDuration::from_hours(4);

/// The date and time of day at the start of a text, as far as present, and the rest.
fn parts(text: &str) -> (Option<Date>, Option<Time>, &str) {
    let text = text.trim();
    let word_end = text.find(|c: char| c.is_whitespace() || matches!(c, 'T' | 't'));
    let (first, behind) = text.split_at(word_end.unwrap_or(text.len()));
    let date = date(first);
    let rest = match date {
        Some(_) => behind.strip_prefix(['T', 't']).unwrap_or_else(|| behind.trim_start()),
        None => text,
    };
    let clock_end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
    let (clock, behind) = rest.split_at(clock_end);
    match time_of_day(clock) {
        Some(time) => (date, Some(time), behind),
        None => (date, None, rest),
    }
}

/// A local date and time, such as `2026-12-01 14:00`.
fn civil(text: &str) -> Option<DateTime> {
    match parts(text) {
        (Some(date), Some(time), "") => Some(date.to_datetime(time)),
        _ => None,
    }
}

/// A date such as `2026-12-01`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    let year = number(year, 4..=4)?;
    let [month, day] = [number(month, 1..=2)?, number(day, 1..=2)?].map(i8::try_from);
    Date::new(year, month.ok()?, day.ok()?).ok()
}

/// A time of day such as `14:00` or `14:00:30`.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second, None) =
        (parts.next()?, parts.next()?, parts.next().unwrap_or("00"), parts.next())
    else {
        return None;
    };
    let [hour, minute, second] =
        [number(hour, 1..=2)?, number(minute, 2..=2)?, number(second, 2..=2)?].map(i8::try_from);
    Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0).ok()
}

fn number(text: &str, digits: RangeInclusive<usize>) -> Option<i16> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Adds the missing date to a typed time: `14:00` is today, and `tomorrow 14:00` and `tue 14:00`
/// work too. A weekday is the next one, or today if the time or the end of the lesson is still to
/// come. The date replaces the word; other text is returned unchanged.
pub fn with_date<'a>(text: &'a str, clock: &Clock) -> Cow<'a, str> {
    let trimmed = text.trim();
    let now = clock.now.to_zoned(clock.zone.clone());
    let (word, rest) = match trimmed.split_once(char::is_whitespace) {
        _ if matches!(parts(trimmed), (None, Some(_), _)) => ("today", trimmed),
        Some((word, rest)) => (word, rest.trim_start()),
        None => return Cow::Borrowed(text),
    };
    let (None, Some(time), behind) = parts(rest) else { return Cow::Borrowed(text) };
    let last = behind.rsplit(|c: char| !c.is_ascii_digit() && c != ':').next();
    let end = last.and_then(time_of_day).unwrap_or(time);
    let days = match (word.to_ascii_lowercase().as_str(), weekdays(word).as_slice()) {
        ("today", _) => 0,
        ("tomorrow", _) => 1,
        (_, [day]) => match now.date().weekday().until(*day) {
            0 if end >= time && end <= now.time() => 7,
            days => days,
        },
        _ => return Cow::Borrowed(text),
    };
    match now.date().checked_add(Span::new().days(days)) {
        Ok(date) => Cow::Owned(format!("{date} {rest}")),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Resolves a local time in a zone.
pub(super) fn local_time(civil: DateTime, zone: &TimeZone) -> Result<Zoned, String> {
    if zone.is_unknown() {
        let cause = match std::env::var("TZ") {
            Ok(name) => format!(" (TZ is {:?})", untrusted(&name)),
            Err(_) => String::new(),
        };
        return Err(format!(
            "cannot tell this computer's time zone{cause}; use --time-zone, or add an offset to the \
             time"
        ));
    }
    let name = zone_name(zone);
    let ambiguous = zone.to_ambiguous_zoned(civil);
    let shown = civil.strftime("%Y-%m-%d %H:%M");
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => {
            return Err(format!(
                "{shown} does not exist in {name} (the clocks go forward); choose another time, or \
                 add an offset"
            ));
        }
        AmbiguousOffset::Fold { before, after } => {
            let [before, after] = [before, after].map(|offset| {
                let time = civil.to_zoned(TimeZone::fixed(offset));
                time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
            });
            return Err(format!(
                "{shown} happens twice in {name} (the clocks go back); add the offset: {} or {}",
                before.unwrap_or_default(),
                after.unwrap_or_default(),
            ));
        }
    }
    ambiguous.unambiguous().map_err(|_| format!("{shown} is out of range"))
}

/// Parses a duration such as `90m`, `2h`, `1h30m` or `7d` (a day is 24 hours), greater than zero.
/// The error shows the examples.
pub fn duration(text: &str, examples: &str) -> Result<SignedDuration, String> {
    let shown = || untrusted(text);
    let parse = |text: &str| {
        if text == "0" {
            return Some(SignedDuration::ZERO);
        }
        text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
    };
    match parse(text.trim()) {
        None => Err(format!("{:?} is not a valid duration; use {examples}", shown())),
        Some(duration) if duration > SignedDuration::ZERO => Ok(duration),
        Some(_) => Err(format!("{:?} must be greater than zero; use {examples}", shown())),
    }
}

/// Parses a time to wait; a bare number is seconds, as in curl. At most 10 years, which is no limit
/// in practice and keeps arithmetic with clocks safe.
pub fn waiting_time(text: &str) -> Result<Duration, String> {
    const EXAMPLES: &str = "30 (seconds), 90s or 2m";
    const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
    let text = text.trim();
    let duration = match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 => {
            return Ok(Duration::try_from_secs_f64(seconds)
                .unwrap_or(MAX_DURATION)
                .min(MAX_DURATION));
        }
        Ok(_) => Err(format!("{:?} must be greater than zero; use {EXAMPLES}", untrusted(text))),
        Err(_) => duration(text, EXAMPLES),
    }?;
    Ok(Duration::try_from(duration).unwrap_or(MAX_DURATION).min(MAX_DURATION))
}

/// A time as sent to the API: UTC with `Z`, whole seconds.
pub fn utc(timestamp: Timestamp) -> String {
    timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Rounds a time down to whole seconds, as it is sent.
pub fn whole_seconds(timestamp: Timestamp) -> Timestamp {
    let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
    timestamp.round(whole).unwrap_or(timestamp)
}

/// A time for display: `Mon 30 Nov 2026, 10:38 GMT`.
pub fn shown(timestamp: Timestamp, zone: &TimeZone) -> String {
    timestamp.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

/// `Tue 1 Dec 2026, 14:00 to 14:45 GMT`, with both dates if they differ.
pub fn span(start: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
    let (first, last) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
    let end = if first.date() == last.date() {
        last.strftime("%H:%M %Z").to_string()
    } else {
        shown(end, zone)
    };
    format!("{} to {end}", first.strftime("%a %-d %b %Y, %H:%M"))
}

/// The time left for display: like [`length`], but rounded up to the minute, so that 7 days are
/// still 7 days a moment later.
pub fn length_left(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return length(duration);
    }
    length(SignedDuration::from_secs((seconds + 59) / 60 * 60))
}

/// A wait for display, in the format of [`length`].
pub fn wait(duration: Duration) -> String {
    length(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
}

/// A duration for display, in its two largest units: `6 days 23 h`, `1 h 30 min`, `40 s`.
pub fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let days = match seconds / 86_400 {
        3651.. => return "more than 10 years".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let (hours, minutes, rest) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match seconds {
        0 if duration.subsec_millis() > 0 => format!("{} ms", duration.subsec_millis()),
        86_400.. if hours == 0 => days,
        86_400.. => format!("{days} {hours} h"),
        3600.. if minutes == 0 => format!("{hours} h"),
        3600.. => format!("{hours} h {minutes} min"),
        60.. if rest == 0 => format!("{minutes} min"),
        60.. => format!("{minutes} min {rest} s"),
        _ => format!("{rest} s"),
    }
}

/// A zone's name in messages.
pub fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("this computer's time zone")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> Clock {
        Clock {
            now: "2026-11-23T10:00:00Z".parse().expect("a time"),
            zone: crate::body::zone::zone("Europe/London").expect("a zone"),
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_systems_link_gives_the_zones_name_and_rules() {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = folder.path().join("zoneinfo/Europe/Nowhere");
        let link = folder.path().join("localtime");
        let linked = || linked_zone(link.to_str().expect("UTF-8"));
        std::fs::create_dir_all(rules.parent().expect("a parent")).expect("a folder");
        std::os::unix::fs::symlink(&rules, &link).expect("a link");
        assert_eq!(linked(), None);
        std::fs::write(&rules, "no rules").expect("a file");
        assert_eq!(linked(), None);
        // No transitions, one local time type: UTC+2, called NWT.
        let head = [b"TZif".as_slice(), &[0; 35], &[1, 0, 0, 0, 4]].concat();
        let only_type = [0, 0, 0x1c, 0x20, 0, 0];
        std::fs::write(&rules, [&head, only_type.as_slice(), b"NWT\0"].concat()).expect("a file");
        let zone = linked().expect("a zone");
        assert_eq!(zone.iana_name(), Some("Europe/Nowhere"));
        assert_eq!(shown(london().now, &zone), "Mon 23 Nov 2026, 12:00 NWT");
        std::fs::remove_file(&link).and_then(|()| std::fs::copy(&rules, &link)).expect("a copy");
        assert_eq!(linked(), None);
    }

    #[test]
    fn times_in_every_accepted_form_become_utc() {
        for (text, sent) in [
            ("2026-12-01T14:00:00Z", "2026-12-01T14:00:00Z"),
            ("2026-12-01T14:00:00.999+02:00", "2026-12-01T12:00:00Z"),
            ("2026-12-01T14:00+02:00", "2026-12-01T12:00:00Z"),
            ("2026-12-01T14:00:00+23:59", "2026-11-30T14:01:00Z"),
            ("2026-12-01 14:00", "2026-12-01T14:00:00Z"),
            ("2026-07-01 14:00", "2026-07-01T13:00:00Z"),
            ("2026-07-01T14:00:30", "2026-07-01T13:00:30Z"),
            ("2026-12-01T09:00:00-10:00", "2026-12-01T19:00:00Z"),
            ("2026-12-01T09:00:00-12:00", "2026-12-01T21:00:00Z"),
            ("2026-12-1 9:00", "2026-12-01T09:00:00Z"),
            ("2026-12-01\u{a0}14:00", "2026-12-01T14:00:00Z"),
            ("Tue 2026-12-01 14:00", "2026-12-01T14:00:00Z"),
            ("Tuesday, 2026-12-01T14:00:00+02:00", "2026-12-01T12:00:00Z"),
            (" now ", "2026-11-23T10:00:00Z"),
        ] {
            assert_eq!(time(text, &london()).map(utc), Ok(sent.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_invalid_time_is_refused_with_an_example() {
        let valid = "is not a valid time; use 2026-12-01T14:00:00Z, a local time such as \
                     \"2026-12-01 14:00\", or now";
        let range = "is a start and an end; use --lesson-time, or a column \"lesson time\"";
        let offset = |offset: &str| {
            format!("is not a valid time; write the offset as in 2026-12-01T14:00:00{offset}")
        };
        let half_day = |time: &str| {
            format!("is not a valid time; use the 24-hour clock, as in \"2026-12-01 {time}\"")
        };
        for (text, message) in [
            ("", valid),
            ("tomorrow", valid),
            ("2026-13-01 14:00", valid),
            ("2026-02-30 10:00", valid),
            ("01/12/2026 14:00", valid),
            ("1764597600", valid),
            ("2026-12-114:00", valid),
            ("日本 14:00", valid),
            ("14:00", "has no date; add one, such as \"2026-12-01 14:00\""),
            ("2026-12-01", "has no time of day; add one, such as 2026-12-01 14:00"),
            ("2026-12-01 25:00", valid),
            ("2026-12-01T14:00:00+25:00", "has an invalid offset; use one such as +02:00, or Z"),
            ("2026-12-01T14:00:00-24:00", "has an invalid offset; use one such as +02:00, or Z"),
            ("2026-12-01 14:00-14:45", range),
            ("2026-12-01 14:00 – 14:45", range),
            ("2026-12-01 14:00 to 14:45", range),
            ("2026-12-01 14:00-2:45", range),
            ("2026-12-01T14:00-14:45", range),
            ("2026-12-01T14:00:00-14:45", range),
            ("2026-12-01 14:00 -05:00", &offset("-05:00")),
            ("2026-12-01 14:00-05:00", &offset("-05:00")),
            ("2026-12-01T14:00-05:00", &offset("-05:00")),
            ("2026-12-01 14:00:00 +0530", &offset("+05:30")),
            ("2026-12-01 14:00:00Z", &offset("Z")),
            ("2026-12-01 14:00 GMT", &offset("Z")),
            ("2026-12-01T14:00:00-0500", &offset("-05:00")),
            ("2026-12-01T14:00:00+0100", &offset("+01:00")),
            ("2026-12-01T14:00:00+01", &offset("+01:00")),
            ("2026-12-01 09:00-10:00", range),
            ("2026-12-01 2:00 PM", &half_day("14:00")),
            ("2026-12-01 12:30am", &half_day("00:30")),
            ("2026-12-01T12:30 p.m.", &half_day("12:30")),
            ("2026-12-01 14:00 PM", &half_day("14:00")),
            (
                "2026-12-01 09:00 -10:00",
                "is ambiguous; write the offset as in 2026-12-01T09:00:00-10:00 (for a start and \
                 an end, use --lesson-time, or a column \"lesson time\")",
            ),
            (
                "2026-12-01 14:00 EST",
                "is not a valid time; use --time-zone for the time zone, such as Europe/London",
            ),
            (
                "2026-12-01 14:00 2 pm",
                "is not a valid time; use a local time such as \"2026-12-01 14:00\"",
            ),
            (
                "2026–12–01 14:00",
                "contains a typographic dash (–, U+2013); use plain hyphens: 2026-12-01 14:00",
            ),
        ] {
            let refused = time(text, &london()).expect_err(text);
            assert_eq!(refused, format!("{:?} {message}", untrusted(text)));
        }
        let wrong_day = time("Wed 2026-12-01 14:00", &london());
        assert_eq!(wrong_day, Err("1 Dec 2026 is a Tuesday, not a Wednesday".to_owned()));
    }

    #[test]
    fn times_typed_now_get_a_date() {
        // Now is Monday, 10:00.
        for (text, expected) in [
            ("14:00", "2026-11-23 14:00"),
            ("9:00", "2026-11-23 9:00"),
            ("today 9:00", "2026-11-23 9:00"),
            ("tomorrow 14:00", "2026-11-24 14:00"),
            ("Tomorrow  14:00 to 15:00", "2026-11-24 14:00 to 15:00"),
            ("tue 14:00", "2026-11-24 14:00"),
            ("Sunday 14:00", "2026-11-29 14:00"),
            ("mon 10:01", "2026-11-23 10:01"),
            ("mon 10:00", "2026-11-30 10:00"),
            ("monday, 9:59", "2026-11-30 9:59"),
            ("mon 9:30-10:15", "2026-11-23 9:30-10:15"),
            ("mon 9:00-10:00", "2026-11-30 9:00-10:00"),
            ("mon 23:30-00:30", "2026-11-23 23:30-00:30"),
            ("14:00-14:45", "2026-11-23 14:00-14:45"),
            ("now", "now"),
            ("", ""),
            ("tomorrow", "tomorrow"),
            ("someday 14:00", "someday 14:00"),
            ("ma 14:00", "ma 14:00"),
            ("2026-12-01 14:00", "2026-12-01 14:00"),
            ("Tue 2026-12-01 14:00", "Tue 2026-12-01 14:00"),
        ] {
            assert_eq!(with_date(text, &london()), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{1,4}|[-–+:.,/ TZ]|to|now|tue|\\PC){0,12}") {
            let _ = time(&text, &london());
            let _ = with_date(&text, &london());
            let _ = duration(&text, "2h");
        }
    }

    #[test]
    fn a_local_time_that_a_clock_change_skips_or_repeats_is_refused() {
        let skipped = time("2026-03-29 01:30", &london()).expect_err("is skipped");
        assert!(
            skipped.contains("does not exist in Europe/London (the clocks go forward)"),
            "{skipped}"
        );
        let doubled = time("2026-10-25 01:30", &london()).expect_err("is doubled");
        assert!(
            doubled.contains("2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00"),
            "{doubled}"
        );
    }

    #[test]
    fn durations_are_parsed_and_invalid_ones_are_refused() {
        for (text, seconds) in
            [("90m", 5400), ("2h", 7200), ("1h30m", 5400), ("7d", 604_800), ("1w", 604_800)]
        {
            assert_eq!(
                duration(text, "2h").map(|duration| duration.as_secs()),
                Ok(seconds),
                "{text}"
            );
        }
        for text in
            ["", "0s", "-2h", "2h ago", "5", "h", "1mo", "2y", "99999999999999999999d", "forever"]
        {
            assert!(duration(text, "2h").is_err(), "{text}");
        }
    }

    #[test]
    fn the_time_left_is_rounded_up_to_the_minute() {
        for (seconds, shown) in
            [(59, "59 s"), (60, "1 min"), (7141, "2 h"), (604_799, "7 days"), (604_801, "7 days")]
        {
            assert_eq!(length_left(SignedDuration::from_secs(seconds)), shown);
        }
    }

    #[test]
    fn durations_are_shown_in_their_two_largest_units() {
        for (seconds, shown) in [
            (40, "40 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (86_400, "1 day"),
            (604_799, "6 days 23 h"),
            (604_800, "7 days"),
            (-5, "0 s"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), shown);
        }
    }
}
