//! When the next request may go.
//!
//! One pace is shared by all launches and their retries: requests are evenly spaced and never sent in
//! a burst. When the server says "too many requests", everything waits, and the pace is lowered and
//! creeps back.

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How late a timer may wake without the turns after it moving: the even grid is kept, so
/// that a thousand late timers do not add up.
const LATENESS: Duration = Duration::from_millis(20);
/// The shortest pause after a 429, which is also the whole window of a limit "per second".
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause, whatever a `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// What is left of the pace after a 429.
const LOWERED: f64 = 0.7;
/// How much the pace grows at each turn after that: it is back to where it was in about 80 turns.
const REGAINED: f64 = 0.01;
/// How much it grows in a second below [`VERY_LOW`], where turns are too few.
const REGAINED_IN_A_SECOND: f64 = 0.03;
/// As a share of the pace that was asked for, or of the fastest that was too fast.
const VERY_LOW: f64 = 0.125;
/// The share of that within [`NEAR`] of the pace that was too fast, where the next 429 is likely.
/// Answers are slow to come, and each try costs as many 429s as there are requests under way.
const REGAINED_NEAR: f64 = 0.1;
/// The longest time between two turns that counts for this, in seconds.
const LONGEST_REGAINED: f64 = 10.0;
/// As a share of the pace that was too fast.
const NEAR: f64 = 0.05;
/// Turns a second below which 429s no longer lower the pace.
const SLOWEST: f64 = 0.1;

/// When requests may go.
#[derive(Debug)]
pub struct Pace {
    /// Turns a second that were asked for; infinite for no limit.
    wanted: f64,
    /// Turns a second now; infinite for no limit.
    rate: f64,
    /// The pace that was too fast, of the latest 429.
    refused: f64,
    /// The pace that was asked for; without a limit, the fastest that was too fast.
    fastest: f64,
    /// When the next turn is.
    next: Instant,
    /// When the latest turn was, or the latest 429.
    last: Instant,
    /// Whether a turn was given since the pace was last lowered. Requests that were under way
    /// then may still be refused, which says nothing about the lower pace.
    has_turned: bool,
    /// The turns of the last second, while there is no limit: the first 429 tells by them
    /// what was too fast.
    recent: VecDeque<Instant>,
}

impl Pace {
    /// A pace of so many turns a second; 0 means no limit.
    pub fn new(per_second: f64) -> Self {
        let wanted = if per_second > 0.0 { per_second } else { f64::INFINITY };
        Self {
            wanted,
            rate: wanted,
            refused: wanted,
            fastest: if wanted.is_finite() { wanted } else { 0.0 },
            next: Instant::now(),
            last: Instant::now(),
            has_turned: true,
            recent: VecDeque::new(),
        }
    }

    /// Turns a second now; none if there is no limit.
    pub fn per_second(&self) -> Option<f64> {
        self.rate.is_finite().then_some(self.rate)
    }

    /// When the next turn is.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Takes the turn if it is time, else says when it will be.
    pub fn try_turn(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.next {
            return Err(self.next);
        }
        if self.has_turned && self.rate < self.wanted {
            let is_near = (self.rate / self.refused - 1.0).abs() <= NEAR;
            let passed = now.saturating_duration_since(self.last).as_secs_f64();
            let growth = if self.rate < self.fastest * VERY_LOW {
                REGAINED.max(REGAINED_IN_A_SECOND * passed.min(LONGEST_REGAINED))
            } else if is_near {
                REGAINED * REGAINED_NEAR
            } else {
                REGAINED
            };
            self.rate = (self.rate * (1.0 + growth)).min(self.wanted);
        }
        self.last = now;
        self.has_turned = true;
        if self.rate.is_infinite() {
            self.remember(now);
            return Ok(());
        }
        let on_time = now - self.next <= LATENESS;
        let turn = if on_time { self.next } else { now };
        self.next = turn + self.spacing();
        Ok(())
    }

    /// The time between two turns. A turn comes at least once an hour.
    fn spacing(&self) -> Duration {
        Duration::try_from_secs_f64(self.rate.recip())
            .map_or(LONGEST_PAUSE, |spacing| spacing.min(LONGEST_PAUSE))
    }

    /// The server said "too many requests": waits as long as it asked for, and lowers the pace.
    pub fn slow_down(&mut self, now: Instant, retry_after: Option<Duration>) {
        let pause = retry_after.unwrap_or_default().clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.next = self.next.max(now + pause);
        if !self.has_turned {
            return;
        }
        self.has_turned = false;
        self.last = self.next;
        if self.rate.is_infinite() {
            self.forget_before(now);
            self.rate = f64::from(u32::try_from(self.recent.len()).unwrap_or(u32::MAX));
        }
        let slowest = SLOWEST.min(self.wanted);
        self.refused = self.rate;
        self.fastest = self.fastest.max(self.rate);
        self.rate = (self.rate * LOWERED).max(slowest);
    }

    fn remember(&mut self, now: Instant) {
        self.forget_before(now);
        self.recent.push_back(now);
    }

    /// Forgets the turns that are more than a second ago.
    fn forget_before(&mut self, now: Instant) {
        let is_old = |turn: &Instant| now.duration_since(*turn) > Duration::from_secs(1);
        while self.recent.front().is_some_and(is_old) {
            self.recent.pop_front();
        }
    }
}
