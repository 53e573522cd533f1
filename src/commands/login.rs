//! `lessonspace login`: checks an API key and saves it.

use super::connect::{Trial, connection_flags, typed_key};
use crate::api::ApiKey;
use crate::cli::LoginArgs;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::Findings;
use crate::settings::{self, Endpoint, FoundKey, Profile, Settings, variable};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// What is needed for a login, checked.
struct Plan {
    settings: Settings,
    url: Url,
    path: PathBuf,
    time: Duration,
}

/// Runs the command.
pub async fn run(arguments: LoginArgs, printer: Printer) -> Result<()> {
    let LoginArgs { connection, json, quiet: _, verbose: _, no_input } = arguments;
    let mut findings = Findings::default();
    let (flags, time) = connection_flags(connection, &mut findings);
    let settings = Settings::load_to_save(flags, &mut findings);
    let plan = check(settings, time, &mut findings);
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    findings.finish(None)?;
    let Some(Plan { settings, url, path, time }) = plan else {
        return Err(no_place());
    };
    for note in &settings.notes {
        printer.detail(note);
    }
    let trial = Trial { url: &url, time };
    let may_ask = prompt::may_ask(no_input, json);
    let key = working_key(settings.api_key_file(), &trial, may_ask, printer).await?;
    let name = &settings.profile.name;
    typed_key::save(path.clone(), settings.new_key(key)).await?;
    printer.story(&typed_key::saved(&untrusted(name), &path));
    tell_what_wins(name, printer);
    if json {
        let text = |text: &str| Value::text(text, Origin::Unplaced);
        let mut saved = Object::default();
        saved.insert("profile", text(name));
        saved.insert("api_url", text(url.as_str()));
        saved.insert("config_file", text(&path.to_string_lossy()));
        printer.json_result(&saved.to_json())?;
    }
    Ok(())
}

/// The key from the file, or from the keyboard, once the API has accepted it.
async fn working_key(
    file: Option<&Path>,
    trial: &Trial<'_>,
    may_ask: bool,
    printer: Printer,
) -> Result<ApiKey> {
    if let Some(file) = file {
        let FoundKey { key, source, warning, said: _ } = settings::read_key_file(file).await?;
        warning.iter().for_each(|warning| printer.warning(warning));
        typed_key::greet(trial, key.clone(), &source, printer).await?;
        return Ok(key);
    }
    if !may_ask {
        return Err(Error::new(
            Kind::Key,
            "no API key given, and there is no terminal to ask for one",
        )
        .with_hint(
            "run it at a terminal, or read the key from a file: lessonspace login \
                 --api-key-file PATH (- is standard input)",
        ));
    }
    Ok(typed_key::ask(trial, printer).await?.1)
}

fn check(settings: Settings, time: Duration, findings: &mut Findings) -> Option<Plan> {
    let Profile { name, api_key_command, .. } = &settings.profile;
    if let Some(program) = api_key_command.as_ref().and_then(|command| command.first()) {
        findings.problem(
            format!("profile {}", untrusted(name)),
            format!(
                "gets its key from an api_key_command ({}), which wins over a saved key; remove that setting first, or choose another --profile",
                untrusted(program)
            ),
        );
    }
    let url = match &settings.endpoint {
        Endpoint::Api(url) => url.clone(),
        Endpoint::Sandbox => {
            if findings.problems.is_empty() {
                let message = "cannot go with login: the sandbox needs no key";
                findings.problem("--sandbox, LESSONSPACE_SANDBOX", message);
            }
            return None;
        }
    };
    let path = settings.path.clone()?;
    Some(Plan { settings, url, path, time })
}

fn no_place() -> Error {
    Error::usage("", "there is no folder to save the key in")
        .with_hint("set HOME, or LESSONSPACE_CONFIG to the path of a file")
}

/// A key in the environment is used before that of a profile which no flag names.
fn tell_what_wins(profile: &str, printer: Printer) {
    for name in ["LESSONSPACE_API_KEY", "LESSONSPACE_API_KEY_FILE"] {
        if variable(name).is_some() {
            printer.warning(&format!(
                "{name} is set, and wins over the saved key unless --profile {} is given",
                untrusted(profile)
            ));
        }
    }
}
