//! What an organisation can look up: itself, its Spaces, and the sessions in them. The paths and
//! the parameters are those that clients in the wild use.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Shared;
use super::answer::{answer, broken_state, refusal};
use super::kinds::{flag, moment};
use super::organisation::Organisation;
use super::paging::Query;
use super::session::Session;
use super::space::Space;

/// `GET my-organisation/`: clients check their key with it, and read the `id`.
pub(super) async fn my_organisation(organisation: Organisation) -> Response {
    let body = json!({"id": organisation.id(), "name": "Practice organisation"});
    answer(StatusCode::OK, &body)
}

/// `GET organisations/{id}/spaces/`, the newest Space first.
pub(super) async fn spaces(
    State(shared): State<Arc<Shared>>,
    organisation: Organisation,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(refusal) = not_its_own(&organisation, &id) {
        return refusal;
    }
    let query = Query::of(query.as_deref());
    let is_chosen = |space: &Space| organisation.owns(space) && wanted(&query, space);
    let found = shared.store().await.and_then(|mut store| store.choose(is_chosen));
    match found {
        Ok(spaces) => page(&shared, &query, &id, "spaces", &spaces, space_json),
        Err(error) => broken_state(&error),
    }
}

/// `GET organisations/{id}/sessions/`, the newest session first.
pub(super) async fn sessions(
    State(shared): State<Arc<Shared>>,
    organisation: Organisation,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(refusal) = not_its_own(&organisation, &id) {
        return refusal;
    }
    let query = Query::of(query.as_deref());
    let all: Vec<_> = shared.sessions().newest().cloned().collect();
    let mut found = Vec::new();
    for session in all {
        match shared.store().await.and_then(|mut store| store.get(session.room)) {
            Ok(Some(space)) if organisation.owns(&space) && met(&query, &session, &space) => {
                found.push((session, space));
            }
            Ok(_) => {}
            Err(error) => return broken_state(&error),
        }
    }
    page(&shared, &query, &id, "sessions", &found, |(session, space)| session.json(space))
}

/// What is answered to another organisation's number is not documented; clients understand 403.
fn not_its_own(organisation: &Organisation, id: &str) -> Option<Response> {
    let own = id.parse() == Ok(organisation.id());
    let detail = "You do not have permission to perform this action.";
    (!own).then(|| refusal(StatusCode::FORBIDDEN, detail))
}

/// `search` is part of the name or of the caller's id, `launch_id` the whole of that id.
fn wanted(query: &Query, space: &Space) -> bool {
    in_space(query, space)
        && query.allows("search", |part| contains(&space.name, part) || contains(&space.id, part))
}

/// `search` is part of the name, or the whole `uuid`.
fn met(query: &Query, session: &Session, space: &Space) -> bool {
    let uuid = session.uuid.to_string();
    in_space(query, space)
        && in_time(query, session)
        && query.allows("search", |part| {
            contains(space.title(), part) || uuid.eq_ignore_ascii_case(part)
        })
}

/// The parameters of one integration. A session that is running has not ended before or after
/// anything; a text that is not a time matches nothing.
fn in_time(query: &Query, session: &Session) -> bool {
    let (start, end) = (Some(session.start), session.end);
    let after = |name, time: Option<Timestamp>| {
        query.allows(name, |text| day_or_moment(text).is_some_and(|given| time >= Some(given)))
    };
    let before = |name, time: Option<Timestamp>| {
        query.allows(name, |text| {
            day_or_moment(text).zip(time).is_some_and(|(given, time)| time <= given)
        })
    };
    after("start_time_after", start)
        && before("start_time_before", start)
        && after("end_time_after", end)
        && before("end_time_before", end)
        && query.allows("in_progress_only", |word| {
            flag(&json!(word)).is_ok_and(|only| !only || end.is_none())
        })
}

/// A day alone is its beginning in UTC.
fn day_or_moment(text: &str) -> Option<Timestamp> {
    moment(text).or_else(|| moment(&format!("{text}T00:00")))
}

fn in_space(query: &Query, space: &Space) -> bool {
    let room = space.room_id.to_string();
    query.allows("space", |id| room.eq_ignore_ascii_case(id))
        && query.allows("launch_id", |id| space.id == id)
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// Clients read `id` and `name`. That the settings stand beside them is said by one source, that
/// the caller's own id is called `launch_id` here as in the query is a guess.
fn space_json(space: &Space) -> Value {
    let mut body = json!({"id": space.room_id, "name": space.name, "launch_id": space.id});
    if let (Value::Object(body), Ok(Value::Object(settings))) =
        (&mut body, serde_json::to_value(space.settings))
    {
        body.extend(settings);
    }
    body
}

fn page<T>(
    shared: &Shared,
    query: &Query,
    id: &str,
    list: &str,
    all: &[T],
    entry: impl Fn(&T) -> Value,
) -> Response {
    let url = format!("{}/v2/organisations/{id}/{list}/", shared.origin);
    match query.page(&url, all, entry) {
        Ok(page) => answer(StatusCode::OK, &page),
        Err(_) => refusal(StatusCode::NOT_FOUND, "Invalid page."),
    }
}
