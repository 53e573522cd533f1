//! Finds the API key: the first source that has one is used.

use super::file::exposure;
use super::{Profile, SECRETS, Settings, variable};
use crate::api::{ApiKey, KeyFault};
use crate::error::{Error, Kind, Result};
use crate::escape::{self, untrusted, untrusted_path};
use crate::input;
use crate::input::decode;
use crate::problem::Problem;
use crate::terminal::shell::Shell;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Time limit for `api_key_command`, even if `--timeout` is longer.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);

/// How long to keep reading its output after it exits: a child process may keep the pipe open.
const COMMAND_GRACE: Duration = Duration::from_secs(1);

/// Maximum output to read from `api_key_command`, in bytes.
const COMMAND_OUTPUT: u64 = 64 << 10;

/// Where a key came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySource {
    /// The source in words, safe to show.
    pub name: String,
    /// What to do if this key is wrong.
    pub advice: String,
}

impl KeySource {
    /// A key typed at the prompt.
    pub fn prompt() -> Self {
        Self {
            name: "the prompt".to_owned(),
            advice: "copy the key again from the dashboard (Settings > Developer)".to_owned(),
        }
    }

    fn of_variable() -> Self {
        Self {
            name: "LESSONSPACE_API_KEY".to_owned(),
            advice: "check it under Settings > Developer, or run: lessonspace login".to_owned(),
        }
    }

    /// The file from a flag or a variable.
    fn of_file(flag: &str, path: &Path) -> Self {
        let (place, subject) = if input::is_stdin(path) {
            ("standard input".to_owned(), "standard input")
        } else {
            (untrusted_path(path), "the file")
        };
        Self {
            name: format!("{flag} ({place})"),
            advice: format!(
                "check that {subject} contains only the key (dashboard: Settings > Developer)"
            ),
        }
    }

    fn of_command(profile: &str) -> Self {
        Self {
            name: format!("api_key_command in profile {}", untrusted(profile)),
            advice: "run that command yourself and check that it prints only the key".to_owned(),
        }
    }

    fn of_profile(profile: &str) -> Self {
        let flag = match profile {
            "default" => String::new(),
            name => format!(" --profile {}", untrusted(&Shell::in_use().quote(name))),
        };
        Self {
            name: format!("profile {}", untrusted(profile)),
            advice: format!("check it under Settings > Developer, or run: lessonspace login{flag}"),
        }
    }
}

/// A key and where it came from.
#[derive(Debug)]
pub struct FoundKey {
    pub key: ApiKey,
    pub source: KeySource,
    /// A warning about the source; the key is used anyway.
    pub warning: Option<String>,
    /// What the command that printed the key wrote to standard error, line by line, safe to show.
    pub said: Vec<String>,
}

/// The result of a search for a key.
#[derive(Debug)]
pub enum KeySearch {
    Found(FoundKey),
    /// No key, and which sources were skipped and why.
    Missing {
        skipped_sources: Vec<String>,
    },
}

impl KeySearch {
    /// # Errors
    ///
    /// If no key was found.
    pub fn found(self) -> Result<FoundKey> {
        match self {
            Self::Found(found) => Ok(found),
            Self::Missing { skipped_sources } => Err(Error::new(Kind::Key, "no API key found")
                .with_causes(skipped_sources)
                .with_hint(
                    "set LESSONSPACE_API_KEY, or run: lessonspace login (find the key in the \
                     dashboard, Settings > Developer; to practise without one, use --sandbox)",
                )),
        }
    }
}

/// The error for a key that cannot be used.
pub fn unusable_key(source: &KeySource, fault: KeyFault) -> Error {
    Error::new(Kind::Key, format!("invalid API key: {fault}"))
        .with_cause(format!("the key came from {}", source.name))
        .with_hint(&*source.advice)
}

fn unreadable(source: &str, causes: Vec<String>) -> Error {
    Error::new(Kind::Key, format!("cannot read the API key from {source}"))
        .with_causes(causes)
        .with_hint("fix the path or the command, or set LESSONSPACE_API_KEY")
}

