//! What happens behind a link: it is opened, its person joins and leaves, and the Space's
//! webhooks tell of it. Only when a session has ended does the Space get the id of the next.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use url::form_urlencoded;
use uuid::Uuid;

use super::Shared;
use super::answer::{Note, broken_state};
use super::events::{self, IDLE};
use super::page;
use super::session::Change;
use super::space::Space;
use super::token::{self, Claims};
use super::view::{self, View};
use crate::escape::untrusted;

/// A genuine link, opened.
struct Visit {
    space: Space,
    claims: Claims,
    token: String,
}

impl Visit {
    fn tell(&self, shared: &Shared, event: &'static str) {
        events::tell(shared, &self.space, &self.claims, event);
    }
}

/// Why a link does not lead anywhere.
enum Refused {
    Incomplete,
    NoSpace,
    Forged,
    State(io::Error),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Incomplete => page::incomplete(),
            Self::NoSpace => page::no_space(),
            Self::Forged => page::forged(),
            Self::State(error) => broken_state(&error),
        }
    }
}

/// `GET /`: the page behind a link; without a link, what this place is.
pub(super) async fn open(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if query.is_empty() {
        return page::welcome();
    }
    match visit(&shared, query.as_bytes()).await {
        Ok(visit) => show(&shared, &visit, StatusCode::OK),
        Err(refused) => refused.into_response(),
    }
}

/// `GET /join` and its like, as a browser asks when the address of a form's answer is opened again.
pub(super) async fn reload(RawQuery(query): RawQuery) -> Response {
    let place = query.map_or_else(|| "/".to_owned(), |query| format!("/?{query}"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// `POST /join`
pub(super) async fn join(State(shared): State<Arc<Shared>>, form: Bytes) -> Response {
    let visit = match visit(&shared, &form).await {
        Ok(visit) => visit,
        Err(refused) => return refused.into_response(),
    };
    let now = Timestamp::now();
    let second = now.as_second();
    if second < visit.claims.nbf || second >= visit.claims.exp {
        return show(&shared, &visit, StatusCode::FORBIDDEN);
    }
    let change = shared.sessions().join(&visit.space, &visit.token, &visit.claims, now);
    if change == Change::Session {
        visit.tell(&shared, "session.start");
    }
    if change != Change::Nothing {
        visit.tell(&shared, "user.join");
        if visit.claims.kick_on_exp() {
            let left = u64::try_from(visit.claims.exp - second).unwrap_or_default();
            let (token, room) = (visit.token.clone(), visit.space.room_id);
            tokio::spawn(put_out(Arc::clone(&shared), token, room, left));
        }
    }
    back(&visit, "joined")
}

/// `POST /leave`: also after the link has ended, for those who are inside.
pub(super) async fn leave(State(shared): State<Arc<Shared>>, form: Bytes) -> Response {
    match visit(&shared, &form).await {
        Ok(visit) => match depart(&shared, &visit).await {
            Ok(()) => back(&visit, "left"),
            Err(error) => Refused::State(error).into_response(),
        },
        Err(refused) => refused.into_response(),
    }
}

/// `POST /idle`: as if nobody had moved for a while; only for those who are inside.
pub(super) async fn idle(State(shared): State<Arc<Shared>>, form: Bytes) -> Response {
    let visit = match visit(&shared, &form).await {
        Ok(visit) => visit,
        Err(refused) => return refused.into_response(),
    };
    let (inside, _) = shared.sessions().inside(visit.space.room_id, &visit.token);
    if !inside {
        return show(&shared, &visit, StatusCode::FORBIDDEN);
    }
    for event in IDLE {
        visit.tell(&shared, event);
    }
    back(&visit, "is idle in")
}

/// `kickOnExp`: the person leaves when the link ends, unless they have left before.
async fn put_out(shared: Arc<Shared>, token: String, room: Uuid, seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    if let Ok(visit) = genuine(&shared, token, room).await {
        // If the state cannot be written, the next page that is opened says so.
        let _ = depart(&shared, &visit).await;
    }
}

async fn depart(shared: &Shared, visit: &Visit) -> io::Result<()> {
    let room = visit.space.room_id;
    let change = shared.sessions().leave(room, &visit.token, Timestamp::now());
    if change != Change::Nothing {
        visit.tell(shared, "user.leave");
    }
    if change == Change::Session {
        visit.tell(shared, "session.end");
        let _ = shared.store().await?.update(room, |space| {
            let space = space.cloned().unwrap_or_else(|| visit.space.clone());
            Ok::<_, ()>(Space { session_id: Uuid::new_v4(), ..space })
        })?;
    }
    Ok(())
}

/// The link in a query or a form.
async fn visit(shared: &Shared, fields: &[u8]) -> Result<Visit, Refused> {
    let mut token = None;
    let mut room = None;
    for (name, value) in form_urlencoded::parse(fields) {
        match &*name {
            "user" => token = Some(value.into_owned()),
            "room" => room = Uuid::parse_str(&value).ok(),
            _ => {}
        }
    }
    match (token, room) {
        (Some(token), Some(room)) => genuine(shared, token, room).await,
        _ => Err(Refused::Incomplete),
    }
}

async fn genuine(shared: &Shared, token: String, room: Uuid) -> Result<Visit, Refused> {
    let space = shared.store().await.and_then(|mut store| store.get(room));
    let space = space.map_err(Refused::State)?.ok_or(Refused::NoSpace)?;
    let claims = token::read(&token, space.secret).map_err(|token::Forged| Refused::Forged)?;
    Ok(Visit { space, claims, token })
}

fn show(shared: &Shared, visit: &Visit, status: StatusCode) -> Response {
    let Visit { space, claims, token } = visit;
    let (inside, people) = shared.sessions().inside(space.room_id, token);
    let besides = shared.deliveries.besides();
    let besides = besides.as_deref();
    let view = View { space, claims, token, inside, people, besides, now: Timestamp::now() };
    view::room(&view, status)
}

/// Back to the link's page, so that reloading it does not send the form again.
fn back(visit: &Visit, done: &str) -> Response {
    let room = visit.space.room_id.to_string();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("user", visit.token.as_str()), ("room", &room)])
        .finish();
    let mut response =
        (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/?{query}"))]).into_response();
    let note =
        format!("{} {done} Space {}", untrusted(visit.claims.name()), untrusted(&visit.space.id));
    response.extensions_mut().insert(Note(note));
    response
}
