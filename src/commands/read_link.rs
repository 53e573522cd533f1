//! `lessonspace link`: what a join link says, offline.

use crate::body::times;
use crate::cli::{QrForm, ReadLinkArgs};
use crate::decode::decode;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::input;
use crate::join_link::{self, JoinToken, Validity};
use crate::qr::QrCode;
use crate::terminal::output::Printer;
use jiff::Timestamp;
use std::path::Path;

/// Runs the command.
pub async fn run(arguments: ReadLinkArgs, printer: Printer) -> Result<()> {
    let ReadLinkArgs { link, json, qr } = arguments;
    let text = given(link).await?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let token = join_link::read(text).ok_or_else(no_link)?;
    let now = Timestamp::now();
    if let Some(form) = qr {
        print_code(text, form, printer)?;
    } else if json {
        printer.json_result(&token.claims.to_json())?;
    } else {
        printer.result(&describe(&token, now).join("\n"))?;
    }
    let shown = |time| times::shown(time, &times::system_zone());
    let (message, hint) = match token.validity(now) {
        Validity::Valid => return Ok(()),
        Validity::Expired(end) => (
            format!("the link has expired: it worked until {}", shown(end)),
            "make a new one: lessonspace add-user --id ID --user-name NAME",
        ),
        Validity::NotYet(start) => (
            format!("the link is not valid yet: it works from {}", shown(start)),
            "try it again then",
        ),
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint).into())
}

fn print_code(link: &str, form: QrForm, printer: Printer) -> Result<()> {
    let code = QrCode::of(link)
        .ok_or_else(|| Error::usage("--qr", "cannot draw a link of more than 2953 bytes"))?;
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
    let problem = |message: &str| Error::usage("standard input", message);
    let bytes = input::read(path).await.map_err(|message| problem(&message))?;
    decode(bytes, None).map(|decoded| decoded.text).map_err(|error| problem(&error.to_string()))
}

/// The link stays unseen: it may be one all the same, and open a door.
fn no_link() -> Error {
    Error::usage("", "this is not a join link: a join link is a web address with a token in it").with_hint(
        "give the whole link, in quotes, as launch or add-user printed it: a shell cuts it at the first &",
    )
}

fn describe(token: &JoinToken, now: Timestamp) -> Vec<String> {
    let unknown = || "the link does not say".to_owned();
    let time = |time: Option<Timestamp>| {
        time.map_or_else(unknown, |time| times::shown(time, &times::system_zone()))
    };
    let left = match (token.validity(now), token.expires_at) {
        (Validity::Expired(end), _) => format!("none; it ended {} ago", length(end, now)),
        (Validity::NotYet(start), _) => format!("it starts in {}", length(now, start)),
        (Validity::Valid, Some(end)) => times::length_left(end.duration_since(now)),
        (Validity::Valid, None) => unknown(),
    };
    let leader = match token.can_lead() {
        Some(true) => "yes; keep the link private, whoever has it leads the Space".to_owned(),
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
        return Some("nobody in particular: everybody who uses it is a guest".to_owned());
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
