//! `TestEnv`: a separate home for every test, and a way to run the binary in it.
//!
//! None of the caller's environment reaches the program. The output of a run and the checks after
//! it are in `seen`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::seen::{self, Output};

/// Parts of every key. Any eight consecutive characters of either one on a stream are a leak.
pub(crate) const KEY_MARKS: [&str; 2] = ["kc7Qw9ZxV3", "Lm4Vb8TnG6"];

/// The key of every run that does not set another.
pub(crate) const KEY: &str = "kc7Qw9ZxV3-default-Lm4Vb8TnG6";

/// The longest that a run may take unless it sets its own limit, so that nothing hangs.
const PATIENCE: Duration = Duration::from_secs(40);

/// A unique key for one source, recognised as a secret on any stream.
pub(crate) fn key(name: &str) -> String {
    format!("{}-{name}-{}", KEY_MARKS[0], KEY_MARKS[1])
}

/// A cleared environment with its own home, settings, state and current folder.
pub(crate) struct TestEnv {
    root: TempDir,
    variables: RefCell<BTreeMap<String, OsString>>,
}

impl TestEnv {
    /// The key is in `LESSONSPACE_API_KEY`, the time zone is UTC, and no API URL is set.
    pub(crate) fn new() -> Self {
        let env = Self { root: TempDir::new().unwrap(), variables: RefCell::default() };
        for folder in ["home", "config/lessonspace", "state", "cache", "work", "bin", "tmp"] {
            fs::create_dir_all(env.root.path().join(folder)).unwrap();
        }
        for (name, folder) in [
            ("HOME", "home"),
            ("USERPROFILE", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("APPDATA", "config"),
            ("XDG_STATE_HOME", "state"),
            ("LOCALAPPDATA", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("TMPDIR", "tmp"),
            ("PATH", "bin"),
        ] {
            env.set(name, env.path(folder));
        }
        env.set("TZ", "UTC");
        env.set("LESSONSPACE_API_KEY", KEY);
        // Required by Windows and by coverage measurement.
        for name in ["SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                env.set(name, value);
            }
        }
        env
    }

    /// An environment whose API is at `url`.
    pub(crate) fn at(url: &str) -> Self {
        let env = Self::new();
        env.set("LESSONSPACE_API_URL", url);
        env
    }

    /// Sets an environment variable for all later runs.
    pub(crate) fn set(&self, name: &str, value: impl AsRef<OsStr>) -> &Self {
        self.variables.borrow_mut().insert(name.to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes an environment variable for all later runs.
    pub(crate) fn unset(&self, name: &str) -> &Self {
        self.variables.borrow_mut().remove(name);
        self
    }

    /// A path below this test's folder; `work/` is the current folder of every run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name.split('/').collect::<PathBuf>())
    }

    /// Writes a file into the current folder of the runs.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("work").join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes `config.toml`, readable only by its owner.
    pub(crate) fn config(&self, content: &str) -> PathBuf {
        let path = self.path("config/lessonspace/config.toml");
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// Puts a small shell script into the only folder of `PATH`. On systems without a shell, it can
    /// only stand for a program that must not run.
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        set_mode(&path, 0o755);
        path
    }

    /// Runs the binary with arguments split at spaces.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.cmd(line).run()
    }

    /// Prepares a run with arguments split at spaces; `Run::arg` adds those that contain spaces.
    pub(crate) fn cmd(&self, line: &str) -> Run<'_> {
        Run {
            env: self,
            arguments: line.split_whitespace().map(OsString::from).collect(),
            variables: Vec::new(),
            input: Input::Nothing,
            patience: PATIENCE,
        }
    }
}

/// The program's stdin.
enum Input {
    Nothing,
    Bytes(Vec<u8>),
    Silence,
}

/// One run of the binary, not yet started.
pub(crate) struct Run<'env> {
    env: &'env TestEnv,
    arguments: Vec<OsString>,
    variables: Vec<(String, OsString)>,
    input: Input,
    patience: Duration,
}

impl Run<'_> {
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: &[S]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(crate) fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.input = Input::Bytes(bytes.as_ref().to_owned());
        self
    }

    /// stdin stays open and silent, so that reading it hangs.
    pub(crate) fn silent_stdin(mut self) -> Self {
        self.input = Input::Silence;
        self
    }

    /// Sets a longer limit for a slow run.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The command with its environment, for tests that set up the streams themselves.
    pub(crate) fn command(&self) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_lessonspace"))
    }

    /// The same with a copy of the binary.
    pub(crate) fn command_of(&self, binary: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(binary);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.env.variables.borrow().iter())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.env.path("work"))
            .stdin(match self.input {
                Input::Nothing => Stdio::null(),
                Input::Bytes(_) | Input::Silence => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end within its time limit, and makes the checks that every run must pass.
    pub(crate) fn run(mut self) -> Output {
        let mut child = start(&mut self.command());
        let pipe = child.stdin.take();
        let input = std::mem::replace(&mut self.input, Input::Nothing);
        let silence = match (input, pipe) {
            (Input::Bytes(bytes), Some(mut pipe)) => {
                // A program that does not read its stdin closes the pipe, which is fine.
                thread::spawn(move || drop(pipe.write_all(&bytes)));
                None
            }
            (_, pipe) => pipe,
        };
        let output = self.finish(child);
        drop(silence);
        output
    }

    /// Waits for a started program, as `run` does.
    pub(crate) fn finish(&self, mut child: Child) -> Output {
        let stdout = child.stdout.take().map(seen::collect);
        let stderr = child.stderr.take().map(seen::collect);
        let deadline = Instant::now() + self.patience;
        let (status, hung) = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break (status, false);
            }
            if Instant::now() > deadline {
                child.kill().unwrap();
                break (child.wait().unwrap(), true);
            }
            thread::sleep(Duration::from_millis(3));
        };
        let text = |stream: Option<thread::JoinHandle<Vec<u8>>>| {
            stream.map_or_else(Vec::new, |stream| stream.join().unwrap())
        };
        let output = Output::new(&self.arguments, status, text(stdout), text(stderr));
        assert!(!hung, "hung for {:?}\n{output}", self.patience);
        output.check_every_time(&self.arguments);
        for folder in ["config", "state", "cache", "home", "tmp"] {
            seen::check_folder(&self.env.path(folder));
        }
        output
    }
}

/// Starts a program. Under load, Wine sometimes fails with `ERROR_INTERNAL_ERROR`. The program
/// cannot cause that, because it is not running yet.
fn start(command: &mut Command) -> Child {
    const INTERNAL_ERROR: i32 = 1359;
    let first = command.spawn();
    if cfg!(windows) && first.as_ref().is_err_and(|e| e.raw_os_error() == Some(INTERNAL_ERROR)) {
        return command.spawn().unwrap();
    }
    first.unwrap()
}

/// Sets a file's mode; does nothing on Windows.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}
