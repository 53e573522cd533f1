//! The events of a room: which of the page's buttons sends which, what their bodies hold, and
//! how the page says so.
//!
//! The form of the bodies is not documented. Receivers in the wild read `room.id`, and the
//! session's id either at the top of a session's event or under `session`, so it is in both.

use serde_json::{Value, json};

use super::Shared;
use super::space::Space;
use super::token::Claims;
use crate::html::Html;

pub(super) const JOIN: [&str; 2] = ["session.start", "user.join"];
pub(super) const LEAVE: [&str; 2] = ["user.leave", "session.end"];
pub(super) const IDLE: [&str; 2] = ["user.idle", "session.idle"];

/// Sends `event` of this person in this Space to whoever wants to know.
pub(super) fn tell(shared: &Shared, space: &Space, claims: &Claims, event: &'static str) {
    shared.deliveries.send(space, event, &body(space, claims, event));
}

fn body(space: &Space, claims: &Claims, event: &str) -> Value {
    let mut body = json!({
        "room": {"id": space.room_id, "name": space.name},
        "session": {"id": space.session_id},
    });
    if event.starts_with("session.") {
        body["id"] = json!(space.session_id);
    } else {
        let id = if claims.guest { Value::Null } else { Value::from(claims.id.as_str()) };
        body["user"] = json!({"id": id, "name": claims.name()});
    }
    body
}

/// What the page says of the webhooks; `besides` is where every event goes anyway.
pub(super) fn described(space: &Space, besides: Option<&str>) -> Html {
    let sent = |events: [&str; 2]| {
        let known = events.iter().filter(|event| space.webhooks.contains_key(**event));
        let known: Vec<_> = known.map(|event| format!("<code>{event}</code>")).collect();
        if known.is_empty() { "nothing".to_owned() } else { known.join(" and ") }
    };
    let all = JOIN.iter().chain(&LEAVE).chain(&IDLE);
    let own = if all.into_iter().any(|event| space.webhooks.contains_key(*event)) {
        let (join, leave, idle) = (sent(JOIN), sent(LEAVE), sent(IDLE));
        format!("Join sends {join}, Leave sends {leave}, Idle sends {idle}.")
    } else {
        "This Space has none for joining, leaving and being idle.".to_owned()
    };
    let mut text = vec![Html::trusted(own)];
    if let Some(besides) = besides {
        text.push(Html::trusted(" This sandbox also sends every event to <code>"));
        text.extend([Html::text(besides), Html::trusted("</code>.")]);
    }
    Html::joined(text)
}
