//! What a failed call to the API means, and what to do about it.

use crate::api::{CertificateProblem, Details, Error as ApiError, Stranger, retry::Stop};
use crate::body::times;
use crate::commands::ApiFailure;
use crate::exit::{Exit, Failure};
use crate::json::Value;
use jiff::SignedDuration;

/// A call to the API that failed for good.
pub fn call(failure: &ApiFailure) -> Failure {
    let error = &failure.call.error;
    let mut causes = error.causes();
    if matches!(error, ApiError::KeyRefused { .. }) {
        causes.insert(0, format!("the key came from {}", failure.key_source));
    }
    causes.extend(attempts(failure));
    let details = match error.details() {
        Some(Details::Json(json)) => Some(json.clone()),
        Some(Details::Text(text)) => Some(Value::text(text, crate::json::Origin::Unplaced)),
        Some(Details::None) | None => None,
    };
    Failure {
        causes,
        hint: Some(hint(error).to_owned()),
        http_status: error.status(),
        details,
        ..Failure::new(exit(error), &failure.call)
    }
}

fn exit(error: &ApiError) -> Exit {
    match error {
        ApiError::Unreachable { .. }
        | ApiError::ProxyRefused { .. }
        | ApiError::TimedOut { .. }
        | ApiError::Broken { .. }
        | ApiError::Unavailable { .. } => Exit::Unavailable,
        ApiError::KeyRefused { .. } => Exit::Key,
        ApiError::Refused { .. } => Exit::Refused,
        ApiError::Certificate { .. }
        | ApiError::NotHttp { .. }
        | ApiError::ProxyPassword
        | ApiError::NotLessonspace { .. } => Exit::NotTheApi,
    }
}

fn hint(error: &ApiError) -> &'static str {
    match error {
        ApiError::Unreachable { proxy: Some(_), .. } => {
            "check the network and the proxy's address (HTTPS_PROXY, or the system's settings), then run it again"
        }
        ApiError::Unreachable { proxy: None, .. } => {
            "check the network and, at a school, the proxy (HTTPS_PROXY), then run it again"
        }
        ApiError::ProxyRefused { .. } => {
            "run it again later; if it stays so, ask whoever runs the proxy to allow it"
        }
        ApiError::TimedOut { .. } => "run it again later, or with a longer --timeout",
        ApiError::Broken { .. } => "run it again; repeating is safe",
        ApiError::Unavailable { .. } => "run it again later; repeating is safe",
        ApiError::KeyRefused { .. } => {
            "check it under Settings > Developer, or run: lessonspace login"
        }
        ApiError::Refused { status: 404, .. } => "check --api-url",
        ApiError::Refused { .. } => "correct the request; --dry-run shows what is sent",
        ApiError::Certificate { problem: CertificateProblem::UnknownIssuer, .. } => {
            "if your school inspects TLS, have its certificate installed on this computer, or name its file in SSL_CERT_FILE"
        }
        ApiError::Certificate {
            problem: CertificateProblem::Expired | CertificateProblem::NotYet,
            ..
        } => {
            "check the date and time of this computer; if they are right, ask whoever runs the network"
        }
        ApiError::Certificate { problem: CertificateProblem::Authority, .. } => {
            "check --api-url and the network; if they are right, ask whoever runs the server for a server certificate that this authority has signed"
        }
        ApiError::Certificate { .. } => {
            "check --api-url; if it is right, ask whoever runs the network"
        }
        ApiError::NotHttp { .. } => {
            "check the host and the port of --api-url, and the proxy; another program answers there"
        }
        ApiError::ProxyPassword => {
            "put them into the proxy's address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT"
        }
        ApiError::NotLessonspace { reason, .. } => match reason {
            Stranger::Page => {
                "open a web page in the browser, log in to the network, then run it again"
            }
            Stranger::Redirect { .. }
            | Stranger::Status { .. }
            | Stranger::TooLarge
            | Stranger::NotJson => {
                "check --api-url and the proxy; redirects are never followed, because the key would go along"
            }
            Stranger::NoLink(_) | Stranger::NoGreeting => {
                "check --api-url; if it is right, tell Lessonspace's support"
            }
        },
    }
}

/// How often it was tried, why no more, and whether it may have been carried out all the same.
fn attempts(failure: &ApiFailure) -> Vec<String> {
    let call = &failure.call;
    let mut lines = Vec::new();
    let shown =
        |duration| times::length(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX));
    match call.stop {
        Some(Stop::RetryAfter { asked, left }) => lines.push(format!(
            "the server asks for a wait of {}, but only {} of --timeout is left",
            shown(asked),
            shown(left)
        )),
        Some(Stop::Time) => {
            lines.push(format!("the time limit of --timeout ({}) has passed", shown(failure.time)));
        }
        Some(Stop::Attempts) | None => {}
    }
    if call.attempts > 1 {
        lines.push(format!("{} attempts were made", call.attempts));
    }
    if call.may_have_acted
        && failure.makes_something
        && exit(&call.error) != Exit::Refused
        && exit(&call.error) != Exit::Key
    {
        lines.push("the Space may have been created all the same".to_owned());
    }
    lines
}
