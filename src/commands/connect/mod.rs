//! Turns settings into a client: finds the API key or starts the sandbox. Also reports attempts and failures.

pub mod typed_key;

use crate::api::{
    ApiKey, CallError, Client, Details, Event, Failure, UnexpectedAnswer, retry::Stop,
};
use crate::body::times;
use crate::cli::ConnectionArgs;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted_path;
use crate::input;
use crate::links::atomic_file::is_same_file;
use crate::problem::{Findings, Problem};
use crate::sandbox;
use crate::settings::{
    self, ConnectionFlags, Endpoint, KeySearch, KeySource, Settings, state_folder,
};
use crate::terminal::output::Printer;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// A client and the source of its key.
pub struct Connection {
    pub client: Client,
    /// Source of the key, safe to print.
    pub key_source: String,
    /// What to do if the API rejects the key.
    key_advice: String,
}

impl Connection {
    /// Finds the key and builds the client; with `--sandbox`, starts the practice API instead. If no key is
    /// found, prompts for one, unless `asking` is `None`. `asking` is the time limit for trying the key.
    pub async fn open(
        settings: &Settings,
        asking: Option<Duration>,
        printer: Printer,
    ) -> Result<Self> {
        for note in &settings.notes {
            printer.detail(note);
        }
        match &settings.endpoint {
            Endpoint::Api(url) => {
                let found = match (settings.find_key().await?, asking) {
                    (KeySearch::Missing { skipped_sources }, Some(time)) => {
                        for reason in skipped_sources {
                            printer.message(&reason);
                        }
                        return Self::with_typed_key(settings, &Trial { url, time }, printer).await;
                    }
                    (found, _) => found.found()?,
                };
                found.warning.iter().for_each(|warning| printer.warning(warning));
                let KeySource { name, advice } = found.source;
                printer.detail(&format!("API key from {name}"));
                for line in &found.said {
                    printer.detail(&format!("api_key_command: {line}"));
                }
                let client = Client::new(url.clone(), found.key).await?;
                if let Some(proxy) = client.proxy() {
                    printer.detail(&format!("proxy: {proxy}"));
                }
                Ok(Self { client, key_source: name, key_advice: advice })
            }
            Endpoint::Sandbox => {
                let client = start_sandbox(printer).await?;
                printer.warning("practice only: nothing is sent to Lessonspace");
                let key_advice = "this is a bug in the sandbox".to_owned();
                Ok(Self { client, key_source: "the sandbox".to_owned(), key_advice })
            }
        }
    }

    async fn with_typed_key(
        settings: &Settings,
        trial: &Trial<'_>,
        printer: Printer,
    ) -> Result<Self> {
        printer
            .message("no API key found; to practise without one, press Ctrl-C and add --sandbox");
        let (client, key) = typed_key::ask(trial, printer).await?;
        typed_key::offer_to_save(settings, key, printer).await?;
        let KeySource { name, advice } = KeySource::prompt();
        Ok(Self { client, key_source: name, key_advice: advice })
    }

    /// The error to report for a failed call.
    pub fn failure(&self, call: &CallError, time: Duration, makes_something: bool) -> Error {
        let context = Context { key_source: &self.key_source, time, makes_something };
        let error = call_failed(call, &context);
        match error.kind {
            Kind::Key => error.with_hint(&*self.key_advice),
            _ => error,
        }
    }
}

/// Where to try a key, and for how long.
pub struct Trial<'a> {
    pub url: &'a Url,
    /// Time limit of the call.
    pub time: Duration,
}

/// Prints the attempts and waits of a call, with `--verbose`.
pub fn watch(printer: Printer) -> impl Fn(Event<'_>) {
    move |event| match event {
        Event::Attempt(number) => printer.detail(&format!("attempt {number}")),
        Event::Failed(failure) => printer.detail(&format!("failed: {failure}")),
        Event::Waiting(pause) => printer.detail(&format!("waiting {:.1} s", pause.as_secs_f64())),
    }
}

async fn start_sandbox(printer: Printer) -> Result<Client> {
    let state = state_folder().ok_or_else(|| {
        Error::usage("--sandbox", "no folder to save the practice Spaces in")
            .with_hint("set HOME, or set XDG_STATE_HOME to an absolute path")
    })?;
    let folder = untrusted_path(&state);
    let sandbox = sandbox::start(sandbox::Options { state, ..sandbox::Options::default() })
        .await
        .map_err(|error| {
        let is_damaged = error.kind() == io::ErrorKind::InvalidData;
        let what = if is_damaged { "read" } else { "save" };
        let message = format!("cannot {what} the practice Spaces in {folder}");
        Error::new(Kind::Unexpected, message).with_source(error)
    })?;
    if let Some(warning) = sandbox.warning() {
        printer.warning(warning);
    }
    let client = Client::new(
        Url::parse(sandbox.url()).map_err(anyhow::Error::from)?,
        ApiKey::parse(sandbox.key()).map_err(anyhow::Error::from)?,
    )
    .await?;
    Ok(client)
}

