//! Whether a link belongs to the row that asked for it.
//!
//! A caching proxy or a mixed-up server can answer with another row's link. What is proven wrong stops
//! the run; other differences between a token and its row are only warned of, because the claims of a
//! token are not documented well enough to refuse a class for them.

use super::journal::Journal;
use super::launches::{Launch, Who};
use crate::api;
use crate::escape::untrusted;
use crate::join_link::{self, JoinToken};
use std::collections::{HashMap, HashSet};

/// The links and rooms given so far, and the people of the roster.
pub struct Verify {
    /// Whose a link is: the Space's id and the person.
    links: HashMap<String, (String, String)>,
    /// The id of the Space with this room.
    rooms: HashMap<String, String>,
    /// The names of all people of the roster.
    names: HashSet<String>,
}

impl Verify {
    /// Starts from what an earlier run was given.
    pub fn new(launches: &[Launch], journal: &Journal) -> Self {
        let mut verify =
            Self { links: HashMap::new(), rooms: HashMap::new(), names: HashSet::new() };
        for (_, link) in journal.links() {
            if let Some(url) = &link.outcome.client_url {
                verify.links.insert(url.clone(), (link.id.clone(), link.person_key.clone()));
            }
            if let Some(room) = &link.outcome.room_id {
                verify.rooms.insert(room.clone(), link.id.clone());
            }
        }
        for launch in launches {
            verify.names.extend(names(&launch.who));
        }
        verify
    }

    /// Takes an answer in.
    ///
    /// # Errors
    ///
    /// Why the answer is proven to be another row's, in words that follow `the answer for ADA`.
    pub fn check(&mut self, launch: &Launch, answer: &api::Launch) -> Result<Vec<String>, String> {
        let owner = (launch.id.clone(), launch.person_key());
        if let Some((id, _)) = self.links.get(&answer.client_url).filter(|other| **other != owner) {
            return Err(format!(
                "contains a link that another row was given (in Space {})",
                untrusted(id)
            ));
        }
        let room_of_url = join_link::room(&answer.url);
        let room_of_answer = answer.room_id().map(std::borrow::Cow::into_owned);
        for room in [&room_of_answer, &room_of_url].into_iter().flatten() {
            if let Some(id) = self.rooms.get(room).filter(|id| **id != launch.id) {
                return Err(format!("contains the room of another Space, {}", untrusted(id)));
            }
        }
        let token = join_link::token(&answer.url);
        if let Some(name) = token.as_ref().and_then(|token| self.another_person(launch, token)) {
            return Err(format!(
                "contains a link for another person of the roster, {}",
                untrusted(&name)
            ));
        }
        self.links.insert(answer.client_url.clone(), owner);
        for room in [room_of_answer, room_of_url].into_iter().flatten() {
            self.rooms.insert(room, launch.id.clone());
        }
        Ok(token.map_or_else(Vec::new, |token| differences(launch, &token)))
    }

    /// The person that a token names, if that is someone else in the roster.
    fn another_person(&self, launch: &Launch, token: &JoinToken) -> Option<String> {
        let own = names(&launch.who);
        if own.is_empty() {
            return None;
        }
        let named = token_names(token);
        if named.is_empty() || named.iter().any(|name| own.contains(name)) {
            return None;
        }
        named.iter().any(|name| self.names.contains(name)).then(|| token.name()).flatten()
    }
}

fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn names(who: &Who) -> Vec<String> {
    [&who.name, &who.display_name].into_iter().flatten().map(|name| plain(name)).collect()
}

fn token_names(token: &JoinToken) -> Vec<String> {
    token.names().iter().map(|name| plain(name)).collect()
}

/// What a token says that the row does not. A claim that is absent contradicts nothing.
fn differences(launch: &Launch, token: &JoinToken) -> Vec<String> {
    let mut differences = Vec::new();
    match (launch.who.leads, token.can_lead()) {
        (false, Some(true)) => differences.push("a leader link that nobody asked for".to_owned()),
        (true, Some(false)) => {
            differences.push("not a leader link, although one was requested".to_owned());
        }
        _ => {}
    }
    let own = names(&launch.who);
    let named = token_names(token);
    if !own.is_empty() && !named.is_empty() && !named.iter().any(|name| own.contains(name)) {
        let name = token.name().unwrap_or_default();
        differences.push(format!(
            "a link for {}, not for {}",
            untrusted(&name),
            launch.who.shown()
        ));
    }
    differences
}
