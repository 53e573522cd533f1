//! placeholder until dates arrive
use std::borrow::Cow;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder { DayMonthYear, MonthDayYear }
pub fn time_text(cell: &str, _order: Option<DateOrder>, _week: Option<jiff::civil::Date>) -> Result<Cow<'_, str>, String> { Ok(Cow::Borrowed(cell)) }
pub fn range_text(cell: &str, _order: Option<DateOrder>, _week: Option<jiff::civil::Date>) -> Result<Cow<'_, str>, String> { Ok(Cow::Borrowed(cell)) }
pub fn time_of_day(text: &str) -> Option<String> { Some(text.to_owned()) }
pub fn length_text(text: &str) -> Cow<'_, str> { Cow::Borrowed(text) }
pub fn flip_name(text: &str) -> String { text.to_owned() }
