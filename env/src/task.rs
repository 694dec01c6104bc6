//! Tasks: work that ends with its handle unless it is let go.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A running task; dropping it aborts the task at its next await.
#[derive(Debug)]
pub struct Task<T>(Option<tokio::task::JoinHandle<T>>);

impl<T> Task<T> {
    /// Lets the task run on its own.
    pub fn detach(mut self) {
        self.0 = None;
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(tokio::task::JoinHandle::is_finished)
    }

    /// Stops the task at its next await.
    pub fn abort(&self) {
        if let Some(handle) = &self.0 {
            handle.abort();
        }
    }
}

impl<T> Future for Task<T> {
    /// `None` when the task was aborted or panicked.
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut self.0 {
            Some(handle) => Pin::new(handle).poll(cx).map(Result::ok),
            None => Poll::Ready(None),
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.abort();
    }
}

pub(crate) fn spawn<F>(_name: &'static str, future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Task(Some(tokio::spawn(future)))
}

#[allow(clippy::disallowed_methods)] // This is the one place that may ask.
pub(crate) async fn run_blocking<F, T>(work: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(output) => output,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down and drops its blocking queue: nobody is left to hear the answer.
            Err(_) => std::future::pending().await,
        },
    }
}
