//! Whether to try again, and when: pure arithmetic. `Retry-After` is obeyed; else exponential
//! back-off with full jitter.

use std::time::{Duration, SystemTime};

/// How often one call is tried at the most.
pub const MAX_ATTEMPTS: u32 = 5;

/// The back-off's first step; each further one is twice as long.
const FIRST_STEP: Duration = Duration::from_millis(500);

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Wait, then try again.
    Wait(Duration),
    /// Give up.
    Stop(Stop),
}

/// Why no further attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// All attempts are used up.
    Attempts,
    /// The time is, or would be before the next attempt.
    Time {
        /// The time left.
        left: Duration,
    },
    /// The server asks for a pause that is longer than the time left.
    RetryAfter {
        /// The pause asked for.
        asked: Duration,
        /// The time left.
        left: Duration,
    },
}

/// What to do after failed attempt number `attempt` (from 1), with `left` of the time. `jitter`
/// is a random number from 0 to 1.
pub fn next(attempt: u32, left: Duration, retry_after: Option<Duration>, jitter: f64) -> Next {
    if attempt >= MAX_ATTEMPTS {
        return Next::Stop(Stop::Attempts);
    }
    match retry_after {
        Some(asked) if asked >= left => Next::Stop(Stop::RetryAfter { asked, left }),
        Some(asked) => Next::Wait(asked),
        None => match backoff(attempt, jitter) {
            pause if pause >= left => Next::Stop(Stop::Time { left }),
            pause => Next::Wait(pause),
        },
    }
}

/// A random part of the step that belongs to failed attempt number `attempt` (from 1).
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let step = FIRST_STEP * 2u32.pow(attempt.saturating_sub(1).min(6));
    step.mul_f64(jitter.clamp(0.0, 1.0))
}

/// The pause that a `Retry-After` header asks for: seconds or an HTTP date. Nonsense is `None`; a
/// number beyond all clocks is a very long time.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse::<u64>().unwrap_or(u64::MAX);
        // 100 years: beyond it, clocks overflow.
        return Some(Duration::from_secs(seconds.min(100 * 365 * 86_400)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_back_off_doubles_and_jitters_from_nothing_to_all() {
        let longest: Vec<u128> = (1..=6).map(|attempt| backoff(attempt, 1.0).as_millis()).collect();
        assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 16000]);
        assert_eq!(backoff(3, 0.0), Duration::ZERO);
        assert_eq!(backoff(u32::MAX, 0.5), Duration::from_secs(16));
    }

    #[test]
    fn attempts_and_time_are_limited() {
        assert_eq!(next(4, MINUTE, None, 0.5), Next::Wait(Duration::from_secs(2)));
        assert_eq!(next(5, MINUTE, None, 0.0), Next::Stop(Stop::Attempts));
        let left = Duration::from_millis(200);
        assert_eq!(next(1, left, None, 1.0), Next::Stop(Stop::Time { left }));
        let asked = Duration::from_secs(61);
        assert_eq!(
            next(1, MINUTE, Some(asked), 0.5),
            Next::Stop(Stop::RetryAfter { asked, left: MINUTE })
        );
        assert_eq!(
            next(1, MINUTE, Some(Duration::from_secs(1)), 0.5),
            Next::Wait(Duration::from_secs(1))
        );
    }

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
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
