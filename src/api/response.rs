//! Reads one response, up to a size limit, and interprets it. Nothing here sends anything.

use super::failure::{Details, Failure, SignIn, UnexpectedAnswer};
use super::key::ApiKey;
use super::proxy;
use super::retry::parse_retry_after;
use crate::json::{self, Kind, Value};
use crate::redact;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, PROXY_AUTHENTICATE, RETRY_AFTER, TRANSFER_ENCODING};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// Largest response that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// Some servers send it before their JSON.
const BOM: &str = "\u{feff}";

/// A 2xx response with a JSON value, the API key in it replaced.
#[derive(Debug)]
pub struct Answer {
    /// 200 or 201.
    pub status: u16,
    pub body: Value,
}

/// Why reading stopped.
pub enum ReadFault {
    Connection(reqwest::Error),
    Other(Failure),
}

impl From<Failure> for ReadFault {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// Reads a response to its end, at most 1 MiB, and interprets it.
pub async fn read(response: Response, host: &str, key: &ApiKey) -> Result<Answer, ReadFault> {
    let head = Head::of(&response);
    let mut bytes = read_body(response, head.status).await?;
    if BOM.as_bytes().starts_with(&bytes) {
        // Empty, or all or part of a BOM.
        bytes.clear();
    }
    // Lossy decoding is much slower, and responses are UTF-8.
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(head.interpret(&text, host, key)?)
}

async fn read_body(mut response: Response, status: u16) -> Result<Vec<u8>, ReadFault> {
    let too_large =
        || Failure::NotLessonspace { status: Some(status), reason: UnexpectedAnswer::TooLarge };
    let announced = response.content_length().unwrap_or(0);
    if announced > MAX_SIZE as u64 {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadFault::Connection)? {
        if bytes.len() + chunk.len() > MAX_SIZE {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The status and what the headers show.
struct Head {
    status: u16,
    says_html: bool,
    retry_after: Option<Duration>,
    /// The authentication schemes a proxy offers.
    sign_in: Vec<String>,
    /// Whether only the end of the connection marks the end of the body.
    ends_with_connection: bool,
}

impl Head {
    fn of(response: &Response) -> Self {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let content_type = header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        Self {
            status: response.status().as_u16(),
            says_html: content_type.contains("html"),
            retry_after: header(RETRY_AFTER)
                .and_then(|value| parse_retry_after(value, SystemTime::now())),
            sign_in: response
                .headers()
                .get_all(PROXY_AUTHENTICATE)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(proxy::schemes)
                .collect(),
            ends_with_connection: response.content_length().is_none()
                && header(TRANSFER_ENCODING).is_none(),
        }
    }

    fn interpret(self, text: &str, host: &str, key: &ApiKey) -> Result<Answer, Failure> {
        let text = text.trim_start_matches(BOM).trim();
        let parsed = json::parse_answer(text).map(|mut body| {
            key.redact(&mut body);
            body
        });
        let cut_short = match &parsed {
            Err(error) => self.ends_with_connection && json::is_cut_short(text, error),
            Ok(_) => false,
        };
        let is_page = text.starts_with('<') || (self.says_html && parsed.is_err());
        let unexpected = |reason| Failure::NotLessonspace { status: Some(self.status), reason };
        match self.status {
            407 => Err(Failure::ProxySignIn(SignIn::of(&self.sign_in, false))),
            511 => Err(unexpected(UnexpectedAnswer::Page)),
            status @ 300..400 => Err(unexpected(UnexpectedAnswer::Redirect { status })),
            429 | 500.. => Err(self.unavailable(parsed.ok(), text, key)),
            _ if is_page => Err(unexpected(UnexpectedAnswer::Page)),
            204 | 205 => Err(unexpected(UnexpectedAnswer::Status { status: self.status })),
            200 | 201 if cut_short => Err(Failure::Broken {
                host: host.to_owned(),
                cause: "the JSON in the response is cut short".to_owned(),
            }),
            408 | 425 => Err(self.unavailable(parsed.ok(), text, key)),
            status @ (401 | 403) => {
                Err(Failure::KeyRefused { status, details: details(parsed.ok(), text, key) })
            }
            status @ 400..500 => {
                Err(Failure::Refused { status, details: details(parsed.ok(), text, key) })
            }
            status @ (200 | 201) => match parsed {
                Ok(body) => Ok(Answer { status, body }),
                Err(_) => Err(unexpected(UnexpectedAnswer::NotJson)),
            },
            status => Err(unexpected(UnexpectedAnswer::Status { status })),
        }
    }

    fn unavailable(&self, parsed: Option<Value>, text: &str, key: &ApiKey) -> Failure {
        let text = if text.starts_with('<') { "" } else { text };
        Failure::Unavailable {
            status: self.status,
            retry_after: self.retry_after,
            details: details(parsed, text, key),
        }
    }
}

fn details(parsed: Option<Value>, text: &str, key: &ApiKey) -> Details {
    match parsed {
        Some(mut json) => {
            hide_credentials(&mut json);
            Details::Json(json)
        }
        None if text.is_empty() => Details::None,
        None => Details::Text(redact::answer(&key.redact_text(text)).into_owned()),
    }
}

/// Replaces the credentials in an error body.
fn hide_credentials(value: &mut Value) {
    hide_secret_fields(value);
    value.change_texts(&|text| match redact::answer(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    });
}

fn hide_secret_fields(value: &mut Value) {
    match &mut value.kind {
        Kind::Object(object) => {
            for (name, value) in object.iter_mut() {
                if redact::SECRET_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
                    *value = redact::MASK.into();
                } else {
                    hide_secret_fields(value);
                }
            }
        }
        Kind::Array(items) => items.iter_mut().for_each(hide_secret_fields),
        Kind::Scalar(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_secrets_and_tokens_are_hidden_in_json() {
        for (json, shown) in [
            (
                r#"{"detail":"see https://go.room.sh/?user=eyJh.eyJi.c-_d&room=r","x":"eyJ"}"#,
                r#"{"detail":"see https://go.room.sh/[hidden]","x":"eyJ"}"#,
            ),
            (
                r#"{"data":[{"client_url":"https://x","secret":5,"Secret":null,"CLIENT_URL":{}}]}"#,
                r#"{"data":[{"client_url":"[hidden]","secret":"[hidden]","Secret":"[hidden]","CLIENT_URL":"[hidden]"}]}"#,
            ),
            (
                r#"{"eyJh.eyJi.c":["x"],"https://go.room.sh/j/abc":1,"https://e.org/?eyJh.eyJi":2}"#,
                r#"{"[hidden]":["x"],"https://go.room.sh/[hidden]":1,"https://e.org/?[hidden]":2}"#,
            ),
            (
                r#"{"detail":"{\"client_url\":\"https://go.room.sh/j/abc\",\"n\":1,\"secret\":\"sss\"}"}"#,
                r#"{"detail":"{\"client_url\":\"[hidden]\",\"n\":1,\"secret\":\"[hidden]\"}"}"#,
            ),
        ] {
            let mut value = json::parse_answer(json).expect("is JSON");
            hide_credentials(&mut value);
            assert_eq!(value.to_json(), shown);
        }
    }
}
