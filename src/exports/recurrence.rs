//! Recurrence rules (RFC 5545, section 3.3.10), in the local time of a lesson's zone.
//!
//! The `rrule` crate is used only in tests, for comparison: its zone tables would add 1.1 MB to the
//! memory that every start of the program touches, and in zones with clock changes it loses and
//! duplicates lessons (fmeringdal/rust-rrule, issue 115).

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{Span, Timestamp, ToSpan as _};

/// How often a rule repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last moment of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The whole day.
    Day(Date),
    /// In the lesson's zone.
    Clock(DateTime),
    /// In UTC.
    Moment(Timestamp),
}

/// A weekday, optionally numbered within a month or year. Negative numbers count from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    number: i16,
    weekday: Weekday,
}

/// A rule such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    frequency: Frequency,
    interval: i64,
    count: Option<u32>,
    until: Option<Until>,
    months: Vec<i16>,
    year_days: Vec<i16>,
    month_days: Vec<i16>,
    days: Vec<Day>,
    hours: Vec<i16>,
    minutes: Vec<i16>,
    positions: Vec<i16>,
    week_start: Weekday,
}

/// The rule is invalid, or not supported here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported;

/// Limit on the days examined for all recurrences together. A small file could otherwise require
/// billions.
#[derive(Debug)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(10_000_000)
    }
}

/// The [`Budget`] is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    /// Deducts days, or fails if too few are left.
    pub fn spend(&mut self, days: usize) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(days as u64).ok_or(Exhausted)?;
        Ok(())
    }
}

