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
fn an_unknown_shell_is_exit_2() {
    let env = TestEnv::new();
    env.run("completions tcsh").failed(2).says(&["tcsh", "bash"]);
    env.run("completions").failed(2);
}
