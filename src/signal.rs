//! Ctrl-C and SIGTERM end whatever is going on, with an exit code of their own.

/// A signal asked the program to stop.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted {
    /// The signal's number: 2 for Ctrl-C, 15 for SIGTERM.
    pub signal: u8,
}

/// Runs `work` until it ends or a signal comes.
pub async fn until_interrupted<T>(
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let signal = interrupted()?;
    tokio::select! {
        biased;
        signal = signal => Err(Interrupted { signal }.into()),
        result = work => result,
    }
}

/// From now on a file that may grow no further fails as a full disk does, and the program goes on.
///
/// # Errors
/// When the system takes no handler for the signal.
#[cfg(unix)]
pub fn outlive_file_size_limit() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let number = rustix::process::Signal::XFSZ.as_raw();
    signal(SignalKind::from_raw(number)).map(drop)
}

/// Other systems have no such signal.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub fn outlive_file_size_limit() -> std::io::Result<()> {
    Ok(())
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
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        2
    })
}
