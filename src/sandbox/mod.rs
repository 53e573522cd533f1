//! A practice API on this computer: it follows Lessonspace's API documentation, saves its Spaces in a
//! state folder, and makes properly signed links. When it is serving, its links open a page with buttons that
//! send the Space's webhooks. It covers only the launch part of the API.
//!
//! It does not depend on the program's own client, the command line or the printer: it reports what happens
//! as lines through [`Options::log`].
//!
//! Every key is a separate organisation: a request with any `Authorization: Organisation <key>` is accepted
//! and sees only the Spaces of that key. To practise a rejected key, use the failure `401@1`.

mod api;
mod fields;
mod launch;
mod page;
mod room;
mod session;
mod store;
mod token;
mod webhooks;

pub(crate) use api::{Faults, state_fault};
pub(crate) use webhooks::WebhookUrl;

use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Router, middleware};
use jiff::Timestamp;
use std::future::IntoFuture as _;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

/// The practice key: it works for every sandbox and nowhere else. It is a UUID, because other clients check
/// the format of a key before they send anything.
const KEY: &str = "5a4db0c5-0000-4000-8000-000000000000";

/// The base of links if the sandbox is not serving. By RFC 2606, it never resolves.
const NOWHERE: &str = "https://sandbox.invalid";

/// Longest wait for another process to unlock the state file: at the start (not covered by the caller's time
/// limit), and in a request.
const START_WAIT: Duration = Duration::from_millis(300);
const MAX_WAIT: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// How a sandbox behaves.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// The folder of the state file, created if missing. Sandboxes may share it.
    pub state: PathBuf,
    /// API requests per second allowed for each key; `None` or 0 means no limit.
    pub rate: Option<u32>,
    /// Which API requests fail, and how.
    pub faults: Faults,
    /// Whether links open a page of the sandbox.
    pub serving: bool,
    /// Receives every event, in addition to the Spaces' own webhooks.
    pub webhook_url: Option<WebhookUrl>,
    /// Receives one line for each request and webhook, without secrets and safe to print.
    pub log: Option<UnboundedSender<String>>,
}

/// A running sandbox. It runs as long as its runtime.
#[derive(Debug)]
pub(crate) struct Sandbox {
    url: String,
    warning: Option<String>,
}

impl Sandbox {
    /// The base URL of its API, with the final `/`: `http://127.0.0.1:PORT/v2/`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The key to use with it. It is the same everywhere, so it is not a secret.
    #[expect(clippy::unused_self, reason = "a caller asks the sandbox, not this module")]
    pub(crate) fn key(&self) -> &'static str {
        KEY
    }

    /// A warning, if the state file had an incomplete last line.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

/// The receiver of log lines, if any.
#[derive(Debug, Clone)]
struct Log(Option<UnboundedSender<String>>);

impl Log {
    /// Sends a line, which is only built if there is a receiver. It must start with a fixed word and contain
    /// external text only through [`untrusted`](crate::escape::untrusted).
    fn line(&self, line: impl FnOnce() -> String) {
        if let Some(sender) = &self.0 {
            // If the receiver is gone, the line is dropped.
            let _ = sender.send(line());
        }
    }
}

/// State shared by all requests.
struct Shared {
    /// `http://127.0.0.1:PORT`
    origin: String,
    is_serving: bool,
    faults: Faults,
    /// Number of API requests so far.
    requests: AtomicU64,
    rate: api::Rate,
    store: Mutex<store::Store>,
    rooms: Mutex<session::Rooms>,
    deliveries: webhooks::Deliveries,
    log: Log,
}

impl Shared {
    /// Waits until no other process has locked the Spaces file, without blocking other requests.
    async fn store(&self) -> io::Result<MutexGuard<'_, store::Store>> {
        self.store_within(MAX_WAIT).await?.ok_or_else(|| {
            let message = "another program has locked the practice Spaces file";
            io::Error::new(io::ErrorKind::WouldBlock, message)
        })
    }

    async fn store_within(
        &self,
        longest: Duration,
    ) -> io::Result<Option<MutexGuard<'_, store::Store>>> {
        let started = Instant::now();
        loop {
            {
                let mut store = lock(&self.store);
                if store.try_lock()? {
                    return Ok(Some(store));
                }
            }
            if started.elapsed() > longest {
                return Ok(None);
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// RFC 3339 with six fractional digits: Python and PHP accept no more.
fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Starts a sandbox on the current runtime and returns once it accepts requests. Fails if the port is
/// in use, or the state file cannot be used or is damaged.
pub(crate) async fn start(options: Options) -> io::Result<Sandbox> {
    start_with(options, webhooks::BACK_OFF).await
}

async fn start_with(options: Options, back_off: Duration) -> io::Result<Sandbox> {
    let store = store::Store::open(&options.state)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let log = Log(options.log);
    let shared = Arc::new(Shared {
        origin,
        is_serving: options.serving,
        faults: options.faults,
        requests: AtomicU64::new(0),
        rate: api::Rate::new(options.rate),
        store: Mutex::new(store),
        rooms: Mutex::default(),
        deliveries: webhooks::Deliveries::new(log.clone(), back_off, options.webhook_url),
        log,
    });
    // If another program keeps the file locked, the first request reads it.
    let warning = match shared.store_within(START_WAIT).await? {
        Some(mut store) => store.refresh()?,
        None => None,
    };
    let url = format!("{}/v2/", shared.origin);
    // Without TCP_NODELAY, small responses may be delayed by 40 ms. Failing to set it is harmless.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    tokio::spawn(axum::serve(listener, router(shared)).into_future());
    Ok(Sandbox { url, warning })
}

fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new()
        .route(api::HELLO, get(api::hello))
        .route(api::ORGANISATION, get(api::my_organisation))
        .route(api::LAUNCH, post(api::launch));
    if shared.is_serving {
        router = router
            .route("/", get(room::open))
            .route("/invite", get(room::invite).post(room::enter))
            .route("/page.css", get(page::style))
            .route("/icon.svg", get(page::icon))
            .route("/{action}", get(room::reload).post(room::act));
    }
    router
        .fallback(api::fallback)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), api::pass))
        .with_state(shared)
}

#[cfg(test)]
mod tests;
