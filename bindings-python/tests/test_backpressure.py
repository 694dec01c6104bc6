"""A buffer that is full: waiting, saying so, a deadline; never more memory than was allowed, never a lost record."""

from __future__ import annotations

import asyncio
import time

import pytest
from conftest import LIMIT, Program, read

import ottla
from ottla import aio
from ottla.testing import TestBroker

SIZE = 10_000
#: Ten times what the buffer holds, and more.
COUNT = 4_000
BUFFER = 2 * 1024 * 1024

THREADS = """
with ottla.Producer(bootstrap_servers=address, buffer_memory=BUFFER, delivery_timeout_ms=600_000) as producer:
    for number in range(COUNT):
        producer.send(topic, str(number).ljust(SIZE), partition=0)
        most = max(most, resident_bytes())
"""

COROUTINES = """
async def main():
    global most
    async with aio.Producer(bootstrap_servers=address, buffer_memory=BUFFER, delivery_timeout_ms=600_000) as producer:
        for number in range(COUNT):
            producer.send(topic, str(number).ljust(SIZE), partition=0)
            await producer.ready()
            most = max(most, resident_bytes())

asyncio.run(main())
"""


@pytest.mark.parametrize("way", [THREADS, COROUTINES], ids=["threads", "coroutines"])
def test_twenty_times_the_buffer_goes_through_it_in_bounded_memory(
    way: str, broker: TestBroker, consumer: ottla.Consumer, topic: str, program: Program
) -> None:
    code = f"""
import asyncio, sys
import ottla
from conftest import resident_bytes
from ottla import aio
SIZE, COUNT, BUFFER = {SIZE}, {COUNT}, {BUFFER}
address, topic = sys.argv[1:]
with ottla.Producer(bootstrap_servers=address) as producer:
    producer.send(topic, b"warm", partition=1)
before = most = resident_bytes()
{way}
print(most - before)
"""
    out, err = program(code, broker.bootstrap, topic).communicate(timeout=3 * LIMIT)
    assert err == ""
    # The buffer, requests under way, what the allocator keeps: far from the 40 MB that were sent.
    assert int(out) < 8 * BUFFER
    consumer.assign([(topic, 0)])
    records = read(consumer, COUNT)
    assert [int(record.value or b"") for record in records] == list(range(COUNT))


def test_a_full_buffer_says_so_when_it_shall_not_block(cut_off: ottla.Producer, topic: str) -> None:
    with pytest.raises(ottla.QueueFullError) as caught:
        for _ in range(1000):
            cut_off.send(topic, b"x" * 1000, block=False)
    assert caught.value.retriable and caught.value.context["topic"] == topic and caught.value.hint
    with pytest.raises(ottla.QueueFullError):
        cut_off.send_many(topic, [b"x" * 1000] * 1000, block=False)


def test_waiting_for_room_has_a_deadline(topic: str) -> None:
    with TestBroker() as broker:
        broker.create_topic(topic)
        producer = ottla.Producer(bootstrap_servers=broker.bootstrap, buffer_memory=100_000, max_block_ms=300)
        producer.send(topic, b"v").result(LIMIT)
    started = time.monotonic()
    with pytest.raises(ottla.KafkaError) as caught:
        for _ in range(1000):
            producer.send(topic, b"x" * 1000)
    assert isinstance(caught.value, (ottla.QueueFullError, ottla.TimeoutError, ottla.NotSentError))
    assert 0.25 < time.monotonic() - started < LIMIT
    with pytest.raises(ottla.TimeoutError, match="record"):
        producer.close(0)


async def test_coroutines_that_await_each_record_wait_for_room(broker: TestBroker, topic: str) -> None:
    async with aio.Producer(bootstrap_servers=broker.bootstrap, buffer_memory=50_000, batch_size=4096) as producer:
        outcomes = await asyncio.gather(*(producer.send(topic, b"x" * 1000, partition=0) for _ in range(1000)))
    assert [metadata.offset for metadata in outcomes] == list(range(1000))
