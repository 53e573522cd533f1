//! Prompts on standard error. Only this module uses dialoguer and decides whether prompts are allowed.
//!
//! A prompt waits on its own thread, so that signals are handled in the meantime. However it ends, the
//! terminal is restored: the cursor is visible, and typed text is shown.

use crate::error::Result;
use crate::escape::untrusted;
use crate::settings::{is_ci, variable};
use crate::terminal::signal::interrupted_by;
use anyhow::Context as _;
use dialoguer::console::{Key, Term, measure_text_width, truncate_str};
use dialoguer::theme::Theme;
use dialoguer::{Confirm, Password, Select};
#[cfg(unix)]
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
};
use std::fmt;
use std::io::{self, IsTerminal as _};
#[cfg(unix)]
use std::time::Duration;

/// Ctrl-D, and Ctrl-U, which deletes the typed text.
const END_OF_INPUT: char = '\u{4}';
const KILL_LINE: char = '\u{15}';

/// The signal number of SIGHUP.
const HANGUP: u8 = 1;

/// Columns of the terminal that list items cannot use: the marker, and the last column.
const MARGIN: usize = 3;

/// Items per page of a list.
const PAGE: usize = 15;

/// Whether prompts are allowed: there is a terminal, and nothing forbids them.
pub fn may_ask(no_input: bool, json: bool) -> bool {
    let is_dumb = variable("TERM").is_some_and(|terminal| terminal == "dumb");
    let forbidden = no_input || json || is_dumb || is_ci();
    !forbidden && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Prompts for a line of text. Enter alone selects the default, if there is one.
///
/// # Errors
/// Interrupted on Ctrl-C, Ctrl-D or Esc, or if the terminal is closed.
pub async fn text(question: &str, default: Option<&str>) -> Result<String> {
    let offered = default.map_or_else(String::new, |default| format!(" [{}]", untrusted(default)));
    let question = format!("{question}{offered}: ");
    let answer = ask(Echo::ByHand, move || read_text(&Term::stderr(), &question)).await?;
    Ok(match default {
        Some(default) if answer.is_empty() => default.to_owned(),
        _ => answer,
    })
}

/// Discards text that was typed before the prompt: the `n` of a pasted second command is not a "no". (Does
/// nothing on Windows.)
fn forget_typed() {
    #[cfg(unix)]
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// Asks a yes-or-no question. Enter alone selects the default.
///
/// # Errors
/// The same as [`text`].
pub async fn yes_or_no(question: &str, default: bool) -> Result<bool> {
    let question = question.to_owned();
    forget_typed();
    ask(Echo::ByHand, move || {
        Ok(Confirm::new().with_prompt(question).default(default).interact_opt()?)
    })
    .await
}

/// Shows a list to choose from with the arrow keys and Enter; the first item is the default. An item has a
/// name and a sample, both safe to show. Returns the index of the chosen item.
///
/// # Errors
/// The same as [`text`].
pub async fn choose(question: &str, items: &[(String, String)]) -> Result<usize> {
    let names: Vec<String> = items.iter().map(|(name, _)| name.clone()).collect();
    let width = names.iter().map(|name| measure_text_width(name)).max().unwrap_or_default();
    let room = usize::from(Term::stderr().size().1).saturating_sub(MARGIN);
    let lines: Vec<String> = items
        .iter()
        .map(|(name, sample)| {
            let blanks = width.saturating_sub(measure_text_width(name)) + 2;
            let line = format!("{name}{:blanks$}{sample}", "");
            // A line that wraps would not be cleared.
            truncate_str(line.trim_end(), room, "…").into_owned()
        })
        .collect();
    let question = question.to_owned();
    ask(Echo::ByHand, move || {
        let term = Term::stderr();
        let list = Select::with_theme(&Plain)
            .with_prompt(question.as_str())
            .items(lines)
            .default(0)
            .max_length(PAGE)
            .report(false);
        let chosen = list.interact_on_opt(&term)?;
        if let Some(name) = chosen.and_then(|chosen| names.get(chosen)) {
            term.write_line(&format!("{question} {name}"))?;
        }
        Ok(chosen)
    })
    .await
}

/// Prompts without an added colon.
struct Plain;

impl Theme for Plain {
    fn format_select_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        f.write_str(prompt)
    }
}

/// Prompts for a line of hidden text. An empty line may also be the end of the input.
///
/// # Errors
/// The same as [`text`].
pub async fn hidden(question: &str) -> Result<String> {
    let question = question.to_owned();
    ask(Echo::ByTerminal, move || {
        Ok(Some(Password::new().with_prompt(question).allow_empty_password(true).interact()?))
    })
    .await
}

/// Reads a line key by key, because dialoguer's text prompt ignores Esc and Ctrl-D.
fn read_text(term: &Term, question: &str) -> io::Result<Option<String>> {
    let mut text = String::new();
    term.write_str(question)?;
    loop {
        match term.read_key_raw()? {
            Key::Enter => {
                term.write_line("")?;
                return Ok(Some(text));
            }
            Key::CtrlC | Key::Escape | Key::Char(END_OF_INPUT) => return Ok(None),
            Key::Backspace => {
                if let Some(last) = text.pop() {
                    term.clear_chars(measure_text_width(last.encode_utf8(&mut [0; 4])))?;
                }
            }
            Key::Char(KILL_LINE) => {
                term.clear_chars(measure_text_width(&text))?;
                text.clear();
            }
            Key::Char(character) if !character.is_control() => {
                text.push(character);
                term.write_str(character.encode_utf8(&mut [0; 4]))?;
            }
            _ => {}
        }
    }
}

/// Runs a prompt on its own thread. `None` means that the prompt was cancelled.
async fn ask<T: Send + 'static>(
    echo: Echo,
    prompt: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
) -> Result<T> {
    // If a signal arrives, this future is dropped while it waits, and `terminal` with it.
    let mut terminal = Terminal::take(echo);
    let answer = tokio::task::spawn_blocking(prompt).await.context("prompt interrupted")?;
    match answer {
        Ok(Some(answer)) => {
            terminal.is_answered = true;
            Ok(answer)
        }
        // Reading may fail on a closed terminal before SIGHUP arrives.
        Ok(None) | Err(_) if !io::stdin().is_terminal() => Err(interrupted_by(HANGUP)),
        Ok(None) => Err(interrupted_by(2)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Err(interrupted_by(2))
        }
        Err(error) => Err(anyhow::Error::new(error).context("cannot prompt here").into()),
    }
}

