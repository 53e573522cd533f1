//! The sandbox's pages: HTML without scripts or external content.

use super::session::Room;
use super::store::Space;
use super::token::{Claims, Phase};
use super::webhooks::{Deliveries, OTHER_EVENTS, WebhookUrl};
use crate::html::{Html, fill};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const LAYOUT: &str = include_str!("page.html");
const ROOM: &str = include_str!("room.html");
const STYLE: &str = include_str!("page.css");
const ICON: &str = include_str!("icon.svg");

/// Only pages on this computer may show a link's page in a frame, as Lessonspace's Moodle plugin does.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors http://127.0.0.1:* http://localhost:* \
         https://127.0.0.1:* https://localhost:*",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];

/// `GET /page.css`
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET /icon.svg`
pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}

/// The page shown when the sandbox is opened without a link.
pub(super) fn welcome() -> Response {
    let text = "This is the practice API. Launch a practice Space and open its link: it leads to a \
                page here.";
    message(StatusCode::OK, "The sandbox is running", Html::trusted(text))
}

pub(super) fn incomplete() -> Response {
    let text = "A join link has two parts, user and room, and one of them is missing or cut off. \
                Copy the whole link.";
    message(StatusCode::BAD_REQUEST, "This link is incomplete", Html::trusted(text))
}

pub(super) fn no_space() -> Response {
    let text = "The Space of this link was not created here, or the practice Spaces were deleted. \
                Launch the Space again to get a new link.";
    message(StatusCode::NOT_FOUND, "Space not found", Html::trusted(text))
}

pub(super) fn forged() -> Response {
    let text = "The signature does not match this Space: the link was changed or damaged. Ask for a \
                new link.";
    message(StatusCode::FORBIDDEN, "Invalid link", Html::trusted(text))
}

/// The invite page of a Space.
pub(super) fn invite(space: &Space) -> Response {
    let name = Html::text(space.title());
    if !space.allow_guests {
        let text = "<bdi>{{name}}</bdi> does not allow guests. Ask for a link of your own.";
        return message(StatusCode::FORBIDDEN, "No guests", fill(text, &[("name", name)]));
    }
    let text = "You are invited to <bdi>{{name}}</bdi>. {{button}}";
    let button = button("/invite", "Continue as a guest", "strong", &[("room", &room_id(space))]);
    let text = fill(text, &[("name", name), ("button", button)]);
    message(StatusCode::OK, "Invitation", text)
}

fn message(status: StatusCode, title: &str, text: Html) -> Response {
    let (state, state_text) =
        if status.is_success() { ("open", "Ready") } else { ("over", "Cannot open this link") };
    let card = fill(
        "<article class=\"card message\"><p class=\"state {{state}}\">{{state_text}}</p>\
         <h1>{{title}}</h1><div>{{text}}</div></article>",
        &[
            ("state", Html::trusted(state)),
            ("state_text", Html::trusted(state_text)),
            ("title", Html::text(title)),
            ("text", text),
        ],
    );
    layout(title, card, status)
}

fn layout(title: &str, main: Html, status: StatusCode) -> Response {
    let page = fill(LAYOUT, &[("title", Html::text(title)), ("main", main)]);
    (status, HEADERS, page.into_string()).into_response()
}

/// The data for the page of a genuine link.
pub(super) struct View<'a> {
    pub space: &'a Space,
    pub claims: &'a Claims,
    pub token: &'a str,
    /// The link's invite URL, if any. It is not signed.
    pub invite_url: Option<&'a str>,
    /// `http://127.0.0.1:PORT`
    pub origin: &'a str,
    pub room: &'a Room,
    pub deliveries: &'a Deliveries,
    pub now: Timestamp,
}

/// The page of a genuine link, whether or not it is valid now.
pub(super) fn room(view: &View, status: StatusCode) -> Response {
    let View { space, claims, now, .. } = *view;
    let (state, state_text) = view.state();
    let initial = claims.name.chars().find(|character| character.is_alphanumeric());
    let initial = initial.map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let own_page = format!("{}/invite?room={}", view.origin, space.room_id);
    let main = fill(
        ROOM,
        &[
            ("state", Html::trusted(state)),
            ("state_text", Html::trusted(state_text)),
            ("title", Html::text(space.title())),
            ("id", Html::text(&space.id)),
            ("initial", Html::text(&initial)),
            ("name", Html::text(&claims.name)),
            ("role", Html::trusted(role(claims))),
            ("action", view.action()),
            ("people", Html::trusted(view.people())),
            ("idle", Html::trusted(view.idle())),
            ("from", time(claims.nbf, now)),
            ("until", time(claims.exp, now)),
            ("afterwards", Html::trusted(afterwards(claims))),
            ("invite_url", code(view.invite_url.unwrap_or(&own_page))),
            ("room", Html::trusted(room_id(space))),
            ("guests", Html::trusted(guests(space))),
            ("features", features(claims)),
            ("settings", settings(space)),
            ("webhooks", webhooks(space, view.deliveries.everything.as_ref())),
            ("events", view.events()),
        ],
    );
    // Screen readers start with the title when a button leads to a new page.
    layout(&format!("{}: {state_text}", space.title()), main, status)
}

