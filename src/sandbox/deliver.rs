//! Sends webhooks as Lessonspace documents them: a JSON body, four `x-webhook-*` headers, up
//! to 5 attempts with exponential back-off on anything but a 2xx, at most 30 s each, in order
//! per Space and URL. After the last attempt the next delivery goes on.
//!
//! `x-webhook-id` stays the same in retries, `x-webhook-timestamp` is when the event took
//! place, `x-webhook-signature` is the hex HMAC of the raw body with the Space's secret. No
//! redirect is followed, no answer is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, header};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;
use uuid::Uuid;

use super::log::Log;
use super::space::Space;
use super::target::WebhookUrl;
use crate::webhook;

/// The wait before the second attempt; each further one is twice as long.
pub(super) const BACK_OFF: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 5;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// All queues; one per Space and URL, each emptied by a task of its own.
pub(super) struct Deliveries {
    queues: Mutex<HashMap<(Uuid, Url), UnboundedSender<Delivery>>>,
    /// Gets every event, besides what the Spaces' own webhooks get.
    besides: Option<WebhookUrl>,
    courier: Arc<Courier>,
}

struct Courier {
    log: Log,
    back_off: Duration,
    /// For this computer, past every proxy; and for everywhere else. Made when needed,
    /// because reading the system's certificates takes time.
    clients: [OnceCell<Option<Client>>; 2],
}

struct Delivery {
    id: Uuid,
    event: &'static str,
    /// When the event took place: RFC 3339, in milliseconds.
    at: String,
    to: WebhookUrl,
    body: Vec<u8>,
    signature: String,
}

impl Deliveries {
    pub(super) fn new(log: Log, back_off: Duration, besides: Option<WebhookUrl>) -> Self {
        let courier = Courier { log, back_off, clients: Default::default() };
        Self { queues: Mutex::default(), besides, courier: Arc::new(courier) }
    }

    /// Where every event goes, as it may be shown.
    pub(super) fn besides(&self) -> Option<String> {
        self.besides.as_ref().map(WebhookUrl::shown)
    }

    /// Queues `event` for the Space's own webhook, if it has one, and for the one that gets
    /// everything, and returns at once. If the two are one, it gets the event once.
    pub(super) fn send(&self, space: &Space, event: &'static str, body: &Value) {
        let own = space.webhooks.get(event).and_then(|url| url.parse::<WebhookUrl>().ok());
        let besides = self.besides.clone().filter(|url| own.as_ref() != Some(url));
        let body = body.to_string().into_bytes();
        let signature = webhook::sign(&space.secret.to_string(), &body);
        let at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        for to in own.into_iter().chain(besides) {
            let (at, body, signature) = (at.clone(), body.clone(), signature.clone());
            let delivery = Delivery { id: Uuid::new_v4(), event, at, to, body, signature };
            self.queue(space.room_id, delivery);
        }
    }

    fn queue(&self, room: Uuid, delivery: Delivery) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry((room, delivery.to.url().clone())).or_insert_with(|| {
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
        let what = format!("webhook: {} to {}", delivery.event, delivery.to.shown());
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
        let client = self.client(&delivery.to).await.ok_or("TLS cannot be set up")?;
        let request = client
            .post(delivery.to.url().clone())
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

    async fn client(&self, to: &WebhookUrl) -> Option<&Client> {
        let loopback = to.is_loopback();
        self.clients[usize::from(loopback)].get_or_init(|| client(loopback)).await.as_ref()
    }
}

async fn client(loopback: bool) -> Option<Client> {
    let builder = Client::builder()
        .tls_backend_preconfigured(crate::tls::client_config().await.ok()?)
        .user_agent(concat!("lessonspace-sandbox/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(ATTEMPT_TIMEOUT);
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder.build().ok()
}
