//! `lessonspace sandbox`: runs the practice API until Ctrl-C.

use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::json;
use crate::problem::{Findings, Problem};
use crate::sandbox::{self, Options, Sandbox};
use crate::settings::state_folder;
use crate::terminal::output::Printer;
use crate::terminal::shell::Shell;
use crate::terminal::signal::until_interrupted;
use clap::{Args, ValueHint};
use std::io::ErrorKind;
use std::str::FromStr;
use tokio::sync::mpsc;

/// The end of `sandbox -h`.
pub const SHORT_HELP: &str = "\
Examples:
  lessonspace sandbox
  lessonspace sandbox --fail 429@7,500@12,drop@20";

/// The end of `sandbox --help`.
pub const HELP: &str = "\
Runs until Ctrl-C. Prints two lines to paste into another terminal, then shows each request and \
webhook on standard error. It imitates the launch part of the Lessonspace API and keeps its \
Spaces between runs. Only webhooks leave this computer. Practice links open a page with Join, Leave and \
Idle buttons, which send the Space's signed webhooks, and a button for each other event that the \
Space subscribes to. Any API key works, and each key is a separate organisation. The \
default --rate is what Lessonspace documents as its usual limit; its limit on launching is unknown.

For a single command, use --sandbox with launch, add-user, batch or hello instead (without the page).

Examples:
  lessonspace sandbox
  lessonspace sandbox --port 8080 --rate 0
  lessonspace sandbox --webhook-url http://127.0.0.1:8000/hook
  lessonspace sandbox --fail 429@7,500@12,drop@20";

/// The flags of `sandbox`. Values stay text here, so that all problems are reported at once.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value = "0", allow_negative_numbers = true)]
    pub port: String,
    /// Requests per second allowed for each key; 0 means no limit
    #[arg(long, value_name = "NUMBER", default_value = "5", allow_negative_numbers = true)]
    pub rate: String,
    /// Make requests fail, such as 429@7,500@12,drop@20
    ///
    /// 429@7 returns 429 for the 7th request. drop@20 processes the 20th but never responds
    #[arg(long, value_name = "KIND@NUMBER,...")]
    pub fail: Option<String>,
    /// Send every event to this URL too, in addition to each Space's webhooks
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub webhook_url: Option<String>,
    /// Print the address and key as JSON; errors go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Do not show requests and webhooks
    #[arg(short, long)]
    pub quiet: bool,
}

/// Runs until a signal arrives. Ctrl-C is the usual way to stop it, so it is not an error.
pub async fn run(arguments: SandboxArgs, printer: Printer) -> Result<()> {
    match until_interrupted(serve(arguments, printer)).await {
        Err(error) if error.kind == Kind::Interrupted(2) => Ok(()),
        result => result,
    }
}

async fn serve(arguments: SandboxArgs, printer: Printer) -> Result<()> {
    let is_json = arguments.json;
    let (log, mut lines) = mpsc::unbounded_channel();
    let sandbox = start(Options { log: Some(log), ..options(arguments)? }).await?;
    if let Some(warning) = sandbox.warning() {
        printer.warning(warning);
    }
    if is_json {
        printer.json_result(&address(&sandbox))?;
    } else {
        let shell = Shell::in_use();
        let url = shell.export("LESSONSPACE_API_URL", sandbox.url());
        let key = shell.export("LESSONSPACE_API_KEY", sandbox.key());
        printer.result(&format!("{url}\n{key}"))?;
    }
    printer.message("the sandbox is running; paste the lines above into another terminal");
    printer.message("nothing is sent to Lessonspace; press Ctrl-C to stop");
    while let Some(line) = lines.recv().await {
        printer.message(&line);
    }
    Ok(())
}

/// The options from the flags, or all problems with the flags.
fn options(arguments: SandboxArgs) -> Result<Options, Error> {
    let SandboxArgs { port, rate, fail, webhook_url, json: _, quiet: _ } = arguments;
    let mut findings = Findings::default();
    let port = findings.keep(number::<u16>("--port", &port, "65535"));
    let rate = findings.keep(number::<u32>("--rate", &rate, "4294967295"));
    let faults = fail.and_then(|text| findings.keep(parsed("--fail", &text)));
    let webhook_url = webhook_url.and_then(|text| findings.keep(parsed("--webhook-url", &text)));
    let state = state_folder();
    if state.is_none() {
        findings.problem(
            "",
            "no folder to save the practice Spaces in; set HOME, or set \
                          XDG_STATE_HOME to an absolute path",
        );
    }
    if !findings.problems.is_empty() {
        let count = findings.problems.len();
        let mut error = Error::of_problems(findings.problems);
        if count > 1 {
            // Omits "nothing was sent", because this command never sends anything.
            error.message = format!("{count} problems with the input");
        }
        return Err(error);
    }
    Ok(Options {
        port: port.unwrap_or_default(),
        state: state.unwrap_or_default(),
        rate,
        faults: faults.unwrap_or_default(),
        serving: true,
        webhook_url,
        log: None,
    })
}

fn parsed<T: FromStr<Err = String>>(flag: &str, text: &str) -> Result<T, Problem> {
    T::from_str(text).map_err(|message| Problem::new(flag, message))
}

fn number<T: FromStr>(flag: &str, text: &str, most: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        let message =
            format!("expected a whole number from 0 to {most}, not {:?}", untrusted(text));
        Problem::new(flag, message)
    })
}

async fn start(options: Options) -> Result<Sandbox, Error> {
    let (port, folder) = (options.port, untrusted_path(&options.state));
    sandbox::start(options).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Error::usage("--port", format!("{port} is already in use"))
            .with_hint("choose another port, or leave out --port to use any free one"),
        _ => Error::new(
            Kind::Unexpected,
            format!("cannot start the sandbox on port {port} with its Spaces in {folder}"),
        )
        .with_source(error),
    })
}

fn address(sandbox: &Sandbox) -> String {
    json::object([("api_url", sandbox.url().into()), ("api_key", sandbox.key().into())]).to_json()
}
