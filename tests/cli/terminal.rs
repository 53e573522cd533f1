//! The program on a real pseudo-terminal, with typed input.
#![cfg(unix)]

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};

use crate::support::{KEY_MARKS, Run};

/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

const SHOW_CURSOR: &str = "\u{1b}[?25h";
const HIDE_CURSOR: &str = "\u{1b}[?25l";

type Screen = Arc<(Mutex<String>, Condvar)>;

/// A terminal with the program running on it.
pub(crate) struct Terminal {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    screen: Screen,
    reader: JoinHandle<()>,
    /// How much of the screen `wait_for` has read.
    read: usize,
    modes: String,
}

/// The result after the program has ended.
pub(crate) struct Session {
    pub(crate) code: u32,
    pub(crate) screen: String,
}

impl Terminal {
    /// Starts a run with all three streams on the terminal.
    pub(crate) fn start(run: &Run<'_>) -> Self {
        Self::spawn(&run.command())
    }

    /// Starts a run with some streams redirected in shell syntax, such as `> out`.
    pub(crate) fn start_redirected(run: &Run<'_>, redirection: &str) -> Self {
        let direct = run.command();
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("exec \"$0\" \"$@\" {redirection}"));
        shell.arg(direct.get_program()).args(direct.get_args()).env_clear();
        shell.envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(direct.get_current_dir().unwrap());
        Self::spawn(&shell)
    }

    fn spawn(command: &Command) -> Self {
        let size = PtySize { rows: 40, cols: 200, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            builder.env(name, value.unwrap());
        }
        builder.env("NO_COLOR", "1");
        builder.cwd(command.get_current_dir().unwrap());
        let modes = modes(&pair);
        let child = pair.slave.spawn_command(builder).unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let screen = Screen::default();
        let reader = watch(pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
        Self { pair, child, keyboard, screen, reader, read: 0, modes }
    }

    /// Waits until this text is on the screen, after the text that it last waited for.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        let (screen, changed) = &*self.screen;
        let shown = screen.lock().unwrap();
        let (shown, _) = changed
            .wait_timeout_while(shown, PATIENCE, |shown| !shown[self.read..].contains(text))
            .unwrap();
        let Some(place) = shown[self.read..].find(text) else {
            panic!("waited for {text:?}, seen:\n{shown}");
        };
        self.read += place + text.len();
        drop(shown);
        self
    }

    /// Types exactly this text.
    pub(crate) fn keys(&mut self, text: &str) -> &mut Self {
        self.keyboard.write_all(text.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Types text and Enter.
    pub(crate) fn line(&mut self, text: &str) -> &mut Self {
        self.keys(&format!("{text}\r"))
    }

    /// Waits until typing is hidden and all earlier input is discarded.
    pub(crate) fn wait_until_hidden(&mut self) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while modes(&self.pair) == self.modes {
            assert!(Instant::now() < deadline, "what is typed can be seen");
            thread::sleep(Duration::from_millis(2));
        }
        self
    }

    /// Waits for a hidden prompt, and answers it.
    #[track_caller]
    pub(crate) fn answer_hidden(&mut self, question: &str, answer: &str) -> &mut Self {
        self.wait_for(question).wait_until_hidden().line(answer).wait_for("[hidden]\r\n")
    }

    /// Sends a signal such as `TERM` to the program.
    pub(crate) fn signal(&mut self, name: &str) -> &mut Self {
        let line = format!("kill -{name} {}", self.child.process_id().unwrap());
        assert!(Command::new("/bin/sh").arg("-c").arg(line).status().unwrap().success());
        self
    }

    /// Waits for the end. The terminal must then be restored, and show no key.
    #[track_caller]
    pub(crate) fn end(mut self) -> Session {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                panic!("it hangs:\n{}", self.screen.0.lock().unwrap());
            }
            thread::sleep(Duration::from_millis(3));
        };
        assert_eq!(modes(&self.pair), self.modes, "the terminal is not as it was");
        drop(self.pair.slave);
        self.reader.join().unwrap();
        let screen = self.screen.0.lock().unwrap().clone();
        assert!(screen.rfind(SHOW_CURSOR) >= screen.rfind(HIDE_CURSOR), "no cursor:\n{screen}");
        for mark in KEY_MARKS {
            assert!(!screen.contains(mark), "a key can be seen:\n{screen}");
        }
        Session { code: status.exit_code(), screen }
    }
}

impl Session {
    /// This exit code, and all of these texts on the screen.
    #[track_caller]
    pub(crate) fn ended(&self, code: u32, texts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "seen:\n{}", self.screen);
        for text in texts {
            assert!(self.screen.contains(text), "expected {text:?}, seen:\n{}", self.screen);
        }
        self
    }

    /// None of these texts on the screen.
    #[track_caller]
    pub(crate) fn without(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(!self.screen.contains(text), "expected no {text:?}, seen:\n{}", self.screen);
        }
        self
    }
}

/// The modes of the terminal, such as echo, line buffering and keys that send signals.
fn modes(pair: &PtyPair) -> String {
    format!("{:?}", pair.master.get_termios().unwrap().local_flags)
}

fn watch(mut output: Box<dyn Read + Send>, screen: Screen) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut unfinished = Vec::new();
        let mut bytes = [0; 4096];
        // On Linux, reading at the end of a terminal is an error.
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            unfinished.extend_from_slice(&bytes[..count]);
            let whole = match std::str::from_utf8(&unfinished) {
                Ok(_) => unfinished.len(),
                Err(error) => error.valid_up_to(),
            };
            let text: Vec<u8> = unfinished.drain(..whole).collect();
            screen.0.lock().unwrap().push_str(&String::from_utf8(text).unwrap());
            screen.1.notify_all();
        }
    })
}
