//! What a failed call to the API means, and what to do about it.

use crate::api::{
    CallError, CertificateProblem, Details, Error as ApiError, Stranger, retry::Stop,
};
use crate::body::times;
use crate::commands::{ApiFailure, TrialFailure};
use crate::exit::{Exit, Failure};
use crate::json::Value;
use jiff::SignedDuration;
use std::time::Duration;

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

/// A key that was tried, as `login` does: who is told so need not be sent there.
pub fn trial(TrialFailure(failure): &TrialFailure) -> Failure {
    let told = call(failure);
    if !failure.is_key_refused() {
        return told;
    }
    let hint = "copy it again from the dashboard, under Settings > Developer";
    Failure { hint: Some(hint.to_owned()), ..told }
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
fn attempts(failure: &ApiFailure) -> Vec<String> {
    let call = &failure.call;
    let mut lines = Vec::new();
    match call.stop {
        Some(Stop::RetryAfter { asked, left }) => lines.push(format!(
            "the server asks for a wait of {}, but only {} of --timeout is left",
            shown(asked),
            shown_left(left)
        )),
        Some(Stop::Time { left }) => lines.push(if left.is_zero() {
            format!("the time limit of --timeout ({}) has passed", shown(failure.time))
        } else {
            format!("too little of --timeout ({}) is left for another attempt", shown(failure.time))
        }),
        Some(Stop::Attempts) | None => {}
    }
    if call.attempts > 1 {
        lines.push(format!("{} attempts were made", call.attempts));
    }
    if failure.makes_something {
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
