//! The requests behind a link: opening its page, pressing its buttons and sending the Space's webhooks.
//! Guests come in through the invite page.

use super::api::{Note, not_found, state_failure};
use super::page::{self, View};
use super::session::Room;
use super::store::Space;
use super::token::{self, Claims, Phase};
use super::webhooks::{Event, OTHER_EVENTS};
use super::{Shared, lock};
use crate::escape::untrusted;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;
use uuid::Uuid;

/// An opened genuine link.
struct Visit {
    space: Space,
    claims: Claims,
    token: String,
    /// The link's invite URL, if any.
    invite_url: Option<String>,
}

/// Why a link cannot be opened.
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
            Self::State(error) => state_failure(&error),
        }
    }
}

/// The parts of a link, from a query or a form.
#[derive(Default)]
struct Link {
    token: Option<String>,
    room: Option<Uuid>,
    invite_url: Option<String>,
}

impl Link {
    fn of(fields: &[u8]) -> Self {
        let mut link = Self::default();
        for (name, value) in form_urlencoded::parse(fields) {
            match &*name {
                "user" => link.token = Some(value.into_owned()),
                "room" => link.room = Uuid::parse_str(&value).ok(),
                "inviteUrl" => link.invite_url = Some(value.into_owned()),
                _ => {}
            }
        }
        link
    }

    async fn visit(self, shared: &Shared) -> Result<Visit, Refused> {
        let Self { token: Some(token), room: Some(room), invite_url } = self else {
            return Err(Refused::Incomplete);
        };
        let space = space(shared, room).await?;
        let claims = token::read(&token, space.secret).map_err(|token::Forged| Refused::Forged)?;
        Ok(Visit { space, claims, token, invite_url })
    }
}

async fn space(shared: &Shared, room: Uuid) -> Result<Space, Refused> {
    let space = shared.store().await.and_then(|mut store| store.get(room));
    space.map_err(Refused::State)?.ok_or(Refused::NoSpace)
}

/// `GET /`: the page of a link, or the welcome page.
pub(super) async fn open(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if query.is_empty() {
        return page::welcome();
    }
    match Link::of(query.as_bytes()).visit(&shared).await {
        Ok(visit) => show(&shared, &visit, StatusCode::OK),
        Err(refused) => refused.into_response(),
    }
}

/// The actions of the page's buttons.
#[derive(Clone, Copy)]
enum Action {
    Join,
    Leave,
    Idle,
    Active,
    Send(&'static str),
}

impl Action {
    /// `name` is the last part of the form's URL.
    fn named(name: &str) -> Option<Self> {
        match name {
            "join" => Some(Self::Join),
            "leave" => Some(Self::Leave),
            "idle" => Some(Self::Idle),
            "active" => Some(Self::Active),
            _ => OTHER_EVENTS.into_iter().find(|event| *event == name).map(Self::Send),
        }
    }

    /// For the log: `Anna joined Space a`.
    fn done(self) -> String {
        match self {
            Self::Join => "joined".to_owned(),
            Self::Leave => "left".to_owned(),
            Self::Idle => "is idle in".to_owned(),
            Self::Active => "is active in".to_owned(),
            Self::Send(event) => format!("sent {event} for"),
        }
    }
}

/// `GET /join` and so on: a browser reopens the URL of a submitted form.
pub(super) async fn reload(Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    if Action::named(&name).is_none() {
        return not_found(&format!("/{name}"));
    }
    see_other(query.map_or_else(|| "/".to_owned(), |query| format!("/?{query}")))
}

/// `POST /join` and so on: a button was pressed.
pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    form: Bytes,
) -> Response {
    let Some(action) = Action::named(&name) else {
        return not_found(&format!("/{name}"));
    };
    let visit = match Link::of(&form).visit(&shared).await {
        Ok(visit) => visit,
        Err(refused) => return refused.into_response(),
    };
    let now = Timestamp::now();
    let is_inside = lock(&shared.rooms)
        .get(&visit.space.room_id)
        .is_some_and(|room| room.is_idle(&visit.token).is_some());
    let is_allowed = match action {
        Action::Join => visit.claims.phase(now) == Phase::Open,
        // People in the room can leave even after the link has expired.
        Action::Leave => true,
        Action::Idle | Action::Active => is_inside,
        Action::Send(event) => shared.deliveries.wants(&visit.space, event),
    };
    if !is_allowed {
        return show(&shared, &visit, StatusCode::FORBIDDEN);
    }
    if let Err(error) = carry_out(&shared, &visit, action, now).await {
        return state_failure(&error);
    }
    if let (Action::Join, false, Some(left)) =
        (action, is_inside, visit.claims.time_until_removal(now))
    {
        let (token, room) = (visit.token.clone(), visit.space.room_id);
        tokio::spawn(remove_later(Arc::clone(&shared), token, room, left));
    }
    let response = see_other(format!("/?{}", visit.query()));
    let (person, space) = (untrusted(&visit.claims.name), untrusted(&visit.space.id));
    Note(format!("{person} {} Space {space}", action.done())).on(response)
}

