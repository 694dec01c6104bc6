"""The producer for threads: every way of a record, its fate, back-pressure, the end."""

from __future__ import annotations

import threading

import pytest
from conftest import LIMIT, read

import ottla
from ottla.testing import TestBroker

PARTS = [
    {"value": b"plain"},
    {"value": "text \u00fc", "key": "k\u00fc"},
    {"value": bytearray(b"array"), "key": memoryview(b"view")},
    {"value": None, "key": b"tombstone"},
    {"value": b"", "key": b""},
    {"value": b"v", "headers": [("a", b"1"), ("a", None), ("b", "text"), ("", b"")]},
    {"value": b"v", "headers": {"one": b"1"}},
    {"value": b"v", "timestamp": 1_700_000_000_123, "partition": 1},
]


def octets(value: object) -> bytes | None:
    return value.encode() if isinstance(value, str) else None if value is None else bytes(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["send", "send_many"])
def test_every_part_of_a_record_arrives_by_every_path(
    path: str, producer: ottla.Producer, consumer: ottla.Consumer, topic: str
) -> None:
    parts = [{"partition": 0, **one} for one in PARTS]
    if path == "send":
        deliveries = [producer.send(topic, **one) for one in parts]
    else:
        deliveries = producer.send_many(topic, parts)
    sent = [delivery.result(LIMIT) for delivery in deliveries]
    consumer.assign([(topic, 0), (topic, 1)])
    found = {(record.partition, record.offset): record for record in read(consumer, len(parts))}
    for one, metadata in zip(parts, sent, strict=True):
        record = found[metadata.partition, metadata.offset]
        assert (record.topic, record.partition) == (topic, one["partition"])
        assert record.value == octets(one["value"])
        assert record.key == octets(one.get("key"))
        headers = one.get("headers", [])
        pairs = headers.items() if isinstance(headers, dict) else headers
        assert record.headers == [(key, octets(value)) for key, value in pairs]
        assert record.timestamp == one.get("timestamp", metadata.timestamp) == metadata.timestamp
        assert record.timestamp_type == "create"


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


def test_callbacks_run_on_the_programs_own_thread(producer: ottla.Producer, topic: str) -> None:
    told: list[tuple[int | None, threading.Thread]] = []

    def note(metadata: ottla.RecordMetadata | None, error: ottla.KafkaError | None) -> None:
        assert error is None and metadata is not None
        told.append((metadata.offset, threading.current_thread()))

    for number in range(10):
        producer.send(topic, str(number), partition=0, on_delivery=note)
    while len(told) < 10:
        producer.poll(LIMIT)
    assert told == [(offset, threading.current_thread()) for offset in range(10)]


def test_a_callback_that_raises_holds_up_no_other(producer: ottla.Producer, topic: str) -> None:
    told: list[int] = []

    def raising(*_: object) -> None:
        raise RuntimeError("of the callback")

    producer.send(topic, b"1", on_delivery=raising)
    producer.send(topic, b"2", on_delivery=lambda *_: told.append(2))
    with pytest.raises(RuntimeError, match="of the callback"):
        producer.flush(LIMIT)
    producer.flush(LIMIT)
    assert told == [2]


def test_a_full_buffer_blocks_or_says_so(broker: TestBroker, topic: str) -> None:
    config = {"bootstrap.servers": broker.bootstrap, "buffer.memory": 100_000, "linger.ms": 100}
    with ottla.Producer(config) as producer:
        producer.partitions_for(topic)
        with pytest.raises(ottla.QueueFullError) as caught:
            for _ in range(1000):
                producer.send(topic, b"x" * 1000, block=False)
        assert caught.value.retriable
        # Ten times the buffer goes through it, and nothing is lost.
        deliveries = [producer.send(topic, b"x" * 1000) for _ in range(1000)]
        producer.flush(LIMIT)
        assert all(delivery.exception() is None for delivery in deliveries)
        assert producer.metrics()["buffer_total_bytes"] == 100_000


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
    offsets: list[int | None] = []

    def send() -> None:
        for delivery in [producer.send(topic, b"v", partition=0) for _ in range(500)]:
            offsets.append(delivery.result(LIMIT).offset)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(offsets) == list(range(2000))
