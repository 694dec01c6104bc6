"""Groups: a revocation waits for its callback, what was committed in it counts, no record is skipped."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import LIMIT

import ottla
from ottla import aio
from ottla.testing import TestBroker


#: What a commit is told that came too late.
REFUSED = ("REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID")


def config(broker: TestBroker, group: str, **more: Any) -> dict[str, Any]:
    return {
        "bootstrap.servers": broker.bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "heartbeat.interval.ms": 100,
        "fetch.max.wait.ms": 50,
        **more,
    }


async def poll_until(consumer: aio.Consumer, stop: asyncio.Event, seen: list[ottla.Record]) -> None:
    while not stop.is_set():
        seen.extend(await consumer.poll(0.05))


@pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
async def test_a_revocation_is_held_until_the_commit_in_its_callback_is_done(
    assignor: str, broker: TestBroker, topic: str, group: str
) -> None:
    async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer:
        for partition in (0, 1):
            for number in range(10):
                producer.send(topic, str(number), partition=partition)
    revoking, may_go, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first_saw: list[ottla.Record] = []
    second_saw: list[ottla.Record] = []
    revoked: list[ottla.TopicPartition] = []
    options = config(broker, group, **{"partition.assignment.strategy": assignor})
    async with aio.Consumer(options) as first, aio.Consumer(options) as second:

        async def on_revoked(partitions: list[ottla.TopicPartition]) -> None:
            if revoking.is_set():
                return  # The end of the test.
            revoked.extend(partitions)
            revoking.set()
            await may_go.wait()
            # Not what was read: what the callback says.
            await first.commit({partition: 7 for partition in partitions})

        first.subscribe([topic], on_revoked=on_revoked)
        first_task = asyncio.create_task(poll_until(first, stop, first_saw))
        async with asyncio.timeout(LIMIT):
            while len(first_saw) < 20:
                await asyncio.sleep(0.01)
            second.subscribe([topic])
            second_task = asyncio.create_task(poll_until(second, stop, second_saw))
            await revoking.wait()
            # While the callback runs the partitions are the first one's, however long that takes.
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                assert second.assignment() == [] and second_saw == []
                await asyncio.sleep(0.01)
            may_go.set()
            while not second_saw:
                await asyncio.sleep(0.01)
        stop.set()
        await asyncio.gather(first_task, second_task)
    assert {(record.topic, record.partition) for record in second_saw} <= set(revoked)
    assert second_saw[0].offset == 7


async def test_a_blocked_loop_costs_no_membership(broker: TestBroker, topic: str, group: str) -> None:
    async with TestBroker({"group.min.session.timeout.ms": 100}) as own, aio.Producer(
        bootstrap_servers=own.bootstrap
    ) as producer:
        rebalances: list[list[ottla.TopicPartition]] = []
        options = config(own, group, **{"session.timeout.ms": 2000})
        async with aio.Consumer(options) as consumer:
            await producer.send(topic, b"1", partition=0)
            consumer.subscribe([topic], on_assigned=rebalances.append, on_lost=rebalances.append)
            async for _ in consumer:
                break
            generation = consumer.group_metadata()
            time.sleep(6)  # The handler holds the loop up for three times as long as the session may be silent.
            await producer.send(topic, b"2", partition=0)
            async for record in consumer:
                assert record.value == b"2"
                break
            await consumer.commit()
            assert consumer.group_metadata() == generation and len(rebalances) == 1


def test_slow_handlers_of_single_records_cost_no_membership(
    broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    for number in range(8):
        producer.send(topic, str(number), partition=0)
    producer.flush(LIMIT)
    # All of them come with one poll; together they take longer than may lie between two polls.
    with ottla.Consumer(config(broker, group, **{"max.poll.interval.ms": 3000})) as consumer:
        consumer.subscribe([topic])
        handled = 0
        for record in consumer:
            if handled == 0:
                generation = consumer.group_metadata()
            time.sleep(0.5)
            handled += 1
            assert record.offset == handled - 1
            if handled == 8:
                break
        consumer.commit()
        assert consumer.group_metadata() == generation


async def test_a_rebalance_whose_poll_was_cancelled_is_told_by_the_next_one(
    broker: TestBroker, topic: str, group: str
) -> None:
    for attempt in range(20):
        told: list[list[ottla.TopicPartition]] = []
        async with aio.Consumer(config(broker, f"{group}-{attempt}")) as consumer:
            consumer.subscribe([topic], on_assigned=told.append)
            async with asyncio.timeout(LIMIT):
                while not consumer.assignment():
                    # Cancelled at any moment, also between the rebalance and the loop's next turn.
                    polling = asyncio.ensure_future(consumer.poll(3600))
                    await asyncio.sleep(0)
                    time.sleep(0.001 * (attempt % 4))
                    polling.cancel()
                    await asyncio.gather(polling, return_exceptions=True)
                while not told:
                    await consumer.poll(1)
        assert told == [[(topic, 0), (topic, 1)]]


def commit(member: ottla.Consumer) -> None:
    """A commit in the middle of a rebalance may be refused, and the records come again."""
    try:
        member.commit()
    except ottla.KafkaError as error:
        assert error.code_name in REFUSED, error


def committing(member: ottla.Consumer) -> Callable[[list[ottla.TopicPartition]], None]:
    return lambda _: commit(member)


def test_members_that_come_and_go_skip_no_record(broker: TestBroker, group: str) -> None:
    chance = random.Random(20)
    topic = f"{group}-topic"
    broker.create_topic(topic, partitions=4)
    count = 2_000
    with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
        producer.send_many(topic, [{"value": str(number), "partition": number % 4} for number in range(count)])
    handled: set[bytes | None] = set()
    members: list[ottla.Consumer] = []
    strategy = {"partition.assignment.strategy": "cooperative-sticky"}
    deadline = time.monotonic() + 2 * LIMIT
    while len(handled) < count:
        assert time.monotonic() < deadline, f"only {len(handled)} of {count} came"
        if len(members) < 3 and chance.random() < 0.3:
            member = ottla.Consumer(config(broker, group, **strategy), max_poll_records=20)
            member.subscribe([topic], on_revoked=committing(member))
            members.append(member)
        if members and chance.random() < 0.05:
            # Half of them say goodbye, half are dropped with what they read and did not commit.
            member = members.pop(chance.randrange(len(members)))
            if chance.random() < 0.5:
                member.close(LIMIT)
            # Its callback refers to it: dropping it takes the collector.
            del member
            gc.collect()
        for member in members:
            records = member.poll(0.02)
            handled.update(record.value for record in records)
            if records and chance.random() < 0.5:
                commit(member)
    assert handled == {str(number).encode() for number in range(count)}
    for member in members:
        member.close(LIMIT)
