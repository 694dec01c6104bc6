"""Log lines come through `logging`, and only once they are asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from conftest import LIMIT, Program, eventually

import ottla
from ottla.testing import TestBroker

TROUBLE = """
import sys
import ottla
producer = ottla.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=200)
consumer = ottla.Consumer(bootstrap_servers="127.0.0.1:1")
SETUP
try:
    producer.send("t", b"v")
except ottla.KafkaError:
    pass
"""


def test_nothing_is_printed_unless_it_is_asked_for(program: Program) -> None:
    quiet = program(TROUBLE.replace("SETUP", "import logging; logging.basicConfig(level='DEBUG', stream=sys.stdout)"))
    assert quiet.communicate(timeout=LIMIT) == ("", "")


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logger = logging.getLogger("ottla")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    ottla.set_log_level("OFF")
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def use(broker: TestBroker) -> None:
    with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
        producer.send("logged", b"v").result(LIMIT)


def test_lines_come_through_named_loggers_and_levels_change_at_run_time(broker: TestBroker, lines: Lines) -> None:
    ottla.set_log_level(logging.DEBUG)
    use(broker)
    eventually(lambda: bool(lines.records))
    assert all(record.name == "ottla" or record.name.startswith("ottla.") for record in lines.records)
    assert {record.levelno for record in lines.records} <= {logging.DEBUG, logging.INFO, logging.WARNING}
    assert any(record.levelno == logging.DEBUG for record in lines.records)
    ottla.set_log_level("OFF")
    use(broker)
    ottla.set_log_level("INFO")
    # What was under way has come by the time a line from after the change has.
    lines.records.clear()
    use(broker)
    ottla.set_log_level("ERROR")
    use(broker)
    ottla.set_log_level("DEBUG")
    use(broker)
    eventually(lambda: any(record.levelno == logging.DEBUG for record in lines.records))


def test_the_last_lines_of_a_program_are_not_lost(broker: TestBroker, program: Program) -> None:
    code = """
import logging, sys
import ottla
import ottla._logging
# As if the thread that passes lines on had no turn before the program ends.
ottla._logging._pass_on = lambda: None
logging.basicConfig(level="DEBUG", stream=sys.stdout)
ottla.set_log_level("DEBUG")
with ottla.Producer(bootstrap_servers=sys.argv[1]) as producer:
    producer.send("logged", b"v").result(60)
"""
    out, err = program(code, broker.bootstrap).communicate(timeout=LIMIT)
    assert err == "" and "connected" in out


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        ottla.set_log_level("LOUD")
