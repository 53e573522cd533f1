//! Measurements that do not depend on the computer's load: instructions, memory and size.

use super::launch;
use super::support::observe::{memory, number_after, under};
use super::support::scene::{self, Scene, program};
use std::fs;
use std::process::Command;

/// Memory is the median of this many runs: how much of the program is already in memory varies.
const RUNS: usize = 15;

/// Prints the cost of one launch and of `--help`.
pub fn report(scene: &Scene) -> anyhow::Result<()> {
    if scene::is_installed("valgrind") {
        println!("instructions  {:>8.2} million for a launch", instructions(&launch(scene))?);
        let mut help = scene.command(program());
        help.arg("--help");
        println!("              {:>8.2} million for --help", instructions(&help)?);
    } else {
        println!("instructions  valgrind is not installed");
    }
    if scene::is_installed("/usr/bin/time") {
        println!(
            "memory        {:>8.2} MiB at most, for a launch, median of {RUNS}",
            median_memory(scene)?
        );
    } else {
        println!("memory        /usr/bin/time is not installed");
    }
    let bytes = fs::metadata(program())?.len();
    println!("size          {:>8.2} MB, the stripped program", thousands(bytes) / 1000.0);
    Ok(())
}

/// Peak memory in MiB.
fn median_memory(scene: &Scene) -> anyhow::Result<f64> {
    let mut peaks = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        peaks.push(memory(&launch(scene))?);
    }
    peaks.sort_by(f64::total_cmp);
    Ok(peaks[RUNS / 2])
}

/// Millions of instructions in user space, summed over all threads.
fn instructions(command: &Command) -> anyhow::Result<f64> {
    let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = scene::run(&mut under("valgrind", &options, command))?;
    let count = number_after(&output.stderr, "Collected :")?;
    Ok(thousands(count) / 1000.0)
}

#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
fn thousands(count: u64) -> f64 {
    count as f64 / 1000.0
}
