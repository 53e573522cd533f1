//! `launch`: the id, the person, the checks before sending, and the report on the response.

use serde_json::json;

use crate::json_text::compact;
use crate::mock::{Api, answer, answer_with, link, link_line, link_with_claims};
use crate::support::TestEnv;

#[test]
fn a_new_space_prints_only_the_link_and_reports_created() {
    let api = Api::start();
    let _launch =
        api.launch(json!({"id": "biology101_2023", "user": {"leader": true}}), 201, &answer());
    api.env()
        .run("launch --id biology101_2023 --leader")
        .succeeded(&link_line())
        .says(&["created Space biology101_2023", "leader", "private", "2099"])
        .does_not_say(&["existing"]);
}

#[test]
fn an_existing_space_is_reported_as_existing() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "biology101_2023"}), 200, &answer());
    api.env()
        .run("launch --id biology101_2023 --guest")
        .succeeded(&link_line())
        .says(&["opened existing Space biology101_2023"])
        .does_not_say(&["created"]);
}

#[test]
fn a_launch_without_a_person_makes_a_guest_link_and_says_so() {
    let api = Api::start();
    let guest = link_with_claims("{\"exp\":4099798800,\"guest\":true}");
    let answer = answer_with(&json!({"client_url": guest}));
    let _launch = api.launch(json!({"id": "x"}), 201, &answer);
    api.env().run("launch --id x").succeeded(&format!("{guest}\n")).says(&["guest"]);
}

#[test]
fn a_dry_run_sends_nothing() {
    let api = Api::start();
    let _never = api.anything().never();
    let output = api.env().run("launch --dry-run --id x --guest");
    assert_eq!(compact(&output.succeeded(&output.stdout).stdout), "{\"id\":\"x\"}");
}

#[test]
fn a_dry_run_makes_all_the_checks_of_a_real_run() {
    for flags in [
        "--webhook session.start=nonsense",
        "--api-url http://example.org/",
        "--profile missing",
        "--valid-for 8d",
    ] {
        TestEnv::new().run(&format!("launch --dry-run --guest --id x {flags}")).failed(2);
    }
}

#[test]
fn ids_of_up_to_64_characters_are_sent_as_is() {
    let long = "k".repeat(64);
    let wide = "é😀".repeat(32);
    for id in ["k", &long, &wide, "-dash", "a b", "../x", "Ünï/\\\"'&?#%20", "1.10", "true"] {
        let api = Api::start();
        let _launch = api.launch(json!({"id": id}), 201, &answer());
        api.env().cmd("launch --guest").arg(format!("--id={id}")).run().succeeded(&link_line());
    }
}

#[test]
fn ids_that_the_api_would_reject_exit_2() {
    let long = "k".repeat(65);
    let wide = "😀".repeat(65);
    for id in ["", &long, &wide, " x", "x ", "\tx", "x\n", "a\u{7}b", "a\u{85}b", "\u{a0}x", "   "]
    {
        let api = Api::start();
        let _never = api.anything().never();
        let env = api.env();
        env.cmd("launch --guest").arg(format!("--id={id}")).run().failed(2).says(&["id"]);
        let body = json!({"id": id}).to_string();
        env.write("body.json", body);
        env.run("launch --guest --file body.json").failed(2).says(&["id"]);
    }
}

#[test]
fn a_missing_id_is_reported_with_its_flag_and_an_example() {
    let api = Api::start();
    let _never = api.anything().never();
    api.env()
        .cmd("launch --guest")
        .silent_stdin()
        .run()
        .failed(2)
        .says(&["--id", "lessonspace launch"]);
}

#[test]
fn all_problems_are_reported_together() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.write("body.json", "{\"user\": {\"leader\": \"maybe\"}, \"record_av\": 7}");
    env.cmd("launch --id=x\u{7} --file body.json --webhook session.start=nonsense")
        .args(&["--not-before", "2040-12-02T00:00:00Z", "--not-after", "2040-12-01T00:00:00Z"])
        .run()
        .failed(2)
        .says(&["id", "user.leader", "record_av", "session.start", "Dec 2040"]);
}

#[test]
fn the_id_may_come_from_the_file_or_from_set() {
    let env = TestEnv::new();
    env.write("body.json", "{\"id\": \"from-file\"}");
    for (arguments, id) in [
        ("--file body.json", "from-file"),
        ("--set id=from-set", "from-set"),
        ("--file body.json --set id=from-set", "from-set"),
        ("--file body.json --set id=from-set --id from-flag", "from-flag"),
    ] {
        let output = env.run(&format!("launch --guest --dry-run {arguments}"));
        assert_eq!(output.json(), json!({"id": id}), "{output}");
    }
}

#[test]
fn contradictory_flags_exit_2() {
    for flags in [
        "--guest --user-id a",
        "--guest --user-name a",
        "--json --field room_id",
        "--record-av=perhaps",
        "--leader=perhaps",
        "--feature chat.enabled=perhaps",
        "--timeout 0s",
        "--timeout soon",
        "--expect maybe",
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        let output = api.env().run(&format!("launch --id x {flags}"));
        assert!(output.code == Some(2) && output.stdout.is_empty(), "{output}");
    }
}

#[test]
fn a_link_without_a_token_is_printed_and_reported_as_usual() {
    let bare = "https://go.room.sh/?room=8f2b";
    let api = Api::start();
    let answer = json!({"client_url": bare});
    let _launch = api.launch(json!({"id": "x"}), 201, &answer);
    api.env()
        .run("launch --id x --guest")
        .succeeded(&format!("{bare}\n"))
        .says(&["created Space x"]);
    assert_ne!(bare, link());
}
