//! Decides what happens to each launch: a first link, a renewal, another attempt or nothing. Also rejects
//! rosters that do not match the run to resume.

use super::journal::{Journal, Link};
use super::launches::{Launch, Rows, State};
use super::row_problems::listed;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::join_link;
use crate::words;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What will happen to a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It gets its first link.
    New,
    /// Its link has expired or expires too soon.
    Renew,
    /// It failed before and is tried again.
    Retry,
    /// Its link is still good.
    Keep,
    /// The lesson is over.
    Ended,
    /// Left out.
    Skip,
}

impl Action {
    /// The word shown in the plan.
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

/// Someone whose link is valid although the roster no longer says so.
#[derive(Debug, PartialEq, Eq)]
pub struct Gone {
    /// The person and the Space, safe to show.
    pub shown: String,
    pub until: Timestamp,
}

pub struct Plan {
    /// The action for each launch.
    pub actions: Vec<Action>,
    /// People who are no longer in the roster but have valid links.
    pub gone: Vec<Gone>,
    /// People who no longer lead but have valid leader links.
    pub demoted: Vec<Gone>,
}

impl Plan {
    /// Decides the action for each launch from the journal and the time.
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
        let (gone, demoted) =
            journal.map_or_else(Default::default, |journal| gone(launches, journal, now));
        Self { actions, gone, demoted }
    }

    /// Number of launches with this action.
    pub fn count(&self, action: Action) -> usize {
        self.actions.iter().filter(|other| **other == action).count()
    }

    /// Number of launches to send.
    pub fn to_send(&self) -> usize {
        self.actions.iter().filter(|action| action.is_sent()).count()
    }
}

/// Whether the link has expired, or expires too soon and before the lesson ends.
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
        // A token's expiry is in whole seconds.
        Some(end) if link.ends_at > now => end.as_second() > link.ends_at.as_second(),
        _ => true,
    }
}

/// People with valid links who left the roster, and people with valid leader links who no longer lead.
fn gone(launches: &[Launch], journal: &Journal, now: Timestamp) -> (Vec<Gone>, Vec<Gone>) {
    let keys: HashSet<_> = launches.iter().map(|launch| launch.key).collect();
    let mut people: HashMap<(&str, String), bool> = HashMap::new();
    for launch in launches {
        let name = launch.who.name.as_deref().map(untrusted);
        for person in [Some(launch.person_key()), name].into_iter().flatten() {
            *people.entry((&launch.id, person)).or_default() |= launch.who.leads;
        }
    }
    let mut gone: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut demoted: BTreeMap<String, Timestamp> = BTreeMap::new();
    for (key, link) in journal.links() {
        if keys.contains(&key) || link.ends_at <= now {
            continue;
        }
        let leads = || {
            let token = link.outcome.client_url.as_deref().and_then(join_link::read);
            token.and_then(|token| token.can_lead()).unwrap_or(false)
        };
        let person = |text: &str| people.get(&(link.id.as_str(), text.to_owned())).copied();
        // Match by name only if the person had neither an id nor an address: otherwise, it could be a namesake.
        let by_name = || {
            let has_only_name = link.person_key.starts_with("name ");
            has_only_name.then(|| person(&untrusted(&link.person))).flatten()
        };
        let list = match person(&link.person_key).or_else(by_name) {
            None => &mut gone,
            Some(false) if leads() => &mut demoted,
            Some(_) => continue,
        };
        let shown = format!("{} ({})", untrusted(&link.person), untrusted(&link.id));
        let until = list.entry(shown).or_insert(link.ends_at);
        *until = (*until).max(link.ends_at);
    }
    let listed = |people: BTreeMap<String, Timestamp>| {
        people.into_iter().map(|(shown, until)| Gone { shown, until }).collect()
    };
    (listed(gone), listed(demoted))
}

/// Rejects a roster that does not belong to the run to resume.
///
/// # Errors
///
/// A roster that shares no Space and no person with the journal's links, and rows with a `room_id` that
/// belongs to another id.
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
    check_rooms(rows, launches, &rooms)?;
    check_zeros(rows, launches, &ids)?;
    let belongs = |launch: &Launch| {
        ids.contains(launch.id.as_str()) || people.contains(launch.person_key().as_str())
    };
    if !launches.is_empty() && !launches.iter().any(belongs) {
        let mut known: Vec<&str> = ids.into_iter().collect();
        known.sort_unstable();
        let known: Vec<String> = known.into_iter().map(untrusted).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let message = "this roster has no Space or person in common with the links file";
        return Err(Error::new(Kind::Usage, message)
            .with_cause(format!("the links file has links for: {}", listed(&known)))
            .with_hint(
                "check the roster and -o; to make links for this roster, choose another file with \
                 -o, or add --force to replace the earlier links",
            ));
    }
    Ok(())
}

