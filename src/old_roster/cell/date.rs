//! Dates as Excel writes them: `01/12/2026 14:00`, which is in December or in January.

use std::borrow::Cow;

use super::month::date_with_word;
use jiff::civil::Date;

/// Which comes first in the roster's dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// `31/12/2026`
    DayMonthYear,
    /// `12/31/2026`
    MonthDayYear,
}

/// Why a date cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateError {
    /// The roster's order was not told.
    #[error(
        "a date as Excel writes it, which can be read in two ways; say which comes first, \
         the day (--dates dmy) or the month (--dates mdy)"
    )]
    OrderUnknown,
    /// `01/12/26`
    #[error("the year has two digits; write all four")]
    ShortYear,
    /// There is no such day in that order.
    #[error("no such day when the {first} comes first")]
    NoSuchDay {
        /// `day` or `month`.
        first: &'static str,
    },
    /// `31 Feb 2026`
    #[error("no such day")]
    NoSuchDate,
    /// `46357.58`
    #[error(
        "the number that Excel keeps for a date (here {date}); give the column the format of a \
         date, and save again"
    )]
    Serial {
        /// Which one.
        date: Date,
    },
    /// Nor such a time of day.
    #[error("no such time of day; write hours and minutes, such as 14:00")]
    NoSuchTime,
}

/// Turns a date as Excel writes it, with or without a time, into `2026-12-01 14:00`, and with it a
/// time of day beside a date with the year first; any other text comes back unchanged.
///
/// The numbers are separated by `/`, `.` or `-`, by the same one twice, and have one or two
/// digits; the time may have seconds, which are kept unless zero, and `AM` or `PM`.
///
/// # Errors
///
/// A date in an order that was not told, with a two-digit year, or that does not exist.
pub(crate) fn time_text(cell: &str, order: Option<DateOrder>) -> Result<Cow<'_, str>, DateError> {
    let text = cell.trim();
    if let Some(date) = date_with_word(text) {
        let (date, time) = date.map_err(|()| DateError::NoSuchDate)?;
        return joined(date, Some(time).filter(|time| !time.is_empty()));
    }
    let (date, time) = match text.split_once(char::is_whitespace) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (text, None),
    };
    if let Some(date) = serial(date) {
        return Err(DateError::Serial { date });
    }
    let Some((first, second, year)) = three_numbers(date) else {
        return Ok(year_first(date, time).map_or(Cow::Borrowed(cell), Cow::Owned));
    };
    if year.len() != 4 {
        return Err(DateError::ShortYear);
    }
    let order = order.ok_or(DateError::OrderUnknown)?;
    let (day, month, name) = match order {
        DateOrder::DayMonthYear => (first, second, "day"),
        DateOrder::MonthDayYear => (second, first, "month"),
    };
    let no_such_day = || DateError::NoSuchDay { first: name };
    let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else {
        return Err(no_such_day());
    };
    let date = Date::new(year, month, day).map_err(|_| no_such_day())?;
    joined(date, time)
}

/// `2026-12-01 2:00 PM`, as a date and a time make it that stand in two cells.
fn year_first(date: &str, time: Option<&str>) -> Option<String> {
    let date: Date = date.parse().ok()?;
    Some(format!("{date} {}", time_of_day(time?)?))
}

fn joined(date: Date, time: Option<&str>) -> Result<Cow<'static, str>, DateError> {
    match time {
        None => Ok(Cow::Owned(date.to_string())),
        Some(time) => {
            let time = time_of_day(time).ok_or(DateError::NoSuchTime)?;
            Ok(Cow::Owned(format!("{date} {time}")))
        }
    }
}

/// The date of a serial number, five digits and perhaps decimals, which is one of this century.
fn serial(text: &str) -> Option<Date> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !is_number(whole) || !is_number(decimals) {
        return None;
    }
    let days = whole.parse::<i64>().ok()?;
    Date::new(1899, 12, 30).ok()?.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// `1/12/2026` in its parts, if it is not a date with the year first.
