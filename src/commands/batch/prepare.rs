//! From the flags of `batch` to a job: the roster read, its columns understood, the defaults
//! merged and checked.

use super::check::check;
use super::columns::Columns;
use super::destination::{self, Links};
use super::fields::Fields;
use super::guess;
use super::mapping::Mapping;
use super::rows::{Defaults, Rows};
use crate::body::{self, Assignment, BodyFile, Clock, Purpose, Recipe};
use crate::cli::{BatchArgs, Dates, OutputArgs, RosterFormat};
use crate::commands::connect::{connection_flags, reads_key_from_stdin};
use crate::commands::launch::flags::{self, Flags};
use crate::config::Settings;
use crate::escape::untrusted;
use crate::input;
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, InvalidInput, Missing, Problem};
use crate::roster::cell::date::DateOrder;
use crate::roster::journal::Target;
use crate::roster::read::{Format, Reading, Roster};
use crate::roster::recipe::RecipeFile;
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest roster that is read, in bytes.
const LARGEST: u64 = 4 << 30;

/// Requests a second, a little under the API's usual limit of 5.
const DEFAULT_RATE: f64 = 4.0;

/// A batch, checked but for its rows.
pub struct Job {
    /// The rows and their defaults.
    pub rows: Rows,
    /// Where the links go; none only if `dry_run`.
    pub links: Option<Links>,
    /// Whether nothing is sent and nothing written.
    pub dry_run: bool,
    /// Whom to talk to.
    pub settings: Settings,
    /// The longest that one row's attempts may take.
    pub time: Duration,
    /// Requests a second; 0 is as fast as it goes.
    pub rate: f64,
    /// The time to try a key that is asked for, if anybody may be asked.
    pub asking: Option<Duration>,
}

impl Job {
    /// Which API the links come from, as the journal notes it.
    pub fn target<'a>(&'a self, api_url: &'a str) -> Target<'a> {
        Target { api_url, sandbox: self.settings.is_sandbox(), time_zone: self.time_zone() }
    }

    /// The zone of times without one, if it has a name.
    pub fn time_zone(&self) -> Option<&str> {
        self.rows.defaults.zone.iana_name()
    }
}

/// Reads and checks everything but the rows.
pub async fn prepare(arguments: BatchArgs, printer: Printer) -> anyhow::Result<Job> {
    let BatchArgs {
        roster,
        links,
        resume,
        force,
        min_valid,
        rate,
        format,
        encoding,
        sheet,
        header,
        map,
        recipe,
        shorten_ids,
        dates,
        template: _,
        file,
        set,
        strict,
        dry_run,
        person,
        link,
        space,
        output,
        connection,
    } = arguments;
    let mut findings = Findings::default();
    check_output(&output, &mut findings);
    let reads_key = reads_key_from_stdin(&connection);
    check_stdin([&roster, &file, &recipe], reads_key, &mut findings);
    let roster_path = roster;
    let links = destination::choose(links, resume, force, min_valid, &mut findings);
    let read: Vec<&Path> = [&file, &recipe, &connection.api_key_file]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    let unwritable =
        destination::check(links.as_ref(), roster_path.as_deref(), &read, dry_run, &mut findings);
    let base = flags::file(file.as_deref(), &mut findings).await;
    let mut flags = flags::flags(None, &set, (person, link), &mut findings);
    flags.assignments.extend(flags::space_flags(space, &mut findings));
    let (connection, time) = connection_flags(connection, &mut findings);
    let settings = Settings::load(connection, &mut findings);
    let clock = flags::clock(flags.time_zone.take(), &settings, &mut findings);
    let rate = rate.and_then(|text| findings.keep(parse_rate(&text))).unwrap_or(DEFAULT_RATE);
    let known = findings.problems.len();
    let written = read_recipe(recipe.as_deref(), &mut findings).await;
    let fields = Fields::all();
    let mapping = Mapping::new(&map, written.as_ref(), &fields, &mut findings);
    let is_mapped = findings.problems.len() == known;
    let people: Vec<String> = mapping.people.iter().map(|person| person.name.clone()).collect();
    let recipe = written.unwrap_or_default();
    let shorten_ids = shorten_ids || recipe.shorten_ids;
    let defaults = defaults(base.as_ref(), flags, (strict, shorten_ids), &clock, &mut findings);
    let has_own_id = defaults.body.get("id").is_some();
    let reading = Reading {
        format: roster_format(format, roster_path.as_deref()),
        encoding: encoding.as_deref(),
        sheet: sheet.as_deref().or(recipe.sheet.as_deref()),
        people: &people,
        header_line: header.and_then(|text| findings.keep(header_line(&text))).or(recipe.header),
        is_header: &|cells| mapping.is_header(cells, has_own_id, &fields),
    };
    let is_known = format.is_some();
    let roster = read_roster(roster_path.as_deref(), is_known, &reading, &mut findings).await;
    // What a recipe with a fault would have made of the roster is not known.
    let roster = roster.filter(|roster| {
        is_mapped && is_understood(roster, (&mapping, has_own_id), &fields, &mut findings)
    });
    if let (Some(links), Some(roster)) = (&links, &roster) {
        destination::check_form(&links.path, roster, &mut findings);
    }
    let dates = dates.map(|order| match order {
        Dates::Dmy => DateOrder::DayMonthYear,
        Dates::Mdy => DateOrder::MonthDayYear,
    });
    let dates = dates.or(recipe.dates);
    let told = findings.problems.len();
    let columns = roster
        .as_ref()
        .map(|roster| Columns::new(roster, (&mapping, &fields), dates, &mut findings));
    let is_whole = findings.problems.len() == told && file.is_some() == base.is_some();
    let name = roster_path.map_or_else(String::new, |path| path.to_string_lossy().into_owned());
    let rows = roster.zip(columns);
    let rows = rows.map(|(roster, columns)| Rows { roster, columns, people, name, defaults });
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    if !findings.problems.is_empty() {
        let rows = rows.as_ref().filter(|_| is_whole);
        return Err(Box::pin(with_rows_problems(findings, rows, resume)).await.into());
    }
    unwritable?;
    let Some(rows) = rows else {
        anyhow::bail!("the roster could not be read");
    };
    let asking = prompt::may_ask(output.no_input, output.json).then_some(time);
    Ok(Job { rows, links, dry_run, settings, time, rate, asking })
}

