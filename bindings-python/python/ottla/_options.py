"""Options of the clients by Kafka's names, for type checkers and editors."""
# Generated from the tables in the code, do not edit: make gen.

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = ["AdminOptions", "ConsumerOptions", "ProducerOptions"]


ProducerOptions = TypedDict(
    "ProducerOptions",
    {
        # Which replicas must have a record before it counts as sent: all in sync (all), the leader (1), none (0).
        # Default: all.
        "acks": Literal["all", "-1", "0", "1"],
        # Size at which a partition's open batch is sent without waiting for linger.ms. Default: 16384.
        "batch.size": int | str,
        # How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the first
        # attempt. Default: 0.
        "bootstrap.resolve.timeout.ms": int | str,
        # Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice. Must be
        # given.
        "bootstrap.servers": str | list[str],
        # Which IP addresses of a broker are used. Default: any.
        "broker.address.family": Literal["any", "v4", "v6"],
        # Bound of all bytes waiting to be sent; at the bound sends wait up to max.block.ms. Default: 33554432.
        "buffer.memory": int | str,
        # Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
        # ottla-admin. Default: empty.
        "client.id": str,
        # The rack or zone this client runs in, for fetching from the closest replica. Default: empty.
        "client.rack": str,
        # Level of gzip, 1 to 9; -1 is the codec's default. Default: -1.
        "compression.gzip.level": int | str,
        # Level of whichever codec compression.type names; -1 takes the codec's own option. Default: -1.
        "compression.level": int | str,
        # Level of lz4, 1 to 17. Default: 9.
        "compression.lz4.level": int | str,
        # Codec of record batches. Default: none.
        "compression.type": Literal["none", "gzip", "snappy", "lz4", "zstd"],
        # Level of zstd, -131072 to 22. Default: 3.
        "compression.zstd.level": int | str,
        # Close a connection that carried nothing for this long; -1 keeps it. Default: 540000.
        "connections.max.idle.ms": int | str,
        # Time from send to the final report, retries included. Records of a producer that has never reached any broker
        # fail after 5 s already, with the cause. Default: 120000.
        "delivery.timeout.ms": int | str,
        # Whether retries are recognised by the broker, so that none doubles or reorders a record. Default: true.
        "enable.idempotence": bool | str,
        # How long an open batch waits for more records. Default: 5.
        "linger.ms": int | str,
        # How long a send may wait for metadata or buffer space. Default: 60000.
        "max.block.ms": int | str,
        # How many produce requests to one broker may await their answers; at most 5 with idempotence. Default: 5.
        "max.in.flight.requests.per.connection": int | str,
        # Largest request sent, and with it the largest record. Default: 1048576.
        "max.request.size": int | str,
        # Refresh the view of the cluster at least this often. Default: 300000.
        "metadata.max.age.ms": int | str,
        # Forget the metadata of a topic nothing was sent to for this long. Default: 300000.
        "metadata.max.idle.ms": int | str,
        # Start again from bootstrap.servers when metadata could not be refreshed for this long. Default: 300000.
        "metadata.recovery.rebootstrap.trigger.ms": int | str,
        # What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying. Default:
        # rebootstrap.
        "metadata.recovery.strategy": Literal["rebootstrap", "none"],
        # How a record without a partition finds one: default is the Java client's (murmur2 of the key, sticky and
        # adaptive without), consistent_* use CRC-32 as librdkafka does. Default: default.
        "partitioner": Literal["default", "murmur2_random", "murmur2", "consistent_random", "consistent", "random", "round_robin"],
        # Whether records without a key favour brokers that answer faster. Default: true.
        "partitioner.adaptive.partitioning.enable": bool | str,
        # Records without a key avoid a partition whose broker took nothing for this long; 0 never. Default: 0.
        "partitioner.availability.timeout.ms": int | str,
        # Whether records with a key are placed as if they had none. Default: false.
        "partitioner.ignore.keys": bool | str,
        # Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A Kafka
        # consumer's default is 65536. Default: 32768.
        "receive.buffer.bytes": int | str,
        # Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
        # Default: 100000000.
        "receive.message.max.bytes": int | str,
        # Longest pause before connecting again to a broker. Default: 1000.
        "reconnect.backoff.max.ms": int | str,
        # First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
        # Default: 50.
        "reconnect.backoff.ms": int | str,
        # How long an answer to one request may take before the connection is closed and the request retried. Default:
        # 30000.
        "request.timeout.ms": int | str,
        # How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first. Default:
        # 2147483647.
        "retries": int | str,
        # Longest pause before a failed request is tried again. Default: 1000.
        "retry.backoff.max.ms": int | str,
        # First pause before a failed request is tried again; grows twofold with 20 % jitter. Default: 100.
        "retry.backoff.ms": int | str,
        # Size of the socket's send buffer; -1 or 0 leaves the system's. Default: 131072.
        "send.buffer.bytes": int | str,
        # How long opening one connection may take at most. Default: 30000.
        "socket.connection.setup.timeout.max.ms": int | str,
        # How long opening one connection may take at first; grows twofold with each failure in a row. Default: 10000.
        "socket.connection.setup.timeout.ms": int | str,
    },
    total=False,
)


