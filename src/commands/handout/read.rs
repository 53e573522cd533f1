//! Reads a links file, whichever of its forms it has: CSV, a workbook, or JSON.

use super::facts::Facts;
use crate::commands::batch::fields::{Fields, KNOWN, Known};
use crate::json::{self, Object, Value};
use crate::old_roster::columns::{Meaning, meaning_of};
use crate::old_roster::read::{Cells, Format, JsonLine, ReadError, Reading, Roster, Row};
use crate::old_roster::{cell, guard, results};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::cell::RefCell;

const LINK: &str = "client_url";

/// All launches of a links file, in its order; absent people of a recipe are left out. What its form
/// is shows in the file itself. A workbook's times have no zone: they are taken as of `zone`.
pub fn read(bytes: Vec<u8>, zone: &TimeZone) -> Result<Vec<Facts>, String> {
    let roster = open(bytes).map_err(|error| match error {
        ReadError::NotUtf8 { line } => format!(
            "line {line} is not UTF-8; if Excel wrote the file, save it there again as \"CSV UTF-8 \
             (comma delimited)\" or as .xlsx"
        ),
        error => error.to_string(),
    })?;
    let columns = Columns::of(roster.header());
    if roster.format() != Format::JsonLines
        && columns.people.iter().all(|person| person.link.is_none())
    {
        return Err("has no column client_url; name the file that batch wrote with -o".to_owned());
    }
    let mut all = Vec::with_capacity(roster.len());
    for index in 0..roster.len() {
        match roster.row(index).map_err(|error| error.to_string())? {
            Row::Cells(cells) => all.extend(columns.facts(&cells, zone)),
            Row::Json(line) => all.extend(of_json(&line, zone)),
        }
    }
    Ok(all)
}

/// The people of a recipe are known from the header alone, which a first reading finds.
fn open(bytes: Vec<u8>) -> Result<Roster, ReadError> {
    let format = if is_json(&bytes) { Format::JsonLines } else { Format::of_bytes(&bytes) };
    let found = RefCell::new(Vec::new());
    let is_header = |cells: &[String]| {
        let people = people(cells);
        let is_header = !people.is_empty() || cells.iter().any(|cell| cell.trim() == LINK);
        if is_header {
            found.replace(people);
        }
        is_header
    };
    let reading = Reading {
        format,
        encoding: None,
        sheet: None,
        people: &[],
        header_line: None,
        is_header: &is_header,
    };
    let first = Roster::read(bytes.clone(), &reading);
    let people = found.take();
    if people.is_empty() {
        return first;
    }
    Roster::read(bytes, &Reading { people: &people, ..reading })
}

/// Whether the text begins as JSON does, in whichever encoding; no header of batch's does.
fn is_json(bytes: &[u8]) -> bool {
    let is_before =
        |byte: &&u8| byte.is_ascii_whitespace() || b"\0\xEF\xBB\xBF\xFE\xFF".contains(byte);
    bytes.iter().find(|byte| !is_before(byte)).is_some_and(|byte| b"{[".contains(byte))
}

/// The people whose links the header has: `tutor` for `tutor_client_url` and the columns beside it.
/// One without those is the roster's own, unless there is no other link.
fn people(header: &[String]) -> Vec<String> {
    let names: Vec<&str> = header.iter().map(|cell| guard::unguarded(cell.trim())).collect();
    let has = |wanted: &str| names.contains(&wanted);
    let person = |name: &&str| Some(name.strip_suffix(LINK)?.strip_suffix('_')?.to_owned());
    let mut people: Vec<String> =
        names.iter().filter_map(person).filter(|person| !person.is_empty()).collect();
    let is_whole =
        |person: &String| results::names(std::slice::from_ref(person)).iter().all(|name| has(name));
    if has(LINK) || people.iter().any(is_whole) {
        people.retain(is_whole);
    }
    people
}

/// Where a links file has what.
#[derive(Default)]
struct Columns {
    header: Vec<String>,
    id: Option<usize>,
    space_name: Option<usize>,
    user_id: Option<usize>,
    user_email: Option<usize>,
    user_name: Option<usize>,
    display_name: Option<usize>,
    leader: Option<usize>,
    room: Option<usize>,
    other: Vec<usize>,
    /// One for each person of a row.
    people: Vec<PersonColumns>,
}

