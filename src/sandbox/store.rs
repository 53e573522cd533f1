//! The practice Spaces, saved in one file that several processes share.
//!
//! `spaces.jsonl` is append-only: one JSON object per line, and the last line of a Space counts. Every
//! operation locks the file and first reads the lines that other processes have added.

use super::launch::{Launch, RequestedSettings};
use crate::escape::untrusted_path;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// File name in the state folder.
const FILE: &str = "spaces.jsonl";
/// Start of every line.
const START: &[u8] = b"{\"room_id\":\"";
/// A larger file would need too much memory; 100,000 Spaces are about 35 MB.
const MAX_FILE_SIZE: u64 = 128 << 20;

/// One Space, as saved in the state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Space {
    pub room_id: Uuid,
    /// The caller's id.
    pub id: String,
    /// Empty if the caller sent a blank name.
    pub name: String,
    /// Signs its links and webhooks.
    pub secret: Uuid,
    /// The next session, or the running one.
    pub session_id: Uuid,
    pub settings: Settings,
    /// Whether guests may enter through the invite page.
    #[serde(default = "yes")]
    pub allow_guests: bool,
    /// Event name (`session.start`) to URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// The current settings, with the names in `room_settings`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "these are the API's own five switches")]
pub(super) struct Settings {
    pub record_av: bool,
    pub record_content: bool,
    pub waiting_room: bool,
    pub transcribe: bool,
    pub summarise: bool,
}

impl Space {
    /// A new Space with the organisation's settings: guests are allowed, and everything else is off.
    pub(super) fn new(room_id: Uuid, id: &str) -> Self {
        Self {
            room_id,
            id: id.to_owned(),
            name: id.to_owned(),
            secret: Uuid::new_v4(),
            session_id: Uuid::new_v4(),
            settings: Settings::default(),
            allow_guests: true,
            webhooks: BTreeMap::new(),
        }
    }

    /// Applies a launch to the Space. Omitted settings are unchanged, and webhooks are replaced as a whole.
    /// Like the API, rejects settings without the ones that they require.
    pub(super) fn apply(&mut self, launch: &Launch) -> Result<(), &'static str> {
        self.settings = self.settings.with(&launch.asked);
        if self.settings.summarise && !self.settings.transcribe {
            return Err("summarise requires transcribe.");
        }
        if self.settings.transcribe && !self.settings.record_av {
            return Err("transcribe requires record_av.");
        }
        self.name = launch.name.as_ref().unwrap_or(&self.name).clone();
        self.allow_guests = launch.allow_guests.unwrap_or(self.allow_guests);
        if let Some(webhooks) = launch.webhooks() {
            self.webhooks = webhooks;
        }
        Ok(())
    }

    /// The name, or the id if the name is blank.
    pub(super) fn title(&self) -> &str {
        if self.name.trim().is_empty() { &self.id } else { &self.name }
    }
}

impl Settings {
    fn with(self, asked: &RequestedSettings) -> Self {
        Self {
            record_av: asked.record_av.unwrap_or(self.record_av),
            record_content: asked.record_content.unwrap_or(self.record_content),
            waiting_room: asked.waiting_room.unwrap_or(self.waiting_room),
            transcribe: asked.transcribe.unwrap_or(self.transcribe),
            summarise: asked.summarise.unwrap_or(self.summarise),
        }
    }
}

/// An open state file. Its methods wait while another process has the lock: a few system calls for a sandbox,
/// but other programs may take longer (see [`Store::try_lock`]).
pub(super) struct Store {
    path: PathBuf,
    file: File,
    /// Whether the file is already locked for the next step.
    is_locked: bool,
    spaces: HashMap<Uuid, Space>,
    /// Position after the last line that was read, in bytes and in lines.
    end: u64,
    lines: usize,
    /// Set if an incomplete last line was dropped, until the warning is shown.
    pub warning: Option<String>,
}

