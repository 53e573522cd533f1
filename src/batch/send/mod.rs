//! Sends launches: up to 8 requests at once at a shared pace, one at a time per Space. A launch is marked
//! in the journal before its request is sent, and done when its response is on disk.
//!
//! One loop on one thread picks the launches to start, writes marks and responses to disk with one sync,
//! sends the requests and waits for the next event.
//!
//! An outage does not make launches fail. When the service seems to be down, everything waits: `hello` is
//! requested, then one launch that has not failed yet is tried. If that succeeds at once, the earlier
//! failures count; otherwise the service was down, and those attempts do not count.

mod pace;
mod waiting;

use self::pace::Pace;
use self::waiting::{Outage, Step};
use super::journal::{Journal, Key, Sent};
use super::launches::{Defaults, Launch, Rows};
use super::report::Counts;
use super::verify::Verify;
use crate::api::retry::{self, FailedAttempt, Next, Stop};
use crate::api::{self, CallError, Client};
use crate::body::{LaunchRequest, times};
use crate::commands::connect::Connection;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::join_link;
use crate::links::{Outcome, Status};
use crate::terminal::progress::Progress;
use crate::terminal::signal;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Maximum number of concurrent requests.
const MAX_CONCURRENT: usize = 8;

/// Consecutive failed attempts, across all launches, that mean the service is down.
const FAILURES: u32 = 5;

/// How long a run waits for a service that is down or busy, unless `--max-wait` is set.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// How long requests in progress may take when the run stops, because their links may already exist.
const GRACE: Duration = Duration::from_secs(5);
const GRACE_AFTER_SIGNAL: Duration = Duration::from_millis(300);

pub struct Sending<'a> {
    pub rows: &'a Rows,
    pub defaults: &'a Defaults,
    pub launches: &'a [Launch],
    pub connection: &'a Connection,
    /// Time limit for all attempts of a launch.
    pub time: Duration,
    pub journal: &'a mut Journal,
    pub progress: &'a Progress,
    /// Requests per second; 0 means no limit.
    pub rate: f64,
    pub max_wait: Option<Duration>,
}

/// What a run did.
#[derive(Default)]
pub struct Done {
    pub counts: Counts,
    /// Launches whose lesson was over before they could be sent.
    pub ended: HashSet<usize>,
    /// What stopped the run.
    pub stop: Option<Error>,
}

/// A launch to send, and its attempts so far.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Attempt {
    index: usize,
    /// Whether it renews an earlier link.
    is_renewal: bool,
    made: u32,
    spent: Duration,
    may_have_acted: bool,
    may_have_acted_before: bool,
    /// Whether it is the trial launch while the service seems to be down.
    is_trial: bool,
    /// Why the launch fails, unless the service was down. Set when no attempts or no time are left.
    exhausted: Option<String>,
}

/// A finished request.
struct Ended {
    attempt: Attempt,
    request: LaunchRequest,
    sent_at: Timestamp,
    result: Result<api::Launch, api::Failure>,
    took: Duration,
}

struct Sender<'a, 'b> {
    sending: &'b mut Sending<'a>,
    pace: Pace,
    verify: Verify,
    /// Launches that have not started, in roster order.
    queue: VecDeque<Attempt>,
    /// Launches of busy Spaces.
    blocked: HashMap<&'a str, VecDeque<Attempt>>,
    busy: HashSet<&'a str>,
    /// Attempts that wait until a given time; their Spaces stay busy.
    waiting: Vec<(Instant, Attempt)>,
    /// Spaces with a link from this run.
    served: HashSet<&'a str>,
    /// Consecutive failed attempts.
    failures: u32,
    outage: Option<Outage>,
    /// When the service began to seem down; cleared by any response.
    gone_since: Option<Instant>,
    has_reported_outage: bool,
    /// The start of the current series of 429 responses, and how long the server last asked to wait.
    throttled_since: Option<Instant>,
    requested_wait: Option<Duration>,
    has_reported_pace: bool,
    /// Settings that were requested but not granted, with the ids of their Spaces.
    not_granted: HashMap<(String, bool), Vec<String>>,
    done: Done,
}

type Requests<'a> = FuturesUnordered<LocalBoxFuture<'a, Ended>>;
type Probe<'a> = LocalBoxFuture<'a, Result<(), api::Failure>>;

/// What the loop waits for.
enum Event {
    Request(Box<Ended>),
    Probe(Result<(), api::Failure>),
    Time,
    Signal(u8),
}

