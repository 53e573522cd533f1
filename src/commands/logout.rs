//! `lessonspace logout`: takes the saved API key out of a profile.

use crate::cli::LogoutArgs;
use crate::error::Result;
use crate::escape::untrusted;
use crate::json::{Object, Origin, Value};
use crate::problem::Findings;
use crate::settings::{self, Access, Profile, variable};
use crate::terminal::output::Printer;
use std::path::Path;

/// Runs the command.
pub async fn run(arguments: LogoutArgs, printer: Printer) -> Result<()> {
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
    tell(&name, path.as_deref(), removed, printer);
    tell_what_is_left(&profile, printer);
    if json {
        let text = |text: &str| Value::text(text, Origin::Unplaced);
        let null = || Value::raw("null", Origin::Unplaced);
        let mut result = Object::default();
        result.insert("profile", text(&name));
        result.insert("removed", Value::raw(removed.to_string(), Origin::Unplaced));
        let file = path.map_or_else(null, |path| text(&path.to_string_lossy()));
        result.insert("config_file", file);
        printer.json_result(&result.to_json())?;
    }
    Ok(())
}

fn tell(name: &str, path: Option<&Path>, removed: bool, printer: Printer) {
    let place =
        path.map_or_else(|| "any file".to_owned(), |path| untrusted(&path.to_string_lossy()));
    let profile = untrusted(name);
    if removed {
        printer.story(&format!("removed the API key of profile {profile} from {place}"));
        printer.story("the key itself still works; revoke it under Settings > Developer if needed");
    } else {
        printer.story(&format!("profile {profile} had no API key in {place}"));
    }
}

/// Sources that this command does not touch.
fn tell_what_is_left(profile: &Profile, printer: Printer) {
    let command = profile.api_key_command.as_ref();
    if let Some(program) = command.and_then(|command| command.first()) {
        printer.warning(&format!(
            "profile {} still gets a key from its api_key_command ({})",
            untrusted(&profile.name),
            untrusted(program)
        ));
    }
    for name in ["LESSONSPACE_API_KEY", "LESSONSPACE_API_KEY_FILE"] {
        if variable(name).is_some() {
            printer.warning(&format!("{name} is still set"));
        }
    }
}
