//! Settings: flag, then environment, then profile, then default; and where the API key comes
//! from. Nothing is read from the current folder.

mod api_url;
mod environment;
mod file;
mod key;
mod write;

pub use api_url::{DEFAULT_API_URL, api_url};
pub use environment::{config_path, is_ci, state_folder, variable};
pub use file::{ConfigFile, Profile};
pub use key::{FoundKey, KeySearch, KeySources, read_key_file, unusable_key};
pub use write::{NewKey, remove_key, save_key};

use crate::api::ApiKey;
use crate::error::Result;
use crate::escape::untrusted;
use crate::problem::{Findings, Problem, ProblemKind};
use crate::words::{boolean, nearest};
use std::path::{Path, PathBuf};
use url::Url;

/// What the command line says about the connection.
#[derive(Debug, Default)]
pub struct ConnectionFlags {
    /// `--profile`
    pub profile: Option<String>,
    /// `--api-key-file`
    pub api_key_file: Option<PathBuf>,
    /// `--api-url`
    pub api_url: Option<String>,
    /// `--sandbox`
    pub sandbox: bool,
}

/// Whom to talk to.
#[derive(Debug)]
pub enum Endpoint {
    /// The practice API in this process.
    Sandbox,
    /// The API at an address.
    Api(Url),
}

/// The settings of one run.
#[derive(Debug)]
pub struct Settings {
    /// The profile in use; empty if there is none of the name.
    pub profile: Profile,
    /// Whom to talk to.
    pub endpoint: Endpoint,
    /// Which settings won, for `--verbose`.
    pub notes: Vec<String>,
    /// Where the config file is, or would be.
    pub path: Option<PathBuf>,
    api_key_file: Option<PathBuf>,
    profile_first: bool,
    profile_barred: Option<String>,
}

impl Settings {
    /// Reads the config file and decides. Problems are added to `findings`.
    pub fn load(flags: ConnectionFlags, findings: &mut Findings) -> Self {
        Self::load_as(flags, Access::Use, findings)
    }

    /// The same for a command that saves a key.
    pub fn load_to_save(flags: ConnectionFlags, findings: &mut Findings) -> Self {
        Self::load_as(flags, Access::Save, findings)
    }

    fn load_as(flags: ConnectionFlags, access: Access, findings: &mut Findings) -> Self {
        let profile_first = flags.profile.is_some();
        let (file, profile) = find_profile(flags.profile, access, findings);
        let mut settings = Self {
            endpoint: Endpoint::Sandbox,
            notes: vec![describe_profile(&file, &profile)],
            api_key_file: flags.api_key_file,
            profile_first,
            profile_barred: None,
            profile,
            path: file.path,
        };
        let sandbox = flags.sandbox || sandbox_variable(findings);
        if sandbox {
            let flag = if flags.sandbox { "--sandbox" } else { "LESSONSPACE_SANDBOX" };
            let with = [
                ("--api-url", flags.api_url.is_some()),
                ("--api-key-file", settings.api_key_file.is_some()),
            ];
            for (other, _) in with.iter().filter(|(_, given)| *given) {
                findings.problem(flag, format!("cannot go with {other}: the sandbox has its own"));
            }
            settings.notes.push(format!("API: the sandbox, from {flag}"));
        } else {
            settings.find_endpoint(flags.api_url, findings);
        }
        settings
    }

    fn find_endpoint(&mut self, flag: Option<String>, findings: &mut Findings) {
        let from_variable =
            || variable("LESSONSPACE_API_URL").map(|url| (url, "LESSONSPACE_API_URL"));
        let other = flag.map(|url| (url, "--api-url")).or_else(from_variable);
        let own_text = self.profile.api_url.clone();
        let own_source = format!("api_url of profile {}", untrusted(&self.profile.name));
        let own = api_url(own_text.as_deref().unwrap_or(DEFAULT_API_URL))
            .map_err(|message| Problem::new(own_source.as_str(), message));
        let (url, source) = match other {
            Some((text, source)) => {
                let url = api_url(&text).map_err(|message| Problem::new(source, message));
                // A profile's own address need not be good when another one is in use.
                let own = own.ok();
                let url = findings.keep(url);
                if url.is_some() && url != own {
                    self.profile_barred = Some(format!(
                        "the key of profile {} was not used: it belongs to {}, and {source} names another address",
                        untrusted(&self.profile.name),
                        own.map_or_else(|| "another address".to_owned(), |own| own.to_string()),
                    ));
                }
                (url, source)
            }
            None if own_text.is_some() => (findings.keep(own), own_source.as_str()),
            None => (findings.keep(own), "the default"),
        };
        if let Some(url) = url {
            self.notes.push(format!("API: {url}, from {source}"));
            self.endpoint = Endpoint::Api(url);
        }
    }

