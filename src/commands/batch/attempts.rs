//! The attempts of one row: at the common pace, with the same retries as a launch, and without
//! blame for a network that is gone.

use super::halt::Halt;
use super::network::{Gone, Network};
use super::queue::Todo;
use super::rows::Rows;
use crate::api::retry::{self, FailedAttempt, MAX_ATTEMPTS, Next, Stop};
use crate::api::{CallError, Client, Failure, Launch};
use crate::body::{LaunchRequest, times};
use crate::commands::connect::{Context, explain};
use crate::old_roster::journal::{Answer, Key, Recorder};
use crate::pace::Pace;
use crate::problem::{Findings, ProblemKind};
use jiff::{SignedDuration, Timestamp};
use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The longest `Retry-After` that a run waits for.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// How attempts are made.
pub struct Attempts<'a> {
    /// The client.
    pub client: &'a Client,
    /// When the next request may go.
    pub pace: &'a Pace,
    /// Whether the network is there.
    pub network: &'a Network<'a>,
    /// The longest that the attempts of one row may take, without the waiting for others.
    pub time: Duration,
    /// Where the key came from.
    pub key_source: &'a str,
    /// Whether no further request may go.
    pub halt: Halt,
    /// The record, where a row is marked before its first request.
    pub recorder: &'a Recorder,
    /// Whether rows are marked before they wait for their turn, so that many marks share a sync.
    /// Else a row is marked right before it goes.
    pub marks_ahead: bool,
    /// A permit for each request that may be on the way at once.
    pub wire: Semaphore,
    /// When the last of the pauses ends that servers asked for before a row's second round.
    pub paused_until: Cell<Instant>,
}

/// What came of a row.
pub enum Tried {
    /// A link.
    Link {
        /// The answer.
        launch: Launch,
        /// What was asked for.
        request: LaunchRequest,
    },
    /// No link.
    Failed {
        /// Why, on one line.
        error: String,
        /// Whether it may do better later.
        may_pass: bool,
        /// Whether it may have been carried out.
        may_have_acted: bool,
    },
    /// The row's window has passed.
    Ended,
    /// The run was stopped before its next request went.
    Stopped {
        /// What is to be recorded, if anything.
        record: Option<Answer>,
    },
}

/// Nothing more may be sent.
pub struct Stopper {
    /// Why.
    pub error: anyhow::Error,
    /// What is to be recorded of the row, if anything.
    pub record: Option<Answer>,
}

impl<E: Into<anyhow::Error>> From<E> for Stopper {
    fn from(error: E) -> Self {
        Self { error: error.into(), record: None }
    }
}

/// The attempts of one row so far.
struct Tries {
    /// Whether a request went, or was to go.
    has_begun: bool,
    /// Since the last outage.
    made: u32,
    /// How long they and the pauses between them took.
    spent: Duration,
    may_have_acted: bool,
    /// The same without the last one.
    may_have_acted_before: bool,
    outages: u32,
}

impl Tries {
    /// What is recorded of a row that is none the worse for its failures, because the run stops: its
    /// mark stays, unless certainly nothing was carried out.
    fn record_of_stopped(&self) -> Option<Answer> {
        (self.has_begun && !self.may_have_acted).then(Answer::unsent)
    }
}

