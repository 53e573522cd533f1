//! Makes a calendar with an event for each lesson, and updates an earlier one. A lesson is a link
//! that is valid for at most a day, according to its token.
//!
//! Why a second import changes events instead of duplicating them:
//! * Events with the same UID are the same. Of two versions, the one with the higher SEQUENCE
//!   applies, or, if equal, the one with the later DTSTAMP (RFC 5546, 2.1.5).
//! * A published calendar (METHOD:PUBLISH) cancels an event with STATUS:CANCELLED (RFC 5546,
//!   3.2.1). Google treats it as deleted (Calendar API, "Events", `status`); others show it as
//!   cancelled.
//!
//! So an event that was changed, removed or restored gets a higher SEQUENCE, and an unchanged one
//! stays as it is.

use super::cards::{Absent, Card, Handout, Space};
use super::words::{Words, filled};
use crate::escape::untrusted;
use crate::problem::{At, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

/// Longest lesson. A link without a lesson time is valid for 7 days.
pub const MAX_LESSON: SignedDuration = SignedDuration::from_hours(24);

/// Part of every calendar made by any version of this program.
pub const MARK: &str = "PRODID:-//lessonspace//lessonspace ";

/// Longest line in bytes, without its line break (RFC 5545, 3.1).
const MAX_LINE_LENGTH: usize = 75;

/// How to make a calendar.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    pub title: &'a str,
    pub words: &'static Words,
    pub now: Timestamp,
    /// Whether `--lesson-id` names the lessons.
    pub has_lesson_ids: bool,
}

/// Links that are not known to be for a single lesson.
#[derive(Debug, Default, Clone, Copy)]
pub struct LeftOut {
    /// Number of links valid for more than a day.
    pub longer: usize,
    /// Number of links without a start or an end.
    pub silent: usize,
}

/// How an updated calendar differs from the earlier one, in events.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    pub new: usize,
    /// Moved, or with a different link or name.
    pub changed: usize,
    pub cancelled: usize,
    pub unchanged: usize,
}

impl LeftOut {
    pub fn total(self) -> usize {
        self.longer + self.silent
    }
}

/// A calendar event as unfolded lines, without BEGIN and END.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    uid: String,
    lines: Vec<String>,
}

/// The events of a handout.
#[derive(Debug, Default)]
pub struct Lessons<'a> {
    /// Each with its card and its Space.
    pub events: Vec<(&'a Space, &'a Card, Event)>,
    pub left_out: LeftOut,
    /// The rows of the links that were left out.
    pub without_event: Vec<Absent>,
}

/// Makes an event for each lesson.
///
/// # Errors
///
/// Rows without a lesson id, and rows with the same lesson id for the same person.
pub fn lessons<'a>(
    handout: &'a Handout,
    options: &Options<'_>,
) -> Result<Lessons<'a>, Vec<Problem>> {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut lines: HashMap<String, u32> = HashMap::new();
    let mut problems = Vec::new();
    let mut lessons = Lessons::default();
    for (space, card) in handout.cards() {
        let window = window(card);
        let is_longer = window.is_some_and(|(start, end)| end.duration_since(start) > MAX_LESSON);
        let Some((start, end)) = window.filter(|_| !is_longer) else {
            lessons.left_out.longer += usize::from(is_longer);
            lessons.left_out.silent += usize::from(!is_longer);
            lessons.without_event.push(Absent {
                space_key: space.key.clone(),
                person_key: card.key.clone(),
                lesson_id: card.lesson_id.clone(),
            });
            continue;
        };
        let mut problem = |message: String| {
            problems.push(Problem {
                at: Box::new(At { line: Some(card.line), ..At::default() }),
                ..Problem::new(format!("line {}", card.line), message)
            });
        };
        let uid = match (&card.lesson_id, options.has_lesson_ids) {
            (None, true) => {
                problem("a column in --lesson-id is empty".to_owned());
                continue;
            }
            (Some(lesson), true) => {
                let uid = lesson_uid(&card.key, lesson);
                if let Some(line) = lines.insert(uid.clone(), card.line) {
                    problem(format!(
                        "the same person has the same lesson id on line {line}; add another \
                         column to --lesson-id"
                    ));
                }
                uid
            }
            (_, false) => {
                let text = start_text(&space.key, &card.key, start);
                let namesakes =
                    known.entry(text.clone()).and_modify(|number| *number += 1).or_insert(0);
                // Numbers people with the same name.
                uid(&if *namesakes == 0 { text } else { format!("{text}\n{namesakes}") })
            }
        };
        lessons.events.push((space, card, event((space, card), uid, (start, end), options)));
    }
    if problems.is_empty() { Ok(lessons) } else { Err(problems) }
}

