"""The producer for threads: every way of a record, its fate, back-pressure, the end."""

from __future__ import annotations

import threading

import pytest
from conftest import LIMIT, read

import ottla
from ottla.testing import TestBroker

def test_offsets_count_up_and_deliveries_can_be_asked_again(producer: ottla.Producer, topic: str) -> None:
    deliveries = [producer.send(topic, str(number), partition=0) for number in range(1000)]
    assert [delivery.result().offset for delivery in deliveries] == list(range(1000))
    assert deliveries[3].done() and deliveries[3].exception() is None
    assert deliveries[3].result().offset == deliveries[3].result().offset == 3
    assert "offset=3" in repr(deliveries[3].result())


def test_values_alone_and_pairs_with_keys_can_be_sent_as_many(
    producer: ottla.Producer, consumer: ottla.Consumer, topic: str
) -> None:
    producer.send_many(topic, [b"1", "2", (b"3", b"k"), ("4", None)])
    producer.flush(LIMIT)
    consumer.assign([(topic, 0), (topic, 1)])
    assert sorted((record.value, record.key) for record in read(consumer, 4)) == [
        (b"1", None),
        (b"2", None),
        (b"3", b"k"),
        (b"4", None),
    ]


def test_what_cannot_be_sent_is_refused_with_a_reason(producer: ottla.Producer, topic: str) -> None:
    with pytest.raises(ottla.InvalidArgumentError, match="not int"):
        producer.send(topic, 5)  # type: ignore[arg-type]
    with pytest.raises(ottla.RecordTooLargeError, match="max.request.size") as caught:
        producer.send(topic, b"x" * 3_000_000)
    assert caught.value.context["topic"] == topic
    assert caught.value.hint
    with pytest.raises(ottla.InvalidArgumentError, match='no "vlaue"'):
        producer.send_many(topic, [{"vlaue": b"x"}])
    with pytest.raises(ottla.InvalidArgumentError):
        producer.send(topic, b"x").result(-1.0)


def test_closing_delivers_everything_and_refuses_more(broker: TestBroker, topic: str) -> None:
    producer = ottla.Producer(bootstrap_servers=broker.bootstrap, linger_ms=60_000)
    delivery = producer.send(topic, b"v")
    producer.close(LIMIT)
    producer.close(LIMIT)
    assert delivery.done()
    with pytest.raises(ottla.ClosedError):
        producer.send(topic, b"v")


def test_options_are_checked_with_a_suggestion() -> None:
    with pytest.raises(ottla.ConfigError, match="linger.ms") as caught:
        ottla.Producer({"bootstrap.servers": "localhost:1", "liner.ms": 5})
    assert isinstance(caught.value, ValueError) and caught.value.kind == "config"
    with pytest.raises(ottla.ConfigError, match="twice"):
        ottla.Producer({"bootstrap.servers": "localhost:1", "linger.ms": 1}, linger_ms=2)


def test_partitions_and_metrics_are_told(producer: ottla.Producer, topic: str) -> None:
    assert [(info.partition, info.leader) for info in producer.partitions_for(topic)] == [(0, 1), (1, 1)]
    producer.send(topic, b"v").result(LIMIT)
    assert producer.metrics()["records_acknowledged"] == 1


def test_threads_may_share_a_producer(producer: ottla.Producer, topic: str) -> None:
    offsets: list[int] = []

    def send() -> None:
        for delivery in [producer.send(topic, b"v", partition=0) for _ in range(500)]:
            offsets.append(delivery.result(LIMIT).offset or 0)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(offsets) == list(range(2000))
