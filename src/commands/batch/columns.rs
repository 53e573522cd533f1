//! Which columns a roster may have, and what a cell of each becomes in the body.

use crate::body::{Assignment, ValueClass, schema};
use crate::escape::untrusted;
use crate::problem::{Findings, Problem};
use crate::roster::cell::{self, date};
use crate::roster::columns::{self, KnownColumn, Meaning, Vocabulary};
use crate::roster::read::{Cells, Roster};
use std::sync::Arc;

/// Where the cells of a known column go.
#[derive(Debug, Clone, Copy)]
enum Known {
    Path(&'static str),
    ValidFor,
    TimeZone,
    Guest,
    Feature,
    Webhook,
}

const KNOWN: [(&str, &[&str], Known); 24] = [
    ("id", &["space id"], Known::Path("id")),
    ("space name", &[], Known::Path("name")),
    ("user id", &[], Known::Path("user.id")),
    ("user name", &[], Known::Path("user.name")),
    ("user email", &["email", "e-mail"], Known::Path("user.email")),
    ("role", &[], Known::Path("user.role")),
    ("leader", &[], Known::Path("user.leader")),
    ("display name", &[], Known::Path("user.custom_jwt_parameters.meta.displayName")),
    ("kick on expiry", &[], Known::Path("user.custom_jwt_parameters.kickOnExp")),
    ("guest", &[], Known::Guest),
    ("not before", &[], Known::Path("timeouts.not_before")),
    ("not after", &[], Known::Path("timeouts.not_after")),
    ("valid for", &[], Known::ValidFor),
    ("time zone", &[], Known::TimeZone),
    ("feature", &[], Known::Feature),
    ("invite url", &[], Known::Path("invite_url")),
    ("record av", &[], Known::Path("record_av")),
    ("record content", &[], Known::Path("record_content")),
    ("transcribe", &[], Known::Path("transcribe")),
    ("summarise", &[], Known::Path("summarise")),
    ("allow guests", &[], Known::Path("allow_guests")),
    ("webhook", &[], Known::Webhook),
    ("locale", &[], Known::Path("locale")),
    ("server", &[], Known::Path("server")),
];

/// The columns of `--template`, those that most rosters need.
pub const TEMPLATE: &str =
    "id,space name,user id,user name,user email,role,leader,not before,not after,valid for\r\n";

/// What one column's cells become.
#[derive(Debug)]
enum Target {
    Path { label: Arc<str>, path: Arc<[String]>, class: ValueClass },
    ValidFor,
    TimeZone,
    Guest,
    Feature { label: Arc<str> },
    Webhook { label: Arc<str> },
    Kept,
}

/// The columns of one roster, understood.
#[derive(Debug)]
pub struct Columns {
    targets: Vec<Target>,
    /// Headers whose cells are sent, safe to show.
    pub sent: Vec<String>,
    /// Headers whose cells are kept and not sent, safe to show, each with the known name that it
    /// nearly is.
    pub kept: Vec<(String, Option<String>)>,
    dates: Option<date::DateOrder>,
}

/// What the cells of one row ask for.
#[derive(Debug, Default)]
pub struct RowValues {
    /// What is put where.
    pub assignments: Vec<Assignment>,
    /// The length of the window.
    pub valid_for: Option<String>,
    /// The zone of this row's times.
    pub time_zone: Option<String>,
    /// No person at all.
    pub guest: bool,
}

impl Columns {
    /// Understands the header. A roster in JSON Lines has none.
    pub fn new(roster: &Roster, dates: Option<date::DateOrder>, findings: &mut Findings) -> Self {
        let known = KNOWN.map(|(name, aliases, known)| {
            let mut aliases = aliases.to_vec();
            if let Known::Path(path) = known
                && path != "name"
            {
                aliases.push(path);
            }
            KnownColumn { name, aliases }
        });
        let (fields, objects) = schema::paths();
        let vocabulary = Vocabulary { columns: &known, fields: &fields, objects: &objects };
        let mut columns = Self { targets: Vec::new(), sent: Vec::new(), kept: Vec::new(), dates };
        match columns::meanings(roster, &vocabulary) {
            Ok(meanings) => {
                for (header, meaning) in roster.header().iter().zip(meanings) {
                    let target = columns.target(header, meaning, findings);
                    columns.targets.push(target);
                }
            }
            Err(errors) => {
                for error in errors {
                    findings.problem("the header", untrusted(&error.to_string()));
                }
            }
        }
        columns
    }

