//! Deliveries, as a receiver sees them.

use super::*;
use crate::webhook::{Verdict, verify};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

/// One received delivery.
struct Arrival {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Arrival {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn event(&self) -> &str {
        self.header("x-webhook-event")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("is JSON")
    }
}

type Receiver = Arc<(UnboundedSender<Arrival>, Mutex<VecDeque<u16>>)>;

/// Responds with each of `statuses` in turn, then with 204.
async fn receiver(statuses: &[u16]) -> (String, UnboundedReceiver<Arrival>) {
    async fn arrive(
        State(receiver): State<Receiver>,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> (StatusCode, [(&'static str, &'static str); 1]) {
        let arrival = Arrival { path: uri.path().to_owned(), headers, body };
        receiver.0.send(arrival).expect("the test reads it");
        let status = receiver.1.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let status = StatusCode::from_u16(status.unwrap_or(204)).expect("is a status");
        (status, [("location", "/redirected")])
    }
    let (sender, arrivals) = unbounded_channel();
    let state = Arc::new((sender, Mutex::new(statuses.iter().copied().collect())));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("http://{}", listener.local_addr().expect("is bound"));
    let router = Router::new().fallback(arrive).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrivals)
}

async fn next(arrivals: &mut UnboundedReceiver<Arrival>) -> Arrival {
    let arrival = tokio::time::timeout(Duration::from_secs(10), arrivals.recv()).await;
    arrival.expect("arrives in time").expect("the receiver lives")
}

fn body(url: &str) -> String {
    format!(
        r#"{{"id": "a", "name": "Biology", "user": {{"id": "t", "name": "Peter"}}, "webhooks": {{
        "session": {{"start": "{url}/s", "end": "{url}/s"}}, "user": {{"join": "{url}/u", "leave": "{url}/u"}}}}}}"#
    )
}

#[tokio::test]
async fn a_visit_sends_four_signed_events() {
    let mut bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[]).await;
    let (_, answer) = bench.launch(&body(&url)).await;
    let link = answer["client_url"].as_str().expect("is text");
    bench.press("/join", link).await;
    let mut got = vec![next(&mut arrivals).await, next(&mut arrivals).await];
    bench.press("/leave", link).await;
    got.extend([next(&mut arrivals).await, next(&mut arrivals).await]);
    let mut events: Vec<_> = got.iter().map(|arrival| (arrival.event(), &*arrival.path)).collect();
    // Deliveries are ordered per URL only.
    events.sort_by_key(|(_, path)| *path);
    let expected =
        [("session.start", "/s"), ("session.end", "/s"), ("user.join", "/u"), ("user.leave", "/u")];
    assert_eq!(events, expected);
    let secret = answer["secret"].as_str().expect("is text");
    for arrival in &got {
        let signature = arrival.header("x-webhook-signature");
        assert_eq!(verify(secret, &arrival.body, signature), Ok(Verdict::Matches));
        assert_eq!(arrival.header("content-type"), "application/json");
        assert!(arrival.header("x-webhook-timestamp").parse::<jiff::Timestamp>().is_ok());
        let json = arrival.json();
        assert_eq!(json["room"]["id"], answer["room_id"]);
        assert_eq!(json["session"]["id"], answer["session_id"]);
        let top = if arrival.path == "/s" { &answer["session_id"] } else { &Value::Null };
        assert_eq!(&json["id"], top, "a session's own event has its id at the top, too");
        let person = if arrival.path == "/u" { Value::from("t") } else { Value::Null };
        assert_eq!(json["user"]["id"], person);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let lines = bench.lines();
    let delivered = format!("webhook: user.leave to {url}/u: delivered (204)");
    assert!(lines.contains(&delivered), "{lines:?}");
}

#[tokio::test]
async fn failed_deliveries_are_retried_in_order_with_the_same_id() {
    let bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[500, 302, 404]).await;
    let link = bench.link(&body(&url).replace("/s\"", "/u\"")).await;
    bench.press("/join", &link).await;
    let mut got = Vec::new();
    for _ in 0..5 {
        got.push(next(&mut arrivals).await);
    }
    let events: Vec<_> = got.iter().map(Arrival::event).collect();
    let start = "session.start";
    assert_eq!(events, [start, start, start, start, "user.join"]);
    assert!(got.iter().all(|arrival| arrival.path == "/u"), "a redirect is not followed");
    let id = |n: usize| got[n].header("x-webhook-id");
    assert!(id(0) == id(3) && id(3) != id(4));
    assert!(got[..4].iter().all(|arrival| arrival.body == got[0].body));
}

