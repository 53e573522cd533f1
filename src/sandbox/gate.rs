//! What every request passes before it is answered: is it meant for this computer, does it
//! fail on order. Each request leaves a line here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::Shared;
use super::answer::{Note, refusal, throttled, unauthorised};
use super::connection::Cut;
use super::faults::{Fault, Faults};
use crate::escape::untrusted;

/// Counts requests, and knows which of them fail.
pub(super) struct Gate {
    faults: Faults,
    requests: AtomicU64,
}

impl Gate {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, requests: AtomicU64::new(0) }
    }
}

/// Sees every request first and every response last.
pub(super) async fn pass(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    if !is_for_this_computer(&request) {
        shared.log.line(|| "request refused: its Host header names another computer".to_owned());
        return refusal(StatusCode::BAD_REQUEST, "The sandbox answers on this computer only.");
    }
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    if !path.starts_with("/v2/") {
        let response = next.run(request).await;
        if let Some(page) = page(&path) {
            shared.log.line(|| told("page", &format!("{method} {page}"), &response));
        }
        return response;
    }
    let number = shared.gate.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let fault = shared.gate.faults.at(number);
    let response = match fault {
        Some(Fault::Status(status)) => failing(status),
        Some(Fault::Drop) | None => next.run(request).await,
    };
    let what = format!("{method} {}", untrusted(&path));
    shared.log.line(|| {
        let line = told(&format!("request {number}"), &what, &response);
        match fault {
            Some(Fault::Status(_)) => format!("{line}, as ordered"),
            Some(Fault::Drop) => format!("{line}, answer dropped as ordered"),
            None => line,
        }
    });
    if fault == Some(Fault::Drop) {
        connection.cut();
    }
    response
}

fn told(who: &str, what: &str, response: &Response) -> String {
    let note = response.extensions().get::<Note>();
    let note = note.map(|Note(note)| format!(", {note}")).unwrap_or_default();
    format!("{who}: {what}: {}{note}", response.status().as_u16())
}

/// The path of a page as the log shows it. An unknown one may be a piece of a link; style
/// and icon are not worth a line.
fn page(path: &str) -> Option<&str> {
    match path {
        "/" | "/join" | "/leave" | "/idle" => Some(path),
        "/page.css" | "/icon.svg" => None,
        _ => Some("(another path)"),
    }
}

/// Whether the `Host` is this computer by a fixed name. Otherwise a web page elsewhere could
/// point its own name here and have the sandbox send webhooks.
fn is_for_this_computer(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

/// An error on order: client errors as the framework words them, server errors as the web
/// page that Django sends, which is not JSON.
fn failing(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    match status {
        StatusCode::TOO_MANY_REQUESTS => throttled(Duration::from_secs(1)),
        StatusCode::UNAUTHORIZED => unauthorised("Invalid token."),
        _ if status.is_client_error() => refusal(status, &format!("{reason}.")),
        _ => (status, Html(format!("<h1>{reason} ({})</h1>\n", status.as_u16()))).into_response(),
    }
}
