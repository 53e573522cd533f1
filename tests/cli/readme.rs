//! The command reference matches the program's help, and every link in the documentation works.
//! `readme_examples` tests the examples.
//!
//! `UPDATE_GENERATED=1 cargo test` regenerates `docs/reference.md` and the files in `completions/`.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- begin reference: made by `UPDATE_GENERATED=1 cargo test` from the program's own help -->\n";
const END: &str = "<!-- end reference -->\n";

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(repository(name)).unwrap().replace("\r\n", "\n")
}

/// The README, then the other documents for users, with their names.
pub(crate) fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_owned()];
    let mut docs: Vec<String> = fs::read_dir(repository("docs"))
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().display()))
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"))
        .collect();
    docs.sort();
    names.extend(docs);
    names.into_iter().map(|name| (name.clone(), read(&name))).collect()
}

fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lessonspace"));
    let assert = command.args(arguments).env_remove("COLUMNS").assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Every command with its subcommands, as listed in the help.
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

/// Compares a generated file with the program's output, or regenerates it.
fn fresh(name: &str, expected: &str) {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(repository(name), expected).unwrap();
    }
    let found = fs::read_to_string(repository(name)).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{name} is stale; run: UPDATE_GENERATED=1 cargo test");
}

#[test]
fn the_command_reference_matches_the_programs_help() {
    let text = read("docs/reference.md");
    let (before, rest) = text.split_once(BEGIN).expect("the reference begins");
    let (_, after) = rest.split_once(END).expect("the reference ends");
    fresh("docs/reference.md", &format!("{before}{BEGIN}{}{END}{after}", reference()));
}

#[test]
fn the_completions_in_the_repository_match_the_programs_output() {
    for (shell, file) in [
        ("bash", "lessonspace.bash"),
        ("zsh", "_lessonspace"),
        ("fish", "lessonspace.fish"),
        ("powershell", "_lessonspace.ps1"),
        ("elvish", "lessonspace.elv"),
        ("nushell", "lessonspace.nu"),
    ] {
        fresh(&format!("completions/{file}"), &help(&["completions", shell]));
    }
}

#[test]
fn the_exit_codes_in_the_documentation_match_the_help() {
    let text = read("docs/automation.md");
    for line in help(&["help"])
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1)
        .take_while(|line| !line.is_empty())
    {
        let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
        let row = text.lines().find(|row| row.starts_with(&format!("| {code} |")));
        let row =
            row.unwrap_or_else(|| panic!("docs/automation.md does not list exit code {code}"));
        assert!(row.replace('`', "").contains(meaning.trim()), "{row}\ndiffers from\n{line}");
    }
}

/// The anchor of a heading on a Markdown page.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_in_the_documentation_works() {
    let mut seen = 0;
    for (name, text) in documents() {
        let folder = Path::new(&name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() {
                Path::new(&name).file_name().unwrap().to_str().unwrap()
            } else {
                file
            };
            let path = repository("").join(&folder).join(file);
            assert!(path.exists(), "{name}: {link} leads nowhere");
            if !heading.is_empty() {
                let target = fs::read_to_string(&path).unwrap();
                let mut headings = target.lines().filter_map(|line| line.strip_prefix('#'));
                let is_there =
                    headings.any(|line| anchor(line.trim_start_matches('#').trim()) == heading);
                assert!(is_there, "{name}: {file} has no heading for #{heading}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} links were found");
}

#[test]
fn the_readme_is_short_and_its_first_screen_links_to_the_documentation() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 200);
    let first = readme.lines().position(|line| line.contains("](docs/")).unwrap();
    assert!(first <= 40, "the first link to docs/ is in line {first}");
}

#[test]
fn the_short_help_of_every_command_fits_on_a_screen_and_has_an_example() {
    for path in std::iter::once(Vec::new()).chain(commands(&[])) {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let short = help(&[&words, &["-h"][..]].concat());
        assert!(short.lines().count() <= 40, "{short}");
        assert!(short.contains("\nExamples:\n  lessonspace "), "{short}");
    }
}
