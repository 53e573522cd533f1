//! Waits for a service that is busy or down. While it responds with 429, everything pauses. While it
//! seems to be down, `hello` is requested, then one launch is tried.

use super::{Attempt, MAX_WAIT, Sender};
use crate::api::retry::Stop;
use crate::api::{self, CallError, UnexpectedAnswer};
use crate::body::times;
use crate::error::{Error, Kind};
use std::time::Duration;
use tokio::time::Instant;

/// How long a run waits for a service that is busy from the start.
const MAX_WAIT_AT_FIRST: Duration = Duration::from_secs(2 * 60);

/// Maximum pause between two probes.
const MAX_PAUSE: Duration = Duration::from_secs(15);

const PROBE_TIME: Duration = Duration::from_secs(10);

const MIN_PROBE: Duration = Duration::from_secs(1);

/// The service seems to be down.
pub(super) struct Outage {
    pub(super) step: Step,
    /// The next pause between two probes.
    pub(super) pause: Duration,
    /// The server asked for no launches before this time.
    pub(super) not_before: Instant,
    /// Whether a probe has failed, so that failures do not count against launches.
    pub(super) is_certain: bool,
}

/// What an outage waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The time of the next probe.
    Pause(Instant),
    /// The response to `hello`.
    Hello,
    /// The turn of the trial launch.
    Turn,
    /// The response to the trial launch.
    Trial,
}

impl Sender<'_, '_> {
    /// Handles 429: everything waits, and no launch fails because of it.
    pub(super) fn too_many(&mut self, mut attempt: Attempt, error: &api::Failure) {
        self.answers();
        let now = Instant::now();
        let asked = error.retry_after();
        self.pace.slow_down(now, asked);
        self.throttled_since.get_or_insert(now);
        self.requested_wait = asked;
        // An attempt rejected with 429 does not count.
        attempt.made = attempt.made.saturating_sub(1);
        attempt.spent = Duration::ZERO;
        attempt.is_trial = false;
        self.wait(attempt, Duration::ZERO);
        if self.wait_exceeds_limit() {
            // Check now, because the response to another launch may be on its way.
            return self.check_busy();
        }
        let pause = self.pace.next().saturating_duration_since(now);
        let then = self
            .pace
            .per_second()
            .map_or_else(String::new, |pace| format!(", then {pace:.1} per second"));
        let line = format!("too many requests (429); waiting {}{then}", times::wait(pause));
        if std::mem::replace(&mut self.has_reported_pace, true) {
            self.sending.progress.detail(&line);
        } else {
            self.sending.progress.say(&line);
        }
        self.sending.progress.waiting(pause);
    }

    /// How long a run waits for a busy service.
    pub(super) fn patience(&self) -> Duration {
        let default = if self.done.counts.has_succeeded { MAX_WAIT } else { MAX_WAIT_AT_FIRST };
        self.sending.max_wait.unwrap_or(default)
    }

    /// Whether the service asks for a longer wait than the run allows, which ends the run.
    pub(super) fn wait_exceeds_limit(&self) -> bool {
        self.requested_wait.is_some_and(|asked| asked > self.patience())
    }

    /// Ends the run if every response has been 429 for too long, or the service asks for a longer wait
    /// than that.
    pub(super) fn check_busy(&mut self) {
        let Some(since) = self.throttled_since else { return };
        let wait_exceeds_limit = self.wait_exceeds_limit();
        if since.elapsed() < self.patience() && !wait_exceeds_limit {
            return;
        }
        let mut error = Error::new(Kind::Unavailable, "too many requests (429)");
        error.http_status = Some(429);
        error.retry_after = self.requested_wait;
        error = match self.requested_wait {
            Some(asked) => {
                let mut causes = vec![format!("the server said to wait {}", times::wait(asked))];
                if !wait_exceeds_limit {
                    let last = times::wait(since.elapsed());
                    causes.push(format!("every request in the last {last} got a 429"));
                }
                error.with_causes(causes).with_hint(
                    "run it again with --resume after that time, or with a longer --max-wait",
                )
            }
            None => error
                .with_cause(format!(
                    "every request in the last {} got a 429 with no Retry-After",
                    times::wait(since.elapsed())
                ))
                .with_hint("run it again later with --resume, or with a lower --rate"),
        };
        self.done.stop.get_or_insert(error);
    }

