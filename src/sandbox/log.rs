//! What the sandbox tells of its doings: finished lines, for somebody else to print.

use tokio::sync::mpsc::UnboundedSender;

/// Where lines go, if anywhere.
#[derive(Debug, Clone)]
pub(super) struct Log(Option<UnboundedSender<String>>);

impl Log {
    pub(super) fn new(sender: Option<UnboundedSender<String>>) -> Self {
        Self(sender)
    }

    /// Sends a line, which is only made when somebody listens. It must begin with a word of
    /// ours and hold foreign text only through [`untrusted`](crate::escape::untrusted).
    pub(super) fn line(&self, line: impl FnOnce() -> String) {
        if let Some(sender) = &self.0 {
            // Nobody listens any more: then there is nobody to tell either.
            let _ = sender.send(line());
        }
    }
}
