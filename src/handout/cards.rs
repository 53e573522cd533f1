//! Turns the rows of a links file into cards: who has a link to which Space, and who has none.
//!
//! Name, leader and times come from the link's token, the room from its address. From the roster, a
//! card shows only the name, if the link has none, and the Space's name or id.

use super::check::folded;
use super::words::Words;
use crate::api::usable_link;
use crate::join_link::{self, JoinToken};
use crate::links::Status;
use crate::links::read::{LinkRow, on_one_line};
use crate::pasted_link::without_entities;
use crate::qr;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use url::Url;

/// A launch in the file: its row, and its link if it has one.
#[derive(Debug)]
pub struct Launch {
    pub row: LinkRow,
    pub link: Option<Link>,
}

/// A join link and its token.
#[derive(Debug)]
pub struct Link {
    pub url: Url,
    pub token: JoinToken,
    /// Lessonspace's id of the Space, from the link's address.
    pub room: Option<String>,
}

impl Launch {
    /// Reads the link of a row.
    pub fn of(row: LinkRow) -> Self {
        let url = row.client_url.as_deref().map(without_entities);
        let url = url.and_then(|url| usable_link(&url, true).ok());
        // An address without a token is not a join link.
        let link = url.and_then(|url| {
            let token = join_link::token(&url)?;
            Some(Link { token, room: join_link::room(&url), url })
        });
        Self { row, link }
    }

    /// Whether `batch` leaves the row out. It may still have a link from before.
    pub fn is_skipped(&self) -> bool {
        self.row.status == Some(Status::Skipped)
    }

    /// The room of the link, or else of the row.
    fn room(&self) -> Option<&str> {
        let own = self.link.as_ref().and_then(|link| link.room.as_deref());
        own.or(self.row.room_id.as_deref())
    }

    /// Identifies the Space.
    fn space_key(&self) -> &str {
        let known = [self.room(), self.row.id.as_deref(), self.row.space_name.as_deref()];
        known.into_iter().flatten().next().unwrap_or_default()
    }

    /// The Space's name or id, if the row has one.
    fn space_title(&self) -> Option<String> {
        let title = self.row.space_name.as_ref().or(self.row.id.as_ref())?;
        Some(on_one_line(title))
    }
}

/// Removes launches that repeat an earlier one, cell by cell and with the same link, and returns their
/// lines.
pub fn remove_repeats(launches: &mut Vec<Launch>) -> Vec<u32> {
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    launches.retain(|launch| {
        let Some(link) = &launch.link else { return true };
        let is_new = seen.insert((link.url.clone(), Arc::clone(&launch.row.cells)));
        if !is_new {
            lines.push(launch.row.line);
        }
        is_new
    });
    lines.dedup();
    lines
}

/// Everything to hand out from a links file.
#[derive(Debug, Default)]
pub struct Handout {
    /// The Spaces with at least one link, in the order of the file.
    pub spaces: Vec<Space>,
    /// The people without a link, in the order of the file.
    pub without: Vec<Without>,
    /// The rows that the batch skipped.
    pub skipped: Vec<Absent>,
}

/// A Space and its cards, leaders first.
#[derive(Debug)]
pub struct Space {
    /// The name shown to people.
    pub title: String,
    /// Whether the title is only a number, because LINKS has no name for the Space.
    pub is_numbered: bool,
    /// Identifies the Space: Lessonspace's id of the room, or else the Space's id or name.
    pub key: String,
    /// One for each link.
    pub cards: Vec<Card>,
}

/// One person's link.
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the link")]
#[derive(Debug)]
pub struct Card {
    /// The line in the links file.
    pub line: u32,
    /// The name shown to people.
    pub name: String,
    /// The email address in the row.
    pub email: Option<String>,
    /// Identifies the person in every links file: the user id, or else the email address, or else
    /// the name.
    pub key: String,
    /// Whether the key is an id or email address, which people do not share.
    pub is_key_certain: bool,
    /// Whether it is a leader link.
    pub leads: bool,
    /// Whether it does not open a real lesson.
    pub is_practice: bool,
    pub link: Url,
    /// When the link starts to work, from its token.
    pub not_before: Option<Timestamp>,
    /// When the link expires, from its token or else from the links file.
    pub not_after: Option<Timestamp>,
    /// Whether both times come from the token.
    pub is_window_certain: bool,
    /// The lesson's id from `--lesson-id`.
    pub lesson_id: Option<String>,
}

