//! Asked and got: settings in force that contradict those that were sent, told once for the whole
//! run and not for each row.

use crate::api::Launch;
use crate::body::LaunchRequest;
use crate::join_link::{Asked, Contradiction, contradictions};
use crate::terminal::output::Printer;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

/// The settings that were not granted.
#[derive(Default)]
pub struct NotGranted(RefCell<BTreeMap<(String, bool), Spaces>>);

/// Where one setting was not granted.
struct Spaces {
    /// The id of the first, safe to show.
    first: String,
    all: HashSet<u32>,
}

impl NotGranted {
    /// Compares an answer with what was sent to this Space.
    pub fn note(&self, launch: &Launch, request: &LaunchRequest, space: u32) {
        let found = contradictions(&Asked::of(request), None, |name| launch.setting(name));
        for contradiction in found {
            let Contradiction::Setting { name, asked } = contradiction else { continue };
            let mut settings = self.0.borrow_mut();
            let spaces = settings
                .entry((name, asked))
                .or_insert_with(|| Spaces { first: request.shown_id(), all: HashSet::new() });
            spaces.all.insert(space);
        }
    }

    /// Warns, a line for each setting.
    pub fn tell(&self, printer: Printer) {
        for ((name, asked), Spaces { first, all }) in self.0.borrow().iter() {
            let others = match all.len() {
                1 => String::new(),
                2 => " and 1 other Space".to_owned(),
                count => format!(" and {} other Spaces", count - 1),
            };
            printer.warning(&format!(
                "{name}: {asked} was asked for, but {} is in force in {first}{others}",
                !asked
            ));
        }
    }
}
