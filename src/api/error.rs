//! Why one attempt failed, in terms of what its user can do about it.

use crate::escape::untrusted;
use crate::json::{Kind, Value};
use std::borrow::Cow;
use std::time::Duration;

/// Why one attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection: the request was certainly not sent.
    #[error("could not reach {host}{}", through(proxy.as_deref()))]
    Unreachable {
        /// Where to.
        host: String,
        /// The proxy on the way, safe to show.
        proxy: Option<String>,
        /// What went wrong, safe to show.
        cause: String,
    },
    /// The proxy makes no connection to the API: the request was certainly not sent. Whether it does
    /// not want to or cannot at the moment is not known.
    #[error("the proxy {proxy} did not connect to {host}")]
    ProxyRefused {
        /// Where to.
        host: String,
        /// Whose refusal, safe to show.
        proxy: String,
        /// What it did, if that is known.
        cause: Option<&'static str>,
    },
    /// The connection was made, but no whole answer came back in time.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// Who.
        host: String,
    },
    /// The connection broke, or the answer was cut short.
    #[error("the connection to {host} was lost before the answer was complete")]
    Broken {
        /// To whom.
        host: String,
        /// What went wrong, safe to show.
        cause: String,
    },
    /// 408, 425, 429 and 5xx.
    #[error("{}", busy_headline(*.status))]
    Unavailable {
        /// The status.
        status: u16,
        /// The pause that the server asks for.
        retry_after: Option<Duration>,
        /// The error body.
        details: Details,
    },
    /// 401 and 403.
    #[error("Lessonspace refused the API key ({status})")]
    KeyRefused {
        /// The status.
        status: u16,
        /// The error body.
        details: Details,
    },
    /// Any other 4xx.
    #[error("Lessonspace refused the request ({status})")]
    Refused {
        /// The status.
        status: u16,
        /// The error body.
        details: Details,
    },
    /// The certificate is not to be trusted.
    #[error("the certificate of {host} {problem}")]
    Certificate {
        /// Whose.
        host: String,
        /// What is wrong with it.
        problem: CertificateProblem,
    },
    /// What answers does not speak HTTP, or on an https address no TLS: a mail or SSH server, or
    /// another program on that port.
    #[error("something other than a web server answered at {host}: it does not speak {}", if *.tls { "TLS" } else { "HTTP" })]
    NotHttp {
        /// Who answered.
        host: String,
        /// Whether it was to be TLS.
        tls: bool,
    },
    /// A proxy wants a user name and a password.
    #[error("the proxy wants a user name and a password (407)")]
    ProxyPassword,
    /// Something else answered.
    #[error("{reason}")]
    NotLessonspace {
        /// The status.
        status: u16,
        /// How that is known.
        reason: Stranger,
    },
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Signed by nobody whom this computer trusts.
    #[error("is not signed by an authority that this computer trusts")]
    UnknownIssuer,
    /// Out of date.
    #[error("has expired")]
    Expired,
    /// Its time has not come.
    #[error("is not valid yet")]
    NotYet,
    /// One that signs others.
    #[error("belongs to an authority itself, and is not made for a server")]
    Authority,
    /// Made out to another name.
    #[error("is for another name")]
    WrongName,
    /// Anything else.
    #[error("is not valid")]
    Invalid,
}

/// How an answer shows that it is not the API's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stranger {
    /// A login or block page.
    #[error("your network answered instead of Lessonspace: a login or block page came back")]
    Page,
    /// A redirect, which is never followed.
    #[error("something between this computer and Lessonspace redirected the request ({status})")]
    Redirect {
        /// The status.
        status: u16,
    },
    /// More than 1 MiB.
    #[error("the answer is larger than 1 MiB, which an answer from Lessonspace never is")]
    TooLarge,
    /// A 2xx that the API does not use.
    #[error("the answer has the status {status}, which Lessonspace does not use here")]
    Status {
        /// The status.
        status: u16,
    },
    /// No JSON object.
    #[error("the answer is not the JSON that Lessonspace sends")]
    NotJson,
    /// No link that could be used; what is wrong with it.
    #[error("the answer contains no usable join link: {0}")]
    NoLink(&'static str),
    /// `hello` without a greeting.
    #[error("the answer contains no greeting")]
    NoGreeting,
}

/// The body of an error answer, the API key in it replaced.
#[derive(Debug, Clone, Default)]
pub enum Details {
    /// Nothing.
    #[default]
    None,
    /// JSON.
    Json(Value),
    /// Something else, shown as text.
    Text(String),
}

