"""Other threads run while one waits in the library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

import ottla

#: Seconds each call waits.
WAIT = 0.4

CALLS: dict[str, Callable[[ottla.Producer, ottla.Consumer, str], object]] = {
    "poll": lambda _, consumer, topic: consumer.poll(WAIT),
    "flush": lambda producer, _, topic: producer.flush(WAIT),
    "result": lambda producer, _, topic: producer.send(topic, b"v").result(WAIT),
    "callbacks": lambda producer, _, topic: producer.poll(WAIT),
    "close": lambda producer, _, topic: producer.close(WAIT),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_gil_is_free_while_a_call_waits(
    call: str, cut_off: ottla.Producer, consumer: ottla.Consumer, topic: str
) -> None:
    consumer.assign([(topic, 0)])
    cut_off.send(topic, b"v", on_delivery=lambda *_: None)
    counted = 0
    ended = threading.Event()

    def count() -> None:
        nonlocal counted
        while not ended.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    with suppress(ottla.TimeoutError):
        CALLS[call](cut_off, consumer, topic)
    ended.set()
    thread.join()
    # A call that held the GIL would leave room for the interpreter's switches only: a few turns.
    assert counted > 10_000
