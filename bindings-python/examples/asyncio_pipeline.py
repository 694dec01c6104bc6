"""Reads, transforms and writes with coroutines; what was read is committed once what was made of it is safe."""

import asyncio

from ottla import aio
from ottla.testing import TestBroker

RECORDS = 1000


async def fill(address: str) -> None:
    async with aio.Producer(bootstrap_servers=address) as producer:
        for number in range(RECORDS):
            producer.send("numbers", str(number), key=str(number % 10))
            await producer.ready()


async def double(address: str) -> int:
    config = {"bootstrap.servers": address, "group.id": "doublers", "auto.offset.reset": "earliest"}
    handled = 0
    async with aio.Consumer(config, enable_auto_commit=False) as consumer, aio.Producer(bootstrap_servers=address) as producer:
        consumer.subscribe("numbers")
        while handled < RECORDS:
            records = await consumer.poll(10)
            for record in records:
                producer.send("doubles", str(2 * int(record.value or b"0")), key=record.key)
            await producer.flush()
            await consumer.commit()
            handled += len(records)
    return handled


async def main() -> None:
    async with TestBroker({"group.initial.rebalance.delay.ms": 0}) as broker:
        await fill(broker.bootstrap)
        print(f"{await double(broker.bootstrap)} numbers were doubled")


asyncio.run(main())
