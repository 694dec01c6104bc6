"""Ctrl-C acts at once, whatever a thread waits for."""

from __future__ import annotations

import pytest
from conftest import LIMIT, Program

from ottla.testing import TestBroker

CODE = """
import math, os, signal, sys, threading, time
import ottla

# Whoever started the tests in the background had Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
address, topic = sys.argv[1:]
consumer = ottla.Consumer(bootstrap_servers=address, auto_offset_reset="earliest")
consumer.assign([(topic, 0)])
producer = ottla.Producer(bootstrap_servers=address, linger_ms=3_600_000, delivery_timeout_ms=7_200_000)
lost = ottla.Producer(bootstrap_servers="127.0.0.1:1", max_block_ms=3_600_000, reconnect_backoff_max_ms=100)
sent = None

def interrupt():
    # The main thread is in the call once it is seen at the same place again and again.
    global sent
    at, times = None, 0
    while times < 5:
        frame = sys._current_frames()[threading.main_thread().ident]
        now = (frame.f_code, frame.f_lasti) if waiting.is_set() else None
        times = times + 1 if now is not None and now == at else 0
        at = now
        time.sleep(0.02)
    sent = time.monotonic()
    os.kill(os.getpid(), signal.SENT)

waiting = threading.Event()
threading.Thread(target=interrupt, daemon=True).start()
try:
    PREPARE
    waiting.set()
    CALL
except KeyboardInterrupt:
    print(time.monotonic() - sent, flush=True)
os._exit(0)
"""

CALLS = {
    "poll": ("pass", "consumer.poll(math.inf)"),
    "iterate": ("pass", "next(iter(consumer))"),
    "result": ("delivery = producer.send(topic, b'v')", "delivery.result()"),
    "callbacks": ("producer.send(topic, b'v', on_delivery=print)", "producer.poll(math.inf)"),
    "send": ("pass", "lost.send(topic, b'v')"),
    "partitions_for": ("pass", "lost.partitions_for(topic)"),
}


@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_acts_while_a_call_waits(call: str, broker: TestBroker, topic: str, program: Program) -> None:
    prepare, wait = CALLS[call]
    code = CODE.replace("SENT", "SIGINT").replace("PREPARE", prepare).replace("CALL", wait)
    process = program(code, broker.bootstrap, topic)
    out, err = process.communicate(timeout=LIMIT)
    assert err == ""
    # Within 50 ms on a machine with nothing else to do.
    assert float(out) < 2


def test_sigterm_ends_a_program_that_waits(broker: TestBroker, topic: str, program: Program) -> None:
    code = CODE.replace("SENT", "SIGTERM").replace("PREPARE", "pass").replace("CALL", "consumer.poll(math.inf)")
    process = program(code, broker.bootstrap, topic)
    assert process.communicate(timeout=LIMIT) == ("", "")
    assert process.returncode == -15
