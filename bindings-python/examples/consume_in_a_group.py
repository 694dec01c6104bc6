"""Two members share a topic's partitions; each commits what it has handled."""

import threading

import ottla
from ottla.testing import TestBroker

RECORDS = 100


def work(address: str, name: str, handled: list[str], done: threading.Event) -> None:
    config = {"bootstrap.servers": address, "group.id": "workers", "auto.offset.reset": "earliest"}
    with ottla.Consumer(config, enable_auto_commit=False) as consumer:
        consumer.subscribe("jobs")
        while not done.is_set():
            records = consumer.poll(0.1)
            handled.extend(f"{name}: {record.value!r}" for record in records)
            if records:
                consumer.commit()
            if len(handled) >= RECORDS:
                done.set()


def main() -> None:
    handled: list[str] = []
    done = threading.Event()
    with TestBroker({"group.initial.rebalance.delay.ms": 0}) as broker:
        broker.create_topic("jobs", partitions=4)
        with ottla.Producer(bootstrap_servers=broker.bootstrap) as producer:
            producer.send_many("jobs", [(f"job {number}", f"key {number}") for number in range(RECORDS)])
        members = [
            threading.Thread(target=work, args=(broker.bootstrap, name, handled, done)) for name in ("one", "two")
        ]
        for member in members:
            member.start()
        for member in members:
            member.join()
    print(f"{len(handled)} jobs were handled")


main()
