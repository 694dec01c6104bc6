package dev.ottla.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DeletedRecords;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** An Admin. */
final class AdminHandle extends Handle {
    static final List<String> OPERATIONS = List.of(
            "admin.create", "admin.create_topics", "admin.delete_topics", "admin.list_topics", "admin.describe_topics",
            "admin.create_partitions", "admin.describe_configs", "admin.alter_configs", "admin.delete_records",
            "admin.list_offsets", "admin.list_groups", "admin.describe_groups", "admin.delete_groups",
            "admin.list_group_offsets", "admin.alter_group_offsets", "admin.delete_group_offsets",
            "admin.describe_cluster", "admin.close");

    private Admin admin;

    AdminHandle(String name) {
        super(name);
    }

    @Override
    void execute(Command command) throws Exception {
        switch (command.op()) {
            case "admin.create" -> {
                Map<String, Object> config = new HashMap<>(command.config());
                config.putIfAbsent("default.api.timeout.ms", "10000");
                config.putIfAbsent("request.timeout.ms", "8000");
                config.remove("max.block.ms");
                admin = Admin.create(config);
                command.succeed();
            }
            case "admin.create_topics" -> createTopics(command);
            case "admin.delete_topics" -> {
                List<String> names = command.texts("topics");
                answer(command, "topics", "name", names, admin.deleteTopics(names).topicNameValues());
            }
            case "admin.list_topics" -> {
                JsonArray topics = new JsonArray();
                await(command, admin.listTopics().names()).stream().sorted().forEach(topics::add);
                answer(command, "topics", topics);
            }
            case "admin.describe_topics" -> describeTopics(command);
            case "admin.create_partitions" -> createPartitions(command);
            case "admin.describe_configs" -> describeConfigs(command);
            case "admin.alter_configs" -> alterConfigs(command);
            case "admin.delete_records" -> deleteRecords(command);
            case "admin.list_offsets" -> listOffsets(command);
            case "admin.list_groups" -> listGroups(command);
            case "admin.describe_groups" -> describeGroups(command);
            case "admin.delete_groups" -> {
                List<String> names = command.texts("groups");
                answer(command, "groups", "group", names, admin.deleteConsumerGroups(names).deletedGroups());
            }
            case "admin.list_group_offsets" -> listGroupOffsets(command);
            case "admin.alter_group_offsets" -> {
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                command.objects("offsets").forEach(json -> offsets.put(Command.partition(json), ConsumerHandle.offset(json)));
                var result = admin.alterConsumerGroupOffsets(command.text("group"), offsets);
                answerPartitions(command, command.partitions("offsets"), result::partitionResult);
            }
            case "admin.delete_group_offsets" -> {
                List<TopicPartition> partitions = command.partitions("partitions");
                var result = admin.deleteConsumerGroupOffsets(command.text("group"), Set.copyOf(partitions));
                answerPartitions(command, partitions, result::partitionResult);
            }
            case "admin.describe_cluster" -> describeCluster(command);
            case "admin.close" -> {
                if (admin != null) {
                    admin.close(command.patience());
                }
                command.succeed();
            }
            default -> throw new UnsupportedOperationException(command.op());
        }
    }

    private void createTopics(Command command) {
        List<NewTopic> topics = new ArrayList<>();
        for (JsonObject json : command.objects("topics")) {
            Optional<Integer> partitions = Optional.ofNullable(json.get("partitions")).map(JsonElement::getAsInt);
            Optional<Short> replicas = Optional.ofNullable(json.get("replication_factor")).map(JsonElement::getAsShort);
            topics.add(new NewTopic(json.get("name").getAsString(), partitions, replicas).configs(Command.map(json.getAsJsonObject("config"))));
        }
        var options = new CreateTopicsOptions().validateOnly(command.flag("validate_only"));
        answer(command, "topics", "name", topics.stream().map(NewTopic::name).toList(), admin.createTopics(topics, options).values());
    }

    private void describeTopics(Command command) {
        List<String> names = command.texts("topics");
        Map<String, KafkaFuture<TopicDescription>> futures = admin.describeTopics(names).topicNameValues();
        JsonArray topics = new JsonArray();
        for (String name : names) {
            JsonObject topic = named("name", name);
            try {
                TopicDescription description = await(command, futures.get(name));
                topic.addProperty("topic_id", description.topicId().toString());
                JsonArray partitions = new JsonArray();
                description.partitions().forEach(info -> {
                    JsonObject partition = new JsonObject();
                    partition.addProperty("partition", info.partition());
                    partition.addProperty("leader", info.leader() == null ? null : info.leader().id());
                    partition.add("replicas", ids(info.replicas()));
                    partition.add("isr", ids(info.isr()));
                    partitions.add(partition);
                });
                topic.add("partitions", partitions);
            } catch (Exception error) {
                topic.add("error", Errors.describe(error));
            }
            topics.add(topic);
        }
        answer(command, "topics", topics);
    }

