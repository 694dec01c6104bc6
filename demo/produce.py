"""Writes orders: the first stage of the demo (demo/README.md says what it is told and what it reports)."""

from __future__ import annotations

import argparse
import json
import sys
import time

from ottla import Producer

CUSTOMERS = 20_000
CURRENCIES = ("EUR", "USD", "GBP")
CHANNELS = (b"web", b"app", b"store", b"phone")
GOODS = (
    ("espresso-machine", 34_900), ("grinder", 12_950), ("beans-1kg", 2_150), ("paper-filter-100", 495),
    ("kettle", 8_990), ("cup", 1_275), ("scale", 4_600), ("descaler", 890),
)  # fmt: skip
MASK = (1 << 64) - 1


def scatter(number: int) -> int:
    """SplitMix64's output function: what is ordered follows from the order's number."""
    mixed = (number + 0x9E3779B97F4A7C15) & MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
    return mixed ^ (mixed >> 31)


def order(order_id: int) -> tuple[str, str, bytes]:
    """The key, the value and the channel of an order."""
    dice = first = scatter(order_id)
    items = []
    for _ in range(1 + dice % 3):
        dice = scatter(dice)
        sku, price_cents = GOODS[dice % 8]
        items.append(f'{{"sku":"{sku}","quantity":{1 + (dice >> 32) % 4},"price_cents":{price_cents}}}')
    sequence, place = divmod(order_id, CUSTOMERS)
    customer = f"customer-{(place * 7_919 + 13) % CUSTOMERS:05}"
    value = (
        f'{{"order_id":{order_id},"customer":"{customer}","sequence":{sequence},'
        f'"currency":"{CURRENCIES[(first >> 8) % 3]}","items":[{",".join(items)}]}}'
    )
    return customer, value, CHANNELS[first % 4]


def report(records: int, size: int, started: float, done: bool = False) -> None:
    seconds = time.monotonic() - started
    line = {"stage": "produce", "records": records, "bytes": size, "seconds": seconds, "done": done}
    print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--bootstrap", "--output"):
        parser.add_argument(name, required=True)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--patience-ms", type=int, default=60_000)
    told = parser.parse_args()
    config = {"bootstrap.servers": told.bootstrap, "compression.type": "lz4", "batch.size": 65_536}
    size, started = 0, time.monotonic()
    with Producer(config) as producer:
        for order_id in range(told.records):
            key, value, channel = order(order_id)
            producer.send(told.output, value, key, headers=[("channel", channel), ("schema", b"order/1")])
            size += len(key) + len(value)
            if order_id % 50_000 == 0:
                report(order_id, size, started)
        producer.flush(told.patience_ms / 1000)
        acknowledged = producer.metrics()["records_acknowledged"]
    if acknowledged != told.records:
        sys.exit(f"{acknowledged} of {told.records} orders were acknowledged")
    report(told.records, size, started, done=True)


if __name__ == "__main__":
    main()