/// Default of `--timeout`.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// The connection flags, and the time limit of a call.
pub fn connection_flags(
    arguments: ConnectionArgs,
    findings: &mut Findings,
) -> (ConnectionFlags, Duration) {
    let ConnectionArgs { profile, api_key_file, api_url, sandbox, timeout } = arguments;
    let time = timeout.and_then(|text| {
        let time = times::waiting_time(&text).map_err(|message| Problem::new("--timeout", message));
        findings.keep(time)
    });
    let time = time.unwrap_or(DEFAULT_TIME);
    (ConnectionFlags { profile, api_key_file, api_url, sandbox, time }, time)
}

/// Whether the API key is read from standard input, because of the flag or the variable.
pub fn reads_key_from_stdin(connection: &ConnectionArgs) -> bool {
    let ConnectionArgs { api_key_file, sandbox, .. } = connection;
    let of_variable = || {
        let has_key =
            settings::is_practice(*sandbox) || settings::variable("LESSONSPACE_API_KEY").is_some();
        !has_key && settings::variable("LESSONSPACE_API_KEY_FILE").is_some_and(|path| path == "-")
    };
    api_key_file.as_deref().map_or_else(of_variable, input::is_stdin)
}

/// The flag, variable or file that `path` has in common with the API key. A file with a key counts even if
/// another key is used.
pub fn source_of_key(path: &Path, connection: &ConnectionArgs) -> Option<&'static str> {
    let variable = settings::variable("LESSONSPACE_API_KEY_FILE").map(PathBuf::from);
    let config = settings::config_path().map(|(path, _)| path);
    let sources = [
        ("--api-key-file", connection.api_key_file.clone()),
        ("LESSONSPACE_API_KEY_FILE", variable),
        ("the config file", config),
    ];
    sources.into_iter().find_map(|(name, source)| {
        let source = source?;
        let is_same = match (input::is_stdin(path), input::is_stdin(&source)) {
            (true, true) => reads_key_from_stdin(connection),
            _ => is_same_file(input::as_file(path), input::as_file(&source)),
        };
        is_same.then_some(name)
    })
}

/// Facts about a failed call that its error does not contain.
pub struct Context<'a> {
    pub key_source: &'a str,
    /// Time limit of the call.
    pub time: Duration,
    /// Whether the call creates something, which may then exist despite the failure.
    pub makes_something: bool,
}

/// The error to report for an API call that failed and is not retried.
fn call_failed(call: &CallError, context: &Context) -> Error {
    let failure = &call.error;
    let mut causes = failure.causes();
    if matches!(failure, Failure::KeyRefused { .. }) {
        causes.insert(0, format!("the key came from {}", context.key_source));
    }
    causes.extend(attempts(call, context));
    let mut error = Error::new(failure.kind(), failure.to_string())
        .with_causes(causes)
        .with_hint(failure.hint());
    error.http_status = failure.status();
    error.retry_after = failure.retry_after();
    error.details = match failure.details() {
        Some(Details::Json(json)) => Some(json.clone()),
        Some(Details::Text(text)) => Some(text.as_str().into()),
        Some(Details::None) | None => None,
    };
    error
}

/// How often the call was tried, why it was not retried, and whether it may have succeeded anyway.
fn attempts(call: &CallError, context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    match call.stop {
        Stop::RetryAfter { asked, left } => lines.push(format!(
            "the server said to wait {}, but only {} of --timeout is left",
            times::wait(asked),
            shown_left(left)
        )),
        Stop::Time => {
            lines.push(format!("stopped: --timeout ({}) reached", times::wait(context.time)));
        }
        Stop::Attempts | Stop::Useless => {}
    }
    if call.attempts > 1 {
        lines.push(format!("tried {} times", call.attempts));
    }
    if context.makes_something {
        lines.extend(doubt(call).map(str::to_owned));
    }
    lines
}

/// Whether the Space may exist despite the failure, and which attempt may have created it.
fn doubt(call: &CallError) -> Option<&'static str> {
    // A page instead of an API error means that something blocked the request. The page may still be from
    // Lessonspace: `created` allows for that, but it is not worth a warning.
    let is_turned_back = matches!(
        &call.error,
        Failure::NotLessonspace { status: Some(400..500 | 511), reason: UnexpectedAnswer::Page }
    );
    if !call.may_have_acted {
        None
    } else if call.error.may_have_acted() && !is_turned_back {
        Some("the Space may have been created anyway")
    } else {
        call.may_have_acted_before.then_some("an earlier attempt may have created the Space")
    }
}

/// The time left, rounded down, so that it is shown as shorter than a wait that does not fit into it.
fn shown_left(left: Duration) -> String {
    if left >= Duration::from_secs(10) {
        return times::wait(left);
    }
    let tenths = left.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_shown_in_seconds_and_never_rounded_up() {
        for (milliseconds, expected) in
            [(0, "0.0 s"), (963, "0.9 s"), (1999, "1.9 s"), (9999, "9.9 s"), (59_990, "59 s")]
        {
            assert_eq!(shown_left(Duration::from_millis(milliseconds)), expected);
        }
    }
}
