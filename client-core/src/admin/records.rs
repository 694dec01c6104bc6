//! Records: delete those before an offset.

use super::fan_out::{Results, Route, fan_out};
use super::wire_types::{check, topic_name};
use super::{Admin, CallOptions};
use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::messages::DeleteRecordsRequest;
use ottla_wire::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use std::collections::BTreeMap;
use std::sync::Arc;

const DELETE: &str = "delete records";

impl Admin {
    /// Deletes the records before each offset; -1 means all up to the high watermark. The result is the partition's
    /// new low watermark.
    pub async fn delete_records(
        &self,
        before: impl IntoIterator<Item = (TopicPartition, i64)>,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, i64>, Error> {
        let before: BTreeMap<TopicPartition, i64> = before.into_iter().collect();
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DELETE,
            before.keys().cloned(),
            |partition| Route::Leader(partition.clone()),
            deadline,
            |target, partitions| {
                let mut topics: BTreeMap<Arc<str>, Vec<DeleteRecordsPartition>> = BTreeMap::new();
                for partition in &partitions {
                    topics.entry(partition.topic.clone()).or_default().push(
                        DeleteRecordsPartition::default()
                            .with_partition_index(partition.partition)
                            .with_offset(before.get(partition).copied().unwrap_or(-1)),
                    );
                }
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            0..=2,
                            |_| {
                                DeleteRecordsRequest::default()
                                    .with_timeout_ms(self.remaining_ms(deadline))
                                    .with_topics(
                                        topics
                                            .into_iter()
                                            .map(|(topic, partitions)| {
                                                DeleteRecordsTopic::default()
                                                    .with_name(topic_name(&topic))
                                                    .with_partitions(partitions)
                                            })
                                            .collect(),
                                    )
                            },
                            deadline,
                        )
                        .await?;
                    Ok(response
                        .topics
                        .into_iter()
                        .flat_map(|topic| {
                            let name: Arc<str> = Arc::from(topic.name.0.as_str());
                            topic.partitions.into_iter().map(move |row| {
                                let partition = TopicPartition::new(name.clone(), row.partition_index);
                                let result = check(row.error_code, None, DELETE)
                                    .map_err(|error| error.with_context("partition", &partition))
                                    .map(|()| row.low_watermark);
                                (partition, result)
                            })
                        })
                        .collect())
                }
            },
        )
        .await)
    }
}
