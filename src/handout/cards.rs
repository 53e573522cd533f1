//! From the rows of a links file to cards: who has a link to which Space, and who has none.
//!
//! Name, leader and times are the link's own words, the room is that of its address. Of the roster
//! nothing gets on a card but the name, where the link has none, and the Space's name or id.

use super::check::folded;
use super::words::Words;
use crate::api::usable_link;
use crate::join_link::{self, JoinToken};
use crate::links::Status;
use crate::links::read::{LinkRow, on_one_line};
use crate::qr;
use jiff::Timestamp;
use std::collections::HashMap;
use url::Url;

/// One launch of the file: its row, and its link if it has one.
#[derive(Debug)]
pub struct Launch {
    pub row: LinkRow,
    pub link: Option<Link>,
}

/// A join link, and what it says.
#[derive(Debug)]
pub struct Link {
    pub url: Url,
    pub token: JoinToken,
    /// Lessonspace's id of the Space, by the link's address.
    pub room: Option<String>,
}

impl Launch {
    /// Reads the link of a row.
    pub fn of(row: LinkRow) -> Self {
        let url = row.client_url.as_deref().and_then(|url| usable_link(url, true).ok());
        // An address without a token is not a join link, whatever else it opens.
        let link = url.and_then(|url| {
            let token = join_link::token(&url)?;
            Some(Link { token, room: join_link::room(&url), url })
        });
        Self { row, link }
    }

    /// The room: the link's, else as the row has it.
    fn room(&self) -> Option<&str> {
        let own = self.link.as_ref().and_then(|link| link.room.as_deref());
        own.or(self.row.room_id.as_deref())
    }

    /// What tells its Space from others.
    fn space_key(&self) -> &str {
        let known = [self.room(), self.row.id.as_deref(), self.row.space_name.as_deref()];
        known.into_iter().flatten().next().unwrap_or_default()
    }

    /// What people call the Space, as far as the row tells.
    fn space_title(&self) -> Option<String> {
        let title = self.row.space_name.as_ref().or(self.row.id.as_ref())?;
        Some(on_one_line(title))
    }
}

/// All that is handed out of a links file.
#[derive(Debug, Default)]
pub struct Handout {
    /// The Spaces with at least one link, in the order of the file.
    pub spaces: Vec<Space>,
    /// The people without a link, in the order of the file.
    pub without: Vec<Without>,
    /// How many rows the batch left out.
    pub skipped: Vec<Absent>,
}

/// A Space and its cards, leaders first.
#[derive(Debug)]
pub struct Space {
    /// What people call it.
    pub title: String,
    /// Whether that is only a number, because nothing in LINKS names it.
    pub is_numbered: bool,
    /// What tells it from others: Lessonspace's id of the room, else its id or its name.
    pub key: String,
    /// One for each link.
    pub cards: Vec<Card>,
}

/// One person's link.
#[expect(clippy::struct_excessive_bools, reason = "each is one fact about the link")]
#[derive(Debug)]
pub struct Card {
    /// The line of the links file.
    pub line: u32,
    /// What the person is called.
    pub name: String,
    /// The address, as the row has it.
    pub email: Option<String>,
    /// What tells the person from others in every links file: the user id, else the email address,
    /// else the name.
    pub key: String,
    /// Whether the key is an id or an address, which no two people share.
    pub is_key_certain: bool,
    /// Whether anyone with the link leads.
    pub leads: bool,
    /// Whether it leads to no real lesson.
    pub is_practice: bool,
    /// The join link.
    pub link: Url,
    /// When it begins to work, by its own token.
    pub not_before: Option<Timestamp>,
    /// When it ends: by its own token, else as the links file has it.
    pub not_after: Option<Timestamp>,
    /// Whether both times are the token's own.
    pub is_window_certain: bool,
    /// What the batch's own columns call the lesson.
    pub lesson_id: Option<String>,
}

impl Card {
    /// Whether the link worked once.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|end| end <= now)
    }

    /// Whether a QR code can hold the link.
    pub fn has_code(&self) -> bool {
        self.link.as_str().len() <= qr::LONGEST
    }
}

/// A person without a link.
#[derive(Debug)]
pub struct Without {
    /// What the person is called.
    pub name: String,
    /// What people call the Space, if that is known.
    pub space: Option<String>,
    /// Why there is no link.
    pub reason: String,
    /// What tells whose event in a calendar this would be.
    pub absent: Absent,
}