/// What echoes the typed text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    /// The prompt, key by key. The terminal's own echo is off between keys too, or pasted text would be shown
    /// twice.
    ByHand,
    /// The terminal, unless the text is hidden.
    ByTerminal,
}

/// Restores the terminal when it is dropped.
struct Terminal {
    is_answered: bool,
    #[cfg(unix)]
    before: Option<Termios>,
}

impl Terminal {
    #[cfg_attr(not(unix), expect(unused_variables, reason = "a Windows console echoes nothing"))]
    fn take(echo: Echo) -> Self {
        #[cfg(unix)]
        let before = tcgetattr(io::stdin()).ok();
        #[cfg(unix)]
        if let (Some(before), Echo::ByHand) = (&before, echo) {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
            set(&silent);
        }
        Self {
            is_answered: false,
            #[cfg(unix)]
            before,
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            // After a signal, the prompt's thread is still running and may change the modes once more.
            let times = if self.is_answered { 1 } else { 10 };
            for _ in 0..times {
                set(before);
                if times > 1 {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
        if !self.is_answered {
            // If this fails, the terminal is gone and nothing more can be done.
            let term = Term::stderr();
            let _ = term.show_cursor();
            let _ = term.write_line("");
        }
    }
}

/// Errors are ignored: the terminal is gone, or pasted text is shown twice.
#[cfg(unix)]
fn set(modes: &Termios) {
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
}
