//! Sending: up to 8 requests at once, rows of one Space one after the other. A row is marked in
//! the journal before it goes, and done when its answer is on the disk.

use super::attempts::{Attempts, Stopper, Tried};
use super::check::Task;
use super::granted::NotGranted;
use super::queue::{Queue, Todo};
use super::rows::Rows;
use crate::api::Launch;
use crate::body::LaunchRequest;
use crate::commands::launch::story;
use crate::old_roster::journal::{Answer, JournalError};
use crate::old_roster::outcome::{Outcome, Status};
use crate::terminal::output::Progress;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::borrow::Cow;
use std::cell::RefCell;
use std::time::Duration;

/// How many requests are on the way at once.
pub const AT_ONCE: usize = 8;

/// Most rows that are under way at once when marks are made ahead: most of them wait until theirs
/// is on the disk, so that a slow sync does not hold up the requests.
const AHEAD: usize = 256;

/// Which part of a roster may be marked and not sent, and so in doubt after a crash.
const DOUBTFUL_PART: usize = 40;

/// How many rows may be under way at once. Only without a pace, and only for long rosters, are
/// there more than requests.
pub fn rows_ahead(rows: usize, rate: f64) -> usize {
    if rate > 0.0 { AT_ONCE } else { (rows / DOUBTFUL_PART).clamp(AT_ONCE, AHEAD) }
}

/// How long rows under way may take when the run stops.
const GRACE: Duration = Duration::from_secs(5);

/// Sends rows.
pub struct Sender<'a> {
    /// The roster.
    pub rows: &'a Rows,
    /// One for each row.
    pub tasks: &'a [Task],
    /// How attempts are made.
    pub attempts: Attempts<'a>,
    /// What is shown meanwhile.
    pub progress: &'a Progress,
    /// How many rows may be under way at once.
    pub under_way: usize,
    /// Rows whose window passed before they were sent.
    pub ended: &'a RefCell<Vec<u32>>,
    /// Settings that were asked for in vain.
    pub not_granted: NotGranted,
}

/// When an answer is on the disk.
type Recorded = LocalBoxFuture<'static, Result<(), JournalError>>;

/// What became of a row.
enum End {
    /// It has its answer, which is being recorded.
    Answered { todo: Todo, is_link: bool, recorded: Recorded },
    /// It may do better at the end of the run; the failure is being recorded meanwhile.
    Again { todo: Todo, recorded: Recorded },
    /// Its window has passed.
    Ended { todo: Todo },
    /// The run was stopped before its next request went.
    Stopped { todo: Todo, recorded: Option<Recorded> },
    /// Nothing more may be sent.
    Stop { error: anyhow::Error, recorded: Option<Recorded> },
}

impl Sender<'_> {
    /// Sends all rows; those that failed for a reason that passes once more at the end. An error
    /// is what stopped the run.
    pub async fn send_all(&self, todo: Vec<Todo>) -> anyhow::Result<()> {
        let again = self.round(todo, false).await?;
        if !again.is_empty() {
            self.attempts.pauses_are_over().await;
        }
        self.round(again, true).await.map(drop)
    }

    async fn round(&self, todo: Vec<Todo>, is_last: bool) -> anyhow::Result<Vec<Todo>> {
        let mut queue = Queue::new(todo);
        let mut again = Vec::new();
        let mut running = FuturesUnordered::new();
        let mut recording = FuturesUnordered::new();
        let first_line = tokio::time::Instant::now() + Progress::INTERVAL;
        let mut ticks = tokio::time::interval_at(first_line, Progress::INTERVAL);
        loop {
            while running.len() < self.under_way
                && let Some(todo) = queue.next()
            {
                running.push(self.row(todo, is_last));
            }
            if running.is_empty() && recording.is_empty() {
                return Ok(again);
            }
            let end = tokio::select! {
                biased;
                Some(recorded) = recording.next(), if !recording.is_empty() => {
                    let recorded: Result<(), JournalError> = recorded;
                    recorded?;
                    continue;
                }
                Some(end) = running.next(), if !running.is_empty() => end,
                _ = ticks.tick() => {
                    self.progress.tick();
                    continue;
                }
            };
            let todo = match end {
                End::Answered { todo, is_link, recorded } => {
                    self.progress.done(!is_link);
                    recording.push(recorded);
                    todo
                }
                End::Again { todo, recorded } => {
                    again.push(todo);
                    recording.push(recorded);
                    todo
                }
                End::Ended { todo } => {
                    self.progress.done(false);
                    todo
                }
                End::Stopped { todo, recorded } => {
                    recording.extend(recorded);
                    todo
                }
                End::Stop { error, recorded } => {
                    recording.extend(recorded);
                    self.attempts.halt.call();
                    self.wind_down(running, recording).await;
                    return Err(error);
                }
            };
            queue.free(todo.space);
        }
    }

    /// Lets the requests under way come to their end, so that no link is lost that is already made.
    async fn wind_down(
        &self,
        mut running: FuturesUnordered<impl Future<Output = End>>,
        mut recording: FuturesUnordered<Recorded>,
    ) {
        let rest = async {
            while let Some(end) = running.next().await {
                match end {
                    End::Answered { recorded, .. } | End::Again { recorded, .. } => {
                        recording.push(recorded);
                    }
                    End::Stop { recorded, .. } | End::Stopped { recorded, .. } => {
                        recording.extend(recorded);
                    }
                    End::Ended { .. } => {}
                }
            }
            while recording.next().await.is_some() {}
        };
        // What is still under way then stays marked in the journal.
        let _ = tokio::time::timeout(GRACE, rest).await;
    }

    async fn row(&self, todo: Todo, is_last: bool) -> End {
        let key = self.tasks[todo.index as usize].key;
        let journal = self.attempts.recorder;
        match self.attempts.row(self.rows, todo, key).await {
            Ok(Tried::Link { launch, request }) => {
                self.not_granted.note(&launch, &request, todo.space);
                let answer = Answer { outcome: outcome(&launch, &request), may_have_acted: false };
                let recorded = Box::pin(journal.answer(key, answer));
                End::Answered { todo, is_link: true, recorded }
            }
            Ok(Tried::Failed { error, may_pass, may_have_acted }) => {
                let recorded = Box::pin(journal.answer(key, Answer::failed(error, may_have_acted)));
                let todo = Todo { may_have_acted, ..todo };
                if may_pass && !is_last {
                    End::Again { todo, recorded }
                } else {
                    End::Answered { todo, is_link: false, recorded }
                }
            }
            Ok(Tried::Stopped { record }) => End::Stopped {
                todo,
                recorded: record.map(|answer| Box::pin(journal.answer(key, answer)) as Recorded),
            },
            Ok(Tried::Ended) => {
                self.ended.borrow_mut().push(todo.index);
                End::Ended { todo }
            }
            Err(Stopper { error, record }) => {
                let recorded =
                    record.map(|answer| Box::pin(journal.answer(key, answer)) as Recorded);
                End::Stop { error, recorded }
            }
        }
    }
}

fn outcome(launch: &Launch, request: &LaunchRequest) -> Outcome {
    Outcome {
        status: match launch.created {
            Some(true) => Status::Created,
            Some(false) => Status::Existing,
            None => Status::Unknown,
        },
        expires_at: story::expires_at(launch, request),
        room_id: launch.room_id().map(Cow::into_owned),
        client_url: Some(launch.client_url.clone()),
        error: None,
    }
}
