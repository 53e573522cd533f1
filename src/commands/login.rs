//! `lessonspace login` checks an API key and saves it; `lessonspace logout` removes it.
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use super::connect::{Trial, connection_flags, typed_key};
use crate::api::ApiKey;
use crate::cli::{ConnectionArgs, REQUEST_TIMEOUT};
use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::json;
use crate::problem::Findings;
use crate::settings::{self, Access, Endpoint, FoundKey, Profile, Settings, variable};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// The end of `login -h`.
pub const SHORT_HELP: &str = "\
Examples:
  lessonspace login
  lessonspace login --profile westside";

/// The end of `login --help`.
pub const HELP: &str = "\
Prompts for the API key (typing is hidden), checks that it works and saves it in your profile, which only \
you can read. If --api-url is not Lessonspace's own, it is saved with the key, and the key is never sent \
anywhere else. Other settings are unchanged. Keys in environment variables are ignored. Find the key \
in the Lessonspace dashboard under Settings > Developer.

Examples:
  lessonspace login
  lessonspace login --profile westside
  op read op://School/Lessonspace/key | lessonspace login --api-key-file -";

/// The end of `logout --help`.
pub const LOGOUT_HELP: &str = "\
Removes the saved key from the profile, but keeps any api_key_command and says so. The key itself stays \
valid until you revoke it in the dashboard.

Examples:
  lessonspace logout
  lessonspace logout --profile westside";

#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Args)]
#[command(
    // Rejected with its own message: the practice API needs no key.
    mut_arg("sandbox", |sandbox| sandbox.hide(true)),
    mut_arg("api_key_file", |file| {
        file.help("Read the API key from a file (- for standard input) instead of prompting")
    }),
    mut_arg("timeout", |timeout| timeout.help(REQUEST_TIMEOUT))
)]
pub struct LoginArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Print what was saved and where as JSON; messages go to standard error as JSON lines
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Print only warnings and errors
    #[arg(short, long, overrides_with = "quiet", help_heading = "Output")]
    pub quiet: bool,
    /// Show the settings in use and every attempt; never a key
    #[arg(
        short,
        long,
        overrides_with = "verbose",
        conflicts_with = "quiet",
        help_heading = "Output"
    )]
    pub verbose: bool,
    /// Never prompt (the default in CI and without a terminal)
    #[arg(long, help_heading = "Output")]
    pub no_input: bool,
}

#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// Profile to remove the key from [env: LESSONSPACE_PROFILE] [default: default]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Print what was removed and where as JSON; messages go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print only warnings and errors
    #[arg(short, long, overrides_with = "quiet")]
    pub quiet: bool,
}

/// The checked input of a login.
struct Plan {
    settings: Settings,
    url: Url,
    path: PathBuf,
    time: Duration,
}

pub async fn login(arguments: LoginArgs, printer: Printer) -> Result<()> {
    let LoginArgs { connection, json, quiet: _, verbose: _, no_input } = arguments;
    let mut findings = Findings::default();
    let (flags, time) = connection_flags(connection, &mut findings);
    let sandbox = if flags.sandbox { "--sandbox" } else { "LESSONSPACE_SANDBOX" };
    let settings = Settings::load_to_save(flags, &mut findings);
    let plan = check(settings, time, sandbox, &mut findings);
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
    printer.message(&typed_key::saved(&untrusted(name), &path));
    warn_of_precedence(name, printer);
    if json {
        let saved = json::object([
            ("profile", name.as_str().into()),
            ("api_url", url.as_str().into()),
            ("config_file", path.to_string_lossy().into()),
        ]);
        printer.json_result(&saved.to_json())?;
    }
    Ok(())
}

/// Reads the key from the file or the prompt, and checks it with the API.
async fn working_key(
    file: Option<&Path>,
    trial: &Trial<'_>,
    may_ask: bool,
    printer: Printer,
) -> Result<ApiKey> {
    if let Some(file) = file {
        let FoundKey { key, source, warning, said: _ } = settings::read_key_file(file).await?;
        if let Some(warning) = warning {
            printer.warning(&warning);
        }
        typed_key::greet(trial, key.clone(), &source, printer).await?;
        return Ok(key);
    }
    if !may_ask {
        return Err(Error::new(Kind::Key, "no API key given, and no terminal to prompt for one")
            .with_hint(
                "run it in a terminal, or read the key from a file: lessonspace login \
                 --api-key-file FILE (- for standard input)",
            ));
    }
    Ok(typed_key::ask(trial, printer).await?.1)
}

