//! `lessonspace`: launches online classrooms from the command line.

mod body;
mod escape;
mod json;
mod problem;
mod sandbox;
mod tls;
mod webhook;




fn main() {}
