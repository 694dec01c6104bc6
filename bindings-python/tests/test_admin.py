"""The admin clients: every operation, errors per item, both ways to wait."""

from __future__ import annotations

import inspect
import math
import uuid
from collections.abc import Callable, Iterator

import pytest
from conftest import LIMIT, read

import ottla
from ottla import aio
from ottla.testing import TestBroker


@pytest.fixture
def admin(broker: TestBroker) -> Iterator[ottla.Admin]:
    with ottla.Admin(bootstrap_servers=broker.bootstrap) as admin:
        yield admin


def config_of(topic: str) -> ottla.ConfigResource:
    return ottla.ConfigResource(ottla.ConfigResourceType.TOPIC, topic)


def test_topics_are_created_listed_described_and_deleted(admin: ottla.Admin) -> None:
    name = f"t-{uuid.uuid4().hex}"
    tried = admin.create_topics([ottla.NewTopic(name, 3)], validate_only=True)
    assert tried[name].num_partitions == 3 and name not in admin.list_topics()
    created = admin.create_topics([ottla.NewTopic(name, 3, configs={"cleanup.policy": "compact"})])
    assert (created[name].num_partitions, created[name].replication_factor) == (3, 1)
    assert admin.list_topics()[name] == ottla.TopicListing(name, created[name].id, False)
    topic = admin.describe_topics([name], timeout=LIMIT)[name]
    assert [(partition.partition, partition.leader, partition.isr) for partition in topic.partitions] == [
        (0, 1, [1]),
        (1, 1, [1]),
        (2, 1, [1]),
    ]
    admin.create_partitions([ottla.NewPartitions(name, 5)])
    assert len(admin.describe_topics([name])[name].partitions) == 5
    admin.delete_topics([name])
    with pytest.raises(ottla.UnknownTopicOrPartitionError):
        admin.describe_topics([name])


def test_configurations_are_described_and_altered(admin: ottla.Admin, topic: str) -> None:
    resource = config_of(topic)
    before = admin.describe_configs([resource])[resource]["retention.ms"]
    assert (before.value, before.source) == ("604800000", ottla.ConfigSource.DEFAULT_CONFIG)
    set_it = ottla.AlterConfigOp("retention.ms", "1000")
    admin.incremental_alter_configs([ottla.ConfigChanges(resource, [set_it])])
    entry = admin.describe_configs([resource], include_synonyms=True, include_documentation=True)[resource]["retention.ms"]
    assert (entry.value, entry.source) == ("1000", ottla.ConfigSource.DYNAMIC_TOPIC_CONFIG)
    assert entry.synonyms[0] == ottla.ConfigSynonym("retention.ms", "1000", ottla.ConfigSource.DYNAMIC_TOPIC_CONFIG)
    unset = ottla.AlterConfigOp("retention.ms", op=ottla.AlterConfigOpType.DELETE)
    admin.incremental_alter_configs([ottla.ConfigChanges(resource, [unset])])
    assert admin.describe_configs([resource])[resource]["retention.ms"].value == before.value
    with pytest.raises(ottla.KafkaError) as caught:
        admin.incremental_alter_configs([ottla.ConfigChanges(resource, [ottla.AlterConfigOp("retention.ms", "soon")])])
    assert caught.value.code_name == "INVALID_CONFIG"


def test_offsets_are_listed_and_records_deleted(admin: ottla.Admin, producer: ottla.Producer, topic: str) -> None:
    for number in range(5):
        producer.send(topic, str(number), partition=0, timestamp=1000 * number)
    producer.flush(LIMIT)

    def offset(spec: ottla.OffsetSpec, time: int | None = None) -> int | None:
        return admin.list_offsets([ottla.OffsetQuery(topic, 0, spec, time)])[ottla.TopicPartition(topic, 0)].offset

    assert offset(ottla.OffsetSpec.EARLIEST) == 0
    assert offset(ottla.OffsetSpec.LATEST) == 5
    assert offset(ottla.OffsetSpec.MAX_TIMESTAMP) == 4
    assert offset(ottla.OffsetSpec.FOR_TIMESTAMP, 1500) == 2
    deleted = admin.delete_records([ottla.RecordsToDelete(topic, 0, 3)])
    assert deleted == {(topic, 0): ottla.DeletedRecords(3)}
    assert offset(ottla.OffsetSpec.EARLIEST) == 3
    with pytest.raises(ottla.OffsetOutOfRangeError):
        admin.delete_records([ottla.RecordsToDelete(topic, 0, 100)])
    producers = admin.describe_producers([(topic, 0)])[ottla.TopicPartition(topic, 0)]
    assert [found.last_sequence for found in producers] == [4]


