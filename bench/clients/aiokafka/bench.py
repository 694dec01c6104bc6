"""Produces or consumes with aiokafka and prints what it cost as one JSON line (bench/README.md)."""

import asyncio
import sys
from collections import deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # noqa: E402
from harness import PARTITIONS, Tally, arguments, report, usage, value  # noqa: E402

# How many sends may be without a fate before the oldest is awaited.
IN_FLIGHT = 10_000


async def produce(work):
    config = {"acks": "all", "enable_idempotence": True}
    if work.batch_bytes is not None:
        config |= {"max_batch_size": work.batch_bytes, "linger_ms": work.linger_ms}
    async with AIOKafkaProducer(bootstrap_servers=work.bootstrap, **config) as producer:
        payload = value(work.record_bytes)
        await send(producer, work.topic, payload, work.warmup)
        start = usage()
        tally = await send(producer, work.topic, payload, work.records)
        report(start, tally.acked, tally.failed)


async def send(producer, topic, payload, count):
    tally = Tally()
    waiting = deque()

    async def settle():
        try:
            await waiting.popleft()
            tally.acked += 1
        except Exception:
            tally.failed += 1

    for _ in range(count):
        waiting.append(await producer.send(topic, payload))
        if len(waiting) > IN_FLIGHT:
            await settle()
    await producer.flush()
    while waiting:
        await settle()
    return tally


async def consume(work):
    read = {"record": each, "batch": batches}[work.shape]
    await read(work, work.warmup)
    start = usage()
    report(start, *await read(work, work.records))


async def consumer(work):
    made = AIOKafkaConsumer(bootstrap_servers=work.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await made.start()
    made.assign([TopicPartition(work.topic, partition) for partition in range(PARTITIONS)])
    return made


async def each(work, count):
    reader = await consumer(work)
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    async for message in reader:
        if message.offset != following[message.partition] or len(message.value) != work.record_bytes:
            wrong += 1
        following[message.partition] = message.offset + 1
        seen += 1
        if seen >= count:
            break
    await reader.stop()
    return seen, wrong


async def batches(work, count):
    reader = await consumer(work)
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    while seen < count:
        for messages in (await reader.getmany(timeout_ms=10_000)).values():
            for message in messages:
                if message.offset != following[message.partition] or len(message.value) != work.record_bytes:
                    wrong += 1
                following[message.partition] = message.offset + 1
            seen += len(messages)
    await reader.stop()
    return seen, wrong


if __name__ == "__main__":
    asked = arguments(["record", "batch"])
    asyncio.run({"produce": produce, "consume": consume}[asked.verb](asked))
