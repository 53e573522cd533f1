//! Times two programs in turn, A B A B, so that a busy computer affects both equally.

use super::scene;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The median times of two programs.
pub struct Race {
    /// The first program's.
    pub ours: Duration,
    /// The second program's.
    pub theirs: Duration,
}

/// Times both `pairs` times, from spawn to exit, after `warm_up` untimed runs of each, which fill
/// the caches. Fails if either program fails.
pub fn run(
    (ours, theirs): (&mut Command, &mut Command),
    warm_up: usize,
    pairs: usize,
) -> anyhow::Result<Race> {
    for _ in 0..warm_up {
        scene::run(ours)?;
        scene::run(theirs)?;
    }
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        times.0.push(time(ours)?);
        times.1.push(time(theirs)?);
    }
    Ok(Race { ours: median(times.0), theirs: median(times.1) })
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
