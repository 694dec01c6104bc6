"""Closing, dropping, forking, interrupting, ending at any moment: no hang, no crash, no leak, nothing acknowledged lost."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from conftest import LIMIT, read

import ottla
from ottla.testing import TestBroker

Program = Callable[..., "subprocess.Popen[str]"]


def threads() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Threads:"))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


def test_a_thousand_clients_leave_no_thread_and_no_descriptor(broker: TestBroker) -> None:
    def cycle() -> None:
        ottla.Producer(bootstrap_servers=broker.bootstrap).close()
        with ottla.Consumer(bootstrap_servers=broker.bootstrap):
            pass
        ottla.Producer(bootstrap_servers=broker.bootstrap)  # Dropped without close.

    cycle()
    before_threads, before_descriptors = threads(), descriptors()
    for _ in range(334):
        cycle()
    gc.collect()
    assert threads() == before_threads
    eventually(lambda: descriptors() <= before_descriptors + 20)


def test_a_dropped_producer_delivers_in_the_background(broker: TestBroker, consumer: ottla.Consumer, topic: str) -> None:
    ottla.Producer(bootstrap_servers=broker.bootstrap).send(topic, b"v", partition=0)
    gc.collect()
    consumer.assign([(topic, 0)])
    assert read(consumer, 1)[0].value == b"v"


def test_closing_ends_by_its_deadline_without_any_broker() -> None:
    producer = ottla.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=100)
    consumer = ottla.Consumer(bootstrap_servers="127.0.0.1:1", group_id="g")
    consumer.subscribe(["t"])
    with pytest.raises(ottla.KafkaError):
        producer.send("t", b"v")
    started = time.monotonic()
    producer.close(0.5)
    consumer.close(0.5)
    assert time.monotonic() - started < 3


def test_the_gil_is_free_while_calls_wait(broker: TestBroker, consumer: ottla.Consumer, topic: str) -> None:
    consumer.assign([(topic, 0)])
    counted = 0
    ended = threading.Event()

    def count() -> None:
        nonlocal counted
        while not ended.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    consumer.poll(0.5)
    ended.set()
    thread.join()
    # A poll that held the GIL would leave room for the interpreter's switches only: about a hundred.
    assert counted > 10_000


FORK = """
import os, sys
import ottla
address, topic = sys.argv[1:]
producer = ottla.Producer(bootstrap_servers=address)
consumer = ottla.Consumer(bootstrap_servers=address, group_id="fork-" + topic)
consumer.subscribe([topic])
producer.send(topic, b"parent", partition=0).result(20)
child = os.fork()
if child == 0:
    for call in (lambda: producer.send(topic, b"child"), lambda: consumer.poll(0), lambda: producer.flush(1)):
        try:
            call()
        except ottla.ForkedError as error:
            assert "new client" in error.hint, error.hint
        else:
            os._exit(3)
    with ottla.Producer(bootstrap_servers=address) as own:
        own.send(topic, b"child", partition=0).result(20)
    del producer, consumer
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
assert producer.send(topic, b"parent again", partition=0).result(20).offset == 2
producer.close()
consumer.close()
print("well")
"""


def test_a_forked_child_is_told_and_its_parent_goes_on(broker: TestBroker, topic: str, program: Program) -> None:
    out, err = program(FORK, broker.bootstrap, topic).communicate(timeout=LIMIT)
    assert (out, err) == ("well\n", "")


INTERRUPTED = """
import sys, time
import ottla
consumer = ottla.Consumer(bootstrap_servers=sys.argv[1], auto_offset_reset="earliest")
consumer.assign([(sys.argv[2], 0)])
print("ready", flush=True)
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
    consumer.close()
"""


@pytest.mark.parametrize("call", ["consumer.poll(float('inf'))", "next(iter(consumer))"])
def test_ctrl_c_acts_while_a_call_waits(call: str, broker: TestBroker, topic: str, program: Program) -> None:
    process = program(INTERRUPTED.replace("CALL", call), broker.bootstrap, topic)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(0.2)  # Into the wait; before it, Python itself would act.
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert time.monotonic() - started < 1
    assert process.wait(LIMIT) == 0


def test_a_program_that_ends_without_flush_delivers(
    broker: TestBroker, consumer: ottla.Consumer, topic: str, program: Program
) -> None:
    code = """
import sys
import ottla
producer = ottla.Producer(bootstrap_servers=sys.argv[1], linger_ms=60_000)
for number in range(1000):
    producer.send(sys.argv[2], str(number), partition=0)
"""
    out, err = program(code, broker.bootstrap, topic).communicate(timeout=LIMIT)
    assert (out, err) == ("", "")
    consumer.assign([(topic, 0)])
    assert [record.offset for record in read(consumer, 1000)] == list(range(1000))


def test_an_exception_and_an_exit_in_the_middle_of_work_end_the_program(
    broker: TestBroker, topic: str, program: Program
) -> None:
    code = """
import os, sys, threading
import ottla
producer = ottla.Producer(bootstrap_servers=sys.argv[1])
consumer = ottla.Consumer(bootstrap_servers=sys.argv[1], group_id="exit-" + sys.argv[2])
consumer.subscribe([sys.argv[2]])
threading.Thread(target=consumer.poll, args=(float("inf"),), daemon=True).start()
for number in range(10_000):
    producer.send(sys.argv[2], b"v")
sys.exit(7)
"""
    process = program(code, broker.bootstrap, topic)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 7


def test_nothing_is_printed_and_logging_is_pythons_once_asked_for(broker: TestBroker, program: Program) -> None:
    code = """
import logging, sys
import ottla
producer = ottla.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=50)
consumer = ottla.Consumer(bootstrap_servers="127.0.0.1:1")
LOG
try:
    producer.send("t", b"v")
except ottla.KafkaError:
    pass
END
"""
    quiet = program(code.replace("LOG", "").replace("END", ""))
    assert quiet.communicate(timeout=LIMIT) == ("", "")
    loud = code.replace("LOG", "logging.basicConfig(level='DEBUG', stream=sys.stdout); ottla.set_log_level('DEBUG')")
    loud = program(loud.replace("END", "import time; time.sleep(1.5)"))
    out, err = loud.communicate(timeout=LIMIT)
    assert "ottla." in out and err == ""


def test_importing_starts_no_thread() -> None:
    code = "import ottla, threading; print(len(open('/proc/self/status').read().split('Threads:')[1].split()[0]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