impl Store {
    /// Opens the file in `folder`. Both are created if missing, for this user only.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        let path = folder.join(FILE);
        let file = open(&path)?;
        let spaces = HashMap::new();
        Ok(Self { path, file, is_locked: false, spaces, end: 0, lines: 0, warning: None })
    }

    /// Locks the file for the next step, unless another process has locked it.
    pub(super) fn try_lock(&mut self) -> io::Result<bool> {
        if !self.is_locked {
            match self.file.try_lock() {
                Ok(()) => self.is_locked = true,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(self.is_locked)
    }

    /// Reads new lines. Returns each warning only once.
    pub(super) fn refresh(&mut self) -> io::Result<Option<String>> {
        self.locked(|store| Ok(store.warning.take()))
    }

    /// The Space with this `room_id`.
    pub(super) fn get(&mut self, room_id: Uuid) -> io::Result<Option<Space>> {
        self.locked(|store| Ok(store.spaces.get(&room_id).cloned()))
    }

    /// Changes a Space atomically. `change` receives the saved Space and returns the new one. If it fails,
    /// nothing changes.
    pub(super) fn update<E>(
        &mut self,
        room_id: Uuid,
        change: impl FnOnce(Option<&Space>) -> Result<Space, E>,
    ) -> io::Result<Result<Space, E>> {
        self.locked(|store| {
            let before = store.spaces.get(&room_id);
            let after = match change(before) {
                Ok(after) => after,
                Err(error) => return Ok(Err(error)),
            };
            if before != Some(&after) {
                store.append(&after)?;
            }
            Ok(Ok(after))
        })
    }

    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        if !self.is_locked {
            self.file.lock()?;
        }
        self.is_locked = false;
        let result = self.catch_up().and_then(|()| work(self));
        if self.file.unlock().is_err() {
            // Closing the file releases the lock in any case. The work itself is already done.
            self.file = open(&self.path)?;
        }
        result
    }

    /// Reads the lines that this or another process has added.
    fn catch_up(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length > MAX_FILE_SIZE {
            return Err(self.unusable("is larger than 128 MiB"));
        }
        if length < self.end {
            self.spaces.clear();
            (self.end, self.lines) = (0, 0);
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut reader = BufReader::new((&self.file).take(length - self.end));
        let mut line = Vec::new();
        let mut last = None;
        while reader.read_until(b'\n', &mut line)? > 0 {
            let number = self.lines + 1;
            match serde_json::from_slice::<Space>(&line) {
                Ok(space) => drop(self.spaces.insert(space.room_id, space)),
                Err(_) if line.trim_ascii().is_empty() => {}
                Err(error) if error.is_eof() && self.is_torn(&line) => {
                    last = Some(LastLine::Truncated);
                }
                Err(_) => return Err(self.unusable(&format!("is damaged on line {number}"))),
            }
            if last.is_none() && !line.ends_with(b"\n") {
                last = Some(LastLine::NoNewline);
            }
            if last.is_none() {
                (self.end, self.lines) = (self.end + line.len() as u64, number);
                line.clear();
            }
        }
        match last {
            None => Ok(()),
            Some(LastLine::Truncated) => {
                self.warning = Some(format!(
                    "dropped the incomplete last line of the practice Spaces file {}",
                    untrusted_path(&self.path)
                ));
                self.file.set_len(self.end)
            }
            // The line is complete, but an editor removed its newline.
            Some(LastLine::NoNewline) => {
                (self.end, self.lines) = (self.end + line.len() as u64 + 1, self.lines + 1);
                self.file.write_all(b"\n")
            }
        }
    }

    fn append(&mut self, space: &Space) -> io::Result<()> {
        let mut line = serde_json::to_vec(space)?;
        line.push(b'\n');
        self.file.seek(SeekFrom::Start(self.end))?;
        if let Err(error) = self.file.write_all(&line) {
            // On a full disk, remove the incomplete line.
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        (self.end, self.lines) = (self.end + line.len() as u64, self.lines + 1);
        self.spaces.insert(space.room_id, space.clone());
        Ok(())
    }

    /// Whether this is one of our lines, cut off. If the file contains nothing else, the line must also start
    /// like one of ours.
    fn is_torn(&self, line: &[u8]) -> bool {
        let is_ours = line.starts_with(START) || START.starts_with(line);
        !line.ends_with(b"\n") && (is_ours || self.lines > 0)
    }

    fn unusable(&self, why: &str) -> io::Error {
        let path = untrusted_path(&self.path);
        let message = format!("the practice Spaces file {path} {why}; delete it to start again");
        io::Error::new(io::ErrorKind::InvalidData, message)
    }
}

/// A last line without a newline.
enum LastLine {
    /// A crash or a full disk cut it off.
    Truncated,
    NoNewline,
}

/// Opens the file, or creates it for this user only.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
#[path = "tests/store.rs"]
mod tests;
