//! The README: its examples run, and its command reference says what the program says.
//!
//! `UPDATE_GENERATED=1 cargo test` writes the reference and the files in `completions/` anew.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::TestEnv;

const BEGIN: &str = "<!-- begin reference: made by `UPDATE_GENERATED=1 cargo test` from the program's own help -->\n";
const END: &str = "<!-- end reference -->\n";

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn readme() -> String {
    fs::read_to_string(repository("README.md")).unwrap().replace("\r\n", "\n")
}

/// The code blocks of a language, in their order.
fn blocks(language: &str) -> Vec<String> {
    let text = readme();
    let mut blocks = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once(&format!("\n```{language}\n")) {
        let (block, after) = after.split_once("\n```").expect("a block is closed");
        blocks.push(format!("{block}\n"));
        rest = after;
    }
    blocks
}

fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lessonspace"));
    let assert = command.args(arguments).env_remove("COLUMNS").assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Every command with the commands below it, as the help lists them.
fn commands(parent: &[&str]) -> Vec<Vec<String>> {
    let mut arguments = parent.to_vec();
    arguments.push("--help");
    let text = help(&arguments);
    let Some((_, list)) = text.split_once("\nCommands:\n") else { return Vec::new() };
    list.lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|name| {
            *name != "help" && name.starts_with(|first: char| first.is_ascii_lowercase())
        })
        .flat_map(|name| {
            let path = [parent, &[name]].concat();
            let own = path.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
            std::iter::once(own).chain(commands(&path))
        })
        .collect()
}

fn reference() -> String {
    let mut text = format!("\n```text\n{}```\n", help(&["help"]));
    for path in commands(&[]) {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let section = format!(
            "\n<details><summary><code>lessonspace {}</code></summary>\n\n```text\n{}```\n\n</details>\n",
            path.join(" "),
            help(&arguments)
        );
        text.push_str(&section);
    }
    text + "\n"
}

/// Compares a file with what the program makes of it now, or writes it anew.
fn fresh(name: &str, expected: &str) {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(repository(name), expected).unwrap();
    }
    let found = fs::read_to_string(repository(name)).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{name} is stale; run: UPDATE_GENERATED=1 cargo test");
}

#[test]
fn the_command_reference_is_what_the_program_says() {
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).expect("the reference begins");
    let (_, after) = rest.split_once(END).expect("the reference ends");
    fresh("README.md", &format!("{before}{BEGIN}{}{END}{after}", reference()));
}

#[test]
fn the_completions_in_the_repository_are_what_the_program_prints() {
    for (shell, file) in [
        ("bash", "lessonspace.bash"),
        ("zsh", "_lessonspace"),
        ("fish", "lessonspace.fish"),
        ("powershell", "_lessonspace.ps1"),
        ("elvish", "lessonspace.elv"),
    ] {
        fresh(&format!("completions/{file}"), &help(&["completions", shell]));
    }
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_help() {
    let text = readme();
    for line in help(&["help"])
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1)
        .take_while(|line| !line.is_empty())
    {
        let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
        let row = text.lines().find(|row| row.starts_with(&format!("| {code} |")));
        let row = row.unwrap_or_else(|| panic!("README.md does not list exit code {code}"));
        assert!(row.replace('`', "").contains(meaning.trim()), "{row}\ndiffers from\n{line}");
    }
}

/// A shell in which `lessonspace` is this program and `cargo` runs it, against the sandbox.
#[cfg(unix)]
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

#[cfg(unix)]
#[test]
fn every_shell_example_runs_against_the_sandbox() {
    let env = TestEnv::new();
    let blocks = blocks("sh");
    assert!(blocks.len() >= 8, "{blocks:#?}");
    for block in blocks {
        if block.contains("openssl") && !Path::new("/usr/bin/openssl").exists() {
            // Another program's part; in CI it is installed.
            assert!(std::env::var_os("CI").is_none(), "install openssl");
            eprintln!("NOT TESTED, because there is no openssl:\n{block}");
            continue;
        }
        shell(&env).args(["-euo", "pipefail", "-c", &block]).assert().success();
    }
}

#[cfg(unix)]
#[test]
fn the_first_example_creates_a_space_and_then_opens_it() {
    let env = TestEnv::new();
    let first = blocks("sh").remove(0);
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
#[cfg(unix)]
#[test]
fn the_commands_of_the_other_examples_run_too() {
    let env = TestEnv::new();
    let mut seen = 0;
    for block in blocks("yaml").into_iter().chain(blocks("powershell")) {
        for line in block.lines() {
            let Some(start) = line.find("lessonspace ") else { continue };
            let command = line[start..].split(" > ").next().unwrap_or_default();
            shell(&env).args(["-c", command]).assert().success();
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} commands were found");
}
