//! The attempts of one row: at the common pace, with the same retries as a launch, and without
//! blame for a network that is gone.

use super::halt::Halt;
use super::network::{Gone, Network};
use super::queue::Todo;
use super::rows::Rows;
use crate::api::retry::{self, MAX_ATTEMPTS, Next};
use crate::api::{CallError, Client, Error, Launch};
use crate::body::LaunchRequest;
use crate::commands::ApiFailure;
use crate::pace::Pace;
use crate::problem::{Findings, InvalidInput, Sort};
use crate::roster::journal::{Key, Recorder};
use jiff::Timestamp;
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
    /// The run was stopped before its request went.
    NotSent,
}

/// Nothing more may be sent.
pub struct Stopper {
    /// Why.
    pub error: anyhow::Error,
    /// What the row's own record says, and whether it may have been carried out.
    pub failure: Option<(String, bool)>,
}

impl<E: Into<anyhow::Error>> From<E> for Stopper {
    fn from(error: E) -> Self {
        Self { error: error.into(), failure: None }
    }
}

/// The attempts of one row so far.
struct Tries {
    made: u32,
    /// How long they and the pauses between them took.
    spent: Duration,
    may_have_acted: bool,
    outages: u32,
    /// The latest failure, on one line.
    latest: Option<String>,
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
            made: 0,
            spent: Duration::ZERO,
            may_have_acted: todo.may_have_acted,
            outages: self.network.outages(),
            latest: None,
        };
        loop {
            let Some(permit) = self.turn().await else {
                return Ok(match tries.latest.take() {
                    None => Tried::NotSent,
                    Some(error) => {
                        let may_have_acted = tries.may_have_acted;
                        Tried::Failed { error, may_pass: true, may_have_acted }
                    }
                });
            };
            let Some(request) = resolve(&draft)? else { return Ok(Tried::Ended) };
            mark.is_used().await?;
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
        error: Error,
        tries: &mut Tries,
    ) -> Result<Option<Tried>, Stopper> {
        tries.may_have_acted |= error.may_have_acted();
        tries.latest = Some(text(&error));
        let is_busy = error.status() == Some(429);
        if is_busy {
            self.pace.slow_down(error.retry_after());
            let pace = self
                .pace
                .per_second()
                .map_or_else(String::new, |pace| format!(", then {pace:.1} a second"));
            self.network.note(&format!("too many requests; everybody waits{pace}"));
        }
        let is_gone = self.network.failed(&error).is_err();
        let asks_too_much = error.retry_after().is_some_and(|pause| pause > LONGEST_PAUSE);
        if is_gone || asks_too_much || stops_the_run(&error) {
            return Err(self.stopper(error, tries));
        }
        if !error.is_worth_repeating() {
            return Ok(Some(failed(&error, false, tries)));
        }
        match self.halt.unless(self.network.through()).await {
            Some(Ok(())) => {}
            Some(Err(Gone)) => return Err(self.stopper(error, tries)),
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
        match retry::next(tries.made, left, asked, fastrand::f64()) {
            Next::Wait(_) if is_busy => Ok(None),
            Next::Wait(pause) => {
                self.halt.unless(tokio::time::sleep(pause)).await;
                tries.spent += pause;
                Ok(None)
            }
            Next::Stop(_) if is_busy && tries.made < MAX_ATTEMPTS => Ok(None),
            Next::Stop(_) => Ok(Some(failed(&error, true, tries))),
        }
    }

    fn stopper(&self, error: Error, tries: &Tries) -> Stopper {
        let failure = Some((text(&error), tries.may_have_acted));
        let call = CallError {
            error,
            attempts: tries.made,
            may_have_acted: tries.may_have_acted,
            stop: None,
        };
        let failure_of_call = ApiFailure {
            call,
            key_source: self.key_source.to_owned(),
            time: self.time,
            makes_something: true,
        };
        Stopper { error: failure_of_call.into(), failure }
    }
}

/// The body as of now; `None` if the row's window has passed.
fn resolve(draft: &super::rows::RowDraft) -> Result<Option<LaunchRequest>, InvalidInput> {
    let mut findings = Findings::default();
    let request = draft.resolve(Timestamp::now(), &mut findings);
    if findings.problems.iter().any(|problem| problem.sort == Sort::Ended) {
        return Ok(None);
    }
    findings.finish(None)?;
    Ok(Some(request))
}

/// A refused key, and everything that stands between here and the API.
fn stops_the_run(error: &Error) -> bool {
    matches!(
        error,
        Error::KeyRefused { .. }
            | Error::Certificate { .. }
            | Error::ProxyPassword
            | Error::NotLessonspace { .. }
    )
}

fn failed(error: &Error, may_pass: bool, tries: &Tries) -> Tried {
    Tried::Failed { error: text(error), may_pass, may_have_acted: tries.may_have_acted }
}

fn text(error: &Error) -> String {
    std::iter::once(error.to_string()).chain(error.causes()).collect::<Vec<_>>().join("; ")
}
