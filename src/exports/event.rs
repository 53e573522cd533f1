//! Parses the events of an iCalendar file, and the zones that it defines.

use super::package::MAX_CELL_SIZE;
use super::zones::{Definition, Part};
use crate::error::{Error, Result};
use crate::escape::untrusted;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

const MAX_EVENTS: usize = 250_000;

/// Maximum number of people and dates in all events together.
const MAX_PARTS: usize = 1_000_000;

/// Text in a summary or category that means cancelled. Pronote has no other marker.
const CANCELLED: [&str; 2] = ["cours annulé", "cours annule"];

/// Prefixes that Outlook adds to the summary of a cancelled meeting, in eight languages.
const CANCELLED_PREFIXES: [&str; 9] = [
    "canceled:",
    "cancelled:",
    "abgesagt:",
    "annulé:",
    "cancelado:",
    "cancelada:",
    "annullato:",
    "geannuleerd:",
    "anulowane:",
];

/// A time as written, before the file's zones are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub zone: Option<Box<str>>,
}

/// An organiser or attendee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub name: Box<str>,
    pub email: Box<str>,
    pub standing: Attendance,
}

/// Whether a person takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attendance {
    Invited,
    Declined,
    NotAPerson,
}

/// An event as written in the file.
#[derive(Debug, Default)]
pub struct Event {
    pub line: u32,
    pub uid: String,
    pub summary: String,
    pub location: String,
    pub start: Option<Written>,
    pub end: Option<Written>,
    pub duration: Option<String>,
    pub rules: Vec<String>,
    pub dates: Vec<Written>,
    pub exceptions: Vec<Written>,
    /// The lesson of a series that this event replaces.
    pub replaces: Option<Written>,
    pub sequence: i64,
    pub organiser: Option<Who>,
    pub attendees: Vec<Who>,
    /// See [`Event::people`].
    people: u64,
    pub is_cancelled: bool,
    pub is_all_day: bool,
    /// An unsupported property that would change the event.
    pub refused: Option<&'static str>,
}

/// Properties that cannot be skipped without changing the event.
const COUNTING: [&str; 8] =
    ["UID", "DTSTART", "RRULE", "EXDATE", "RECURRENCE-ID", "ORGANIZER", "ATTENDEE", "STATUS"];

/// Properties of any size, because they are not read.
const UNREAD: [&str; 4] = ["ATTACH", "IMAGE", "DESCRIPTION", "COMMENT"];

/// The parts of a calendar that are read.
#[derive(Debug, Default)]
pub struct Calendar {
    pub events: Vec<Event>,
    pub zones: Vec<Definition>,
    /// The names of the zones for times without one; a file may contain several calendars.
    pub default_zones: BTreeSet<String>,
}

/// State while parsing a calendar.
#[derive(Default)]
struct Parser {
    calendar: Calendar,
    /// Components that are still open, with their lines.
    open: Vec<(String, u32)>,
    event: Option<Event>,
    zone: Option<Definition>,
    /// Number of people and dates in all finished events.
    parts: usize,
    /// Index of the first event in the current VCALENDAR; a file may contain several.
    first_event: usize,
    /// Whether this VCALENDAR cancels its events. METHOD may come after them.
    is_cancelling: bool,
}

impl Calendar {
    /// Parses the events and zones of a file. `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// The file is not a calendar, or is too damaged to tell what belongs to an event.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self> {
        let damaged = |message: &str| {
            Error::usage(file, untrusted(message)).with_hint("export the calendar again")
        };
        if !is_calendar(bytes) {
            return Err(Error::about(file, "is not a calendar (expected BEGIN:VCALENDAR)"));
        }
        let mut parser = Parser::default();
        // Whether the previous line is a known property, which an invalid line may continue.
        let mut counts = false;
        for (line, text) in Lines::new(bytes) {
            let Some(text) = text else {
                let message = format!("is not UTF-8 (line {line}); save it as UTF-8");
                return Err(Error::about(file, message));
            };
            if text.len() > MAX_CELL_SIZE {
                let name = text.split([';', ':']).next().unwrap_or_default().to_ascii_uppercase();
                // Images and other attachments are not read.
                if name.starts_with("X-") || UNREAD.contains(&name.as_str()) {
                    continue;
                }
                return Err(Error::usage(file, format!("line {line} is larger than 1 MiB")));
            }
            if let Some(property) = Property::parse(&text) {
                counts = parser.property(property, line).map_err(|message| damaged(&message))?;
            } else if parser.event.is_some() && !text.trim().is_empty() {
                let name = text.split([';', ':']).next().unwrap_or_default().trim();
                if counts || COUNTING.contains(&name.to_ascii_uppercase().as_str()) {
                    return Err(damaged(&format!("line {line} is not a calendar property")));
                }
            }
        }
        match parser.open.first() {
            Some((name, line)) => Err(damaged(&format!("{name} on line {line} has no END"))),
            None => Ok(parser.calendar),
        }
    }
}

