"""The admin clients: values, errors per item, both ways to wait."""

from __future__ import annotations

import uuid

import pytest
from conftest import LIMIT

import ottla
from ottla import aio
from ottla.testing import TestBroker


@pytest.fixture
def admin(broker: TestBroker):
    with ottla.Admin(bootstrap_servers=broker.bootstrap) as admin:
        yield admin


def test_topics_are_created_described_and_deleted(admin: ottla.Admin) -> None:
    name = f"t-{uuid.uuid4().hex}"
    created = admin.create_topics([ottla.NewTopic(name, 3, configs={"cleanup.policy": "compact"})])
    assert created[name].num_partitions == 3
    topic = admin.describe_topics([name], timeout=LIMIT)[name]
    assert [partition.leader for partition in topic.partitions] == [1, 1, 1]
    admin.delete_topics([name])
    with pytest.raises(ottla.UnknownTopicOrPartitionError):
        admin.describe_topics([name])


def test_the_first_error_has_the_results_of_all(admin: ottla.Admin, topic: str) -> None:
    fresh = f"t-{uuid.uuid4().hex}"
    with pytest.raises(ottla.BrokerError) as caught:
        admin.create_topics([ottla.NewTopic(topic), ottla.NewTopic(fresh)])
    assert caught.value.code_name == "TOPIC_ALREADY_EXISTS"
    results = caught.value.results
    assert results is not None and results[topic] is caught.value
    assert isinstance(results[fresh], ottla.CreatedTopic)


async def test_coroutines_have_the_same(broker: TestBroker, topic: str) -> None:
    async with aio.Admin(bootstrap_servers=broker.bootstrap) as admin:
        assert (await admin.describe_topics([topic]))[topic].name == topic
        with pytest.raises(ottla.UnknownTopicOrPartitionError):
            await admin.delete_topics(["nowhere"])


def test_wrong_arguments_are_named(admin: ottla.Admin) -> None:
    with pytest.raises(ottla.InvalidArgumentError, match="num_partitions"):
        admin.create_topics([ottla.NewTopic("t", "three")])  # type: ignore[arg-type]