    private void createPartitions(Command command) {
        Map<String, NewPartitions> topics = new HashMap<>();
        command.objects("topics").forEach(json -> topics.put(json.get("name").getAsString(), NewPartitions.increaseTo(json.get("count").getAsInt())));
        var options = new CreatePartitionsOptions().validateOnly(command.flag("validate_only"));
        List<String> names = command.objects("topics").stream().map(json -> json.get("name").getAsString()).toList();
        answer(command, "topics", "name", names, admin.createPartitions(topics, options).values());
    }

    private static ConfigResource resource(JsonObject json) {
        ConfigResource.Type type = ConfigResource.Type.valueOf(json.get("type").getAsString().toUpperCase());
        return new ConfigResource(type, json.get("name").getAsString());
    }

    private static JsonObject json(JsonObject request) {
        JsonObject json = new JsonObject();
        json.add("type", request.get("type"));
        json.add("name", request.get("name"));
        return json;
    }

    private void describeConfigs(Command command) {
        List<JsonObject> resources = command.objects("resources");
        Map<ConfigResource, KafkaFuture<Config>> futures =
                admin.describeConfigs(resources.stream().map(AdminHandle::resource).toList()).values();
        JsonArray array = new JsonArray();
        for (JsonObject request : resources) {
            JsonObject result = json(request);
            try {
                JsonObject configs = new JsonObject();
                for (ConfigEntry entry : await(command, futures.get(resource(request))).entries()) {
                    JsonObject config = new JsonObject();
                    config.addProperty("value", entry.value());
                    config.addProperty("source", entry.source().name());
                    config.addProperty("read_only", entry.isReadOnly());
                    config.addProperty("sensitive", entry.isSensitive());
                    configs.add(entry.name(), config);
                }
                result.add("configs", configs);
            } catch (Exception error) {
                result.add("error", Errors.describe(error));
            }
            array.add(result);
        }
        answer(command, "resources", array);
    }

    private void alterConfigs(Command command) {
        List<JsonObject> resources = command.objects("resources");
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        for (JsonObject request : resources) {
            List<AlterConfigOp> ops = new ArrayList<>();
            request.getAsJsonArray("ops").forEach(element -> {
                JsonObject op = element.getAsJsonObject();
                String value = op.has("value") ? op.get("value").getAsString() : null;
                ConfigEntry entry = new ConfigEntry(op.get("name").getAsString(), value);
                ops.add(new AlterConfigOp(entry, AlterConfigOp.OpType.valueOf(op.get("op").getAsString().toUpperCase())));
            });
            changes.put(resource(request), ops);
        }
        var options = new AlterConfigsOptions().validateOnly(command.flag("validate_only"));
        Map<ConfigResource, KafkaFuture<Void>> futures = admin.incrementalAlterConfigs(changes, options).values();
        JsonArray array = new JsonArray();
        for (JsonObject request : resources) {
            array.add(settle(command, json(request), futures.get(resource(request))));
        }
        answer(command, "resources", array);
    }

    private void deleteRecords(Command command) {
        Map<TopicPartition, RecordsToDelete> offsets = new HashMap<>();
        command.objects("offsets").forEach(json -> offsets.put(Command.partition(json), RecordsToDelete.beforeOffset(json.get("offset").getAsLong())));
        Map<TopicPartition, KafkaFuture<DeletedRecords>> futures = admin.deleteRecords(offsets).lowWatermarks();
        JsonArray array = new JsonArray();
        for (TopicPartition partition : command.partitions("offsets")) {
            JsonObject result = Command.object(partition);
            try {
                result.addProperty("low_watermark", await(command, futures.get(partition)).lowWatermark());
            } catch (Exception error) {
                result.add("error", Errors.describe(error));
            }
            array.add(result);
        }
        answer(command, "results", array);
    }

    private void listOffsets(Command command) {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        for (JsonObject json : command.objects("specs")) {
            String spec = json.get("spec").getAsString();
            specs.put(Command.partition(json), switch (spec) {
                case "earliest" -> OffsetSpec.earliest();
                case "latest" -> OffsetSpec.latest();
                case "max_timestamp" -> OffsetSpec.maxTimestamp();
                default -> OffsetSpec.forTimestamp(Long.parseLong(spec));
            });
        }
        var result = admin.listOffsets(specs);
        JsonArray array = new JsonArray();
        for (TopicPartition partition : command.partitions("specs")) {
            JsonObject object = Command.object(partition);
            try {
                ListOffsetsResultInfo info = await(command, result.partitionResult(partition));
                object.addProperty("offset", info.offset() < 0 ? null : info.offset());
                object.addProperty("timestamp_ms", info.timestamp());
            } catch (Exception error) {
                object.add("error", Errors.describe(error));
            }
            array.add(object);
        }
        answer(command, "offsets", array);
    }