#[derive(Default)]
struct PersonColumns {
    name: Option<String>,
    link: Option<usize>,
    status: Option<usize>,
    expires_at: Option<usize>,
    error: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Self {
        let fields = Fields::all();
        let place = |name: &str| header.iter().position(|cell| cell.trim() == name);
        let mut columns =
            Self { header: header.to_vec(), room: place("room_id"), ..Self::default() };
        let names: Vec<Option<String>> = match people(header) {
            people if people.is_empty() => vec![None],
            people => people.into_iter().map(Some).collect(),
        };
        for name in names {
            let place = |column: &str| match &name {
                None => place(column),
                Some(name) => place(&format!("{name}_{column}")),
            };
            columns.people.push(PersonColumns {
                link: place(LINK),
                status: place("link_status"),
                expires_at: place("expires_at"),
                error: place("link_error"),
                name: name.clone(),
            });
        }
        let taken: Vec<usize> =
            columns.people.iter().flat_map(PersonColumns::all).chain(columns.room).collect();
        // Of a row with several people, a column does not say whose it is.
        let is_field = columns.people.iter().all(|person| person.name.is_none());
        for (index, cell) in header.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
            let slot = match meaning_of(cell.trim(), &fields.vocabulary()) {
                Meaning::Known(known) if is_field => match KNOWN[known].2 {
                    Known::Path("id") => &mut columns.id,
                    Known::Path("name") => &mut columns.space_name,
                    Known::Path("user.id") => &mut columns.user_id,
                    Known::Path("user.email") => &mut columns.user_email,
                    Known::Path("user.name") => &mut columns.user_name,
                    Known::Path("user.leader") => &mut columns.leader,
                    Known::Path(path) if path.ends_with("displayName") => &mut columns.display_name,
                    _ => continue,
                },
                Meaning::Path(_) if is_field => continue,
                _ => {
                    if !cell.trim().is_empty() {
                        columns.other.push(index);
                    }
                    continue;
                }
            };
            *slot = Some(index);
        }
        columns
    }

    fn facts(&self, cells: &Cells, zone: &TimeZone) -> Vec<Facts> {
        let get = |index: Option<usize>| {
            let text = cells.get(index?).trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let other = |index: &usize| Some((self.header[*index].clone(), get(Some(*index))?));
        let has_several = self.people.iter().any(|person| person.name.is_some());
        let facts = |person: &PersonColumns| Facts {
            id: get(self.id),
            space_name: get(self.space_name),
            user_id: get(self.user_id),
            user_email: get(self.user_email),
            user_name: get(self.user_name),
            display_name: get(self.display_name),
            leads: get(self.leader).and_then(|text| cell::yes_or_no(&text).ok()),
            link: get(person.link),
            status: get(person.status),
            expires_at: get(person.expires_at).and_then(|text| time(&text, zone)),
            room: get(self.room),
            error: get(person.error),
            person: person.name.clone(),
            other: self.other.iter().filter_map(other).collect(),
        };
        let is_there =
            |facts: &Facts| !has_several || facts.link.is_some() || facts.status.is_some();
        self.people.iter().map(facts).filter(is_there).collect()
    }
}

impl PersonColumns {
    fn all(&self) -> impl Iterator<Item = usize> + use<> {
        [self.link, self.status, self.expires_at, self.error].into_iter().flatten()
    }
}

fn of_json(line: &JsonLine<'_>, zone: &TimeZone) -> Option<Facts> {
    let object = |text: &str| json::parse_answer(text).ok()?.into_object();
    let body = object(&line.body())?;
    let result = line.result().and_then(object).unwrap_or_default();
    let text = |object: &Object, path: &[&str]| {
        let text = object.at(path)?.as_text()?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    Some(Facts {
        id: text(&body, &["id"]),
        space_name: text(&body, &["name"]),
        user_id: text(&body, &["user", "id"]),
        user_email: text(&body, &["user", "email"]),
        user_name: text(&body, &["user", "name"]),
        display_name: text(&body, &["user", "custom_jwt_parameters", "meta", "displayName"]),
        leads: body.at(&["user", "leader"]).and_then(Value::as_bool),
        link: text(&result, &[LINK]),
        status: text(&result, &["link_status"]),
        expires_at: text(&result, &["expires_at"]).and_then(|text| time(&text, zone)),
        room: text(&result, &["room_id"]),
        error: text(&result, &["link_error"]),
        ..Facts::default()
    })
}

/// A time as batch writes it: with its zone, but in a workbook.
fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let in_zone = || zone.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(in_zone)
}
