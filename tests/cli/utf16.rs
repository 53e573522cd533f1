//! Files written with `>` in Windows PowerShell: UTF-16 with a BOM, and CRLF.

use std::fs;

use serde_json::json;

use crate::mock::{Api, SECRET, answer, link_line};
use crate::support::{TestEnv, key, set_mode};
use crate::webhook::{BODY, HEX};

fn redirected(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Writes `config.toml` with these bytes.
fn config(env: &TestEnv, bytes: &[u8]) {
    let path = env.config("");
    fs::write(&path, bytes).unwrap();
    set_mode(&path, 0o600);
}

#[test]
fn bodies_settings_and_key_files_may_be_utf_16() {
    let api = Api::start();
    let _launch = api.launch_with_key(&key("file"), json!({"id": "Zoë"}), 201, &answer());
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    config(&env, &redirected(&format!("[profiles.default]\r\napi_url = \"{}\"", api.url())));
    env.write("key.txt", redirected(&key("file")));
    env.write("body.json", redirected("{\"id\": \"Zoë\"}"));
    env.run("launch --guest --file body.json --api-key-file key.txt").succeeded(&link_line());
}

#[test]
fn login_reads_a_utf_16_key_and_keeps_the_settings() {
    let api = Api::start();
    let _hello = api.hello(&key("piped"), 200, "{\"response\": \"Hi\"}");
    let env = api.env();
    env.unset("LESSONSPACE_API_KEY");
    config(&env, &redirected("# Zoë's\r\n[profiles.other]\r\nuser_name = \"Zoë\""));
    env.cmd("login --api-key-file -").stdin(redirected(&key("piped"))).run().succeeded("");
    let text = fs::read_to_string(env.path("config/lessonspace/config.toml")).unwrap();
    assert!(
        text.starts_with("\u{feff}# Zoë's\r\n[profiles.other]\r\nuser_name = \"Zoë\""),
        "{text}"
    );
    assert!(text.contains(&key("piped")), "{text}");
}

#[test]
fn webhook_secrets_and_links_may_be_utf_16() {
    let env = TestEnv::new();
    env.write("secret.txt", redirected(SECRET));
    env.write("body.json", BODY);
    env.run(&format!(
        "webhook verify --signature {HEX} --secret-file secret.txt --body-file body.json"
    ))
    .succeeded("")
    .says(&["the signature matches"]);
    let link = crate::mock::link();
    let output = env.cmd("link -").stdin(redirected(&link)).run();
    assert_eq!(output.code, Some(0), "{output}");
}
