//! Ctrl-C, SIGTERM and closing the terminal stop the program, each with its own exit code; on Windows, so do
//! Ctrl-Break and closing the console. A signal that was ignored at the start (`nohup`, `&` in a script)
//! stays ignored. A file size limit does not stop the program.
//!
//! Signals are handled on a separate thread, because the main thread may never yield. If the program is still
//! running after [`GRACE`], that thread ends it.

use crate::error::{Error, Kind, Result};
use std::io;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::watch;

/// Time for an orderly exit: the program promises to end within one second.
const GRACE: Duration = Duration::from_millis(850);

/// Time to print the error before a forced exit.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// The number of the received signal. Set once, by [`install`].
static SIGNAL: OnceLock<watch::Receiver<Option<u8>>> = OnceLock::new();

/// The error for a signal: 2 is Ctrl-C and Ctrl-Break, 1 is SIGHUP, 15 is SIGTERM and a closed console.
pub fn interrupted_by(signal: u8) -> Error {
    Error::new(Kind::Interrupted(signal), "interrupted")
}

/// Installs the handlers for the rest of the run, and returns when they are active. `last_words` is called
/// with the error before a forced exit.
pub fn install(last_words: impl FnOnce(&Error) + Send + 'static) -> Result<()> {
    let (ready, is_ready) = mpsc::sync_channel(1);
    let (tell, signal) = watch::channel(None);
    let listen = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        runtime.block_on(async move {
            let first = match first_signal() {
                Ok(first) => first,
                Err(error) => return drop(ready.send(Err(error))),
            };
            drop(ready.send(Ok(())));
            let number = first.await;
            tell.send_replace(Some(number));
            std::thread::sleep(GRACE);
            let error = interrupted_by(number);
            let kind = error.kind;
            // Standard error may block, which must not delay the exit.
            std::thread::spawn(move || last_words(&error));
            std::thread::sleep(LAST_WORDS);
            end(kind);
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map_err(in_words)?;
    is_ready.recv().map_err(|error| anyhow::Error::new(error).into()).and_then(|installed| {
        installed.map_err(in_words)?;
        SIGNAL.get_or_init(|| signal);
        Ok(())
    })
}

fn in_words(error: io::Error) -> Error {
    Error::from(anyhow::Error::new(error).context("cannot handle signals"))
}

#[expect(clippy::exit, reason = "the main thread is in work that does not yield")]
fn end(kind: Kind) -> ! {
    std::process::exit(kind.exit_code().into())
}

/// Waits for a signal; returns immediately if one has already arrived.
pub async fn interrupted() -> u8 {
    let Some(mut signal) = SIGNAL.get().cloned() else { return std::future::pending().await };
    let number = signal.wait_for(Option::is_some).await.ok().and_then(|number| *number);
    match number {
        Some(number) => number,
        None => std::future::pending().await,
    }
}

/// Fails if a signal has arrived. For code that works in steps without waiting.
pub fn check() -> Result<()> {
    let number = SIGNAL.get().and_then(|signal| *signal.borrow());
    number.map_or(Ok(()), |number| Err(interrupted_by(number)))
}

/// Runs `work` until it ends or a signal arrives.
pub async fn until_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        signal = interrupted() => Err(interrupted_by(signal)),
        result = work => result,
    }
}

/// Makes writes beyond the file size limit (`ulimit -f`) fail as on a full disk. By default, the signal
/// SIGXFSZ ends the process. Windows has no such signal.
pub fn outlive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The handler stays after its listener is dropped. If installing it fails, nothing changes.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
    }
}

/// Turns core dumps off: the key and the links are in memory, and a dump would write them to disk.
pub fn dump_no_core() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Resource, Rlimit};
        use rustix::process::{getrlimit, set_dumpable_behavior, setrlimit};
        // A strict container may reject either call. Programs that receive dumps through a pipe ignore the
        // limit, and root can still attach a debugger.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let maximum = getrlimit(Resource::Core).maximum;
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    }
}

#[cfg(unix)]
fn first_signal() -> io::Result<impl Future<Output = u8>> {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    let ignored = ignored_signals();
    let listen = |which: Signal| {
        let number = which.as_raw();
        let is_ignored = ignored >> (number - 1) & 1 == 1;
        (!is_ignored).then(|| signal(SignalKind::from_raw(number))).transpose()
    };
    let mut interrupt = listen(Signal::INT)?;
    let mut terminate = listen(Signal::TERM)?;
    // Only Linux shows whether SIGHUP was ignored, so its handling is left unchanged on other systems.
    let mut hang_up = if cfg!(target_os = "linux") { listen(Signal::HUP)? } else { None };
    Ok(async move {
        async fn next(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = next(&mut interrupt) => 2,
            () = next(&mut terminate) => 15,
            () = next(&mut hang_up) => 1,
        }
    })
}

/// The signals that were ignored when the program started, as a bit mask. Call this before any handler is
/// installed. Only Linux provides this without unsafe code.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/status").unwrap_or_default()
    } else {
        String::new()
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(not(unix))]
fn first_signal() -> io::Result<impl Future<Output = u8>> {
    use tokio::signal::windows;
    let (mut interrupt, mut break_off) = (windows::ctrl_c()?, windows::ctrl_break()?);
    // The console window is closed, or the computer shuts down.
    let (mut close, mut shutdown) = (windows::ctrl_close()?, windows::ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => 2,
            _ = break_off.recv() => 2,
            _ = close.recv() => 15,
            _ = shutdown.recv() => 15,
        }
    })
}
