//! `lessonspace`: launches online classrooms from the command line.

fn main() {}
