//! `lessonspace webhook verify`: checks that a webhook was signed with the Space's secret.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use crate::error::{Error, Kind, Result};
use crate::escape::untrusted_path;
use crate::input;
use crate::input::decode;
use crate::problem::{Findings, Problem};
use crate::settings::variable;
use crate::terminal::output::Printer;
use crate::webhook::{self, MalformedSignature, Verdict};
use clap::{Args, Subcommand, ValueHint};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

const VARIABLE: &str = "LESSONSPACE_WEBHOOK_SECRET";

const EXAMPLE: &str = "for example: lessonspace webhook verify --signature \"$signature\" --secret-file secret.txt --body-file body.json";

/// The end of `webhook --help`.
pub const HELP: &str = "\
Examples:
  lessonspace webhook verify --signature \"$signature\" --secret-file secret.txt --body-file body.json";

/// The end of `webhook verify -h`.
const VERIFY_SHORT_HELP: &str = "\
Examples:
  lessonspace webhook verify --signature \"$signature\" --secret-file secret.txt --body-file body.json";

/// The end of `webhook verify --help`.
const VERIFY_HELP: &str = "\
Compares the signature with the HMAC-SHA-256 of the body. Exits 0 if they match, 8 if not. If the only \
difference is a final newline, which shells and editors add, the message says so. There is no flag for the \
secret itself, because other users of the computer can see command lines.

A signature does not expire: anyone who has seen a webhook can send the same one again, and it still \
matches. To detect replays, keep the signature (or the ids in the body) of each webhook that you have \
handled, ignore any that you have seen before, and reject any whose body contains old times.

Examples:
  lessonspace webhook verify --signature \"$signature\" --secret-file secret.txt --body-file body.json
  LESSONSPACE_WEBHOOK_SECRET=... lessonspace webhook verify --signature \"$signature\" < body.json";

/// What `webhook` can do.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Check that a webhook was signed with the Space's secret
    #[command(after_help = VERIFY_SHORT_HELP, after_long_help = VERIFY_HELP)]
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Value of the x-webhook-signature header, in hex or base64
    ///
    /// A leading sha256= is allowed
    #[arg(long, value_name = "SIGNATURE", allow_hyphen_values = true)]
    pub signature: Option<String>,
    /// File with the webhook body, exactly as received, up to 16 MiB (- for standard input) [default: -]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub body_file: Option<PathBuf>,
    /// File with the Space's secret (- for standard input)
    ///
    /// Get it with launch --field secret. LESSONSPACE_WEBHOOK_SECRET can contain the secret itself
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub secret_file: Option<PathBuf>,
    /// Print the result as JSON; errors go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print nothing if the signature matches
    #[arg(short, long, overrides_with = "quiet")]
    pub quiet: bool,
}

pub async fn run(command: WebhookCommand, printer: Printer) -> Result<()> {
    let WebhookCommand::Verify(VerifyArgs { signature, body_file, secret_file, json, quiet: _ }) =
        command;
    let mut findings = Findings::default();
    let body = body_path(body_file, secret_file.as_deref(), &mut findings);
    if secret_file.is_none() && variable(VARIABLE).is_none() {
        let what = format!("is required (a file with the Space's secret), or set {VARIABLE}");
        findings.about("--secret-file", what);
    }
    if signature.is_none() {
        let what = "is required (the webhook's x-webhook-signature header)";
        findings.about("--signature", what);
    }
    let is_something_missing = !findings.problems.is_empty();
    let signature = signature.unwrap_or_default();
    if !signature.is_empty() && webhook::verify("", b"", &signature).is_err() {
        findings.about("--signature", MalformedSignature.to_string());
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
            printer.message("the signature matches");
            return Ok(());
        }
        Verdict::MatchesWithoutTrailingNewline => (
            "the signature does not match, but would without the body's final newline",
            "a shell or an editor added the newline; verify the exact bytes you received, for example with: printf %s",
        ),
        Verdict::Differs => (
            "the signature does not match this body and secret",
            "use the raw body and the secret that launch returned for this Space",
        ),
    };
    Err(Error::new(Kind::Outcome, message).with_hint(hint))
}

/// The path of the body. At a terminal it is required, and standard input can be read only once.
fn body_path(
    given: Option<PathBuf>,
    secret_file: Option<&Path>,
    findings: &mut Findings,
) -> PathBuf {
    if given.is_none() && io::stdin().is_terminal() {
        let what = "is required (a file with the webhook's body), or pipe the body in";
        findings.about("--body-file", what);
    }
    let body = given.unwrap_or_else(|| PathBuf::from("-"));
    if input::is_stdin(&body) && secret_file.is_some_and(input::is_stdin) {
        let message = "both read standard input; use a file for one of them";
        findings.about("--secret-file - and --body-file -", message);
    }
    body
}

/// The secret, without the line ending that editors add.
async fn secret(file: Option<&Path>, findings: &mut Findings) -> Option<String> {
    let (place, text) = match file {
        Some(path) => {
            let place = place("--secret-file", path);
            let bytes = read("--secret-file", path, findings).await?;
            let decoded = decode(bytes, None);
            let decoded = decoded.map_err(|error| Problem::about(&*place, error.to_string()));
            (place, findings.keep(decoded)?.text)
        }
        None => (VARIABLE.to_owned(), variable(VARIABLE)?),
    };
    let secret = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if secret.is_empty() {
        findings.about(place, "is empty");
    }
    Some(secret.to_owned())
}

/// Reads a file. Standard input is read only if there are no problems so far, because it may block.
async fn read(flag: &str, path: &Path, findings: &mut Findings) -> Option<Vec<u8>> {
    if input::is_stdin(path) && !findings.problems.is_empty() {
        return None;
    }
    let bytes = input::read(path).await;
    findings.keep(bytes.map_err(|message| {
        Problem::about(place(flag, path), message).in_file(&untrusted_path(path), Some(flag))
    }))
}

fn place(flag: &str, path: &Path) -> String {
    if input::is_stdin(path) {
        format!("{flag} (standard input)")
    } else {
        format!("{flag} {}", untrusted_path(path))
    }
}
