//! One launch over HTTPS, the whole process from start to exit: next to curl sending the very same
//! request, and by itself in instructions and memory. `cargo bench --bench launch` runs it. It
//! reports and never judges: no speed makes it fail.
#![expect(clippy::print_stdout, reason = "a benchmark prints its report")]

mod measure;
mod race;
#[path = "../support/mod.rs"]
mod support;

use race::Race;
use support::scene::{self, Scene};

fn main() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        println!("this benchmark needs Linux, where SSL_CERT_FILE names the trusted certificates");
        return Ok(());
    }
    let scene = Scene::set()?;
    println!("one launch over HTTPS, {} trusted authorities\n", scene.trusted);
    if scene::is_installed("curl") {
        let Race { ours, theirs, pairs } = race::run(&mut scene.launch(), &mut scene.curl())?;
        println!("lessonspace   {:>8.2} ms   median of {pairs}, in turn with curl", millis(ours));
        println!("curl          {:>8.2} ms", millis(theirs));
        println!("ratio         {:>8.3}", ours.as_secs_f64() / theirs.as_secs_f64());
    } else {
        scene::run(&mut scene.launch())?;
        println!("curl is not installed: nothing to compare with");
    }
    println!();
    measure::report(&scene)
}

fn millis(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
