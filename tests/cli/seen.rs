//! The output of one run, assertions on it, and the checks that every run must pass.
//!
//! After every run: no key on any stream; no join link or `secret` on stderr; no control or bidi
//! character, and no line that a CI log would take for a command; a documented exit code; with
//! `--json` only JSON lines on stderr.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::ExitStatus;
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::mock::{LINK_MARK, SECRET};
use crate::support::KEY_MARKS;

/// Exit code, stdout and stderr of one run.
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    line: String,
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let block =
            |text: &str| text.lines().map(|line| format!("  | {line}\n")).collect::<String>();
        write!(f, "command: {}\nexit code: {:?}\n", self.line, self.code)?;
        write!(f, "stdout:\n{}stderr:\n{}", block(&self.stdout), block(&self.stderr))
    }
}

impl Output {
    pub(crate) fn new(
        arguments: &[OsString],
        status: ExitStatus,
        stdout: Vec<u8>,
        stderr: Vec<u8>,
    ) -> Self {
        let text = |name: &str, bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap_or_else(|error| panic!("{name} is not UTF-8: {error}"))
        };
        Self {
            code: status.code(),
            stdout: text("stdout", stdout),
            stderr: text("stderr", stderr),
            line: arguments.iter().map(|word| format!("{} ", word.display())).collect(),
        }
    }

    /// Exit code 0 and exactly this on stdout.
    #[track_caller]
    pub(crate) fn succeeded(&self, stdout: &str) -> &Self {
        self.ended(0, stdout)
    }

    /// Exactly this exit code and this stdout.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, stdout: &str) -> &Self {
        assert!(
            self.code == Some(code) && self.stdout == as_printed(stdout),
            "expected exit code {code} and this stdout:\n  | {}\nseen:\n{self}",
            stdout.replace('\n', "\n  | ")
        );
        self
    }

    /// Exactly this exit code, this stdout and this stderr.
    #[track_caller]
    pub(crate) fn showed(&self, code: i32, stdout: &str, stderr: &str) -> &Self {
        self.ended(code, stdout);
        let stderr = as_told(stderr);
        assert!(
            self.stderr == stderr,
            "expected this stderr:\n  | {}\nseen:\n{self}",
            stderr.replace('\n', "\n  | ")
        );
        self
    }

    /// Exit code 2, nothing on stdout, and exactly this on stderr.
    #[track_caller]
    pub(crate) fn refused(&self, stderr: &str) -> &Self {
        self.showed(2, "", stderr)
    }

    /// This exit code, nothing on stdout, and an error in the usual form.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32) -> &Self {
        self.ended(code, "");
        self.error_form();
        self
    }

    /// One `error: ` headline without a final period on stderr.
    #[track_caller]
    pub(crate) fn error_form(&self) -> &Self {
        let headlines: Vec<_> =
            self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(
            headlines.len() == 1 && !headlines[0].ends_with('.'),
            "expected one `error: ` headline without a period, seen:\n{self}"
        );
        self
    }

    /// All of these words are on stderr.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(
                self.stderr.contains(&as_told(word)),
                "expected {word:?} on stderr, seen:\n{self}"
            );
        }
        self
    }

    /// None of these words is on stderr.
    #[track_caller]
    pub(crate) fn does_not_say(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(!self.stderr.contains(word), "expected no {word:?} on stderr, seen:\n{self}");
        }
        self
    }

    /// The one `hint: ` line.
    #[track_caller]
    pub(crate) fn hint(&self) -> &str {
        let hints: Vec<_> =
            self.stderr.lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
        assert!(hints.len() == 1, "expected one `hint: ` line, seen:\n{self}");
        hints[0]
    }

    /// The error object of a `--json` run, its six constant keys checked.
    #[track_caller]
    pub(crate) fn json_error(&self, code: i32, kind: &str) -> Value {
        assert!(self.code == Some(code), "expected exit code {code}, seen:\n{self}");
        let errors: Vec<Value> = self
            .stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|line| line.get("error").cloned())
            .collect();
        assert!(errors.len() == 1, "expected one JSON error line, seen:\n{self}");
        let error = &errors[0];
        let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
        let optional = ["problems", "retry_after_s"];
        let mut sorted: Vec<_> =
            keys.iter().copied().filter(|key| !optional.contains(key)).collect();
        sorted.sort_unstable();
        let expected = ["details", "exit_code", "hint", "http_status", "kind", "message"];
        // Input errors also have `problems`, and a busy server may set `retry_after_s`.
        sorted.retain(|key| !["problems", "retry_after_s"].contains(key));
        assert!(sorted == expected, "expected the keys {expected:?}, seen {keys:?} in\n{self}");
        assert!(
            error["kind"] == kind && error["exit_code"] == code && error["message"].is_string(),
            "expected kind {kind} and exit code {code}, seen:\n{self}"
        );
        error.clone()
    }

    /// stdout, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is no JSON: {error}\n{self}"))
    }

    /// The checks that every run must pass.
    pub(crate) fn check_every_time(&self, arguments: &[OsString]) {
        let given = |flag: &str| arguments.iter().any(|argument| argument == flag);
        for mark in KEY_MARKS {
            for stream in [&self.stdout, &self.stderr] {
                assert!(!leaks(stream, mark), "a key leaked:\n{self}");
            }
        }
        assert!(!leaks(&self.stderr, LINK_MARK), "a join link is on stderr:\n{self}");
        assert!(!leaks(&self.stderr, SECRET), "a secret is on stderr:\n{self}");
        if !given("--json") && !given("--field") {
            assert!(!leaks(&self.stdout, SECRET), "a secret is on stdout:\n{self}");
        }
        let known = [0, 1, 2, 3, 4, 5, 6, 7, 8, 129, 130, 143];
        assert!(self.code.is_some_and(|code| known.contains(&code)), "not an exit code:\n{self}");
        assert!(!self.stderr.contains("panicked at"), "a panic:\n{self}");
        for stream in [&self.stdout, &self.stderr] {
            // An empty roster is CSV with Excel's line endings.
            let is_line_end = |c: char| c == '\r' && given("--template");
            if let Some(wild) = stream.chars().find(|&c| is_wild(c) && !is_line_end(c)) {
                panic!("{wild:?} is not escaped:\n{self}");
            }
        }
        assert!(
            !self.stderr.lines().any(|line| line.trim_start().starts_with("::")),
            "a CI log would take a line for a command:\n{self}"
        );
        if given("--json") {
            for line in self.stderr.lines() {
                let value: Value = serde_json::from_str(line).unwrap_or(Value::Null);
                let known = value.get("warning").or(value.get("error"));
                // `-v` notes are not warnings, but must be JSON too.
                let note = value.get("note").filter(|_| given("-v"));
                assert!(known.or(note).is_some(), "not a JSON warning or error: {line:?}\n{self}");
            }
        }
    }
}

