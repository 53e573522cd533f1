//! Turns rows into launches. Each launch is made once and passed on to the checks, the plan, sending and
//! the report.

use super::columns::{self, Columns, Slot, Values};
use super::grid::Grid;
use super::journal::Key;
use super::recipe::Hidden;
use super::row_problems::RowProblem;
use super::suggest_map;
use crate::body::{
    self, Assignment, BodyFile, BodyLayers, Clock, Draft, LaunchRequest, LessonTime, Purpose,
    ValidFor, Window, zone,
};
use crate::escape::untrusted;
use crate::json::{Object, Value};
use crate::problem::{Findings, Problem, ProblemKind};
use crate::roster::fields::Field;
use crate::roster::only::Only;
use crate::roster::{Bodies, Row};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// A launch: the request for one person, and its place in the roster.
#[derive(Debug)]
pub struct Launch {
    /// The index of the row in the table, or of the JSON body.
    pub row: usize,
    /// The person in the row.
    pub slot: Slot,
    /// The line, or the row in a sheet.
    pub line: u32,
    pub draft: Draft,
    /// The time zone given in the row.
    own_zone: Option<TimeZone>,
    /// Identifies it in the journal.
    pub key: Key,
    pub id: String,
    /// The texts joined to form the id, if there are several.
    pub id_parts: Vec<String>,
    pub who: Who,
    /// The lesson time, as far as it is known before sending.
    pub window: Window,
    pub state: State,
    /// Whether the filter of other runs leaves the row out, but this run's own filter includes it.
    pub is_outside_filter: bool,
}

/// Whether the launch can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Ready,
    /// The lesson is over.
    Ended,
    /// Left out by `--only`, or because the row is hidden.
    Skipped,
}

/// Who a link is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    pub id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub display_name: Option<String>,
    pub leads: bool,
    pub is_guest: bool,
}

impl Who {
    fn of(request: &LaunchRequest) -> Self {
        let text = |path: &[&str]| {
            let text = request.body().at(path).and_then(Value::as_text)?;
            (!text.trim().is_empty()).then(|| text.trim().to_owned())
        };
        Self {
            id: text(&["user", "id"]),
            name: text(&["user", "name"]),
            email: text(&["user", "email"]),
            display_name: text(&["user", "custom_jwt_parameters", "meta", "displayName"]),
            leads: request.is_leader(),
            is_guest: request.is_guest(),
        }
    }

    /// Identifies the person: the id, else the email address, else the name.
    pub fn key(&self) -> Option<String> {
        let id = self.id.as_ref().map(|id| format!("id {id}"));
        let email = || self.email.as_ref().map(|email| format!("email {}", email.to_lowercase()));
        let name = || self.name.as_ref().map(|name| format!("name {name}"));
        id.or_else(email).or_else(name)
    }

    /// The person for messages, safe to show.
    pub fn shown(&self) -> String {
        let known = [&self.name, &self.display_name, &self.email, &self.id];
        known.into_iter().flatten().next().map_or_else(|| "guest".to_owned(), |it| untrusted(it))
    }

    /// Whether there is no id, name or email address.
    fn names_no_one(&self) -> bool {
        self.id.is_none() && self.name.is_none() && self.email.is_none()
    }
}

/// The rows of a roster, ready to become launches.
pub enum Rows {
    /// A table and the use of its columns.
    Table { grid: Box<Grid>, columns: Columns },
    /// JSON bodies, with the file that their places refer to.
    Bodies { bodies: Bodies, file: BodyFile },
}

/// The values that every row starts from.
#[derive(Debug)]
pub struct Defaults {
    pub body: Object,
    pub valid_for: Option<ValidFor>,
    pub lesson_time: Option<LessonTime>,
    pub strict: bool,
    pub shorten_ids: bool,
    /// Whether a row without a person is a guest link.
    pub guests: bool,
    pub zone: TimeZone,
}