impl Rule {
    /// Parses a rule. Unsupported parts are rejected, because ignoring them would change the dates.
    pub fn parse(text: &str) -> Result<Self, Unsupported> {
        let mut frequency = None;
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            year_days: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let upper = text.trim().to_ascii_uppercase();
        for part in upper.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(Unsupported)?;
            match name.trim() {
                "FREQ" => frequency = Some(Self::frequency(value)?),
                "INTERVAL" => rule.interval = i64::from(numbers(value, 1, 9999)?[0]),
                "COUNT" => rule.count = Some(value.parse().map_err(|_| Unsupported)?),
                "UNTIL" => rule.until = Some(Until::parse(value).ok_or(Unsupported)?),
                "BYMONTH" => rule.months = numbers(value, 1, 12)?,
                "BYYEARDAY" => rule.year_days = signed(value, 366)?,
                "BYMONTHDAY" => rule.month_days = signed(value, 31)?,
                "BYDAY" => {
                    rule.days = value.split(',').map(Day::parse).collect::<Result<_, _>>()?;
                }

                "BYHOUR" => rule.hours = numbers(value, 0, 23)?,
                "BYMINUTE" => rule.minutes = numbers(value, 0, 59)?,
                "BYSECOND" if value == "0" => {}
                "BYSETPOS" => rule.positions = signed(value, 366)?,
                "WKST" => rule.week_start = weekday(value).ok_or(Unsupported)?,
                name if name.starts_with("X-") => {}
                _ => return Err(Unsupported),
            }
        }
        rule.frequency = frequency.ok_or(Unsupported)?;
        let has_numbers = rule.days.iter().any(|day| day.number != 0);
        let is_sound = match rule.frequency {
            Frequency::Daily => !has_numbers && rule.year_days.is_empty(),
            Frequency::Weekly => {
                !has_numbers && rule.year_days.is_empty() && rule.month_days.is_empty()
            }
            Frequency::Monthly => rule.year_days.is_empty(),
            Frequency::Yearly => true,
        };
        if is_sound { Ok(rule) } else { Err(Unsupported) }
    }

    fn frequency(text: &str) -> Result<Frequency, Unsupported> {
        match text {
            "DAILY" => Ok(Frequency::Daily),
            "WEEKLY" => Ok(Frequency::Weekly),
            "MONTHLY" => Ok(Frequency::Monthly),
            "YEARLY" => Ok(Frequency::Yearly),
            _ => Err(Unsupported),
        }
    }

    /// The times of a rule for a series that starts at `start`, from `from` and before `end`. If
    /// the rule does not produce `start`, the caller must add it, because it is part of the series.
    pub fn times(
        &self,
        start: DateTime,
        (from, end): (DateTime, DateTime),
        until: impl Fn(Timestamp) -> DateTime,
        budget: &mut Budget,
    ) -> Result<Vec<DateTime>, Exhausted> {
        let is_over = |time: DateTime| match self.until {
            None => false,
            Some(Until::Day(day)) => time.date() > day,
            Some(Until::Clock(last)) => time > last,
            Some(Until::Moment(last)) => time > until(last),
        };
        let mut times = Vec::new();
        let mut left = self.count.unwrap_or(u32::MAX);
        let mut index = if self.count.is_some() { 0 } else { self.skipped(start, from) };
        while left > 0
            && let Some(period) = self.period(start, index)
            && period < end
        {
            let mut found = self.in_period(start, period.date(), budget)?;
            self.keep_positions(&mut found);
            for time in found.into_iter().filter(|time| *time >= start) {
                if left == 0 || time >= end || is_over(time) {
                    return Ok(times);
                }
                left -= 1;
                if time >= from {
                    times.push(time);
                }
            }
            index += self.interval;
        }
        Ok(times)
    }

    /// The start of a day, week, month or year, counted from the one that contains `start`.
    fn period(&self, start: DateTime, index: i64) -> Option<DateTime> {
        let span = match self.frequency {
            Frequency::Daily => Span::new().try_days(index),
            Frequency::Weekly => Span::new().try_weeks(index),
            Frequency::Monthly => Span::new().try_months(index),
            Frequency::Yearly => Span::new().try_years(index),
        };
        let first = self.first_period(start.date())?;
        Some(first.checked_add(span.ok()?).ok()?.to_datetime(Time::midnight()))
    }

    fn first_period(&self, date: Date) -> Option<Date> {
        match self.frequency {
            Frequency::Daily => Some(date),
            Frequency::Weekly => {
                let days = date.weekday().since(self.week_start);
                date.checked_sub(i64::from(days).days()).ok()
            }
            Frequency::Monthly => Some(date.first_of_month()),
            Frequency::Yearly => Some(date.first_of_year()),
        }
    }

    /// Maximum number of days in a period.
    fn longest_period(&self) -> i64 {
        match self.frequency {
            Frequency::Daily => 1,
            Frequency::Weekly => 7,
            Frequency::Monthly => 31,
            Frequency::Yearly => 366,
        }
    }

    /// Number of periods that certainly end before `from`, in whole intervals.
    fn skipped(&self, start: DateTime, from: DateTime) -> i64 {
        let days = start.date().until(from.date()).map_or(0, |span| i64::from(span.get_days()));
        let periods = days.max(0) / self.longest_period();
        periods - periods % self.interval
    }

    fn in_period(
        &self,
        start: DateTime,
        period: Date,
        budget: &mut Budget,
    ) -> Result<Vec<DateTime>, Exhausted> {
        budget.spend(usize::try_from(self.longest_period()).unwrap_or(1))?;
        let dates = match self.frequency {
            Frequency::Daily => vec![period],
            Frequency::Weekly => self.week(start.date(), period),
            Frequency::Monthly => self.month(start.date(), period),
            Frequency::Yearly => self.year(start.date(), period),
        };
        let fits = |date: &Date| {
            (self.months.is_empty() || self.months.contains(&i16::from(date.month())))
                && (self.frequency != Frequency::Daily
                    || (self.is_of_month_days(*date) && self.is_of_days(*date)))
        };
        let mut dates: Vec<Date> = dates.into_iter().filter(fits).collect();
        dates.sort_unstable();
        dates.dedup();
        let times = self.clock_times(start.time());
        budget.spend(dates.len() * times.len())?;
        Ok(dates
            .into_iter()
            .flat_map(|date| times.iter().map(move |time| date.to_datetime(*time)))
            .collect())
    }

    fn clock_times(&self, start: Time) -> Vec<Time> {
        let or_start = |numbers: &[i16], own: i8| match numbers {
            [] => vec![i16::from(own)],
            numbers => numbers.to_vec(),
        };
        let minutes = or_start(&self.minutes, start.minute());
        let mut times: Vec<Time> = or_start(&self.hours, start.hour())
            .into_iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (hour, *minute)))
            .filter_map(|(hour, minute)| {
                let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
                Time::new(hour, minute, start.second(), 0).ok()
            })
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    fn week(&self, start: Date, first: Date) -> Vec<Date> {
        let all = (0..7_i64).filter_map(|days| first.checked_add(days.days()).ok());
        all.filter(|date| match self.days.as_slice() {
            [] => date.weekday() == start.weekday(),
            _ => self.is_of_days(*date),
        })
        .collect()
    }

    fn month(&self, start: Date, first: Date) -> Vec<Date> {
        let all = days_from(first, first.days_in_month().into());
        match (self.month_days.is_empty(), self.days.is_empty()) {
            (true, true) => all.into_iter().filter(|date| date.day() == start.day()).collect(),
            (true, false) => numbered(&all, &self.days),
            (false, true) => all.into_iter().filter(|it| self.is_of_month_days(*it)).collect(),
            (false, false) => {
                let mut dates = numbered(&all, &self.days);
                dates.retain(|date| self.is_of_month_days(*date));
                dates
            }
        }
    }

    fn year(&self, start: Date, first: Date) -> Vec<Date> {
        let all = days_from(first, first.days_in_year());
        if !self.year_days.is_empty() {
            let length = first.days_in_year();
            return all
                .into_iter()
                .filter(|date| is_numbered(&self.year_days, date.day_of_year(), length))
                .filter(|date| self.is_of_month_days(*date) && self.is_of_days(*date))
                .collect();
        }
        if self.months.is_empty() && !self.days.is_empty() {
            let mut dates = numbered(&all, &self.days);
            dates.retain(|date| self.is_of_month_days(*date));
            return dates;
        }
        if self.months.is_empty() && self.month_days.is_empty() {
            let is_same = |it: &Date| (it.month(), it.day()) == (start.month(), start.day());
            return all.into_iter().filter(is_same).collect();
        }
        let months = all.into_iter().filter(|date| date.day() == 1);
        months
            .filter(|month| {
                self.months.is_empty() || self.months.contains(&i16::from(month.month()))
            })
            .flat_map(|month| self.month(start, month))
            .collect()
    }

    fn is_of_days(&self, date: Date) -> bool {
        self.days.is_empty() || self.days.iter().any(|day| day.weekday == date.weekday())
    }

    fn is_of_month_days(&self, date: Date) -> bool {
        let length = date.days_in_month().into();
        self.month_days.is_empty() || is_numbered(&self.month_days, date.day().into(), length)
    }

    fn keep_positions(&self, times: &mut Vec<DateTime>) {
        if self.positions.is_empty() {
            return;
        }
        let length = i16::try_from(times.len()).unwrap_or(i16::MAX);
        let mut position = 0;
        times.retain(|_| {
            position += 1;
            is_numbered(&self.positions, position, length)
        });
    }
}

