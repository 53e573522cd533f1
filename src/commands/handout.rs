//! `lessonspace handout`: turns the links of a batch into printable cards, a calendar, or a folder with a
//! file for each person or Space.

use crate::body::{times, zone};
use crate::error::{Error, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::handout::calendar::{Changes, LeftOut};
use crate::handout::cards::{Handout, Launch, remove_repeats};
use crate::handout::check::{check, check_journal};
use crate::handout::folder::INDEX;
use crate::handout::words::{self, Words};
use crate::handout::write::{self, Each, Format, Job, Written};
use crate::input;
use crate::json;
use crate::links::atomic_file::{is_folder, is_same_file};
use crate::links::journal_path;
use crate::links::read::{self, LinksFile, ReadLinks};
use crate::links::run_facts::RunFacts;
use crate::problem::{Findings, Missing, Problem};
use crate::roster::template::Template;
use crate::terminal::output::Printer;
use crate::words::{count, first_of, listed, plural};
use clap::{Args, ValueHint};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// The end of `handout -h`.
pub const SHORT_HELP: &str = "\
Examples:
  lessonspace handout links.csv -o links.html
  lessonspace handout links.csv -o cards --each person

More: lessonspace handout --help";

/// The end of `handout --help`.
pub const HELP: &str = "\
The page has a card for each person, with their name, the Space's name and id, the lesson time, a button to \
join and a QR code. Cards show nothing else from the roster. Print the page and cut along the lines, or open \
it on a phone. Leader cards come first and are marked private. People without a valid join link \
are listed at the end. Very long links get no QR code.

The name, leader and time come from the link, not from the row. handout stops if a link is on another \
person's row, for example because one column was sorted on its own. Keep LINKS.journal next to LINKS: \
without it, Spaces whose id came from a map are only numbered.

The calendar has an event for each link that lasts 24 hours or less (a lesson). Longer links are left out. \
The title of a practice link starts with [Practice link]. \
Import the calendar again when lessons change: the same event is updated, not duplicated. Without \
--lesson-id, \
an event is matched by person, Space and start, so a moved lesson becomes a new event. With --lesson-id \
\"{Booking}\", it is matched by person and lesson id, so it moves. --update changes the calendar at FILE and \
cancels lessons in it that are gone or skipped.

With --each, -o is a folder. It gets a file for each person or Space, and index.csv (name, email, file) for \
a mail merge. A person's file contains only that person's links; a Space's file contains all links of \
the Space and is for its teacher.

handout needs no API key and no network, and the page loads nothing from the internet. The file contains \
everyone's links, so do not forward the whole file. On Linux and macOS, only you can read it. Exits 2 if \
LINKS contains no links.

Examples:
  lessonspace handout links.csv -o links.html
  lessonspace handout links.xlsx -o links.html --title \"Biology, autumn term\" --compact
  lessonspace handout links.csv -o lessons.ics --lesson-id \"{Booking}\" --update
  lessonspace handout links.csv -o cards --each person";

#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
pub struct HandoutArgs {
    /// Links file that batch wrote: .csv, .tsv, .xlsx or .jsonl (- for standard input)
    #[arg(value_name = "LINKS", value_hint = ValueHint::FilePath)]
    pub links: Option<PathBuf>,
    /// File to write: .html for printable cards, .ics for a calendar
    ///
    /// With --each, the folder to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Write one file per person or Space into a folder, and index.csv for a mail merge
    #[arg(long, value_name = "WHAT")]
    pub each: Option<Each>,
    /// File format for --each [default: html]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Title of the page or calendar [default: the Space's name, if there is only one]
    ///
    /// Also names the Space if there is only one and LINKS has no name for it
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Language: en, de, es, fr, it, nl, pl or pt [default: the system's, else en]
    ///
    /// Used for the words on cards and in calendars, and for dates
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: Option<String>,
    /// Time zone for the times shown [default: from the batch, then this computer]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Sheet of LINKS to read [default: the first that is not empty]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Do not start a new page for each Space
    #[arg(long)]
    pub compact: bool,
    /// Columns that identify a lesson in a calendar, such as "{Booking}"
    ///
    /// A lesson that moves keeps its calendar event
    #[arg(long, value_name = "TEMPLATE")]
    pub lesson_id: Option<String>,
    /// Update the calendar at FILE: move, cancel and add lessons
    ///
    /// Use the same --lesson-id each time. Lessons whose link is missing or lasts more than 24 hours stay
    /// as they are
    #[arg(long)]
    pub update: bool,
    /// Replace FILE if it exists; in a folder, replace only the files that handout wrote
    ///
    /// With --update, it also cancels the lessons in a calendar that has no lessons in common with LINKS
    #[arg(long)]
    pub force: bool,
    /// Print a summary as JSON; errors go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print only warnings and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// The checked flags.
struct Plan {
    links: PathBuf,
    sheet: Option<String>,
    lesson_id: Option<Template>,
    zone: Option<TimeZone>,
    job: Job,
}

pub async fn run(arguments: HandoutArgs, printer: Printer) -> Result<()> {
    let Plan { links, sheet, lesson_id, zone, mut job } = check_flags(arguments)?;
    let shown = job.links.clone();
    let run = RunFacts::beside(&links);
    let run_zone = run.zone.as_deref().and_then(|name| zone::zone(name).ok());
    let is_zone_known = zone.is_some() || run_zone.is_some();
    job.zone = zone.or_else(|| run_zone.clone()).unwrap_or_else(times::system_zone);
    let options = ReadLinks {
        sheet: sheet.as_deref(),
        // --time-zone changes what is printed, not what the cells mean.
        zone: run_zone.as_ref().unwrap_or(&job.zone),
        is_zone_known,
        lesson_id: lesson_id.as_ref(),
    };
    let LinksFile { launches, hidden_rows, other_sheets, is_only_unknown } =
        read::read(&links, &shown, &run, &options).await?;
    let mut launches: Vec<Launch> = launches.into_iter().map(Launch::of).collect();
    let repeats = remove_repeats(&mut launches);
    let mut found = check(&launches, is_zone_known);
    if found.problems.is_empty() {
        check_journal(&launches, &run.made, &mut found);
    }
    if !found.problems.is_empty() {
        return Err(misplaced(&shown, found.problems));
    }
    let has_links = launches.iter().any(|launch| launch.link.is_some());
    let handout = Handout::of(launches, job.title.as_deref(), job.words);
    check_not_empty(&job, &handout, has_links)?;
    let has_emails = handout.cards().any(|(_, card)| card.email.is_some());
    let (job, handout, written) = write::on_a_thread(job, handout).await?;
    if sheet.is_none() && !other_sheets.is_empty() {
        let sheets = untrusted(&other_sheets.join(", "));
        printer.warning(&format!(
            "other sheets of {shown} not read: {sheets}; choose one with --sheet"
        ));
    }
    warn_of_numbers(&job, &handout, &links, printer);
    if job.each.is_some() && has_emails && run.made.is_empty() {
        let missing = if input::is_stdin(&links) {
            "standard input has no journal".to_owned()
        } else {
            format!("{} is missing", untrusted_path(&journal_path(&links)))
        };
        printer.warning(&format!(
            "{missing}, so the email addresses in index.csv were not checked; check them \
             before you send anything"
        ));
    }
    if !repeats.is_empty() {
        let (rows, them) = match repeats.len() {
            1 => ("1 row repeats an earlier one".to_owned(), "it"),
            number => (format!("{number} rows repeat earlier ones"), "them"),
        };
        let (lines, piece) = (lines(&repeats), job.piece());
        printer.warning(&format!("{rows} ({lines}), so there is no second {piece} for {them}"));
    }
    if is_only_unknown {
        let only = untrusted(&run.only.join(" and "));
        printer.warning(&format!(
            "{shown} does not have the columns of --only {only}, so rows that this filter leaves out may \
             have {}s",
            job.piece()
        ));
    }
    if hidden_rows > 0 {
        let rows = count(hidden_rows, "hidden row");
        printer
            .warning(&format!("included {rows} of {shown}; delete rows that should have no card"));
    }
    report(&job, &handout, &written, &found.differing, printer)
}

/// Checks that there is a link to hand out, or an update that only cancels lessons.
fn check_not_empty(job: &Job, handout: &Handout, has_links: bool) -> Result<()> {
    let shown = job.links.clone();
    if !has_links {
        let hint = "to create the links first, run: lessonspace batch roster.csv -o links.csv";
        return Err(Error::about(shown, "contains no links").with_hint(hint));
    }
    if handout.spaces.is_empty() && !job.is_update {
        return Err(Error::about(shown, "has links only in rows that batch skipped"));
    }
    Ok(())
}

/// Warns about numbered Spaces. An id that came from a map is only in the journal.
fn warn_of_numbers(job: &Job, handout: &Handout, links: &Path, printer: Printer) {
    let shown = &job.links;
    let spaces = match handout.spaces.iter().filter(|space| space.is_numbered).count() {
        0 => return,
        1 => "1 Space has a number instead of a name".to_owned(),
        number => format!("{number} Spaces have numbers instead of names"),
    };
    let journal = journal_path(links);
    let (why, what) = if input::is_stdin(links) {
        ("standard input has no journal".to_owned(), "use the links file that batch wrote")
    } else if journal.is_file() {
        (format!("{shown} has no Space names"), "add a \"space name\" column")
    } else {
        let journal = untrusted_path(&journal);
        (format!("{journal} is missing"), "restore it, or add a \"space name\" column")
    };
    printer.warning(&format!("{why}, so {spaces}; {what}"));
}

/// The error for links on the wrong row.
fn misplaced(shown: &str, mut problems: Vec<Problem>) -> Error {
    /// Maximum number of links to list.
    const SHOWN: usize = 10;
    let number = problems.len();
    let causes = first_of(problems.iter().map(ToString::to_string).collect(), SHOWN);
    for problem in &mut problems {
        problem.at.path = Some(shown.to_owned());
    }
    let are = if number == 1 { "is" } else { "are" };
    let mut error =
        Error::usage(shown, format!("{} {are} on the wrong row", count(number, "link")));
    error.problems = problems;
    error.with_causes(causes).with_hint(
        "one column was probably sorted on its own; undo that, or run batch again with --resume \
         to restore the file from its journal",
    )
}

fn check_flags(arguments: HandoutArgs) -> Result<Plan, Error> {
    let HandoutArgs {
        links,
        output,
        each,
        format,
        title,
        lang,
        time_zone,
        sheet,
        compact,
        lesson_id,
        update,
        force,
        json: _,
        quiet: _,
    } = arguments;
    let mut findings = Findings::default();
    if links.is_none() {
        findings.missing(Missing::File, "LINKS", "the links file that batch wrote");
    }
    if output.is_none() {
        let what = match each {
            None => "the page (.html) or calendar (.ics) to write",
            Some(_) => "the folder to write",
        };
        findings.missing(Missing::File, "-o FILE", what);
    }
    let form = if each.is_some() {
        if let Some(path) = output.as_deref() {
            check_folder(path, &mut findings);
        }
        Some(format.unwrap_or(Format::Html))
    } else {
        if format.is_some() {
            findings.about(
                "--format",
                "works only with --each; otherwise the extension of FILE sets the format",
            );
        }
        let check = |path| check_file(path, links.as_deref(), force || update, &mut findings);
        output.as_deref().and_then(check)
    };
    if form == Some(Format::Ics) && compact {
        findings.about("--compact", "works only with a page, not with a calendar");
    }
    if form == Some(Format::Html) {
        for (is_given, flag) in [(lesson_id.is_some(), "--lesson-id"), (update, "--update")] {
            if is_given {
                findings.about(flag, "works only with a calendar, not with a page");
            }
        }
    }
    if update && each.is_some() && form == Some(Format::Ics) {
        findings.about(
            "--update",
            "cannot be used with --each; it updates a single calendar, such as -o lessons.ics",
        );
    }
    if title.as_ref().is_some_and(|title| title.trim().is_empty()) {
        findings.about("--title", "is empty; leave it out to use the default title");
    }
    let zone = time_zone.and_then(|name| {
        findings.keep(zone::zone(&name).map_err(|message| Problem::new("--time-zone", message)))
    });
    let words = match lang {
        Some(code) => language(&code, &mut findings),
        None => Some(Words::of_system()),
    };
    let lesson_id = lesson_id.and_then(|text| {
        let template = Template::parse(&text);
        findings.keep(template.map_err(|message| Problem::about("--lesson-id", message)))
    });
    let example = "for example: lessonspace handout links.csv -o links.html".to_owned();
    let hint = findings.is_something_missing().then_some(example);
    findings.finish_offline(hint)?;
    match (links, output, form, words) {
        (Some(links), Some(output), Some(format), Some(words)) => Ok(Plan {
            job: Job {
                links: untrusted_path(&links),
                output,
                format,
                each,
                title,
                words,
                zone: TimeZone::UTC,
                now: Timestamp::now(),
                is_compact: compact,
                has_lesson_ids: lesson_id.is_some(),
                is_update: update,
                is_forced: force,
            },
            links,
            sheet,
            lesson_id,
            zone,
        }),
        _ => Err(Error::usage("", "LINKS and -o FILE are required")),
    }
}

fn language(code: &str, findings: &mut Findings) -> Option<&'static Words> {
    let words = Words::named(code);
    if words.is_none() {
        let known: Vec<&str> = words::ALL.iter().map(|words| words.code).collect();
        let [others @ .., last] = known.as_slice() else { return None };
        let others = others.join(", ");
        let message = format!("expected {others} or {last}, not {:?}", untrusted(code));
        findings.problem("--lang", message);
    }
    words
}

/// Checks the output file and returns the format that its extension sets.
fn check_file(
    path: &Path,
    links: Option<&Path>,
    may_exist: bool,
    findings: &mut Findings,
) -> Option<Format> {
    let shown = untrusted_path(path);
    if input::is_stdin(path) {
        findings.about(
            "-o",
            "must be a file: links are credentials, and standard output may be logged",
        );
        return None;
    }
    if links.is_some_and(|links| is_same_file(links, path)) {
        findings.problem("-o", format!("{shown} is the links file; choose another file"));
        return None;
    }
    if is_folder(path) {
        findings.problem(
            "-o",
            format!("{shown} is a folder; choose a file name in it, or add --each person"),
        );
        return None;
    }
    check_parent(path, findings);
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let format = match extension.to_str() {
        Some("html" | "htm") => Some(Format::Html),
        Some("ics") => Some(Format::Ics),
        _ => {
            findings.problem("-o", format!("{shown} must end in .html (page) or .ics (calendar)"));
            None
        }
    };
    // A dangling symbolic link counts as an existing file.
    if path.symlink_metadata().is_ok() && !may_exist {
        let update =
            if format == Some(Format::Ics) { ", or --update to bring it up to date" } else { "" };
        findings
            .problem("-o", format!("{shown} already exists; add --force to replace it{update}"));
    }
    format
}

/// Checks that the path is a folder, or that one can be created there.
fn check_folder(path: &Path, findings: &mut Findings) {
    let shown = untrusted_path(path);
    if input::is_stdin(path) {
        findings.about("-o", "must be a folder with --each");
    } else if path.symlink_metadata().is_ok() && !path.is_dir() {
        findings.problem("-o", format!("{shown} is a file; --each requires a folder"));
    } else if !path.is_dir() && path.extension().is_some_and(|it| it == "html" || it == "ics") {
        let message =
            format!("{shown} looks like a file; --each requires a folder, such as -o cards");
        findings.problem("-o", message);
    } else {
        check_parent(path, findings);
    }
}

fn check_parent(path: &Path, findings: &mut Findings) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        let shown = untrusted_path(parent);
        findings.problem("-o", format!("the folder {shown} does not exist; create it first"));
    }
}

