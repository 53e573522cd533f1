//! Settings: flag, then environment, then profile, then default; and where the API key comes
//! from. Nothing is read from the current folder.

mod api_url;
mod environment;
mod file;
mod key;
mod write;

pub use api_url::{DEFAULT_API_URL, api_url};
pub use environment::{SECRETS, config_path, is_ci, misspelt_variables, state_folder, variable};
pub use file::{ConfigFile, Profile};
pub use key::{FoundKey, KeySearch, KeySource, read_key_file, unusable_key};
pub use write::{NewKey, remove_key, save_key};

use crate::api::ApiKey;
use crate::escape::{untrusted, untrusted_path};
use crate::problem::{Findings, Problem, ProblemKind};
use crate::words::{boolean, nearest};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// What the command line says about the connection.
#[derive(Debug)]
pub struct ConnectionFlags {
    /// `--profile`
    pub profile: Option<String>,
    /// `--api-key-file`
    pub api_key_file: Option<PathBuf>,
    /// `--api-url`
    pub api_url: Option<String>,
    /// `--sandbox`
    pub sandbox: bool,
    /// `--timeout`, or its default.
    pub time: Duration,
}

/// Which API to call.
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
    /// Which API to call.
    pub endpoint: Endpoint,
    /// Which settings won, for `--verbose`.
    pub notes: Vec<String>,
    /// Where the config file is, or would be.
    pub path: Option<PathBuf>,
    api_key_file: Option<PathBuf>,
    time: Duration,
    /// Whether the command line names the profile, which puts it before the environment.
    profile_first: bool,
    /// Why the profile's key must not be used, if so.
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
            time: flags.time,
            profile_first,
            profile_barred: None,
            profile,
            path: file.path,
        };
        let of_variable = !flags.sandbox && practises_by_variable(findings);
        if flags.sandbox || of_variable {
            let flag = if of_variable { "LESSONSPACE_SANDBOX" } else { "--sandbox" };
            let with = [
                ("--api-url", flags.api_url.is_some()),
                ("--api-key-file", settings.api_key_file.is_some()),
            ];
            for (other, _) in with.iter().filter(|(_, given)| *given) {
                let message = format!("cannot be used with {other}: the sandbox has its own");
                findings.about(flag, message);
            }
            if of_variable {
                findings.warnings.extend(unused_beside_sandbox());
            }
            settings.notes.push(format!("API: sandbox (from {flag})"));
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
        let own_source = format!("api_url in profile {}", untrusted(&self.profile.name));
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
                        "the API key in profile {} was not used: it is for {}, but {source} is set to another address",
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
            self.notes.push(format!("API: {url} (from {source})"));
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
}

/// What a command does with the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It uses a profile, which must exist if the user chose one.
    Use,
    /// It saves a key: neither the profile nor the file need exist. Unknown settings are kept.
    Save,
    /// It removes a key and keeps unknown settings.
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
        findings.problem(place, format!("{name:?} is not a valid profile name"));
        return (file, Profile::named(&name));
    }
    if let Some(profile) = file.profile(&name).cloned() {
        return (file, profile);
    }
    if name != "default" && !may_be_new && is_read {
        // That a file cannot be read has been reported already.
        findings.problem(place, no_such_profile(&file, &name));
    }
    (file, Profile::named(&name))
}

/// A command that changes the file leaves unknown settings as they are.
fn keep_unknown(findings: &mut Findings) {
    let (unknown, others) = std::mem::take(&mut findings.problems)
        .into_iter()
        .partition(|problem| problem.kind == ProblemKind::UnknownSetting);
    findings.problems = others;
    let unknown: Vec<Problem> = unknown;
    findings.warnings.extend(
        unknown
            .iter()
            .map(|problem| format!("left unchanged, but other commands reject it: {problem}")),
    );
}

fn no_such_profile(file: &ConfigFile, name: &str) -> String {
    let known = file.profiles.iter().map(|profile| profile.name.as_str());
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("; did you mean `{}`?", untrusted(near)),
        None if file.profiles.is_empty() => String::new(),
        None => format!("; profiles: {}", untrusted(&known.collect::<Vec<_>>().join(", "))),
    };
    let place = in_file(file);
    format!("no profile {}{place}{hint}", untrusted(name))
}

/// Whether `LESSONSPACE_SANDBOX` asks for the practice API.
fn practises_by_variable(findings: &mut Findings) -> bool {
    let Some(value) = variable("LESSONSPACE_SANDBOX") else { return false };
    boolean(&value).unwrap_or_else(|| {
        let message = format!("expected 1 or 0, not {:?}", untrusted(&value));
        findings.problem("LESSONSPACE_SANDBOX", message);
        true
    })
}

/// Whether the run practises: by the flag, or by a variable that a person would have to unset.
pub fn is_practice(flag: bool) -> bool {
    flag || practises_by_variable(&mut Findings::default())
}

/// What the variable for practice keeps from being used.
fn unused_beside_sandbox() -> Option<String> {
    let set: Vec<&str> = ["LESSONSPACE_API_URL", "LESSONSPACE_API_KEY_FILE"]
        .into_iter()
        .filter(|name| variable(name).is_some())
        .collect();
    let verb = if set.len() == 1 { "is" } else { "are" };
    let names = set.join(" and ");
    (!set.is_empty()).then(|| format!("LESSONSPACE_SANDBOX is set, so {names} {verb} not used"))
}

fn in_file(file: &ConfigFile) -> String {
    let path = file.path.as_deref();
    path.map_or_else(String::new, |path| format!(" in {}", untrusted_path(path)))
}

fn describe_profile(file: &ConfigFile, profile: &Profile) -> String {
    let place = in_file(file);
    match file.profile(&profile.name) {
        Some(_) => format!("profile: {}{place}", untrusted(&profile.name)),
        None => "profile: none".to_owned(),
    }
}
