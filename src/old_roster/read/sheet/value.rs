//! The value of a cell as text: what people see in it, whatever format it has.

use crate::old_roster::read::cells::Kind;
use calamine::{Data, DataRef, ExcelDateTime};
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Unit};

/// Whole numbers below this have at most 15 digits, which is as many as Excel keeps.
const EXACT: f64 = 1e15;

/// A cell's value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Value {
    /// A formula without the value that it had.
    pub(super) fn unknown() -> Self {
        Self { kind: Kind::Unknown, text: String::new() }
    }

    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The value of a cell; none if it is empty.
    pub(super) fn of(cell: &DataRef<'_>) -> Option<Self> {
        let value = match cell {
            DataRef::Empty => return None,
            DataRef::Int(number) => Self::new(Kind::Number, number.to_string()),
            DataRef::Float(number) => Self::new(Kind::Number, number_text(*number)),
            DataRef::String(text) => of_text(text),
            DataRef::SharedString(text) => of_text(text),
            DataRef::Bool(true) => Self::new(Kind::Boolean, "TRUE"),
            DataRef::Bool(false) => Self::new(Kind::Boolean, "FALSE"),
            DataRef::DateTime(time) => excel_time(*time),
            DataRef::DateTimeIso(text) => iso_time(text),
            DataRef::DurationIso(text) => iso_length(text),
            DataRef::Error(error) => Self::new(Kind::Error, error.to_string()),
        };
        Some(value).filter(|value| !value.text.trim().is_empty())
    }

    /// The same of a cell of the older interface.
    pub(super) fn of_data(cell: &Data) -> Option<Self> {
        Self::of(&match cell {
            Data::Empty => DataRef::Empty,
            Data::Int(number) => DataRef::Int(*number),
            Data::Float(number) => DataRef::Float(*number),
            Data::String(text) => DataRef::SharedString(text),
            Data::Bool(value) => DataRef::Bool(*value),
            Data::DateTime(time) => DataRef::DateTime(*time),
            Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
            Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
            Data::Error(error) => DataRef::Error(error.clone()),
        })
    }
}

/// Text as it is; but what `LibreOffice` writes for a failed formula is an error.
fn of_text(text: &str) -> Value {
    let is_error = text.strip_prefix("Err:").is_some_and(|code| {
        (3..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
    });
    Value::new(if is_error { Kind::Error } else { Kind::Text }, text)
}

/// A number with at most the 15 digits that Excel keeps. A longer one is written as Excel shows
/// it, so that it is seen to be damaged.
fn number_text(number: f64) -> String {
    let fifteen = format!("{number:.14e}");
    if number.abs() < EXACT {
        return fifteen.parse::<f64>().unwrap_or(number).to_string();
    }
    let (digits, exponent) = fifteen.split_once('e').unwrap_or((&fifteen, "0"));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}E+{exponent:0>2}")
}

fn excel_time(time: ExcelDateTime) -> Value {
    let serial = time.as_f64();
    if !time.is_datetime() || (0.0..1.0).contains(&serial) {
        return length(serial * 86_400.0)
            .unwrap_or_else(|| Value::new(Kind::Number, number_text(serial)));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).unwrap_or(-1);
    let date_time = i16::try_from(year).ok().and_then(|year| {
        let date = Date::new(year, small(month), small(day)).ok()?;
        let nanos = i32::from(milli) * 1_000_000;
        let time = Time::new(small(hour), small(minute), small(second), nanos).ok()?;
        Some(date.to_datetime(time))
    });
    date_time.map_or_else(|| Value::new(Kind::Number, number_text(serial)), date)
}

/// A date to the second: without a time of day at midnight, without seconds at whole minutes.
fn date(date_time: DateTime) -> Value {
    let whole = date_time.round(Unit::Second).unwrap_or(date_time);
    let format = match (whole.time() == Time::midnight(), whole.second()) {
        (true, _) => "%Y-%m-%d",
        (false, 0) => "%Y-%m-%d %H:%M",
        (false, _) => "%Y-%m-%d %H:%M:%S",
    };
    Value::new(Kind::Date, whole.strftime(format).to_string())
}

/// `14:00`, `25:30:15`; none for what is below zero.
fn length(seconds: f64) -> Option<Value> {
    let seconds = SignedDuration::try_from_secs_f64(seconds.round()).ok()?.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let text = match rest {
        0 => format!("{hours:02}:{minutes:02}"),
        _ => format!("{hours:02}:{minutes:02}:{rest:02}"),
    };
    (seconds >= 0).then(|| Value::new(Kind::Time, text))
}

/// `2026-12-01T14:00:00`, as `OpenDocument` writes; `14:00:00`, as Excel may.
fn iso_time(text: &str) -> Value {
    if let Ok(time) = text.parse::<DateTime>() {
        return date(time);
    }
    text.parse::<Time>()
        .ok()
        .and_then(|time| length(time.duration_since(Time::midnight()).as_secs_f64()))
        .unwrap_or_else(|| Value::new(Kind::Text, text))
}

/// `PT14H00M00S`, as `OpenDocument` writes.
fn iso_length(text: &str) -> Value {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| length(duration.as_secs_f64()))
        .unwrap_or_else(|| Value::new(Kind::Text, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_written_as_people_see_them() {
        for (number, text) in [
            (7.0, "7"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.3"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1E+15"),
            (1_234_567_890_123_456_789.0, "1.23456789012346E+18"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn serial_numbers_are_dates_in_both_systems_to_the_second() {
        let of = |serial, is_1904| {
            let time = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904);
            Value::of(&DataRef::DateTime(time)).expect("a value")
        };
        for (serial, is_1904, kind, text) in [
            (46357.0, false, Kind::Date, "2026-12-01"),
            (46_357.583_333_333_33, false, Kind::Date, "2026-12-01 14:00"),
            (44895.5, true, Kind::Date, "2026-12-01 12:00"),
            (46_357.500_011_574_07, false, Kind::Date, "2026-12-01 12:00:01"),
            (0.375, false, Kind::Time, "09:00"),
            (0.0625, false, Kind::Time, "01:30"),
        ] {
            assert_eq!(of(serial, is_1904), Value::new(kind, text), "{serial}");
        }
        let length = ExcelDateTime::new(1.0625, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(Value::of(&DataRef::DateTime(length)), Some(Value::new(Kind::Time, "25:30")));
    }

    #[test]
    fn open_document_writes_times_in_words() {
        let date = |text: &str| Value::of(&DataRef::DateTimeIso(text.into())).expect("a value");
        assert_eq!(date("2026-12-01T14:00:00"), Value::new(Kind::Date, "2026-12-01 14:00"));
        assert_eq!(date("2026-12-01T13:59:59.9999999"), Value::new(Kind::Date, "2026-12-01 14:00"));
        assert_eq!(date("2026-12-01"), Value::new(Kind::Date, "2026-12-01"));
        let length = |text: &str| Value::of(&DataRef::DurationIso(text.into())).expect("a value");
        assert_eq!(length("PT14H00M00S"), Value::new(Kind::Time, "14:00"));
        assert_eq!(length("PT01H30M05S"), Value::new(Kind::Time, "01:30:05"));
    }
}
