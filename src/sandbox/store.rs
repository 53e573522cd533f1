//! The Spaces, remembered in one file for all processes.
//!
//! `spaces.jsonl` only grows: one JSON object a line, the last line of a Space wins. Every
//! look and every change happens under the file's lock, and reads only what others have
//! added since. In memory is an index of places in the file, not the Spaces, so that many
//! thousands of them stay small. A line that a crash has torn is skipped.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use uuid::Uuid;

use super::space::Space;

/// The name of the file in the state folder.
const FILE: &str = "spaces.jsonl";

/// An open state file. One per process is enough; its methods block for as long as another
/// process holds the lock, which is a few system calls unless it is a stranger's: see
/// [`Store::try_lock`].
pub(super) struct Store {
    path: PathBuf,
    file: File,
    /// Whether the lock is taken for what is done next.
    is_locked: bool,
    index: HashMap<Uuid, Place>,
    /// How far the file has been read, up to the end of a line.
    end: u64,
    /// Behind `end` is the beginning of a line that nobody will finish.
    torn: bool,
}

#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    length: usize,
    /// Where its first line stands, which tells the order in which the Spaces were made.
    first: u64,
}

/// The part of a line that the index needs.
#[derive(Deserialize)]
struct Head {
    room_id: Uuid,
}

impl Store {
    /// Opens the file in `folder`. Both are made when missing, for this user alone.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        let path = folder.join(FILE);
        let file = open(&path)?;
        Ok(Self { path, file, is_locked: false, index: HashMap::new(), end: 0, torn: false })
    }

    /// Takes the lock for what is done next, if nobody holds it at this moment.
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

    /// The Space with this `room_id`, as it stands now.
    pub(super) fn get(&mut self, room_id: Uuid) -> io::Result<Option<Space>> {
        self.locked(|store| store.read(room_id))
    }

    /// Those Spaces that `chosen` picks, the newest first.
    pub(super) fn choose(&mut self, chosen: impl Fn(&Space) -> bool) -> io::Result<Vec<Space>> {
        self.locked(|store| {
            let mut places: Vec<_> = store.index.values().copied().collect();
            places.sort_unstable_by_key(|place| std::cmp::Reverse(place.first));
            let mut spaces = Vec::new();
            for place in places {
                spaces.extend(store.line(place)?.filter(&chosen));
            }
            Ok(spaces)
        })
    }

    /// Looks at the Space and changes it, with nobody in between. `change` gets what is
    /// remembered and gives what is to be remembered; an error of it changes nothing.
    pub(super) fn update<E>(
        &mut self,
        room_id: Uuid,
        change: impl FnOnce(Option<&Space>) -> Result<Space, E>,
    ) -> io::Result<Result<Space, E>> {
        self.locked(|store| {
            let before = store.read(room_id)?;
            let after = match change(before.as_ref()) {
                Ok(after) => after,
                Err(error) => return Ok(Err(error)),
            };
            if before.as_ref() != Some(&after) {
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
            // A lock goes with its file, whatever the system said. What was done stays done.
            self.file = open(&self.path)?;
        }
        result
    }

    /// Takes in the lines that this or another process has added.
    fn catch_up(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length < self.end {
            self.index.clear();
            self.end = 0;
        }
        self.torn = false;
        if length == self.end {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if line.last() != Some(&b'\n') {
                self.torn = true;
                break;
            }
            if let Ok(head) = serde_json::from_slice::<Head>(&line) {
                let (offset, length) = (self.end, line.len());
                let place = Place { offset, length, first: offset };
                let known = self.index.entry(head.room_id).or_insert(place);
                (known.offset, known.length) = (offset, length);
            }
            self.end += line.len() as u64;
            line.clear();
        }
        Ok(())
    }

    fn read(&mut self, room_id: Uuid) -> io::Result<Option<Space>> {
        self.index.get(&room_id).copied().map_or(Ok(None), |place| self.line(place))
    }

    fn line(&mut self, place: Place) -> io::Result<Option<Space>> {
        let Place { offset, length, first: _ } = place;
        let mut line = vec![0; length];
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_exact(&mut line)?;
        Ok(serde_json::from_slice(&line).ok())
    }

    /// One write for the whole line, so that a crash tears at most this one.
    fn append(&mut self, space: &Space) -> io::Result<()> {
        let mut line = if self.torn { b"\n".to_vec() } else { Vec::new() };
        serde_json::to_writer(&mut line, space)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.catch_up()
    }
}

/// Opens the file, or makes it, for this user alone.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
