//! What is to be done about each row: its link is good, to be renewed, or still missing.

use super::check::Task;
use super::queue::Todo;
use super::rows::Rows;
use crate::body::{LaunchRequest, times};
use crate::old_roster::journal::{Entry, Key, Link};
use crate::problem::Findings;
use crate::words::count;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// The rows that are to be sent, in the roster's order; `entry` tells what the journal knows of each.
pub fn todo(
    rows: &Rows,
    tasks: &[Task],
    entry: impl Fn(Key) -> Entry,
    min_valid: SignedDuration,
    now: Timestamp,
) -> Vec<Todo> {
    let mut todo = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        if task.has_ended || task.is_absent {
            continue;
        }
        let entry = entry(task.key);
        let is_good = entry.link.is_some_and(|link| {
            !entry.has_failed && !is_to_be_renewed(rows, index, link, min_valid, now)
        });
        if !is_good {
            todo.push(Todo {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                space: task.space,
                may_have_acted: entry.may_have_acted && entry.link.is_none(),
            });
        }
    }
    todo
}

/// A link that has ended, or ends too soon; unless the row's own window ends there.
fn is_to_be_renewed(
    rows: &Rows,
    index: usize,
    link: Link,
    min_valid: SignedDuration,
    now: Timestamp,
) -> bool {
    let Some(ends_at) = link.ends_at else { return false };
    if ends_at > now.saturating_add(min_valid).unwrap_or(Timestamp::MAX) {
        return false;
    }
    let Some(draft) = rows.draft(index, &mut Findings::default()) else { return true };
    let LaunchRequest { window, .. } = draft.resolve(now, &mut Findings::default());
    match window.not_after {
        Some(end) if ends_at > now => end > ends_at,
        _ => true,
    }
}

/// How many links in how many Spaces, and how long that takes at so many a second.
pub fn describe(todo: &[Todo], (all, what): (usize, &str), rate: f64) -> String {
    let spaces = todo.iter().map(|todo| todo.space).collect::<HashSet<_>>().len();
    let mut plan = format!("{} in {}", count(todo.len(), "link"), count(spaces, "Space"));
    if rate > 0.0 && !todo.is_empty() {
        #[expect(clippy::cast_precision_loss, reason = "rosters have far fewer rows than 2^52")]
        let seconds = todo.len() as f64 / rate;
        let time = SignedDuration::try_from_secs_f64(seconds.ceil()).unwrap_or(SignedDuration::MAX);
        plan = format!("{plan}, about {}", times::length(time));
    }
    if todo.len() < all {
        plan = format!("{plan}; {} of {} need none", all - todo.len(), count(all, what));
    }
    plan
}