ConsumerOptions = TypedDict(
    "ConsumerOptions",
    {
        # Whether subscribing to a missing topic may create it, where the broker allows that. Default: true.
        "allow.auto.create.topics": bool | str,
        # Pause between background commits. Default: 5000.
        "auto.commit.interval.ms": int | str,
        # Where to start without a committed offset: latest, earliest, none (an error), by_duration:PnDTnHnMnS. Default:
        # latest.
        "auto.offset.reset": str,
        # How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the first
        # attempt. Default: 0.
        "bootstrap.resolve.timeout.ms": int | str,
        # Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice. Must be
        # given.
        "bootstrap.servers": str | list[str],
        # Which IP addresses of a broker are used. Default: any.
        "broker.address.family": Literal["any", "v4", "v6"],
        # Whether the checksum of each batch is verified. Default: true.
        "check.crcs": bool | str,
        # Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
        # ottla-admin. Default: empty.
        "client.id": str,
        # The rack or zone this client runs in, for fetching from the closest replica. Default: empty.
        "client.rack": str,
        # Close a connection that carried nothing for this long; -1 keeps it. Default: 540000.
        "connections.max.idle.ms": int | str,
        # How long a call without a deadline of its own may take, retries included. Default: 60000.
        "default.api.timeout.ms": int | str,
        # Whether positions handed out are committed in the background. Default: true.
        "enable.auto.commit": bool | str,
        # Whether a pattern subscription leaves out Kafka's own topics. Default: true.
        "exclude.internal.topics": bool | str,
        # How much one fetch answer may carry; a single larger batch still comes. Default: 52428800.
        "fetch.max.bytes": int | str,
        # How long a broker holds back its answer while there is less than fetch.min.bytes. Default: 500.
        "fetch.max.wait.ms": int | str,
        # A broker holds back its answer until it has this much, or fetch.max.wait.ms passed. Default: 1.
        "fetch.min.bytes": int | str,
        # The consumer group; needed to subscribe and to commit. Not set by default.
        "group.id": str,
        # Identity of a static member: a restart within the session timeout causes no rebalance. Not set by default.
        "group.instance.id": str,
        # Rebalance protocol: members assign (classic) or the coordinator does (consumer, KIP-848). Default: classic.
        "group.protocol": Literal["classic", "consumer"],
        # Name of the coordinator's assignor with group.protocol=consumer. Not set by default.
        "group.remote.assignor": str,
        # Pause between heartbeats; below a third of session.timeout.ms. Default: 3000.
        "heartbeat.interval.ms": int | str,
        # Whether records of open and aborted transactions are handed out. Default: read_uncommitted.
        "isolation.level": Literal["read_uncommitted", "read_committed"],
        # How much of one partition a fetch answer may carry; a single larger batch still comes. Default: 1048576.
        "max.partition.fetch.bytes": int | str,
        # An application that does not poll for this long leaves its group. Default: 300000.
        "max.poll.interval.ms": int | str,
        # How many records one poll hands out at most. Default: 500.
        "max.poll.records": int | str,
        # Refresh the view of the cluster at least this often. Default: 300000.
        "metadata.max.age.ms": int | str,
        # Start again from bootstrap.servers when metadata could not be refreshed for this long. Default: 300000.
        "metadata.recovery.rebootstrap.trigger.ms": int | str,
        # What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying. Default:
        # rebootstrap.
        "metadata.recovery.strategy": Literal["rebootstrap", "none"],
        # Assignors with group.protocol=classic in order of preference: range, roundrobin, sticky, cooperative-sticky.
        # Default: range,cooperative-sticky.
        "partition.assignment.strategy": str | list[str],
        # Bound of fetched data waiting to be polled, in KiB. Default: 65536.
        "queued.max.messages.kbytes": int | str,
        # Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A Kafka
        # consumer's default is 65536. Default: -1.
        "receive.buffer.bytes": int | str,
        # Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
        # Default: 100000000.
        "receive.message.max.bytes": int | str,
        # Longest pause before connecting again to a broker. Default: 1000.
        "reconnect.backoff.max.ms": int | str,
        # First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
        # Default: 50.
        "reconnect.backoff.ms": int | str,
        # How long an answer to one request may take before the connection is closed and the request retried. Default:
        # 30000.
        "request.timeout.ms": int | str,
        # Longest pause before a failed request is tried again. Default: 1000.
        "retry.backoff.max.ms": int | str,
        # First pause before a failed request is tried again; grows twofold with 20 % jitter. Default: 100.
        "retry.backoff.ms": int | str,
        # Size of the socket's send buffer; -1 or 0 leaves the system's. Default: 131072.
        "send.buffer.bytes": int | str,
        # A member whose heartbeats stay away for this long is removed from its group. Default: 45000.
        "session.timeout.ms": int | str,
        # How long opening one connection may take at most. Default: 30000.
        "socket.connection.setup.timeout.max.ms": int | str,
        # How long opening one connection may take at first; grows twofold with each failure in a row. Default: 10000.
        "socket.connection.setup.timeout.ms": int | str,
    },
    total=False,
)