/// Makes a calendar of these events.
pub fn calendar<'a>(events: impl IntoIterator<Item = &'a Event>, options: &Options<'_>) -> String {
    let title = escaped(&untrusted(options.title));
    let mut text = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        &format!("{MARK}{}//{}", env!("CARGO_PKG_VERSION"), options.words.code.to_uppercase()),
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        &format!("X-WR-CALNAME:{title}"),
        &format!("NAME;VALUE=TEXT:{title}"),
    ] {
        write_line(&mut text, line);
    }
    for event in events {
        write_line(&mut text, "BEGIN:VEVENT");
        event.lines.iter().for_each(|line| write_line(&mut text, line));
        write_line(&mut text, "END:VEVENT");
    }
    write_line(&mut text, "END:VCALENDAR");
    text
}

/// Number of upcoming lessons that an update would cancel only because the earlier calendar belongs
/// to another handout. 0 if the two share any upcoming lesson.
pub fn lessons_of_another_handout(
    earlier: &[Event],
    lessons: &Lessons<'_>,
    handout: &Handout,
    options: &Options<'_>,
) -> usize {
    let coming: Vec<&Event> = earlier
        .iter()
        .filter(|event| !event.is_over(options.now) && !event.is_cancelled())
        .collect();
    let is_known = |uids: &HashSet<String>| coming.iter().any(|event| uids.contains(&event.uid));
    let current = lessons.events.iter().map(|(.., event)| event.uid.clone()).collect();
    let is_shared = is_known(&current)
        || is_known(&uids_without_event(earlier, lessons, handout, options))
        || is_known(&uids_of(&handout.skipped, earlier, options));
    if is_shared { 0 } else { coming.len() }
}

/// UIDs that these rows may have in a calendar.
fn uids_of<'a>(
    rows: impl IntoIterator<Item = &'a Absent>,
    earlier: &[Event],
    options: &Options<'_>,
) -> HashSet<String> {
    let starts: BTreeSet<Timestamp> = earlier.iter().filter_map(|it| it.time("DTSTART")).collect();
    rows.into_iter().flat_map(|row| row.uids(&starts, options.has_lesson_ids)).collect()
}

/// UIDs of lessons that still take place, but have no link or one that is not for a single lesson.
fn uids_without_event(
    earlier: &[Event],
    lessons: &Lessons<'_>,
    handout: &Handout,
    options: &Options<'_>,
) -> HashSet<String> {
    let without_link = handout.without.iter().map(|row| &row.absent);
    uids_of(without_link.chain(&lessons.without_event), earlier, options)
}

/// Updates an earlier calendar's events to the lessons of the handout. Lessons that are no longer
/// in it are cancelled, unless they are over, or their link is only missing or valid for longer
/// than a lesson.
pub fn updated(
    earlier: Vec<Event>,
    lessons: &Lessons<'_>,
    handout: &Handout,
    options: &Options<'_>,
) -> (Vec<Event>, Changes) {
    let mut changes = Changes::default();
    let current: HashSet<&str> =
        lessons.events.iter().map(|(.., event)| event.uid.as_str()).collect();
    let without_event = uids_without_event(&earlier, lessons, handout, options);
    let mut gone = Vec::new();
    let mut known: HashMap<String, Event> = HashMap::new();
    for event in earlier {
        if current.contains(event.uid.as_str()) {
            known.insert(event.uid.clone(), event);
            continue;
        }
        let stays = event.is_over(options.now) || without_event.contains(&event.uid);
        if stays || event.is_cancelled() {
            changes.unchanged += usize::from(!event.is_cancelled());
            gone.push(event);
        } else {
            changes.cancelled += 1;
            gone.push(event.cancelled(options.now));
        }
    }
    let mut events = Vec::with_capacity(lessons.events.len() + gone.len());
    for (.., event) in &lessons.events {
        events.push(match known.remove(&event.uid) {
            None => {
                changes.new += 1;
                event.clone()
            }
            Some(earlier) if earlier.says_the_same(event) => {
                changes.unchanged += 1;
                earlier
            }
            Some(earlier) => {
                changes.changed += 1;
                event.clone().after(&earlier)
            }
        });
    }
    events.extend(gone);
    (events, changes)
}

