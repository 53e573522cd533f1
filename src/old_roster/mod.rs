//! The roster: rows in with the line numbers an editor shows, links out, and the journal
//! between them.
//!
//! This room knows spreadsheets, CSV, JSON and what Excel makes of them. It does not know what a
//! row means to Lessonspace, how a launch is sent, or how anything is shown.

pub(crate) mod cell;
pub(crate) mod columns;
pub(crate) mod disk;

pub(crate) mod journal;
pub(crate) mod links;
pub(crate) mod outcome;
pub(crate) mod read;
pub(crate) mod recipe;
pub(crate) mod results;
pub(crate) mod table;
pub(crate) mod template;
pub(crate) use crate::links::csv_injection as guard;
