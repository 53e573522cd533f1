//! The lines of a journal: one JSON object each.
//!
//! ```json
//! {"lessonspace_journal":1,"api_url":"https://api.thelessonspace.com/v2/","sandbox":false}
//! {"mark":"<key>","at":"2026-12-01T14:00:00Z"}
//! {"answer":"<key>","status":"created","client_url":"https://...","at":"..."}
//! ```
//!
//! An answer that is `pending` takes a mark back.

use std::{borrow::Cow, path::Path};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answer, JournalError, Target};
use crate::old_roster::outcome::{Outcome, Status};

/// The format that this version writes, and the newest it reads.
const VERSION: u32 = 1;
/// How the header of every version starts.
const OPENING: &[u8] = b"{\"lessonspace_journal\":";
/// Bytes; a URL fits, and another program's file is not read whole.
pub(super) const LONGEST_HEADER: u64 = 64 * 1024;

/// Recognises a row by what it asks for, wherever it stands in the roster: the first half
/// of the SHA-256 of its content. Bytes, because a number of this size would be aligned to 16,
/// and tables of keys by a third larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 16]);

impl Key {
    /// The key of a row's content: its body with its times as written.
    pub(crate) fn of(content: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
        Self(digest.as_ref().first_chunk().copied().unwrap_or_default())
    }

    fn to_hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(number.to_be_bytes()))
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Header<'a> {
    lessonspace_journal: u32,
    #[serde(borrow)]
    api_url: Cow<'a, str>,
    sandbox: bool,
    /// Not in the journals of early versions.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    pub(super) fn of(target: Target<'a>) -> Self {
        Self {
            lessonspace_journal: VERSION,
            api_url: Cow::Borrowed(target.api_url),
            sandbox: target.sandbox,
            time_zone: target.time_zone.map(Cow::Borrowed),
        }
    }

    pub(super) fn time_zone(self) -> Option<String> {
        self.time_zone.map(Cow::into_owned)
    }

    pub(super) fn to_line(&self) -> Vec<u8> {
        to_line(self)
    }

    /// Reads a whole first line.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(text.strip_suffix(b"\n")?).ok()
    }

    /// Whether the file may be one that a power cut stopped before its first line was whole.
    /// Nothing has been asked for then.
    pub(super) fn may_be_torn(text: &[u8]) -> bool {
        !text.contains(&b'\n') && (text.starts_with(OPENING) || OPENING.starts_with(text))
    }

    /// Whether this run may go on with the journal.
    pub(super) fn check(&self, path: &Path, target: Target<'_>) -> Result<(), JournalError> {
        if self.lessonspace_journal > VERSION {
            return Err(JournalError::TooNew { path: path.to_owned() });
        }
        let same_url = self.api_url == target.api_url || self.sandbox;
        if self.sandbox == target.sandbox && same_url {
            return Ok(());
        }
        let name = |sandbox: bool, url: &str| {
            if sandbox { "the sandbox".to_owned() } else { url.to_owned() }
        };
        Err(JournalError::OtherApi {
            path: path.to_owned(),
            theirs: name(self.sandbox, &self.api_url),
            ours: name(target.sandbox, target.api_url),
        })
    }
}

/// Any other line.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mark: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    answer: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    client_url: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    room_id: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_have_acted: bool,
    /// For people only.
    #[serde(default, borrow)]
    at: Cow<'a, str>,
}

/// What a line tells, as far as memory keeps it.
#[derive(Clone, Copy)]
pub(super) enum Event {
    /// A request is about to go.
    Mark(Key),
    /// An answer came.
    Answer { key: Key, status: Status, ends_at: Option<Timestamp>, may_have_acted: bool },
}

/// The longest life of a link, and so of one that does not tell its end.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Event {
    /// What the line of an answer tells that comes now.
    pub(super) fn of(key: Key, answer: &Answer) -> Self {
        let Outcome { status, expires_at, .. } = answer.outcome;
        let ends_at = expires_at.or_else(|| latest_end(Timestamp::now()));
        Self::Answer { key, status, ends_at, may_have_acted: answer.may_have_acted }
    }
}

impl<'a> Line<'a> {
    pub(super) fn mark(key: Key) -> Vec<u8> {
        to_line(&Line { mark: Some(key.to_hex().into()), at: now().into(), ..Line::default() })
    }

    pub(super) fn answer(key: Key, answer: &Answer) -> Vec<u8> {
        let Outcome { status, client_url, expires_at, room_id, error } = &answer.outcome;
        let text = |text| Option::as_deref(text).map(Cow::Borrowed);
        to_line(&Line {
            mark: None,
            answer: Some(key.to_hex().into()),
            status: Some(*status),
            client_url: text(client_url),
            expires_at: expires_at.map(|time| time.to_string().into()),
            room_id: text(room_id),
            error: text(error),
            may_have_acted: answer.may_have_acted,
            at: now().into(),
        })
    }

    /// Reads a whole line; none if it is not a mark or an answer.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(text).ok()?;
        line.event().is_some().then_some(line)
    }

    pub(super) fn event(&self) -> Option<Event> {
        match (&self.mark, &self.answer, self.status) {
            (Some(key), None, None) => Some(Event::Mark(Key::from_hex(key)?)),
            (None, Some(key), Some(status)) => Some(Event::Answer {
                key: Key::from_hex(key)?,
                status,
                ends_at: match &self.expires_at {
                    Some(time) => time.parse().ok(),
                    None => self.at.parse().ok().and_then(latest_end),
                },
                may_have_acted: self.may_have_acted,
            }),
            _ => None,
        }
    }

    /// The answer that this line holds, if it holds one.
    pub(super) fn into_outcome(self) -> Option<Outcome> {
        Some(Outcome {
            status: self.status?,
            client_url: self.client_url.map(Cow::into_owned),
            expires_at: self.expires_at.as_deref().and_then(|time| time.parse().ok()),
            room_id: self.room_id.map(Cow::into_owned),
            error: self.error.map(Cow::into_owned),
        })
    }
}

fn latest_end(made_at: Timestamp) -> Option<Timestamp> {
    made_at.checked_add(LONGEST_LIFE).ok()
}

fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default().to_string()
}

/// JSON escapes newlines in texts, so an object is always one line.
fn to_line(value: &impl Serialize) -> Vec<u8> {
    // Structs of texts, numbers and booleans always serialise.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
