//! The one door to the API: builds the HTTP client, sends, and tries again.

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
    proxy: Option<ProxyInUse>,
}

/// What happens during a call, for those who want to watch. Nothing in it is secret.
#[derive(Debug)]
pub enum Event<'a> {
    /// An attempt begins; counted from 1.
    Attempt(u32),
    Failed(&'a Failure),
    /// The next one begins after this pause.
    Waiting(Duration),
}

/// A call that failed for good.
#[derive(Debug)]
pub struct CallError {
    /// Why the last attempt failed.
    pub error: Failure,
    /// How many were made.
    pub attempts: u32,
    /// Whether any of them may have been carried out.
    pub may_have_acted: bool,
    /// Whether any but the last may have been.
    pub may_have_acted_before: bool,
    /// Why no further one was made.
    pub stop: Stop,
}

/// The value that a call was for, and how many attempts it took.
#[derive(Debug)]
pub struct Called<T> {
    pub value: T,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether an earlier one may have been carried out.
    pub may_have_acted_before: bool,
}

impl Client {
    /// A client for the API at `base`, a URL that ends with `/` and is `https`, or `http` to a
    /// loopback address, which never goes through a proxy. Reads the system's certificates, so
    /// build it only when something will be sent, and within a runtime.
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

    /// The proxy on the way, safe to show.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_ref().map(|proxy| proxy.place.as_str())
    }

    /// Whether the API is on this very computer.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Sends until there is an answer with what was asked for, or another attempt is not possible or
    /// no use.
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

    /// One attempt, within `limit` and 30 seconds.
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

/// What is sent, and what is made of an answer to it.
pub(super) struct Request<'a, T> {
    pub method: &'a Method,
    /// Where it goes.
    pub url: &'a Url,
    pub body: Option<&'a str>,
    /// Takes from an answer what was asked for, or refuses it.
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

/// What the API says to a key that it accepts.
#[derive(Debug)]
pub struct Greeting {
    /// The API's answer.
    pub answer: Object,
    /// The friendly sentence in it; untrusted text.
    pub text: String,
    /// How many attempts were made.
    pub attempts: u32,
}

/// `GET hello/`: whether the key works.
impl Client {
    /// Asks for the greeting, trying again within `time`.
    pub async fn hello(
        &self,
        time: Duration,
        watch: &dyn Fn(Event),
    ) -> Result<Greeting, CallError> {
        let Called { value: (answer, text), attempts, .. } =
            self.call(&self.hello_request(), time, watch).await?;
        Ok(Greeting { answer, text, attempts })
    }

    /// One attempt, within `limit` and 30 seconds.
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
