"""Every part of a record arrives by every way to send it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from conftest import LIMIT, read

import ottla
from ottla import aio
from ottla.testing import TestBroker

PARTS: dict[str, dict[str, Any]] = {
    "bytes": {"value": b"plain"},
    "text": {"value": "text \u00fc", "key": "k\u00fc"},
    "buffers": {"value": bytearray(b"array"), "key": memoryview(b"view")},
    "tombstone": {"value": None, "key": b"tombstone"},
    "null key": {"value": b"v", "key": None},
    "nothing at all": {"value": None, "key": None},
    "empty": {"value": b"", "key": b""},
    "headers, repeated, null, empty": {"value": b"v", "headers": [("a", b"1"), ("a", None), ("b", "text"), ("", b"")]},
    "headers by name": {"value": b"v", "headers": {"one": b"1", "two": None}},
    "no headers": {"value": b"v", "headers": None},
    "timestamp": {"value": b"v", "timestamp": 1_700_000_000_123},
    "time zero": {"value": b"v", "timestamp": 0},
    "partition": {"value": b"v", "partition": 1},
    "all of it": {"value": b"v", "key": b"k", "partition": 1, "timestamp": 1, "headers": [("h", b"x" * 300)]},
}


def octets(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else None if value is None else bytes(value)


def by_threads(config: dict[str, Any], topic: str, parts: list[dict[str, Any]], many: bool) -> list[ottla.RecordMetadata]:
    with ottla.Producer(config) as producer:
        sent = producer.send_many(topic, parts) if many else [producer.send(topic, **one) for one in parts]
        return [delivery.result(LIMIT) for delivery in sent]


async def by_coroutines(
    config: dict[str, Any], topic: str, parts: list[dict[str, Any]], many: bool
) -> list[ottla.RecordMetadata]:
    async with aio.Producer(config) as producer:
        sent = producer.send_many(topic, parts) if many else [producer.send(topic, **one) for one in parts]
        return [await delivery for delivery in sent]


@pytest.mark.parametrize("room", ["room in the buffer", "a full buffer"])
@pytest.mark.parametrize("path", ["send", "send_many", "aio send", "aio send_many"])
def test_every_part_of_a_record_arrives_by_every_path(
    path: str, room: str, broker: TestBroker, consumer: ottla.Consumer, topic: str
) -> None:
    parts = [{"partition": 0, **one} for one in PARTS.values()]
    config: dict[str, Any] = {"bootstrap.servers": broker.bootstrap}
    if room == "a full buffer":
        # What has to wait takes another way through the library: with its parts.
        parts = parts * 20
        config |= {"buffer.memory": 2048, "batch.size": 1024}
    many = path.endswith("many")
    if path.startswith("aio"):
        sent = asyncio.run(by_coroutines(config, topic, parts, many))
    else:
        sent = by_threads(config, topic, parts, many)
    consumer.assign([(topic, 0), (topic, 1)])
    found = {(record.partition, record.offset): record for record in read(consumer, len(parts))}
    assert len(found) == len(parts)
    for one, metadata in zip(parts, sent, strict=True):
        record = found[metadata.partition, metadata.offset or 0]
        assert (record.topic, record.partition) == (topic, one["partition"])
        assert record.value == octets(one["value"])
        assert record.key == octets(one.get("key"))
        headers = one.get("headers") or []
        pairs = headers.items() if isinstance(headers, dict) else headers
        assert record.headers == [(key, octets(value)) for key, value in pairs]
        assert record.timestamp == one.get("timestamp", metadata.timestamp) == metadata.timestamp
        assert record.timestamp_type == "create"
    # Each partition's records lie in the order in which they were sent.
    for partition in (0, 1):
        offsets = [metadata.offset for metadata in sent if metadata.partition == partition]
        assert offsets == sorted(offsets)  # type: ignore[type-var]