impl Defaults {
    /// Identifies these defaults; `None` if there are no defaults.
    pub fn digest(&self) -> Option<String> {
        let valid_for = self.valid_for.as_ref().map(|it| it.text.as_str());
        let lesson_time = self.lesson_time.as_ref().map(|it| it.text.as_str());
        let body = self.body.to_sorted_json();
        let all = format!("{body} {valid_for:?} {lesson_time:?}");
        (all != "{} None None").then(|| Key::of(&all).to_hex())
    }
}

/// Which rows are launched.
pub struct Selection {
    pub only: Only,
    pub hidden: Option<Hidden>,
}

/// The launches of a roster, and the problems and warnings found while making them.
#[derive(Default)]
pub struct Made {
    pub launches: Vec<Launch>,
    pub problems: Vec<RowProblem>,
    /// Warnings with the places of their rows.
    pub warnings: Vec<(String, String)>,
    /// Problems that are not about a single row.
    pub general: Vec<Problem>,
    /// Number of rows left out by `--only`, and of hidden rows left out.
    pub left_out: usize,
    pub hidden_left_out: usize,
}

impl Rows {
    /// Marks the launches that `usual`, the filter of other runs, leaves out.
    pub fn mark_outside(&self, usual: &[String], launches: &mut [Launch]) {
        let Self::Table { grid, .. } = self else { return };
        let only = Only::new("only", usual, &grid.header, &mut Findings::default());
        for launch in launches.iter_mut().filter(|launch| launch.state != State::Skipped) {
            launch.is_outside_filter = only.leaves_out(&grid.table.rows[launch.row]);
        }
    }

    /// The place of a launch for messages, safe to show.
    pub fn place(&self, row: usize, column: Option<usize>) -> String {
        match self {
            Self::Table { grid, .. } => match grid.table.rows.get(row) {
                Some(row) => grid.place(row, column),
                None => String::new(),
            },
            Self::Bodies { bodies, .. } => {
                format!("line {}", bodies.entries.get(row).map_or(0, |entry| entry.line))
            }
        }
    }

    /// Number of rows or bodies.
    pub fn len(&self) -> usize {
        match self {
            Self::Table { grid, .. } => grid.table.rows.len(),
            Self::Bodies { bodies, .. } => bodies.entries.len(),
        }
    }

    /// The name that a recipe gives to a person in a row.
    pub fn person_name(&self, slot: Slot) -> Option<&str> {
        match self {
            Self::Table { columns, .. } => columns.people.get(slot.person)?.name.as_deref(),
            Self::Bodies { .. } => None,
        }
    }

    /// The file that places in JSON bodies refer to.
    fn file(&self) -> Option<&BodyFile> {
        match self {
            Self::Table { .. } => None,
            Self::Bodies { file, .. } => Some(file),
        }
    }

