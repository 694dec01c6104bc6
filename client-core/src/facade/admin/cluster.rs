//! The cluster: its nodes and features.

use super::common::{AclOperation, call};
use super::shape::{operations, told};
use crate::admin::{Admin, ClusterNode as CoreNode};
use crate::error::Error;
use crate::metadata::NodeId;
use std::collections::BTreeMap;
use std::time::Duration;

told! {
    /// A broker of the cluster.
    ClusterNode {
        /// Its number.
        id: i32,
        /// Name or literal address it advertises, an IPv6 one without brackets.
        host: String,
        /// Port it advertises.
        port: i32,
        /// Its rack, if it has one.
        rack: Option<String>,
        /// Registered but not serving; false where the broker does not say.
        is_fenced: bool,
    }

    /// The cluster described.
    ClusterDescription {
        /// Its id, where the broker says.
        cluster_id: Option<String>,
        /// The controller; with KRaft some broker that forwards to it.
        controller: Option<i32>,
        /// Its brokers, by number.
        nodes: Vec<ClusterNode>,
        /// What this principal may do with the cluster; nothing when the broker does not say.
        authorized_operations: Option<Vec<AclOperation>>,
    }

    /// Feature levels of the cluster and the versions the asked broker speaks.
    FeatureDescription {
        /// Finalised levels, such as `metadata.version`, by name.
        finalized: BTreeMap<String, i16>,
        /// Versions of each API, by Kafka's name; by number where this library knows no name.
        api_versions: BTreeMap<String, ApiVersionRange>,
    }

    /// Versions of an API.
    ApiVersionRange {
        /// The lowest.
        min: i16,
        /// The highest.
        max: i16,
    }
}

operations! {
    /// Describes the cluster as some broker sees it now.
    describe_cluster: DescribeCluster {
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> ClusterDescription,
    errors "Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED.",
    source "DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073)";

    /// Describes finalised features of the cluster, and the API versions of a broker.
    describe_features: DescribeFeatures {
        /// The broker to ask; if left out, any.
        broker: Option<i32> = "null",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> FeatureDescription,
    errors "Of the call: Timeout or Network when the broker does not answer.",
    source "ApiVersions (KIP-35, KIP-584)";
}

async fn describe_cluster(admin: Admin, given: DescribeCluster) -> Result<ClusterDescription, Error> {
    let cluster = admin.describe_cluster(call(given.timeout)).await?;
    Ok(ClusterDescription {
        cluster_id: cluster.cluster_id,
        controller: cluster.controller.map(|node| node.0),
        nodes: cluster.nodes.into_iter().map(ClusterNode::from).collect(),
        authorized_operations: AclOperation::unpack(cluster.authorized_operations),
    })
}

async fn describe_features(admin: Admin, given: DescribeFeatures) -> Result<FeatureDescription, Error> {
    let features = admin.describe_features(given.broker.map(NodeId), call(given.timeout)).await?;
    let ranges =
        features.api_versions.into_iter().map(|(name, (min, max))| (name, ApiVersionRange { min, max }));
    Ok(FeatureDescription { finalized: features.finalized, api_versions: ranges.collect() })
}

impl From<CoreNode> for ClusterNode {
    fn from(node: CoreNode) -> Self {
        Self {
            id: node.id.0,
            host: node.address.host.to_string(),
            port: node.address.port.into(),
            rack: node.rack,
            is_fenced: node.is_fenced,
        }
    }
}
