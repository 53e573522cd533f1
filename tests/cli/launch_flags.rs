//! The flags of `launch`, and the body field that each of them sets.

use serde_json::{Value, json};

use crate::mock::{Api, answer, link_line};
use crate::support::TestEnv;

/// All cases: flags, and the body without its `id`.
fn rows() -> Vec<(&'static [&'static str], Value)> {
    let hook = "https://example.org/hook";
    vec![
        (&["--user-id", "S_1"], json!({"user": {"id": "S_1"}})),
        (&["--user-id", "1001"], json!({"user": {"id": "1001"}})),
        (&["--user-name", "Zoë Müller"], json!({"user": {"name": "Zoë Müller"}})),
        (&["--user-email", "zoe@example.org"], json!({"user": {"email": "zoe@example.org"}})),
        (&["--user-id", "a", "--role", "teacher"], json!({"user": {"id": "a", "role": "teacher"}})),
        (&["--user-id", "a", "--leader"], json!({"user": {"id": "a", "leader": true}})),
        (&["--user-id", "a", "--leader=true"], json!({"user": {"id": "a", "leader": true}})),
        (&["--user-id", "a", "--leader=false"], json!({"user": {"id": "a", "leader": false}})),
        (
            &["--user-id", "a", "--display-name", "Mr P"],
            json!({"user": {"id": "a", "custom_jwt_parameters": {"meta": {"displayName": "Mr P"}}}}),
        ),
        (
            &["--user-id", "a", "--kick-on-expiry"],
            json!({"user": {"id": "a", "custom_jwt_parameters": {"kickOnExp": true}}}),
        ),
        (&["--guest"], json!({})),
        (&["--guest", "--feature", "chat.enabled"], json!({"features": {"chat.enabled": true}})),
        (
            &["--guest", "--feature", "chat.enabled=off", "--feature", "lobby=on"],
            json!({"features": {"chat.enabled": false, "lobby": true}}),
        ),
        (
            &["--guest", "--invite-url", "example.org/invite/:uuid"],
            json!({"invite_url": "example.org/invite/:uuid"}),
        ),
        (&["--guest", "--space-name", "Biology 101"], json!({"name": "Biology 101"})),
        (
            &[
                "--guest",
                "--record-av",
                "--record-content=false",
                "--transcribe",
                "--summarise=false",
            ],
            json!({"record_av": true, "record_content": false, "transcribe": true, "summarise": false}),
        ),
        (&["--guest", "--allow-guests=false"], json!({"allow_guests": false})),
        (
            &["--guest", "--webhook", "session.start=https://example.org/hook"],
            json!({"webhooks": {"session": {"start": hook}}}),
        ),
        (
            &["--guest", "--webhook", "session=https://example.org/hook"],
            json!({"webhooks": {"session": {"start": hook, "end": hook, "idle": hook}}}),
        ),
        (
            &[
                "--guest",
                "--webhook",
                "user=https://example.org/hook",
                "--webhook",
                "chat.message=https://example.org/c",
            ],
            json!({"webhooks": {
                "user": {"join": hook, "leave": hook, "idle": hook},
                "chat": {"message": "https://example.org/c"},
            }}),
        ),
    ]
}

#[test]
fn every_flag_sets_its_documented_field() {
    for (flags, mut body) in rows() {
        body["id"] = json!("biology101");
        let api = Api::start();
        let _launch = api.launch(body, 201, &answer());
        api.env()
            .cmd("launch --id biology101")
            .args(flags)
            .run()
            .succeeded(&link_line())
            .says(&["created Space biology101"]);
    }
}

#[test]
fn a_dry_run_prints_the_same_body_without_key_or_network() {
    for (flags, mut body) in rows() {
        body["id"] = json!("biology101");
        let env = TestEnv::new();
        env.unset("LESSONSPACE_API_KEY");
        let output = env.cmd("launch --dry-run --id biology101").args(flags).run();
        assert_eq!(output.code, Some(0), "{output}");
        assert_eq!(output.json(), body, "{output}");
        assert!(output.stdout.ends_with('\n'), "{output}");
    }
}

