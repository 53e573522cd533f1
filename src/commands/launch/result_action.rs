//! What to do with a link: print it (the link, the whole response as JSON, or some of its fields), pass it to
//! GitHub Actions, open it, copy it, and compare the result with `--expect`.

use crate::api::Launch;
use crate::body::LaunchRequest;
use crate::cli::{Expect, OutputArgs, ResultArgs};
use crate::error::{Error, Kind, Result};
use crate::escape::{self, untrusted};
use crate::json::{Object, Value};
use crate::problem::Findings;
use crate::settings;
use crate::terminal::desktop::{self, Copied};
use crate::terminal::output::Printer;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

/// The output flags, checked before anything is sent.
pub struct ResultAction {
    json: bool,
    fields: Vec<String>,
    github: Option<File>,
    open: bool,
    copy: bool,
    expect: Option<Expect>,
}

impl ResultAction {
    /// Checks the flags. With `--github-output`, its file must exist.
    pub fn new(result: &ResultArgs, output: OutputArgs, findings: &mut Findings) -> Self {
        let &ResultArgs { expect, open, copy, github_output } = result;
        let OutputArgs { json, field: fields, quiet: _, verbose: _, no_input: _ } = output;
        check_form(json, &fields, findings);
        if github_output && (json || !fields.is_empty()) {
            findings.about(
                "--github-output",
                "cannot be used with --json or --field: it prints only the mask",
            );
        }
        let github = if github_output { github_file(findings) } else { None };
        Self { json, fields, github, open, copy, expect }
    }

    /// Whether a new Space is an error. That error then reports the Space.
    pub fn refuses_new_space(&self) -> bool {
        self.expect == Some(Expect::Existing)
    }

    /// Prints the result, then carries out the other flags. The link is printed before anything can fail. An
    /// error from `--expect` describes what happened to the Space.
    pub fn deliver(
        self,
        request: &LaunchRequest,
        launch: &Launch,
        expires_at: Option<Timestamp>,
        printer: Printer,
    ) -> Result<()> {
        let Self { json, fields, github, open, copy, expect } = self;
        let mut missing = None;
        if let Some(file) = github {
            printer.result(&format!("::add-mask::{}", mask(&launch.client_url)))?;
            write_github(file, launch)?;
        } else if json || !fields.is_empty() {
            let answer = full_answer(launch, expires_at);
            match print_answer(&answer, &fields, printer) {
                Err(error) if error.kind == Kind::NotTheApi => missing = Some(error),
                done => done?,
            }
        } else {
            printer.result(&launch.client_url)?;
        }
        if open {
            open_link(&launch.client_url, printer);
        }
        if copy {
            copy_link(&launch.client_url, printer);
        }
        match (check_expectation(expect, request, launch), missing) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(missing)) => Err(missing),
            (Err(outcome), None) => Err(outcome),
            (Err(outcome), Some(missing)) => Err(outcome.with_cause(missing.message.clone())),
        }
    }
}

fn full_answer(launch: &Launch, expires_at: Option<Timestamp>) -> Object {
    let expires_at = expires_at.map(crate::body::times::utc);
    let mut answer = launch.answer.clone();
    append(
        &mut answer,
        [
            ("created", launch.created.into()),
            ("attempts", launch.attempts.into()),
            ("expires_at", expires_at.as_deref().into()),
        ],
    );
    answer
}

fn github_file(findings: &mut Findings) -> Option<File> {
    let Some(path) = settings::variable("GITHUB_OUTPUT") else {
        findings.about(
            "--github-output",
            "requires the GITHUB_OUTPUT variable, which GitHub Actions sets",
        );
        return None;
    };
    match OpenOptions::new().read(true).append(true).open(&path) {
        Ok(file) => Some(file),
        Err(error) => {
            let message = format!("{} {}", untrusted(&path), crate::input::explain(&error));
            findings.problem("--github-output, GITHUB_OUTPUT", message);
            None
        }
    }
}

/// Escapes %25, %0A and %0D, which a runner decodes in commands. It decodes nothing else.
fn mask(link: &str) -> String {
    ["%25", "%0A", "%0D"]
        .iter()
        .fold(link.to_owned(), |link, code| link.replace(code, &format!("%25{}", &code[1..])))
}

