//! Webhooks: their bodies and their delivery.
//!
//! Delivery is as Lessonspace documents it: a JSON body, four `x-webhook-*` headers, up to 5 attempts with
//! exponential back-off on anything but a 2xx, at most 30 s each, in order per Space and URL. `x-webhook-id`
//! is the same in every attempt, `x-webhook-timestamp` is the time of the event, `x-webhook-signature` is the
//! hex HMAC of the raw body with the Space's secret. Redirects are not followed, and the response body is not
//! read.
//!
//! The bodies are not documented. Existing receivers read `room.id`, `user.guest`, and the `summary` and
//! `reason` of session events. Some expect the id of a session event at the top level, others under
//! `session`, so it is in both places. The rest is a guess.

use super::fields::is_web_address;
use super::store::Space;
use super::token::Claims;
use super::{Log, lock, rfc3339};
use crate::escape::untrusted;
use crate::webhook;
use jiff::Timestamp;
use reqwest::{Client, header};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::{Host, Url};
use uuid::Uuid;

/// The wait before the second attempt; each further wait is twice as long.
pub(super) const BACK_OFF: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 5;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Events with their own button. The others are sent by joining, leaving and being idle.
pub(super) const OTHER_EVENTS: [&str; 8] = [
    "chat.message",
    "knock.request",
    "knock.admit",
    "knock.deny",
    "cobrowser.start",
    "cobrowser.stop",
    "transcription.finish",
    "summary.finish",
];

/// One session, running or ended.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub id: Uuid,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
}

/// Something that happened in a Space, and the webhook body for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub name: &'static str,
    pub body: Value,
}

impl Event {
    /// `session.start`, `session.idle` or `session.end`.
    pub(super) fn of_session(
        name: &'static str,
        space: &Space,
        session: &Session,
        reason: &str,
    ) -> Self {
        let mut body = body(space, session.id);
        body["id"] = json!(session.id);
        body["summary"] = summary(session);
        body["reason"] = json!(reason);
        Self { name, body }
    }

    /// An event of one person: `user.join`, `user.leave` or `user.idle`.
    pub(super) fn of_person(
        name: &'static str,
        space: &Space,
        session: Uuid,
        person: &Claims,
    ) -> Self {
        let mut body = body(space, session);
        body["user"] = user(person);
        Self { name, body }
    }

    /// One of [`OTHER_EVENTS`]. `session` is the running one, or the last one.
    pub(super) fn other(
        name: &'static str,
        space: &Space,
        session: Option<&Session>,
        person: &Claims,
    ) -> Self {
        let now = Timestamp::now();
        let id = session.map_or(space.session_id, |session| session.id);
        let mut event = Self::of_person(name, space, id, person);
        let body = &mut event.body;
        match name {
            "chat.message" => {
                let text = "Hello from the practice room!";
                body["message"] =
                    json!({"id": Uuid::new_v4(), "text": text, "sent_at": rfc3339(now)});
            }
            "knock.request" => body["user"] = visitor(),
            "knock.admit" | "knock.deny" => {
                body["by"] = body["user"].take();
                body["user"] = visitor();
            }
            "cobrowser.start" | "cobrowser.stop" => body["url"] = json!("https://example.org/"),
            "transcription.finish" => {
                let url = format!("https://sandbox.invalid/transcriptions/{id}.json");
                body["transcription"] = json!({"url": url, "language": "en"});
                remove_user(body);
            }
            "summary.finish" => {
                let times = session.map_or_else(|| json!({"start": null, "end": null}), summary);
                body["summary"] = times;
                body["summary"]["text"] = json!("The practice lesson went well.");
                remove_user(body);
            }
            _ => {}
        }
        event
    }
}

fn body(space: &Space, session: Uuid) -> Value {
    json!({"room": {"id": space.room_id, "name": space.name}, "session": {"id": session}})
}

fn user(person: &Claims) -> Value {
    let id = if person.guest { Value::Null } else { json!(person.id) };
    json!({"id": id, "name": person.name, "guest": person.guest})
}

/// The person who knocks: not the person who presses the button.
fn visitor() -> Value {
    json!({"id": null, "name": "Guest", "guest": true})
}

fn summary(session: &Session) -> Value {
    json!({"start": rfc3339(session.start), "end": session.end.map(rfc3339)})
}

/// Events that happen after a session have no person.
fn remove_user(body: &mut Value) {
    if let Some(body) = body.as_object_mut() {
        body.remove("user");
    }
}

/// A URL that receives webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookUrl(Url);

impl FromStr for WebhookUrl {
    /// A one-line error message.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let url = Url::parse(text).ok().filter(|_| is_web_address(text));
        url.map(Self).ok_or_else(|| {
            let text = untrusted(text);
            format!(
                "`{text}` is not a valid web address; use, for example, http://127.0.0.1:8000/hook"
            )
        })
    }
}

impl WebhookUrl {
    /// The URL without its user name, password and query, which may contain secrets.
    pub(super) fn shown(&self) -> String {
        untrusted(&format!("{}{}", self.0.origin().ascii_serialization(), self.0.path()))
    }

