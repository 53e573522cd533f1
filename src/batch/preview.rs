//! The plan as a table for teachers to check: Spaces, people, leaders, lesson times and actions.

use super::launches::{Defaults, Launch, State};
use super::plan::{Action, Gone, Plan};
use super::row_problems::listed;
use crate::body::times;
use crate::escape::untrusted;
use crate::json::Value;
use crate::terminal::shell::Shell;
use crate::words::{count, plural, shortened};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap};
use unicode_width::UnicodeWidthStr as _;

/// Maximum width of the name column, so that a line fits an 80-column terminal.
const WIDEST: usize = 32;

/// What is known about a run before it starts.
pub struct Preview<'a> {
    pub launches: &'a [Launch],
    pub plan: &'a Plan,
    pub defaults: &'a Defaults,
    /// Requests per second; 0 means no limit.
    pub rate: f64,
    /// How many rows are left out, and why: `(3, "rows left out by --only")`.
    pub left_out: Vec<(usize, String)>,
}

/// The launches of one Space, in roster order.
struct Space<'a> {
    id: &'a str,
    name: Option<String>,
    launches: Vec<(&'a Launch, Action)>,
}

/// What is left out of the run, on one line.
pub fn left_out(reasons: &[(usize, String)]) -> Option<String> {
    let reasons: Vec<String> =
        reasons.iter().map(|(number, what)| format!("{number} {what}")).collect();
    (!reasons.is_empty()).then(|| format!("left out: {}", reasons.join(", ")))
}

