//! Sends webhooks as Lessonspace documents them: a JSON body, four `x-webhook-*` headers, up
//! to 5 attempts with exponential back-off on anything but a 2xx, at most 30 s each, in order
//! per Space and URL. After the last attempt the next delivery goes on.
//!
//! `x-webhook-id` stays the same in retries, `x-webhook-timestamp` is when the event took
//! place, `x-webhook-signature` is the hex HMAC of the raw body with the Space's secret. No
//! redirect is followed, no answer is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, header};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::{Host, Url};
use uuid::Uuid;

use super::log::Log;
use super::space::Space;
use crate::escape::untrusted;
use crate::webhook;

/// The wait before the second attempt; each further one is twice as long.
pub(super) const BACK_OFF: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 5;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// All queues; one per Space and URL, each emptied by a task of its own.
pub(super) struct Deliveries {
    queues: Mutex<HashMap<(Uuid, String), UnboundedSender<Delivery>>>,
    courier: Arc<Courier>,
}

struct Courier {
    log: Log,
    back_off: Duration,
    /// For this computer, past every proxy; and for everywhere else. Made when needed,
    /// because reading the system's certificates takes time.
    clients: [OnceLock<Option<Client>>; 2],
}

struct Delivery {
    id: Uuid,
    event: &'static str,
    /// When the event took place: RFC 3339, in milliseconds.
    at: String,
    url: Url,
    body: Vec<u8>,
    signature: String,
}

impl Deliveries {
    pub(super) fn new(log: Log, back_off: Duration) -> Self {
        let courier = Courier { log, back_off, clients: Default::default() };
        Self { queues: Mutex::default(), courier: Arc::new(courier) }
    }

    /// Queues `event` if the Space has a webhook for it, and returns at once.
    pub(super) fn send(&self, space: &Space, event: &'static str, body: &Value) {
        let Some(address) = space.webhooks.get(event) else {
            return;
        };
        let Ok(url) = Url::parse(address) else { return };
        let body = body.to_string().into_bytes();
        let signature = webhook::sign(&space.secret.to_string(), &body);
        let at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let delivery = Delivery { id: Uuid::new_v4(), event, at, url, body, signature };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry((space.room_id, address.clone())).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            tokio::spawn(Arc::clone(&self.courier).carry(receiver));
            sender
        });
        // The queue's task ends only with the runtime, and then nothing is delivered at all.
        let _ = queue.send(delivery);
    }
}

impl Courier {
    async fn carry(self: Arc<Self>, mut queue: UnboundedReceiver<Delivery>) {
        while let Some(delivery) = queue.recv().await {
            self.deliver(&delivery).await;
        }
    }

    async fn deliver(&self, delivery: &Delivery) {
        let what = format!("webhook: {} to {}", delivery.event, shown(&delivery.url));
        let mut wait = self.back_off;
        for attempt in 1..=ATTEMPTS {
            let outcome = self.attempt(delivery).await;
            self.log.line(|| match &outcome {
                Ok(status) => format!("{what}: {status}, delivered"),
                Err(why) if attempt == ATTEMPTS => format!("{what}: {why}, given up"),
                Err(why) => format!("{what}: {why}, attempt {attempt} of {ATTEMPTS}"),
            });
            if outcome.is_ok() || attempt == ATTEMPTS {
                return;
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    /// The status of a 2xx, or what happened instead.
    async fn attempt(&self, delivery: &Delivery) -> Result<u16, String> {
        let client = self.client(&delivery.url).ok_or("TLS cannot be set up")?;
        let request = client
            .post(delivery.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-webhook-id", delivery.id.to_string())
            .header("x-webhook-event", delivery.event)
            .header("x-webhook-timestamp", &delivery.at)
            .header("x-webhook-signature", &delivery.signature)
            .body(delivery.body.clone());
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(response.status().as_u16()),
            Ok(response) => Err(response.status().as_u16().to_string()),
            Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
            Err(error) if error.is_connect() => Err("cannot connect".to_owned()),
            Err(_) => Err("the connection broke".to_owned()),
        }
    }

    fn client(&self, url: &Url) -> Option<&Client> {
        let loopback = is_loopback(url);
        self.clients[usize::from(loopback)].get_or_init(|| client(loopback)).as_ref()
    }
}

fn client(loopback: bool) -> Option<Client> {
    let builder = Client::builder()
        .tls_backend_preconfigured(crate::tls::client_config().ok()?)
        .user_agent(concat!("lessonspace-sandbox/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(ATTEMPT_TIMEOUT);
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder.build().ok()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Where a webhook goes, without user name, password and query, which may hold secrets.
fn shown(url: &Url) -> String {
    untrusted(&format!("{}{}", url.origin().ascii_serialization(), url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_is_known_by_all_its_names() {
        let is = |url: &str| is_loopback(&Url::parse(url).expect("is a URL"));
        assert!(is("http://localhost:8000/") && is("http://127.9.9.9/") && is("http://[::1]/"));
        assert!(
            !is("https://example.org/") && !is("http://10.0.0.1/") && !is("http://localhost.x/")
        );
    }

    #[test]
    fn secrets_in_a_url_are_not_shown() {
        let url = Url::parse("https://user:pass@example.org:8443/hook?token=x#y").expect("is one");
        assert_eq!(shown(&url), "https://example.org:8443/hook");
    }
}
