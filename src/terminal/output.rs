//! Standard output and standard error, as text and as JSON. Only the result goes to standard output.

use crate::error::{Error, Kind, Result};
use crate::escape;
use crate::json::{self, Value, quote};
use crate::problem::{At, Problem};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const CYAN: &str = "\u{1b}[1;36m";
const PLAIN: &str = "\u{1b}[0m";

/// Whether standard output was closed when the program started (`>&-`, some daemons). Before `main`, Rust
/// opens /dev/null in its place, and a link would be lost silently.
static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before the Rust runtime starts. Without /dev/fd, assumes that standard output is open.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn notice_closed_stdout() {
    let is_closed =
        std::fs::symlink_metadata("/dev/fd/1").is_err() && std::fs::metadata("/dev/fd").is_ok();
    STDOUT_WAS_CLOSED.store(is_closed, Ordering::Relaxed);
}

/// What to print, and in which format.
#[derive(Debug, Clone, Copy, Default)]
pub struct Printer {
    /// Messages are JSON lines.
    pub json: bool,
    /// Only warnings and errors.
    pub quiet: bool,
    /// Details of the settings and the network.
    pub verbose: bool,
}

fn write_error(error: io::Error) -> Error {
    Error::new(Kind::Unexpected, "cannot write the result to standard output")
        .with_source(error)
        .with_hint("check where standard output goes, then run it again; this is safe to repeat")
}

impl Printer {
    /// Prints the result as one line. A closed pipe is not an error: its reader has what it needs.
    pub fn result(self, line: &str) -> Result<()> {
        self.result_text(&format!("{line}\n"))
    }

    /// Prints a result of more than one line.
    #[expect(clippy::unused_self, reason = "the result has one form, but goes through the printer")]
    pub fn result_text(self, text: &str) -> Result<()> {
        if STDOUT_WAS_CLOSED.load(Ordering::Relaxed) {
            return Err(write_error(io::Error::other("standard output is closed")));
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(write_error),
        }
    }

    /// Prints the result as JSON on one line.
    pub fn json_result(self, json: &str) -> Result<()> {
        self.result(&escape::json(json, ascii_only()))
    }

    /// Prints a picture made of light blocks. On a terminal it is always white on black, whatever the
    /// terminal's colours, so that scanners can read it.
    pub fn picture(self, lines: &[String]) -> Result<()> {
        const WHITE_ON_BLACK: &str = "\u{1b}[97;40m";
        const RESET: &str = "\u{1b}[0m";
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return self.result(&lines.join("\n"));
        }
        let line = |line: &String| format!("{WHITE_ON_BLACK}{line}{RESET}\n");
        let text: String = lines.iter().map(line).collect();
        let mut stdout = AutoStream::new(stdout, ColorChoice::Always);
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(write_error)
    }

    /// Prints help or the version, in colour if [`colours_help`].
    pub fn help(self, text: &str) -> Result<()> {
        if colours_help() {
            let mut stdout = AutoStream::new(io::stdout(), ColorChoice::Always);
            return stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.flush())
                .map_err(write_error);
        }
        self.result_text(text)
    }

    /// Prints a message, unless `--quiet` or `--json` is given.
    pub fn message(self, line: &str) {
        if !self.quiet && !self.json {
            tell(&escape::line(line), "");
        }
    }

    /// Prints a detail, with `--verbose`.
    pub fn detail(self, line: &str) {
        if self.verbose {
            self.labelled("note", "", line);
        }
    }

    pub fn warning(self, line: &str) {
        self.labelled("warning", YELLOW, line);
    }

    fn labelled(self, label: &str, colour: &str, line: &str) {
        if self.json {
            tell(&escape::json(&format!("{{{}:{}}}", quote(label), quote(line)), ascii_only()), "");
        } else {
            tell(&escape::line(&format!("{label}: {line}")), colour);
        }
    }

    /// Whether messages are read by a person at a terminal.
    pub fn is_at_terminal(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Prints what failed, why, and what to do next.
    pub fn failure(self, error: &Error) {
        if self.json {
            return tell(&escape::json(&error_json(error), ascii_only()), "");
        }
        tell(&escape::line(&format!("error: {}", error.message)), RED);
        for cause in &error.causes {
            tell(&escape::line(&format!("  {cause}")), "");
        }
        if let Some(hint) = &error.hint {
            tell(&escape::line(&format!("hint: {hint}")), CYAN);
        }
    }
}

pub fn colours_help() -> bool {
    may_colour(io::stdout().is_terminal())
}

fn error_json(report: &Error) -> String {
    let message = std::iter::once(&report.message)
        .chain(&report.causes)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    let mut error = json::object([
        ("kind", report.kind.name().into()),
        ("message", message.as_str().into()),
        ("hint", report.hint.as_deref().into()),
        ("http_status", report.http_status.into()),
        ("details", report.details.clone().into()),
    ]);
    if let Some(wait) = report.retry_after {
        error.insert("retry_after_s", wait.as_secs().into());
    }
    if !report.problems.is_empty() {
        let places = report.problems.iter().flat_map(|problem| match problem.places.as_slice() {
            [] => std::slice::from_ref(problem),
            places => places,
        });
        let problems = places.map(problem_json).collect();
        error.insert("problems", Value::array(problems));
    }
    error.insert("exit_code", report.kind.exit_code().into());
    json::object([("error", error.into())]).to_json()
}

/// One problem with the input, and the known parts of its place.
fn problem_json(problem: &Problem) -> Value {
    let text = |text: &String| Value::from(text.as_str());
    let At { path, line, column, cell, field, id } = problem.parts();
    let parts = [
        ("path", path.as_ref().map(text)),
        ("line", line.map(Value::from)),
        ("column", column.map(Value::from)),
        ("cell", cell.as_ref().map(text)),
        ("field", field.as_ref().map(text)),
        ("id", id.as_ref().map(text)),
        ("message", Some(text(&problem.message))),
    ];
    json::object(parts.into_iter().filter_map(|(name, value)| Some((name, value?)))).into()
}

/// Prints one line on standard error. Errors are ignored, because there is nowhere to report them.
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

/// On Windows, old consoles and pipes read non-ASCII text in their own code page.
pub fn ascii_only() -> bool {
    cfg!(windows) && !io::stdout().is_terminal()
}
