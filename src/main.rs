//! `lessonspace`: launches Lessonspace online classrooms from the command line.

mod api;
mod batch;
mod body;
mod cli;
mod commands;
mod error;
mod escape;
mod exports;
mod handout;
mod html;
mod input;
mod join_link;
mod json;
mod links;
mod pasted_link;
mod problem;
mod qr;
mod redact;
mod roster;
mod sandbox;
mod settings;
mod terminal;
mod tls;
mod webhook;
mod words;

use crate::cli::Parsed;
use crate::error::Result;
use crate::terminal::output::{self, Printer};
use crate::terminal::signal;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    signal::dump_no_core();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let mut printer = Printer { json: cli::wants_json(&arguments), ..Printer::default() };
    match run(&arguments, &mut printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer.failure(&error);
            error.kind.into()
        }
    }
}

fn run(arguments: &[OsString], printer: &mut Printer) -> Result<()> {
    let command = match cli::parse(arguments, output::colours_help())? {
        Parsed::Command(command) => command,
        Parsed::Text(text) => return printer.help(&text),
    };
    // A --json taken as the value of another flag still makes the error JSON.
    let json = printer.json;
    *printer = commands::printer(&command);
    printer.json |= json;
    let last_words = *printer;
    signal::install(move |error| last_words.failure(error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    let result = runtime.block_on(commands::run(command, *printer));
    // A hanging name look-up or read must not delay the exit.
    runtime.shutdown_background();
    result
}
