//! Cancelled prompts, and the prompt for the key.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::mock::{Api, Expected, answer, link_line};
use crate::support::{TestEnv, key};
use crate::terminal::Terminal;

const ID: &str = "Space id";
const KEY_QUESTION: &str = "API key (from the dashboard, Settings > Developer; input is hidden)";
const SAVE: &str = "Save the API key to profile default?";

fn greets<'api>(api: &'api Api, name: &str) -> Expected<'api> {
    api.hello(&key(name), 200, "{\"response\": \"Hi\"}")
}

/// An environment for this API without a key.
fn keyless(api: &Api) -> TestEnv {
    let env = api.env();
    env.unset("LESSONSPACE_API_KEY");
    env
}

fn config(env: &TestEnv) -> Option<String> {
    fs::read_to_string(env.path("config/lessonspace/config.toml")).ok()
}

#[test]
fn a_cancelled_prompt_restores_the_terminal_and_exits_130() {
    for keys in ["\u{3}", "\u{1b}", "\u{4}", "half\u{3}", "half\u{4}"] {
        let api = Api::start();
        let _nothing = api.anything().never();
        let mut terminal = Terminal::start(&api.env().cmd("launch"));
        terminal.wait_for(ID).keys(keys);
        terminal.end().ended(130, &["\r\nerror: interrupted\r\n"]);
    }
    for keys in ["\u{3}", "\u{1b}", "q"] {
        let mut terminal = Terminal::start(&TestEnv::new().cmd("launch"));
        terminal.wait_for(ID).line("x").wait_for("Your name").line("Anna");
        terminal.wait_for("Will you lead the lesson?").keys(keys);
        terminal.end().ended(130, &["\r\nerror: interrupted\r\n"]);
    }
}

#[test]
fn a_cancelled_hidden_prompt_shows_typing_again() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    for line in ["hello", "login", "launch --id x"] {
        for keys in ["\u{3}", "half of a key\u{3}"] {
            let mut terminal = Terminal::start(&env.cmd(line));
            terminal.wait_for(KEY_QUESTION).wait_until_hidden().keys(keys);
            terminal.end().ended(130, &["error: interrupted"]).without(&["half"]);
        }
    }
    assert_eq!(config(&env), None);
}

#[test]
fn an_empty_key_is_prompted_for_again_with_the_reason_but_not_forever() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    for keys in ["\r", "\u{4}"] {
        let mut terminal = Terminal::start(&env.cmd("login"));
        for _ in 0..2 {
            terminal.wait_for(KEY_QUESTION).wait_until_hidden().keys(keys);
            terminal.wait_for("[hidden]\r\n").wait_for("warning: no key entered; paste the key");
        }
        terminal.wait_for(KEY_QUESTION).wait_until_hidden().keys(keys);
        terminal.end().ended(130, &["error: interrupted"]);
    }
}

#[test]
fn a_signal_ends_every_prompt_and_restores_the_terminal() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let env = TestEnv::new();
        env.unset("LESSONSPACE_API_KEY");
        let mut terminal = Terminal::start(&env.cmd("launch"));
        terminal.wait_for(ID).signal(signal);
        terminal.end().ended(code, &["error: interrupted"]);
        let mut terminal = Terminal::start(&env.cmd("launch"));
        terminal.wait_for(ID).line("x").wait_for("Your name").line("Anna");
        terminal.wait_for("Will you lead the lesson?").signal(signal);
        terminal.end().ended(code, &["error: interrupted"]);
        let mut terminal = Terminal::start(&env.cmd("hello"));
        terminal.wait_for(KEY_QUESTION).wait_until_hidden().signal(signal);
        terminal.end().ended(code, &["error: interrupted"]);
    }
}

#[test]
fn a_missing_key_is_prompted_for_checked_and_saved() {
    let api = Api::start();
    let _hello = greets(&api, "typed");
    let body = json!({"id": "x"});
    let _launch = api.launch_with_key(&key("typed"), body, 201, &answer()).times(2);
    let env = keyless(&api);
    let mut terminal = Terminal::start(&env.cmd("launch --id x"));
    terminal.answer_hidden(KEY_QUESTION, &format!(" \"{}\" ", key("typed")));
    terminal.wait_for(SAVE).keys("y");
    let saved = "saved the API key to profile default in ";
    terminal.end().ended(0, &[saved, link_line().trim(), "created Space x"]);
    let expected = format!(
        "[profiles.default]\napi_key = \"{}\"\napi_url = \"{}\"\n",
        key("typed"),
        api.url()
    );
    assert_eq!(config(&env), Some(expected));
    let path = env.path("config/lessonspace/config.toml");
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    // From now on there are no prompts.
    env.run("launch --id x").succeeded(&link_line());
}