impl Settings {
    /// Finds the API key. Runs the profile's `api_key_command` only if no earlier source has a key.
    pub async fn find_key(&self) -> Result<KeySearch> {
        let mut skipped_sources = Vec::new();
        if let Some(path) = &self.api_key_file {
            return read_key_file(path).await.map(KeySearch::Found);
        }
        if self.profile_first
            && let Some(found) = self.ask_profile(&mut skipped_sources).await?
        {
            return Ok(KeySearch::Found(found));
        }
        // The environment may contain another organisation's key.
        let instead = |found: FoundKey, skipped_sources: Vec<String>| {
            let warning = found.warning.or_else(|| skipped_sources.into_iter().next());
            KeySearch::Found(FoundKey { warning, ..found })
        };
        if let Some(text) = variable("LESSONSPACE_API_KEY") {
            let found = usable(&text, KeySource::of_variable())?;
            return Ok(instead(found, skipped_sources));
        }
        if let Some(path) = variable("LESSONSPACE_API_KEY_FILE") {
            let found = ask_file("LESSONSPACE_API_KEY_FILE", &PathBuf::from(path)).await?;
            return Ok(instead(found, skipped_sources));
        }
        if !self.profile_first
            && let Some(found) = self.ask_profile(&mut skipped_sources).await?
        {
            return Ok(KeySearch::Found(found));
        }
        Ok(KeySearch::Missing { skipped_sources })
    }

    async fn ask_profile(&self, skipped_sources: &mut Vec<String>) -> Result<Option<FoundKey>> {
        let Profile { name, api_key, api_key_command, is_foreign, .. } = &self.profile;
        if api_key.is_none() && api_key_command.is_none() {
            return Ok(None);
        }
        if let Some(reason) = &self.profile_key_refused_because {
            skipped_sources.push(reason.clone());
            return Ok(None);
        }
        match (api_key_command, api_key) {
            (Some(_), _) if *is_foreign => Err(foreign_command(name)),
            (Some(command), _) => {
                let source = KeySource::of_command(name);
                let output = run(command, self.time)
                    .await
                    .map_err(|causes| unreadable(&source.name, causes))?;
                let mut found = usable(&output.text, source)?;
                found.said = said(&output.complaint, &found.key);
                Ok(Some(found))
            }
            (None, Some(key)) => usable(key, KeySource::of_profile(name)).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Reads the key from the file of `--api-key-file`, or from standard input.
pub async fn read_key_file(path: &Path) -> Result<FoundKey> {
    ask_file("--api-key-file", path).await
}

async fn ask_file(name: &str, path: &Path) -> Result<FoundKey> {
    let source = KeySource::of_file(name, path);
    let place =
        if input::is_stdin(path) { "standard input".to_owned() } else { untrusted_path(path) };
    let cannot = |cause: String| unreadable(&source.name, vec![format!("{place} {cause}")]);
    let about = |predicate: String| {
        let problem = Problem::about(source.name.clone(), predicate);
        Error::of_problems(vec![problem.in_file(&place, Some(name))])
    };
    let mut warning = None;
    if !input::is_stdin(path) {
        // Checked here because the error does not show this on every platform.
        if tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.is_dir()) {
            return Err(about("is a folder, not a file".to_owned())
                .with_hint("use a file that contains only the key"));
        }
        let shown = untrusted_path(path);
        warning = exposure(path).map_err(about)?.map(|readable| format!("{shown} {readable}"));
    }
    let bytes = input::read(path).await.map_err(|cause| {
        if names_key(&path.to_string_lossy()) {
            // This is the key itself, which must not be repeated.
            let cause = "the file does not exist; if this is the key itself, set \
                         LESSONSPACE_API_KEY instead";
            return unreadable(name, vec![cause.to_owned()]);
        }
        cannot(cause)
    })?;
    // Other files can be saved again as UTF-8; this one may be something else entirely.
    let decoded = decode(bytes, None).map_err(|_| cannot("is not a text file".to_owned()))?;
    Ok(FoundKey { warning, ..usable(&decoded.text, source)? })
}

/// Whether the name of a file that cannot be read looks like a key.
fn names_key(name: &str) -> bool {
    let has = |class: fn(&u8) -> bool| name.bytes().any(|byte| class(&byte));
    escape::looks_like_key(name)
        || (name.len() >= 8
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
            && !name.contains(['/', '\\', '.']))
}

fn usable(text: &str, source: KeySource) -> Result<FoundKey> {
    match ApiKey::parse(text) {
        Ok(key) => Ok(FoundKey { key, source, warning: None, said: Vec::new() }),
        Err(fault) => Err(unusable_key(&source, fault)),
    }
}

/// The config file belongs to another user, who could run anything as this user.
fn foreign_command(profile: &str) -> Error {
    let message = "not run, because the config file belongs to another user";
    Error::usage(KeySource::of_command(profile).name, message)
        .with_hint("check the file and take ownership with chown, or set LESSONSPACE_API_KEY")
}

/// The output of `api_key_command`.
struct Output {
    /// Standard output.
    text: String,
    /// Standard error.
    complaint: Vec<u8>,
}

/// The lines that a successful command wrote to standard error, with the key hidden.
fn said(complaint: &[u8], key: &ApiKey) -> Vec<String> {
    let complaint = String::from_utf8_lossy(complaint);
    let lines = complaint.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| untrusted(&line.replace(key.reveal(), "[hidden]"))).collect()
}

/// Runs `api_key_command` without a shell.
async fn run(command: &[String], time: Duration) -> Result<Output, Vec<String>> {
    let time = time.min(COMMAND_TIMEOUT);
    let Some((program, arguments)) = command.split_first() else {
        return Err(vec!["no program given".to_owned()]);
    };
    let shown = untrusted(program);
    let mut command = tokio::process::Command::new(program);
    for name in SECRETS {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| vec![format!("{shown} {}", input::explain(&error))])?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut output, mut complaint) = (Vec::new(), Vec::new());
    let status = tokio::time::timeout(time, async {
        let drained =
            async { tokio::join!(drain(stdout, &mut output), drain(stderr, &mut complaint)) };
        tokio::pin!(drained);
        tokio::select! {
            _ = &mut drained => child.wait().await,
            status = child.wait() => {
                let _ = tokio::time::timeout(COMMAND_GRACE, drained).await;
                status
            }
        }
    })
    .await
    .map_err(|_| vec![format!("{shown} timed out after {} s", time.as_secs_f32())])?;
    match status {
        Ok(status) if status.success() => {
            Ok(Output { text: String::from_utf8_lossy(&output).into_owned(), complaint })
        }
        Ok(status) => {
            let mut causes = vec![format!("{shown} failed: {status}")];
            causes.extend(last_line(&complaint, &output));
            Err(causes)
        }
        Err(error) => Err(vec![format!("{shown} {}", input::explain(&error))]),
    }
}

