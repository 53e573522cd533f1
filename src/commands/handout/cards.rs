//! From a links file to cards: who has a link to which Space, and who has none.

use super::facts::Facts;
use crate::escape::untrusted;
use crate::link::{self, Ticket};
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
    /// else the name. Not the id in the token, which is another each time where none was given.
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
    /// What people call the Space.
    pub space: String,
    /// Why there is no link.
    pub reason: String,
}

impl Handout {
    /// Sorts the facts by Space.
    pub fn of(all: Vec<Facts>) -> Self {
        let mut handout = Self::default();
        let mut groups: Vec<Vec<(Facts, Option<Card>)>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for facts in all {
            let place = *places.entry(facts.space_key().to_owned()).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            let card = card(&facts);
            groups[place].push((facts, card));
        }
        for group in groups {
            handout.add(group);
        }
        handout
    }

    fn add(&mut self, group: Vec<(Facts, Option<Card>)>) {
        let title = title(&group);
        let key = group.first().map(|(facts, _)| facts.space_key().to_owned()).unwrap_or_default();
        let mut cards = Vec::with_capacity(group.len());
        for (facts, card) in group {
            match card {
                Some(card) => cards.push(card),
                None => self.without.push(Without {
                    name: facts.who(),
                    space: title.clone(),
                    reason: facts.reason(),
                }),
            }
        }
        // A stable sort: the order of the file stays within both.
        cards.sort_by_key(|card| !card.leads);
        if !cards.is_empty() {
            self.spaces.push(Space { title, key, cards });
        }
    }

    /// All cards, Space by Space.
    pub fn cards(&self) -> impl Iterator<Item = (&Space, &Card)> {
        self.spaces.iter().flat_map(|space| space.cards.iter().map(move |card| (space, card)))
    }
}

/// None where there is no link, or what stands there is not one.
fn card(facts: &Facts) -> Option<Card> {
    let written = facts.link.as_deref()?;
    let link = Url::parse(written).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let ticket = link::read(written);
    let said = ticket.as_ref().and_then(Ticket::name);
    let name = facts.display_name.clone().or(said).or_else(|| facts.user_name.clone());
    let is_guest = ticket.as_ref().and_then(Ticket::is_guest) == Some(true);
    let name = match name {
        Some(name) => name,
        None if is_guest => "Guest".to_owned(),
        None => facts.who(),
    };
    let own = [&facts.user_id, &facts.user_email].into_iter().flatten().next();
    let key = own.unwrap_or(&name).clone();
    let leads = ticket.as_ref().and_then(Ticket::can_lead).or(facts.leads).unwrap_or(false);
    let not_before = ticket.as_ref().and_then(|ticket| ticket.not_before);
    let own_end = ticket.as_ref().and_then(|ticket| ticket.expires_at);
    let is_window_certain = not_before.is_some() && own_end.is_some();
    let not_after = own_end.or(facts.expires_at);
    Some(Card { name, key, leads, link, not_before, not_after, is_window_certain })
}

/// The Space's name, else its id; where the links file has other columns, what all its rows share.
fn title(group: &[(Facts, Option<Card>)]) -> String {
    let first = |of: fn(&Facts) -> Option<&str>| group.iter().find_map(|(facts, _)| of(facts));
    if let Some(title) =
        first(|facts| facts.space_name.as_deref()).or(first(|facts| facts.id.as_deref()))
    {
        return title.to_owned();
    }
    let Some((one, rest)) = group.split_first() else { return String::new() };
    let is_shared =
        |cell: &&(String, String)| rest.iter().all(|(facts, _)| facts.other.contains(cell));
    let shared: Vec<&str> =
        one.0.other.iter().filter(is_shared).map(|(_, text)| text.as_str()).collect();
    if shared.is_empty() {
        return format!("Space {}", untrusted(one.0.space_key()));
    }
    shared.join(" · ")
}
