//! `config.toml`: where it is found, what it may contain, and who may read it.

use std::fs;

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::support::{TestEnv, key, set_mode};

/// A default profile with this key, for this API.
fn profile(api: &Api, name: &str) -> String {
    format!("[profiles.default]\napi_key = \"{}\"\napi_url = \"{}\"\n", key(name), api.url())
}

#[test]
#[cfg(unix)]
fn the_file_is_found_in_its_documented_locations() {
    let api = Api::start();
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.config(&profile(&api, "xdg"));
    let home = env.path("home/.config/lessonspace");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("config.toml"), profile(&api, "home")).unwrap();
    set_mode(&home.join("config.toml"), 0o600);
    let named = env.write("named.toml", profile(&api, "named"));
    set_mode(&named, 0o600);
    let steps = [("", "xdg"), ("XDG_CONFIG_HOME", "home")];
    for (gone, name) in steps {
        env.unset(gone);
        let _hello = api.hello(&key(name), 200, "{\"response\": \"Hi\"}");
        env.run("hello").succeeded("Hi\n");
    }
    let _hello = api.hello(&key("named"), 200, "{\"response\": \"Hi\"}");
    env.cmd("hello").var("LESSONSPACE_CONFIG", named).run().succeeded("Hi\n");
}

#[test]
fn a_relative_xdg_folder_is_ignored_or_harmless() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").set("XDG_CONFIG_HOME", ".");
    fs::create_dir(env.path("work/lessonspace")).unwrap();
    let path = env.write("lessonspace/config.toml", profile(&api, "cwd"));
    set_mode(&path, 0o600);
    env.run("hello --timeout 300ms").failed(3);
}

#[test]
#[cfg(unix)]
fn a_relative_home_is_ignored_too() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").unset("XDG_STATE_HOME").set("XDG_CONFIG_HOME", "");
    env.set("HOME", ".");
    fs::create_dir_all(env.path("work/.config/lessonspace")).unwrap();
    set_mode(&env.write(".config/lessonspace/config.toml", profile(&api, "cwd")), 0o600);
    env.run("hello --timeout 300ms").failed(3);
    env.run("hello --sandbox").failed(2).says(&["no folder to save", "set HOME"]);
    assert!(!env.path("work/.local").exists());
}

#[test]
fn nothing_is_read_from_the_current_folder() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    for name in ["config.toml", "lessonspace.toml", ".lessonspace.toml", ".lessonspace"] {
        set_mode(&env.write(name, profile(&api, "cwd")), 0o600);
    }
    let variables =
        format!("LESSONSPACE_API_KEY={}\nLESSONSPACE_API_URL={}\n", key("cwd"), api.url());
    env.write(".env", &variables);
    env.write(".envrc", &variables);
    env.run("hello").failed(3);
}

#[test]
fn a_missing_file_is_fine() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    env.unset("XDG_CONFIG_HOME").unset("HOME");
    env.run("launch --id x --guest").succeeded(&link_line());
}

#[test]
fn a_file_named_explicitly_must_exist() {
    let env = TestEnv::new();
    env.set("LESSONSPACE_CONFIG", "missing.toml");
    env.run("hello").failed(2).says(&["missing.toml"]);
}

#[test]
#[cfg(unix)]
fn anything_but_a_regular_file_is_refused_at_once() {
    let env = TestEnv::new();
    let made = std::process::Command::new("mkfifo").arg(env.path("work/pipe")).status().unwrap();
    assert!(made.success());
    let patience = std::time::Duration::from_secs(10);
    for (path, words) in
        [("pipe", "pipe is not a file"), ("/dev/null", "is not a file"), (".", "is a folder")]
    {
        for command in ["hello", "login --api-key-file key", "logout", "launch --id x --dry-run"] {
            let run = env.cmd(command).var("LESSONSPACE_CONFIG", path).patience(patience).run();
            run.failed(2).says(&[words]);
        }
    }
}

#[test]
fn an_unknown_setting_exits_2_with_a_suggestion() {
    for (text, words) in [
        ("[profiles.default]\napi_kye = \"hidden\"\n", ["api_kye", "`api_key`"]),
        ("[profiles.default]\nuser_nmae = \"x\"\n", ["user_nmae", "`user_name`"]),
        ("[profiles.default]\ntimezone = \"UTC\"\n", ["timezone", "`time_zone`"]),
        ("[profile.default]\nuser_name = \"x\"\n", ["profile", "`profiles`"]),
        ("api_url = \"https://a.example/\"\n", ["api_url must be inside a profile", "profiles"]),
    ] {
        let env = TestEnv::new();
        env.config(text);
        env.run("hello").failed(2).says(&words).says(&["config.toml"]).does_not_say(&["hidden"]);
    }
}

