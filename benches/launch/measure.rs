//! What does not drift with the computer's mood: instructions, memory and size.

use super::support::scene::{self, PROGRAM, Scene};
use std::fs;
use std::process::Command;

/// Prints what one launch and `--help` take.
pub fn report(scene: &Scene) -> anyhow::Result<()> {
    if scene::is_installed("valgrind") {
        println!("instructions  {:>8.2} million for a launch", instructions(&scene.launch())?);
        let mut help = scene.command(PROGRAM);
        help.arg("--help");
        println!("              {:>8.2} million for --help", instructions(&help)?);
    } else {
        println!("instructions  valgrind is not installed");
    }
    if scene::is_installed("/usr/bin/time") {
        println!("memory        {:>8.2} MiB at most, for a launch", memory(&scene.launch())?);
    } else {
        println!("memory        /usr/bin/time is not installed");
    }
    let bytes = fs::metadata(PROGRAM)?.len();
    println!("size          {:>8.2} MB, the stripped program", thousands(bytes) / 1000.0);
    Ok(())
}

/// Millions of instructions in user space, all threads together.
fn instructions(command: &Command) -> anyhow::Result<f64> {
    let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = scene::run(&mut under("valgrind", &options, command))?;
    let count = number_after(&output.stderr, "Collected :")?;
    Ok(thousands(count) / 1000.0)
}

/// The largest resident set in MiB, by the kernel's own account.
fn memory(command: &Command) -> anyhow::Result<f64> {
    let output = scene::run(&mut under("/usr/bin/time", &["-f", "peak: %M"], command))?;
    Ok(thousands(number_after(&output.stderr, "peak:")? * 1000) / 1024.0)
}

/// The same command, started by another one that watches it.
fn under(observer: &str, options: &[&str], command: &Command) -> Command {
    let mut whole = Command::new(observer);
    whole.args(options).arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        whole.envs(value.map(|value| (name, value)));
    }
    whole
}

fn number_after(report: &[u8], label: &str) -> anyhow::Result<u64> {
    let report = String::from_utf8_lossy(report);
    let number = report.lines().find_map(|line| line.split_once(label)?.1.trim().parse().ok());
    number.ok_or_else(|| anyhow::anyhow!("no {label} in: {report}"))
}

#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
fn thousands(count: u64) -> f64 {
    count as f64 / 1000.0
}
