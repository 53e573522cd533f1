//! The Lessonspace API over HTTP: the one place that knows reqwest. How answers are
//! shown is for others.

mod answer;
mod client;
mod error;
mod failure;
mod hello;
mod key;
mod launch;
mod reading;
mod redact;
pub mod retry;
mod route;
mod trace;

pub use client::{CallError, Client, Event};
pub use error::{CertificateProblem, Details, Error, Stranger};
pub use key::{ApiKey, KeyFault};
pub use launch::{Launch, usable_link};
pub use route::is_loopback;
