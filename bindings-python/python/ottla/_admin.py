"""The admin client, for threads and for coroutines."""
# Generated from the tables in the code, do not edit: make gen.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._admin_base import AdminBase
from ._admin_types import (
    ClusterDescription,
    CommittedOffset,
    ConfigChanges,
    ConfigEntry,
    ConfigResource,
    CreatedTopic,
    DeletedRecords,
    ElectionType,
    FeatureDescription,
    FencedProducer,
    GroupDescription,
    GroupListing,
    GroupOffsetsQuery,
    GroupType,
    IsolationLevel,
    ListOffsetsResultInfo,
    LogDirDescription,
    MemberToRemove,
    NewPartitions,
    NewTopic,
    OffsetQuery,
    ProducerStateDescription,
    RecordsToDelete,
    TopicDescription,
    TopicListing,
    TransactionDescription,
    TransactionListing,
)
from ._json import milliseconds, plain, results_of
from ._loop import done
from ._types import TopicPartition

__all__ = ["Admin", "AsyncAdmin"]


class Admin(AdminBase):
    """Administers a cluster: topics, configurations, groups, offsets, records. May be shared by threads.

    A call about several items raises the error of the first that failed; the error's ``results`` has those of
    all, so that one that fails hides nothing. ``timeout`` is in seconds, ``default.api.timeout.ms`` by default.
    """

    def create_topics(
        self,
        topics: Sequence[NewTopic],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[str, CreatedTopic]:
        """Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.

        ``topics``: The topics to create, each once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the topics could be created.

        Raises: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts
        beside assignments by hand, for a topic named twice.

        Source: CreateTopics (KIP-4, KIP-525)
        """
        arguments = {
            "topics": plain(topics),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(self._call("create_topics", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: CreatedTopic._of(item))

    def delete_topics(
        self,
        topics: Sequence[str] = (),
        *,
        topic_ids: Sequence[str] = (),
        timeout: float | None = None,
    ) -> dict[str, None]:
        """Deletes topics and all their records.

        ``topics``: Names of topics to delete.

        ``topic_ids``: Ids of topics to delete, as Kafka writes them.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
        TOPIC_DELETION_DISABLED, TOPIC_AUTHORIZATION_FAILED.

        Source: DeleteTopics (KIP-4, KIP-516)
        """
        arguments = {
            "topics": plain(topics),
            "topic_ids": plain(topic_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("delete_topics", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: None)

    def list_topics(
        self,
        include_internal: bool = False,
        *,
        timeout: float | None = None,
    ) -> dict[str, TopicListing]:
        """Lists topics, by name.

        ``include_internal``: Also Kafka's own.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when no broker answers. Topics that this principal may not
        describe are left out.

        Source: Metadata (KIP-4, KIP-516)
        """
        arguments = {
            "include_internal": plain(include_internal),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("list_topics", arguments).wait())
        return {name: TopicListing._of(item) for name, item in answer.items()}

    def describe_topics(
        self,
        topics: Sequence[str] = (),
        *,
        topic_ids: Sequence[str] = (),
        timeout: float | None = None,
    ) -> dict[str, TopicDescription]:
        """Describes topics: ids, partitions, leaders, replicas.

        ``topics``: Names of topics to describe.

        ``topic_ids``: Ids of topics to describe, as Kafka writes them.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
        TOPIC_AUTHORIZATION_FAILED.

        Source: Metadata (KIP-4, KIP-430, KIP-516)
        """
        arguments = {
            "topics": plain(topics),
            "topic_ids": plain(topic_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_topics", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: TopicDescription._of(item))

    def create_partitions(
        self,
        topics: Sequence[NewPartitions],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[str, None]:
        """Raises the number of partitions of topics. Records with a key go to other partitions afterwards.

        ``topics``: The topics, each once, and the number of partitions each shall have.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the partitions could be created.

        Raises: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
        INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a topic named twice.

        Source: CreatePartitions (KIP-195)
        """
        arguments = {
            "topics": plain(topics),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(self._call("create_partitions", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: None)

    def describe_configs(
        self,
        resources: Sequence[ConfigResource],
        *,
        timeout: float | None = None,
        include_synonyms: bool = False,
        include_documentation: bool = False,
    ) -> dict[ConfigResource, dict[str, ConfigEntry]]:
        """Describes configurations of topics, brokers and groups: their options by name.

        ``resources``: Whose configurations.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``include_synonyms``: Also values from other sources.

        ``include_documentation``: Also what each option means.

        Raises: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
        TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.

        Source: DescribeConfigs (KIP-133, KIP-226, KIP-569)
        """
        arguments = {
            "resources": plain(resources),
            "timeout": milliseconds(timeout),
            "include_synonyms": plain(include_synonyms),
            "include_documentation": plain(include_documentation),
        }
        answer = self._answer(self._call("describe_configs", arguments).wait())
        return results_of(
            answer,
            lambda key: ConfigResource._of(key),
            lambda item: {name: ConfigEntry._of(part) for name, part in item.items()},
        )

    def incremental_alter_configs(
        self,
        changes: Sequence[ConfigChanges],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[ConfigResource, None]:
        """Changes the named options and leaves the others as they are. Of each resource all changes are made, or
        none.

        ``changes``: The configurations, each once, and their changes.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the changes would be accepted.

        Raises: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION,
        TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call:
        InvalidArgument for a resource named twice, for DELETE with a value, for anything else without one.

        Source: IncrementalAlterConfigs (KIP-339)
        """
        arguments = {
            "changes": plain(changes),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(self._call("incremental_alter_configs", arguments).wait())
        return results_of(answer, lambda key: ConfigResource._of(key), lambda item: None)

    def delete_records(
        self,
        records: Sequence[RecordsToDelete],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, DeletedRecords]:
        """Deletes the records before an offset in each partition.

        ``records``: The partitions, each once, and the offsets to delete before.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for
        a topic that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a partition named twice.

        Source: DeleteRecords (KIP-107)
        """
        arguments = {
            "records": plain(records),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("delete_records", arguments).wait())
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: DeletedRecords._of(item),
        )

    def list_offsets(
        self,
        queries: Sequence[OffsetQuery],
        *,
        timeout: float | None = None,
        isolation_level: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
    ) -> dict[TopicPartition, ListOffsetsResultInfo]:
        """Looks up offsets of logs, asked at the partitions' leaders.

        ``queries``: The partitions, each once, and which offset of each.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``isolation_level``: Which records count.

        Raises: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED,
        Unsupported where the broker is older than the spec. Of the call: InvalidArgument for a partition named
        twice, for FOR_TIMESTAMP without a time, for any other with one.

        Source: ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734, KIP-1005)
        """
        arguments = {
            "queries": plain(queries),
            "timeout": milliseconds(timeout),
            "isolation_level": plain(isolation_level),
        }
        answer = self._answer(self._call("list_offsets", arguments).wait())
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: ListOffsetsResultInfo._of(item),
        )

    def list_consumer_group_offsets(
        self,
        groups: Sequence[GroupOffsetsQuery],
        *,
        timeout: float | None = None,
        require_stable: bool = False,
    ) -> dict[str, list[CommittedOffset]]:
        """Lists the offsets groups committed. A partition without a commit is left out.

        ``groups``: The groups, each once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``require_stable``: Wait for offsets that open transactions commit to be decided, instead of giving
        those before.

        Raises: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
        require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group
        named twice.

        Source: OffsetFetch (KIP-88, KIP-447, KIP-709)
        """
        arguments = {
            "groups": plain(groups),
            "timeout": milliseconds(timeout),
            "require_stable": plain(require_stable),
        }
        answer = self._answer(self._call("list_consumer_group_offsets", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: [CommittedOffset._of(part) for part in item])

    def alter_consumer_group_offsets(
        self,
        group_id: str,
        offsets: Sequence[CommittedOffset],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Sets the offsets of a group without members.

        ``group_id``: The group's id.

        ``offsets``: The offsets it shall have, each partition once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
        OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a partition named twice.

        Source: OffsetCommit (KIP-396)
        """
        arguments = {
            "group_id": plain(group_id),
            "offsets": plain(offsets),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("alter_consumer_group_offsets", arguments).wait())
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    def delete_consumer_group_offsets(
        self,
        group_id: str,
        partitions: Sequence[tuple[str, int]],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Deletes committed offsets of topics the group's members do not subscribe to.

        ``group_id``: The group's id.

        ``partitions``: The partitions whose offsets go.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION,
        TOPIC_AUTHORIZATION_FAILED. Of the call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID,
        GROUP_AUTHORIZATION_FAILED.

        Source: OffsetDelete (KIP-496)
        """
        arguments = {
            "group_id": plain(group_id),
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("delete_consumer_group_offsets", arguments).wait())
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    def list_groups(
        self,
        states: Sequence[str] = (),
        *,
        types: Sequence[GroupType] = (),
        timeout: float | None = None,
    ) -> dict[str, GroupListing]:
        """Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes
        would mislead.

        ``states``: Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.

        ``types``: Only groups of these types; if left out, of all.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for
        types at brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not
        describe are left out.

        Source: ListGroups (KIP-518, KIP-848)
        """
        arguments = {
            "states": plain(states),
            "types": plain(types),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("list_groups", arguments).wait())
        return {name: GroupListing._of(item) for name, item in answer.items()}

    def describe_consumer_groups(
        self,
        group_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, GroupDescription]:
        """Describes consumer groups of either protocol, asked at their coordinators.

        ``group_ids``: Ids of the groups.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`),
        GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.

        Source: ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043)
        """
        arguments = {
            "group_ids": plain(group_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_consumer_groups", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: GroupDescription._of(item))

    def delete_consumer_groups(
        self,
        group_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, None]:
        """Deletes groups without members, and with them their offsets.

        ``group_ids``: Ids of the groups.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
        COORDINATOR_NOT_AVAILABLE.

        Source: DeleteGroups (KIP-229)
        """
        arguments = {
            "group_ids": plain(group_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("delete_consumer_groups", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: None)

    def remove_members_from_consumer_group(
        self,
        group_id: str,
        members: Sequence[MemberToRemove],
        *,
        reason: str | None = None,
        timeout: float | None = None,
    ) -> dict[MemberToRemove, None]:
        """Removes members from a group, so that it rebalances without them at once.

        ``group_id``: The group's id.

        ``members``: The members to remove.

        ``reason``: Why, for the broker's log.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND,
        INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none.

        Source: LeaveGroup (KIP-345, KIP-571, KIP-800)
        """
        arguments = {
            "group_id": plain(group_id),
            "members": plain(members),
            "reason": plain(reason),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("remove_members_from_consumer_group", arguments).wait())
        return results_of(answer, lambda key: MemberToRemove._of(key), lambda item: None)

    def describe_cluster(
        self,
        timeout: float | None = None,
    ) -> ClusterDescription:
        """Describes the cluster as some broker sees it now.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED.

        Source: DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073)
        """
        arguments = {
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_cluster", arguments).wait())
        return ClusterDescription._of(answer)

    def describe_features(
        self,
        broker: int | None = None,
        *,
        timeout: float | None = None,
    ) -> FeatureDescription:
        """Describes finalised features of the cluster, and the API versions of a broker.

        ``broker``: The broker to ask; if left out, any.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when the broker does not answer.

        Source: ApiVersions (KIP-35, KIP-584)
        """
        arguments = {
            "broker": plain(broker),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_features", arguments).wait())
        return FeatureDescription._of(answer)

    def elect_leaders(
        self,
        election_type: ElectionType,
        *,
        partitions: Sequence[tuple[str, int]] | None = None,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Elects leaders of partitions. A partition that was named and needed no election is no error.

        ``election_type``: Which replica may become leader.

        ``partitions``: The partitions; if left out, all that need an election, and those that needed none are
        not told of.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
        UNKNOWN_TOPIC_OR_PARTITION. Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at
        brokers before 2.4.

        Source: ElectLeaders (KIP-183, KIP-460)
        """
        arguments = {
            "election_type": plain(election_type),
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("elect_leaders", arguments).wait())
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    def describe_log_dirs(
        self,
        brokers: Sequence[int],
        *,
        timeout: float | None = None,
    ) -> dict[int, dict[str, LogDirDescription]]:
        """Describes the log directories of brokers, by path.

        ``brokers``: The brokers' numbers.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a
        directory: KAFKA_STORAGE_ERROR.

        Source: DescribeLogDirs (KIP-113, KIP-827)
        """
        arguments = {
            "brokers": plain(brokers),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_log_dirs", arguments).wait())
        return results_of(
            answer,
            lambda key: key,
            lambda item: {name: LogDirDescription._of(part) for name, part in item.items()},
        )

    def describe_producers(
        self,
        partitions: Sequence[tuple[str, int]],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, list[ProducerStateDescription]]:
        """Describes the producers that are active on partitions, asked at their leaders.

        ``partitions``: The partitions.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED.

        Source: DescribeProducers (KIP-664)
        """
        arguments = {
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_producers", arguments).wait())
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: [ProducerStateDescription._of(part) for part in item],
        )

    def list_transactions(
        self,
        states: Sequence[str] = (),
        *,
        producer_ids: Sequence[int] = (),
        running_longer_than: float | None = None,
        timeout: float | None = None,
    ) -> dict[str, TransactionListing]:
        """Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list
        with holes would mislead.

        ``states``: Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.

        ``producer_ids``: Only those of these producer ids; if left out, of all.

        ``running_longer_than``: Only those whose transaction is open for longer than this.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before
        3.8. Transactional ids that this principal may not describe are left out.

        Source: ListTransactions (KIP-664, KIP-994)
        """
        arguments = {
            "states": plain(states),
            "producer_ids": plain(producer_ids),
            "running_longer_than": milliseconds(running_longer_than),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("list_transactions", arguments).wait())
        return {name: TransactionListing._of(item) for name, item in answer.items()}

    def describe_transactions(
        self,
        transactional_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, TransactionDescription]:
        """Describes transactional ids, asked at their coordinators.

        ``transactional_ids``: The transactional ids.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        COORDINATOR_NOT_AVAILABLE.

        Source: DescribeTransactions (KIP-664)
        """
        arguments = {
            "transactional_ids": plain(transactional_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("describe_transactions", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: TransactionDescription._of(item))

    def fence_producers(
        self,
        transactional_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, FencedProducer]:
        """Fences the producers of transactional ids: their open transactions abort, and they cannot go on.

        ``transactional_ids``: The transactional ids.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
        CONCURRENT_TRANSACTIONS when the old transaction does not end in time.

        Source: InitProducerId (KIP-691)
        """
        arguments = {
            "transactional_ids": plain(transactional_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(self._call("fence_producers", arguments).wait())
        return results_of(answer, lambda key: key, lambda item: FencedProducer._of(item))

    def abort_transaction(
        self,
        partition: tuple[str, int],
        producer_id: int,
        producer_epoch: int,
        *,
        coordinator_epoch: int | None = None,
        timeout: float | None = None,
    ) -> None:
        """Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not
        asked: only for transactions it no longer knows.

        ``partition``: The partition.

        ``producer_id``: The producer's id.

        ``producer_epoch``: The producer's epoch.

        ``coordinator_epoch``: Epoch of the coordinator that wrote the producer's last transaction marker;
        nothing without one.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
        CLUSTER_AUTHORIZATION_FAILED.

        Source: WriteTxnMarkers (KIP-664)
        """
        arguments = {
            "partition": plain(partition),
            "producer_id": plain(producer_id),
            "producer_epoch": plain(producer_epoch),
            "coordinator_epoch": plain(coordinator_epoch),
            "timeout": milliseconds(timeout),
        }
        self._answer(self._call("abort_transaction", arguments).wait())

    def close(self, timeout: float = 30.0) -> None:
        """Closes all connections, by ``timeout`` seconds. Calls under way end with :class:`ClosedError`."""
        self._core.close(timeout).wait()

    def __enter__(self) -> Admin:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncAdmin(AdminBase):
    """Administers a cluster: topics, configurations, groups, offsets, records. For coroutines.

    A call about several items raises the error of the first that failed; the error's ``results`` has those of
    all, so that one that fails hides nothing. ``timeout`` is in seconds, ``default.api.timeout.ms`` by default.
    """

    async def create_topics(
        self,
        topics: Sequence[NewTopic],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[str, CreatedTopic]:
        """Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.

        ``topics``: The topics to create, each once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the topics could be created.

        Raises: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts
        beside assignments by hand, for a topic named twice.

        Source: CreateTopics (KIP-4, KIP-525)
        """
        arguments = {
            "topics": plain(topics),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(await done(self._call("create_topics", arguments)))
        return results_of(answer, lambda key: key, lambda item: CreatedTopic._of(item))

    async def delete_topics(
        self,
        topics: Sequence[str] = (),
        *,
        topic_ids: Sequence[str] = (),
        timeout: float | None = None,
    ) -> dict[str, None]:
        """Deletes topics and all their records.

        ``topics``: Names of topics to delete.

        ``topic_ids``: Ids of topics to delete, as Kafka writes them.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
        TOPIC_DELETION_DISABLED, TOPIC_AUTHORIZATION_FAILED.

        Source: DeleteTopics (KIP-4, KIP-516)
        """
        arguments = {
            "topics": plain(topics),
            "topic_ids": plain(topic_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("delete_topics", arguments)))
        return results_of(answer, lambda key: key, lambda item: None)

    async def list_topics(
        self,
        include_internal: bool = False,
        *,
        timeout: float | None = None,
    ) -> dict[str, TopicListing]:
        """Lists topics, by name.

        ``include_internal``: Also Kafka's own.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when no broker answers. Topics that this principal may not
        describe are left out.

        Source: Metadata (KIP-4, KIP-516)
        """
        arguments = {
            "include_internal": plain(include_internal),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("list_topics", arguments)))
        return {name: TopicListing._of(item) for name, item in answer.items()}

    async def describe_topics(
        self,
        topics: Sequence[str] = (),
        *,
        topic_ids: Sequence[str] = (),
        timeout: float | None = None,
    ) -> dict[str, TopicDescription]:
        """Describes topics: ids, partitions, leaders, replicas.

        ``topics``: Names of topics to describe.

        ``topic_ids``: Ids of topics to describe, as Kafka writes them.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
        TOPIC_AUTHORIZATION_FAILED.

        Source: Metadata (KIP-4, KIP-430, KIP-516)
        """
        arguments = {
            "topics": plain(topics),
            "topic_ids": plain(topic_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_topics", arguments)))
        return results_of(answer, lambda key: key, lambda item: TopicDescription._of(item))

    async def create_partitions(
        self,
        topics: Sequence[NewPartitions],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[str, None]:
        """Raises the number of partitions of topics. Records with a key go to other partitions afterwards.

        ``topics``: The topics, each once, and the number of partitions each shall have.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the partitions could be created.

        Raises: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
        INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a topic named twice.

        Source: CreatePartitions (KIP-195)
        """
        arguments = {
            "topics": plain(topics),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(await done(self._call("create_partitions", arguments)))
        return results_of(answer, lambda key: key, lambda item: None)

    async def describe_configs(
        self,
        resources: Sequence[ConfigResource],
        *,
        timeout: float | None = None,
        include_synonyms: bool = False,
        include_documentation: bool = False,
    ) -> dict[ConfigResource, dict[str, ConfigEntry]]:
        """Describes configurations of topics, brokers and groups: their options by name.

        ``resources``: Whose configurations.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``include_synonyms``: Also values from other sources.

        ``include_documentation``: Also what each option means.

        Raises: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
        TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.

        Source: DescribeConfigs (KIP-133, KIP-226, KIP-569)
        """
        arguments = {
            "resources": plain(resources),
            "timeout": milliseconds(timeout),
            "include_synonyms": plain(include_synonyms),
            "include_documentation": plain(include_documentation),
        }
        answer = self._answer(await done(self._call("describe_configs", arguments)))
        return results_of(
            answer,
            lambda key: ConfigResource._of(key),
            lambda item: {name: ConfigEntry._of(part) for name, part in item.items()},
        )

    async def incremental_alter_configs(
        self,
        changes: Sequence[ConfigChanges],
        *,
        timeout: float | None = None,
        validate_only: bool = False,
    ) -> dict[ConfigResource, None]:
        """Changes the named options and leaves the others as they are. Of each resource all changes are made, or
        none.

        ``changes``: The configurations, each once, and their changes.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the changes would be accepted.

        Raises: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION,
        TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call:
        InvalidArgument for a resource named twice, for DELETE with a value, for anything else without one.

        Source: IncrementalAlterConfigs (KIP-339)
        """
        arguments = {
            "changes": plain(changes),
            "timeout": milliseconds(timeout),
            "validate_only": plain(validate_only),
        }
        answer = self._answer(await done(self._call("incremental_alter_configs", arguments)))
        return results_of(answer, lambda key: ConfigResource._of(key), lambda item: None)

    async def delete_records(
        self,
        records: Sequence[RecordsToDelete],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, DeletedRecords]:
        """Deletes the records before an offset in each partition.

        ``records``: The partitions, each once, and the offsets to delete before.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for
        a topic that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a partition named twice.

        Source: DeleteRecords (KIP-107)
        """
        arguments = {
            "records": plain(records),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("delete_records", arguments)))
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: DeletedRecords._of(item),
        )

    async def list_offsets(
        self,
        queries: Sequence[OffsetQuery],
        *,
        timeout: float | None = None,
        isolation_level: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
    ) -> dict[TopicPartition, ListOffsetsResultInfo]:
        """Looks up offsets of logs, asked at the partitions' leaders.

        ``queries``: The partitions, each once, and which offset of each.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``isolation_level``: Which records count.

        Raises: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED,
        Unsupported where the broker is older than the spec. Of the call: InvalidArgument for a partition named
        twice, for FOR_TIMESTAMP without a time, for any other with one.

        Source: ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734, KIP-1005)
        """
        arguments = {
            "queries": plain(queries),
            "timeout": milliseconds(timeout),
            "isolation_level": plain(isolation_level),
        }
        answer = self._answer(await done(self._call("list_offsets", arguments)))
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: ListOffsetsResultInfo._of(item),
        )

    async def list_consumer_group_offsets(
        self,
        groups: Sequence[GroupOffsetsQuery],
        *,
        timeout: float | None = None,
        require_stable: bool = False,
    ) -> dict[str, list[CommittedOffset]]:
        """Lists the offsets groups committed. A partition without a commit is left out.

        ``groups``: The groups, each once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``require_stable``: Wait for offsets that open transactions commit to be decided, instead of giving
        those before.

        Raises: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
        require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group
        named twice.

        Source: OffsetFetch (KIP-88, KIP-447, KIP-709)
        """
        arguments = {
            "groups": plain(groups),
            "timeout": milliseconds(timeout),
            "require_stable": plain(require_stable),
        }
        answer = self._answer(await done(self._call("list_consumer_group_offsets", arguments)))
        return results_of(answer, lambda key: key, lambda item: [CommittedOffset._of(part) for part in item])

    async def alter_consumer_group_offsets(
        self,
        group_id: str,
        offsets: Sequence[CommittedOffset],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Sets the offsets of a group without members.

        ``group_id``: The group's id.

        ``offsets``: The offsets it shall have, each partition once.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
        OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of
        the call: InvalidArgument for a partition named twice.

        Source: OffsetCommit (KIP-396)
        """
        arguments = {
            "group_id": plain(group_id),
            "offsets": plain(offsets),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("alter_consumer_group_offsets", arguments)))
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    async def delete_consumer_group_offsets(
        self,
        group_id: str,
        partitions: Sequence[tuple[str, int]],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Deletes committed offsets of topics the group's members do not subscribe to.

        ``group_id``: The group's id.

        ``partitions``: The partitions whose offsets go.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION,
        TOPIC_AUTHORIZATION_FAILED. Of the call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID,
        GROUP_AUTHORIZATION_FAILED.

        Source: OffsetDelete (KIP-496)
        """
        arguments = {
            "group_id": plain(group_id),
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("delete_consumer_group_offsets", arguments)))
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    async def list_groups(
        self,
        states: Sequence[str] = (),
        *,
        types: Sequence[GroupType] = (),
        timeout: float | None = None,
    ) -> dict[str, GroupListing]:
        """Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes
        would mislead.

        ``states``: Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.

        ``types``: Only groups of these types; if left out, of all.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for
        types at brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not
        describe are left out.

        Source: ListGroups (KIP-518, KIP-848)
        """
        arguments = {
            "states": plain(states),
            "types": plain(types),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("list_groups", arguments)))
        return {name: GroupListing._of(item) for name, item in answer.items()}

    async def describe_consumer_groups(
        self,
        group_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, GroupDescription]:
        """Describes consumer groups of either protocol, asked at their coordinators.

        ``group_ids``: Ids of the groups.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`),
        GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.

        Source: ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043)
        """
        arguments = {
            "group_ids": plain(group_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_consumer_groups", arguments)))
        return results_of(answer, lambda key: key, lambda item: GroupDescription._of(item))

    async def delete_consumer_groups(
        self,
        group_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, None]:
        """Deletes groups without members, and with them their offsets.

        ``group_ids``: Ids of the groups.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
        COORDINATOR_NOT_AVAILABLE.

        Source: DeleteGroups (KIP-229)
        """
        arguments = {
            "group_ids": plain(group_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("delete_consumer_groups", arguments)))
        return results_of(answer, lambda key: key, lambda item: None)

    async def remove_members_from_consumer_group(
        self,
        group_id: str,
        members: Sequence[MemberToRemove],
        *,
        reason: str | None = None,
        timeout: float | None = None,
    ) -> dict[MemberToRemove, None]:
        """Removes members from a group, so that it rebalances without them at once.

        ``group_id``: The group's id.

        ``members``: The members to remove.

        ``reason``: Why, for the broker's log.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND,
        INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none.

        Source: LeaveGroup (KIP-345, KIP-571, KIP-800)
        """
        arguments = {
            "group_id": plain(group_id),
            "members": plain(members),
            "reason": plain(reason),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("remove_members_from_consumer_group", arguments)))
        return results_of(answer, lambda key: MemberToRemove._of(key), lambda item: None)

    async def describe_cluster(
        self,
        timeout: float | None = None,
    ) -> ClusterDescription:
        """Describes the cluster as some broker sees it now.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED.

        Source: DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073)
        """
        arguments = {
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_cluster", arguments)))
        return ClusterDescription._of(answer)

    async def describe_features(
        self,
        broker: int | None = None,
        *,
        timeout: float | None = None,
    ) -> FeatureDescription:
        """Describes finalised features of the cluster, and the API versions of a broker.

        ``broker``: The broker to ask; if left out, any.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: Timeout or Network when the broker does not answer.

        Source: ApiVersions (KIP-35, KIP-584)
        """
        arguments = {
            "broker": plain(broker),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_features", arguments)))
        return FeatureDescription._of(answer)

    async def elect_leaders(
        self,
        election_type: ElectionType,
        *,
        partitions: Sequence[tuple[str, int]] | None = None,
        timeout: float | None = None,
    ) -> dict[TopicPartition, None]:
        """Elects leaders of partitions. A partition that was named and needed no election is no error.

        ``election_type``: Which replica may become leader.

        ``partitions``: The partitions; if left out, all that need an election, and those that needed none are
        not told of.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
        UNKNOWN_TOPIC_OR_PARTITION. Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at
        brokers before 2.4.

        Source: ElectLeaders (KIP-183, KIP-460)
        """
        arguments = {
            "election_type": plain(election_type),
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("elect_leaders", arguments)))
        return results_of(answer, lambda key: TopicPartition(key["topic"], key["partition"]), lambda item: None)

    async def describe_log_dirs(
        self,
        brokers: Sequence[int],
        *,
        timeout: float | None = None,
    ) -> dict[int, dict[str, LogDirDescription]]:
        """Describes the log directories of brokers, by path.

        ``brokers``: The brokers' numbers.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a
        directory: KAFKA_STORAGE_ERROR.

        Source: DescribeLogDirs (KIP-113, KIP-827)
        """
        arguments = {
            "brokers": plain(brokers),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_log_dirs", arguments)))
        return results_of(
            answer,
            lambda key: key,
            lambda item: {name: LogDirDescription._of(part) for name, part in item.items()},
        )

    async def describe_producers(
        self,
        partitions: Sequence[tuple[str, int]],
        *,
        timeout: float | None = None,
    ) -> dict[TopicPartition, list[ProducerStateDescription]]:
        """Describes the producers that are active on partitions, asked at their leaders.

        ``partitions``: The partitions.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED.

        Source: DescribeProducers (KIP-664)
        """
        arguments = {
            "partitions": plain(partitions),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_producers", arguments)))
        return results_of(
            answer,
            lambda key: TopicPartition(key["topic"], key["partition"]),
            lambda item: [ProducerStateDescription._of(part) for part in item],
        )

    async def list_transactions(
        self,
        states: Sequence[str] = (),
        *,
        producer_ids: Sequence[int] = (),
        running_longer_than: float | None = None,
        timeout: float | None = None,
    ) -> dict[str, TransactionListing]:
        """Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list
        with holes would mislead.

        ``states``: Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.

        ``producer_ids``: Only those of these producer ids; if left out, of all.

        ``running_longer_than``: Only those whose transaction is open for longer than this.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before
        3.8. Transactional ids that this principal may not describe are left out.

        Source: ListTransactions (KIP-664, KIP-994)
        """
        arguments = {
            "states": plain(states),
            "producer_ids": plain(producer_ids),
            "running_longer_than": milliseconds(running_longer_than),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("list_transactions", arguments)))
        return {name: TransactionListing._of(item) for name, item in answer.items()}

    async def describe_transactions(
        self,
        transactional_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, TransactionDescription]:
        """Describes transactional ids, asked at their coordinators.

        ``transactional_ids``: The transactional ids.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        COORDINATOR_NOT_AVAILABLE.

        Source: DescribeTransactions (KIP-664)
        """
        arguments = {
            "transactional_ids": plain(transactional_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("describe_transactions", arguments)))
        return results_of(answer, lambda key: key, lambda item: TransactionDescription._of(item))

    async def fence_producers(
        self,
        transactional_ids: Sequence[str],
        *,
        timeout: float | None = None,
    ) -> dict[str, FencedProducer]:
        """Fences the producers of transactional ids: their open transactions abort, and they cannot go on.

        ``transactional_ids``: The transactional ids.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
        CONCURRENT_TRANSACTIONS when the old transaction does not end in time.

        Source: InitProducerId (KIP-691)
        """
        arguments = {
            "transactional_ids": plain(transactional_ids),
            "timeout": milliseconds(timeout),
        }
        answer = self._answer(await done(self._call("fence_producers", arguments)))
        return results_of(answer, lambda key: key, lambda item: FencedProducer._of(item))

    async def abort_transaction(
        self,
        partition: tuple[str, int],
        producer_id: int,
        producer_epoch: int,
        *,
        coordinator_epoch: int | None = None,
        timeout: float | None = None,
    ) -> None:
        """Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not
        asked: only for transactions it no longer knows.

        ``partition``: The partition.

        ``producer_id``: The producer's id.

        ``producer_epoch``: The producer's epoch.

        ``coordinator_epoch``: Epoch of the coordinator that wrote the producer's last transaction marker;
        nothing without one.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        Raises: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
        CLUSTER_AUTHORIZATION_FAILED.

        Source: WriteTxnMarkers (KIP-664)
        """
        arguments = {
            "partition": plain(partition),
            "producer_id": plain(producer_id),
            "producer_epoch": plain(producer_epoch),
            "coordinator_epoch": plain(coordinator_epoch),
            "timeout": milliseconds(timeout),
        }
        self._answer(await done(self._call("abort_transaction", arguments)))

    async def close(self, timeout: float = 30.0) -> None:
        """Closes all connections, by ``timeout`` seconds. Calls under way end with :class:`ClosedError`."""
        await done(self._core.close(timeout))

    async def __aenter__(self) -> AsyncAdmin:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
