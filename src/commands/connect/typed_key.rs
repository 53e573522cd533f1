//! Prompts for an API key, tries it and offers to save it.

use super::{Context, Trial, call_failed, watch};
use crate::api::{ApiKey, Client, KeyFault};
use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::settings::{self, KeySource, NewKey, Settings};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use crate::terminal::signal::interrupted_by;
use std::path::{Path, PathBuf};

const QUESTION: &str = "API key (from the dashboard, Settings > Developer; input is hidden)";

/// Number of rejected, and of empty, keys after which the command gives up.
const TRIES: u32 = 3;

/// Prompts for the key until the API accepts one. Gives up after three rejected or three empty keys.
pub async fn ask(trial: &Trial<'_>, printer: Printer) -> Result<(Client, ApiKey)> {
    let (mut tries, mut empty) = (0, 0);
    loop {
        let is_last = tries + 1 == TRIES;
        let key = match ApiKey::parse(&prompt::hidden(QUESTION).await?) {
            Ok(key) => key,
            // Enter and the end of input look the same here, so empty keys are limited too.
            Err(KeyFault::Empty) if empty + 1 == TRIES => return Err(interrupted_by(2)),
            Err(KeyFault::Empty) => {
                empty += 1;
                printer.warning("no key entered; paste the key and press Enter");
                continue;
            }
            Err(fault) if is_last => return Err(unusable(fault)),
            Err(fault) => {
                printer.warning(&unusable(fault).to_string());
                tries += 1;
                continue;
            }
        };
        match greet(trial, key.clone(), &KeySource::prompt(), printer).await {
            Ok(client) => return Ok((client, key)),
            Err(error) if error.kind == Kind::Key && !is_last => {
                printer.warning(&error.to_string());
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn unusable(fault: KeyFault) -> Error {
    settings::unusable_key(&KeySource::prompt(), fault)
}

/// Returns a client if the API accepts the key.
pub async fn greet(
    trial: &Trial<'_>,
    key: ApiKey,
    source: &KeySource,
    printer: Printer,
) -> Result<Client> {
    let client = Client::new(trial.url.clone(), key).await?;
    match client.hello(trial.time, &watch(printer)).await {
        Ok(_) => Ok(client),
        Err(call) => {
            let time = trial.time;
            let context = Context { key_source: &source.name, time, makes_something: false };
            let error = call_failed(&call, &context);
            Err(match error.kind {
                Kind::Key => error.with_hint(&*source.advice),
                _ => error,
            })
        }
    }
}

/// Offers to save a working key. The command continues if the user declines or saving fails.
pub async fn offer_to_save(settings: &Settings, key: ApiKey, printer: Printer) -> Result<()> {
    let later = "API key not saved; to save it, run: lessonspace login";
    let Some(path) = settings.place_for_key() else {
        printer.message(later);
        return Ok(());
    };
    let new = settings.new_key(key);
    let question = format!("Save the API key to profile {}?", untrusted(&new.profile));
    if !prompt::yes_or_no(&question, true).await? {
        printer.message(later);
        return Ok(());
    }
    let (profile, path) = (untrusted(&new.profile), path.to_owned());
    match save(path.clone(), new).await {
        Ok(()) => printer.message(&saved(&profile, &path)),
        Err(error) => printer.warning(&format!("could not save the API key: {error:#}")),
    }
    Ok(())
}

/// Saves a key. Waits if another run is saving one.
pub async fn save(path: PathBuf, new: NewKey) -> Result<()> {
    let saving = tokio::task::spawn_blocking(move || settings::save_key(&path, &new)).await;
    Ok(saving.map_err(anyhow::Error::from)??)
}

/// The message after a key was saved.
pub fn saved(shown_profile: &str, path: &Path) -> String {
    format!("saved the API key to profile {shown_profile} in {}", untrusted_path(path))
}
