//! `lessonspace handout`: the links of a batch as a page to print, or as a calendar.

mod calendar;
mod cards;
mod facts;
mod page;
mod read;
mod title;

use crate::body::{times, zone};
use crate::cli::HandoutArgs;
use crate::error::{Error, Result};
use crate::escape::untrusted;
use crate::input;
use crate::json::{Object, Origin, Value};
use crate::old_roster::disk::{is_folder, is_same_file};
use crate::old_roster::links::Replacement;
use crate::problem::{Findings, Missing, Problem};
use crate::terminal::output::Printer;
use crate::words::count;
use calendar::LeftOut;
use cards::Handout;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use page::Page;
use std::path::{Path, PathBuf};

/// Largest links file that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What a handout can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Calendar,
}

/// The flags, checked.
struct Plan {
    links: PathBuf,
    output: PathBuf,
    form: Form,
    title: Option<String>,
    zone: TimeZone,
    is_compact: bool,
}

/// What was written.
#[derive(Default)]
struct Written {
    cards: usize,
    left_out: LeftOut,
}

/// Runs the command.
pub async fn run(arguments: HandoutArgs, printer: Printer) -> Result<()> {
    let plan = check(arguments)?;
    let shown = untrusted(&plan.links.to_string_lossy());
    let bytes = input::read_up_to(&plan.links, LARGEST)
        .await
        .map_err(|message| Error::usage(&*shown, message))?;
    let facts = read::read(bytes, &plan.zone)
        .map_err(|message| Error::usage(&*shown, untrusted(&message)))?;
    let handout = Handout::of(facts, plan.title.as_deref());
    if handout.spaces.is_empty() {
        let hint = "make the links first: lessonspace batch roster.csv -o links.csv";
        return Err(Error::usage(shown, "has no link to hand out").with_hint(hint).into());
    }
    let now = Timestamp::now();
    let written = write(&plan, &handout, now)?;
    tell(&plan, &handout, &written, now, printer)
}

fn check(arguments: HandoutArgs) -> Result<Plan, Error> {
    let HandoutArgs { links, output, title, time_zone, compact, force, json: _, quiet: _ } =
        arguments;
    let mut findings = Findings::default();
    if links.is_none() {
        findings.missing(Missing::File, "LINKS", "it is the file that batch wrote with -o");
    }
    if output.is_none() {
        findings.missing(
            Missing::File,
            "-o FILE",
            "it is the page (.html) or the calendar (.ics) to make",
        );
    }
    let form = output
        .as_deref()
        .and_then(|path| check_output(path, links.as_deref(), force, &mut findings));
    if compact && form == Some(Form::Calendar) {
        findings.problem("--compact", "is for a page; a calendar has none");
    }
    if title.as_ref().is_some_and(|title| title.trim().is_empty()) {
        findings.problem("--title", "is empty; leave it out for the usual title");
    }
    let zone = time_zone.and_then(|name| {
        findings.keep(zone::zone(&name).map_err(|message| Problem::new("--time-zone", message)))
    });
    let zone = zone.unwrap_or_else(times::system_zone);
    let example = "a complete example: lessonspace handout links.csv -o links.html".to_owned();
    let hint = findings.is_something_missing().then_some(example);
    findings.finish(hint)?;
    match (links, output, form) {
        (Some(links), Some(output), Some(form)) => {
            Ok(Plan { links, output, form, title, zone, is_compact: compact })
        }
        _ => Err(Error::usage("", "LINKS and -o FILE are needed")),
    }
}

/// What the file's name says it is to be.
fn check_output(
    path: &Path,
    links: Option<&Path>,
    force: bool,
    findings: &mut Findings,
) -> Option<Form> {
    let shown = untrusted(&path.to_string_lossy());
    if input::is_stdin(path) {
        findings
            .problem("-o", "needs a file: links are credentials, and standard output may be a log");
        return None;
    }
    if links.is_some_and(|links| is_same_file(links, path)) {
        findings.problem("-o", format!("{shown} is the links file itself; name another file"));
        return None;
    }
    if is_folder(path) {
        findings.problem("-o", format!("{shown} is a folder; name a file in it"));
        return None;
    }
    // A link that leads nowhere is a file, too.
    if path.symlink_metadata().is_ok() && !force {
        findings.problem("-o", format!("{shown} exists; add --force to replace it"));
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("html" | "htm") => Some(Form::Page),
        Some("ics") => Some(Form::Calendar),
        _ => {
            findings.problem(
                "-o",
                format!("{shown} must end in .html for a page or in .ics for a calendar"),
            );
            None
        }
    }
}

