//! Where a partition is read from, and whether that is known to be right. A **machine**.
//!
//! ```text
//!  AwaitingCommitted ──► AwaitingReset ──► Fetching ◄──► AwaitingValidation
//!         └──────────────────┴── Unpositioned (no reset policy) ◄──┘
//! ```

use crate::config::AutoOffsetReset;
use crate::error::Error;

/// An offset, and the epoch of the leader that wrote what lies before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Next offset to read.
    pub(crate) offset: i64,
    /// Epoch of the last record read, or committed along: what is compared after a leader change (KIP-320).
    pub(crate) offset_epoch: Option<i32>,
}

impl Position {
    pub(crate) fn at(offset: i64) -> Self {
        Self { offset, offset_epoch: None }
    }
}

/// Where a reset goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResetTo {
    Earliest,
    Latest,
    /// The first record no older than this, in milliseconds since the epoch; the end if there is none.
    Timestamp(i64),
}

impl ResetTo {
    /// What the policy asks for at `wall_ms`; `None` when it asks for an error.
    pub(crate) fn by_policy(policy: AutoOffsetReset, wall_ms: i64) -> Option<Self> {
        match policy {
            AutoOffsetReset::Earliest => Some(Self::Earliest),
            AutoOffsetReset::Latest => Some(Self::Latest),
            AutoOffsetReset::ByDuration(age) => {
                let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
                Some(Self::Timestamp(wall_ms.saturating_sub(age_ms).max(0)))
            }
            AutoOffsetReset::None => None,
        }
    }

    /// As in a `ListOffsets` request.
    pub(crate) fn timestamp(self) -> i64 {
        match self {
            Self::Earliest => -2,
            Self::Latest => -1,
            Self::Timestamp(timestamp) => timestamp,
        }
    }
}

/// What is known of a partition's position.
#[derive(Clone, Debug)]
pub(crate) enum PositionState {
    /// The group's committed offset is being looked up.
    AwaitingCommitted,
    /// The log's beginning, end or the offset of a time is being looked up.
    AwaitingReset(ResetTo),
    /// The leader changed: it is being asked whether what was read is still in its log. `position` is the next to hand out.
    AwaitingValidation { position: Position },
    /// In use. `next_fetch` runs ahead of `position` by what was fetched and not yet handed out.
    Fetching { position: Position, next_fetch: Position },
    /// Nothing says where to read; polls fail with this until someone seeks.
    Unpositioned { error: Error },
}

impl PositionState {
    pub(crate) fn fetching(position: Position) -> Self {
        Self::Fetching { position, next_fetch: position }
    }

    /// The next offset to hand out, where there is one.
    pub(crate) fn position(&self) -> Option<Position> {
        match self {
            Self::AwaitingValidation { position } | Self::Fetching { position, .. } => Some(*position),
            Self::AwaitingCommitted | Self::AwaitingReset(_) | Self::Unpositioned { .. } => None,
        }
    }
}
