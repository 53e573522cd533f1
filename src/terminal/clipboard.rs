//! The clipboard: the platform's own on Windows and macOS; elsewhere that of the desktop, through its
//! own programs, else that of the terminal. What is copied never stands in a process's arguments.

/// Puts a text on the clipboard. The error says why that cannot be, as a sentence's end.
pub fn copy(text: &str) -> Result<(), String> {
    platform::copy(text)
}

#[cfg(any(windows, target_vendor = "apple"))]
mod platform {
    pub(super) fn copy(text: &str) -> Result<(), String> {
        let copied = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text));
        copied.map_err(|error| format!("the clipboard cannot be used: {error}"))
    }
}

#[cfg(not(any(windows, target_vendor = "apple")))]
mod platform {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use std::io::{self, IsTerminal as _, Write as _};
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    /// The programs of a desktop, and the variable that says that it is there. Each hands the text
    /// to a process of its own that keeps it for as long as it is on the clipboard, and ends.
    const PROGRAMS: [(&str, &str, &[&str]); 3] = [
        ("WAYLAND_DISPLAY", "wl-copy", &["--type", "text/plain"]),
        ("DISPLAY", "xclip", &["-selection", "clipboard", "-in"]),
        ("DISPLAY", "xsel", &["--clipboard", "--input"]),
    ];

    /// The longest that such a program may take.
    const PATIENCE: Duration = Duration::from_secs(3);

    pub(super) fn copy(text: &str) -> Result<(), String> {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let mut failed = None;
        for (_, program, arguments) in PROGRAMS.iter().filter(|(name, ..)| is_set(name)) {
            match hand_to(program, arguments, text) {
                Ok(true) => return Ok(()),
                Ok(false) => failed = Some(format!("{program} failed")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => failed = Some(format!("{program} cannot be used: {error}")),
            }
        }
        if io::stderr().is_terminal() {
            return tell_terminal(text);
        }
        Err(failed.unwrap_or_else(|| {
            "no clipboard was found; on Linux it needs wl-copy, xclip or xsel, or a terminal"
                .to_owned()
        }))
    }

    /// Whether the program took the text. Its streams are closed, or its process that keeps the text
    /// would hold those of this one open.
    fn hand_to(program: &str, arguments: &[&str], text: &str) -> io::Result<bool> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ends without reading says by its status what it thinks.
            let _ = stdin.write_all(text.as_bytes());
        }
        wait(&mut child)
    }

    fn wait(child: &mut Child) -> io::Result<bool> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            if start.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// OSC 52, which most terminals understand, over SSH too. None of them answers.
    fn tell_terminal(text: &str) -> Result<(), String> {
        let mut stderr = io::stderr().lock();
        let sequence = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
        let written = stderr.write_all(sequence.as_bytes()).and_then(|()| stderr.flush());
        written.map_err(|error| format!("the terminal cannot be written to: {error}"))
    }
}
