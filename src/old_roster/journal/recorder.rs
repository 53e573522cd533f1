//! Writing to the journal while requests fly.
//!
//! One thread writes. Records that arrive while it syncs are written together and share the
//! next sync, so a slow disk makes groups larger, not the run slower by one sync a row. On a
//! fast disk [`COMMIT_DELAY`] does the same.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    Answer, Journal, JournalError, Key,
    line::{Event, Line},
};

/// How long the first record of a group waits for others: next to nothing for a request over
/// a network, and a run without a pace syncs a third as often.
const COMMIT_DELAY: Duration = Duration::from_millis(1);
/// The most records that share one sync.
const LARGEST_GROUP: usize = 1024;

/// Takes records from any number of jobs. Dropping it without [`Recorder::finish`] still
/// writes what was handed over, if the process lives on.
#[derive(Debug)]
pub(crate) struct Recorder {
    records: mpsc::Sender<Record>,
    writer: JoinHandle<Journal>,
}

/// The mark of a row whose request is about to go. One that is dropped before
/// [`Mark::is_used`] is taken back: the row does not count as in flight.
#[derive(Debug)]
pub(crate) struct Mark<'a> {
    recorder: &'a Recorder,
    key: Key,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Unwritten,
    Written,
    Used,
}

struct Record {
    key: Key,
    /// What came; none for a mark.
    answer: Option<Answer>,
    written: oneshot::Sender<Result<(), JournalError>>,
}

impl Record {
    fn line(&self) -> (Vec<u8>, Event) {
        match &self.answer {
            None => (Line::mark(self.key), Event::Mark(self.key)),
            Some(answer) => (Line::answer(self.key, answer), Event::of(self.key, answer)),
        }
    }
}

impl Journal {
    /// Starts to record.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub(crate) fn record(self) -> Result<Recorder, JournalError> {
        let (sender, records) = mpsc::channel();
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || self.write_groups(&records))
            .map_err(|_| JournalError::Stopped)?;
        Ok(Recorder { records: sender, writer })
    }

    fn write_groups(mut self, records: &mpsc::Receiver<Record>) -> Self {
        let mut failed = None;
        while let Ok(first) = records.recv() {
            if failed.is_none() {
                thread::sleep(COMMIT_DELAY);
            }
            let mut group = vec![first];
            group.extend(records.try_iter().take(LARGEST_GROUP - 1));
            let result = match &failed {
                None => self.write_group(&group),
                Some(error) => Err(JournalError::clone(error)),
            };
            failed = result.clone().err();
            for record in group {
                // Whoever no longer waits, does not need to know.
                let _ = record.written.send(result.clone());
            }
        }
        self
    }

    fn write_group(&mut self, group: &[Record]) -> Result<(), JournalError> {
        let mut lines = Vec::new();
        let mut events = Vec::with_capacity(group.len());
        for record in group {
            let (line, event) = record.line();
            events.push((event, self.length + lines.len() as u64));
            lines.extend(line);
        }
        self.append(&lines)?;
        for (event, offset) in events {
            self.states.apply(event, offset);
        }
        Ok(())
    }
}

impl Recorder {
    /// The mark of a row. Nothing is written yet.
    pub(crate) fn mark(&self, key: Key) -> Mark<'_> {
        Mark { recorder: self, key, stage: Stage::Unwritten }
    }

    /// Hands over, at once, what came of a row's request. It counts when the future says that
    /// it is on the disk. Until then the job may go on to its next mark: records are written
    /// in the order they are handed over, so that mark waits for this answer.
    ///
    /// # Errors
    ///
    /// When it could not be written; then the row stays in flight.
    pub(crate) fn answer(
        &self,
        key: Key,
        answer: Answer,
    ) -> impl Future<Output = Result<(), JournalError>> + use<> {
        self.hand_over(key, Some(answer))
    }

    fn hand_over(
        &self,
        key: Key,
        answer: Option<Answer>,
    ) -> impl Future<Output = Result<(), JournalError>> + use<> {
        let (sender, written) = oneshot::channel();
        // If the thread is gone, so is the sender, and the future says so.
        let _ = self.records.send(Record { key, answer, written: sender });
        async move { written.await.unwrap_or(Err(JournalError::Stopped)) }
    }

    /// Waits until everything handed over is written, and gives the journal back, with all of
    /// it known. Blocks for at most a sync or two.
    ///
    /// # Errors
    ///
    /// When the thread has died. Failures to write have been told to those they were for.
    pub(crate) fn finish(self) -> Result<Journal, JournalError> {
        drop(self.records);
        self.writer.join().map_err(|_| JournalError::Stopped)
    }
}

impl Mark<'_> {
    /// Waits until the mark is on the disk.
    ///
    /// # Errors
    ///
    /// When it could not be written; then the request must not go, and no later record is
    /// written either.
    pub(crate) async fn is_written(&mut self) -> Result<(), JournalError> {
        if self.stage != Stage::Unwritten {
            return Ok(());
        }
        self.stage = Stage::Written;
        self.recorder.hand_over(self.key, None).await
    }

    /// Waits until the mark is on the disk, for a request that goes right afterwards.
    ///
    /// # Errors
    ///
    /// As [`Mark::is_written`].
    pub(crate) async fn is_used(&mut self) -> Result<(), JournalError> {
        self.is_written().await?;
        self.stage = Stage::Used;
        Ok(())
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        if self.stage == Stage::Written {
            // It is written in its turn; nobody needs to wait for it.
            drop(self.recorder.answer(self.key, Answer::unsent()));
        }
    }
}
