//! The lesson time in a row, read as `batch` reads it, to compare it with the link.

use super::run_facts::RunFacts;
use crate::body::times::{self, whole_seconds};
use crate::body::{Clock, Window, lesson_time, zone};
use crate::roster::dates;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The times of a row, as written.
#[derive(Debug, Default)]
pub(super) struct RowTimes {
    pub lesson_time: Option<String>,
    pub not_before: Option<String>,
    pub not_after: Option<String>,
    pub time_zone: Option<String>,
}

impl RowTimes {
    /// The times that are certain. A weekday without a week, `now`, and a local time without a known zone
    /// are not. `zone` is the zone of the run, if known.
    pub(super) fn window(&self, run: &RunFacts, zone: Option<&TimeZone>) -> Window {
        let own = self.time_zone.as_deref().map(zone::zone);
        let Ok(own) = own.transpose() else { return Window::default() };
        let zone = own.as_ref().or(zone);
        let clock =
            Clock { now: Timestamp::UNIX_EPOCH, zone: zone.cloned().unwrap_or(TimeZone::UTC) };
        let is_certain = |text: &str, is_local: bool| {
            (zone.is_some() || !is_local) && !text.to_lowercase().contains("now")
        };
        let time = |text: Option<&String>| {
            let text = dates::time_text(text?, run.dates, run.week_of).ok()?;
            let is_certain = is_certain(&text, times::is_local(&text));
            times::time(&text, &clock).ok().filter(|_| is_certain).map(whole_seconds)
        };
        let range = |text: Option<&String>| {
            let text = dates::range_text(text?, run.dates, run.week_of).ok()?;
            let is_certain = is_certain(&text, lesson_time::is_local(&text));
            lesson_time::range(&text, &clock).ok().filter(|_| is_certain)
        };
        let (start, end) = range(self.lesson_time.as_ref()).unzip();
        Window {
            not_before: start.or_else(|| time(self.not_before.as_ref())),
            not_after: end.or_else(|| time(self.not_after.as_ref())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncertain_times_are_not_read() {
        let run = RunFacts::of_line(
            "{\"recipe\":\"dates = \\\"dmy\\\"\\nweek_of = \\\"2026-12-03\\\"\\n\"}",
        );
        let london = zone::zone("Europe/London").expect("a zone");
        let start = "2026-12-01T14:00:00Z".parse().ok();
        let read = |text: &str, own: Option<&str>, zone: Option<&TimeZone>| {
            let times = RowTimes {
                lesson_time: Some(text.to_owned()).filter(|text| text.contains("14:45")),
                not_before: Some(text.to_owned()),
                time_zone: own.map(str::to_owned),
                ..RowTimes::default()
            };
            times.window(&run, zone).not_before
        };
        for text in [
            "2026-12-01 14:00",
            "01/12/2026 2pm",
            "Tue 14:00",
            "2026-12-01T15:00:00+01:00",
            "01/12/2026 14:00-14:45",
        ] {
            assert_eq!(read(text, None, Some(&london)), start, "{text}");
        }
        assert_eq!(read("2026-12-01 15:00", Some("Europe/Paris"), None), start);
        assert_eq!(read("2026-12-01T14:00:00Z", None, None), start);
        for text in ["now", "now to 2026-12-01 14:45", "14:00", "soon", "12/31/2026 14:00", ""] {
            assert_eq!(read(text, None, Some(&london)), None, "{text}");
        }
        for text in ["2026-12-01 14:00", "2026-12-01 14:00-14:45"] {
            assert_eq!(read(text, None, None), None, "{text}");
            assert_eq!(read(text, Some("Mars"), Some(&london)), None, "{text}");
        }
    }
}
