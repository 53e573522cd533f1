//! When a link is valid: a start and an end, a length or a lesson time, converted to UTC and
//! checked against the API's limits.

use super::BodyFile;
use super::assign::Assignment;
use super::check::problem_at;
use super::times::{self, Clock, MAX_PAST_MIDNIGHT, Written};
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, Problem, ProblemKind};
use crate::words::splits;
use jiff::civil::{Date, Time};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit, Zoned};
use std::sync::Arc;

/// Longest lesson time, and how long a link without one lasts.
pub const MAX_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The requested lesson time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
}

/// A length given instead of an end: `--valid-for 2h`.
#[derive(Debug, Clone)]
pub struct ValidFor {
    /// The flag or cell, as shown in messages.
    pub label: Arc<str>,
    /// The duration, as written.
    pub text: String,
}

/// A start and an end in one: `--lesson-time '2026-12-01 14:00-14:45'`.
#[derive(Debug, Clone)]
pub struct LessonTime {
    /// The flag or cell, as shown in messages.
    pub label: Arc<str>,
    /// The range, as written.
    pub text: String,
}

/// Rejects an end in addition to a length, and any other time in addition to a lesson time.
pub fn check_times(
    valid_for: Option<&ValidFor>,
    lesson_time: Option<&LessonTime>,
    assignments: &[Assignment],
    findings: &mut Findings,
) {
    let given = |name: &str| {
        let of = |one: &&Assignment| matches!(&*one.path, [first, second] if first == "timeouts" && second == name);
        assignments.iter().find(of).map(|one| one.label.clone())
    };
    let others = match (lesson_time, valid_for) {
        (Some(_), valid_for) => {
            let length = valid_for.map(|valid_for| valid_for.label.clone());
            [given("not_before"), given("not_after"), length]
        }
        (None, Some(_)) => [given("not_after"), None, None],
        (None, None) => return,
    };
    let label = lesson_time.map(|it| &it.label).or(valid_for.map(|it| &it.label));
    for (label, other) in
        label.into_iter().flat_map(|label| others.iter().flatten().map(move |other| (label, other)))
    {
        findings.problems.push(Problem::about(&**label, format!("cannot be used with {other}")));
    }
}

/// Converts the times of `body` to UTC, adds those from a length or a lesson time, and checks the
/// result. Problems are added to `findings`.
pub fn resolve(
    body: &mut Object,
    (valid_for, lesson_time): (Option<&ValidFor>, Option<&LessonTime>),
    file: Option<&BodyFile>,
    clock: &Clock,
    findings: &mut Findings,
) -> Window {
    let mut read = |name: &str| {
        let value = body.get_mut("timeouts")?.as_object_mut()?.get_mut(name)?;
        let parsed = times::time(&value.as_text()?, clock).map_err(|message| {
            problem_at(file, &format!("timeouts.{name}"), &value.origin, &message)
        });
        // Compare what is sent: whole seconds.
        let timestamp = findings.keep(parsed.map(times::whole_seconds))?;
        *value = Value::text(&times::utc(timestamp), value.origin.clone());
        Some((timestamp, value.clone()))
    };
    let (start, end) = match (lesson_time, valid_for) {
        (Some(lesson_time), _) => {
            let range = range(&lesson_time.text, clock)
                .map_err(|message| Problem::new(&*lesson_time.label, message));
            let Some((start, end)) = findings.keep(range) else { return Window::default() };
            let given = |time| {
                let time = times::whole_seconds(time);
                (time, Value::text(&times::utc(time), Origin::Label(lesson_time.label.clone())))
            };
            (Some(given(start)), Some(given(end)))
        }
        (None, Some(valid_for)) => {
            let start = read("not_before");
            let from = start.as_ref().map(|(timestamp, _)| *timestamp);
            (start, findings.keep(end_after(valid_for, from, clock)).flatten())
        }
        (None, None) => (read("not_before"), read("not_after")),
    };
    if lesson_time.is_some() {
        set(body, "not_before", start.as_ref().map(|(_, value)| value.clone()));
    }
    if lesson_time.is_some() || valid_for.is_some() {
        set(body, "not_after", end.as_ref().map(|(_, value)| value.clone()));
    }
    let start_at = start.as_ref().map(|(timestamp, _)| *timestamp);
    let checked = match (&start, &end) {
        (_, Some((end_at, value))) => {
            check(start_at, *end_at, clock).map_err(|fault| ("timeouts.not_after", value, fault))
        }
        (Some((start_at, value)), None) if valid_for.is_none() => {
            check_start(*start_at, clock).map_err(|fault| ("timeouts.not_before", value, fault))
        }
        _ => Ok(()),
    };
    if let Err((path, value, (kind, message))) = checked {
        let problem = problem_at(file, path, &value.origin, &message);
        findings.problems.push(Problem { kind, ..problem });
    }
    let has_end = body.at(&["timeouts", "not_after"]).is_some_and(|end| !end.is_null());
    if let (Some(start_at), None, None) = (start_at, &end, valid_for)
        // An invalid end is not a missing one.
        && !has_end
        && start_at.duration_since(clock.now) >= MAX_WINDOW
    {
        findings.warnings.push(
            "the link starts more than 7 days from now and may expire before then; set an end with \
             --not-after or --valid-for"
                .to_owned(),
        );
    }
    Window { not_before: start_at, not_after: end.map(|(timestamp, _)| timestamp) }
}

