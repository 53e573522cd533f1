//! Ctrl-C, SIGTERM and SIGHUP: each has its own exit code, at once, with nothing on stdout.
#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::faults::{Act, Faults, http};
use crate::mock::Api;
use crate::support::{KEY, Run, TestEnv};

const CODES: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

/// Sends a signal, as a terminal or a scheduler would.
pub(crate) fn send(signal: &str, child: &Child) {
    let status =
        Command::new("/bin/sh").arg("-c").arg(format!("kill -{signal} {}", child.id())).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_signal_during_a_hanging_request_exits_with_its_code() {
    for (signal, code) in CODES {
        for line in ["launch --id x --guest", "hello"] {
            let server = Faults::play(vec![Act::AnswerThenStall(Vec::new())]);
            let env = server.env();
            let run = env.cmd(line);
            let child = run.command().spawn().unwrap();
            server.wait_for_requests(1);
            send(signal, &child);
            let output = run.finish(child);
            assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""), "{output}");
        }
    }
}

#[test]
fn a_signal_during_a_wait_ends_it() {
    let busy = Act::Answer(http("503 Service Unavailable", &["Retry-After: 30"], ""));
    let server = Faults::play(vec![busy]);
    let env = server.env();
    let run = env.cmd("launch --id x --guest --timeout 60s");
    let child = run.command().spawn().unwrap();
    server.wait_for_requests(1);
    thread::sleep(Duration::from_millis(200));
    send("INT", &child);
    assert_eq!(run.finish(child).code, Some(130));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn json_reports_the_interruption() {
    let server = Faults::play(vec![Act::AnswerThenStall(Vec::new())]);
    let env = server.env();
    let run = env.cmd("launch --id x --guest --json");
    let child = run.command().spawn().unwrap();
    server.wait_for_requests(1);
    send("TERM", &child);
    run.finish(child).json_error(143, "interrupted");
}

/// A run that waits for a slow program to print its key.
fn while_a_key_tool_runs<'env>(env: &'env TestEnv, seconds: &str) -> (Run<'env>, Child) {
    env.unset("LESSONSPACE_API_KEY");
    let marker = env.path("work/started");
    env.program(
        "key-tool",
        &format!("echo > '{}'; /bin/sleep {seconds}; echo '{KEY}'", marker.display()),
    );
    env.config("[profiles.default]\napi_key_command = [\"key-tool\"]\n");
    let run = env.cmd("hello");
    let child = run.command().spawn().unwrap();
    wait_for(&marker);
    (run, child)
}

fn wait_for(marker: &Path) {
    while !marker.exists() {
        thread::sleep(Duration::from_millis(3));
    }
}

#[test]
fn a_signal_while_a_program_provides_the_key_ends_it_within_a_second() {
    for (signal, code) in CODES {
        let env = TestEnv::new();
        let (run, child) = while_a_key_tool_runs(&env, "20");
        let start = Instant::now();
        send(signal, &child);
        assert_eq!(run.finish(child).code, Some(code));
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}");
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let marker = env.path("work/started");
    env.program("key-tool", &format!("echo > '{}'; /bin/sleep 1; echo '{KEY}'", marker.display()));
    let url = api.url();
    env.config(&format!(
        "[profiles.default]\napi_key_command = [\"key-tool\"]\napi_url = \"{url}\"\n"
    ));
    let run = env.cmd("hello");
    let direct = run.command();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' HUP INT TERM; exec \"$0\" hello"]).arg(direct.get_program());
    shell.env_clear().envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(env.path("work")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = shell.spawn().unwrap();
    wait_for(&marker);
    for (signal, _) in CODES {
        send(signal, &child);
    }
    run.finish(child).succeeded("Hi\n");
}

#[test]
fn a_dry_run_stopped_while_reading_the_roster_does_not_succeed() {
    for (signal, code) in CODES {
        let env = TestEnv::new();
        let run = env.cmd("batch - --dry-run");
        let mut child = run.command().stdin(Stdio::piped()).spawn().unwrap();
        let silence = child.stdin.take();
        thread::sleep(Duration::from_millis(500));
        send(signal, &child);
        let output = run.finish(child);
        assert_eq!((output.code, output.stdout.as_str()), (Some(code), ""), "{output}");
        drop(silence);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_core_dump() {
    let env = TestEnv::new();
    let (run, child) = while_a_key_tool_runs(&env, "20");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().nth(4), Some("0"), "{limits}");
    send("TERM", &child);
    assert_eq!(run.finish(child).code, Some(143));
}
