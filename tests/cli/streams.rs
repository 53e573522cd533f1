//! stdout and stderr that are full, closed, or a pipe whose reader has gone.
#![cfg(unix)]

use std::fs::OpenOptions;
use std::process::Stdio;

use serde_json::json;

use crate::mock::{Api, Expected, answer, link_line};
use crate::support::{KEY, TestEnv};

fn launches(api: &Api, times: usize) -> Expected<'_> {
    api.launch(json!({"id": "x"}), 201, &answer()).times(times)
}

/// A pipe that nobody reads any more.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A device that is always full.
#[cfg(target_os = "linux")]
fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

#[test]
fn a_reader_that_went_away_is_no_fault() {
    let api = Api::start();
    let _launch = launches(&api, 2);
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}");
    let env = api.env();
    for line in [
        "launch --id x --guest",
        "launch --id x --guest --json",
        "launch --id x --guest --dry-run",
        "hello",
        "--help",
        "launch --help",
        "--version",
        "completions bash",
    ] {
        let run = env.cmd(line);
        let child = run.command().stdout(closed_pipe()).spawn().unwrap();
        let output = run.finish(child);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_exit_1_and_not_silence() {
    let api = Api::start();
    let _launch = launches(&api, 3);
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}");
    let env = api.env();
    for line in [
        "launch --id x --guest",
        "launch --id x --guest --field room_id",
        "launch --id x --guest --dry-run",
        "hello",
        "completions bash",
    ] {
        let run = env.cmd(line);
        let child = run.command().stdout(full()).spawn().unwrap();
        let output = run.finish(child);
        assert_eq!(output.code, Some(1), "{output}");
        output.error_form();
    }
    let run = env.cmd("launch --id x --guest --json");
    let child = run.command().stdout(full()).spawn().unwrap();
    run.finish(child).json_error(1, "unexpected");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_under_help_is_no_crash() {
    for line in ["--help", "launch --help", "--version"] {
        let env = TestEnv::new();
        let run = env.cmd(line);
        let child = run.command().stdout(full()).spawn().unwrap();
        let output = run.finish(child);
        assert!(matches!(output.code, Some(0 | 1)), "{output}");
    }
}

#[test]
fn a_closed_stdout_is_no_crash() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    let run = env.cmd("launch --id x --guest");
    let direct = run.command();
    let mut shell = std::process::Command::new("/bin/sh");
    shell.arg("-c").arg("exec \"$0\" \"$@\" >&-").arg(direct.get_program()).args(direct.get_args());
    shell.env_clear().envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(env.path("work")).stdin(Stdio::null()).stderr(Stdio::piped());
    let output = run.finish(shell.spawn().unwrap());
    assert!(matches!(output.code, Some(0 | 1)), "{output}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_or_closed_stderr_does_not_take_the_link_away() {
    let api = Api::start();
    let _launch = launches(&api, 2);
    let env = api.env();
    for stderr in [full(), closed_pipe()] {
        let run = env.cmd("launch --id x --guest -v");
        let child = run.command().stderr(stderr).spawn().unwrap();
        run.finish(child).succeeded(&link_line());
    }
    for stderr in [full(), closed_pipe()] {
        let run = env.cmd("launch --guest --id=");
        let child = run.command().stderr(stderr).spawn().unwrap();
        assert_eq!(run.finish(child).code, Some(2));
    }
}