/// What is wrong with the flags, and with the rows besides.
async fn with_rows_problems(findings: Findings, rows: Option<&Rows>, resume: bool) -> InvalidInput {
    let example = "a complete example: lessonspace batch roster.csv -o links.csv".to_owned();
    let hint = findings.is_something_missing().then_some(example);
    let mut invalid = InvalidInput { problems: findings.problems, unshown: 0, hint };
    if let Some(rows) = rows
        && let Err(others) = check(rows, Timestamp::now(), resume, &invalid.problems).await
    {
        invalid.problems.extend(others.problems);
        invalid.unshown = others.unshown;
    }
    invalid
}

fn check_output(output: &OutputArgs, findings: &mut Findings) {
    let OutputArgs { json: _, field, quiet: _, verbose: _, no_input: _ } = output;
    if field.is_some() {
        findings
            .problem("--field", "prints one answer; batch makes many, and writes them to -o LINKS");
    }
}

fn check_stdin(paths: [&Option<PathBuf>; 3], reads_key: bool, findings: &mut Findings) {
    let files = paths.into_iter().flatten().filter(|path| input::is_stdin(path)).count();
    if files + usize::from(reads_key) > 1 {
        findings.problem("-", "standard input can be read only once; give the others a file");
    }
}

fn roster_format(format: Option<RosterFormat>, path: Option<&Path>) -> Format {
    match format {
        Some(RosterFormat::Csv) => Format::Csv,
        Some(RosterFormat::Jsonl) => Format::JsonLines,
        Some(RosterFormat::Xlsx) => Format::Workbook,
        None => path.map_or(Format::Csv, Format::of_path),
    }
}

fn header_line(text: &str) -> Result<u32, Problem> {
    text.trim().parse().ok().filter(|line| *line > 0).ok_or_else(|| {
        let message =
            format!("{:?} is not the number of a line; the first line is 1", untrusted(text));
        Problem::new("--header", message)
    })
}

