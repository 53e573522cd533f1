//! The terminal: what is printed and asked there, and the desktop, the shell and the signals around it.

pub mod desktop;
pub mod output;
pub mod progress;
pub mod prompt;
pub mod shell;
pub mod signal;