/// Reads a stream to its end. If this is cancelled, what was read so far is kept.
async fn drain(stream: Option<impl AsyncRead + Unpin>, bytes: &mut Vec<u8>) {
    let Some(stream) = stream else { return };
    let mut stream = stream.take(COMMAND_OUTPUT);
    // Output that cannot be read is ignored.
    while stream.read_buf(bytes).await.is_ok_and(|count| count > 0) {}
}

/// The last line that a failed command wrote to standard error, unless it repeats its standard
/// output, which may be a key.
fn last_line(complaint: &[u8], output: &[u8]) -> Option<String> {
    let complaint = String::from_utf8_lossy(complaint);
    let output = String::from_utf8_lossy(output);
    let line = complaint.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let repeats = output.split_whitespace().any(|word| line.contains(word));
    let shown: Vec<&str> =
        line.split(' ').map(|word| if may_be_key(word) { "[hidden]" } else { word }).collect();
    (!repeats).then(|| format!("it printed: {}", untrusted(&shown.join(" "))))
}

/// Whether a word of a program's error output could be or contain a key: long and not plain.
fn may_be_key(word: &str) -> bool {
    let plain = word.trim_matches(|character: char| character.is_ascii_punctuation());
    let is_plain = plain.chars().skip(1).all(|character| character.is_ascii_lowercase());
    word.chars().count() >= 8 && !is_plain
}
