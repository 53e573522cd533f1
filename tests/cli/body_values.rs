//! What is sent, character by character: the text of the file, `--set`, and which takes precedence.

use serde_json::{Value, json};

use crate::faults::{Faults, good};
use crate::json_text::compact;
use crate::seen::as_printed;
use crate::support::TestEnv;

/// The body that a real run sends and a dry run prints, without surrounding whitespace.
fn sent(file: &str, flags: &str) -> String {
    let server = Faults::play(vec![good("201 Created")]);
    let env = server.env();
    env.write("body.json", file);
    let line = format!("launch --guest --file body.json {flags}");
    let output = env.run(&line);
    assert_eq!(output.code, Some(0), "{output}");
    let body = compact(&server.requests()[0].body);
    let dry = env.run(&format!("{line} --dry-run"));
    assert_eq!(compact(&dry.stdout), as_printed(&body), "the dry run shows something else\n{dry}");
    body
}

#[test]
fn the_order_numbers_and_text_of_unknown_fields_are_sent_as_is() {
    for file in [
        "{\"id\":\"x\",\"zeta\":1,\"alpha\":2,\"name\":\"n\",\"mid\":3}",
        "{\"id\":\"x\",\"n\":[1.10,1E5,1e+5,-0,-0.0,0.10000000000000000000000001,1E400]}",
        "{\"id\":\"x\",\"n\":123456789012345678901234567890}",
        "{\"id\":\"x\",\"n\":{\"b\":1,\"a\":[null,true,{\"d\":1,\"c\":2}]}}",
        "{\"id\":\"x\",\"t\":\"caf\\u00e9 \\/ é 😀 \\ud83d\\ude00\"}",
        "{\"id\":\"x\",\"t\":\"a\\tb\\\\c\\\"d\"}",
        "{\"id\":\"x\",\"\":1,\" \":2}",
        "{\"id\":\"x\",\"e\":{},\"f\":[]}",
        "{\"id\":\"x\",\"tags\":{\"b\":\"1\",\"a\":\"2\"}}",
        "{\"id\":\"x\",\"features\":{\"z.new\":true,\"a.new\":false}}",
    ] {
        assert_eq!(sent(file, ""), file);
    }
}

#[test]
fn comments_are_not_sent() {
    let file = "{\"id\": \"x\", // one\n \"n\": {/* two */ \"a\": 1.10, // three\n},}";
    assert_eq!(sent(file, ""), "{\"id\":\"x\",\"n\":{\"a\":1.10}}");
}

#[test]
fn other_fields_are_unchanged_when_a_flag_changes_one() {
    let file = "{\"id\":\"x\",\"z\":1.10,\"record_av\":false,\"a\":1E5}";
    let body = sent(file, "--record-av");
    assert_eq!(body, "{\"id\":\"x\",\"z\":1.10,\"record_av\":true,\"a\":1E5}");
}

#[test]
fn deep_nesting_is_sent_or_refused_without_a_crash() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let inner = if open == "[" { "" } else { "1" };
        let file = format!(
            "{{\"id\":\"x\",\"deep\":{}{inner}{}}}",
            open.repeat(20_000),
            close.repeat(20_000)
        );
        let env = TestEnv::new();
        env.write("body.json", &file);
        let output = env.run("launch --guest --dry-run --file body.json");
        match output.code {
            Some(0) => assert_eq!(compact(&output.stdout), file),
            _ => drop(output.failed(2).says(&["body.json"])),
        }
        let output = env
            .cmd("launch --id x --guest --dry-run")
            .arg(format!("--set=deep={}", &file[16..]))
            .run();
        assert!(matches!(output.code, Some(0 | 2)), "{:?}", output.code);
    }
}

/// The body of a dry run with these `--set` values, without the id.
fn set(values: &[&str]) -> Value {
    let env = TestEnv::new();
    let mut run = env.cmd("launch --id x --dry-run");
    for value in values {
        run = run.arg("--set").arg(value);
    }
    let output = run.run();
    assert_eq!(output.code, Some(0), "{output}");
    let mut body = output.json();
    assert_eq!(body["id"], "x", "{output}");
    body.as_object_mut().unwrap().remove("id");
    body
}

