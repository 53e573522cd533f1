//! Whether and when to retry. `Retry-After` is obeyed; otherwise exponential back-off with full
//! jitter. Pure arithmetic, shared by single launches and batches.

use std::time::{Duration, SystemTime};

/// Maximum number of attempts per call.
pub const MAX_ATTEMPTS: u32 = 5;

/// First step of the back-off; each further step is twice as long.
const FIRST_STEP: Duration = Duration::from_millis(500);

/// Shortest time worth an attempt. With less left, the call gives up.
pub const MIN_ATTEMPT: Duration = Duration::from_millis(200);

/// Facts about a failed attempt that decide whether to retry.
#[derive(Debug, Clone, Copy)]
pub struct FailedAttempt {
    /// Its number, from 1.
    pub number: u32,
    /// Whether the same request may soon succeed.
    pub is_worth_repeating: bool,
    /// The wait the server asked for.
    pub retry_after: Option<Duration>,
    /// Time left for the call.
    pub left: Duration,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Wait, then try again.
    Wait(Duration),
    /// Give up.
    Stop(Stop),
}

/// Why there is no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It would fail the same way.
    Useless,
    /// All attempts are used up.
    Attempts,
    /// Too little time is left.
    Time,
    /// The server asked for a wait longer than the time left.
    RetryAfter {
        /// The requested wait.
        asked: Duration,
        /// The time left.
        left: Duration,
    },
}

/// Decides what to do after a failed attempt. `jitter` is a random number from 0 to 1. A
/// `Retry-After` longer than the time left stops the call, and any other is obeyed. The program's own back-off
/// is shortened, if necessary, to leave 0.2 s for the next attempt.
pub fn next(failed: FailedAttempt, jitter: f64) -> Next {
    let FailedAttempt { number, is_worth_repeating, retry_after, left } = failed;
    if !is_worth_repeating {
        return Next::Stop(Stop::Useless);
    }
    if number >= MAX_ATTEMPTS {
        return Next::Stop(Stop::Attempts);
    }
    if let Some(asked) = retry_after.filter(|asked| *asked > left) {
        return Next::Stop(Stop::RetryAfter { asked, left });
    }
    match left.checked_sub(MIN_ATTEMPT) {
        Some(longest) => {
            Next::Wait(retry_after.unwrap_or_else(|| backoff(number, jitter).min(longest)))
        }
        None => Next::Stop(Stop::Time),
    }
}

/// A random part of the back-off step after failed attempt `number` (from 1).
fn backoff(number: u32, jitter: f64) -> Duration {
    let step = FIRST_STEP * 2u32.pow(number.saturating_sub(1).min(6));
    step.mul_f64(jitter.clamp(0.0, 1.0))
}

/// Parses a `Retry-After` header: seconds or an HTTP date. `None` if it is invalid; a huge number
/// becomes 100 years.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse::<u64>().unwrap_or(u64::MAX);
        // 100 years; beyond that, clocks overflow.
        return Some(Duration::from_secs(seconds.min(100 * 365 * 86_400)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn the_back_off_doubles_with_full_jitter() {
        let longest: Vec<u128> = (1..=6).map(|number| backoff(number, 1.0).as_millis()).collect();
        assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 16000]);
        assert_eq!(backoff(3, 0.0), Duration::ZERO);
        assert_eq!(backoff(u32::MAX, 0.5), Duration::from_secs(16));
    }

    /// Number, `Retry-After`, time left (both in ms) and jitter.
    #[test]
    fn retries_stop_at_the_limits_of_attempts_and_time() {
        let too_long =
            |asked, left| Next::Stop(Stop::RetryAfter { asked: ms(asked), left: ms(left) });
        let wait = |time| Next::Wait(ms(time));
        let (no_time, no_attempt) = (Next::Stop(Stop::Time), Next::Stop(Stop::Attempts));
        for (number, asked, left, jitter, expected) in [
            // Without Retry-After.
            (1, None, 60_000, 0.0, wait(0)),
            (1, None, 60_000, 1.0, wait(500)),
            (4, None, 60_000, 0.5, wait(2000)),
            (5, None, 60_000, 0.0, no_attempt),
            (6, None, 0, 0.0, no_attempt),
            // A wait that just fits, and one that is shortened.
            (1, None, 700, 1.0, wait(500)),
            (1, None, 699, 1.0, wait(499)),
            (1, None, 201, 1.0, wait(1)),
            (1, None, 200, 1.0, wait(0)),
            (1, None, 200, 0.0, wait(0)),
            (1, None, 199, 0.0, no_time),
            (1, None, 0, 0.0, no_time),
            // With Retry-After, the jitter does not matter.
            (1, Some(0), 60_000, 1.0, wait(0)),
            (1, Some(1000), 60_000, 0.5, wait(1000)),
            (1, Some(1000), 1200, 0.5, wait(1000)),
            (1, Some(1000), 1199, 0.5, wait(1000)),
            (1, Some(1000), 1000, 0.5, wait(1000)),
            (1, Some(1000), 999, 0.5, too_long(1000, 999)),
            (1, Some(150), 150, 0.5, no_time),
            (1, Some(0), 199, 0.5, no_time),
            (1, Some(0), 0, 0.5, no_time),
            (1, Some(1), 0, 0.5, too_long(1, 0)),
            (4, Some(61_000), 60_000, 0.5, too_long(61_000, 60_000)),
            (5, Some(61_000), 60_000, 0.5, no_attempt),
        ] {
            let failed = FailedAttempt {
                number,
                is_worth_repeating: true,
                retry_after: asked.map(ms),
                left: ms(left),
            };
            let case = format!("{number} {asked:?} {left} {jitter}");
            assert_eq!(next(failed, jitter), expected, "{case}");
            let failed = FailedAttempt { is_worth_repeating: false, ..failed };
            assert_eq!(next(failed, jitter), Next::Stop(Stop::Useless), "{case}");
        }
    }

    #[test]
    fn every_form_of_retry_after_is_parsed() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT").expect("a time");
        let hundred_years = Some(Duration::from_secs(3_153_600_000));
        for (value, pause) in [
            ("1", Some(Duration::from_secs(1))),
            (" 86400 ", Some(Duration::from_secs(86_400))),
            ("18446744073709551616", hundred_years),
            ("99999999999999999999999999", hundred_years),
            ("Mon, 23 Nov 2026 10:00:05 GMT", Some(Duration::from_secs(5))),
            ("Monday, 23-Nov-26 10:00:05 GMT", Some(Duration::from_secs(5))),
            ("Mon Nov 23 10:00:05 2026", Some(Duration::from_secs(5))),
            ("Mon, 23 Nov 2020 10:00:05 GMT", Some(Duration::ZERO)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("1e3", None),
        ] {
            assert_eq!(parse_retry_after(value, now), pause, "{value:?}");
        }
    }
}
