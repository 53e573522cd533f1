//! Settings, in order of precedence: flag, environment, profile, default; and the source of the API
//! key. Nothing is read from the current folder.

mod file;
mod key;
mod write;

pub use file::{ConfigFile, Profile};
pub use key::{FoundKey, KeySearch, KeySource, read_key_file, unusable_key};
pub use write::{NewKey, remove_key, save_key};

use crate::api::{ApiKey, is_loopback};
use crate::escape::{untrusted, untrusted_path};
use crate::problem::{Findings, Problem, ProblemKind};
use crate::words::{boolean, nearest};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// The connection flags of the command line.
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
    /// The profile in use; empty if it does not exist.
    pub profile: Profile,
    pub endpoint: Endpoint,
    /// Where the settings in use came from, for `--verbose`.
    pub notes: Vec<String>,
    /// Where the config file is, or would be.
    pub path: Option<PathBuf>,
    api_key_file: Option<PathBuf>,
    time: Duration,
    /// Whether `--profile` is given, so that the profile takes precedence over the environment.
    profile_first: bool,
    /// If the profile's key must not be used, the reason.
    profile_key_refused_because: Option<String>,
}

impl Settings {
    /// Reads the config file and resolves the settings. Problems are added to `findings`.
    pub fn load(flags: ConnectionFlags, findings: &mut Findings) -> Self {
        Self::load_as(flags, Access::Use, findings)
    }

    /// The same as [`Self::load`], for a command that saves a key.
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
            profile_key_refused_because: None,
            profile,
            path: file.path,
        };
        let of_variable = !flags.sandbox && sandbox_variable_is_set(findings);
        if flags.sandbox || of_variable {
            let flag = if of_variable { "LESSONSPACE_SANDBOX" } else { "--sandbox" };
            let with = [
                ("--api-url", flags.api_url.is_some()),
                ("--api-key-file", settings.api_key_file.is_some()),
            ];
            for (other, _) in with.iter().filter(|(_, given)| *given) {
                let message =
                    format!("cannot be used with {other}: the sandbox has its own API and key");
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
            .map_err(|message| Problem::about(own_source.as_str(), message));
        let (url, source) = match other {
            Some((text, source)) => {
                let url = api_url(&text).map_err(|message| Problem::about(source, message));
                // A profile's own address may be invalid if another one is in use.
                let own = own.ok();
                let url = findings.keep(url);
                if url.is_some() && url != own {
                    let why = match own {
                        Some(own) => {
                            format!("it is for {own}, but {source} is set to another address")
                        }
                        None => "api_url in that profile is not valid".to_owned(),
                    };
                    self.profile_key_refused_because = Some(format!(
                        "the API key in profile {} was not used: {why}",
                        untrusted(&self.profile.name),
                    ));
                }
                (url, source)
            }
            None if own_text.is_some() => (findings.keep(own), own_source.as_str()),
            None => (findings.keep(own), "default"),
        };
        if let Some(url) = url {
            let from = if source == "default" { "" } else { "from " };
            self.notes.push(format!("API: {url} ({from}{source})"));
            self.endpoint = Endpoint::Api(url);
        }
    }

    /// The value of `--api-key-file`.
    pub fn api_key_file(&self) -> Option<&Path> {
        self.api_key_file.as_deref()
    }

    /// The config file, if a typed key may be saved there: the profile has no key, so none is lost.
    pub fn place_for_key(&self) -> Option<&Path> {
        let Profile { api_key: None, api_key_command: None, .. } = &self.profile else {
            return None;
        };
        self.path.as_deref()
    }

    /// A key to save, for the profile and the address in use.
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
    /// Uses a profile, which must exist if the user chose one.
    Use,
    /// Saves a key. The profile and the file may be new; unknown settings are kept.
    Save,
    /// Removes a key; unknown settings are kept.
    Remove,
}

/// The profile in use (flag, environment or default) and its file, which may not exist yet.
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
        // Problems with the file have been reported already.
        findings.problem(place, no_such_profile(&file, &name));
    }
    (file, Profile::named(&name))
}

/// A command that changes the file keeps unknown settings.
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

/// Whether `LESSONSPACE_SANDBOX` turns on practice mode.
fn sandbox_variable_is_set(findings: &mut Findings) -> bool {
    let Some(value) = variable("LESSONSPACE_SANDBOX") else { return false };
    boolean(&value).unwrap_or_else(|| {
        let message = format!("expected 1 or 0, not {:?}", untrusted(&value));
        findings.problem("LESSONSPACE_SANDBOX", message);
        true
    })
}

/// Whether practice mode is on, by the flag or by the variable.
pub fn is_practice(flag: bool) -> bool {
    flag || sandbox_variable_is_set(&mut Findings::default())
}

/// A warning about variables that are ignored because `LESSONSPACE_SANDBOX` is set.
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

pub const DEFAULT_API_URL: &str = "https://api.thelessonspace.com/v2/";

/// Parses an API address: `https`, or `http` to a loopback address; no user name, password, query
/// or fragment. A missing final `/` is added. The error describes the problem without the place.
pub fn api_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
        return Err("contains a character not allowed in an address".to_owned());
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let Some("https" | "http") = scheme.as_deref() else {
        // The text before an @ may be a password.
        let is_secret = text.contains('@');
        let shown = if is_secret { String::new() } else { format!(", not {:?}", untrusted(text)) };
        return Err(format!("must be an https address such as {DEFAULT_API_URL}{shown}"));
    };
    let mut url = Url::parse(text)
        .ok()
        .filter(|url| url.has_host() && !text.contains(":///"))
        .ok_or_else(|| "is not a valid address".to_owned())?;
    // A password in the address must not be shown.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not contain ? or #".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(
            "must be https, because the API key is sent there (http is allowed only for this computer)"
                .to_owned(),
        );
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// All environment variables of this program.
const VARIABLES: [&str; 7] = [
    "LESSONSPACE_API_KEY",
    "LESSONSPACE_API_KEY_FILE",
    "LESSONSPACE_API_URL",
    "LESSONSPACE_CONFIG",
    "LESSONSPACE_PROFILE",
    "LESSONSPACE_SANDBOX",
    "LESSONSPACE_WEBHOOK_SECRET",
];

