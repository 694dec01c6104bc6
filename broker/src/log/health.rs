//! Whether a log directory may still be used (reliability rule I20).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by the logs of one directory. Once offline it stays so until a restart has recovered it.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryHealth {
    offline: Arc<AtomicBool>,
    /// Set when the one log this handle belongs to is deleted: errors are then expected.
    retired: Arc<AtomicBool>,
}

impl DirectoryHealth {
    pub(crate) fn online() -> Self {
        Self { offline: Arc::default(), retired: Arc::default() }
    }

    /// The same directory's health, for one log of it.
    pub(crate) fn for_log(&self) -> Self {
        Self { offline: Arc::clone(&self.offline), retired: Arc::default() }
    }

    /// Whether the directory, or this log of it, is out of use.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline.load(Ordering::Acquire) || self.retired.load(Ordering::Acquire)
    }

    /// Takes this log alone out of use.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Takes the directory out of use.
    pub(crate) fn fail(&self, what: &'static str, error: &io::Error) {
        if self.retired.load(Ordering::Acquire) {
            tracing::debug!(%error, what, "deleted log could not finish its work");
        } else if !self.offline.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, what, "log directory goes offline");
        }
    }
}

/// Whether a failed write only says that there is no room: reads go on, and writes once there is room again.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
