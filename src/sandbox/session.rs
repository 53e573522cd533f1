//! Who is in a Space, and its sessions. These are kept in memory only; Spaces are saved.
//!
//! A session starts when the first person joins. It ends when the last person leaves, or when everyone is
//! idle and someone is marked as idle again: then everyone leaves.

use super::store::Space;
use super::token::Claims;
use super::webhooks::{Event, Session};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// People and sessions by `room_id`.
pub(super) type Rooms = HashMap<Uuid, Room>;

/// The people and sessions of one Space.
#[derive(Default)]
pub(super) struct Room {
    people: Vec<Participant>,
    /// The running session, or the last one.
    pub session: Option<Session>,
}

struct Participant {
    token: String,
    claims: Claims,
    is_idle: bool,
}

impl Room {
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// Whether this link's person is idle; `None` if they are not in the room.
    pub(super) fn is_idle(&self, token: &str) -> Option<bool> {
        self.people.iter().find(|person| person.token == token).map(|person| person.is_idle)
    }

    pub(super) fn is_everyone_idle(&self) -> bool {
        !self.people.is_empty() && self.people.iter().all(|person| person.is_idle)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.end.is_some())
    }

    pub(super) fn join(
        &mut self,
        space: &Space,
        token: &str,
        claims: &Claims,
        now: Timestamp,
    ) -> Vec<Event> {
        if self.is_idle(token).is_some() {
            return Vec::new();
        }
        let mut events = Vec::new();
        if self.people.is_empty() || self.has_ended() {
            self.session = Some(Session { id: space.session_id, start: now, end: None });
            events.extend(self.session_event("session.start", space, "user_joined"));
        }
        let (token, claims) = (token.to_owned(), claims.clone());
        events.extend(self.person_event("user.join", space, &claims));
        self.people.push(Participant { token, claims, is_idle: false });
        events
    }

    pub(super) fn leave(&mut self, space: &Space, token: &str, now: Timestamp) -> Vec<Event> {
        let was_idle = self.is_everyone_idle();
        let Some(at) = self.people.iter().position(|person| person.token == token) else {
            return Vec::new();
        };
        let person = self.people.remove(at);
        let mut events = Vec::from_iter(self.person_event("user.leave", space, &person.claims));
        if self.people.is_empty() {
            events.extend(self.end(space, "everyone_left", now));
        } else if self.is_everyone_idle() && !was_idle {
            events.extend(self.session_event("session.idle", space, "everyone_idle"));
        }
        events
    }

    /// Marks this person as idle. If everyone already is, everyone leaves and the session ends.
    pub(super) fn idle(&mut self, space: &Space, token: &str, now: Timestamp) -> Vec<Event> {
        if self.is_everyone_idle() {
            let people = std::mem::take(&mut self.people);
            let left =
                people.iter().map(|person| self.person_event("user.leave", space, &person.claims));
            let mut events: Vec<Event> = left.flatten().collect();
            events.extend(self.end(space, "everyone_idle", now));
            return events;
        }
        let person = self.people.iter_mut().find(|person| person.token == token && !person.is_idle);
        let Some(person) = person else {
            return Vec::new();
        };
        person.is_idle = true;
        let claims = person.claims.clone();
        let mut events = Vec::from_iter(self.person_event("user.idle", space, &claims));
        if self.is_everyone_idle() {
            events.extend(self.session_event("session.idle", space, "everyone_idle"));
        }
        events
    }

    pub(super) fn active(&mut self, token: &str) {
        if let Some(person) = self.people.iter_mut().find(|person| person.token == token) {
            person.is_idle = false;
        }
    }

    fn end(&mut self, space: &Space, reason: &str, now: Timestamp) -> Option<Event> {
        self.session.as_mut()?.end = Some(now);
        self.session_event("session.end", space, reason)
    }

    fn session_event(&self, name: &'static str, space: &Space, reason: &str) -> Option<Event> {
        self.session.as_ref().map(|session| Event::of_session(name, space, session, reason))
    }

    fn person_event(&self, name: &'static str, space: &Space, person: &Claims) -> Option<Event> {
        self.session.as_ref().map(|session| Event::of_person(name, space, session.id, person))
    }
}
