//! Reading one answer: how much of it, and what it is. Nothing here sends anything.

use super::error::{Details, Error, Stranger};
use super::key::ApiKey;
use super::redact::{hide_credentials, hide_in_text};
use super::retry::parse_retry_after;
use crate::json::{self, Value};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, TRANSFER_ENCODING};

/// Largest answer that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// Some servers put it in front of their JSON.
const BOM: &str = "\u{feff}";

/// A 2xx answer that holds a JSON value, the API key in it replaced.
#[derive(Debug)]
pub struct Answer {
    /// 200 or 201.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// Why reading stopped.
pub enum ReadFault {
    /// The connection failed.
    Connection(reqwest::Error),
    /// Anything else.
    Other(Error),
}

impl From<Error> for ReadFault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Reads an answer to its end, at most 1 MiB of it, and tells what it is.
pub async fn read(response: Response, host: &str, key: &ApiKey) -> Result<Answer, ReadFault> {
    let head = Head::of(&response);
    let mut bytes = read_body(response, head.status).await?;
    if BOM.as_bytes().starts_with(&bytes) {
        // Nothing, or as much of a BOM as was not cut off.
        bytes.clear();
    }
    // Reading what may not be UTF-8 takes much longer, and answers are.
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(head.interpret(&text, host, key)?)
}

async fn read_body(mut response: Response, status: u16) -> Result<Vec<u8>, ReadFault> {
    let too_large = || Error::NotLessonspace { status, reason: Stranger::TooLarge };
    let announced = response.content_length().unwrap_or(0);
    if announced > LARGEST as u64 {
        return Err(too_large().into());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadFault::Connection)? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(too_large().into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What the status line and the headers tell.
struct Head {
    status: u16,
    says_html: bool,
    retry_after: Option<std::time::Duration>,
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
                .and_then(|value| parse_retry_after(value, std::time::SystemTime::now())),
            ends_with_connection: response.content_length().is_none()
                && header(TRANSFER_ENCODING).is_none(),
        }
    }

    fn interpret(self, text: &str, host: &str, key: &ApiKey) -> Result<Answer, Error> {
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
        let stranger = |reason| Error::NotLessonspace { status: self.status, reason };
        match self.status {
            407 => Err(Error::ProxyPassword),
            511 => Err(stranger(Stranger::Page)),
            status @ 300..400 => Err(stranger(Stranger::Redirect { status })),
            429 | 500.. => Err(self.unavailable(parsed.ok(), text, key)),
            _ if is_page => Err(stranger(Stranger::Page)),
            204 | 205 => Err(stranger(Stranger::Status { status: self.status })),
            200 | 201 if cut_short => Err(Error::Broken {
                host: host.to_owned(),
                cause: "the JSON of the answer ends too early".to_owned(),
            }),
            408 | 425 => Err(self.unavailable(parsed.ok(), text, key)),
            status @ (401 | 403) => {
                Err(Error::KeyRefused { status, details: details(parsed.ok(), text, key) })
            }
            status @ 400..500 => {
                Err(Error::Refused { status, details: details(parsed.ok(), text, key) })
            }
            status @ (200 | 201) => match parsed {
                Ok(body) => Ok(Answer { status, body }),
                Err(_) => Err(stranger(Stranger::NotJson)),
            },
            status => Err(stranger(Stranger::Status { status })),
        }
    }

    fn unavailable(&self, parsed: Option<Value>, text: &str, key: &ApiKey) -> Error {
        let text = if text.starts_with('<') { "" } else { text };
        Error::Unavailable {
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
        None => Details::Text(hide_in_text(&key.redact_text(text))),
    }
}
