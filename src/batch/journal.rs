//! The journal, `LINKS.journal`: a record of launch requests and their results.
//!
//! A launch is marked before its request is sent, and the response is recorded when it arrives; both
//! count only once they are on disk. After Ctrl-C, kill -9 or a power cut, the journal shows which
//! launches have links and which were in flight. LINKS can be rebuilt from it at any time.
//!
//! One JSON object per line:
//!
//! ```json
//! {"lessonspace_journal":2,"api_url":"https://api.thelessonspace.com/v2/","sandbox":false}
//! {"mark":"<key>","at":"2026-12-01T14:00:00Z"}
//! {"answer":"<key>","status":"created","client_url":"https://...","id":"chem7","at":"..."}
//! ```
//!
//! An answer with status `pending` cancels a mark. A later header line means that the roster is read
//! differently from there on.

use super::launches::Launch;
use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::links::atomic_file::sync_folder_of;
use crate::links::{Outcome, Status};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The version of the format.
const VERSION: u32 = 2;

/// The start of every journal; distinguishes an incomplete header from another file.
const OPENING: &[u8] = b"{\"lessonspace_journal\":";

/// Maximum length of the header, in bytes.
const MAX_HEADER_SIZE: u64 = 1 << 20;

/// Assumed lifetime of a link without a known expiry.
const MAX_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Identifies a launch by its body, with times as written, so that the roster can be sorted and edited
/// between runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 16]);

impl Key {
    pub fn of(content: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
        Self(digest.as_ref().first_chunk().copied().unwrap_or_default())
    }

    pub fn to_hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(number.to_be_bytes()))
    }
}

/// The first line: the API that the links are from, and how the roster was read. If there are several,
/// the last one applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    lessonspace_journal: u32,
    /// The API's base URL, normalised; empty for the sandbox.
    pub api_url: String,
    pub sandbox: bool,
    /// The time zone used for local times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The maps, as field and template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<(String, String)>,
    /// How the roster was read, as a recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    /// A digest of the values that flags set for every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defaults: Option<String>,
}

/// What to do with an existing journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Reject it.
    New,
    /// Continue it, or create one if there is none.
    Resume,
    /// Empty it, whatever API it is for.
    Over,
}

/// What is known about a launch.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The latest link.
    pub link: Option<Link>,
    /// Why the latest attempt failed, if it came after the link.
    pub failure: Option<String>,
    /// Whether a request was sent and its result is unknown.
    pub may_have_acted: bool,
    is_marked: bool,
}

/// A link and its owner.
#[derive(Clone, Debug)]
pub struct Link {
    pub outcome: Outcome,
    /// When it expires; an estimate if the link does not show it.
    pub ends_at: Timestamp,
    /// The id of its Space.
    pub id: String,
    /// The person, as shown in messages.
    pub person: String,
    /// Identifies the person.
    pub person_key: String,
    /// The person's email address, in lower case.
    pub email: Option<Box<str>>,
    /// The key of the body as sent, with absolute times.
    pub sent: Option<Key>,
    /// When the request was sent.
    pub at: Timestamp,
}

/// An open journal. Its file is locked until this is dropped.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the complete lines on disk, in bytes.
    length: u64,
    pub header: Header,
    records: HashMap<Key, Record>,
    /// Number of complete lines that could not be read.
    pub damaged_lines: usize,
    /// Lines to be written by [`Journal::commit`].
    waiting: Vec<u8>,
}

/// A line after the header.
#[derive(Default, Serialize, Deserialize)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_have_acted: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    person: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    person_key: String,
    /// The person's email address; `handout` compares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// See [`Launch::is_outside_filter`]; `handout` reads it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    outside_filter: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    at: Timestamp,
}

impl Header {
    pub fn new(api_url: Option<&str>) -> Self {
        Self {
            lessonspace_journal: VERSION,
            api_url: api_url.unwrap_or_default().to_owned(),
            sandbox: api_url.is_none(),
            ..Self::default()
        }
    }

