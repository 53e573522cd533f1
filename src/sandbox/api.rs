//! The HTTP API: the checks for every request, keys and rate limits, the calls, and errors in the format of
//! Django REST framework.

use super::launch::Launch;
use super::store::{Settings, Space};
use super::{NOWHERE, Shared, lock, token};
use crate::escape::untrusted;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Display;
use std::io;
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use url::Url;
use uuid::{Builder, Uuid};

/// The supported paths below `/v2/`.
pub(super) const HELLO: &str = "/v2/hello/";
pub(super) const ORGANISATION: &str = "/v2/my-organisation/";
pub(super) const LAUNCH: &str = "/v2/spaces/launch/";

/// Text that a handler adds to the log line of its request.
#[derive(Clone)]
pub(super) struct Note(pub String);

impl Note {
    pub(super) fn on(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

static STATE_FAULT: OnceLock<String> = OnceLock::new();

/// The error that kept this process's practice API from saving its Spaces, if any. Over HTTP it looks like an
/// API error.
pub(crate) fn state_fault() -> Option<&'static str> {
    STATE_FAULT.get().map(String::as_str)
}

/// An error of the practice API, not of the caller. Retrying does not help.
pub(super) fn state_failure(error: &dyn Display) -> Response {
    let _ = STATE_FAULT.set(error.to_string());
    let detail = format!("The sandbox cannot use the practice Spaces file: {error}.");
    let response = refusal(StatusCode::INSUFFICIENT_STORAGE, &detail);
    Note(format!("cannot use the practice Spaces file: {error}")).on(response)
}

/// Handles every request first and every response last: checks the host, applies `--fail`, and writes the
/// log.
pub(super) async fn pass(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_for_this_computer(&request) {
        shared.log.line(|| "request rejected: its Host header is for another computer".to_owned());
        let detail = "The sandbox accepts requests from this computer only.";
        return refusal(StatusCode::BAD_REQUEST, detail);
    }
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    if !path.starts_with("/v2/") {
        let response = next.run(request).await;
        let page = match &*path {
            // Not worth a log line.
            "/page.css" | "/icon.svg" => return response,
            // An unknown path may be part of a link.
            _ if path != "/" && response.status() == StatusCode::NOT_FOUND => "(another path)",
            path => path,
        };
        shared.log.line(|| logged("page", &format!("{method} {}", untrusted(page)), &response));
        return response;
    }
    let key = key(request.headers()).map(str::to_owned).unwrap_or_default();
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let fault = shared.faults.at(number);
    let response = match fault {
        Some(Fault::Status(status)) => failing(status),
        Some(Fault::Drop) | None => next.run(request).await,
    };
    shared.log.line(|| {
        let what = format!("{method} {}", untrusted(&path));
        let line = logged(&format!("request {number}"), &what, &response);
        // A shorter key could be an ordinary word.
        let line = if key.len() < 8 { line } else { line.replace(&key, "[hidden]") };
        match fault {
            Some(Fault::Status(_)) => format!("{line} (from --fail)"),
            Some(Fault::Drop) => format!("{line}, response dropped (from --fail)"),
            None => line,
        }
    });
    if fault == Some(Fault::Drop) { dropped() } else { response }
}

fn logged(who: &str, what: &str, response: &Response) -> String {
    let note = response.extensions().get::<Note>();
    let note = note.map(|Note(note)| format!(", {note}")).unwrap_or_default();
    format!("{who}: {what}: {}{note}", response.status().as_u16())
}

/// Whether the `Host` header is a fixed name of this computer. Otherwise a website could point its own host
/// name here and make the sandbox send webhooks.
fn is_for_this_computer(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

/// An error from `--fail`: client errors with the framework's message, server errors as Django's HTML page.
fn failing(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    match status {
        StatusCode::TOO_MANY_REQUESTS => throttled(Duration::from_secs(1)),
        StatusCode::UNAUTHORIZED => unauthorised("Invalid token."),
        _ if status.is_client_error() => refusal(status, &format!("{reason}.")),
        _ => (status, Html(format!("<h1>{reason} ({})</h1>\n", status.as_u16()))).into_response(),
    }
}

/// A response whose body fails immediately: the server closes the connection without sending a byte.
fn dropped() -> Response {
    let failure = futures_util::stream::once(async {
        Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(failure).into_response()
}

/// The rate limit for each key.
pub(super) struct Rate {
    /// Requests per second.
    limit: Option<usize>,
    recent: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Rate {
    /// `None` and 0 mean no limit.
    pub(super) fn new(limit: Option<u32>) -> Self {
        let limit = limit.filter(|&limit| limit > 0).and_then(|limit| usize::try_from(limit).ok());
        Self { limit, recent: Mutex::default() }
    }

    /// Allows at most the limit in any one second; rejected requests do not count. The error is the time to
    /// wait.
    fn throttle(&self, key: &str, now: Instant) -> Result<(), Duration> {
        const SECOND: Duration = Duration::from_secs(1);
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let mut recent = lock(&self.recent);
        let times = recent.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|&time| now.duration_since(time) >= SECOND) {
            times.pop_front();
        }
        match times.front() {
            Some(&oldest) if times.len() >= limit => {
                Err(SECOND.saturating_sub(now.duration_since(oldest)))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

/// The organisation of a request that has a key and is within the rate limit. Every key is a separate
/// organisation.
pub(super) struct Organisation {
    key: String,
}

impl Organisation {
    fn of(key: &str) -> Self {
        Self { key: key.to_owned() }
    }

    /// Always above 0, and the same for the same key.
    fn id(&self) -> u32 {
        self.number("organisation\n")
    }

    /// The `room_id` of the Space with this `id`. The key cannot be derived from it.
    fn room_id(&self, id: &str) -> Uuid {
        self.digest(id)
    }

    /// Always above 0, and the same for the same person. Guests of a Space share one. A person without id,
    /// email and name gets a new one each time.
    fn user_id(&self, launch: &Launch) -> u32 {
        let Some(person) = &launch.user else {
            return self.number(&format!("guest\n{}", launch.id));
        };
        let names = [&person.id, &person.email, &person.name];
        match names.into_iter().find(|name| !name.is_empty()) {
            Some(name) => self.number(&format!("user\n{name}")),
            None => self.number(&format!("nobody\n{}", Uuid::new_v4())),
        }
    }

    fn number(&self, name: &str) -> u32 {
        (self.digest(name).as_fields().0 >> 1).max(1)
    }

    fn digest(&self, name: &str) -> Uuid {
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [&self.key, "\n", name] {
            digest.update(part.as_bytes());
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finish().as_ref()[..16]);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl FromRequestParts<Arc<Shared>> for Organisation {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Response> {
        let key = key(&parts.headers).map_err(unauthorised)?;
        shared.rate.throttle(key, Instant::now()).map_err(throttled)?;
        Ok(Self::of(key))
    }
}

/// The key, or the error if there is none.
fn key(headers: &HeaderMap) -> Result<&str, &'static str> {
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or("Authentication credentials were not provided.")?;
    let key = value.to_str().ok().and_then(|value| value.strip_prefix("Organisation "));
    key.filter(|key| !key.is_empty() && !key.contains([' ', '\t']))
        .ok_or("Invalid header. Expected `Authorization: Organisation <API key>`.")
}

/// `GET hello/`
pub(super) async fn hello(_: Organisation) -> Response {
    answer(StatusCode::OK, &json!({"response": "Hello from the practice API! 👋"}))
}

/// `GET my-organisation/`
pub(super) async fn my_organisation(organisation: Organisation) -> Response {
    let name = "Practice organisation";
    answer(StatusCode::OK, &json!({"id": organisation.id(), "name": name}))
}

/// The response to a launch, with fields in the documented order.
#[derive(Serialize)]
struct Launched<'a> {
    client_url: String,
    api_base: String,
    room_id: Uuid,
    secret: Uuid,
    session_id: Uuid,
    user_id: u32,
    room_settings: &'a Settings,
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
    let launch = match Launch::read(&body, now) {
        Ok(launch) => launch,
        Err(problems) => return answer(StatusCode::BAD_REQUEST, &problems),
    };
    let room = organisation.room_id(&launch.id);
    let mut is_new = false;
    let updated = shared.store().await.and_then(|mut store| {
        store.update(room, |saved| {
            is_new = saved.is_none();
            let mut space = saved.cloned().unwrap_or_else(|| Space::new(room, &launch.id));
            space.apply(&launch)?;
            Ok::<_, &str>(space)
        })
    });
    let space = match updated {
        Ok(Ok(space)) => space,
        Ok(Err(problem)) => {
            return answer(StatusCode::BAD_REQUEST, &json!({"non_field_errors": [problem]}));
        }
        Err(error) => return state_failure(&error),
    };
    let origin = if shared.is_serving { &shared.origin } else { NOWHERE };
    let launched = Launched {
        client_url: link(origin, &launch, &space, now),
        api_base: format!("{origin}/v2"),
        room_id: room,
        secret: space.secret,
        session_id: space.session_id,
        user_id: organisation.user_id(&launch),
        room_settings: &space.settings,
    };
    let (status, done) =
        if is_new { (StatusCode::CREATED, "created") } else { (StatusCode::OK, "opened existing") };
    Note(format!("{done} Space {}", untrusted(&space.id))).on(answer(status, &launched))
}

/// `https://.../?user=<JWT>&room=<uuid>&server=<url>&inviteUrl=<url>`
fn link(origin: &str, launch: &Launch, space: &Space, now: Timestamp) -> String {
    let token = token::issue(launch, space.secret, now);
    let room = space.room_id.to_string();
    let invite_url = launch.invite_url.replace(":uuid", &room);
    let mut pairs = vec![("user", token.as_str()), ("room", &room), ("server", origin)];
    if !invite_url.is_empty() {
        pairs.push(("inviteUrl", &invite_url));
    }
    Url::parse_with_params(origin, pairs).map(String::from).unwrap_or_default()
}

/// The framework accepts JSON only with its content type; by default, curl sends it as a form.
fn wrong_media_type(headers: &HeaderMap) -> Option<Response> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let detail = format!("Unsupported media type \"{}\" in request.", untrusted(essence));
    Some(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail))
}

/// All other paths. Django redirects a GET without the final slash (`APPEND_SLASH`) before it checks the key;
/// a redirected POST would lose its body.
pub(super) async fn fallback(uri: Uri, method: Method) -> Response {
    let with_slash = format!("{}/", uri.path());
    if ![HELLO, ORGANISATION, LAUNCH].contains(&with_slash.as_str()) {
        return not_found(uri.path());
    }
    if method != Method::GET && method != Method::HEAD {
        let detail = format!("Not found. {method} requires the final slash: {with_slash}");
        return refusal(StatusCode::NOT_FOUND, &detail);
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{with_slash}{query}");
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response()
}

pub(super) fn not_found(path: &str) -> Response {
    let detail = format!("Not found. {} is not part of the practice API.", untrusted(path));
    refusal(StatusCode::NOT_FOUND, &detail)
}

/// The framework checks the key before the method.
pub(super) async fn method_not_allowed(_: Organisation, method: Method) -> Response {
    refusal(StatusCode::METHOD_NOT_ALLOWED, &format!("Method \"{method}\" not allowed."))
}

/// `{"detail": "..."}`
fn refusal(status: StatusCode, detail: &str) -> Response {
    answer(status, &json!({"detail": detail}))
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).unwrap_or_else(|_| b"null".to_vec());
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn unauthorised(detail: &str) -> Response {
    let mut response = refusal(StatusCode::UNAUTHORIZED, detail);
    let scheme = HeaderValue::from_static("Organisation");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

fn throttled(wait: Duration) -> Response {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let detail = format!("Request was throttled. Expected available in {seconds} {unit}.");
    let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, &detail);
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// How one request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The response has this status, and the request is not processed.
    Status(StatusCode),
    /// The request is processed, but the connection is closed without a response: the caller cannot know
    /// whether its Space exists.
    Drop,
}

/// Which API requests fail: `429@7,500@12,drop@20` means the 7th, the 12th and the 20th request since the
/// start, including retries. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(BTreeMap<u64, Fault>);

impl Faults {
    /// How request `number` fails, counted from 1; `None` if it does not.
    pub(super) fn at(&self, number: u64) -> Option<Fault> {
        self.0.get(&number).copied()
    }
}

impl FromStr for Faults {
    /// A one-line error message.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = BTreeMap::new();
        for item in text.split(',').map(str::trim) {
            let (kind, number) = item.split_once('@').ok_or_else(|| {
                let item = untrusted(item);
                format!(
                    "`{item}` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"
                )
            })?;
            let fault = kind_of(kind.trim())?;
            let number = number_of(number.trim())?;
            if faults.insert(number, fault).is_some() {
                return Err(format!("request {number} has two failures"));
            }
        }
        Ok(Self(faults))
    }
}

fn kind_of(text: &str) -> Result<Fault, String> {
    if text.eq_ignore_ascii_case("drop") {
        return Ok(Fault::Drop);
    }
    let status = StatusCode::from_bytes(text.as_bytes()).ok();
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    status.map(Fault::Status).ok_or_else(|| {
        let text = untrusted(text);
        format!("`{text}` is not a valid failure; use drop, or a status from 400 to 599")
    })
}

fn number_of(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|&number| number > 0 && !text.starts_with('+'));
    number.ok_or_else(|| {
        let text = untrusted(text);
        format!("`{text}` is not a valid request number; the first request is 1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_room_id_depends_only_on_key_and_id() {
        let (one, two) = (Organisation::of("one"), Organisation::of("two"));
        assert_eq!(one.room_id("a"), Organisation::of("one").room_id("a"));
        assert_ne!(one.room_id("a"), one.room_id("b"));
        assert_ne!(one.room_id("a"), two.room_id("a"));
        assert_eq!(one.room_id("a").get_version_num(), 4);
    }

    #[test]
    fn no_second_exceeds_the_rate() {
        let limit = Rate::new(Some(2));
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(limit.throttle("key", at(0)), Ok(()));
        assert_eq!(limit.throttle("key", at(400)), Ok(()));
        assert_eq!(limit.throttle("key", at(900)), Err(Duration::from_millis(100)));
        assert_eq!(limit.throttle("other", at(900)), Ok(()), "each key has its own rate");
        assert_eq!(limit.throttle("key", at(1000)), Ok(()));
        assert_eq!(limit.throttle("key", at(1399)), Err(Duration::from_millis(1)));
        assert_eq!(limit.throttle("key", at(1400)), Ok(()));
        for none in [None, Some(0)] {
            let limit = Rate::new(none);
            assert!((0..1000).all(|_| limit.throttle("key", start).is_ok()));
        }
    }

    #[test]
    fn a_list_of_failures_is_parsed() {
        let faults: Faults = "429@7, 500@12,drop@20".parse().expect("is a list");
        assert_eq!(faults.at(7), Some(Fault::Status(StatusCode::TOO_MANY_REQUESTS)));
        assert_eq!(faults.at(12), Some(Fault::Status(StatusCode::INTERNAL_SERVER_ERROR)));
        assert_eq!(faults.at(20), Some(Fault::Drop));
        assert_eq!(faults.at(1), None);
    }

    #[test]
    fn each_mistake_is_reported_on_one_line() {
        let said = |text: &str| text.parse::<Faults>().err();
        let expected = [
            ("", "`` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"),
            ("429", "`429` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"),
            ("200@1", "`200` is not a valid failure; use drop, or a status from 400 to 599"),
            ("600@1", "`600` is not a valid failure; use drop, or a status from 400 to 599"),
            ("slow@1", "`slow` is not a valid failure; use drop, or a status from 400 to 599"),
            ("500@0", "`0` is not a valid request number; the first request is 1"),
            ("500@x\ny", "`x\\ny` is not a valid request number; the first request is 1"),
            ("500@3,drop@3", "request 3 has two failures"),
        ];
        for (text, error) in expected {
            assert_eq!(said(text).as_deref(), Some(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            if let Err(error) = text.parse::<Faults>() {
                prop_assert!(!error.contains('\n'));
            }
        }
    }
}
