"""The admin client, for threads and for coroutines."""
# Generated from the tables in the code, do not edit: make gen.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._admin_base import AdminBase
from ._admin_types import (
    CreatedTopic,
    NewTopic,
    TopicDescription,
)
from ._json import milliseconds, plain, results_of
from ._loop import done

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

        ``topics``: The topics to create.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the topics could be created.

        Raises: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts
        beside assignments by hand.

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

        ``topics``: The topics to create.

        ``timeout``: How long the call may take, retries included; if left out, `default.api.timeout.ms`.

        ``validate_only``: Only check whether the topics could be created.

        Raises: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts
        beside assignments by hand.

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

    async def close(self, timeout: float = 30.0) -> None:
        """Closes all connections, by ``timeout`` seconds. Calls under way end with :class:`ClosedError`."""
        await done(self._core.close(timeout))

    async def __aenter__(self) -> AsyncAdmin:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
