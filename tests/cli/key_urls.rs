//! Where the key may be sent: to https, or to http on loopback; a profile's key only to its own URL.

use serde_json::json;

use crate::faults::{Faults, good};
use crate::mock::{Api, answer, link_line};
use crate::support::{KEY, TestEnv, key};

#[test]
fn urls_that_only_look_right_exit_2() {
    for url in [
        "http://api.thelessonspace.com/v2/",
        "http://127.0.0.1.example.org/v2/",
        "http://localhost.example.org/v2/",
        "http://127.0.0.1@example.org/v2/",
        "http://example.org/127.0.0.1/",
        "http://example.org#127.0.0.1/",
        "http://10.0.0.1/v2/",
        "http://192.168.1.1/v2/",
        "http://0.0.0.0/v2/",
        "http://[::2]/v2/",
        "http://[::ffff:10.0.0.1]/v2/",
        "https://pupil@api.thelessonspace.com/v2/",
        "https://pupil:hunter2@api.thelessonspace.com/v2/",
        "https://:hunter2@api.thelessonspace.com/v2/",
        "https://api.thelessonspace.com@example.org/v2/",
        "ftp://127.0.0.1/v2/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/plain,x",
        "api.thelessonspace.com/v2/",
        "//127.0.0.1/v2/",
        "https://",
        "nonsense",
        "https://api.thelessonspace.com/v2/?a=b",
        "https://api.thelessonspace.com/v2/#a",
    ] {
        let env = TestEnv::at(url);
        env.run("hello --timeout 300ms").failed(2).does_not_say(&["hunter2"]);
        let env = TestEnv::new();
        let output = env.cmd("launch --id x --guest --timeout 300ms --api-url").arg(url).run();
        output.failed(2).does_not_say(&["hunter2"]);
    }
}

#[test]
fn a_profiles_url_is_checked_like_any_other() {
    let env = TestEnv::new();
    env.config("[profiles.default]\napi_url = \"http://example.org/v2/\"\n");
    env.run("hello").failed(2).says(&["https"]);
}

#[test]
fn loopback_may_use_http_under_any_of_its_names() {
    let server = Faults::play(vec![good("201 Created")]);
    for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
        let env = TestEnv::at(&server.url().replace("127.0.0.1", host));
        env.run("launch --id x --guest").succeeded(&link_line());
    }
}

#[test]
fn a_missing_final_slash_is_added() {
    for (base, path) in
        [("/v2", "/v2/"), ("/v2/", "/v2/"), ("/a/b", "/a/b/"), ("", "/"), ("/", "/")]
    {
        let server = Faults::play(vec![good("201 Created")]);
        let env = TestEnv::at(&format!("{}{base}", server.origin()));
        env.run("launch --id x --guest").succeeded(&link_line());
        let line = format!("POST {path}spaces/launch/ HTTP/1.1");
        assert_eq!(server.requests()[0].line(), line);
    }
}

#[test]
fn the_flag_takes_precedence_over_the_variable_and_the_variable_over_the_profile() {
    let (flag, variable, profile) = (Api::start(), Api::start(), Api::start());
    let env = TestEnv::new();
    env.config(&format!("[profiles.default]\napi_url = \"{}\"\n", profile.url()));
    {
        let _launch = profile.launch(json!({"id": "x"}), 201, &answer());
        env.run("launch --id x --guest").succeeded(&link_line());
    }
    env.set("LESSONSPACE_API_URL", variable.url());
    {
        let _launch = variable.launch(json!({"id": "x"}), 201, &answer());
        env.run("launch --id x --guest").succeeded(&link_line());
    }
    let _launch = flag.launch(json!({"id": "x"}), 201, &answer());
    env.run(&format!("launch --id x --guest --api-url {}", flag.url())).succeeded(&link_line());
}

#[test]
fn a_profiles_key_is_never_sent_to_another_url() {
    let (own, other) = (Api::start(), Api::start());
    let _never = own.anything().never();
    let _never_either = other.anything().never();
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let url = own.url();
    for profile in [
        format!("api_key = \"{}\"\napi_url = \"{url}\"\n", key("bound")),
        // A profile without a URL belongs to the default one.
        format!("api_key = \"{}\"\n", key("bound")),
    ] {
        env.config(&format!("[profiles.default]\n{profile}[profiles.westside]\n{profile}"));
        let flag = format!("--api-url {}", other.url());
        for line in [format!("hello {flag}"), format!("hello --profile westside {flag}")] {
            env.run(&line).failed(3).says(&["it is for"]);
        }
        env.cmd("hello")
            .var("LESSONSPACE_API_URL", other.url())
            .run()
            .failed(3)
            .says(&["it is for"]);
    }
}

#[test]
fn an_api_key_command_is_bound_to_its_url_too_and_not_even_run() {
    let other = Api::start();
    let _never = other.anything().never();
    let env = other.env();
    env.unset("LESSONSPACE_API_KEY");
    let marker = env.path("work/was-run");
    let program = env.program("key-tool", &format!("echo > '{}'", marker.display()));
    env.config(&format!("[profiles.default]\napi_key_command = ['{}']\n", program.display()));
    env.run("hello").failed(3).says(&["it is for"]);
    assert!(!marker.exists(), "the command was run for a URL that is not the profile's");
}

#[test]
fn the_profiles_url_is_recognised_in_another_spelling() {
    let api = Api::start();
    let _hello = api.hello(&key("bound"), 200, "{\"response\": \"Hi\"}").times(2);
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let bare = api.url().trim_end_matches('/').to_owned();
    env.config(&format!(
        "[profiles.default]\napi_key = \"{}\"\napi_url = \"{bare}\"\n",
        key("bound")
    ));
    env.run("hello").succeeded("Hi\n");
    env.run(&format!("hello --api-url {}", api.url())).succeeded("Hi\n");
}

#[test]
fn a_key_from_the_environment_is_sent_to_the_url_from_the_environment() {
    let api = Api::start();
    let _hello = api.hello(KEY, 200, "{\"response\": \"Hi\"}");
    let env = api.env();
    env.config(&format!("[profiles.default]\napi_key = \"{}\"\n", key("bound")));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn a_named_profile_with_an_unused_key_causes_a_warning() {
    let api = Api::start();
    let env = api.env();
    env.config(&format!("[profiles.west]\napi_key = \"{}\"\n", key("west")));
    let launch = api.launch(json!({"id": "x"}), 201, &answer());
    env.run("launch --id x --guest --profile west")
        .succeeded(&link_line())
        .says(&["warning: the API key in profile west was not used: it is for https://api.thelessonspace.com/v2/"]);
    drop(launch);
}
