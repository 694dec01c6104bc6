"""Produces or consumes with Ottla's Python binding and prints what it cost as one JSON line (bench/README.md).

Shapes of producing: `each` keeps the delivery of every record and asks it, `callback` has a function called for each,
`many` hands over lists, `asyncio` awaits every delivery in a coroutine, `asyncio-many` lists of them.
Of consuming: `record` iterates, `batch` polls; both with `asyncio-` before them in a coroutine.
"""

import asyncio
from collections import deque

import ottla
import ottla.aio
from harness import PARTITIONS, TIMEOUT, Tally, arguments, report, usage, value

SHAPES = ["each", "callback", "many", "asyncio", "asyncio-many", "record", "batch", "asyncio-record", "asyncio-batch"]
# How many sends may be without a fate before the oldest is waited for.
IN_FLIGHT = 10_000
MANY = 500


def producer_config(work):
    config = {"bootstrap.servers": work.bootstrap}
    if work.batch_bytes is not None:
        config |= {"batch.size": work.batch_bytes, "linger.ms": work.linger_ms}
    return config


def produce(work):
    send = {"each": send_each, "callback": send_called_back, "many": send_many}[work.shape]
    payload = value(work.record_bytes)
    with ottla.Producer(producer_config(work)) as producer:
        send(producer, work.topic, payload, work.warmup)
        start = usage()
        tally = send(producer, work.topic, payload, work.records)
        report(start, tally.acked, tally.failed)


def settle(delivery, tally):
    if delivery.exception() is None:
        tally.acked += 1
    else:
        tally.failed += 1


def send_each(producer, topic, payload, count):
    tally = Tally()
    waiting = deque()
    for _ in range(count):
        waiting.append(producer.send(topic, payload))
        if len(waiting) > IN_FLIGHT:
            while waiting and waiting[0].done():
                settle(waiting.popleft(), tally)
    producer.flush(TIMEOUT)
    for delivery in waiting:
        settle(delivery, tally)
    return tally


def send_called_back(producer, topic, payload, count):
    tally = Tally()

    def delivered(_metadata, error):
        if error is None:
            tally.acked += 1
        else:
            tally.failed += 1

    for index in range(count):
        producer.send(topic, payload, on_delivery=delivered)
        if index % 1000 == 0:
            producer.poll(0)
    producer.flush(TIMEOUT)
    return tally


def send_many(producer, topic, payload, count):
    tally = Tally()
    waiting = deque()
    for sent in range(0, count, MANY):
        waiting.append(producer.send_many(topic, [payload] * min(MANY, count - sent)))
        if len(waiting) * MANY > IN_FLIGHT:
            while waiting and waiting[0][-1].done() and all(delivery.done() for delivery in waiting[0]):
                for delivery in waiting.popleft():
                    settle(delivery, tally)
    producer.flush(TIMEOUT)
    for deliveries in waiting:
        for delivery in deliveries:
            settle(delivery, tally)
    return tally


async def produce_async(work):
    send = {"asyncio": send_async, "asyncio-many": send_many_async}[work.shape]
    payload = value(work.record_bytes)
    async with ottla.aio.Producer(producer_config(work)) as producer:
        await send(producer, work.topic, payload, work.warmup)
        start = usage()
        tally = await send(producer, work.topic, payload, work.records)
        report(start, tally.acked, tally.failed)


async def settle_async(delivery, tally):
    try:
        await delivery
        tally.acked += 1
    except ottla.KafkaError:
        tally.failed += 1


async def send_async(producer, topic, payload, count):
    tally = Tally()
    waiting = deque()
    for _ in range(count):
        waiting.append(producer.send(topic, payload))
        if len(waiting) > IN_FLIGHT:
            await settle_async(waiting.popleft(), tally)
    while waiting:
        await settle_async(waiting.popleft(), tally)
    return tally


async def send_many_async(producer, topic, payload, count):
    tally = Tally()
    waiting = deque()
    for sent in range(0, count, MANY):
        waiting.extend(producer.send_many(topic, [payload] * min(MANY, count - sent)))
        while len(waiting) > IN_FLIGHT:
            await settle_async(waiting.popleft(), tally)
    while waiting:
        await settle_async(waiting.popleft(), tally)
    return tally


def consumer_config(work):
    return {"bootstrap.servers": work.bootstrap, "auto.offset.reset": "earliest", "enable.auto.commit": False}


def partitions(work):
    return [(work.topic, partition) for partition in range(PARTITIONS)]


def consume(work):
    read = {"record": read_records, "batch": read_batches}[work.shape]
    read(work, work.warmup)
    start = usage()
    report(start, *read(work, work.records))


def read_records(work, count):
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    with ottla.Consumer(consumer_config(work)) as consumer:
        consumer.assign(partitions(work))
        for record in consumer:
            partition, offset = record.partition, record.offset
            if offset != following[partition] or len(record.value) != work.record_bytes:
                wrong += 1
            following[partition] = offset + 1
            seen += 1
            if seen >= count:
                break
    return seen, wrong


def read_batches(work, count):
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    with ottla.Consumer(consumer_config(work)) as consumer:
        consumer.assign(partitions(work))
        while seen < count:
            records = consumer.poll(10.0)
            for record in records:
                partition, offset = record.partition, record.offset
                if offset != following[partition] or len(record.value) != work.record_bytes:
                    wrong += 1
                following[partition] = offset + 1
            seen += len(records)
    return seen, wrong


async def consume_async(work):
    read = {"asyncio-record": read_records_async, "asyncio-batch": read_batches_async}[work.shape]
    await read(work, work.warmup)
    start = usage()
    report(start, *await read(work, work.records))


async def read_records_async(work, count):
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    async with ottla.aio.Consumer(consumer_config(work)) as consumer:
        consumer.assign(partitions(work))
        async for record in consumer:
            partition, offset = record.partition, record.offset
            if offset != following[partition] or len(record.value) != work.record_bytes:
                wrong += 1
            following[partition] = offset + 1
            seen += 1
            if seen >= count:
                break
    return seen, wrong


async def read_batches_async(work, count):
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    async with ottla.aio.Consumer(consumer_config(work)) as consumer:
        consumer.assign(partitions(work))
        while seen < count:
            records = await consumer.poll(10.0)
            for record in records:
                partition, offset = record.partition, record.offset
                if offset != following[partition] or len(record.value) != work.record_bytes:
                    wrong += 1
                following[partition] = offset + 1
            seen += len(records)
    return seen, wrong


if __name__ == "__main__":
    asked = arguments(SHAPES)
    if asked.shape.startswith("asyncio"):
        asyncio.run({"produce": produce_async, "consume": consume_async}[asked.verb](asked))
    else:
        {"produce": produce, "consume": consume}[asked.verb](asked)
