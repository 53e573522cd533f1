//! Where the key comes from, which source takes precedence, how it is cleaned, and that it is never
//! shown.

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::support::{KEY, TestEnv, key};

/// An environment with a different key in every source, in order of precedence.
fn every_source(api: &Api) -> TestEnv {
    let env = TestEnv::new();
    let url = api.url();
    let profile = |name: &str| {
        format!("[profiles.{name}]\napi_key = \"{}\"\napi_url = \"{url}\"\n", key(name))
    };
    env.config(&["default", "flag", "variable"].map(profile).concat());
    env.write("flag.key", key("flag-file"));
    env.write("variable.key", key("variable-file"));
    env.set("LESSONSPACE_API_KEY", key("variable-itself"));
    env.set("LESSONSPACE_API_KEY_FILE", "variable.key");
    env.set("LESSONSPACE_PROFILE", "variable");
    env
}

#[test]
fn the_first_source_in_the_documented_order_is_used() {
    let api = Api::start();
    let env = every_source(&api);
    let body = || json!({"id": "x"});
    // Each step removes the source with the highest precedence; the next one is used.
    let steps: [(&str, &str, &[&str], &str); 6] = [
        ("--api-key-file flag.key --profile flag", "flag-file", &[], "flag.key"),
        ("--profile flag", "flag", &[], "flag"),
        ("", "variable-itself", &[], "LESSONSPACE_API_KEY"),
        ("", "variable-file", &["LESSONSPACE_API_KEY"], "variable.key"),
        ("", "variable", &["LESSONSPACE_API_KEY_FILE"], "variable"),
        ("", "default", &["LESSONSPACE_PROFILE"], "default"),
    ];
    for (flags, name, gone, source) in steps {
        for variable in gone {
            env.unset(variable);
        }
        let _launch = api.launch_with_key(&key(name), body(), 201, &answer()).times(1);
        env.run(&format!("launch --id x --guest -v {flags}"))
            .succeeded(&link_line())
            .says(&[source]);
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let api = Api::start();
    let env = every_source(&api);
    for name in [
        "LESSONSPACE_API_KEY",
        "LESSONSPACE_API_KEY_FILE",
        "LESSONSPACE_PROFILE",
        "LESSONSPACE_API_URL",
    ] {
        env.set(name, "");
    }
    env.set("LESSONSPACE_CONFIG", "").set("LESSONSPACE_SANDBOX", "");
    let _launch = api.launch_with_key(&key("default"), json!({"id": "x"}), 201, &answer());
    env.run("launch --id x --guest").succeeded(&link_line());
}

#[test]
fn whatever_people_paste_around_the_key_is_removed() {
    for pasted in [
        format!("{KEY}\n"),
        format!("  {KEY}\t\r\n\r\n"),
        format!("\u{feff}{KEY}"),
        format!("\"{KEY}\""),
        format!("'{KEY}'"),
        format!("Organisation {KEY}"),
        format!(" \"Organisation {KEY}\" \r\n"),
        format!("Organisation \"{KEY}\"\n"),
        format!("\u{feff}  '{KEY}'\n"),
        format!("Organisation   {KEY}"),
    ] {
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 201, &answer()).times(3);
        let env = api.env();
        env.write("pasted.key", &pasted);
        env.run("launch --id x --guest --api-key-file pasted.key").succeeded(&link_line());
        env.cmd("launch --id x --guest --api-key-file -")
            .stdin(&pasted)
            .run()
            .succeeded(&link_line());
        env.cmd("launch --id x --guest")
            .var("LESSONSPACE_API_KEY", &pasted)
            .run()
            .succeeded(&link_line());
    }
}