#[test]
fn set_gives_known_fields_their_documented_type_and_others_json_or_text() {
    let rows: Vec<(&[&str], Value)> = vec![
        (&["user.id=1001"], json!({"user": {"id": "1001"}})),
        (&["user.id=true"], json!({"user": {"id": "true"}})),
        (&["user.name=1.10"], json!({"user": {"name": "1.10"}})),
        (&["name=a=b"], json!({"name": "a=b"})),
        (&["name={\"a\":1}"], json!({"name": "{\"a\":1}"})),
        (&["record_av=true"], json!({"record_av": true})),
        (&["user.leader=false"], json!({"user": {"leader": false}})),
        (&["features.chat.enabled=false"], json!({"features": {"chat.enabled": false}})),
        (&["features.brand.new.key=true"], json!({"features": {"brand.new.key": true}})),
        (&["features={\"lobby\": true}"], json!({"features": {"lobby": true}})),
        (&["brand_new=5"], json!({"brand_new": 5})),
        (&["brand_new=five"], json!({"brand_new": "five"})),
        (&["brand_new=\"5\""], json!({"brand_new": "5"})),
        (&["brand_new="], json!({"brand_new": ""})),
        (&["brand_new=null"], json!({"brand_new": null})),
        (&["brand_new={\"a\": [1]}"], json!({"brand_new": {"a": [1]}})),
        (&["brand_new={\"a\": [1}"], json!({"brand_new": "{\"a\": [1}"})),
        (&["brand.new=1", "brand.old=2"], json!({"brand": {"new": 1, "old": 2}})),
        (&["name=a", "name=b"], json!({"name": "b"})),
        (
            &[
                "user.custom_jwt_parameters.level=3",
                "user.custom_jwt_parameters.meta.displayName=7",
            ],
            json!({"user": {"custom_jwt_parameters": {"level": 3, "meta": {"displayName": "7"}}}}),
        ),
        (
            &["webhooks.session.start=https://a.example/?b=c"],
            json!({"webhooks": {"session": {"start": "https://a.example/?b=c"}}}),
        ),
        (&["user={\"id\": \"a\"}", "user.name=b"], json!({"user": {"id": "a", "name": "b"}})),
        (&["space_tags.term=1"], json!({"space_tags": {"term": "1"}})),
    ];
    for (values, body) in rows {
        assert_eq!(set(values), body, "{values:?}");
    }
}

#[test]
fn a_number_in_set_is_sent_as_is() {
    assert_eq!(sent("{\"id\":\"x\"}", "--set price=1.10"), "{\"id\":\"x\",\"price\":1.10}");
    assert_eq!(
        sent("{\"id\":\"x\"}", "--set big=123456789012345678901234567890"),
        "{\"id\":\"x\",\"big\":123456789012345678901234567890}"
    );
}

#[test]
fn an_invalid_set_exits_2() {
    for value in [
        "name",
        "=x",
        "record_av=maybe",
        "record_av=",
        "user.leader=2",
        "user=text",
        "a..b=1",
        ".a=1",
        "a.=1",
        "features.chat.enabled=perhaps",
        "timeouts.not_after=soon",
        "webhooks=5",
        "name.first=x",
    ] {
        let env = TestEnv::new();
        let output = env.cmd("launch --id x --guest --dry-run --set").arg(value).run();
        output.failed(2);
    }
}

#[test]
fn flags_take_precedence_over_set_and_set_over_the_file() {
    let env = TestEnv::new();
    env.write("body.json", "{\"name\": \"file\", \"record_av\": false, \"locale\": \"fr\"}");
    let output = env.run(
        "launch --id x --guest --dry-run --file body.json --set name=set --set record_av=false \
         --record-av --locale-is-no-flag",
    );
    output.failed(2);
    let output = env.run(
        "launch --id x --guest --dry-run --file body.json --set name=set --set record_av=false --record-av",
    );
    let body = json!({"id": "x", "name": "set", "record_av": true, "locale": "fr"});
    assert_eq!(output.json(), body, "{output}");
}

#[test]
fn the_profiles_person_is_replaced_as_a_whole() {
    let env = TestEnv::new();
    env.config(
        "[profiles.default]\nuser_id = \"T_1\"\nuser_name = \"Peter\"\nuser_email = \"p@example.org\"\n",
    );
    env.write("id.json", "{\"user\": {\"id\": \"S_1\"}}");
    env.write("role.json", "{\"user\": {\"role\": \"teacher\"}}");
    let own = json!({"id": "T_1", "name": "Peter", "email": "p@example.org"});
    let with = |key: &str, value: Value| {
        let mut person = own.clone();
        person[key] = value;
        person
    };
    for (flags, person) in [
        ("", own.clone()),
        ("--leader", with("leader", json!(true))),
        ("--role teacher", with("role", json!("teacher"))),
        ("--file role.json", with("role", json!("teacher"))),
        ("--set user.leader=true", with("leader", json!(true))),
        ("--user-id S_1", json!({"id": "S_1"})),
        ("--user-name Miles --leader", json!({"name": "Miles", "leader": true})),
        ("--user-email m@example.org", json!({"email": "m@example.org"})),
        ("--set user.name=Miles", json!({"name": "Miles"})),
        ("--file id.json", json!({"id": "S_1"})),
        ("--file id.json --user-name Miles", json!({"id": "S_1", "name": "Miles"})),
        ("--guest", Value::Null),
    ] {
        let output = env.run(&format!("launch --id x --dry-run {flags}"));
        assert_eq!(output.json()["user"], person, "{output}");
    }
}

#[test]
fn an_empty_user_object_does_not_crash() {
    let env = TestEnv::new();
    env.write("body.json", "{\"user\": {}}");
    let output = env.run("launch --id x --dry-run --file body.json");
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn an_error_inside_a_set_object_names_its_field() {
    let env = TestEnv::new();
    let user = "user={\"email\":\"x\",\"role\":\"TEACHER\",\"leader\":\"yes\"}";
    let output = env.cmd("launch --id x --dry-run --set").arg(user).run();
    output.failed(2).says(&[
        "--set user: user.email: \"x\" is not a valid email address",
        "--set user: user.leader: expected true or false",
    ]);
    let whole = env.cmd("launch --id x --dry-run --set").arg("user.email=x").run();
    whole.failed(2).says(&["error: --set user.email: \"x\" is not a valid email address"]);
}