#[tokio::test]
async fn after_five_attempts_the_next_event_is_sent() {
    let mut bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[503; 5]).await;
    let link = bench.link(&body(&url).replace("/s\"", "/u\"")).await;
    bench.press("/join", &link).await;
    for _ in 0..5 {
        assert_eq!(next(&mut arrivals).await.event(), "session.start");
    }
    assert_eq!(next(&mut arrivals).await.event(), "user.join");
    let lines = bench.lines().join("\n");
    assert!(lines.contains(&format!("session.start to {url}/u: 503, attempt 1 of 5")), "{lines}");
    assert!(lines.contains(&format!("session.start to {url}/u: 503, giving up")), "{lines}");
}

#[tokio::test]
async fn a_later_webhooks_object_replaces_the_earlier_one() {
    let bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[]).await;
    let link = bench.link(&body(&url)).await;
    bench
        .launch(&format!(r#"{{"id": "a", "webhooks": {{"user": {{"leave": "{url}/new"}}}}}}"#))
        .await;
    bench.press("/join", &link).await;
    bench.press("/leave", &link).await;
    let arrival = next(&mut arrivals).await;
    assert_eq!((arrival.event(), &*arrival.path), ("user.leave", "/new"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(arrivals.try_recv().is_err());
}

/// A Space that sends everything to one URL, with the launch response and the links of two people.
async fn two_people(bench: &Bench, url: &str) -> (Value, String, String) {
    let groups = [
        ("session", vec!["start", "end", "idle"]),
        ("user", vec!["join", "leave", "idle"]),
        ("transcription", vec!["finish"]),
        ("chat", vec!["message"]),
        ("knock", vec!["admit"]),
    ];
    let mut hooks = serde_json::Map::new();
    for (group, events) in groups {
        hooks.insert(group.to_owned(), events.iter().map(|event| (*event, url)).collect());
    }
    let body = |user: Value| serde_json::json!({"id": "a", "user": user, "webhooks": hooks});
    let (_, answer) = bench.launch(&body(serde_json::json!({"id": 7})).to_string()).await;
    let guest = bench.link(&serde_json::json!({"id": "a"}).to_string()).await;
    let link = answer["client_url"].as_str().expect("is text").to_owned();
    (answer, link, guest)
}

async fn events(arrivals: &mut UnboundedReceiver<Arrival>, count: usize) -> Vec<(String, Value)> {
    let mut got = Vec::new();
    for _ in 0..count {
        let arrival = next(arrivals).await;
        got.push((arrival.event().to_owned(), arrival.json()));
    }
    got
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

/// Whether this is a time with six fractional digits.
fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.len() == "2026-12-01T14:00:00.123456Z".len() && text.parse::<jiff::Timestamp>().is_ok()
    })
}

#[tokio::test]
async fn a_session_becomes_idle_and_ends_only_when_everyone_is_idle() {
    let mut bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[]).await;
    let (answer, link, guest) = two_people(&bench, &url).await;
    assert_eq!(bench.press("/idle", &link).await.status(), 403, "nobody is inside");
    for (button, who) in [
        ("/join", &link),
        ("/join", &guest),
        ("/idle", &link),
        ("/idle", &link),
        ("/active", &link),
        ("/idle", &link),
        ("/idle", &guest),
        ("/idle", &guest),
    ] {
        assert_eq!(bench.press(button, who).await.status(), 303, "{button}");
    }
    let got = events(&mut arrivals, 10).await;
    let (first, last) = got.split_at(7);
    assert_eq!(
        names(first),
        [
            "session.start",
            "user.join",
            "user.join",
            "user.idle",
            "user.idle",
            "user.idle",
            "session.idle"
        ]
    );
    assert_eq!(names(last), ["user.leave", "user.leave", "session.end"]);
    let person = serde_json::json!({"id": "7", "name": "7", "guest": false});
    assert_eq!(got[1].1["user"], person);
    assert_eq!(got[2].1["user"], serde_json::json!({"id": null, "name": "Guest", "guest": true}));
    let (start, idle, end) = (&got[0].1, &got[6].1, &got[9].1);
    for (body, reason) in [(start, "user_joined"), (idle, "everyone_idle"), (end, "everyone_idle")]
    {
        assert_eq!((&body["id"], &body["reason"]), (&answer["session_id"], &reason.into()));
        assert!(is_time(&body["summary"]["start"]), "{body}");
    }
    assert!(idle["summary"]["end"].is_null() && is_time(&end["summary"]["end"]));
    let (_, after) = bench.launch(r#"{"id": "a"}"#).await;
    assert_ne!(after["session_id"], answer["session_id"]);
    let lines = bench.lines();
    assert!(lines.contains(&"page: POST /idle: 303, 7 is idle in Space a".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn a_session_becomes_idle_when_its_last_active_person_leaves() {
    let bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[]).await;
    let (_, link, guest) = two_people(&bench, &url).await;
    for (button, who) in [
        ("/join", &link),
        ("/join", &guest),
        ("/idle", &guest),
        ("/leave", &link),
        ("/leave", &guest),
    ] {
        bench.press(button, who).await;
    }
    let got = events(&mut arrivals, 8).await;
    let all = ["user.idle", "user.leave", "session.idle", "user.leave", "session.end"];
    assert_eq!(names(&got[3..]), all);
    assert_eq!(got[7].1["reason"], "everyone_left");
}

#[tokio::test]
async fn other_events_have_a_button_if_the_space_subscribes_to_them() {
    let bench = Bench::new().await;
    let (url, mut arrivals) = receiver(&[]).await;
    let (answer, link, _) = two_people(&bench, &url).await;
    let page = bench.client.get(&link).send().await.expect("is answered");
    let html = page.text().await.expect("has a body");
    for (event, shown) in [
        ("chat.message", true),
        ("knock.admit", true),
        ("transcription.finish", true),
        ("summary.finish", false),
        ("cobrowser.start", false),
    ] {
        let button = format!("action=\"/{event}\"");
        assert_eq!(html.contains(&button), shown, "{event}");
        let status = if shown { 303 } else { 403 };
        assert_eq!(bench.press(&format!("/{event}"), &link).await.status(), status, "{event}");
    }
    let secret = answer["secret"].as_str().expect("is text");
    let mut bodies = Vec::new();
    for event in ["chat.message", "knock.admit", "transcription.finish"] {
        let arrival = next(&mut arrivals).await;
        assert_eq!(arrival.event(), event);
        let signature = arrival.header("x-webhook-signature");
        assert_eq!(verify(secret, &arrival.body, signature), Ok(Verdict::Matches));
        let body = arrival.json();
        assert_eq!(body["room"]["id"], answer["room_id"]);
        assert_eq!(body["session"]["id"], answer["session_id"]);
        bodies.push(body);
    }
    assert_eq!(bodies[0]["user"]["id"], "7");
    assert!(bodies[0]["message"]["text"].is_string() && is_time(&bodies[0]["message"]["sent_at"]));
    assert_eq!((&bodies[1]["by"]["id"], &bodies[1]["user"]["guest"]), (&"7".into(), &true.into()));
    assert!(bodies[2]["user"].is_null() && bodies[2]["transcription"]["url"].is_string());
    assert_eq!(bench.press("/no.such", &link).await.status(), 404);
}

#[tokio::test]
async fn one_url_can_get_every_event_exactly_once() {
    let (url, mut arrivals) = receiver(&[]).await;
    let everything = format!("{url}/all").parse().expect("is a URL");
    let options = Options { serving: true, webhook_url: Some(everything), ..Options::default() };
    let bench = Bench::with(options).await;
    let hooks = format!(r#"{{"user": {{"join": "{url}/own", "leave": "{url}/all"}}}}"#);
    let (_, answer) = bench.launch(&format!(r#"{{"id": "a", "webhooks": {hooks}}}"#)).await;
    let link = answer["client_url"].as_str().expect("is text");
    for button in ["/join", "/idle", "/leave"] {
        bench.press(button, link).await;
    }
    let mut got = Vec::new();
    for _ in 0..7 {
        got.push(next(&mut arrivals).await);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(arrivals.try_recv().is_err(), "user.leave has one URL and comes once");
    let at = |path: &str| {
        let there = got.iter().filter(|arrival| arrival.path == path);
        there.map(Arrival::event).collect::<Vec<_>>()
    };
    let all =
        ["session.start", "user.join", "user.idle", "session.idle", "user.leave", "session.end"];
    assert_eq!((at("/all"), at("/own")), (all.to_vec(), vec!["user.join"]));
    let secret = answer["secret"].as_str().expect("is text");
    for arrival in &got {
        let signature = arrival.header("x-webhook-signature");
        assert_eq!(verify(secret, &arrival.body, signature), Ok(Verdict::Matches));
    }
}
