//! Links in, cards and calendars out: what each person gets of a links file.

pub mod calendar;
pub mod cards;
pub mod check;
pub mod folder;
pub mod page;
pub mod words;
pub mod write;