impl Preview<'_> {
    /// The number of links and Spaces, how long the run takes, and what is left out.
    pub fn counts(&self) -> Vec<String> {
        let sent: Vec<&Launch> = self.sent().collect();
        let mut ids: Vec<&str> = sent.iter().map(|launch| launch.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut lines = Vec::new();
        if sent.is_empty() {
            let kept = self.plan.count(Action::Keep);
            lines.push(nothing_to_send(kept));
        } else {
            let mut line =
                format!("{} in {}", count(sent.len(), "link"), count(ids.len(), "Space"));
            let parts: Vec<String> = [Action::New, Action::Renew, Action::Retry]
                .into_iter()
                .map(|action| (self.plan.count(action), action))
                .filter(|(count, action)| {
                    *count > 0 && !(*action == Action::New && *count == sent.len())
                })
                .map(|(count, action)| match action {
                    Action::New => format!("{count} new"),
                    Action::Renew => format!("{count} to renew"),
                    _ => format!("{count} to retry"),
                })
                .collect();
            if !parts.is_empty() {
                line = format!("{line} ({})", parts.join(", "));
            }
            if self.rate > 0.0 {
                #[expect(clippy::cast_precision_loss, reason = "rosters are far below 2^52 rows")]
                let seconds = sent.len() as f64 / self.rate;
                let time = SignedDuration::try_from_secs_f64(seconds.ceil());
                let time = time.unwrap_or(SignedDuration::MAX);
                line = format!("{line}, about {}", times::length(time));
            }
            lines.push(line);
            let kept = self.plan.count(Action::Keep);
            if kept > 0 {
                lines.push(format!("{} still good", plural(kept, "link is", "links are")));
            }
        }
        let ended = self.plan.count(Action::Ended);
        if ended > 0 {
            lines.push(format!(
                "{} already over: no link",
                plural(ended, "lesson is", "lessons are")
            ));
        }
        lines.extend(left_out(&self.left_out));
        lines
    }

    fn sent(&self) -> impl Iterator<Item = &Launch> {
        let actions = self.plan.actions.iter();
        self.launches.iter().zip(actions).filter(|(_, action)| action.is_sent()).map(|(it, _)| it)
    }

    /// Number of Spaces in this roster.
    pub fn spaces(&self) -> usize {
        self.grouped().len()
    }

    fn grouped(&self) -> Vec<Space<'_>> {
        let mut spaces: Vec<Space> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (launch, action) in self.launches.iter().zip(&self.plan.actions) {
            if launch.state == State::Skipped {
                continue;
            }
            let place = *places.entry(&launch.id).or_insert_with(|| {
                let name = launch.draft.body().get("name").and_then(Value::as_text);
                let name = name.filter(|name| **name != launch.id).map(|name| untrusted(&name));
                spaces.push(Space { id: &launch.id, name, launches: Vec::new() });
                spaces.len() - 1
            });
            spaces[place].launches.push((launch, *action));
        }
        spaces
    }

    /// The lines of the table.
    pub fn table(&self) -> Vec<String> {
        let spaces = self.grouped();
        let name_of = |launch: &Launch| shortened(&launch.who.shown(), WIDEST);
        let names = spaces.iter().flat_map(|space| &space.launches);
        let width = names.map(|(launch, _)| name_of(launch).width()).max().unwrap_or_default();
        let has_leaders =
            spaces.iter().flat_map(|space| &space.launches).any(|(it, _)| it.who.leads);
        let when: Vec<Vec<String>> = spaces
            .iter()
            .map(|space| space.launches.iter().map(|(it, _)| self.when(it)).collect())
            .collect();
        let widest_time = when.iter().flatten().map(|when| when.width()).max().unwrap_or_default();
        let mut lines = Vec::new();
        for (space, when) in spaces.iter().zip(&when) {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            let name = space.name.as_ref().map_or_else(String::new, |name| format!("  {name}"));
            lines.push(format!("{}{name}", untrusted(space.id)));
            for ((launch, action), when) in space.launches.iter().zip(when) {
                let mut line = format!("  {}", padded(&name_of(launch), width));
                if has_leaders {
                    line.push_str(if launch.who.leads { "  leads" } else { "       " });
                }
                if widest_time > 0 {
                    line.push_str("  ");
                    line.push_str(&padded(when, widest_time));
                }
                line.push_str("  ");
                line.push_str(action.word());
                lines.push(line);
            }
        }
        lines
    }

    /// The lesson time of a launch in its own time zone; empty if there is none.
    fn when(&self, launch: &Launch) -> String {
        let zone = launch.zone(self.defaults);
        match (launch.window.not_before, launch.window.not_after) {
            (Some(start), Some(end)) => times::span(start, end, zone),
            (Some(start), None) => format!("from {}", times::shown(start, zone)),
            (None, Some(end)) => format!("until {}", times::shown(end, zone)),
            (None, None) => String::new(),
        }
    }

    /// What a teacher should see besides the counts: the time zone, Spaces without a leader, and people
    /// who are no longer in the roster but have valid links. Their names do not belong in logs that
    /// others read.
    pub fn notes(&self, with_names: bool) -> Vec<String> {
        let mut notes: Vec<String> = self.zone().into_iter().collect();
        notes.extend(self.without_leader());
        notes.extend(if with_names { self.gone() } else { self.gone_count() });
        notes
    }

    /// The time zones of the lesson times, if any launch has local times.
    fn zone(&self) -> Option<String> {
        let local = self.launches.iter().filter(|launch| launch.draft.has_local_times());
        let zones: BTreeSet<&str> =
            local.map(|launch| times::zone_name(launch.zone(self.defaults))).collect();
        let zones: Vec<&str> = zones.into_iter().collect();
        (!zones.is_empty()).then(|| format!("lesson times are in {}", listed(&zones)))
    }

    /// Spaces without a leader and, on a separate line for copying, the command to make a leader link.
    fn without_leader(&self) -> Vec<String> {
        let spaces = self.grouped();
        let without: Vec<String> = spaces
            .iter()
            .filter(|space| space.launches.iter().any(|(_, action)| *action != Action::Ended))
            .filter(|space| space.launches.iter().all(|(launch, _)| !launch.who.leads))
            .map(|space| untrusted(space.id))
            .collect();
        let Some(first) = without.first() else { return Vec::new() };
        let ids: Vec<&str> = without.iter().map(String::as_str).collect();
        let shell = Shell::in_use();
        let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let flags = connection_flags(words);
        let flags = flags.iter().map(|word| shell.quote(word) + " ").collect::<String>();
        let id = shell.quote(first);
        vec![
            format!("no leader in {}: {}", count(ids.len(), "Space"), listed(&ids)),
            format!("  to make a leader link, run: lessonspace launch {flags}--id {id} --leader"),
        ]
    }

    /// People whose links are valid although the roster no longer says so.
    fn gone(&self) -> Vec<String> {
        let list = |people: &[Gone], what: &str| {
            let last = people.iter().map(|gone| gone.until).max()?;
            let shown: Vec<&str> = people.iter().map(|gone| gone.shown.as_str()).collect();
            Some(format!(
                "{what} (until {} at the latest): {}",
                times::shown(last, &self.defaults.zone),
                listed(&shown)
            ))
        };
        let gone = list(&self.plan.gone, "people no longer in the roster whose links still work");
        let demoted =
            list(&self.plan.demoted, "people who no longer lead but whose leader links still work");
        gone.into_iter().chain(demoted).collect()
    }

    fn gone_count(&self) -> Vec<String> {
        let gone = match self.plan.gone.len() {
            0 => None,
            1 => Some("1 link still works for someone who is no longer in the roster".to_owned()),
            gone => {
                Some(format!("{gone} links still work for people who are no longer in the roster"))
            }
        };
        let demoted = match self.plan.demoted.len() {
            0 => None,
            1 => Some("1 leader link still works for someone who no longer leads".to_owned()),
            demoted => {
                Some(format!("{demoted} leader links still work for people who no longer lead"))
            }
        };
        gone.into_iter().chain(demoted).collect()
    }
}

/// The message if every link is kept.
pub fn nothing_to_send(kept: usize) -> String {
    match kept {
        0 => "nothing to send".to_owned(),
        1 => "nothing to send: the link is still good".to_owned(),
        2 => "nothing to send: both links are still good".to_owned(),
        _ => format!("nothing to send: all {kept} links are still good"),
    }
}

/// The flags that select the API and the key, which other commands need too.
fn connection_flags(words: impl Iterator<Item = String>) -> Vec<String> {
    const WITH_VALUE: [&str; 3] = ["--profile", "--api-url", "--api-key-file"];
    let mut flags = Vec::new();
    let mut words = words.take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let is_whole = word.split_once('=').is_some_and(|(name, _)| WITH_VALUE.contains(&name));
        if word == "--sandbox" || is_whole {
            flags.push(word);
        } else if WITH_VALUE.contains(&word.as_str()) {
            flags.push(word);
            flags.extend(words.next());
        }
    }
    flags
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
