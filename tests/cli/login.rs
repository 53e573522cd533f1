//! `login` and `logout`: a key is saved only if it works, and nothing else is lost.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::mock::{Api, Expected};
use crate::support::{KEY, TestEnv, key};

const GREETING: &str = "{\"response\": \"Hi\"}";

fn greets<'api>(api: &'api Api, key: &str) -> Expected<'api> {
    api.hello(key, 200, GREETING)
}

fn path(env: &TestEnv) -> PathBuf {
    env.path("config/lessonspace/config.toml")
}

fn config(env: &TestEnv) -> String {
    fs::read_to_string(path(env)).unwrap_or_default()
}

/// An environment for this API without a key.
fn keyless(api: &Api) -> TestEnv {
    let env = api.env();
    env.unset("LESSONSPACE_API_KEY");
    env
}

#[test]
fn a_key_from_standard_input_or_a_file_is_checked_and_saved() {
    let api = Api::start();
    let _hello = greets(&api, &key("saved")).times(3);
    let env = keyless(&api);
    let saved = format!("saved the API key to profile default in {}\n", path(&env).display());
    let output = env.cmd("login --api-key-file -").stdin(format!("\u{feff}{}\r\n", key("saved")));
    output.run().succeeded("").says(&[&saved]);
    let expected = format!(
        "[profiles.default]\napi_key = \"{}\"\napi_url = \"{}\"\n",
        key("saved"),
        api.url()
    );
    assert_eq!(config(&env), expected);
    env.run("hello").succeeded("Hi\n");
    env.write("key.txt", key("saved"));
    env.run("login --api-key-file key.txt -q").succeeded("").does_not_say(&["saved"]);
    assert_eq!(config(&env), expected);
}

#[cfg(unix)]
#[test]
fn only_this_user_can_read_file_and_folder_and_a_symbolic_link_is_kept() {
    use crate::support::set_mode;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let api = Api::start();
    let _hello = greets(&api, &key("saved")).times(2);
    let env = keyless(&api);
    let login = || env.cmd("login --api-key-file -").stdin(key("saved")).run();
    env.set("XDG_CONFIG_HOME", env.path("home/new"));
    login().succeeded("");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(env.path("home/new/lessonspace")), 0o700);
    assert_eq!(mode(env.path("home/new/lessonspace/config.toml")), 0o600);
    env.set("XDG_CONFIG_HOME", env.path("config"));
    fs::create_dir(env.path("config/dotfiles")).unwrap();
    let target = env.path("config/dotfiles/config.toml");
    fs::write(&target, "# mine\n").unwrap();
    set_mode(&target, 0o644);
    symlink("../dotfiles/config.toml", path(&env)).unwrap();
    login().succeeded("").says(&["can be read by other users"]);
    assert!(fs::symlink_metadata(path(&env)).unwrap().is_symlink());
    assert_eq!(mode(target), 0o600);
    assert!(config(&env).starts_with("# mine\n"), "{}", config(&env));
}

#[test]
fn comments_other_profiles_and_other_settings_are_kept() {
    let api = Api::start();
    let _hello = greets(&api, &key("new"));
    let env = keyless(&api);
    let before = format!(
        "# schools\n\n[profiles.default] # me\nuser_name = 'Peter' # that's me\n\n[profiles.west]\n\
         # old\napi_key = \"{}\" # from May\ntime_zone = \"Europe/London\"\n# end\n",
        key("old")
    );
    env.config(&before);
    env.cmd("login --profile west --api-key-file -").stdin(key("new")).run().succeeded("");
    let url = format!("London\"\napi_url = \"{}\"\n", api.url());
    let expected = before.replace(&key("old"), &key("new")).replace("London\"\n", &url);
    assert_eq!(config(&env), expected);
}

#[test]
fn a_new_profile_is_created_and_its_key_is_used_nowhere_else() {
    let api = Api::start();
    let _hello = greets(&api, &key("east")).times(2);
    let env = keyless(&api);
    env.unset("LESSONSPACE_API_URL");
    let login = format!("login --profile east --api-url {} --api-key-file -", api.url());
    env.cmd(&login).stdin(key("east")).run().succeeded("").says(&["profile east"]);
    env.run("hello --profile east").succeeded("Hi\n");
    env.run("hello --profile east --api-url http://127.0.0.1:1/").failed(3);
    env.run("hello --profile west").failed(2).says(&["no profile west"]);
}

