//! From the flags of `batch` to a job: the roster read, its columns understood, the defaults
//! merged and checked.

use super::check::check;
use super::destination::{self, Links};
use super::rows::{Defaults, Rows};
use super::source::Source;
use crate::body::{self, Assignment, BodyFile, Clock, Purpose, Recipe};
use crate::cli::{BatchArgs, OutputArgs};
use crate::commands::connect::{connection_flags, reads_key_from_stdin};
use crate::commands::launch::flags::{self, Flags};
use crate::config::Settings;
use crate::error::Error;
use crate::escape::untrusted;
use crate::input;
use crate::json::{Object, Origin, Value};
use crate::old_roster::journal::Target;
use crate::problem::{Findings, Problem};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    let mut findings = Findings::default();
    check_output(&arguments.output, &mut findings);
    check_stdin(&arguments, &mut findings);
    let BatchArgs { roster, links, rate, reading, dry_run, .. } = arguments;
    let BatchArgs { file, set, strict, person, link, space, output, connection, .. } = arguments;
    let is_resumed = links.resume;
    let read = [&file, &reading.recipe, &connection.api_key_file];
    let read: Vec<&Path> = read.into_iter().flatten().map(PathBuf::as_path).collect();
    let links = destination::choose(links, &mut findings);
    let unwritable =
        destination::check(links.as_ref(), roster.as_deref(), &read, dry_run, &mut findings);

    let base = flags::file(file.as_deref(), &mut findings).await;
    let is_base_read = file.is_some() == base.is_some();
    let mut flags = flags::flags(None, &set, (person, link), &mut findings);
    flags.assignments.extend(flags::space_flags(space, &mut findings));
    let (connection, time) = connection_flags(connection, &mut findings);
    let settings = Settings::load(connection, &mut findings);
    let clock = flags::clock(flags.time_zone.take(), &settings, &mut findings);
    let rate = rate.and_then(|text| findings.keep(parse_rate(&text))).unwrap_or(DEFAULT_RATE);

    let mut source = Source::new(roster, reading, &mut findings).await;
    let checks = (strict, source.shorten_ids());
    let defaults = defaults(base.as_ref(), flags, checks, &clock, &mut findings);
    let roster = source.read(defaults.body.get("id").is_some(), &mut findings).await;
    if let (Some(links), Some(roster)) = (&links, &roster) {
        destination::check_form(&links.path, roster, &mut findings);
    }
    let told = findings.problems.len();
    let rows = roster.map(|roster| {
        let columns = source.columns(&roster, &mut findings);
        Rows { roster, columns, people: source.people(), name: source.name(), defaults }
    });
    let is_whole = findings.problems.len() == told && is_base_read;

    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    if !findings.problems.is_empty() {
        let rows = rows.as_ref().filter(|_| is_whole);
        return Err(Box::pin(with_rows_problems(findings, rows, is_resumed)).await.into());
    }
    unwritable?;
    let Some(rows) = rows else {
        anyhow::bail!("the roster could not be read");
    };
    let asking = prompt::may_ask(output.no_input, output.json).then_some(time);
    Ok(Job { rows, links, dry_run, settings, time, rate, asking })
}

/// What is wrong with the flags, and with the rows besides.
async fn with_rows_problems(findings: Findings, rows: Option<&Rows>, resume: bool) -> Error {
    let example = "a complete example: lessonspace batch roster.csv -o links.csv".to_owned();
    let hint = findings.is_something_missing().then_some(example);
    let mut problems = findings.problems;
    if let Some(rows) = rows
        && let Err(others) = check(rows, Timestamp::now(), resume, &problems).await
    {
        problems.extend(others.problems.iter().cloned());
    }
    let mut error = Error::of_problems(problems);
    error.hint = hint;
    error
}

fn check_output(output: &OutputArgs, findings: &mut Findings) {
    let OutputArgs { json: _, field, quiet: _, verbose: _, no_input: _ } = output;
    if !field.is_empty() {
        findings
            .problem("--field", "prints one answer; batch makes many, and writes them to -o LINKS");
    }
}

/// Standard input can be read only once.
fn check_stdin(arguments: &BatchArgs, findings: &mut Findings) {
    let paths = [&arguments.roster, &arguments.file, &arguments.reading.recipe];
    let files = paths.into_iter().flatten().filter(|path| input::is_stdin(path)).count();
    if files + usize::from(reads_key_from_stdin(&arguments.connection)) > 1 {
        findings.problem("-", "standard input can be read only once; give the others a file");
    }
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
