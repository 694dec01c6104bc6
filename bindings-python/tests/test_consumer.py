"""The consumer for threads: polling, iterating, groups, positions, commits."""

from __future__ import annotations

import pytest
from conftest import LIMIT, read

import ottla
from ottla.testing import TestBroker


def fill(producer: ottla.Producer, topic: str, count: int) -> None:
    producer.send_many(topic, [{"value": str(number), "partition": 0} for number in range(count)])
    producer.flush(LIMIT)


def member(broker: TestBroker, group: str, **more: object) -> ottla.Consumer:
    return ottla.Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"}, **more
    )


def test_a_poll_gives_a_sequence_of_light_records(
    producer: ottla.Producer, consumer: ottla.Consumer, topic: str
) -> None:
    fill(producer, topic, 10)
    consumer.assign([(topic, 0)])
    records = consumer.poll(LIMIT, max_records=4)
    assert len(records) == 4 and bool(records)
    assert [record.value for record in records] == [b"0", b"1", b"2", b"3"]
    assert records[-1].offset == 3 and records[0].offset == 0
    with pytest.raises(IndexError):
        records[4]
    assert repr(records[0]) == f"<Record {topic}-0@0 key=None value=1 bytes>"
    assert [record.value for record in consumer.poll(LIMIT, max_records=2)] == [b"4", b"5"]
    assert consumer.position((topic, 0)) == 6 and consumer.lag((topic, 0)) == 4
    records = consumer.poll(LIMIT)
    del consumer
    # Records own their bytes.
    assert records[3].value == b"9"


def test_an_iteration_goes_on_for_ever_and_a_commit_covers_what_it_gave(
    broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    fill(producer, topic, 10)
    with member(broker, group, enable_auto_commit=False) as consumer:
        consumer.subscribe(topic)
        for record in consumer:
            if record.offset == 3:
                consumer.commit()
            if record.offset == 6:
                break
        # What the iteration held beyond that is given by the next poll.
        assert consumer.poll(LIMIT)[0].offset == 7
    with member(broker, group) as consumer:
        consumer.subscribe([topic])
        assert next(iter(consumer)).offset == 4
        assert consumer.committed([(topic, 0)]) == {ottla.TopicPartition(topic, 0): ottla.OffsetAndMetadata(4, "", 0)}


def test_closing_commits_what_was_given_out(
    broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    fill(producer, topic, 5)
    with member(broker, group) as consumer:
        consumer.subscribe([topic])
        for record in consumer:
            if record.offset == 2:
                break
    with member(broker, group) as consumer:
        consumer.subscribe([topic])
        assert next(iter(consumer)).offset == 3


def test_a_seek_and_a_pause_inside_an_iteration_act_at_once(
    producer: ottla.Producer, consumer: ottla.Consumer, topic: str
) -> None:
    fill(producer, topic, 10)
    consumer.assign([(topic, 0)])
    seen = []
    for record in consumer:
        seen.append(record.offset)
        if seen == [0, 1, 2]:
            consumer.seek((topic, 0), 8)
        if seen[-1] == 9:
            break
    assert seen == [0, 1, 2, 8, 9]
    consumer.seek_to_beginning()
    consumer.pause([(topic, 0)])
    assert consumer.paused() == [(topic, 0)] and not consumer.poll(0.05)
    consumer.resume([ottla.TopicPartition(topic, 0)])
    assert consumer.poll(LIMIT)[0].offset == 0
    consumer.seek_to_end([(topic, 0)])
    assert not consumer.poll(0.05)


def test_offsets_are_looked_up(producer: ottla.Producer, consumer: ottla.Consumer, topic: str) -> None:
    for offset in range(3):
        producer.send(topic, b"v", partition=0, timestamp=1000 * (offset + 1))
    producer.flush(LIMIT)
    both = [(topic, 0), (topic, 1)]
    assert consumer.beginning_offsets(both) == {(topic, 0): 0, (topic, 1): 0}
    assert consumer.end_offsets(both) == {(topic, 0): 3, (topic, 1): 0}
    found = consumer.offsets_for_times({(topic, 0): 1500, (topic, 1): 0})
    assert found == {ottla.TopicPartition(topic, 0): ottla.OffsetAndTimestamp(1, 2000)}


def test_rebalances_are_told_where_the_consumer_is_polled_and_a_revocation_may_commit(
    broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    fill(producer, topic, 4)
    events: list[tuple[str, list[ottla.TopicPartition]]] = []
    with member(broker, group, enable_auto_commit=False) as first:

        def revoked(partitions: list[ottla.TopicPartition]) -> None:
            events.append(("revoked", partitions))
            first.commit()

        first.subscribe([topic], on_assigned=lambda partitions: events.append(("assigned", partitions)), on_revoked=revoked)
        read(first, 4)
        assert events == [("assigned", [(topic, 0), (topic, 1)])]
        assert first.group_metadata().group_id == group  # type: ignore[union-attr]
        with member(broker, group) as second:
            second.subscribe([topic])
            while not (second.assignment() and len(first.assignment()) == 1):
                first.poll(0.05)
                second.poll(0.05)
        assert events[1] == ("revoked", [(topic, 0), (topic, 1)])
        assert first.committed([(topic, 0)]) == {(topic, 0): ottla.OffsetAndMetadata(4, "", 0)}
        while len(first.assignment()) < 2:
            first.poll(0.05)
        events.clear()
    assert events == [("revoked", [(topic, 0), (topic, 1)])], "closing gives up, too"


def test_a_pattern_finds_topics(broker: TestBroker, producer: ottla.Producer, topic: str, group: str) -> None:
    fill(producer, topic, 1)
    with member(broker, group) as consumer:
        consumer.subscribe_pattern(topic[:-2] + "..")
        assert read(consumer, 1)[0].topic == topic
        assert consumer.subscription() == [topic]
        consumer.unsubscribe()
        assert consumer.subscription() == [] and consumer.assignment() == []


def test_errors_are_exceptions_and_an_empty_topic_is_none(consumer: ottla.Consumer, topic: str) -> None:
    with pytest.raises(ottla.InvalidStateError, match="nothing is subscribed"):
        consumer.poll(0)
    with pytest.raises(ottla.InvalidStateError, match="group.id"):
        consumer.subscribe([topic])
    consumer.assign([(topic, 0)])
    assert len(consumer.poll(0.01)) == 0
    with pytest.raises(ottla.InvalidStateError, match="not assigned"):
        consumer.seek((topic, 1), 0)
    with pytest.raises(ottla.InvalidStateError):
        consumer.commit()
