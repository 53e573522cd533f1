//! `lessonspace batch`: one link a row of a roster, nothing lost.

mod alike;
mod attempts;
mod check;
mod columns;
mod destination;
pub mod fields;
mod granted;
mod guess;
mod halt;
mod mapping;
mod network;
mod parts;
mod plan;
mod prepare;
mod queue;
mod report;
mod rows;
mod send;
mod source;
mod target;
mod template;
mod told;

use report::{PartialError, ReportError};

use crate::cli::BatchArgs;
use crate::commands::connect::Connection;
use crate::error::{Error, Kind};
use crate::escape::untrusted;
use crate::old_roster::journal::{Entry, Journal, JournalError, Start, path_for};
use crate::old_roster::links;
use crate::old_roster::links::LinksError;
use crate::old_roster::read::Roster;
use crate::pace::Pace;
use crate::problem::Findings;
use crate::settings::Endpoint;
use crate::terminal::output::{Printer, Progress};
use crate::terminal::signal::until_interrupted;
use crate::words::count;
use attempts::Attempts;
use check::{Checked, Task};
use destination::Links;
use granted::NotGranted;
use halt::Halt;
use jiff::{SignedDuration, Timestamp};
use network::Network;
use prepare::Job;
use queue::Todo;
use report::Totals;
use send::{AT_ONCE, Sender, rows_ahead};
use std::cell::{Cell, RefCell};
use std::time::Instant;
use tokio::sync::Semaphore;

/// Runs the command.
pub async fn run(arguments: BatchArgs, printer: Printer) -> crate::error::Result<()> {
    run_batch(arguments, printer)
        .await
        .map_err(|error| explain(&error).unwrap_or_else(|| error.into()))
}

fn explain(error: &anyhow::Error) -> Option<Error> {
    error.chain().find_map(|error| {
        if let Some(partial) = error.downcast_ref::<PartialError>() {
            let mut error = Error::new(Kind::Partial, partial.to_string());
            error.hint.clone_from(&partial.redo);
            return Some(error);
        }
        if let Some(journal) = error.downcast_ref::<JournalError>() {
            return Some(journal.into());
        }
        if let Some(links) = error.downcast_ref::<LinksError>() {
            return Some(links.into());
        }
        error.downcast_ref::<ReportError>().map(|report| {
            let mut error = match report {
                ReportError::Links(links) => Error::from(links),
                ReportError::Journal(journal) => Error::from(journal),
                ReportError::Counts { .. } => Error::new(Kind::Unexpected, report.to_string()),
            };
            error.kind = Kind::Unexpected;
            error
        })
    })
}

async fn run_batch(arguments: BatchArgs, printer: Printer) -> anyhow::Result<()> {
    if arguments.template {
        return template::print(&arguments.reading, printer).await;
    }
    let prepared = until_interrupted(async {
        let job = prepare::prepare(arguments, printer).await?;
        let may_have_ended = job.links.as_ref().is_some_and(|links| links.start == Start::Resume);
        let checked = check::check(&job.rows, Timestamp::now(), may_have_ended, &[]).await?;
        Ok((job, checked))
    });
    let (job, checked) = prepared.await?;
    match &job.links {
        Some(links) if !job.dry_run => launch_all(&job, links, checked, printer).await,
        links => dry_run(&job, links.as_ref(), &checked, printer),
    }
}

/// The plan, and what is known of the columns.
fn tell_plan(job: &Job, (todo, tasks): (&[Todo], &[Task]), warnings: &[String], printer: Printer) {
    let all = tasks.iter().filter(|task| !task.is_absent).count();
    printer.story(&plan::describe(todo, (all, job.rows.what()), job.rate));
    tell_roster(&job.rows.roster, printer);
    let columns = &job.rows.columns;
    if !columns.sent.is_empty() {
        printer.story(&format!("columns sent: {}", columns.sent.join(", ")));
    }
    let kept: Vec<&str> = columns.kept.iter().map(|(name, _)| name.as_str()).collect();
    let kept = kept.join(", ");
    match &job.links {
        _ if kept.is_empty() => {}
        Some(links) if links::has_no_columns(&links.path) => printer.warning(&format!(
            "columns that are not sent have no place in JSON: {kept}; name a .csv file to keep them"
        )),
        _ => printer.story(&format!("columns kept but not sent: {kept}")),
    }
    for (name, suggestion) in &columns.kept {
        if let Some(known) = suggestion {
            printer.warning(&format!("column {name} is not sent; did you mean `{known}`?"));
        }
    }
    for warning in warnings {
        printer.warning(warning);
    }
}

/// Where the rows come from, if that is not plain.
fn tell_roster(roster: &Roster, printer: Printer) {
    if let Some((name, others)) = roster.sheet()
        && !others.is_empty()
    {
        let (name, others) = (untrusted(name), untrusted(&others.join(", ")));
        printer.story(&format!(
            "reading the sheet {name}; other sheets with rows: {others}; choose one with --sheet"
        ));
    }
    if let Some(header) = roster.header_line().filter(|header| header.left_out > 0) {
        let place = match roster.sheet() {
            None => format!("line {}", header.line),
            Some(_) => format!("row {}", header.line),
        };
        printer.story(&format!("the header is in {place}; the lines above it are left out"));
    }
}