/// A warning about people with a name or email address that was someone else's when the links were made.
/// This happens if only one column was sorted.
pub fn exchanged(rows: &Rows, launches: &[Launch], journal: &Journal) -> Option<String> {
    let folded = |name: &str| name.split_whitespace().collect::<String>().to_lowercase();
    // The people who had each name or email address.
    let mut owners: HashMap<String, HashSet<&str>> = HashMap::new();
    for (_, link) in journal.links() {
        let email = link.email.as_deref().map(str::to_owned);
        for text in [Some(folded(&link.person)), email].into_iter().flatten() {
            owners.entry(text).or_default().insert(&link.person_key);
        }
    }
    let known: HashSet<&str> = journal.links().map(|(_, link)| link.person_key.as_str()).collect();
    let is_exchanged = |launch: &&Launch| {
        let key = launch.person_key();
        let name = launch.who.name.as_deref().map(folded).filter(|_| !key.starts_with("name "));
        let email = launch.who.email.as_deref().map(str::to_lowercase);
        let email = email.filter(|_| key.starts_with("id "));
        let is_anothers =
            |text: String| owners.get(&text).is_some_and(|owners| !owners.contains(key.as_str()));
        known.contains(key.as_str()) && [name, email].into_iter().flatten().any(is_anothers)
    };
    let exchanged = launches.iter().filter(|it| it.state != State::Skipped).filter(is_exchanged);
    let places: Vec<String> = exchanged.map(|launch| rows.place(launch.row, None)).collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    (!places.is_empty()).then(|| {
        format!(
            "the name or email address on {} belonged to someone else when the links were made; check \
             that no column was sorted on its own",
            listed(&places)
        )
    })
}

/// Rejects rows with the room of another id.
fn check_rooms(rows: &Rows, launches: &[Launch], rooms: &HashMap<&str, &str>) -> Result<()> {
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
    let error = Error::new(
        Kind::Usage,
        format!(
            "the id in {} changed since the links were made",
            words::count(changed.len(), "row")
        ),
    );
    Err(error.with_causes(words::first_of(changed, 10)).with_hint(
        "restore the ids (a spreadsheet may have changed 007 to 7), or clear room_id in these \
         rows to use new Spaces",
    ))
}

/// Rejects ids that lost the leading zeros with which their links were made.
fn check_zeros(rows: &Rows, launches: &[Launch], known: &HashSet<&str>) -> Result<()> {
    // In a links file, room_id shows whether another Space is meant.
    let has_rooms = match rows {
        Rows::Table { grid, .. } => grid.results.is_some(),
        Rows::Bodies { bodies, .. } => bodies.entries.iter().any(|entry| entry.result.is_some()),
    };
    if has_rooms {
        return Ok(());
    }
    let in_roster: HashSet<&str> = launches.iter().map(|launch| launch.id.as_str()).collect();
    let with_zeros: HashMap<&str, &str> = known
        .iter()
        .filter(|id| id.starts_with('0') && !in_roster.contains(**id))
        .map(|id| (id.trim_start_matches('0'), *id))
        .collect();
    let mut changed: Vec<String> = launches
        .iter()
        .filter(|launch| !known.contains(launch.id.as_str()))
        .filter_map(|launch| {
            let earlier = with_zeros.get(launch.id.trim_start_matches('0'))?;
            let place = rows.place(launch.row, None);
            let (id, earlier) = (untrusted(&launch.id), untrusted(earlier));
            Some(format!(
                "{place}: the id is \"{id}\", but the earlier links are for \"{earlier}\""
            ))
        })
        .collect();
    changed.dedup();
    if changed.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the id in {} changed since the links were made",
        words::count(changed.len(), "row")
    );
    Err(Error::new(Kind::Usage, message).with_causes(words::first_of(changed, 10)).with_hint(
        "restore the ids (a spreadsheet may have changed 007 to 7); to use new Spaces, choose another \
         file with -o",
    ))
}

/// The room that an earlier run wrote to a row.
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

#[cfg(test)]
mod tests {
    use super::super::journal::tests::{failed, link_until, opened};
    use super::super::launches::tests::launches;
    use super::*;

