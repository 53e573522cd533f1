//! `lessonspace link`: what a join link says, offline.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use crate::body::times;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::input;
use crate::input::decode;
use crate::join_link::{self, JoinToken, Validity};
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
needs no API key and no network, so it cannot check that the link is genuine: that takes the Space's \
secret. Exits 8 if the link has expired or is not valid yet, 2 if it is not a join link.

A link may be pasted as it was sent: quotes, <...>, &amp;, line breaks from an email and Outlook's \
Safe Links address around it are removed.

Anyone who has a join link can use it. On the command line it is visible to other users and is kept in \
your shell history; use - to avoid both.

Examples:
  lessonspace launch --id biology101_2023 | lessonspace link -
  lessonspace link - < link.txt
  lessonspace link - --qr < link.txt
  wl-paste | lessonspace link - --json";

/// `link`
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Join link, or - to read it from standard input (safer)
    #[arg(value_name = "LINK")]
    pub link: String,
    /// Print everything the link's token says as JSON; errors go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print the link as a QR code, in the terminal or as an SVG image (--qr=svg)
    ///
    /// Always white on black in a terminal, even with NO_COLOR, so that phones can scan it
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

/// What is said of a practice link.
const PRACTICE: &str = "yes; this link does not open a real lesson";

/// Runs the command.
pub async fn run(arguments: LinkArgs, printer: Printer) -> Result<()> {
    let LinkArgs { link, json, qr } = arguments;
    let link = pasted(&given(link).await?);
    let token = join_link::read(&link).ok_or_else(no_link)?;
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
            "to make a new one: lessonspace add-user --id ID --user-name NAME",
        ),
        Validity::NotYet(start) => {
            (format!("the link is not valid until {}", shown(start)), "try again then")
        }
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint))
}

fn print_code(link: &str, form: QrForm, printer: Printer) -> Result<()> {
    let code = QrCode::of(link).ok_or_else(|| {
        Error::usage("--qr", "cannot draw this link: it is longer than 2953 bytes")
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
    let problem = |message: &str| Error::usage("standard input", message);
    let bytes = input::read(path).await.map_err(|message| problem(&message))?;
    decode(bytes, None).map(|decoded| decoded.text).map_err(|error| problem(&error.to_string()))
}

/// A link as people paste it, with what a mail program, a chat or Outlook put around it removed.
fn pasted(text: &str) -> String {
    /// A Safe Link of a Safe Link happens when a mail is forwarded; more layers do not.
    const MOST_LAYERS: usize = 4;
    let mut link = bare(&unbroken(text));
    for _ in 0..MOST_LAYERS {
        let Some(inner) = inside_safe_link(&link) else { break };
        link = bare(&inner);
    }
    link
}

/// The text on one line. Mail programs break long links; they quote lines with `>`, and in a raw
/// message `=` ends a broken line and `=3D` is written for `=` (RFC 2045, quoted-printable).
fn unbroken(text: &str) -> String {
    let text = text.trim_matches(is_around);
    let is_quoted_printable = text.contains("=3D") && text.contains(['\n', '\r']);
    let mut joined = String::with_capacity(text.len());
    for line in text.split(['\n', '\r']) {
        let line = line.trim().trim_start_matches("> ").trim_start();
        if !joined.is_empty() && line.contains("://") {
            // A second link, which must not become a part of the first.
            joined.push('\n');
        }
        joined.push_str(if is_quoted_printable {
            line.strip_suffix('=').unwrap_or(line)
        } else {
            line
        });
    }
    if is_quoted_printable { joined.replace("=3D", "=") } else { joined }
}

/// Without the quotes and angle brackets around it, and with `&` for its HTML entity.
fn bare(text: &str) -> String {
    const PAIRS: [(char, char); 9] = [
        ('<', '>'),
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('„', '“'),
        ('‘', '’'),
        ('«', '»'),
        ('(', ')'),
    ];
    let mut bare = text.trim_matches(is_around);
    while let Some(inner) =
        PAIRS.iter().find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close))
    {
        // RFC 3986, appendix C: <URL:https://...>
        bare = inner.strip_prefix("URL:").unwrap_or(inner).trim_matches(is_around);
    }
    bare.replace("&amp;", "&").replace("&#38;", "&")
}

fn is_around(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// The address that Outlook's Safe Links put into the `url` parameter of their own.
/// Source: Microsoft Learn, "Safe Links in Microsoft Defender for Office 365".
fn inside_safe_link(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let host = url.host_str()?;
    let is_safe_link = url.scheme() == "https"
        && (host.ends_with(".safelinks.protection.outlook.com")
            || host.ends_with(".safelinks.protection.outlook.us"));
    let inner = url.query_pairs().find(|(name, _)| name == "url");
    inner.filter(|_| is_safe_link).map(|(_, value)| value.into_owned())
}

/// The link stays unseen: it may be a join link with a typo, and still open a lesson.
fn no_link() -> Error {
    Error::usage("", "not a join link (a web address that contains a token)").with_hint(
        "give the whole link in quotes, as launch or add-user printed it; without quotes, the shell \
         cuts it at the first &",
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://go.room.sh/?user=e30.e30.c2ln&room=r1&server=https%3A%2F%2Fa.b";

    #[test]
    fn what_people_paste_is_a_link_again() {
        let entities = LINK.replace('&', "&amp;");
        let broken = LINK.replace("&room", "\r\n&room").replace("server=", "server=\n   ");
        let quoted = format!("> {}", LINK.replace("&room", "\n> &room"));
        let printable = LINK.replace('=', "=3D").replace("&room", "&=\r\nroom");
        let encoded: String = url::form_urlencoded::byte_serialize(LINK.as_bytes()).collect();
        let safe = format!(
            "https://eur02.safelinks.protection.outlook.com/?url={encoded}&data=05%7C01&reserved=0"
        );
        let safe_again: String = url::form_urlencoded::byte_serialize(safe.as_bytes()).collect();
        let twice =
            format!("https://nam1.safelinks.protection.outlook.com/?url={safe_again}&reserved=0");
        for text in [
            LINK.to_owned(),
            format!(" \"{LINK}\" "),
            format!("'{LINK}'\n"),
            format!("<{LINK}>"),
            format!("<URL:{LINK}>"),
            format!("“{LINK}”"),
            format!("„{LINK}“"),
            format!("\u{feff}\"<{LINK}>\"\r\n"),
            format!("<{entities}>"),
            quoted,
            broken.clone(),
            format!("<{broken}>"),
            printable,
            safe.clone(),
            format!("<{}>", safe.replace('&', "&amp;")),
            safe.replace("%26room", "\n%26room"),
            twice,
        ] {
            assert_eq!(pasted(&text), LINK, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_link_does_not_become_one() {
        for text in [
            format!("{LINK}\n{LINK}"),
            LINK.replace("&room", "& room"),
            format!("see {LINK}"),
            format!("https://evil.example/?url={LINK}"),
            String::new(),
        ] {
            let token = join_link::read(&pasted(&text));
            assert!(
                token.is_none_or(|token| !text.contains('\n') && token.room.is_none()),
                "{text}"
            );
        }
        let elsewhere =
            "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fgo.room.sh";
        assert_eq!(pasted(elsewhere), elsewhere);
    }
}
