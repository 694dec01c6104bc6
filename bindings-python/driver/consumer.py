"""Commands for a consumer."""

from __future__ import annotations

from collections import deque
from typing import Any

import ottla
from protocol import Command, Fault, octets, partition, show_octets, show_partition  # noqa: F401


class ConsumerHandle:
    OPERATIONS = (
        "consumer.create",
        "consumer.subscribe",
        "consumer.unsubscribe",
        "consumer.assign",
        "consumer.assignment",
        "consumer.poll",
        "consumer.wakeup",
        "consumer.seek",
        "consumer.seek_to_beginning",
        "consumer.seek_to_end",
        "consumer.pause",
        "consumer.resume",
        "consumer.position",
        "consumer.committed",
        "consumer.beginning_offsets",
        "consumer.end_offsets",
        "consumer.offsets_for_times",
        "consumer.commit",
        "consumer.close",
    )
    DROPPED = ("max.block.ms",)

    def __init__(self) -> None:
        #: Records a poll returned beyond what its command asked for.
        self.leftover: deque[dict[str, Any]] = deque()

    def execute(self, command: Command) -> dict[str, Any]:
        if command.op == "consumer.create":
            self.consumer = ottla.Consumer(command.config(self.DROPPED))
            return {}
        _, _, name = command.op.partition(".")
        perform = getattr(self, name, None)
        if command.op not in self.OPERATIONS or perform is None:
            raise Fault("UNSUPPORTED", command.op)
        return perform(command) or {}

    def subscribe(self, command: Command) -> None:
        pattern = command.fields.get("pattern")
        if pattern is not None:
            self.consumer.subscribe_pattern(pattern)
        else:
            self.consumer.subscribe(command.fields["topics"])

    def unsubscribe(self, _: Command) -> None:
        self.consumer.unsubscribe()

    def assign(self, command: Command) -> None:
        self.consumer.assign(command.partitions("partitions"))
        for item in command.fields["partitions"]:
            if item.get("offset") is not None:
                self.consumer.seek(partition(item), item["offset"])

    def assignment(self, _: Command) -> dict[str, Any]:
        return {"assignment": [show_partition(found) for found in self.consumer.assignment()]}

    def poll(self, command: Command) -> dict[str, Any]:
        events = []
        if not self.leftover:
            polled = self.consumer.poll(command.fields.get("timeout_ms", 100) / 1000)
            self.leftover.extend(show_record(record) for record in polled)
            events = [
                {"type": kind, "partitions": [show_partition(found) for found in partitions]}
                for kind, partitions in polled.rebalances
            ]
        count = min(command.fields.get("max_records") or len(self.leftover), len(self.leftover))
        records = [self.leftover.popleft() for _ in range(count)]
        return {"records": records, "events": events, **self.assignment(command)}

    def seek(self, command: Command) -> None:
        for item in command.fields["offsets"]:
            self.consumer.seek(partition(item), item["offset"])
        self.leftover.clear()

    def seek_to_beginning(self, command: Command) -> None:
        self.consumer.seek_to_beginning(command.partitions("partitions"))
        self.leftover.clear()

    def seek_to_end(self, command: Command) -> None:
        self.consumer.seek_to_end(command.partitions("partitions"))
        self.leftover.clear()

    def pause(self, command: Command) -> None:
        self.consumer.pause(command.partitions("partitions"))

    def resume(self, command: Command) -> None:
        self.consumer.resume(command.partitions("partitions"))

    def position(self, command: Command) -> dict[str, Any]:
        partitions = command.partitions("partitions")
        return {"offsets": [{**show_partition(of), "offset": self.consumer.position(of)} for of in partitions]}

    def committed(self, command: Command) -> dict[str, Any]:
        partitions = command.partitions("partitions")
        found = self.consumer.committed(partitions)
        offsets = []
        for of in partitions:
            offset = found.get(ottla.TopicPartition(*of))
            fields = {"offset": offset.offset, "metadata": offset.metadata} if offset else {"offset": None, "metadata": None}
            offsets.append({**show_partition(of), **fields})
        return {"offsets": offsets}

    def beginning_offsets(self, command: Command) -> dict[str, Any]:
        partitions = command.partitions("partitions")
        return in_order(partitions, self.consumer.beginning_offsets(partitions))

    def end_offsets(self, command: Command) -> dict[str, Any]:
        partitions = command.partitions("partitions")
        return in_order(partitions, self.consumer.end_offsets(partitions))

    def offsets_for_times(self, command: Command) -> dict[str, Any]:
        times = {partition(item): item["timestamp_ms"] for item in command.fields["times"]}
        found = self.consumer.offsets_for_times(times)
        offsets = []
        for of in times:
            at = found.get(ottla.TopicPartition(*of))
            offsets.append({**show_partition(of), "offset": at and at.offset, "timestamp_ms": at and at.timestamp})
        return {"offsets": offsets}

    def commit(self, command: Command) -> None:
        offsets = command.fields.get("offsets")
        if offsets is None:
            self.consumer.commit()
            return
        self.consumer.commit(
            {partition(item): ottla.OffsetAndMetadata(item["offset"], item.get("metadata") or "") for item in offsets}
        )

    def close(self, command: Command) -> None:
        self.consumer.close(command.patience())


def in_order(partitions: list[tuple[str, int]], found: dict[ottla.TopicPartition, int]) -> dict[str, Any]:
    return {"offsets": [{**show_partition(of), "offset": found.get(ottla.TopicPartition(*of))} for of in partitions]}


def show_record(record: ottla.Record) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp,
        "timestamp_type": record.timestamp_type,
        "key": show_octets(record.key),
        "value": show_octets(record.value),
        "headers": [{"key": key, "value": show_octets(value)} for key, value in record.headers],
    }
