"""Forking (celery, gunicorn, airflow): a child is told what it must not use; its own clients work; the parent goes on."""

from __future__ import annotations

from conftest import LIMIT, Program

from ottla.testing import TestBroker

FORK = """
import asyncio, os, sys
import ottla
from ottla import aio
from ottla.testing import TestBroker

address, topic = sys.argv[1:]
LOGGING
producer = ottla.Producer(bootstrap_servers=address)
other = aio.Producer(bootstrap_servers=address)
consumer = ottla.Consumer(bootstrap_servers=address, group_id="fork-" + topic)
admin = ottla.Admin(bootstrap_servers=address)
broker = TestBroker()
broker.create_topic("inherited")
consumer.subscribe([topic])
producer.send(topic, b"parent", partition=0).result(60)
admin.describe_topics([topic])
pending = producer.send(topic, b"parent", partition=0)

async def awaited():
    await other.send(topic, b"child")

child = os.fork()
if child == 0:
    calls = {
        "send": lambda: producer.send(topic, b"child"),
        "send_many": lambda: producer.send_many(topic, [b"child"]),
        "flush": lambda: producer.flush(1),
        "close producer": lambda: producer.close(1),
        "result": lambda: pending.result(60),
        "aio send": lambda: asyncio.run(awaited()),
        "poll": lambda: consumer.poll(0),
        "commit": lambda: consumer.commit(),
        "subscribe": lambda: consumer.subscribe([topic]),
        "assignment": lambda: consumer.assignment(),
        "wakeup": lambda: consumer.wakeup(),
        "close consumer": lambda: consumer.close(1),
        "admin": lambda: admin.describe_topics([topic]),
        "create_topic": lambda: broker.create_topic("child"),
        "stop": lambda: broker.stop(1),
    }
    for name, call in calls.items():
        try:
            call()
        except ottla.ForkedError as error:
            assert error.hint and "new client" in error.hint, (name, error.hint)
        else:
            print(name, "worked in the child", flush=True)
            os._exit(3)
    with ottla.Producer(bootstrap_servers=address) as own:
        own.send(topic, b"child", partition=1).result(60)
    with ottla.Consumer(bootstrap_servers=address, auto_offset_reset="earliest") as own:
        own.assign([(topic, 1)])
        assert own.poll(60)[0].value == b"child"
    with ottla.Admin(bootstrap_servers=address) as own:
        assert own.describe_topics([topic])[topic].name == topic
    with TestBroker() as own, ottla.Producer(bootstrap_servers=own.bootstrap) as sender:
        sender.send("t", b"v").result(60)
    del producer, other, consumer, admin, broker, pending
    CHILD_LOGGED
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
assert pending.result(60).offset == 1
assert producer.send(topic, b"parent again", partition=0).result(60).offset == 2
consumer.poll(0.1)
assert admin.describe_topics([topic])[topic].name == topic
broker.create_topic("parent")
producer.close()
consumer.close()
broker.stop()
print("well")
"""


def test_a_forked_child_is_told_and_its_parent_goes_on(broker: TestBroker, topic: str, program: Program) -> None:
    code = FORK.replace("LOGGING", "").replace("CHILD_LOGGED", "pass")
    out, err = program(code, broker.bootstrap, topic).communicate(timeout=2 * LIMIT)
    assert (out, err) == ("well\n", "")


def test_a_forked_child_goes_on_logging(broker: TestBroker, topic: str, program: Program) -> None:
    setup = """
import logging, threading
lines, logged = [], threading.Event()
class Handler(logging.Handler):
    def emit(self, record):
        if os.getpid() != parent:
            logged.set()
parent = os.getpid()
logging.getLogger("ottla").addHandler(Handler())
logging.getLogger("ottla").setLevel("DEBUG")
ottla.set_log_level("DEBUG")
"""
    code = FORK.replace("LOGGING", setup).replace("CHILD_LOGGED", "assert logged.wait(60)")
    out, err = program(code, broker.bootstrap, topic).communicate(timeout=2 * LIMIT)
    assert (out, err) == ("well\n", "")


def test_children_of_multiprocessing_have_clients_of_their_own(broker: TestBroker, topic: str, program: Program) -> None:
    code = """
import multiprocessing, sys
import ottla
address, topic = sys.argv[1:]
producer = ottla.Producer(bootstrap_servers=address)
producer.send(topic, b"v", partition=0).result(60)

def work(number):
    with ottla.Producer(bootstrap_servers=address) as own:
        return own.send(topic, str(number), partition=0).result(60).offset

with multiprocessing.get_context("fork").Pool(3) as pool:
    print(sorted(pool.map(work, range(20))) == list(range(1, 21)))
print(producer.send(topic, b"v", partition=0).result(60).offset)
"""
    out, err = program(code, broker.bootstrap, topic).communicate(timeout=2 * LIMIT)
    assert (out, err) == ("True\n21\n", "")