    /// Makes all launches. A lesson that is over is a state, not a problem.
    pub fn launches(&self, defaults: &Defaults, selection: &Selection, now: Timestamp) -> Made {
        let mut made = Made::default();
        match self {
            Self::Table { grid, columns } => {
                let mut hidden = Vec::new();
                for (index, row) in grid.table.rows.iter().enumerate() {
                    // A links file does not hide the rows that were hidden in its roster.
                    let is_hidden = match selection.hidden {
                        Some(Hidden::Include) => false,
                        Some(Hidden::Skip) => row.is_hidden || grid.was_skipped(row),
                        None => row.is_hidden,
                    };
                    let has_value = columns::has_sent_value(columns, row);
                    // A hidden row with nothing to send is left out silently.
                    let is_skipped = if is_hidden && (selection.hidden.is_some() || !has_value) {
                        made.hidden_left_out += usize::from(has_value);
                        true
                    } else if selection.only.leaves_out(row) {
                        made.left_out += 1;
                        true
                    } else {
                        if is_hidden {
                            hidden.push(grid.place(row, None));
                        }
                        false
                    };
                    self.of_row(
                        (index, row),
                        (grid, columns),
                        defaults,
                        is_skipped,
                        now,
                        &mut made,
                    );
                }
                keep_once(columns, &mut made.launches);
                if !hidden.is_empty() {
                    let places: Vec<&str> = hidden.iter().map(String::as_str).collect();
                    let (rows, them) = match hidden.len() {
                        1 => ("1 row is".to_owned(), "it"),
                        count => (format!("{count} rows are"), "them"),
                    };
                    let message = format!(
                        "{rows} hidden (by hand or by a filter) and would be sent: {}; add --hidden skip to leave {them} out, or --hidden include to send {them}",
                        super::row_problems::listed(&places)
                    );
                    made.general.push(Problem::new("", message));
                }
            }
            Self::Bodies { bodies, file } => {
                for (index, entry) in bodies.entries.iter().enumerate() {
                    let mut body = defaults.body.clone();
                    body.merge(entry.body.clone());
                    let draft = Build {
                        rows: self,
                        row: index,
                        line: entry.line,
                        slot: Slot { person: 0, entry: 0 },
                        base: body,
                        file: Some(file),
                        values: Values::default(),
                        is_skipped: false,
                    };
                    draft.into_launch(defaults, now, Findings::default(), &mut made);
                }
            }
        }
        made.launches.shrink_to_fit();
        made
    }

    fn of_row(
        &self,
        (index, row): (usize, &Row),
        (grid, columns): (&Grid, &Columns),
        defaults: &Defaults,
        is_skipped: bool,
        now: Timestamp,
        made: &mut Made,
    ) {
        let mut findings = Findings::default();
        let surplus = row.cells.iter().skip(grid.header.len()).filter(|cell| !cell.is_blank());
        if surplus.count() > 0 {
            let delimiter = match grid.table.dialect.delimiter {
                b';' => "semicolon",
                b'\t' => "tab",
                b'|' => "vertical bar",
                _ => "comma",
            };
            let inside = if grid.is_spreadsheet() {
                "; delete the extra cells, or give their column a header".to_owned()
            } else {
                format!("; put double quotes around any cell that contains a {delimiter}")
            };
            let message =
                format!("more cells than the header ({} columns){inside}", grid.header.len());
            findings.problem("", message);
        }
        grid.check_listed(row, columns, &mut findings);
        let launches = columns.launches(grid, row, &mut findings);
        if launches.is_empty()
            && findings.problems.is_empty()
            && !is_skipped
            && columns::has_sent_value(columns, row)
        {
            made.warnings.push(("no person, so no link".to_owned(), self.place(index, None)));
        }
        let before = made.problems.len();
        let problems = std::mem::take(&mut findings.problems);
        // Problems with the cells of a row are reported once, with the id of its first launch.
        let mut of_row = Some(Findings { problems, ..Findings::default() });
        for (slot, values) in launches {
            let build = Build {
                rows: self,
                row: index,
                line: row.line,
                slot,
                base: defaults.body.clone(),
                file: None,
                values,
                is_skipped,
            };
            build.into_launch(defaults, now, of_row.take().unwrap_or_default(), made);
        }
        if let Some(findings) = of_row.filter(|_| !is_skipped) {
            for problem in findings.problems {
                made.problems.push(self.row_problem(index, row.line, "", problem));
            }
        }
        dedup(&mut made.problems, before);
    }

    fn row_problem(&self, row: usize, line: u32, id: &str, problem: Problem) -> RowProblem {
        let column = match self {
            Self::Table { grid, .. } => {
                problem.at.column.map(|column| column as usize - 1).or_else(|| {
                    let is_named = |name: &String| untrusted(name.trim()) == problem.place;
                    // An empty place means the whole row, not a column without a name.
                    let place = grid.header.iter().position(is_named);
                    place.filter(|_| !problem.place.is_empty())
                })
            }
            Self::Bodies { .. } => None,
        };
        let is_spreadsheet = match self {
            Self::Table { grid, .. } => grid.is_spreadsheet(),
            Self::Bodies { .. } => false,
        };
        let mut problem = problem;
        let number = column.and_then(|column| u32::try_from(column + 1).ok());
        problem.at.column = problem.at.column.or(number);
        RowProblem {
            place: self.place(row, column),
            line,
            is_cell: is_spreadsheet && column.is_some(),
            id: id.to_owned(),
            problem,
        }
    }
}

