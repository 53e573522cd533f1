//! The time zones of a calendar: those with a known name, and those that the file defines.

use super::event::Property;
use super::recurrence::{Budget, Exhausted, Rule, clock};
use crate::body::zone;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use std::collections::HashMap;
use std::rc::Rc;

/// The time zone of a lesson.
#[derive(Debug, Clone)]
pub enum Zone {
    Known(TimeZone),
    /// Defined only by the file.
    Defined(Rc<Defined>),
}

/// A zone defined by a file: offsets, and when they change.
#[derive(Debug, Default)]
pub struct Defined {
    /// Each change and the offset after it, in order.
    changes: Vec<(Timestamp, Offset)>,
    /// The offset before the first change.
    first: Option<Offset>,
}

/// A `VTIMEZONE` as written.
#[derive(Debug, Default)]
pub struct Definition {
    pub name: String,
    pub parts: Vec<Part>,
}

/// A `STANDARD` or `DAYLIGHT` part.
#[derive(Debug, Default)]
pub struct Part {
    start: Option<DateTime>,
    from: Option<Offset>,
    to: Option<Offset>,
    rules: Vec<String>,
    dates: Vec<DateTime>,
}

/// All zones of a calendar.
#[derive(Debug, Default)]
pub struct Zones {
    defined: HashMap<String, Rc<Defined>>,
    found: HashMap<String, Option<Found>>,
}

/// A zone, with the file's own definition if its name is also a known one.
type Found = (Zone, Option<Rc<Defined>>);

impl Zone {
    /// Converts a local time. As in RFC 5545, a skipped time uses the offset before the change, and an
    /// ambiguous time is the earlier of the two.
    pub fn moment(&self, time: DateTime) -> Option<Timestamp> {
        match self {
            Self::Known(zone) => zone.to_ambiguous_timestamp(time).compatible().ok(),
            Self::Defined(zone) => zone.moment(time),
        }
    }

    /// Converts to local time.
    pub fn clock(&self, moment: Timestamp) -> DateTime {
        match self {
            Self::Known(zone) => zone.to_datetime(moment),
            Self::Defined(zone) => zone.offset(moment).to_datetime(moment),
        }
    }
}

impl Defined {
    /// Converts a local time, like [`Zone::moment`].
    pub fn moment(&self, time: DateTime) -> Option<Timestamp> {
        let day = SignedDuration::from_hours(24);
        let around = Offset::UTC.to_timestamp(time).ok()?;
        let before = self.offset(around.checked_sub(day).ok()?);
        let after = self.offset(around.checked_add(day).ok()?);
        let with = |offset: Offset| offset.to_timestamp(time).ok();
        let mut fitting: Vec<Timestamp> = [before, after]
            .into_iter()
            .filter_map(|offset| with(offset).filter(|moment| self.offset(*moment) == offset))
            .collect();
        fitting.sort_unstable();
        fitting.first().copied().or_else(|| with(before))
    }

    fn offset(&self, moment: Timestamp) -> Offset {
        let next = self.changes.partition_point(|(change, _)| *change <= moment);
        let before = next.checked_sub(1).map(|index| self.changes[index].1);
        before.or(self.first).unwrap_or(Offset::UTC)
    }
}

impl Part {
    pub fn read(&mut self, property: &Property) {
        let time = |text: &str| {
            clock(text).map(|(date, time, _)| date.to_datetime(time.unwrap_or_default()))
        };
        match property.name.as_str() {
            "DTSTART" => self.start = time(&property.value),
            "TZOFFSETFROM" => self.from = offset(&property.value),
            "TZOFFSETTO" => self.to = offset(&property.value),
            "RRULE" => self.rules.push(property.value.clone()),
            "RDATE" => self.dates.extend(property.value.split(',').filter_map(time)),
            _ => {}
        }
    }

    /// The changes of this part before `end`; `None` if it is incomplete.
    fn changes(
        &self,
        end: Date,
        budget: &mut Budget,
    ) -> Result<Option<Vec<(Timestamp, Offset)>>, Exhausted> {
        let (Some(start), Some(from), Some(to)) = (self.start, self.from, self.to) else {
            return Ok(None);
        };
        let mut times = vec![start];
        times.extend(&self.dates);
        let until = |moment: Timestamp| from.to_datetime(moment);
        for rule in &self.rules {
            let Ok(rule) = Rule::parse(rule) else { return Ok(None) };
            let end = end.to_datetime(jiff::civil::Time::midnight());
            times.extend(rule.times(start, (start, end), until, budget)?);
        }
        let moment = |time: DateTime| Some((from.to_timestamp(time).ok()?, to));
        Ok(Some(times.into_iter().filter_map(moment).collect()))
    }
}

/// Parses an iCalendar offset: `+0100`, `-053000`.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Ok(0), str::parse::<i32>).ok();
    Offset::from_seconds(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?)).ok()
}

impl Zones {
    /// Adds a zone that the file defines, valid until `end`.
    pub fn define(
        &mut self,
        definition: &Definition,
        end: Date,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        // Leaves a margin: clocks may also change in the year after the last lesson.
        let end = end.saturating_add(2.years());
        let mut changes = Vec::new();
        for part in &definition.parts {
            let Some(found) = part.changes(end, budget)? else { return Ok(()) };
            changes.extend(found);
        }
        changes.sort_by_key(|(moment, _)| *moment);
        let earliest = definition.parts.iter().min_by_key(|part| part.start);
        let Some(first) = earliest.and_then(|part| part.from) else { return Ok(()) };
        let defined = Defined { changes, first: Some(first) };
        self.defined.insert(definition.name.clone(), Rc::new(defined));
        Ok(())
    }

    /// The zone of a `TZID`, with the file's own definition if the name is also a known one. A
    /// known name takes precedence: the definitions that programs write are incomplete, or as old
    /// as the program.
    pub fn get(&mut self, name: &str) -> Option<Found> {
        if let Some(found) = self.found.get(name) {
            return found.clone();
        }
        let defined = self.defined.get(name).cloned();
        let found = match (known(name), defined) {
            // Abbreviations such as `EST` mean what the file defines.
            (Some(zone), defined) if defined.is_none() || name.contains(['/', ' ']) => {
                Some((Zone::Known(zone), defined))
            }
            (_, Some(defined)) => Some((Zone::Defined(defined), None)),
            _ => None,
        };
        self.found.insert(name.to_owned(), found.clone());
        found
    }
}

/// Finds a zone by its IANA name, with or without a vendor prefix
/// (`/freeassociation.sourceforge.net/Europe/Berlin`), or by its Windows name, with or without the
/// number that Outlook appends (`GMT Standard Time 1`).
fn known(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    let unnumbered = name.trim_end_matches(|it: char| it.is_ascii_digit()).trim_end();
    let parts: Vec<&str> = name.split('/').collect();
    let ends = (2..=3).rev().filter_map(|count| {
        Some(parts[parts.len().checked_sub(count).filter(|start| *start > 0)?..].join("/"))
    });
    let mut names = vec![name.to_owned()];
    if unnumbered.contains(' ') {
        names.push(unnumbered.to_owned());
    }
    names.extend(ends);
    names.iter().find_map(|name| zone::zone(name).ok())
}
