//! Converts dates, times of day and durations from the forms that spreadsheets and people write to
//! `2026-12-01 14:00` or `1h30m`. Other text is returned unchanged and checked later, where times are
//! parsed.

use crate::words::{check_weekday, plain_letters, splits, weekday_name, weekdays};
use jiff::Span;
use jiff::civil::{Date, Weekday};
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;

/// The order of day and month in the roster's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `31/12/2026`
    DayMonthYear,
    /// `12/31/2026`
    MonthDayYear,
}

impl DateOrder {
    /// The word in recipes and `--dates`.
    pub fn word(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        [Self::DayMonthYear, Self::MonthDayYear].into_iter().find(|order| order.word() == word)
    }
}

/// Longest text that can be a time, in bytes. Longer texts are returned unchanged.
const MAX_LENGTH: usize = 200;

/// The years that two digits can mean, in this century. Smaller numbers could be a day or a month.
const SHORT_YEARS: std::ops::RangeInclusive<u32> = 20..=69;

/// Why a cell cannot be read as a time. The message follows the cell's place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateProblem {
    /// `01/12/2026` without an order.
    #[error("ambiguous date; add --dates dmy (day first) or --dates mdy (month first)")]
    OrderUnknown,
    /// `01/12/26`
    #[error("write the year with four digits")]
    ShortYear,
    /// `31/12/2026` with the month first.
    #[error("no such date with the {first} first")]
    NoSuchDay {
        /// `day` or `month`.
        first: &'static str,
    },
    /// `31 Feb 2026`
    #[error("no such date")]
    NoSuchDate,
    /// `46357.58`
    #[error("looks like Excel's number for {date}; format the column as a date and save again")]
    Serial {
        /// The date that Excel shows for the number.
        date: Date,
    },
    /// `25:00`
    #[error("not a valid time of day; use hours and minutes, such as 14:00")]
    NoSuchTime,
    /// `755`
    #[error(
        "not a valid time of day; use hours and minutes, such as 14:00, or use {{Start|time}} in \
         --map"
    )]
    BareTime,
    /// `Tue 8.10`
    #[error("could be a time or a date; write the time with a colon, such as 8:10")]
    DotTime,
    /// `Wed 1 Dec 2026`
    #[error("{0}")]
    WrongWeekday(String),
    /// `Tue 14:00` without a week.
    #[error("a weekday without a date; write the date, or add --week-of this or --week-of next")]
    NoWeek,
    /// `ma 14:00`
    #[error("could be {first} or {second}; write the full name of the day")]
    AmbiguousWeekday {
        /// In English.
        first: &'static str,
        /// In English.
        second: &'static str,
    },
    /// `14:00-14:45` where a single time is expected.
    #[error("a start and an end; use the \"lesson time\" column, or --map 'lesson time=...'")]
    Range,
    /// `2026-12-01 - 14:45`
    #[error("the start has no time of day; add one, such as 2026-12-01 14:00-14:45")]
    NoTime,
    /// `2026-12-01 14:00` where a start and an end are expected.
    #[error(
        "no end; write a start and an end, such as 2026-12-01 14:00-14:45, or rename the column to \"not before\" and add --valid-for 45m"
    )]
    NoEnd,
    /// `2:00-2:45 PM`
    #[error("write AM or PM after both times")]
    HalfDay,
    /// More than one hyphen could separate start and end.
    #[error("ambiguous start and end; put \" to \" between them")]
    AmbiguousRange,
    /// `45` as a duration.
    #[error(
        "has no unit; write {number}m for minutes, or map the column: --map 'valid for={{Minutes}}m'"
    )]
    NoUnit {
        /// The number in the cell.
        number: String,
    },
}

/// Converts a date and a time of day, in any form that spreadsheets and people use, to
/// `2026-12-01 14:00`, and a date alone to `2026-12-01`. Other text is returned unchanged.
///
/// `week_of` is any day in the week to use for a weekday without a date (`Tue 14:00`).
pub fn time_text(
    cell: &str,
    order: Option<DateOrder>,
    week_of: Option<Date>,
) -> Result<Cow<'_, str>, DateProblem> {
    Ok(match moment(cell, order, week_of)? {
        Some(Moment { date, time: Some(clock) }) => Cow::Owned(format!("{date} {}", clock.text)),
        Some(Moment { date, time: None }) => Cow::Owned(date.to_string()),
        None => Cow::Borrowed(cell),
    })
}

