//! Is the network there? Five failed attempts in a row, over all rows, say no. Then everybody
//! waits while one probes, and no row fails for it.

use crate::api::{Client, Failure, UnexpectedAnswer};
use crate::terminal::output::Progress;
use std::cell::Cell;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How many failed attempts in a row mean that the network is gone.
const FAILURES: u32 = 5;

/// How long a run waits for the network.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Longest pause between two probes.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Longest that one probe may take.
const PROBE_TIME: Duration = Duration::from_secs(10);

/// What all rows know of the network.
pub struct Network<'a> {
    client: &'a Client,
    progress: &'a Progress,
    failures: Cell<u32>,
    has_succeeded: Cell<bool>,
    is_gone: Cell<bool>,
    is_probing: Cell<bool>,
    outages: Cell<u32>,
    is_back: Notify,
    has_told_pace: Cell<bool>,
}

/// The network is gone for good, as far as this run goes.
pub struct Gone {
    /// What answered a probe instead of the API.
    pub instead: Option<Failure>,
}

impl<'a> Network<'a> {
    /// A network about which nothing is known yet.
    pub fn new(client: &'a Client, progress: &'a Progress) -> Self {
        Self {
            client,
            progress,
            failures: Cell::new(0),
            has_succeeded: Cell::new(false),
            is_gone: Cell::new(false),
            is_probing: Cell::new(false),
            outages: Cell::new(0),
            is_back: Notify::new(),
            has_told_pace: Cell::new(false),
        }
    }

    /// How often it was gone and came back.
    pub fn outages(&self) -> u32 {
        self.outages.get()
    }

    /// Tells that there were too many requests: the first time to everybody, then with `--verbose`.
    pub fn tell_busy(&self, line: &str) {
        if self.has_told_pace.replace(true) {
            self.progress.detail(line);
        } else {
            self.progress.say(line);
        }
    }

    /// A link came.
    pub fn succeeded(&self) {
        self.failures.set(0);
        self.has_succeeded.set(true);
    }

    /// An attempt failed. An answer other than 5xx shows that the network is there.
    pub fn failed(&self, error: &Failure) -> Result<(), Gone> {
        if !error.is_outage() {
            self.failures.set(0);
            return Ok(());
        }
        self.failures.set(self.failures.get() + 1);
        if self.failures.get() < FAILURES {
            return Ok(());
        }
        if !self.has_succeeded.get() {
            return Err(Gone { instead: None });
        }
        self.is_gone.set(true);
        Ok(())
    }

    /// Waits while somebody else probes, so that nobody adds to the failures.
    pub async fn is_there(&self) {
        while self.is_gone.get() {
            self.is_back.notified().await;
        }
    }

    /// Waits until the network is there.
    pub async fn through(&self) -> Result<(), Gone> {
        while self.is_gone.get() {
            if self.is_probing.replace(true) {
                self.is_back.notified().await;
                continue;
            }
            let result = self.probe().await;
            self.is_probing.set(false);
            if result.is_ok() {
                self.is_gone.set(false);
                self.failures.set(0);
            }
            self.is_back.notify_waiters();
            result?;
        }
        Ok(())
    }

    async fn probe(&self) -> Result<(), Gone> {
        let start = Instant::now();
        let mut pause = Duration::from_secs(1);
        while !self.answers().await? {
            if start.elapsed() + pause > PATIENCE {
                return Err(Gone { instead: None });
            }
            if pause == Duration::from_secs(1) {
                self.progress.say("the network is down; waiting up to 15 minutes for it");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if pause > Duration::from_secs(1) {
            self.outages.set(self.outages.get() + 1);
            self.progress.say("the network is back");
        }
        Ok(())
    }

    /// Whether anything but silence and 5xx comes back. What would stop a row stops the probing,
    /// too, but a greeting that is not understood does not matter.
    async fn answers(&self) -> Result<bool, Gone> {
        Ok(match self.client.hello_once(PROBE_TIME).await {
            Err(error) if error.is_outage() => false,
            Err(Failure::NotLessonspace {
                reason: UnexpectedAnswer::NoGreeting | UnexpectedAnswer::NotJson,
                ..
            }) => true,
            Err(error) if error.is_for_every_launch() => return Err(Gone { instead: Some(error) }),
            Ok(()) | Err(_) => true,
        })
    }
}
