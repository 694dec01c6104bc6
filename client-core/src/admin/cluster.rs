//! The cluster: its nodes and features.

use super::fan_out::{Route, fan_out, single};
use super::wire_types::{check, operations};
use super::{Admin, CallOptions};
use crate::client::Target;
use crate::config::HostPort;
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use ottla_wire::ApiKey;
use ottla_wire::messages::DescribeClusterRequest;
use std::collections::BTreeMap;

const DESCRIBE: &str = "describe the cluster";
const FEATURES: &str = "describe features";

/// A broker of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterNode {
    /// Its number.
    pub id: NodeId,
    /// Its advertised address.
    pub address: HostPort,
    /// Its rack.
    pub rack: Option<String>,
    /// Registered but not serving; `false` where the broker does not say.
    pub is_fenced: bool,
}

/// The cluster described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    /// Its id.
    pub cluster_id: Option<String>,
    /// The controller; with KRaft some broker that forwards to it.
    pub controller: Option<NodeId>,
    /// Its brokers, by number.
    pub nodes: Vec<ClusterNode>,
    /// What this principal may do, as the bits of Kafka's ACL operations; `None` when the broker does not say.
    pub authorized_operations: Option<i32>,
}

/// Feature levels of the cluster and the versions the asked broker speaks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeatureDescription {
    /// Finalised levels, such as `metadata.version`, by name.
    pub finalized: BTreeMap<String, i16>,
    /// Versions of each API, by Kafka's name.
    pub api_versions: BTreeMap<String, (i16, i16)>,
}

impl Admin {
    /// Describes the cluster as some broker sees it now.
    pub async fn describe_cluster(&self, options: CallOptions) -> Result<ClusterDescription, Error> {
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            DESCRIBE,
            [()],
            |()| Route::AnyBroker,
            deadline,
            |target, _| async move {
                let response = self
                    .client
                    .call(
                        target,
                        0..=2,
                        |version| {
                            DescribeClusterRequest::default()
                                .with_include_cluster_authorized_operations(true)
                                .with_include_fenced_brokers(version >= 2)
                        },
                        deadline,
                    )
                    .await;
                match response {
                    Ok(response) => {
                        check(response.error_code, response.error_message.as_ref(), DESCRIBE)?;
                        let mut nodes: Vec<_> = response
                            .brokers
                            .iter()
                            .filter_map(|broker| {
                                Some(ClusterNode {
                                    id: NodeId(broker.broker_id.0),
                                    address: HostPort::new(
                                        broker.host.as_str(),
                                        u16::try_from(broker.port).ok()?,
                                    ),
                                    rack: broker.rack.as_ref().map(ToString::to_string),
                                    is_fenced: broker.is_fenced,
                                })
                            })
                            .collect();
                        nodes.sort_by_key(|node| node.id);
                        Ok(vec![(
                            (),
                            Ok(ClusterDescription {
                                cluster_id: Some(response.cluster_id.to_string()).filter(|id| !id.is_empty()),
                                controller: NodeId::from_wire(response.controller_id.0),
                                nodes,
                                authorized_operations: operations(response.cluster_authorized_operations),
                            }),
                        )])
                    }
                    // Brokers before 2.8: the metadata has it too.
                    Err(error) if error.kind() == ErrorKind::Unsupported => {
                        let snapshot = self.client.metadata().refreshed(DESCRIBE, deadline).await?;
                        Ok(vec![(
                            (),
                            Ok(ClusterDescription {
                                cluster_id: snapshot.cluster_id.as_ref().map(ToString::to_string),
                                controller: snapshot.controller,
                                nodes: snapshot
                                    .brokers
                                    .values()
                                    .map(|broker| ClusterNode {
                                        id: broker.id,
                                        address: broker.address.clone(),
                                        rack: broker.rack.as_ref().map(ToString::to_string),
                                        is_fenced: false,
                                    })
                                    .collect(),
                                authorized_operations: None,
                            }),
                        )])
                    }
                    Err(error) => Err(error),
                }
            },
        )
        .await;
        single(DESCRIBE, results)
    }

    /// Finalised features of the cluster, and the API versions of one broker, or of any with `None`.
    pub async fn describe_features(
        &self,
        broker: Option<NodeId>,
        options: CallOptions,
    ) -> Result<FeatureDescription, Error> {
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            FEATURES,
            [()],
            |()| broker.map_or(Route::AnyBroker, Route::Node),
            deadline,
            |target, _| async move {
                let connection = match target {
                    Target::Node(node) => self.client.connection(node, deadline).await?,
                    _ => self.client.any_connection(deadline).await?,
                };
                let api_versions = connection
                    .offered_all()
                    .map(|(api, range)| (api_name(api), (*range.start(), *range.end())))
                    .collect();
                let finalized = connection.finalized_features().clone();
                Ok(vec![((), Ok(FeatureDescription { finalized, api_versions }))])
            },
        )
        .await;
        single(FEATURES, results)
    }
}

fn api_name(api: ApiKey) -> String {
    match api.api() {
        Some(known) => known.name.to_owned(),
        None => api.0.to_string(),
    }
}
