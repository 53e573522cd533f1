//! `lessonspace link`: shows what a join link contains, offline.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use crate::body::times;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::input;
use crate::input::decode;
use crate::join_link::{self, JoinToken, Validity};
use crate::pasted_link::{self, NotOne};
use crate::qr::QrCode;
use crate::terminal::output::Printer;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::Path;
use url::Url;

/// The end of `link -h`.
pub const SHORT_HELP: &str = "\
Examples:
  lessonspace launch --id biology101_2023 | lessonspace link -
  lessonspace link - --qr < link.txt";

/// The end of `link --help`.
pub const HELP: &str = "\
Prints the room, the person, whether they are a leader, and when the link is valid, in local time. It \
needs no API key and no network, so it cannot check that the link is genuine: that requires the Space's \
secret. Exits 8 if the link has expired or is not valid yet, 2 if it is not a join link.

You can paste a link from an email: quotes, angle brackets, line breaks and Outlook's Safe Links wrapper \
are removed, and &amp; becomes &. The link can be inside other text, but there must be only one (the same \
link twice is fine).

Anyone who has a join link can use it. On the command line it is visible to other users and is kept in \
your shell history; use - to avoid both.

Examples:
  lessonspace launch --id biology101_2023 | lessonspace link -
  lessonspace link - < link.txt
  lessonspace link - --qr < link.txt
  wl-paste | lessonspace link - --json";

#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Join link, or - to read it from standard input (safer)
    #[arg(value_name = "LINK")]
    pub link: String,
    /// Print the link's token as JSON; errors go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print the link as a QR code, in the terminal or as an SVG image (--qr=svg)
    ///
    /// Always drawn in black and white in a terminal, even with NO_COLOR, so that phones can scan it
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "terminal", conflicts_with = "json")]
    pub qr: Option<QrForm>,
}

/// How a QR code is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QrForm {
    /// Text, for the terminal
    Terminal,
    /// SVG image
    Svg,
}

/// Shown for a practice link.
const PRACTICE: &str = "yes; this link does not open a real lesson";

pub async fn run(arguments: LinkArgs, printer: Printer) -> Result<()> {
    let LinkArgs { link, json, qr } = arguments;
    let is_argument = !input::is_stdin(Path::new(&link));
    let link = pasted_link::find(&given(link).await?);
    let link = link.map_err(|reason| not_one(reason, is_argument))?;
    let token = join_link::read(&link).ok_or_else(|| not_one(NotOne::NoLink, is_argument))?;
    let is_practice = Url::parse(&link).is_ok_and(|url| join_link::is_practice(&url));
    let now = Timestamp::now();
    if is_practice && (json || qr.is_some()) {
        printer.warning("this is a practice link; it does not open a real lesson");
    }
    if let Some(form) = qr {
        print_code(&link, form, printer)?;
    } else if json {
        printer.json_result(&token.claims.to_json())?;
    } else {
        let mut lines = describe(&token, now);
        if is_practice {
            lines.push(format!("practice:     {PRACTICE}"));
        }
        printer.result(&lines.join("\n"))?;
    }
    let shown = |time| times::shown(time, &times::system_zone());
    let (message, hint) = match token.validity(now) {
        Validity::Valid => return Ok(()),
        Validity::Expired(end) => (
            format!("the link expired on {}", shown(end)),
            "to get a new one, run: lessonspace add-user --id ID --user-name NAME",
        ),
        Validity::NotYet(start) => {
            (format!("the link is not valid until {}", shown(start)), "try again then")
        }
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint))
}

fn print_code(link: &str, form: QrForm, printer: Printer) -> Result<()> {
    let code = QrCode::of(link).ok_or_else(|| {
        Error::usage("--qr", "this link is too long for a QR code (more than 2953 bytes)")
    })?;
    match form {
        QrForm::Svg => printer.result(&code.svg())?,
        QrForm::Terminal => printer.picture(&code.half_blocks())?,
    }
    Ok(())
}

async fn given(link: String) -> Result<String, Error> {
    let path = Path::new(&link);
    if !input::is_stdin(path) {
        return Ok(link);
    }
    let problem = |message: &str| Error::about("standard input", message);
    let bytes = input::read(path).await.map_err(|message| problem(&message))?;
    decode(bytes, None).map(|decoded| decoded.text).map_err(|error| problem(&error.to_string()))
}

/// The error never shows the link: it may be a join link with a typo, and still open a lesson.
fn not_one(reason: NotOne, is_argument: bool) -> Error {
    let (message, hint) = match reason {
        NotOne::Several(number) => (format!("found {number} links; use only one"), None),
        NotOne::NoLink => {
            let message = "not a join link (a web address that contains a token)";
            let hint =
                "put the whole link in quotes; without them, the shell cuts it at the first &";
            (message.to_owned(), Some(hint))
        }
    };
    let pasting = "paste only the link, from https:// to its end";
    let error = Error::usage("", message);
    match if is_argument { hint } else { Some(pasting) } {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn describe(token: &JoinToken, now: Timestamp) -> Vec<String> {
    let unknown = || "not in the link".to_owned();
    let time = |time: Option<Timestamp>| {
        time.map_or_else(unknown, |time| times::shown(time, &times::system_zone()))
    };
    let left = match (token.validity(now), token.expires_at) {
        (Validity::Expired(end), _) => format!("expired {} ago", length(end, now)),
        (Validity::NotYet(start), _) => format!("starts in {}", length(now, start)),
        (Validity::Valid, Some(end)) => times::length_left(end.duration_since(now)),
        (Validity::Valid, None) => unknown(),
    };
    let leader = match token.can_lead() {
        Some(true) => "yes; keep it private: anyone with this link can lead the Space".to_owned(),
        Some(false) => "no".to_owned(),
        None => unknown(),
    };
    vec![
        format!("room:         {}", token.room.as_deref().map_or_else(unknown, untrusted)),
        format!("person:       {}", person(token).unwrap_or_else(unknown)),
        format!("leader:       {leader}"),
        format!("valid from:   {}", time(token.not_before)),
        format!("valid until:  {}", time(token.expires_at)),
        format!("time left:    {left}"),
    ]
}

fn person(token: &JoinToken) -> Option<String> {
    if token.is_guest() == Some(true) {
        return Some("guest link: everyone who uses it is a guest".to_owned());
    }
    match (token.name(), token.id()) {
        (Some(name), Some(id)) => Some(format!("{} (id {})", untrusted(&name), untrusted(&id))),
        (Some(name), None) => Some(untrusted(&name)),
        (None, Some(id)) => Some(format!("id {}", untrusted(&id))),
        (None, None) => None,
    }
}

fn length(from: Timestamp, until: Timestamp) -> String {
    times::length(until.duration_since(from))
}