#[test]
fn webhooks_merge_into_the_files_object_and_an_empty_url_removes_one() {
    let env = TestEnv::new();
    env.write(
        "body.json",
        "{\"webhooks\": {\"session\": {\"start\": \"https://a.example/\", \"end\": \"https://b.example/\"}}}",
    );
    let output = env.run(
        "launch --id x --guest --dry-run --file body.json \
         --webhook session.start=https://c.example/ --webhook user.join=https://d.example/",
    );
    let hooks = json!({
        "session": {"start": "https://c.example/", "end": "https://b.example/"},
        "user": {"join": "https://d.example/"},
    });
    assert_eq!(output.json()["webhooks"], hooks, "{output}");
    let output = env.run("launch --id x --guest --dry-run --file body.json --webhook session.end=");
    let end = output.json()["webhooks"]["session"]["end"].clone();
    assert!(end.is_null() || end == "", "{output}");
}

#[test]
fn webhook_urls_must_be_absolute_web_addresses() {
    for value in [
        "session.start=example.org/hook",
        "session.start=/hook",
        "session.start=ftp://example.org/",
        "session.start=javascript:alert(1)",
        "session.start",
        "=https://example.org/",
        "session.start=https://",
        "session.start=https:///a",
    ] {
        let env = TestEnv::new();
        env.run(&format!("launch --id x --guest --dry-run --webhook {value}")).failed(2);
    }
}

#[test]
fn an_invalid_url_for_a_group_is_reported_once() {
    let output = TestEnv::new().run("launch --id x --guest --dry-run --webhook session=bad");
    output.failed(2).says(&["error: --webhook session: expected an absolute http or https URL"]);
}

#[test]
fn a_negative_duration_is_reported_with_and_without_an_equals_sign() {
    let env = TestEnv::new();
    for (flag, value) in [("--valid-for", "-90m"), ("--timeout", "-5")] {
        for line in [format!("{flag} {value}"), format!("{flag}={value}")] {
            let output = env.run(&format!("launch --id x --guest --dry-run {line}"));
            let says = format!("error: {flag}: \"{value}\" must be greater than zero");
            output.failed(2).says(&[&says]);
        }
    }
}

#[test]
fn a_webhook_below_an_event_is_refused_at_that_field() {
    let env = TestEnv::new();
    for flag in ["--webhook session.start.x=https://a/", "--set webhooks.session.start={}"] {
        let output = env.run(&format!("launch --id x --guest --dry-run {flag}"));
        output.failed(2).says(&["webhooks.session.start: expected an absolute http or https URL"]);
    }
}

#[test]
fn an_unknown_webhook_event_causes_a_warning_like_an_unknown_field() {
    let env = TestEnv::new();
    let line = "launch --id x --guest --dry-run --webhook session.strat=https://a.example/";
    let output = env.run(line);
    assert_eq!(output.json()["webhooks"]["session"]["strat"], "https://a.example/", "{output}");
    output.says(&["session.strat"]);
    env.run(&format!("{line} --strict")).failed(2).says(&["session.strat"]);
}

#[test]
fn settings_that_the_api_rejects_together_are_refused_before_sending() {
    let env = TestEnv::new();
    for (flags, says) in [
        (
            "--record-av=no --transcribe",
            "error: --transcribe requires --record-av, which is switched off\n",
        ),
        (
            "--record-av --transcribe=no --summarise",
            "error: --summarise requires --transcribe, which is switched off\n",
        ),
    ] {
        env.run(&format!("launch --id x --guest {flags}")).failed(2).says(&[says]);
    }
    env.run("launch --id x --guest --dry-run --summarise")
        .succeeded("{\"id\":\"x\",\"summarise\":true}\n");
}

#[test]
fn an_email_may_not_have_mailto_or_invisible_characters() {
    let env = TestEnv::new();
    for (address, says) in [
        ("mailto:a@example.org", "remove mailto: and use only the address"),
        ("a\u{200b}@example.org", "contains an invisible character (U+200B, zero width space)"),
        ("a b@example.org", "is not a valid email address; expected one such as anna@example.org"),
    ] {
        let run = env.cmd("launch --id x --dry-run --user-email").arg(address).run();
        run.failed(2).says(&["error: --user-email: ", says]);
    }
}
