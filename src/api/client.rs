//! The API client: builds the HTTP client, sends requests and retries them.

use super::failure::{self, Failure, UnexpectedAnswer};
use super::key::ApiKey;
use super::proxy::{Proxy, ProxyInUse, is_loopback, proxy_for};
use super::response::{self, Answer, ReadFault};
use super::retry::{self, FailedAttempt, Next, Stop};
use super::trace::Trace;
use crate::error::{Error, Kind, Result};
use crate::json::{Object, Value};
use crate::tls;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, redirect};
use std::time::{Duration, Instant};
use tower::util::{MapRequestLayer, MapResponseLayer};
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit for one attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to the API for one organisation. Connections are kept alive between calls.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    /// `GET` here checks the key.
    pub(super) hello_url: Url,
    /// `POST` here launches a Space.
    pub(super) launch_url: Url,
    key: ApiKey,
    proxy: Option<ProxyInUse>,
}

/// What happens during a call, for observers. Contains no secrets.
#[derive(Debug)]
pub enum Event<'a> {
    /// An attempt starts; the first has number 1.
    Attempt(u32),
    Failed(&'a Failure),
    /// The next attempt starts after this pause.
    Waiting(Duration),
}

/// A call that failed for good.
#[derive(Debug)]
pub struct CallError {
    /// Why the last attempt failed.
    pub error: Failure,
    pub attempts: u32,
    /// Whether any attempt may have been carried out.
    pub may_have_acted: bool,
    /// Whether any attempt before the last may have been carried out.
    pub may_have_acted_before: bool,
    /// Why there was no further attempt.
    pub stop: Stop,
}

/// The result of a successful call.
#[derive(Debug)]
pub struct Called<T> {
    pub value: T,
    pub attempts: u32,
    /// Whether an earlier attempt may have been carried out.
    pub may_have_acted_before: bool,
}

impl Client {
    /// Creates a client for the API at `base`. The URL must end with `/` and be `https`, or `http`
    /// to a loopback address, which never goes through a proxy. Reads the system's certificates, so
    /// create it only if something will be sent, and within a runtime.
    pub async fn new(base: Url, key: ApiKey) -> Result<Self> {
        let is_https = base.scheme() == "https";
        let tls = if is_https { tls::client_config().await } else { tls::no_trust() }?;
        let mut authorization = HeaderValue::from_str(&format!("Organisation {}", key.reveal()))
            .map_err(|_| unsendable_key())?;
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
        let proxy = match proxy_for(&base)? {
            Proxy::None => None,
            Proxy::At(address) => Some(ProxyInUse::new(address).map_err(anyhow::Error::from)?),
        };
        builder = builder.no_proxy();
        if let Some(proxy) = &proxy {
            let used = reqwest::Proxy::all(proxy.address.clone()).map_err(setup_error)?;
            builder = builder.proxy(used);
        }
        let http = builder.build().map_err(setup_error)?;
        let url = |path| base.join(path).unwrap_or_else(|_| base.clone());
        let (hello_url, launch_url) = (url("hello/"), url("spaces/launch/"));
        Ok(Self { http, base, hello_url, launch_url, key, proxy })
    }

    /// The proxy in use, safe to show.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_ref().map(|proxy| proxy.place.as_str())
    }

    /// Whether the API is on this computer.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Sends until an attempt succeeds, or until another one is impossible or pointless.
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
            let failure = match self.attempt(request, left()).await {
                Ok(value) => {
                    let may_have_acted_before = may_have_acted;
                    return Ok(Called { value, attempts, may_have_acted_before });
                }
                Err(failure) => failure,
            };
            watch(Event::Failed(&failure));
            let may_have_acted_before = may_have_acted;
            may_have_acted |= failure.may_have_acted();
            let failed = FailedAttempt {
                number: attempts,
                is_worth_repeating: failure.is_worth_repeating(),
                retry_after: failure.retry_after(),
                left: left(),
            };
            match retry::next(failed, fastrand::f64()) {
                Next::Wait(pause) => {
                    watch(Event::Waiting(pause));
                    tokio::time::sleep(pause).await;
                }
                Next::Stop(stop) => {
                    return Err(CallError {
                        error: failure,
                        attempts,
                        may_have_acted,
                        may_have_acted_before,
                        stop,
                    });
                }
            }
        }
    }

    /// Makes one attempt, within `limit` and 30 seconds.
    pub(super) async fn attempt<T>(
        &self,
        request: &Request<'_, T>,
        limit: Duration,
    ) -> Result<T, Failure> {
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
    ) -> Result<Answer, Failure> {
        let trace = Trace::default();
        let mut builder = self.http.request(method.clone(), url.clone()).timeout(limit);
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            builder = builder.header(CONTENT_TYPE, json).body(trace.body(body));
        }
        let answer = trace.follow(async {
            let response = builder.send().await.map_err(ReadFault::Connection)?;
            response::read(response, self.host(), &self.key).await
        });
        answer.await.map_err(|fault| match fault {
            ReadFault::Other(failure) => failure,
            ReadFault::Connection(error) => {
                failure::meaning(&error, &self.base, self.proxy.as_ref(), trace.may_be_sent())
            }
        })
    }

    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }
}

/// A request, and how to read its response.
pub(super) struct Request<'a, T> {
    pub method: &'a Method,
    pub url: &'a Url,
    pub body: Option<&'a str>,
    /// Extracts the expected value from a response, or rejects it.
    pub read: fn(&Client, Answer) -> Result<T, Failure>,
}

fn setup_error(error: reqwest::Error) -> Error {
    Error::new(Kind::Usage, "could not set up the HTTP client")
        .with_source(error.without_url())
        .with_hint("check the proxy settings: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
}

fn unsendable_key() -> Error {
    Error::new(Kind::Key, "the API key contains characters that cannot be sent")
        .with_hint("copy the key again from the dashboard (Settings > Developer)")
}

/// The API's response to a key it accepts.
#[derive(Debug)]
pub struct Greeting {
    pub answer: Object,
    /// The greeting in the response; untrusted text.
    pub text: String,
    pub attempts: u32,
}

/// `GET hello/`: checks the key.
impl Client {
    /// Requests the greeting, with retries within `time`.
    pub async fn hello(
        &self,
        time: Duration,
        watch: &dyn Fn(Event),
    ) -> Result<Greeting, CallError> {
        let Called { value: (answer, text), attempts, .. } =
            self.call(&self.hello_request(), time, watch).await?;
        Ok(Greeting { answer, text, attempts })
    }

    /// Makes one attempt, within `limit` and 30 seconds.
    pub async fn hello_once(&self, limit: Duration) -> Result<(), Failure> {
        self.attempt(&self.hello_request(), limit).await.map(drop)
    }

    fn hello_request(&self) -> Request<'_, (Object, String)> {
        let (method, url) = (&Method::GET, &self.hello_url);
        Request { method, url, body: None, read: |_, answer| greeting(answer) }
    }
}

fn greeting(Answer { status, body }: Answer) -> Result<(Object, String), Failure> {
    let unexpected = |reason| Failure::NotLessonspace { status: Some(status), reason };
    if status != 200 {
        return Err(unexpected(UnexpectedAnswer::Status { status }));
    }
    let answer = body.into_object().unwrap_or_default();
    let text = answer.get("response").and_then(Value::as_text);
    let text = text.ok_or_else(|| unexpected(UnexpectedAnswer::NoGreeting))?.into_owned();
    Ok((answer, text))
}
