//! Whatever may wait, as a value that a host awaits in its own way.

use super::fork::{Guarded, generation};
use super::runtime::Runtime;
use crate::error::{Error, ErrorKind};
use futures_util::FutureExt as _;
use futures_util::task::noop_waker_ref;
use parking_lot::Mutex;
use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

const WAIT: &str = "wait for an operation";

type Running<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Something under way, or done already. Dropping it gives up the waiting; what that means, the call that returned it says.
///
/// A host either blocks a thread of its own with [`Self::wait`], or is told through [`Self::on_done`].
pub struct Operation<T> {
    state: State<T>,
    runtime: Option<Runtime>,
}

enum State<T> {
    Done(Result<T, Error>),
    /// What wakes it stayed with the parent when the process forked: in the child nobody may wait for it or end it.
    Running(Guarded<Running<T>>),
    Taken,
}

impl<T: Send + 'static> Operation<T> {
    /// An operation that needs no waiting.
    pub fn done(result: Result<T, Error>) -> Self {
        Self { state: State::Done(result), runtime: None }
    }

    /// Begins `future` on the calling thread, which often ends it, too; the rest runs where it is waited for.
    pub fn start(runtime: &Runtime, future: impl Future<Output = Result<T, Error>> + Send + 'static) -> Self {
        let future: Running<T> = Box::pin(guarded(future));
        let mut this = Self { state: State::Running(Guarded::new(future)), runtime: Some(runtime.clone()) };
        // What wakes it from here on is noticed by the next look, which registers a waker of its own.
        this.look(&mut Context::from_waker(noop_waker_ref()));
        this
    }

    /// As [`Self::start`], but sees itself through on the runtime even when the operation is dropped.
    pub fn detached(
        runtime: &Runtime,
        future: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Self {
        let task = runtime.handle().spawn(future);
        Self::start(runtime, async move {
            task.await.unwrap_or_else(|failed| match failed.try_into_panic() {
                Ok(panic) => Err(panicked(panic.as_ref())),
                Err(_) => Err(Error::closed(WAIT)),
            })
        })
    }

    /// The same operation with another outcome.
    pub fn map<U: Send + 'static>(self, change: impl FnOnce(T) -> U + Send + 'static) -> Operation<U> {
        let state = match self.state {
            State::Done(result) => State::Done(result.map(change)),
            State::Running(future) => match future.into_inner(WAIT) {
                Ok(future) => State::Running(Guarded::new(future.map(|result| result.map(change)).boxed())),
                Err(forked) => State::Done(Err(forked)),
            },
            State::Taken => State::Taken,
        };
        Operation { state, runtime: self.runtime }
    }

    fn look(&mut self, cx: &mut Context<'_>) -> bool {
        let State::Running(future) = &mut self.state else { return true };
        let future = match future.get_mut(WAIT) {
            Ok(future) => future,
            Err(forked) => {
                self.state = State::Done(Err(forked));
                return true;
            }
        };
        let _within = self.runtime.as_ref().map(|runtime| runtime.handle().enter());
        match future.as_mut().poll(cx) {
            Poll::Ready(result) => {
                self.state = State::Done(result);
                true
            }
            Poll::Pending => false,
        }
    }

    /// The outcome, if it is there. It is given once.
    pub fn try_take(&mut self) -> Option<Result<T, Error>> {
        if !matches!(self.state, State::Done(_)) {
            return None;
        }
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Done(result) => Some(result),
            State::Running(_) | State::Taken => None,
        }
    }

    /// Blocks the calling thread until the outcome is there, for `at_most` that long. `None`: not yet, call again. The
    /// outcome is given once; asking for it again is an error of kind `InvalidState`.
    ///
    /// Not to be called on a thread of the runtime.
    pub fn wait(&mut self, at_most: Duration) -> Option<Result<T, Error>> {
        if matches!(self.state, State::Taken) {
            return Some(Err(Error::new(ErrorKind::InvalidState, WAIT, "its outcome was taken before")));
        }
        if matches!(self.state, State::Running(_)) {
            let unpark = Unpark::of_this_thread();
            let waker = Waker::from(Arc::clone(&unpark));
            #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
            let deadline = Instant::now().checked_add(at_most);
            while !self.look(&mut Context::from_waker(&waker)) {
                if !unpark.park_until(deadline) {
                    return None;
                }
            }
        }
        self.try_take()
    }

    /// As [`Self::wait`] without an end: for operations that have a deadline of their own.
    pub fn wait_done(mut self) -> Result<T, Error> {
        loop {
            if let Some(result) = self.wait(Duration::from_secs(3600)) {
                return result;
            }
        }
    }

    /// Gives the outcome to `told`: at once if it is there, else on a thread of the runtime. `told` must not wait; it puts
    /// the outcome where the host looks, and wakes the host.
    pub fn on_done(mut self, told: impl FnOnce(Result<T, Error>) + Send + 'static) -> Canceller {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Done(result) => told(result),
            State::Taken => {}
            State::Running(future) => {
                let future = match future.into_inner(WAIT) {
                    Ok(future) => future,
                    Err(forked) => {
                        told(Err(forked));
                        return Canceller(None);
                    }
                };
                if let Some(runtime) = &self.runtime {
                    let slot = Arc::new(Slot(Mutex::new(Some(future))));
                    let giving_up: Arc<dyn GiveUp> = Arc::clone(&slot) as Arc<dyn GiveUp>;
                    let task = runtime.handle().spawn(async move {
                        if let Some(outcome) = slot.outcome().await {
                            told(outcome);
                        }
                    });
                    return Canceller(Some((task.abort_handle(), giving_up, generation())));
                }
            }
        }
        Canceller(None)
    }
}

