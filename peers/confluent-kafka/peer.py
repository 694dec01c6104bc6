"""Checks a broker through confluent-kafka (librdkafka): peer.py BOOTSTRAP CHECK."""

import sys
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

BOOTSTRAP = sys.argv[1]
PATIENCE_S = 60
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def unique(name):
    return f"cfk-{name}-{uuid.uuid4().hex[:8]}"


def admin():
    return AdminClient({"bootstrap.servers": BOOTSTRAP})


def create(topic, partitions, **config):
    client = admin()  # kept until the answers are there: its end would abort them
    for future in client.create_topics([NewTopic(topic, partitions, 1, config=config)]).values():
        future.result(PATIENCE_S)
    return topic


def producer(**config):
    return Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True, "linger.ms": 5, **config})


class Deliveries:
    """Delivery reports of one producer: any error is a failure, and offsets are kept by partition."""

    def __init__(self):
        self.offsets = {}

    def __call__(self, error, message):
        assert error is None, error
        self.offsets.setdefault(message.partition(), []).append(message.offset())

    def check(self, count):
        assert sum(map(len, self.offsets.values())) == count, self.offsets
        for offsets in self.offsets.values():
            assert offsets == sorted(set(offsets)), "delivered out of order or twice"


def produce(topic, values, deliveries=None, **config):
    """Sends (partition, key, value, headers, timestamp) and waits for every report."""
    deliveries = deliveries or Deliveries()
    client, count = producer(**config), 0
    for partition, key, value, headers, timestamp in values:
        while True:
            try:
                client.produce(
                    topic, value, key, partition=partition, on_delivery=deliveries, timestamp=timestamp, headers=headers
                )
                break
            except BufferError:
                client.poll(0.1)
        client.poll(0)
        count += 1
    assert client.flush(PATIENCE_S) == 0, "not all was delivered in time"
    deliveries.check(count)


def consumer(group, **config):
    return Consumer({
        "bootstrap.servers": BOOTSTRAP,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "check.crcs": True,
        **config,
    })


def poll(client):
    message = client.poll(0.2)
    if message is None:
        return None
    if message.error():
        raise AssertionError(message.error())
    return message


def collect(client, count):
    """Reads exactly `count` records, and sees that no more are there."""
    found, deadline = [], time.monotonic() + PATIENCE_S
    while len(found) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} records in time"
        message = poll(client)
        if message is not None:
            found.append(message)
    assert poll(client) is None, "a record too many"
    return found


def assigned(topic, partitions):
    client = consumer(unique("reader"))
    client.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in range(partitions)])
    return client


def check_codecs():
    for codec in CODECS:
        topic = create(unique(codec), 3)
        now = int(time.time() * 1000)
        sent = [
            (
                n % 3,
                None if n % 7 == 0 else b"key-%d" % n,
                None if n % 11 == 0 else b"value %d " % n * (n % 50 + 1),
                [("n", b"%d" % n), ("n", b"again"), ("nothing", None)] if n % 5 == 0 else None,
                now + n,
            )
            for n in range(3000)
        ]
        produce(topic, sent, **{"compression.type": codec})
        reader = assigned(topic, 3)
        found = collect(reader, len(sent))
        reader.close()
        for partition in range(3):
            expected = [record for record in sent if record[0] == partition]
            got = [message for message in found if message.partition() == partition]
            assert [message.offset() for message in got] == list(range(len(expected)))
            for message, (_, key, value, headers, timestamp) in zip(got, expected, strict=True):
                assert (message.key(), message.value()) == (key, value), message.offset()
                assert message.headers() == headers, (message.headers(), headers)
                assert message.timestamp()[1] == timestamp
        print(f"{codec}: {len(found)} records read as sent")


def check_group(protocol):
    topic, group = create(unique("group"), 4), unique("group")
    config = {"group.protocol": protocol}
    if protocol == "classic":
        config["session.timeout.ms"] = 6000
    produce(topic, [(n % 4, None, b"%d" % n, None, 0) for n in range(400)])
    first, second = consumer(group, **config), consumer(group, **config)
    members = [first, second]
    for member in members:
        member.subscribe([topic])
    seen, deadline = {}, time.monotonic() + PATIENCE_S
    shared = lambda: [len(member.assignment()) for member in members] == [2, 2]
    while len(seen) < 400 or not shared():
        assert time.monotonic() < deadline, (len(seen), [member.assignment() for member in members])
        for member in members:
            message = poll(member)
            # Until the group settles a partition may change hands before its commit: read twice, never not at all.
            if message is not None:
                seen[message.value()] = message.partition()
    owned = [sorted(tp.partition for tp in member.assignment()) for member in members]
    assert sorted(owned[0] + owned[1]) == [0, 1, 2, 3], owned
    for member, partitions in zip(members, owned):
        member.commit(offsets=[TopicPartition(topic, p, 60, metadata="sixty") for p in partitions], asynchronous=False)
    print(f"two members own {owned}")
    second.close()
    # The one left takes over everything, from the committed offsets.
    again, deadline = {p: [] for p in range(4)}, time.monotonic() + PATIENCE_S
    while len(first.assignment()) < 4:
        assert time.monotonic() < deadline, first.assignment()
        message = poll(first)
        if message is not None:
            again[message.partition()].append(message.offset())
    first.close()
    resumed = consumer(group, **config)
    committed = resumed.committed([TopicPartition(topic, p) for p in range(4)], PATIENCE_S)
    assert [(tp.offset, tp.metadata) for tp in committed] == [(60, "sixty")] * 4, committed
    resumed.subscribe([topic])
    rest = collect(resumed, 160)
    assert {message.offset() for message in rest} == set(range(60, 100))
    resumed.close()
    print("a new member resumed at the committed offsets")


def check_classic_group():
    check_group("classic")