def test_groups_and_their_offsets_are_seen_changed_and_deleted(
    admin: ottla.Admin, broker: TestBroker, producer: ottla.Producer, topic: str, group: str
) -> None:
    producer.send(topic, b"v", partition=0).result(LIMIT)
    config = {"bootstrap.servers": broker.bootstrap, "group.id": group, "auto.offset.reset": "earliest"}
    with ottla.Consumer(config, group_instance_id="one", enable_auto_commit=False) as consumer:
        consumer.subscribe([topic])
        read(consumer, 1)
        consumer.commit({(topic, 0): ottla.OffsetAndMetadata(1, "here")})
        assert admin.list_groups()[group].group_type is ottla.GroupType.CLASSIC
        described = admin.describe_consumer_groups([group])[group]
        assert described.state == "Stable"
        assert [(member.group_instance_id, member.assignment) for member in described.members] == [
            ("one", [(topic, 0), (topic, 1)])
        ]
        listed = admin.list_consumer_group_offsets([ottla.GroupOffsetsQuery(group)])[group]
        assert [(found.partition, found.offset, found.metadata) for found in listed] == [(0, 1, "here")]
        member = ottla.MemberToRemove(group_instance_id="one")
        assert admin.remove_members_from_consumer_group(group, [member], reason="for a test") == {member: None}
    moved = [ottla.CommittedOffset(topic, 0, 0), ottla.CommittedOffset(topic, 1, 7, metadata="moved")]
    admin.alter_consumer_group_offsets(group, moved)
    listed = admin.list_consumer_group_offsets([ottla.GroupOffsetsQuery(group, [(topic, 1)])])[group]
    assert [(found.offset, found.metadata) for found in listed] == [(7, "moved")]
    admin.delete_consumer_group_offsets(group, [(topic, 1)])
    assert [found.partition for found in admin.list_consumer_group_offsets([ottla.GroupOffsetsQuery(group)])[group]] == [0]
    admin.delete_consumer_groups([group])
    assert group not in admin.list_groups()
    with pytest.raises(ottla.KafkaError) as caught:
        admin.delete_consumer_groups([group])
    assert caught.value.code_name == "GROUP_ID_NOT_FOUND"


def test_the_cluster_is_described(admin: ottla.Admin, broker: TestBroker, topic: str) -> None:
    cluster = admin.describe_cluster()
    assert [f"{node.host}:{node.port}" for node in cluster.nodes] == [broker.bootstrap]
    assert cluster.controller == 1 and cluster.cluster_id
    features = admin.describe_features()
    assert features.api_versions["Produce"].max >= 9
    directories = admin.describe_log_dirs([1])[1]
    assert any(replica.topic == topic for found in directories.values() for replica in found.replicas)
    assert admin.elect_leaders(ottla.ElectionType.PREFERRED, partitions=[(topic, 0)]) == {(topic, 0): None}


def test_what_is_about_transactions_answers(admin: ottla.Admin, topic: str) -> None:
    """Those the broker does not serve say so; none hangs, and each knows its arguments."""
    calls: dict[str, Callable[[], object]] = {
        "list_transactions": lambda: admin.list_transactions(timeout=1),
        "describe_transactions": lambda: admin.describe_transactions(["none"], timeout=1),
        "fence_producers": lambda: admin.fence_producers(["none"], timeout=1),
        "abort_transaction": lambda: admin.abort_transaction((topic, 0), 1, 0, timeout=1),
    }
    for name, call in calls.items():
        try:
            call()
        except ottla.InvalidArgumentError:
            pytest.fail(f"{name} does not know its arguments")
        except ottla.KafkaError as error:
            assert error.operation and str(error), name


def test_the_first_error_has_the_results_of_all(admin: ottla.Admin, topic: str) -> None:
    fresh = f"t-{uuid.uuid4().hex}"
    with pytest.raises(ottla.BrokerError) as caught:
        admin.create_topics([ottla.NewTopic(topic), ottla.NewTopic(fresh)])
    assert caught.value.code_name == "TOPIC_ALREADY_EXISTS"
    results = caught.value.results
    assert results is not None and results[topic] is caught.value
    assert isinstance(results[fresh], ottla.CreatedTopic)


def test_both_clients_have_the_same_operations() -> None:
    def operations(client: type) -> dict[str, str]:
        methods = inspect.getmembers(client, inspect.isfunction)
        return {name: str(inspect.signature(method)) for name, method in methods if not name.startswith("_")}

    assert operations(ottla.Admin) == operations(aio.Admin)
    assert len(operations(ottla.Admin)) > 20
    assert all(inspect.iscoroutinefunction(getattr(aio.Admin, name)) for name in operations(aio.Admin))


async def test_coroutines_have_the_same(broker: TestBroker, topic: str) -> None:
    async with aio.Admin(bootstrap_servers=broker.bootstrap) as admin:
        assert (await admin.describe_topics([topic], timeout=math.inf))[topic].name == topic
        with pytest.raises(ottla.UnknownTopicOrPartitionError):
            await admin.delete_topics(["nowhere"])


def test_wrong_arguments_are_named(admin: ottla.Admin) -> None:
    with pytest.raises(ottla.InvalidArgumentError, match="num_partitions"):
        admin.create_topics([ottla.NewTopic("t", "three")])  # type: ignore[arg-type]
