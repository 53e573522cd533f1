//! `add-user`: a link for one more person, and no way to change a Space by accident.

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::support::TestEnv;

#[test]
fn one_more_person_gets_a_link_into_the_existing_space() {
    let api = Api::start();
    let body = json!({
        "id": "biology101_2023",
        "user": {"id": "S_1", "name": "Miles Morales", "email": "miles@example.org", "role": "student"},
        "features": {"chat.enabled": false},
    });
    let _launch = api.launch(body, 200, &answer());
    api.env()
        .cmd("add-user --id biology101_2023 --user-id S_1 --user-email miles@example.org")
        .args(&[
            "--user-name",
            "Miles Morales",
            "--role",
            "student",
            "--feature",
            "chat.enabled=off",
        ])
        .run()
        .succeeded(&link_line())
        .says(&["opened existing Space biology101_2023"]);
}

#[test]
fn a_guest_needs_no_person() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 200, &answer());
    api.env().run("add-user --id x --guest").succeeded(&link_line());
}

#[test]
fn a_new_space_causes_one_warning() {
    let api = Api::start();
    let _launch =
        api.launch(json!({"id": "biolgy", "user": {"id": "S_1"}}), 201, &answer()).times(2);
    let env = api.env();
    let warning =
        "warning: created a new Space: biolgy did not exist; check the spelling of --id\n";
    let output = env.run("add-user --id biolgy --user-id S_1");
    output.succeeded(&link_line()).says(&[warning]);
    assert_eq!(output.stderr.matches("created").count(), 1, "{output}");
    let output = env.run("add-user --id biolgy --user-id S_1 -q");
    assert_eq!(output.succeeded(&link_line()).stderr, warning);
}

#[test]
fn without_a_person_everything_missing_is_listed_with_an_example() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.cmd("add-user --id x").silent_stdin().run().failed(2).says(&[
        "--user-name",
        "--guest",
        "lessonspace add-user",
    ]);
    env.cmd("add-user").silent_stdin().run().failed(2).says(&[
        "--id",
        "--user-name",
        "lessonspace add-user",
    ]);
}

#[test]
fn a_person_may_come_from_the_file_or_from_set() {
    let env = TestEnv::new();
    env.write("person.json", "{\"user\": {\"id\": \"S_1\"}}");
    for arguments in ["--file person.json", "--set user.id=S_1"] {
        let output = env.run(&format!("add-user --id x --dry-run {arguments}"));
        assert_eq!(output.json(), json!({"id": "x", "user": {"id": "S_1"}}), "{output}");
    }
}

#[test]
fn the_profiles_person_is_not_used_for_someone_else() {
    let env = TestEnv::new();
    env.config("[profiles.default]\nuser_id = \"Teacher_1\"\nuser_name = \"Peter Parker\"\n");
    env.run("add-user --id x").failed(2).says(&["--user-name"]);
    let output = env.run("add-user --id x --user-name Miles --dry-run");
    assert_eq!(output.json(), json!({"id": "x", "user": {"name": "Miles"}}), "{output}");
}

#[test]
fn there_are_no_space_flags() {
    for flag in [
        "--space-name=n",
        "--record-av",
        "--record-content",
        "--transcribe",
        "--summarise",
        "--allow-guests",
        "--webhook=session.start=https://a.example/",
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        let output = api.env().run(&format!("add-user --id x --guest {flag}"));
        output.failed(2).says(&[flag.split('=').next().unwrap()]);
    }
}

#[test]
fn setting_a_space_field_is_refused() {
    for assignment in [
        "name=n",
        "record_av=true",
        "record_content=true",
        "transcribe=true",
        "summarise=true",
        "allow_guests=true",
        "webhooks.session.start=https://a.example/",
        "space_tags.a=b",
        "server=eu",
        "Record_AV=true",
        "recordAv=true",
        "record-av=true",
    ] {
        let field = assignment.split(['=', '.']).next().unwrap();
        TestEnv::new()
            .run(&format!("add-user --id x --guest --dry-run --set {assignment}"))
            .failed(2)
            .says(&[field]);
    }
}

#[test]
fn space_fields_in_the_file_are_ignored_with_a_warning() {
    let api = Api::start();
    let body =
        json!({"id": "x", "user": {"id": "S_1"}, "locale": "fr", "features": {"lobby": true}});
    let _launch = api.launch(body, 200, &answer());
    let env = api.env();
    env.write(
        "body.json",
        "{\"id\": \"other\", \"name\": \"Biology\", \"record_av\": true, \"locale\": \"fr\",\n\
          \"webhooks\": {\"session\": {\"start\": \"https://a.example/\"}},\n\
          \"features\": {\"lobby\": true}}",
    );
    env.run("add-user --id x --user-id S_1 --file body.json").succeeded(&link_line()).says(&[
        "name",
        "record_av",
        "webhooks",
    ]);
}

#[test]
fn the_link_flags_are_available_too() {
    let output = TestEnv::new().run(
        "add-user --id x --user-id S_1 --leader=false --display-name Miles --kick-on-expiry \
         --not-before 2040-12-01T14:00:00Z --valid-for 90m --invite-url example.org/i --dry-run",
    );
    let body = json!({
        "id": "x",
        "user": {
            "id": "S_1", "leader": false,
            "custom_jwt_parameters": {"meta": {"displayName": "Miles"}, "kickOnExp": true},
        },
        "timeouts": {"not_before": "2040-12-01T14:00:00Z", "not_after": "2040-12-01T15:30:00Z"},
        "invite_url": "example.org/i",
    });
    assert_eq!(output.json(), body, "{output}");
}