/// For a person with `once`, keeps only the first identical launch that is not left out.
fn keep_once(columns: &Columns, launches: &mut Vec<Launch>) {
    let is_once = |launch: &Launch| columns.people[launch.slot.person].once;
    let is_sent = |launch: &Launch| launch.state != State::Skipped;
    let sent: HashSet<Key> =
        launches.iter().filter(|it| is_once(it) && is_sent(it)).map(|it| it.key).collect();
    let mut kept = HashSet::new();
    launches.retain(|launch| {
        let is_candidate = is_sent(launch) || !sent.contains(&launch.key);
        !is_once(launch) || (is_candidate && kept.insert(launch.key))
    });
}

/// Removes repeated problems of several people in one row.
fn dedup(problems: &mut Vec<RowProblem>, from: usize) {
    let mut index = from;
    while index < problems.len() {
        let is_known = problems[from..index].iter().any(|earlier| {
            let (one, other) = (&earlier.problem, &problems[index].problem);
            (&one.place, &one.message) == (&other.place, &other.message)
        });
        if is_known {
            problems.remove(index);
        } else {
            index += 1;
        }
    }
}

/// A launch under construction.
struct Build<'a> {
    rows: &'a Rows,
    row: usize,
    line: u32,
    slot: Slot,
    base: Object,
    file: Option<&'a BodyFile>,
    values: Values,
    is_skipped: bool,
}

impl Build<'_> {
    fn into_launch(
        self,
        defaults: &Defaults,
        now: Timestamp,
        mut findings: Findings,
        made: &mut Made,
    ) {
        let Self { rows, row, line, slot, base, file, values, is_skipped } = self;
        let Values { mut assignments, valid_for, lesson_time, time_zone, guest, .. } = values;
        let Values { id_parts, is_person_faulty, .. } = values;
        if guest == Some(true) {
            assignments.retain(|one| !suits_a_guest(one));
        }
        let sets = |name: &str| {
            assignments.iter().any(|one| *one.path == ["timeouts", name])
                || file.is_some_and(|_| base.at(&["timeouts", name]).is_some())
        };
        let has_own_times = sets("not_after") || valid_for.is_some() || lesson_time.is_some();
        let has_start = sets("not_before");
        if defaults.lesson_time.is_some() && lesson_time.is_none() && has_start && !has_own_times {
            findings.problem(
                "",
                "a start but no end, so --lesson-time cannot be used; add an end, or clear the start",
            );
        }
        let layers = BodyLayers {
            purpose: Purpose::Launch,
            person: None,
            base,
            file,
            assignments: &assignments,
            valid_for: valid_for.or_else(|| defaults.valid_for.clone().filter(|_| !has_own_times)),
            lesson_time: lesson_time
                .or_else(|| defaults.lesson_time.clone().filter(|_| !has_own_times && !has_start)),
            guest: guest == Some(true),
            strict: defaults.strict,
            id_place: "id",
            shorten_ids: defaults.shorten_ids,
        };
        let draft = body::compose(layers, &mut findings);
        for problem in findings.problems.iter_mut().filter(|_| guest == Some(true)) {
            // The row requests a guest link, not the flag.
            if problem.place == "--guest" {
                "guest".clone_into(&mut problem.place);
            }
        }
        let own_zone = time_zone.as_ref().and_then(|name| {
            if let Some(caution) = zone::caution(name) {
                findings.warnings.push(caution);
            }
            let zone = zone::zone(name).map_err(|message| Problem::new("time zone", message));
            findings.keep(zone)
        });
        let clock = Clock { now, zone: own_zone.clone().unwrap_or_else(|| defaults.zone.clone()) };
        let request = draft.resolve(file, &clock, &mut findings);
        let who = Who::of(&request);
        let is_table = matches!(rows, Rows::Table { .. });
        if is_table
            && who.names_no_one()
            && !who.leads
            && !guest.unwrap_or(defaults.guests)
            && !is_person_faulty
        {
            findings.problems.push(Problem::new("", nobody(rows)));
        }
        let has_ended = findings.problems.iter().any(|it| it.kind == ProblemKind::Ended);
        findings.problems.retain(|problem| problem.kind != ProblemKind::Ended);
        let id = request.id().into_owned();
        let state = if is_skipped {
            State::Skipped
        } else if has_ended {
            State::Ended
        } else {
            State::Ready
        };
        if !is_skipped {
            for problem in findings.problems {
                // The message about an invalid id already shows it.
                let id = if id == "?" { "" } else { id.as_str() };
                made.problems.push(rows.row_problem(row, line, id, problem));
            }
            let place = rows.place(row, None);
            made.warnings.extend(findings.warnings.into_iter().map(|it| (it, place.clone())));
        }
        let zone_name = time_zone.unwrap_or_default();
        let key = Key::of(&format!("{} {zone_name}", draft.content()));
        let window = request.window;
        made.launches.push(Launch {
            row,
            slot,
            line,
            draft,
            own_zone,
            key,
            id,
            id_parts,
            who,
            window,
            state,
            is_outside_filter: false,
        });
    }
}