    /// The service responded, even if it rejected the request.
    pub(super) fn answers(&mut self) {
        self.failures = 0;
        self.gone_since = None;
        if self.outage.is_some() {
            self.end_outage();
        }
    }

    /// Everything waits until probes show whether the service is down. No launch is sent within `pause`.
    pub(super) fn suspect_outage(&mut self, pause: Duration) {
        let now = Instant::now();
        self.gone_since.get_or_insert(now);
        let outage = self.outage.get_or_insert(Outage {
            step: Step::Pause(now),
            pause: Duration::from_secs(1),
            not_before: now,
            is_certain: false,
        });
        outage.not_before = outage.not_before.max(now + pause);
    }

    /// Starts a `hello` probe if one is due, and returns its time limit.
    pub(super) fn start_probe(&mut self) -> Option<Duration> {
        let waited = self.gone_since.map_or(Duration::ZERO, |since| since.elapsed());
        let left = self.sending.max_wait.unwrap_or(MAX_WAIT).saturating_sub(waited);
        let outage = self.outage.as_mut()?;
        if !matches!(outage.step, Step::Pause(until) if until <= Instant::now()) {
            return None;
        }
        outage.step = Step::Hello;
        self.sending.progress.detail("checking whether Lessonspace is reachable");
        Some(left.clamp(MIN_PROBE, PROBE_TIME))
    }

    /// Handles the result of a `hello` probe.
    pub(super) fn probed(&mut self, answer: Result<(), api::Failure>) {
        let Some(outage) = &mut self.outage else { return };
        match answer {
            Err(error) if error.is_for_every_launch() && !is_other_greeting(&error) => {
                self.stop_waiting(error);
            }
            Err(error) if error.is_outage() => self.still_gone(error),
            // It responded, even if with another greeting or a rejection.
            _ => outage.step = Step::Turn,
        }
    }

    /// A probe failed; the run waits for the next one.
    pub(super) fn still_gone(&mut self, error: api::Failure) {
        let max_wait = self.sending.max_wait.unwrap_or(MAX_WAIT);
        let waited = self.gone_since.map_or(Duration::ZERO, |since| since.elapsed());
        let left = max_wait.saturating_sub(waited);
        if left.is_zero() || !self.done.counts.has_succeeded {
            return self.stop_waiting(error);
        }
        let Some(outage) = &mut self.outage else { return };
        outage.is_certain = true;
        let pause = outage.pause.max(error.retry_after().unwrap_or_default()).min(left);
        outage.step = Step::Pause(Instant::now() + pause);
        outage.pause = (outage.pause * 2).min(MAX_PAUSE);
        if !std::mem::replace(&mut self.has_reported_outage, true) {
            self.sending.progress.say(&format!("{error}; waiting up to {}", times::wait(max_wait)));
        }
        self.sending.progress.waiting_up_to(left);
    }

    /// The service did not recover; the run stops.
    pub(super) fn stop_waiting(&mut self, error: api::Failure) {
        let waited = self.gone_since.map_or(Duration::ZERO, |since| since.elapsed());
        let call = CallError {
            error,
            attempts: 1,
            may_have_acted: false,
            may_have_acted_before: false,
            stop: Stop::Useless,
        };
        let mut error = self.failure(&call);
        if waited >= Duration::from_secs(1) {
            error = error.with_cause(format!("waited {}", times::wait(waited)));
        }
        self.done.stop.get_or_insert(error);
    }

    /// Launches continue. If the service was down, earlier failures do not count.
    pub(super) fn end_outage(&mut self) {
        self.failures = 0;
        let Some(outage) = self.outage.take() else { return };
        self.sending.progress.continues();
        if !outage.is_certain {
            return;
        }
        if std::mem::take(&mut self.has_reported_outage) {
            self.sending.progress.say("Lessonspace is reachable again");
        }
        let now = Instant::now();
        let waiting = self.waiting.iter_mut().map(|(time, attempt)| {
            *time = now;
            attempt
        });
        for attempt in waiting.chain(&mut self.queue).chain(self.blocked.values_mut().flatten()) {
            attempt.made = 0;
            attempt.spent = Duration::ZERO;
            attempt.exhausted = None;
        }
    }
}

/// A greeting in another form is still a response.
fn is_other_greeting(error: &api::Failure) -> bool {
    matches!(
        error,
        api::Failure::NotLessonspace {
            reason: UnexpectedAnswer::NoGreeting | UnexpectedAnswer::NotJson,
            ..
        }
    )
}