/// Converts a start and an end to `2026-12-01 14:00-14:45`, or to two dates with times. Other text is
/// returned unchanged.
pub fn range_text(
    cell: &str,
    order: Option<DateOrder>,
    week_of: Option<Date>,
) -> Result<Cow<'_, str>, DateProblem> {
    let text = cell.trim();
    if text.len() > MAX_LENGTH {
        return Ok(Cow::Borrowed(cell));
    }
    let read = |text| moment(text, order, week_of);
    let mut found: Option<String> = None;
    let mut problem = None;
    for (start, end) in splits(text) {
        // Dates contain hyphens too. The right one is followed by a time.
        let end = match clock(end) {
            Some(clock) => Moment { date: Date::ZERO, time: Some(clock) },
            None => match read(end) {
                Ok(Some(end @ Moment { time: Some(_), .. })) => end,
                _ => continue,
            },
        };
        match read(start) {
            Ok(Some(start @ Moment { time: Some(_), .. })) if found.is_none() => {
                found = Some(range(&start, &end)?);
            }
            Ok(Some(Moment { time: Some(_), .. })) => return Err(DateProblem::AmbiguousRange),
            Ok(Some(Moment { time: None, .. })) => problem = Some(DateProblem::NoTime),
            Ok(None) => {}
            Err(fault) => problem = Some(fault),
        }
    }
    match (found, problem) {
        (Some(range), _) => Ok(Cow::Owned(range)),
        (None, Some(problem)) => Err(problem),
        (None, None) => match read(text)? {
            Some(Moment { time: Some(_), .. }) => Err(DateProblem::NoEnd),
            Some(Moment { time: None, .. }) => Err(DateProblem::NoTime),
            None => Ok(Cow::Borrowed(cell)),
        },
    }
}

/// Formats a start and an end for the lesson time. An end without a date has the date [`Date::ZERO`].
fn range(start: &Moment, end: &Moment) -> Result<String, DateProblem> {
    let (Some(from), Some(to)) = (&start.time, &end.time) else { return Err(DateProblem::NoTime) };
    // 2:00-2:45 PM could start in the morning or in the afternoon.
    if to.is_half && !from.is_half && from.text.as_str() < "13" {
        return Err(DateProblem::HalfDay);
    }
    Ok(if end.date == Date::ZERO {
        format!("{} {}-{}", start.date, from.text, to.text)
    } else {
        format!("{} {} - {} {}", start.date, from.text, end.date, to.text)
    })
}

/// Reads a cell with only a time of day: `14:00`, `7.55`, `14h00`, `2pm`, and `755` as in timetables.
/// `None` for anything else, such as a bare `14`.
pub fn time_of_day(cell: &str) -> Option<String> {
    let text = cell.trim();
    // A spreadsheet stores 06:00 as 0.25.
    if text.starts_with("0.") {
        return None;
    }
    if let Some(clock) = clock(text) {
        return Some(clock.text);
    }
    let is_number = matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hour, minute) = is_number.then(|| text.split_at(text.len() - 2))?;
    clock(&format!("{hour}:{minute}")).map(|clock| clock.text)
}

/// Converts hours, minutes and optional seconds to `1h30m`. Other text is returned unchanged.
///
/// # Errors
///
/// A number without a unit, which could be minutes or hours.
pub fn length_text(cell: &str) -> Result<Cow<'_, str>, DateProblem> {
    let text = cell.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(DateProblem::NoUnit { number: text.to_owned() });
    }
    if let Some(length) = clock_length(text) {
        return Ok(Cow::Owned(length));
    }
    // Lower-case `45 Min.`, but not an ISO duration such as PT45M.
    if text.starts_with(['P', 'p']) {
        return Ok(Cow::Borrowed(cell));
    }
    let lower = text.trim_end_matches('.').to_ascii_lowercase();
    Ok(if lower == text { Cow::Borrowed(cell) } else { Cow::Owned(lower) })
}

fn clock_length(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds, None) =
        (parts.next()?, parts.next()?, parts.next().unwrap_or("00"), parts.next())
    else {
        return None;
    };
    let below_60 = |part: &str| number(part, 2, 2).filter(|number| *number < 60);
    let counts =
        [(number(hours, 1, 4)?, 'h'), (below_60(minutes)?, 'm'), (below_60(seconds)?, 's')];
    let given = counts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = given.map(|(count, unit)| format!("{count}{unit}")).collect();
    Some(if parts.is_empty() { "0m".to_owned() } else { parts.concat() })
}

/// Converts `Byron, Ada` to `Ada Byron`. A name with no comma or several is unchanged.
pub fn flip_name(name: &str) -> String {
    let name = name.trim();
    match name.split_once(',').map(|(family, given)| (family.trim(), given.trim())) {
        Some((family, given))
            if !family.is_empty() && !given.is_empty() && !given.contains(',') =>
        {
            format!("{given} {family}")
        }
        _ => name.to_owned(),
    }
}

/// A date with an optional time of day.
struct Moment {
    date: Date,
    time: Option<Clock>,
}

/// A time of day.
struct Clock {
    /// `14:00`, with seconds unless they are zero.
    text: String,
    /// Whether it has AM or PM.
    is_half: bool,
}

