//! Questions to the person at the terminal, on standard error: the one place that knows dialoguer,
//! and that decides whether anybody may be asked. What an answer is for is left to others.
//!
//! A question waits on a thread of its own, so that signals are heard meanwhile. However it ends,
//! the terminal is as it was: the cursor can be seen, and what is typed can be read.

use crate::config::{is_ci, variable};
use crate::error::Result;
use crate::escape::untrusted;
use crate::terminal::signal::interrupted_by;
use anyhow::Context as _;
use dialoguer::console::{Key, Term, measure_text_width};
use dialoguer::{Confirm, Password};
#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal as _};
#[cfg(unix)]
use std::time::Duration;
#[cfg(unix)]
use tokio::task::AbortHandle;

/// How often a hidden question is asked that gets no answer. Enter and the end of the input cannot
/// be told apart there, and it must not be asked for ever.
const PATIENCE: u32 = 3;

/// Ctrl-D, and Ctrl-U, which takes back all that was typed.
const END_OF_INPUT: char = '\u{4}';
const KILL_LINE: char = '\u{15}';

/// Whether anybody may be asked: somebody sits at a terminal, and nothing forbids it.
pub fn may_ask(no_input: bool, json: bool) -> bool {
    let is_dumb = variable("TERM").is_some_and(|terminal| terminal == "dumb");
    let forbidden = no_input || json || is_dumb || is_ci();
    !forbidden && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a line of text. Enter alone gives the default, if there is one.
///
/// # Errors
/// Interrupted after Ctrl-C, Ctrl-D, Esc, or when the terminal goes away.
pub async fn text(question: &str, default: Option<&str>) -> Result<String> {
    let offered = default.map_or_else(String::new, |default| format!(" [{}]", untrusted(default)));
    let question = format!("{question}{offered}: ");
    let answer = ask(Echo::ByHand, move || read_text(&Term::stderr(), &question)).await?;
    Ok(match default {
        Some(default) if answer.is_empty() => default.to_owned(),
        _ => answer,
    })
}

/// Asks a question whose answer is yes or no; Enter alone gives the default.
///
/// # Errors
/// As those of [`text`].
pub async fn yes_or_no(question: &str, default: bool) -> Result<bool> {
    let question = question.to_owned();
    ask(Echo::ByHand, move || {
        Ok(Confirm::new().with_prompt(question).default(default).interact_opt()?)
    })
    .await
}

/// Asks for a line of text that stays hidden; never gives back an empty one.
///
/// # Errors
/// As those of [`text`], and when nothing is entered three times.
pub async fn hidden(question: &str) -> Result<String> {
    let question = question.to_owned();
    ask(Echo::ByTerminal, move || {
        for _ in 0..PATIENCE {
            let password = Password::new().with_prompt(&question).allow_empty_password(true);
            let answer = password.interact()?;
            if !answer.is_empty() {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    })
    .await
}

/// dialoguer's own question for text hears neither Esc nor Ctrl-D.
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

/// Asks on a thread of its own. `None` is a question left without an answer.
async fn ask<T: Send + 'static>(
    echo: Echo,
    question: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
) -> Result<T> {
    // If a signal comes, this function is dropped while it waits, and the terminal with it.
    let mut terminal = Terminal::take(echo);
    let question = tokio::task::spawn_blocking(question);
    #[cfg(unix)]
    {
        terminal.question = Some(question.abort_handle());
    }
    let answer = question.await.context("the question was interrupted")?;
    match answer {
        Ok(Some(answer)) => {
            terminal.is_answered = true;
            Ok(answer)
        }
        Ok(None) => Err(interrupted_by(2)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Err(interrupted_by(2))
        }
        Err(error) => Err(anyhow::Error::new(error).context("cannot show prompts here").into()),
    }
}

/// Who shows what is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    /// The question itself, key by key. The terminal is silent between two keys, too, or a
    /// pasted text would be seen twice.
    ByHand,
    /// The terminal, or nobody.
    ByTerminal,
}

/// Puts the terminal back as it was.
struct Terminal {
    is_answered: bool,
    /// Tells whether the question's thread is at its end.
    #[cfg(unix)]
    question: Option<AbortHandle>,
    #[cfg(unix)]
    modes: Option<Modes>,
}

impl Terminal {
    #[cfg_attr(not(unix), expect(unused_variables, reason = "a Windows console echoes nothing"))]
    fn take(echo: Echo) -> Self {
        Self {
            is_answered: false,
            #[cfg(unix)]
            question: None,
            #[cfg(unix)]
            modes: Modes::take(echo),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(modes) = &self.modes {
            let is_over = || self.question.as_ref().is_none_or(AbortHandle::is_finished);
            modes.put_back(is_over);
        }
        if !self.is_answered {
            // Nothing more can be done if this fails: the terminal is gone.
            let term = Term::stderr();
            let _ = term.show_cursor();
            let _ = term.write_line("");
        }
    }
}

/// The terminal's modes before the question, and those it begins with.
#[cfg(unix)]
struct Modes {
    before: Termios,
    begin: Termios,
}

#[cfg(unix)]
impl Modes {
    fn take(echo: Echo) -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut begin = before.clone();
        if echo == Echo::ByHand {
            begin.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        }
        let modes = Self { before, begin };
        Self::set(&modes.begin);
        Some(modes)
    }

    /// A question that a signal broke off has a thread that goes on: it may be just about to set
    /// modes of its own, or, woken by the signal, to put back those it began with. From then on it
    /// only waits for a key.
    fn put_back(&self, is_over: impl Fn() -> bool) {
        const STEP: Duration = Duration::from_millis(1);
        let local_modes = || tcgetattr(io::stdin()).ok().map(|modes| modes.local_modes);
        for _ in 0..500 {
            if is_over() || local_modes() != Some(self.begin.local_modes) {
                break;
            }
            std::thread::sleep(STEP);
        }
        for _ in 0..20 {
            if is_over() {
                break;
            }
            Self::set(&self.before);
            std::thread::sleep(STEP);
        }
        Self::set(&self.before);
    }

    /// If it fails, the terminal is gone, or a pasted text is seen twice.
    fn set(modes: &Termios) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
    }
}
