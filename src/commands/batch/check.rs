//! Everything about the whole roster that must be right before the first request: each row by
//! itself, and rows against each other.

use super::alike::{self, Space};
use super::rows::{RowDraft, Rows};
use super::told::Told;
use crate::body::{LaunchRequest, schema};
use crate::error::Error;
use crate::escape::untrusted;
use crate::json::{Origin, Value};
use crate::old_roster::journal::Key;
use crate::problem::{Findings, Problem, ProblemKind};
use jiff::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// What is kept of each launch between checking and sending.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// What tells it from others, in this run and in later ones.
    pub key: Key,
    /// Which Space it belongs to, counted from 0.
    pub space: u32,
    /// Whether its own window has passed.
    pub has_ended: bool,
    /// Whether there is no such launch: the person is not in the row.
    pub is_absent: bool,
}

/// What checking found.
pub struct Checked {
    /// A task for each row and person, in the roster's order.
    pub tasks: Vec<Task>,
    /// Warnings about rows, those shown and how many there are.
    pub warnings: Vec<String>,
    /// Whether any row has a time whose zone only this run gives.
    pub has_local_times: bool,
}

/// One pass over the roster.
struct Check<'a> {
    rows: &'a Rows,
    tasks: Vec<Task>,
    told: Told<'a>,
    spaces: HashMap<String, u32>,
    folded_ids: HashMap<String, String>,
    people: HashMap<Key, u32>,
    settings: HashMap<(u32, Key), (Key, u32)>,
    leaders: HashMap<u32, u32>,
    keys: HashMap<Key, u32>,
    /// The id of each Space before it was shortened, and its first line; only with `--shorten-ids`.
    whole_ids: HashMap<u32, (Key, u32)>,
    /// The line under way, and what is told of it already.
    last_line: u32,
    /// How many rows each Space has, and the lines of the first and the last.
    space_rows: Vec<(u32, u32, u32)>,
    told_of_line: Vec<Problem>,
    has_local_times: bool,
}

/// Checks all rows. With `may_have_ended`, a row whose window has passed is not a problem, and what is
/// `told` already, of what every row gets, is not told once more.
pub async fn check(
    rows: &Rows,
    now: Timestamp,
    may_have_ended: bool,
    told: &[Problem],
) -> Result<Checked, Error> {
    let mut check = Check::new(rows);
    for launch in 0..rows.launches() {
        check.launch(launch, now, may_have_ended, told);
        if launch % 1000 == 999 {
            // Ctrl-C is heard between two steps only.
            tokio::task::yield_now().await;
        }
    }
    check.finish()
}

impl<'a> Check<'a> {
    fn new(rows: &'a Rows) -> Self {
        Self {
            rows,
            tasks: Vec::new(),
            told: Told::new(rows),
            spaces: HashMap::new(),
            folded_ids: HashMap::new(),
            people: HashMap::new(),
            settings: HashMap::new(),
            leaders: HashMap::new(),
            keys: HashMap::new(),
            whole_ids: HashMap::new(),
            last_line: 0,
            space_rows: Vec::new(),
            told_of_line: Vec::new(),
            has_local_times: false,
        }
    }

    fn launch(&mut self, launch: usize, now: Timestamp, may_have_ended: bool, told: &[Problem]) {
        let line = self.rows.roster.line(self.rows.row_of(launch));
        let mut findings = Findings::default();
        let draft = self.rows.draft(launch, &mut findings);
        if draft.is_none() && findings.problems.is_empty() {
            let key = Key::of("");
            self.tasks.push(Task { key, space: u32::MAX, has_ended: false, is_absent: true });
            return;
        }
        let request = draft.as_ref().map(|draft| draft.resolve(now, &mut findings));
        let id = request.as_ref().map(LaunchRequest::id).unwrap_or_default();
        let has_ended = findings.problems.iter().any(|problem| problem.kind == ProblemKind::Ended);
        if may_have_ended {
            findings.problems.retain(|problem| problem.kind != ProblemKind::Ended);
        }
        findings.problems.retain(|problem| {
            !told
                .iter()
                .any(|told| (&told.place, &told.message) == (&problem.place, &problem.message))
        });
        for warning in findings.warnings {
            self.told.warn(warning);
        }
        let is_sound = findings.problems.is_empty();
        if self.last_line != line {
            self.told_of_line.clear();
            self.last_line = line;
        }
        for problem in findings.problems {
            // What everybody of a row has is told once.
            if !self.told_of_line.contains(&problem) {
                self.told_of_line.push(problem.clone());
                self.told.problem(line, &id, problem);
            }
        }
        if let (true, Some(draft), Some(request)) = (is_sound, &draft, &request) {
            self.compare(draft, request, &id, line, has_ended);
        }
    }