    fn check(&self, path: &Path, ours: &Self) -> Result<()> {
        let shown = untrusted_path(path);
        if self.lessonspace_journal > VERSION {
            let message = "was written by a newer version of lessonspace; update lessonspace";
            return Err(Error::of_problems(vec![crate::problem::Problem::about(shown, message)]));
        }
        let is_same_url = self.api_url == ours.api_url || self.sandbox;
        if self.sandbox == ours.sandbox && is_same_url {
            return Ok(());
        }
        let name = |header: &Self| {
            if header.sandbox {
                "practice links".to_owned()
            } else {
                format!("links from {}", untrusted(&header.api_url))
            }
        };
        let practise = if self.sandbox { "add --sandbox to practise, " } else { "" };
        let message = format!(
            "contains {}, not {}; {practise}choose another file with -o, or add --force to replace them",
            name(self),
            name(ours)
        );
        Err(Error::of_problems(vec![crate::problem::Problem::about(shown, message)]))
    }
}

impl Journal {
    /// Opens, locks and reads a journal, or creates one that only its owner can read. Removes an
    /// incomplete last line, which a power cut can leave.
    ///
    /// # Errors
    ///
    /// A journal that is open in another run, that `start` does not allow or that is for another API, a
    /// file that is not a journal, and I/O errors.
    pub fn open(path: &Path, header: Header, start: Start) -> Result<Self> {
        let mut journal = Self::new(path, open_locked(path, start)?);
        if journal.load(&header, start)? {
            journal.cut().map_err(|source| journal.error("read", source))?;
        } else {
            journal.begin(header).map_err(|source| journal.error("write", source))?;
        }
        Ok(journal)
    }

