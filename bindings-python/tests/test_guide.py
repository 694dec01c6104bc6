"""The guide's snippets: each runs against a broker, and type checkers find nothing wrong in any of them."""

from __future__ import annotations

import ast
import asyncio
import logging
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pytest
from conftest import BINDING, LIMIT

import ottla
from ottla import aio
from ottla.testing import TestBroker

GUIDE = (BINDING / "docs" / "guide.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
COUNT = 5

#: What snippets call and do not define, as a type checker sees it.
GIVEN = """
import logging
import pyarrow  # type: ignore[import-untyped]
import ottla
from ottla import aio
from ottla.testing import TestBroker

log = logging.getLogger("service")
config = {"bootstrap.servers": "localhost:9092"}

def handle(key: bytes | None, value: bytes | None) -> None: ...
def store(records: ottla.Records) -> None: ...
def store_what_is_left(partitions: list[ottla.TopicPartition]) -> None: ...
def prepare(partitions: list[ottla.TopicPartition]) -> None: ...
def forget(partitions: list[ottla.TopicPartition]) -> None: ...
def run_my_service(address: str) -> None: ...
"""


class Enough(Exception):
    """Ends a snippet that goes on for ever."""


class Given:
    """What the snippets are given when they run."""

    def __init__(self, broker: TestBroker) -> None:
        self.handled: list[bytes | None] = []
        self.told: list[list[ottla.TopicPartition]] = []
        self.names: dict[str, Any] = {
            "ottla": ottla,
            "aio": aio,
            "pyarrow": pyarrow,
            "TestBroker": TestBroker,
            "config": {"bootstrap.servers": broker.bootstrap},
            "log": logging.getLogger("service"),
            "handle": self.handle,
            "store": self.store,
            "store_what_is_left": self.told.append,
            "prepare": self.told.append,
            "forget": self.told.append,
            "run_my_service": self.run_my_service,
        }

    def handle(self, _: bytes | None, value: bytes | None) -> None:
        self.handled.append(value)
        if len(self.handled) == COUNT:
            raise Enough

    def store(self, records: ottla.Records) -> None:
        self.handled += [record.value for record in records]
        if len(self.handled) >= COUNT:
            raise Enough

    def run_my_service(self, address: str) -> None:
        with ottla.Producer(bootstrap_servers=address) as producer:
            assert len(producer.partitions_for("orders")) == 3


@pytest.fixture
def given(ottla_broker: TestBroker) -> Given:
    ottla_broker.create_topic("orders", partitions=2)
    with ottla.Producer(bootstrap_servers=ottla_broker.bootstrap) as producer:
        for partition in (0, 1):
            for number in range(COUNT):
                producer.send("orders", str(number), partition=partition)
    return Given(ottla_broker)


def compiled(heading: str, nth: int = 0) -> CodeType:
    """A section's snippet; one that awaits evaluates to a coroutine."""
    section = GUIDE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    code = re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)[nth]
    made: CodeType = compile(code, f"guide {heading}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return made


def run(heading: str, given: Given, nth: int = 0) -> None:
    exec(compiled(heading, nth), given.names)  # noqa: S102: what it is there for.


def test_1_sending_tells_the_offset(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    run("1.", given)
    assert int(capsys.readouterr().out) == COUNT


def test_2_sending_many(given: Given) -> None:
    run("2.", given)
    with ottla.Consumer(given.names["config"]) as consumer:
        assert consumer.end_offsets([("events", 0)]) == {("events", 0): 4}


def test_3_reading_in_a_group_and_into_columns(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Enough):
        run("3.", given)
    assert len(given.handled) == COUNT
    run("3.", given, 1)
    assert capsys.readouterr().out == f"0 {COUNT}\n"


def test_4_committing_by_hand(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Enough):
        run("4.", given)
    assert len(given.handled) >= COUNT


def test_5_being_told_of_partitions(given: Given) -> None:
    with pytest.raises(Enough):
        run("5.", given)
    both = [("orders", 0), ("orders", 1)]
    assert given.told == [both, both], "assigned, then revoked by closing"


def test_6_reading_from_a_place_of_choice(given: Given) -> None:
    with pytest.raises(Enough):
        for _ in range(20):
            run("6.", given)
    assert given.handled[0] in (b"2", b"0")


async def test_7_asyncio(given: Given) -> None:
    task = asyncio.ensure_future(eval(compiled("7."), given.names))  # noqa: S307: what it is there for.
    async with asyncio.timeout(LIMIT), aio.Consumer(given.names["config"], auto_offset_reset="earliest") as consumer:
        while not task.done():
            try:
                consumer.assign([("invoices", 0)])
                if len(await consumer.poll(1)) == 2 * COUNT:
                    break
            except ottla.UnknownTopicOrPartitionError:
                continue
            consumer.seek_to_beginning()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_8_administering(given: Given, capsys: pytest.CaptureFixture[str]) -> None:
    with ottla.Admin(given.names["config"]) as admin:
        admin.delete_topics(["orders"])
    run("8.", given)
    assert capsys.readouterr().out.count("TopicPartitionInfo") == 6


def test_9_handling_errors(given: Given, caplog: pytest.LogCaptureFixture) -> None:
    with ottla.Producer(given.names["config"]) as producer:
        given.names["producer"] = producer
        run("9.", given)
    assert "give it up" in caplog.text


def test_10_testing(ottla_broker: TestBroker) -> None:
    given = Given(ottla_broker)
    run("10.", given)
    given.names["test_service"](ottla_broker)


def test_every_snippet_is_typed(tmp_path: Path) -> None:
    checked = tmp_path / "guide.py"
    bodies = [
        f"async def snippet_{number}(producer: {'aio' if 'await' in code else 'ottla'}.Producer) -> None:\n"
        f"{textwrap.indent(code, '    ')}\n"
        for number, code in enumerate(SNIPPETS)
    ]
    checked.write_text(GIVEN + "\n".join(bodies))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(checked)],
        capture_output=True,
        text=True,
        cwd=BINDING,
        env={**os.environ, "MYPYPATH": "python"},
    )
    assert done.returncode == 0, done.stdout


def test_every_section_has_a_test() -> None:
    sections = re.findall(r"^## (\d+)\.", GUIDE, re.MULTILINE)
    tests: dict[str, Callable[..., Any]] = {name: value for name, value in globals().items() if name.startswith("test_")}
    assert sections == [str(number) for number in range(1, 11)]
    assert all(any(name.startswith(f"test_{section}_") for name in tests) for section in sections)
