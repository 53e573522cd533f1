//! The pages behind the sandbox's links: HTML that needs no script and nothing from
//! elsewhere. Here is what all of them share, and those that only explain; the page of a
//! genuine link is in `view`.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::html::{Html, fill};

const LAYOUT: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const ICON: &str = include_str!("icon.svg");

/// Pages of this computer may show a link's page in a frame, as the vendor's plugin for Moodle
/// does; pages from elsewhere may not.
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

/// What somebody sees who opens the sandbox without a link.
pub(super) fn welcome() -> Response {
    let text = "This is a practice API for Lessonspace. Launch a Space with it, and open the \
                link that you get: it leads here.";
    message(StatusCode::OK, "The sandbox is running", text)
}

pub(super) fn incomplete() -> Response {
    let text = "A join link has two parts, user and room, and one of them is missing or cut \
                off. Copy the whole link, to its very end.";
    message(StatusCode::BAD_REQUEST, "This link is incomplete", text)
}

pub(super) fn no_space() -> Response {
    let text = "This sandbox has never made the Space of this link, or its memory has been \
                cleared. Launch the Space again to get a new link.";
    message(StatusCode::NOT_FOUND, "There is no such Space", text)
}

pub(super) fn forged() -> Response {
    let text = "Its signature does not belong to this Space, so somebody has changed it, or it \
                was damaged on its way. Ask for a new link.";
    message(StatusCode::FORBIDDEN, "This link is not genuine", text)
}

/// `GET /page.css`
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `GET /icon.svg`
pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}

fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let state = if status.is_success() { "open" } else { "over" };
    let state_text = if status.is_success() { "Ready" } else { "This cannot be opened" };
    let card = format!(
        "<article class=\"card message\"><p class=\"state {state}\">{state_text}</p>\
         <h1>{title}</h1><p>{text}</p></article>"
    );
    layout(title, Html::trusted(card), status)
}

/// A whole page with its headers.
pub(super) fn layout(title: &str, main: Html, status: StatusCode) -> Response {
    let page = fill(LAYOUT, &[("title", Html::text(title)), ("main", main)]);
    (status, HEADERS, page.into_string()).into_response()
}