fn three_numbers(date: &str) -> Option<(&str, &str, &str)> {
    let separator = date.chars().find(|character| !character.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = date.split(separator);
    let parts = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    let (first, second, year, None) = parts else {
        return None;
    };
    let short = |part| digits(part) && part.len() <= 2;
    (short(first) && short(second) && digits(year) && matches!(year.len(), 2 | 4))
        .then_some((first, second, year))
}

/// `2:00:30 PM` as `14:00:30`.
fn time_of_day(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (clock, afternoon) = if let Some(clock) = upper.strip_suffix("AM") {
        (clock.trim_end(), Some(false))
    } else if let Some(clock) = upper.strip_suffix("PM") {
        (clock.trim_end(), Some(true))
    } else {
        (upper.as_str(), None)
    };
    let mut parts = clock.split(':');
    let (hour, minute, second, None) =
        (parts.next()?, parts.next()?, parts.next().unwrap_or("00"), parts.next())
    else {
        return None;
    };
    let number = |part: &str| digits(part).then(|| part.parse::<u8>().ok()).flatten();
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let hour = match afternoon {
        None => hour,
        Some(_) if hour == 0 || hour > 12 => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    match second {
        _ if hour > 23 || minute > 59 || second > 59 => None,
        0 => Some(format!("{hour:02}:{minute:02}")),
        _ => Some(format!("{hour:02}:{minute:02}:{second:02}")),
    }
}

fn digits(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_excel_become_plain_ones() {
        use DateOrder::{DayMonthYear, MonthDayYear};
        for (cell, order, expected) in [
            ("01/12/2026 14:00", DayMonthYear, "2026-12-01 14:00"),
            ("01/12/2026 14:00", MonthDayYear, "2026-01-12 14:00"),
            ("1.12.2026 9:05", DayMonthYear, "2026-12-01 09:05"),
            ("1-2-2026  09:05:00", DayMonthYear, "2026-02-01 09:05"),
            (" 12/31/2026 2:00:30 pm ", MonthDayYear, "2026-12-31 14:00:30"),
            ("12/31/2026 12:15 AM", MonthDayYear, "2026-12-31 00:15"),
            ("12/31/2026 12:15PM", MonthDayYear, "2026-12-31 12:15"),
            ("29/2/2028", DayMonthYear, "2028-02-29"),
            ("2026-12-01 2:05 PM", DayMonthYear, "2026-12-01 14:05"),
            ("2026-12-01 9:05", MonthDayYear, "2026-12-01 09:05"),
        ] {
            assert_eq!(time_text(cell, Some(order)).as_deref(), Ok(expected), "{cell:?}");
        }
    }

    #[test]
    fn dates_with_the_month_as_a_word_need_no_order() {
        for (cell, expected) in [
            ("1-Dec-26 14:00", "2026-12-01 14:00"),
            ("1 December 2026 2:00 PM", "2026-12-01 14:00"),
            ("Dec 1, 2026 2:00pm", "2026-12-01 14:00"),
            ("Tue, 1st Sept. 2026", "2026-09-01"),
            ("01/may/2026 09:05:30", "2026-05-01 09:05:30"),
        ] {
            assert_eq!(time_text(cell, None).as_deref(), Ok(expected), "{cell:?}");
        }
        for cell in ["1 Dezz 2026", "Dec 2026", "1 Dec", "Dec Jan 2026", "1-Dec-026", "now"] {
            assert_eq!(time_text(cell, None).as_deref(), Ok(cell));
        }
        assert_eq!(time_text("31 Feb 2026", None), Err(DateError::NoSuchDate));
        assert_eq!(time_text("1 Dec 2026 25:00", None), Err(DateError::NoSuchTime));
    }

    #[test]
    fn serial_numbers_are_named() {
        let date = Date::new(2026, 12, 1).expect("a date");
        for cell in ["46357.58", "46357", "46357,583 ", "46357 14:00"] {
            assert_eq!(time_text(cell, None), Err(DateError::Serial { date }), "{cell}");
        }
        for cell in ["4635", "463577", "46357.", "46357x"] {
            assert_eq!(time_text(cell, None).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn other_text_is_left_alone() {
        for cell in [
            "2026-12-01 14:00",
            "2026-12-01T14:00:00Z",
            "now",
            "",
            "1/2",
            "1/12-2026",
            "1/12/2026/1",
            "1/12/026",
            "90m",
        ] {
            assert_eq!(time_text(cell, None).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn dates_that_cannot_be_read_safely_are_refused() {
        use DateOrder::{DayMonthYear, MonthDayYear};
        let refused = |cell, order| time_text(cell, order).expect_err(cell);
        assert_eq!(refused("01/12/2026 14:00", None), DateError::OrderUnknown);
        assert_eq!(refused("01/12/26", Some(DayMonthYear)), DateError::ShortYear);
        for (cell, order, first) in [
            ("12/31/2026", DayMonthYear, "day"),
            ("31/12/2026", MonthDayYear, "month"),
            ("29/02/2026", DayMonthYear, "day"),
            ("0/1/2026", DayMonthYear, "day"),
        ] {
            assert_eq!(refused(cell, Some(order)), DateError::NoSuchDay { first });
        }
        for cell in ["1/2/2026 24:00", "1/2/2026 x", "1/2/2026 13:00 PM", "1/2/2026 14"] {
            assert_eq!(refused(cell, Some(DayMonthYear)), DateError::NoSuchTime);
        }
    }
}
