//! A key that somebody types in: asked for, tried, and kept if that is wanted.

use super::explain::{self, Context};
use super::{Trial, watch};
use crate::api::{ApiKey, Client, KeyFault};
use crate::config::{self, NewKey, Settings};
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use std::path::{Path, PathBuf};

const QUESTION: &str = "API key (dashboard: Settings > Developer; typing stays hidden)";

/// What the source of a typed key is called in messages.
pub const SOURCE: &str = "the keyboard";

/// How often a key may be wrong before the command gives up.
const TRIES: u32 = 3;

/// Asks for the key until the API accepts one, at most three times.
pub async fn ask(trial: &Trial<'_>, printer: Printer) -> Result<(Client, ApiKey)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let last = tries == TRIES;
        let key = match ApiKey::parse(&prompt::hidden(QUESTION).await?) {
            Ok(key) => key,
            Err(fault) if last => return Err(unusable(fault)),
            Err(fault) => {
                printer.warning(&unusable(fault).to_string());
                continue;
            }
        };
        match greet(trial, key.clone(), SOURCE, printer).await {
            Ok(client) => return Ok((client, key)),
            Err(error) if error.kind == Kind::Key && !last => {
                printer.warning(&error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
}

fn unusable(fault: KeyFault) -> Error {
    config::unusable_key(SOURCE, fault)
}

/// Whether the API accepts a key: a client if it does.
pub async fn greet(
    trial: &Trial<'_>,
    key: ApiKey,
    source: &str,
    printer: Printer,
) -> Result<Client> {
    let client = Client::new(trial.url.clone(), key).await?;
    match client.hello(trial.time, &watch(printer)).await {
        Ok(_) => Ok(client),
        Err(call) => {
            let context = Context { key_source: source, time: trial.time, makes_something: false };
            let error = explain::failure(&call, &context);
            // The key was tried by hand, so there is nothing to log in to.
            Err(if error.kind == Kind::Key {
                error.with_hint("copy it again from the dashboard, under Settings > Developer")
            } else {
                error
            })
        }
    }
}

/// Offers to keep a key that works. Whatever becomes of that, the command goes on.
pub async fn offer_to_save(settings: &Settings, key: ApiKey, printer: Printer) -> Result<()> {
    let later = "the key was not saved; next time, run: lessonspace login";
    let Some(path) = settings.place_for_key() else {
        printer.story(later);
        return Ok(());
    };
    let new = settings.new_key(key);
    let question = format!("Save it in profile {} for next time?", untrusted(&new.profile));
    if !prompt::yes_or_no(&question, true).await? {
        printer.story(later);
        return Ok(());
    }
    let (profile, path) = (untrusted(&new.profile), path.to_owned());
    match save(path.clone(), new).await {
        Ok(()) => printer.story(&saved(&profile, &path)),
        Err(error) => printer.warning(&format!("the key was not saved: {error:#}")),
    }
    Ok(())
}

/// Saves a key, waiting for others who write.
pub async fn save(path: PathBuf, new: NewKey) -> Result<()> {
    let saving = tokio::task::spawn_blocking(move || config::save_key(&path, &new)).await;
    Ok(saving.map_err(anyhow::Error::from)??)
}

/// Tells where a key was saved.
pub fn saved(shown_profile: &str, path: &Path) -> String {
    format!(
        "saved the API key to profile {shown_profile} in {}",
        untrusted(&path.to_string_lossy())
    )
}
