//! Sending: up to 8 requests at once at a common pace, the launches of one Space one after the other.
//! A launch is marked in the journal before its request goes, and done when its answer is on the disk.
//!
//! It is one loop on one thread: start what may start, put marks and answers on the disk with one sync,
//! then wait for whatever comes first.

use super::journal::{Journal, Key, Sent};
use super::launches::{Defaults, Launch, Rows};
use super::pace::Pace;
use super::report::Counts;
use super::verify::Verify;
use crate::api::retry::{self, FailedAttempt, Next, Stop};
use crate::api::{self, CallError, Client, UnexpectedAnswer};
use crate::body::{LaunchRequest, times};
use crate::commands::connect::Connection;
use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use crate::join_link;
use crate::links::{Outcome, Status};
use crate::terminal::output::Progress;
use crate::terminal::signal;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How many requests are on the way at once.
const AT_ONCE: usize = 8;

/// How many failed attempts in a row, over all launches, mean that the service is gone.
const FAILURES: u32 = 5;

/// How often one launch that fails alone, while the service greets, is tried anew.
const MOST_ROUNDS: u32 = 3;

/// How long a run waits for a service that is gone or busy, unless `--max-wait` says otherwise.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// How long it waits for a service that was busy from the start.
const MAX_WAIT_AT_FIRST: Duration = Duration::from_secs(2 * 60);

/// The longest pause between two probes, and the longest that one may take.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const PROBE_TIME: Duration = Duration::from_secs(10);

/// How long requests under way may take when the run stops: their links are made already.
const GRACE: Duration = Duration::from_secs(5);
const GRACE_AFTER_SIGNAL: Duration = Duration::from_millis(300);

/// Everything that sending needs.
pub struct Sending<'a> {
    pub rows: &'a Rows,
    pub defaults: &'a Defaults,
    pub launches: &'a [Launch],
    pub connection: &'a Connection,
    /// The longest that the attempts of one launch may take.
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

/// A launch on its way.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Attempt {
    index: usize,
    /// Whether an earlier link of it is renewed.
    is_renewal: bool,
    made: u32,
    spent: Duration,
    may_have_acted: bool,
    may_have_acted_before: bool,
    /// How often it was tried anew because the service seemed to be gone.
    rounds: u32,
}

/// A request that came to its end.
struct Ended {
    attempt: Attempt,
    request: LaunchRequest,
    sent_at: Timestamp,
    result: Result<api::Launch, api::Failure>,
    took: Duration,
}

/// The service does not answer, and is probed.
struct Outage {
    since: Instant,
    next_probe: Instant,
    pause: Duration,
    has_told: bool,
}