/// The end for a length; `None` for the API's own default of 7 days from now.
fn end_after(
    valid_for: &ValidFor,
    start: Option<Timestamp>,
    clock: &Clock,
) -> Result<Option<(Timestamp, Value)>, Problem> {
    let problem = |message: String| Problem::new(&*valid_for.label, message);
    let length = times::duration(&valid_for.text, "90m, 2h, 1h30m or 7d").map_err(problem)?;
    if length > MAX_WINDOW {
        return Err(problem(format!(
            "{:?} is too long: a link lasts at most 7 days",
            untrusted(&valid_for.text)
        )));
    }
    if length == MAX_WINDOW && start.is_none() {
        return Ok(None);
    }
    let end = start
        .unwrap_or(clock.now)
        .checked_add(length)
        .map_err(|_| problem("the end is too far in the future".to_owned()))?;
    // Whole seconds are sent; the lesson time is never shorter than requested.
    let end = end
        .round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil))
        .map_err(|_| problem("the end is too far in the future".to_owned()))?;
    let value = Value::text(&times::utc(end), Origin::Label(valid_for.label.clone()));
    Ok(Some((end, value)))
}

/// Sets or removes a time in `timeouts`.
fn set(body: &mut Object, name: &str, time: Option<Value>) {
    if body.get("timeouts").is_none_or(|timeouts| timeouts.as_object().is_none()) {
        if time.is_none() {
            return;
        }
        body.insert("timeouts", Value::empty_object(Origin::Unplaced));
    }
    let Some(timeouts) = body.get_mut("timeouts").and_then(Value::as_object_mut) else { return };
    match time {
        Some(time) => timeouts.insert(name, time),
        None => {
            timeouts.remove(name);
        }
    }
    if timeouts.is_empty() {
        body.remove("timeouts");
    }
}

/// What is wrong with a lesson time; the kind distinguishes lessons that are over.
type Fault = (ProblemKind, String);

fn check(start: Option<Timestamp>, end: Timestamp, clock: &Clock) -> Result<(), Fault> {
    let shown = |timestamp| times::shown(timestamp, &clock.zone);
    if start == Some(end) {
        return Err((ProblemKind::Wrong, format!("start and end are the same: {}", shown(end))));
    }
    if let Some(start) = start
        && end < start
    {
        let message = format!("the end ({}) is before the start ({})", shown(end), shown(start));
        return Err((ProblemKind::Wrong, message));
    }
    if end <= clock.now {
        let message = format!("this lesson is already over (it ended {})", shown(end));
        return Err((ProblemKind::Ended, message));
    }
    if end.duration_since(start.unwrap_or(clock.now)) > MAX_WINDOW {
        let message = format!(
            "the end ({}) is more than 7 days after the start; a link lasts at most 7 days",
            shown(end)
        );
        return Err((ProblemKind::Wrong, message));
    }
    Ok(())
}

/// Checks a start without an end: the link lasts 7 days from then.
fn check_start(start: Timestamp, clock: &Clock) -> Result<(), Fault> {
    if clock.now.duration_since(start) < MAX_WINDOW {
        return Ok(());
    }
    let message = format!(
        "this lesson is already over (it started {}, and a link lasts at most 7 days)",
        times::shown(start, &clock.zone)
    );
    Err((ProblemKind::Ended, message))
}

/// The end of a lesson, as written.
enum End {
    TimeOfDay(Time),
    Moment(Written),
}

/// Parses a start and an end: `2026-12-01 14:00-14:45`, separated by a hyphen, a dash or `to`. The
/// start can be any valid time; the end needs no date. The error describes the problem without the
/// place.
pub fn range(text: &str, clock: &Clock) -> Result<(Timestamp, Timestamp), String> {
    let (start, end) = halves(text)?;
    let start = start.resolve(clock)?;
    let end = match end {
        End::Moment(end) => end.resolve(clock)?.timestamp(),
        End::TimeOfDay(end) => end_of_day(text, &start, end)?,
    };
    let shown = |timestamp| times::shown(timestamp, &clock.zone);
    let start = start.timestamp();
    if end < start {
        return Err(format!("the end ({}) is before the start ({})", shown(end), shown(start)));
    }
    if end == start {
        return Err(format!("start and end are the same: {}", shown(end)));
    }
    Ok((start, end))
}

