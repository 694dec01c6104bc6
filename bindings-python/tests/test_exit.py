"""How programs end: nothing sent is lost in silence, nothing hangs."""

from __future__ import annotations

import pytest
from conftest import LIMIT, Program, read

import ottla
from ottla.testing import TestBroker

#: Twenty megabytes: more than is on its way when a program just ends.
ENDS = {
    "of the program": """
producer = ottla.Producer(bootstrap_servers=address, linger_ms=60_000)
for number in range(1000):
    producer.send(topic, str(number).ljust(20_000), partition=0)
""",
    "of a function": """
def main():
    producer = ottla.Producer(bootstrap_servers=address, linger_ms=60_000)
    for number in range(1000):
        producer.send(topic, str(number).ljust(20_000), partition=0)
main()
""",
    "of a loop": """
async def main():
    producer = aio.Producer(bootstrap_servers=address, linger_ms=60_000)
    for number in range(1000):
        producer.send(topic, str(number).ljust(20_000), partition=0)
asyncio.run(main())
""",
    "by an exception": """
producer = ottla.Producer(bootstrap_servers=address, linger_ms=60_000)
for number in range(1000):
    producer.send(topic, str(number).ljust(20_000), partition=0)
sys.exit(0)
""",
    "of a block": """
with ottla.Producer(bootstrap_servers=address, linger_ms=60_000) as producer:
    for number in range(1000):
        producer.send(topic, str(number).ljust(20_000), partition=0)
os._exit(0)
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_sent_is_delivered_at_the_end(
    end: str, broker: TestBroker, consumer: ottla.Consumer, topic: str, program: Program
) -> None:
    code = "import asyncio, os, sys\nimport ottla\nfrom ottla import aio\naddress, topic = sys.argv[1:]\n" + ENDS[end]
    process = program(code, broker.bootstrap, topic)
    assert process.communicate(timeout=LIMIT) == ("", "")
    assert process.returncode == 0
    consumer.assign([(topic, 0)])
    assert [record.offset for record in read(consumer, 1000)] == list(range(1000))


@pytest.mark.parametrize("delivery_timeout_ms", [120_000, 200], ids=["not in time", "failed"])
def test_an_end_that_loses_records_says_how_many(delivery_timeout_ms: int, topic: str, program: Program) -> None:
    code = """
import sys
import ottla
import ottla._exit
ottla._exit.EXIT_TIMEOUT = 1.0
address, topic, timeout = sys.argv[1:]
producer = ottla.Producer(
    bootstrap_servers=address, delivery_timeout_ms=int(timeout), request_timeout_ms=100, linger_ms=0
)
producer.send(topic, b"v").result(60)
print("sent", flush=True)
sys.stdin.readline()
for number in range(7):
    producer.send(topic, str(number))
"""
    with TestBroker() as broker:
        broker.create_topic(topic)
        process = program(code, broker.bootstrap, topic, str(delivery_timeout_ms))
        assert process.stdout is not None and process.stdout.readline() == "sent\n"
    _, err = process.communicate("\n", timeout=LIMIT)
    assert process.returncode == 0
    assert "RuntimeWarning: ottla: records were lost" in err and "7 records" in err


def test_an_exception_and_an_exit_in_the_middle_of_work_end_the_program(
    broker: TestBroker, topic: str, program: Program
) -> None:
    code = """
import logging, os, sys, threading
import ottla
ottla.set_log_level("DEBUG")
producer = ottla.Producer(bootstrap_servers=sys.argv[1])
consumer = ottla.Consumer(bootstrap_servers=sys.argv[1], group_id="exit-" + sys.argv[2])
consumer.subscribe([sys.argv[2]])
threading.Thread(target=consumer.poll, args=(float("inf"),), daemon=True).start()
for number in range(10_000):
    producer.send(sys.argv[2], b"v")
sys.exit(7)
"""
    process = program(code, broker.bootstrap, topic)
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 7, err


def test_importing_starts_no_thread_and_says_nothing(program: Program) -> None:
    process = program("import ottla, ottla.aio, ottla.testing\nfrom conftest import threads\nassert threads() == 1")
    assert process.communicate(timeout=LIMIT) == ("", "")
    assert process.returncode == 0
