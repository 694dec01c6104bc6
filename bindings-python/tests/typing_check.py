"""What type checkers must see; mypy reads it, nothing runs it."""

from __future__ import annotations

from typing_extensions import assert_type

import ottla
from ottla import aio
from ottla._options import ProducerOptions

config: ProducerOptions = {"bootstrap.servers": "localhost:9092", "linger.ms": 5, "acks": "all"}


def threads(producer: ottla.Producer, consumer: ottla.Consumer, admin: ottla.Admin) -> None:
    assert_type(producer.send("t", b"v"), ottla.Delivery)
    assert_type(producer.send("t", "v", key=None, headers=[("a", b"1")]).result().offset, int | None)
    for record in consumer:
        assert_type(record, ottla.Record)
        assert_type(record.value, bytes | None)
    assert_type(consumer.poll(1.0)[0].headers, list[tuple[str, bytes | None]])
    assert_type(consumer.end_offsets([("t", 0)]), dict[ottla.TopicPartition, int])
    assert_type(admin.create_topics([ottla.NewTopic("t", 3)]), dict[str, ottla.CreatedTopic])


async def coroutines(producer: aio.Producer, consumer: aio.Consumer) -> None:
    assert_type(await producer.send("t", b"v"), ottla.RecordMetadata)
    async for record in consumer:
        assert_type(record.offset, int)
