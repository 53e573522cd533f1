//! Whether a link belongs to the row that asked for it.
//!
//! A caching proxy or a mixed-up server can answer with another row's link. What is proven wrong stops
//! the run; other differences between a token and its row are only warned of, because the claims of a
//! token are not documented well enough to refuse a class for them.

use super::journal::{Journal, Key};
use super::launches::{Launch, Who};
use crate::api;
use crate::body::LaunchRequest;
use crate::escape::untrusted;
use crate::join_link::{self, Asked, Contradiction, JoinToken};
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// The links and rooms given so far, and the people of the roster.
#[derive(Debug, Default)]
pub struct Verify {
    /// Whose a link is, by the link's digest: the links of a large roster take much memory.
    links: HashMap<Key, Owner>,
    /// The id of the Space with this room.
    rooms: HashMap<String, String>,
    /// The ids of Spaces whose rooms are known.
    spaces: HashSet<String>,
    /// The launches of this roster.
    launches: HashSet<Key>,
    /// What the people of the roster are called.
    ids: HashSet<String>,
    emails: HashSet<String>,
    names: HashSet<String>,
    /// Whether a token has shown that its `id` is the caller's own; Lessonspace has ids too.
    are_ids_own: bool,
}

/// The launch that was given a link.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner {
    launch: Key,
    id: String,
    person_key: String,
}

impl Verify {
    /// Starts from what an earlier run was given.
    pub fn new(launches: &[Launch], journal: &Journal) -> Self {
        let mut verify = Self::default();
        for (key, link) in journal.links() {
            let owner =
                Owner { launch: key, id: link.id.clone(), person_key: link.person_key.clone() };
            if let Some(url) = &link.outcome.client_url {
                let room = Url::parse(url).ok().and_then(|url| join_link::room(&url));
                verify.rooms.extend(room.map(|room| (room, link.id.clone())));
                verify.links.insert(Key::of(url), owner);
            }
            if let Some(room) = &link.outcome.room_id {
                verify.rooms.insert(room.clone(), link.id.clone());
                verify.spaces.insert(link.id.clone());
            }
        }
        for launch in launches {
            verify.launches.insert(launch.key);
            verify.ids.extend(launch.who.id.clone());
            verify.emails.extend(launch.who.email.as_deref().map(folded));
            verify.names.extend(names(&launch.who));
        }
        verify
    }

    /// Takes an answer in, and gives what its token says that was not asked for.
    ///
    /// # Errors
    ///
    /// Why the answer is proven to be another row's, in words that follow `the answer for ADA`.
    pub fn check(
        &mut self,
        launch: &Launch,
        request: &LaunchRequest,
        answer: &api::Launch,
    ) -> Result<Vec<String>, String> {
        let owner =
            Owner { launch: launch.key, id: launch.id.clone(), person_key: launch.person_key() };
        let link = Key::of(&answer.client_url);
        if let Some(other) =
            self.links.get(&link).filter(|other| self.is_another_row(&owner, other))
        {
            return Err(format!(
                "contains a link that another row was given (in Space {})",
                untrusted(&other.id)
            ));
        }
        let room_of_answer = answer.room_id().map(std::borrow::Cow::into_owned);
        let rooms = [room_of_answer, join_link::room(&answer.url)];
        for room in rooms.iter().flatten() {
            if let Some(id) = self.rooms.get(room).filter(|id| **id != launch.id) {
                return Err(format!("contains the room of another Space, {}", untrusted(id)));
            }
        }
        let asked = Asked::of(request);
        let token = join_link::token(&answer.url);
        if let Some(person) =
            token.as_ref().and_then(|token| self.another_person(launch, &asked, token))
        {
            return Err(format!(
                "contains a link for another person of the roster, {}",
                untrusted(&person)
            ));
        }
        self.are_ids_own |= token
            .as_ref()
            .is_some_and(|token| launch.who.id.is_some() && token.id() == launch.who.id);
        self.links.insert(link, owner);
        let mut found = Vec::new();
        if !join_link::is_of_room(&answer.url, answer.room_id().as_deref()) {
            found.push(Contradiction::Room.to_string());
        }
        let has_room = !self.spaces.insert(launch.id.clone());
        let is_new_room = rooms.iter().flatten().all(|room| !self.rooms.contains_key(room));
        if has_room && is_new_room && rooms.iter().any(Option::is_some) {
            found.push(
                "the link leads to another room than earlier links of this Space; check the API key"
                    .to_owned(),
            );
        }
        for room in rooms.into_iter().flatten() {
            self.rooms.insert(room, launch.id.clone());
        }
        // The settings of Spaces are reported for the whole run.
        let asked = Asked { settings: Vec::new(), ..asked };
        let of_token = join_link::contradictions(&asked, token.as_ref(), |_| None);
        found.extend(of_token.iter().map(ToString::to_string));
        Ok(found)
    }

    /// A launch may be given its own link again, and so may a row that was edited.
    fn is_another_row(&self, owner: &Owner, other: &Owner) -> bool {
        if other.launch == owner.launch {
            return false;
        }
        let is_same_person = (&other.id, &other.person_key) == (&owner.id, &owner.person_key);
        self.launches.contains(&other.launch) || !is_same_person
    }

    /// The person that a token names, if that is someone else in the roster: by name, by email address
    /// or by id. Two pupils of one name are told apart by the other two.
    fn another_person(&self, launch: &Launch, asked: &Asked, token: &JoinToken) -> Option<String> {
        let who = &launch.who;
        let mut own = names(who);
        own.extend([&asked.name, &asked.display_name].into_iter().flatten().map(|it| folded(it)));
        let named: Vec<String> = token.names().iter().map(|name| folded(name)).collect();
        let is_other_name = !own.is_empty()
            && !named.iter().any(|name| own.contains(name))
            && named.iter().any(|name| self.names.contains(name));
        if is_other_name {
            return token.name();
        }
        let own = who.email.as_deref().map(folded);
        let is_other = |email: &str| own.as_deref().is_some_and(|own| own != email);
        let email = token.email().map(|email| folded(&email));
        if let Some(email) = email.filter(|it| is_other(it) && self.emails.contains(it)) {
            return Some(email);
        }
        let is_other = |id: &str| who.id.as_deref().is_some_and(|own| own != id);
        // Lessonspace's own ids are numbers or UUIDs, so a number may be a pupil's id by chance.
        let is_ours = |id: &str| self.are_ids_own || id.parse::<u64>().is_err();
        token.id().filter(|id| is_ours(id) && is_other(id) && self.ids.contains(id))
    }
}

/// A name or an address so that it can be compared.
fn folded(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.nfc().collect::<String>().to_lowercase()
}

fn names(who: &Who) -> Vec<String> {
    [&who.name, &who.display_name].into_iter().flatten().map(|name| folded(name)).collect()
}