/// Variables that contain a secret. Child processes do not inherit them.
pub const SECRETS: [&str; 2] = ["LESSONSPACE_API_KEY", "LESSONSPACE_WEBHOOK_SECRET"];

/// The value of an environment variable; `None` if it is empty.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Whether this is a CI job: `CI` is set, and not to `false`.
pub fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}

/// The config file, and whether it must exist because the user chose it. `None` if this computer
/// has no home folder.
pub fn config_path() -> Option<(PathBuf, bool)> {
    if let Some(path) = variable("LESSONSPACE_CONFIG") {
        return Some((PathBuf::from(path), true));
    }
    let folder = if cfg!(windows) {
        variable("APPDATA").map(PathBuf::from)
    } else {
        xdg("XDG_CONFIG_HOME", ".config")
    };
    Some((folder?.join("lessonspace").join("config.toml"), false))
}

/// The folder where the sandbox saves its Spaces.
pub fn state_folder() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else {
        xdg("XDG_STATE_HOME", ".local/state")
    };
    Some(folder?.join("lessonspace"))
}

/// An XDG base folder. A relative path counts as unset, and so does a relative home: nothing is
/// read from the current folder.
fn xdg(name: &str, in_home: &str) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder(name).or_else(|| Some(folder("HOME")?.join(in_home)))
}

/// A warning for each variable that looks like a typo, such as `LESSONSPACE_APIKEY`.
pub fn misspelt_variables() -> Vec<String> {
    let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
    let mut names: Vec<String> = set.filter_map(|(name, _)| name.into_string().ok()).collect();
    names.sort_unstable();
    names.iter().filter_map(|name| misspelt(name)).collect()
}

fn misspelt(name: &str) -> Option<String> {
    let is_ours = name.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("lessonspace"));
    // Windows ignores case in variable names.
    let is_same =
        |known: &str| known == name || (cfg!(windows) && known.eq_ignore_ascii_case(name));
    if !is_ours || VARIABLES.into_iter().any(is_same) {
        return None;
    }
    let meant = nearest(name, VARIABLES)?;
    Some(format!("{} is not a known variable; did you mean {meant}?", untrusted(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_addresses_get_a_final_slash() {
        for (text, expected) in [
            (DEFAULT_API_URL, DEFAULT_API_URL),
            ("https://api.thelessonspace.com/v2", DEFAULT_API_URL),
            ("https://e.org", "https://e.org/"),
            ("http://127.0.0.1:8000/v2", "http://127.0.0.1:8000/v2/"),
            ("http://127.8.9.1", "http://127.8.9.1/"),
            ("http://localhost:1/", "http://localhost:1/"),
            ("http://[::1]:1", "http://[::1]:1/"),
            (" HTTPS://E.org ", "https://e.org/"),
        ] {
            assert_eq!(api_url(text).map(String::from), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn lookalike_addresses_are_refused() {
        for text in [
            "",
            "e.org",
            "http://api.thelessonspace.com/v2/",
            "http://localhost.evil.org/",
            "http://127.0.0.1.evil.org/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://localhost@evil.org/",
            "https://api.thelessonspace.com@evil.org/",
            "https://u:p@e.org/",
            "https://:p@e.org/",
            "ftp://e.org",
            "https:e.org",
            "https:\\\\e.org",
            "https://e.org\\@x",
            "https://",
            "https:///v2/",
            "https://e.org/?x",
            "https://e.org/#x",
            "https://аpi.thelessonspace.com/",
            "https://e .org",
            "javascript:alert(1)",
            "file:///x",
            "https://e.org/\u{202e}",
            "http://128.0.0.1/",
        ] {
            assert!(api_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_misspelt_variable_is_reported_and_others_are_ignored() {
        for (name, meant) in [
            ("LESSONSPACE_APIKEY", Some("LESSONSPACE_API_KEY")),
            ("LESSONSPACE_KEY", Some("LESSONSPACE_API_KEY")),
            ("LESSONSPACE_API_KEYFILE", Some("LESSONSPACE_API_KEY_FILE")),
            ("LESSONSPACE_API_KEY_FLIE", Some("LESSONSPACE_API_KEY_FILE")),
            ("LESSONSPACE_URL", Some("LESSONSPACE_API_URL")),
            ("LESSONSPACE_SANBOX", Some("LESSONSPACE_SANDBOX")),
            ("LESSONSPACE_PROFIL", Some("LESSONSPACE_PROFILE")),
            ("LESSONSPACE_API_KEY", None),
            ("LESSONSPACE_WEBHOOK_SECRET", None),
            ("LESSONSPACE_ROSTER", None),
            ("LESSONSPACE_ID", None),
            ("LESSONSPACE_", None),
            ("LESSONSPACE", None),
            ("LESSON_API_KEY", None),
            ("API_KEY", None),
        ] {
            let expected =
                meant.map(|meant| format!("{name} is not a known variable; did you mean {meant}?"));
            assert_eq!(misspelt(name), expected);
        }
    }
}
