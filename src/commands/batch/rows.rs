//! From a roster's row to a checked body: the defaults of the command line below, the row on top.

use super::columns::Columns;
use super::target::RowValues;
use crate::body::{
    self, BodyFile, BodyLayers, Clock, Draft, LaunchRequest, LessonTime, Purpose, ValidFor, zone,
};
use crate::escape::untrusted;
use crate::json::Object;
use crate::old_roster::read::{Roster, Row};
use crate::problem::{Findings, Problem};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::Range;

/// What every row gets unless it says otherwise.
#[derive(Debug)]
pub struct Defaults {
    /// The merged body of `--file`, `--set` and flags, each value labelled with its place.
    pub body: Object,
    /// `--valid-for`
    pub valid_for: Option<ValidFor>,
    /// `--lesson-time`
    pub lesson_time: Option<LessonTime>,
    /// `--strict`
    pub strict: bool,
    /// `--shorten-ids`
    pub shorten_ids: bool,
    /// The zone of times without one.
    pub zone: TimeZone,
}

/// A roster whose rows can be turned into bodies, again and again.
pub struct Rows {
    /// The roster.
    pub roster: Roster,
    /// Its columns.
    pub columns: Columns,
    /// The people of a row; none where a row is one person without a name.
    pub people: Vec<String>,
    /// Its name in messages.
    pub name: String,
    /// What every row gets.
    pub defaults: Defaults,
}

/// A row as a body whose times are still as written.
pub struct RowDraft {
    /// The body.
    pub draft: Draft,
    /// Whether ids that are too long get a short form.
    pub shortens_ids: bool,
    zone: TimeZone,
    /// The zone that the row itself names: times as written mean nothing without it.
    own_zone: String,
    file: Option<BodyFile>,
}

impl Rows {
    /// How many launches there are at most: one for each row and person.
    pub fn launches(&self) -> usize {
        self.roster.len() * self.columns.people()
    }

    /// What one launch is to people.
    pub fn what(&self) -> &'static str {
        if self.people.is_empty() { "row" } else { "link" }
    }

    /// The row of a launch, counted from 0.
    pub fn row_of(&self, launch: usize) -> usize {
        launch / self.columns.people()
    }

    /// The launches of a row.
    pub fn launches_of(&self, row: usize) -> Range<usize> {
        let people = self.columns.people();
        row * people..(row + 1) * people
    }

    /// Builds and checks the body of a launch. Problems are added to `findings`; without a problem
    /// none means that the person is not in the row.
    pub fn draft(&self, launch: usize, findings: &mut Findings) -> Option<RowDraft> {
        let index = self.row_of(launch);
        let line = self.roster.line(index);
        match self.roster.row(index) {
            Err(error) => {
                findings.problem("", untrusted(&error.problem.to_string()));
                None
            }
            Ok(Row::Cells(cells)) => {
                let person = launch % self.columns.people();
                let values = self.columns.values(person, &cells, findings)?;
                Some(self.compose(self.defaults.body.clone(), None, values, findings))
            }
            Ok(Row::Json(json)) => {
                let text = json.body().into_owned().into_bytes();
                let file = findings.keep(BodyFile::parse_line(&self.name, line as usize, text))?;
                let mut body = self.defaults.body.clone();
                body.merge(file.body.clone());
                Some(self.compose(body, Some(file), RowValues::default(), findings))
            }
        }
    }

    fn compose(
        &self,
        base: Object,
        file: Option<BodyFile>,
        values: RowValues,
        findings: &mut Findings,
    ) -> RowDraft {
        let RowValues { assignments, valid_for, time_zone, guest } = values;
        let has_end = assignments.iter().any(|one| *one.path == ["timeouts", "not_after"])
            || file.as_ref().is_some_and(|file| file.body.at(&["timeouts", "not_after"]).is_some());
        let has_times = file.as_ref().is_some_and(|file| file.body.get("timeouts").is_some());
        let layers = BodyLayers {
            purpose: Purpose::Launch,
            person: None,
            base,
            file: file.as_ref(),
            assignments: &assignments,
            valid_for: valid_for.or_else(|| self.defaults.valid_for.clone().filter(|_| !has_end)),
            // A row of JSON that has its own times needs no other.
            lesson_time: self.defaults.lesson_time.clone().filter(|_| !has_times),
            guest,
            strict: self.defaults.strict,
            id_place: "id",
            shorten_ids: self.defaults.shorten_ids,
        };
        let draft = body::compose(layers, findings);
        let own_zone = time_zone.unwrap_or_default();
        let named = Some(own_zone.as_str()).filter(|name| !name.is_empty());
        let zone = named.and_then(|name| {
            findings.keep(zone::zone(name).map_err(|message| Problem::new("time zone", message)))
        });
        let zone = zone.unwrap_or_else(|| self.defaults.zone.clone());
        let shortens_ids = self.defaults.shorten_ids;
        RowDraft { draft, shortens_ids, zone, own_zone, file }
    }
}

impl RowDraft {
    /// The body as it is sent at `now`: relative times are counted from then.
    pub fn resolve(&self, now: Timestamp, findings: &mut Findings) -> LaunchRequest {
        let clock = Clock { now, zone: self.zone.clone() };
        self.draft.resolve(self.file.as_ref(), &clock, findings)
    }

    /// The id before it was shortened, if it was.
    pub fn long_id(&self) -> Option<&str> {
        self.draft.long_id()
    }

    /// Whether it has times whose zone it does not tell itself.
    pub fn has_local_times(&self) -> bool {
        self.own_zone.is_empty() && self.draft.has_local_times()
    }

    /// What tells this row from others: the body with times as written.
    pub fn content(&self) -> String {
        format!("{} {}", self.draft.content(), self.own_zone)
    }
}
