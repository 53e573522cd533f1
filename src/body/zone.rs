//! Names of time zones: IANA names, and what people write instead.

use crate::escape::untrusted;
use crate::words::nearest;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use windows_timezones::WindowsTimezone;

/// Shortest name that gets a spelling suggestion: `PST` is not a typo for `EST`.
const MIN_TYPO_LENGTH: usize = 5;

/// The zone for a name such as `Europe/London` or Windows' `GMT Standard Time`, ignoring case.
///
/// # Errors
///
/// If there is no such zone. The message suggests the zone probably meant.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    let name = name.trim();
    let found = TimeZone::get(of_windows(name).unwrap_or(name)).ok();
    found.filter(|_| !is_placeholder(name)).ok_or_else(|| {
        let shown = untrusted(name);
        if is_offset(name) {
            return format!(
                "{shown:?} is an offset, not a time zone; use a name such as Europe/London, or add \
                 the offset to each time"
            );
        }
        match meant(name) {
            Some(zone) => format!("unknown time zone {shown:?}; did you mean {zone}?"),
            None => format!("unknown time zone {shown:?}; use a name such as Europe/London or UTC"),
        }
    })
}

/// Whether a name in the time zone database is not a place's: `localtime` may be any zone.
fn is_placeholder(name: &str) -> bool {
    ["Factory", "localtime", "posixrules"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Explains a name that many mistake for another zone: `EST` never has daylight saving time, and
/// `Etc/GMT+1` is west of Greenwich.
pub fn caution(name: &str) -> Option<String> {
    let name = name.trim();
    let upper = name.to_ascii_uppercase();
    let etc = upper.strip_prefix("ETC/").unwrap_or(&upper);
    let place = match etc {
        "EST" => "America/New_York",
        "MST" => "America/Denver",
        "HST" => "Pacific/Honolulu",
        "GMT" | "GMT0" | "GMT+0" | "GMT-0" | "GREENWICH" => "Europe/London",
        _ if upper.starts_with("ETC/GMT") => "Europe/London",
        _ => return None,
    };
    let offset = TimeZone::get(name).ok()?.to_offset(Timestamp::UNIX_EPOCH);
    let offset = DateTime::default().to_zoned(TimeZone::fixed(offset)).ok()?;
    Some(format!(
        "the time zone {} is UTC{} all year, without daylight saving time; use a name such as {place} \
         for local time",
        untrusted(name),
        offset.strftime("%:z")
    ))
}

/// The zone for a Windows name, ignoring case. Its words are capitalised, or short and all capitals:
/// `W. Europe Standard Time`, `US Mountain Standard Time`.
fn of_windows(name: &str) -> Option<&'static str> {
    let titled = |longest_capitals: usize| {
        let words = name.split(' ').map(|word| {
            let is_short = word.len() <= longest_capitals && !word.contains('.');
            if is_short { word.to_ascii_uppercase() } else { title(word) }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    [name.to_owned(), titled(0), titled(3), name.to_ascii_uppercase()]
        .iter()
        .find_map(|name| name.parse::<WindowsTimezone>().ok())
        .map(WindowsTimezone::tzdb_id)
}

fn title(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    match lower.find(|c: char| c.is_ascii_alphabetic()) {
        Some(first) => lower[..=first].to_ascii_uppercase() + &lower[first + 1..],
        None => lower,
    }
}

/// The zone probably meant: that of a city with this name, or nearly so, ignoring any prefix.
fn meant(name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case("Coordinated Universal Time") {
        return Some("UTC".to_owned());
    }
    if let Some(zone) = similar_windows_zone(name) {
        return Some(zone.to_owned());
    }
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let city = name.rsplit('/').next().unwrap_or(name).replace(' ', "_");
    let of_city =
        zones.iter().find(|zone| city_of(zone).is_some_and(|it| it.eq_ignore_ascii_case(&city)));
    if of_city.is_some() || city.len() < MIN_TYPO_LENGTH {
        return of_city.cloned();
    }
    let near = nearest(&city, zones.iter().filter_map(|zone| city_of(zone)))?;
    zones.iter().find(|zone| city_of(zone) == Some(near)).cloned()
}

/// The zone for a name that ends almost like a Windows name: `Eastern Daylight Time`.
fn similar_windows_zone(name: &str) -> Option<&'static str> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let (zone, end) = words.split_at_checked(words.len().checked_sub(2)?)?;
    let is_time = end.last().is_some_and(|word| word.eq_ignore_ascii_case("time"));
    is_time.then(|| of_windows(&format!("{} Standard Time", zone.join(" ")))).flatten()
}

/// The last part of a zone's name: `London`.
fn city_of(zone: &str) -> Option<&str> {
    zone.rsplit_once('/').map(|(_, city)| city)
}

/// Whether a name is an offset such as `GMT+2`, `UTC-05:00` or `+1`.
fn is_offset(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let rest = ["UTC", "GMT"].iter().find_map(|prefix| upper.strip_prefix(prefix));
    let rest = rest.unwrap_or(&upper).trim_start();
    rest.strip_prefix(['+', '-', '\u{2212}']).is_some_and(|digits| {
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || c == ':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_with_a_fixed_offset_show_it() {
        let offset = |name: &str| {
            let caution = caution(name)?;
            Some(caution.split("UTC").nth(1)?.split(' ').next()?.to_owned())
        };
        for (name, expected) in [
            ("EST", Some("-05:00")),
            ("mst", Some("-07:00")),
            ("HST", Some("-10:00")),
            ("Etc/GMT+1", Some("-01:00")),
            ("Etc/GMT-14", Some("+14:00")),
            ("GMT", Some("+00:00")),
            ("Etc/GMT", Some("+00:00")),
            ("Etc/GMT+99", None),
            ("UTC", None),
            ("Etc/UTC", None),
            ("CET", None),
            ("EST5EDT", None),
            ("Europe/London", None),
            ("Eastern Standard Time", None),
            ("GMT Standard Time", None),
        ] {
            assert_eq!(offset(name).as_deref(), expected, "{name}");
        }
        assert_eq!(
            caution("EST").as_deref(),
            Some(
                "the time zone EST is UTC-05:00 all year, without daylight saving time; use a name \
                 such as America/New_York for local time"
            )
        );
    }

    #[test]
    fn windows_zone_names_work_and_unknown_names_get_suggestions() {
        let name = |text: &str| zone(text).map(|zone| zone.iana_name().map(str::to_owned));
        for (text, expected) in [
            ("Europe/London", "Europe/London"),
            ("europe/london", "Europe/London"),
            ("Eastern Standard Time", "America/New_York"),
            ("GMT Standard Time", "Europe/London"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("eastern standard time", "America/New_York"),
            ("w. europe standard time", "Europe/Berlin"),
            ("us mountain STANDARD time", "America/Phoenix"),
            ("aus central w. standard time", "Australia/Eucla"),
            ("turks and caicos standard time", "America/Grand_Turk"),
            ("pacific standard time (mexico)", "America/Tijuana"),
            ("russia time zone 10", "Asia/Srednekolymsk"),
            ("utc", "Etc/UTC"),
        ] {
            assert_eq!(name(text), Ok(Some(expected.to_owned())));
        }
        for (text, message) in [
            ("London", "unknown time zone \"London\"; did you mean Europe/London?"),
            ("new york", "unknown time zone \"new york\"; did you mean America/New_York?"),
            ("Lodnon", "unknown time zone \"Lodnon\"; did you mean Europe/London?"),
            ("Europe/Lodnon", "unknown time zone \"Europe/Lodnon\"; did you mean Europe/London?"),
            (
                "Europe/New York",
                "unknown time zone \"Europe/New York\"; did you mean America/New_York?",
            ),
            (
                "coordinated universal time",
                "unknown time zone \"coordinated universal time\"; did you mean UTC?",
            ),
            (
                "eastern daylight time",
                "unknown time zone \"eastern daylight time\"; did you mean America/New_York?",
            ),
            (
                "W. Europe Standart Time",
                "unknown time zone \"W. Europe Standart Time\"; did you mean Europe/Berlin?",
            ),
            (
                "America/LA",
                "unknown time zone \"America/LA\"; use a name such as Europe/London or UTC",
            ),
            ("Factory", "unknown time zone \"Factory\"; use a name such as Europe/London or UTC"),
            (
                "localtime",
                "unknown time zone \"localtime\"; use a name such as Europe/London or UTC",
            ),
            ("PST", "unknown time zone \"PST\"; use a name such as Europe/London or UTC"),
            ("Nowhere", "unknown time zone \"Nowhere\"; use a name such as Europe/London or UTC"),
            (
                "GMT+2",
                "\"GMT+2\" is an offset, not a time zone; use a name such as Europe/London, or add \
                 the offset to each time",
            ),
        ] {
            assert_eq!(name(text), Err(message.to_owned()));
        }
    }
}
