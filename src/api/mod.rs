//! The Lessonspace API over HTTP, the only module that uses reqwest. Output is done elsewhere.

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
