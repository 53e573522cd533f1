//! From settings to a client: the key is found, or the sandbox is started; and what is said about a
//! call.

pub mod explain;
mod flags;
pub mod typed_key;

pub use explain::Context;
pub use flags::{connection_flags, reads_key_from_stdin};

use crate::api::{ApiKey, CallError, Client, Event};
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted_path;
use crate::sandbox;
use crate::settings::{Endpoint, KeySearch, KeySource, Settings, state_folder};
use crate::terminal::output::Printer;
use anyhow::Context as _;
use std::time::Duration;
use url::Url;

/// A client, and where its key came from.
pub struct Connection {
    pub client: Client,
    /// Where its key came from, safe to show.
    pub key_source: String,
    /// What to do if the API refuses that key.
    key_advice: String,
}

impl Connection {
    /// Finds the key and builds the client; with `--sandbox` starts the practice API instead. A
    /// key that is nowhere to be found is asked for, if `asking` gives the time to try it.
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
                    (KeySearch::Missing { passed_over }, Some(time)) => {
                        for reason in passed_over {
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
        let (client, key) = typed_key::ask(trial, printer).await?;
        typed_key::offer_to_save(settings, key, printer).await?;
        let KeySource { name, advice } = KeySource::prompt();
        Ok(Self { client, key_source: name, key_advice: advice })
    }

    /// A failed call, as the error of the run.
    pub fn failure(&self, call: &CallError, time: Duration, makes_something: bool) -> Error {
        let context = Context { key_source: &self.key_source, time, makes_something };
        let error = explain::failure(call, &context);
        match error.kind {
            Kind::Key => error.with_hint(&*self.key_advice),
            _ => error,
        }
    }
}

/// Where a key is tried, and how long that may take.
pub struct Trial<'a> {
    /// The API's address.
    pub url: &'a Url,
    /// The longest that the call may take.
    pub time: Duration,
}

/// Reports the attempts and waits of a call, with `--verbose`.
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
        .with_context(|| format!("the sandbox cannot save its Spaces in {folder}"))?;
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