impl View<'_> {
    /// The CSS class and the text of the current state.
    fn state(&self) -> (&'static str, &'static str) {
        match (self.room.is_idle(self.token), self.claims.phase(self.now)) {
            (Some(_), Phase::Over) => ("inside", "You are in the room, but this link has expired"),
            (Some(true), _) => ("inside", "You are in the room, idle"),
            (Some(false), _) => ("inside", "You are in the room"),
            (None, Phase::Early) => ("early", "Not open yet"),
            (None, Phase::Open) => ("open", "This link is valid"),
            (None, Phase::Over) => ("over", "This link has expired"),
        }
    }

    fn action(&self) -> Html {
        let note = |text: &str| Html::trusted(format!("<p class=\"note\">{text}</p>"));
        let quiet = |path, label| self.button(path, label, "quiet");
        match (self.room.is_idle(self.token), self.claims.phase(self.now)) {
            (Some(false), _) => Html::joined([quiet("/leave", "Leave"), quiet("/idle", "Idle")]),
            (Some(true), _) => {
                let end = quiet("/idle", "Stay idle");
                let end = if self.room.is_everyone_idle() { end } else { Html::trusted("") };
                Html::joined([quiet("/leave", "Leave"), quiet("/active", "Active again"), end])
            }
            (None, Phase::Open) => self.button("/join", "Join", "strong"),
            (None, Phase::Early) => {
                note("You can join once the link is valid. Reload this page then.")
            }
            (None, Phase::Over) => {
                note("You can no longer join with this link. Ask for a new one.")
            }
        }
    }

    fn people(&self) -> String {
        match (self.room.people(), self.room.is_idle(self.token).is_some()) {
            (0, _) => "Nobody is in the room.".to_owned(),
            (1, true) => "Nobody else is in the room yet.".to_owned(),
            (2, true) => "One other person is in the room.".to_owned(),
            (1, false) => "One person is in the room.".to_owned(),
            (all, true) => format!("{} other people are in the room.", all - 1),
            (all, false) => format!("{all} people are in the room."),
        }
    }

    fn idle(&self) -> &'static str {
        match self.room.is_idle(self.token) {
            None => "",
            Some(false) => "Idle simulates a period of inactivity. You stay in the room.",
            Some(true) if self.room.is_everyone_idle() => {
                "Everyone is idle. Choose Stay idle to end the session for everyone."
            }
            Some(true) => "The session is idle only when everyone in the room is.",
        }
    }

    /// A button for each event that has a receiver and is not sent by another part of the page.
    fn events(&self) -> Html {
        let wanted =
            OTHER_EVENTS.into_iter().filter(|event| self.deliveries.wants(self.space, event));
        let buttons: Vec<_> = wanted
            .map(|event| self.button(&format!("/{event}"), &format!("Send {event}"), "quiet small"))
            .collect();
        if buttons.is_empty() {
            return Html::trusted("");
        }
        let (open, close) = ("<div class=\"events\">", "</div>");
        let all = [Html::trusted(open)].into_iter().chain(buttons).chain([Html::trusted(close)]);
        Html::joined(all)
    }

    fn button(&self, path: &str, label: &str, class: &str) -> Html {
        let room = room_id(self.space);
        let invite_url = self.invite_url.map(|url| ("inviteUrl", url));
        let fields = [("user", self.token), ("room", &room)].into_iter().chain(invite_url);
        button(path, label, class, &fields.collect::<Vec<_>>())
    }
}

fn button(path: &str, label: &str, class: &str, fields: &[(&str, &str)]) -> Html {
    let field = |(name, value): &(&str, &str)| {
        let field = "<input type=\"hidden\" name=\"{{name}}\" value=\"{{value}}\">";
        fill(field, &[("name", Html::escaped(name)), ("value", Html::escaped(value))])
    };
    fill(
        "<form method=\"post\" action=\"{{path}}\">{{fields}}\
         <button class=\"{{class}}\" type=\"submit\">{{label}}</button></form>",
        &[
            ("path", Html::escaped(path)),
            ("fields", Html::joined(fields.iter().map(field))),
            ("class", Html::escaped(class)),
            ("label", Html::text(label)),
        ],
    )
}

fn room_id(space: &Space) -> String {
    space.room_id.to_string()
}

fn code(text: &str) -> Html {
    fill("<code><bdi>{{text}}</bdi></code>", &[("text", Html::text(text))])
}

fn role(claims: &Claims) -> String {
    let role = match (claims.can_lead, claims.guest) {
        (true, _) => "Leader: can invite others and end the session",
        (false, true) => "Guest: everyone who uses this link gets this name",
        (false, false) => "Participant, not a leader",
    };
    format!("{role}{}", if claims.read_only { "; read-only" } else { "" })
}

fn afterwards(claims: &Claims) -> &'static str {
    if claims.kick_on_exp {
        "Nobody can join, and this person is removed from the room."
    } else {
        "Nobody can join. People already in the room can stay."
    }
}

