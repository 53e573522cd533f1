//! Decides when the next request may be sent.
//!
//! All launches and their retries share one pace: requests are evenly spaced and never sent in a burst.
//! When the server responds "too many requests", everything waits, and the pace is lowered and slowly
//! recovers.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How late a timer may be without moving later turns, so that the delays of many timers do not add up.
const LATENESS: Duration = Duration::from_millis(20);
/// Minimum pause after a 429, which is the whole window of a per-second limit.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Maximum pause, whatever `Retry-After` requests.
const MAX_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Factor applied to the pace after a 429.
const LOWERED: f64 = 0.7;
/// Growth of the pace at each turn after that; it takes about 80 turns to recover.
const REGAINED: f64 = 0.01;
/// Growth per second below [`VERY_LOW`], where there are too few turns.
const REGAINED_IN_A_SECOND: f64 = 0.03;
/// A pace below this share of [`Pace::fastest`] recovers with time, not with turns.
const VERY_LOW: f64 = 0.125;
/// Factor for [`REGAINED`] within [`NEAR`] of the pace that was too fast, where the next 429 is likely.
/// Responses are slow, and each try costs as many 429s as there are requests in progress.
const REGAINED_NEAR: f64 = 0.1;
/// Maximum time between two turns that counts for [`REGAINED_IN_A_SECOND`], in seconds.
const MAX_REGAINED: f64 = 10.0;
/// How far from the refused pace counts as near, as a share of it.
const NEAR: f64 = 0.05;
/// Turns per second below which 429s no longer lower the pace.
const SLOWEST: f64 = 0.1;

/// When requests may be sent.
#[derive(Debug)]
pub struct Pace {
    /// Requested turns per second; infinite for no limit.
    wanted: f64,
    /// Current turns per second; infinite for no limit.
    rate: f64,
    /// The pace that caused the latest 429.
    refused: f64,
    /// The requested pace; without a limit, the fastest pace that caused a 429.
    fastest: f64,
    /// The time of the next turn.
    next: Instant,
    /// The time of the latest turn, or the end of the pause after the latest 429.
    last: Instant,
    /// Whether there has been a turn since the pace was last lowered. Requests in progress at that time
    /// may still get a 429, which says nothing about the lower pace.
    has_turned: bool,
    /// The turns of the last second while there is no limit; the first 429 sets the pace from them.
    recent: VecDeque<Instant>,
}

impl Pace {
    /// A pace in turns per second; 0 means no limit.
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

    /// Current turns per second; `None` if there is no limit.
    pub fn per_second(&self) -> Option<f64> {
        self.rate.is_finite().then_some(self.rate)
    }

    pub fn next(&self) -> Instant {
        self.next
    }

