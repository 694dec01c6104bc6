//! From a frame to the handler of its API, and from the handler's answer to a frame.
//!
//! One table says which APIs and versions are served; ApiVersions answers from it, so that nothing is offered that is
//! not handled. What cannot be decoded ends the connection, as in Kafka; only an ApiVersions request of an unknown
//! version is answered, in version 0, with the versions there are (KIP-511).

use super::{Outcome, RequestContext};
use crate::context::BrokerContext;
use crate::handlers;
use bytes::Bytes;
use ottla_wire::codec::{self, CodecError, RequestHeader};
use ottla_wire::messages;
use ottla_wire::protocol::Request;
use ottla_wire::{ApiKey, api_version};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::LazyLock;

/// The APIs whose handlers take a typed request and give a typed response, with the versions they serve.
macro_rules! typed_apis {
    ($($request:ident $versions:expr => $handler:path;)*) => {
        /// Each API with the versions its handler serves.
        fn handled() -> Vec<(ApiKey, RangeInclusive<i16>)> {
            vec![$((ApiKey::of::<messages::$request>(), $versions),)*]
        }

        async fn call_typed(
            broker: &Arc<BrokerContext>,
            context: &RequestContext,
            header: &RequestHeader,
            body: Bytes,
        ) -> Outcome {
            match header.api_key {
                $(messages::$request::KEY => {
                    let request = match codec::decode_request::<messages::$request>(header.api_version, body) {
                        Ok(request) => request,
                        Err(error) => return close(&error),
                    };
                    // Boxed: the largest of these would otherwise be carried by every connection.
                    let response = Box::pin($handler(broker, context, header.api_version, request)).await;
                    respond::<messages::$request>(header, &response)
                })*
                _ => close(&unknown(header)),
            }
        }
    };
}

typed_apis! {
    ListOffsetsRequest 1..=10 => handlers::list_offsets::handle;
    MetadataRequest 0..=13 => handlers::metadata::handle;
    OffsetCommitRequest 2..=9 => handlers::offset_commit::handle;
    OffsetFetchRequest 1..=9 => handlers::offset_fetch::handle;
    FindCoordinatorRequest 0..=6 => handlers::find_coordinator::handle;
    JoinGroupRequest 0..=9 => handlers::join_group::handle;
    HeartbeatRequest 0..=4 => handlers::heartbeat::handle;
    LeaveGroupRequest 0..=5 => handlers::leave_group::handle;
    SyncGroupRequest 0..=5 => handlers::sync_group::handle;
    DescribeGroupsRequest 0..=6 => handlers::describe_groups::handle;
    ListGroupsRequest 0..=5 => handlers::list_groups::handle;
    SaslHandshakeRequest 0..=1 => handlers::sasl::handshake;
    CreateTopicsRequest 2..=7 => handlers::create_topics::handle;
    DeleteRecordsRequest 0..=2 => handlers::delete_records::handle;
    InitProducerIdRequest 0..=5 => handlers::init_producer_id::handle;
    OffsetForLeaderEpochRequest 2..=4 => handlers::offset_for_leader_epoch::handle;
    DescribeLogDirsRequest 1..=4 => handlers::describe_log_dirs::handle;
    SaslAuthenticateRequest 0..=2 => handlers::sasl::authenticate;
    DeleteGroupsRequest 0..=2 => handlers::delete_groups::handle;
    OffsetDeleteRequest 0..=0 => handlers::offset_delete::handle;
    DescribeClusterRequest 0..=2 => handlers::describe_cluster::handle;
    DescribeProducersRequest 0..=0 => handlers::describe_producers::handle;
    DescribeTopicPartitionsRequest 0..=0 => handlers::describe_topic_partitions::handle;
    DeleteTopicsRequest 1..=6 => handlers::delete_topics::handle;
    DescribeAclsRequest 1..=3 => handlers::describe_acls::handle;
    DescribeConfigsRequest 1..=4 => handlers::describe_configs::handle;
    AlterConfigsRequest 0..=2 => handlers::alter_configs::handle;
    CreatePartitionsRequest 0..=3 => handlers::create_partitions::handle;
    ElectLeadersRequest 0..=2 => handlers::elect_leaders::handle;
    IncrementalAlterConfigsRequest 0..=1 => handlers::incremental_alter_configs::handle;
    ListPartitionReassignmentsRequest 0..=0 => handlers::list_partition_reassignments::handle;
    DescribeClientQuotasRequest 0..=1 => handlers::describe_client_quotas::handle;
    DescribeQuorumRequest 0..=2 => handlers::describe_quorum::handle;
    ListConfigResourcesRequest 0..=1 => handlers::list_config_resources::handle;
}