/// Reads a date, or a weekday in the week of `week_of`, with an optional time of day. `None` for any
/// other text.
fn moment(
    text: &str,
    order: Option<DateOrder>,
    week_of: Option<Date>,
) -> Result<Option<Moment>, DateProblem> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return Ok(None);
    }
    // Try the date first: `mar` is a month, and in three languages also a weekday.
    match dated(text, order)? {
        Dated::Read(moment) => return Ok(Some(moment)),
        Dated::Unclear => return Ok(None),
        Dated::No => {}
    }
    let (days, rest) = weekday(text);
    if days.is_empty() {
        return Ok(None);
    }
    match dated(rest, order)? {
        Dated::Read(moment) => {
            check_weekday(moment.date, &days).map_err(DateProblem::WrongWeekday)?;
            return Ok(Some(moment));
        }
        Dated::Unclear => return Ok(None),
        Dated::No => {}
    }
    let rest = without_at(rest);
    let time = clock(rest);
    let is_range = is_range(rest);
    if !rest.is_empty() && time.is_none() && !is_range {
        return Ok(None);
    }
    let date = date_in_week(&days, week_of)?;
    if is_day_and_month(rest) {
        return Err(DateProblem::DotTime);
    }
    if is_range { Err(DateProblem::Range) } else { Ok(Some(Moment { date, time })) }
}

/// The result of reading a text that may start with a date.
enum Dated {
    /// A date with an optional time of day.
    Read(Moment),
    /// A date followed by an offset or an end; parsing the time tells them apart.
    Unclear,
    /// Anything else.
    No,
}

/// Reads a text that may start with a date.
fn dated(text: &str, order: Option<DateOrder>) -> Result<Dated, DateProblem> {
    let Some((date, rest, is_iso)) = date(text, order)? else { return Ok(Dated::No) };
    let rest = without_at(rest.trim_start_matches(|c: char| c.is_whitespace() || c == ','));
    if rest.is_empty() {
        return Ok(Dated::Read(Moment { date, time: None }));
    }
    match clock(rest) {
        Some(time) => Ok(Dated::Read(Moment { date, time: Some(time) })),
        None if is_iso => Ok(Dated::Unclear),
        None if is_range(rest) => Err(DateProblem::Range),
        None if time_of_day(rest).is_some() => Err(DateProblem::BareTime),
        None => Err(DateProblem::NoSuchTime),
    }
}

/// Whether a time with a dot could be a day and a month: `8.10`.
fn is_day_and_month(text: &str) -> bool {
    let month =
        text.split_once('.').and_then(|(day, month)| number(day, 1, 2).and(number(month, 2, 2)));
    month.is_some_and(|month| (1..=12).contains(&month))
}

/// Whether a text is a start and an end without a date.
fn is_range(text: &str) -> bool {
    splits(text).any(|(start, end)| clock(start).is_some() && clock(end).is_some())
}

/// The weekdays that the first word can mean, and the text after it.
fn weekday(text: &str) -> (Vec<Weekday>, &str) {
    let mut end = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let goes_on = character.is_alphabetic()
            || is_combining_mark(character)
            // segunda-feira
            || (character == '-' && characters.peek().is_some_and(|(_, next)| next.is_alphabetic()));
        if !goes_on {
            break;
        }
        end = index + character.len_utf8();
    }
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ','));
    (weekdays(word), rest)
}

/// The date of a weekday in the week of `week_of`, from Monday to Sunday.
fn date_in_week(days: &[Weekday], week_of: Option<Date>) -> Result<Date, DateProblem> {
    let day = match days {
        [day] => *day,
        [first, second, ..] => {
            let [first, second] = [*first, *second].map(weekday_name);
            return Err(DateProblem::AmbiguousWeekday { first, second });
        }
        [] => return Err(DateProblem::NoSuchDate),
    };
    let Some(week_of) = week_of else {
        return Err(DateProblem::NoWeek);
    };
    let ahead = day.to_monday_zero_offset() - week_of.weekday().to_monday_zero_offset();
    week_of.checked_add(Span::new().days(ahead)).map_err(|_| DateProblem::NoSuchDate)
}

/// Removes a word between a date and a time: `at 2:00 PM`, `um 14 Uhr`.
fn without_at(text: &str) -> &str {
    const WORDS: [&str; 9] = ["at", "um", "om", "a", "alle", "ore", "o", "as", "@"];
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) if WORDS.contains(&plain_letters(word).as_str()) => rest.trim_start(),
        _ => text,
    }
}