    /// Whether the URL is on this computer, which is never reached through a proxy.
    fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

/// All queues, one per Space and URL, each with its own task.
pub(super) struct Deliveries {
    queues: Mutex<HashMap<(Uuid, String), UnboundedSender<Delivery>>>,
    /// Receives every event, in addition to the Spaces' own webhooks.
    pub everything: Option<WebhookUrl>,
    courier: Arc<Sender>,
}

struct Sender {
    log: Log,
    back_off: Duration,
    /// One client for other computers, and one without a proxy for this computer. Built when needed, because
    /// reading the system's certificates takes time.
    clients: [OnceCell<Option<Client>>; 2],
}

struct Delivery {
    id: Uuid,
    event: &'static str,
    at: String,
    to: WebhookUrl,
    body: Vec<u8>,
    signature: String,
}

impl Deliveries {
    pub(super) fn new(log: Log, back_off: Duration, everything: Option<WebhookUrl>) -> Self {
        let courier = Sender { log, back_off, clients: Default::default() };
        Self { queues: Mutex::default(), everything, courier: Arc::new(courier) }
    }

    /// Whether an event has a receiver.
    pub(super) fn wants(&self, space: &Space, event: &str) -> bool {
        self.everything.is_some() || space.webhooks.contains_key(event)
    }

    /// Queues an event for the Space's own webhook and for `everything` (only once if they are the same URL),
    /// and returns immediately.
    pub(super) fn send(&self, space: &Space, event: &Event) {
        let own = space.webhooks.get(event.name).and_then(|url| url.parse::<WebhookUrl>().ok());
        let everything = self.everything.clone().filter(|url| own.as_ref() != Some(url));
        let body = event.body.to_string().into_bytes();
        let signature = webhook::sign(&space.secret.to_string(), &body);
        let at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        for to in own.into_iter().chain(everything) {
            let (at, body, signature) = (at.clone(), body.clone(), signature.clone());
            let id = Uuid::new_v4();
            let delivery = Delivery { id, event: event.name, at, to, body, signature };
            self.queue(space.room_id, delivery);
        }
    }

    fn queue(&self, room: Uuid, delivery: Delivery) {
        let mut queues = lock(&self.queues);
        let queue = queues.entry((room, delivery.to.0.to_string())).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            tokio::spawn(Arc::clone(&self.courier).carry(receiver));
            sender
        });
        // This fails only if the runtime has ended, and then nothing is delivered anyway.
        let _ = queue.send(delivery);
    }
}

impl Sender {
    async fn carry(self: Arc<Self>, mut queue: UnboundedReceiver<Delivery>) {
        while let Some(delivery) = queue.recv().await {
            self.deliver(&delivery).await;
        }
    }

    async fn deliver(&self, delivery: &Delivery) {
        let what = format!("webhook: {} to {}", delivery.event, delivery.to.shown());
        let mut wait = self.back_off;
        for attempt in 1..=ATTEMPTS {
            let result = self.attempt(delivery).await;
            self.log.line(|| match &result {
                Ok(status) => format!("{what}: delivered ({status})"),
                Err(why) if attempt == ATTEMPTS => format!("{what}: {why}, giving up"),
                Err(why) => format!("{what}: {why}, attempt {attempt} of {ATTEMPTS}"),
            });
            if result.is_ok() || attempt == ATTEMPTS {
                return;
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    /// The status if it is a 2xx, otherwise what went wrong.
    async fn attempt(&self, delivery: &Delivery) -> Result<u16, String> {
        let is_loopback = delivery.to.is_loopback();
        let client =
            self.clients[usize::from(is_loopback)].get_or_init(|| client(is_loopback)).await;
        let request = client
            .as_ref()
            .ok_or("cannot set up TLS")?
            .post(delivery.to.0.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-webhook-id", delivery.id.to_string())
            .header("x-webhook-event", delivery.event)
            .header("x-webhook-timestamp", &delivery.at)
            .header("x-webhook-signature", &delivery.signature)
            .body(delivery.body.clone());
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(response.status().as_u16()),
            Ok(response) => Err(response.status().as_u16().to_string()),
            Err(error) if error.is_timeout() => Err("timed out".to_owned()),
            Err(error) if error.is_connect() => Err("cannot connect".to_owned()),
            Err(_) => Err("connection lost".to_owned()),
        }
    }
}

async fn client(is_loopback: bool) -> Option<Client> {
    let builder = Client::builder()
        .tls_backend_preconfigured(crate::tls::client_config().await.ok()?)
        .user_agent(concat!("lessonspace-sandbox/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(ATTEMPT_TIMEOUT);
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> WebhookUrl {
        url.parse().expect("is a web address")
    }

    #[test]
    fn this_computer_is_recognised_by_all_its_names() {
        for here in ["http://localhost:8000/", "http://127.9.9.9/", "http://[::1]/"] {
            assert!(target(here).is_loopback(), "{here}");
        }
        for elsewhere in ["https://example.org/", "http://10.0.0.1/", "http://localhost.x/"] {
            assert!(!target(elsewhere).is_loopback(), "{elsewhere}");
        }
    }

    #[test]
    fn secrets_in_a_url_are_not_shown() {
        let url = "https://user:pass@example.org:8443/hook?token=x#y";
        assert_eq!(target(url).shown(), "https://example.org:8443/hook");
    }

    #[test]
    fn an_invalid_web_address_is_reported() {
        for text in ["", "example.org/hook", "ftp://example.org/", "http://", "mailto:a@b.org"] {
            let error = text.parse::<WebhookUrl>().expect_err("is refused");
            assert!(error.starts_with(&format!("`{text}` is not a valid web address")), "{error}");
        }
    }
}
