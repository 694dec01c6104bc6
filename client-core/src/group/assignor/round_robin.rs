//! `roundrobin`: every partition of every topic, in order, to the next member subscribed to its topic.

use super::{Problem, Slot};

pub(super) fn assign(problem: &Problem<'_>) -> Vec<Vec<Slot>> {
    let order = problem.member_order();
    let mut shares = vec![Vec::new(); order.len()];
    let mut next = 0;
    for slot in problem.slots() {
        // Ends: only topics with a subscriber are in the problem.
        while !problem.subscribed[order[next]].contains(&slot.0) {
            next = (next + 1) % order.len();
        }
        shares[order[next]].push(slot);
        next = (next + 1) % order.len();
    }
    shares
}