/// Sends launches, each given as its index and whether it renews a link.
pub async fn send(mut sending: Sending<'_>, todo: Vec<(usize, bool)>) -> Done {
    let verify = Verify::new(sending.launches, sending.journal);
    let attempt = |(index, is_renewal): (usize, bool)| {
        let may_have_acted = sending.journal.may_have_acted(sending.launches[index].key);
        Attempt {
            index,
            is_renewal,
            made: 0,
            spent: Duration::ZERO,
            may_have_acted,
            may_have_acted_before: may_have_acted,
            is_trial: false,
            exhausted: None,
        }
    };
    let queue = todo.into_iter().map(attempt).collect();
    let pace = Pace::new(sending.rate);
    let mut sender = Sender {
        sending: &mut sending,
        pace,
        verify,
        queue,
        blocked: HashMap::new(),
        busy: HashSet::new(),
        waiting: Vec::new(),
        served: HashSet::new(),
        failures: 0,
        outage: None,
        gone_since: None,
        has_reported_outage: false,
        throttled_since: None,
        requested_wait: None,
        has_reported_pace: false,
        not_granted: HashMap::new(),
        done: Done::default(),
    };
    sender.run().await;
    sender.report_not_granted();
    sender.done
}

impl<'a> Sender<'a, '_> {
    async fn run(&mut self) {
        let mut running: Requests<'a> = FuturesUnordered::new();
        let mut probe: Option<Probe<'a>> = None;
        let mut next_line = Instant::now() + Progress::INTERVAL;
        loop {
            let starting = self.startable(running.len());
            for attempt in &starting {
                self.sending.journal.mark(&self.sending.launches[attempt.index]);
            }
            if let Err(error) = self.sending.journal.commit() {
                self.done.stop = Some(error);
                return self.wind_down(running, GRACE).await;
            }
            for attempt in starting {
                self.start(attempt, &running);
            }
            if let Some(time) = self.start_probe() {
                let client: &'a Client = &self.sending.connection.client;
                probe = Some(Box::pin(async move { client.hello_once(time).await }));
            }
            if running.is_empty() && self.is_finished() {
                return;
            }
            let now = Instant::now();
            if next_line <= now {
                self.sending.progress.tick();
                next_line = now + Progress::INTERVAL;
            }
            let until = self.next_time(running.len()).map_or(next_line, |time| time.min(next_line));
            let event = tokio::select! {
                biased;
                signal = signal::interrupted() => Event::Signal(signal),
                Some(ended) = running.next(), if !running.is_empty() => Event::Request(Box::new(ended)),
                answer = async { match probe.as_mut() {
                    Some(probe) => probe.await,
                    None => std::future::pending().await,
                } } => Event::Probe(answer),
                () = sleep_until(until) => Event::Time,
            };
            match event {
                Event::Signal(signal) => {
                    self.done.stop = Some(signal::interrupted_by(signal));
                    return self.wind_down(running, GRACE_AFTER_SIGNAL).await;
                }
                Event::Request(ended) => {
                    self.ended(*ended);
                    // Responses that have already arrived share the next sync.
                    while self.done.stop.is_none()
                        && let Some(Some(ended)) = running.next().now_or_never()
                    {
                        self.ended(ended);
                    }
                }
                Event::Probe(answer) => {
                    probe = None;
                    self.probed(answer);
                }
                Event::Time => {}
            }
            self.check_busy();
            if self.done.stop.is_some() {
                return self.wind_down(running, GRACE).await;
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.queue.is_empty() && self.blocked.is_empty() && self.waiting.is_empty()
    }

    /// The attempts that may start now.
    fn startable(&mut self, running: usize) -> Vec<Attempt> {
        let mut starting = Vec::new();
        let now = Instant::now();
        while running + starting.len() < MAX_CONCURRENT && self.pace.next() <= now {
            let attempt = match &self.outage {
                None => {
                    let due = self.waiting.iter().position(|(time, _)| *time <= now);
                    match due {
                        Some(due) => Some(self.waiting.swap_remove(due).1),
                        None => self.next_in_queue(),
                    }
                }
                Some(outage) if outage.step == Step::Turn && outage.not_before <= now => {
                    self.take_trial()
                }
                Some(_) => None,
            };
            let Some(attempt) = attempt else { break };
            if let Some(why) = &attempt.exhausted {
                self.refused(&attempt, why.clone());
                continue;
            }
            // The turn is due, as checked above.
            let _ = self.pace.try_turn(now);
            starting.push(attempt);
        }
        starting
    }

    /// Takes the next launch with a free Space and marks the Space as busy.
    fn next_in_queue(&mut self) -> Option<Attempt> {
        while let Some(attempt) = self.queue.pop_front() {
            let id = self.sending.launches[attempt.index].id.as_str();
            if self.busy.insert(id) {
                return Some(attempt);
            }
            self.blocked.entry(id).or_default().push_back(attempt);
        }
        None
    }

    /// A launch that has not failed yet, to test whether the service is back. If there is none, the
    /// outage ends and the failed launches are tried again.
    fn take_trial(&mut self) -> Option<Attempt> {
        let mut trial = None;
        while let Some(attempt) = self.next_in_queue() {
            if attempt.made == 0 {
                trial = Some(attempt);
                break;
            }
            self.waiting.push((Instant::now(), attempt));
        }
        let trial = trial.or_else(|| {
            let fresh = self.waiting.iter().position(|(_, attempt)| attempt.made == 0)?;
            Some(self.waiting.remove(fresh).1)
        });
        let Some(mut trial) = trial.or_else(|| self.take_other_of_space()) else {
            self.end_outage();
            return None;
        };
        trial.is_trial = true;
        if let Some(outage) = &mut self.outage {
            outage.step = Step::Trial;
        }
        Some(trial)
    }

    /// A launch that has not been tried, of a Space with a failed launch. Only for a Space that has had
    /// links in this run, so that the Space itself is not the cause. The failed launch comes next.
    fn take_other_of_space(&mut self) -> Option<Attempt> {
        let launches: &'a [Launch] = self.sending.launches;
        for place in 0..self.waiting.len() {
            let id = launches[self.waiting[place].1.index].id.as_str();
            if !self.served.contains(id) {
                continue;
            }
            let Some(attempts) = self.blocked.get_mut(id) else { continue };
            let Some(fresh) = attempts.iter().position(|attempt| attempt.made == 0) else {
                continue;
            };
            let other = attempts.remove(fresh)?;
            attempts.push_front(self.waiting.swap_remove(place).1);
            return Some(other);
        }
        None
    }

    /// Frees the Space of a finished launch. The Space's next launch moves to the front of the queue.
    fn free(&mut self, index: usize) {
        let id = self.sending.launches[index].id.as_str();
        self.busy.remove(id);
        if let Some(attempts) = self.blocked.get_mut(id) {
            if let Some(next) = attempts.pop_front() {
                self.queue.push_front(next);
            }
            if attempts.is_empty() {
                self.blocked.remove(id);
            }
        }
    }

    fn start(&mut self, mut attempt: Attempt, running: &Requests<'a>) {
        let launches: &'a [Launch] = self.sending.launches;
        let launch = &launches[attempt.index];
        let sent_at = Timestamp::now();
        let request = launch.request(self.sending.rows, self.sending.defaults, sent_at);
        let Some(request) = request else {
            self.sending.journal.unmark(launch);
            self.done.ended.insert(attempt.index);
            self.sending.progress.done(false);
            return self.free(attempt.index);
        };
        attempt.made += 1;
        self.sending.progress.detail(&format!(
            "{}: attempt {}",
            self.sending.rows.place(launch.row, None),
            attempt.made
        ));
        let left = self.sending.time.saturating_sub(attempt.spent);
        let client: &'a Client = &self.sending.connection.client;
        running.push(Box::pin(async move {
            let start = Instant::now();
            let body = request.to_json();
            let result =
                client.launch_once(&body, left, attempt.may_have_acted, attempt.made).await;
            Ended { attempt, request, sent_at, result, took: start.elapsed() }
        }));
    }

    /// When something is next due.
    fn next_time(&self, running: usize) -> Option<Instant> {
        let mut times = Vec::new();
        if let Some(outage) = &self.outage {
            match outage.step {
                Step::Pause(until) => times.push(until),
                Step::Turn if running < MAX_CONCURRENT => {
                    times.push(self.pace.next().max(outage.not_before));
                }
                Step::Turn | Step::Hello | Step::Trial => {}
            }
        } else if running < MAX_CONCURRENT {
            let due = self.waiting.iter().map(|(time, _)| *time).min();
            let next = if self.queue.is_empty() { due } else { Some(Instant::now()) };
            times.extend(next.map(|next| next.max(self.pace.next())));
        }
        times.extend(self.throttled_since.map(|since| since + self.patience()));
        times.into_iter().min()
    }

    fn ended(&mut self, ended: Ended) {
        let Ended { mut attempt, request, sent_at, result, took } = ended;
        attempt.spent += took;
        match result {
            Ok(answer) => self.answered(&attempt, &request, sent_at, answer),
            Err(error) => self.failed(attempt, error),
        }
    }

    fn answered(
        &mut self,
        attempt: &Attempt,
        request: &LaunchRequest,
        sent_at: Timestamp,
        answer: api::Launch,
    ) {
        self.throttled_since = None;
        self.done.counts.has_succeeded = true;
        self.answers();
        let launches: &'a [Launch] = self.sending.launches;
        let launch = &launches[attempt.index];
        self.served.insert(&launch.id);
        let place = self.sending.rows.place(launch.row, None);
        match self.verify.check(launch, request, &answer) {
            Ok(differences) => {
                for difference in &differences {
                    let id = untrusted(&launch.id);
                    self.sending.progress.warn(&format!("{place} (id \"{id}\"): {difference}"));
                }
                self.done.counts.contradicted += usize::from(!differences.is_empty());
            }
            Err(why) => {
                let message = format!("the response for {} ({place}) {why}", launch.who.shown());
                let error = Error::new(Kind::NotTheApi, message)
                    .with_cause("this response was not saved")
                    .with_hint(
                        "a caching proxy may be repeating responses; ask your network \
                         administrator, then run it again with --resume",
                    );
                self.done.stop.get_or_insert(error);
                return self.free(attempt.index);
            }
        }
        for (name, asked) in request.settings() {
            if answer.setting(name) == Some(!asked) {
                let spaces = self.not_granted.entry((name.to_owned(), asked)).or_default();
                if !spaces.contains(&launch.id) {
                    spaces.push(launch.id.clone());
                }
            }
        }
        let token = join_link::token(&answer.url);
        let room = answer.room_id().map(std::borrow::Cow::into_owned);
        let outcome = Outcome {
            status: match answer.created {
                Some(true) => Status::Created,
                Some(false) => Status::Existing,
                None => Status::Unknown,
            },
            expires_at: token.and_then(|token| token.expires_at).or(request.window.not_after),
            room_id: room.or_else(|| join_link::room(&answer.url)),
            client_url: Some(answer.client_url),
            error: None,
        };
        let counts = &mut self.done.counts;
        counts.sent += 1;
        counts.renewed += usize::from(attempt.is_renewal);
        match outcome.status {
            Status::Created => counts.created += 1,
            Status::Existing => counts.existing += 1,
            _ => counts.unknown += 1,
        }
        let sent = Sent {
            may_have_acted: false,
            body: Some(Key::of(&request.body().to_sorted_json())),
            at: Some(sent_at),
        };
        self.sending.journal.answer(launch, &outcome, &sent);
        self.sending.progress.done(false);
        self.free(attempt.index);
    }

    fn failed(&mut self, mut attempt: Attempt, error: api::Failure) {
        attempt.may_have_acted_before = attempt.may_have_acted;
        attempt.may_have_acted |= error.may_have_acted();
        let place = self.sending.rows.place(self.sending.launches[attempt.index].row, None);
        self.sending.progress.detail(&format!("{place}: attempt {} failed: {error}", attempt.made));
        if error.status() == Some(429) {
            return self.too_many(attempt, &error);
        }
        self.throttled_since = None;
        if error.is_for_every_launch() {
            return self.stop(&attempt, error);
        }
        let is_outage = error.is_outage();
        if is_outage {
            self.failures += 1;
        } else {
            self.answers();
        }
        let max_wait = self.sending.max_wait.unwrap_or(MAX_WAIT);
        let asked = error.retry_after();
        let is_gone = is_outage && self.failures >= FAILURES && !self.done.counts.has_succeeded;
        if is_gone || asked.is_some_and(|asked| asked > max_wait) {
            return self.stop(&attempt, error);
        }
        let is_trial = std::mem::take(&mut attempt.is_trial);
        if is_trial && is_outage && self.outage.is_some() {
            // The trial does not count as an attempt.
            attempt.made = 0;
            attempt.spent = Duration::ZERO;
            self.wait(attempt, Duration::ZERO);
            return self.still_gone(error);
        }
        let next = retry::next(
            FailedAttempt {
                number: attempt.made,
                is_worth_repeating: error.is_worth_repeating(),
                retry_after: asked,
                left: self.sending.time.saturating_sub(attempt.spent),
            },
            fastrand::f64(),
        );
        // No other launch has had a response either since this one was first sent.
        let is_lost = is_outage && matches!(next, Next::Stop(_)) && self.failures >= attempt.made;
        if is_outage && (self.outage.is_some() || self.failures >= FAILURES || is_lost) {
            let fits = matches!(next, Next::Wait(_));
            self.suspect_outage(asked.filter(|_| fits).unwrap_or_default());
        } else if matches!(next, Next::Stop(_)) {
            return self.refused(&attempt, in_words(&error));
        }
        let mut pause = Duration::ZERO;
        match next {
            Next::Stop(_) => attempt.exhausted = Some(in_words(&error)),
            Next::Wait(time) => {
                let shown = time.as_secs_f64();
                self.sending.progress.detail(&format!("{place}: waiting {shown:.1} s"));
                attempt.spent += time;
                pause = time;
            }
        }
        self.wait(attempt, pause);
    }

    /// Tries a launch again after a pause. Cancels its mark if it cannot have been carried out.
    fn wait(&mut self, attempt: Attempt, pause: Duration) {
        if !attempt.may_have_acted {
            self.sending.journal.unmark(&self.sending.launches[attempt.index]);
        }
        self.waiting.push((Instant::now() + pause, attempt));
    }

    /// The launch has no link; the run continues.
    fn refused(&mut self, attempt: &Attempt, why: String) {
        let launch = &self.sending.launches[attempt.index];
        let outcome = Outcome { error: Some(why), ..Outcome::without_link(Status::Failed) };
        let may_have_acted = attempt.may_have_acted;
        let sent = Sent { may_have_acted, ..Sent::default() };
        self.sending.journal.answer(launch, &outcome, &sent);
        self.done.counts.failed += 1;
        self.sending.progress.done(true);
        self.free(attempt.index);
    }

    /// Stops the run. The launch counts as not tried, unless it may have been carried out.
    fn stop(&mut self, attempt: &Attempt, error: api::Failure) {
        if !attempt.may_have_acted {
            self.sending.journal.unmark(&self.sending.launches[attempt.index]);
        }
        let call = CallError {
            error,
            attempts: attempt.made,
            may_have_acted: attempt.may_have_acted,
            may_have_acted_before: attempt.may_have_acted_before,
            stop: Stop::Useless,
        };
        let mut error = self.failure(&call);
        if let Some(asked) = error.retry_after.filter(|asked| !asked.is_zero()) {
            error = error.with_cause(format!("the server said to wait {}", times::wait(asked)));
        }
        self.done.stop.get_or_insert(error);
    }

    fn failure(&self, call: &CallError) -> Error {
        self.sending.connection.failure(call, self.sending.time, true)
    }

    /// Waits for requests in progress, so that links that already exist are not lost.
    async fn wind_down(&mut self, mut running: Requests<'a>, grace: Duration) {
        let deadline = Instant::now() + grace;
        while let Ok(Some(ended)) = tokio::time::timeout_at(deadline, running.next()).await {
            let Ended { attempt, request, sent_at, result, .. } = ended;
            match result {
                Ok(answer) => self.answered(&attempt, &request, sent_at, answer),
                Err(error) if !(attempt.may_have_acted || error.may_have_acted()) => {
                    self.sending.journal.unmark(&self.sending.launches[attempt.index]);
                }
                Err(_) => {}
            }
        }
        // Requests still in progress stay marked. If the disk is full, nothing more can be recorded.
        let _ = self.sending.journal.commit();
    }

    fn report_not_granted(&self) {
        let mut settings: Vec<_> = self.not_granted.iter().collect();
        settings.sort();
        for ((name, asked), spaces) in settings {
            let ids: Vec<String> = spaces.iter().map(|id| untrusted(id)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            self.sending.progress.warn(&format!(
                "{name}: requested {asked}, but it is {} in {}",
                !asked,
                super::row_problems::listed(&ids)
            ));
        }
    }
}

fn in_words(error: &api::Failure) -> String {
    let mut words: Vec<String> = std::iter::once(error.to_string()).chain(error.causes()).collect();
    if let Some(asked) = error.retry_after() {
        words.push(format!("the server said to wait {}", times::wait(asked)));
    }
    words.join("; ")
}
