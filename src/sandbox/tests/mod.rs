//! Tests of the sandbox over HTTP, on a free port.

mod api;
mod page;
mod webhooks;

use std::time::Duration;

use reqwest::{Client, Response, header};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Options, Sandbox, start_with};

/// A running sandbox with its own state folder, and a client for it.
struct Bench {
    sandbox: Sandbox,
    folder: TempDir,
    client: Client,
    log: UnboundedReceiver<String>,
}

impl Bench {
    /// Serving, without a rate limit or failures.
    async fn new() -> Self {
        Self::with(Options { serving: true, ..Options::default() }).await
    }

    /// Uses the bench's own state folder and log. Webhooks back off for 10 ms.
    async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("makes a folder");
        let (sender, log) = unbounded_channel();
        let state = folder.path().to_owned();
        let options = Options { state, log: Some(sender), ..options };
        let sandbox = start_with(options, Duration::from_millis(10)).await.expect("starts");
        Self { sandbox, folder, client: client(), log }
    }

    fn page(&self, path: &str) -> String {
        let origin = self.sandbox.url().strip_suffix("/v2/").expect("ends so");
        format!("{origin}{path}")
    }

    async fn launch_as(&self, key: &str, body: &str) -> Response {
        let url = format!("{}spaces/launch/", self.sandbox.url());
        let request = self.client.post(url).header(header::AUTHORIZATION, key);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(body.to_owned()).send().await.expect("is answered")
    }

    /// Launches with the practice key. Returns the status and the response.
    async fn launch(&self, body: &str) -> (u16, Value) {
        let key = format!("Organisation {}", self.sandbox.key());
        let response = self.launch_as(&key, body).await;
        (response.status().as_u16(), json(response).await)
    }

    async fn link(&self, body: &str) -> String {
        let (_, answer) = self.launch(body).await;
        answer["client_url"].as_str().expect("has a link").to_owned()
    }

    /// Posts the form on the page of `link`.
    async fn press(&self, path: &str, link: &str) -> Response {
        let query = link.split_once('?').expect("has a query").1.to_owned();
        let form = "application/x-www-form-urlencoded";
        let request = self.client.post(self.page(path)).header(header::CONTENT_TYPE, form);
        request.body(query).send().await.expect("is answered")
    }

    /// All log lines since the last call.
    fn lines(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.log.try_recv().ok()).collect()
    }
}

fn client() -> Client {
    let tls = crate::tls::no_trust().expect("sets up TLS");
    let builder = Client::builder().tls_backend_preconfigured(tls).no_proxy();
    builder.redirect(reqwest::redirect::Policy::none()).build().expect("builds")
}

async fn json(response: Response) -> Value {
    let body = response.bytes().await.expect("has a body");
    serde_json::from_slice(&body).expect("is JSON")
}

fn text<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}