fn check(
    settings: Settings,
    time: Duration,
    sandbox: &str,
    findings: &mut Findings,
) -> Option<Plan> {
    let Profile { name, api_key_command, .. } = &settings.profile;
    if let Some(program) = api_key_command.as_ref().and_then(|command| command.first()) {
        findings.about(
            format!("profile {}", untrusted(name)),
            format!(
                "gets its key from api_key_command ({}), which takes precedence over a saved key; remove that setting, or use another --profile",
                untrusted(program)
            ),
        );
    }
    let url = match &settings.endpoint {
        Endpoint::Api(url) => url.clone(),
        Endpoint::Sandbox => {
            if findings.problems.is_empty() {
                findings.about(sandbox, "cannot be used with login: the sandbox needs no key");
            }
            return None;
        }
    };
    let path = settings.path.clone()?;
    Some(Plan { settings, url, path, time })
}

fn no_place() -> Error {
    Error::usage("", "no folder to save the API key in")
        .with_hint("set HOME, or set LESSONSPACE_CONFIG to a file path")
}

/// Warns about a key in the environment: it takes precedence over the saved key unless `--profile` is given.
fn warn_of_precedence(profile: &str, printer: Printer) {
    for name in ["LESSONSPACE_API_KEY", "LESSONSPACE_API_KEY_FILE"] {
        if variable(name).is_some() {
            printer.warning(&format!(
                "{name} is set and takes precedence over the saved key; to use the saved key, add --profile {}",
                untrusted(profile)
            ));
        }
    }
}

pub async fn logout(arguments: LogoutArgs, printer: Printer) -> Result<()> {
    let LogoutArgs { profile, json, quiet: _ } = arguments;
    let mut findings = Findings::default();
    let (file, profile) = settings::find_profile(profile, Access::Remove, &mut findings);
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    findings.finish(None)?;
    let (name, path) = (profile.name.clone(), file.path.clone());
    let removed = match (file.path, profile.api_key.is_some()) {
        (Some(path), true) => {
            let name = name.clone();
            tokio::task::spawn_blocking(move || settings::remove_key(&path, &name))
                .await
                .map_err(anyhow::Error::from)??
        }
        _ => false,
    };
    report(&name, path.as_deref(), removed, printer);
    warn_of_other_keys(&profile, printer);
    if json {
        let result = json::object([
            ("profile", name.as_str().into()),
            ("removed", removed.into()),
            ("config_file", path.as_deref().map(Path::to_string_lossy).into()),
        ]);
        printer.json_result(&result.to_json())?;
    }
    Ok(())
}

fn report(name: &str, path: Option<&Path>, removed: bool, printer: Printer) {
    let profile = untrusted(name);
    let place = path.map(untrusted_path);
    match place {
        Some(place) if removed => {
            printer.message(&format!("removed the API key from profile {profile} in {place}"));
            printer.message(
                "the key still works; to revoke it, go to Settings > Developer in the dashboard",
            );
        }
        Some(place) => printer.message(&format!("no API key saved in profile {profile} ({place})")),
        None => printer.message(&format!("no API key saved in profile {profile}")),
    }
}

/// Warns about other sources of a key, which logout does not remove.
fn warn_of_other_keys(profile: &Profile, printer: Printer) {
    let command = profile.api_key_command.as_ref();
    if let Some(program) = command.and_then(|command| command.first()) {
        printer.warning(&format!(
            "profile {} still gets a key from api_key_command ({})",
            untrusted(&profile.name),
            untrusted(program)
        ));
    }
    for name in ["LESSONSPACE_API_KEY", "LESSONSPACE_API_KEY_FILE"] {
        if variable(name).is_some() {
            printer.warning(&format!("{name} is still set, so its key is still used"));
        }
    }
}