    /// Takes the turn if it is due, else returns when it will be.
    pub fn try_turn(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.next {
            return Err(self.next);
        }
        if self.has_turned && self.rate < self.wanted {
            let is_near = (self.rate / self.refused - 1.0).abs() <= NEAR;
            let passed = now.saturating_duration_since(self.last).as_secs_f64();
            let growth = if self.rate < self.fastest * VERY_LOW {
                REGAINED.max(REGAINED_IN_A_SECOND * passed.min(MAX_REGAINED))
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

    /// The time between two turns, at most an hour.
    fn spacing(&self) -> Duration {
        Duration::try_from_secs_f64(self.rate.recip())
            .map_or(MAX_PAUSE, |spacing| spacing.min(MAX_PAUSE))
    }

    /// Handles "too many requests": pauses for the requested time and lowers the pace.
    pub fn slow_down(&mut self, now: Instant, retry_after: Option<Duration>) {
        let pause = retry_after.unwrap_or_default().clamp(MIN_PAUSE, MAX_PAUSE);
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

    /// Forgets turns from more than a second ago.
    fn forget_before(&mut self, now: Instant) {
        let is_old = |turn: &Instant| now.duration_since(*turn) > Duration::from_secs(1);
        while self.recent.front().is_some_and(is_old) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    //! Tests the pace with simulated servers, on a clock that jumps from timer to timer.

    use std::{cell::RefCell, rc::Rc};

    use tokio::{task::LocalSet, time::sleep};

    use super::*;

    /// A server that allows `allowed` requests in any second. If it is strict, rejected requests count
    /// too.
    struct Server {
        allowed: usize,
        is_strict: bool,
        latency: Duration,
        retry_after: Option<Duration>,
        seen: RefCell<VecDeque<Instant>>,
        /// The numbers of 200 and 429 responses.
        answers: RefCell<(usize, usize)>,
    }

    impl Server {
        fn new(allowed: usize) -> Self {
            Self {
                allowed,
                is_strict: true,
                latency: Duration::from_millis(80),
                retry_after: None,
                seen: RefCell::default(),
                answers: RefCell::default(),
            }
        }

        /// Whether the response is 200.
        async fn request(&self) -> bool {
            sleep(self.latency / 2).await;
            let now = Instant::now();
            let accepted = {
                let mut seen = self.seen.borrow_mut();
                while seen.pop_front_if(|then| now - *then >= Duration::from_secs(1)).is_some() {}
                let accepted = seen.len() < self.allowed;
                if accepted || self.is_strict {
                    seen.push_back(now);
                }
                let mut answers = self.answers.borrow_mut();
                *(if accepted { &mut answers.0 } else { &mut answers.1 }) += 1;
                accepted
            };
            sleep(self.latency / 2).await;
            accepted
        }
    }

    /// Waits for a turn.
    async fn turn(pace: &RefCell<Pace>) {
        loop {
            let turned = pace.borrow_mut().try_turn(Instant::now());
            match turned {
                Ok(()) => return,
                Err(next) => tokio::time::sleep_until(next).await,
            }
        }
    }

    /// Sends requests from eight jobs, each until it is accepted. Returns how long it took.
    async fn run(server: Server, rate: f64, requests: usize) -> (Server, Duration) {
        let start = Instant::now();
        let (server, pace) = (Rc::new(server), Rc::new(RefCell::new(Pace::new(rate))));
        let left = Rc::new(RefCell::new(requests));
        let jobs = LocalSet::new();
        for _ in 0..8 {
            let (server, pace, left) = (Rc::clone(&server), Rc::clone(&pace), Rc::clone(&left));
            jobs.spawn_local(async move {
                loop {
                    match &mut *left.borrow_mut() {
                        0 => return,
                        left => *left -= 1,
                    }
                    turn(&pace).await;
                    while !server.request().await {
                        pace.borrow_mut().slow_down(Instant::now(), server.retry_after);
                        turn(&pace).await;
                    }
                }
            });
        }
        jobs.await;
        let server = Rc::into_inner(server).expect("all jobs have ended");
        (server, start.elapsed())
    }

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn just_under_the_limit_nothing_is_rejected_and_no_time_is_lost() {
        for latency in [10, 80, 400, 1500] {
            let server = Server { latency: Duration::from_millis(latency), ..Server::new(5) };
            let (server, taken) = run(server, 4.0, 160).await;
            assert_eq!(server.answers.into_inner(), (160, 0));
            assert!(taken <= seconds(42.0), "{taken:?} at {latency} ms");
            assert!(taken >= seconds(159.0 / 4.0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn above_the_limit_everything_succeeds_with_few_rejections() {
        for allowed in [1, 2, 3] {
            for is_strict in [true, false] {
                for latency in [10, 80, 400, 1000] {
                    for retry_after in [None, Some(seconds(0.0)), Some(seconds(2.0))] {
                        let latency = Duration::from_millis(latency);
                        let server = Server::new(allowed);
                        let server = Server { is_strict, latency, retry_after, ..server };
                        let (server, taken) = run(server, 4.0, 160).await;
                        let (good, refused) = server.answers.into_inner();
                        assert_eq!(good, 160);
                        let name = format!("{allowed}, {is_strict}, {latency:?}, {retry_after:?}");
                        // A much lower pace takes several steps down, each with its own 429s.
                        let share = [8, 10, 10][allowed - 1];
                        assert!(refused * share <= good + refused, "{refused} refused: {name}");
                        // Not much slower than necessary.
                        let ideal = 160.0 / f64::from(u32::try_from(allowed).expect("few"));
                        assert!(taken <= seconds(ideal * 1.5), "{taken:?}: {name}");
                    }
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_evenly_spaced_and_idle_time_allows_no_burst() {
        let pace = RefCell::new(Pace::new(4.0));
        let start = Instant::now();
        turn(&pace).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        sleep(seconds(10.0)).await;
        let mut times = Vec::new();
        for _ in 0..4 {
            turn(&pace).await;
            times.push((start.elapsed().as_secs_f64() * 20.0).round() / 20.0);
        }
        assert_eq!(times, [10.0, 10.25, 10.5, 10.75]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_also_pauses_jobs_that_are_already_waiting() {
        for (retry_after, pause) in [(None, 1.0), (Some(0.1), 1.0), (Some(30.0), 30.0)] {
            let pace = RefCell::new(Pace::new(4.0));
            turn(&pace).await;
            let start = Instant::now();
            let slow = async {
                sleep(seconds(0.1)).await;
                pace.borrow_mut().slow_down(Instant::now(), retry_after.map(seconds));
            };
            tokio::join!(turn(&pace), slow);
            let waited = start.elapsed().as_secs_f64() - 0.1;
            assert!((pause..pause + 0.01).contains(&waited), "{waited}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_429_does_not_shorten_the_wait() {
        let pace = RefCell::new(Pace::new(4.0));
        turn(&pace).await;
        let start = Instant::now();
        pace.borrow_mut().slow_down(start, Some(seconds(30.0)));
        pace.borrow_mut().slow_down(start, None);
        turn(&pace).await;
        assert!(start.elapsed() >= seconds(30.0), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_is_lowered_once_for_all_requests_in_progress_and_recovers() {
        let pace = RefCell::new(Pace::new(4.0));
        turn(&pace).await;
        for _ in 0..8 {
            pace.borrow_mut().slow_down(Instant::now(), None);
        }
        assert_eq!(pace.borrow().per_second(), Some(4.0 * LOWERED));
        for _ in 0..20 {
            turn(&pace).await;
        }
        assert!(pace.borrow().per_second().expect("a limit") < 4.0);
        for _ in 0..70 {
            turn(&pace).await;
        }
        assert_eq!(pace.borrow().per_second(), Some(4.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_lowered_many_times_recovers_within_minutes() {
        let pace = RefCell::new(Pace::new(8.0));
        for _ in 0..30 {
            turn(&pace).await;
            pace.borrow_mut().slow_down(Instant::now(), None);
        }
        assert_eq!(pace.borrow().per_second(), Some(SLOWEST));
        let start = Instant::now();
        while pace.borrow().per_second().expect("a limit") < 8.0 {
            turn(&pace).await;
        }
        assert!(start.elapsed() < seconds(300.0), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits_until_the_first_429() {
        let pace = RefCell::new(Pace::new(0.0));
        let start = Instant::now();
        for _ in 0..10_000 {
            turn(&pace).await;
        }
        assert_eq!((start.elapsed(), pace.borrow().per_second()), (Duration::ZERO, None));
        let (server, taken) = run(Server::new(20), 0.0, 2000).await;
        let (good, refused) = server.answers.into_inner();
        assert_eq!(good, 2000);
        assert!(refused * 10 <= 2000 && taken < seconds(200.0), "{refused} refused in {taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn extreme_rates_and_pauses_are_limited() {
        for rate in [f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NAN, -1.0, 1e-9] {
            let pace = RefCell::new(Pace::new(rate));
            let start = Instant::now();
            turn(&pace).await;
            pace.borrow_mut().slow_down(Instant::now(), Some(Duration::MAX));
            turn(&pace).await;
            assert!(start.elapsed() <= MAX_PAUSE + seconds(1.0), "{rate}");
            turn(&pace).await;
            assert!(start.elapsed() <= 3 * MAX_PAUSE, "{rate}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_takes_no_turn() {
        let pace = RefCell::new(Pace::new(1.0));
        turn(&pace).await;
        let given_up = tokio::time::timeout(seconds(0.5), turn(&pace)).await;
        assert!(given_up.is_err());
        let start = Instant::now();
        turn(&pace).await;
        assert!(start.elapsed() <= seconds(0.51));
    }
}
