"""The soak of the Python binding (bench/soak/README.md says what it is told, does and reports)."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import deque
from typing import Any

import ottla
from ottla import aio

PARTITIONS = 3
TICK_S = 0.05
CLOSE_TIMEOUT_S = 30.0
PATIENCE_S = 60.0
#: Larger than max.request.size.
TOO_LARGE = b"x" * 2_000_000


class Soak:
    def __init__(self, told: argparse.Namespace) -> None:
        self.told = told
        self.cluster = {"bootstrap.servers": told.bootstrap}
        self.counts = dict.fromkeys(
            "sent acknowledged failed read doubled lost out_of_order handovers clients refused cancelled dropped unexpected".split(), 0
        )
        self.deliveries: deque[ottla.Delivery] = deque()
        self.acknowledged_to = [0] * PARTITIONS
        self.read_to = [0] * PARTITIONS
        self.last_number = [-1] * PARTITIONS
        self.producer = ottla.Producer(self.cluster, linger_ms=5)
        self.consumer = self.member()
        self.second: ottla.Consumer | None = None

    def member(self) -> ottla.Consumer:
        """A member of the group; both count into the same places."""
        self.counts["clients"] += 1
        consumer = ottla.Consumer(
            self.cluster, group_id=self.told.topic, auto_offset_reset="earliest", enable_auto_commit=False
        )

        def revoked(partitions: list[ottla.TopicPartition]) -> None:
            self.counts["handovers"] += len(partitions)
            consumer.commit()

        consumer.subscribe(self.told.topic, on_revoked=revoked)
        return consumer

    def send(self, count: int) -> None:
        for _ in range(count):
            number = self.counts["sent"]
            text = str(number)
            delivery = self.producer.send(
                self.told.topic, text.ljust(100, "."), f"key-{number % 97}", headers=[("number", text)]
            )
            self.deliveries.append(delivery)
            self.counts["sent"] += 1

    def learn_fates(self) -> None:
        while self.deliveries and self.deliveries[0].done():
            delivery = self.deliveries.popleft()
            if delivery.exception() is not None:
                self.counts["failed"] += 1
                continue
            where = delivery.result()
            self.counts["acknowledged"] += 1
            self.acknowledged_to[where.partition] = max(self.acknowledged_to[where.partition], (where.offset or 0) + 1)

    def read(self, consumer: ottla.Consumer, timeout: float) -> int:
        records = consumer.poll(timeout)
        for record in records:
            self.note(record)
        return len(records)

    def note(self, record: ottla.Record) -> None:
        self.counts["read"] += 1
        partition = record.partition
        expected = self.read_to[partition]
        if record.offset < expected:
            self.counts["doubled"] += 1
            return
        self.counts["lost"] += record.offset - expected
        self.read_to[partition] = record.offset + 1
        number = int((record.value or b"").rstrip(b"."))
        if number <= self.last_number[partition] or record.headers != [("number", str(number).encode())]:
            self.counts["out_of_order"] += 1
        self.last_number[partition] = number

    def short_lived(self) -> None:
        side = self.told.topic + "-side"
        with ottla.Producer(self.cluster) as producer:
            producer.send(side, b"short-lived", partition=0).result(PATIENCE_S)
        with ottla.Consumer(self.cluster, auto_offset_reset="earliest") as consumer:
            consumer.assign([(side, 0)])
            consumer.poll(PATIENCE_S, max_records=10)
        with ottla.Admin(self.cluster) as admin:
            if self.told.topic not in admin.list_topics():
                self.counts["unexpected"] += 1
        asyncio.run(self.short_lived_coroutines(side))
        self.counts["clients"] += 5

    async def short_lived_coroutines(self, side: str) -> None:
        async with aio.Producer(self.cluster) as producer, aio.Consumer(self.cluster) as consumer:
            await producer.send(side, b"short-lived", partition=0)
            consumer.assign([(side, 0)])
            consumer.seek_to_end()
            poll = asyncio.ensure_future(consumer.poll(PATIENCE_S))
            await asyncio.sleep(0.01)
            poll.cancel()
            self.counts["cancelled"] += 1

    def refused(self) -> None:
        self.expect((ottla.RecordTooLargeError,), lambda: self.producer.send(self.told.topic, TOO_LARGE).result())
        with ottla.Producer(self.cluster, max_block_ms=200) as producer:
            missing = PARTITIONS + 96
            self.expect(
                # The latter on a machine so busy that metadata takes longer than max.block.ms.
                (ottla.UnknownTopicOrPartitionError, ottla.TimeoutError),
                lambda: producer.send(self.told.topic, b"", partition=missing),
            )
        self.consumer.wakeup()
        self.read(self.consumer, PATIENCE_S)
        self.counts["cancelled"] += 1
        self.counts["clients"] += 1

    def expect(self, kinds: tuple[type[Exception], ...], call: Any) -> None:
        try:
            call()
            self.counts["unexpected"] += 1
        except kinds:
            self.counts["refused"] += 1

    def dropped(self) -> None:
        """Clients that nobody closes; records under way are delivered all the same."""
        side = self.told.topic + "-side"
        producer = ottla.Producer(self.cluster)
        producer.send(side, b"dropped", partition=0)
        producer.flush(PATIENCE_S)
        consumer = ottla.Consumer(self.cluster)
        consumer.assign([(side, 0)])
        consumer.poll(0.0)
        self.counts["dropped"] += 2

    def change_members(self) -> None:
        if self.second is None:
            self.second = self.member()
        else:
            self.second.commit()
            self.second.close(CLOSE_TIMEOUT_S)
            self.second = None

    def tick(self, number: int) -> None:
        ends = time.monotonic() + TICK_S
        self.send(int(self.told.rate * TICK_S))
        self.learn_fates()
        if number % 20 == 5:
            self.short_lived()
        if number % 40 == 15:
            self.refused()
        if number % 60 == 25:
            self.dropped()
        if number % 100 == 35:
            self.change_members()
        members = [self.consumer] if self.second is None else [self.consumer, self.second]
        for consumer in members:
            left = max(ends - time.monotonic(), 0.002)
            self.read(consumer, left / len(members))
        if number % 10 == 0:
            for consumer in members:
                consumer.commit()
        time.sleep(max(ends - time.monotonic(), 0.0))

    def finish(self) -> None:
        self.producer.flush(PATIENCE_S)
        self.learn_fates()
        if self.second is not None:
            self.change_members()
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience and self.missing():
            if self.read(self.consumer, 0.5):
                patience = time.monotonic() + PATIENCE_S
        self.counts["lost"] += self.missing()
        self.consumer.commit()
        self.consumer.close(CLOSE_TIMEOUT_S)
        self.producer.close(CLOSE_TIMEOUT_S)

    def missing(self) -> int:
        return sum(max(to - read, 0) for to, read in zip(self.acknowledged_to, self.read_to, strict=True))

    def report(self, done: bool = False) -> None:
        print(json.dumps({**self.counts, "done": done}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--bootstrap", "--topic"):
        parser.add_argument(name, required=True)
    for name in ("--seconds", "--rate"):
        parser.add_argument(name, type=int, required=True)
    soak = Soak(parser.parse_args())
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    ends, number = time.monotonic() + soak.told.seconds, 0
    while time.monotonic() < ends and not stopped:
        soak.tick(number)
        number += 1
        if number % 60 == 0:
            soak.report()
    soak.finish()
    soak.report(done=True)


if __name__ == "__main__":
    sys.exit(main())