/// Whether a lesson time depends on a time zone.
pub fn is_local(text: &str) -> bool {
    halves(text).is_ok_and(|(start, _)| !matches!(start, Written::At(_)))
}

/// Splits a range where both sides are valid: dates and offsets also contain hyphens.
fn halves(text: &str) -> Result<(Written, End), String> {
    let text = text.trim();
    let shown = || untrusted(text);
    // 2026-12-01T14:00:00-05:00 could also be a lesson from 14:00 to 5:00.
    if let Ok(Written::At(_) | Written::Local(_)) = Written::parse(text) {
        return Err(format!(
            "{:?} has no end; add one, such as {text} to 14:45",
            shown(),
            text = shown()
        ));
    }
    let mut found = None;
    let mut fault = None;
    let readable = if text.len() > 2 * times::MAX_LENGTH { "" } else { text };
    for (start, end) in splits(readable) {
        let end = match times::time_of_day(end) {
            Some(time) => End::TimeOfDay(time),
            None => match Written::parse(end) {
                Ok(end @ (Written::At(_) | Written::Local(_))) => End::Moment(end),
                _ => continue,
            },
        };
        match Written::parse(start) {
            Ok(_) if found.is_some() => {
                return Err(format!("{:?} is ambiguous; put \" to \" before the end", shown()));
            }
            Ok(start) => found = Some((start, end)),
            // An error that suggests --lesson-time does not help here.
            Err(message) if message.contains("--lesson-time") => {}
            Err(message) => fault = Some(message),
        }
    }
    found.ok_or_else(|| {
        fault.unwrap_or_else(|| {
            format!(
                "{:?} is not a valid lesson time; use a start and an end, such as \
                 \"2026-12-01 14:00-14:45\"",
                shown()
            )
        })
    })
}

