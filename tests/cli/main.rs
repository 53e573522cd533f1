//! Drives the real binary, as a user would: one file a theme, every test a sentence.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its scene should fail loudly")]
#![expect(clippy::format_collect, reason = "the texts are short, and this way they read best")]

mod add_user;
mod answers;
mod batch_cells;
mod batch_roster;
mod body_file;
mod body_values;
mod completions;
mod config;
mod expect;
mod faults;
mod hello;
mod hostile;
mod json_text;
mod key;
mod key_urls;
mod launch;
mod launch_flags;
mod link;
mod login;
mod mock;
mod network;
mod output;
mod page;
mod profiles;
mod prompts;
mod questions;
mod readme;
mod request;
mod retries;
mod roster;
mod sandbox;
mod sandbox_serve;
mod scenery;
mod school;
mod seen;
mod signals;
mod statuses;
mod streams;
mod support;
mod terminal;
mod tls;
mod webdriver;
mod webhook;
mod window;
