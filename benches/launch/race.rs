//! Two programs timed in turn, A B A B: a busy or drifting computer is then unkind to both.

use super::support::scene;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each that do not count: they fill the caches.
const WARM_UP: usize = 5;

/// Runs of each that count.
const PAIRS: usize = 60;

/// The medians of two programs.
pub struct Race {
    /// The first one's.
    pub ours: Duration,
    /// The second one's.
    pub theirs: Duration,
    /// How many runs of each they are the medians of.
    pub pairs: usize,
}

/// Times both, from spawn to exit. Either failing is an error.
pub fn run(ours: &mut Command, theirs: &mut Command) -> anyhow::Result<Race> {
    for _ in 0..WARM_UP {
        scene::run(ours)?;
        scene::run(theirs)?;
    }
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        times.0.push(time(ours)?);
        times.1.push(time(theirs)?);
    }
    Ok(Race { ours: median(times.0), theirs: median(times.1), pairs: PAIRS })
}

fn time(command: &mut Command) -> anyhow::Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let duration = start.elapsed();
    anyhow::ensure!(status.success(), "{} failed: {status}", command.get_program().display());
    Ok(duration)
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}