/// Reads the events of a calendar made by this program.
///
/// # Errors
///
/// The calendar is from another program. The message follows the file's name.
pub fn read(text: &str) -> Result<Vec<Event>, String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    let is_own = lines.first().is_some_and(|line| line == "BEGIN:VCALENDAR")
        && lines.iter().any(|line| line.starts_with(MARK));
    if !is_own {
        return Err("is not a calendar that handout made; choose another file".to_owned());
    }
    let mut events = Vec::new();
    let mut open: Option<Vec<String>> = None;
    for line in lines {
        match (line.as_str(), open.as_mut()) {
            ("BEGIN:VEVENT", _) => open = Some(Vec::new()),
            ("END:VEVENT", _) => events.extend(open.take().map(|lines| Event {
                uid: value(&lines, "UID").unwrap_or_default().to_owned(),
                lines,
            })),
            (_, Some(lines)) => lines.push(line),
            (_, None) => {}
        }
    }
    Ok(events)
}

impl Event {
    fn value(&self, name: &str) -> Option<&str> {
        value(&self.lines, name)
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        let local = DateTime::strptime("%Y%m%dT%H%M%SZ", self.value(name)?).ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    }

    fn sequence(&self) -> i64 {
        self.value("SEQUENCE").and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn is_cancelled(&self) -> bool {
        self.value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED"))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.time("DTEND").is_some_and(|end| end <= now)
    }

    /// Whether two events are equal, apart from when they were written.
    fn says_the_same(&self, other: &Self) -> bool {
        ["DTSTART", "DTEND", "STATUS", "SUMMARY", "DESCRIPTION", "URL"]
            .iter()
            .all(|name| self.value(name) == other.value(name))
    }

    /// The same event with a higher SEQUENCE than its earlier version.
    fn after(mut self, earlier: &Self) -> Self {
        let sequence = self.sequence().max(earlier.sequence().saturating_add(1));
        self.set("SEQUENCE", &sequence.to_string());
        self
    }

    /// The same event, cancelled, without its link.
    fn cancelled(mut self, now: Timestamp) -> Self {
        let sequence = sequence(now).max(self.sequence().saturating_add(1));
        self.lines.retain(|line| !matches!(name_of(line), "URL" | "DESCRIPTION"));
        self.set("SEQUENCE", &sequence.to_string());
        self.set("DTSTAMP", &utc(now));
        self.set("STATUS", "CANCELLED");
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.lines.retain(|line| name_of(line) != name);
        self.lines.push(format!("{name}:{value}"));
    }
}

impl Absent {
    /// UIDs that events of this row may have.
    fn uids(&self, starts: &BTreeSet<Timestamp>, has_lesson_ids: bool) -> Vec<String> {
        if has_lesson_ids {
            let lesson = self.lesson_id.as_ref();
            return lesson.map(|lesson| lesson_uid(&self.person_key, lesson)).into_iter().collect();
        }
        let of = |start: &Timestamp| uid(&start_text(&self.space_key, &self.person_key, *start));
        starts.iter().map(of).collect()
    }
}

fn name_of(line: &str) -> &str {
    line.split([':', ';']).next().unwrap_or_default()
}

fn value<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    let line = lines.iter().find(|line| name_of(line) == name)?;
    line.split_once(':').map(|(_, value)| value)
}