async fn carry_out(
    shared: &Shared,
    visit: &Visit,
    action: Action,
    now: Timestamp,
) -> io::Result<()> {
    let Visit { space, claims, token, .. } = visit;
    let (events, has_ended) = {
        let mut rooms = lock(&shared.rooms);
        let room = rooms.entry(space.room_id).or_default();
        let was_over = room.has_ended();
        let events = match action {
            Action::Join => room.join(space, token, claims, now),
            Action::Leave => room.leave(space, token, now),
            Action::Idle => room.idle(space, token, now),
            Action::Active => {
                room.active(token);
                Vec::new()
            }
            Action::Send(event) => {
                room.active(token);
                vec![Event::other(event, space, room.session.as_ref(), claims)]
            }
        };
        (events, room.has_ended() && !was_over)
    };
    for event in &events {
        shared.deliveries.send(space, event);
    }
    if has_ended {
        let _ = shared.store().await?.update(space.room_id, |saved| {
            let saved = saved.unwrap_or(space).clone();
            Ok::<_, ()>(Space { session_id: Uuid::new_v4(), ..saved })
        })?;
    }
    Ok(())
}

/// `kickOnExp`: removes the person when the link expires, unless they have already left.
async fn remove_later(shared: Arc<Shared>, token: String, room: Uuid, left: Duration) {
    tokio::time::sleep(left).await;
    let link = Link { token: Some(token), room: Some(room), invite_url: None };
    if let Ok(visit) = link.visit(&shared).await {
        // If the state cannot be written, the next page shows the error.
        let _ = carry_out(&shared, &visit, Action::Leave, Timestamp::now()).await;
    }
}

/// `GET /invite?room=...`: the invite page, where guests come in without their own link.
pub(super) async fn invite(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    match invited(&shared, query.unwrap_or_default().as_bytes()).await {
        Ok(space) => page::invite(&space),
        Err(refused) => refused.into_response(),
    }
}

/// `POST /invite`: a guest comes in.
pub(super) async fn enter(State(shared): State<Arc<Shared>>, form: Bytes) -> Response {
    match invited(&shared, &form).await {
        Ok(space) if space.allow_guests => {
            let token = token::invite(space.secret, Timestamp::now());
            let response = see_other(format!("/?user={token}&room={}", space.room_id));
            Note(format!("a guest used the invite page of Space {}", untrusted(&space.id)))
                .on(response)
        }
        Ok(space) => page::invite(&space),
        Err(refused) => refused.into_response(),
    }
}

async fn invited(shared: &Shared, fields: &[u8]) -> Result<Space, Refused> {
    space(shared, Link::of(fields).room.ok_or(Refused::Incomplete)?).await
}

fn show(shared: &Shared, visit: &Visit, status: StatusCode) -> Response {
    let Visit { space, claims, token, invite_url } = visit;
    let rooms = lock(&shared.rooms);
    let nobody = Room::default();
    let view = View {
        space,
        claims,
        token,
        invite_url: invite_url.as_deref(),
        origin: &shared.origin,
        room: rooms.get(&space.room_id).unwrap_or(&nobody),
        deliveries: &shared.deliveries,
        now: Timestamp::now(),
    };
    page::room(&view, status)
}

impl Visit {
    fn query(&self) -> String {
        let room = self.space.room_id.to_string();
        let invite_url = self.invite_url.iter().map(|url| ("inviteUrl", url.as_str()));
        let pairs = [("user", self.token.as_str()), ("room", &room)].into_iter().chain(invite_url);
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

/// Redirects to another page, so that reloading it does not submit the form again.
fn see_other(place: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}