/// The message as printed on this system: on Windows, it does not say that only you can read the file.
fn as_told(text: &str) -> String {
    if cfg!(windows) {
        text.replace(" (only you can read it)", "").replace("; only you can read them", "")
    } else {
        text.to_owned()
    }
}

/// The printed form of a text: on Windows, JSON is written to pipes as ASCII, because the next
/// program reads them in its own code page.
pub(crate) fn as_printed(text: &str) -> String {
    if !cfg!(windows) || !text.starts_with('{') {
        return text.to_owned();
    }
    let escaped = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escaped).collect()
}

/// Whether a text contains eight consecutive characters of a secret.
fn leaks(text: &str, secret: &str) -> bool {
    let bytes = secret.as_bytes();
    bytes.windows(8).any(|part| text.contains(std::str::from_utf8(part).unwrap()))
}

/// Characters that can garble a terminal or a log.
fn is_wild(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Only `config.toml` may contain a key, and none of the program's own files a join link.
pub(crate) fn check_folder(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_folder(&path);
        } else if path.file_name().is_none_or(|name| name != "config.toml") {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            for mark in [KEY_MARKS[0], KEY_MARKS[1], LINK_MARK] {
                assert!(!leaks(&text, mark), "{} holds a key or a link", path.display());
            }
        }
    }
}

/// Reads a stream to its end in the background.
pub(crate) fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    })
}