    /// Reads a journal like [`Journal::open`] without changing it. Returns `None` if there is nothing to
    /// continue.
    ///
    /// # Errors
    ///
    /// The same as [`Journal::open`].
    pub fn look(path: &Path, header: &Header, start: Start) -> Result<Option<Self>> {
        check(path, start)?;
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error("open", path, source)),
        };
        locked(file.try_lock_shared(), path)?;
        let mut journal = Self::new(path, file);
        Ok(journal.load(header, start)?.then_some(journal))
    }

    fn new(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file,
            length: 0,
            header: Header::default(),
            records: HashMap::new(),
            damaged_lines: 0,
            waiting: Vec::new(),
        }
    }

    /// Reads the journal, unless `start` discards it. Returns false if there is nothing to continue.
    fn load(&mut self, ours: &Header, start: Start) -> Result<bool> {
        let mut first = Vec::new();
        BufReader::new((&self.file).take(MAX_HEADER_SIZE))
            .read_until(b'\n', &mut first)
            .map_err(|source| self.error("read", source))?;
        let header: Option<Header> =
            first.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok());
        let may_be_torn =
            !first.contains(&b'\n') && (first.starts_with(OPENING) || OPENING.starts_with(&first));
        if header.is_none() && !may_be_torn {
            let shown = untrusted_path(&self.path);
            let message = "is not a lessonspace journal; move it somewhere else";
            return Err(Error::of_problems(vec![crate::problem::Problem::about(shown, message)]));
        }
        let Some(header) = header.filter(|_| start != Start::Over) else { return Ok(false) };
        header.check(&self.path, ours)?;
        self.header = header;
        self.load_lines().map_err(|source| self.error("read", source))?;
        Ok(true)
    }

    fn load_lines(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let file = self.file.try_clone()?;
        let mut reader = BufReader::with_capacity(64 << 10, file);
        let mut text = Vec::new();
        loop {
            text.clear();
            let count = reader.read_until(b'\n', &mut text)?;
            if text.last() != Some(&b'\n') {
                return Ok(());
            }
            if self.length > 0 {
                let is_known = if text.starts_with(OPENING) {
                    let header = serde_json::from_slice(&text).ok();
                    header.map(|header| self.header = header)
                } else {
                    serde_json::from_slice(&text).ok().and_then(|line| self.apply(line))
                };
                if is_known.is_none() {
                    self.damaged_lines += 1;
                }
            }
            self.length += count as u64;
        }
    }

    /// Applies a line; `None` if it is not valid.
    fn apply(&mut self, line: Line) -> Option<()> {
        let Line { mark, answer, status, client_url, expires_at, room_id, error, .. } = line;
        let Line { may_have_acted, id, person, person_key, email, sent, at, .. } = line;
        match (mark, answer, status) {
            (Some(key), None, None) => {
                let record = self.records.entry(Key::from_hex(&key)?).or_default();
                record.may_have_acted |= record.is_marked;
                record.is_marked = true;
            }
            (None, Some(key), Some(status)) => {
                let record = self.records.entry(Key::from_hex(&key)?).or_default();
                record.is_marked = false;
                if client_url.is_some() {
                    let outcome = Outcome { status, client_url, expires_at, room_id, error };
                    let ends_at = expires_at.or_else(|| at.checked_add(MAX_LIFETIME).ok());
                    let sent = sent.as_deref().and_then(Key::from_hex);
                    let ends_at = ends_at.unwrap_or(Timestamp::MAX);
                    let email = email.map(|email| email.to_lowercase().into());
                    record.link =
                        Some(Link { outcome, ends_at, id, person, person_key, email, sent, at });
                    record.failure = None;
                    record.may_have_acted = false;
                } else if status != Status::Pending {
                    record.failure = Some(error.unwrap_or_default());
                    record.may_have_acted |= may_have_acted;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Records that the roster is read according to `header` from now on. The time zone of the first run
    /// stays, so its links keep their times.
    ///
    /// # Errors
    ///
    /// The same as [`Journal::commit`].
    pub fn read_as(&mut self, header: Header) -> Result<()> {
        let Header { maps, recipe, defaults, .. } = header;
        let new = Header { maps, recipe, defaults, ..self.header.clone() };
        if new == self.header {
            return Ok(());
        }
        if serde_json::to_writer(&mut self.waiting, &new).is_ok() {
            self.waiting.push(b'\n');
        }
        self.header = new;
        self.commit()
    }

    pub fn record(&self, key: Key) -> Option<&Record> {
        self.records.get(&key)
    }

    /// Whether a request for the launch may have been carried out with an unknown result.
    pub fn may_have_acted(&self, key: Key) -> bool {
        self.records.get(&key).is_some_and(|record| {
            record.link.is_none() && (record.may_have_acted || record.is_marked)
        })
    }

    /// All links, with the keys of their launches.
    pub fn links(&self) -> impl Iterator<Item = (Key, &Link)> {
        self.records.iter().filter_map(|(key, record)| Some((*key, record.link.as_ref()?)))
    }

    /// Records that a request is about to be sent. Send it only after [`Journal::commit`].
    pub fn mark(&mut self, launch: &Launch) {
        let line = Line { mark: Some(launch.key.to_hex()), at: now(), ..Line::default() };
        self.wait(line);
    }

    /// Records the result of a launch.
    pub fn answer(&mut self, launch: &Launch, outcome: &Outcome, sent: &Sent) {
        let Outcome { status, client_url, expires_at, room_id, error } = outcome.clone();
        let is_link = client_url.is_some();
        self.wait(Line {
            answer: Some(launch.key.to_hex()),
            status: Some(status),
            client_url,
            expires_at,
            room_id,
            error,
            may_have_acted: sent.may_have_acted,
            id: if is_link { launch.id.clone() } else { String::new() },
            person: if is_link { launch.who.shown() } else { String::new() },
            person_key: if is_link { launch.person_key() } else { String::new() },
            email: launch.who.email.clone().filter(|_| is_link),
            outside_filter: launch.is_outside_filter && is_link,
            sent: sent.body.map(Key::to_hex),
            at: sent.at.unwrap_or_else(now),
            ..Line::default()
        });
    }

    /// Cancels a mark: the request was not carried out.
    pub fn unmark(&mut self, launch: &Launch) {
        self.wait(Line {
            answer: Some(launch.key.to_hex()),
            status: Some(Status::Pending),
            at: now(),
            ..Line::default()
        });
    }

    fn wait(&mut self, line: Line) {
        // Structs of strings, numbers and booleans always serialise.
        if serde_json::to_writer(&mut self.waiting, &line).is_ok() {
            self.waiting.push(b'\n');
        }
        self.apply(line);
    }

    /// Writes all recorded lines to disk. If this fails, they are removed, so that a later run finds
    /// complete lines.
    ///
    /// # Errors
    ///
    /// I/O errors; after one, nothing more may be sent.
    pub fn commit(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.waiting);
        let written = (&self.file)
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| (&self.file).write_all(&lines))
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // If this fails too, the incomplete line is removed when the journal is next opened.
            let _ = self.file.set_len(self.length);
            return Err(self.error("write", source));
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    fn begin(&mut self, header: Header) -> io::Result<()> {
        let mut line = serde_json::to_vec(&header)?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&line)?;
        self.file.sync_all()?;
        sync_folder_of(&self.path)?;
        self.length = line.len() as u64;
        self.header = header;
        Ok(())
    }

    /// Removes an incomplete last line.
    fn cut(&self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.length {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
        }
        Ok(())
    }

    fn error(&self, action: &str, source: io::Error) -> Error {
        io_error(action, &self.path, source)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Closing is not enough: a child process that is just starting may still have the file open.
        let _ = self.file.unlock();
    }
}

/// How a launch was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent {
    /// Whether the request may have been carried out even though it failed.
    pub may_have_acted: bool,
    /// The key of the body as sent, with absolute times.
    pub body: Option<Key>,
    /// When it was sent.
    pub at: Option<Timestamp>,
}

