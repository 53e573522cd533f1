//! What is to be done about each launch: it is new, its link is to be renewed or still good, or it
//! failed and is tried again; and when a run must not be resumed.

use super::journal::{Journal, Link};
use super::launches::{Launch, Rows, State};
use super::row_problems::listed;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What will happen to a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It gets its first link.
    New,
    /// Its link has expired, or expires too soon.
    Renew,
    /// It failed before, and is tried again.
    Retry,
    /// Its link is still good.
    Keep,
    /// The lesson is over.
    Ended,
    /// Left out.
    Skip,
}

impl Action {
    /// The word in the plan.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renew => "renew",
            Self::Retry => "retry",
            Self::Keep => "keep",
            Self::Ended => "ended",
            Self::Skip => "skipped",
        }
    }

    /// Whether a request is sent.
    pub fn is_sent(self) -> bool {
        matches!(self, Self::New | Self::Renew | Self::Retry)
    }
}

/// Someone whose link still works and who is no longer in the roster.
#[derive(Debug, PartialEq, Eq)]
pub struct Gone {
    /// The person and the Space, safe to show.
    pub shown: String,
    pub until: Timestamp,
}

/// What is to be done.
pub struct Plan {
    /// An action for each launch.
    pub actions: Vec<Action>,
    /// People whose links still work although they are no longer in the roster.
    pub gone: Vec<Gone>,
}

impl Plan {
    /// What the journal and the clock say about each launch.
    pub fn new(
        launches: &[Launch],
        journal: Option<&Journal>,
        min_valid: SignedDuration,
        now: Timestamp,
    ) -> Self {
        let action = |launch: &Launch| match launch.state {
            State::Skipped => Action::Skip,
            State::Ended => Action::Ended,
            State::Ready => {
                let record = journal.and_then(|journal| journal.record(launch.key));
                let Some(record) = record else { return Action::New };
                match (&record.link, &record.failure) {
                    (_, Some(_)) => Action::Retry,
                    (None, None) => Action::New,
                    (Some(link), None) if is_to_be_renewed(launch, link, min_valid, now) => {
                        Action::Renew
                    }
                    (Some(_), None) => Action::Keep,
                }
            }
        };
        let actions = launches.iter().map(action).collect();
        let gone = journal.map_or_else(Vec::new, |journal| gone(launches, journal, now));
        Self { actions, gone }
    }

    /// How many launches have this action.
    pub fn count(&self, action: Action) -> usize {
        self.actions.iter().filter(|other| **other == action).count()
    }

    /// How many launches are sent.
    pub fn to_send(&self) -> usize {
        self.actions.iter().filter(|action| action.is_sent()).count()
    }
}

/// A link that has expired or expires too soon, unless the lesson ends there.
fn is_to_be_renewed(
    launch: &Launch,
    link: &Link,
    min_valid: SignedDuration,
    now: Timestamp,
) -> bool {
    if link.ends_at > now.saturating_add(min_valid).unwrap_or(Timestamp::MAX) {
        return false;
    }
    match launch.window.not_after {
        // A token counts whole seconds.
        Some(end) if link.ends_at > now => end.as_second() > link.ends_at.as_second(),
        _ => true,
    }
}

fn gone(launches: &[Launch], journal: &Journal, now: Timestamp) -> Vec<Gone> {
    let keys: HashSet<_> = launches.iter().map(|launch| launch.key).collect();
    let people: HashSet<(&str, String)> =
        launches.iter().map(|launch| (launch.id.as_str(), launch.person_key())).collect();
    let mut gone: BTreeMap<String, Timestamp> = BTreeMap::new();
    for (key, link) in journal.links() {
        let is_there =
            keys.contains(&key) || people.contains(&(link.id.as_str(), link.person_key.clone()));
        if !is_there && link.ends_at > now {
            let shown = format!("{} ({})", untrusted(&link.person), untrusted(&link.id));
            let until = gone.entry(shown).or_insert(link.ends_at);
            *until = (*until).max(link.ends_at);
        }
    }
    gone.into_iter().map(|(shown, until)| Gone { shown, until }).collect()
}

/// Refuses to continue a run with a roster that does not belong to it.
///
/// # Errors
///
/// A roster that shares no Space and no person with the journal's links, and rows whose own
/// `room_id` belongs to another id.
pub fn check_resumed(rows: &Rows, launches: &[Launch], journal: &Journal) -> Result<()> {
    let mut links = journal.links().peekable();
    if links.peek().is_none() {
        return Ok(());
    }
    let mut ids = HashSet::new();
    let mut people = HashSet::new();
    let mut rooms: HashMap<&str, &str> = HashMap::new();
    for (_, link) in journal.links() {
        ids.insert(link.id.as_str());
        if !link.person_key.is_empty() {
            people.insert(link.person_key.as_str());
        }
        if let Some(room) = &link.outcome.room_id {
            rooms.insert(room, &link.id);
        }
    }
    let belongs = |launch: &Launch| {
        ids.contains(launch.id.as_str()) || people.contains(launch.person_key().as_str())
    };
    if !launches.is_empty() && !launches.iter().any(belongs) {
        let mut known: Vec<&str> = ids.into_iter().collect();
        known.sort_unstable();
        let known: Vec<String> = known.into_iter().map(untrusted).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = "this roster shares no Space and no person with the links file to resume";
        return Err(Error::new(Kind::Usage, message)
            .with_cause(format!("the links file has links for: {}", listed(&known)))
            .with_hint(
                "check the roster and -o; to make links for this roster, choose another file with \
                 -o, or add --force to replace the earlier links",
            ));
    }
    let mut changed = Vec::new();
    for launch in launches {
        let Some(room) = own_room(rows, launch) else { continue };
        let Some(id) = rooms.get(room.as_ref()).filter(|id| **id != launch.id) else { continue };
        changed.push(format!(
            "{}: the id is \"{}\", but its room_id belongs to \"{}\"",
            rows.place(launch.row, None),
            untrusted(&launch.id),
            untrusted(id)
        ));
    }
    changed.dedup();
    if changed.is_empty() {
        return Ok(());
    }
    let count = changed.len();
    let mut error = Error::new(
        Kind::Usage,
        format!(
            "the ids of {} changed since the links were made",
            crate::words::count(count, "row")
        ),
    );
    changed.truncate(10);
    error = error.with_causes(changed);
    if count > 10 {
        error = error.with_cause(format!("and {} more", count - 10));
    }
    Err(error.with_hint(
        "a spreadsheet may have changed 007 to 7: restore the ids, or, if a new Space is meant, empty \
         room_id in these rows",
    ))
}

/// The room that an earlier run wrote into a row.
fn own_room<'a>(rows: &'a Rows, launch: &Launch) -> Option<Cow<'a, str>> {
    let room = match rows {
        Rows::Table { grid, .. } => {
            let column = grid.results.as_ref()?.room_id;
            Cow::Borrowed(grid.table.rows.get(launch.row)?.text(column).trim())
        }
        Rows::Bodies { bodies, .. } => {
            bodies.entries.get(launch.row)?.result.as_ref()?.get("room_id")?.as_text()?
        }
    };
    (!room.is_empty()).then_some(room)
}
