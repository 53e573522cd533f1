//! What memory keeps of the journal: where each row's latest answer is, and what of it
//! matters when deciding whether to ask again.

use std::collections::HashMap;

use jiff::Timestamp;

use super::line::{Event, Key};
use crate::old_roster::outcome::Status;

/// What the journal knows of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its latest link.
    pub(crate) link: Option<Link>,
    /// Whether a failure came after that link, or instead of one.
    pub(crate) has_failed: bool,
    /// Whether a request may have been carried out whose answer is not known: a mark without
    /// answer, or a failure such as a time-out, and no link since. A Space that exists now may
    /// then be of this row's own making.
    pub(crate) may_have_acted: bool,
}

/// A link that a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// `Created`, `Existing` or `Unknown`.
    pub(crate) status: Status,
    /// Until when it works, to the second; if it does not tell, until when at most.
    pub(crate) ends_at: Option<Timestamp>,
}

/// All rows of a journal.
#[derive(Debug, Default)]
pub(super) struct States(HashMap<Key, State>);

/// One row, in 32 bytes.
#[derive(Clone, Copy, Debug)]
struct State {
    /// Where the latest link is in the file; 0, where the header is, stands for none.
    link_at: u64,
    /// Where a failure after it is; 0 for none.
    failure_at: u64,
    /// Seconds since 1970; `NEVER` when not known.
    ends_at: i64,
    link_status: Status,
    is_marked: bool,
    may_have_acted: bool,
}

const NEVER: i64 = i64::MAX;

impl Default for State {
    fn default() -> Self {
        Self {
            link_at: 0,
            failure_at: 0,
            ends_at: NEVER,
            link_status: Status::Pending,
            is_marked: false,
            may_have_acted: false,
        }
    }
}

impl States {
    /// Takes in what the line at this offset tells.
    pub(super) fn apply(&mut self, event: Event, offset: u64) {
        match event {
            Event::Mark(key) => {
                let state = self.0.entry(key).or_default();
                state.may_have_acted |= state.is_marked;
                state.is_marked = true;
            }
            Event::Answer { key, status, ends_at, may_have_acted } => {
                let state = self.0.entry(key).or_default();
                state.is_marked = false;
                if status.has_link() {
                    state.link_at = offset;
                    state.failure_at = 0;
                    state.link_status = status;
                    state.ends_at = ends_at.map_or(NEVER, Timestamp::as_second);
                    state.may_have_acted = false;
                } else if status != Status::Pending {
                    state.failure_at = offset;
                    state.may_have_acted |= may_have_acted;
                }
            }
        }
    }

    pub(super) fn entry(&self, key: Key) -> Entry {
        let state = self.0.get(&key).copied().unwrap_or_default();
        let link = (state.link_at > 0).then(|| Link {
            status: state.link_status,
            ends_at: match state.ends_at {
                NEVER => None,
                seconds => Timestamp::from_second(seconds).ok(),
            },
        });
        let may_have_acted = state.may_have_acted || state.is_marked;
        Entry { link, has_failed: state.failure_at > 0, may_have_acted }
    }

    pub(super) fn link_at(&self, key: Key) -> Option<u64> {
        self.0.get(&key).map(|state| state.link_at).filter(|&offset| offset > 0)
    }

    pub(super) fn failure_at(&self, key: Key) -> Option<u64> {
        self.0.get(&key).map(|state| state.failure_at).filter(|&offset| offset > 0)
    }
}
