//! The API calls, and the responses to everything else.

use super::*;
use crate::sandbox::start;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_first_launch_creates_and_the_second_opens() {
    let mut bench = Bench::with(Options::default()).await;
    let (status, first) = bench.launch(r#"{"id": "a", "record_av": true}"#).await;
    assert_eq!(status, 201);
    let (status, second) = bench.launch(r#"{"id": "a"}"#).await;
    assert_eq!(status, 200);
    for field in ["room_id", "secret", "session_id", "room_settings"] {
        assert_eq!(first[field], second[field], "{field}");
    }
    let on = json!({"record_av": true, "record_content": false, "waiting_room": false,
        "transcribe": false, "summarise": false});
    assert_eq!(second["room_settings"], on);
    assert!(first["user_id"].is_u64() && first["user_id"] == second["user_id"], "{second}");
    let link = second["client_url"].as_str().expect("is text");
    assert!(link.starts_with("https://sandbox.invalid/?user=eyJ"), "{link}");
    assert!(link.contains(&format!("&room={}", second["room_id"].as_str().expect("is text"))));
    let lines = bench.lines();
    assert_eq!(
        lines,
        [
            "request 1: POST /v2/spaces/launch/: 201, created Space a",
            "request 2: POST /v2/spaces/launch/: 200, opened existing Space a",
        ]
    );
}

#[tokio::test]
async fn response_fields_are_in_the_documented_order() {
    let bench = Bench::new().await;
    let key = "Organisation k";
    let body = r#"{"id": "a", "user": {"id": "x"}}"#;
    let answer = bench.launch_as(key, body).await.text().await.expect("has a body");
    let fields = ["client_url", "api_base", "room_id", "secret", "session_id", "user_id"];
    let places: Vec<_> = fields.iter().map(|field| answer.find(&format!("\"{field}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{answer}");
    assert!(answer.contains("\"client_url\":\"http://127.0.0.1:"));
}

#[tokio::test]
async fn a_person_is_identified_by_id_then_email_then_name_ignoring_blanks() {
    let bench = Bench::new().await;
    let person = async |user: &str| {
        let body = format!(r#"{{"id": "a", "user": {user}}}"#);
        bench.launch(&body).await.1["user_id"].clone()
    };
    let anna = person(r#"{"id": "", "email": "anna@example.org"}"#).await;
    let bert = person(r#"{"id": " ", "email": "bert@example.org"}"#).await;
    assert!(anna.is_u64() && bert.is_u64() && anna != bert);
    assert_eq!(person(r#"{"email": " anna@example.org", "name": "Anna"}"#).await, anna);
    assert_eq!(person(r#"{"id": 7}"#).await, person(r#"{"id": "7", "name": "Cora"}"#).await);
    let nobody = person(r#"{"leader": true}"#).await;
    assert!(nobody.is_u64() && nobody != person(r#"{"leader": true}"#).await);
}

#[tokio::test]
async fn each_key_has_its_own_spaces() {
    let bench = Bench::new().await;
    let body = r#"{"id": "a"}"#;
    assert_eq!(bench.launch_as("Organisation one", body).await.status(), 201);
    assert_eq!(bench.launch_as("Organisation two", body).await.status(), 201);
    assert_eq!(bench.launch_as("Organisation one", body).await.status(), 200);
    let state = std::fs::read_to_string(bench.folder.path().join("spaces.jsonl")).expect("reads");
    assert!(!state.contains("one") && !state.contains("two"), "a key is never written down");
}

#[tokio::test]
async fn the_next_sandbox_has_the_saved_spaces() {
    let bench = Bench::new().await;
    let (_, first) = bench.launch(r#"{"id": "a"}"#).await;
    let state = bench.folder.path().to_owned();
    let options = Options { state, ..Options::default() };
    let other = Bench { sandbox: start(options).await.expect("starts"), ..bench };
    let (status, second) = other.launch(r#"{"id": "a"}"#).await;
    assert_eq!((status, &second["secret"]), (200, &first["secret"]));
}

#[tokio::test]
async fn the_link_contains_the_invite_url_with_the_room() {
    let bench = Bench::new().await;
    let body = r#"{"id": "a", "invite_url": " school.example/:uuid?x=1&y=:uuid "}"#;
    let (_, answer) = bench.launch(body).await;
    let link = url::Url::parse(answer["client_url"].as_str().expect("is text")).expect("is a URL");
    let found = link.query_pairs().find(|(name, _)| name == "inviteUrl").map(|(_, value)| value);
    let room = answer["room_id"].as_str().expect("is text");
    assert_eq!(found, Some(format!("school.example/{room}?x=1&y={room}").into()));
    let without = bench.link(r#"{"id": "a", "invite_url": ""}"#).await;
    assert!(!without.contains("inviteUrl"), "{without}");
}

#[tokio::test]
async fn every_key_is_an_organisation_with_an_id_and_a_name() {
    let bench = Bench::new().await;
    assert!(uuid::Uuid::parse_str(bench.sandbox.key()).is_ok());
    let organisation = async |key: &str| {
        let request = bench.client.get(format!("{}my-organisation/", bench.sandbox.url()));
        let request = request.header(header::AUTHORIZATION, format!("Organisation {key}"));
        json(request.send().await.expect("is answered")).await
    };
    let (one, two) = (organisation("one").await, organisation("two").await);
    assert_eq!(one["name"], "Practice organisation");
    assert!(one["id"].as_u64().is_some_and(|id| id > 0) && one["id"] != two["id"]);
    assert_eq!(organisation("one").await, one);
}

#[tokio::test]
async fn a_missing_or_malformed_key_is_rejected() {
    let bench = Bench::new().await;
    for key in ["Organisation ", "Bearer k", "k", "organisation k", "Organisation a b"] {
        let response = bench.launch_as(key, r#"{"id": "a"}"#).await;
        assert_eq!(response.status(), 401, "{key}");
        assert_eq!(text(&response, "www-authenticate"), Some("Organisation"));
        assert!(json(response).await["detail"].is_string());
    }
    let hello = bench.client.get(format!("{}hello/", bench.sandbox.url()));
    let response = hello.send().await.expect("is answered");
    let expected = json!({"detail": "Authentication credentials were not provided."});
    assert_eq!((response.status().as_u16(), json(response).await), (401, expected));
}

#[tokio::test]
async fn hello_returns_a_greeting() {
    let bench = Bench::new().await;
    let hello = bench.client.get(format!("{}hello/", bench.sandbox.url()));
    let response = hello.header("authorization", "Organisation k").send().await.expect("answers");
    assert_eq!(response.status(), 200);
    assert!(json(response).await["response"].as_str().is_some_and(|text| text.len() > 5));
}

#[tokio::test]
async fn rejections_have_the_documented_format() {
    let bench = Bench::new().await;
    let summarise = "summarise requires transcribe.";
    let email = json!({"email": ["Enter a valid email address."]});
    for (body, expected) in [
        ("{}", json!({"id": ["This field is required."]})),
        (r#"{"id": "a", "summarise": true}"#, json!({"non_field_errors": [summarise]})),
        (r#"{"id": "a", "user": {"email": "x"}}"#, json!({"user": email})),
        (
            "{",
            json!({"detail": "JSON parse error - EOF while parsing an object at line 1 column 1"}),
        ),
    ] {
        assert_eq!(bench.launch(body).await, (400, expected), "{body}");
    }
    assert_eq!(bench.launch(r#"{"id": "a"}"#).await.0, 201, "no refusal made the Space");
}

#[tokio::test]
async fn other_paths_methods_and_media_types_are_refused() {
    let bench = Bench::new().await;
    let call = async |method: Method, path: &str| {
        let url = format!("{}{path}", bench.sandbox.url());
        let request = bench.client.request(method, url).header("authorization", "Organisation k");
        request.body(r#"{"id": "a"}"#).send().await.expect("is answered")
    };
    let slash = call(Method::POST, "spaces/launch").await;
    assert_eq!(slash.status(), 404);
    let detail = "Not found. POST requires the final slash: /v2/spaces/launch/";
    assert_eq!(json(slash).await, json!({"detail": detail}));
    for (path, place) in [
        ("hello", "/v2/hello/"),
        ("my-organisation?a=1", "/v2/my-organisation/?a=1"),
        ("spaces/launch", "/v2/spaces/launch/"),
    ] {
        let moved = call(Method::GET, path).await;
        assert_eq!((moved.status().as_u16(), text(&moved, "location")), (301, Some(place)));
    }
    for path in ["users/", "organisations/1/spaces/", "spaces", "hello//"] {
        let unknown = call(Method::GET, path).await;
        assert_eq!(unknown.status(), 404);
        let detail = format!("Not found. /v2/{path} is not part of the practice API.");
        assert_eq!(json(unknown).await, json!({"detail": detail}));
    }
    let wrong = call(Method::GET, "spaces/launch/").await;
    assert_eq!((wrong.status().as_u16(), text(&wrong, "allow")), (405, Some("POST")));
    assert_eq!(json(wrong).await, json!({"detail": "Method \"GET\" not allowed."}));
    assert_eq!(call(Method::DELETE, "hello/").await.status(), 405);
    assert_eq!(call(Method::POST, "spaces/launch/").await.status(), 415);
    let url = format!("{}spaces/launch/", bench.sandbox.url());
    let nothing = bench.client.post(url).header("authorization", "Organisation k").send().await;
    let nothing = nothing.expect("is answered");
    assert_eq!(nothing.status(), 400, "a body that is not there has no type");
    assert_eq!(json(nothing).await, json!({"id": ["This field is required."]}));
    let large = bench.launch(&json!({"id": "a", "name": "x".repeat(3 << 20)}).to_string()).await;
    assert_eq!(large.0, 413);
}

#[tokio::test]
async fn requests_over_the_rate_limit_get_a_retry_after() {
    let options = Options { rate: Some(2), ..Options::default() };
    let bench = Bench::with(options).await;
    for expected in [201, 200] {
        assert_eq!(bench.launch(r#"{"id": "a"}"#).await.0, expected);
    }
    let key = format!("Organisation {}", bench.sandbox.key());
    let response = bench.launch_as(&key, r#"{"id": "a"}"#).await;
    assert_eq!((response.status().as_u16(), text(&response, "retry-after")), (429, Some("1")));
    let detail = json!({"detail": "Request was throttled. Expected available in 1 second."});
    assert_eq!(json(response).await, detail);
    assert_eq!(bench.launch_as("Organisation other", r#"{"id": "a"}"#).await.status(), 201);
}

#[tokio::test]
async fn failures_happen_at_the_chosen_requests() {
    let faults = "429@1,500@2,drop@3,401@5".parse().expect("is a list");
    let mut bench = Bench::with(Options { faults, ..Options::default() }).await;
    let body = r#"{"id": "a"}"#;
    let key = "Organisation k";
    let throttled = bench.launch_as(key, body).await;
    assert_eq!((throttled.status().as_u16(), text(&throttled, "retry-after")), (429, Some("1")));
    let broken = bench.launch_as(key, body).await;
    assert_eq!(broken.status(), 500);
    assert!(broken.text().await.expect("has a body").starts_with("<h1>"));
    let url = format!("{}spaces/launch/", bench.sandbox.url());
    let request = bench.client.post(url).header("authorization", key);
    let request = request.header("content-type", "application/json").body(body);
    assert!(request.send().await.is_err(), "the answer is lost");
    assert_eq!(bench.launch_as(key, body).await.status(), 200, "and yet the Space was made");
    assert_eq!(bench.launch_as(key, body).await.status(), 401);
    let lines = bench.lines();
    let path = "POST /v2/spaces/launch/";
    assert_eq!(lines[1], format!("request 2: {path}: 500 (from --fail)"));
    assert_eq!(
        lines[2],
        format!("request 3: {path}: 201, created Space a, response dropped (from --fail)")
    );
}

#[tokio::test]
async fn other_host_names_are_refused() {
    let bench = Bench::new().await;
    for (host, status) in
        [("evil.example", 400), ("127.0.0.1.evil.example:80", 400), ("localhost:1", 200)]
    {
        let request = bench.client.get(bench.page("/")).header("host", host);
        assert_eq!(request.send().await.expect("is answered").status(), status, "{host}");
    }
}

#[tokio::test]
async fn log_lines_contain_no_secret_and_start_with_a_fixed_word() {
    let mut bench = Bench::new().await;
    let (_, answer) =
        bench.launch(r#"{"id": "::error::\n\u001b[31m\u202e", "user": {"id": "\nx"}}"#).await;
    let link = answer["client_url"].as_str().expect("is text").to_owned();
    bench.client.get(&link).send().await.expect("is answered");
    bench.press("/join", &link).await;
    bench.client.get(bench.page("/eyJhbGciOiJIUzI1NiJ9")).send().await.expect("is answered");
    let key = bench.sandbox.key();
    let call = bench.client.get(format!("{}{key}/", bench.sandbox.url()));
    let call = call.header(header::AUTHORIZATION, format!("Organisation {key}"));
    call.send().await.expect("is answered");
    let lines = bench.lines();
    assert_eq!(lines.len(), 5);
    for line in lines {
        assert!(line.starts_with("request ") || line.starts_with("page: "), "{line}");
        assert!(!line.contains(['\n', '\u{1b}', '\u{202e}']), "{line}");
        let secret = answer["secret"].as_str().expect("is text");
        assert!(
            !line.contains("eyJ") && !line.contains(secret) && !line.contains(bench.sandbox.key())
        );
    }
}
