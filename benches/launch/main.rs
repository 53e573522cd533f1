//! One launch over HTTPS, the whole process from start to exit: its time compared with curl sending
//! the same request, its instructions and its memory. `cargo bench --bench launch` runs it. It only
//! reports: no result makes it fail.
#![expect(clippy::print_stdout, reason = "a benchmark prints its report")]

mod measure;
#[path = "../support/mod.rs"]
mod support;

use std::process::Command;
use support::race::{self, Race};
use support::scene::{self, Scene, program};

/// Untimed warm-up runs of each program, then timed ones.
const WARM_UP: usize = 5;
const PAIRS: usize = 60;

fn main() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        println!("this benchmark needs Linux, where SSL_CERT_FILE names the trusted certificates");
        return Ok(());
    }
    let scene = Scene::set(1, true)?;
    println!("one launch over HTTPS, {} trusted authorities\n", scene.trusted);
    if scene::is_installed("curl") {
        let pair = (&mut launch(&scene), &mut curl(&scene));
        let Race { ours, theirs } = race::run(pair, WARM_UP, PAIRS)?;
        println!("lessonspace   {:>8.2} ms   median of {PAIRS}, in turn with curl", millis(ours));
        println!("curl          {:>8.2} ms", millis(theirs));
        println!("ratio         {:>8.3}", ours.as_secs_f64() / theirs.as_secs_f64());
    } else {
        scene::run(&mut launch(&scene))?;
        println!("curl is not installed: nothing to compare with");
    }
    println!();
    measure::report(&scene)
}

fn launch(scene: &Scene) -> Command {
    let mut command = scene.command(program());
    command.args(["launch", "--id", "x"]);
    command
}

/// The same request sent by curl: same method, headers and body.
fn curl(scene: &Scene) -> Command {
    let mut command = scene.curl(r#"{"id":"x"}"#);
    command.arg(scene.launch_url());
    command
}

fn millis(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
