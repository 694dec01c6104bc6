"""The clients for coroutines: nothing holds the loop up, cancelling loses nothing, no thread is made."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvloop
from conftest import LIMIT, threads

import ottla
from ottla import aio
from ottla.testing import TestBroker


@pytest.fixture
async def producer(broker: TestBroker) -> AsyncIterator[aio.Producer]:
    async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer:
        yield producer


@pytest.fixture
async def consumer(broker: TestBroker) -> AsyncIterator[aio.Consumer]:
    config = {"bootstrap.servers": broker.bootstrap, "auto.offset.reset": "earliest", "fetch.max.wait.ms": 50}
    async with aio.Consumer(config) as consumer:
        yield consumer


async def test_one_await_gives_the_offset_and_ten_thousand_make_no_thread(producer: aio.Producer, topic: str) -> None:
    assert (await producer.send(topic, b"first", partition=0)).offset == 0
    before = threading.active_count(), threads()
    most = 0
    deliveries = []
    for number in range(10_000):
        deliveries.append(asyncio.ensure_future(offset_of(producer.send(topic, b"v" * 100, partition=0))))
        if number % 500 == 0:
            await asyncio.sleep(0)
            most = max(most, threads())
    assert await asyncio.gather(*deliveries) == list(range(1, 10_001))
    # Fewer is well: threads of earlier tests end when they have had nothing to do for a while.
    assert threading.active_count() <= before[0] and max(most, threads()) <= before[1]
    assert asyncio.get_running_loop()._default_executor is None  # type: ignore[attr-defined]


async def offset_of(delivery: ottla.Delivery) -> int | None:
    return (await delivery).offset


async def test_order_is_kept_and_nothing_is_lost_while_the_buffer_is_full(
    broker: TestBroker, consumer: aio.Consumer, topic: str
) -> None:
    async with aio.Producer(bootstrap_servers=broker.bootstrap, buffer_memory=100_000, batch_size=4096) as producer:
        for number in range(3000):
            producer.send(topic, str(number).ljust(1000), partition=0)
            await producer.ready()
    consumer.assign([(topic, 0)])
    expected = 0
    async for record in consumer:
        assert int(record.value or b"") == expected
        expected += 1
        if expected == 3000:
            break


async def test_what_waits_beyond_the_bound_fails_at_once() -> None:
    producer = aio.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=600_000)
    deliveries = [producer.send("t", b"v") for _ in range(12_000)]
    with pytest.raises(ottla.QueueFullError) as caught:
        await deliveries[-1]
    assert caught.value.hint and not deliveries[0].done()
    with contextlib.suppress(ottla.TimeoutError):
        await producer.close(0)
    outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ottla.QueueFullError)]
    assert len(refused) == 2_000 and all(isinstance(outcome, ottla.KafkaError) for outcome in outcomes)


@pytest.mark.parametrize("wait", ["poll", "iterate", "delivery", "flush", "close", "ready", "partitions_for", "admin", "commit"])
async def test_any_wait_ends_at_once_when_it_is_cancelled(wait: str, topic: str, group: str) -> None:
    broker = TestBroker()
    await broker.create_topic_async(topic, 2)
    config = {"bootstrap.servers": broker.bootstrap}
    producer = aio.Producer(config, buffer_memory=100_000, delivery_timeout_ms=600_000)
    consumer, member, admin = aio.Consumer(config), aio.Consumer(config, group_id=group), aio.Admin(config)
    consumer.assign([(topic, 1)])
    member.assign([(topic, 1)])
    await producer.send(topic, b"v", partition=0)
    await member.commit({(topic, 0): 1})
    await broker.stop_async(LIMIT)
    deliveries = [producer.send(topic, b"x" * 1000, partition=0) for _ in range(500)]

    async def iterate() -> None:
        async for _ in consumer:
            pass

    async def delivery() -> None:
        await deliveries[0]

    waits: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "poll": lambda: consumer.poll(3600),
        "iterate": iterate,
        "delivery": delivery,
        "flush": producer.flush,
        "close": lambda: producer.close(3600),
        "ready": producer.ready,
        "partitions_for": lambda: producer.partitions_for("another"),
        "admin": lambda: admin.describe_topics([topic], timeout=3600),
        "commit": lambda: member.commit({(topic, 0): 1}),
    }
    task = asyncio.create_task(waits[wait]())
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert not task.done()
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Within a few milliseconds on a machine with nothing else to do.
    assert time.monotonic() - started < 2
    await consumer.close(0.1)
    for end in (producer.close(0), member.close(0.1), admin.close(0.1)):
        with contextlib.suppress(ottla.KafkaError):
            await end


async def test_cancelling_loses_no_record(broker: TestBroker, consumer: aio.Consumer, topic: str) -> None:
    consumer.assign([(topic, 0)])
    async with aio.Producer(bootstrap_servers=broker.bootstrap, linger_ms=3_600_000) as producer:
        await producer.partitions_for(topic)
        for number in range(50):
            # Cancelled while it waits for its batch: it is in that batch.
            sending = asyncio.create_task(offset_of(producer.send(topic, str(number), partition=0)))
            await asyncio.sleep(0)
            sending.cancel()
            flushing = asyncio.create_task(producer.flush())
            for _ in range(number % 3):
                await asyncio.sleep(0)
            flushing.cancel()
            await asyncio.gather(sending, flushing, return_exceptions=True)
    for number in range(50):
        # Cancelled at any moment, also when the records were found already.
        polling = asyncio.create_task(consumer.poll(3600, max_records=1))
        for _ in range(number % 5):
            await asyncio.sleep(0)
        polling.cancel()
        (found,) = await asyncio.gather(polling, return_exceptions=True)
        records = found if isinstance(found, ottla.Records) else await consumer.poll(LIMIT, max_records=1)
        assert [record.value for record in records] == [str(number).encode()]


async def test_a_delivery_can_be_awaited_by_several_and_by_none(producer: aio.Producer, topic: str) -> None:
    delivery = producer.send(topic, b"v", partition=0)

    async def wait() -> int | None:
        return (await delivery).offset

    assert await asyncio.gather(*[wait() for _ in range(3)]) == [0, 0, 0]
    assert (await delivery).offset == 0
    producer.send(topic, b"v", partition=0)
    await producer.flush(LIMIT)


async def test_callbacks_may_be_coroutines_and_a_revocation_waits_for_them(
    broker: TestBroker, producer: aio.Producer, topic: str, group: str
) -> None:
    await producer.send(topic, b"v", partition=0)
    config = {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"}
    committed: list[str] = []
    async with aio.Consumer(config, enable_auto_commit=False) as consumer:

        async def revoked(partitions: list[ottla.TopicPartition]) -> None:
            await consumer.commit()
            committed.extend(partition.topic for partition in partitions)

        consumer.subscribe([topic], on_revoked=revoked)
        async for record in consumer:
            assert record.value == b"v"
            break
    assert committed == [topic, topic]
    async with aio.Consumer(config) as consumer:
        found = await consumer.committed([(topic, 0)])
        assert found[ottla.TopicPartition(topic, 0)].offset == 1


async def test_errors_come_out_of_the_await(producer: aio.Producer) -> None:
    with pytest.raises(ottla.RecordTooLargeError):
        await producer.send("t", b"x" * 3_000_000)
    consumer = aio.Consumer({"bootstrap.servers": "127.0.0.1:1"})
    consumer.assign([("t", 0)])
    with pytest.raises(ottla.KafkaError):
        await consumer.poll(LIMIT)
    await consumer.close(1)


def test_every_loop_has_its_own_way(broker: TestBroker, topic: str) -> None:
    async def once() -> int | None:
        async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer:
            return (await producer.send(topic, b"v", partition=0)).offset

    assert [asyncio.run(once()) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_uvloop_is_as_good(broker: TestBroker, topic: str, group: str) -> None:
    async def main() -> None:
        assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
        config = {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"}
        async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer, aio.Consumer(config) as consumer:
            deliveries = [producer.send(topic, str(number), partition=0) for number in range(1000)]
            assert [(await delivery).offset for delivery in deliveries] == list(range(1000))
            consumer.subscribe([topic])
            expected = 0
            async for record in consumer:
                assert record.offset == expected
                expected += 1
                if expected == 1000:
                    break
            polling = asyncio.create_task(consumer.poll(3600))
            await asyncio.sleep(0)
            polling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await polling
            await consumer.commit()

    for _ in range(3):
        uvloop.run(main())
        topic, group = topic + "x", group + "x"
        broker.create_topic(topic)
