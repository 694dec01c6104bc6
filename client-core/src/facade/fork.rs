//! Noticing that the process is a copy made by `fork`.
//!
//! A child has the memory of its parent but none of its threads: what an inherited client waits for never comes, and a lock
//! that some other thread held stays locked. So every client remembers the generation it was made in; a call of an older
//! one is refused, and dropping it touches nothing.

use crate::error::{Error, ErrorKind};
use std::mem::ManuallyDrop;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How often this process is a copy of a copy: another number in a forked child than in its parent.
pub fn generation() -> u32 {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register);
    GENERATION.load(Ordering::Relaxed)
}

#[allow(unsafe_code)]
fn register() {
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: the handler lives as long as the library's code and does nothing but an atomic addition, which is allowed in
    // a forked child. Should registering fail for want of memory, forks go unnoticed as they would without it.
    unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    }
}

/// A client that belongs to the process it was made in.
#[derive(Debug)]
pub struct Guarded<T> {
    value: ManuallyDrop<T>,
    generation: u32,
}

impl<T> Guarded<T> {
    /// Made here and now.
    pub fn new(value: T) -> Self {
        Self { value: ManuallyDrop::new(value), generation: generation() }
    }

    /// Errors: `Forked` in a process forked from the one that made it.
    pub fn get(&self, operation: &'static str) -> Result<&T, Error> {
        if self.is_inherited() { Err(forked(operation)) } else { Ok(&self.value) }
    }

    /// As [`Self::get`].
    pub fn get_mut(&mut self, operation: &'static str) -> Result<&mut T, Error> {
        if self.is_inherited() { Err(forked(operation)) } else { Ok(&mut self.value) }
    }

    /// What it guards. Errors: as of [`Self::get`]; then it is left as it lies.
    #[allow(unsafe_code)]
    pub fn into_inner(mut self, operation: &'static str) -> Result<T, Error> {
        if self.is_inherited() {
            return Err(forked(operation));
        }
        // SAFETY: taken once, here, and `self`, whose drop would take it again, is forgotten.
        let value = unsafe { ManuallyDrop::take(&mut self.value) };
        std::mem::forget(self);
        Ok(value)
    }

    /// As if made before a fork that led here.
    #[cfg(test)]
    pub(super) fn inherited(value: T) -> Self {
        Self { value: ManuallyDrop::new(value), generation: generation().wrapping_sub(1) }
    }

    /// Whether this is a forked copy of what another process owns.
    pub fn is_inherited(&self) -> bool {
        self.generation != GENERATION.load(Ordering::Relaxed)
    }
}

impl<T> Drop for Guarded<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if !self.is_inherited() {
            // SAFETY: dropped once, here, and `self` is gone afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

fn forked(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Forked,
        operation,
        "this client was made before the process forked, and its threads stayed with the parent",
    )
    .with_hint("make a new client in the forked process; the parent's goes on undisturbed")
}
