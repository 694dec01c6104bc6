"""Commands for a producer."""

from __future__ import annotations

import threading
from typing import Any

import ottla
from protocol import Command, Fault, octets, show_error


class ProducerHandle:
    OPERATIONS = ("producer.create", "producer.send", "producer.flush", "producer.partitions", "producer.close")
    #: Options of other clients that mean nothing here: murmur2 is how keys are placed anyway.
    DROPPED = ("partitioner", "default.api.timeout.ms")

    def execute(self, command: Command) -> dict[str, Any] | None:
        if command.op == "producer.create":
            self.producer = ottla.Producer(command.config(self.DROPPED))
            return {}
        if command.op == "producer.send":
            sent = [self._send(record) for record in command.fields["records"]]
            # Later commands do not wait for the fates of these.
            threading.Thread(target=settle, args=(command, sent), daemon=True).start()
            return None
        if command.op == "producer.flush":
            self.producer.flush(command.patience())
            return {}
        if command.op == "producer.close":
            self.producer.close(command.patience())
            return {}
        if command.op == "producer.partitions":
            found = self.producer.partitions_for(command.fields["topic"])
            return {"partitions": sorted(info.partition for info in found)}
        raise Fault("UNSUPPORTED", command.op)

    def _send(self, record: dict[str, Any]) -> ottla.Delivery | Exception:
        try:
            return self.producer.send(
                record["topic"],
                octets(record.get("value")),
                octets(record.get("key")),
                partition=record.get("partition"),
                timestamp=record.get("timestamp_ms"),
                headers=[(header["key"], octets(header.get("value"))) for header in record.get("headers") or []],
            )
        except ottla.KafkaError as error:
            return error


def settle(command: Command, sent: list[ottla.Delivery | Exception]) -> None:
    """Waits for all deliveries; the answer of `producer.send`."""
    results: list[dict[str, Any]] = []
    try:
        for delivery in sent:
            try:
                if isinstance(delivery, Exception):
                    raise delivery
                found = delivery.result()
            except ottla.KafkaError as error:
                results.append({"error": show_error(error)})
            else:
                results.append(
                    {
                        "topic": found.topic,
                        "partition": found.partition,
                        "offset": found.offset,
                        "timestamp_ms": found.timestamp,
                    }
                )
    except Exception as error:  # noqa: BLE001: whatever it is, the suite is told.
        command.fail(error)
    else:
        command.succeed({"results": results})