/// Whether the roster has a header, and what is said of columns is about it. That there is none is
/// one problem, not one a row.
fn is_understood(
    roster: &Roster,
    (mapping, has_own_id): (&Mapping, bool),
    fields: &Fields,
    findings: &mut Findings,
) -> bool {
    let Some(header) = roster.header_line() else {
        if !mapping.is_empty() {
            let place = mapping.all().next().map_or("--recipe", |entry| entry.label.as_str());
            findings.problem(place, "is for rosters with columns; a JSON roster has none");
        }
        return mapping.is_empty();
    };
    if !mapping.people.is_empty() && !mapping.makes_id() && !has_own_id {
        findings.problem(
            "--recipe",
            "does not say what the Space's id is made from; add id = \"...\" to its [map]",
        );
        return false;
    }
    // Which column of a map is missing is said when the columns are understood.
    let has_header = header.is_found || mapping.makes_id();
    if !has_header {
        findings.problem("the header", guess::advice(roster.header(), fields));
    } else if roster.is_empty() {
        findings.problem("the roster", "has no rows");
    }
    has_header && !roster.is_empty()
}

async fn read_roster(
    path: Option<&Path>,
    is_format_given: bool,
    reading: &Reading<'_>,
    findings: &mut Findings,
) -> Option<Roster> {
    let Some(path) = path else {
        findings.missing(
            Missing::File,
            "ROSTER",
            "it is a spreadsheet, a CSV or JSON file, or - for standard input",
        );
        return None;
    };
    let shown = if input::is_stdin(path) {
        "standard input".to_owned()
    } else {
        untrusted(&path.to_string_lossy())
    };
    let problem = |message: String| Problem::new(shown.as_str(), message);
    let bytes = findings.keep(input::read_up_to(path, LARGEST).await.map_err(problem))?;
    // Standard input has no name that tells.
    let is_named = is_format_given || !input::is_stdin(path);
    let format = if is_named { reading.format } else { Format::of_bytes(&bytes) };
    if reading.sheet.is_some() && format != Format::Workbook {
        findings.problem("--sheet", "is for workbooks; this roster has no sheets");
        return None;
    }
    let roster = Roster::read(bytes, &Reading { format, ..*reading })
        .map_err(|error| problem(untrusted(&error.to_string())));
    let roster = findings.keep(roster)?;
    if roster.is_empty() && roster.header_line().is_none_or(|header| header.is_found) {
        findings.problem(shown, "has no rows");
        return None;
    }
    Some(roster)
}

/// Reads `--recipe`.
pub async fn read_recipe(path: Option<&Path>, findings: &mut Findings) -> Option<RecipeFile> {
    let path = path?;
    let shown = untrusted(&path.to_string_lossy());
    let bytes = input::read(path).await.map_err(|message| Problem::new(shown.as_str(), message));
    RecipeFile::parse(&shown, findings.keep(bytes)?, findings)
}

fn parse_rate(text: &str) -> Result<f64, Problem> {
    match text.trim().parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.0 => Ok(rate),
        _ => Err(Problem::new(
            "--rate",
            format!(
                "{:?} is not a number of requests per second; 0 is as fast as it goes",
                untrusted(text)
            ),
        )),
    }
}

/// The base of all rows, checked once by itself, so that a fault in it is told once.
fn defaults(
    file: Option<&BodyFile>,
    flags: Flags,
    (strict, shorten_ids): (bool, bool),
    clock: &Clock,
    findings: &mut Findings,
) -> Defaults {
    let Flags { assignments, valid_for, time_zone: _, guest } = flags;
    let mut body = file.map(BodyFile::labelled).unwrap_or_default();
    if guest {
        body.remove("user");
    }
    for assignment in &assignments {
        let applied = assignment.apply(&mut body);
        findings.keep(applied);
    }
    body::check_valid_for(valid_for.as_ref(), &assignments, findings);
    check_defaults(&body, &assignments, guest, (strict, shorten_ids), clock, findings);
    Defaults { body, valid_for, strict, shorten_ids, zone: clock.zone.clone() }
}

fn check_defaults(
    body: &Object,
    assignments: &[Assignment],
    guest: bool,
    (strict, shorten_ids): (bool, bool),
    clock: &Clock,
    findings: &mut Findings,
) {
    let mut base = body.clone();
    if base.get("id").is_none() {
        base.insert("id", Value::text("each row has its own", Origin::Unplaced));
    }
    let recipe = Recipe {
        purpose: Purpose::Launch,
        person: None,
        base,
        file: None,
        assignments: if guest { assignments } else { &[] },
        valid_for: None,
        guest,
        strict,
        id_place: "id",
        shorten_ids,
    };
    let told = findings.warnings.len();
    let draft = body::compose(recipe, findings);
    draft.resolve(None, clock, findings);
    // The rows earn the same warnings once more.
    findings.warnings.truncate(told);
}
