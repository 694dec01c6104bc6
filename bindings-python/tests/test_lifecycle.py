"""Making, closing and dropping clients at any moment: no hang, no leak, nothing acknowledged lost."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import LIMIT, Program, descriptors, eventually, read, threads

import ottla
from ottla import aio
from ottla.testing import TestBroker

CYCLES = """
import gc, sys
import ottla
from conftest import descriptors, eventually, resident_bytes, threads

address, topic = sys.argv[1:]

def cycle():
    with ottla.Producer(bootstrap_servers=address) as producer:
        producer.send(topic, b"v")
    with ottla.Consumer(bootstrap_servers=address) as consumer:
        consumer.assign([(topic, 0)])
    ottla.Admin(bootstrap_servers=address).close()
    ottla.Producer(bootstrap_servers=address)  # Dropped without close.
    ottla.Consumer(bootstrap_servers=address, group_id="cycles").subscribe([topic])

for _ in range(50):
    cycle()
gc.collect()
before = threads(), descriptors(), resident_bytes()
for _ in range(200):
    cycle()
gc.collect()
assert threads() <= before[0], (threads(), before[0])
eventually(lambda: descriptors() <= before[1] + 20)
print((resident_bytes() - before[2]) // 1024)
"""


def test_a_thousand_clients_leave_no_thread_no_descriptor_and_no_memory(
    broker: TestBroker, topic: str, program: Program
) -> None:
    out, err = program(CYCLES, broker.bootstrap, topic).communicate(timeout=3 * LIMIT)
    assert err == ""
    # A producer's buffer alone has 32 MB: what is kept of a thousand clients is noise of the allocator.
    assert int(out) < 16 * 1024


def test_loops_that_end_while_something_is_awaited_leave_nothing(broker: TestBroker, topic: str) -> None:
    async def abandon() -> None:
        producer = aio.Producer(bootstrap_servers=broker.bootstrap, linger_ms=100)
        consumer = aio.Consumer(bootstrap_servers=broker.bootstrap)
        consumer.assign([(topic, 1)])

        async def wait_for_record() -> None:
            await producer.send(topic, b"v", partition=0)

        asyncio.create_task(wait_for_record())
        asyncio.create_task(consumer.poll(3600))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(abandon())
    gc.collect()
    before = descriptors(), threads()
    for _ in range(30):
        asyncio.run(abandon())
    gc.collect()
    eventually(lambda: gc.collect() >= 0 and descriptors() <= before[0] + 5)
    assert threads() <= before[1]


def test_a_dropped_producer_delivers_in_the_background(broker: TestBroker, consumer: ottla.Consumer, topic: str) -> None:
    ottla.Producer(bootstrap_servers=broker.bootstrap, linger_ms=60_000).send(topic, b"v", partition=0)
    gc.collect()
    consumer.assign([(topic, 0)])
    assert read(consumer, 1)[0].value == b"v"


def test_a_dropped_consumer_leaves_its_group(broker: TestBroker, producer: ottla.Producer, topic: str, group: str) -> None:
    producer.send(topic, b"v", partition=0).result(LIMIT)
    config = {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"}
    # Nobody waits for this session to end: it would take longer than the test.
    first = ottla.Consumer(config, session_timeout_ms=600_000, enable_auto_commit=False)
    first.subscribe([topic])
    read(first, 1)
    del first
    gc.collect()
    with ottla.Consumer(config) as second:
        second.subscribe([topic])
        assert read(second, 1)[0].offset == 0, "what was not committed is read again"


def test_closing_ends_by_its_deadline_without_any_broker() -> None:
    producer = ottla.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=100)
    consumer = ottla.Consumer(bootstrap_servers="127.0.0.1:1", group_id="g")
    admin = ottla.Admin(bootstrap_servers="127.0.0.1:1")
    consumer.subscribe(["t"])
    with pytest.raises(ottla.KafkaError):
        producer.send("t", b"v")
    started = time.monotonic()
    producer.close(0.5)
    consumer.close(0.5)
    admin.close(0.5)
    assert time.monotonic() - started < 10


def test_closed_clients_say_so(broker: TestBroker, topic: str) -> None:
    producer = ottla.Producer(bootstrap_servers=broker.bootstrap)
    consumer = ottla.Consumer(bootstrap_servers=broker.bootstrap)
    admin = ottla.Admin(bootstrap_servers=broker.bootstrap)
    for client in (producer, consumer, admin):
        client.close()
        client.close()
    calls: list[Callable[[], Any]] = [
        lambda: producer.send(topic, b"v"),
        lambda: consumer.poll(0),
        lambda: admin.describe_topics([topic]),
    ]
    for call in calls:
        with pytest.raises(ottla.ClosedError):
            call()


def test_closing_ends_a_poll_of_another_thread(broker: TestBroker, topic: str) -> None:
    consumer = ottla.Consumer(bootstrap_servers=broker.bootstrap)
    consumer.assign([(topic, 0)])
    ended: list[object] = []

    def poll() -> None:
        try:
            ended.append(consumer.poll(float("inf")))
        except ottla.KafkaError as error:
            ended.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    consumer.close(LIMIT)
    thread.join(LIMIT)
    assert len(ended) == 1 and isinstance(ended[0], (ottla.ClosedError, ottla.Records))


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan")])
def test_a_timeout_that_cannot_be_is_refused(timeout: float, broker: TestBroker, topic: str) -> None:
    with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
        with ottla.Consumer(bootstrap_servers=broker.bootstrap) as consumer:
            consumer.assign([(topic, 0)])
            delivery = producer.send(topic, b"v")
            for call in (consumer.poll, producer.flush, delivery.result):
                with pytest.raises(ottla.InvalidArgumentError, match="timeout"):
                    call(timeout)