/// Whether `number`, from 1 to `length`, is in `numbers`, which may count from the end.
fn is_numbered(numbers: &[i16], number: i16, length: i16) -> bool {
    numbers.contains(&number) || numbers.contains(&(number - length - 1))
}

fn days_from(first: Date, count: i16) -> Vec<Date> {
    (0..count).filter_map(|days| first.checked_add(i64::from(days).days()).ok()).collect()
}

/// The dates that match these weekdays: every one, or the one with the weekday's number.
fn numbered(all: &[Date], days: &[Day]) -> Vec<Date> {
    let mut found = Vec::new();
    for day in days {
        let of_weekday: Vec<Date> =
            all.iter().copied().filter(|date| date.weekday() == day.weekday).collect();
        let index = usize::from(day.number.unsigned_abs());
        match day.number {
            0 => found.extend(of_weekday),
            1.. => found.extend(of_weekday.get(index - 1)),
            _ => found.extend(of_weekday.len().checked_sub(index).map(|index| of_weekday[index])),
        }
    }
    found
}

impl Until {
    fn parse(text: &str) -> Option<Self> {
        match clock(text)? {
            (date, None, _) => Some(Self::Day(date)),
            (date, Some(time), false) => Some(Self::Clock(date.to_datetime(time))),
            (date, Some(time), true) => {
                let zoned = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC);
                Some(Self::Moment(zoned.ok()?.timestamp()))
            }
        }
    }
}

