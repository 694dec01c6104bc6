//! The one runtime of the process: its number of threads does not grow with clients, brokers or partitions.

use super::fork;
use crate::error::{Error, ErrorKind};
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle};

/// More threads than this have nothing to do: connections are few and batches large.
const MOST_THREADS: usize = 4;

/// A handle to the runtime that all clients of the process share.
#[derive(Clone, Debug)]
pub struct Runtime(Handle);

impl Runtime {
    /// Tokio's own handle.
    pub fn handle(&self) -> &Handle {
        &self.0
    }
}

struct Made {
    generation: u32,
    runtime: tokio::runtime::Runtime,
}

static MADE: ArcSwapOption<Made> = ArcSwapOption::const_empty();

/// The runtime, made on first use; a forked child makes its own.
///
/// Errors: `Internal` when the system gives no threads.
pub fn runtime() -> Result<Runtime, Error> {
    let generation = fork::generation();
    loop {
        let found = MADE.load_full();
        if let Some(made) = &found
            && made.generation == generation
        {
            return Ok(Runtime(made.runtime.handle().clone()));
        }
        let fresh = Arc::new(Made { generation, runtime: start()? });
        let before = MADE.compare_and_swap(&found, Some(Arc::clone(&fresh)));
        if before.as_ref().map(Arc::as_ptr) == found.as_ref().map(Arc::as_ptr) {
            // A runtime inherited through a fork has no threads to wait for: it is left as it lies.
            std::mem::forget(found);
            std::mem::forget(arc_swap::Guard::into_inner(before));
        } else if let Some(made) = Arc::into_inner(fresh) {
            // Another thread was quicker.
            made.runtime.shutdown_background();
        }
    }
}

fn start() -> Result<tokio::runtime::Runtime, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(threads).thread_name("ottla").enable_all().on_thread_start(block_sigpipe);
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            "start the client runtime",
            "the system gives no threads or descriptors",
        )
        .with_source(error)
        .with_hint("look at the limits of processes and open files (ulimit -u, ulimit -n)")
    })
}

/// A write to a connection that its other side has closed raises SIGPIPE in the thread that writes, which ends a process that
/// does not ignore it, as a program in C does not. Here it stays blocked, for these threads alone; the write fails either way.
#[allow(unsafe_code)]
fn block_sigpipe() {
    // Miri, which judges what is unsafe, knows no signals.
    if cfg!(miri) {
        return;
    }
    // SAFETY: `sigemptyset` initializes the set before anything else uses it.
    unsafe {
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        if libc::sigemptyset(set.as_mut_ptr()) == 0 {
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut());
        }
    }
}
