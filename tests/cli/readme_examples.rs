//! The examples of the README and of `docs/` run, in a shell in which `lessonspace` is this program.
#![cfg(unix)] // It needs bash.

use assert_cmd::Command;
use std::path::Path;

use crate::readme::documents;
use crate::support::TestEnv;

/// The code blocks of a language in one document, in their order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&format!("\n```{language}\n")) {
        let (block, after) = after.split_once("\n```").expect("a block is closed");
        blocks.push(format!("{block}\n"));
        rest = after;
    }
    blocks
}

/// A shell in which `lessonspace` is this program and `cargo` runs it, against the sandbox.
fn shell(env: &TestEnv) -> Command {
    let binary = env!("CARGO_BIN_EXE_lessonspace");
    crate::examples::copy(env);
    env.program("lessonspace", &format!("exec '{binary}' \"$@\""));
    env.program(
        "cargo",
        &format!(
            "case $1 in run) shift 2; exec '{binary}' \"$@\";; test|install) ;; *) exit 9;; esac"
        ),
    );
    let path = format!("{}:/usr/bin:/bin", env.path("bin").display());
    let mut command = Command::new("bash");
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", env.path("home"))
        .env("LESSONSPACE_SANDBOX", "1")
        .env("GITHUB_OUTPUT", env.write("github_output", ""))
        .env("TZ", "UTC")
        .current_dir(env.path("work"));
    command
}

#[test]
fn every_shell_example_runs_against_the_sandbox() {
    let mut seen = 0;
    for (name, text) in documents() {
        let env = TestEnv::new();
        for block in blocks(&text, "sh") {
            seen += 1;
            if block.contains("openssl") && !Path::new("/usr/bin/openssl").exists() {
                // Another program's part; in CI it is installed.
                assert!(std::env::var_os("CI").is_none(), "install openssl");
                eprintln!("NOT TESTED, because there is no openssl:\n{block}");
                continue;
            }
            let output = shell(&env).args(["-euo", "pipefail", "-c", &block]).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}:\n{block}\n{stderr}");
        }
    }
    assert!(seen >= 15, "only {seen} examples were found");
}

#[test]
fn the_first_example_creates_a_space_and_then_opens_it() {
    let env = TestEnv::new();
    let (_, readme) = documents().remove(0);
    let first = blocks(&readme, "sh").remove(0);
    let line = first.lines().next().expect("the main job");
    for outcome in ["created Space biology101_2023\n", "opened existing Space biology101_2023\n"] {
        let assert = shell(&env).args(["-c", line]).assert().success();
        let output = assert.get_output();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.starts_with(b"https://sandbox.invalid/"), "{stderr}");
        assert!(stderr.contains(outcome), "{stderr}");
    }
}

/// The steps of the workflow, and PowerShell's lines without what only PowerShell knows.
#[test]
fn the_commands_of_the_other_examples_run_too() {
    let env = TestEnv::new();
    let mut seen = 0;
    let documents = documents();
    let of = |language| documents.iter().flat_map(move |(_, text)| blocks(text, language));
    for block in of("yaml").chain(of("powershell")) {
        for line in block.lines() {
            let Some(start) = line.find("lessonspace ") else { continue };
            let command = line[start..].split(" > ").next().unwrap_or_default();
            shell(&env).args(["-c", command]).assert().success();
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} commands were found");
}