/// The start and end of a link, if both are certain.
fn window(card: &Card) -> Option<(Timestamp, Timestamp)> {
    let window = card.not_before.zip(card.not_after).filter(|(start, end)| start < end);
    window.filter(|_| card.is_window_certain)
}

fn event(
    (space, card): (&Space, &Card),
    uid: String,
    (start, end): (Timestamp, Timestamp),
    options: &Options<'_>,
) -> Event {
    let words = options.words;
    let [name, title] = [&card.name, &space.title].map(|text| untrusted(text));
    let mut summary = if name == title { title } else { format!("{title} ({name})") };
    let mut description = format!("{}\n{}", filled(words.link_for, &[("name", &name)]), card.link);
    if card.leads {
        let _ = write!(description, "\n{}", words.leader_event);
    }
    if card.is_practice {
        summary = format!("[{}] {summary}", words.practice_event);
        let _ = write!(description, "\n{}.", words.practice);
    }
    let lines = vec![
        format!("UID:{uid}"),
        format!("DTSTAMP:{}", utc(options.now)),
        format!("DTSTART:{}", utc(start)),
        format!("DTEND:{}", utc(end)),
        format!("SUMMARY:{}", escaped(&summary)),
        format!("DESCRIPTION:{}", escaped(&description)),
        format!("URL:{}", card.link),
        "STATUS:CONFIRMED".to_owned(),
        format!("SEQUENCE:{}", sequence(options.now)),
    ];
    Event { uid, lines }
}

/// Grows with time, so that a later file takes precedence even if the earlier one no longer exists.
fn sequence(now: Timestamp) -> i64 {
    now.as_second() / 60
}

/// Identifies a person's lesson in a Space without a lesson id.
fn start_text(space: &str, person: &str, start: Timestamp) -> String {
    format!("{space}\n{person}\n{}", start.as_second())
}

fn lesson_uid(person: &str, lesson: &str) -> String {
    uid(&format!("lesson\n{person}\n{lesson}"))
}

/// The same for the same text in every file, without revealing anything from the roster.
fn uid(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("{}@lessonspace", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]))
}

fn utc(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes text for a property value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\n' => value.push_str("\\n"),
            _ => value.push(character),
        }
    }
    value
}

