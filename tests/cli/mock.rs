//! The API as a mock: every expectation describes the whole request and is asserted.

use std::thread;

use httpmock::{Method, Mock, MockServer};
use serde_json::{Value, json};

use crate::support::{KEY, TestEnv};

/// The signature in the token of every link.
pub(crate) const LINK_MARK: &str = "LnkCnryT0knQz7xWv3Kp9fJ";

/// The Space's `secret` in every response.
pub(crate) const SECRET: &str = "5ec2e700-ca11-4a7e-9b1d-c0ffee5ec2e7";

/// Lessonspace's id of the Space in every response.
pub(crate) const ROOM: &str = "8f2b2e5e-1f0a-4d0b-9b3a-6d1c2f3e4a5b";

/// The token in `link()`: valid from 2026-01-01T00:00:00Z to 2099-12-01T09:00:00Z, without a
/// name or `canLead`, so that it matches every launch.
const CLAIMS: &str =
    "{\"nbf\":1767225600,\"exp\":4099798800,\"iat\":1767225600,\"id\":\"Teacher_1\"}";

/// A join link in the form that the API uses today.
pub(crate) fn link() -> String {
    link_with_claims(CLAIMS)
}

/// A join link with these claims in its token.
pub(crate) fn link_with_claims(claims: &str) -> String {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let (header, claims) = (encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), encode(claims));
    format!(
        "https://go.room.sh/?user={header}.{claims}.{LINK_MARK}&room={ROOM}&server=https%3A%2F%2Fapi.room.sh"
    )
}

/// The output of a successful launch.
pub(crate) fn link_line() -> String {
    format!("{}\n", link())
}

/// A usable response with every documented field.
pub(crate) fn answer() -> Value {
    json!({
        "client_url": link(),
        "api_base": "https://api.room.sh/v2",
        "room_id": ROOM,
        "secret": SECRET,
        "session_id": "1b671a64-40d5-491e-99b0-da01ff1f3341",
        "user_id": 4711,
        "room_settings": {
            "record_av": false, "record_content": true, "waiting_room": false,
            "transcribe": false, "summarise": false
        }
    })
}

/// `answer()` with some fields replaced; `null` stays `null`.
pub(crate) fn answer_with(fields: &Value) -> Value {
    let mut whole = answer();
    for (name, value) in fields.as_object().unwrap() {
        whole[name] = value.clone();
    }
    whole
}

/// A mock API on its own loopback port.
pub(crate) struct Api {
    server: MockServer,
}

impl Api {
    pub(crate) fn start() -> Self {
        Self { server: MockServer::start() }
    }

    /// The URL with its final slash.
    pub(crate) fn url(&self) -> String {
        self.server.url("/v2/")
    }

    /// An environment that talks to this mock.
    pub(crate) fn env(&self) -> TestEnv {
        TestEnv::at(&self.url())
    }

    /// Expects one launch with exactly this body.
    pub(crate) fn launch(&self, body: Value, status: u16, answer: &Value) -> Expected<'_> {
        self.launch_with_key(KEY, body, status, answer)
    }

    /// Expects one launch with this key and exactly this body.
    pub(crate) fn launch_with_key(
        &self,
        key: &str,
        body: Value,
        status: u16,
        answer: &Value,
    ) -> Expected<'_> {
        self.launch_text(key, body, status, &answer.to_string())
    }

    /// Expects one launch, and responds with this text as JSON.
    pub(crate) fn launch_text(
        &self,
        key: &str,
        body: Value,
        status: u16,
        text: &str,
    ) -> Expected<'_> {
        let authorization = format!("Organisation {key}");
        let mock = self.server.mock(|when, then| {
            when.method(Method::POST)
                .path("/v2/spaces/launch/")
                .header("authorization", authorization)
                .header("content-type", "application/json")
                .header_missing("accept-encoding")
                .is_true(|request| request.query_params().is_empty())
                .json_body(body);
            then.status(status).header("content-type", "application/json").body(text);
        });
        Expected { mock, calls: 1 }
    }

    /// Expects any launch, so that `never` can prove that there was none.
    pub(crate) fn anything(&self) -> Expected<'_> {
        let mock = self.server.mock(|when, then| {
            when.any_request();
            then.status(201).json_body(answer());
        });
        Expected { mock, calls: 1 }
    }

    /// Expects one `hello` with this key.
    pub(crate) fn hello(&self, key: &str, status: u16, text: &str) -> Expected<'_> {
        let authorization = format!("Organisation {key}");
        let mock = self.server.mock(|when, then| {
            when.method(Method::GET)
                .path("/v2/hello/")
                .header("authorization", authorization)
                .header_missing("accept-encoding")
                .is_true(|request| {
                    request.query_params().is_empty() && request.body_ref().is_empty()
                });
            then.status(status).header("content-type", "application/json").body(text);
        });
        Expected { mock, calls: 1 }
    }
}

/// An expected request; dropping it asserts the number of calls.
pub(crate) struct Expected<'api> {
    mock: Mock<'api>,
    calls: usize,
}

impl Expected<'_> {
    /// Expects no call.
    pub(crate) fn never(self) -> Self {
        self.times(0)
    }

    pub(crate) fn times(mut self, calls: usize) -> Self {
        self.calls = calls;
        self
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.mock.assert_calls(self.calls);
        }
    }
}
