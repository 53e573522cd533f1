//! The journal, `LINKS.journal`: the one record of which row was asked for, and what came.
//!
//! A row is marked before its request goes, and its answer is written when it comes; both
//! count only when they are on the disk. So after Ctrl-C, kill -9 or a power cut it is known
//! which rows have links, and which were in flight. Links stay in the file until LINKS is
//! written; memory holds some 60 bytes a row.
//!
//! What a row is, and what to do about each, is left to the caller.

mod answer;
mod error;
mod file;
mod line;
mod recorder;
mod state;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

pub(crate) use answer::Answer;
pub(crate) use error::{JournalError, with_cause};
pub(crate) use file::check;
pub(crate) use line::Key;
pub(crate) use recorder::Recorder;
pub(crate) use state::{Entry, Link};

use super::{disk, outcome::Outcome};
use line::{Header, Line};
use state::States;

/// The API that links come from. A journal holds the links of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    /// Its base URL, written the same way in each run.
    pub(crate) api_url: &'a str,
    /// Whether it is the sandbox; its URL then does not matter.
    pub(crate) sandbox: bool,
    /// The zone in which this run reads times without one; a new journal keeps it.
    pub(crate) time_zone: Option<&'a str>,
}

/// What to do with a journal that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Refuse it: nobody said to resume or to start over.
    New,
    /// Go on with it; start a new one when there is none.
    Resume,
    /// Empty it, whichever API it is of.
    Over,
}

/// An open journal. Its file is locked for as long as this, or the [`Recorder`] made from
/// it, lives.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes that are whole lines on the disk; what lies behind does not count.
    length: u64,
    states: States,
    damaged_lines: usize,
    time_zone: Option<String>,
}

/// Where the journal of a LINKS file is: beside it, with `.journal` after its whole name.
pub(crate) fn path_for(links: &Path) -> PathBuf {
    let mut path = OsString::from(links);
    path.push(".journal");
    path.into()
}

impl Journal {
    /// Opens, locks and reads a journal, or starts one with mode 0600.
    ///
    /// A torn last line, which a power cut leaves, is cut off. Whole lines that cannot be
    /// read are passed over, and counted in [`Journal::damaged_lines`].
    ///
    /// # Errors
    ///
    /// A journal that another run has open, that `start` does not allow, that is of another
    /// API, or that is none at all; and what the system reports.
    pub(crate) fn open(
        path: &Path,
        target: Target<'_>,
        start: Start,
    ) -> Result<Self, JournalError> {
        let mut journal = Self::new(path, file::open_locked(path, start)?);
        if journal.load(target, start)? {
            journal.cut().map_err(|source| journal.read_error(source))?;
        } else {
            journal.begin(target).map_err(|source| journal.write_error(source))?;
        }
        Ok(journal)
    }

    /// Reads a journal as [`Journal::open`] would, and changes nothing. None where that would
    /// begin with nothing.
    ///
    /// # Errors
    ///
    /// As [`Journal::open`], but for what comes of writing.
    pub(crate) fn look(
        path: &Path,
        target: Target<'_>,
        start: Start,
    ) -> Result<Option<Self>, JournalError> {
        let Some(file) = file::open_to_look(path, start)? else { return Ok(None) };
        let mut journal = Self::new(path, file);
        Ok(journal.load(target, start)?.then_some(journal))
    }

    fn new(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file,
            length: 0,
            states: States::default(),
            damaged_lines: 0,
            time_zone: None,
        }
    }

    /// Reads the header and, unless `start` leaves them out, all lines. False if there is nothing
    /// to go on with.
    fn load(&mut self, target: Target<'_>, start: Start) -> Result<bool, JournalError> {
        let first_line = self.first_line()?;
        let header = Header::parse(&first_line);
        if header.is_none() && !Header::may_be_torn(&first_line) {
            return Err(JournalError::NotAJournal { path: self.path.clone() });
        }
        let Some(header) = header.filter(|_| start != Start::Over) else { return Ok(false) };
        header.check(&self.path, target)?;
        self.time_zone = header.time_zone();
        self.load_lines().map_err(|source| self.read_error(source))?;
        Ok(true)
    }

    /// What is known of a row.
    pub(crate) fn entry(&self, key: Key) -> Entry {
        self.states.entry(key)
    }

    /// The latest link of a row, read from the file.
    pub(crate) fn link(&self, key: Key) -> Result<Option<Outcome>, JournalError> {
        self.outcome_at(self.states.link_at(key))
    }

    /// The failure that came after a row's latest link, or instead of one.
    pub(crate) fn failure(&self, key: Key) -> Result<Option<Outcome>, JournalError> {
        self.outcome_at(self.states.failure_at(key))
    }

    /// Whole lines that could not be read: something else has written to the file. The rows
    /// they were about are asked for again.
    pub(crate) fn damaged_lines(&self) -> usize {
        self.damaged_lines
    }

    /// The zone in which the run that started it read times without one, if it is known.
    pub(crate) fn time_zone(&self) -> Option<&str> {
        self.time_zone.as_deref()
    }

    fn outcome_at(&self, offset: Option<u64>) -> Result<Option<Outcome>, JournalError> {
        let Some(offset) = offset else {
            return Ok(None);
        };
        let mut text = Vec::new();
        (&self.file)
            .seek(SeekFrom::Start(offset))
            .and_then(|_| BufReader::with_capacity(1024, &self.file).read_until(b'\n', &mut text))
            .map_err(|source| self.read_error(source))?;
        Ok(Line::parse(&text).and_then(Line::into_outcome))
    }

    /// The first line with its line end, or all there is of it; little of any other file.
    fn first_line(&self) -> Result<Vec<u8>, JournalError> {
        let mut text = Vec::new();
        BufReader::new((&self.file).take(line::LONGEST_HEADER))
            .read_until(b'\n', &mut text)
            .map_err(|source| self.read_error(source))?;
        Ok(text)
    }

    /// Empties the file and writes the header.
    fn begin(&mut self, target: Target<'_>) -> io::Result<()> {
        let header = Header::of(target).to_line();
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header)?;
        self.file.sync_all()?;
        disk::sync_folder_of(&self.path)?;
        self.length = header.len() as u64;
        Ok(())
    }

    /// Reads all whole lines.
    fn load_lines(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(64 * 1024, &self.file);
        let mut text = Vec::new();
        loop {
            text.clear();
            let count = reader.read_until(b'\n', &mut text)?;
            if text.last() != Some(&b'\n') {
                break;
            }
            if self.length > 0 {
                match Line::parse(&text).and_then(|line| line.event()) {
                    Some(event) => self.states.apply(event, self.length),
                    None => self.damaged_lines += 1,
                }
            }
            self.length += count as u64;
        }
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

    /// Writes whole lines and syncs them. When that fails they are taken back, so that what
    /// a later run reads ends with a whole line.
    fn append(&mut self, lines: &[u8]) -> Result<(), JournalError> {
        let written = (&self.file)
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| (&self.file).write_all(lines))
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // When this fails too, the torn line is cut off on the next opening.
            let _ = self.file.set_len(self.length);
            return Err(self.write_error(source));
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    fn read_error(&self, source: io::Error) -> JournalError {
        JournalError::Read { path: self.path.clone(), source: Arc::new(source) }
    }

    fn write_error(&self, source: io::Error) -> JournalError {
        JournalError::Write { path: self.path.clone(), source: Arc::new(source) }
    }
}