#[test]
fn the_file_named_by_the_variable_is_created() {
    let api = Api::start();
    let _hello = greets(&api, &key("saved"));
    let env = keyless(&api);
    let named = env.path("config/elsewhere/config.toml");
    env.set("LESSONSPACE_CONFIG", &named).set("LESSONSPACE_PROFILE", "new one");
    env.cmd("login --api-key-file -").stdin(key("saved")).run().succeeded("");
    let text = fs::read_to_string(named).unwrap();
    assert!(text.starts_with("[profiles.\"new one\"]\n"), "{text}");
}

#[test]
fn a_key_that_does_not_work_is_not_saved() {
    let api = Api::start();
    let refused = api.hello(&key("bad"), 401, "{\"detail\": \"Invalid token.\"}");
    let env = keyless(&api);
    let login = |text: &str| env.cmd("login --api-key-file -").stdin(text).run();
    login(&key("bad")).failed(3).says(&["refused the API key (401)", "--api-key-file"]);
    drop(refused);
    login("two words").failed(3).says(&["contains a space"]);
    login("").failed(3).says(&["it is empty"]);
    env.run("login --api-key-file nowhere.txt").failed(3).says(&["does not exist"]);
    let env = TestEnv::at("http://127.0.0.1:1/");
    let gone = env.cmd("login --timeout 1s --api-key-file -").stdin(key("bad")).run();
    assert_eq!(gone.code, Some(5), "{gone}");
    assert_eq!(config(&env), "");
}

#[test]
fn without_a_terminal_the_key_must_come_from_a_file() {
    let env = TestEnv::new();
    for line in ["login", "login --no-input", "login --profile x"] {
        let output = env.run(line);
        output.failed(3).says(&["no terminal to prompt for one"]);
        assert!(output.hint().contains("--api-key-file"), "{output}");
    }
    env.run("login --json").json_error(3, "key");
    assert!(!path(&env).exists());
}

#[test]
fn the_sandbox_does_not_require_login() {
    let env = TestEnv::new();
    env.run("login --sandbox").failed(2).says(&["--sandbox cannot be used with login"]);
    env.run("login --sandbox --api-key-file x").failed(2);
    env.set("LESSONSPACE_SANDBOX", "1");
    let message =
        "error: LESSONSPACE_SANDBOX cannot be used with login: the sandbox needs no key\n";
    env.run("login").failed(2).says(&[message]);
}

#[test]
fn a_saved_key_does_not_hide_a_key_command() {
    let api = Api::start();
    let _nothing = api.anything().never();
    let env = keyless(&api);
    let text = "[profiles.default]\napi_key_command = [\"op\", \"read\"]\n";
    env.config(text);
    let output = env.cmd("login --api-key-file -").stdin(key("new")).run();
    output.failed(2).says(&["api_key_command (op)"]);
    assert_eq!(config(&env), text);
}

#[test]
fn an_invalid_file_is_left_unchanged() {
    let api = Api::start();
    let _nothing = api.anything().never();
    let env = keyless(&api);
    for text in ["[profiles.default\n", "[profiles.x]\nuser_name = 5\n"] {
        env.config(text);
        env.cmd("login --api-key-file -").stdin(key("new")).run().failed(2);
        env.run("logout").failed(2);
        assert_eq!(config(&env), text);
    }
}

#[test]
fn sources_that_override_the_saved_key_are_reported() {
    let api = Api::start();
    let _hello = greets(&api, &key("new"));
    let env = api.env();
    let output = env.cmd("login --api-key-file -").stdin(key("new")).run();
    output
        .succeeded("")
        .says(&["warning: LESSONSPACE_API_KEY is set and takes precedence over the saved key"]);
    env.run("logout")
        .succeeded("")
        .says(&["warning: LESSONSPACE_API_KEY is still set, so its key is still used"]);
}

