//! The orders of the demo: made from their number alone, so that whoever reads one can tell what it must say.

use serde::{Deserialize, Serialize};

/// Customers who order; their names are the keys.
pub(super) const CUSTOMERS: u64 = 20_000;

const CURRENCIES: [&str; 3] = ["EUR", "USD", "GBP"];
const CHANNELS: [&str; 4] = ["web", "app", "store", "phone"];
const GOODS: [(&str, u64); 8] = [
    ("espresso-machine", 34_900),
    ("grinder", 12_950),
    ("beans-1kg", 2_150),
    ("paper-filter-100", 495),
    ("kettle", 8_990),
    ("cup", 1_275),
    ("scale", 4_600),
    ("descaler", 890),
];

/// An order as the shop writes it.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Order<'a> {
    pub(super) order_id: u64,
    pub(super) customer: &'a str,
    /// Counts this customer's orders from 0: per key, order is kept or it is not.
    pub(super) sequence: u64,
    pub(super) currency: &'a str,
    pub(super) items: Vec<Item<'a>>,
}

/// One line of an order.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Item<'a> {
    pub(super) sku: &'a str,
    pub(super) quantity: u64,
    pub(super) price_cents: u64,
}

/// What the transform makes of an order.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Invoice<'a> {
    pub(super) order_id: u64,
    pub(super) customer: &'a str,
    pub(super) sequence: u64,
    pub(super) currency: &'a str,
    pub(super) net_cents: u64,
    pub(super) tax_cents: u64,
}

/// What the aggregation makes of an invoice: the customer's account so far.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Statement<'a> {
    pub(super) order_id: u64,
    pub(super) customer: &'a str,
    pub(super) sequence: u64,
    pub(super) currency: &'a str,
    pub(super) net_cents: u64,
    pub(super) tax_cents: u64,
    /// How many orders of this customer there were, this one included.
    pub(super) orders: u64,
    /// What they came to, before tax.
    pub(super) spent_cents: u64,
}

/// Who placed order number `order_id`, and the how-manieth of theirs it is.
pub(super) fn customer_of(order_id: u64) -> (String, u64) {
    // A fixed permutation of the customers in each round: every round holds each customer once.
    let (round, place) = (order_id / CUSTOMERS, order_id % CUSTOMERS);
    (format!("customer-{:05}", (place * 7_919 + 13) % CUSTOMERS), round)
}

/// The channel the order came in by; it travels as a header.
pub(super) fn channel_of(order_id: u64) -> &'static str {
    CHANNELS[(scatter(order_id) % 4) as usize]
}

/// Writes order number `order_id` as JSON into `json` (cleared first) and returns its key.
pub(super) fn write_order(order_id: u64, json: &mut Vec<u8>) -> serde_json::Result<String> {
    let (customer, sequence) = customer_of(order_id);
    let order = Order {
        order_id,
        customer: &customer,
        sequence,
        currency: CURRENCIES[(scatter(order_id) >> 8) as usize % CURRENCIES.len()],
        items: items_of(order_id),
    };
    json.clear();
    serde_json::to_writer(&mut *json, &order)?;
    Ok(customer)
}

/// The invoice for an order: net and 19 % tax, rounded down.
pub(super) fn invoice<'a>(order: &Order<'a>) -> Invoice<'a> {
    let net_cents = order.items.iter().map(|item| item.quantity * item.price_cents).sum();
    Invoice {
        order_id: order.order_id,
        customer: order.customer,
        sequence: order.sequence,
        currency: order.currency,
        net_cents,
        tax_cents: net_cents * 19 / 100,
    }
}

/// Adds an invoice to the customer's account, which is how many orders there were and what they came to.
pub(super) fn statement<'a>(invoice: &Invoice<'a>, account: &mut (u64, u64)) -> Statement<'a> {
    account.0 += 1;
    account.1 += invoice.net_cents;
    Statement {
        order_id: invoice.order_id,
        customer: invoice.customer,
        sequence: invoice.sequence,
        currency: invoice.currency,
        net_cents: invoice.net_cents,
        tax_cents: invoice.tax_cents,
        orders: account.0,
        spent_cents: account.1,
    }
}

/// What the invoice of order number `order_id` must add up to.
pub(super) fn expected_net_cents(order_id: u64) -> u64 {
    items_of(order_id).iter().map(|item| item.quantity * item.price_cents).sum()
}

fn items_of(order_id: u64) -> Vec<Item<'static>> {
    let mut dice = scatter(order_id);
    let count = 1 + dice % 3;
    (0..count)
        .map(|_| {
            dice = scatter(dice);
            let (sku, price_cents) = GOODS[(dice % 8) as usize];
            Item { sku, quantity: 1 + (dice >> 32) % 4, price_cents }
        })
        .collect()
}

/// SplitMix64's output function: cheap and well spread.
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_holds_every_customer_once() {
        for round in [0, 3] {
            let names: std::collections::BTreeSet<String> =
                (0..CUSTOMERS).map(|place| customer_of(round * CUSTOMERS + place).0).collect();
            assert_eq!(names.len() as u64, CUSTOMERS);
        }
    }

    #[test]
    fn invoice_of_a_written_order_adds_up() {
        let mut json = Vec::new();
        for order_id in [0, 1, 999_999] {
            let key = write_order(order_id, &mut json).unwrap();
            let order: Order<'_> = serde_json::from_slice(&json).unwrap();
            assert_eq!(order.customer, key);
            assert_eq!(invoice(&order).net_cents, expected_net_cents(order_id));
        }
    }
}