impl Parser {
    /// Handles a property. Returns whether it is a known property of an event.
    fn property(&mut self, property: Property, line: u32) -> Result<bool, String> {
        match property.name.as_str() {
            "BEGIN" => self.begin(property.value.to_ascii_uppercase(), line),
            "END" => self.end(&property.value.to_ascii_uppercase(), line)?,
            _ => {}
        }
        let component = self.open.last().map(|(name, _)| name.as_str());
        match (component, &mut self.event, &mut self.zone) {
            (Some("VEVENT"), Some(event), _) => {
                let counts = event.read(&property);
                if self.parts + event.parts() > MAX_PARTS {
                    return Err(format!("more than {MAX_PARTS} attendees and dates"));
                }
                return Ok(counts);
            }
            (Some("STANDARD" | "DAYLIGHT"), _, Some(zone)) => {
                if let Some(part) = zone.parts.last_mut() {
                    part.read(&property);
                }
            }
            (Some("VTIMEZONE"), _, Some(zone)) if property.name == "TZID" => {
                zone.name = property.value;
            }
            (Some("VCALENDAR"), ..) if property.name == "METHOD" => {
                self.is_cancelling = property.value.eq_ignore_ascii_case("CANCEL");
            }
            (Some("VCALENDAR"), ..) if property.name == "X-WR-TIMEZONE" => {
                self.calendar.default_zones.insert(property.value);
            }
            _ => {}
        }
        Ok(false)
    }

    fn begin(&mut self, name: String, line: u32) {
        match name.as_str() {
            "VCALENDAR" => {
                self.first_event = self.calendar.events.len();
                self.is_cancelling = false;
            }
            "VEVENT" => self.event = Some(Event { line, ..Event::default() }),
            "VTIMEZONE" => self.zone = Some(Definition::default()),
            "STANDARD" | "DAYLIGHT" => {
                if let Some(zone) = &mut self.zone {
                    zone.parts.push(Part::default());
                }
            }
            _ => {}
        }
        self.open.push((name, line));
    }

    fn end(&mut self, name: &str, line: u32) -> Result<(), String> {
        let Some((open, began)) = self.open.pop() else {
            return Err(format!("line {line} ends {name}, which did not start"));
        };
        if open != name {
            return Err(format!(
                "line {line} ends {name}, but {open} of line {began} is still open"
            ));
        }
        match name {
            "VEVENT" => {
                if let Some(mut event) = self.event.take() {
                    if event.start.is_none() {
                        event.start.clone_from(&event.replaces);
                    }
                    event.people = event.people();
                    self.parts += event.parts();
                    self.calendar.events.push(event);
                }
            }
            "VTIMEZONE" => self.calendar.zones.extend(self.zone.take()),
            "VCALENDAR" if self.is_cancelling => {
                for event in &mut self.calendar.events[self.first_event..] {
                    event.is_cancelled = true;
                }
            }
            _ => {}
        }
        if self.calendar.events.len() > MAX_EVENTS {
            return Err(format!("more than {MAX_EVENTS} events"));
        }
        Ok(())
    }
}

