"""The conformance driver for librdkafka, through confluent-kafka. The protocol: PROTOCOL.md of the suite."""

import base64
import json
import queue
import sys
import threading
import time

import confluent_kafka as ck
from confluent_kafka import KafkaError, KafkaException, TopicPartition, admin as cka

FEATURES = [
    "compression.gzip", "compression.snappy", "compression.lz4", "compression.zstd",
    "assignor.range", "assignor.roundrobin", "assignor.cooperative-sticky",
    "group.protocol.consumer", "group.static", "partitioner.murmur2", "consumer.pattern",
]
# Options of the Java client that librdkafka does not have and the protocol lets a driver drop.
DROPPED = {"max.poll.records", "max.block.ms", "default.api.timeout.ms"}
RENAMED = {"fetch.max.wait.ms": "fetch.wait.max.ms"}
LOCAL_NAMES = {
    KafkaError._TIMED_OUT: "TIMEOUT", KafkaError._MSG_TIMED_OUT: "TIMEOUT", KafkaError._TIMED_OUT_QUEUE: "TIMEOUT",
    KafkaError._INVALID_ARG: "INVALID_ARGUMENT", KafkaError._STATE: "ILLEGAL_STATE", KafkaError._CONFLICT: "ILLEGAL_STATE",
    KafkaError._NO_OFFSET: "NO_OFFSET", KafkaError._ASSIGNMENT_LOST: "COMMIT_FAILED", KafkaError._FENCED: "FENCED",
    KafkaError._UNSUPPORTED_FEATURE: "UNSUPPORTED", KafkaError._NOT_IMPLEMENTED: "UNSUPPORTED",
}
# Errors librdkafka numbers for itself though the protocol has a code for them.
LOCAL_CODES = {KafkaError._UNKNOWN_PARTITION: 3, KafkaError._UNKNOWN_TOPIC: 3, KafkaError._AUTO_OFFSET_RESET: 1}


def describe(error):
    """What the protocol says of an error."""
    if isinstance(error, KafkaException) and error.args and isinstance(error.args[0], KafkaError):
        error = error.args[0]
    if isinstance(error, KafkaError):
        number = error.code()
        code = number if number >= -1 else LOCAL_CODES.get(number)
        return {
            "code": code,
            "name": error.name() if code is not None else LOCAL_NAMES.get(number, "OTHER"),
            "retriable": error.retriable(), "fatal": error.fatal(), "message": f"{error.name()}: {error.str()}",
        }
    name = {ValueError: "INVALID_ARGUMENT", TypeError: "INVALID_ARGUMENT", RuntimeError: "ILLEGAL_STATE",
            TimeoutError: "TIMEOUT", NotImplementedError: "UNSUPPORTED"}.get(type(error), "OTHER")
    return {"code": None, "name": name, "retriable": False, "fatal": False, "message": f"{type(error).__name__}: {error}"}


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def partitions(command, field="partitions"):
    return [TopicPartition(p["topic"], p["partition"]) for p in command.json[field]]


def listed(topic_partitions):
    return [{"topic": p.topic, "partition": p.partition} for p in topic_partitions]


def config(command, dropped=()):
    out = {}
    for name, value in command.json["config"].items():
        if name not in DROPPED and name not in dropped:
            out[RENAMED.get(name, name)] = value
    if "metadata.max.age.ms" in out:
        # There the age of the cache, here also how often topics are looked at.
        out["topic.metadata.refresh.interval.ms"] = out["metadata.max.age.ms"]
    if out.get("auto.offset.reset") == "none":
        out["auto.offset.reset"] = "error"
    if out.get("partitioner") == "murmur2":
        out["partitioner"] = "murmur2_random"
    return out


