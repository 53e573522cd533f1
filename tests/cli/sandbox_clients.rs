//! Other people's clients against `lessonspace sandbox`: the requests as integrations in the wild
//! write them, and of each answer what the client reads.

use serde_json::{Value, json};

use crate::sandbox_serve::KEY;
use crate::wire::{Reply, Wire, authorization, name_behind, press, receiver, serve, text};

/// A booking plugin for `WordPress`, in PHP: ids are numbers, and it sends a content type even
/// with GET, and `Expect` with a body.
#[test]
fn a_booking_plugin_launches_and_lists_all_pages_of_spaces() {
    let (_home, serving) = serve();
    let headers = [&authorization(), "Content-Type: application/json"];
    let get = Wire::new(&serving.url, &headers);
    let post = Wire::new(&serving.url, &[&headers[..], &["Expect: 100-continue"]].concat());
    for appointment in 1..=25 {
        let body = format!(r#"{{"id":{appointment},"name":"Violin \/ {appointment}"}}"#);
        let launched = post.post("spaces/launch/", &body).json(201);
        assert!(text(&launched, "client_url").starts_with("http://"));
    }
    let id = get.get("my-organisation/").json(200)["id"].clone();
    let mut page = get.get(&format!("organisations/{id}/spaces/?sort_by=new-old")).json(200);
    let mut all = page["results"].as_array().unwrap().clone();
    while let Some(next) = page["next"].as_str() {
        page = get.get(next).json(200);
        all.extend(page["results"].as_array().unwrap().clone());
    }
    assert_eq!(all.len(), 25);
    assert_eq!((&all[0]["name"], &all[24]["name"]), (&json!("Violin / 25"), &json!("Violin / 1")));
    assert!(all.iter().all(|space| space["id"].is_string()));
    let found = get.get(&format!("organisations/{id}/spaces/?sort_by=new-old&search=%2F+25"));
    assert_eq!(found.json(200)["count"], 1);
}

/// A tutoring site, in JavaScript: all six webhooks go to one URL, and persons have no id.
#[test]
fn a_tutoring_site_hears_of_everything_at_one_url() {
    let (_home, serving) = serve();
    let receiver = receiver();
    let headers = [&authorization(), "accept: application/json", "content-type: application/json"];
    let hook = format!("{}/hook", receiver.origin());
    let body = json!({
        "id": "5f1b", "name": "Algebra",
        "webhooks": {
            "session": {"start": hook, "idle": hook, "end": hook},
            "user": {"join": hook, "idle": hook, "leave": hook},
        },
        "user": {"name": "Anna", "email": "anna@example.org", "leader": true, "single_use": true},
    });
    let wire = Wire::new(&serving.url, &headers);
    let launched = wire.post("spaces/launch/", &body.to_string()).json(201);
    let link = text(&launched, "client_url");
    for button in ["join", "idle", "leave"] {
        press(&serving, button, link);
    }
    receiver.wait_for_requests(6);
    let events: Vec<_> = receiver
        .requests()
        .iter()
        .map(|request| {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(body["room"]["id"], launched["room_id"]);
            request.header("x-webhook-event").unwrap().to_owned()
        })
        .collect();
    let all =
        ["session.start", "user.join", "user.idle", "session.idle", "user.leave", "session.end"];
    assert_eq!(events, all);
}

/// A school's backend, in TypeScript with axios: looks for the session of its Space in the list.
#[test]
fn a_school_finds_the_session_of_its_space_in_the_list() {
    let (_home, serving) = serve();
    let content = "Content-Type: application/json;charset=utf-8";
    let accept = "Accept: application/json, text/plain, */*";
    let wire = Wire::new(&serving.url, &[accept, &authorization(), content]);
    let launch = |user: u32, role: &str| {
        let body = json!({
            "id": "Maths-12-34",
            "user": {
                "id": user, "name": "Maya Lin", "email": "maya@example.org", "role": role,
                "leader": role != "student",
                "custom_jwt_parameters": {"meta": {"displayName": "Maya L."}},
            },
            "webhooks": {"session": {"end": "https://school.example/lesson-space/session-end"}},
        });
        wire.post("spaces/launch/", &body.to_string())
    };
    let tutor = launch(12, "tutor").json(201);
    let student = launch(34, "student").json(200);
    assert_ne!(tutor["user_id"], student["user_id"]);
    assert_eq!(name_behind(text(&tutor, "client_url")), "Maya L.");
    press(&serving, "join", text(&tutor, "client_url"));
    let id = wire.get("my-organisation/").json(200)["id"].as_u64().unwrap();
    let list = wire.get(&format!("organisations/{id}/sessions/")).json(200);
    let sessions = list["results"].as_array().unwrap();
    let own = sessions.iter().find(|one| one["space"]["id"] == tutor["room_id"]).unwrap();
    assert_eq!(own["uuid"], tutor["session_id"]);
    assert!(own["playback_url"].is_null() && own["end_time"].is_null(), "{own}");
}

/// A connector of an automation platform, in TypeScript with fetch: header names are lower case,
/// and it is strict about the types in answers.
#[test]
fn a_connector_checks_every_type_of_the_answer() {
    let (_home, serving) = serve();
    let key = format!("authorization: Organisation {KEY}");
    let wire = Wire::new(
        &serving.url,
        &["accept: application/json", &key, "content-type: application/json"],
    );
    assert!(wire.get("hello/").json(200)["response"].is_string());
    let body = json!({
        "id": "demo", "name": "Demo", "user": {"id": "u1"}, "features": {"chat.enabled": false},
        "invite_url": "school.example/:uuid", "tags": {"grade": "7"}, "space_tags": {"room": 12},
        "holodeck_parameters": {"theme": "dark"}, "auth_external": {"url": "https://a.example/in"},
    });
    let launched = wire.post_chunked("spaces/launch/", &body.to_string()).json(201);
    for field in ["client_url", "api_base", "room_id", "secret", "session_id"] {
        assert!(!text(&launched, field).is_empty());
    }
    assert!(launched["user_id"].is_u64() && launched["room_settings"].is_object(), "{launched}");
    press(&serving, "join", text(&launched, "client_url"));
    press(&serving, "leave", text(&launched, "client_url"));
    let id = wire.get("my-organisation/").json(200)["id"].as_u64().unwrap();
    let query = "launch_id=demo&page=1&include_single_user=true&in_progress_only=false";
    let list = wire.get(&format!("organisations/{id}/sessions/?{query}")).json(200);
    let session = &list["results"][0];
    assert!(session["id"].is_u64() && session["recording_available"] == false, "{session}");
    for field in ["uuid", "name", "start_time", "end_time"] {
        assert!(!text(session, field).is_empty());
    }
    let beyond: Reply = wire.get(&format!("organisations/{id}/sessions/?page=2"));
    assert_eq!(text(&beyond.json(404), "detail"), "Invalid page.");
}

/// An edge function, in TypeScript: verifies signatures, and looks for the session by its room.
#[test]
fn an_edge_function_verifies_the_signature_and_finds_the_session_by_its_space() {
    let (_home, serving) = serve();
    let receiver = receiver();
    let wire = Wire::new(&serving.url, &[&authorization(), "Content-Type: application/json"]);
    let body = json!({
        "id": "b3a0", "transcribe": true, "record_av": true, "features": {"invite": true},
        "user": {"id": "tutor_9", "name": "Sam Ode", "role": "teacher", "leader": true},
        "webhooks": {
            "session": {"end": format!("{}/end", receiver.origin())},
            "transcription": {"finish": format!("{}/text", receiver.origin())},
        },
    });
    let launched = wire.post("spaces/launch/", &body.to_string()).json(201);
    press(&serving, "join", text(&launched, "client_url"));
    press(&serving, "leave", text(&launched, "client_url"));
    receiver.wait_for_requests(1);
    let event = receiver.requests().remove(0);
    assert_eq!(event.header("x-webhook-event").unwrap(), "session.end");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, text(&launched, "secret").as_bytes());
    let tag = ring::hmac::sign(&key, event.body.as_bytes());
    let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(event.header("x-webhook-signature").unwrap(), signature);
    let told: Value = serde_json::from_str(&event.body).unwrap();
    assert_eq!(
        (&told["id"], &told["session"]["id"]),
        (&launched["session_id"], &launched["session_id"])
    );
    let id = wire.get("my-organisation/").json(200)["id"].as_u64().unwrap();
    let room = text(&launched, "room_id");
    let list = wire.get(&format!("organisations/{id}/sessions/?space={room}")).json(200);
    assert_eq!(list["results"][0]["uuid"], launched["session_id"]);
}

