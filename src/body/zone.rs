//! Names of time zones: the IANA database's, and what people write in their place.

use crate::escape::untrusted;
use jiff::tz::TimeZone;
use windows_timezones::WindowsTimezone;

/// The zone of a name such as `Europe/London`, or of Windows' `GMT Standard Time`.
///
/// # Errors
///
/// Why there is no such zone, and which was meant.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    let name = name.trim();
    let windows = name.parse::<WindowsTimezone>().ok().map(WindowsTimezone::tzdb_id);
    TimeZone::get(windows.unwrap_or(name)).map_err(|_| {
        let shown = untrusted(name);
        if is_offset(name) {
            return format!(
                "{shown:?} is an offset, which does not tell when the clocks change; name a place, \
                 such as Europe/London, or write each time with its offset"
            );
        }
        match of_city(name) {
            Some(zone) => format!("unknown time zone {shown:?}; did you mean {zone}?"),
            None => format!("unknown time zone {shown:?}; names look like Europe/London or UTC"),
        }
    })
}

/// The zone that ends with a city's name: `new york` is `America/New_York`.
fn of_city(name: &str) -> Option<String> {
    let city = name.replace(' ', "_");
    let ends_so = |zone: &str| {
        zone.rsplit_once('/').is_some_and(|(_, last)| last.eq_ignore_ascii_case(&city))
    };
    jiff::tz::db().available().map(|zone| zone.to_string()).find(|zone| ends_so(zone))
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
    fn windows_names_are_zones_and_others_are_helped() {
        let name = |text: &str| zone(text).map(|zone| zone.iana_name().map(str::to_owned));
        for (text, expected) in [
            ("Europe/London", "Europe/London"),
            ("europe/london", "Europe/London"),
            ("Eastern Standard Time", "America/New_York"),
            ("GMT Standard Time", "Europe/London"),
            ("W. Europe Standard Time", "Europe/Berlin"),
        ] {
            assert_eq!(name(text), Ok(Some(expected.to_owned())));
        }
        for (text, message) in [
            ("London", "unknown time zone \"London\"; did you mean Europe/London?"),
            ("new york", "unknown time zone \"new york\"; did you mean America/New_York?"),
            ("Nowhere", "unknown time zone \"Nowhere\"; names look like Europe/London or UTC"),
            (
                "GMT+2",
                "\"GMT+2\" is an offset, which does not tell when the clocks change; name a place, \
                 such as Europe/London, or write each time with its offset",
            ),
        ] {
            assert_eq!(name(text), Err(message.to_owned()));
        }
    }
}