#[test]
fn a_file_that_is_not_toml_exits_2_without_showing_its_key() {
    let secret = key("broken");
    for text in [
        format!("[profiles.default]\napi_key = \"{secret}\n"),
        format!("[profiles.default]\napi_key = {secret}\n"),
        format!("[profiles.default\napi_key = \"{secret}\"\n"),
        format!("[profiles.default]\napi_key = \"{secret}\"\napi_key = \"{secret}\"\n"),
        format!("[profiles.default]\napi_key = [\"{secret}\"]\n"),
        format!("[profiles.default]\napi_key = {{ a = \"{secret}\" }}\n"),
        format!("[profiles]\ndefault = \"{secret}\"\n"),
        format!("[profiles.default]\napi_key_command = \"{secret}\"\n"),
        format!("[profiles.default]\napi_key_command = [1, \"{secret}\"]\n"),
        format!("[profiles.default]\nuser_name = 5 # {secret}\n"),
    ] {
        let env = TestEnv::new();
        env.config(&text);
        env.run("hello -v").failed(2).says(&["config.toml"]);
        env.run("hello --json").json_error(2, "usage");
    }
}

#[test]
fn a_file_that_is_not_text_exits_2() {
    let env = TestEnv::new();
    let path = env.config("");
    fs::write(&path, b"[profiles.default]\nuser_name = \"caf\xe9\"\n").unwrap();
    env.run("hello").failed(2).says(&["config.toml"]);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    env.run("hello").failed(2).says(&["config.toml"]);
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_causes_a_warning_with_the_command_to_fix_it() {
    let api = Api::start();
    let _hello = api.hello(&key("mode"), 200, "{\"response\": \"Hi\"}").times(6);
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let path = env.config(&profile(&api, "mode"));
    for mode in [0o644, 0o640, 0o604] {
        set_mode(&path, mode);
        env.run("hello").succeeded("Hi\n").says(&["chmod", "config.toml"]);
    }
    env.run("hello -q").succeeded("Hi\n").says(&["chmod"]);
    for mode in [0o600, 0o400] {
        set_mode(&path, mode);
        env.run("hello").succeeded("Hi\n").does_not_say(&["chmod"]);
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_write_is_refused() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    let path = env.config(&profile(&api, "mode"));
    for mode in [0o620, 0o602, 0o666, 0o622] {
        set_mode(&path, mode);
        env.run("hello").failed(2).says(&["chmod", "config.toml"]);
    }
}

#[test]
fn a_bom_and_windows_line_endings_are_accepted() {
    let api = Api::start();
    let _hello = api.hello(&key("bom"), 200, "{\"response\": \"Hi\"}");
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.config(&format!("\u{feff}{}", profile(&api, "bom").replace('\n', "\r\n")));
    env.run("hello").succeeded("Hi\n");
}

#[test]
#[cfg(unix)]
fn an_api_key_command_in_someone_elses_file_is_not_run() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.program("key-tool", "echo ran > ran; echo 0a1b2c3d-1111");
    let path = env.config("[profiles.default]\napi_key_command = [\"key-tool\"]\n");
    if std::os::unix::fs::chown(&path, Some(12345), None).is_err() {
        return; // Only root can change the owner.
    }
    for command in ["hello", "launch --id x --guest"] {
        let output = env.run(command);
        output.failed(2).says(&[
            "error: api_key_command in profile default: not run, because the config file belongs \
             to another user",
        ]);
    }
    assert!(!env.path("work/ran").exists());
    // A key from elsewhere makes the command unnecessary, and a file owned by root is trusted.
    env.run("launch --id x --guest --dry-run").succeeded("{\"id\":\"x\"}\n");
    std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    env.run("hello --timeout 1s --api-url http://127.0.0.1:1/").failed(3).says(&["was not used"]);
}

#[test]
fn a_misspelt_variable_causes_a_warning_with_the_right_name() {
    let warning =
        "warning: LESSONSPACE_APIKEY is not a known variable; did you mean LESSONSPACE_API_KEY?\n";
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").set("LESSONSPACE_APIKEY", key("misplaced"));
    env.run("hello").failed(3).says(&[warning]);
    env.run("launch --id x --guest --dry-run -q").succeeded("{\"id\":\"x\"}\n").says(&[warning]);
    env.run("logout").succeeded("").says(&[warning]);
    env.set("LESSONSPACE_APIKEY", "").set("LESSONSPACE_ROSTER", "x");
    env.run("launch --id x --guest --dry-run")
        .succeeded("{\"id\":\"x\"}\n")
        .does_not_say(&["mean"]);
}