/// An end without a date: on the day of the start, or soon after midnight.
fn end_of_day(text: &str, start: &Zoned, end: Time) -> Result<Timestamp, String> {
    let on = |date: Date| times::local_time(date.to_datetime(end), start.time_zone());
    if end >= start.time() {
        return Ok(on(start.date())?.timestamp());
    }
    let tomorrow =
        start.date().tomorrow().map_err(|_| "the end is too far in the future".to_owned())?;
    let late = on(tomorrow)?;
    if late.timestamp().duration_since(start.timestamp()) <= MAX_PAST_MIDNIGHT {
        return Ok(late.timestamp());
    }
    let day = start.strftime("%Y-%m-%d");
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    // 2:45 may mean 14:45; otherwise start and end may be swapped.
    let afternoon = end.checked_add(SignedDuration::from_hours(12)).ok();
    let same_day = match afternoon.filter(|afternoon| *afternoon > start.time()) {
        Some(afternoon) => format!("{day} {}-{}", clock(start.time()), clock(afternoon)),
        None => format!("{day} {}-{}", clock(end), clock(start.time())),
    };
    Err(format!(
        "{:?} ends before it starts; write \"{same_day}\", or for an end on the next day \"{} - {}\"",
        untrusted(text),
        start.strftime("%Y-%m-%d %H:%M"),
        late.strftime("%Y-%m-%d %H:%M"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn clock() -> Clock {
        let zone = crate::body::zone::zone("America/New_York").expect("a zone");
        Clock { now: "2026-11-23T10:00:00Z".parse().expect("a time"), zone }
    }

    fn read(text: &str) -> Result<String, String> {
        let (start, end) = range(text, &clock())?;
        Ok(format!("{} {}", times::utc(start), times::utc(end)))
    }

    #[test]
    fn a_lesson_time_has_a_start_and_an_end() {
        let lesson = "2026-12-01T19:00:00Z 2026-12-01T19:45:00Z";
        for text in [
            "2026-12-01 14:00-14:45",
            "2026-12-01 14:00 - 14:45",
            "2026-12-01 14:00–14:45",
            "2026-12-01 14:00 — 14:45",
            "2026-12-01 14:00 to 14:45",
            "2026-12-01 14:00TO14:45",
            "2026-12-01T14:00-14:45",
            "2026-12-01T14:00:00-14:45",
            "Tue 2026-12-01 14:00-14:45",
            "2026-12-01 14:00 - 2026-12-01 14:45",
            "2026-12-01 14:00-2026-12-01 14:45",
            "2026-12-01T14:00:00-05:00-14:45",
            "2026-12-01T14:00:00-05:00 to 2026-12-01T19:45:00Z",
            "2026-12-01T19:00:00Z-19:45",
            "2026-12-01T20:00:00+01:00 – 20:45",
        ] {
            assert_eq!(read(text).as_deref(), Ok(lesson), "{text}");
        }
        for (text, expected) in [
            ("now-6:00", "2026-11-23T10:00:00Z 2026-11-23T11:00:00Z"),
            ("now to 2026-11-23 06:00", "2026-11-23T10:00:00Z 2026-11-23T11:00:00Z"),
            ("2026-12-01 23:30-00:30", "2026-12-02T04:30:00Z 2026-12-02T05:30:00Z"),
            ("2026-12-01 22:00-2:00", "2026-12-02T03:00:00Z 2026-12-02T07:00:00Z"),
            ("2026-12-31 23:30-00:30", "2027-01-01T04:30:00Z 2027-01-01T05:30:00Z"),
            ("2026-12-01 22:00 - 2026-12-02 09:00", "2026-12-02T03:00:00Z 2026-12-02T14:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_invalid_lesson_time_is_refused_with_an_example() {
        let valid = |text: &str| {
            format!(
                "{text:?} is not a valid lesson time; use a start and an end, such as \
                 \"2026-12-01 14:00-14:45\""
            )
        };
        for (text, message) in [
            ("", valid("")),
            ("soon", valid("soon")),
            ("2026-12-01 14:00-soon", valid("2026-12-01 14:00-soon")),
            (
                "2026-12-01 14:00-2:45",
                "\"2026-12-01 14:00-2:45\" ends before it starts; write \"2026-12-01 14:00-14:45\", or \
                 for an end on the next day \"2026-12-01 14:00 - 2026-12-02 02:45\""
                    .to_owned(),
            ),
            (
                "2026-12-01 22:00-2:01",
                "\"2026-12-01 22:00-2:01\" ends before it starts; write \"2026-12-01 02:01-22:00\", or \
                 for an end on the next day \"2026-12-01 22:00 - 2026-12-02 02:01\""
                    .to_owned(),
            ),
            (
                "2026-12-01 14:00-14:00",
                "start and end are the same: Tue 1 Dec 2026, 14:00 EST".to_owned(),
            ),
            (
                "2026-12-01 14:00 - 2026-12-01 13:00",
                "the end (Tue 1 Dec 2026, 13:00 EST) is before the start (Tue 1 Dec 2026, 14:00 EST)"
                    .to_owned(),
            ),
            (
                "2026-12-01 14:00",
                "\"2026-12-01 14:00\" has no end; add one, such as 2026-12-01 14:00 to 14:45".to_owned(),
            ),
            (
                "2026-12-01T09:00:00-10:00",
                "\"2026-12-01T09:00:00-10:00\" has no end; add one, such as \
                 2026-12-01T09:00:00-10:00 to 14:45"
                    .to_owned(),
            ),
            (
                "2026-12-01 - 14:45",
                "\"2026-12-01\" has no time of day; add one, such as 2026-12-01 14:00".to_owned(),
            ),
            (
                "14:00-14:45",
                "\"14:00\" has no date; add one, such as \"2026-12-01 14:00\"".to_owned(),
            ),
            (
                "Wed 2026-12-01 14:00-14:45",
                "1 Dec 2026 is a Tuesday, not a Wednesday".to_owned(),
            ),
        ] {
            assert_eq!(read(text), Err(message), "{text}");
        }
        // The clocks go back at 2:00.
        assert!(read("2026-11-01 00:30-1:30").is_err_and(|it| it.contains("happens twice")));
    }

    #[test]
    fn a_lesson_time_is_local_unless_its_start_has_an_offset() {
        for (text, expected) in [
            ("2026-12-01 14:00-14:45", true),
            ("now-14:45", true),
            ("2026-12-01T14:00:00Z-14:45", false),
            ("soon", false),
        ] {
            assert_eq!(is_local(text), expected, "{text}");
        }
        let unknown = Clock { now: Timestamp::UNIX_EPOCH, zone: TimeZone::unknown() };
        let lesson = range("2026-12-01 14:00-14:45", &unknown);
        assert!(lesson.is_err_and(|it| it.starts_with("cannot tell this computer's time zone")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{1,4}|[-–+:.,/ TZ]|to|now|tue|\\PC){0,12}") {
            let _ = range(&text, &clock());
            let _ = is_local(&text);
        }
    }
}
