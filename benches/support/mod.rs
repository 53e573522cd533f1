//! Shared by the benchmarks: a server to talk to, a place to run programs, and ways to measure them.

pub mod observe;
pub mod race;
pub mod scene;
pub mod server;