impl Attempts<'_> {
    /// Tries a row until there is a link or no hope.
    pub async fn row(&self, rows: &Rows, todo: Todo, key: Key) -> Result<Tried, Stopper> {
        let mut findings = Findings::default();
        let Some(draft) = rows.draft(todo.index as usize, &mut findings) else {
            // The roster was checked and lies in memory, so this cannot happen.
            findings.finish(None)?;
            return Ok(Tried::Ended);
        };
        let mut mark = self.recorder.mark(key);
        if self.marks_ahead {
            mark.is_written().await?;
        }
        let mut tries = Tries {
            has_begun: false,
            made: 0,
            spent: Duration::ZERO,
            may_have_acted: todo.may_have_acted,
            may_have_acted_before: todo.may_have_acted,
            outages: self.network.outages(),
        };
        loop {
            let Some(permit) = self.turn().await else {
                return Ok(Tried::Stopped { record: tries.record_of_stopped() });
            };
            let Some(request) = resolve(&draft)? else { return Ok(Tried::Ended) };
            mark.is_used().await?;
            tries.has_begun = true;
            tries.made += 1;
            let start = Instant::now();
            let left = self.time.saturating_sub(tries.spent);
            let result = self
                .client
                .launch_once(&request.to_json(), left, tries.may_have_acted, tries.made)
                .await;
            drop(permit);
            tries.spent += start.elapsed();
            let error = match result {
                Ok(launch) => {
                    self.network.succeeded();
                    return Ok(Tried::Link { launch, request });
                }
                Err(error) => error,
            };
            if let Some(end) = self.after_failure(error, &mut tries).await? {
                return Ok(end);
            }
        }
    }

    /// Waits until a request may go; none once the run stops.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = async {
            self.network.is_there().await;
            let permit = self.wire.acquire().await.ok();
            self.pace.turn().await;
            permit
        };
        self.halt.unless(turn).await?
    }

    /// Decides what a failed attempt means: none is another attempt.
    async fn after_failure(
        &self,
        error: Failure,
        tries: &mut Tries,
    ) -> Result<Option<Tried>, Stopper> {
        tries.may_have_acted_before = tries.may_have_acted;
        tries.may_have_acted |= error.may_have_acted();
        let is_busy = error.status() == Some(429);
        if is_busy {
            self.pace.slow_down(error.retry_after());
            let pace = self
                .pace
                .per_second()
                .map_or_else(String::new, |pace| format!(", then {pace:.1} a second"));
            self.network.tell_busy(&format!("too many requests; all rows wait{pace}"));
        }
        if self.network.failed(&error).is_err() {
            let record = tries.record_of_stopped();
            return Err(Stopper { error: self.failure(error, tries), record });
        }
        let asks_too_much = error.retry_after().is_some_and(|pause| pause > LONGEST_PAUSE);
        if asks_too_much || error.is_for_every_launch() {
            let record = Some(Answer::failed(text(&error), tries.may_have_acted));
            return Err(Stopper { error: self.failure(error, tries), record });
        }
        if !error.is_worth_repeating() {
            return Ok(Some(failed(&error, false, tries)));
        }
        match self.halt.unless(self.network.through()).await {
            Some(Ok(())) => {}
            Some(Err(Gone { instead })) => {
                let error = instead.unwrap_or(error);
                let record = tries.record_of_stopped();
                return Err(Stopper { error: self.failure(error, tries), record });
            }
            None => return Ok(None),
        }
        if self.network.outages() != tries.outages {
            // The network was gone: that was not the row's fault.
            tries.made = 0;
            tries.spent = Duration::ZERO;
            tries.outages = self.network.outages();
            return Ok(None);
        }
        let left = self.time.saturating_sub(tries.spent);
        // After a 429 the pace makes everybody wait.
        let asked = error.retry_after().filter(|_| !is_busy);
        let failed_attempt = FailedAttempt {
            number: tries.made,
            is_worth_repeating: true,
            retry_after: asked,
            left,
        };
        match retry::next(failed_attempt, fastrand::f64()) {
            Next::Wait(_) if is_busy => Ok(None),
            Next::Wait(pause) => {
                self.halt.unless(tokio::time::sleep(pause)).await;
                tries.spent += pause;
                Ok(None)
            }
            Next::Stop(_) if is_busy && tries.made < MAX_ATTEMPTS => Ok(None),
            Next::Stop(Stop::RetryAfter { asked, .. }) => {
                let asked = SignedDuration::try_from(asked).unwrap_or(SignedDuration::MAX);
                let error =
                    format!("{}; the server asks to wait {}", text(&error), times::length(asked));
                let may_have_acted = tries.may_have_acted;
                Ok(Some(Tried::Failed { error, may_pass: false, may_have_acted }))
            }
            Next::Stop(_) => {
                let pause = Instant::now() + asked.unwrap_or_default();
                self.paused_until.set(self.paused_until.get().max(pause));
                Ok(Some(failed(&error, true, tries)))
            }
        }
    }

    /// Waits until rows may be tried once more.
    pub async fn pauses_are_over(&self) {
        let end = tokio::time::Instant::from_std(self.paused_until.get());
        self.halt.unless(tokio::time::sleep_until(end)).await;
    }

    fn failure(&self, error: Failure, tries: &Tries) -> anyhow::Error {
        let call = CallError {
            error,
            attempts: tries.made,
            may_have_acted: tries.may_have_acted,
            may_have_acted_before: tries.may_have_acted_before,
            stop: Stop::Useless,
        };
        let key_source = self.key_source.to_owned();
        explain::failure(
            &call,
            &Context { key_source: &key_source, time: self.time, makes_something: true },
        )
        .into()
    }
}

/// The body as of now; `None` if the row's window has passed.
fn resolve(draft: &super::rows::RowDraft) -> crate::error::Result<Option<LaunchRequest>> {
    let mut findings = Findings::default();
    let request = draft.resolve(Timestamp::now(), &mut findings);
    if findings.problems.iter().any(|problem| problem.kind == ProblemKind::Ended) {
        return Ok(None);
    }
    findings.finish(None)?;
    Ok(Some(request))
}

fn failed(error: &Failure, may_pass: bool, tries: &Tries) -> Tried {
    Tried::Failed { error: text(error), may_pass, may_have_acted: tries.may_have_acted }
}

fn text(error: &Failure) -> String {
    std::iter::once(error.to_string()).chain(error.causes()).collect::<Vec<_>>().join("; ")
}
