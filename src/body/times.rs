//! Times and durations as people write them, and as the API wants them.

use crate::escape::untrusted;
use crate::words::{is_dash, plain_dashes};
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{RoundMode, SignedDuration, Span, SpanRelativeTo, Timestamp, TimestampRound, Unit};
use std::time::Duration;

const CIVIL_FORMATS: [&str; 4] =
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// The clock and the zone in which a run reads times.
#[derive(Debug, Clone)]
pub struct Clock {
    /// When the input is taken to have been given.
    pub now: Timestamp,
    /// The zone of times without one.
    pub zone: TimeZone,
}

/// This computer's zone. jiff lists the folder of all zones before it finds this one, so where
/// nothing but the system's own link names the zone, that link is followed. On Unix no zone at all,
/// as in small containers, is UTC. The zone is unknown if TZ names none, and where Windows has one
/// that jiff has not.
pub fn system_zone() -> TimeZone {
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let overridden = is_set("TZ") || is_set("TZDIR");
    let linked = if overridden || !cfg!(unix) { None } else { linked_zone("/etc/localtime") };
    let zone = linked.unwrap_or_else(TimeZone::system);
    if cfg!(unix) && zone.is_unknown() && !is_set("TZ") { TimeZone::UTC } else { zone }
}

/// The zone in a file of compiled rules, if it is a link that tells the zone's name.
fn linked_zone(path: &str) -> Option<TimeZone> {
    let target = std::fs::read_link(path).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    TimeZone::tzif(name, &std::fs::read(path).ok()?).ok()
}

/// A time: RFC 3339, a local date and time such as `2026-12-01 14:00`, or `now`. The error says
/// what is wrong, without the place.
pub fn time(text: &str, clock: &Clock) -> Result<Timestamp, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(clock.now);
    }
    // The timestamp first: a civil time parses with an offset, too, and drops it.
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return if has_long_offset(text) {
            Err(format!(
                "{:?} has an offset of a day or more; write one such as +02:00, or Z",
                untrusted(text)
            ))
        } else {
            Ok(timestamp)
        };
    }
    let civil = civil(text).ok_or_else(|| not_a_time(text))?;
    local_time(civil, &clock.zone)
}

/// Whether the offset of a timestamp is one that RFC 3339 does not have, though the parser does.
fn has_long_offset(text: &str) -> bool {
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    offset.is_some_and(|offset| offset.seconds().abs() >= 24 * 3600)
}

fn not_a_time(text: &str) -> String {
    let shown = untrusted(text);
    let plain = plain_dashes(text);
    let is_time = || plain.parse::<Timestamp>().is_ok() || civil(&plain).is_some();
    match text.chars().find(|character| is_dash(*character)).filter(|_| is_time()) {
        Some(dash) => format!(
            "{shown:?} contains a typographic dash ({dash}, U+{:04X}); write it with plain hyphens: \
             {plain}",
            u32::from(dash)
        ),
        None => format!(
            "{shown:?} is not a time; write 2026-12-01T14:00:00Z, or a local time such as \
             \"2026-12-01 14:00\", or now"
        ),
    }
}

/// Whether a time means nothing without a zone.
pub fn is_local(text: &str) -> bool {
    let text = text.trim();
    text.parse::<Timestamp>().is_err() && civil(text).is_some()
}

fn civil(text: &str) -> Option<DateTime> {
    CIVIL_FORMATS.iter().find_map(|format| DateTime::strptime(format, text).ok())
}

fn local_time(civil: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    if zone.is_unknown() {
        let cause = match std::env::var("TZ") {
            Ok(name) => format!(" (TZ is {:?})", untrusted(&name)),
            Err(_) => String::new(),
        };
        return Err(format!(
            "this computer's time zone is not known{cause}; give --time-zone, or write the time \
             with its offset"
        ));
    }
    let name = zone_name(zone);
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    let shown = civil.strftime("%Y-%m-%d %H:%M");
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => {
            return Err(format!(
                "{shown} does not exist in {name}: the clocks skip it; choose another time, or \
                 write it with its offset"
            ));
        }
        AmbiguousOffset::Fold { before, after } => {
            let with = |offset| civil.to_zoned(TimeZone::fixed(offset));
            let [before, after] = [before, after].map(|offset| {
                with(offset).map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
            });
            return Err(format!(
                "{shown} happens twice in {name}: the clocks go back; write it with its offset, \
                 {} or {}",
                before.unwrap_or_default(),
                after.unwrap_or_default(),
            ));
        }
    }
    ambiguous.unambiguous().map_err(|_| format!("{shown} is out of range"))
}

/// A duration such as `90m`, `2h`, `1h30m` or `7d` (a day is 24 hours), more than zero. The error
/// shows the examples.
pub fn duration(text: &str, examples: &str) -> Result<SignedDuration, String> {
    let shown = || untrusted(text);
    let parse = |text: &str| {
        if text == "0" {
            return Some(SignedDuration::ZERO);
        }
        text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
    };
    match parse(text.trim()) {
        None => Err(format!("{:?} is not a duration; write {examples}", shown())),
        Some(duration) if duration > SignedDuration::ZERO => Ok(duration),
        Some(_) => Err(format!("{:?} must be more than zero; write {examples}", shown())),
    }
}

/// A duration for waiting; a bare number is seconds, as for curl. At most 10 years, which is not a
/// limit in practice and keeps arithmetic with clocks safe.
pub fn waiting_time(text: &str) -> Result<Duration, String> {
    const EXAMPLES: &str = "30 (seconds), 90s or 2m";
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
    let text = text.trim();
    let duration = match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 => {
            return Ok(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST));
        }
        Ok(_) => Err(format!("{:?} must be more than zero; write {EXAMPLES}", untrusted(text))),
        Err(_) => duration(text, EXAMPLES),
    }?;
    Ok(Duration::try_from(duration).unwrap_or(LONGEST).min(LONGEST))
}

/// A time as the API gets it: UTC with `Z`, whole seconds.
pub fn utc(timestamp: Timestamp) -> String {
    timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time that is left of one when it is sent: without the parts of its last second.
pub fn whole_seconds(timestamp: Timestamp) -> Timestamp {
    let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
    timestamp.round(whole).unwrap_or(timestamp)
}

/// A time for a person: date, time and zone.
pub fn shown(timestamp: Timestamp, zone: &TimeZone) -> String {
    timestamp.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// The time left for a person: as [`length`], but rounded up to the minute, so that 7 days are
/// 7 days a moment later.
pub fn length_left(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return length(duration);
    }
    length(SignedDuration::from_secs((seconds + 59) / 60 * 60))
}

/// A length of time for a person, in its two largest units: `6 days 23 h`, `1 h 30 min`, `40 s`.
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

fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("this computer's time zone")
}

#[cfg(test)]
#[path = "times_tests.rs"]
mod tests;