struct Sender<'a, 'b> {
    sending: &'b mut Sending<'a>,
    pace: Pace,
    verify: Verify,
    /// Launches that have not started, in the roster's order.
    queue: VecDeque<Attempt>,
    /// Launches whose Space is busy.
    blocked: HashMap<&'a str, VecDeque<Attempt>>,
    busy: HashSet<&'a str>,
    /// Attempts that wait until a time; their Space stays busy.
    waiting: Vec<(Instant, Attempt)>,
    /// Failed attempts in a row.
    failures: u32,
    /// The same, while the service greets but does not launch; which launches, and since when.
    unserved: u32,
    failing: HashSet<usize>,
    failing_since: Option<Instant>,
    outage: Option<Outage>,
    /// Since when there was no answer but 429, and how long the server last asked to wait.
    too_many_since: Option<Instant>,
    asked_to_wait: Option<Duration>,
    has_told_pace: bool,
    /// Settings that were requested in vain, with the ids of their Spaces.
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

/// Sends launches, each with whether it renews a link.
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
            rounds: 0,
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
        failures: 0,
        unserved: 0,
        failing: HashSet::new(),
        failing_since: None,
        outage: None,
        too_many_since: None,
        asked_to_wait: None,
        has_told_pace: false,
        not_granted: HashMap::new(),
        done: Done::default(),
    };
    sender.run().await;
    sender.tell_not_granted();
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
            if let Some(outage) = self.outage.as_ref().filter(|_| probe.is_none())
                && outage.next_probe <= Instant::now()
            {
                let client: &'a Client = &self.sending.connection.client;
                probe = Some(Box::pin(async move { client.hello_once(PROBE_TIME).await }));
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
                    // Answers that are there already share the next sync.
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
        while self.outage.is_none() && running + starting.len() < AT_ONCE && self.pace.next() <= now
        {
            let due = self.waiting.iter().position(|(time, _)| *time <= now);
            let attempt = match due {
                Some(due) => Some(self.waiting.swap_remove(due).1),
                None if self.holds_back() => None,
                None => self.next_in_queue(),
            };
            let Some(attempt) = attempt else { break };
            // The turn is there: it was looked at above.
            let _ = self.pace.try_turn(now);
            starting.push(attempt);
        }
        starting
    }

    /// Whether no further launch is started until those that wait get an answer.
    fn holds_back(&self) -> bool {
        self.unserved >= FAILURES && !self.waiting.is_empty()
    }

    /// The next launch whose Space is free; the Space is busy from then on.
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

    /// A launch of this Space came to its end: the next one of it goes first.
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
        let place = self.sending.rows.place(launch.row, None);
        self.sending.progress.detail(&format!("{place}: attempt {}", attempt.made));
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

    /// The next time at which something is due.
    fn next_time(&self, running: usize) -> Option<Instant> {
        let mut times = Vec::new();
        if let Some(outage) = &self.outage {
            times.push(outage.next_probe);
        } else if running < AT_ONCE {
            let due = self.waiting.iter().map(|(time, _)| *time).min();
            let is_due_only = self.queue.is_empty() || self.holds_back();
            let next = if is_due_only { due } else { Some(Instant::now()) };
            times.extend(next.map(|next| next.max(self.pace.next())));
        }
        times.extend(self.too_many_since.map(|since| since + self.patience()));
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
        self.serves();
        self.too_many_since = None;
        self.done.counts.has_succeeded = true;
        let launch = &self.sending.launches[attempt.index];
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
                let message = format!("the answer for {} ({place}) {why}", launch.who.shown());
                let error = Error::new(Kind::NotTheApi, message)
                    .with_cause("nothing of this answer was saved")
                    .with_hint(
                        "something between this computer and Lessonspace repeats answers, such as a \
                         caching proxy; ask your network administrator, then run it again with --resume",
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
        let launch = &self.sending.launches[attempt.index];
        let place = self.sending.rows.place(launch.row, None);
        let made = attempt.made;
        self.sending.progress.detail(&format!("{place}: attempt {made} failed: {error}"));
        if error.status() == Some(429) {
            return self.too_many(attempt, &error);
        }
        self.too_many_since = None;
        if error.is_for_every_launch() {
            self.stop(&attempt, error);
            return;
        }
        let asked = error.retry_after();
        let patience = self.patience();
        if asked.is_some_and(|asked| asked > patience) {
            self.stop(&attempt, error);
            return;
        }
        if error.is_outage() {
            let now = Instant::now();
            self.failures += 1;
            self.unserved += 1;
            self.failing.insert(attempt.index);
            let since = *self.failing_since.get_or_insert(now);
            let is_gone = self.unserved >= FAILURES;
            if is_gone && (!self.done.counts.has_succeeded || now - since > patience) {
                self.stop(&attempt, error);
                return;
            }
            if self.failures >= FAILURES && self.outage.is_none() {
                self.outage = Some(Outage {
                    since: now,
                    next_probe: now,
                    pause: Duration::from_secs(1),
                    has_told: false,
                });
            }
            if is_gone && (self.failing.len() > 1 || attempt.rounds < MOST_ROUNDS) {
                // The service is gone: that is not the launch's fault.
                attempt.made = 0;
                attempt.spent = Duration::ZERO;
                let pause = Duration::from_secs(1 << attempt.rounds.min(4)).min(LONGEST_PAUSE);
                let pause = pause.max(asked.unwrap_or_default());
                attempt.rounds += 1;
                return self.wait(attempt, pause);
            }
        } else {
            self.serves();
        }
        let failed = FailedAttempt {
            number: attempt.made,
            is_worth_repeating: error.is_worth_repeating(),
            retry_after: asked,
            left: self.sending.time.saturating_sub(attempt.spent),
        };
        match retry::next(failed, fastrand::f64()) {
            Next::Wait(pause) => {
                self.sending
                    .progress
                    .detail(&format!("{place}: waiting {:.1} s", pause.as_secs_f64()));
                attempt.spent += pause;
                self.wait(attempt, pause);
            }
            Next::Stop(_) => self.refused(&attempt, &error),
        }
    }

    /// The service answered a launch, if only with a refusal.
    fn serves(&mut self) {
        self.failures = 0;
        self.unserved = 0;
        self.failing.clear();
        self.failing_since = None;
    }

    /// Tries a launch again after a pause. One that cannot have been carried out is not in flight
    /// meanwhile.
    fn wait(&mut self, attempt: Attempt, pause: Duration) {
        if !attempt.may_have_acted {
            self.sending.journal.unmark(&self.sending.launches[attempt.index]);
        }
        self.waiting.push((Instant::now() + pause, attempt));
    }

    /// The launch has no link; the run continues.
    fn refused(&mut self, attempt: &Attempt, error: &api::Failure) {
        let launch = &self.sending.launches[attempt.index];
        let outcome =
            Outcome { error: Some(in_words(error)), ..Outcome::without_link(Status::Failed) };
        let may_have_acted = attempt.may_have_acted;
        let sent = Sent { may_have_acted, ..Sent::default() };
        self.sending.journal.answer(launch, &outcome, &sent);
        self.done.counts.failed += 1;
        self.sending.progress.done(true);
        self.free(attempt.index);
    }

    /// Something stops the run: the launch is as if it had not been tried, unless it may have been
    /// carried out.
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
        let error = self.failure(&call);
        self.done.stop.get_or_insert(error);
    }

    fn failure(&self, call: &CallError) -> Error {
        self.sending.connection.failure(call, self.sending.time, true)
    }

    /// 429: everything waits, and no launch fails for it.
    fn too_many(&mut self, mut attempt: Attempt, error: &api::Failure) {
        self.serves();
        let now = Instant::now();
        let asked = error.retry_after();
        self.pace.slow_down(now, asked);
        self.too_many_since.get_or_insert(now);
        self.asked_to_wait = asked;
        // An attempt that was refused so was not made.
        attempt.made = attempt.made.saturating_sub(1);
        attempt.spent = Duration::ZERO;
        self.wait(attempt, Duration::ZERO);
        let pause = self.pace.next().saturating_duration_since(now);
        let then = self
            .pace
            .per_second()
            .map_or_else(String::new, |pace| format!(", then {pace:.1} per second"));
        let line = format!("too many requests (429); waiting {}{then}", shown(pause));
        if std::mem::replace(&mut self.has_told_pace, true) {
            self.sending.progress.detail(&line);
        } else {
            self.sending.progress.say(&line);
        }
        self.sending.progress.waiting(pause);
    }

    /// How long a run waits for a service that does not serve.
    fn patience(&self) -> Duration {
        let default = if self.done.counts.has_succeeded { MAX_WAIT } else { MAX_WAIT_AT_FIRST };
        self.sending.max_wait.unwrap_or(default)
    }

    /// Ends the run when there was no answer but 429 for too long, or a wait is asked for that is
    /// longer than that.
    fn check_busy(&mut self) {
        let Some(since) = self.too_many_since else { return };
        let patience = self.patience();
        let asks_too_much = self.asked_to_wait.is_some_and(|asked| asked > patience);
        if since.elapsed() < patience && !asks_too_much {
            return;
        }
        let mut error =
            Error::new(Kind::Unavailable, "Lessonspace is receiving too many requests (429)");
        error.http_status = Some(429);
        error.retry_after = self.asked_to_wait;
        error = match self.asked_to_wait {
            Some(asked) => {
                error.with_cause(format!("it asked to wait {}", shown(asked))).with_hint(
                    "run it again with --resume after that time, or with a longer --max-wait",
                )
            }
            None => error
                .with_cause(format!(
                    "no other answer for {}; it did not say how long to wait",
                    shown(since.elapsed())
                ))
                .with_hint("run it again later with --resume, or with a lower --rate"),
        };
        self.done.stop.get_or_insert(error);
    }

    /// What a probe of a service that was gone says.
    fn probed(&mut self, answer: Result<(), api::Failure>) {
        let Some(mut outage) = self.outage.take() else { return };
        let error = match answer {
            Err(error)
                if error.is_outage()
                    || error.is_for_every_launch() && !is_other_greeting(&error) =>
            {
                error
            }
            // It answers, if only with another greeting or with a refusal.
            _ => {
                self.failures = 0;
                self.sending.progress.waiting(Duration::ZERO);
                if outage.has_told {
                    self.serves();
                    self.sending.progress.say("Lessonspace is reachable again");
                    let now = Instant::now();
                    for (time, attempt) in &mut self.waiting {
                        *time = now;
                        attempt.made = 0;
                        attempt.spent = Duration::ZERO;
                        attempt.rounds = 0;
                    }
                }
                return;
            }
        };
        let max_wait = self.sending.max_wait.unwrap_or(MAX_WAIT);
        let waited = outage.since.elapsed();
        if error.is_for_every_launch() || waited + outage.pause > max_wait {
            let call = CallError {
                error,
                attempts: 1,
                may_have_acted: false,
                may_have_acted_before: false,
                stop: Stop::Useless,
            };
            let error = self.failure(&call).with_cause(format!("waited {} for it", shown(waited)));
            self.done.stop = Some(error);
            return;
        }
        if !std::mem::replace(&mut outage.has_told, true) {
            self.sending.progress.say(&format!(
                "Lessonspace cannot be reached; waiting up to {} for it",
                shown(max_wait)
            ));
        }
        self.sending.progress.waiting(max_wait.saturating_sub(waited));
        outage.next_probe = Instant::now() + outage.pause;
        outage.pause = (outage.pause * 2).min(LONGEST_PAUSE);
        self.outage = Some(outage);
    }

    /// Lets the requests under way come to their end, so that no link is lost that is already made.
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
        // What is still under way stays marked. If the disk is full, nothing can be noted any more.
        let _ = self.sending.journal.commit();
    }

    fn tell_not_granted(&self) {
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

/// A greeting in another form is still an answer.
fn is_other_greeting(error: &api::Failure) -> bool {
    matches!(
        error,
        api::Failure::NotLessonspace {
            reason: UnexpectedAnswer::NoGreeting | UnexpectedAnswer::NotJson,
            ..
        }
    )
}

fn in_words(error: &api::Failure) -> String {
    let mut words: Vec<String> = std::iter::once(error.to_string()).chain(error.causes()).collect();
    if let Some(asked) = error.retry_after() {
        words.push(format!("it asked to wait {}", shown(asked)));
    }
    words.join("; ")
}

fn shown(duration: Duration) -> String {
    times::length(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
}
