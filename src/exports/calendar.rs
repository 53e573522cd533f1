//! Calendars (iCalendar, RFC 5545): one row per lesson and person.
//!
//! The UID of a series names its Space, so two rules matter most: different lessons never share a
//! UID, and every lesson is at the right time, whatever its zone is called.

use super::event::utf_8;
use super::event::{Attendance, Calendar, Event, Who, Written};
use super::package::{MAX_SIZE, read_file};
use super::recurrence::{Budget, Exhausted, Rule, clock};
use super::zones::{Defined, Definition, Zone, Zones};
use super::{Export, Options, Rows};
use super::{Findings, LeftOut, Reason};
use crate::body::times;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use crate::words;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::path::Path;
use std::rc::Rc;

const HEADER: [&str; 9] =
    ["uid", "summary", "start", "end", "location", "role", "name", "email", "leader"];

const MAPS: [(&str, &str); 8] = [
    ("id", "{uid}"),
    ("space name", "{summary}"),
    ("not before", "{start}"),
    ("not after", "{end}"),
    ("user name", "{name}"),
    ("user email", "{email}"),
    ("role", "{role}"),
    ("leader", "{leader}"),
];

/// Maximum number of events with the same UID; each is compared with all others.
const MAX_EVENTS_PER_UID: usize = 2000;

const MAX_LESSONS: usize = 500_000;

/// Placeholders that programs write instead of a UID.
const NO_UID: [&str; 5] = ["", "none", "null", "nil", "undefined"];

/// A time in its zone.
#[derive(Debug, Clone)]
struct At {
    clock: DateTime,
    moment: Timestamp,
    is_day: bool,
    is_floating: bool,
    zone: Zone,
    /// The zone's name and the file's own definition of it, if the name is also a known one.
    definition: Option<(Box<str>, Rc<Defined>)>,
}

/// One occurrence of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Lesson {
    start: Timestamp,
    event: usize,
    end: Option<Timestamp>,
}

pub fn read(path: &Path, options: &Options) -> Result<Export> {
    let (name, bytes) = if input::is_stdin(path) {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_SIZE + 1).read_to_end(&mut bytes);
        read.map_err(|error| Error::about("standard input", input::explain(&error)))?;
        ("standard input".to_owned(), bytes)
    } else {
        let bytes =
            read_file(path, MAX_SIZE).map_err(|why| Error::about(untrusted_path(path), why))?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        (untrusted(&name), bytes)
    };
    if bytes.len() as u64 > MAX_SIZE {
        return Err(Error::about(name, format!("is larger than {} MiB", MAX_SIZE >> 20)));
    }
    let mut reader = Reader::new(&name, options)?;
    let Calendar { events, zones, default_zones } = Calendar::parse(&utf_8(bytes), &name)?;
    reader.define(&zones)?;
    reader.choose_zone(&default_zones);
    reader.into_export(events)
}

/// State while reading a calendar.
struct Reader<'o> {
    file: String,
    options: &'o Options,
    /// Start and end of the days to read.
    window: (Timestamp, Timestamp),
    zones: Zones,
    /// The zone for times without one.
    floating_zone: TimeZone,
    budget: Budget,
    findings: Findings,
    left_out: LeftOut,
    floating: usize,
}

impl<'o> Reader<'o> {
    fn new(file: &str, options: &'o Options) -> Result<Self> {
        let midnight = |date: Date| {
            let zoned = date.to_zoned(options.zone.clone());
            zoned
                .map(|zoned| zoned.timestamp())
                .map_err(|_| Error::usage("", format!("--on: {} is out of range", options.on)))
        };
        let last = options.on.saturating_add(i64::from(options.days).days());
        Ok(Self {
            file: file.to_owned(),
            options,
            window: (midnight(options.on)?, midnight(last)?),
            zones: Zones::default(),
            floating_zone: options.zone.clone(),
            budget: Budget::default(),
            findings: Findings::new(options.skip_broken),
            left_out: LeftOut::default(),
            floating: 0,
        })
    }

