//! Answers in the framework's form, and what the log tells of them.

use std::fmt::Display;
use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// What a handler adds to the line of its request.
#[derive(Clone)]
pub(super) struct Note(pub String);

/// What kept a sandbox of this process from remembering its Spaces.
static STATE_FAULT: OnceLock<String> = OnceLock::new();

/// What kept a sandbox of this process from remembering its Spaces, if anything has: whoever asked it
/// over HTTP cannot tell that from a fault of the API.
pub(crate) fn state_fault() -> Option<&'static str> {
    STATE_FAULT.get().map(String::as_str)
}

/// The sandbox's own fault, and not the caller's. It will not pass by itself.
pub(super) fn broken_state(error: &dyn Display) -> Response {
    let _ = STATE_FAULT.set(error.to_string());
    let detail = format!("The sandbox cannot use its state file: {error}.");
    let mut response = refusal(StatusCode::INSUFFICIENT_STORAGE, &detail);
    response.extensions_mut().insert(Note(format!("its state file cannot be used: {error}")));
    response
}

/// `{"detail": "..."}`
pub(super) fn refusal(status: StatusCode, detail: &str) -> Response {
    answer(status, &json!({"detail": detail}))
}

pub(super) fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).unwrap_or_else(|_| Value::Null.to_string().into_bytes());
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

pub(super) fn unauthorised(detail: &str) -> Response {
    let mut response = refusal(StatusCode::UNAUTHORIZED, detail);
    let scheme = HeaderValue::from_static("Organisation");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

pub(super) fn throttled(wait: Duration) -> Response {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let detail = format!("Request was throttled. Expected available in {seconds} {unit}.");
    let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, &detail);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