/// Appends a line, folded between characters.
fn write_line(text: &mut String, line: &str) {
    let mut length = 0;
    for character in line.chars() {
        if length + character.len_utf8() > MAX_LINE_LENGTH {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(character);
        length += character.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(uid: &str, day: i8, sequence: i64) -> Event {
        Event {
            uid: uid.to_owned(),
            lines: vec![
                format!("UID:{uid}"),
                "DTSTAMP:20260101T000000Z".to_owned(),
                format!("DTSTART:209801{day:02}T100000Z"),
                format!("DTEND:209801{day:02}T110000Z"),
                format!("SUMMARY:{uid}"),
                format!("URL:https://go.room.sh/{uid}"),
                "STATUS:CONFIRMED".to_owned(),
                format!("SEQUENCE:{sequence}"),
            ],
        }
    }

    fn options() -> Options<'static> {
        let words = Words::named("en").expect("English");
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        Options { title: "T", words, now, has_lesson_ids: true }
    }

    #[test]
    fn a_written_calendar_can_be_read_back() {
        let long = format!("SUMMARY:{}", escaped(&"Zoë; 李小龍, \\ 🥋 ".repeat(20)));
        let mut one = event("a", 1, 3);
        one.lines.push(long);
        let text = calendar([&one, &event("b", 2, 0)], &options());
        assert!(text.split("\r\n").all(|line| line.len() <= MAX_LINE_LENGTH), "{text}");
        assert_eq!(read(&text), Ok(vec![one.clone(), event("b", 2, 0)]));
        assert_eq!(read(&text.replace("\r\n", "\n")), Ok(vec![one, event("b", 2, 0)]));
        for other in ["", "BEGIN:VCALENDAR\r\nPRODID:-//Other//\r\nEND:VCALENDAR\r\n", "id,name\n"]
        {
            assert!(read(other).is_err(), "{other}");
        }
    }

    #[test]
    fn an_event_is_unchanged_unless_a_visible_detail_differs() {
        let one = event("a", 1, 3);
        for (name, value, is_same) in [
            ("DTSTAMP", "20270101T000000Z", true),
            ("SEQUENCE", "9", true),
            ("DTSTART", "20980101T103000Z", false),
            ("DTEND", "20980101T113000Z", false),
            ("STATUS", "CANCELLED", false),
            ("SUMMARY", "b", false),
            ("DESCRIPTION", "b", false),
            ("URL", "https://go.room.sh/b", false),
        ] {
            let mut other = one.clone();
            other.set(name, value);
            assert_eq!(one.says_the_same(&other), is_same, "{name}");
        }
    }

    #[test]
    fn a_lesson_lasts_at_most_a_day() {
        let now = options().now;
        for (hours, seconds, is_lesson) in [(24, 0, true), (24, 1, false), (0, 1, true)] {
            let end = now + SignedDuration::new(hours * 3600 + seconds, 0);
            let mut handout = Handout::default();
            let card = Card { not_before: Some(now), not_after: Some(end), ..card() };
            handout.spaces.push(Space { cards: vec![card], ..space() });
            let options = Options { has_lesson_ids: false, ..options() };
            let lessons = lessons(&handout, &options).expect("events");
            assert_eq!(lessons.events.len(), usize::from(is_lesson), "{hours} h {seconds} s");
            assert_eq!(lessons.left_out.longer, usize::from(!is_lesson), "{hours} h {seconds} s");
        }
    }

    fn space() -> Space {
        Space { title: "S".into(), is_numbered: false, key: "r".into(), cards: Vec::new() }
    }

    fn card() -> Card {
        Card {
            line: 2,
            name: "Ann".into(),
            email: None,
            key: "1".into(),
            is_key_certain: true,
            leads: false,
            is_practice: false,
            link: "https://go.room.sh/".parse().expect("a link"),
            not_before: None,
            not_after: None,
            is_window_certain: true,
            lesson_id: None,
        }
    }

    #[test]
    fn an_update_moves_cancels_and_keeps_events() {
        let (space, card) = (space(), card());
        let now = options().now;
        let lessons = |events: &[Event]| Lessons {
            events: events.iter().map(|event| (&space, &card, event.clone())).collect(),
            ..Lessons::default()
        };
        let far = sequence(now) + 7;
        let absent = Absent {
            space_key: String::new(),
            person_key: "1".into(),
            lesson_id: Some("7".into()),
        };
        let waiting = event(&lesson_uid("1", "7"), 5, 1);
        let over =
            Event { lines: vec!["UID:o".into(), "DTEND:20200101T000000Z".into()], uid: "o".into() };
        let earlier = vec![
            event("same", 1, 1),
            event("moved", 2, far),
            event("gone", 3, far),
            event("was gone", 4, 1).cancelled(now),
            event("back", 4, 1).cancelled(now),
            waiting.clone(),
            over.clone(),
        ];
        let row = super::super::cards::Without {
            name: String::new(),
            space: None,
            reason: String::new(),
            absent,
        };
        let handout = Handout { without: vec![row], ..Handout::default() };
        let current =
            [event("same", 1, 9), event("moved", 9, 9), event("back", 4, 9), event("new", 6, 9)];
        let (events, changes) = updated(earlier, &lessons(&current), &handout, &options());
        let printed: Vec<_> = events
            .iter()
            .map(|event| (event.uid.as_str(), event.is_cancelled(), event.sequence()))
            .collect();
        let minute = sequence(now);
        assert_eq!(
            printed,
            [
                ("same", false, 1),
                ("moved", false, far + 1),
                ("back", false, minute + 1),
                ("new", false, 9),
                ("gone", true, far + 1),
                ("was gone", true, minute),
                (waiting.uid.as_str(), false, 1),
                ("o", false, 0),
            ]
        );
        assert_eq!(changes, Changes { new: 1, changed: 2, cancelled: 1, unchanged: 3 });
        assert!(events[4].value("URL").is_none(), "a cancelled lesson has no link");
    }
}
