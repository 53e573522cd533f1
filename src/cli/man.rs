//! The man pages in `man/`, one for each command, generated from the help. A test checks that they
//! are current; `UPDATE_GENERATED=1 cargo test` regenerates them.

use super::{Cli, help};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use std::fs;
use std::path::{Path, PathBuf};

/// Environment variables, for the program's page.
const ENVIRONMENT: [(&str, &str); 13] = [
    (
        "LESSONSPACE_API_KEY",
        "The API key. It is used instead of a profile's key, unless --profile is given.",
    ),
    ("LESSONSPACE_API_KEY_FILE", "File with the API key (- for standard input)."),
    ("LESSONSPACE_API_URL", "URL of the API, if not Lessonspace's own."),
    (
        "LESSONSPACE_PROFILE",
        "The profile to use; same as --profile (but LESSONSPACE_API_KEY takes precedence).",
    ),
    ("LESSONSPACE_CONFIG", "Configuration file to use instead of the default."),
    ("LESSONSPACE_SANDBOX", "Set to 1 for practice; same as --sandbox."),
    ("LESSONSPACE_WEBHOOK_SECRET", "The Space's secret for webhook verify."),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy, and the hosts to reach without it."),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "Certificates to trust instead of the system's."),
    (
        "CI",
        "If set (and not false), lessonspace never prompts, opens a browser or uses the clipboard.",
    ),
    ("GITHUB_OUTPUT", "The file that --github-output writes to."),
    ("NO_COLOR", "If set, output has no colour (except QR codes, which need it)."),
    ("TZ", "Time zone if neither a flag nor the profile sets one."),
];

/// Files, for the program's page.
const FILES: [(&str, &str); 4] = [
    (
        "~/.config/lessonspace/config.toml",
        "Profiles and their keys. On Windows: %APPDATA%\\lessonspace\\config.toml.",
    ),
    ("~/.local/state/lessonspace/", "Practice Spaces. On Windows: %LOCALAPPDATA%\\lessonspace."),
    ("LINKS", "The links file of a batch (-o). Only you can read it."),
    ("LINKS.journal", "The journal of a batch, which --resume needs. It also contains the links."),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("man")
}

/// All commands, each with its full name, such as `lessonspace webhook verify`.
fn pages(command: &Command, words: &str) -> Vec<(String, Command)> {
    let below = command.get_subcommands();
    let below = below.flat_map(|below| pages(below, &format!("{words} {}", below.get_name())));
    std::iter::once((words.to_owned(), command.clone())).chain(below).collect()
}

fn program() -> Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The date of the latest release, from the changelog.
fn date() -> &'static str {
    let releases =
        include_str!("../../CHANGELOG.md").lines().filter_map(|line| line.strip_prefix("## ["));
    let dates = releases.filter_map(|line| Some(line.split_once("] - ")?.1));
    dates.max().unwrap_or("1970-01-01")
}

