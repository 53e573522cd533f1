//! `config.toml`: profiles by name. The whole file is parsed strictly, so that typos are found.

use crate::body::Person;
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use crate::input::{Decoded, decode};
use crate::problem::{Findings, Position, Problem, ProblemKind, place_in_text};
#[cfg(unix)]
use crate::terminal::shell::Shell;
use crate::words::nearest;
use std::path::{Path, PathBuf};
use toml_edit::{Document, Item, TableLike};

const SETTINGS: [&str; 7] =
    ["api_key", "api_key_command", "api_url", "user_id", "user_name", "user_email", "time_zone"];

/// The settings of one organisation.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    pub name: String,
    pub api_key: Option<String>,
    /// A program that prints the key, and its arguments.
    pub api_key_command: Option<Vec<String>>,
    /// The API's address, if not Lessonspace's own.
    pub api_url: Option<String>,
    pub person: Person,
    /// The zone for times without one.
    pub time_zone: Option<String>,
    /// Whether the owner of the file is neither this user nor root. Its commands are then not run.
    pub is_foreign: bool,
}

/// The whole config file.
#[derive(Debug, Default)]
pub struct ConfigFile {
    /// Where it is, or would be.
    pub path: Option<PathBuf>,
    /// The profiles, in order.
    pub profiles: Vec<Profile>,
}

impl Profile {
    /// A profile without settings.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl ConfigFile {
    /// Reads the file at `path`. Problems and warnings are added to `findings`.
    pub fn read(path: &Path, must_exist: bool, findings: &mut Findings) -> Self {
        let shown = untrusted_path(path);
        let empty = || Self { path: Some(path.to_owned()), profiles: Vec::new() };
        let decoded = match input::read_regular(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
                return empty();
            }
            Err(error) => {
                findings.about(shown, input::explain(&error));
                return empty();
            }
            Ok(bytes) => decode(bytes, None),
        };
        match exposure(path) {
            Ok(None) => {}
            Ok(Some(readable)) => findings.warnings.push(format!("{shown} {readable}")),
            Err(writable) => findings.about(&*shown, writable),
        }
        match decoded {
            Ok(Decoded { text, .. }) => {
                let mut profiles = parse(&text, &shown, findings);
                let is_foreign = is_foreign(path);
                for profile in &mut profiles {
                    profile.is_foreign = is_foreign;
                }
                Self { profiles, ..empty() }
            }
            Err(error) => {
                findings.problem(shown, error.to_string());
                empty()
            }
        }
    }

    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
}

fn parse(text: &str, shown: &str, findings: &mut Findings) -> Vec<Profile> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start.min(text.len()));
            // The line itself is not shown: it may contain a key.
            findings.problem(
                place_in_text(shown, Position::of(text, offset), ""),
                format!("invalid TOML: {}", untrusted(error.message()).to_lowercase()),
            );
            return Vec::new();
        }
    };
    let mut profiles = Vec::new();
    for (name, item) in document.iter() {
        match (name, item.as_table_like()) {
            ("profiles", Some(tables)) => {
                for (name, item) in tables.iter() {
                    let place = format!("{shown}: profiles.{}", untrusted(name));
                    match item.as_table_like() {
                        Some(table) => profiles.push(profile(name, table, &place, findings)),
                        None => findings.about(place, "must be a table: [profiles.NAME]"),
                    }
                }
            }
            ("profiles", None) => {
                findings.problem(shown, "profiles must be tables: [profiles.NAME]");
            }
            (name, _) if SETTINGS.contains(&name) => {
                let message = "must be inside a profile; move it under [profiles.default]";
                findings.about(format!("{shown}: {name}"), message);
            }
            (name, _) => unknown(&format!("{shown}: "), name, ["profiles"], findings),
        }
    }
    profiles
}

fn profile(name: &str, table: &dyn TableLike, place: &str, findings: &mut Findings) -> Profile {
    let mut profile = Profile { name: name.to_owned(), ..Profile::default() };
    for (key, item) in table.iter() {
        let target = match key {
            "api_key" => &mut profile.api_key,
            "api_url" => &mut profile.api_url,
            "user_id" => &mut profile.person.id,
            "user_name" => &mut profile.person.name,
            "user_email" => &mut profile.person.email,
            "time_zone" => &mut profile.time_zone,
            "api_key_command" => {
                profile.api_key_command = command(item);
                if profile.api_key_command.is_none() {
                    let expected =
                        "expected a program and its arguments: [\"op\", \"read\", \"...\"]";
                    findings.problem(format!("{place}.api_key_command"), expected);
                }
                continue;
            }
            key => {
                unknown(&format!("{place}."), key, SETTINGS, findings);
                continue;
            }
        };
        match item.as_str() {
            // An empty setting counts as unset, like an empty variable.
            Some(text) => *target = Some(text.to_owned()).filter(|text| !text.is_empty()),
            None => findings.problem(format!("{place}.{key}"), "expected text in quotes"),
        }
    }
    profile
}