/// A marketplace, in PHP: times in Indian time, and first without an id; and a script in Python:
/// booleans as words, times without a zone.
#[test]
fn times_and_booleans_come_as_each_language_writes_them() {
    let (_home, serving) = serve();
    let wire = Wire::new(
        &serving.url,
        &[&authorization(), "content-type: application/json", "cache-control: no-cache"],
    );
    let without = "{ \t\n\t\"user\" : {\"name\" : \"Priya\",\"leader\":false},\n\t\"timeouts\": {\n\t    \
                   \"not_before\": \"2040-08-27T13:46:17+05:30\"\n\t}\n}";
    let refused = wire.post("spaces/launch/", without).json(400);
    assert_eq!(refused, json!({"id": ["This field is required."]}));
    let with = without.replacen('{', "{\"id\": 8,", 1);
    let python = r#"{"id": " 8 ", "record_av": "True", "allow_guests": "False", "user": {"id": 1, "leader": "1"},
        "timeouts": {"not_before": "2040-08-27T08:16:17.250000"}}"#;
    let first = wire.post("spaces/launch/", &with).json(201);
    let second = wire.post("spaces/launch/", python).json(200);
    assert_eq!(second["room_settings"]["record_av"], true);
    for launched in [first, second] {
        let link = serving.client().cmd("link --json -").stdin(text(&launched, "client_url")).run();
        assert_eq!(link.json()["nbf"], 2_229_668_177_u32);
    }
    let wrong =
        r#"{"id": "8", "user": "Priya", "record_av": "perhaps", "timeouts": {"not_after": null}}"#;
    let problems = json!({
        "user": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
        "record_av": ["Must be a valid boolean."],
        "timeouts": {"not_after": ["This field may not be null."]},
    });
    assert_eq!(wire.post("spaces/launch/", wrong).json(400), problems);
}