    /// Adds the zones that the file defines.
    fn define(&mut self, zones: &[Definition]) -> Result<()> {
        let end = self.window.1.to_zoned(TimeZone::UTC).date();
        for zone in zones {
            let defined = self.zones.define(zone, end, &mut self.budget);
            defined.map_err(|exhausted| self.too_many(exhausted))?;
        }
        Ok(())
    }

    /// Uses the calendar's own zone for times without one, unless the user chose a zone.
    fn choose_zone(&mut self, names: &BTreeSet<String>) {
        if !self.options.is_zone_chosen
            && names.len() == 1
            && let Some((Zone::Known(zone), _)) =
                names.first().and_then(|name| self.zones.get(name))
        {
            self.floating_zone = zone;
        }
    }

    /// Adds an event that cannot be used, with the value that is wrong.
    fn broken(&mut self, what: &str, event: &Event, value: &str) {
        self.findings.broken(what, (&self.file, event.line), value, &event.uid);
    }

    fn too_many(&self, _: Exhausted) -> Error {
        Error::about(&*self.file, "has too many recurring events")
            .with_hint("export a shorter period")
    }

    /// Finds all lessons and makes a row for each of their people.
    fn into_export(mut self, mut events: Vec<Event>) -> Result<Export> {
        self.name_events(&mut events);
        let mut series: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, event) in events.iter().enumerate() {
            series.entry(&event.uid).or_default().push(index);
        }
        let mut series: Vec<Vec<usize>> = series.into_values().collect();
        series.sort_unstable();
        for indexes in &series {
            one_summary(&mut events, indexes);
        }
        let mut lessons = Vec::new();
        for indexes in series {
            if indexes.len() > MAX_EVENTS_PER_UID {
                let uid = untrusted(&events[indexes[0]].uid);
                let message =
                    format!("has more than {MAX_EVENTS_PER_UID} events with the UID {uid:?}");
                return Err(Error::about(&*self.file, message));
            }
            lessons.extend(self.series(&events, &indexes)?);
            if lessons.len() > MAX_LESSONS {
                return Err(self.too_many(Exhausted));
            }
        }
        lessons.sort_unstable();
        let mut rows = Rows::new(&HEADER);
        for lesson in lessons {
            self.rows(&events[lesson.event], lesson, &mut rows)?;
        }
        if self.floating > 0 {
            let zone = &self.floating_zone;
            let Some(zone) = zone.iana_name().filter(|_| !zone.is_unknown()) else {
                return Err(Error::new(
                    ErrorKind::Usage,
                    "some times in the calendar have no time zone, and this computer's time zone is unknown",
                )
                .with_hint("use --time-zone"));
            };
            let count = words::count(self.floating, "lesson");
            self.findings
                .warn(format!("{count} without a time zone; their times are read as {zone}"));
        }
        rows.into_export(("calendar", &MAPS), vec![self.file], (self.left_out, self.findings))
    }

    /// Names events without a UID, and gives Pronote events a UID that stays the same.
    fn name_events(&mut self, events: &mut [Event]) {
        let mut nameless = 0;
        for event in events.iter_mut() {
            if let Some(lasting) = without_export_time(&event.uid) {
                event.uid = lasting;
            }
            if !NO_UID.contains(&event.uid.to_lowercase().as_str()) {
                continue;
            }
            let start = event.start.as_ref().and_then(|start| self.at(start).ok());
            let start = start.map_or_else(String::new, |start| times::utc(start.moment));
            event.uid = format!("{} {start}", event.summary);
            if event.replaces.is_some() {
                event.refused = Some("no UID that names its series");
            } else if event.summary.is_empty() {
                event.refused = Some("no UID and no summary");
            } else {
                nameless += 1;
            }
        }
        if nameless > 0 {
            let count = words::count(nameless, "event");
            self.findings.warn(format!(
                "{count} without a UID; their Space id is made from the summary and the start, so a \
                 lesson that moves gets a new Space"
            ));
        }
    }

    /// The lessons of all events with the same UID.
    fn series(&mut self, events: &[Event], indexes: &[usize]) -> Result<Vec<Lesson>> {
        let (replacing, masters): (Vec<usize>, Vec<usize>) =
            indexes.iter().copied().partition(|&index| events[index].replaces.is_some());
        let masters = self.newest(events, &masters);
        let is_cancelled = masters.iter().any(|&index| events[index].is_cancelled);
        let mut replaced: BTreeMap<Timestamp, Vec<usize>> = BTreeMap::new();
        let mut replaced_days: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
        for index in replacing {
            let Some(written) = &events[index].replaces else { continue };
            // Without a zone, it is in the zone of the series.
            let series_zone = masters.first().and_then(|&first| events[first].start.as_ref());
            let zone = written.zone.clone().or_else(|| series_zone?.zone.clone());
            match self.at(&Written { text: written.text.clone(), zone }) {
                Ok(at) if at.is_day => {
                    replaced_days.entry(at.clock.date()).or_default().push(index);
                }
                Ok(at) => replaced.entry(at.moment).or_default().push(index),
                Err((what, value)) => {
                    if self.matters(&events[index]) {
                        self.broken(&what, &events[index], &value);
                    }
                }
            }
        }
        let mut lessons = Vec::new();
        let mut masters_with_lessons = Vec::new();
        for &master in &masters {
            let before = lessons.len();
            let is_replaced = |at: &At, moment: Timestamp| {
                replaced.contains_key(&moment)
                    || replaced_days.contains_key(&at.zone.clock(moment).date())
            };
            lessons.extend(self.lessons(&events[master], master, is_replaced)?);
            if lessons.len() > before {
                masters_with_lessons.push(master);
            }
        }
        if !is_cancelled && self.are_different(events, &masters_with_lessons) {
            lessons.clear();
        }
        for versions in replaced.into_values().chain(replaced_days.into_values()) {
            let newest = self.newest(events, &versions);
            let before = lessons.len();
            for &index in &newest {
                lessons.extend(self.lessons(&events[index], index, |_, _| false)?);
            }
            if newest.len() > 1 && lessons.len() > before {
                lessons.truncate(before);
                for &index in &newest {
                    let what = "two different versions of one lesson";
                    self.broken(what, &events[index], &events[index].uid);
                }
            }
        }
        if is_cancelled {
            for _ in lessons.drain(..) {
                self.left_out.add(Reason::LessonCancelled);
            }
        }
        Ok(lessons)
    }

    /// The newest of several versions: those with the highest SEQUENCE, without duplicates. A
    /// cancelled one overrides the others.
    fn newest(&mut self, events: &[Event], indexes: &[usize]) -> Vec<usize> {
        let newest = indexes.iter().map(|&index| events[index].sequence).max().unwrap_or_default();
        let mut kept: Vec<usize> = Vec::new();
        for &index in indexes {
            let event = &events[index];
            if event.sequence < newest {
                self.left_out.add(Reason::OlderVersion);
            } else if !kept.iter().any(|&other| events[other].is_same(event)) {
                kept.push(index);
            }
        }
        match kept.iter().find(|&&index| events[index].is_cancelled) {
            Some(&cancelled) => vec![cancelled],
            None => kept,
        }
    }

    /// Whether events with the same UID belong to different series; if so, reports them as broken.
    fn are_different(&mut self, events: &[Event], indexes: &[usize]) -> bool {
        let Some((&first, others)) = indexes.split_first() else { return false };
        if others.iter().all(|&other| events[first].is_series_of(&events[other])) {
            return false;
        }
        for &index in indexes {
            let what = "same UID as a different event";
            self.broken(what, &events[index], &events[index].uid);
        }
        true
    }

    /// Whether to report that an event cannot be read.
    fn matters(&self, event: &Event) -> bool {
        if event.is_cancelled || event.attendees.is_empty() {
            return false;
        }
        let Some((date, ..)) = event.start.as_ref().and_then(|start| clock(&start.text)) else {
            return true;
        };
        let (first, last) = (self.options.on.saturating_sub(2.days()), self.window.1);
        let last = last.to_zoned(TimeZone::UTC).date().saturating_add(2.days());
        let recurs = !event.rules.is_empty() || !event.dates.is_empty();
        date <= last && (recurs || date >= first)
    }

    /// The lessons of an event in the days to read, except those that are replaced.
    fn lessons(
        &mut self,
        event: &Event,
        index: usize,
        is_replaced: impl Fn(&At, Timestamp) -> bool,
    ) -> Result<Vec<Lesson>> {
        let starts = self.starts(event);
        let (start, starts) = match starts {
            Ok(starts) => starts,
            Err(Fault::Exhausted(exhausted)) => return Err(self.too_many(exhausted)),
            Err(Fault::Broken(what, value)) => {
                if self.matters(event) {
                    self.broken(&what, event, &value);
                }
                return Ok(Vec::new());
            }
        };
        let (from, to) = self.window;
        let mut lessons = Vec::new();
        for (moment, end) in starts {
            if moment < from || moment >= to || is_replaced(&start, moment) {
                continue;
            }
            if event.is_cancelled {
                self.left_out.add(Reason::LessonCancelled);
            } else if start.is_day || event.is_all_day {
                self.left_out.add(Reason::AllDay);
            } else {
                if !event.attendees.is_empty() {
                    self.note_zone(&start, moment);
                }
                lessons.push(Lesson { start: moment, event: index, end });
            }
        }
        Ok(lessons)
    }

    /// The first start of an event, and all its starts with their ends.
    fn starts(&mut self, event: &Event) -> Result<(At, Starts), Fault> {
        if let Some(refused) = event.refused {
            return Err(Fault::Broken(refused.to_owned(), event.summary.clone()));
        }
        let Some(start) = &event.start else {
            return Err(Fault::Broken("no start (DTSTART)".to_owned(), event.summary.clone()));
        };
        let start_written = start;
        let start = self.at(start)?;
        let length = self.end(event, &start)?.map(|end| end.duration_since(start.moment));
        let end_of = |moment: Timestamp| {
            length.and_then(|length| moment.checked_add(length).ok()).filter(|end| *end > moment)
        };
        let day = 1.days();
        let (from, to) = self.window;
        let from = start.zone.clock(from).saturating_sub(day);
        let to = start.zone.clock(to).saturating_add(day);
        let mut starts: BTreeSet<Timestamp> = BTreeSet::from([start.moment]);
        let mut ends: HashMap<Timestamp, Timestamp> = HashMap::new();
        for rule in &event.rules {
            let unsupported = |_| Fault::Broken("unsupported recurrence".to_owned(), rule.clone());
            let rule = Rule::parse(rule).map_err(unsupported)?;
            let clock = |moment| start.zone.clock(moment);
            let times = rule.times(start.clock, (from, to), clock, &mut self.budget)?;
            starts.extend(times.into_iter().filter_map(|time| start.zone.moment(time)));
        }
        let zone_of = |written: &Written| Written {
            text: written.text.clone(),
            zone: written.zone.clone().or_else(|| start_written.zone.clone()),
        };
        for date in &event.dates {
            let (text, end) = date.text.split_once('/').unwrap_or((&date.text, ""));
            let written = zone_of(&Written { text: text.to_owned(), zone: date.zone.clone() });
            let at = self.at(&written)?;
            if at.is_day != start.is_day {
                let what = "RDATE without a time, for an event with one";
                return Err(Fault::Broken(what.to_owned(), date.text.clone()));
            }
            starts.insert(at.moment);
            if !end.is_empty() {
                let end = match clock(end) {
                    Some(_) => Some(self.at(&Written { text: end.to_owned(), ..written })?.moment),
                    None => after(&at, end),
                };
                let what = || Fault::Broken("not a period".to_owned(), date.text.clone());
                ends.insert(at.moment, end.ok_or_else(what)?);
            }
        }
        let (mut moments, mut days) = (HashSet::new(), HashSet::new());
        for exception in &event.exceptions {
            let at = self.at(&zone_of(exception))?;
            if at.is_day && !start.is_day {
                days.insert(at.clock.date());
            } else {
                moments.insert(at.moment);
            }
        }
        let starts = starts
            .into_iter()
            .filter(|moment| !moments.contains(moment))
            .filter(|moment| days.is_empty() || !days.contains(&start.zone.clock(*moment).date()))
            .map(|moment| (moment, ends.get(&moment).copied().or_else(|| end_of(moment))))
            .collect();
        Ok((start, starts))
    }

    /// The end of an event, if it has one.
    fn end(&mut self, event: &Event, start: &At) -> Result<Option<Timestamp>, Fault> {
        if let Some(end) = &event.end {
            let zone = || event.start.as_ref().and_then(|start| start.zone.clone());
            let zone = end.zone.clone().or_else(zone);
            return Ok(Some(self.at(&Written { text: end.text.clone(), zone })?.moment));
        }
        let Some(duration) = &event.duration else { return Ok(None) };
        let what = || Fault::Broken("not a duration".to_owned(), duration.clone());
        after(start, duration).map(Some).ok_or_else(what)
    }

    /// Resolves a time as written. The error is what is wrong, and the value.
    fn at(&mut self, written: &Written) -> Result<At, (String, String)> {
        let Some((date, time, is_utc)) = clock(&written.text) else {
            return Err(("not a date and time".to_owned(), written.text.clone()));
        };
        let mut definition = None;
        let (zone, is_floating) = match &written.zone {
            _ if is_utc => (Zone::Known(TimeZone::UTC), false),
            Some(name) if time.is_some() => {
                let Some((zone, defined)) = self.zones.get(name) else {
                    return Err(("unknown time zone".to_owned(), name.to_string()));
                };
                definition = defined.map(|defined| (name.clone(), defined));
                (zone, false)
            }
            None if time.is_some() => (Zone::Known(self.floating_zone.clone()), true),
            _ => (Zone::Known(self.options.zone.clone()), false),
        };
        let clock = date.to_datetime(time.unwrap_or(Time::midnight()));
        let out_of_range = || ("not a date and time".to_owned(), written.text.clone());
        let moment = zone.moment(clock).ok_or_else(out_of_range)?;
        Ok(At { clock, moment, is_day: time.is_none(), is_floating, zone, definition })
    }

    /// Counts lessons without a zone, and warns if a zone's name and the file's definition of it
    /// mean different times.
    fn note_zone(&mut self, start: &At, moment: Timestamp) {
        self.floating += usize::from(start.is_floating);
        let Some((name, defined)) = &start.definition else { return };
        if defined.moment(start.zone.clock(moment)) != Some(moment) {
            let Zone::Known(zone) = &start.zone else { return };
            let known = zone.iana_name().unwrap_or("its name");
            let name = untrusted(name);
            self.findings.warn(format!(
                "this calendar defines time zone {name:?} differently from {known}; its times are \
                 read as {known}"
            ));
        }
    }

    /// Adds the rows of one lesson: first its organiser, then its attendees.
    fn rows(&mut self, event: &Event, lesson: Lesson, rows: &mut Rows) -> Result<()> {
        let spent = self.budget.spend(event.attendees.len());
        spent.map_err(|exhausted| self.too_many(exhausted))?;
        let is_of_organiser =
            |who: &&Who| event.organiser.as_ref().is_some_and(|it| it.key() == who.key());
        let has_declined = |who: &Who| who.standing == Attendance::Declined;
        let organiser_declined = event.attendees.iter().filter(is_of_organiser).any(has_declined);
        // All names seen at each address.
        let mut seen: HashMap<String, Vec<String>> = HashMap::new();
        if let Some(organiser) = &event.organiser {
            // Any name at this address means the organiser.
            seen.insert(organiser.key(), vec![String::new()]);
        }
        let mut students = Vec::new();
        for who in &event.attendees {
            let name = who.name.to_lowercase();
            let mut email = &*who.email;
            match seen.get_mut(&who.key()).filter(|_| !who.key().is_empty()) {
                // Siblings may share an address; their names tell them apart.
                Some(names) if names.iter().all(|other| are_different_people(other, &name)) => {
                    email = "";
                    names.push(name);
                    self.findings.warn(format!(
                        "{} belongs to several attendees; it is sent only for the first, and the others are sent by name",
                        untrusted(&who.email)
                    ));
                }
                Some(_) if organiser_declined && has_declined(who) => {}
                Some(_) => continue,
                None => {
                    seen.insert(who.key(), vec![name]);
                }
            }
            match who.standing {
                Attendance::Declined => self.left_out.add(Reason::Declined),
                Attendance::NotAPerson => self.left_out.add(Reason::NotAPerson),
                Attendance::Invited if who.key().is_empty() => self.left_out.add(Reason::Nameless),
                Attendance::Invited => students.push((who, email)),
            }
        }
        if students.is_empty() {
            self.left_out.add(Reason::NoAttendees);
            return Ok(());
        }
        let Some(end) = lesson.end else {
            let what = "no end (DTEND or DURATION) after the start";
            self.broken(what, event, &event.summary);
            return Ok(());
        };
        let (start, end) = (times::utc(lesson.start), times::utc(end));
        let is_person =
            |who: &&Who| who.standing != Attendance::NotAPerson && !who.key().is_empty();
        let organiser = event.organiser.as_ref().filter(is_person).filter(|_| !organiser_declined);
        if event.organiser.is_some() && organiser.is_none() && !organiser_declined {
            let warning = "some lessons have no leader: their organiser is not a person with a \
                           name or email (for example, a shared calendar)";
            self.findings.warn(warning.to_owned());
        }
        let people = organiser.map(|who| (who, &*who.email, "teacher", "yes"));
        let students = students.into_iter().map(|(who, email)| (who, email, "student", ""));
        for (who, email, role, leader) in people.into_iter().chain(students) {
            let name = if who.name.is_empty() { &who.email } else { &who.name };
            rows.push(
                (0, event.line),
                &[
                    &event.uid,
                    &event.summary,
                    &start,
                    &end,
                    &event.location,
                    role,
                    name,
                    email,
                    leader,
                ],
            )?;
        }
        Ok(())
    }
}