class Command:
    """One command and its one answer; a timeout when nobody gave another by the deadline."""

    lock = threading.Lock()

    def __init__(self, line):
        self.json = line
        self.op = line["op"]
        self.deadline = time.monotonic() + line["deadline_ms"] / 1000
        self.answered = False
        self.timer = threading.Timer(line["deadline_ms"] / 1000, self.fail, (TimeoutError("deadline passed"),))
        self.timer.daemon = True
        self.timer.start()

    def patience(self):
        return max(self.deadline - time.monotonic() - 0.05, 0.001)

    def succeed(self, **result):
        self.answer({"id": self.json["id"], "ok": result})

    def fail(self, error):
        self.answer({"id": self.json["id"], "error": describe(error)})

    def answer(self, line):
        with Command.lock:
            if self.answered:
                return
            self.answered = True
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        self.timer.cancel()


class Handle:
    """One client instance with the one thread that calls it."""

    def __init__(self):
        self.commands = queue.SimpleQueue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            command = self.commands.get()
            try:
                getattr(self, command.op.split(".", 1)[1])(command)
            except Exception as error:  # Whatever it is, the suite must hear of it.
                command.fail(error)
            if command.op.endswith(".close"):
                return


class Producer(Handle):
    OPERATIONS = ["create", "send", "flush", "partitions", "init_transactions", "begin_transaction",
                  "commit_transaction", "abort_transaction", "send_offsets", "close"]

    def create(self, command):
        self.producer = ck.Producer(config(command))
        self.closed = False
        threading.Thread(target=self.poll, daemon=True).start()
        command.succeed()

    def poll(self):
        while not self.closed:
            self.producer.poll(0.1)

    def send(self, command):
        records = command.json["records"]
        results = [None] * len(records)
        missing = [len(records)]
        lock = threading.Lock()

        def settle(index, result):
            with lock:
                results[index] = result
                missing[0] -= 1
                done = missing[0] == 0
            if done:
                command.succeed(results=results)

        def report(index):
            def delivered(error, message):
                if error is not None:
                    return settle(index, {"error": describe(error)})
                offset = message.offset()
                settle(index, {"topic": message.topic(), "partition": message.partition(),
                               "offset": offset if offset is not None and offset >= 0 else None, "timestamp_ms": message.timestamp()[1]})
            return delivered

        if not records:
            command.succeed(results=[])
        for index, record in enumerate(records):
            extra = {}
            if "partition" in record:
                extra["partition"] = record["partition"]
            if "timestamp_ms" in record:
                extra["timestamp"] = record["timestamp_ms"]
            headers = [(h["key"], decode(h.get("value"))) for h in record.get("headers", [])]
            try:
                self.hand_over(command, record, headers, report(index), extra)
            except (KafkaException, BufferError, ValueError, TypeError) as error:
                settle(index, {"error": describe(error)})

    def hand_over(self, command, record, headers, callback, extra):
        while True:
            try:
                return self.producer.produce(record["topic"], value=decode(record.get("value")), key=decode(record.get("key")),
                                             headers=headers, on_delivery=callback, **extra)
            except BufferError:
                if command.patience() < 0.01:
                    raise
                self.producer.poll(0.01)

    def flush(self, command):
        left = self.producer.flush(command.patience())
        if left:
            raise TimeoutError(f"{left} records undelivered")
        command.succeed()

    def partitions(self, command):
        topic = command.json["topic"]
        metadata = self.producer.list_topics(topic, command.patience()).topics[topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        command.succeed(partitions=sorted(metadata.partitions))

    def init_transactions(self, command):
        self.producer.init_transactions(command.patience())
        command.succeed()

    def begin_transaction(self, command):
        self.producer.begin_transaction()
        command.succeed()

    def commit_transaction(self, command):
        self.producer.commit_transaction(command.patience())
        command.succeed()

    def abort_transaction(self, command):
        self.producer.abort_transaction(command.patience())
        command.succeed()

    def send_offsets(self, command):
        consumer = handles[command.json["consumer"]].consumer
        self.producer.send_offsets_to_transaction(
            Consumer.offsets(command), consumer.consumer_group_metadata(), command.patience())
        command.succeed()

    def close(self, command):
        # Two seconds stay for the fates of what cannot be delivered any more.
        if self.producer.flush(max(command.patience() - 2, 0)) > 0:
            self.producer.purge()
            self.producer.flush(2)
        self.closed = True
        command.succeed()


class Consumer(Handle):
    OPERATIONS = ["create", "subscribe", "unsubscribe", "assign", "assignment", "poll", "seek", "seek_to_beginning",
                  "seek_to_end", "pause", "resume", "position", "committed", "beginning_offsets", "end_offsets",
                  "offsets_for_times", "commit", "close"]

    def create(self, command):
        # The Java client's default; librdkafka's own is read_committed.
        settings = {"isolation.level": "read_uncommitted", **config(command)}
        # Assigning without a group is possible, creating the client without one is not.
        settings.setdefault("group.id", "ottla-driver-no-group")
        if settings["group.id"] == "ottla-driver-no-group":
            settings["enable.auto.commit"] = "false"
        self.events = []
        self.consumer = ck.Consumer(settings)
        command.succeed()

    def event(self, kind):
        return lambda _consumer, changed: self.events.append({"type": kind, "partitions": listed(changed)})

    def subscribe(self, command):
        pattern = command.json.get("pattern")
        topics = command.json["topics"] if pattern is None else ["^" + pattern.lstrip("^")]
        self.consumer.subscribe(topics, on_assign=self.event("assigned"), on_revoke=self.event("revoked"), on_lost=self.event("lost"))
        command.succeed()

    def unsubscribe(self, command):
        self.consumer.unsubscribe()
        command.succeed()

    def assign(self, command):
        self.consumer.assign([TopicPartition(p["topic"], p["partition"], p.get("offset", ck.OFFSET_STORED))
                              for p in command.json["partitions"]])
        command.succeed()

    def assignment(self, command):
        command.succeed(assignment=listed(self.consumer.assignment()))

    def poll(self, command):
        limit = command.json.get("max_records") or 500
        deadline = time.monotonic() + command.json.get("timeout_ms", 100) / 1000
        messages = []
        # consume() waits for all it was asked for: wait for one, then take what is there.
        while not messages and not self.events:
            left = deadline - time.monotonic()
            messages = self.consumer.consume(1, max(min(left, 0.05), 0))
            if left <= 0:
                break
        if messages and limit > 1:
            messages += self.consumer.consume(limit - 1, 0.005)
        records = []
        for message in messages:
            if message.error() is not None:
                if message.error().code() == KafkaError._PARTITION_EOF:
                    continue
                raise KafkaException(message.error())
            records.append(self.record(message))
        events, self.events = self.events, []
        command.succeed(records=records, events=events, assignment=listed(self.consumer.assignment()))

    @staticmethod
    def record(message):
        kind, timestamp = message.timestamp()
        return {
            "topic": message.topic(), "partition": message.partition(), "offset": message.offset(), "timestamp_ms": timestamp,
            "timestamp_type": "log_append" if kind == ck.TIMESTAMP_LOG_APPEND_TIME else "create",
            "key": encode(message.key()), "value": encode(message.value()),
            "headers": [{"key": key, "value": encode(value)} for key, value in message.headers() or []],
        }

    @staticmethod
    def offsets(command):
        return [TopicPartition(o["topic"], o["partition"], o["offset"], o.get("metadata") or "") for o in command.json["offsets"]]

    def seek(self, command):
        self.seek_all(command, [(o["topic"], o["partition"], o["offset"]) for o in command.json["offsets"]])

    def seek_to_beginning(self, command):
        self.seek_all(command, [(p["topic"], p["partition"], ck.OFFSET_BEGINNING) for p in command.json["partitions"]])

    def seek_to_end(self, command):
        self.seek_all(command, [(p["topic"], p["partition"], ck.OFFSET_END) for p in command.json["partitions"]])

    def seek_all(self, command, targets):
        for topic, partition, offset in targets:
            while True:
                try:
                    self.consumer.seek(TopicPartition(topic, partition, offset))
                    break
                except KafkaException as error:
                    # A partition just assigned is not fetched yet, and cannot be sought until it is.
                    if error.args[0].code() != KafkaError._STATE or command.patience() < 0.1:
                        raise
                    time.sleep(0.02)
        command.succeed()

    def pause(self, command):
        self.consumer.pause(partitions(command))
        command.succeed()

    def resume(self, command):
        self.consumer.resume(partitions(command))
        command.succeed()

    def answer_offsets(self, command, found):
        command.succeed(offsets=[
            {"topic": p.topic, "partition": p.partition, "offset": p.offset if p.offset >= 0 else None,
             "metadata": p.metadata if p.offset >= 0 else None} for p in found])

    def position(self, command):
        self.answer_offsets(command, self.consumer.position(partitions(command)))

    def committed(self, command):
        found = self.consumer.committed(partitions(command), command.patience())
        for partition in found:
            if partition.error is not None:
                raise KafkaException(partition.error)
        command.succeed(offsets=[
            {"topic": p.topic, "partition": p.partition, "offset": p.offset if p.offset >= 0 else None,
             "metadata": (p.metadata or "") if p.offset >= 0 else None} for p in found])

    def watermarks(self, command, index):
        offsets = []
        for partition in partitions(command):
            low_high = self.consumer.get_watermark_offsets(partition, command.patience())
            if low_high is None:
                raise TimeoutError("no watermarks")
            offsets.append({"topic": partition.topic, "partition": partition.partition, "offset": low_high[index]})
        command.succeed(offsets=offsets)

    def beginning_offsets(self, command):
        self.watermarks(command, 0)

    def end_offsets(self, command):
        self.watermarks(command, 1)

    def offsets_for_times(self, command):
        times = [TopicPartition(t["topic"], t["partition"], t["timestamp_ms"]) for t in command.json["times"]]
        found = self.consumer.offsets_for_times(times, command.patience())
        for partition in found:
            if partition.error is not None:
                raise KafkaException(partition.error)
        command.succeed(offsets=[{"topic": p.topic, "partition": p.partition, "offset": p.offset if p.offset >= 0 else None} for p in found])

    def commit(self, command):
        chosen = {"offsets": self.offsets(command)} if "offsets" in command.json else {}
        try:
            result = self.consumer.commit(asynchronous=False, **chosen)
        except KafkaException as error:
            if error.args[0].code() == KafkaError._NO_OFFSET and not chosen:
                return command.succeed()
            raise
        for partition in result or []:
            if partition.error is not None:
                raise KafkaException(partition.error)
        command.succeed()

    def close(self, command):
        self.consumer.close()
        command.succeed()


class Admin(Handle):
    OPERATIONS = ["create", "create_topics", "delete_topics", "list_topics", "describe_topics", "create_partitions",
                  "describe_configs", "alter_configs", "delete_records", "list_offsets", "list_groups",
                  "describe_groups", "delete_groups", "list_group_offsets", "alter_group_offsets", "describe_cluster", "close"]

    def create(self, command):
        self.admin = cka.AdminClient(config(command))
        command.succeed()

    @staticmethod
    def settle(command, result, future, fill=None):
        try:
            value = future.result(command.patience())
            if fill is not None:
                result.update(fill(value))
        except Exception as error:
            result["error"] = describe(error)
        return result

    @staticmethod
    def timeouts(command):
        return {"request_timeout": command.patience(), "operation_timeout": command.patience()}

    def create_topics(self, command):
        topics = [cka.NewTopic(t["name"], t.get("partitions", -1), t.get("replication_factor", -1), config=t.get("config", {}))
                  for t in command.json["topics"]]
        futures = self.admin.create_topics(topics, validate_only=command.json.get("validate_only", False), **self.timeouts(command))
        command.succeed(topics=[self.settle(command, {"name": t.topic}, futures[t.topic]) for t in topics])

    def delete_topics(self, command):
        names = command.json["topics"]
        futures = self.admin.delete_topics(names, **self.timeouts(command))
        command.succeed(topics=[self.settle(command, {"name": name}, futures[name]) for name in names])

    def list_topics(self, command):
        command.succeed(topics=sorted(self.admin.list_topics(timeout=command.patience()).topics))

    def describe_topics(self, command):
        names = command.json["topics"]
        futures = self.admin.describe_topics(ck.TopicCollection(names), request_timeout=command.patience())

        def fill(topic):
            return {"topic_id": str(topic.topic_id), "partitions": [
                {"partition": p.id, "leader": p.leader.id if p.leader else None,
                 "replicas": [n.id for n in p.replicas], "isr": [n.id for n in p.isr]} for p in topic.partitions]}

        command.succeed(topics=[self.settle(command, {"name": name}, futures[name], fill) for name in names])

    def create_partitions(self, command):
        topics = command.json["topics"]
        futures = self.admin.create_partitions([cka.NewPartitions(t["name"], t["count"]) for t in topics],
                                               validate_only=command.json.get("validate_only", False), **self.timeouts(command))
        command.succeed(topics=[self.settle(command, {"name": t["name"]}, futures[t["name"]]) for t in topics])

    @staticmethod
    def resource(json_resource, **extra):
        return cka.ConfigResource(cka.ResourceType[json_resource["type"].upper()], json_resource["name"], **extra)

    def describe_configs(self, command):
        requests = command.json["resources"]
        results = []
        for request in requests:
            # One resource a call: librdkafka sends each broker's resource to that broker and refuses a mix.
            resource = self.resource(request)
            future = self.admin.describe_configs([resource], request_timeout=command.patience())[resource]

            def fill(entries):
                return {"configs": {name: {"value": e.value, "source": cka.ConfigSource(e.source).name,
                                           "read_only": e.is_read_only, "sensitive": e.is_sensitive}
                                    for name, e in entries.items()}}

            results.append(self.settle(command, {"type": request["type"], "name": request["name"]}, future, fill))
        command.succeed(resources=results)

    def alter_configs(self, command):
        results = []
        for request in command.json["resources"]:
            entries = [cka.ConfigEntry(op["name"], op.get("value"),
                                       incremental_operation=cka.AlterConfigOpType[op["op"].upper()]) for op in request["ops"]]
            resource = self.resource(request, incremental_configs=entries)
            future = self.admin.incremental_alter_configs(
                [resource], validate_only=command.json.get("validate_only", False), request_timeout=command.patience())[resource]
            results.append(self.settle(command, {"type": request["type"], "name": request["name"]}, future))
        command.succeed(resources=results)

    def delete_records(self, command):
        asked = [TopicPartition(o["topic"], o["partition"], o["offset"]) for o in command.json["offsets"]]
        futures = self.admin.delete_records(asked, **self.timeouts(command))
        command.succeed(results=[self.settle(command, {"topic": p.topic, "partition": p.partition}, futures[p],
                                             lambda deleted: {"low_watermark": deleted.low_watermark}) for p in asked])

    def list_offsets(self, command):
        named = {"earliest": cka.OffsetSpec.earliest, "latest": cka.OffsetSpec.latest, "max_timestamp": cka.OffsetSpec.max_timestamp}
        asked = {TopicPartition(s["topic"], s["partition"]):
                 named[s["spec"]]() if s["spec"] in named else cka.OffsetSpec.for_timestamp(int(s["spec"])) for s in command.json["specs"]}
        futures = self.admin.list_offsets(asked, request_timeout=command.patience())
        command.succeed(offsets=[
            self.settle(command, {"topic": p.topic, "partition": p.partition}, futures[p],
                        lambda found: {"offset": found.offset if found.offset >= 0 else None, "timestamp_ms": found.timestamp})
            for p in asked])

    def list_groups(self, command):
        found = self.admin.list_consumer_groups(request_timeout=command.patience()).result(command.patience())
        command.succeed(groups=[{"group": g.group_id, "state": state(g.state), "type": kind(g.type)} for g in found.valid])

    def describe_groups(self, command):
        names = command.json["groups"]
        futures = self.admin.describe_consumer_groups(names, request_timeout=command.patience())

        def fill(group):
            return {"state": state(group.state), "assignor": group.partition_assignor, "members": [
                {"member_id": m.member_id, "instance_id": m.group_instance_id, "client_id": m.client_id,
                 "assignment": listed(m.assignment.topic_partitions) if m.assignment else []} for m in group.members]}

        command.succeed(groups=[self.settle(command, {"group": name}, futures[name], fill) for name in names])

    def delete_groups(self, command):
        names = command.json["groups"]
        futures = self.admin.delete_consumer_groups(names, request_timeout=command.patience())
        command.succeed(groups=[self.settle(command, {"group": name}, futures[name]) for name in names])

    def list_group_offsets(self, command):
        group = command.json["group"]
        asked = partitions(command) if command.json.get("partitions") else None
        futures = self.admin.list_consumer_group_offsets([ck.ConsumerGroupTopicPartitions(group, asked)], request_timeout=command.patience())
        found = futures[group].result(command.patience()).topic_partitions
        command.succeed(offsets=[
            {"topic": p.topic, "partition": p.partition, "offset": p.offset if p.offset >= 0 else None,
             "metadata": (p.metadata or "") if p.offset >= 0 else None} for p in found])

    def alter_group_offsets(self, command):
        group = command.json["group"]
        request = ck.ConsumerGroupTopicPartitions(group, Consumer.offsets(command))
        found = self.admin.alter_consumer_group_offsets([request], request_timeout=command.patience())[group].result(command.patience())
        command.succeed(offsets=[{"topic": p.topic, "partition": p.partition, **({"error": describe(p.error)} if p.error else {})}
                                 for p in found.topic_partitions])

    def describe_cluster(self, command):
        found = self.admin.describe_cluster(request_timeout=command.patience()).result(command.patience())
        command.succeed(cluster_id=found.cluster_id, controller=found.controller.id if found.controller else None,
                        brokers=[{"id": n.id, "host": n.host, "port": n.port} for n in found.nodes])

    def close(self, command):
        self.admin = None
        command.succeed()


def state(value):
    """Kafka's spelling of a group's state: PREPARING_REBALANCING is PreparingRebalance there."""
    names = {"PREPARING_REBALANCING": "PreparingRebalance", "COMPLETING_REBALANCING": "CompletingRebalance"}
    return names.get(value.name, value.name.title().replace("_", ""))


def kind(value):
    return value.name.title()


KINDS = {"producer": Producer, "consumer": Consumer, "admin": Admin}
handles = {}


def accept(command):
    if command.op == "hello":
        operations = [f"{kind}.{name}" for kind, handle in KINDS.items() for name in handle.OPERATIONS]
        return command.succeed(driver="librdkafka", client="confluent-kafka", version=f"{ck.__version__} (librdkafka {ck.libversion()[0]})",
                               protocol=1, capabilities=operations + FEATURES)
    group, operation = command.op.split(".", 1)
    if operation not in KINDS[group].OPERATIONS:
        raise NotImplementedError(command.op)
    name = command.json["handle"]
    if operation == "create":
        if name in handles:
            raise RuntimeError(f"handle {name} exists")
        handles[name] = KINDS[group]()
    handles[name].commands.put(command)
    if operation == "close":
        del handles[name]


def main():
    for line in sys.stdin:
        command = Command(json.loads(line))
        try:
            accept(command)
        except Exception as error:
            command.fail(error)


main()
