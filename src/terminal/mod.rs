//! The terminal: output and prompts, and the desktop, shell and signals around it.

pub mod desktop;
pub mod output;
pub mod progress;
pub mod prompt;
pub mod shell;
pub mod signal;
