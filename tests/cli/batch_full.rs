//! `batch` on a full disk: it stops at once, reports it, and can be resumed.
#![cfg(unix)]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::batch_kinds::{KINDS, assert_linked, names};
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

const ROWS: usize = 400;

/// Runs with files limited to this many blocks of 512 bytes; beyond that, writing fails as on a
/// full disk.
fn run_limited(env: &TestEnv, line: &str, blocks: usize) -> Output {
    let run = env.cmd(line);
    let plain = run.command();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("ulimit -f {blocks}; exec \"$@\""), "sh"]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.env_clear().current_dir(env.path("work"));
    command.envs(plain.get_envs().map(|(name, value)| (name, value.unwrap())));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    run.finish(command.spawn().unwrap())
}

/// No temporary files are left.
#[track_caller]
fn assert_no_leftovers(env: &TestEnv) {
    let names = names(env);
    assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
}

#[test]
fn a_full_disk_stops_the_run_at_once_and_it_can_be_resumed() {
    for kind in KINDS {
        let school = School::open();
        let env = school.env();
        kind.write(&env, ROWS, 40);
        let launches = kind.launches(ROWS);
        for (blocks, flags) in [(16, ""), (40, "--resume"), (41, "--resume")] {
            let before = school.count();
            let output = run_limited(&env, &format!("{} {flags}", kind.run()), blocks);
            output.failed(1).says(&[&format!("{}.journal", kind.links), "--resume"]);
            assert!(school.count() < launches, "{output}");
            // The journal has only whole lines, and a mark for every request.
            let text = kind.journal(&env);
            assert!(
                text.ends_with('\n')
                    && text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())
            );
            assert!(text.matches("\"mark\"").count() >= school.count(), "asked for without a mark");
            assert!(blocks == 41 || school.count() > before);
            if kind.has_links(&env) {
                assert_eq!(kind.results(&env).len(), launches);
            }
            assert_no_leftovers(&env);
        }
        env.run(&format!("{} --resume", kind.run())).succeeded("");
        let printed = kind.results(&env);
        assert_eq!(printed.len(), launches);
        assert_linked(&printed);
        kind.assert_tidy(&env);
        let asked = school.launch_counts();
        for launch in printed.iter().filter(|launch| launch.status != "unknown") {
            assert_eq!(asked[&(launch.id.clone(), launch.person.clone())], 1, "{launch:?}");
        }
        // Each of the three stopped runs had at most a fortieth of the launches in flight.
        let again: usize = asked.values().map(|count| count - 1).sum();
        assert!(again <= 3 * launches / 40, "{again} launches asked for again");
    }
}

#[test]
fn links_that_do_not_fit_on_the_disk_are_written_once_space_is_freed() {
    for kind in KINDS {
        let school = School::open();
        let env = school.env();
        kind.write(&env, ROWS, 40);
        env.run(&kind.run()).succeeded("");
        let before: Vec<_> = kind.results(&env).into_iter().map(|launch| launch.url).collect();
        let path = env.path("work").join(kind.links);
        let whole = fs::read(&path).unwrap();
        let resume = format!("{} --resume", kind.run());
        for (blocks, stays) in [(0, true), (1, true), (16, false), (40, false)] {
            if !stays && path.exists() {
                fs::remove_file(&path).unwrap();
            }
            let output = run_limited(&env, &resume, blocks);
            output.failed(1).says(&[&format!("error: cannot write {}\n", kind.links)]);
            assert!(!output.stderr.contains(".lessonspace-"), "{output}");
            // The earlier file, or none.
            assert_eq!(fs::read(&path).ok(), stays.then(|| whole.clone()), "{output}");
            assert_no_leftovers(&env);
        }
        env.run(&resume).succeeded("");
        let after: Vec<_> = kind.results(&env).into_iter().map(|launch| launch.url).collect();
        assert_eq!(after, before);
        kind.assert_tidy(&env);
        assert_eq!(school.count(), kind.launches(ROWS));
    }
}

#[test]
fn a_full_disk_for_the_sandboxs_spaces_exits_1() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", "id,user name\na,Ann\nb,Ben\n");
    env.run("launch --id x --guest --sandbox --field created").succeeded("true\n");
    for line in ["launch --id a --sandbox", "batch roster.csv -o links.csv --sandbox --rate 0"] {
        run_limited(&env, line, 0).failed(1).error_form();
    }
    run_limited(&env, "launch --id a --sandbox", 0)
        .failed(1)
        .says(&["error: cannot save the practice Spaces\n  File too large"]);
    env.run("launch --id x --guest --sandbox --field created").succeeded("false\n");
}

/// A run's system calls that make its files survive a power cut, and its connections, in order and
/// with file names. `None` if strace is not installed; in CI that is a failure.
#[cfg(target_os = "linux")]
fn traced(env: &TestEnv, line: &str) -> Option<Vec<String>> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let strace =
        std::env::split_paths(&paths).map(|path| path.join("strace")).find(|it| it.exists());
    let works = |strace: &std::path::PathBuf| {
        let output = Command::new(strace).args(["-qq", "-e", "trace=fsync", "true"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(strace) = strace.filter(works) else {
        assert!(std::env::var_os("CI").is_none(), "no strace; install it: apt-get install strace");
        eprintln!("NOT TESTED, because there is no strace that works");
        return None;
    };
    let run = env.cmd(line);
    let plain = run.command();
    let mut command = Command::new(strace);
    command.args(["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,connect,/^rename", "-o"]);
    command.arg(env.path("trace")).arg(plain.get_program()).args(plain.get_args());
    command.env_clear().current_dir(env.path("work"));
    command.envs(plain.get_envs().map(|(name, value)| (name, value.unwrap())));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    run.finish(command.spawn().unwrap()).succeeded("");
    let trace = fs::read_to_string(env.path("trace")).unwrap();
    let calls = trace.lines().map(|line| {
        let call = line.split_once(' ').unwrap().1.trim_start();
        let (name, arguments) = call.split_once('(').unwrap();
        // `fsync(9</tmp/x/work/links.csv>)`, `rename("/tmp/x/work/.a.tmp", "/tmp/x/work/links.csv")`.
        let file = match name {
            "connect" => "",
            "fsync" | "fdatasync" => arguments.split_once('>').unwrap().0,
            _ => arguments.rsplit('"').nth(1).unwrap(),
        };
        let file = file.rsplit('/').next().unwrap();
        let file = if file.starts_with(".lessonspace-") { "a temporary file" } else { file };
        format!("{} {file}", name.trim_end_matches("at2").trim_end_matches("at"))
    });
    Some(calls.collect())
}

#[cfg(target_os = "linux")]
#[test]
fn a_power_cut_loses_no_started_or_finished_launch() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user id\na,1\n");
    let Some(calls) = traced(&env, "batch roster.csv -o links.csv --rate 0") else { return };
    assert_eq!(
        calls,
        [
            // The journal, then its entry in the folder.
            "fsync links.csv.journal",
            "fsync work",
            // The mark, before the request.
            "fdatasync links.csv.journal",
            "connect ",
            // The response.
            "fdatasync links.csv.journal",
            // LINKS before it is renamed, then its entry in the folder.
            "fsync a temporary file",
            "rename links.csv",
            "fsync work",
        ]
    );
}
