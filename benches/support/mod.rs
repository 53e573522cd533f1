//! What the benchmarks share: a server to talk to, and a place to run programs in.

pub mod scene;
pub mod server;