/// The date at the start of a text, the text after it, and whether it is written `2026-12-01`.
fn date(text: &str, order: Option<DateOrder>) -> Result<Option<(Date, &str, bool)>, DateProblem> {
    if let Some((date, rest)) = date_with_word(text) {
        return Ok(Some((date.ok_or(DateProblem::NoSuchDate)?, rest, false)));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (token, rest) = text.split_at(end);
    if let Some(date) = serial(token) {
        return Err(DateProblem::Serial { date });
    }
    let token = token.strip_suffix(',').unwrap_or(token);
    if let Some(date) = year_first(token) {
        return Ok(Some((date?, rest, token.contains('-'))));
    }
    let Some((first, second, year)) = three_numbers(token) else { return Ok(None) };
    let year = match number(year, 2, 2) {
        // `26/12/01` could start with the year.
        Some(short) if order.is_none() || !SHORT_YEARS.contains(&short) => {
            return Err(DateProblem::ShortYear);
        }
        Some(short) => format!("20{short}"),
        None => year.to_owned(),
    };
    let order = order.ok_or(DateProblem::OrderUnknown)?;
    let (day, month, name) = match order {
        DateOrder::DayMonthYear => (first, second, "day"),
        DateOrder::MonthDayYear => (second, first, "month"),
    };
    let date = calendar_date(&year, month, day).ok_or(DateProblem::NoSuchDay { first: name })?;
    Ok(Some((date, rest, false)))
}

fn calendar_date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A date such as `2026-12-01`, `2026/12/01`, `2026.12.01` or `20261201`.
fn year_first(token: &str) -> Option<Result<Date, DateProblem>> {
    let (year, month, day) = match three_parts(token) {
        Some(parts) => parts,
        // Other eight-digit numbers rarely start with these centuries.
        None if number(token, 8, 8).is_some()
            && (token.starts_with("19") || token.starts_with("20")) =>
        {
            (&token[..4], &token[4..6], &token[6..])
        }
        None => return None,
    };
    number(year, 4, 4).and(number(month, 1, 2)).and(number(day, 1, 2))?;
    Some(calendar_date(year, month, day).ok_or(DateProblem::NoSuchDate))
}

/// Splits `1/12/2026` into its parts.
fn three_numbers(token: &str) -> Option<(&str, &str, &str)> {
    let parts @ (first, second, year) = three_parts(token)?;
    number(first, 1, 2).and(number(second, 1, 2)).and(number(year, 2, 4))?;
    (year.len() != 3).then_some(parts)
}

/// Splits a text into three parts with the same separator.
fn three_parts(token: &str) -> Option<(&str, &str, &str)> {
    let separator = token.chars().find(|character| !character.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = token.split(separator);
    match (parts.next()?, parts.next()?, parts.next()?, parts.next()) {
        (first, second, third, None) => Some((first, second, third)),
        _ => None,
    }
}

/// The date of an Excel serial number: five digits (1927 to 2173) and optional decimals.
fn serial(token: &str) -> Option<Date> {
    let (whole, decimals) = token.split_once(['.', ',']).unwrap_or((token, "0"));
    let is_decimals = !decimals.is_empty() && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let days = number(whole, 5, 5).filter(|_| is_decimals)?;
    Date::new(1899, 12, 30).ok()?.checked_add(Span::new().days(days)).ok()
}

/// A number with `shortest` to `longest` digits.
fn number(text: &str, shortest: usize, longest: usize) -> Option<u32> {
    let is_number = (shortest..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Months in the languages of [`weekdays`]. Abbreviations need at least three letters.
const MONTHS: [&str; 12] = [
    "january januar janner janvier januari janeiro enero gennaio styczen stycznia",
    "february februar feber fevrier februari fevereiro febrero febbraio luty lutego",
    "march marz mars marzo maart mrt marco marzec marca",
    "april avril abril aprile kwiecien kwietnia",
    "may mai mayo maggio mei maio maj maja",
    "june juni juin junio junho giugno czerwiec czerwca",
    "july juli juillet julio julho luglio lipiec lipca",
    "august aout agosto augustus sierpien sierpnia",
    "september septembre septiembre setembro settembre wrzesien wrzesnia",
    "october oktober octobre octubre outubro ottobre pazdziernik pazdziernika",
    "november novembre noviembre novembro listopad listopada",
    "december dezember decembre diciembre dezembro dicembre grudzien grudnia",
];

/// The month with this name or abbreviation, from 1.
fn month(word: &str) -> Option<u8> {
    let word = plain_letters(word);
    if word.len() < 3 {
        return None;
    }
    let is_it = |names: &&str| names.split(' ').any(|name| name.starts_with(&word));
    let mut found = (1..).zip(MONTHS).filter(|(_, names)| is_it(names)).map(|(month, _)| month);
    // An abbreviation of two months, such as `jui` for juin and juillet, is ambiguous.
    found.next().filter(|_| found.next().is_none())
}

/// A date with the month as a word at the start of a text, and the text after it: `1-Dec-26`,
/// `1 December 2026`, `Dec 1, 2026`, `2026-Dec-01`. Two-digit years are in this century. The date is
/// `None` if it does not exist.
fn date_with_word(text: &str) -> Option<(Option<Date>, &str)> {
    const ORDINALS: [&str; 7] = ["st", "nd", "rd", "th", "er", "\u{ba}", "\u{b0}"];
    let (first, rest) = part(text)?;
    let (second, rest) = part(rest)?;
    let (third, rest) = part(rest)?;
    if !rest.starts_with(|c: char| c.is_whitespace() || c == ',') && !rest.is_empty() {
        return None;
    }
    let (day, month, year) = match (month(first), month(second), first.len()) {
        (None, Some(month), 4) => (third, month, first),
        (None, Some(month), _) => (first, month, third),
        (Some(month), None, _) => (second, month, third),
        _ => return None,
    };
    let day = ORDINALS.iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let day = number(day, 1, 2)?;
    let year = match year.len() {
        2 => 2000 + number(year, 2, 2)?,
        _ => number(year, 4, 4)?,
    };
    let date =
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Some((date.ok(), rest))
}

/// The first part of a date with a word, and the text after it. Skips the Spanish and Portuguese `de`.
fn part(mut text: &str) -> Option<(&str, &str)> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '/' | ',' | '.');
    loop {
        text = text.trim_start_matches(is_between);
        let end = text.find(is_between).unwrap_or(text.len());
        let (part, rest) = text.split_at(end);
        match part {
            "" => return None,
            "de" | "De" | "DE" | "del" => text = rest,
            _ => return Some((part, rest)),
        }
    }
}

/// Parses a time of day: `14:00`, `14.00`, `2:00:30 PM`, `2pm`, `14h00`, `14h`, `14 Uhr`, `14:00 Uhr`.
fn clock(text: &str) -> Option<Clock> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'));
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit: String = unit.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    let unit = unit.to_ascii_lowercase();
    // Databases append a zero fraction: `14:00:00.000`.
    let digits = match digits.split_once('.') {
        Some((whole, parts)) if whole.contains(':') && parts.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => digits,
    };
    let separator = if digits.contains(':') { ':' } else { '.' };
    let mut parts: Vec<&str> = digits.split(separator).collect();
    let afternoon = match unit.as_str() {
        "" if parts.len() == 1 => return None,
        "" | "uhr" | "h" => None,
        "am" => Some(false),
        "pm" => Some(true),
        _ => {
            let minutes = unit.strip_prefix('h').filter(|_| parts.len() == 1)?;
            parts.push(minutes);
            None
        }
    };
    let (hour, others) = parts.split_first()?;
    let hour = number(hour, 1, 2)?;
    let [minute, second] = match others {
        [] => [0, 0],
        [minute] => [number(minute, 2, 2)?, 0],
        [minute, second] => [number(minute, 2, 2)?, number(second, 2, 2)?],
        _ => return None,
    };
    let hour = match afternoon {
        None => hour,
        Some(_) if hour == 0 || hour > 12 => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = if second == 0 { String::new() } else { format!(":{second:02}") };
    Some(Clock { text: format!("{hour:02}:{minute:02}{seconds}"), is_half: afternoon.is_some() })
}

#[cfg(test)]
mod tests {
    use super::DateOrder::{DayMonthYear, MonthDayYear};
    use super::*;

    const WEEK: Option<Date> = Some(Date::constant(2026, 12, 9));

    fn day_first(cell: &str) -> Result<Cow<'_, str>, DateProblem> {
        time_text(cell, Some(DayMonthYear), None)
    }

    #[test]
    fn numeric_dates_are_read_in_the_order_of_the_roster() {
        for (cell, order, expected) in [
            ("01/12/2026 14:00", DayMonthYear, "2026-12-01 14:00"),
            ("01/12/2026 14:00", MonthDayYear, "2026-01-12 14:00"),
            ("1.12.2026 9:05", DayMonthYear, "2026-12-01 09:05"),
            ("1-2-2026  09:05:00", DayMonthYear, "2026-02-01 09:05"),
            (" 12/31/2026 2:00:30 pm ", MonthDayYear, "2026-12-31 14:00:30"),
            ("12/31/2026 12:15 AM", MonthDayYear, "2026-12-31 00:15"),
            ("12/31/2026 12:15PM", MonthDayYear, "2026-12-31 12:15"),
            ("12/31/2026, 2:00\u{202f}PM", MonthDayYear, "2026-12-31 14:00"),
            ("29/2/2028", DayMonthYear, "2028-02-29"),
        ] {
            assert_eq!(time_text(cell, Some(order), None).as_deref(), Ok(expected), "{cell:?}");
        }
    }

    #[test]
    fn dates_with_the_year_first_or_a_month_name_need_no_order() {
        for (cell, expected) in [
            ("2026-12-01 2:05 PM", "2026-12-01 14:05"),
            ("2026-12-01 2pm", "2026-12-01 14:00"),
            ("2026-12-01 9:05", "2026-12-01 09:05"),
            ("2026-12-01 14:00:00.000", "2026-12-01 14:00"),
            ("2026/12/01 14:00", "2026-12-01 14:00"),
            ("2026.12.1 14.00", "2026-12-01 14:00"),
            ("20261201 07:55", "2026-12-01 07:55"),
            ("20261201", "2026-12-01"),
            ("2026-Dec-01 14:00", "2026-12-01 14:00"),
            ("1-Dec-26 14:00", "2026-12-01 14:00"),
            ("1 December 2026 2:00 PM", "2026-12-01 14:00"),
            ("Dec 1, 2026 2:00pm", "2026-12-01 14:00"),
            ("December 1st, 2026 at 2:00 p.m.", "2026-12-01 14:00"),
            ("01/may/2026 09:05:30", "2026-05-01 09:05:30"),
            ("Mar 1, 2026 14:00", "2026-03-01 14:00"),
            ("1. Dezember 2026 um 14 Uhr", "2026-12-01 14:00"),
            ("1er d\u{e9}c. 2026 \u{e0} 14h00", "2026-12-01 14:00"),
            ("1 de diciembre de 2026 14:00", "2026-12-01 14:00"),
            ("1 grudnia 2026 o 14:00", "2026-12-01 14:00"),
        ] {
            assert_eq!(time_text(cell, None, None).as_deref(), Ok(expected), "{cell:?}");
        }
        for cell in ["1 Dezz 2026", "Dec 2026", "1 Dec", "Dec Jan 2026", "1-Dec-026", "1 jui 2026"]
        {
            assert_eq!(time_text(cell, None, None).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn many_forms_of_a_time_of_day_are_read() {
        for (cell, expected) in [
            ("14:00", "14:00"),
            ("14:00:30", "14:00:30"),
            ("14.00", "14:00"),
            ("14h00", "14:00"),
            ("14 h 00", "14:00"),
            ("14h", "14:00"),
            ("14 Uhr", "14:00"),
            ("14.00 Uhr", "14:00"),
            ("14:00h", "14:00"),
            ("2pm", "14:00"),
            ("2 P.M.", "14:00"),
            ("2.30 pm", "14:30"),
            ("12am", "00:00"),
            ("12 pm", "12:00"),
            ("0:00", "00:00"),
            ("23:59", "23:59"),
            ("7.55", "07:55"),
            ("755", "07:55"),
            ("0755", "07:55"),
            ("1400", "14:00"),
            ("000", "00:00"),
            (" 840 ", "08:40"),
        ] {
            assert_eq!(time_of_day(cell).as_deref(), Some(expected), "{cell:?}");
        }
        for cell in [
            "",
            "14",
            "7",
            "24:00",
            "14:60",
            "14:5",
            "7.5",
            "0.5833",
            "0.25",
            "13pm",
            "0 am",
            "860",
            "2400",
            "07550",
            "14:00-14:45",
            "noon",
            "2 pm sharp",
            "14h5",
            "1:2:3:4",
            "h",
            ":",
            "\u{661}4:00",
        ] {
            assert_eq!(time_of_day(cell), None, "{cell:?}");
        }
    }

    #[test]
    fn a_weekday_before_a_date_must_be_the_right_one() {
        for cell in [
            "Tue 1 Dec 2026 14:00",
            "Tuesday, December 1, 2026 at 2:00 PM",
            "Di, 01.12.2026 14:00 Uhr",
            "mardi 01/12/2026 14h00",
            "mar. 01/12/2026 14:00",
            "ma 01-12-2026 14:00",
            "martes, 1 de diciembre de 2026 14:00",
            "wt. 01.12.2026 14:00",
            "Ter\u{e7}a-feira, 01/12/2026 14:00",
            "dinsdag 1 december 2026 14:00",
            "Tue 2026-12-01 14:00",
        ] {
            assert_eq!(day_first(cell).as_deref(), Ok("2026-12-01 14:00"), "{cell}");
        }
        for (cell, message) in [
            ("Wed 1 Dec 2026 14:00", "1 Dec 2026 is a Tuesday, not a Wednesday"),
            ("Mo, 01.12.2026", "1 Dec 2026 is a Tuesday, not a Monday"),
            ("Sonn. 01.12.2026 14:00", "1 Dec 2026 is a Tuesday, not a Saturday or Sunday"),
        ] {
            assert_eq!(day_first(cell), Err(DateProblem::WrongWeekday(message.to_owned())));
        }
    }

    #[test]
    fn a_bare_weekday_is_a_day_in_the_given_week() {
        // 9 December 2026 is a Wednesday.
        for (cell, expected) in [
            ("Mon 9:00", "2026-12-07 09:00"),
            ("Tue 14:00", "2026-12-08 14:00"),
            ("tuesday at 2pm", "2026-12-08 14:00"),
            ("Di 14.00 Uhr", "2026-12-08 14:00"),
            ("mardi \u{e0} 14h00", "2026-12-08 14:00"),
            ("Do. 14:00", "2026-12-10 14:00"),
            ("domingo 14:00", "2026-12-13 14:00"),
            ("So 14:00", "2026-12-13 14:00"),
            ("\u{15b}r. 14:00", "2026-12-09 14:00"),
            ("Tue", "2026-12-08"),
        ] {
            assert_eq!(time_text(cell, None, WEEK).as_deref(), Ok(expected), "{cell}");
        }
        for (week_of, expected) in [
            (Date::constant(2026, 12, 7), "2026-12-13"),
            (Date::constant(2026, 12, 13), "2026-12-13"),
        ] {
            assert_eq!(time_text("Sun", None, Some(week_of)).as_deref(), Ok(expected));
        }
        assert_eq!(time_text("Sun", None, Some(Date::MAX)), Err(DateProblem::NoSuchDate));
        let no_week = DateProblem::NoWeek;
        assert!(no_week.to_string().contains("--week-of this"));
        assert_eq!(time_text("Tue 14:00", None, None), Err(no_week.clone()));
        assert_eq!(time_text("Di", None, None), Err(no_week));
        assert_eq!(
            time_text("ma 14:00", None, WEEK),
            Err(DateProblem::AmbiguousWeekday { first: "Monday", second: "Tuesday" })
        );
        assert_eq!(time_text("Di 8.10", None, WEEK), Err(DateProblem::DotTime));
        for cell in ["1Wed:2 10:00", "14:00", "Tue lesson", "Tuesdays 14:00"] {
            assert_eq!(time_text(cell, None, WEEK).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn serial_numbers_are_reported() {
        let date = Date::constant(2026, 12, 1);
        for cell in ["46357.58", "46357", "46357,583 ", "46357 14:00"] {
            assert_eq!(time_text(cell, None, None), Err(DateProblem::Serial { date }), "{cell}");
        }
        for cell in ["4635", "463577", "46357.", "46357x", "12345678"] {
            assert_eq!(time_text(cell, None, None).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn other_text_is_left_unchanged() {
        let long = "2026-12-01 ".repeat(20);
        for cell in [
            "2026-12-01T14:00:00Z",
            "2026-12-01T14:00",
            "2026-12-01 14:00 -05:00",
            "2026-12-01 14:00-14:45",
            "Tue 2026-12-01T14:00:00Z",
            "now",
            "",
            "1/2",
            "1/12-2026",
            "1/12/2026/1",
            "1/12/026",
            "90m",
            &long,
        ] {
            assert_eq!(time_text(cell, None, None).as_deref(), Ok(cell));
        }
    }

    #[test]
    fn dates_that_cannot_be_read_safely_are_refused() {
        let refused = |cell, order| time_text(cell, order, None).expect_err(cell);
        assert_eq!(refused("01/12/2026 14:00", None), DateProblem::OrderUnknown);
        assert_eq!(refused("01/12/26", None), DateProblem::ShortYear);
        assert_eq!(refused("26/12/01", Some(DayMonthYear)), DateProblem::ShortYear);
        assert_eq!(refused("31 Feb 2026", None), DateProblem::NoSuchDate);
        assert_eq!(refused("2026/13/01 14:00", None), DateProblem::NoSuchDate);
        assert_eq!(refused("20261301", None), DateProblem::NoSuchDate);
        assert_eq!(refused("1 Dec 2026 25:00", None), DateProblem::NoSuchTime);
        assert_eq!(refused("20261201 755", None), DateProblem::BareTime);
        for (cell, order, first) in [
            ("12/31/2026", DayMonthYear, "day"),
            ("31/12/2026", MonthDayYear, "month"),
            ("29/02/2026", DayMonthYear, "day"),
            ("0/1/2026", DayMonthYear, "day"),
        ] {
            assert_eq!(refused(cell, Some(order)), DateProblem::NoSuchDay { first });
        }
        for cell in ["1/2/2026 24:00", "1/2/2026 x", "1/2/2026 13:00 PM", "1/2/2026 14"] {
            assert_eq!(refused(cell, Some(DayMonthYear)), DateProblem::NoSuchTime);
        }
        for cell in ["1/2/2026 14:00-14:45", "1/2/2026 14.00 – 14.45 Uhr", "1-Dec-26 2pm to 3pm"]
        {
            assert_eq!(refused(cell, Some(DayMonthYear)), DateProblem::Range);
        }
    }

    #[test]
    fn a_lesson_time_is_read_in_the_rows_date_form() {
        for (cell, expected) in [
            ("2026-12-01 14:00-14:45", "2026-12-01 14:00-14:45"),
            ("2026-12-01 15:00 - 16:00", "2026-12-01 15:00-16:00"),
            ("2026-12-01 15:00–16:00", "2026-12-01 15:00-16:00"),
            ("01/12/2026 14:00-14:45", "2026-12-01 14:00-14:45"),
            ("1-12-2026 14:00-14:45", "2026-12-01 14:00-14:45"),
            ("1-Dec-26 14.00 – 14.45 Uhr", "2026-12-01 14:00-14:45"),
            ("Tue, December 1, 2026 2:00 PM to 2:45 PM", "2026-12-01 14:00-14:45"),
            ("Di 01.12.2026 14h00-14h45", "2026-12-01 14:00-14:45"),
            ("20261201 07:55-08:40", "2026-12-01 07:55-08:40"),
            ("Tue 14:00-14:45", "2026-12-08 14:00-14:45"),
            ("01/12/2026 23:30-00:30", "2026-12-01 23:30-00:30"),
            ("01/12/2026 14:00 - 01/12/2026 14:45", "2026-12-01 14:00 - 2026-12-01 14:45"),
            ("1-12-2026 14:00-1-12-2026 14:45", "2026-12-01 14:00 - 2026-12-01 14:45"),
            ("2026-12-01 10 am-11:00", "2026-12-01 10:00-11:00"),
            ("2026-12-01 14:00 - 2:45 pm", "2026-12-01 14:00-14:45"),
        ] {
            let read = range_text(cell, Some(DayMonthYear), WEEK);
            assert_eq!(read.as_deref(), Ok(expected), "{cell}");
        }
        for cell in ["14:00-14:45", "soon", "", "2026-12-01T14:00:00Z-14:45", "now-14:45"] {
            assert_eq!(range_text(cell, None, None).as_deref(), Ok(cell));
        }
        for (cell, problem) in [
            ("01/12/2026 14:00-14:45", DateProblem::OrderUnknown),
            ("1-Dec-26 14:00", DateProblem::NoEnd),
            ("1-Dec-26", DateProblem::NoTime),
            ("2026-12-01 - 14:45", DateProblem::NoTime),
            ("2026-12-01 2:00-2:45 PM", DateProblem::HalfDay),
            ("2026-12-01 11:30-12:15 PM", DateProblem::HalfDay),
            ("2026-12-01 12:30-2:00 PM", DateProblem::HalfDay),
            ("Tue 14:00-14:45", DateProblem::NoWeek),
            ("46357 14:00-14:45", DateProblem::Serial { date: Date::constant(2026, 12, 1) }),
        ] {
            assert_eq!(range_text(cell, None, None), Err(problem), "{cell}");
        }
    }

    #[test]
    fn durations_have_a_unit_or_a_colon() {
        for (cell, text) in [
            ("1:30", "1h30m"),
            ("01:30:00", "1h30m"),
            ("0:45", "45m"),
            ("25:00", "25h"),
            ("0:00:30", "30s"),
            ("0:00", "0m"),
            (" 2:05 ", "2h5m"),
            ("90m", "90m"),
            ("45 Min.", "45 min"),
            ("1.5 Hours", "1.5 hours"),
            ("PT45M", "PT45M"),
            ("1:5", "1:5"),
            ("1:60", "1:60"),
            (":30", ":30"),
            ("1:30:00:00", "1:30:00:00"),
            ("12345:00", "12345:00"),
            ("", ""),
        ] {
            assert_eq!(length_text(cell).as_deref(), Ok(text), "{cell}");
        }
        for cell in ["45", "1.5", "0"] {
            assert_eq!(length_text(cell), Err(DateProblem::NoUnit { number: cell.to_owned() }));
        }
        assert_eq!(
            DateProblem::NoUnit { number: "45".to_owned() }.to_string(),
            "has no unit; write 45m for minutes, or map the column: --map 'valid for={Minutes}m'"
        );
    }

    #[test]
    fn names_are_flipped_at_their_only_comma() {
        for (name, expected) in [
            ("Byron, Ada", "Ada Byron"),
            (" Byron ,Ada ", "Ada Byron"),
            ("van der Berg, Jan Piet", "Jan Piet van der Berg"),
            ("Ada Byron", "Ada Byron"),
            ("Byron, Ada, MSc", "Byron, Ada, MSc"),
            ("Byron,", "Byron,"),
            (",", ","),
            ("", ""),
        ] {
            assert_eq!(flip_name(name), expected, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_cell_makes_it_panic(
            cell in "([0-9]{1,4}|[-–+:.,/ TZ@]|to|now|Tue|ma|Dec|de|pm|Uhr|h|\\PC){0,14}",
            day_first: bool,
        ) {
            let order = Some(if day_first { DayMonthYear } else { MonthDayYear });
            for order in [order, None] {
                for week_of in [WEEK, None] {
                    let _ = range_text(&cell, order, week_of);
                    // Converting the result again does not change it.
                    if let Ok(text) = time_text(&cell, order, week_of) {
                        let again = time_text(&text, None, None);
                        if text.as_ref() != cell.as_str() {
                            proptest::prop_assert_eq!(again.as_deref(), Ok(text.as_ref()));
                        }
                    }
                }
            }
            let _ = (time_of_day(&cell), length_text(&cell), flip_name(&cell));
        }
    }
}
