//! From a links file to cards: who has a link to which Space, and who has none.

use super::facts::Facts;
use super::title;
use crate::api::usable_link;
use crate::join_link::{self, JoinToken};
use jiff::Timestamp;
use std::collections::HashMap;
use url::Url;

/// All that goes out of a links file.
#[derive(Default)]
pub struct Handout {
    /// The Spaces with at least one link, in the order of the file.
    pub spaces: Vec<Space>,
    /// The people without a link, in the order of the file.
    pub without: Vec<Without>,
}

/// A Space and its cards, leaders first.
pub struct Space {
    /// What people call it.
    pub title: String,
    /// What tells it from others: Lessonspace's id of the room, else its id or its title.
    pub key: String,
    /// One for each link.
    pub cards: Vec<Card>,
}

/// One person's link.
pub struct Card {
    /// What the person is called.
    pub name: String,
    /// What tells the person from others in every links file: the user id, else the e-mail address,
    /// else the name.
    pub key: String,
    /// Whether whoever has the link leads.
    pub leads: bool,
    /// The join link.
    pub link: Url,
    /// When it begins to work, by its own token.
    pub not_before: Option<Timestamp>,
    /// When it ends: by its own token, else as the links file has it.
    pub not_after: Option<Timestamp>,
    /// Whether both times are the token's own.
    pub is_window_certain: bool,
}

impl Card {
    /// Whether the link worked once.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|end| end <= now)
    }
}

/// Somebody without a link.
pub struct Without {
    /// What the person is called, or what else is known of the row.
    pub name: String,
    /// What people call the Space; empty if that is not known.
    pub space: String,
    /// Why there is no link.
    pub reason: String,
}

/// The launches of a Space, and the cards of those that have a link.
type Group = Vec<(Facts, Option<Card>)>;

impl Handout {
    /// Sorts the facts by Space. A single Space whose name the file does not have is called `title`, if
    /// there is one.
    pub fn of(all: Vec<Facts>, title: Option<&str>) -> Self {
        let groups = groups(all);
        let known: Vec<Vec<&Facts>> = groups
            .iter()
            .filter(|group| group.iter().all(|(facts, _)| !facts.space_key().is_empty()))
            .map(|group| group.iter().map(|(facts, _)| facts).collect())
            .collect();
        let title = title.filter(|_| known.len() == 1);
        let columns: Vec<String> =
            title::telling_columns(&known).into_iter().map(str::to_owned).collect();
        let mut handout = Self::default();
        for group in groups {
            handout.add(group, title, &columns);
        }
        handout
    }

    fn add(&mut self, mut group: Group, title: Option<&str>, columns: &[String]) {
        // A stable sort: the order of the file stays within both.
        group.sort_by_key(|(_, card)| !card.as_ref().is_some_and(|card| card.leads));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let called = called(&group, title, &columns);
        let key = group.first().map(|(facts, _)| facts.space_key().to_owned()).unwrap_or_default();
        let mut cards = Vec::with_capacity(group.len());
        for (facts, card) in group {
            match card {
                Some(card) => cards.push(card),
                None => self.without.push(Without {
                    name: facts.who(),
                    // Rows without a link and without a room may be of several Spaces.
                    space: if key.is_empty() {
                        title::of_row(&facts, &columns)
                    } else {
                        called.clone()
                    },
                    reason: facts.reason(),
                }),
            }
        }
        if !cards.is_empty() {
            self.spaces.push(Space { title: called, key, cards });
        }
    }

    /// All cards, Space by Space.
    pub fn cards(&self) -> impl Iterator<Item = (&Space, &Card)> {
        self.spaces.iter().flat_map(|space| space.cards.iter().map(move |card| (space, card)))
    }
}

/// The launches Space by Space, in the order of the file.
fn groups(all: Vec<Facts>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for mut facts in all {
        let card = card(&facts);
        facts.room =
            facts.room.or_else(|| card.as_ref().and_then(|card| join_link::room(&card.link)));
        let place = *places.entry(facts.space_key().to_owned()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push((facts, card));
    }
    groups
}

/// None where there is no link, or what stands there is not one.
fn card(facts: &Facts) -> Option<Card> {
    let written = facts.link.as_deref()?;
    let link = usable_link(written, true).ok()?;
    let token = join_link::token(&link);
    let name = name(facts, token.as_ref());
    let own = facts.user_id.clone().or_else(|| given_id(facts, token.as_ref()));
    let key = own.or_else(|| facts.user_email.clone()).unwrap_or_else(|| name.clone());
    let leads = token.as_ref().and_then(JoinToken::can_lead).or(facts.leads).unwrap_or(false);
    let not_before = token.as_ref().and_then(|token| token.not_before);
    let own_end = token.as_ref().and_then(|token| token.expires_at);
    let is_window_certain = not_before.is_some() && own_end.is_some();
    let not_after = own_end.or(facts.expires_at);
    Some(Card { name, key, leads, link, not_before, not_after, is_window_certain })
}

/// The user id that a map or a recipe made: the token's, if it was made of a cell of the row. One that
/// nobody gave is another each time.
fn given_id(facts: &Facts, token: Option<&JoinToken>) -> Option<String> {
    /// Characters that are not in an id by chance; a UUID has too many for that.
    const TELLING: usize = 4;
    let id = token?.id()?;
    let may_be_made = uuid::Uuid::parse_str(&id).is_err();
    let is_in_it = |cell: &str| {
        id == cell || may_be_made && cell.chars().count() >= TELLING && id.contains(cell)
    };
    facts.other.iter().any(|(_, cell)| is_in_it(cell)).then_some(id)
}

/// What the Space shows, else what else the person is known by. Never another cell of the row: the
/// card is given away.
fn name(facts: &Facts, token: Option<&JoinToken>) -> String {
    let is_guest = token.and_then(JoinToken::is_guest) == Some(true);
    let guest = || is_guest.then(|| "Guest".to_owned());
    let known = [&facts.user_email, &facts.user_id, &facts.person];
    (facts.display_name.clone())
        .or_else(|| token.and_then(JoinToken::name))
        .or_else(|| facts.user_name.clone())
        .or_else(guest)
        .or_else(|| known.into_iter().flatten().next().cloned())
        .map_or_else(|| "a person without a name".to_owned(), |name| on_one_line(&name))
}

/// Text as people read it, where a cell has lines of its own.
fn on_one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_control() || character == ' ');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The Space's name, else its id, else what tells it from the others.
fn called(group: &Group, title: Option<&str>, columns: &[&str]) -> String {
    let first = |of: fn(&Facts) -> Option<&str>| group.iter().find_map(|(facts, _)| of(facts));
    let own = first(|facts| facts.space_name.as_deref()).or(first(|facts| facts.id.as_deref()));
    if let Some(title) = own.or(title) {
        return on_one_line(title);
    }
    match group.first() {
        Some((facts, _)) if !columns.is_empty() => title::of_row(facts, columns),
        _ => title::of_people(group.iter().flat_map(|(_, card)| card).map(|card| &*card.name)),
    }
}
