//! States of a member of a classic group, and which may follow which. A **machine**.

/// What a member is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberState {
    /// No member and not to become one: nothing is subscribed, or the application has not polled yet.
    Idle,
    /// To join as soon as the backoff allows.
    Unjoined,
    /// The application is giving partitions up; the join waits for it. Still a member: heartbeats go on.
    Revoking,
    /// `JoinGroup` is on its way, or held by the coordinator until all members have joined.
    Joining,
    /// Leader only: the partitions of the members' topics are being looked up.
    Assigning,
    /// `SyncGroup` is on its way, or held until the leader has assigned.
    Syncing,
    /// A member with an assignment.
    Stable,
    /// Left because the application stopped polling; joins again with its next poll.
    Stale,
    /// Closed, or refused for good.
    Ended,
}

impl MemberState {
    /// Whether `next` may follow.
    pub(crate) fn may_become(self, next: Self) -> bool {
        use MemberState::{Assigning, Ended, Idle, Joining, Revoking, Stable, Stale, Syncing, Unjoined};
        match (self, next) {
            // The end is final.
            (Ended, _) => false,
            (_, Ended | Idle) => true,
            // Any trouble, and any reason to rebalance, leads back to joining.
            (_, Unjoined) => true,
            (Idle | Unjoined, Joining) => true,
            (Stable, Revoking) => true,
            // After a cooperative rebalance what was taken away is given up before the next one.
            (Syncing, Revoking | Stable) => true,
            (Joining, Assigning | Syncing) | (Assigning, Syncing) => true,
            (Unjoined | Revoking | Joining | Assigning | Syncing | Stable, Stale) => true,
            _ => false,
        }
    }

    /// Whether the coordinator counts on heartbeats.
    pub(crate) fn sends_heartbeats(self) -> bool {
        matches!(self, Self::Stable | Self::Revoking)
    }
}

#[cfg(test)]
mod tests {
    use super::MemberState::*;

    #[test]
    fn the_usual_way_is_legal_and_short_cuts_are_not() {
        for way in [
            &[
                Idle, Unjoined, Joining, Assigning, Syncing, Stable, Revoking, Unjoined, Joining, Syncing,
                Stable,
            ][..],
            &[Stable, Stale, Unjoined],
            &[Syncing, Revoking, Unjoined],
            &[Joining, Ended],
        ] {
            for step in way.windows(2) {
                assert!(step[0].may_become(step[1]), "{step:?}");
            }
        }
        for (from, to) in
            [(Idle, Stable), (Joining, Stable), (Ended, Unjoined), (Stale, Joining), (Stable, Syncing)]
        {
            assert!(!from.may_become(to), "{from:?} {to:?}");
        }
    }
}