fn write(plan: &Plan, handout: &Handout, now: Timestamp) -> Result<Written> {
    let title = match (&plan.title, handout.spaces.as_slice()) {
        (Some(title), _) => title.clone(),
        (None, [space]) => space.title.clone(),
        (None, _) => "Links to our lessons".to_owned(),
    };
    if plan.form == Form::Page {
        let page = Page { title: &title, zone: &plan.zone, is_compact: plan.is_compact, now };
        let mut file = Replacement::start(&plan.output)?;
        file.write(|out| page.write(handout, out))?;
        file.finish()?;
        return Ok(Written { cards: handout.cards().count(), left_out: LeftOut::default() });
    }
    let made = calendar::make(handout, &title, now);
    if made.events == 0 {
        let links = count(made.left_out.total(), "link");
        let why = if made.left_out.longer == 0 {
            "none says from when until when it works"
        } else {
            "none is good for at most 24 hours"
        };
        let message = format!(
            "of {links}, {why}, and so none is a lesson; make a page instead: -o links.html"
        );
        return Err(Error::usage(untrusted(&plan.links.to_string_lossy()), message).into());
    }
    let mut file = Replacement::start(&plan.output)?;
    file.write(|out| out.write_all(made.text.as_bytes()))?;
    file.finish()?;
    Ok(Written { cards: made.events, left_out: made.left_out })
}

/// How it went; never a link.
fn tell(
    plan: &Plan,
    handout: &Handout,
    written: &Written,
    now: Timestamp,
    printer: Printer,
) -> Result<()> {
    let shown = untrusted(&plan.output.to_string_lossy());
    let expired = handout.cards().filter(|(_, card)| card.has_expired(now)).count();
    let without = handout.without.len();
    let what = if plan.form == Form::Page { "card" } else { "event" };
    printer.story(&format!(
        "{} for {} in {shown}",
        count(written.cards, what),
        count(handout.spaces.len(), "Space")
    ));
    let private = if cfg!(unix) { ", and the file is yours alone to read" } else { "" };
    printer.story(&format!("each link is personal{private}"));
    let LeftOut { longer, silent } = written.left_out;
    for (links, why) in [
        (longer, "good for more than 24 hours, and so not a single lesson"),
        (silent, "the link does not say from when until when it works"),
    ] {
        if links > 0 {
            printer.warning(&format!("{} left out: {why}", count(links, "link")));
        }
    }
    if without > 0 {
        let place = if plan.form == Form::Page { "; the page lists them at its end" } else { "" };
        let people =
            if without == 1 { "1 person has".to_owned() } else { format!("{without} people have") };
        printer.warning(&format!("{people} no link{place}"));
    }
    if expired > 0 {
        let have = if expired == 1 { "has" } else { "have" };
        printer.warning(&format!(
            "{} {have} expired; make new ones with batch --resume",
            count(expired, "link")
        ));
    }
    if printer.json {
        let number = |number: usize| Value::raw(number.to_string(), Origin::Unplaced);
        let mut summary = Object::default();
        summary.insert("file", Value::text(&plan.output.to_string_lossy(), Origin::Unplaced));
        summary.insert(
            if plan.form == Form::Page { "cards" } else { "events" },
            number(written.cards),
        );
        summary.insert("spaces", number(handout.spaces.len()));
        summary.insert("left_out", number(written.left_out.total()));
        summary.insert("without_link", number(without));
        summary.insert("expired", number(expired));
        printer.json_result(&summary.to_json())?;
    }
    Ok(())
}
