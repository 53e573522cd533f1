//! Whose request it is: its key, and whether that key is within its rate.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use uuid::{Builder, Uuid};

use super::answer::{throttled, unauthorised};
use super::space::Space;
use super::{KEY, Shared};

/// The practice key of old.
const FIRST_KEY: &str = "practice-key";

/// How often each key may ask.
pub(super) struct Rate {
    /// Requests a second.
    limit: Option<usize>,
    recent: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Rate {
    /// `None` and 0 are no limit.
    pub(super) fn new(limit: Option<u32>) -> Self {
        let limit = limit.filter(|&limit| limit > 0).and_then(|limit| usize::try_from(limit).ok());
        Self { limit, recent: Mutex::default() }
    }

    /// Lets no more requests of a key through in any second than the limit says; those that
    /// are refused do not count. Says how long to wait otherwise.
    fn throttle(&self, key: &str, now: Instant) -> Result<(), Duration> {
        const SECOND: Duration = Duration::from_secs(1);
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let times = recent.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|&time| now.duration_since(time) >= SECOND) {
            times.pop_front();
        }
        match times.front() {
            Some(&oldest) if times.len() >= limit => {
                Err(SECOND.saturating_sub(now.duration_since(oldest)))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

/// The organisation of a request that gave its key and is within its rate.
pub(super) struct Organisation {
    /// What its Spaces are found by.
    seed: String,
}

impl Organisation {
    fn of(key: &str) -> Self {
        // State folders hold Spaces from when the practice key was another; they stay reachable.
        let seed = if key == KEY { FIRST_KEY } else { key };
        Self { seed: seed.to_owned() }
    }

    /// The number that paths name it by: the same for the same key, always above 0.
    pub(super) fn id(&self) -> u32 {
        (self.digest("organisation\n").as_fields().0 >> 1).max(1)
    }

    /// The `room_id` of its Space with this `id`. It is made from the two, so that one index
    /// finds a Space by either; the key cannot be read out of it.
    pub(super) fn room_id(&self, id: &str) -> Uuid {
        self.digest(id)
    }

    /// Whether the Space is one of its own.
    pub(super) fn owns(&self, space: &Space) -> bool {
        self.room_id(&space.id) == space.room_id
    }

    /// The number of the person whom it calls `name`.
    pub(super) fn user_id(&self, name: &str) -> u32 {
        self.digest(&format!("user\n{name}")).as_fields().0 >> 1
    }

    fn digest(&self, name: &str) -> Uuid {
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [&self.seed, "\n", name] {
            digest.update(part.as_bytes());
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finish().as_ref()[..16]);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl FromRequestParts<Arc<Shared>> for Organisation {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Response> {
        let key = key(&parts.headers).map_err(unauthorised)?;
        let organisation = Self::of(key);
        match shared.rate.throttle(key, Instant::now()) {
            Ok(()) => Ok(organisation),
            Err(wait) => Err(throttled(wait)),
        }
    }
}

/// The key, or what to say of its absence.
fn key(headers: &HeaderMap) -> Result<&str, &'static str> {
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or("Authentication credentials were not provided.")?;
    let key = value.to_str().ok().and_then(|value| value.strip_prefix("Organisation "));
    key.filter(|key| !key.is_empty() && !key.contains([' ', '\t']))
        .ok_or("Invalid header. The form is `Authorization: Organisation <API key>`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_id_depends_on_key_and_id_alone() {
        let (one, two) = (Organisation::of("one"), Organisation::of("two"));
        assert_eq!(one.room_id("a"), Organisation::of("one").room_id("a"));
        assert_ne!(one.room_id("a"), one.room_id("b"));
        assert_ne!(one.room_id("a"), two.room_id("a"));
        assert_eq!(one.room_id("a").get_version_num(), 4);
        let space = Space::new(one.room_id("a"), "a");
        assert!(one.owns(&space) && !two.owns(&space));
    }

    #[test]
    fn the_practice_key_finds_the_spaces_of_the_old_one() {
        let (new, old) = (Organisation::of(KEY), Organisation::of(FIRST_KEY));
        // As the first sandboxes wrote it into state folders.
        assert_eq!(new.room_id("a").to_string(), "07443a13-152a-4b94-8439-fc08463183c9");
        assert_eq!((new.room_id("a"), new.id()), (old.room_id("a"), old.id()));
        assert_ne!(new.id(), Organisation::of("other").id());
    }

    #[test]
    fn no_second_holds_more_requests_than_the_rate() {
        let limit = Rate::new(Some(2));
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(limit.throttle("key", at(0)), Ok(()));
        assert_eq!(limit.throttle("key", at(400)), Ok(()));
        assert_eq!(limit.throttle("key", at(900)), Err(Duration::from_millis(100)));
        assert_eq!(limit.throttle("other", at(900)), Ok(()), "each key has its own rate");
        assert_eq!(limit.throttle("key", at(1000)), Ok(()));
        assert_eq!(limit.throttle("key", at(1399)), Err(Duration::from_millis(1)));
        assert_eq!(limit.throttle("key", at(1400)), Ok(()));
    }

    #[test]
    fn without_a_rate_nobody_waits() {
        for rate in [None, Some(0)] {
            let limit = Rate::new(rate);
            let now = Instant::now();
            assert!((0..1000).all(|_| limit.throttle("key", now).is_ok()));
        }
    }
}
