"""The conformance driver of the Python binding: commands on standard input, one JSON object a line (conformance/PROTOCOL.md).

It uses the public API of the package only.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import Any

import ottla
from admin import AdminHandle
from consumer import ConsumerHandle
from producer import ProducerHandle
from protocol import Command, Fault, Output

FEATURES = [
    "compression.gzip",
    "compression.snappy",
    "compression.lz4",
    "compression.zstd",
    "assignor.range",
    "assignor.roundrobin",
    "assignor.sticky",
    "assignor.cooperative-sticky",
    "group.static",
    "partitioner.murmur2",
    "consumer.pattern",
]
KINDS = {"producer.create": ProducerHandle, "consumer.create": ConsumerHandle, "admin.create": AdminHandle}


class Worker:
    """One client with the thread that does its commands, in order."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def submit(self, command: Command) -> None:
        if command.op == "consumer.wakeup":
            # Does not wait for its turn: what it ends is under way.
            try:
                self._handle.consumer.wakeup()
                command.succeed({})
            except Exception as error:  # noqa: BLE001: whatever it is, the suite is told.
                command.fail(error)
        else:
            self._commands.put(command)

    def _work(self) -> None:
        while True:
            command = self._commands.get()
            try:
                answer = self._handle.execute(command)
            except Exception as error:  # noqa: BLE001: whatever it is, the suite is told.
                command.fail(error)
            else:
                # None: the answer comes from elsewhere.
                if answer is not None:
                    command.succeed(answer)
            if command.op.endswith(".close"):
                return


def accept(command: Command, workers: dict[str, Worker]) -> None:
    if command.op == "hello":
        operations = [*ProducerHandle.OPERATIONS, *ConsumerHandle.OPERATIONS, *AdminHandle.OPERATIONS]
        command.succeed(
            {
                "driver": "python",
                "client": "ottla",
                "version": ottla.__version__,
                "protocol": 1,
                "capabilities": operations + FEATURES,
            }
        )
        return
    name = str(command.fields.get("handle"))
    if command.op in KINDS:
        if name in workers:
            raise Fault("ILLEGAL_STATE", f"handle {name} exists")
        workers[name] = Worker(KINDS[command.op]())
    if name not in workers:
        raise Fault("ILLEGAL_STATE", f"no handle {name}")
    worker = workers.pop(name) if command.op.endswith(".close") else workers[name]
    worker.submit(command)


def main() -> None:
    output = Output()
    workers: dict[str, Worker] = {}
    for line in sys.stdin:
        command = Command(json.loads(line), output)
        try:
            accept(command, workers)
        except Fault as fault:
            command.fail(fault)
    # Whoever told us what to do is gone: no client is worth a graceful end.
    os._exit(0)


main()
