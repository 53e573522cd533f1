//! A batch that is ready to be sent: the roster read, its columns understood, its launches made and
//! checked.

use super::journal::{Journal, Key, Start};
use super::launches::{Defaults, Made, Rows};
use super::plan::Plan;
use super::preview::Preview;
use super::recipe::Recipe;
use crate::escape::untrusted_path;
use crate::settings::Settings;
use crate::terminal::output::Printer;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// A batch, checked and ready to be sent.
pub struct Job {
    pub rows: Rows,
    pub defaults: Defaults,
    pub made: Made,
    /// How the roster was read.
    pub recipe: Recipe,
    /// A day of the week that the recipe names: what `next` meant when this run started.
    pub week_of: Option<Date>,
    /// Where the links go; none only for a dry run.
    pub links: Option<Links>,
    pub dry_run: bool,
    pub settings: Settings,
    /// The longest that the attempts of one launch may take.
    pub time: Duration,
    /// Requests per second; 0 means no limit.
    pub rate: f64,
    pub max_wait: Option<Duration>,
    /// The time to try a key that is asked for, if anyone may be asked.
    pub asking: Option<Duration>,
    /// Whether the first launch is asked about.
    pub confirms: bool,
    /// What was asked about the columns, as flags for next time.
    pub answers: Vec<String>,
    /// The roster's path as it was given.
    pub path: Option<PathBuf>,
    /// Warnings and lines about how the roster was read.
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
    /// Whom an export left out, and why.
    pub left_out: Vec<(usize, String)>,
}

/// Where the links go, and what happens to those of an earlier run.
#[derive(Debug, Clone)]
pub struct Links {
    pub path: PathBuf,
    pub start: Start,
    pub min_valid: SignedDuration,
    /// Whether the path was chosen for the user.
    pub is_chosen: bool,
    /// Whether the links are continued without `--resume`: a terminal asks first, after the plan.
    pub is_update: bool,
}

impl Job {
    /// How long links must still be good to be kept.
    pub fn min_valid(&self) -> SignedDuration {
        self.links.as_ref().map_or(SignedDuration::ZERO, |links| links.min_valid)
    }

    /// What is known before the run starts.
    pub fn preview<'a>(&'a self, plan: &'a Plan) -> Preview<'a> {
        let mut left_out = self.left_out.clone();
        let rows = |number: usize| if number == 1 { "row" } else { "rows" };
        if self.made.left_out > 0 {
            let number = self.made.left_out;
            left_out.push((number, format!("{} left out by --only", rows(number))));
        }
        if self.made.hidden_left_out > 0 {
            let number = self.made.hidden_left_out;
            left_out.push((number, format!("hidden {} left out", rows(number))));
        }
        Preview {
            launches: &self.made.launches,
            plan,
            defaults: &self.defaults,
            rate: self.rate,
            left_out,
        }
    }

    /// Says how the roster was read, and warns of what may be wrong with it.
    pub fn tell_reading(&self, printer: Printer) {
        if let Some(links) = self.links.as_ref().filter(|links| links.is_chosen && !self.dry_run) {
            printer.message(&format!("links file: {}", untrusted_path(&links.path)));
        }
        for note in &self.notes {
            printer.message(note);
        }
        for warning in &self.warnings {
            printer.warning(warning);
        }
    }

    /// Lets JSON bodies that a links file holds with absolute times be the launches they were.
    pub fn adopt_keys(&mut self, journal: &Journal) {
        if matches!(self.rows, Rows::Table { .. }) {
            return;
        }
        let sent: HashMap<Key, Key> =
            journal.links().filter_map(|(key, link)| Some((link.sent?, key))).collect();
        let now = Timestamp::now();
        let (rows, defaults) = (&self.rows, &self.defaults);
        for launch in &mut self.made.launches {
            if journal.record(launch.key).is_none() {
                let body = launch.body_at(rows, defaults, now);
                if let Some(key) = sent.get(&Key::of(&body.body().to_sorted_json())) {
                    launch.key = *key;
                }
            }
        }
    }
}