impl Event {
    /// Reads a property. Returns whether it is a known one.
    fn read(&mut self, property: &Property) -> bool {
        let zone = || property.parameter("TZID").map(Box::from);
        let written = |text: &str| Written { text: text.trim().to_owned(), zone: zone() };
        let list = || property.value.split(',').filter(|it| !it.trim().is_empty()).map(written);
        match property.name.as_str() {
            "UID" => self.uid = property.text(),
            "SUMMARY" => {
                self.summary = property.text();
                self.is_cancelled |= is_cancelled_by_words(&self.summary);
            }
            "LOCATION" => self.location = property.text(),
            "CATEGORIES" => self.is_cancelled |= is_cancelled_by_words(&property.text()),
            "STATUS" => self.is_cancelled |= is_cancelled_status(&property.value),
            "DTSTART" => self.start = Some(written(&property.value)),
            "DTEND" => self.end = Some(written(&property.value)),
            "DURATION" => self.duration = Some(property.value.clone()),
            "RRULE" => self.rules.push(property.value.clone()),
            "RDATE" => self.dates.extend(list()),
            "EXDATE" => self.exceptions.extend(list()),
            "EXRULE" => self.refused = Some("unsupported exception rule (EXRULE)"),
            "RECURRENCE-ID" => {
                if property.parameter("RANGE").is_some() {
                    self.refused = Some("unsupported change to all later lessons (RANGE)");
                }
                self.replaces = Some(written(&property.value));
            }
            "SEQUENCE" => self.sequence = property.value.parse().unwrap_or_default(),
            "ORGANIZER" => self.organiser = Some(Who::of(property)),
            "ATTENDEE" => self.attendees.push(Who::of(property)),
            "X-MICROSOFT-CDO-ALLDAYEVENT" => {
                self.is_all_day = property.value.eq_ignore_ascii_case("TRUE");
            }
            _ => return false,
        }
        true
    }

    /// Whether two events are the same lesson, listed twice.
    pub fn is_same(&self, other: &Self) -> bool {
        self.start == other.start
            && self.end == other.end
            && self.duration == other.duration
            && self.rules == other.rules
            && self.dates == other.dates
            && self.exceptions == other.exceptions
            && self.is_cancelled == other.is_cancelled
            && self.is_series_of(other)
    }

    /// Whether two events at different times may belong to one series: the same summary and people.
    pub fn is_series_of(&self, other: &Self) -> bool {
        self.summary == other.summary && self.people == other.people
    }

    /// A hash of all people in the event, to compare thousands of events quickly.
    fn people(&self) -> u64 {
        let people = self.attendees.iter().chain(&self.organiser).map(Who::key);
        let mut hasher = DefaultHasher::new();
        people.collect::<BTreeSet<String>>().hash(&mut hasher);
        hasher.finish()
    }

    /// Number of people, dates and rules.
    fn parts(&self) -> usize {
        self.attendees.len() + self.dates.len() + self.exceptions.len() + self.rules.len()
    }
}

impl Who {
    /// Reads an ORGANIZER or ATTENDEE.
    fn of(property: &Property) -> Self {
        let parameter = |name: &str| property.parameter(name).unwrap_or_default();
        let email = address(&property.value).or_else(|| address(parameter("EMAIL")));
        let email = email.unwrap_or_default();
        let name = parameter("CN").split_whitespace().collect::<Vec<_>>().join(" ");
        let name = name.trim_matches('\'');
        let is_person = match parameter("CUTYPE").to_ascii_uppercase().as_str() {
            "ROOM" | "RESOURCE" | "GROUP" => false,
            // Google lists calendars as organisers, and rooms as attendees.
            _ => !email.to_ascii_lowercase().ends_with("calendar.google.com"),
        };
        let standing = match parameter("PARTSTAT").to_ascii_uppercase().as_str() {
            _ if !is_person => Attendance::NotAPerson,
            "DECLINED" | "DELEGATED" => Attendance::Declined,
            _ => Attendance::Invited,
        };
        let name = if name.contains('@') && name.eq_ignore_ascii_case(&email) { "" } else { name };
        Self { name: name.into(), email: email.into(), standing }
    }

    /// Identifies a person: the email address, or else the name.
    pub fn key(&self) -> String {
        if self.email.is_empty() { &self.name } else { &self.email }.to_lowercase()
    }
}

