//! `lessonspace`: launches online classrooms from the command line.

mod body;
mod escape;
mod json;
mod problem;
mod tls;
mod webhook;



fn main() {}