/// Prints a summary, without links or people's names.
fn report(
    job: &Job,
    handout: &Handout,
    written: &Written,
    differing: &[u32],
    printer: Printer,
) -> Result<()> {
    let shown = untrusted_path(&job.output);
    let is_page = job.format == Format::Html;
    let what = job.piece();
    let files = written.files.map(|files| format!("{} and {INDEX}", count(files, "file")));
    let private = match (&files, cfg!(unix)) {
        (Some(files), true) => format!(" ({files}; only you can read them)"),
        (Some(files), false) => format!(" ({files})"),
        (None, true) => " (only you can read it)".to_owned(),
        (None, false) => String::new(),
    };
    printer.message(&format!(
        "{} for {} saved to {shown}{private}; each link is personal",
        count(written.pieces, what),
        count(handout.spaces.len(), "Space"),
    ));
    if let Some(Changes { new, changed, cancelled, unchanged }) = written.changes {
        printer.message(&format!(
            "{new} new, {changed} moved or changed, {cancelled} cancelled, {unchanged} unchanged"
        ));
    }
    if !handout.skipped.is_empty() {
        let rows = count(handout.skipped.len(), "row");
        printer.message(&format!("left out {rows} that batch skipped"));
    }
    let practice = handout.cards().filter(|(_, card)| card.is_practice).count();
    let expired = handout.cards().filter(|(_, card)| card.has_expired(job.now)).count();
    warn(job, handout, written, (differing, practice, expired), printer);
    if printer.json {
        let mut summary = json::object([
            ("file", job.output.to_string_lossy().into()),
            (if is_page { "cards" } else { "events" }, written.pieces.into()),
            ("spaces", handout.spaces.len().into()),
            ("left_out", written.left_out.total().into()),
            ("without_link", handout.without.len().into()),
            ("expired", expired.into()),
            ("skipped", handout.skipped.len().into()),
            ("practice", practice.into()),
            ("differing", differing.len().into()),
        ]);
        if let Some(files) = written.files {
            summary.insert("files", files.into());
        }
        if let Some(Changes { new, changed, cancelled, unchanged }) = written.changes {
            let counts = [
                ("new", new),
                ("changed", changed),
                ("cancelled", cancelled),
                ("unchanged", unchanged),
            ];
            for (name, events) in counts {
                summary.insert(name, events.into());
            }
        }
        printer.json_result(&summary.to_json())?;
    }
    Ok(())
}

