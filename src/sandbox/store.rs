//! The Spaces, remembered in one file for all processes.
//!
//! `spaces.jsonl` only grows: one JSON object a line, the last line of a Space wins. Every
//! look and every change happens under the file's lock, and reads only what others have
//! added since. In memory is an index of places in the file, not the Spaces, so that many
//! thousands of them stay small. A line that a crash has torn is skipped.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use uuid::Uuid;

use super::space::Space;

/// The name of the file in the state folder.
const FILE: &str = "spaces.jsonl";

/// An open state file. One per process is enough; its methods block for as long as another
/// process holds the lock, which is a few system calls.
pub(super) struct Store {
    path: PathBuf,
    file: File,
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
        Ok(Self { path, file, index: HashMap::new(), end: 0, torn: false })
    }

    /// The Space with this `room_id`, as it stands now.
    pub(super) fn get(&mut self, room_id: Uuid) -> io::Result<Option<Space>> {
        self.locked(|store| store.read(room_id))
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
        self.file.lock()?;
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
                let place = Place { offset: self.end, length: line.len() };
                self.index.insert(head.room_id, place);
            }
            self.end += line.len() as u64;
            line.clear();
        }
        Ok(())
    }

    fn read(&mut self, room_id: Uuid) -> io::Result<Option<Space>> {
        let Some(&Place { offset, length }) = self.index.get(&room_id) else {
            return Ok(None);
        };
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
mod tests {
    use super::*;
    use crate::sandbox::space::room_id;
    use std::fs;
    use std::thread;

    fn store(folder: &Path) -> Store {
        Store::open(folder).expect("opens")
    }

    /// Makes the Space unless it exists, and says whether it was made.
    fn launch(store: &mut Store, id: &str) -> bool {
        let room = room_id("key", id);
        let mut created = false;
        let change = |before: Option<&Space>| {
            created = before.is_none();
            Ok::<_, ()>(before.cloned().unwrap_or_else(|| Space::new(room, id)))
        };
        store.update(room, change).expect("writes").expect("is not refused");
        created
    }

    #[test]
    fn spaces_outlive_the_process_and_their_secrets_stay() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let mut first = store(folder.path());
        assert!(launch(&mut first, "a"));
        assert!(!launch(&mut first, "a"));
        let mut second = store(folder.path());
        assert!(!launch(&mut second, "a"));
        assert!(launch(&mut second, "b"));
        assert!(!launch(&mut first, "b"), "what another process added is seen");
        let room = room_id("key", "a");
        let secret = |store: &mut Store| store.get(room).expect("reads").map(|space| space.secret);
        assert!(secret(&mut first).is_some());
        assert_eq!(secret(&mut first), secret(&mut second));
        let lines = fs::read_to_string(folder.path().join(FILE)).expect("reads");
        assert_eq!(lines.lines().count(), 2, "what did not change is not written again");
    }

    #[test]
    fn a_torn_last_line_is_skipped_and_loses_nothing_else() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join(FILE);
        launch(&mut store(folder.path()), "a");
        let whole = fs::read(&path).expect("reads");
        fs::write(&path, [&whole[..], &whole[..40]].concat()).expect("writes");
        let mut after = store(folder.path());
        assert!(!launch(&mut after, "a"));
        assert!(launch(&mut after, "b"));
        let mut later = store(folder.path());
        assert!(!launch(&mut later, "a") && !launch(&mut later, "b"));
    }

    #[test]
    fn a_file_full_of_rubbish_is_no_obstacle() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let room = room_id("key", "a");
        let rubbish = format!("\n\0\u{1}\nnull\n{{\"room_id\": \"{room}\"}}\n\n");
        fs::write(folder.path().join(FILE), rubbish).expect("writes");
        let mut store = store(folder.path());
        assert!(launch(&mut store, "a"));
        assert!(!launch(&mut store, "a"));
    }

    #[test]
    fn an_emptied_file_is_noticed() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let mut store = store(folder.path());
        launch(&mut store, "a");
        fs::write(folder.path().join(FILE), "").expect("empties");
        assert!(launch(&mut store, "a"));
    }

    #[test]
    fn of_many_at_once_exactly_one_creates_each_space() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let created: usize = thread::scope(|scope| {
            let run = || {
                let mut store = store(folder.path());
                (0..100).filter(|n| launch(&mut store, &n.to_string())).count()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().expect("runs")).sum()
        });
        assert_eq!(created, 100);
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("makes a folder");
        let state = folder.path().join("deep/state");
        launch(&mut store(&state), "a");
        let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
        assert_eq!((mode(&state), mode(&state.join(FILE))), (0o700, 0o600));
    }
}
