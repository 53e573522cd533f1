//! Streams that fail as on a full disk.
#![cfg(target_os = "linux")] // Only Linux has `/dev/full`.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::mock::{Api, link_line};
use crate::streams::{closed_pipe, launches};
use crate::support::{KEY, TestEnv};

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

#[test]
fn a_full_disk_exits_1_with_an_error() {
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
fn help_does_not_crash_on_a_full_disk() {
    for line in ["--help", "launch --help", "--version"] {
        let env = TestEnv::new();
        let run = env.cmd(line);
        let child = run.command().stdout(full()).spawn().unwrap();
        let output = run.finish(child);
        assert!(matches!(output.code, Some(0 | 1)), "{output}");
    }
}

#[test]
fn the_link_is_printed_even_if_stderr_is_full_or_closed() {
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