/// Whether a cell agrees with a guest link, which has no role and does not lead.
fn suits_a_guest(one: &Assignment) -> bool {
    let is = |name: &str| *one.path == ["user", name];
    is("role") || (is("leader") && one.value == "false")
}

impl Launch {
    /// The body to send at `now`, with relative times resolved; `None` if the lesson is over.
    pub fn request(
        &self,
        rows: &Rows,
        defaults: &Defaults,
        now: Timestamp,
    ) -> Option<LaunchRequest> {
        let mut findings = Findings::default();
        let zone = self.own_zone.clone().unwrap_or_else(|| defaults.zone.clone());
        let request = self.draft.resolve(rows.file(), &Clock { now, zone }, &mut findings);
        let is_over = findings.problems.iter().any(|it| it.kind == ProblemKind::Ended);
        (!is_over).then_some(request)
    }

    /// The body with times resolved at `now`, even if the lesson is over.
    pub fn body_at(&self, rows: &Rows, defaults: &Defaults, now: Timestamp) -> LaunchRequest {
        let zone = self.own_zone.clone().unwrap_or_else(|| defaults.zone.clone());
        self.draft.resolve(rows.file(), &Clock { now, zone }, &mut Findings::default())
    }

    /// The time zone of its local times.
    pub fn zone<'a>(&'a self, defaults: &'a Defaults) -> &'a TimeZone {
        self.own_zone.as_ref().unwrap_or(&defaults.zone)
    }

    /// Whether it has local times in the time zone of the run.
    pub fn has_local_times(&self) -> bool {
        self.own_zone.is_none() && self.draft.has_local_times()
    }

    /// Frees the body once it will not be sent again.
    pub fn forget_body(&mut self) {
        self.draft = Draft::default();
    }

    /// Identifies the person in the journal and the plan; empty for a guest.
    pub fn person_key(&self) -> String {
        self.who.key().unwrap_or_default()
    }
}