fn guests(space: &Space) -> &'static str {
    if space.allow_guests {
        "guests can join there."
    } else {
        "guests cannot join there. Links such as this one still work."
    }
}

fn features(claims: &Claims) -> Html {
    if claims.features.is_empty() {
        return Html::trusted("<p>All features use the organisation's settings.</p>");
    }
    let switches = claims.features.iter().map(|(key, &on)| switch(code(key), on));
    let rest = "<p class=\"soft\">All other features use the organisation's settings.</p>";
    Html::joined([list(switches), Html::trusted(rest)])
}

fn settings(space: &Space) -> Html {
    let settings = &space.settings;
    let named = [
        ("Audio and video recording <code>record_av</code>", settings.record_av),
        ("Whiteboard recording <code>record_content</code>", settings.record_content),
        ("Transcript <code>transcribe</code>", settings.transcribe),
        ("Summary <code>summarise</code>", settings.summarise),
        ("Waiting room <code>waiting_room</code>", settings.waiting_room),
        ("Guests <code>allow_guests</code>", space.allow_guests),
    ];
    list(named.map(|(label, on)| switch(Html::trusted(label), on)))
}

fn list(switches: impl IntoIterator<Item = Html>) -> Html {
    let open = [Html::trusted("<ul class=\"switches\">")];
    Html::joined(open.into_iter().chain(switches).chain([Html::trusted("</ul>")]))
}

fn switch(label: Html, on: bool) -> Html {
    let state = Html::trusted(if on { "on" } else { "off" });
    fill(
        "<li><span class=\"label\">{{label}}</span> \
         <span class=\"switch {{state}}\">{{state}}</span></li>",
        &[("label", label), ("state", state)],
    )
}

/// The Space's webhooks. `everything` is the URL that also receives all events.
fn webhooks(space: &Space, everything: Option<&WebhookUrl>) -> Html {
    let mut text = Vec::new();
    if space.webhooks.is_empty() {
        text.push(Html::trusted("This Space has no webhooks."));
    } else {
        text.push(Html::trusted("This Space subscribes to "));
        for (index, event) in space.webhooks.keys().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            text.push(fill(&format!("{separator}{{{{event}}}}"), &[("event", code(event))]));
        }
        text.push(Html::trusted("."));
    }
    if let Some(everything) = everything {
        let more = " This sandbox also sends every event to {{url}}.";
        text.push(fill(more, &[("url", code(&everything.shown()))]));
    }
    Html::joined(text)
}

/// A time in seconds since 1970, shown in this computer's time zone.
fn time(second: Option<f64>, now: Timestamp) -> Html {
    let duration = second.and_then(|second| SignedDuration::try_from_secs_f64(second).ok());
    let Some(time) = duration.and_then(|duration| Timestamp::from_duration(duration).ok()) else {
        return Html::trusted("not in the link");
    };
    let local = time.to_zoned(TimeZone::system());
    fill(
        "<time datetime=\"{{machine}}\">{{human}}</time> <span class=\"soft\">{{span}}</span>",
        &[
            ("machine", Html::text(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
            ("human", Html::text(&local.strftime("%A %-d %B %Y, %H:%M %Z").to_string())),
            ("span", Html::text(&span(now, time))),
        ],
    )
}

/// For example `in 6 days and 23 hours` or `20 minutes ago`: at most the two largest units.
fn span(now: Timestamp, time: Timestamp) -> String {
    let distance = time.duration_since(now);
    // Rounded to the nearest minute, so that a week is not shown as 6 days and 23 hours.
    let minutes = (distance.abs().as_secs() + 30) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let units = match (days, hours) {
        (0, 0) => vec![(minutes, "minute")],
        (0, _) => vec![(hours, "hour"), (minutes, "minute")],
        (..14, _) => vec![(days, "day"), (hours, "hour")],
        _ => vec![(days, "day")],
    };
    let named = units.into_iter().filter(|&(count, _)| count > 0);
    let named: Vec<_> = named
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match named.join(" and ") {
        words if words.is_empty() => "just now".to_owned(),
        words if distance.is_negative() => format!("{words} ago"),
        words => format!("in {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_at_most_two_units() {
        let now = Timestamp::UNIX_EPOCH;
        let said = |seconds: i64| span(now, now + SignedDuration::from_secs(seconds));
        assert_eq!(said(7 * 86400 - 2), "in 7 days");
        assert_eq!(said(6 * 86400 + 23 * 3600), "in 6 days and 23 hours");
        assert_eq!(said(3600 + 60), "in 1 hour and 1 minute");
        assert_eq!(said(20 * 86400 + 7200), "in 20 days");
        assert_eq!(said(90 * 60), "in 1 hour and 30 minutes");
        assert_eq!(said(-20 * 60), "20 minutes ago");
        assert_eq!(said(-86400), "1 day ago");
        assert_eq!((said(0), said(-29)), ("just now".to_owned(), "just now".to_owned()));
    }
}