/// What tells which events of a calendar belong to a row without a link.
#[derive(Debug, Clone)]
pub struct Absent {
    pub space_key: String,
    pub person_key: String,
    pub lesson_id: Option<String>,
}

impl Handout {
    /// Sorts launches by Space. A single Space whose name the file does not have is called `title`, if
    /// there is one.
    pub fn of(launches: Vec<Launch>, title: Option<&str>, words: &Words) -> Self {
        let mut groups: Vec<(String, Vec<Launch>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        // A row without a link may have no room yet; the other rows of its Space have one.
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
        let named = group
            .iter()
            .find_map(|launch| launch.row.space_name.as_ref().map(|name| on_one_line(name)));
        let named = named.or_else(|| group.iter().find_map(Launch::space_title));
        let mut cards = Vec::with_capacity(group.len());
        let mut without = Vec::new();
        for launch in group {
            match card(&launch, words) {
                Some(card) => cards.push(card),
                None if launch.row.status == Some(Status::Skipped) => {
                    self.skipped.push(absent(&launch, &key));
                }
                None => without.push(launch),
            }
        }
        // A stable sort: the order of the file stays within both.
        cards.sort_by_key(|card| !card.leads);
        let called = named.or_else(|| title.map(on_one_line));
        for launch in without {
            // Rows without a link and without a room may be of several Spaces.
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
            // Not by its people: a person's own file would name the others.
            let by_number = || Words::numbered_space(self.spaces.len() + 1);
            let title = called.unwrap_or_else(by_number);
            self.spaces.push(Space { title, is_numbered, key, cards });
        }
    }

    /// All cards, Space by Space.
    pub fn cards(&self) -> impl Iterator<Item = (&Space, &Card)> {
        self.spaces.iter().flat_map(|space| space.cards.iter().map(move |card| (space, card)))
    }
}

/// None where there is no link, or what is there is not one.
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

/// What tells the person from others, and whether no two people share it.
fn person_key(row: &LinkRow, token: Option<&JoinToken>, name: &str) -> (String, bool) {
    let own = row.user_id.clone().or_else(|| given_id(row, token));
    match own.or_else(|| row.user_email.clone()) {
        Some(key) => (key, true),
        None => (name.to_owned(), false),
    }
}

/// The user id that a map or a recipe made: the token's, if it was made of a cell of the row. One that
/// nobody gave is another each time. It is never shown.
fn given_id(row: &LinkRow, token: Option<&JoinToken>) -> Option<String> {
    /// Characters that are not in an id by chance; a UUID has too many for that.
    const TELLING: usize = 4;
    let id = token?.id()?;
    let may_be_made = uuid::Uuid::parse_str(&id).is_err();
    let is_in_it = |cell: &String| {
        id == *cell || may_be_made && cell.chars().count() >= TELLING && id.contains(cell.as_str())
    };
    row.cells.iter().any(is_in_it).then_some(id)
}

/// What the link calls the person; where it does not tell, what the row does. Never another cell of
/// the row: the card is given away.
fn name(row: &LinkRow, token: &JoinToken) -> Option<String> {
    let name = token.name();
    if token.is_guest() == Some(true) {
        // The practice API's word for a guest is said in the page's language.
        return name.filter(|name| folded(name) != "guest").map(|name| on_one_line(&name));
    }
    let name = name.map(|name| on_one_line(&name)).filter(|name| !name.is_empty());
    name.or_else(|| known_name(row)).or_else(|| row.person.clone())
}

fn known_name(row: &LinkRow) -> Option<String> {
    let known = [&row.display_name, &row.user_name, &row.user_email, &row.user_id];
    known.into_iter().flatten().next().map(|name| on_one_line(name))
}

/// The name of a person without a link; the line stands in for a name that is not known.
fn name_without_link(row: &LinkRow, words: &Words) -> String {
    known_name(row).unwrap_or_else(|| {
        let line = super::words::filled(words.line, &[("number", &row.line.to_string())]);
        format!("{} ({line})", row.person.as_deref().unwrap_or(words.no_name))
    })
}

fn absent(launch: &Launch, key: &str) -> Absent {
    let row = &launch.row;
    let name = row.display_name.as_ref().or(row.user_name.as_ref());
    let name = name.map(|name| on_one_line(name)).unwrap_or_default();
    Absent {
        space_key: key.to_owned(),
        person_key: person_key(row, None, &name).0,
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