fn warn(
    job: &Job,
    handout: &Handout,
    written: &Written,
    (differing, practice, expired): (&[u32], usize, usize),
    printer: Printer,
) {
    let is_page = job.format == Format::Html;
    let what = job.piece();
    if practice > 0 {
        let (links, each) = match practice {
            1 => ("1 practice link does not open a real lesson".to_owned(), "the"),
            _ => (format!("{practice} practice links do not open real lessons"), "each"),
        };
        printer.warning(&format!("{links}; {each} {what} says so"));
    }
    if !differing.is_empty() {
        let (links, show) = match differing.len() {
            1 => ("1 link differs from its row".to_owned(), "the link says"),
            number => (format!("{number} links differ from their rows"), "the links say"),
        };
        printer.warning(&format!(
            "{links} in name, email, leader or time ({}); the {what}s show what {show}",
            lines(differing)
        ));
    }
    let LeftOut { longer, silent } = written.left_out;
    for (links, why) in [
        (longer, "longer than 24 hours, so not a single lesson"),
        (silent, "no start and end time in the link"),
    ] {
        if links > 0 {
            printer.warning(&format!("left out {}: {why}", count(links, "link")));
        }
    }
    let without = handout.without.len();
    if without > 0 {
        let people = plural(without, "person has", "people have");
        let who = if without == 1 { "that person is" } else { "they are" };
        let in_spaces = || handout.spaces.iter().map(|space| handout.without_in(space).len());
        let place = match job.each.filter(|_| is_page) {
            None if is_page => format!("; {who} listed at the end of the page"),
            Some(Each::Space) if in_spaces().sum::<usize>() == without => {
                format!("; {who} listed at the end of their Space's page")
            }
            _ => String::new(),
        };
        printer.warning(&format!("{people} no link{place}"));
    }
    if expired > 0 {
        let links = plural(expired, "link has", "links have");
        printer.warning(&format!("{links} expired; to renew, run batch with --resume"));
    }
    let too_long = handout.cards().filter(|(_, card)| !card.has_code()).count();
    if is_page && too_long > 0 {
        let (are, them) = if too_long == 1 { ("is", "it") } else { ("are", "them") };
        printer.warning(&format!(
            "{} {are} too long for a QR code; send {them} instead of printing {them}",
            count(too_long, "link")
        ));
    }
    if written.without_email > 0 {
        let people = plural(written.without_email, "person has", "people have");
        printer.warning(&format!("{people} no email address in index.csv"));
    }
}

/// `line 4`, `lines 4, 9 and 31 more`.
fn lines(lines: &[u32]) -> String {
    const SHOWN: usize = 3;
    let numbers: Vec<String> = lines.iter().map(u32::to_string).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let what = if lines.len() == 1 { "line" } else { "lines" };
    format!("{what} {}", listed(&numbers, SHOWN + 1, SHOWN))
}
