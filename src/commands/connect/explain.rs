//! A call to the API that failed for good, as the error of the run.

use crate::api::{CallError, Details, Failure, UnexpectedAnswer, retry::Stop};
use crate::body::times;
use crate::error::Error;
use std::time::Duration;

/// What a failed call does not know about itself.
pub struct Context<'a> {
    /// Where the key came from.
    pub key_source: &'a str,
    /// The time it had.
    pub time: Duration,
    /// Whether it creates something, so that a failure leaves in doubt what exists.
    pub makes_something: bool,
}

/// A call to the API that failed for good, as the error of the run.
pub fn failure(call: &CallError, context: &Context) -> Error {
    let failure = &call.error;
    let mut causes = failure.causes();
    if matches!(failure, Failure::KeyRefused { .. }) {
        causes.insert(0, format!("the key came from {}", context.key_source));
    }
    causes.extend(attempts(call, context));
    let mut error = Error::new(failure.kind(), failure.to_string())
        .with_causes(causes)
        .with_hint(failure.hint());
    error.http_status = failure.status();
    error.retry_after = failure.retry_after();
    error.details = match failure.details() {
        Some(Details::Json(json)) => Some(json.clone()),
        Some(Details::Text(text)) => Some(text.as_str().into()),
        Some(Details::None) | None => None,
    };
    error
}

/// How often it was tried, why no more, and whether it may have been carried out anyway.
fn attempts(call: &CallError, context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    match call.stop {
        Stop::RetryAfter { asked, left } => lines.push(format!(
            "the server asked to wait {}, but only {} of --timeout is left",
            times::wait(asked),
            shown_left(left)
        )),
        Stop::Time => {
            lines.push(format!("stopped: --timeout ({}) reached", times::wait(context.time)));
        }
        Stop::Attempts | Stop::Useless => {}
    }
    if call.attempts > 1 {
        lines.push(format!("tried {} times", call.attempts));
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
        Failure::NotLessonspace { status: Some(400..500 | 511), reason: UnexpectedAnswer::Page }
    );
    if !call.may_have_acted {
        None
    } else if call.error.may_have_acted() && !is_turned_back {
        Some("the Space may have been created anyway")
    } else {
        call.may_have_acted_before.then_some("an earlier attempt may have created the Space")
    }
}

/// The rest of a time, rounded down, so that it is less than a whole number of seconds that is too
/// long for it.
fn shown_left(left: Duration) -> String {
    if left >= Duration::from_secs(10) {
        return times::wait(left);
    }
    let tenths = left.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_shown_in_seconds_and_never_as_too_much() {
        for (milliseconds, expected) in
            [(0, "0.0 s"), (963, "0.9 s"), (1999, "1.9 s"), (9999, "9.9 s"), (59_990, "59 s")]
        {
            assert_eq!(shown_left(Duration::from_millis(milliseconds)), expected);
        }
    }
}
