"""Callbacks: where they run, what they may do, and what becomes of what they raise."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from conftest import LIMIT, read

import ottla
from ottla import aio
from ottla.testing import TestBroker


class Refused(Exception):
    """A callback's own."""


def config(broker: TestBroker, group: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": broker.bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }


def refuse(*_: object) -> None:
    raise Refused


def test_delivery_callbacks_run_on_the_programs_own_thread(producer: ottla.Producer, topic: str) -> None:
    told: list[tuple[int | None, threading.Thread]] = []

    def note(metadata: ottla.RecordMetadata | None, error: ottla.KafkaError | None) -> None:
        assert error is None and metadata is not None
        told.append((metadata.offset, threading.current_thread()))

    for number in range(10):
        producer.send(topic, str(number), partition=0, on_delivery=note)
    while len(told) < 10:
        producer.poll(LIMIT)
    assert told == [(offset, threading.current_thread()) for offset in range(10)]


def test_a_delivery_callback_is_told_of_errors(cut_off: ottla.Producer, topic: str) -> None:
    told: list[ottla.KafkaError | None] = []
    cut_off.send(topic, b"v", on_delivery=lambda metadata, error: told.append(error))
    with pytest.raises(ottla.TimeoutError):
        cut_off.close(0.1)
    assert len(told) == 1 and isinstance(told[0], ottla.KafkaError)


def test_a_delivery_callback_that_raises_holds_up_no_other(producer: ottla.Producer, topic: str) -> None:
    told: list[int] = []
    producer.send(topic, b"1", on_delivery=refuse)
    producer.send(topic, b"2", on_delivery=lambda *_: told.append(2))
    with pytest.raises(Refused):
        producer.flush(LIMIT)
    producer.flush(LIMIT)
    assert told == [2]


def test_a_delivery_callback_may_send(producer: ottla.Producer, consumer: ottla.Consumer, topic: str) -> None:
    producer.send(topic, b"1", partition=0, on_delivery=lambda *_: producer.send(topic, b"2", partition=0))
    producer.flush(LIMIT)
    consumer.assign([(topic, 0)])
    assert [record.value for record in read(consumer, 2)] == [b"1", b"2"]


def test_what_rebalance_callbacks_raise_comes_out_of_the_poll_and_costs_no_record(
    broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    for number in range(10):
        producer.send(topic, str(number), partition=0)
    producer.flush(LIMIT)
    consumer = ottla.Consumer(config(broker, group))
    consumer.subscribe([topic], on_assigned=refuse, on_revoked=refuse)
    with pytest.raises(Refused):
        read(consumer, 1)
    assert [record.offset for record in read(consumer, 10)] == list(range(10))
    consumer.commit()
    with pytest.raises(Refused):
        consumer.close(LIMIT)
    with pytest.raises(ottla.ClosedError):
        consumer.poll(0)


async def test_what_asynchronous_rebalance_callbacks_raise_comes_out_of_the_await(
    broker: TestBroker, topic: str, group: str
) -> None:
    async def refused(_: list[ottla.TopicPartition]) -> None:
        raise Refused

    async with aio.Producer(bootstrap_servers=broker.bootstrap) as producer:
        await producer.send(topic, b"v", partition=0)
    consumer = aio.Consumer(config(broker, group))
    consumer.subscribe([topic], on_assigned=refused, on_revoked=refused)
    with pytest.raises(Refused):
        while True:
            await consumer.poll(LIMIT)
    while not (records := await consumer.poll(LIMIT)):
        pass
    assert records[0].offset == 0
    with pytest.raises(Refused):
        await consumer.close(LIMIT)
    with pytest.raises(ottla.ClosedError):
        await consumer.poll(0)


def commit(consumer: ottla.Consumer | aio.Consumer, _: list[ottla.TopicPartition]) -> Any:
    return consumer.commit()


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_closed_consumer_whose_callbacks_mention_it_needs_no_collector(
    broker: TestBroker, topic: str, group: str
) -> None:
    consumer = ottla.Consumer(bootstrap_servers=broker.bootstrap, group_id=group)
    consumer.subscribe(topic, on_revoked=partial(commit, consumer))
    consumer.close(LIMIT)
    gone = weakref.ref(consumer)
    del consumer
    assert gone() is None


@pytest.mark.usefixtures("no_collector")
async def test_a_closed_asynchronous_consumer_whose_callbacks_mention_it_needs_no_collector(
    broker: TestBroker, topic: str, group: str
) -> None:
    consumer = aio.Consumer(bootstrap_servers=broker.bootstrap, group_id=group)
    consumer.subscribe(topic, on_revoked=partial(commit, consumer))
    await consumer.close(LIMIT)
    gone = weakref.ref(consumer)
    del consumer
    assert gone() is None
