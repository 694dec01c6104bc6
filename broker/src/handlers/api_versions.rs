//! ApiVersions, versions 0 to 4: which APIs and features there are.
//!
//! 3 tells the client's software (KIP-511) and features (KIP-584); 4 may name features that begin at level 0.
//! Left out: 5, which tells the cluster and node the client means to reach.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::messages::ApiVersionsRequest;
use ottla_wire::messages::api_versions_response::{
    ApiVersion, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ApiKey, ErrorCode};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Feature levels this broker can work at. Only what works stands here.
pub(crate) const SUPPORTED_FEATURES: &[(&str, RangeInclusive<i16>)] = &[("metadata.version", 7..=33)];

/// An API with the versions of it that are served.
type Served = (ApiKey, RangeInclusive<i16>);

/// Answers with everything that is `served`.
pub(crate) fn handle(
    broker: &Arc<BrokerContext>,
    context: &mut RequestContext,
    version: i16,
    request: ApiVersionsRequest,
    served: &[Served],
) -> ApiVersionsResponse {
    if version >= 3 {
        let (name, software_version) = (&request.client_software_name, &request.client_software_version);
        if !is_software_text(name) || !is_software_text(software_version) {
            return error(ErrorCode::INVALID_REQUEST, served);
        }
        context.software = Some((Arc::from(name.as_str()), Arc::from(software_version.as_str())));
    }
    let image = broker.metadata.image();
    let supported = SUPPORTED_FEATURES.iter().filter(|(_, levels)| version >= 4 || *levels.start() > 0);
    let supported = supported.map(|(name, levels)| {
        SupportedFeatureKey::default()
            .with_name(StrBytes::from_static_str(name))
            .with_min_version(*levels.start())
            .with_max_version(*levels.end())
    });
    let finalized = image.features.iter().filter(|(_, level)| **level > 0).map(|(name, level)| {
        FinalizedFeatureKey::default()
            .with_name(StrBytes::from_string(name.to_string()))
            .with_min_version_level(*level)
            .with_max_version_level(*level)
    });
    ApiVersionsResponse::default()
        .with_api_keys(served.iter().map(|(key, range)| row(*key, range)).collect())
        .with_supported_features(supported.collect())
        .with_finalized_features(finalized.collect())
        .with_finalized_features_epoch(image.offset.max(0))
}

/// The answer, in version 0, to a version nobody here knows: which ones there are.
pub(crate) fn unsupported_version(served: &[Served]) -> ApiVersionsResponse {
    error(ErrorCode::UNSUPPORTED_VERSION, served)
}

fn error(code: ErrorCode, served: &[Served]) -> ApiVersionsResponse {
    let own = served.iter().filter(|(key, _)| *key == ApiKey::API_VERSIONS);
    ApiVersionsResponse::default()
        .with_error_code(code.0)
        .with_api_keys(own.map(|(key, range)| row(*key, range)).collect())
}

fn row(key: ApiKey, range: &RangeInclusive<i16>) -> ApiVersion {
    // librdkafka takes a broker that does not name Produce version 0 for one that cannot read compressed batches. Kafka
    // names it for that reason and serves it no more than we do (KAFKA-18659).
    let min_version = if key == ApiKey::PRODUCE { 0 } else { *range.start() };
    ApiVersion::default().with_api_key(key.0).with_min_version(min_version).with_max_version(*range.end())
}

/// KIP-511: letters, digits, dashes and dots, with a letter or digit at both ends.
fn is_software_text(text: &str) -> bool {
    let inside = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let ends = [text.bytes().next(), text.bytes().last()];
    inside && ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_texts_follow_kip_511() {
        for good in ["a", "apache-kafka-java", "4.4.0", "a..b"] {
            assert!(is_software_text(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "a_b", "ä"] {
            assert!(!is_software_text(bad), "{bad}");
        }
    }
}
