"""What tests share: a broker for all of them, topics of their own, programs run apart."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

import ottla
from ottla.testing import TestBroker

pytest_plugins = ["ottla._pytest"]

BINDING = Path(__file__).resolve().parent.parent
#: Nothing here takes as long.
LIMIT = 30.0


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
def producer(broker: TestBroker):
    with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
        yield producer


@pytest.fixture
def consumer(broker: TestBroker):
    with ottla.Consumer(
        {"bootstrap.servers": broker.bootstrap, "auto.offset.reset": "earliest", "fetch.max.wait.ms": 50}
    ) as consumer:
        yield consumer


def read(consumer: ottla.Consumer, count: int) -> list[ottla.Record]:
    """Polls until that many records came."""
    records: list[ottla.Record] = []
    while len(records) < count:
        polled = consumer.poll(LIMIT)
        assert polled or polled.rebalances, f"nothing came; {len(records)} of {count} did"
        records.extend(polled)
    return records


@pytest.fixture
def program() -> Callable[..., subprocess.Popen[str]]:
    """Starts Python code in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
