//! Flags that are made only when their command is the one that was asked for.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// A subcommand's arguments. `lessonspace --help` needs no command's flags, and a launch those of one
/// command; making all of them took a third of the instructions of a help.
#[derive(Debug)]
pub struct Later<T>(pub T);

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| keeping_about(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| keeping_about(command, T::augment_args_for_update))
    }
}

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The arguments' type has a description of its own, which is none of the command's.
fn keeping_about(command: Command, augment: fn(Command) -> Command) -> Command {
    match command.get_about().cloned() {
        Some(about) => augment(command).about(about),
        None => augment(command),
    }
}