/// The message for a row without a person.
fn nobody(rows: &Rows) -> String {
    let Rows::Table { grid, columns } = rows else { return String::new() };
    let suggestion = suggest_map::suggest(&grid.header, &grid.table.rows);
    let is_free = |column: &usize| !columns.is_used.get(*column).copied().unwrap_or(false);
    let known: Vec<String> = suggestion
        .name
        .iter()
        .chain(&suggestion.email)
        .filter(|column| is_free(column))
        .map(|column| format!("{:?}", untrusted(grid.header[*column].trim())))
        .collect();
    let fills_person = [Field::UserId, Field::UserName, Field::UserEmail]
        .into_iter()
        .any(|field| columns.fills(field));
    if known.is_empty() || fills_person {
        return "no person: the row has no user id, name or email; for a guest link, add --guest"
            .to_owned();
    }
    let maps = suggest_map::person_maps(&suggestion, &grid.header);
    let what = if known.len() == 1 { "column" } else { "columns" };
    format!(
        "no person: {what} {} may contain the name; add {}, or --guest for guest links",
        known.join(" and "),
        suggest_map::flags(&maps)
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::roster::{self, Format, ReadOptions, Roster};

    pub fn defaults() -> Defaults {
        Defaults {
            body: Object::default(),
            valid_for: None,
            lesson_time: None,
            strict: false,
            shorten_ids: false,
            guests: false,
            zone: TimeZone::UTC,
        }
    }

    /// The launches of JSON bodies.
    pub fn launches(text: &str, now: Timestamp) -> (Rows, Vec<Launch>) {
        let options = ReadOptions {
            format: Some(Format::Json),
            encoding: None,
            sheet: None,
            all_sheets: false,
        };
        let roster = roster::parse("roster.jsonl", text.as_bytes().to_vec(), &options);
        let Roster::Bodies(bodies) = roster.expect("a roster") else { panic!("not JSON") };
        let file = BodyFile::of_text("roster.jsonl", &bodies.text);
        let rows = Rows::Bodies { bodies, file };
        let selection = Selection { only: Only::default(), hidden: None };
        let made = rows.launches(&defaults(), &selection, now);
        assert!(made.problems.is_empty(), "{:?}", made.problems);
        (rows, made.launches)
    }

    #[test]
    fn a_launch_is_identified_by_its_body_not_by_its_place_or_layout() {
        let now = Timestamp::UNIX_EPOCH;
        let (_, launches) = launches(
            "{\"id\":\"a\",\"user\":{\"id\":\"1\",\"name\":\"Ann\"}}\n\
             {\"id\":\"b\",\"user\":{\"id\":\"1\",\"name\":\"Ann\"}}\n\
             {\n \"user\" : {\"name\": \"Ann\", \"id\": \"1\"},\n \"id\" : \"a\"}\n\
             {\"id\":\"a\",\"user\":{\"id\":\"1\",\"name\":\"Ann\"},\"result\":{\"link_status\":\"created\"}}\n",
            now,
        );
        let keys: Vec<_> = launches.iter().map(|launch| launch.key).collect();
        assert_eq!(keys[0], keys[2], "the order of members does not matter");
        assert_eq!(keys[0], keys[3], "the result is not part of it");
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn a_person_is_identified_by_id_then_email_then_name() {
        let (id, email, name) = ("7".to_owned(), "Ann@Example.org".to_owned(), "Ann".to_owned());
        let who = |id: Option<&String>, email: Option<&String>, name: Option<&String>| Who {
            id: id.cloned(),
            email: email.cloned(),
            name: name.cloned(),
            ..Who::default()
        };
        for (who, key, shown) in [
            (who(Some(&id), Some(&email), Some(&name)), Some("id 7"), "Ann"),
            (who(None, Some(&email), Some(&name)), Some("email ann@example.org"), "Ann"),
            (who(None, Some(&email), None), Some("email ann@example.org"), "Ann@Example.org"),
            (who(None, None, Some(&name)), Some("name Ann"), "Ann"),
            (who(Some(&id), None, None), Some("id 7"), "7"),
            (Who::default(), None, "guest"),
        ] {
            assert_eq!((who.key().as_deref(), who.shown().as_str()), (key, shown), "{who:?}");
        }
    }
}
