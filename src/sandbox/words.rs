//! Times and features in words, for people who read a page. Pure.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `Tuesday 1 December 2026, 14:00 GMT`, in this computer's time zone.
pub(super) fn moment(time: Timestamp) -> String {
    let local = time.to_zoned(TimeZone::system());
    local.strftime("%A %-d %B %Y, %H:%M %Z").to_string()
}

/// `in 6 days and 23 hours`, `20 minutes ago`: the two largest units that matter.
pub(super) fn span(now: Timestamp, time: Timestamp) -> String {
    let distance = time.duration_since(now);
    let words = length(distance.abs());
    match distance {
        _ if words.is_empty() => "just now".to_owned(),
        _ if distance.is_negative() => format!("{words} ago"),
        _ => format!("in {words}"),
    }
}

fn length(duration: SignedDuration) -> String {
    // To the nearest minute from an hour on, so that a week is not 6 days and 23 hours.
    let minutes = (duration.as_secs() + 30) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let units = match (days, hours, minutes) {
        (0, 0, _) => vec![(minutes, "minute")],
        (0, _, _) => vec![(hours, "hour"), (minutes, "minute")],
        (..14, _, _) => vec![(days, "day"), (hours, "hour")],
        _ => vec![(days, "day")],
    };
    let plural = |count: i64| if count == 1 { "" } else { "s" };
    let named = units.into_iter().filter(|&(count, _)| count > 0);
    let named: Vec<_> = named.map(|(n, unit)| format!("{n} {unit}{}", plural(n))).collect();
    named.join(" and ")
}

/// A feature's key as a person would say it: `av.screenShare` is `Screen share`.
pub(super) fn feature(key: &str) -> String {
    let part = key.strip_suffix(".enabled").unwrap_or(key);
    let part = part.rsplit('.').next().unwrap_or(part);
    if part == "av" {
        return "Audio and video".to_owned();
    }
    let mut words = String::with_capacity(part.len() + 4);
    for character in part.chars() {
        if words.is_empty() {
            words.extend(character.to_uppercase());
        } else if character.is_uppercase() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_at_most_two_units() {
        let now = Timestamp::UNIX_EPOCH;
        let said = |seconds: i64| span(now, now + SignedDuration::from_secs(seconds));
        assert_eq!(said(7 * 86400 - 2), "in 7 days");
        assert_eq!(said(6 * 86400 + 23 * 3600), "in 6 days and 23 hours");
        assert_eq!(said(3600 + 60), "in 1 hour and 1 minute");
        assert_eq!(said(20 * 86400 + 7200), "in 20 days");
        assert_eq!(said(90 * 60), "in 1 hour and 30 minutes");
        assert_eq!(said(-20 * 60), "20 minutes ago");
        assert_eq!(said(-86400), "1 day ago");
        assert_eq!((said(0), said(-29)), ("just now".to_owned(), "just now".to_owned()));
    }

    #[test]
    fn features_have_names() {
        assert_eq!(feature("chat.enabled"), "Chat");
        assert_eq!(feature("av.enabled"), "Audio and video");
        assert_eq!(feature("av.screenShare"), "Screen share");
        assert_eq!(feature("endSession"), "End session");
        assert_eq!(feature(""), "");
        assert_eq!(feature("..ß"), "SS");
    }
}