    /// `--api-key-file`, if it is given.
    pub fn api_key_file(&self) -> Option<&Path> {
        self.api_key_file.as_deref()
    }

    /// The config file, if a key that is typed in may be kept there for the next time: the profile
    /// has none, so none is lost.
    pub fn place_for_key(&self) -> Option<&Path> {
        let Profile { api_key: None, api_key_command: None, .. } = &self.profile else {
            return None;
        };
        self.path.as_deref()
    }

    /// A key for the profile in use and the address in use, to be saved.
    pub fn new_key(&self, key: ApiKey) -> NewKey {
        let is_other = |url: &&Url| url.as_str() != DEFAULT_API_URL;
        let api_url = match &self.endpoint {
            Endpoint::Api(url) => Some(url).filter(is_other).cloned(),
            Endpoint::Sandbox => None,
        };
        NewKey { profile: self.profile.name.clone(), key, api_url }
    }

    /// Whether the practice API is talked to.
    pub fn is_sandbox(&self) -> bool {
        matches!(self.endpoint, Endpoint::Sandbox)
    }

    /// Finds the API key.
    pub async fn find_key(&self) -> Result<KeySearch> {
        KeySources {
            file: self.api_key_file.as_deref(),
            profile: &self.profile,
            profile_first: self.profile_first,
            profile_barred: self.profile_barred.as_deref(),
        }
        .find()
        .await
    }
}

/// What a command does with the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It uses a profile, which must exist if somebody named it.
    Use,
    /// It saves a key: the profile need not exist, nor the file. What is not known there is kept.
    Save,
    /// It removes a key, and keeps what is not known.
    Remove,
}

/// The profile in use, by flag, environment or default, and the file that it is in or would be.
pub fn find_profile(
    flag: Option<String>,
    access: Access,
    findings: &mut Findings,
) -> (ConfigFile, Profile) {
    let flag = flag.map(|name| (name, "--profile"));
    let of_variable = || variable("LESSONSPACE_PROFILE").map(|name| (name, "LESSONSPACE_PROFILE"));
    let named = flag.or_else(of_variable);
    let may_be_new = access == Access::Save;
    let problems_before = findings.problems.len();
    let file = match config_path() {
        Some((path, must_exist)) => ConfigFile::read(&path, must_exist && !may_be_new, findings),
        None => ConfigFile::default(),
    };
    if access != Access::Use {
        keep_unknown(findings);
    }
    let is_read = findings.problems.len() == problems_before;
    let Some((name, place)) = named else {
        let default = file.profile("default").cloned();
        return (file, default.unwrap_or_else(|| Profile::named("default")));
    };
    if name.trim().is_empty() {
        let message = format!("{name:?} is not the name of a profile; name one, or leave it out");
        findings.problem(place, message);
        return (file, Profile::named(&name));
    }
    if let Some(profile) = file.profile(&name).cloned() {
        return (file, profile);
    }
    if name != "default" && !may_be_new && is_read {
        // A file that could not be read has been named already.
        findings.problem(place, no_such_profile(&file, &name));
    }
    (file, Profile::named(&name))
}

/// Settings that are not known are left as they are by a command that changes the file.
fn keep_unknown(findings: &mut Findings) {
    let (unknown, others) = std::mem::take(&mut findings.problems)
        .into_iter()
        .partition(|problem| problem.kind == ProblemKind::UnknownSetting);
    findings.problems = others;
    let unknown: Vec<Problem> = unknown;
    findings.warnings.extend(
        unknown.iter().map(|problem| format!("kept, though other commands refuse it: {problem}")),
    );
}

fn no_such_profile(file: &ConfigFile, name: &str) -> String {
    let known = file.profiles.iter().map(|profile| profile.name.as_str());
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("; did you mean `{}`?", untrusted(near)),
        None if file.profiles.is_empty() => String::new(),
        None => format!("; there are: {}", untrusted(&known.collect::<Vec<_>>().join(", "))),
    };
    let place = file
        .path
        .as_ref()
        .map_or_else(String::new, |path| format!(" in {}", untrusted(&path.to_string_lossy())));
    format!("there is no profile {}{place}{hint}", untrusted(name))
}

fn sandbox_variable(findings: &mut Findings) -> bool {
    let Some(value) = variable("LESSONSPACE_SANDBOX") else { return false };
    boolean(&value).unwrap_or_else(|| {
        findings
            .problem("LESSONSPACE_SANDBOX", format!("{:?} is neither 1 nor 0", untrusted(&value)));
        true
    })
}

fn describe_profile(file: &ConfigFile, profile: &Profile) -> String {
    let place = file
        .path
        .as_ref()
        .map_or_else(String::new, |path| format!(" of {}", untrusted(&path.to_string_lossy())));
    match file.profile(&profile.name) {
        Some(_) => format!("profile: {}{place}", untrusted(&profile.name)),
        None => "profile: none".to_owned(),
    }
}