/// Checks the journal's path before anything is opened.
///
/// # Errors
///
/// A path that is not a file, and a journal that `start` does not allow.
pub fn check(path: &Path, start: Start) -> Result<()> {
    let shown = || untrusted_path(path);
    let about = |message: &str| {
        Err(Error::of_problems(vec![crate::problem::Problem::about(shown(), message)]))
    };
    if path.exists() && !path.is_file() {
        about("is not a lessonspace journal; move it somewhere else")
    } else if path.exists() && start == Start::New {
        about("already exists; add --resume to continue, or --force to start over")
    } else {
        Ok(())
    }
}

/// Opens and locks the file, creating it if necessary. The system releases the lock when the process
/// ends, even if it crashes.
fn open_locked(path: &Path, start: Start) -> Result<File> {
    let open_error = |source| io_error("open", path, source);
    let (file, is_new) = match options().create_new(true).open(path) {
        Ok(file) => (file, true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            check(path, Start::Resume)?;
            (options().open(path).map_err(open_error)?, false)
        }
        Err(error) => return Err(open_error(error)),
    };
    locked(file.try_lock(), path)?;
    if !is_new {
        check(path, start)?;
        make_private(&file).map_err(open_error)?;
    }
    Ok(file)
}

fn locked(lock: Result<(), TryLockError>, path: &Path) -> Result<()> {
    let shown = untrusted_path(path);
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another run is writing to {shown}");
            Err(Error::new(Kind::Unexpected, message).with_hint("wait until it has finished"))
        }
        Err(TryLockError::Error(source)) => {
            Err(Error::new(Kind::Unexpected, format!("cannot lock {shown}"))
                .with_source(source)
                .with_hint(
                    "use -o with a folder on this computer; network drives may not support locks",
                ))
        }
    }
}

fn io_error(action: &str, path: &Path, source: io::Error) -> Error {
    let shown = untrusted_path(path);
    let is_full = matches!(
        source.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    );
    let error = Error::new(Kind::Unexpected, format!("cannot {action} the journal {shown}"))
        .with_source(source);
    if is_full {
        return error.with_hint("free up disk space, then run it again with --resume");
    }
    error
}

fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    if file.metadata()?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is a mode, which can fail")]
fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::launches::tests::launches;
    use super::*;
    use crate::links::journal_path;
    use std::fs;
    use tempfile::TempDir;

    const URL: &str = "https://api.example.org/v2/";

    fn header() -> Header {
        Header { zone: Some("Europe/London".to_owned()), ..Header::new(Some(URL)) }
    }

    fn path(folder: &TempDir) -> PathBuf {
        journal_path(&folder.path().join("links.csv"))
    }

    /// A new journal in a folder.
    pub fn opened(folder: &TempDir) -> Journal {
        Journal::open(&path(folder), header(), Start::New).expect("opens")
    }

    fn resumed(folder: &TempDir) -> Result<Journal> {
        Journal::open(&path(folder), header(), Start::Resume)
    }

    /// Records a link that expires at `ends_at`.
    pub fn link_until(journal: &mut Journal, launch: &Launch, ends_at: Timestamp) {
        let outcome = Outcome {
            status: Status::Created,
            client_url: Some(format!(
                "https://go.example.org/{}/{}",
                launch.id,
                launch.person_key()
            )),
            expires_at: Some(ends_at),
            room_id: Some(format!("room-of-{}", launch.id)),
            error: None,
        };
        let sent = Sent { at: Some(ends_at - MAX_LIFETIME), ..Sent::default() };
        journal.mark(launch);
        journal.answer(launch, &outcome, &sent);
    }

    /// Records that a launch was rejected.
    pub fn failed(journal: &mut Journal, launch: &Launch) {
        let outcome =
            Outcome { error: Some("refused".to_owned()), ..Outcome::without_link(Status::Failed) };
        journal.mark(launch);
        journal.answer(launch, &outcome, &Sent::default());
    }

    fn two() -> Vec<Launch> {
        let text = "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n{\"id\":\"b\",\"user\":{\"name\":\"Bo\"}}\n";
        launches(text, Timestamp::UNIX_EPOCH).1
    }

    fn end() -> Timestamp {
        Timestamp::from_second(4_099_798_800).expect("a time")
    }

    /// The text of a journal with one link and one launch in flight.
    fn written(folder: &TempDir) -> (Vec<Launch>, String) {
        let launches = two();
        let mut journal = opened(folder);
        link_until(&mut journal, &launches[0], end());
        journal.mark(&launches[1]);
        journal.commit().expect("committed");
        drop(journal);
        let text = fs::read_to_string(path(folder)).expect("read");
        (launches, text)
    }

    #[test]
    fn a_written_journal_can_be_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (launches, _) = written(&folder);
        let journal = resumed(&folder).expect("opens");
        assert_eq!(journal.header, header());
        let links: Vec<_> = journal.links().collect();
        assert_eq!(links.len(), 1);
        let (key, link) = links[0];
        assert_eq!((key, link.id.as_str(), link.person.as_str()), (launches[0].key, "a", "Ann"));
        assert_eq!((link.ends_at, link.at), (end(), end() - MAX_LIFETIME));
        assert_eq!(link.person_key, "name Ann");
        assert_eq!(link.outcome.room_id.as_deref(), Some("room-of-a"));
        assert!(
            journal.may_have_acted(launches[1].key) && !journal.may_have_acted(launches[0].key)
        );
    }

    #[test]
    fn a_journal_torn_at_any_byte_is_continued_and_loses_only_the_torn_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let (launches, text) = written(&folder);
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        assert_eq!(ends.len(), 4, "a header, a mark, an answer, a mark");
        for length in 0..=text.len() {
            fs::write(path(&folder), &text[..length]).expect("written");
            let whole = ends.iter().filter(|end| **end <= length).count();
            let mut journal = resumed(&folder).expect("opens");
            assert_eq!(journal.damaged_lines, 0, "at {length}");
            assert_eq!(journal.header, header(), "at {length}");
            let has_link = journal.links().count() == 1;
            let in_flight = launches.iter().map(|launch| journal.may_have_acted(launch.key));
            let in_flight: Vec<bool> = in_flight.collect();
            let expected = match whole {
                0 | 1 => (false, [false, false]),
                2 => (false, [true, false]),
                3 => (true, [false, false]),
                _ => (true, [false, true]),
            };
            assert_eq!(
                (has_link, in_flight.as_slice()),
                (expected.0, &expected.1[..]),
                "at {length}"
            );
            // The next line is written after complete lines.
            failed(&mut journal, &launches[1]);
            journal.commit().expect("committed");
            drop(journal);
            let after = fs::read_to_string(path(&folder)).expect("read");
            assert!(after.starts_with(&text[..ends[whole.max(1) - 1]]), "at {length}:\n{after}");
            assert_eq!(after.lines().count(), whole.max(1) + 2, "at {length}");
            let again = resumed(&folder).expect("opens");
            let failure = again.record(launches[1].key).and_then(|record| record.failure.clone());
            assert_eq!((failure.as_deref(), again.damaged_lines), (Some("refused"), 0));
        }
    }

    #[test]
    fn a_damaged_line_is_counted_and_the_others_still_apply() {
        let folder = tempfile::tempdir().expect("a folder");
        let (launches, text) = written(&folder);
        let lines: Vec<&str> = text.lines().collect();
        for (damage, damaged) in [
            ("", 1),
            ("\0\0\0\0", 1),
            ("{\"mark\":\"ab\",\"at\":\"2026-12-01T00:00:00Z\"}", 1),
            ("{\"answer\":\"zz\"}", 1),
            ("{\"at\":\"2026-12-01T00:00:00Z\"}", 1),
            ("not JSON\n{\"half\":", 2),
        ] {
            let text =
                format!("{}\n{damage}\n{}\n{}\n{}\n", lines[0], lines[1], lines[2], lines[3]);
            fs::write(path(&folder), &text).expect("written");
            let journal = resumed(&folder).expect("opens");
            assert_eq!(
                (journal.damaged_lines, journal.links().count()),
                (damaged, 1),
                "{damage:?}"
            );
            assert!(journal.may_have_acted(launches[1].key));
            drop(journal);
            assert_eq!(
                fs::read_to_string(path(&folder)).expect("read"),
                text,
                "nothing is removed"
            );
        }
        // A damaged answer leaves its launch in flight.
        let text = text.replace("\"status\":\"created\"", "\"status\":\"creates\"");
        fs::write(path(&folder), &text).expect("written");
        let journal = resumed(&folder).expect("opens");
        assert_eq!((journal.damaged_lines, journal.links().count()), (1, 0));
        assert!(journal.may_have_acted(launches[0].key));
    }

    #[test]
    fn journals_of_other_versions_or_apis_and_other_files_are_refused_unchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = || Header::new(None);
        let other = || Header::new(Some("https://other.example.org/v2/"));
        let json = |header: &Header| format!("{}\n", serde_json::to_string(header).expect("JSON"));
        let shown = path(&folder).display().to_string();
        let elsewhere = "choose another file with -o, or add --force to replace them";
        for (text, ours, expected) in [
            (json(&header()), header(), None),
            (json(&sandbox()), sandbox(), None),
            (
                json(&header()).replace(":2,", ":3,"),
                header(),
                Some(
                    "was written by a newer version of lessonspace; update lessonspace".to_owned(),
                ),
            ),
            (
                json(&header()),
                other(),
                Some(format!(
                    "contains links from {URL}, not links from https://other.example.org/v2/; {elsewhere}"
                )),
            ),
            (
                json(&header()),
                sandbox(),
                Some(format!("contains links from {URL}, not practice links; {elsewhere}")),
            ),
            (
                json(&sandbox()),
                header(),
                Some(format!(
                    "contains practice links, not links from {URL}; add --sandbox to practise, {elsewhere}"
                )),
            ),
            (
                "Dear diary,\n".to_owned(),
                header(),
                Some("is not a lessonspace journal; move it somewhere else".to_owned()),
            ),
            (
                "{\"lessonspace_journal\":\"x\"}\n".to_owned(),
                header(),
                Some("is not a lessonspace journal; move it somewhere else".to_owned()),
            ),
            (
                "{\"other\":".to_owned(),
                header(),
                Some("is not a lessonspace journal; move it somewhere else".to_owned()),
            ),
        ] {
            fs::write(path(&folder), &text).expect("written");
            let opened = Journal::open(&path(&folder), ours.clone(), Start::Resume).err();
            let looked = Journal::look(&path(&folder), &ours, Start::Resume).err();
            let found = [opened, looked].map(|error| error.map(|error| error.message.clone()));
            let expected = expected.map(|message| format!("{shown} {message}"));
            assert_eq!(found, [expected.clone(), expected], "{text}");
            assert_eq!(fs::read_to_string(path(&folder)).expect("read"), text);
        }
    }

    #[test]
    fn starting_over_empties_a_journal_of_any_api_but_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, text) = written(&folder);
        for (text, may_start) in
            [(text.as_str(), true), ("", true), ("{\"lessons", true), ("Dear diary,\n", false)]
        {
            fs::write(path(&folder), text).expect("written");
            let sandbox = Header::new(None);
            let journal = Journal::open(&path(&folder), sandbox, Start::Over);
            assert_eq!(journal.is_ok(), may_start, "{text}");
            drop(journal);
            let after = fs::read_to_string(path(&folder)).expect("read");
            let expected = "{\"lessonspace_journal\":2,\"api_url\":\"\",\"sandbox\":true}\n";
            assert_eq!(after, if may_start { expected } else { text });
        }
    }

    #[test]
    fn a_journal_is_locked_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = opened(&folder);
        // Simulates a handle inherited by a child process.
        let inherited = journal.file.try_clone().expect("a second handle");
        let error = resumed(&folder).expect_err("is locked");
        let shown = path(&folder).display().to_string();
        assert_eq!(error.message, format!("another run is writing to {shown}"));
        assert_eq!(error.kind, Kind::Unexpected);
        assert!(Journal::look(&path(&folder), &header(), Start::Resume).is_err());
        drop(journal);
        assert!(resumed(&folder).is_ok(), "the inherited file keeps the lock");
        drop(inherited);
        let error = Journal::open(&path(&folder), header(), Start::New).expect_err("is there");
        assert!(error.message.contains("already exists; add --resume"), "{}", error.message);
    }

    #[test]
    fn a_launch_is_in_flight_if_its_latest_request_has_no_known_response() {
        type Write = fn(&mut Journal, &Launch);
        let answered_maybe: Write = |journal, launch| {
            let sent = Sent { may_have_acted: true, ..Sent::default() };
            journal.mark(launch);
            journal.answer(launch, &Outcome::without_link(Status::Failed), &sent);
        };
        let cases: [(&[Write], bool); 9] = [
            (&[], false),
            (&[Journal::mark], true),
            (&[Journal::mark, Journal::unmark], false),
            (&[Journal::mark, Journal::unmark, Journal::mark], true),
            // A second request while the first is still open.
            (&[Journal::mark, Journal::mark, Journal::unmark], true),
            (&[failed], false),
            (&[Journal::mark, failed], true),
            (&[answered_maybe, Journal::mark, Journal::unmark], true),
            (&[answered_maybe, |journal, launch| link_until(journal, launch, end())], false),
        ];
        for (index, (writes, expected)) in cases.into_iter().enumerate() {
            let folder = tempfile::tempdir().expect("a folder");
            let launch = &two()[0];
            let mut journal = opened(&folder);
            for write in writes {
                write(&mut journal, launch);
            }
            assert_eq!(journal.may_have_acted(launch.key), expected, "case {index}");
            journal.commit().expect("committed");
            drop(journal);
            let journal = resumed(&folder).expect("opens");
            assert_eq!(journal.may_have_acted(launch.key), expected, "case {index}, read again");
        }
    }

    #[test]
    fn a_link_with_an_unknown_end_is_assumed_valid_for_seven_days() {
        let folder = tempfile::tempdir().expect("a folder");
        let launch = &two()[0];
        let mut journal = opened(&folder);
        let outcome = Outcome {
            client_url: Some("https://go.example.org/".to_owned()),
            ..Outcome::without_link(Status::Existing)
        };
        let sent = Sent { at: Some(Timestamp::UNIX_EPOCH), ..Sent::default() };
        journal.answer(launch, &outcome, &sent);
        let ends = journal.links().map(|(_, link)| link.ends_at.as_second()).next();
        assert_eq!(ends, Some(7 * 24 * 60 * 60));
    }

    #[test]
    fn reading_a_journal_does_not_change_it_and_a_missing_one_is_fine() {
        let folder = tempfile::tempdir().expect("a folder");
        let look = || Journal::look(&path(&folder), &header(), Start::Resume);
        assert!(look().expect("nothing is there").is_none());
        assert!(!path(&folder).exists());
        let (_, text) = written(&folder);
        fs::write(path(&folder), &text[..text.len() - 3]).expect("written");
        let journal = look().expect("read").expect("is there");
        assert_eq!(journal.links().count(), 1);
        drop(journal);
        assert_eq!(fs::read_to_string(path(&folder)).expect("read"), text[..text.len() - 3]);
        fs::write(path(&folder), "").expect("written");
        assert!(look().expect("an empty file").is_none());
    }
}
