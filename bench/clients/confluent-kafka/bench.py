"""Produces or consumes with confluent-kafka and prints what it cost as one JSON line (bench/README.md)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from harness import PARTITIONS, TIMEOUT, Tally, arguments, report, usage, value  # noqa: E402


def produce(work):
    config = {
        "bootstrap.servers": work.bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "queue.buffering.max.messages": 1_000_000,
        "queue.buffering.max.kbytes": 32_768,
    }
    if work.batch_bytes is not None:
        config |= {"batch.size": work.batch_bytes, "linger.ms": work.linger_ms}
    producer = Producer(config)
    payload = value(work.record_bytes)
    send(producer, work.topic, payload, work.warmup)
    start = usage()
    tally = send(producer, work.topic, payload, work.records)
    report(start, tally.acked, tally.failed)


def send(producer, topic, payload, count):
    tally = Tally()

    def delivered(error, _message):
        if error is None:
            tally.acked += 1
        else:
            tally.failed += 1

    for index in range(count):
        while True:
            try:
                producer.produce(topic, payload, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.001)
        # Reports are taken in bulk: a poll per record would be measured instead of the client.
        if index % 1000 == 0:
            producer.poll(0)
    producer.flush(TIMEOUT)
    return tally


def consume(work):
    read = {"record": each, "batch": batches}[work.shape]
    read(work, work.warmup)
    start = usage()
    report(start, *read(work, work.records))


def consumer(work):
    made = Consumer({"bootstrap.servers": work.bootstrap, "group.id": "bench", "enable.auto.commit": False})
    made.assign([TopicPartition(work.topic, partition, 0) for partition in range(PARTITIONS)])
    return made


def each(work, count):
    reader = consumer(work)
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    while seen < count:
        message = reader.poll(10.0)
        if message is None or message.error():
            raise SystemExit(f"no record in time: {message and message.error()}")
        partition, offset = message.partition(), message.offset()
        if offset != following[partition] or len(message.value()) != work.record_bytes:
            wrong += 1
        following[partition] = offset + 1
        seen += 1
    reader.close()
    return seen, wrong


def batches(work, count):
    reader = consumer(work)
    following, seen, wrong = [0] * PARTITIONS, 0, 0
    while seen < count:
        messages = reader.consume(500, 10.0)
        if not messages:
            raise SystemExit("no record in time")
        for message in messages:
            if message.error():
                raise SystemExit(str(message.error()))
            partition, offset = message.partition(), message.offset()
            if offset != following[partition] or len(message.value()) != work.record_bytes:
                wrong += 1
            following[partition] = offset + 1
        seen += len(messages)
    reader.close()
    return seen, wrong


if __name__ == "__main__":
    asked = arguments(["record", "batch"])
    {"produce": produce, "consume": consume}[asked.verb](asked)
