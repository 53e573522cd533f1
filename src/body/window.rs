//! The time window of a link: from what was written to UTC, checked against the API's limits.

use super::BodyFile;
use super::check::problem_at;
use super::times::{self, Clock};
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, Problem, ProblemKind};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use std::sync::Arc;

/// The longest window, and the life of a link without one.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When a link is asked to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before this time.
    pub not_before: Option<Timestamp>,
    /// Not after this time.
    pub not_after: Option<Timestamp>,
}

/// A length given instead of an end: `--valid-for 2h`, and how to call its place.
#[derive(Debug, Clone)]
pub struct ValidFor {
    /// How to call the flag or cell.
    pub label: Arc<str>,
    /// The duration, as written.
    pub text: String,
}

/// Turns the times of `body` into UTC, adds the end that `valid_for` asks for, and checks the
/// window. Problems are added to `findings`.
pub fn resolve(
    body: &mut Object,
    valid_for: Option<&ValidFor>,
    file: Option<&BodyFile>,
    clock: &Clock,
    findings: &mut Findings,
) -> Window {
    let mut read = |name: &str| {
        let value = body.get_mut("timeouts")?.as_object_mut()?.get_mut(name)?;
        let parsed = times::time(&value.as_text()?, clock).map_err(|message| {
            problem_at(file, &format!("timeouts.{name}"), &value.origin, &message)
        });
        // What is compared below is what is sent: whole seconds.
        let timestamp = findings.keep(parsed.map(times::whole_seconds))?;
        *value = Value::text(&times::utc(timestamp), value.origin.clone());
        Some((timestamp, value.clone()))
    };
    let start = read("not_before");
    let end = match valid_for {
        None => read("not_after"),
        Some(valid_for) => {
            let from = start.as_ref().map(|(timestamp, _)| *timestamp);
            findings.keep(end_after(valid_for, from, clock)).flatten()
        }
    };
    if valid_for.is_some() {
        set_end(body, end.as_ref().map(|(_, value)| value.clone()));
    }
    let start_at = start.as_ref().map(|(timestamp, _)| *timestamp);
    if let Some((end_at, value)) = &end
        && let Err((kind, message)) = check(start_at, *end_at, clock)
    {
        let problem = problem_at(file, "timeouts.not_after", &value.origin, &message);
        findings.problems.push(Problem { kind, ..problem });
    }
    if let (Some(start_at), None, None) = (start_at, &end, valid_for)
        && start_at.duration_since(clock.now) >= LONGEST_WINDOW
    {
        findings.warnings.push(
            "the link starts to work only after 7 days, and a link without an end lasts no longer than that; give the end with --not-after or --valid-for"
                .to_owned(),
        );
    }
    Window { not_before: start_at, not_after: end.map(|(timestamp, _)| timestamp) }
}

/// The end that a length asks for; none for the API's own default of 7 days from now.
fn end_after(
    valid_for: &ValidFor,
    start: Option<Timestamp>,
    clock: &Clock,
) -> Result<Option<(Timestamp, Value)>, Problem> {
    let problem = |message: String| Problem::new(&*valid_for.label, message);
    let length = times::duration(&valid_for.text, "90m, 2h, 1h30m or 7d").map_err(problem)?;
    if length > LONGEST_WINDOW {
        return Err(problem(format!(
            "{:?} is longer than 7 days, the longest life of a link",
            crate::escape::untrusted(&valid_for.text)
        )));
    }
    if length == LONGEST_WINDOW && start.is_none() {
        return Ok(None);
    }
    let end = start
        .unwrap_or(clock.now)
        .checked_add(length)
        .map_err(|_| problem("ends too far in the future".to_owned()))?;
    // Whole seconds are sent; a window is never shorter than asked for.
    let end = end
        .round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil))
        .map_err(|_| problem("ends too far in the future".to_owned()))?;
    let value = Value::text(&times::utc(end), Origin::Label(valid_for.label.clone()));
    Ok(Some((end, value)))
}

fn set_end(body: &mut Object, end: Option<Value>) {
    if body.get("timeouts").is_none_or(|timeouts| timeouts.as_object().is_none()) {
        if end.is_none() {
            return;
        }
        body.insert("timeouts", Value::empty_object(Origin::Unplaced));
    }
    let Some(timeouts) = body.get_mut("timeouts").and_then(Value::as_object_mut) else { return };
    match end {
        Some(end) => timeouts.insert("not_after", end),
        None => {
            timeouts.remove("not_after");
        }
    }
    if timeouts.is_empty() {
        body.remove("timeouts");
    }
}

fn check(
    start: Option<Timestamp>,
    end: Timestamp,
    clock: &Clock,
) -> Result<(), (ProblemKind, String)> {
    let shown = |timestamp| times::shown(timestamp, &clock.zone);
    if start == Some(end) {
        return Err((
            ProblemKind::Wrong,
            format!("the window ends when it starts, {}", shown(end)),
        ));
    }
    if let Some(start) = start
        && end < start
    {
        let message =
            format!("the window ends ({}) before it starts ({})", shown(end), shown(start));
        return Err((ProblemKind::Wrong, message));
    }
    if end <= clock.now {
        return Err((ProblemKind::Ended, format!("the window has ended already, {}", shown(end))));
    }
    if end.duration_since(start.unwrap_or(clock.now)) > LONGEST_WINDOW {
        let message = format!(
            "the window ends {}, later than 7 days from its start, the longest life of a link",
            shown(end)
        );
        return Err((ProblemKind::Wrong, message));
    }
    Ok(())
}