/// The email address in a `mailto:`, or without one. If a name contains a colon without quotes,
/// part of the name comes before the address.
fn address(value: &str) -> Option<String> {
    const SCHEME: &str = "mailto:";
    let lower = value.to_ascii_lowercase();
    let at = lower.rfind(SCHEME).map(|at| at + SCHEME.len());
    if at.is_none() && value.contains(':') {
        return None;
    }
    let address = value[at.unwrap_or(0)..].split('?').next().unwrap_or_default().trim();
    let address = match at {
        Some(_) => percent_decode_str(address).decode_utf8().map_or(address.into(), Into::into),
        None => address.to_owned(),
    };
    address.contains('@').then_some(address)
}

fn is_cancelled_status(status: &str) -> bool {
    matches!(status.to_ascii_uppercase().as_str(), "CANCELLED" | "CANCELED")
}

fn is_cancelled_by_words(text: &str) -> bool {
    let text = text.to_lowercase();
    let unspaced = text.replace([' ', '\u{a0}'], "");
    CANCELLED.iter().any(|words| text.contains(words))
        || CANCELLED_PREFIXES.iter().any(|prefix| unspaced.starts_with(prefix))
}

/// Whether a file starts like a calendar.
fn is_calendar(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(start);
    text.trim_start().get(..15).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

/// A line with a name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// In upper case.
    pub name: String,
    /// Names in upper case, values without quotes.
    parameters: Vec<(String, String)>,
    /// As written.
    pub value: String,
}

/// The unfolded lines of a file, with their numbers.
pub struct Lines<'a> {
    rest: &'a [u8],
    line: u32,
}

/// Removes the byte order mark of a calendar, and converts UTF-16 to UTF-8. Folded lines may break
/// within a character, so the text is not validated here.
pub fn utf_8(bytes: Vec<u8>) -> Vec<u8> {
    match Encoding::for_bom(&bytes) {
        Some((encoding, length)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned().into_bytes()
        }
        Some((_, length)) => bytes[length..].to_vec(),
        None => bytes,
    }
}

impl<'a> Lines<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, line: 0 }
    }

    /// The next line. It ends with CR LF, LF or CR; some programs write CR CR LF.
    fn physical(&mut self) -> &'a [u8] {
        let end = memchr::memchr2(b'\n', b'\r', self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        let length = match rest {
            [b'\r', b'\r', b'\n', ..] => 3,
            [b'\r', b'\n', ..] => 2,
            _ => rest.len().min(1),
        };
        self.rest = &rest[length..];
        self.line += 1;
        line
    }
}

impl Iterator for Lines<'_> {
    /// The number of the line it starts on, and its text, or `None` if it is not UTF-8.
    type Item = (u32, Option<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut bytes = self.physical().to_vec();
        let line = self.line;
        while self.rest.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            bytes.extend_from_slice(&self.physical()[1..]);
        }
        Some((line, String::from_utf8(bytes).ok()))
    }
}

impl Property {
    /// Parses a line. `None` if it is not `NAME;PARAMETER=value:value`.
    pub fn parse(line: &str) -> Option<Self> {
        let end = line.find([';', ':'])?;
        let name = line[..end].trim();
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        };
        let mut parameters = Vec::new();
        let mut rest = &line[end..];
        while let Some(parameter) = rest.strip_prefix(';') {
            let (text, after) = parameter.split_at(unquoted_end(parameter)?);
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            parameters.push((name.trim().to_ascii_uppercase(), parameter_text(value)));
            rest = after;
        }
        let value = rest.strip_prefix(':')?.trim().to_owned();
        is_name(name).then(|| Self { name: name.to_ascii_uppercase(), parameters, value })
    }

    /// The value of a parameter, unless it is empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value as unescaped text on one line.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut characters = self.value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => text.push(' '),
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                character => text.push(character),
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Where a parameter ends: at the first unquoted `;` or `:`.
fn unquoted_end(text: &str) -> Option<usize> {
    let mut in_quotes = false;
    text.char_indices().find_map(|(at, character)| {
        in_quotes ^= character == '"';
        (!in_quotes && matches!(character, ';' | ':')).then_some(at)
    })
}

