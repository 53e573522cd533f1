//! Third-party clients against `lessonspace sandbox`: requests as real integrations write them, and
//! the parts of the responses that they read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::sandbox_serve::{KEY, Serving};
use crate::wire::{Wire, authorization, name_on_page_of, press, receiver, serve, text};

/// A booking plugin for `WordPress`, in PHP: ids are numbers, and it sends a content type even with
/// GET, and `Expect` with a body.
#[test]
fn a_booking_plugin_can_use_numbers_as_ids() {
    let (_home, serving) = serve();
    let headers = [&authorization(), "Content-Type: application/json"];
    let get = Wire::new(&serving.url, &headers);
    let post = Wire::new(&serving.url, &[&headers[..], &["Expect: 100-continue"]].concat());
    assert!(get.get("my-organisation/").json(200)["id"].is_u64());
    let mut rooms = std::collections::BTreeSet::new();
    for appointment in 1..=3 {
        let body = format!(r#"{{"id":{appointment},"name":"Violin \/ {appointment}"}}"#);
        let launched = post.post("spaces/launch/", &body).json(201);
        assert!(text(&launched, "client_url").starts_with("http://"));
        assert!(launched["user_id"].is_u64(), "{launched}");
        rooms.insert(text(&launched, "room_id").to_owned());
    }
    assert_eq!(rooms.len(), 3);
}

/// Clients that omit the final slash: their GET is redirected; their POST would lose its body.
#[test]
fn a_path_without_its_final_slash_is_redirected_or_explained() {
    let (_home, serving) = serve();
    let wire = Wire::new(&serving.url, &[&authorization(), "Content-Type: application/json"]);
    assert_eq!(wire.get("hello").status, 301);
    let refused = wire.post("spaces/launch", r#"{"id": "a"}"#).json(404);
    assert_eq!(refused["detail"], "Not found. POST requires the final slash: /v2/spaces/launch/");
    for path in ["users/", "organisations/1/sessions/", "spaces/launch/x/"] {
        let detail = format!("Not found. /v2/{path} is not part of the practice API.");
        assert_eq!(wire.get(path).json(404), json!({"detail": detail}));
    }
}

/// A site that makes its own links, with the Space's secret and its own signing library.
#[test]
fn a_token_signed_by_a_site_itself_is_valid() {
    let (_home, serving) = serve();
    let wire = Wire::new(&serving.url, &[&authorization(), "Content-Type: application/json"]);
    let launched = wire.post("spaces/launch/", r#"{"id": "a"}"#).json(201);
    let link = |claims: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "HS256"})), part(&claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, text(&launched, "secret").as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
        let origin = serving.url.replace("v2/", "");
        format!("{origin}?user={signed}.{signature}&room={}", text(&launched, "room_id"))
    };
    let exp = 4_000_000_000.5;
    assert_eq!(name_on_page_of(&link(json!({"id": 1001, "exp": exp}))), "1001");
    let named = json!({"id": "x", "exp": exp, "nbf": 0, "meta": {"name": "Anna"}});
    assert_eq!(name_on_page_of(&link(named)), "Anna");
    let expired = Wire::new("", &[]).get(&link(json!({"id": 7, "exp": 1.5})));
    assert!(expired.status == 200 && expired.body.contains("This link has expired"), "{expired:?}");
    let forged = link(json!({"id": 7})).replace("&room=", "x&room=");
    assert_eq!(Wire::new("", &[]).get(&forged).status, 403);
}

/// A tutoring site, in JavaScript: all six webhooks go to one URL, and people have no id.
#[test]
fn a_tutoring_site_gets_all_webhooks_at_one_url() {
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

/// A school's backend, in TypeScript with axios.
#[test]
fn a_school_gives_tutor_and_student_their_own_links() {
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
    assert_eq!(name_on_page_of(text(&tutor, "client_url")), "Maya L.");
}

/// A back office that launches a whole class at once, faster than the default rate.
#[test]
fn parallel_launches_succeed_or_get_429() {
    let home = crate::support::TestEnv::new();
    let serving = Serving::start(&home, "");
    let url = serving.url.clone();
    let launches: Vec<_> = (0..12)
        .map(|n| {
            let url = url.clone();
            std::thread::spawn(move || {
                let json = "Content-Type: application/json";
                let wire = Wire::new(&url, &[&authorization(), json]);
                wire.post("spaces/launch/", &format!("{{\"id\": {n}}}")).status
            })
        })
        .collect();
    let statuses: Vec<_> = launches.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| [201, 429].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&201), "{statuses:?}");
    let page = Wire::new("", &[]).get(&serving.url.replace("v2/", ""));
    assert!(page.body.contains("Lessonspace's real limit on launching is unknown."), "{page:?}");
}

/// A connector of an automation platform, in TypeScript with fetch: lower-case header names, and
/// strict about the types in responses.
#[test]
fn a_connector_gets_the_right_type_for_every_field() {
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
    let link = url::Url::parse(text(&launched, "client_url")).unwrap();
    let invite = link.query_pairs().find(|(name, _)| name == "inviteUrl").unwrap().1;
    assert_eq!(invite, format!("school.example/{}", text(&launched, "room_id")));
}

/// An edge function, in TypeScript: verifies signatures, and waits for the transcript.
#[test]
fn an_edge_function_verifies_the_signatures_of_session_and_transcript() {
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
    press(&serving, "transcription.finish", text(&launched, "client_url"));
    receiver.wait_for_requests(2);
    let key = hmac::Key::new(hmac::HMAC_SHA256, text(&launched, "secret").as_bytes());
    let mut bodies = std::collections::BTreeMap::new();
    for event in receiver.requests() {
        let tag = hmac::sign(&key, event.body.as_bytes());
        let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(event.header("x-webhook-signature").unwrap(), signature);
        let body: Value = serde_json::from_str(&event.body).unwrap();
        assert_eq!(body["session"]["id"], launched["session_id"], "the session that has ended");
        bodies.insert(event.header("x-webhook-event").unwrap().to_owned(), body);
    }
    let end = &bodies["session.end"];
    assert_eq!((&end["id"], &end["reason"]), (&launched["session_id"], &json!("everyone_left")));
    // strptime("%Y-%m-%dT%H:%M:%S.%fZ") reads at most six digits.
    for time in [&end["summary"]["start"], &end["summary"]["end"]] {
        assert_eq!(time.as_str().unwrap().len(), "2026-12-01T14:00:00.123456Z".len(), "{time}");
    }
    assert!(bodies["transcription.finish"]["transcription"]["url"].is_string(), "{bodies:?}");
}

/// A marketplace, in PHP: times in Indian time, at first without an id. A script in Python:
/// booleans as words, times without a zone.
#[test]
fn times_and_booleans_are_accepted_in_the_form_of_each_language() {
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
