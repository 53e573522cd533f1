//! The two calls that everybody makes, and the answers to those that nobody should.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::answer::{Note, answer, broken_state, refusal};
use super::check::{self, Launch};
use super::organisation::Organisation;
use super::space::{Settings, Space};
use super::{NOWHERE, Shared, token};
use crate::escape::untrusted;

/// The answer to a launch, in the order of the documentation.
#[derive(Serialize)]
struct Answer<'a> {
    client_url: String,
    api_base: String,
    room_id: Uuid,
    secret: Uuid,
    session_id: Uuid,
    /// The same for the same person of the same organisation; null for a guest.
    user_id: Option<u32>,
    room_settings: &'a Settings,
}

/// `GET hello/`
pub(super) async fn hello(_: Organisation) -> Response {
    answer(StatusCode::OK, &json!({"response": "Hello from the sandbox! Your key works. 👋"}))
}

/// `POST spaces/launch/`
pub(super) async fn launch(
    State(shared): State<Arc<Shared>>,
    organisation: Organisation,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => return refusal(error.status(), "The request body cannot be read."),
    };
    if let Some(refusal) = wrong_media_type(&headers).filter(|_| !body.is_empty()) {
        return refusal;
    }
    let now = Timestamp::now();
    let launch = match check::read(&body, now) {
        Ok(launch) => launch,
        Err(problems) => return answer(StatusCode::BAD_REQUEST, &problems),
    };
    let room = organisation.room_id(&launch.id);
    let mut created = false;
    let updated = shared.store().await.and_then(|mut store| {
        store.update(room, |before| {
            created = before.is_none();
            let mut space = before.cloned().unwrap_or_else(|| Space::new(room, &launch.id));
            space.apply(&launch)?;
            Ok::<_, &str>(space)
        })
    });
    match updated {
        Ok(Ok(space)) => launched(&shared, &organisation, &launch, &space, created, now),
        Ok(Err(problem)) => {
            answer(StatusCode::BAD_REQUEST, &json!({"non_field_errors": [problem]}))
        }
        Err(error) => broken_state(&error),
    }
}

fn launched(
    shared: &Shared,
    organisation: &Organisation,
    launch: &Launch,
    space: &Space,
    created: bool,
    now: Timestamp,
) -> Response {
    let token = token::issue(launch, space.secret, now);
    let origin = if shared.serving { &shared.origin } else { NOWHERE };
    let body = Answer {
        client_url: link(origin, &token, space.room_id),
        api_base: format!("{origin}/v2"),
        room_id: space.room_id,
        secret: space.secret,
        session_id: space.session_id,
        user_id: user_id(organisation, launch),
        room_settings: &space.settings,
    };
    let (status, done) = if created {
        (StatusCode::CREATED, "created")
    } else {
        (StatusCode::OK, "opened existing")
    };
    let note = Note(format!("{done} Space {}", untrusted(&space.id)));
    let mut response = answer(status, &body);
    response.extensions_mut().insert(note);
    response
}

/// `https://.../?user=<JWT>&room=<uuid>&server=<url>`
fn link(origin: &str, token: &str, room: Uuid) -> String {
    let room = room.to_string();
    let pairs = [("user", token), ("room", &room), ("server", origin)];
    let link = Url::parse_with_params(origin, pairs);
    link.map(String::from).unwrap_or_default()
}

fn user_id(organisation: &Organisation, launch: &Launch) -> Option<u32> {
    let person = launch.person.as_ref()?;
    let name = [&person.id, &person.email, &person.name].into_iter().flatten().next()?;
    Some(organisation.user_id(name))
}

/// The framework reads JSON only when it is called that; curl, left alone, calls it a form.
fn wrong_media_type(headers: &HeaderMap) -> Option<Response> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let detail = format!("Unsupported media type \"{}\" in request.", untrusted(essence));
    Some(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail))
}

pub(super) async fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "Not found. Every path of the API ends with a slash.")
}

/// A key is asked for before the method is judged, as the framework does.
pub(super) async fn method_not_allowed(_: Organisation, method: Method) -> Response {
    refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("Method \"{method}\" not allowed."))
}
