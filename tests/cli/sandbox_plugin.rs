//! Lessonspace's Moodle plugin, in PHP, and `curl` against `lessonspace sandbox`.

use serde_json::json;

use crate::faults::{Act, Faults, http};
use crate::sandbox_serve::{KEY, Serving};
use crate::webdriver::Browser;
use crate::wire::{Wire, authorization, name_on_page_of, serve, text};

/// The plugin accepts only keys in the form of a UUID.
fn is_plugin_key(key: &str) -> bool {
    let lengths: Vec<_> = key.split('-').map(str::len).collect();
    let hex = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    lengths == [8, 4, 4, 4, 12] && key.chars().all(hex)
}

fn moodle(serving: &Serving) -> Wire {
    let headers = ["User-Agent: MoodleBot/1.0", "Accept: */*", "Content-Type: application/json"];
    Wire::new(&serving.url, &[&headers[..], &[&authorization()]].concat())
}

#[test]
fn the_plugins_settings_page_accepts_the_practice_key() {
    let (_home, serving) = serve();
    assert!(is_plugin_key(KEY), "{KEY}");
    let wire = Wire::new(&serving.url, &["User-Agent: MoodleBot/1.0", &authorization()]);
    let organisation = wire.get("my-organisation/").json(200);
    assert!(organisation["id"].is_u64() && organisation["name"].is_string(), "{organisation}");
}

#[test]
fn a_teacher_creates_and_joins_the_space_with_a_number_as_id() {
    let (_home, serving) = serve();
    let moodle = moodle(&serving);
    let made = moodle.post("spaces/launch/", r#"{"id":"6174e0c3a1b2c","allow_guests":false}"#);
    let made = made.json(201);
    let body = r#"{"id":"6174e0c3a1b2c","allow_guests":false,"user":{"leader":true,"id":2,
        "name":"J\u00fcrgen Gro\u00df","email":"juergen@example.org"}}"#;
    let joined = moodle.post("spaces/launch/", body).json(200);
    assert_eq!(joined["room_id"], made["room_id"]);
    assert!(joined["user_id"].is_u64(), "{joined}");
    assert_eq!(name_on_page_of(text(&joined, "client_url")), "Jürgen Groß");
}

#[test]
fn a_student_of_a_locked_lesson_gets_its_start_and_end() {
    let (_home, serving) = serve();
    let body = r#"{"id":"s","allow_guests":false,"user":{"leader":false,"id":"31",
        "name":"Anna Beck","email":"anna@example.org"},
        "timeouts":{"not_before":"2040-12-01T14:00:00+02:00","not_after":"2040-12-01T15:00:00+02:00"}}"#;
    let joined = moodle(&serving).post("spaces/launch/", body).json(201);
    let claims = serving.client().cmd("link --json -").stdin(text(&joined, "client_url")).run();
    let claims = claims.json();
    assert_eq!(
        (&claims["nbf"], &claims["exp"]),
        (&json!(2_237_976_000_u32), &json!(2_237_979_600_u32))
    );
    assert_eq!((&claims["id"], &claims["canLead"]), (&json!("31"), &json!(false)));
}

#[test]
fn the_plugin_finds_the_reason_for_a_rejection() {
    let (_home, serving) = serve();
    let broken = moodle(&serving).post("spaces/launch/", "{\"id\":").json(400);
    assert!(text(&broken, "detail").starts_with("JSON parse error - "), "{broken}");
    let summary = r#"{"id":"x","summarise":true,"user":{"id":2}}"#;
    let refused = moodle(&serving).post("spaces/launch/", summary).json(400);
    assert_eq!(refused["non_field_errors"][0], "summarise requires transcribe.");
    let nobody = Wire::new(&serving.url, &["Authorization: Organisation "]);
    assert!(nobody.get("my-organisation/").json(401)["detail"].is_string());
    let form = Wire::new(&serving.url, &[&authorization()]).post("spaces/launch/", "id=x");
    assert_eq!(form.json(415)["detail"], "Unsupported media type \"\" in request.");
}

/// A site with a page that shows the link in a frame.
fn framing(link: &str) -> Faults {
    let link = link.replace('&', "&amp;");
    let frame = format!("<iframe src='{link}' width=600 height=600></iframe>");
    Faults::play(vec![Act::Answer(http("200 OK", &["Content-Type: text/html"], &frame))])
}

#[test]
fn the_course_page_can_show_the_room_in_a_frame_and_other_sites_cannot() {
    let (_home, serving) = serve();
    let body = r#"{"id":"f","user":{"id":3,"name":"Anna Beck","leader":false}}"#;
    let joined = moodle(&serving).post("spaces/launch/", body).json(201);
    let site = framing(text(&joined, "client_url"));
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&site.origin());
    browser.enter_frame();
    browser.wait_for("Anna Beck");
    browser.press("form[action=\"/join\"] button");
    browser.wait_for("You are in the room");
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&site.origin().replace("127.0.0.1", "elsewhere.localhost"));
    browser.enter_frame();
    browser.wait_for("refused to connect");
}

#[test]
#[cfg(unix)]
fn curl_with_the_two_lines_of_the_sandbox_works_as_documented() {
    let (_home, serving) = serve();
    let script = r#"set -eu
        auth="Authorization: Organisation $LESSONSPACE_API_KEY"
        curl -fsS -H "$auth" "${LESSONSPACE_API_URL}hello/"; echo
        curl -fsS --request POST --url "${LESSONSPACE_API_URL}spaces/launch/" --header "$auth" \
          --header 'Content-Type: application/json' \
          --data '{"id": "bio", "user": {"name": "Peter Parker", "leader": true}}'; echo
        curl -fsS --request GET --header "$auth" "${LESSONSPACE_API_URL}my-organisation/"; echo"#;
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .env("LESSONSPACE_API_URL", &serving.url)
        .env("LESSONSPACE_API_KEY", KEY)
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    if output.status.code() == Some(127) && std::env::var_os("CI").is_none() {
        eprintln!("NOT TESTED, because there is no curl; install it: apt-get install curl");
        return;
    }
    let (said, error) = (String::from_utf8(output.stdout).unwrap(), output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&error));
    let answers: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(answers[0]["response"].is_string() && answers[2]["id"].is_u64(), "{said}");
    assert_eq!(name_on_page_of(text(&answers[1], "client_url")), "Peter Parker");
}
