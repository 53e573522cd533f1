//! The page of a genuine link: whose it is, for which Space, from when until when, what is
//! on and off, and the button to join or leave.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;

use super::events::described;
use super::page::layout;
use super::space::Space;
use super::token::Claims;
use super::words::{feature, moment, span};
use crate::html::{Html, fill};

const ROOM: &str = include_str!("room.html");

/// All that the page of a genuine link tells.
pub(super) struct View<'a> {
    pub space: &'a Space,
    pub claims: &'a Claims,
    pub token: &'a str,
    /// Whether this link's person has joined.
    pub inside: bool,
    /// How many are inside, this person included.
    pub people: usize,
    /// Where every event goes besides the Space's own webhooks.
    pub besides: Option<&'a str>,
    pub now: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Early,
    Open,
    Over,
}

/// The page of a genuine link, whether or not it can be used now.
pub(super) fn room(view: &View, status: StatusCode) -> Response {
    let View { space, claims, .. } = view;
    let phase = phase(view);
    let main = fill(
        ROOM,
        &[
            ("state", Html::trusted(state_class(view, phase))),
            ("state_text", Html::trusted(state_text(view, phase))),
            ("title", Html::text(space.title())),
            ("id", Html::text(&space.id)),
            ("initial", initial(claims.name())),
            ("name", Html::text(claims.name())),
            ("role", Html::trusted(role(claims))),
            ("action", action(view, phase)),
            ("people", Html::trusted(people(view))),
            ("idle", Html::trusted(idle(view))),
            ("from", time(claims.nbf, view.now)),
            ("until", time(claims.exp, view.now)),
            ("afterwards", Html::trusted(afterwards(claims))),
            ("features", features(claims)),
            ("settings", settings(space)),
            ("webhooks", described(space, view.besides)),
        ],
    );
    // The title is what a screen reader says first when a button has led to a new page.
    let title = format!("{}: {}", space.title(), state_text(view, phase));
    layout(&title, main, status)
}

fn phase(view: &View) -> Phase {
    let now = view.now.as_second();
    match view.claims {
        claims if now < claims.nbf => Phase::Early,
        claims if now >= claims.exp => Phase::Over,
        _ => Phase::Open,
    }
}

fn state_class(view: &View, phase: Phase) -> &'static str {
    match phase {
        _ if view.inside => "inside",
        Phase::Early => "early",
        Phase::Open => "open",
        Phase::Over => "over",
    }
}

fn state_text(view: &View, phase: Phase) -> &'static str {
    match phase {
        Phase::Over if view.inside => "You are in the room; this link has expired",
        _ if view.inside => "You are in the room",
        Phase::Early => "Not open yet",
        Phase::Open => "This link is valid",
        Phase::Over => "This link has expired",
    }
}

fn initial(name: &str) -> Html {
    let first = name.chars().find(|character| character.is_alphanumeric());
    Html::text(&first.map(|first| first.to_uppercase().to_string()).unwrap_or_default())
}

fn role(claims: &Claims) -> String {
    let role = match (claims.can_lead, claims.guest) {
        (true, _) => "Leader: can invite others, and end the session",
        (false, true) => "Guest: everybody who uses this link has this name",
        (false, false) => "Participant, not a leader",
    };
    format!("{role}{}", if claims.read_only() { "; read-only" } else { "" })
}

fn people(view: &View) -> String {
    match (view.people, view.inside) {
        (0, _) => "Nobody is in the room.".to_owned(),
        (1, true) => "Nobody else is in the room yet.".to_owned(),
        (2, true) => "One more person is in the room.".to_owned(),
        (1, false) => "One person is in the room.".to_owned(),
        (all, inside) => format!(
            "{} {}people are in the room.",
            all - usize::from(inside),
            if inside { "other " } else { "" }
        ),
    }
}

fn idle(view: &View) -> &'static str {
    if view.inside {
        " Idle does as if nobody had moved for a while; you stay in the room."
    } else {
        ""
    }
}

fn action(view: &View, phase: Phase) -> Html {
    let note = |text: &str| Html::trusted(format!("<p class=\"note\">{text}</p>"));
    match phase {
        _ if view.inside => Html::joined([
            button(view, "/leave", "Leave", "quiet"),
            button(view, "/idle", "Idle", "quiet"),
        ]),
        Phase::Open => button(view, "/join", "Join", "strong"),
        Phase::Early => note("You can join as soon as the link is valid. Reload this page then."),
        Phase::Over => note("Nobody can join with this link any more. Ask for a new one."),
    }
}

fn button(view: &View, path: &'static str, label: &'static str, class: &'static str) -> Html {
    fill(
        "<form method=\"post\" action=\"{{path}}\"><input type=\"hidden\" name=\"user\" \
         value=\"{{user}}\"><input type=\"hidden\" name=\"room\" value=\"{{room}}\">\
         <button class=\"{{class}}\" type=\"submit\">{{label}}</button></form>",
        &[
            ("path", Html::trusted(path)),
            ("user", Html::escaped(view.token)),
            ("room", Html::escaped(&view.space.room_id.to_string())),
            ("class", Html::trusted(class)),
            ("label", Html::trusted(label)),
        ],
    )
}

fn time(second: i64, now: Timestamp) -> Html {
    let Ok(time) = Timestamp::from_second(second) else {
        return Html::trusted("–");
    };
    fill(
        "<time datetime=\"{{machine}}\">{{human}}</time> <span class=\"soft\">{{span}}</span>",
        &[
            ("machine", Html::text(&time.to_string())),
            ("human", Html::text(&moment(time))),
            ("span", Html::text(&span(now, time))),
        ],
    )
}

fn afterwards(claims: &Claims) -> &'static str {
    if claims.kick_on_exp() {
        "Nobody joins any more, and this person is removed from the room."
    } else {
        "Nobody joins any more; whoever is inside may stay."
    }
}

fn features(claims: &Claims) -> Html {
    if claims.features.is_empty() {
        return Html::trusted("<p>All of them as the organisation has set them.</p>");
    }
    let switches = claims.features.iter().map(|(key, &on)| switch(&feature(key), key, on));
    let rest = "<p class=\"soft\">All others are as the organisation has set them.</p>";
    Html::joined([list(switches), Html::trusted(rest)])
}

fn settings(space: &Space) -> Html {
    let settings = &space.settings;
    list([
        switch("Audio and video recording", "record_av", settings.record_av),
        switch("Whiteboard recording", "record_content", settings.record_content),
        switch("Transcript", "transcribe", settings.transcribe),
        switch("Summary", "summarise", settings.summarise),
        switch("Waiting room", "waiting_room", settings.waiting_room),
    ])
}

fn list(switches: impl IntoIterator<Item = Html>) -> Html {
    let open = [Html::trusted("<ul class=\"switches\">")];
    let close = [Html::trusted("</ul>")];
    Html::joined(open.into_iter().chain(switches).chain(close))
}

fn switch(label: &str, key: &str, on: bool) -> Html {
    fill(
        "<li><span class=\"label\"><bdi>{{label}}</bdi> <code>{{key}}</code></span> \
         <span class=\"switch {{state}}\">{{state}}</span></li>",
        &[
            ("label", Html::text(label)),
            ("key", Html::text(key)),
            ("state", Html::trusted(if on { "on" } else { "off" })),
        ],
    )
}
