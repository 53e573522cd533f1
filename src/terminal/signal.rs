//! Ctrl-C and SIGTERM, and on Windows Ctrl-Break and the closing of the console, end whatever is
//! going on, with an exit code of their own. A file size limit does not.

use crate::error::{Error, Kind, Result};

/// A signal stopped the program: 2 is Ctrl-C and Ctrl-Break, 15 SIGTERM and a closed console.
pub fn interrupted_by(signal: u8) -> Error {
    Error::new(Kind::Interrupted(signal), "interrupted")
}

/// Runs `work` until it ends or a signal comes.
pub async fn until_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let signal = interrupted().map_err(anyhow::Error::from)?;
    tokio::select! {
        biased;
        signal = signal => Err(interrupted_by(signal)),
        result = work => result,
    }
}

/// From now on a file that may not grow fails as on a full disk, where the system would else end
/// the process (`ulimit -f`). Other systems have no such signal.
pub fn outlive_file_size_limit() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // A handler stays when what listens to it goes. Without one, all is as it was.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
    }
}

#[cfg(unix)]
fn interrupted() -> std::io::Result<impl Future<Output = u8>> {
    use tokio::signal::unix::{SignalKind, signal};
    // The handlers are in place before anything can take time.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    })
}

#[cfg(not(unix))]
fn interrupted() -> std::io::Result<impl Future<Output = u8>> {
    use tokio::signal::windows;
    let (mut interrupt, mut break_off) = (windows::ctrl_c()?, windows::ctrl_break()?);
    // The console's window is closed, or the computer shuts down.
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