/// The versions served of each API: what the handler serves, within what the wire can say and Kafka has released.
pub(crate) static SERVED: LazyLock<Vec<(ApiKey, RangeInclusive<i16>)>> = LazyLock::new(|| {
    // These do not go through the table below: they read or write frames their own way.
    let special = [(ApiKey::PRODUCE, 3..=13), (ApiKey::FETCH, 4..=18), (ApiKey::API_VERSIONS, 0..=5)];
    let mut served: Vec<_> = special
        .into_iter()
        .chain(handled())
        .filter_map(|(key, handled)| {
            let wire = api_version::supported(key.0)?;
            let api = key.api()?;
            let range = *handled.start().max(wire.start()).max(&api.min)
                ..=*handled.end().min(wire.end()).min(&api.max);
            (!range.is_empty()).then_some((key, range))
        })
        .collect();
    served.sort_by_key(|(key, _)| *key);
    served
});

fn is_served(header: &RequestHeader) -> bool {
    let row = SERVED.binary_search_by_key(&ApiKey(header.api_key), |(key, _)| *key);
    row.is_ok_and(|row| SERVED[row].1.contains(&header.api_version))
}

/// Handles one request.
pub(crate) async fn dispatch(
    broker: &Arc<BrokerContext>,
    context: &mut RequestContext,
    mut frame: Bytes,
) -> Outcome {
    let header = match codec::decode_request_header(&mut frame) {
        Ok(header) => header,
        Err(CodecError::UnsupportedVersion { api_key, correlation_id: Some(id), .. })
            if ApiKey(api_key) == ApiKey::API_VERSIONS =>
        {
            return unsupported_api_versions(id);
        }
        Err(error) => return close(&error),
    };
    context.correlation_id = header.correlation_id;
    context.set_client_id(header.client_id.as_ref());
    if !is_served(&header) {
        if ApiKey(header.api_key) == ApiKey::API_VERSIONS {
            return unsupported_api_versions(header.correlation_id);
        }
        return close(&unknown(&header));
    }
    match ApiKey(header.api_key) {
        ApiKey::PRODUCE => handlers::produce::handle(broker, context, &header, frame).await,
        ApiKey::FETCH => handlers::fetch::handle(broker, context, &header, frame).await,
        ApiKey::API_VERSIONS => {
            match codec::decode_request::<messages::ApiVersionsRequest>(header.api_version, frame) {
                Ok(request) => {
                    let response =
                        handlers::api_versions::handle(broker, context, header.api_version, request, &SERVED);
                    respond::<messages::ApiVersionsRequest>(&header, &response)
                }
                Err(error) => close(&error),
            }
        }
        _ => call_typed(broker, context, &header, frame).await,
    }
}

fn respond<R: Request>(header: &RequestHeader, response: &R::Response) -> Outcome {
    match codec::encode_response(R::KEY, header.api_version, header.correlation_id, response) {
        Ok(frame) => Outcome::Respond(frame.into()),
        Err(error) => {
            // A handler put something in its answer that this version cannot say: our fault, not the peer's.
            tracing::error!(%error, "a response could not be encoded");
            close(&error)
        }
    }
}

fn unsupported_api_versions(correlation_id: i32) -> Outcome {
    let response = handlers::api_versions::unsupported_version(&SERVED);
    match codec::encode_response(ApiKey::API_VERSIONS.0, 0, correlation_id, &response) {
        Ok(frame) => Outcome::Respond(frame.into()),
        Err(error) => close(&error),
    }
}

fn unknown(header: &RequestHeader) -> CodecError {
    CodecError::UnsupportedVersion {
        api_key: header.api_key,
        api_version: header.api_version,
        correlation_id: Some(header.correlation_id),
    }
}

fn close(error: &CodecError) -> Outcome {
    Outcome::Close(error.to_string())
}
