//! What the verifier has seen: every order once, each customer's in order, each sum right.
#![allow(clippy::disallowed_methods)] // A map that nobody walks.

use super::order::{CUSTOMERS, Invoice, customer_of, expected_net_cents};
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
    pub(super) fn is_clean(self) -> bool {
        self == Self::default()
    }
}

/// One bit per order and the last sequence of each customer.
pub(super) struct Ledger {
    seen: Vec<u64>,
    count: u64,
    last_sequence: HashMap<String, u64>,
    findings: Findings,
    expected: u64,
}

impl Ledger {
    pub(super) fn new(expected: u64) -> Self {
        Self {
            seen: vec![0; (expected as usize).div_ceil(64)],
            count: 0,
            last_sequence: HashMap::with_capacity(CUSTOMERS as usize),
            findings: Findings::default(),
            expected,
        }
    }

    /// Different orders seen so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Takes down one invoice; `key` is the record's key.
    pub(super) fn note(&mut self, key: &[u8], invoice: &Invoice<'_>) {
        let id = invoice.order_id;
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
        let same = key == customer.as_bytes() && invoice.customer == customer && invoice.sequence == sequence;
        if !same || invoice.net_cents != expected_net_cents(id) {
            self.findings.altered += 1;
        }
        match self.last_sequence.get_mut(invoice.customer) {
            Some(last) => {
                if *last >= invoice.sequence {
                    self.findings.out_of_order += 1;
                }
                *last = invoice.sequence;
            }
            None => {
                self.last_sequence.insert(invoice.customer.to_owned(), invoice.sequence);
            }
        }
    }

    /// The verdict once everything there is has been read.
    pub(super) fn close(mut self) -> Findings {
        self.findings.lost = self.expected - self.count;
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::{Order, invoice, write_order};
    use super::*;

    fn note(ledger: &mut Ledger, order_id: u64) {
        let mut json = Vec::new();
        let key = write_order(order_id, &mut json).unwrap();
        let order: Order<'_> = serde_json::from_slice(&json).unwrap();
        ledger.note(key.as_bytes(), &invoice(&order));
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
        let mut json = Vec::new();
        let key = write_order(1, &mut json).unwrap();
        let order: Order<'_> = serde_json::from_slice(&json).unwrap();
        ledger.note(key.as_bytes(), &Invoice { net_cents: 1, ..invoice(&order) });
        let findings = ledger.close();
        assert_eq!(findings, Findings { lost: 2 * CUSTOMERS - 3, doubled: 1, out_of_order: 1, altered: 1 });
    }
}