/// A parameter's value without quotes. Decodes the escapes of RFC 6868, and the `\,` and `\;` that
/// some programs write.
fn parameter_text(value: &str) -> String {
    let value = value.trim().replace('"', "").replace("\\,", ",").replace("\\;", ";");
    if !value.contains('^') {
        return value;
    }
    let (mut text, mut rest) = (String::new(), value.as_str());
    while let Some(at) = rest.find('^') {
        text.push_str(&rest[..at]);
        let (escaped, length) = match rest.as_bytes().get(at + 1) {
            Some(b'n') => (" ", 2),
            Some(b'\'') => ("\"", 2),
            Some(b'^') => ("^", 2),
            _ => ("^", 1),
        };
        text.push_str(escaped);
        rest = &rest[at + length..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_are_joined_and_keep_their_line_number() {
        let text = b"A:1\r\nB:Caf\xC3\r\n \xA9 and\n\t more\nC:\xFF\n\nD:2";
        let lines: Vec<(u32, Option<String>)> = Lines::new(text).collect();
        let line = |number, text: &str| (number, Some(text.to_owned()));
        assert_eq!(
            lines,
            [
                line(1, "A:1"),
                line(2, "B:Caf\u{e9} and more"),
                (5, None),
                line(6, ""),
                line(7, "D:2")
            ]
        );
        let lines = |text: &'static [u8]| Lines::new(text).collect::<Vec<_>>();
        let expected = [line(1, "A:1 2"), line(3, ""), line(4, "B:2")];
        for text in [&b"A:1\r\n  2\r\n\r\nB:2\r\n"[..], b"A:1\n  2\n\nB:2", b"A:1\r  2\r\rB:2\r"] {
            assert_eq!(lines(text), expected);
        }
        assert_eq!(lines(b"A:1\r\r\n 2\r\r\nB:2\r"), [line(1, "A:12"), line(3, "B:2")]);
        let utf_16: Vec<u8> =
            "\u{feff}A:\u{e9}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf_8(utf_16), "A:\u{e9}".as_bytes());
        assert_eq!(utf_8(b"\xEF\xBB\xBFA:1".to_vec()), b"A:1");
    }

    #[test]
    fn addresses_are_decoded_if_they_are_links() {
        for (value, expected) in [
            ("mailto:tina%40s.example", Some("tina@s.example")),
            ("MAILTO:t%2Bmaths@s.example?subject=Hi", Some("t+maths@s.example")),
            ("mailto:t%C3%AFna@s.example", Some("t\u{ef}na@s.example")),
            ("mailto:100%@s.example", Some("100%@s.example")),
            ("t+1%40x@s.example", Some("t+1%40x@s.example")),
            ("Byron: Ada:mailto:ada@x.example", Some("ada@x.example")),
            ("invalid:nomail", None),
            ("mailto:ada", None),
        ] {
            assert_eq!(address(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn names_parameters_and_texts_are_parsed() {
        let property = |line: &str| Property::parse(line).expect("is a property");
        let attendee =
            property("attendee;CN=\"Byron; Ada: x\";PartStat=ACCEPTED:mailto:ada@x.example");
        assert_eq!(attendee.name, "ATTENDEE");
        assert_eq!(attendee.parameter("CN"), Some("Byron; Ada: x"));
        assert_eq!(attendee.parameter("PARTSTAT"), Some("ACCEPTED"));
        assert_eq!(attendee.value, "mailto:ada@x.example");
        assert_eq!(property("X;CN=a^'b^^n^n^x:v").parameter("CN"), Some("a\"b^n ^x"));
        assert_eq!(property("X;CN=Byron\\, Ada:v").parameter("CN"), Some("Byron, Ada"));
        assert_eq!(
            property("SUMMARY:One\\, two\\;\\n three\\\\n: 4").text(),
            "One, two; three\\n: 4"
        );
        assert_eq!(property("SUMMARY:").text(), "");
        for line in ["", "no colon", "Teacher Ada: here", ":x", "X;A=\"b:c", "Caf\u{e9}:x"] {
            assert_eq!(Property::parse(line), None, "{line:?}");
        }
    }
}
