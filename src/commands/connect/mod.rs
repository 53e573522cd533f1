//! From settings to a client: the key is found, or the sandbox is started.

mod call;
mod flags;
pub mod typed_key;

pub use call::{ApiFailure, Trial, TrialFailure, watch};
pub use flags::{connection_flags, reads_key_from_stdin};

use crate::api::{ApiKey, CallError, Client};
use crate::config::{Endpoint, KeyError, Settings, state_folder};
use crate::escape::untrusted;
use crate::problem::InvalidInput;
use crate::sandbox;
use crate::terminal::output::Printer;
use anyhow::Context as _;
use std::time::Duration;
use url::Url;

/// A client, and where its key came from.
pub struct Connection {
    /// The client.
    pub client: Client,
    /// Where its key came from, safe to show.
    pub key_source: String,
}

impl Connection {
    /// Finds the key and builds the client; with `--sandbox` starts the practice API instead. A
    /// key that is nowhere to be found is asked for, if `asking` gives the time to try it.
    pub async fn open(
        settings: &Settings,
        asking: Option<Duration>,
        printer: Printer,
    ) -> anyhow::Result<Self> {
        for note in &settings.notes {
            printer.detail(note);
        }
        match &settings.endpoint {
            Endpoint::Api(url) => {
                let found = match (settings.find_key().await, asking) {
                    (Err(KeyError::Missing { passed_over }), Some(time)) => {
                        for reason in passed_over {
                            printer.story(&reason);
                        }
                        return Self::with_typed_key(settings, &Trial { url, time }, printer).await;
                    }
                    (found, _) => found?,
                };
                printer.detail(&format!("API key: from {}", found.source));
                for line in &found.said {
                    printer.detail(&format!("api_key_command: {line}"));
                }
                Ok(Self { client: Client::new(url.clone(), found.key)?, key_source: found.source })
            }
            Endpoint::Sandbox => {
                let client = start_sandbox(printer).await?;
                printer.warning("sandbox: nothing was sent to Lessonspace");
                Ok(Self { client, key_source: "the sandbox".to_owned() })
            }
        }
    }

    async fn with_typed_key(
        settings: &Settings,
        trial: &Trial<'_>,
        printer: Printer,
    ) -> anyhow::Result<Self> {
        let (client, key) = typed_key::ask(trial, printer).await?;
        typed_key::offer_to_save(settings, key, printer).await?;
        Ok(Self { client, key_source: typed_key::SOURCE.to_owned() })
    }

    /// Says where the key of a failed call came from.
    pub fn failure(self, call: CallError, time: Duration, makes_something: bool) -> ApiFailure {
        ApiFailure { call, key_source: self.key_source, time, makes_something }
    }
}

async fn start_sandbox(printer: Printer) -> anyhow::Result<Client> {
    let state = state_folder().ok_or_else(|| {
        InvalidInput::new("--sandbox", "finds no folder to remember its Spaces in")
            .with_hint("set HOME, or XDG_STATE_HOME to an absolute path")
    })?;
    let folder = untrusted(&state.to_string_lossy());
    let sandbox = sandbox::start(sandbox::Options { state, ..sandbox::Options::default() })
        .await
        .with_context(|| format!("the sandbox cannot save its Spaces in {folder}"))?;
    if let Some(warning) = sandbox.warning() {
        printer.warning(warning);
    }
    let client = Client::new(Url::parse(sandbox.url())?, ApiKey::parse(sandbox.key())?)?;
    Ok(client)
}