/// To be polled on any thread; asking again after the outcome was given is never done.
impl<T: Send + 'static> Future for Operation<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.look(cx)
            && let Some(result) = self.try_take()
        {
            return Poll::Ready(result);
        }
        Poll::Pending
    }
}

// The future inside is boxed, the outcome is never pinned.
impl<T> Unpin for Operation<T> {}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Done(_) => "Operation(done)",
            State::Running(_) => "Operation(running)",
            State::Taken => "Operation(taken)",
        })
    }
}

/// A future that another thread may take away between two looks at it.
struct Slot<T>(Mutex<Option<Running<T>>>);

impl<T> Slot<T> {
    /// `None` when it was taken away.
    async fn outcome(&self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|cx| {
            let mut slot = self.0.lock();
            let Some(future) = slot.as_mut() else { return Poll::Ready(None) };
            let outcome = std::task::ready!(future.as_mut().poll(cx));
            *slot = None;
            Poll::Ready(Some(outcome))
        })
        .await
    }
}

trait GiveUp: Send + Sync {
    fn give_up(&self);
}

impl<T> GiveUp for Slot<T> {
    fn give_up(&self) {
        drop(self.0.lock().take());
    }
}

/// Gives up an operation whose outcome was to be told.
#[derive(Clone)]
pub struct Canceller(Option<(AbortHandle, Arc<dyn GiveUp>, u32)>);

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceller")
    }
}

impl Canceller {
    /// When this returns the operation is over, so that another one may begin at once; nothing is told, unless that was
    /// under way already. Harmless when the operation is done, and in a forked child, where it goes on in the parent.
    pub fn cancel(&self) {
        if let Some((task, slot, made_in)) = &self.0
            && *made_in == generation()
        {
            slot.give_up();
            task.abort();
        }
    }
}

/// The same future, but a panic in it is its error.
pub(super) fn guarded<T>(
    future: impl Future<Output = Result<T, Error>>,
) -> impl Future<Output = Result<T, Error>> {
    AssertUnwindSafe(future)
        .catch_unwind()
        .map(|outcome| outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))))
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no text".to_owned());
    Error::new(ErrorKind::Internal, "run an operation", format!("the library panicked: {text}"))
        .with_hint("this is a defect of the library: please report it with this text")
}

/// Wakes a parked thread.
struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

impl Unpark {
    /// One for each thread, used again and again: a wake-up meant for an earlier wait costs one look too many.
    fn of_this_thread() -> Arc<Self> {
        thread_local! {
            static OWN: RefCell<Option<Arc<Unpark>>> = const { RefCell::new(None) };
        }
        let make = || Arc::new(Self { thread: std::thread::current(), woken: AtomicBool::new(false) });
        // The thread's end may already have taken it.
        OWN.try_with(|own| Arc::clone(own.borrow_mut().get_or_insert_with(make))).unwrap_or_else(|_| make())
    }

    /// False when the deadline came first.
    fn park_until(&self, deadline: Option<Instant>) -> bool {
        while !self.woken.swap(false, Ordering::AcqRel) {
            match deadline {
                None => std::thread::park(),
                Some(deadline) => {
                    #[allow(clippy::disallowed_methods)] // As in `wait`.
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    std::thread::park_timeout(left);
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
