//! The one door to the API: builds the HTTP client, sends, and tries again.

use super::answer::{self, Answer, ReadFault};
use super::error::Error;
use super::failure;
use super::key::ApiKey;
use super::retry::{self, Next, Stop};
use super::route::{UnusableProxy, Way, is_loopback, way_to};
use super::trace::Trace;
use crate::tls::{self, TrustError};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, redirect};
use std::time::{Duration, Instant};
use tower::util::{MapRequestLayer, MapResponseLayer};
use url::Url;

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest that one attempt may take.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to the API for one organisation. Connections are kept alive between calls.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    /// Where the key is checked.
    pub(super) hello_url: Url,
    /// Where Spaces are launched.
    pub(super) launch_url: Url,
    key: ApiKey,
}

/// No client can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No certificates to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A variable names no proxy that could be used.
    #[error(transparent)]
    Proxy(#[from] UnusableProxy),
    /// The HTTP library refused its configuration, such as a proxy's URL.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
    /// The key cannot stand in a header.
    #[error("the API key cannot be sent")]
    Key,
}

impl From<SetupError> for crate::error::Error {
    fn from(error: SetupError) -> Self {
        use crate::error::Kind;
        let (kind, hint) = match &error {
            SetupError::Trust(_) => {
                (Kind::Usage, "check SSL_CERT_FILE and SSL_CERT_DIR, or install ca-certificates")
            }
            SetupError::Proxy(_) => {
                (Kind::Usage, "write it as http://HOST:PORT, or unset it to go without a proxy")
            }
            SetupError::Http(_) => {
                (Kind::Usage, "check the proxy settings: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
            }
            SetupError::Key => (Kind::Key, "copy the key again from the dashboard"),
        };
        let causes = std::iter::successors(std::error::Error::source(&error), |it| it.source());
        let causes: Vec<String> =
            causes.map(|cause| crate::escape::untrusted(&cause.to_string())).collect();
        Self::new(kind, error.to_string()).with_causes(causes).with_hint(hint)
    }
}

/// What happens during a call, for those who want to watch. Nothing in it is secret.
#[derive(Debug)]
pub enum Event<'a> {
    /// An attempt begins; counted from 1.
    Attempt(u32),
    /// It failed.
    Failed(&'a Error),
    /// The next one begins after this pause.
    Waiting(Duration),
}

/// A call failed for good.
#[derive(Debug, thiserror::Error)]
#[error("{error}")] // and no `source`: the same words would come twice
pub struct CallError {
    /// Why the last attempt failed.
    pub error: Error,
    /// How many were made.
    pub attempts: u32,
    /// Whether any of them may have been carried out.
    pub may_have_acted: bool,
    /// Whether any but the last may have been.
    pub may_have_acted_before: bool,
    /// Why no further one was made, if the last failure would have been worth another.
    pub stop: Option<Stop>,
}

/// What was asked for, and how it was come by.
#[derive(Debug)]
pub struct Called<T> {
    /// What the answer of the last attempt holds.
    pub value: T,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether an earlier one may have been carried out.
    pub may_have_acted_before: bool,
}

impl Client {
    /// A client for the API at `base`, an URL that ends with `/` and is `https`, or `http` to a
    /// loopback address, which never goes through a proxy. Reads the system's certificates, so
    /// build it only when something will be sent.
    pub fn new(base: Url, key: ApiKey) -> Result<Self, SetupError> {
        let is_https = base.scheme() == "https";
        let tls = if is_https { tls::client_config() } else { tls::no_trust() }?;
        let mut authorization = HeaderValue::from_str(&format!("Organisation {}", key.reveal()))
            .map_err(|_| SetupError::Key)?;
        authorization.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (AUTHORIZATION, authorization),
        ]);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("lessonspace-cli/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connector_layer(MapRequestLayer::new(|place| {
                Trace::connecting();
                place
            }))
            .connector_layer(MapResponseLayer::new(|connection| {
                Trace::connected();
                connection
            }))
            .tls_backend_preconfigured(tls)
            .https_only(is_https)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT);
        let refused = |error: reqwest::Error| SetupError::Http(error.without_url());
        builder = match way_to(&base)? {
            Way::Straight => builder.no_proxy(),
            Way::Through(proxy) => {
                builder.no_proxy().proxy(reqwest::Proxy::all(proxy).map_err(refused)?)
            }
            Way::System => builder,
        };
        let http = builder.build().map_err(refused)?;
        let url = |path| base.join(path).unwrap_or_else(|_| base.clone());
        let (hello_url, launch_url) = (url("hello/"), url("spaces/launch/"));
        Ok(Self { http, base, hello_url, launch_url, key })
    }

    /// The API's address.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Whether the API is on this very computer.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Sends until there is an answer that holds what was asked for, the time has passed or trying
    /// again is of no use.
    pub(super) async fn call<T>(
        &self,
        request: &Request<'_, T>,
        time: Duration,
        watch: &dyn Fn(Event),
    ) -> Result<Called<T>, CallError> {
        let start = Instant::now();
        let left = || time.saturating_sub(start.elapsed());
        let mut attempts = 0;
        let mut may_have_acted = false;
        loop {
            attempts += 1;
            watch(Event::Attempt(attempts));
            let error = match self.attempt(request, left()).await {
                Ok(value) => {
                    let may_have_acted_before = may_have_acted;
                    return Ok(Called { value, attempts, may_have_acted_before });
                }
                Err(error) => error,
            };
            watch(Event::Failed(&error));
            let may_have_acted_before = may_have_acted;
            may_have_acted |= error.may_have_acted();
            let next = error
                .is_worth_repeating()
                .then(|| retry::next(attempts, left(), error.retry_after(), fastrand::f64()));
            let stop = match next {
                Some(Next::Wait(pause)) => {
                    watch(Event::Waiting(pause));
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Some(Next::Stop(stop)) => Some(stop),
                None => None,
            };
            return Err(CallError { error, attempts, may_have_acted, may_have_acted_before, stop });
        }
    }

    /// One attempt, within `limit` and 30 seconds.
    pub(super) async fn attempt<T>(
        &self,
        request: &Request<'_, T>,
        limit: Duration,
    ) -> Result<T, Error> {
        let Request { method, url, body, read } = *request;
        let answer = self.send(method, url, body, limit.min(ATTEMPT_TIMEOUT)).await?;
        read(self, answer)
    }

    async fn send(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&str>,
        limit: Duration,
    ) -> Result<Answer, Error> {
        let trace = Trace::default();
        let mut builder = self.http.request(method.clone(), url.clone()).timeout(limit);
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            builder = builder.header(CONTENT_TYPE, json).body(trace.body(body));
        }
        let answer = trace.follow(async {
            let response = builder.send().await.map_err(ReadFault::Connection)?;
            answer::read(response, self.host(), &self.key).await
        });
        answer.await.map_err(|fault| match fault {
            ReadFault::Other(error) => error,
            ReadFault::Connection(error) => {
                failure::meaning(&error, &self.base, trace.may_be_sent())
            }
        })
    }

    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }
}

/// What is sent, and what is made of an answer to it.
pub(super) struct Request<'a, T> {
    /// The HTTP method.
    pub method: &'a Method,
    /// Where it goes.
    pub url: &'a Url,
    /// The JSON body.
    pub body: Option<&'a str>,
    /// Takes from an answer what was asked for, or refuses it.
    pub read: fn(&Client, Answer) -> Result<T, Error>,
}
