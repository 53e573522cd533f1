//! The journal, `LINKS.journal`: the record of which launch was asked for, and what came of it.
//!
//! A launch is marked before its request goes, and its answer is written when it comes; both count
//! only when they are on the disk. So after Ctrl-C, kill -9 or a power cut it is known which
//! launches have links and which were in flight. LINKS can be made from it again at any time.
//!
//! One JSON object a line:
//!
//! ```json
//! {"lessonspace_journal":2,"api_url":"https://api.thelessonspace.com/v2/","sandbox":false}
//! {"mark":"<key>","at":"2026-12-01T14:00:00Z"}
//! {"answer":"<key>","status":"created","client_url":"https://...","id":"chem7","at":"..."}
//! ```
//!
//! An answer that is `pending` takes a mark back.

use super::launches::Launch;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
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

/// How every journal starts, so that a torn header is told from another file.
const OPENING: &[u8] = b"{\"lessonspace_journal\":";

/// The longest header, in bytes.
const LONGEST_HEADER: u64 = 1 << 20;

/// How long a link without a known end is taken to work.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a launch is recognised by: its body with times as written, so that the roster may be sorted
/// and edited between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of a content.
    pub fn of(content: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
        Self(digest.as_ref().first_chunk().copied().unwrap_or_default())
    }

    fn to_hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(number.to_be_bytes()))
    }
}

/// The first line: which API the links are from, and how the roster was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    lessonspace_journal: u32,
    /// The API's base URL, written the same way in each run; empty for the sandbox.
    pub api_url: String,
    pub sandbox: bool,
    /// The zone in which local times were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The maps in use, field and template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<(String, String)>,
    /// How the roster was read, as a recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
}

/// What to do with a journal that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Refuse it.
    New,
    /// Continue it; start one if there is none.
    Resume,
    /// Empty it, whichever API it is of.
    Over,
}

/// What is known of one launch.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The latest link.
    pub link: Option<Link>,
    /// Why the latest attempt failed, if it came after the link.
    pub failure: Option<String>,
    /// Whether a request was sent whose answer is not known.
    pub may_have_acted: bool,
    is_marked: bool,
}

/// A link, and whose it is.
#[derive(Clone, Debug)]
pub struct Link {
    pub outcome: Outcome,
    /// When it stops to work; an estimate if the link does not show it.
    pub ends_at: Timestamp,
    /// The id of its Space.
    pub id: String,
    /// The person as messages show them.
    pub person: String,
    /// What tells the person from others.
    pub person_key: String,
    /// What the launch was recognised by when its body had been sent with absolute times.
    pub sent: Option<Key>,
    /// When it was sent.
    pub at: Timestamp,
}

/// An open journal. Its file is locked until this is dropped.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes that are whole lines on the disk.
    length: u64,
    pub header: Header,
    records: HashMap<Key, Record>,
    /// Whole lines that could not be read.
    pub damaged_lines: usize,
    /// Lines that wait for [`Journal::commit`].
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
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    at: Timestamp,
}

/// Where the journal of a links file is: next to it, with `.journal` after its whole name.
pub fn path_for(links: &Path) -> PathBuf {
    let mut path = links.as_os_str().to_owned();
    path.push(".journal");
    path.into()
}

impl Header {
    /// The header of a run.
    pub fn new(api_url: Option<&str>) -> Self {
        Self {
            lessonspace_journal: VERSION,
            api_url: api_url.unwrap_or_default().to_owned(),
            sandbox: api_url.is_none(),
            ..Self::default()
        }
    }

    fn check(&self, path: &Path, ours: &Self) -> Result<()> {
        let shown = untrusted(&path.to_string_lossy());
        if self.lessonspace_journal > VERSION {
            let message = "was written by a newer version of lessonspace; update this one";
            return Err(Error::of_problems(vec![crate::problem::Problem::about(shown, message)]));
        }
        let is_same_url = self.api_url == ours.api_url || self.sandbox;
        if self.sandbox == ours.sandbox && is_same_url {
            return Ok(());
        }
        let name = |header: &Self| {
            if header.sandbox { "the sandbox".to_owned() } else { untrusted(&header.api_url) }
        };
        let message = format!(
            "contains links from {}, not from {}; write these links to another file",
            name(self),
            name(ours)
        );
        Err(Error::of_problems(vec![crate::problem::Problem::about(shown, message)]))
    }
}

impl Journal {
    /// Opens, locks and reads a journal, or starts one that only its owner can read. A torn last
    /// line, which a power cut leaves, is cut off.
    ///
    /// # Errors
    ///
    /// A journal that another run has open, that `start` does not allow, that is of another API or
    /// not a journal at all, and what the system reports.
    pub fn open(path: &Path, header: Header, start: Start) -> Result<Self> {
        let mut journal = Self::new(path, open_locked(path, start)?);
        if journal.load(&header, start)? {
            journal.cut().map_err(|source| journal.error("read", source))?;
        } else {
            journal.begin(header).map_err(|source| journal.error("write", source))?;
        }
        Ok(journal)
    }

    /// Reads a journal as [`Journal::open`] would, and changes nothing; none if there is nothing to
    /// continue.
    ///
    /// # Errors
    ///
    /// As [`Journal::open`].
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