fn write_github(mut file: File, launch: &Launch) -> Result<()> {
    let room_id =
        launch.room_id_as_sent().map(|room_id| escape::line(&room_id)).unwrap_or_default();
    let created = launch.created.map_or_else(|| "null".to_owned(), |created| created.to_string());
    let lines = format!("client_url={}\nroom_id={room_id}\ncreated={created}\n", launch.client_url);
    let lines = if ends_a_line(&mut file) { lines } else { format!("\n{lines}") };
    file.write_all(lines.as_bytes()).map_err(|error| {
        Error::new(Kind::Unexpected, "cannot write to the GITHUB_OUTPUT file").with_source(error)
    })
}

/// Whether the file ends with a newline. True if it is empty or cannot be read.
fn ends_a_line(file: &mut File) -> bool {
    let mut last = [b'\n'];
    let read = file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last));
    read.is_err() || last == *b"\n"
}

fn open_link(link: &str, printer: Printer) {
    if settings::is_ci() {
        return printer.warning("--open has no effect in CI");
    }
    if !desktop::open(link) {
        printer.warning("--open: could not start a browser; open the link yourself");
    }
}

fn copy_link(link: &str, printer: Printer) {
    if settings::is_ci() {
        return printer.warning("--copy has no effect in CI");
    }
    match desktop::copy(link) {
        Ok(Copied::ToClipboard) => printer.message("link copied to the clipboard"),
        Ok(Copied::AskedTerminal) => printer.message(
            "asked the terminal to copy the link; if pasting does not work, your terminal does not support this",
        ),
        Err(reason) => printer.warning(&format!("--copy: could not copy the link: {reason}")),
    }
}

fn check_expectation(
    expect: Option<Expect>,
    request: &LaunchRequest,
    launch: &Launch,
) -> Result<()> {
    let id = request.shown_id();
    let (message, hint) = match (expect, launch.created) {
        (None, _) | (Some(Expect::Created), Some(true)) | (Some(Expect::Existing), Some(false)) => {
            return Ok(());
        }
        (Some(Expect::Existing), Some(true)) => (
            format!("Space {id} did not exist and has been created; add-user cannot undo this"),
            "check the spelling of --id",
        ),
        (Some(Expect::Created), Some(false)) => (
            format!("Space {id} already exists"),
            "choose another --id, or remove --expect created",
        ),
        (Some(_), None) => (
            format!(
                "cannot tell whether Space {id} is new: an earlier attempt may have created it, but its response \
                 was lost"
            ),
            "the Space exists now; run it again with --expect existing",
        ),
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint))
}

/// Checks `--field`, and that it is not used with `--json`.
pub fn check_form(json: bool, fields: &[String], findings: &mut Findings) {
    if fields.iter().any(|name| name.trim().is_empty()) {
        findings.problem("--field", "expected a field name, such as room_id");
    }
    if json && !fields.is_empty() {
        findings.about("--field", "cannot be used with --json");
    }
}

/// Appends this program's fields to a response. API fields with the same names are renamed to `api_...`.
pub fn append<const N: usize>(answer: &mut Object, fields: [(&str, Value); N]) {
    for (name, value) in fields {
        let mut other = format!("api_{name}");
        while answer.get(name).is_some() && answer.get(&other).is_some() {
            other.insert_str(0, "api_");
        }
        answer.rename(name, &other);
        answer.insert(name, value);
    }
}

/// Prints a response as JSON, or the values of these fields, one per line.
pub fn print_answer(answer: &Object, fields: &[String], printer: Printer) -> Result<()> {
    if fields.is_empty() {
        return printer.json_result(&answer.to_json());
    }
    let value =
        |name: &str| answer.get(name).or_else(|| answer.at(&name.split('.').collect::<Vec<_>>()));
    let missing: Vec<String> =
        fields.iter().filter(|name| value(name).is_none()).map(|name| untrusted(name)).collect();
    if !missing.is_empty() {
        let message =
            format!("no field {} in the response; the request succeeded", missing.join(", "));
        let hint = format!("fields in the response: {}", names(answer));
        return Err(Error::new(Kind::NotTheApi, message).with_hint(hint));
    }
    // In one write, so that a reader that takes only the first line does not interrupt the rest.
    let lines: String = fields.iter().filter_map(|name| value(name)).map(line).collect();
    printer.result_text(&lines)
}

fn line(value: &Value) -> String {
    let line = match value.as_text() {
        Some(text) => escape::line(&text),
        None => escape::json(&value.to_json(), crate::terminal::output::ascii_only()),
    };
    format!("{line}\n")
}

fn names(answer: &Object) -> String {
    let names = answer.members().iter().map(|member| untrusted(member.name())).collect::<Vec<_>>();
    names.join(", ")
}
