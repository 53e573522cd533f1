//! A practice API on this computer: it behaves as Lessonspace's is documented to, remembers
//! its Spaces in a state folder, and makes real signed links. When it is serving, its links
//! open a page with Join, Leave and Idle, which send the Space's webhooks.
//!
//! It knows nothing of the program's own client, of the command line, or of printing: what
//! happens is told as lines through [`Options::log`].
//!
//! Every key is an organisation of its own: a request with any non-empty
//! `Authorization: Organisation <key>` is accepted and sees the Spaces of this key alone. A
//! refused key can be rehearsed with the fault `401@1`.

mod answer;
mod api;
mod check;
mod connection;
mod deliver;
mod events;
mod faults;
mod fields;
mod gate;
mod integers;
mod kinds;
mod lists;
mod log;
mod organisation;
mod page;
mod paging;
mod room;
mod schema;
mod session;
mod space;
mod store;
mod target;
mod token;
mod view;
mod words;

use std::future::IntoFuture as _;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) use answer::state_fault;
pub(crate) use faults::Faults;
pub(crate) use target::WebhookUrl;

/// The practice key: works for every sandbox, opens nothing else. It has the form of a UUID,
/// because clients in the wild refuse keys of another form before they send anything.
const KEY: &str = "5a4db0c5-0000-4000-8000-000000000000";

/// Where the links of a sandbox lead that is not serving: nowhere, by RFC 2606.
const NOWHERE: &str = "https://sandbox.invalid";

/// Longest wait for another process to free the file of the Spaces, which is that of a call, and the
/// pause between two looks at it.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// How a sandbox is to behave.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The folder that remembers the Spaces; made when missing. Sandboxes may share it.
    pub state: PathBuf,
    /// How many API requests a second each key may make; `None` or 0 is no limit.
    pub rate: Option<u32>,
    /// Which API requests fail, and how.
    pub faults: Faults,
    /// Whether links point to the sandbox itself, with a page behind them.
    pub serving: bool,
    /// Where every event goes besides the Spaces' own webhooks.
    pub webhook_url: Option<WebhookUrl>,
    /// Takes one line per request and per delivery, without secrets and safe to print.
    pub log: Option<UnboundedSender<String>>,
}

/// A sandbox that is running, for as long as its runtime.
#[derive(Debug)]
pub(crate) struct Sandbox {
    url: String,
}

impl Sandbox {
    /// The base URL of its API, with the final `/`: `http://127.0.0.1:PORT/v2/`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The key that the program uses with it. No secret; it is the same everywhere.
    #[expect(clippy::unused_self, reason = "a caller asks the sandbox, not this module")]
    pub(crate) fn key(&self) -> &'static str {
        KEY
    }
}

/// What all requests share.
struct Shared {
    /// `http://127.0.0.1:PORT`
    origin: String,
    serving: bool,
    gate: gate::Gate,
    rate: organisation::Rate,
    store: Mutex<store::Store>,
    sessions: Mutex<session::Sessions>,
    deliveries: deliver::Deliveries,
    log: log::Log,
}

impl Shared {
    /// The Spaces, as soon as no other process holds their file. Waiting holds up nothing else.
    async fn store(&self) -> io::Result<MutexGuard<'_, store::Store>> {
        let started = Instant::now();
        loop {
            {
                let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
                if store.try_lock()? {
                    return Ok(store);
                }
            }
            if started.elapsed() > LONGEST_WAIT {
                let message = "another program has locked the file of the practice Spaces";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
    }

    fn sessions(&self) -> MutexGuard<'_, session::Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a sandbox on the current runtime and returns as soon as it accepts requests. Fails
/// when the port is taken or the state folder cannot be used.
pub(crate) async fn start(options: Options) -> io::Result<Sandbox> {
    start_with(options, deliver::BACK_OFF).await
}

async fn start_with(options: Options, back_off: Duration) -> io::Result<Sandbox> {
    let store = store::Store::open(&options.state)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let url = format!("{origin}/v2/");
    let log = log::Log::new(options.log);
    let shared = Arc::new(Shared {
        origin,
        serving: options.serving,
        gate: gate::Gate::new(options.faults),
        rate: organisation::Rate::new(options.rate),
        store: Mutex::new(store),
        sessions: Mutex::default(),
        deliveries: deliver::Deliveries::new(log.clone(), back_off, options.webhook_url),
        log,
    });
    let service = router(shared).into_make_service_with_connect_info::<connection::Cut>();
    let server = axum::serve(connection::Listener(listener), service);
    tokio::spawn(server.into_future());
    Ok(Sandbox { url })
}

fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new()
        .route("/v2/hello/", get(api::hello))
        .route("/v2/my-organisation/", get(lists::my_organisation))
        .route("/v2/organisations/{id}/spaces/", get(lists::spaces))
        .route("/v2/organisations/{id}/sessions/", get(lists::sessions))
        .route("/v2/spaces/launch/", post(api::launch));
    if shared.serving {
        router = router
            .route("/", get(room::open))
            .route("/join", post(room::join).get(room::reload))
            .route("/leave", post(room::leave).get(room::reload))
            .route("/idle", post(room::idle).get(room::reload))
            .route("/page.css", get(page::style))
            .route("/icon.svg", get(page::icon));
    }
    router
        .fallback(api::not_found)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), gate::pass))
        .with_state(shared)
}

#[cfg(test)]
mod tests;
