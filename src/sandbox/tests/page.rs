//! The page of a link, as a browser without scripts shows it.

use super::*;
use jiff::{SignedDuration, Timestamp};

async fn open(bench: &Bench, link: &str) -> (u16, String) {
    let response = bench.client.get(link).send().await.expect("is answered");
    let policy = text(&response, "content-security-policy").expect("has a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(text(&response, "referrer-policy"), Some("no-referrer"));
    assert_eq!(text(&response, "cache-control"), Some("no-store"));
    (response.status().as_u16(), response.text().await.expect("has a body"))
}

#[tokio::test]
async fn reopening_the_url_of_a_form_redirects_to_the_page() {
    let bench = Bench::new().await;
    let link = bench.link(r#"{"id": "bio_1"}"#).await;
    for path in ["join", "leave", "idle", "active", "chat.message"] {
        for link in [link.clone(), link.split('?').next().expect("an address").to_owned()] {
            let again = link.replacen("/?", &format!("/{path}?"), 1);
            let again = if link == again { format!("{link}{path}") } else { again };
            let response = bench.client.get(&again).send().await.expect("is answered");
            let place = text(&response, "location").map(str::to_owned);
            let page = url::Url::parse(&link).expect("an address");
            let page = page.query().map_or_else(|| "/".to_owned(), |query| format!("/?{query}"));
            assert_eq!((response.status().as_u16(), place), (303, Some(page)), "{again}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_the_person_and_the_settings() {
    let bench = Bench::new().await;
    let link = bench
        .link(
            r#"{"id": "bio_1", "name": "Biology", "record_av": true, "user": {"id": "t",
            "name": "Peter", "leader": true}, "features": {"chat.enabled": false}}"#,
        )
        .await;
    let (status, html) = open(&bench, &link).await;
    assert_eq!(status, 200);
    for part in [
        "Practice room",
        "<bdi>Biology</bdi>",
        "<bdi>bio_1</bdi>",
        "<bdi>Peter</bdi>",
        "Leader: ",
        "This link is valid",
        "in 7 days",
        "<code><bdi>chat.enabled</bdi></code></span> <span class=\"switch off\">off</span>",
        "<code>record_av</code></span> <span class=\"switch on\">on</span>",
        "action=\"/join\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert!(!html.contains("<script") && !html.contains("/leave"));
}

#[tokio::test]
async fn joining_and_leaving_change_the_page_and_the_session() {
    let mut bench = Bench::new().await;
    let link = bench.link(r#"{"id": "a", "user": {"id": "t", "name": "Peter"}}"#).await;
    let guest = bench.link(r#"{"id": "a"}"#).await;
    let joined = bench.press("/join", &link).await;
    assert_eq!(joined.status(), 303);
    let back = text(&joined, "location").expect("leads back").to_owned();
    let (_, html) = open(&bench, &bench.page(&back)).await;
    assert!(html.contains("You are in the room") && html.contains("action=\"/leave\""));
    assert!(html.contains("action=\"/idle\"") && !html.contains("action=\"/join\""));
    assert!(open(&bench, &guest).await.1.contains("One person is in the room."));
    let session = async || bench.launch(r#"{"id": "a"}"#).await.1["session_id"].clone();
    let first = session().await;
    bench.press("/join", &guest).await;
    bench.press("/leave", &link).await;
    assert_eq!(session().await, first, "one person is still inside");
    bench.press("/leave", &guest).await;
    let second = session().await;
    assert_ne!(second, first);
    bench.press("/leave", &guest).await;
    assert_eq!(session().await, second, "leaving twice ends nothing");
    let lines = bench.lines();
    assert!(lines.contains(&"page: POST /join: 303, Peter joined Space a".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn the_page_shows_where_events_are_sent() {
    let options = Options {
        serving: true,
        webhook_url: Some("http://127.0.0.1:9/all?token=hidden".parse().expect("is a URL")),
        ..Options::default()
    };
    let bench = Bench::with(options).await;
    let none = open(&bench, &bench.link(r#"{"id": "a"}"#).await).await.1;
    assert!(none.contains("This Space has no webhooks."), "{none}");
    assert!(
        none.contains("every event to <code><bdi>http://127.0.0.1:9/all</bdi></code>."),
        "{none}"
    );
    let hooks = r#"{"session": {"idle": "http://h/1"}, "user": {"join": "http://h/2"}}"#;
    let link = bench.link(&format!(r#"{{"id": "b", "webhooks": {hooks}}}"#)).await;
    let says = "This Space subscribes to <code><bdi>session.idle</bdi></code>, \
                <code><bdi>user.join</bdi></code>.";
    assert!(open(&bench, &link).await.1.contains(says));
}

#[tokio::test]
async fn the_invite_url_is_shown_and_guests_can_enter_only_if_allowed() {
    let bench = Bench::new().await;
    let link = bench.link(r#"{"id": "a", "user": {"id": "t"}}"#).await;
    let room = link.split_once("&room=").expect("has a room").1.split('&').next().expect("ends");
    let own = bench.page(&format!("/invite?room={room}"));
    let (_, html) = open(&bench, &link).await;
    assert!(html.contains(&format!("<bdi>{own}</bdi>")), "{html}");
    let form = format!("room={room}");
    let enter = async || bench.press("/invite", &format!("?{form}")).await;
    assert_eq!(open(&bench, &own).await.0, 200);
    let entered = enter().await;
    assert_eq!(entered.status(), 303);
    let place = text(&entered, "location").expect("leads to a page").to_owned();
    let (status, html) = open(&bench, &bench.page(&place)).await;
    assert!(status == 200 && html.contains("<bdi>Guest</bdi>"), "{html}");

    let body = r#"{"id": "a", "allow_guests": false, "invite_url": "school.example/<:uuid>"}"#;
    let link = bench.link(body).await;
    let shown = format!("<bdi>school.example/&lt;{room}&gt;</bdi>");
    let (status, html) = open(&bench, &link).await;
    assert!(
        status == 200 && html.contains(&shown) && html.contains("guests cannot join"),
        "{html}"
    );
    let joined = bench.press("/join", &link).await;
    let back = text(&joined, "location").expect("leads back").to_owned();
    assert!(open(&bench, &bench.page(&back)).await.1.contains(&shown), "it stays after joining");
    let (status, html) = open(&bench, &own).await;
    assert!(status == 403 && html.contains("does not allow guests"), "{html}");
    assert_eq!(enter().await.status(), 403);
    assert_eq!(open(&bench, &bench.page("/invite")).await.0, 400);
}

#[tokio::test]
async fn early_and_expired_links_are_reported_and_cannot_join() {
    let bench = Bench::new().await;
    let early = r#"{"id": "a", "timeouts": {"not_before": "2099-01-01T00:00:00Z"}}"#;
    let expired = r#"{"id": "a", "timeouts": {"not_before": "2020-01-01T00:00:00Z",
        "not_after": "2020-01-02T00:00:00Z"}}"#;
    let expired = bench.link(expired).await;
    let early = bench.link(early).await;
    for (link, says) in [(early, "Not open yet"), (expired, "This link has expired")] {
        let (status, html) = open(&bench, &link).await;
        assert_eq!(status, 200);
        assert!(html.contains(says) && !html.contains("action=\"/join\""), "{html}");
        assert_eq!(bench.press("/join", &link).await.status(), 403);
        assert!(open(&bench, &link).await.1.contains("Nobody is in the room."));
    }
}

#[tokio::test]
async fn kick_on_exp_removes_the_person_when_the_link_expires() {
    let bench = Bench::new().await;
    let soon = Timestamp::now() + SignedDuration::from_secs(2);
    let body = |kick: bool| {
        format!(
            r#"{{"id": "a", "timeouts": {{"not_after": "{soon}"}},
            "user": {{"id": "{kick}", "custom_jwt_parameters": {{"kickOnExp": {kick}}}}}}}"#
        )
    };
    let (stays, goes) = (bench.link(&body(false)).await, bench.link(&body(true)).await);
    bench.press("/join", &stays).await;
    bench.press("/join", &goes).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(open(&bench, &stays).await.1.contains("Nobody else is in the room"));
    assert!(open(&bench, &goes).await.1.contains("This link has expired"));
}

#[tokio::test]
async fn invalid_links_get_a_page_with_the_reason() {
    let bench = Bench::new().await;
    let link = bench.link(r#"{"id": "a"}"#).await;
    let other = bench.link(r#"{"id": "b"}"#).await;
    let (token, room) = link.split_once("&room=").expect("has a room");
    let elsewhere = other.split_once("&room=").expect("has a room").1;
    let nowhere = "00000000-0000-4000-8000-000000000000";
    for (link, status, says) in [
        (format!("{token}x&room={room}"), 403, "Invalid link"),
        (format!("{token}&room={elsewhere}"), 403, "Invalid link"),
        (format!("{token}&room={nowhere}"), 404, "Space not found"),
        (token.to_owned(), 400, "This link is incomplete"),
        (format!("{token}&room=x"), 400, "This link is incomplete"),
        (bench.page("/"), 200, "The sandbox is running"),
    ] {
        let (got, html) = open(&bench, &link).await;
        assert!(got == status && html.contains(says), "{link}: {got} {html}");
    }
    let forged = format!("{token}x&room={room}");
    assert_eq!(bench.press("/join", &forged).await.status(), 403);
    assert_eq!(bench.press("/leave", &forged).await.status(), 403);
}

#[tokio::test]
async fn hostile_names_are_shown_as_text() {
    let bench = Bench::new().await;
    let link = bench
        .link(
            r#"{"id": "\"><script>1</script>", "name": "</title><script>2</script>\u202e",
            "user": {"id": "x", "name": "<img src=x onerror=3>"}, "features": {"<i>{{id}}": true}}"#,
        )
        .await;
    let (_, html) = open(&bench, &link).await;
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<i>"));
    assert!(!html.contains('\u{202e}') && html.contains("{{id}}"));
}

#[tokio::test]
async fn an_embedded_sandbox_has_no_pages() {
    let bench = Bench::with(Options::default()).await;
    let response = bench.client.get(bench.page("/")).send().await.expect("is answered");
    assert_eq!(response.status(), 404);
}