    fn target(&mut self, header: &str, meaning: Meaning, findings: &mut Findings) -> Target {
        let shown = untrusted(header.trim());
        let path = |path: Arc<[String]>| {
            let class = Assignment::class(&path);
            Target::Path { label: shown.as_str().into(), path, class }
        };
        let target = match meaning {
            Meaning::Result => return Target::Kept,
            Meaning::Kept { suggestion } => {
                if !shown.is_empty() {
                    self.kept.push((shown, suggestion.map(|name| untrusted(&name))));
                }
                return Target::Kept;
            }
            Meaning::Path(text) => match Assignment::parse_path(&text) {
                Ok(segments) => path(segments),
                Err(message) => {
                    findings.problem(format!("column {shown}"), message);
                    Target::Kept
                }
            },
            Meaning::Known(index) => match KNOWN[index].2 {
                Known::Path(text) => path(text.split('.').map(str::to_owned).collect()),
                Known::ValidFor => Target::ValidFor,
                Known::TimeZone => Target::TimeZone,
                Known::Guest => Target::Guest,
                Known::Feature => Target::Feature { label: shown.as_str().into() },
                Known::Webhook => Target::Webhook { label: shown.as_str().into() },
            },
        };
        self.sent.push(shown);
        target
    }

    /// Reads the cells of a row; empty ones are not given.
    pub fn values(&self, cells: &Cells, findings: &mut Findings) -> RowValues {
        let mut values = RowValues::default();
        for (index, target) in self.targets.iter().enumerate() {
            let Some(cell) = cell::given(cells.get(index)) else { continue };
            let result = self.take(target, cell, &mut values);
            findings.keep(result);
        }
        values
    }

    fn take(&self, target: &Target, cell: &str, values: &mut RowValues) -> Result<(), Problem> {
        match target {
            Target::Kept => {}
            Target::ValidFor => values.valid_for = Some(cell.to_owned()),
            Target::TimeZone => values.time_zone = Some(cell.trim().to_owned()),
            Target::Guest => {
                values.guest = yes_or_no(cell).map_err(|text| Problem::new("guest", text))?;
            }
            Target::Feature { label } => {
                let assigned = Assignment::parse_feature(cell.trim()).map(|one| vec![one]);
                values.assignments.extend(at_column(label, assigned)?);
            }
            Target::Webhook { label } => {
                let assigned = Assignment::parse_webhook(cell.trim());
                values.assignments.extend(at_column(label, assigned)?);
            }
            Target::Path { label, path, class } => {
                let value = self.value(*class, cell);
                let fault = value.as_ref().err().map(|message| Problem::new(&**label, message));
                // An id with a fault is still no id that is missing.
                let value = value.ok().or_else(|| (**path == ["id"]).then(|| cell.to_owned()));
                if let Some(value) = value {
                    let (label, path) = (label.clone(), path.clone());
                    values.assignments.push(Assignment { label, path, value });
                }
                return fault.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    fn value(&self, class: ValueClass, cell: &str) -> Result<String, String> {
        match class {
            ValueClass::Boolean => Ok(yes_or_no(cell)?.to_string()),
            ValueClass::Time => date::time_text(cell, self.dates)
                .map(std::borrow::Cow::into_owned)
                .map_err(|error| format!("{:?}: {error}", untrusted(cell))),
            ValueClass::Other => {
                cell::undamaged(cell).map_err(|error| format!("{:?}: {error}", untrusted(cell)))?;
                Ok(cell.to_owned())
            }
        }
    }
}

/// The same of a column, where a flag makes these assignments elsewhere.
fn at_column(
    label: &Arc<str>,
    assigned: Result<Vec<Assignment>, Problem>,
) -> Result<impl Iterator<Item = Assignment>, Problem> {
    let assignments =
        assigned.map_err(|problem| Problem { place: label.to_string(), ..problem })?;
    Ok(assignments.into_iter().map(|one| Assignment { label: label.clone(), ..one }))
}

fn yes_or_no(cell: &str) -> Result<bool, String> {
    cell::yes_or_no(cell).map_err(|error| format!("{:?} is {error}", untrusted(cell)))
}
