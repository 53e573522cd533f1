//! What a failed call to the API means, and what to do about it.

use crate::api::{
    CallError, CertificateProblem, Details, Error as ApiError, Stranger, retry::Stop,
};
use crate::body::times;
use crate::error::{Error, Kind};
use crate::json::Value;
use jiff::SignedDuration;
use std::time::Duration;

/// A call to the API that failed for good, as the error of the run.
pub fn failure(call: &CallError, context: &Context) -> Error {
    let cause = &call.error;
    let mut causes = cause.causes();
    if matches!(cause, ApiError::KeyRefused { .. }) {
        causes.insert(0, format!("the key came from {}", context.key_source));
    }
    causes.extend(attempts(call, context));
    let mut error =
        Error::new(kind(cause), call.to_string()).with_causes(causes).with_hint(hint(cause));
    error.http_status = cause.status();
    error.retry_after = cause.retry_after();
    error.details = match cause.details() {
        Some(Details::Json(json)) => Some(json.clone()),
        Some(Details::Text(text)) => Some(Value::text(text, crate::json::Origin::Unplaced)),
        Some(Details::None) | None => None,
    };
    error
}

/// What a failed call does not know about itself.
pub struct Context<'a> {
    /// Where the key came from.
    pub key_source: &'a str,
    /// The time it had.
    pub time: Duration,
    /// Whether it creates something, so that a failure leaves in doubt what exists.
    pub makes_something: bool,
}

fn kind(error: &ApiError) -> Kind {
    match error {
        ApiError::Unreachable { .. }
        | ApiError::ProxyRefused { .. }
        | ApiError::TimedOut { .. }
        | ApiError::Broken { .. }
        | ApiError::Unavailable { .. } => Kind::Unavailable,
        ApiError::KeyRefused { .. } => Kind::Key,
        ApiError::Refused { .. } => Kind::Refused,
        ApiError::Certificate { .. }
        | ApiError::NotHttp { .. }
        | ApiError::ProxyPassword
        | ApiError::NotLessonspace { .. } => Kind::NotTheApi,
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

fn shown(duration: Duration) -> String {
    times::length(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
}

/// The rest of a time, rounded down, so that it is less than a whole number of seconds that is too
/// long for it.
fn shown_left(left: Duration) -> String {
    if left >= Duration::from_secs(10) {
        return shown(left);
    }
    let tenths = left.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// How often it was tried, why no more, and whether it may have been carried out all the same.
fn attempts(call: &CallError, context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    match call.stop {
        Some(Stop::RetryAfter { asked, left }) => lines.push(format!(
            "the server asks for a wait of {}, but only {} of --timeout is left",
            shown(asked),
            shown_left(left)
        )),
        Some(Stop::Time { left }) => lines.push(if left.is_zero() {
            format!("the time limit of --timeout ({}) has passed", shown(context.time))
        } else {
            format!("too little of --timeout ({}) is left for another attempt", shown(context.time))
        }),
        Some(Stop::Attempts) | None => {}
    }
    if call.attempts > 1 {
        lines.push(format!("{} attempts were made", call.attempts));
    }
    if context.makes_something {
        lines.extend(doubt(call).map(str::to_owned));
    }
    lines
}

/// Whether the Space may be there in spite of the failure, and by which attempt.
fn doubt(call: &CallError) -> Option<&'static str> {
    // What answers with a page in the place of a refusal lets nothing through. Whether it was not
    // Lessonspace's own after all is for `created` to doubt, not for a person to worry about.
    let is_turned_back = matches!(
        &call.error,
        ApiError::NotLessonspace { status: 400..500 | 511, reason: Stranger::Page }
    );
    if !call.may_have_acted {
        None
    } else if call.error.may_have_acted() && !is_turned_back {
        Some("the Space may have been created all the same")
    } else {
        call.may_have_acted_before
            .then_some("the Space may have been created by an earlier attempt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_seconds_and_never_as_too_much() {
        for (milliseconds, told) in
            [(0, "0.0 s"), (963, "0.9 s"), (1999, "1.9 s"), (9999, "9.9 s"), (59_990, "59 s")]
        {
            assert_eq!(shown_left(Duration::from_millis(milliseconds)), told);
        }
    }
}