    const NOW: &str = "2026-12-01T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn hours(hours: i64) -> Timestamp {
        now() + SignedDuration::from_hours(hours)
    }

    /// The action for one launch after `write` has filled the journal.
    fn action(
        body: &str,
        min_valid: SignedDuration,
        write: impl FnOnce(&mut Journal, &Launch),
    ) -> Action {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, launches) = launches(body, now());
        let mut journal = opened(&folder);
        write(&mut journal, &launches[0]);
        Plan::new(&launches, Some(&journal), min_valid, now()).actions[0]
    }

    #[test]
    fn a_link_is_renewed_when_it_has_expired_or_expires_too_soon() {
        const PLAIN: &str = r#"{"id":"a","user":{"id":"1"}}"#;
        let until = |text: &str| {
            format!(r#"{{"id":"a","user":{{"id":"1"}},"timeouts":{{"not_after":"{text}"}}}}"#)
        };
        let second = SignedDuration::from_secs(1);
        let day = SignedDuration::from_hours(24);
        let none = SignedDuration::ZERO;
        for (body, ends_at, min_valid, expected) in [
            (PLAIN.to_owned(), now() + second, none, Action::Keep),
            (PLAIN.to_owned(), now(), none, Action::Renew),
            (PLAIN.to_owned(), hours(-1), none, Action::Renew),
            (PLAIN.to_owned(), hours(24) + second, day, Action::Keep),
            (PLAIN.to_owned(), hours(24), day, Action::Renew),
            // The link already lasts until the lesson ends.
            (until("2026-12-01T13:00:00Z"), hours(1), day, Action::Keep),
            (until("2026-12-01T13:00:00.9Z"), hours(1), day, Action::Keep),
            (until("2026-12-01T12:30:00Z"), hours(1), day, Action::Keep),
            // The lesson ends after its link expires.
            (until("2026-12-01T13:00:01Z"), hours(1), day, Action::Renew),
            (until("2026-12-01T13:00:01Z"), hours(1), none, Action::Keep),
            (until("2026-12-01T13:00:00Z"), hours(-1), none, Action::Renew),
            (until("2026-12-01T12:00:00Z"), hours(1), day, Action::Ended),
        ] {
            let found =
                action(&body, min_valid, |journal, launch| link_until(journal, launch, ends_at));
            assert_eq!(found, expected, "{body} until {ends_at}, min-valid {min_valid}");
        }
    }

    #[test]
    fn failed_launches_are_retried_even_with_a_good_link() {
        const BODY: &str = r#"{"id":"a","user":{"id":"1"}}"#;
        type Write = fn(&mut Journal, &Launch);
        let cases: [(Write, Action); 6] = [
            (|_, _| (), Action::New),
            (|journal, launch| journal.mark(launch), Action::New),
            (failed, Action::Retry),
            (
                |journal, launch| {
                    link_until(journal, launch, hours(100));
                    failed(journal, launch);
                },
                Action::Retry,
            ),
            (
                |journal, launch| {
                    failed(journal, launch);
                    link_until(journal, launch, hours(100));
                },
                Action::Keep,
            ),
            (
                |journal, launch| {
                    link_until(journal, launch, hours(100));
                    journal.mark(launch);
                    journal.unmark(launch);
                },
                Action::Keep,
            ),
        ];
        for (index, (write, expected)) in cases.into_iter().enumerate() {
            assert_eq!(action(BODY, SignedDuration::ZERO, write), expected, "case {index}");
        }
    }

    #[test]
    fn a_lesson_without_an_end_is_over_after_seven_days() {
        let from = |text: &str| {
            format!(r#"{{"id":"a","user":{{"id":"1"}},"timeouts":{{"not_before":"{text}"}}}}"#)
        };
        for (start, expected) in [
            ("2026-11-24T12:00:00Z", Action::Ended),
            ("2026-11-24T12:00:01Z", Action::New),
            ("2026-12-31T12:00:00Z", Action::New),
        ] {
            assert_eq!(action(&from(start), SignedDuration::ZERO, |_, _| ()), expected, "{start}");
        }
    }

    #[test]
    fn excluded_people_are_not_sent_and_do_not_count_as_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let body = |id: &str, name: &str| {
            format!("{{\"id\":\"{id}\",\"user\":{{\"name\":\"{name}\"}}}}\n")
        };
        // Cleo has two lessons; the link that expires last counts.
        let cleo =
            r#"{"id":"b","user":{"name":"Cleo"},"timeouts":{"not_after":"2026-12-02T18:00:00Z"}}"#;
        let text = [body("a", "Ann"), body("a", "Ben"), body("b", "Cleo"), body("b", "Dan")];
        let (_, all) = launches(&format!("{}{cleo}", text.concat()), now());
        let mut journal = opened(&folder);
        for (launch, until) in all.iter().zip([48, 24, 48, -1, 30]) {
            link_until(&mut journal, launch, hours(until));
        }
        // Ben has another lesson time, Cleo and Dan are gone, and Dan's link has expired.
        let ben =
            r#"{"id":"a","user":{"name":"Ben"},"timeouts":{"not_after":"2026-12-02T12:00:00Z"}}"#;
        let (_, mut left) = launches(&format!("{}{ben}", body("a", "Ann")), now());
        left[0].state = State::Skipped;
        let plan = Plan::new(&left, Some(&journal), SignedDuration::ZERO, now());
        assert_eq!(plan.actions, [Action::Skip, Action::New]);
        assert_eq!((plan.to_send(), plan.count(Action::Skip)), (1, 1));
        assert_eq!(plan.gone, [Gone { shown: "Cleo (b)".to_owned(), until: hours(48) }]);
    }

    #[test]
    fn a_roster_must_share_a_space_or_a_person_with_the_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, first) = launches(r#"{"id":"a","user":{"id":"1","name":"Ann"}}"#, now());
        let mut journal = opened(&folder);
        let check = |journal: &Journal, text: &str| {
            let (rows, launches) = launches(text, now());
            check_resumed(&rows, &launches, journal).map_err(|error| error.message.clone())
        };
        let other = r#"{"id":"b","user":{"id":"2","name":"Ann"}}"#;
        // Without links there is nothing to lose.
        journal.mark(&first[0]);
        failed(&mut journal, &first[0]);
        assert_eq!(check(&journal, other), Ok(()));
        link_until(&mut journal, &first[0], hours(-100));
        let refused = "this roster has no Space or person in common with the links file";
        for (text, expected) in [
            (other.to_owned(), Err(refused.to_owned())),
            (r#"{"id":"A","user":{"name":"Bo"}}"#.to_owned(), Err(refused.to_owned())),
            (r#"{"id":"b"}"#.to_owned(), Err(refused.to_owned())),
            (r#"{"id":"a"}"#.to_owned(), Ok(())),
            (r#"{"id":"b","user":{"id":"1"}}"#.to_owned(), Ok(())),
            (format!("{other}\n{}", r#"{"id":"a","user":{"id":"9"}}"#), Ok(())),
        ] {
            assert_eq!(check(&journal, &text), expected, "{text}");
        }
    }

    #[test]
    fn a_row_with_the_room_of_another_id_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let row = |id: &str, room: &str| {
            format!(
                "{{\"id\":\"{id}\",\"user\":{{\"id\":\"1\"}},\"result\":{{\"room_id\":{room}}}}}\n"
            )
        };
        let (_, first) = launches(&row("007", "null"), now());
        let mut journal = opened(&folder);
        link_until(&mut journal, &first[0], hours(1));
        for (id, room, is_refused) in [
            ("007", "\"room-of-007\"", false),
            ("7", "\"room-of-007\"", true),
            ("7", "\" room-of-007 \"", false),
            ("7", "\"room-of-7\"", false),
            ("7", "\"\"", false),
            ("7", "null", false),
        ] {
            let (rows, launches) = launches(&row(id, room), now());
            let checked = check_resumed(&rows, &launches, &journal);
            assert_eq!(checked.is_err(), is_refused, "{id} {room}");
            if let Err(error) = checked {
                assert_eq!(error.message, "the id in 1 row changed since the links were made");
                assert_eq!(
                    error.causes,
                    ["line 1: the id is \"7\", but its room_id belongs to \"007\""]
                );
            }
        }
        // Only the first ten rows are listed.
        let many: String = (0..12).map(|_| row("7", "\"room-of-007\"")).collect();
        let many = many.replace("\"user\":{\"id\":\"1\"}", "\"name\":\"x\"");
        let (rows, launches) = launches(&many, now());
        let error = check_resumed(&rows, &launches, &journal).expect_err("refused");
        assert_eq!((error.causes.len(), error.causes[10].as_str()), (11, "and 2 more"));
    }
}