#[test]
fn an_unusable_key_exits_3_with_its_length_and_source_but_no_part_of_it() {
    for (pasted, length) in [
        (format!("{KEY} {KEY}"), 2 * KEY.len() + 1),
        (format!("{KEY}\n{KEY}"), 2 * KEY.len() + 1),
        (format!("{KEY}\t1"), KEY.len() + 2),
        (format!("{KEY}\u{7}1"), KEY.len() + 2),
        (format!("{KEY}é"), KEY.len() + 1),
        (format!("{KEY}\u{a0}1"), KEY.len() + 2),
        (format!("{KEY}\u{200b}"), KEY.len() + 1),
        (format!("\u{201c}{KEY}\u{201d}"), KEY.len() + 2),
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        let env = api.env();
        env.write("pasted.key", &pasted);
        let length = length.to_string();
        let launch = env.run("launch --id x --guest --api-key-file pasted.key");
        launch.failed(3).says(&["pasted.key", &length]);
        let hello = env.cmd("hello -v").var("LESSONSPACE_API_KEY", &pasted).run();
        hello.failed(3).says(&["LESSONSPACE_API_KEY", &length]);
        env.run("hello --json --api-key-file pasted.key").json_error(3, "key");
    }
}

#[test]
fn an_empty_key_is_unusable() {
    for pasted in ["", "\n", "  \"\"  ", "Organisation ", "''", "\u{feff}"] {
        let api = Api::start();
        let _never = api.anything().never();
        let env = api.env();
        env.write("pasted.key", pasted);
        env.run("hello --api-key-file pasted.key").failed(3).says(&["pasted.key"]);
    }
}

#[test]
fn a_missing_key_exits_3_and_says_where_to_put_one() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.unset("LESSONSPACE_API_KEY");
    for line in ["launch --id x --guest", "add-user --id x --guest", "hello"] {
        env.cmd(line).silent_stdin().run().failed(3).says(&["LESSONSPACE_API_KEY"]).hint();
        env.run(&format!("{line} --json")).json_error(3, "key");
    }
}

#[test]
fn a_wrong_command_line_is_reported_before_a_missing_key() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.run("launch --id= --guest").failed(2);
}

#[test]
fn a_key_file_that_cannot_be_read_sends_nothing() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    std::fs::create_dir(env.path("work/folder")).unwrap();
    env.write("empty.key", "");
    for (name, code) in [("missing.key", 3), ("empty.key", 3), ("folder", 2)] {
        env.run(&format!("hello --api-key-file {name}")).failed(code).says(&[name]);
        let run = env.cmd("hello").var("LESSONSPACE_API_KEY", "");
        let output = run.var("LESSONSPACE_API_KEY_FILE", name).run();
        output.failed(code).says(&["LESSONSPACE_API_KEY_FILE", name]);
    }
    env.run("hello --api-key-file folder --json").json_error(2, "usage");
    env.run("login --api-key-file folder").failed(2).says(&["folder, not a file"]);
    env.write("binary.key", [0xff, 0xfe, 0, 1]);
    env.run("hello --api-key-file binary.key").failed(3).says(&["binary.key"]);
}

#[test]
fn no_flag_accepts_a_key() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    for line in ["hello --api-key", "hello --key", "launch --id x --guest --api-key"] {
        env.cmd(line).arg(KEY).run().failed(2);
        env.run(&format!("{line}={KEY}")).failed(2);
    }
}

#[test]
fn help_does_not_show_the_environment() {
    let env = TestEnv::new();
    env.set("LESSONSPACE_PROFILE", "hidden-profile").set("LESSONSPACE_API_KEY_FILE", "hidden-file");
    env.set("LESSONSPACE_API_URL", "https://hidden.example/");
    for line in ["--help", "help", "launch --help", "add-user --help", "hello -h", "help launch"] {
        let output = env.run(line);
        assert!(output.code == Some(0) && !output.stdout.contains("hidden"), "{output}");
    }
}

#[test]
fn verbose_shows_the_source_and_the_url() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let port = api.url().split(':').nth(2).unwrap().trim_end_matches("/v2/").to_owned();
    api.env().run("launch --id x --guest --verbose").says(&["LESSONSPACE_API_KEY", &port]);
}