fn busy_headline(status: u16) -> String {
    match status {
        429 => "Lessonspace is receiving too many requests (429)".to_owned(),
        408 => "Lessonspace waited too long for the request (408)".to_owned(),
        _ => format!("Lessonspace is unavailable at the moment ({status})"),
    }
}

impl Error {
    /// Whether the attempt may have been carried out although it failed.
    pub fn may_have_acted(&self) -> bool {
        match self {
            // A refusal says that nothing was done.
            Self::Unreachable { .. }
            | Self::ProxyRefused { .. }
            | Self::Certificate { .. }
            | Self::NotHttp { tls: true, .. }
            | Self::ProxyPassword
            | Self::KeyRefused { .. }
            | Self::Refused { .. } => false,
            Self::Unavailable { status, .. } => !matches!(status, 425 | 429),
            _ => true,
        }
    }

    /// Whether the same request may do better in a moment.
    pub fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::ProxyRefused { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. } => true,
            Self::Unavailable { status, .. } => {
                matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            _ => false,
        }
    }

    /// The pause that the server asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unavailable { status, .. }
            | Self::KeyRefused { status, .. }
            | Self::Refused { status, .. }
            | Self::NotLessonspace { status, .. } => Some(*status),
            Self::ProxyPassword => Some(407),
            _ => None,
        }
    }

    /// The body of the error answer.
    pub fn details(&self) -> Option<&Details> {
        match self {
            Self::Unavailable { details, .. }
            | Self::KeyRefused { details, .. }
            | Self::Refused { details, .. } => Some(details),
            _ => None,
        }
    }

    /// What is known beyond the headline, one line each, safe to show.
    pub fn causes(&self) -> Vec<String> {
        match self {
            Self::Unreachable { cause, .. } | Self::Broken { cause, .. } => vec![cause.clone()],
            Self::ProxyRefused { cause, .. } => cause.iter().map(ToString::to_string).collect(),
            _ => self.details().map(Details::lines).unwrap_or_default(),
        }
    }
}

impl Details {
    /// Most lines that are shown of one error body.
    const SHOWN_LINES: usize = 20;

    /// One line a field: `user.email: Enter a valid email address.`, safe to show.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self {
            Self::None => {}
            Self::Text(text) => lines.push(untrusted(text)),
            Self::Json(value) => collect(value, "", &mut lines),
        }
        lines.truncate(Self::SHOWN_LINES);
        lines
    }
}

/// Django REST framework's shapes: `detail` and `non_field_errors` are about the whole request.
fn collect(value: &Value, path: &str, lines: &mut Vec<String>) {
    match &value.kind {
        Kind::Object(object) => {
            for member in object.members() {
                let path = match member.name() {
                    "detail" | "non_field_errors" => path.to_owned(),
                    name if path.is_empty() => name.to_owned(),
                    name => format!("{path}.{name}"),
                };
                collect(&member.value, &path, lines);
            }
        }
        Kind::Array(items) => items.iter().for_each(|item| collect(item, path, lines)),
        Kind::Scalar(raw) => {
            let text = value.as_text().unwrap_or(Cow::Borrowed(raw));
            let line = if path.is_empty() { text } else { format!("{path}: {text}").into() };
            lines.push(untrusted(&line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(json: &str) -> Vec<String> {
        Details::Json(crate::json::parse_answer(json).expect("is JSON")).lines()
    }

    #[test]
    fn every_documented_shape_of_error_becomes_one_line_a_field() {
        for (json, expected) in [
            (r#"{"detail": "Not found."}"#, vec!["Not found."]),
            (r#"{"non_field_errors": ["a", "b"]}"#, vec!["a", "b"]),
            (r#"{"id": ["Too long."], "name": ["Bad."]}"#, vec!["id: Too long.", "name: Bad."]),
            (
                r#"{"user": {"email": ["Enter a valid email address."]}}"#,
                vec!["user.email: Enter a valid email address."],
            ),
            (r#"{"user": {"non_field_errors": ["No."]}}"#, vec!["user: No."]),
            (r#"["Bad."]"#, vec!["Bad."]),
            (r#"{"code": 5, "x": null}"#, vec!["code: 5", "x: null"]),
            (r#"{"detail": "::error::x\u001b[31m"}"#, vec!["\\u{3a}:error::x\\u{1b}[31m"]),
        ] {
            assert_eq!(lines(json), expected);
        }
        assert_eq!(lines(&format!("[{}1]", "1,".repeat(100))).len(), 20);
    }
}
