//! A whole roster over HTTPS with no rate limit, compared with curl sending the same requests, and
//! the memory that large rosters need. `cargo bench --bench batch` runs it; `-- million` also
//! measures a million rows. It only reports: no result makes it fail.
#![expect(clippy::print_stdout, reason = "a benchmark prints its report")]

#[path = "../support/mod.rs"]
mod support;
mod work;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use support::observe;
use support::race::{self, Race};
use support::scene::{self, Scene};
use work::Work;

/// Rows per race.
const ROWS: u32 = 10_000;

/// Untimed warm-up runs of each program, then timed ones.
const WARM_UP: usize = 1;
const PAIRS: usize = 7;

fn main() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        println!("this benchmark needs Linux, where SSL_CERT_FILE names the trusted certificates");
        return Ok(());
    }
    // Not the temporary folder: it may be in memory, where a sync costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let threads = std::thread::available_parallelism()?.get();
    let work = Work { scene: Scene::set(threads, false)?, folder: folder.path() };
    let (trusted, sync) = (work.scene.trusted, sync_time(folder.path())?);
    println!(
        "{ROWS} rows over HTTPS, no pace, {trusted} trusted authority; a sync takes {sync:.2} ms\n"
    );
    if scene::is_installed("curl") {
        let pair = (&mut work.batch(ROWS)?, &mut work.curl(ROWS)?);
        let Race { ours, theirs } = race::run(pair, WARM_UP, PAIRS)?;
        println!(
            "lessonspace   {:>8.0} rows a second, median of {PAIRS}, in turn with curl",
            per_second(ours)
        );
        println!("curl          {:>8.0}", per_second(theirs));
        println!("ratio         {:>8.2}", theirs.as_secs_f64() / ours.as_secs_f64());
    } else {
        scene::run(&mut work.batch(ROWS)?)?;
        println!("curl is not installed: nothing to compare with");
    }
    println!();
    memory(&work)
}

fn memory(work: &Work) -> anyhow::Result<()> {
    if !scene::is_installed("/usr/bin/time") {
        println!("memory        /usr/bin/time is not installed");
        return Ok(());
    }
    println!("memory        {:>8.1} MiB at most, for {ROWS} rows", work.memory(ROWS)?);
    println!("              {:>8.1} MiB at most, for 100000 rows", work.memory(100_000)?);
    if std::env::args().any(|argument| argument == "million") {
        println!("              {:>8.1} MiB at most, for 1000000 rows", work.memory(1_000_000)?);
    }
    Ok(())
}

impl Work<'_> {
    fn memory(&self, rows: u32) -> anyhow::Result<f64> {
        observe::memory(&self.batch(rows)?)
    }
}

/// Milliseconds to sync one line to disk.
fn sync_time(folder: &Path) -> anyhow::Result<f64> {
    const SYNCS: u32 = 50;
    let mut file = File::create(folder.join("synced"))?;
    let start = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&[b'x'; 400])?;
        file.sync_data()?;
    }
    Ok(start.elapsed().as_secs_f64() * 1000.0 / f64::from(SYNCS))
}

fn per_second(duration: Duration) -> f64 {
    f64::from(ROWS) / duration.as_secs_f64()
}