    /// Holds a sound row against those before it.
    fn compare(
        &mut self,
        draft: &RowDraft,
        request: &LaunchRequest,
        id: &str,
        line: u32,
        has_ended: bool,
    ) {
        let next = u32::try_from(self.spaces.len()).unwrap_or(u32::MAX);
        let space = *self.spaces.entry(id.to_owned()).or_insert(next);
        if space == next {
            self.compare_id(id);
            self.space_rows.push((0, line, 0));
        }
        if let Some((rows, _, last)) = self.space_rows.get_mut(space as usize)
            && *last != line
        {
            *rows += 1;
            *last = line;
        }
        if draft.shortens_ids {
            self.compare_whole_id(draft.long_id().unwrap_or(id), id, line, space);
        }
        self.has_local_times |= draft.has_local_times();
        let key = Key::of(&draft.content());
        self.compare_person(request, id, line, space, key);
        self.compare_settings(request, id, line, space);
        if request.is_leader() {
            self.compare_leader(id, line, space);
        }
        self.tasks.push(Task { key, space, has_ended, is_absent: false });
    }

    fn compare_leader(&mut self, id: &str, line: u32, space: u32) {
        if let Some(&first) = self.leaders.get(&space) {
            let warning = format!(
                "{}: a second leader in Space {} (the first is {}); several are possible, but \
                 Lessonspace advises against it",
                self.told.shown(line),
                untrusted(id),
                self.told.at(first)
            );
            self.told.warn(warning);
        } else {
            self.leaders.insert(space, line);
        }
    }

    fn compare_id(&mut self, id: &str) {
        match self.folded_ids.entry(id.to_lowercase()) {
            Entry::Occupied(first) => {
                let warning = format!(
                    "the ids {} and {} differ only in case, and are two Spaces",
                    untrusted(first.get()),
                    untrusted(id)
                );
                self.told.warn(warning);
            }
            Entry::Vacant(place) => {
                place.insert(id.to_owned());
            }
        }
    }

    /// Holds the Spaces against each other, once all rows are known.
    fn compare_spaces(&mut self) {
        let mut spaces: Vec<Space> = self
            .spaces
            .iter()
            .filter_map(|(id, space)| {
                let (rows, line, _) = *self.space_rows.get(*space as usize)?;
                Some(Space { id, rows, line })
            })
            .collect();
        spaces.sort_by_key(|space| space.line);
        let found = alike::warnings(&spaces);
        for (line, warning) in found {
            self.told.warn(format!("{}: {warning}", self.told.shown(line)));
        }
    }

    /// Two ids with one short form would be one Space.
    fn compare_whole_id(&mut self, whole: &str, id: &str, line: u32, space: u32) {
        let key = Key::of(whole);
        let (first_key, first_line) = *self.whole_ids.entry(space).or_insert((key, line));
        if first_key != key {
            let message = format!(
                "another id, {}, has the same short form; change one of them",
                self.told.at(first_line)
            );
            self.told.problem(line, id, Problem::new("id", message));
        }
    }

    fn compare_person(
        &mut self,
        request: &LaunchRequest,
        id: &str,
        line: u32,
        space: u32,
        key: Key,
    ) {
        let same_person = request.person_key().and_then(|person| {
            let person = format!("{space} {:?} {person}", request.window);
            self.people.insert(Key::of(&person), line)
        });
        // Two rows that ask for the very same, as of two guests, would be one to the journal.
        let first = self.keys.insert(key, line).or(same_person);
        if let Some(first) = first {
            let (who, remedy) = if request.is_guest() {
                ("a guest", "; one link is enough for several guests")
            } else {
                ("the same person", "")
            };
            let message =
                format!("{who} with the same window is {} already{remedy}", self.told.at(first));
            self.told.problem(line, id, Problem::new("", message));
        }
    }

    /// Settings belong to the Space; two rows that give one must give the same.
    fn compare_settings(&mut self, request: &LaunchRequest, id: &str, line: u32, space: u32) {
        for member in request.body().members() {
            if schema::scope(member.name()) != schema::Scope::Space {
                continue;
            }
            let value = Key::of(&Value::to_json(&member.value));
            let (first_value, first_line) =
                *self.settings.entry((space, Key::of(member.name()))).or_insert((value, line));
            if first_value != value {
                let message =
                    format!("differs from {} of the same Space", self.told.shown(first_line));
                let place = match &member.value.origin {
                    Origin::Label(label) => label.to_string(),
                    _ => untrusted(member.name()),
                };
                self.told.problem(line, id, Problem::new(place, message));
            }
        }
    }

    fn finish(mut self) -> Result<Checked, Error> {
        if !self.told.has_problems() {
            self.compare_spaces();
            if self.tasks.iter().all(|task| task.is_absent) {
                let message = "finds nobody in any row; look at the columns that it names";
                return Err(Error::usage("--recipe", message));
            }
        }
        // What only comparing needed is given back before anything is sent.
        let Self { tasks, told, has_local_times, .. } = self;
        Ok(Checked { tasks, warnings: told.finish()?, has_local_times })
    }
}