impl Card {
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|end| end <= now)
    }

    /// Whether the link fits in a QR code.
    pub fn has_code(&self) -> bool {
        self.link.as_str().len() <= qr::MAX_LENGTH
    }
}

/// A person without a link.
#[derive(Debug)]
pub struct Without {
    /// The name shown to people.
    pub name: String,
    /// The Space's name or id, if known.
    pub space: Option<String>,
    /// Why there is no link.
    pub reason: String,
    /// Identifies the person's event in a calendar.
    pub absent: Absent,
}

/// Identifies the calendar events of a row without a card.
#[derive(Debug, Clone)]
pub struct Absent {
    pub space_key: String,
    pub person_key: String,
    pub lesson_id: Option<String>,
}

impl Handout {
    /// Groups launches by Space. `title` names the Space if there is only one and the file has no
    /// name for it.
    pub fn of(launches: Vec<Launch>, title: Option<&str>, words: &Words) -> Self {
        let mut groups: Vec<(String, Vec<Launch>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        // A row without a link may have no room, but other rows of its Space do.
        let mut rooms: HashMap<String, String> = HashMap::new();
        for launch in &launches {
            if let Some((id, room)) = launch.row.id.as_ref().zip(launch.room()) {
                rooms.entry(id.clone()).or_insert_with(|| room.to_owned());
            }
        }
        for launch in launches {
            let by_id = || rooms.get(launch.row.id.as_ref()?).map(String::as_str);
            let room = launch.room().or_else(by_id);
            let key = room.map_or_else(|| launch.space_key().to_owned(), str::to_owned);
            let place = *places.entry(key.clone()).or_insert_with(|| {
                groups.push((key, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(launch);
        }
        let title = title.filter(|_| groups.iter().filter(|(key, _)| !key.is_empty()).count() == 1);
        let mut handout = Self::default();
        for (key, group) in groups {
            handout.add(key, group, title, words);
        }
        handout
    }

    fn add(&mut self, key: String, group: Vec<Launch>, title: Option<&str>, words: &Words) {
        let (skipped, group): (Vec<_>, Vec<_>) = group.into_iter().partition(Launch::is_skipped);
        self.skipped.extend(skipped.iter().map(|launch| absent(launch, &key)));
        let named = group
            .iter()
            .find_map(|launch| launch.row.space_name.as_ref().map(|name| on_one_line(name)));
        let named = named.or_else(|| group.iter().find_map(Launch::space_title));
        let mut cards = Vec::with_capacity(group.len());
        let mut without = Vec::new();
        for launch in group {
            match card(&launch, words) {
                Some(card) => cards.push(card),
                None => without.push(launch),
            }
        }
        // A stable sort keeps the file's order among leaders and among others.
        cards.sort_by_key(|card| !card.leads);
        let called = named.or_else(|| title.map(on_one_line));
        for launch in without {
            // Rows with neither a link nor a room may belong to several Spaces.
            let of_group = || called.clone().filter(|_| !key.is_empty());
            self.without.push(Without {
                name: name_without_link(&launch.row, words),
                space: launch.space_title().or_else(of_group),
                reason: reason(&launch, words),
                absent: absent(&launch, &key),
            });
        }
        if !cards.is_empty() {
            let is_numbered = called.is_none();
            // Not named after its people: a file for one person would name the others.
            let by_number = || Words::numbered_space(self.spaces.len() + 1);
            let title = called.unwrap_or_else(by_number);
            self.spaces.push(Space { title, is_numbered, key, cards });
        }
    }

    /// The people without a link who belong to a Space.
    pub fn without_in(&self, space: &Space) -> Vec<&Without> {
        // Rows with neither a link nor a room may belong to several Spaces.
        let is_own = |person: &&Without| person.absent.space_key == space.key;
        self.without.iter().filter(|_| !space.key.is_empty()).filter(is_own).collect()
    }

    /// All cards, Space by Space.
    pub fn cards(&self) -> impl Iterator<Item = (&Space, &Card)> {
        self.spaces.iter().flat_map(|space| space.cards.iter().map(move |card| (space, card)))
    }
}

/// `None` without a valid link.
fn card(launch: &Launch, words: &Words) -> Option<Card> {
    let Launch { row, link: Some(link) } = launch else { return None };
    let token = &link.token;
    let name = name(row, token);
    let (key, is_key_certain) = person_key(row, Some(token), name.as_deref().unwrap_or_default());
    let is_guest = token.is_guest() == Some(true);
    let nameless = || if is_guest { words.guest } else { words.no_name }.to_owned();
    let (not_before, own_end) = (token.not_before, token.expires_at);
    Some(Card {
        line: row.line,
        email: row.user_email.clone(),
        key,
        is_key_certain,
        leads: token.can_lead().or(row.leads).unwrap_or(false),
        is_practice: join_link::is_practice(&link.url),
        link: link.url.clone(),
        not_before,
        not_after: own_end.or(row.expires_at),
        is_window_certain: not_before.is_some() && own_end.is_some(),
        lesson_id: row.lesson_id.clone(),
        name: name.unwrap_or_else(nameless),
    })
}

/// A key for the person, and whether it is unique.
fn person_key(row: &LinkRow, token: Option<&JoinToken>, name: &str) -> (String, bool) {
    let own = row.user_id.clone().or_else(|| given_id(row, token));
    match own.or_else(|| row.user_email.clone()) {
        Some(key) => (key, true),
        None => (name.to_owned(), false),
    }
}

/// The user id from a map or recipe: the token's id, if it contains a cell of the row. Any other id
/// may change with every launch. The id is never shown.
fn given_id(row: &LinkRow, token: Option<&JoinToken>) -> Option<String> {
    /// Shorter cells could be part of an id by chance. In a UUID, even longer ones could.
    const MIN_DISTINCTIVE_LENGTH: usize = 4;
    let id = token?.id()?;
    let may_be_made = uuid::Uuid::parse_str(&id).is_err();
    let is_in_it = |cell: &String| {
        id == *cell
            || may_be_made
                && cell.chars().count() >= MIN_DISTINCTIVE_LENGTH
                && id.contains(cell.as_str())
    };
    row.cells.iter().any(is_in_it).then_some(id)
}

/// The person's name in the link, or else in the row. No other cell is used, because the card is
/// given away.
fn name(row: &LinkRow, token: &JoinToken) -> Option<String> {
    let name = token.name();
    if token.is_guest() == Some(true) {
        // The practice API's word for a guest is replaced by the page's own.
        return name.filter(|name| folded(name) != "guest").map(|name| on_one_line(&name));
    }
    let name = name.map(|name| on_one_line(&name)).filter(|name| !name.is_empty());
    name.or_else(|| known_name(row)).or_else(|| row.person.clone())
}

fn known_name(row: &LinkRow) -> Option<String> {
    let known = [&row.display_name, &row.user_name, &row.user_email, &row.user_id];
    known.into_iter().flatten().next().map(|name| on_one_line(name))
}

/// The name of a person without a link, or the line if the name is unknown.
fn name_without_link(row: &LinkRow, words: &Words) -> String {
    known_name(row).unwrap_or_else(|| {
        let line = super::words::filled(words.line, &[("number", &row.line.to_string())]);
        format!("{} ({line})", row.person.as_deref().unwrap_or(words.no_name))
    })
}

fn absent(launch: &Launch, key: &str) -> Absent {
    let row = &launch.row;
    let token = launch.link.as_ref().map(|link| &link.token);
    let in_row = || row.display_name.as_ref().or(row.user_name.as_ref()).map(|it| on_one_line(it));
    let name = token.map_or_else(in_row, |token| name(row, token)).unwrap_or_default();
    Absent {
        space_key: key.to_owned(),
        person_key: person_key(row, token, &name).0,
        lesson_id: row.lesson_id.clone(),
    }
}

fn reason(launch: &Launch, words: &Words) -> String {
    let row = &launch.row;
    let known = match (row.status, &row.client_url) {
        (_, Some(_)) => words.not_a_link,
        (Some(Status::Pending), _) => words.not_requested,
        (Some(Status::Ended), _) => words.over,
        _ => words.no_link,
    };
    row.link_error.clone().unwrap_or_else(|| known.to_owned())
}