    private void listGroups(Command command) throws Exception {
        JsonArray groups = new JsonArray();
        for (var listing : await(command, admin.listGroups().all())) {
            JsonObject group = named("group", listing.groupId());
            group.addProperty("state", listing.groupState().map(Object::toString).orElse(null));
            group.addProperty("type", listing.type().map(Object::toString).orElse(null));
            groups.add(group);
        }
        answer(command, "groups", groups);
    }

    private void describeGroups(Command command) {
        List<String> names = command.texts("groups");
        Map<String, KafkaFuture<ConsumerGroupDescription>> futures = admin.describeConsumerGroups(names).describedGroups();
        JsonArray groups = new JsonArray();
        for (String name : names) {
            JsonObject group = named("group", name);
            try {
                ConsumerGroupDescription description = await(command, futures.get(name));
                group.addProperty("state", description.groupState().toString());
                group.addProperty("assignor", description.partitionAssignor());
                JsonArray members = new JsonArray();
                description.members().forEach(member -> {
                    JsonObject json = named("member_id", member.consumerId());
                    json.addProperty("instance_id", member.groupInstanceId().orElse(null));
                    json.addProperty("client_id", member.clientId());
                    json.add("assignment", Command.array(member.assignment().topicPartitions()));
                    members.add(json);
                });
                group.add("members", members);
            } catch (Exception error) {
                group.add("error", Errors.describe(error));
            }
            groups.add(group);
        }
        answer(command, "groups", groups);
    }

    private void listGroupOffsets(Command command) throws Exception {
        String group = command.text("group");
        ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec();
        if (command.has("partitions")) {
            spec.topicPartitions(command.partitions("partitions"));
        }
        var offsets = await(command, admin.listConsumerGroupOffsets(Map.of(group, spec)).partitionsToOffsetAndMetadata(group));
        JsonArray array = new JsonArray();
        List<TopicPartition> order = command.has("partitions") ? command.partitions("partitions")
                : offsets.keySet().stream().sorted((a, b) -> a.toString().compareTo(b.toString())).collect(Collectors.toList());
        for (TopicPartition partition : order) {
            OffsetAndMetadata offset = offsets.get(partition);
            JsonObject json = Command.object(partition);
            json.addProperty("offset", offset == null ? null : offset.offset());
            json.addProperty("metadata", offset == null ? null : offset.metadata());
            array.add(json);
        }
        answer(command, "offsets", array);
    }

    private void describeCluster(Command command) throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        JsonArray brokers = new JsonArray();
        for (Node node : await(command, cluster.nodes())) {
            JsonObject broker = new JsonObject();
            broker.addProperty("id", node.id());
            broker.addProperty("host", node.host());
            broker.addProperty("port", node.port());
            brokers.add(broker);
        }
        Node controller = await(command, cluster.controller());
        JsonObject result = new JsonObject();
        result.addProperty("cluster_id", await(command, cluster.clusterId()));
        result.add("controller", controller == null ? JsonNull.INSTANCE : new com.google.gson.JsonPrimitive(controller.id()));
        result.add("brokers", brokers);
        command.succeed(result);
    }

    private static JsonArray ids(List<Node> nodes) {
        JsonArray ids = new JsonArray();
        nodes.forEach(node -> ids.add(node.id()));
        return ids;
    }

    private static JsonObject named(String field, String name) {
        JsonObject json = new JsonObject();
        json.addProperty(field, name);
        return json;
    }

    private static <T> T await(Command command, KafkaFuture<T> future) throws Exception {
        return future.get(command.patience().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static JsonObject settle(Command command, JsonObject result, KafkaFuture<Void> future) {
        try {
            await(command, future);
        } catch (Exception error) {
            result.add("error", Errors.describe(error));
        }
        return result;
    }

    private static void answer(Command command, String list, String field, List<String> names, Map<String, KafkaFuture<Void>> futures) {
        JsonArray array = new JsonArray();
        names.forEach(name -> array.add(settle(command, named(field, name), futures.get(name))));
        answer(command, list, array);
    }

    private static void answerPartitions(
            Command command, List<TopicPartition> partitions, java.util.function.Function<TopicPartition, KafkaFuture<Void>> futures) {
        JsonArray array = new JsonArray();
        partitions.forEach(partition -> array.add(settle(command, Command.object(partition), futures.apply(partition))));
        answer(command, "offsets", array);
    }

    private static void answer(Command command, String list, JsonArray array) {
        JsonObject result = new JsonObject();
        result.add(list, array);
        command.succeed(result);
    }
}