    /// Reads everything, unless `start` leaves it out. False if there is nothing to continue.
    fn load(&mut self, ours: &Header, start: Start) -> Result<bool> {
        let mut first = Vec::new();
        BufReader::new((&self.file).take(LONGEST_HEADER))
            .read_until(b'\n', &mut first)
            .map_err(|source| self.error("read", source))?;
        let header: Option<Header> =
            first.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok());
        let may_be_torn =
            !first.contains(&b'\n') && (first.starts_with(OPENING) || OPENING.starts_with(&first));
        if header.is_none() && !may_be_torn {
            let shown = untrusted(&self.path.to_string_lossy());
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
                let line = serde_json::from_slice(&text).ok();
                if line.is_none_or(|line| self.apply(line).is_none()) {
                    self.damaged_lines += 1;
                }
            }
            self.length += count as u64;
        }
    }

    /// Takes a line in; none if it says nothing that is understood.
    fn apply(&mut self, line: Line) -> Option<()> {
        let Line { mark, answer, status, client_url, expires_at, room_id, error, .. } = line;
        let Line { may_have_acted, id, person, person_key, sent, at, .. } = line;
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
                    let ends_at = expires_at.or_else(|| at.checked_add(LONGEST_LIFE).ok());
                    let sent = sent.as_deref().and_then(Key::from_hex);
                    let ends_at = ends_at.unwrap_or(Timestamp::MAX);
                    record.link = Some(Link { outcome, ends_at, id, person, person_key, sent, at });
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

    /// What is known of a launch.
    pub fn record(&self, key: Key) -> Option<&Record> {
        self.records.get(&key)
    }

    /// Whether a request for the launch may have been carried out without a known answer.
    pub fn may_have_acted(&self, key: Key) -> bool {
        self.records.get(&key).is_some_and(|record| {
            record.link.is_none() && (record.may_have_acted || record.is_marked)
        })
    }

    /// Every launch that has a link.
    pub fn links(&self) -> impl Iterator<Item = (Key, &Link)> {
        self.records.iter().filter_map(|(key, record)| Some((*key, record.link.as_ref()?)))
    }

    /// Notes that a request is about to go; it may go after [`Journal::commit`].
    pub fn mark(&mut self, launch: &Launch) {
        let line = Line { mark: Some(launch.key.to_hex()), at: now(), ..Line::default() };
        self.wait(line);
    }

    /// Notes what came of a launch.
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
            sent: sent.body.map(Key::to_hex),
            at: sent.at.unwrap_or_else(now),
            ..Line::default()
        });
    }

    /// Takes a mark back: its request did not go.
    pub fn unmark(&mut self, launch: &Launch) {
        self.wait(Line {
            answer: Some(launch.key.to_hex()),
            status: Some(Status::Pending),
            at: now(),
            ..Line::default()
        });
    }

    fn wait(&mut self, line: Line) {
        // Structs of texts, numbers and booleans always serialise.
        if serde_json::to_writer(&mut self.waiting, &line).is_ok() {
            self.waiting.push(b'\n');
        }
        self.apply(line);
    }

    /// Puts everything that was noted on the disk. When that fails it is taken back, so that a later
    /// run finds whole lines.
    ///
    /// # Errors
    ///
    /// What the system reports; nothing more may be sent then.
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
            // If this fails too, the torn line is cut off on the next opening.
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

    /// Cuts off a torn last line.
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
        // Closing is not enough: a child process that is just being started may still have the file.
        let _ = self.file.unlock();
    }
}

/// How a launch was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent {
    /// Whether the request may have been carried out although it failed.
    pub may_have_acted: bool,
    /// The key of the body as it was sent, with absolute times.
    pub body: Option<Key>,
    /// When it was sent.
    pub at: Option<Timestamp>,
}

/// Checks what has the journal's name, before anything is opened.
///
/// # Errors
///
/// Something other than a file, and a journal that `start` does not allow.
pub fn check(path: &Path, start: Start) -> Result<()> {
    let shown = || untrusted(&path.to_string_lossy());
    let about = |message: &str| {
        Err(Error::of_problems(vec![crate::problem::Problem::about(shown(), message)]))
    };
    if path.exists() && !path.is_file() {
        about("is not a lessonspace journal; move it somewhere else")
    } else if path.exists() && start == Start::New {
        about(
            "already exists: links were made before; add --resume to continue, or --force to start over",
        )
    } else {
        Ok(())
    }
}

/// Opens and locks the file, creating it if need be. The system drops the lock when the process
/// ends, however it ends.
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
    let shown = untrusted(&path.to_string_lossy());
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another run is writing to {shown}");
            Err(Error::new(Kind::Unexpected, message).with_hint("wait until it has finished"))
        }
        Err(TryLockError::Error(source)) => {
            Err(Error::new(Kind::Unexpected, format!("cannot lock {shown}"))
                .with_source(source)
                .with_hint("write the links to a folder on this computer"))
        }
    }
}

fn io_error(action: &str, path: &Path, source: io::Error) -> Error {
    let shown = untrusted(&path.to_string_lossy());
    let error = Error::new(Kind::Unexpected, format!("cannot {action} the journal {shown}"))
        .with_source(source);
    match action {
        "write" => error.with_hint("free up disk space, then continue with --resume"),
        _ => error,
    }
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
