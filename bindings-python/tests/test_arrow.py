"""A poll's records as Arrow columns: every value, every null, and nothing leaks."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from conftest import LIMIT, Program, read, resident_bytes

import ottla
from ottla.testing import TestBroker

SENT: list[dict[str, Any]] = [
    {"value": b"v", "key": b"k", "headers": [("a", b"1"), ("a", None), ("\u00fc", b"")], "timestamp": 1_700_000_000_123},
    {"value": None, "key": b"tombstone"},
    {"value": b"", "key": None, "headers": []},
    {"value": bytes(range(256)), "key": b"", "headers": [("", b"x" * 1000)]},
    *({"value": str(number) if number % 3 else None, "key": str(number) if number % 2 else None} for number in range(100)),
]


@pytest.fixture
def records(producer: ottla.Producer, consumer: ottla.Consumer, topic: str) -> ottla.Records:
    producer.send_many(topic, [{"partition": 0, **one} for one in SENT])
    producer.flush(LIMIT)
    consumer.assign([(topic, 0)])
    read(consumer, len(SENT))
    consumer.seek_to_beginning()
    records = consumer.poll(LIMIT)
    assert len(records) == len(SENT)
    return records


def expected(record: ottla.Record) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "timestamp_type": record.timestamp_type,
        "key": record.key,
        "value": record.value,
        "headers": [{"key": key, "value": value} for key, value in record.headers],
    }


def rows(batch: pa.RecordBatch | pa.Table) -> list[dict[str, Any]]:
    index = batch.schema.get_field_index("timestamp")
    return list(batch.set_column(index, "timestamp", batch["timestamp"].cast(pa.int64())).to_pylist())


SCHEMA = pa.schema(
    [
        pa.field("topic", pa.string(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("timestamp", pa.timestamp("ms", tz="UTC")),
        pa.field("timestamp_type", pa.string(), nullable=False),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
        pa.field(
            "headers",
            pa.list_(
                pa.field(
                    "item",
                    pa.struct([pa.field("key", pa.string(), nullable=False), pa.field("value", pa.binary())]),
                    nullable=False,
                )
            ),
            nullable=False,
        ),
    ]
)


def test_every_value_is_in_its_column(records: ottla.Records) -> None:
    batch = pa.record_batch(records)
    batch.validate(full=True)
    assert batch.schema.equals(SCHEMA)
    assert rows(batch) == [expected(record) for record in records]
    assert batch["value"].null_count == sum(one["value"] is None for one in SENT)
    assert batch["timestamp"][0].as_py().isoformat() == "2023-11-14T22:13:20.123000+00:00"


def test_a_stream_has_the_same(records: ottla.Records) -> None:
    table = pa.table(records)
    table.validate(full=True)
    assert table.schema.equals(SCHEMA)
    assert rows(table) == [expected(record) for record in records]


def test_several_topics_and_partitions_are_told_apart(
    producer: ottla.Producer, consumer: ottla.Consumer, broker: TestBroker, topic: str
) -> None:
    other = topic + "-other"
    broker.create_topic(other)
    for number in range(30):
        producer.send([topic, other][number % 2], str(number), partition=number // 2 % 2 if number % 2 == 0 else 0)
    producer.flush(LIMIT)
    consumer.assign([(topic, 0), (topic, 1), (other, 0)])
    found: list[dict[str, Any]] = []
    while len(found) < 30:
        polled = consumer.poll(LIMIT)
        batch = pa.record_batch(polled)
        assert rows(batch) == [expected(record) for record in polled]
        found += batch.to_pylist()
    assert {(row["topic"], row["partition"]) for row in found} == {(topic, 0), (topic, 1), (other, 0)}


def test_no_records_are_no_rows(consumer: ottla.Consumer, topic: str) -> None:
    consumer.assign([(topic, 0)])
    nothing = consumer.poll(0.01)
    batch = pa.record_batch(nothing)
    batch.validate(full=True)
    assert batch.num_rows == 0 and batch.schema.equals(SCHEMA)
    table = pa.table(nothing)
    assert table.num_rows == 0 and table.schema.equals(SCHEMA)
    assert pa.schema(nothing).equals(SCHEMA)


def test_columns_outlive_the_records_they_are_of(records: ottla.Records) -> None:
    wanted = [expected(record) for record in records]
    batch = pa.record_batch(records)
    values = batch["value"]
    del records
    gc.collect()
    assert rows(batch) == wanted
    del batch
    gc.collect()
    assert values.to_pylist() == [row["value"] for row in wanted]


def test_exports_are_freed_once_whether_they_are_read_or_not(records: ottla.Records) -> None:
    def cycle() -> None:
        pa.record_batch(records)
        pa.table(records)
        # Parts that are moved out of what they came in, and capsules nobody opens.
        pa.array(records).field(7)
        records.__arrow_c_array__()
        records.__arrow_c_stream__()
        records.__arrow_c_schema__()

    for _ in range(200):
        cycle()
    gc.collect()
    before, arrow_before = resident_bytes(), pa.total_allocated_bytes()
    for _ in range(2_000):
        cycle()
    gc.collect()
    # One export has more than ten kilobytes.
    assert resident_bytes() - before < 8 * 1024 * 1024
    assert pa.total_allocated_bytes() == arrow_before


def test_the_package_needs_no_arrow(program: Program) -> None:
    process = program("import sys, ottla; assert not any('arrow' in name for name in sys.modules)")
    assert process.communicate(timeout=LIMIT) == ("", "") and process.returncode == 0
    assert "pyarrow" in sys.modules