impl Day {
    fn parse(text: &str) -> Result<Self, Unsupported> {
        let text = text.trim();
        let (number, name) =
            text.split_at_checked(text.len().saturating_sub(2)).ok_or(Unsupported)?;
        let weekday = weekday(name).ok_or(Unsupported)?;
        let number = match number {
            "" => 0,
            number => signed(number, 53)?[0],
        };
        Ok(Self { number, weekday })
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.trim() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn numbers(text: &str, lowest: i16, highest: i16) -> Result<Vec<i16>, Unsupported> {
    text.split(',')
        .map(|number| match number.trim().parse() {
            Ok(number) if (lowest..=highest).contains(&number) => Ok(number),
            _ => Err(Unsupported),
        })
        .collect()
}

/// Parses numbers that count from the start or, if negative, from the end.
fn signed(text: &str, highest: i16) -> Result<Vec<i16>, Unsupported> {
    let numbers = numbers(text, -highest, highest)?;
    if numbers.contains(&0) { Err(Unsupported) } else { Ok(numbers) }
}

/// Parses `20261201`, or `20261201T140000` with or without seconds. The flag is set for UTC.
pub fn clock(text: &str) -> Option<(Date, Option<Time>, bool)> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let number = |text: &str, range: std::ops::Range<usize>| -> Option<i8> {
        let digits = text.get(range)?;
        digits.bytes().all(|it| it.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let year = date.get(..4).filter(|it| it.bytes().all(|it| it.is_ascii_digit()))?.parse().ok()?;
    if date.len() != 8 {
        return None;
    }
    let date = Date::new(year, number(date, 4..6)?, number(date, 6..8)?).ok()?;
    let Some(time) = time else { return Some((date, None, false)) };
    let local = time.strip_suffix(['Z', 'z']).unwrap_or(time);
    let second = match local.len() {
        4 => 0,
        // A leap second.
        6 => number(local, 4..6)?.min(59),
        _ => return None,
    };
    let time_of_day = Time::new(number(local, 0..2)?, number(local, 2..4)?, second, 0).ok()?;
    Some((date, Some(time_of_day), local.len() < time.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock_time(text: &str) -> DateTime {
        text.parse().expect("is a time")
    }

    /// The times of a rule in UTC, between `from` and `end`.
    fn times(start: &str, rule: &str, from: &str, end: &str) -> Vec<DateTime> {
        let rule = Rule::parse(rule).expect("is supported");
        let until = |moment: Timestamp| jiff::tz::TimeZone::UTC.to_datetime(moment);
        let window = (clock_time(from), clock_time(end));
        rule.times(clock_time(start), window, until, &mut Budget::default()).expect("is few")
    }

    #[test]
    fn recurrence_rules_produce_the_right_days() {
        let (from, end) = ("2026-11-29T00:00", "2027-03-01T00:00");
        for (start, rule, expected) in [
            ("2026-09-01T14:00", "FREQ=WEEKLY;UNTIL=20261208", "12-01 12-08"),
            ("2026-09-01T14:00", "FREQ=WEEKLY;UNTIL=20261208T140000Z", "12-01 12-08"),
            ("2026-09-01T14:00", "FREQ=WEEKLY;UNTIL=20261208T135959Z", "12-01"),
            ("2026-09-01T14:00", "FREQ=WEEKLY;COUNT=15", "12-01 12-08"),
            ("2026-12-01T14:00", "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU,TH", "12-01 12-03 12-15"),
            (
                "2026-11-24T14:00",
                "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261224;BYDAY=TU,SU;WKST=SU",
                "12-06 12-08 12-20 12-22",
            ),
            (
                "2026-11-24T14:00",
                "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261224;BYDAY=TU,SU;WKST=MO",
                "11-29 12-08 12-13 12-22",
            ),
            (
                "2026-11-30T09:00",
                "FREQ=DAILY;COUNT=4;BYDAY=MO,TU,WE,TH,FR",
                "11-30 12-01 12-02 12-03",
            ),
            ("2026-11-28T09:00", "FREQ=DAILY;INTERVAL=3;COUNT=3", "12-01 12-04"),
            ("2026-10-31T09:00", "FREQ=MONTHLY;COUNT=3", "12-31 01-31"),
            ("2026-10-05T09:00", "FREQ=MONTHLY;BYDAY=1MO;COUNT=4", "12-07 01-04"),
            ("2026-10-30T09:00", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "12-25 01-29"),
            (
                "2026-10-30T09:00",
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4",
                "11-30 12-31 01-29",
            ),
            ("2026-10-30T09:00", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", "11-30 12-31 01-31"),
            ("2020-12-24T09:00", "FREQ=YEARLY", "12-24"),
            ("2020-02-29T09:00", "FREQ=YEARLY", ""),
        ] {
            let found = times(start, rule, from, end);
            let found: Vec<String> =
                found.iter().map(|it| it.strftime("%m-%d").to_string()).collect();
            assert_eq!(found.join(" "), expected, "{start} {rule}");
        }
    }

    #[test]
    fn rules_that_are_not_fully_understood_are_refused() {
        for rule in [
            "",
            "COUNT=3",
            "FREQ=HOURLY",
            "FREQ=SECONDLY;COUNT=2",
            "FREQ=WEEKLY;BYWEEKNO=3",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=WEEKLY;INTERVAL=0",
            "FREQ=WEEKLY;INTERVAL=1.5",
            "FREQ=WEEKLY;UNTIL=soon",
            "FREQ=WEEKLY;COUNT=-1",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYMONTHDAY=0",
            "FREQ=MONTHLY;BYSECOND=30",
            "FREQ=MONTHLY;RSCALE=CHINESE",
            "FREQ",
        ] {
            assert_eq!(Rule::parse(rule), Err(Unsupported), "{rule}");
        }
        for rule in ["freq=weekly;byday=mo;", "FREQ=DAILY;X-NOTE=1;BYSECOND=0", " FREQ=DAILY "] {
            assert!(Rule::parse(rule).is_ok(), "{rule}");
        }
    }

    /// The times according to the `rrule` crate in UTC, where it has no clock changes to get wrong.
    fn times_of_rrule(start: DateTime, rule: &str, end: DateTime) -> Option<Vec<DateTime>> {
        let text = format!("DTSTART:{}\nRRULE:{rule}", start.strftime("%Y%m%dT%H%M%SZ"));
        let set: rrule::RRuleSet = text.parse().ok()?;
        let clock = |time: &str| time.parse().ok();
        let times =
            set.into_iter().map(|time| clock(&time.format("%Y-%m-%dT%H:%M:%S").to_string()));
        times.take_while(|time| time.is_some_and(|time| time < end)).collect()
    }

    fn list(values: &'static [&str], most: usize) -> impl Strategy<Value = String> {
        proptest::sample::subsequence(values, 0..=most).prop_map(|values| values.join(","))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        #[test]
        fn rules_give_the_same_days_as_another_program(
            (year, day, hour) in (2025_i16..2028, 1_i16..366, 0_i8..24),
            frequency in 0_usize..4,
            interval in 1_u8..5,
            count in proptest::option::of(1_u8..60),
            days in list(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 4),
            numbered in list(&["1MO", "2TU", "-1FR", "5WE", "-2SU"], 2),
            month_days in list(&["1", "13", "28", "31", "-1", "-7"], 3),
            months in list(&["1", "2", "6", "11", "12"], 3),
            hours in list(&["8", "9", "17"], 2),
            position in proptest::sample::select(vec!["", "1", "2", "-1"]),
            sunday in any::<bool>(),
        ) {
            let date = Date::new(year, 1, 1).expect("is a date");
            let date = date.checked_add(i64::from(day - 1).days()).expect("is a date");
            let start = date.at(hour, 30, 0, 0);
            let name = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"][frequency];
            let mut rule = format!("FREQ={name};INTERVAL={interval}");
            let mut add = |name: &str, value: &str| if !value.is_empty() {
                rule.extend([";", name, "=", value]);
            };
            add("COUNT", &count.map(|it| it.to_string()).unwrap_or_default());
            let days = if frequency >= 2 && days.len() < 6 { &numbered } else { &days };
            add("BYDAY", days);
            if frequency != 1 {
                add("BYMONTHDAY", &month_days);
            }
            add("BYMONTH", &months);
            add("BYHOUR", &hours);
            // In a week that has already started, rrule counts only the remaining days.
            if !days.is_empty() && frequency != 1 {
                add("BYSETPOS", position);
            }
            add("WKST", if sunday { "SU" } else { "MO" });
            let end = clock_time("2028-01-01T00:00");
            let Some(expected) = times_of_rrule(start, &rule, end) else { return Ok(()) };
            let until = |moment: Timestamp| jiff::tz::TimeZone::UTC.to_datetime(moment);
            let parsed = Rule::parse(&rule).expect("is supported");
            let mut budget = Budget::default();
            let all = parsed.times(start, (start, end), until, &mut budget).expect("is few");
            prop_assert_eq!(&all, &expected, "{} {}", start, rule);
            let from = clock_time("2026-11-29T00:00");
            let late = parsed.times(start, (from, end), until, &mut budget).expect("is few");
            let expected: Vec<DateTime> = expected.into_iter().filter(|it| *it >= from).collect();
            prop_assert_eq!(late, expected, "{} {}", start, rule);
        }
    }
}