/// Prints one body a line, as each would be sent now.
fn dry_run(
    job: &Job,
    links: Option<&Links>,
    checked: &Checked,
    printer: Printer,
) -> anyhow::Result<()> {
    let now = Timestamp::now();
    let api_url = match &job.settings.endpoint {
        Endpoint::Api(url) => url.as_str(),
        Endpoint::Sandbox => "",
    };
    let journal = match links {
        Some(links) => Journal::look(&path_for(&links.path), job.target(api_url), links.start)?,
        None => None,
    };
    let entry = |key| journal.as_ref().map_or_else(Entry::default, |journal| journal.entry(key));
    let min_valid = links.map_or(SignedDuration::ZERO, |links| links.min_valid);
    let todo = plan::todo(&job.rows, &checked.tasks, entry, min_valid, now);
    tell_plan(job, (&todo, &checked.tasks), &checked.warnings, printer);
    if let Some(journal) = &journal {
        tell_journal(job, journal, checked.has_local_times, printer);
    }
    for Todo { index, .. } in todo {
        let mut findings = Findings::default();
        if let Some(draft) = job.rows.draft(index as usize, &mut findings) {
            printer.json_result(&draft.resolve(now, &mut findings).to_json())?;
        }
    }
    Ok(())
}

/// What is odd about a journal that a run goes on with.
fn tell_journal(job: &Job, journal: &Journal, has_local_times: bool, printer: Printer) {
    if journal.damaged_lines() > 0 {
        printer.warning(&format!(
            "{} of the journal could not be read; what they told is sent again",
            count(journal.damaged_lines(), "line")
        ));
    }
    if let (Some(before), Some(now)) = (journal.time_zone(), job.time_zone())
        && before != now
        && has_local_times
    {
        let before = untrusted(before);
        printer.warning(&format!(
            "the roster's local times are read in {now}, but its first links were made with times \
             in {before}; those links stay as they are: for the same times as before add \
             --time-zone {before}"
        ));
    }
}

async fn launch_all(
    job: &Job,
    links: &Links,
    checked: Checked,
    printer: Printer,
) -> anyhow::Result<()> {
    let connection =
        until_interrupted(Connection::open(&job.settings, job.asking, printer)).await?;
    let target = job.target(connection.client.url());
    let journal = Journal::open(&path_for(&links.path), target, links.start)?;
    links::remove_leftovers(&links.path);
    let Checked { tasks, warnings, has_local_times } = checked;
    let entry = |key| journal.entry(key);
    let todo = plan::todo(&job.rows, &tasks, entry, links.min_valid, Timestamp::now());
    tell_plan(job, (&todo, &tasks), &warnings, printer);
    tell_journal(job, &journal, has_local_times, printer);
    let ended = RefCell::new(Vec::new());
    let (journal, sent) =
        send_all(job, &connection, &tasks, journal, todo, &ended, printer).await?;
    let roster = &job.rows.roster;
    let table = destination::table(&links.path, roster).transpose()?;
    let target = links::Target {
        path: &links.path,
        roster: table.as_ref().unwrap_or(roster),
        people: &job.rows.people,
        zone: &job.rows.defaults.zone,
        body_of: &|launch| {
            let mut findings = Findings::default();
            let draft = job.rows.draft(launch, &mut findings)?;
            Some(draft.resolve(Timestamp::now(), &mut findings).to_json())
        },
    };
    let totals = report::write_links(&target, (&job.rows, &tasks), &journal, &ended.borrow());
    finish(links, job.rows.what(), (sent, totals), printer)
}

/// Sends the rows. The journal comes back in any case, with what stopped the run, if anything did.
async fn send_all(
    job: &Job,
    connection: &Connection,
    tasks: &[Task],
    journal: Journal,
    todo: Vec<Todo>,
    ended: &RefCell<Vec<u32>>,
    printer: Printer,
) -> anyhow::Result<(Journal, anyhow::Result<()>)> {
    let recorder = journal.record()?;
    let progress = Progress::new(printer, todo.len());
    let pace = Pace::new(job.rate);
    let network = Network::new(&connection.client, &progress);
    let ahead = rows_ahead(todo.len(), job.rate);
    let sender = Sender {
        rows: &job.rows,
        tasks,
        attempts: Attempts {
            client: &connection.client,
            pace: &pace,
            network: &network,
            recorder: &recorder,
            marks_ahead: ahead > AT_ONCE,
            wire: Semaphore::new(AT_ONCE),
            paused_until: Cell::new(Instant::now()),
            time: job.time,
            key_source: &connection.key_source,
            halt: Halt::default(),
        },
        progress: &progress,
        under_way: ahead,
        ended,
        not_granted: NotGranted::default(),
    };
    let sent = until_interrupted(async { Ok(sender.send_all(todo).await?) })
        .await
        .map_err(anyhow::Error::from);
    progress.finish();
    sender.not_granted.tell(printer);
    Ok((recorder.finish()?, sent))
}

/// LINKS is written, or could not be: the last words, and the exit code of what stopped the run.
fn finish(
    links: &Links,
    what: &'static str,
    (sent, totals): (anyhow::Result<()>, Result<Totals, ReportError>),
    printer: Printer,
) -> anyhow::Result<()> {
    let shown = untrusted(&links.path.to_string_lossy());
    let totals = match (totals, &sent) {
        (Ok(totals), _) => totals,
        (Err(error), Ok(())) => return Err(error.into()),
        (Err(error), Err(_)) => {
            printer.warning(&format!(
                "{error}; the journal holds all links: add --resume to write them"
            ));
            return sent;
        }
    };
    let end = match sent {
        Ok(()) if totals.without() > 0 => Err(anyhow::Error::new(PartialError {
            without: totals.without(),
            rows: totals.sum(),
            what: if what == "row" { "rows" } else { "links" },
            links: shown.clone(),
            redo: report::redo_command(),
        })),
        sent => sent,
    };
    if printer.json {
        printer.json_result(&totals.to_json(&shown))?;
    }
    let is_stopped = end.as_ref().is_err_and(|error| !error.is::<PartialError>());
    report::tell(totals, &shown, is_stopped, printer);
    end
}