def check_consumer_group():
    check_group("consumer")


def check_admin():
    client, topic = admin(), unique("admin")
    create(topic, 2, **{"retention.ms": "600000"})
    try:
        create(topic, 2)
        raise AssertionError("the same topic was created twice")
    except Exception as error:
        assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, error
    client.create_partitions([NewPartitions(topic, 5)])[topic].result(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while sorted(client.list_topics(topic, PATIENCE_S).topics[topic].partitions) != [0, 1, 2, 3, 4]:
        assert time.monotonic() < deadline, "the new partitions are not there"
    resource = ConfigResource(ResourceType.TOPIC, topic)
    described = client.describe_configs([resource])[resource].result(PATIENCE_S)
    assert described["retention.ms"].value == "600000" and not described["retention.ms"].is_default
    change = ConfigEntry("retention.ms", "700000", incremental_operation=AlterConfigOpType.SET)
    more = ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[change, more])
    client.incremental_alter_configs([resource])[resource].result(PATIENCE_S)
    described = client.describe_configs([resource])[resource].result(PATIENCE_S)
    assert described["retention.ms"].value == "700000", described["retention.ms"]
    assert described["cleanup.policy"].value == "delete,compact", described["cleanup.policy"]
    bad = ConfigEntry("retention.ms", "soon", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[bad])
    try:
        client.incremental_alter_configs([resource])[resource].result(PATIENCE_S)
        raise AssertionError("a retention of soon was taken")
    except Exception as error:
        assert error.args[0].code() == KafkaError.INVALID_CONFIG, error

    produce(topic, [(0, b"k", b"%d" % n, None, 0) for n in range(50)])
    deleted = client.delete_records([TopicPartition(topic, 0, 20)])
    assert [future.result(PATIENCE_S).low_watermark for future in deleted.values()] == [20]
    for spec, expected in [(OffsetSpec.earliest(), 20), (OffsetSpec.latest(), 50)]:
        listed = client.list_offsets({TopicPartition(topic, 0): spec})
        assert [future.result(PATIENCE_S).offset for future in listed.values()] == [expected]

    group = unique("admin")
    member = consumer(group)
    member.subscribe([topic])
    collect(member, 30)
    member.commit(asynchronous=False)
    described = client.describe_consumer_groups([group])[group].result(PATIENCE_S)
    assert described.state.name == "STABLE" and len(described.members) == 1, described.state
    member.close()
    listing = client.list_consumer_groups().result(PATIENCE_S)
    assert group in [entry.group_id for entry in listing.valid], listing.errors
    moved = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 25)])
    client.alter_consumer_group_offsets([moved])[group].result(PATIENCE_S)
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    offsets = client.list_consumer_group_offsets([asked])[group].result(PATIENCE_S).topic_partitions
    assert [tp.offset for tp in offsets] == [25], offsets
    client.delete_consumer_groups([group])[group].result(PATIENCE_S)
    cluster = client.describe_cluster().result(PATIENCE_S)
    assert len(cluster.nodes) == 1 and cluster.cluster_id, cluster
    client.delete_topics([topic])[topic].result(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while topic in client.list_topics(timeout=PATIENCE_S).topics:
        assert time.monotonic() < deadline, "the topic is still there"
    print("topics, partitions, configs, records, offsets and groups administered")


def check_large_batches():
    topic = create(unique("large"), 1)
    sizes = [1, 900_000, 10, 500_000, 999_000, 3] * 6
    sent = [(0, b"%d" % n, bytes([n % 251]) * size, None, 0) for n, size in enumerate(sizes)]
    produce(topic, sent, **{"batch.size": 1_000_000, "linger.ms": 50})
    # Every record is larger than a fetch of this consumer.
    reader = consumer(unique("reader"), **{"fetch.message.max.bytes": 1000, "fetch.max.bytes": 1_000_000})
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    found = collect(reader, len(sent))
    reader.close()
    assert [(m.key(), m.value()) for m in found] == [(key, value) for _, key, value, _, _ in sent]
    refused = []
    client = producer(**{"message.max.bytes": 5_000_000})
    client.produce(topic, bytes(2_000_000), on_delivery=lambda error, _: refused.append(error))
    assert client.flush(PATIENCE_S) == 0
    assert refused[0] is not None and refused[0].code() == KafkaError.MSG_SIZE_TOO_LARGE, refused
    print(f"{len(found)} records up to {max(sizes)} bytes read as sent, 2 MB refused")


def check_seek_by_timestamp():
    topic = create(unique("times"), 2)
    start = int(time.time() * 1000) - 1_000_000
    sent = [(n % 2, None, b"%d" % n, None, start + n * 1000) for n in range(1000)]
    produce(topic, sent, **{"compression.type": "lz4"})
    reader = consumer(unique("reader"))
    for second in [0, 1, 250, 999]:
        asked = [TopicPartition(topic, p, start + second * 1000) for p in range(2)]
        found = reader.offsets_for_times(asked, PATIENCE_S)
        expected = [next((n // 2 for n in range(second, 1000) if n % 2 == p), -1) for p in range(2)]
        assert [tp.offset for tp in found] == expected, (second, found, expected)
        reader.assign([tp for tp in found if tp.offset >= 0])
        assert len(collect(reader, 1000 - second)) == 1000 - second
    past_the_end = reader.offsets_for_times([TopicPartition(topic, 0, start + 10_000_000)], PATIENCE_S)
    assert [tp.offset for tp in past_the_end] == [-1], past_the_end
    assert reader.get_watermark_offsets(TopicPartition(topic, 0), PATIENCE_S) == (0, 500)
    reader.close()
    print("offsets by time lead to the right records")


if __name__ == "__main__":
    globals()["check_" + sys.argv[2]]()
    print("ok")