#[test]
fn a_key_of_fewer_than_8_characters_is_refused() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    for (pasted, printed) in [("a", "1 character"), ("'Abc-123'", "7 characters")] {
        let output = env.cmd("hello").var("LESSONSPACE_API_KEY", pasted).run();
        output.failed(3).says(&[
            &format!("error: invalid API key: it has only {printed}\n"),
            "  the key came from LESSONSPACE_API_KEY\n",
            "hint: check it under Settings > Developer, or run: lessonspace login\n",
        ]);
        output.does_not_say(&["Abc"]);
    }
}

#[test]
fn a_bad_key_is_reported_with_advice_for_its_source() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("bad.key", "two words");
    let advice = |line: &str| env.run(line).failed(3).hint().to_owned();
    let contains = "contains only the key (dashboard: Settings > Developer)";
    assert_eq!(advice("hello --api-key-file bad.key"), format!("check that the file {contains}"));
    let login = env.cmd("login --api-key-file -").stdin("two words").run();
    assert_eq!(login.failed(3).hint(), format!("check that standard input {contains}"));
    env.config(
        "[profiles.default]\napi_key = \"short\"\n[profiles.'my school']\napi_key = \"x\"\n",
    );
    let check = "check it under Settings > Developer, or run: lessonspace login";
    assert_eq!(advice("hello"), check);
    let named = env.cmd("hello --profile").arg("my school").run();
    assert_eq!(named.failed(3).hint(), format!("{check} --profile 'my school'"));
}

#[test]
#[cfg(unix)]
fn a_key_file_readable_by_others_causes_a_warning_and_a_writable_one_is_refused() {
    use crate::support::set_mode;
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}").times(4);
    let env = api.env();
    env.unset("LESSONSPACE_API_KEY");
    let path = env.write("my.key", KEY);
    let warning =
        "warning: my.key can be read by other users; to fix this, run: chmod 600 'my.key'\n";
    for (mode, is_warned) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
        set_mode(&path, mode);
        let output = env.run("hello --api-key-file my.key");
        output.succeeded("Hi\n");
        assert_eq!(output.stderr.contains(warning), is_warned, "{output}");
    }
    for mode in [0o620, 0o602, 0o666] {
        set_mode(&path, mode);
        let refused = "can be changed by other users; to fix this, run: chmod 600 'my.key'\n";
        env.run("hello --api-key-file my.key")
            .failed(2)
            .says(&[&format!("error: --api-key-file (my.key) {refused}")]);
        env.cmd("hello").var("LESSONSPACE_API_KEY_FILE", "my.key").run().failed(2).says(&[refused]);
        env.run("login --api-key-file my.key").failed(2).says(&[refused]);
    }
}

#[test]
fn the_sandbox_variable_overrides_other_variables_but_not_flags() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.set("LESSONSPACE_SANDBOX", "1").set("LESSONSPACE_API_KEY_FILE", "missing.key");
    let hello = env.run("hello");
    assert_eq!(hello.code, Some(0), "{hello}");
    hello.says(&["warning: LESSONSPACE_SANDBOX is set, so LESSONSPACE_API_URL and \
                  LESSONSPACE_API_KEY_FILE are not used\n"]);
    env.unset("LESSONSPACE_API_URL").set("LESSONSPACE_API_KEY_FILE", "-");
    let launch = env.cmd("launch --file - --field created").stdin("{\"id\":\"x\"}").run();
    launch.succeeded("true\n").says(&["so LESSONSPACE_API_KEY_FILE is not used\n"]);
    for (flags, other) in [
        (format!("--api-url {}", api.url()), "--api-url"),
        ("--api-key-file missing.key".to_owned(), "--api-key-file"),
    ] {
        let message = format!("cannot be used with {other}: the sandbox has its own API and key");
        let variable = env.run(&format!("hello {flags}"));
        variable.failed(2).says(&[&format!("error: LESSONSPACE_SANDBOX {message}\n")]);
        let flag = env.run(&format!("hello --sandbox {flags}"));
        flag.failed(2).says(&[&format!("error: --sandbox {message}\n")]);
    }
    env.set("LESSONSPACE_SANDBOX", "maybe");
    env.run("hello").failed(2).says(&["LESSONSPACE_SANDBOX: expected 1 or 0, not \"maybe\"\n"]);
}
