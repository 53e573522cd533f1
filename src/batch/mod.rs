//! A batch runs in one direction: a table becomes launches, which are checked, planned, sent and
//! reported. Each launch is made once and passed on.

pub mod ask;
pub mod check;
pub mod columns;
pub mod grid;
pub mod job;
pub mod journal;
pub mod launches;
pub mod output;
pub mod plan;
pub mod preview;
pub mod recipe;
pub mod report;
pub mod row_problems;
pub mod send;
pub mod suggest_map;
pub mod verify;
