//! Standard output and standard error, in plain words and as JSON. Standard output holds the
//! result and nothing else.

mod closed;
mod progress;

pub use progress::Progress;

use crate::escape;
use crate::exit::Failure;
use crate::json::{Object, Origin, Value, quote};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, IsTerminal as _, Write};

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const CYAN: &str = "\u{1b}[1;36m";
const PLAIN: &str = "\u{1b}[0m";

/// How much is told, and in which form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printer {
    /// Messages are JSON lines.
    pub json: bool,
    /// No story.
    pub quiet: bool,
    /// Details of the settings and the network.
    pub verbose: bool,
}

/// The result could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result to standard output")]
pub struct WriteError(#[from] io::Error);

impl Printer {
    /// The result: one line on standard output. A reader that has closed the pipe is content.
    pub fn result(self, line: &str) -> Result<(), WriteError> {
        self.result_text(&format!("{line}\n"))
    }

    /// A result of more than one line.
    #[expect(clippy::unused_self, reason = "the result has one form, but goes through the printer")]
    pub fn result_text(self, text: &str) -> Result<(), WriteError> {
        if closed::stdout_was_closed() {
            return Err(io::Error::other("standard output is closed").into());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// The result as JSON on one line.
    pub fn json_result(self, json: &str) -> Result<(), WriteError> {
        self.result(&escape::json(json, ascii_only()))
    }

    /// A picture drawn in light blocks: on a terminal light is white and dark is black, whatever the
    /// terminal's own colours are, so that scanners take it.
    pub fn picture(self, lines: &[String]) -> Result<(), WriteError> {
        const WHITE_ON_BLACK: &str = "\u{1b}[97;40m";
        const RESET: &str = "\u{1b}[0m";
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return self.result(&lines.join("\n"));
        }
        let line = |line: &String| format!("{WHITE_ON_BLACK}{line}{RESET}\n");
        let text: String = lines.iter().map(line).collect();
        let mut stdout = AutoStream::new(stdout, ColorChoice::Always);
        Ok(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())?)
    }

    /// Help and version, coloured if [`colours_help`].
    pub fn help(self, text: &str) -> Result<(), WriteError> {
        if colours_help() {
            let mut stdout = AutoStream::new(io::stdout(), ColorChoice::Always);
            return Ok(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())?);
        }
        self.result_text(text)
    }

    /// What happened, for a person; left out with `--quiet` and `--json`.
    pub fn story(self, line: &str) {
        if !self.quiet && !self.json {
            tell(&escape::line(line), "");
        }
    }

    /// A detail, with `--verbose`.
    pub fn detail(self, line: &str) {
        if self.verbose {
            self.message("note", "", line);
        }
    }

    /// Something that should be known, though the run goes on.
    pub fn warning(self, line: &str) {
        self.message("warning", YELLOW, line);
    }

    fn message(self, label: &str, colour: &str, line: &str) {
        if self.json {
            tell(&escape::json(&format!("{{{}:{}}}", quote(label), quote(line)), ascii_only()), "");
        } else {
            tell(&escape::line(&format!("{label}: {line}")), colour);
        }
    }

    /// Why the run failed: the last words.
    pub fn failure(self, failure: &Failure) {
        if self.json {
            return tell(&escape::json(&failure_json(failure), ascii_only()), "");
        }
        tell(&escape::line(&format!("error: {}", failure.headline)), RED);
        for cause in &failure.causes {
            tell(&escape::line(&format!("  {cause}")), "");
        }
        if let Some(hint) = &failure.hint {
            tell(&escape::line(&format!("hint: {hint}")), CYAN);
        }
    }
}

/// Whether the help is to have colours.
pub fn colours_help() -> bool {
    may_colour(io::stdout().is_terminal())
}

fn failure_json(failure: &Failure) -> String {
    let message = std::iter::once(&failure.headline)
        .chain(&failure.causes)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    let text = |text: &str| Value::text(text, Origin::Unplaced);
    let null = || Value::raw("null", Origin::Unplaced);
    let mut error = Object::default();
    error.insert("kind", text(failure.exit.kind()));
    error.insert("message", text(&message));
    error.insert("hint", failure.hint.as_deref().map_or_else(null, text));
    let status = failure.http_status.map_or_else(|| "null".to_owned(), |status| status.to_string());
    error.insert("http_status", Value::raw(status, Origin::Unplaced));
    error.insert("details", failure.details.clone().unwrap_or_else(null));
    error.insert("exit_code", Value::raw(failure.exit.code().to_string(), Origin::Unplaced));
    format!("{{\"error\":{}}}", error.to_json())
}

/// One line on standard error. If nobody can read it, nothing can be done about that.
fn tell(line: &str, colour: &str) {
    let stderr = io::stderr();
    let coloured = !colour.is_empty() && may_colour(stderr.is_terminal());
    let line = match line.split_once(": ") {
        Some((label, rest)) if coloured => format!("{colour}{label}:{PLAIN} {rest}\n"),
        _ => format!("{line}\n"),
    };
    let choice = if coloured { ColorChoice::Always } else { ColorChoice::AlwaysAnsi };
    let _ = AutoStream::new(stderr.lock(), choice).write_all(line.as_bytes());
}

fn may_colour(is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Old Windows consoles and pipes read anything beyond ASCII in a code page of their own.
fn ascii_only() -> bool {
    cfg!(windows) && !io::stdout().is_terminal()
}
