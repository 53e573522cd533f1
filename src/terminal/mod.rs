//! The terminal: what is printed, what is asked, and the shell and signals around them.

pub mod clipboard;
pub mod output;
pub mod prompt;
pub mod shell;
pub mod signal;
