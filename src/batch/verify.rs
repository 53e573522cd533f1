//! Checks that a link belongs to the row that requested it.
//!
//! A caching proxy or a faulty server can respond with another row's link. A proven mismatch stops the
//! run. Other differences between a token and its row only cause warnings, because token claims are not
//! documented well enough to stop a class over them.

use super::journal::{Journal, Key};
use super::launches::{Launch, Who};
use crate::api;
use crate::body::LaunchRequest;
use crate::escape::untrusted;
use crate::join_link::{self, Contradiction, JoinToken, Requested};
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// The links and rooms received so far, and the people in the roster.
#[derive(Debug, Default)]
pub struct Verify {
    /// The owner of each link, by the link's digest, which saves memory with large rosters.
    links: HashMap<Key, Owner>,
    /// The Space id for each room.
    rooms: HashMap<String, String>,
    /// Ids of Spaces with a known room.
    spaces: HashSet<String>,
    /// The launches of this roster.
    launches: HashSet<Key>,
    /// User ids, email addresses and names in the roster.
    ids: HashSet<String>,
    emails: HashSet<String>,
    names: HashSet<String>,
    /// Whether a token has contained a user id that we sent; Lessonspace also has ids of its own.
    ids_are_from_roster: bool,
}

/// The launch that received a link.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner {
    launch: Key,
    id: String,
    person_key: String,
}

impl Verify {
    /// Starts with the links of an earlier run.
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

    /// Checks and records a response. Returns what differs from the request.
    ///
    /// # Errors
    ///
    /// Why the response belongs to another row, in words that follow `the response for ADA (line 4)`.
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
            return Err(format!("contains another row's link (Space {})", untrusted(&other.id)));
        }
        let room_of_answer = answer.room_id().map(std::borrow::Cow::into_owned);
        let rooms = [room_of_answer, join_link::room(&answer.url)];
        for room in rooms.iter().flatten() {
            if let Some(id) = self.rooms.get(room).filter(|id| **id != launch.id) {
                return Err(format!("contains the room of another Space, {}", untrusted(id)));
            }
        }
        let asked = Requested::of(request);
        let token = join_link::token(&answer.url);
        if let Some(person) =
            token.as_ref().and_then(|token| self.another_person(launch, &asked, token))
        {
            return Err(format!(
                "contains a link for someone else in the roster: {}",
                untrusted(&person)
            ));
        }
        self.ids_are_from_roster |= token
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
                "the link does not lead to the same room as earlier links for this Space; check the API key"
                    .to_owned(),
            );
        }
        for room in rooms.into_iter().flatten() {
            self.rooms.insert(room, launch.id.clone());
        }
        // Space settings are reported once for the whole run.
        let asked = Requested { settings: Vec::new(), ..asked };
        let of_token = join_link::contradictions(&asked, token.as_ref(), |_| None);
        found.extend(of_token.iter().map(ToString::to_string));
        Ok(found)
    }

    /// A launch may receive its own link again, and so may an edited row.
    fn is_another_row(&self, owner: &Owner, other: &Owner) -> bool {
        if other.launch == owner.launch {
            return false;
        }
        let is_same_person = (&other.id, &other.person_key) == (&owner.id, &owner.person_key);
        self.launches.contains(&other.launch) || !is_same_person
    }

    /// The person in a token, if it is someone else in the roster: by name, email address or id. The
    /// email address and id distinguish pupils with the same name.
    fn another_person(
        &self,
        launch: &Launch,
        asked: &Requested,
        token: &JoinToken,
    ) -> Option<String> {
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
        // Lessonspace's own ids are numbers or UUIDs, so a number may match a pupil's id by chance.
        let is_ours = |id: &str| self.ids_are_from_roster || id.parse::<u64>().is_err();
        token.id().filter(|id| is_ours(id) && is_other(id) && self.ids.contains(id))
    }
}

/// Normalises a name or email address for comparison.
fn folded(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.nfc().collect::<String>().to_lowercase()
}

fn names(who: &Who) -> Vec<String> {
    [&who.name, &who.display_name].into_iter().flatten().map(|name| folded(name)).collect()
}