/// Whether two lower-case names belong to different people. `A. Byron` and `Byron, Ada` may both be
/// `Ada Byron`; an empty name may be anyone.
fn are_different_people(one: &str, other: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        let words = name.split(|character: char| !character.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let fits = |word: &String, words: &[String]| {
        words.iter().any(|it| it.starts_with(word.as_str()) || word.starts_with(it.as_str()))
    };
    let (one, other) = (words(one), words(other));
    let (few, many) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    !few.is_empty() && !few.iter().all(|word| fits(word, many))
}

/// Gives changed lessons the summary of their series, which names the Space they share.
fn one_summary(events: &mut [Event], indexes: &[usize]) {
    let is_whole = |index: &&usize| events[**index].replaces.is_none();
    let Some(first) = indexes.iter().find(is_whole).or(indexes.first()) else { return };
    let summary = events[*first].summary.clone();
    for index in indexes {
        if events[*index].replaces.is_some() {
            events[*index].summary.clone_from(&summary);
        }
    }
}

/// The starts of an event, with their ends.
type Starts = Vec<(Timestamp, Option<Timestamp>)>;

/// Why the times of an event cannot be determined.
enum Fault {
    /// What is wrong, and the value.
    Broken(String, String),
    Exhausted(Exhausted),
}

impl From<(String, String)> for Fault {
    fn from((what, value): (String, String)) -> Self {
        Self::Broken(what, value)
    }
}

impl From<Exhausted> for Fault {
    fn from(exhausted: Exhausted) -> Self {
        Self::Exhausted(exhausted)
    }
}

/// The UID of a Pronote lesson without its export time, which would make every lesson new in each
/// export: `Cours-40048-1-20261129T081500Z-Index-Education`.
fn without_export_time(uid: &str) -> Option<String> {
    let start = uid.strip_suffix("-Index-Education")?;
    let (lesson, time) = start.rsplit_once('-')?;
    let (_, time, _) = clock(time)?;
    time.map(|_| format!("{lesson}-Index-Education"))
}

/// Adds a duration to a start: days by the calendar, hours by the clock.
fn after(start: &At, duration: &str) -> Option<Timestamp> {
    let span: Span = duration.trim().trim_start_matches('+').parse().ok()?;
    match &start.zone {
        Zone::Known(zone) => {
            let zoned = start.moment.to_zoned(zone.clone());
            Some(zoned.checked_add(span).ok()?.timestamp())
        }
        Zone::Defined(_) => start.zone.moment(start.clock.checked_add(span).ok()?),
    }
}

#[cfg(test)]
#[path = "tests/calendar.rs"]
mod tests;
