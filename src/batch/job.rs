//! A batch that is ready to send: the roster has been read, and its launches made and checked.

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

/// A batch that is checked and ready to send.
pub struct Job {
    pub rows: Rows,
    pub defaults: Defaults,
    pub made: Made,
    /// How the roster was read.
    pub recipe: Recipe,
    /// The filters that the next run uses, if not those of the recipe.
    pub only_of_next_run: Option<Vec<String>>,
    /// A day in the recipe's week; `next` is counted from the start of this run.
    pub week_of: Option<Date>,
    /// Where the links are saved; `None` only for a dry run.
    pub links: Option<Links>,
    pub dry_run: bool,
    pub settings: Settings,
    /// Time limit for all attempts of a launch.
    pub time: Duration,
    /// Requests per second; 0 means no limit.
    pub rate: f64,
    pub max_wait: Option<Duration>,
    /// Time limit to check a key entered at a prompt, if prompts are allowed.
    pub asking: Option<Duration>,
    /// Whether to ask for confirmation before sending.
    pub confirms: bool,
    /// The answers about the columns, as flags for next time.
    pub answers: Vec<String>,
    /// The roster's path as given.
    pub path: Option<PathBuf>,
    /// Warnings and notes about how the roster was read.
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
    /// How many people of an export were left out, and why.
    pub left_out: Vec<(usize, String)>,
}

/// The links file, and what happens to links from an earlier run.
#[derive(Debug, Clone)]
pub struct Links {
    pub path: PathBuf,
    pub start: Start,
    pub min_valid: SignedDuration,
    /// Whether the path was chosen automatically.
    pub is_chosen: bool,
    /// Whether an earlier run is continued without `--resume`; in a terminal, a prompt follows the plan.
    pub is_update: bool,
}

impl Job {
    /// How long a link must still be valid to be kept.
    pub fn min_valid(&self) -> SignedDuration {
        self.links.as_ref().map_or(SignedDuration::ZERO, |links| links.min_valid)
    }

    pub fn preview<'a>(&'a self, plan: &'a Plan) -> Preview<'a> {
        let mut left_out = self.left_out.clone();
        let rows = |number: usize| if number == 1 { "row" } else { "rows" };
        if self.made.left_out > 0 {
            let number = self.made.left_out;
            left_out.push((number, format!("{} (--only)", rows(number))));
        }
        if self.made.hidden_left_out > 0 {
            let number = self.made.hidden_left_out;
            left_out.push((number, format!("hidden {}", rows(number))));
        }
        Preview {
            launches: &self.made.launches,
            plan,
            defaults: &self.defaults,
            rate: self.rate,
            left_out,
        }
    }

    /// Prints notes and warnings about how the roster was read.
    pub fn print_reading_notes(&self, printer: Printer) {
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

    /// Gives JSON bodies from a links file the keys of their original launches: their times are absolute,
    /// so their own keys differ.
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
