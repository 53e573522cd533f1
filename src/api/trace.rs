//! Tracks how far one attempt got: whether any of its request may have been sent. A connection may
//! be reused, or opened for another request meanwhile, so each attempt is tracked separately.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

tokio::task_local! {
    /// The attempt being polled. Its connection starts, and usually completes, during the poll.
    static CURRENT: Trace;
}

/// What is known about one attempt.
#[derive(Clone, Default)]
pub struct Trace(Arc<Steps>);

#[derive(Default)]
struct Steps {
    /// Its own connection was started.
    connecting: AtomicBool,
    /// That connection was established, including TLS.
    connected: AtomicBool,
    /// The body was taken for sending, over any connection.
    taken: AtomicBool,
}

impl Trace {
    /// Runs an attempt and records its connection here.
    pub async fn follow<T>(&self, attempt: impl Future<Output = T>) -> T {
        CURRENT.scope(self.clone(), attempt).await
    }

    /// Records that a connection was started.
    pub fn connecting() {
        note(|steps| &steps.connecting);
    }

    /// Records that a connection was established.
    pub fn connected() {
        note(|steps| &steps.connected);
    }

    /// A body that records when it is taken for sending.
    pub fn body(&self, text: &str) -> reqwest::Body {
        let bytes = Some(Bytes::copy_from_slice(text.as_bytes()));
        reqwest::Body::wrap(Followed { bytes, trace: self.clone() })
    }

    /// Whether anything may have been sent. An attempt without its own connection used an existing
    /// one.
    pub fn may_be_sent(&self) -> bool {
        let is_set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let Steps { connecting, connected, taken } = &*self.0;
        is_set(taken) || is_set(connected) || !is_set(connecting)
    }
}

/// A connection that no attempt waits for any more is not recorded.
fn note(step: impl Fn(&Steps) -> &AtomicBool) {
    let _ = CURRENT.try_with(|trace| step(&trace.0).store(true, Ordering::Relaxed));
}

/// The whole body in one frame.
struct Followed {
    bytes: Option<Bytes>,
    trace: Trace,
}

impl Body for Followed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.trace.0.taken.store(true, Ordering::Relaxed);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_attempt_is_tracked_separately() {
        let (first, second, pooled) = (Trace::default(), Trace::default(), Trace::default());
        first.follow(async { (Trace::connecting(), Trace::connected()) }).await;
        second.follow(async { Trace::connecting() }).await;
        Trace::connected();
        assert!(first.may_be_sent());
        assert!(!second.may_be_sent(), "it never got a connection");
        assert!(pooled.may_be_sent(), "it went over an older connection");
    }

    #[tokio::test]
    async fn an_attempt_over_another_attempts_connection_counts_as_sent() {
        let trace = Trace::default();
        trace.follow(async { Trace::connecting() }).await;
        let mut body = Followed { bytes: Some(Bytes::from_static(b"{}")), trace: trace.clone() };
        assert!(!trace.may_be_sent());
        assert!(matches!(
            Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop())),
            Poll::Ready(Some(Ok(_)))
        ));
        assert!(trace.may_be_sent() && body.is_end_stream());
    }
}
