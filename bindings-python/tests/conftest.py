"""What tests share: a broker for all of them, topics of their own, programs run apart."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import ottla
from ottla.testing import TestBroker

pytest_plugins = ["ottla._pytest", "pytester"]

BINDING = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BINDING / "tools"))
#: Nothing here takes as long, on a busy machine either.
LIMIT = 60.0

Program = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def broker(ottla_broker_session: TestBroker) -> TestBroker:
    return ottla_broker_session


@pytest.fixture
def topic(broker: TestBroker) -> str:
    """A new topic of two partitions."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    broker.create_topic(name, partitions=2)
    return name


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def producer(broker: TestBroker) -> Iterator[ottla.Producer]:
    with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
        yield producer


@pytest.fixture
def consumer(broker: TestBroker) -> Iterator[ottla.Consumer]:
    with ottla.Consumer(
        {"bootstrap.servers": broker.bootstrap, "auto.offset.reset": "earliest", "fetch.max.wait.ms": 50}
    ) as consumer:
        yield consumer


@pytest.fixture
def cut_off(topic: str) -> Iterator[ottla.Producer]:
    """A producer that knows its topic's partitions, and whose broker is gone: what it sends waits for ever."""
    broker = TestBroker()
    broker.create_topic(topic, partitions=1)
    producer = ottla.Producer(bootstrap_servers=broker.bootstrap, buffer_memory=200_000, delivery_timeout_ms=600_000)
    producer.send(topic, b"v").result(LIMIT)
    broker.stop(LIMIT)
    yield producer
    with suppress(ottla.TimeoutError):
        producer.close(0)


def read(consumer: ottla.Consumer, count: int) -> list[ottla.Record]:
    """Polls until that many records came."""
    records: list[ottla.Record] = []
    while len(records) < count:
        polled = consumer.poll(LIMIT)
        assert polled or polled.rebalances, f"nothing came; {len(records)} of {count} did"
        records.extend(polled)
    return records


def threads() -> int:
    """Threads of this process, the library's own included."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def resident_bytes() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


@pytest.fixture
def program() -> Iterator[Program]:
    """Starts Python code in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