AdminOptions = TypedDict(
    "AdminOptions",
    {
        # How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the first
        # attempt. Default: 0.
        "bootstrap.resolve.timeout.ms": int | str,
        # Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice. Must be
        # given.
        "bootstrap.servers": str | list[str],
        # Which IP addresses of a broker are used. Default: any.
        "broker.address.family": Literal["any", "v4", "v6"],
        # Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
        # ottla-admin. Default: empty.
        "client.id": str,
        # Close a connection that carried nothing for this long; -1 keeps it. Default: 300000.
        "connections.max.idle.ms": int | str,
        # How long a call without a deadline of its own may take, retries included. Default: 60000.
        "default.api.timeout.ms": int | str,
        # Refresh the view of the cluster at least this often. Default: 300000.
        "metadata.max.age.ms": int | str,
        # Start again from bootstrap.servers when metadata could not be refreshed for this long. Default: 300000.
        "metadata.recovery.rebootstrap.trigger.ms": int | str,
        # What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying. Default:
        # rebootstrap.
        "metadata.recovery.strategy": Literal["rebootstrap", "none"],
        # Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A Kafka
        # consumer's default is 65536. Default: 65536.
        "receive.buffer.bytes": int | str,
        # Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
        # Default: 100000000.
        "receive.message.max.bytes": int | str,
        # Longest pause before connecting again to a broker. Default: 1000.
        "reconnect.backoff.max.ms": int | str,
        # First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
        # Default: 50.
        "reconnect.backoff.ms": int | str,
        # How long an answer to one request may take before the connection is closed and the request retried. Default:
        # 30000.
        "request.timeout.ms": int | str,
        # How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first. Default:
        # 2147483647.
        "retries": int | str,
        # Longest pause before a failed request is tried again. Default: 1000.
        "retry.backoff.max.ms": int | str,
        # First pause before a failed request is tried again; grows twofold with 20 % jitter. Default: 100.
        "retry.backoff.ms": int | str,
        # Size of the socket's send buffer; -1 or 0 leaves the system's. Default: 131072.
        "send.buffer.bytes": int | str,
        # How long opening one connection may take at most. Default: 30000.
        "socket.connection.setup.timeout.max.ms": int | str,
        # How long opening one connection may take at first; grows twofold with each failure in a row. Default: 10000.
        "socket.connection.setup.timeout.ms": int | str,
    },
    total=False,
)
