"""Commands for an admin client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ottla
from protocol import Command, Fault, partition, show_error, show_partition

Json = dict[str, Any]


class AdminHandle:
    OPERATIONS = (
        "admin.create",
        "admin.create_topics",
        "admin.delete_topics",
        "admin.list_topics",
        "admin.describe_topics",
        "admin.create_partitions",
        "admin.describe_configs",
        "admin.alter_configs",
        "admin.delete_records",
        "admin.list_offsets",
        "admin.list_groups",
        "admin.describe_groups",
        "admin.delete_groups",
        "admin.list_group_offsets",
        "admin.alter_group_offsets",
        "admin.delete_group_offsets",
        "admin.describe_cluster",
        "admin.close",
    )
    DROPPED = ("max.block.ms",)

    def execute(self, command: Command) -> Json:
        if command.op == "admin.create":
            self.admin = ottla.Admin(command.config(self.DROPPED))
            return {}
        _, _, name = command.op.partition(".")
        perform = getattr(self, name, None)
        if command.op not in self.OPERATIONS or perform is None:
            raise Fault("UNSUPPORTED", command.op)
        return perform(command) or {}

    def create_topics(self, command: Command) -> Json:
        topics = [
            ottla.NewTopic(
                topic["name"], topic.get("partitions"), topic.get("replication_factor"), None, topic.get("config") or {}
            )
            for topic in command.fields["topics"]
        ]
        results = all_results(
            lambda: self.admin.create_topics(
                topics, timeout=command.patience(), validate_only=bool(command.fields.get("validate_only"))
            )
        )
        return {"topics": by_name("name", [topic.name for topic in topics], results)}

    def delete_topics(self, command: Command) -> Json:
        names = command.fields["topics"]
        results = all_results(lambda: self.admin.delete_topics(names, timeout=command.patience()))
        return {"topics": by_name("name", names, results)}

    def list_topics(self, command: Command) -> Json:
        return {"topics": list(self.admin.list_topics(timeout=command.patience()))}

    def describe_topics(self, command: Command) -> Json:
        names = command.fields["topics"]
        results = all_results(lambda: self.admin.describe_topics(names, timeout=command.patience()))
        return {"topics": by_name("name", names, results, show_topic)}

    def create_partitions(self, command: Command) -> Json:
        counts = [ottla.NewPartitions(topic["name"], topic["count"]) for topic in command.fields["topics"]]
        results = all_results(
            lambda: self.admin.create_partitions(
                counts, timeout=command.patience(), validate_only=bool(command.fields.get("validate_only"))
            )
        )
        return {"topics": by_name("name", [count.topic for count in counts], results)}

    def describe_configs(self, command: Command) -> Json:
        requests = command.fields["resources"]
        resources = [resource(request) for request in requests]
        results = all_results(lambda: self.admin.describe_configs(resources, timeout=command.patience()))

        def show(entries: Mapping[str, ottla.ConfigEntry]) -> Json:
            return {"configs": {name: show_config(entry) for name, entry in entries.items()}}

        return {"resources": by_resource(requests, results, show)}

    def alter_configs(self, command: Command) -> Json:
        requests = command.fields["resources"]
        changes = [
            ottla.ConfigChanges(
                resource(request),
                [
                    ottla.AlterConfigOp(op["name"], op.get("value"), ottla.AlterConfigOpType(op["op"].upper()))
                    for op in request["ops"]
                ],
            )
            for request in requests
        ]
        results = all_results(
            lambda: self.admin.incremental_alter_configs(
                changes, timeout=command.patience(), validate_only=bool(command.fields.get("validate_only"))
            )
        )
        return {"resources": by_resource(requests, results)}

    def delete_records(self, command: Command) -> Json:
        records = [ottla.RecordsToDelete(*partition(item), item["offset"]) for item in command.fields["offsets"]]
        results = all_results(lambda: self.admin.delete_records(records, timeout=command.patience()))
        show = lambda deleted: {"low_watermark": deleted.low_watermark}  # noqa: E731
        return {"results": by_partition(command.partitions("offsets"), results, show)}

    def list_offsets(self, command: Command) -> Json:
        queries = [ottla.OffsetQuery(*partition(item), *offset_spec(item["spec"])) for item in command.fields["specs"]]
        results = all_results(lambda: self.admin.list_offsets(queries, timeout=command.patience()))
        show = lambda found: {"offset": found.offset, "timestamp_ms": found.timestamp_ms}  # noqa: E731
        return {"offsets": by_partition(command.partitions("specs"), results, show)}

    def list_groups(self, command: Command) -> Json:
        found = self.admin.list_groups(timeout=command.patience())
        return {
            "groups": [
                {"group": group.group_id, "state": group.state, "type": group.group_type.value.capitalize()}
                for group in found.values()
            ]
        }

    def describe_groups(self, command: Command) -> Json:
        names = command.fields["groups"]
        results = all_results(lambda: self.admin.describe_consumer_groups(names, timeout=command.patience()))
        return {"groups": by_name("group", names, results, show_group)}

    def delete_groups(self, command: Command) -> Json:
        names = command.fields["groups"]
        results = all_results(lambda: self.admin.delete_consumer_groups(names, timeout=command.patience()))
        return {"groups": by_name("group", names, results)}

    def list_group_offsets(self, command: Command) -> Json:
        asked = command.partitions("partitions") if command.fields.get("partitions") is not None else None
        group = command.fields["group"]
        query = ottla.GroupOffsetsQuery(group, asked)
        listed = self.admin.list_consumer_group_offsets([query], timeout=command.patience())[group]
        found = {(offset.topic, offset.partition): offset for offset in listed}
        offsets = []
        for of in asked if asked is not None else found:
            offset = found.get(of)
            offsets.append(
                {**show_partition(of), "offset": offset and offset.offset, "metadata": offset and offset.metadata}
            )
        return {"offsets": offsets}

    def alter_group_offsets(self, command: Command) -> Json:
        offsets = [
            ottla.CommittedOffset(*partition(item), item["offset"], metadata=item.get("metadata") or "")
            for item in command.fields["offsets"]
        ]
        results = all_results(
            lambda: self.admin.alter_consumer_group_offsets(command.fields["group"], offsets, timeout=command.patience())
        )
        return {"offsets": by_partition(command.partitions("offsets"), results)}

    def delete_group_offsets(self, command: Command) -> Json:
        partitions = command.partitions("partitions")
        results = all_results(
            lambda: self.admin.delete_consumer_group_offsets(
                command.fields["group"], partitions, timeout=command.patience()
            )
        )
        return {"offsets": by_partition(partitions, results)}

    def describe_cluster(self, command: Command) -> Json:
        cluster = self.admin.describe_cluster(timeout=command.patience())
        brokers = [{"id": node.id, "host": node.host, "port": node.port} for node in cluster.nodes]
        return {"cluster_id": cluster.cluster_id, "controller": cluster.controller, "brokers": brokers}

    def close(self, command: Command) -> None:
        self.admin.close(command.patience())


def all_results(call: Callable[[], Mapping[Any, Any]]) -> Mapping[Any, Any]:
    """Results of every item, also when some failed; errors of the whole call are raised."""
    try:
        return call()
    except ottla.KafkaError as error:
        if error.results is None:
            raise
        return error.results


def shown(result: Any, show: Callable[[Any], Json]) -> Json:
    if isinstance(result, ottla.KafkaError):
        return {"error": show_error(result)}
    return show(result)


def nothing(_: Any) -> Json:
    return {}


def by_name(field: str, names: Iterable[str], results: Mapping[Any, Any], show: Callable[[Any], Json] = nothing) -> list[Json]:
    return [{**shown(results[name], show), field: name} for name in names]


def by_partition(
    partitions: Iterable[tuple[str, int]], results: Mapping[Any, Any], show: Callable[[Any], Json] = nothing
) -> list[Json]:
    return [{**shown(results[of], show), **show_partition(of)} for of in partitions]


def by_resource(
    requests: Iterable[Json], results: Mapping[Any, Any], show: Callable[[Any], Json] = nothing
) -> list[Json]:
    return [
        {**shown(results[resource(request)], show), "type": request["type"], "name": request["name"]} for request in requests
    ]


def resource(request: Json) -> ottla.ConfigResource:
    return ottla.ConfigResource(ottla.ConfigResourceType(request["type"].upper()), request["name"])


def show_config(entry: ottla.ConfigEntry) -> Json:
    source = {"DYNAMIC_GROUP_CONFIG": "GROUP_CONFIG"}.get(entry.source.value, entry.source.value)
    return {
        "value": entry.value,
        "source": source,
        "read_only": entry.is_read_only,
        "sensitive": entry.is_sensitive,
    }


def offset_spec(text: str) -> tuple[ottla.OffsetSpec, int | None]:
    named = {"earliest": "EARLIEST", "latest": "LATEST", "max_timestamp": "MAX_TIMESTAMP"}
    if text in named:
        return ottla.OffsetSpec(named[text]), None
    return ottla.OffsetSpec.FOR_TIMESTAMP, int(text)


def show_topic(topic: ottla.TopicDescription) -> Json:
    return {
        "topic_id": topic.id,
        "partitions": [
            {"partition": found.partition, "leader": found.leader, "replicas": found.replicas, "isr": found.isr}
            for found in topic.partitions
        ],
    }


def show_group(group: ottla.GroupDescription) -> Json:
    return {
        "state": group.state,
        "assignor": group.assignor,
        "members": [
            {
                "member_id": member.member_id,
                "instance_id": member.group_instance_id,
                "client_id": member.client_id,
                "assignment": [show_partition(of) for of in member.assignment],
            }
            for member in group.members
        ],
    }
