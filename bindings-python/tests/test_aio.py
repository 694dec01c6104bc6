"""The clients for coroutines: nothing holds the loop up, cancelling loses nothing, no thread is made."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from conftest import LIMIT

import ottla
from ottla import aio
from ottla.testing import TestBroker


@pytest.fixture
async def producer(broker: TestBroker):
    async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer:
        yield producer


@pytest.fixture
async def consumer(broker: TestBroker):
    config = {"bootstrap.servers": broker.bootstrap, "auto.offset.reset": "earliest", "fetch.max.wait.ms": 50}
    async with aio.Consumer(config) as consumer:
        yield consumer


async def test_one_await_gives_the_offset_and_ten_thousand_make_no_thread(producer: aio.Producer, topic: str) -> None:
    assert (await producer.send(topic, b"first", partition=0)).offset == 0
    before = threading.active_count(), threads_of_process()
    deliveries = [producer.send(topic, b"v" * 100, partition=0) for _ in range(10_000)]
    found = await asyncio.gather(*deliveries)
    assert [metadata.offset for metadata in found] == list(range(1, 10_001))
    assert (threading.active_count(), threads_of_process()) == before


def threads_of_process() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


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
        assert int(record.value) == expected
        expected += 1
        if expected == 3000:
            break


async def test_what_waits_beyond_the_bound_fails_at_once() -> None:
    producer = aio.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=500)
    deliveries = [producer.send("t", b"v") for _ in range(12_000)]
    with pytest.raises(ottla.QueueFullError) as caught:
        await deliveries[-1]
    assert caught.value.hint and not deliveries[0].done()
    outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ottla.QueueFullError)]
    assert len(refused) == 2_000 and all(isinstance(outcome, ottla.KafkaError) for outcome in outcomes)
    await producer.close(1)


async def test_a_cancelled_wait_ends_at_once_and_loses_nothing(
    producer: aio.Producer, consumer: aio.Consumer, topic: str
) -> None:
    consumer.assign([(topic, 0)])
    polling = asyncio.create_task(consumer.poll(3600))
    await asyncio.sleep(0)
    started = time.monotonic()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    assert time.monotonic() - started < 0.5
    for number in range(50):
        await producer.send(topic, str(number), partition=0)
        # Cancelled at any moment, also when the records were found already.
        polling = asyncio.create_task(consumer.poll(3600, max_records=1))
        for _ in range(number % 5):
            await asyncio.sleep(0)
        polling.cancel()
        found = await asyncio.gather(polling, return_exceptions=True)
        records = found[0] if isinstance(found[0], ottla.Records) else await consumer.poll(LIMIT, max_records=1)
        assert [record.value for record in records] == [str(number).encode()]


async def test_a_delivery_can_be_awaited_by_several_and_by_none(producer: aio.Producer, topic: str) -> None:
    delivery = producer.send(topic, b"v", partition=0)

    async def wait() -> int | None:
        return (await delivery).offset

    assert await asyncio.gather(wait(), wait(), wait()) == [0, 0, 0]
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


async def test_a_blocked_loop_does_not_cost_the_membership(
    topic: str, group: str
) -> None:
    async with (
        TestBroker({"group.min.session.timeout.ms": 100}) as broker,
        aio.Producer(bootstrap_servers=broker.bootstrap) as producer,
        aio.Consumer(
            {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"},
            session_timeout_ms=1000,
            heartbeat_interval_ms=200,
        ) as consumer,
    ):
        await producer.send(topic, b"1", partition=0)
        consumer.subscribe([topic])
        async for _ in consumer:
            break
        generation = consumer.group_metadata()
        time.sleep(3)  # The handler blocks the loop three times as long as the session may be silent.
        await producer.send(topic, b"2", partition=0)
        async for record in consumer:
            assert record.value == b"2"
            break
        await consumer.commit()
        assert consumer.group_metadata() == generation


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
