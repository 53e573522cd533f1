//! The Lessonspace API over HTTP: the one place that knows reqwest. How answers are
//! shown is for others.

mod client;
mod failure;
mod key;
mod launch;
mod proxy;
mod response;
pub mod retry;
mod trace;

pub use client::{CallError, Client, Event};
pub use failure::{Details, Failure, UnexpectedAnswer};
pub use key::{ApiKey, KeyFault};
pub use launch::{Launch, usable_link};
pub use proxy::is_loopback;