/// The man page of one command, as roff.
fn page(words: &str, command: &Command) -> String {
    let help = command
        .get_after_long_help()
        .or(command.get_after_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let name = words.replace(' ', "-");
    let has_subcommands = command.has_subcommands();
    let command =
        command.clone().display_name(&name).bin_name(words).after_help("").after_long_help("");
    let man = Man::new(command)
        .title(name.to_uppercase())
        .date(date())
        .source(concat!("lessonspace ", env!("CARGO_PKG_VERSION")))
        .manual("lessonspace manual");
    let mut text = Vec::new();
    let sections = [Man::render_title, Man::render_name_section, Man::render_synopsis_section];
    for section in sections {
        section(&man, &mut text).expect("writes to memory");
    }
    text.extend(paragraphs("DESCRIPTION", &help).into_bytes());
    man.render_options_section(&mut text).expect("writes to memory");
    if has_subcommands {
        man.render_subcommands_section(&mut text).expect("writes to memory");
    }
    if words == "lessonspace" {
        text.extend(exit_codes(&help).into_bytes());
        text.extend(terms("ENVIRONMENT", &ENVIRONMENT).into_bytes());
        text.extend(terms("FILES", &FILES).into_bytes());
    }
    text.extend(examples(&help).into_bytes());
    tidied(&String::from_utf8(text).expect("UTF-8"))
}

/// Removes what several sections repeat: the definition of the quote, and consecutive breaks.
fn tidied(roff: &str) -> String {
    let mut text = String::new();
    let mut last = "";
    for (index, line) in roff.lines().map(str::trim_end).enumerate() {
        let is_again =
            index > 1 && (line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds Aq"));
        if line.is_empty() || is_again || (line == ".br" && last == ".br") {
            continue;
        }
        text.push_str(line);
        text.push('\n');
        last = line;
    }
    text
}

/// The prose paragraphs of a help text.
fn paragraphs(title: &str, help: &str) -> String {
    let mut roff = Roff::new();
    let prose: Vec<&str> = help
        .split("\n\n")
        .filter(|text| {
            !text.trim().is_empty()
                && !text.starts_with("Examples:")
                && !text.starts_with("Exit codes:")
        })
        .collect();
    if prose.is_empty() {
        return String::new();
    }
    roff.control("SH", [title]);
    for (index, text) in prose.into_iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(text.replace('\n', " "))]);
    }
    roff.to_roff()
}

fn part<'a>(help: &'a str, title: &str) -> Option<&'a str> {
    help.split("\n\n").find_map(|text| text.strip_prefix(title))
}

fn exit_codes(help: &str) -> String {
    let codes = part(help, "Exit codes:\n").expect("the help lists the exit codes");
    let rows: Vec<(&str, &str)> = codes
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(code, text)| (code, text.trim()))
        .collect();
    terms("EXIT STATUS", &rows)
}

fn terms(title: &str, rows: &[(&str, &str)]) -> String {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (term, text) in rows {
        roff.control("TP", []);
        let term: [Inline; 1] = [bold(*term)];
        roff.text(term);
        roff.text([roman(*text)]);
    }
    roff.to_roff()
}

fn examples(help: &str) -> String {
    let Some(lines) = part(help, "Examples:\n") else { return String::new() };
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    for (index, line) in lines.lines().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.control("RS", ["4"]);
        roff.text([roman(line.trim())]);
        roff.control("RE", []);
    }
    roff.to_roff()
}

#[test]
fn the_man_pages_in_the_repository_match_the_help() {
    let mut expected: Vec<String> = Vec::new();
    for (words, command) in pages(&program(), "lessonspace") {
        let (file, text) = (format!("{}.1", words.replace(' ', "-")), page(&words, &command));
        let path = folder().join(&file);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::create_dir_all(folder()).expect("a folder");
            fs::write(&path, &text).expect("writes");
        }
        let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(found == text, "man/{file} is stale; run: UPDATE_GENERATED=1 cargo test");
        expected.push(file);
    }
    let names =
        fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("a file").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected, "man/ has a page for each command and no other");
}

#[test]
fn the_man_page_of_a_command_lists_its_subcommands() {
    let pages = pages(&program(), "lessonspace");
    for (words, below) in [
        ("lessonspace", "lessonspace\\-launch(1)"),
        ("lessonspace webhook", "lessonspace\\-webhook\\-verify(1)"),
    ] {
        let (_, command) = pages.iter().find(|(name, _)| name == words).expect("a page");
        let page = page(words, command);
        assert!(page.contains(".SH SUBCOMMANDS\n") && page.contains(below), "{page}");
    }
}

#[test]
fn the_main_man_page_explains_every_exit_code() {
    let page = page("lessonspace", &program());
    for code in
        help::OVERVIEW.lines().filter_map(|line| line.trim().split_once("  ")).map(|(code, _)| code)
    {
        if code.starts_with(|first: char| first.is_ascii_digit()) {
            assert!(page.contains(&format!("\\fB{code}\\fR")), "{code} in {page}");
        }
    }
}