#[test]
fn json_reports_what_was_saved_and_where_but_not_the_key() {
    let api = Api::start();
    let _hello = greets(&api, &key("new"));
    let env = keyless(&api);
    let output = env.cmd("login --json --api-key-file -").stdin(key("new")).run();
    let place = path(&env).display().to_string();
    let expected = json!({"profile": "default", "api_url": api.url(), "config_file": place});
    assert_eq!(output.json(), expected, "{output}");
    let removed = |yes: bool| json!({"profile": "default", "removed": yes, "config_file": place});
    assert_eq!(env.run("logout --json").json(), removed(true));
    assert_eq!(env.run("logout --json").json(), removed(false));
}

#[test]
fn logout_removes_only_the_key() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let before = format!(
        "# mine\n[profiles.default]\n# the key\napi_key = \"{}\"\nuser_id = \"T\"\n[profiles.w]\n\
         api_key = \"{}\"\napi_key_command = [\"op\"]\n",
        key("one"),
        key("two")
    );
    env.config(&before);
    let place = path(&env).display().to_string();
    let printed = format!("removed the API key from profile default in {place}");
    env.run("logout").succeeded("").says(&[&printed, "the key still works; to revoke it"]);
    let after = before.replace(&format!("api_key = \"{}\"\n", key("one")), "");
    assert_eq!(config(&env), after);
    let printed = format!("no API key saved in profile default ({place})");
    env.run("logout").succeeded("").says(&[&printed]);
    let left = "profile w still gets a key from api_key_command (op)";
    env.run("logout --profile w").succeeded("").says(&["removed", left]);
    let after = after.replace(&format!("api_key = \"{}\"\n", key("two")), "");
    assert_eq!(config(&env), after);
    env.run("logout --profile v").failed(2).says(&["no profile v"]);
    env.run("hello").failed(3);
}

#[test]
fn only_login_and_logout_accept_unknown_settings_and_keep_them() {
    let api = Api::start();
    let _hello = greets(&api, &key("new"));
    let env = keyless(&api);
    let before = format!(
        "[profiles.default]\ncolour = \"red\"\napi_key = \"{}\"\napi_url = \"{}\"\n\n[other.tool]\nx = 1\n",
        key("old"),
        api.url()
    );
    env.config(&before);
    let kept = [
        "left unchanged, but other commands reject it",
        "profiles.default.colour: unknown setting",
        "other: unknown setting",
    ];
    env.cmd("login --api-key-file -").stdin(key("new")).run().succeeded("").says(&kept);
    assert_eq!(config(&env), before.replace(&key("old"), &key("new")));
    env.run("hello").failed(2).says(&kept[1..]);
    env.run("logout").succeeded("").says(&kept).says(&["removed the API key"]);
    let line = format!("api_key = \"{}\"\n", key("old"));
    assert_eq!(config(&env), before.replace(&line, ""));
    env.run("logout --profile west").failed(2).says(&["no profile west"]);
}

#[test]
fn logout_without_a_file_creates_none() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.run("logout").succeeded("").says(&["no API key saved in profile default ("]);
    assert_eq!(fs::read_dir(env.path("config/lessonspace")).unwrap().count(), 0);
}

#[test]
fn no_concurrent_login_is_lost() {
    let api = Api::start();
    let _hello = greets(&api, KEY).times(8);
    let env = keyless(&api);
    env.write("key", KEY);
    let mut started: Vec<_> = (0..8)
        .map(|number| env.cmd(&format!("login --profile p{number} --api-key-file key")))
        .map(|run| (run.command().spawn().unwrap(), run))
        .collect();
    // Temporary files with keys may exist until all of them have ended.
    for (child, _) in &mut started {
        child.wait().unwrap();
    }
    for (child, run) in started {
        run.finish(child).succeeded("");
    }
    assert_eq!(config(&env).matches(KEY).count(), 8, "{}", config(&env));
    let value: Value = json!(fs::read_dir(env.path("config/lessonspace")).unwrap().count());
    assert_eq!(value, 2, "no temporary file is left");
}
