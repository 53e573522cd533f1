//! The desktop's browser and clipboard. Windows and macOS have their own clipboard; other systems use a
//! clipboard program of the desktop, or the terminal. Copied text is never in a process's arguments, and
//! programs started here do not inherit the API key.

use crate::settings::SECRETS;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The result of copying a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// The text is on the clipboard.
    ToClipboard,
    /// The terminal was asked to copy the text; it does not confirm that.
    #[cfg_attr(
        any(windows, target_vendor = "apple"),
        expect(dead_code, reason = "used only on platforms without their own clipboard")
    )]
    AskedTerminal,
}

/// Copies a text to the clipboard. The error is the end of a sentence.
pub fn copy(text: &str) -> Result<Copied, String> {
    platform::copy(text)
}

/// Opens a link in the browser. Returns whether a program accepted it.
pub fn open(link: &str) -> bool {
    /// A program that fails within this time has not opened anything. A program that is still running is the
    /// browser, or waits for it.
    const FAILS_WITHIN: Duration = Duration::from_millis(500);
    open::commands(link).into_iter().any(|mut command| {
        let started = start(&mut command, Stdio::null());
        // Explorer's exit status is meaningless.
        started.is_ok_and(|mut child| {
            cfg!(windows) || ended_well(&mut child, FAILS_WITHIN) != Some(false)
        })
    })
}

/// Starts a program without this one's secrets and streams: processes that it leaves running would keep the
/// streams open.
fn start(command: &mut Command, stdin: Stdio) -> io::Result<Child> {
    for name in SECRETS {
        command.env_remove(name);
    }
    #[cfg(unix)]
    // Ctrl-C must not stop the browser.
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// Whether a program succeeded; `None` if it is still running after this time.
fn ended_well(child: &mut Child, within: Duration) -> Option<bool> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Err(_) => return Some(false),
            Ok(None) if start.elapsed() > within => return None,
            Ok(None) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[cfg(any(windows, target_vendor = "apple"))]
mod platform {
    use super::Copied;

    pub(super) fn copy(text: &str) -> Result<Copied, String> {
        let copied = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text));
        copied
            .map(|()| Copied::ToClipboard)
            .map_err(|error| format!("cannot use the clipboard: {error}"))
    }
}

#[cfg(not(any(windows, target_vendor = "apple")))]
mod platform {
    use super::{Copied, ended_well, start};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use std::io::{self, IsTerminal as _, Write as _};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    /// Clipboard programs, each with the variable that its desktop sets. Each one exits and leaves a process
    /// that serves the text for as long as it is on the clipboard.
    const PROGRAMS: [(&str, &str, &[&str]); 3] = [
        ("WAYLAND_DISPLAY", "wl-copy", &["--type", "text/plain"]),
        ("DISPLAY", "xclip", &["-selection", "clipboard", "-in"]),
        ("DISPLAY", "xsel", &["--clipboard", "--input"]),
    ];

    /// Time limit for such a program.
    const PATIENCE: Duration = Duration::from_secs(3);

    pub(super) fn copy(text: &str) -> Result<Copied, String> {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mut failed = None;
        for (_, program, arguments) in PROGRAMS.iter().filter(|(name, ..)| is_set(name)) {
            match give_to(program, arguments, text) {
                Ok(true) => return Ok(Copied::ToClipboard),
                Ok(false) => failed = Some(format!("{program} failed")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => failed = Some(format!("cannot run {program}: {error}")),
            }
        }
        if io::stderr().is_terminal() {
            return ask_terminal(text);
        }
        Err(failed.unwrap_or_else(|| {
            "no clipboard found; on Linux, install wl-copy, xclip or xsel".to_owned()
        }))
    }

    /// Whether the program accepted the text.
    fn give_to(program: &str, arguments: &[&str], text: &str) -> io::Result<bool> {
        let mut child = start(Command::new(program).args(arguments), Stdio::piped())?;
        if let Some(mut stdin) = child.stdin.take() {
            // If the program exits without reading, its status shows that.
            let _ = stdin.write_all(text.as_bytes());
        }
        if let Some(is_well) = ended_well(&mut child, PATIENCE) {
            return Ok(is_well);
        }
        child.kill()?;
        child.wait()?;
        Ok(false)
    }

    /// OSC 52, which most terminals support, over SSH too. None of them confirms it.
    fn ask_terminal(text: &str) -> Result<Copied, String> {
        let mut stderr = io::stderr().lock();
        let sequence = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
        let written = stderr.write_all(sequence.as_bytes()).and_then(|()| stderr.flush());
        written
            .map(|()| Copied::AskedTerminal)
            .map_err(|error| format!("cannot write to the terminal: {error}"))
    }
}
