//! `completions`: for every shell, without a key, and the same as the files in the repository.

use crate::support::TestEnv;

const SHELLS: [&str; 6] = ["bash", "zsh", "fish", "powershell", "elvish", "nushell"];

#[test]
fn every_shell_gets_its_completions_without_key_or_settings() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").unset("HOME").unset("XDG_CONFIG_HOME");
    env.config("this is no TOML");
    for shell in SHELLS {
        let output = env.run(&format!("completions {shell}"));
        assert!(output.code == Some(0) && output.stderr.is_empty(), "{}", output.stderr);
        for word in ["lessonspace", "launch", "add-user", "space-name"] {
            assert!(output.stdout.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn an_unknown_shell_exits_2() {
    let env = TestEnv::new();
    env.run("completions tcsh").failed(2).says(&["tcsh", "bash"]);
    env.run("completions").failed(2);
}

/// Bash's suggestions for a line with Tab pressed at its end, split into words as Bash splits it.
#[cfg(unix)]
fn bash_offers(env: &TestEnv, words: &[&str]) -> Vec<String> {
    let script = env.write("lessonspace.bash", env.run("completions bash").stdout);
    let last = words.len() - 1;
    // Before an empty value, the completed word is empty, but the last word is the equals sign.
    let (current, previous) =
        if words[last] == "=" { ("", words[last - 1]) } else { (words[last], words[last - 1]) };
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let code = format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={last}; _lessonspace lessonspace '{current}' '{previous}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        quoted.join(" ")
    );
    let output = std::process::Command::new("bash").args(["--norc", "-c", &code]).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_suggests_values_where_the_program_accepts_them() {
    let env = TestEnv::new();
    let offers = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        bash_offers(&env, &words)
    };
    assert_eq!(offers("lessonspace launch --expect = c"), ["created"]);
    assert_eq!(offers("lessonspace launch --expect ="), ["created", "existing"]);
    assert_eq!(offers("lessonspace launch --expect "), ["created", "existing"]);
    assert_eq!(offers("lessonspace batch --dates = d"), ["dmy"]);
    assert_eq!(offers("lessonspace link --qr = s"), ["svg"]);
    assert_eq!(offers("lessonspace link --qr ="), ["terminal", "svg"]);
    assert_eq!(offers("lessonspace launch --role "), ["teacher", "student", "admin"]);
    assert_eq!(offers("lessonspace batch --role = t"), ["teacher"]);
    assert_eq!(offers("lessonspace add-user --feature ch"), ["chat.enabled", "chat"]);
    assert_eq!(
        offers("lessonspace launch --webhook session."),
        ["session.start=", "session.end=", "session.idle="]
    );
    assert_eq!(offers("lessonspace launch --time-zone Europe/Lo"), ["Europe/London"]);
    assert_eq!(offers("lessonspace handout --time-zone UT"), ["UTC"]);
    assert_eq!(offers("lessonspace batch --time-zone Etc"), [""; 0]);
    let separate = offers("lessonspace link --qr ");
    assert!(!separate.iter().any(|word| word == "svg" || word == "terminal"), "{separate:?}");
}

/// Fish's suggestions for a line with Tab pressed at its end, without the descriptions.
fn fish_offers(env: &TestEnv, line: &str) -> Vec<String> {
    let script = env.write("lessonspace.fish", env.run("completions fish").stdout);
    env.write("a-file", "");
    let code = format!("source '{}'; complete --do-complete '{line}'", script.display());
    let mut fish = std::process::Command::new("fish");
    fish.args(["--no-config", "-c", &code]).current_dir(env.path("work")).env("HOME", env.path(""));
    let text = String::from_utf8(fish.output().unwrap().stdout).unwrap();
    text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn fish_suggests_shells_commands_and_values_where_the_program_accepts_them() {
    if !crate::handout_page::is_there("fish", "fish") {
        return;
    }
    let env = TestEnv::new();
    let mut shells = SHELLS.to_vec();
    shells.sort_unstable();
    assert_eq!(fish_offers(&env, "lessonspace completions "), shells);
    let commands = fish_offers(&env, "lessonspace help ");
    assert!(commands.contains(&"launch".to_owned()), "{commands:?}");
    assert!(!commands.contains(&"a-file".to_owned()), "{commands:?}");
    assert_eq!(fish_offers(&env, "lessonspace help webhook "), ["verify"]);
    assert_eq!(fish_offers(&env, "lessonspace link --qr="), ["--qr=svg", "--qr=terminal"]);
    let separate = fish_offers(&env, "lessonspace link --qr ");
    assert!(!separate.iter().any(|word| word == "svg"), "{separate:?}");
    assert_eq!(fish_offers(&env, "lessonspace launch --expect "), ["created", "existing"]);
}

#[test]
fn zsh_knows_which_values_are_part_of_the_word_of_their_flag() {
    let script = TestEnv::new().run("completions zsh").stdout;
    for flag in ["(--json)--qr=-[", "'--leader=-[", "'--transcribe=-[", "'--expect=["] {
        assert!(script.contains(flag), "{flag} in {script}");
    }
}

#[test]
fn flags_a_command_refuses_are_in_neither_its_help_nor_its_completions() {
    let env = TestEnv::new();
    let fish = env.run("completions fish").stdout;
    for (command, flag) in [("batch", "field"), ("login", "sandbox")] {
        let long = format!("--{flag}");
        for help in ["--help", "-h"] {
            let help = env.run(&format!("{command} {help}")).stdout;
            assert!(!help.contains(&long), "{help}");
        }
        let offered = |command: &str| format!("subcommand {command}\" -l {flag} ");
        assert!(fish.contains(&offered("hello")) && !fish.contains(&offered(command)));
    }
    env.write("roster.csv", "id,guest\nx,yes\n");
    let refused = env.run("batch roster.csv -o links.csv --field id");
    refused.ended(2, "");
    assert_eq!(
        refused.stderr,
        "error: --field cannot be used with batch, which writes the results to the links file\n"
    );
    env.run("login --sandbox").failed(2).says(&["--sandbox cannot be used with login"]);
    let help = env.run("login --help").stdout;
    assert!(!help.contains("LESSONSPACE_API_KEY_FILE"), "{help}");
}

#[test]
fn suggested_values_are_not_the_only_accepted_ones() {
    let env = TestEnv::new();
    let line = "launch --id x --role assistant --feature new.thing --dry-run";
    let body =
        "{\"id\":\"x\",\"user\":{\"role\":\"assistant\"},\"features\":{\"new.thing\":true}}\n";
    env.run(line).succeeded(body);
    let help = env.run("launch --help").stdout;
    assert!(!help.contains("possible values: teacher"), "{help}");
}
