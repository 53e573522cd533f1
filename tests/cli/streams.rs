//! stdout and stderr that are full, closed, or a pipe without a reader.
#![cfg(unix)]

use std::process::Stdio;

use serde_json::json;

use crate::mock::{Api, Expected, answer};
use crate::support::KEY;

pub(crate) fn launches(api: &Api, times: usize) -> Expected<'_> {
    api.launch(json!({"id": "x"}), 201, &answer()).times(times)
}

/// A pipe without a reader.
pub(crate) fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_is_not_an_error() {
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
fn a_closed_stdout_does_not_crash() {
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
