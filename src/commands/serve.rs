//! `lessonspace sandbox`: serves the practice API until a signal comes.

use crate::cli::SandboxArgs;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::{Findings, Problem};
use crate::sandbox::{self, Faults, Options, Sandbox, WebhookUrl};
use crate::settings::state_folder;
use crate::terminal::output::Printer;
use crate::terminal::shell::Shell;
use std::io::ErrorKind;
use std::str::FromStr;
use tokio::sync::mpsc;

/// Runs the command. It ends only with an error, or when a signal drops it.
pub async fn run(arguments: SandboxArgs, printer: Printer) -> Result<()> {
    let json = arguments.json;
    let (log, mut lines) = mpsc::unbounded_channel();
    let sandbox = start(Options { log: Some(log), ..options(arguments)? }).await?;
    if json {
        printer.json_result(&address(&sandbox))?;
    } else {
        let shell = Shell::in_use();
        let url = shell.export("LESSONSPACE_API_URL", sandbox.url());
        let key = shell.export("LESSONSPACE_API_KEY", sandbox.key());
        printer.result(&format!("{url}\n{key}"))?;
    }
    printer.story("the sandbox is running; paste the lines above into another terminal");
    printer.story("nothing is sent to Lessonspace; Ctrl-C ends it");
    while let Some(line) = lines.recv().await {
        printer.story(&line);
    }
    Ok(())
}

/// What the flags ask for, or everything that is wrong with them.
fn options(arguments: SandboxArgs) -> Result<Options> {
    let SandboxArgs { port, rate, fail, webhook_url, json: _, quiet: _ } = arguments;
    let mut findings = Findings::default();
    let port = findings.keep(number::<u16>("--port", &port, "65535"));
    let rate = findings.keep(number::<u32>("--rate", &rate, "4294967295"));
    let faults = fail.and_then(|text| findings.keep(parsed::<Faults>("--fail", &text)));
    let webhook_url =
        webhook_url.and_then(|text| findings.keep(parsed::<WebhookUrl>("--webhook-url", &text)));
    let state = state_folder();
    if state.is_none() {
        findings.problem("", "there is no folder to remember the Spaces in: set HOME");
    }
    findings.finish_offline(None)?;
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

fn parsed<T: FromStr<Err: ToString>>(flag: &str, text: &str) -> Result<T, Problem> {
    T::from_str(text).map_err(|error| Problem::new(flag, error.to_string()))
}

async fn start(options: Options) -> Result<Sandbox> {
    let (port, folder) = (options.port, untrusted(&options.state.to_string_lossy()));
    match sandbox::start(options).await {
        Ok(sandbox) => Ok(sandbox),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let message = format!("{port} is taken by another program");
            let hint = "choose another port, or leave --port out for a free one";
            Err(Error::usage("--port", message).with_hint(hint))
        }
        Err(error) => Err(Error::new(
            Kind::Unexpected,
            format!("the sandbox cannot start on port {port} with its Spaces in {folder}"),
        )
        .with_source(error)),
    }
}

fn number<T: FromStr>(flag: &str, text: &str, most: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        let message = format!("{:?} is not a whole number from 0 to {most}", untrusted(text));
        Problem::new(flag, message)
    })
}

fn address(sandbox: &Sandbox) -> String {
    let text = |text: &str| Value::text(text, Origin::Unplaced);
    let mut address = Object::default();
    address.insert("api_url", text(sandbox.url()));
    address.insert("api_key", text(sandbox.key()));
    address.to_json()
}