#[test]
fn a_key_that_is_not_saved_works_once() {
    let api = Api::start();
    let _hello = greets(&api, "once").times(2);
    let env = keyless(&api);
    let mut terminal = Terminal::start(&env.cmd("hello"));
    terminal.answer_hidden(KEY_QUESTION, &key("once"));
    terminal.wait_for(SAVE).keys("n");
    terminal.end().ended(0, &["API key not saved", "lessonspace login", "\nHi\r\n"]);
    assert_eq!(config(&env), None);
}

#[test]
fn an_unusable_key_is_prompted_for_again() {
    let api = Api::start();
    let _refused = api.hello(&key("wrong"), 401, "{\"detail\": \"Invalid token.\"}");
    let _hello = greets(&api, "right").times(2);
    let env = keyless(&api);
    let mut terminal = Terminal::start(&env.cmd("hello"));
    terminal.answer_hidden(KEY_QUESTION, "short");
    terminal
        .wait_for("invalid API key: it has only 5 characters")
        .answer_hidden(KEY_QUESTION, &key("wrong"));
    terminal.wait_for("Lessonspace refused the API key (401)");
    terminal.answer_hidden(KEY_QUESTION, &key("right"));
    terminal.wait_for(SAVE).keys("\u{1b}");
    // Esc at the offer to save cancels the whole command.
    terminal.end().ended(130, &[]);
    let mut terminal = Terminal::start(&env.cmd("hello"));
    terminal.answer_hidden(KEY_QUESTION, &key("right"));
    terminal.wait_for(SAVE).keys("\u{3}");
    terminal.end().ended(130, &[]);
}

#[test]
fn the_prompts_end_after_three_rejected_keys() {
    let api = Api::start();
    let _refused = api.hello(&key("wrong"), 403, "{\"detail\": \"No.\"}").times(3);
    let env = keyless(&api);
    let mut terminal = Terminal::start(&env.cmd("login"));
    for _ in 0..3 {
        terminal.answer_hidden(KEY_QUESTION, &key("wrong"));
    }
    let printed = [
        "error: Lessonspace refused the API key (403)",
        "the key came from the prompt",
        "hint: copy the key again from the dashboard (Settings > Developer)",
    ];
    terminal.end().ended(3, &printed).without(&["lessonspace login"]);
    assert_eq!(config(&env), None);
}

#[test]
fn a_profile_with_a_key_for_another_url_keeps_it() {
    let api = Api::start();
    let _hello = greets(&api, "typed").times(2);
    let env = keyless(&api);
    let own = format!("[profiles.default]\napi_key = \"{}\"\n", key("own"));
    env.config(&own);
    let mut terminal = Terminal::start(&env.cmd("hello"));
    terminal.wait_for("the API key in profile default was not used");
    terminal.answer_hidden(KEY_QUESTION, &key("typed"));
    terminal.end().ended(0, &["API key not saved"]).without(&[SAVE]);
    assert_eq!(config(&env), Some(own));
}

#[test]
fn a_key_that_cannot_be_saved_still_works() {
    let api = Api::start();
    let _hello = greets(&api, "typed").times(2);
    let env = keyless(&api);
    fs::create_dir(env.path("config/lessonspace/config.toml.lock")).unwrap();
    let mut terminal = Terminal::start(&env.cmd("hello"));
    terminal.answer_hidden(KEY_QUESTION, &key("typed"));
    terminal.wait_for(SAVE).keys("\r");
    terminal.end().ended(0, &["warning: could not save the API key: ", "\nHi\r\n"]);
}

#[test]
fn verbose_and_quiet_may_be_repeated() {
    let env = TestEnv::new();
    for flags in ["-v -v", "-vv", "-v --verbose", "-q -q", "-qq"] {
        for line in ["launch --id x --guest --dry-run", "add-user --id x --guest --dry-run"] {
            env.run(&format!("{line} {flags}")).succeeded("{\"id\":\"x\"}\n");
        }
        env.run(&format!("login {flags}")).failed(3);
    }
    env.run("launch --id x --guest --dry-run -v -q").failed(2);
}
