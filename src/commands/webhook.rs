//! `lessonspace webhook verify`: whether a delivery was signed with the Space's secret.

use crate::cli::{VerifyArgs, WebhookCommand};
use crate::decode::decode;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::input;
use crate::problem::{Findings, Problem};
use crate::settings::variable;
use crate::terminal::output::Printer;
use crate::webhook::{self, MalformedSignature, Verdict};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

const VARIABLE: &str = "LESSONSPACE_WEBHOOK_SECRET";

const EXAMPLE: &str = "a complete example: lessonspace webhook verify --signature \"$signature\" --secret-file secret.txt --body-file body.json";

/// Runs the command.
pub async fn run(command: WebhookCommand, printer: Printer) -> Result<()> {
    let WebhookCommand::Verify(VerifyArgs { signature, body_file, secret_file, json, quiet: _ }) =
        command;
    let mut findings = Findings::default();
    let body = body_path(body_file, secret_file.as_deref(), &mut findings);
    if secret_file.is_none() && variable(VARIABLE).is_none() {
        let what = format!("is missing; it holds the Space's secret; or set {VARIABLE}");
        findings.problem("--secret-file", what);
    }
    if signature.is_none() {
        findings.problem("--signature", "is missing; it is in the delivery's x-webhook-signature");
    }
    let is_something_missing = !findings.problems.is_empty();
    let signature = signature.unwrap_or_default();
    if !signature.is_empty() && webhook::verify("", b"", &signature).is_err() {
        findings.problem("--signature", MalformedSignature.to_string());
    }
    let secret = secret(secret_file.as_deref(), &mut findings).await;
    let body = read("--body-file", &body, &mut findings).await;
    findings.finish_offline(is_something_missing.then(|| EXAMPLE.to_owned()))?;
    let (secret, body) = (secret.unwrap_or_default(), body.unwrap_or_default());
    let verdict = webhook::verify(&secret, &body, &signature)
        .map_err(|error| Error::usage("--signature", error.to_string()))?;
    if json {
        let matches = verdict == Verdict::Matches;
        let without = verdict == Verdict::MatchesWithoutTrailingNewline;
        printer.json_result(&format!(
            "{{\"matches\":{matches},\"matches_without_trailing_newline\":{without}}}"
        ))?;
    }
    let (message, hint) = match verdict {
        Verdict::Matches => {
            printer.story("the signature matches");
            return Ok(());
        }
        Verdict::MatchesWithoutTrailingNewline => (
            "the signature does not match this body, but would without the newline at its end",
            "a shell or an editor added the newline; verify the bytes as they came, for example with: printf %s",
        ),
        Verdict::Differs => (
            "the signature does not match: the body or the secret is a different one",
            "use the raw bytes of the body, and the secret from the answer to a launch of the same Space",
        ),
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint).into())
}

/// The body's place; standard input can be read only once, and nobody types a body.
fn body_path(
    given: Option<PathBuf>,
    secret_file: Option<&Path>,
    findings: &mut Findings,
) -> PathBuf {
    if given.is_none() && io::stdin().is_terminal() {
        let what = "is missing; it holds the delivery's body, and standard input is the keyboard";
        findings.problem("--body-file", what);
    }
    let body = given.unwrap_or_else(|| PathBuf::from("-"));
    if input::is_stdin(&body) && secret_file.is_some_and(input::is_stdin) {
        let message = "would read standard input twice; give one of them a file";
        findings.problem("--secret-file - and --body-file -", message);
    }
    body
}

/// The secret, without the line end that every editor leaves.
async fn secret(file: Option<&Path>, findings: &mut Findings) -> Option<String> {
    let (place, text) = match file {
        Some(path) => {
            let place = place("--secret-file", path);
            let bytes = read("--secret-file", path, findings).await?;
            let decoded = decode(bytes, None);
            let decoded = decoded.map_err(|error| Problem::new(&*place, error.to_string()));
            (place, findings.keep(decoded)?.text)
        }
        None => (VARIABLE.to_owned(), variable(VARIABLE)?),
    };
    let secret = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if secret.is_empty() {
        findings.problem(place, "holds no secret");
    }
    Some(secret.to_owned())
}

/// Reads a file, and standard input only if nothing is wrong so far: it may be long in coming.
async fn read(flag: &str, path: &Path, findings: &mut Findings) -> Option<Vec<u8>> {
    if input::is_stdin(path) && !findings.problems.is_empty() {
        return None;
    }
    let bytes = input::read(path).await;
    findings.keep(bytes.map_err(|message| Problem::new(place(flag, path), message)))
}

fn place(flag: &str, path: &Path) -> String {
    if input::is_stdin(path) {
        format!("{flag}, standard input")
    } else {
        format!("{flag} {}", untrusted(&path.to_string_lossy()))
    }
}