fn command(item: &Item) -> Option<Vec<String>> {
    let words: Option<Vec<String>> =
        item.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect();
    words.filter(|words| words.first().is_some_and(|program| !program.is_empty()))
}

fn unknown<const N: usize>(
    place: &str,
    name: &str,
    known: [&'static str; N],
    findings: &mut Findings,
) {
    let hint =
        nearest(name, known).map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
    let place = format!("{place}{}", untrusted(name));
    findings.problems.push(Problem {
        kind: ProblemKind::UnknownSetting,
        ..Problem::new(place, format!("unknown setting{hint}"))
    });
}

/// Other users' access to a file with a key: a warning if they can read it, an error if they can
/// change it. Both follow the file's name. Pipes and devices have no such permissions.
#[cfg(unix)]
pub(super) fn exposure(path: &Path) -> Result<Option<String>, String> {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(None) };
    if !metadata.is_file() {
        return Ok(None);
    }
    let mode = metadata.permissions().mode();
    let line = format!("chmod 600 {}", Shell::Posix.in_quotes(&path.to_string_lossy()));
    let line = untrusted(&line);
    if mode & 0o022 != 0 {
        return Err(format!("can be changed by other users; to fix this, run: {line}"));
    }
    let is_readable = mode & 0o044 != 0;
    Ok(is_readable.then(|| format!("can be read by other users; to fix this, run: {line}")))
}

/// Windows protects a user's own folders from other users.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same as on other systems")]
pub(super) fn exposure(_path: &Path) -> Result<Option<String>, String> {
    Ok(None)
}

/// Whether the owner of a file is neither this user nor root.
fn is_foreign(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let trusted = [0, rustix::process::geteuid().as_raw()];
        std::fs::metadata(path).is_ok_and(|metadata| !trusted.contains(&metadata.uid()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        parse(text, "c", &mut findings);
        findings.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn profiles_are_read() {
        let mut findings = Findings::default();
        let text = "[profiles.default]\napi_key = \"k\"\nuser_name = \"Peter\"\n\
                    [profiles.w]\napi_key_command = [\"op\", \"read\"]\ntime_zone = \"\"\n";
        let profiles = parse(text, "c", &mut findings);
        assert!(findings.problems.is_empty(), "{:?}", findings.problems);
        assert_eq!(profiles[0].api_key.as_deref(), Some("k"));
        assert_eq!(profiles[0].person.name.as_deref(), Some("Peter"));
        assert_eq!(profiles[1].api_key_command, Some(vec!["op".to_owned(), "read".to_owned()]));
        assert_eq!(profiles[1].time_zone, None);
    }

    #[test]
    fn errors_in_the_file_are_explained_without_showing_its_lines() {
        for (text, expected) in [
            (
                "[profiles.x]\napi_kye = \"secret\"",
                "c: profiles.x.api_kye: unknown setting; did you mean `api_key`?",
            ),
            ("[profile.x]\n", "c: profile: unknown setting; did you mean `profiles`?"),
            (
                "api_url = \"x\"",
                "c: api_url must be inside a profile; move it under [profiles.default]",
            ),
            ("[profiles.x]\nuser_id = 5", "c: profiles.x.user_id: expected text in quotes"),
            (
                "[profiles.x]\napi_key_command = \"op read\"",
                "c: profiles.x.api_key_command: expected a program and its arguments: [\"op\", \"read\", \"...\"]",
            ),
            ("profiles = 5", "c: profiles must be tables: [profiles.NAME]"),
        ] {
            assert_eq!(problems(text), [expected]);
        }
        let syntax = problems("[profiles.x]\napi_key = secret").join("\n");
        assert!(syntax.starts_with("c, line 2, column 11: invalid TOML: "), "{syntax}");
        assert!(!syntax.contains("secret"), "{syntax}");
    }
}
