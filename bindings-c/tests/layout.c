/* The binary interface of the structs that callers lay out themselves or look into: what is here cannot change without a new
 * soname. Compiled only; also says that the header is C99 by itself. */
#include <ottla.h>

#include <stddef.h>

#define PIN(name, condition) typedef char name[(condition) ? 1 : -1]
#define FIELD(type, field, offset) PIN(type##_##field, offsetof(type, field) == (offset))

PIN(status_size, sizeof(ottla_status_t) == 4);
PIN(boolean_size, sizeof(bool) == 1);

PIN(header_size, sizeof(ottla_header_t) == 32);
FIELD(ottla_header_t, key, 0);
FIELD(ottla_header_t, key_len, 8);
FIELD(ottla_header_t, value, 16);
FIELD(ottla_header_t, value_len, 24);

PIN(producer_record_size, sizeof(ottla_producer_record_t) == 96);
FIELD(ottla_producer_record_t, topic, 0);
FIELD(ottla_producer_record_t, key, 8);
FIELD(ottla_producer_record_t, key_len, 16);
FIELD(ottla_producer_record_t, value, 24);
FIELD(ottla_producer_record_t, value_len, 32);
FIELD(ottla_producer_record_t, headers, 40);
FIELD(ottla_producer_record_t, header_count, 48);
FIELD(ottla_producer_record_t, has_timestamp, 56);
FIELD(ottla_producer_record_t, has_partition, 57);
FIELD(ottla_producer_record_t, partition, 60);
FIELD(ottla_producer_record_t, timestamp_ms, 64);
FIELD(ottla_producer_record_t, tag, 72);
FIELD(ottla_producer_record_t, reserved, 80);

PIN(record_size, sizeof(ottla_record_t) == 88);
FIELD(ottla_record_t, topic, 0);
FIELD(ottla_record_t, key, 8);
FIELD(ottla_record_t, key_len, 16);
FIELD(ottla_record_t, value, 24);
FIELD(ottla_record_t, value_len, 32);
FIELD(ottla_record_t, headers, 40);
FIELD(ottla_record_t, header_count, 48);
FIELD(ottla_record_t, offset, 56);
FIELD(ottla_record_t, timestamp_ms, 64);
FIELD(ottla_record_t, timestamp_type, 72);
FIELD(ottla_record_t, partition, 76);
FIELD(ottla_record_t, leader_epoch, 80);

PIN(report_size, sizeof(ottla_report_t) == 56);
FIELD(ottla_report_t, error, 0);
FIELD(ottla_report_t, topic, 8);
FIELD(ottla_report_t, first_tag, 16);
FIELD(ottla_report_t, count, 24);
FIELD(ottla_report_t, first_offset, 32);
FIELD(ottla_report_t, log_append_time_ms, 40);
FIELD(ottla_report_t, partition, 48);

PIN(metadata_size, sizeof(ottla_record_metadata_t) == 32);
FIELD(ottla_record_metadata_t, topic, 0);
FIELD(ottla_record_metadata_t, partition, 8);
FIELD(ottla_record_metadata_t, offset, 16);
FIELD(ottla_record_metadata_t, timestamp_ms, 24);

PIN(topic_partition_size, sizeof(ottla_topic_partition_t) == 16);
FIELD(ottla_topic_partition_t, topic, 0);
FIELD(ottla_topic_partition_t, partition, 8);

PIN(offset_size, sizeof(ottla_offset_t) == 48);
FIELD(ottla_offset_t, topic, 0);
FIELD(ottla_offset_t, offset, 8);
FIELD(ottla_offset_t, metadata, 16);
FIELD(ottla_offset_t, timestamp_ms, 24);
FIELD(ottla_offset_t, partition, 32);
FIELD(ottla_offset_t, leader_epoch, 36);
FIELD(ottla_offset_t, has_leader_epoch, 40);

PIN(partition_time_size, sizeof(ottla_partition_time_t) == 24);
FIELD(ottla_partition_time_t, topic, 0);
FIELD(ottla_partition_time_t, partition, 8);
FIELD(ottla_partition_time_t, timestamp_ms, 16);

PIN(event_size, sizeof(ottla_rebalance_event_t) == 24);
FIELD(ottla_rebalance_event_t, event_type, 0);
FIELD(ottla_rebalance_event_t, partitions, 8);
FIELD(ottla_rebalance_event_t, partition_count, 16);

PIN(partition_info_size, sizeof(ottla_partition_info_t) == 64);
FIELD(ottla_partition_info_t, leader, 4);
FIELD(ottla_partition_info_t, code, 12);
FIELD(ottla_partition_info_t, replicas, 16);
FIELD(ottla_partition_info_t, isr, 32);
FIELD(ottla_partition_info_t, offline_replica_count, 56);

/* Metrics grow at their end: callers say how much they know. */
FIELD(ottla_producer_metrics_t, records_acknowledged, 0);
FIELD(ottla_producer_metrics_t, waiting_count, 96);

/* Numbers once given stay. */
PIN(ok_is_zero, OTTLA_OK == 0);
PIN(timeout_number, OTTLA_TIMEOUT == 5);
PIN(closed_number, OTTLA_CLOSED == 22);
PIN(forked_number, OTTLA_FORKED == 23);
PIN(assigned_number, OTTLA_ASSIGNED == 0 && OTTLA_REVOKED == 1 && OTTLA_LOST == 2);
PIN(nul_terminated_number, OTTLA_NUL_TERMINATED == (size_t)-1);
