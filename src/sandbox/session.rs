//! The sessions that Join and Leave on the pages make: who is inside now, and who was. Pure.
//! Known to this process alone; Spaces outlive it, sessions do not.
//!
//! A session starts with the first person and ends with the last.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::space::Space;
use super::token::Claims;

/// All sessions since the start, the oldest first.
#[derive(Default)]
pub(super) struct Sessions {
    all: Vec<Session>,
    /// Per Space, the tokens whose person is inside.
    inside: HashMap<Uuid, Vec<String>>,
}

/// One session, running or over.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Counted from 1.
    number: usize,
    pub uuid: Uuid,
    pub room: Uuid,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
    /// Each person once, in the order of their coming.
    people: Vec<Participant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Participant {
    id: String,
    name: String,
    guest: bool,
    leader: bool,
}

/// What a join or a leave changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The first one in, or the last one out: the session starts or ends with it.
    Session,
    Person,
    /// Whoever joins is inside already, whoever leaves is not.
    Nothing,
}

impl Sessions {
    /// Whether this link's person is inside, and how many are in all.
    pub(super) fn inside(&self, room: Uuid, token: &str) -> (bool, usize) {
        let people = self.inside.get(&room);
        people.map_or((false, 0), |people| (people.iter().any(|one| one == token), people.len()))
    }

    pub(super) fn join(
        &mut self,
        space: &Space,
        token: &str,
        claims: &Claims,
        now: Timestamp,
    ) -> Change {
        let people = self.inside.entry(space.room_id).or_default();
        if people.iter().any(|one| one == token) {
            return Change::Nothing;
        }
        people.push(token.to_owned());
        let first = people.len() == 1;
        let person = Participant::of(claims);
        match self.running(space.room_id).filter(|_| !first) {
            Some(session) if session.people.contains(&person) => {}
            Some(session) => session.people.push(person),
            None => self.all.push(Session {
                number: self.all.len() + 1,
                uuid: space.session_id,
                room: space.room_id,
                start: now,
                end: None,
                people: vec![person],
            }),
        }
        if first { Change::Session } else { Change::Person }
    }

    pub(super) fn leave(&mut self, room: Uuid, token: &str, now: Timestamp) -> Change {
        let people = self.inside.entry(room).or_default();
        let before = people.len();
        people.retain(|one| one != token);
        match (people.len() < before, people.is_empty()) {
            (false, _) => Change::Nothing,
            (true, false) => Change::Person,
            (true, true) => {
                if let Some(session) = self.running(room) {
                    session.end = Some(now);
                }
                Change::Session
            }
        }
    }

    /// The newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Session> {
        self.all.iter().rev()
    }

    fn running(&mut self, room: Uuid) -> Option<&mut Session> {
        self.all.iter_mut().rev().find(|session| session.room == room && session.end.is_none())
    }
}

impl Participant {
    fn of(claims: &Claims) -> Self {
        Self {
            id: claims.id.clone(),
            name: claims.name().to_owned(),
            guest: claims.guest,
            leader: claims.can_lead,
        }
    }

    fn json(&self) -> Value {
        if self.guest {
            return json!({"name": self.name});
        }
        let role = if self.leader { "teacher" } else { "student" };
        json!({"external_id": self.id, "name": self.name, "role": role})
    }
}

impl Session {
    /// One entry of the list. Clients are known to read `id`, `uuid`, `name`, the two times,
    /// `space.id`, `summary`, `recording_available` and `playback_url`. That `users` and `guests`
    /// are called so, and what is in them, is a guess: no source shows it.
    pub(super) fn json(&self, space: &Space) -> Value {
        let some = |guests: bool| {
            let chosen = self.people.iter().filter(|person| person.guest == guests);
            chosen.map(Participant::json).collect::<Vec<_>>()
        };
        json!({
            "id": self.number,
            "uuid": self.uuid,
            "name": space.title(),
            "start_time": self.start.to_string(),
            "end_time": self.end.map(|end| end.to_string()),
            "space": {"id": space.room_id, "name": space.name},
            "users": some(false),
            "guests": some(true),
            "summary": null,
            "recording_available": false,
            "playback_url": null,
        })
    }
}
