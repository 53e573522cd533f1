//! The examples in the README and in `docs/` work when pasted: each document from top to bottom, in
//! one fresh shell without variables in which `lessonspace` is this program.
#![cfg(unix)] // Requires Bash.

use assert_cmd::Command;
use std::path::Path;

use crate::readme::documents;
use crate::support::TestEnv;

/// Printed between two blocks.
const BETWEEN: &str = "\u{1}";

/// A code block; `is_next` means that only empty lines separate it from the previous one.
struct Block {
    language: String,
    text: String,
    is_next: bool,
}

/// The code blocks of a document in order, including those in lists.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = document.lines();
    let mut is_next = false;
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            is_next &= line.trim().is_empty();
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let inner = lines.by_ref().take_while(|line| line.trim_start() != "```");
        let text =
            inner.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
        blocks.push(Block { language: language.to_owned(), text, is_next });
        is_next = true;
    }
    blocks
}

fn of_language(text: &str, language: &str) -> Vec<String> {
    let blocks = blocks(text).into_iter().filter(|block| block.language == language);
    blocks.map(|block| block.text).collect()
}

/// A shell with this program as `lessonspace`, also behind `cargo run`.
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
        .env("TZ", "Europe/London")
        .current_dir(env.path("work"));
    command
}

/// Replaces what changes from run to run: the end of a link, and when it expires.
fn steady(output: &str) -> String {
    let lines = output.lines().map(|line| match line {
        _ if line.starts_with("https://sandbox.invalid/?user=") => {
            "https://sandbox.invalid/?user=..."
        }
        _ if line.starts_with("expires ") && line.ends_with(" (in 7 days)") => {
            "expires (in 7 days)"
        }
        line => line.trim_end(),
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[test]
fn every_document_works_in_a_fresh_shell_and_shows_the_real_output() {
    let (mut seen, mut shown) = (0, 0);
    for (name, text) in documents() {
        let blocks = blocks(&text);
        let commands: Vec<&Block> = blocks.iter().filter(|block| block.language == "sh").collect();
        if commands.is_empty() {
            continue;
        }
        if text.contains("openssl") && !Path::new("/usr/bin/openssl").exists() {
            // Uses another program, which CI installs.
            assert!(std::env::var_os("CI").is_none(), "install openssl");
            eprintln!("NOT TESTED, because there is no openssl: {name}");
            continue;
        }
        let script: String = commands
            .iter()
            .map(|block| format!("{}printf '%s\\n' '{BETWEEN}'\n", block.text))
            .collect();
        let env = TestEnv::new();
        let script = format!("exec 2>&1\n{script}");
        let output = shell(&env).args(["-euo", "pipefail", "-c", &script]).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}:\n{printed}");
        let printed: Vec<&str> = printed.split(&format!("{BETWEEN}\n")).collect();
        assert_eq!(printed.len(), commands.len() + 1, "{name}");
        seen += commands.len();
        let mut number = 0;
        for (index, block) in blocks.iter().enumerate() {
            number += usize::from(block.language == "sh");
            if block.language == "text" && block.is_next && blocks[index - 1].language == "sh" {
                let own = steady(printed[number - 1]);
                assert_eq!(own, steady(&block.text), "{name}, after:\n{}", blocks[index - 1].text);
                shown += 1;
            }
        }
    }
    assert!(seen >= 40, "only {seen} examples were found");
    assert!(shown >= 8, "only {shown} outputs were found");
}

#[test]
fn the_first_example_creates_a_space_and_then_opens_it() {
    let env = TestEnv::new();
    let (_, readme) = documents().remove(0);
    let first = of_language(&readme, "sh").remove(0);
    assert_eq!(first.lines().nth(1), Some("cargo test"));
    assert_eq!(first.lines().count(), 2);
    let line = first.lines().next().expect("the main job");
    for outcome in ["created Space biology101_2023", "opened existing Space biology101_2023"] {
        let assert = shell(&env).args(["-c", line]).assert().success();
        let output = assert.get_output();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.starts_with(b"https://sandbox.invalid/"), "{stderr}");
        assert!(stderr.lines().any(|line| line == outcome), "{stderr}");
    }
}

/// Teachers use cmd.exe, PowerShell or a Unix shell, which differ in syntax.
#[test]
fn the_commands_for_teachers_work_the_same_in_every_shell() {
    let documents = documents();
    let (_, text) = documents.iter().find(|(name, _)| name == "docs/teachers.md").unwrap();
    let commands = of_language(text, "sh");
    assert!(commands.len() >= 6);
    for line in commands.iter().flat_map(|block| block.lines()) {
        assert!(line.starts_with("lessonspace ") || line.starts_with("cd "), "{line}");
        assert!(
            !line.contains(['\'', '$', '`', '\\', '<', '>', '|', '&', '%', '^', '!']),
            "{line}"
        );
    }
}

/// The steps of the workflow, and the PowerShell lines without PowerShell-only syntax.
#[test]
fn the_commands_in_the_other_examples_run_too() {
    let env = TestEnv::new();
    let mut seen = 0;
    let documents = documents();
    let of = |language| documents.iter().flat_map(move |(_, text)| of_language(text, language));
    for block in of("yaml").chain(of("powershell")) {
        for line in block.lines() {
            let Some(start) = line.find("lessonspace ") else { continue };
            let command = line[start..].split(" > ").next().unwrap_or_default();
            shell(&env)
                .env("LESSONSPACE_SANDBOX", "1")
                .env("GITHUB_OUTPUT", env.write("github_output", ""))
                .args(["-c", command])
                .assert()
                .success();
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} commands were found");
}
