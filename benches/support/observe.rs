//! Runs a program under another one that measures it.

use super::scene;
use std::process::Command;

/// The peak resident set in MiB, as reported by the kernel.
#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
pub fn memory(command: &Command) -> anyhow::Result<f64> {
    let output = scene::run(&mut under("/usr/bin/time", &["-f", "peak: %M"], command))?;
    Ok(number_after(&output.stderr, "peak:")? as f64 / 1024.0)
}

/// The same command, started by `observer`.
pub fn under(observer: &str, options: &[&str], command: &Command) -> Command {
    let mut whole = Command::new(observer);
    whole.args(options).arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        whole.envs(value.map(|value| (name, value)));
    }
    if let Some(folder) = command.get_current_dir() {
        whole.current_dir(folder);
    }
    whole
}

/// The number after a label in an observer's report.
pub fn number_after(report: &[u8], label: &str) -> anyhow::Result<u64> {
    let report = String::from_utf8_lossy(report);
    let number = report.lines().find_map(|line| line.split_once(label)?.1.trim().parse().ok());
    number.ok_or_else(|| anyhow::anyhow!("no {label} in: {report}"))
}
