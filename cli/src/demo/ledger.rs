//! What the verifier has seen: every order once, each customer's in order, each sum right.
#![allow(clippy::disallowed_methods)] // A map that nobody walks.

use super::order::{CUSTOMERS, Statement, customer_of, expected_net_cents};
use std::collections::HashMap;

/// Counts of what went wrong; all zero is the claim of the demo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(super) struct Findings {
    pub(super) lost: u64,
    pub(super) doubled: u64,
    pub(super) out_of_order: u64,
    pub(super) altered: u64,
}

impl Findings {
    /// The larger count of each.
    pub(super) fn worse(self, other: Self) -> Self {
        Self {
            lost: self.lost.max(other.lost),
            doubled: self.doubled.max(other.doubled),
            out_of_order: self.out_of_order.max(other.out_of_order),
            altered: self.altered.max(other.altered),
        }
    }

    pub(super) fn is_clean(self) -> bool {
        self == Self::default()
    }
}

/// Where a customer's account must stand.
#[derive(Clone, Copy)]
struct Account {
    last_sequence: u64,
    spent_cents: u64,
}

/// One bit per order and the account of each customer.
pub(super) struct Ledger {
    seen: Vec<u64>,
    count: u64,
    accounts: HashMap<String, Account>,
    findings: Findings,
    expected: u64,
}

impl Ledger {
    pub(super) fn new(expected: u64) -> Self {
        Self {
            seen: vec![0; (expected as usize).div_ceil(64)],
            count: 0,
            accounts: HashMap::with_capacity(CUSTOMERS as usize),
            findings: Findings::default(),
            expected,
        }
    }

    /// Different orders seen so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Takes down one statement; `key` is the record's key.
    pub(super) fn note(&mut self, key: &[u8], statement: &Statement<'_>) {
        let id = statement.order_id;
        if id >= self.expected {
            self.findings.altered += 1;
            return;
        }
        let (word, bit) = ((id / 64) as usize, 1u64 << (id % 64));
        if self.seen[word] & bit != 0 {
            self.findings.doubled += 1;
            return;
        }
        self.seen[word] |= bit;
        self.count += 1;
        let (customer, sequence) = customer_of(id);
        let same =
            key == customer.as_bytes() && statement.customer == customer && statement.sequence == sequence;
        let account = self.account_after(id, sequence, &customer);
        let adds_up = statement.net_cents == expected_net_cents(id)
            && statement.orders == sequence + 1
            && statement.spent_cents == account.spent_cents;
        if !same || !adds_up {
            self.findings.altered += 1;
        }
        self.accounts.insert(customer, account);
    }

    /// The customer's account when order `id`, the `sequence`-th of theirs, has been added: whatever is missing before it was
    /// still ordered.
    fn account_after(&mut self, id: u64, sequence: u64, customer: &str) -> Account {
        let net = |sequence: u64| expected_net_cents(sequence * CUSTOMERS + id % CUSTOMERS);
        let (from, before) = match self.accounts.get(customer) {
            None => (0, 0),
            Some(account) if account.last_sequence < sequence => {
                (account.last_sequence + 1, account.spent_cents)
            }
            Some(_) => {
                self.findings.out_of_order += 1;
                (0, 0)
            }
        };
        Account { last_sequence: sequence, spent_cents: before + (from..=sequence).map(net).sum::<u64>() }
    }

    /// The verdict once everything there is has been read.
    pub(super) fn close(mut self) -> Findings {
        self.findings.lost = self.expected - self.count;
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::{Order, invoice, statement, write_order};
    use super::*;

    /// Takes down the statement of an order as the pipeline makes it, but with that much more net.
    fn note_with(ledger: &mut Ledger, order_id: u64, more_cents: u64) {
        let mut json = Vec::new();
        let key = write_order(order_id, &mut json).unwrap();
        let order: Order<'_> = serde_json::from_slice(&json).unwrap();
        let before = (0..order.sequence)
            .map(|sequence| expected_net_cents(sequence * CUSTOMERS + order_id % CUSTOMERS));
        let mut account = (order.sequence, before.sum());
        let mut statement = statement(&invoice(&order), &mut account);
        statement.net_cents += more_cents;
        ledger.note(key.as_bytes(), &statement);
    }

    fn note(ledger: &mut Ledger, order_id: u64) {
        note_with(ledger, order_id, 0);
    }

    #[test]
    fn complete_run_is_clean() {
        let mut ledger = Ledger::new(100);
        (0..100).for_each(|id| note(&mut ledger, id));
        assert!(ledger.close().is_clean());
    }

    #[test]
    fn each_kind_of_fault_is_counted() {
        let mut ledger = Ledger::new(2 * CUSTOMERS);
        note(&mut ledger, CUSTOMERS);
        note(&mut ledger, 0); // The same customer's first order after the second.
        note(&mut ledger, 0);
        note_with(&mut ledger, 1, 1);
        let findings = ledger.close();
        assert_eq!(findings, Findings { lost: 2 * CUSTOMERS - 3, doubled: 1, out_of_order: 1, altered: 1 });
    }
}
