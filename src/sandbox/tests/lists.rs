//! What an organisation looks up: itself, its Spaces and their sessions.

use super::*;
use serde_json::json;

impl Bench {
    /// Gets a path below `v2/` with a key; the status and the answer.
    async fn get_as(&self, key: &str, path: &str) -> (u16, Value) {
        let request = self.client.get(format!("{}{path}", self.sandbox.url()));
        let request = request.header(header::AUTHORIZATION, format!("Organisation {key}"));
        let response = request.send().await.expect("is answered");
        (response.status().as_u16(), json(response).await)
    }

    async fn organisation(&self, key: &str) -> u64 {
        let (status, answer) = self.get_as(key, "my-organisation/").await;
        assert_eq!((status, &answer["name"]), (200, &json!("Practice organisation")));
        answer["id"].as_u64().expect("is an integer")
    }

    /// What a list of this bench's own organisation holds.
    async fn list(&self, path: &str) -> Value {
        let id = self.organisation(self.sandbox.key()).await;
        let (status, answer) =
            self.get_as(self.sandbox.key(), &format!("organisations/{id}/{path}")).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    list["results"].as_array().expect("is a list").iter().map(|entry| &entry[field]).collect()
}

#[tokio::test]
async fn every_key_has_an_organisation_of_its_own_and_sees_no_other() {
    let bench = Bench::new().await;
    let (one, two) = (bench.organisation("one").await, bench.organisation("two").await);
    assert!(one > 0 && one != two);
    assert_eq!(bench.organisation("one").await, one, "it stays the same");
    bench.launch_as("Organisation one", r#"{"id": "a"}"#).await;
    let count = async |key: &str, id: u64| {
        bench.get_as(key, &format!("organisations/{id}/spaces/")).await.1["count"].clone()
    };
    assert_eq!((count("one", one).await, count("two", two).await), (json!(1), json!(0)));
    let detail = json!({"detail": "You do not have permission to perform this action."});
    for list in ["spaces", "sessions"] {
        let other = bench.get_as("two", &format!("organisations/{one}/{list}/")).await;
        assert_eq!(other, (403, detail.clone()));
        let path = format!("organisations/x/{list}/");
        assert_eq!(bench.get_as("two", &path).await.0, 403);
    }
    let nobody = bench.client.get(format!("{}my-organisation/", bench.sandbox.url()));
    assert_eq!(nobody.send().await.expect("is answered").status(), 401);
}

#[tokio::test]
async fn spaces_are_listed_and_searched_and_paged() {
    let bench = Bench::new().await;
    for number in 1..=21 {
        bench.launch(&json!({"id": number, "name": format!("Lesson {number}")}).to_string()).await;
    }
    let first = bench.list("spaces/").await;
    assert_eq!((&first["count"], &first["previous"]), (&json!(21), &Value::Null));
    assert_eq!(each(&first, "name")[0], "Lesson 21", "the newest is the first");
    let next = first["next"].as_str().expect("leads on").to_owned();
    let path = next.strip_prefix(bench.sandbox.url()).expect("is this sandbox's");
    let (_, second) = bench.get_as(bench.sandbox.key(), path).await;
    assert_eq!(each(&second, "launch_id"), ["1"]);
    assert!(second["previous"].is_string() && second["next"].is_null());
    assert_eq!(
        each(&bench.list("spaces/?search=LESSON%202").await, "launch_id"),
        ["21", "20", "2"]
    );
    assert_eq!(each(&bench.list("spaces/?launch_id=2").await, "name"), ["Lesson 2"]);
    let room = each(&second, "id")[0].as_str().expect("is text").to_owned();
    assert_eq!(each(&bench.list(&format!("spaces/?space={room}")).await, "name"), ["Lesson 1"]);
    assert_eq!(bench.list("spaces/?search=chemistry").await["count"], 0);
    let id = bench.organisation(bench.sandbox.key()).await;
    let beyond = format!("organisations/{id}/spaces/?page=3");
    let invalid = json!({"detail": "Invalid page."});
    assert_eq!(bench.get_as(bench.sandbox.key(), &beyond).await, (404, invalid));
}

#[tokio::test]
async fn a_session_is_listed_from_the_first_join_to_after_the_last_leave() {
    let bench = Bench::new().await;
    let (_, answer) = bench
        .launch(
            r#"{"id": "bio", "name": "Biology", "user": {"id": 7, "name": "Anna", "leader": 1}}"#,
        )
        .await;
    let anna = answer["client_url"].as_str().expect("is text");
    let guest = bench.link(r#"{"id": "bio"}"#).await;
    assert_eq!(bench.list("sessions/").await["count"], 0, "a launch is no session");
    bench.press("/join", anna).await;
    bench.press("/join", &guest).await;
    let running = bench.list("sessions/").await;
    let session = &running["results"][0];
    let expected = json!({
        "id": 1,
        "uuid": answer["session_id"],
        "name": "Biology",
        "start_time": session["start_time"],
        "end_time": null,
        "space": {"id": answer["room_id"], "name": "Biology"},
        "users": [{"external_id": "7", "name": "Anna", "role": "teacher"}],
        "guests": [{"name": "Guest"}],
        "summary": null,
        "recording_available": false,
        "playback_url": null,
    });
    assert_eq!(session, &expected);
    bench.press("/leave", &guest).await;
    bench.press("/join", &guest).await;
    bench.press("/leave", anna).await;
    assert!(bench.list("sessions/").await["results"][0]["end_time"].is_null());
    bench.press("/leave", &guest).await;
    let over = bench.list("sessions/").await;
    let time = |field: &str| {
        let text = over["results"][0][field].as_str().expect("is text");
        text.parse::<jiff::Timestamp>().expect("is a time")
    };
    assert!(over["count"] == 1 && time("start_time") < time("end_time"), "{over}");
    assert_eq!(over["results"][0]["guests"], json!([{"name": "Guest"}]), "each person once");
}

#[tokio::test]
async fn sessions_are_narrowed_by_space_launch_id_and_search() {
    let bench = Bench::new().await;
    for id in ["bio", "chem"] {
        let link = bench.link(&json!({"id": id, "name": format!("Class {id}")}).to_string()).await;
        bench.press("/join", &link).await;
        bench.press("/leave", &link).await;
        bench.press("/join", &link).await;
    }
    let all = bench.list("sessions/").await;
    assert_eq!(each(&all, "id"), [4, 3, 2, 1], "the newest is the first");
    assert_ne!(each(&all, "uuid")[0], each(&all, "uuid")[1], "each has its own uuid");
    let found = async |query: &str| {
        let list = bench.list(&format!("sessions/?{query}")).await;
        each(&list, "id").into_iter().cloned().collect::<Vec<_>>()
    };
    let room = all["results"][3]["space"]["id"].as_str().expect("is text").to_owned();
    assert_eq!(found(&format!("space={room}")).await, [2, 1]);
    assert_eq!(found("launch_id=chem").await, [4, 3]);
    assert_eq!(found("launch_id=ch").await, Vec::<Value>::new(), "the whole id");
    assert_eq!(found("search=BIO").await, [2, 1]);
    let uuid = all["results"][0]["uuid"].as_str().expect("is text").to_owned();
    assert_eq!(found(&format!("search={uuid}")).await, [4]);
    assert_eq!(found(&format!("space={room}&launch_id=chem")).await, Vec::<Value>::new());
}

#[tokio::test]
async fn sessions_are_narrowed_by_time_and_by_whether_they_run() {
    let bench = Bench::new().await;
    let link = bench.link(r#"{"id": "a"}"#).await;
    for button in ["/join", "/leave", "/join"] {
        bench.press(button, &link).await;
    }
    let ids = async |query: &str| {
        let list = bench.list(&format!("sessions/?{query}")).await;
        each(&list, "id").into_iter().cloned().collect::<Vec<_>>()
    };
    let (past, future) = ("2020-01-01T00:00:00Z", "2099-01-01");
    for (query, expected) in [
        ("in_progress_only=true".to_owned(), vec![2]),
        ("in_progress_only=false".to_owned(), vec![2, 1]),
        (format!("start_time_after={past}&start_time_before={future}"), vec![2, 1]),
        (format!("start_time_after={future}"), vec![]),
        (format!("start_time_before={past}"), vec![]),
        (format!("end_time_after={past}"), vec![1]),
        (format!("end_time_before={future}"), vec![1]),
        ("end_time_after=yesterday".to_owned(), vec![]),
    ] {
        assert_eq!(ids(&query).await, expected, "{query}");
    }
}
