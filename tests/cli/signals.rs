//! Ctrl-C and SIGTERM: their own exit codes, at once, with nothing on stdout.
#![cfg(unix)]

use std::process::{Child, Command};

use crate::faults::{Act, Faults, http};
use crate::support::TestEnv;

/// Sends a signal, as a terminal or a scheduler would.
pub(crate) fn send(signal: &str, child: &Child) {
    let status =
        Command::new("/bin/sh").arg("-c").arg(format!("kill -{signal} {}", child.id())).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_signal_during_a_hanging_request_ends_with_its_code() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
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
    std::thread::sleep(std::time::Duration::from_millis(200));
    send("INT", &child);
    assert_eq!(run.finish(child).code, Some(130));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn json_names_the_interruption() {
    let server = Faults::play(vec![Act::AnswerThenStall(Vec::new())]);
    let env = server.env();
    let run = env.cmd("launch --id x --guest --json");
    let child = run.command().spawn().unwrap();
    server.wait_for_requests(1);
    send("TERM", &child);
    run.finish(child).json_error(143, "interrupted");
}

#[test]
fn a_signal_while_a_command_tells_the_key_ends_it() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let marker = env.path("work/started");
    env.program("key-tool", &format!("echo > '{}'; exec /bin/sleep 20", marker.display()));
    env.config("[profiles.default]\napi_key_command = [\"key-tool\"]\n");
    let run = env.cmd("hello");
    let child = run.command().spawn().unwrap();
    while !marker.exists() {
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    send("INT", &child);
    assert_eq!(run.finish(child).code, Some(130));
}
