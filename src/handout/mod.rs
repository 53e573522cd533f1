//! Turns a links file into cards and calendars for each person.

pub mod calendar;
pub mod cards;
pub mod check;
pub mod folder;
pub mod page;
pub mod words;
pub mod write;
