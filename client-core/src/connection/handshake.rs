//! The first exchange on a connection: which versions does the broker speak? A **machine**: bytes in, requests out.
//!
//! ```text
//! ask newest ──35──► ask the newest both have (or 0) ──► done
//!     └────────────────────ok──────────────────────────► done
//! ```
//! A broker that does not know the version asked answers in version 0 with UNSUPPORTED_VERSION (KIP-511). It does not
//! know sockets; authentication will be further states here.

use super::PeerFeatures;
use bytes::Bytes;
use ottla_wire::api_version::{ClientVersions, negotiate, supported};
use ottla_wire::codec::decode_response;
use ottla_wire::messages::ApiVersionsRequest;
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ApiKey, CodecError, ErrorCode};

/// Why the exchange failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// Not what the protocol says.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The broker refuses.
    #[error("{} ({}): {}", .0.name(), .0.0, .0.message())]
    Refused(ErrorCode),
    /// There is no version of the question both sides know.
    #[error("the broker does not answer ApiVersions in any version this client speaks")]
    NoCommonVersion,
}

#[derive(Debug)]
enum State {
    /// To be asked in this version.
    Ask {
        version: i16,
        fallback: bool,
    },
    /// Asked in this version.
    Asked {
        version: i16,
        fallback: bool,
    },
    Done,
}

/// The exchange.
#[derive(Debug)]
pub(crate) struct Handshake {
    state: State,
    features: Option<PeerFeatures>,
}

impl Handshake {
    /// Before the first byte.
    pub(crate) fn new() -> Self {
        Self { state: State::Ask { version: newest(), fallback: false }, features: None }
    }

    /// The next request to send, with its version.
    pub(crate) fn poll_request(&mut self) -> Option<(i16, ApiVersionsRequest)> {
        let State::Ask { version, fallback } = self.state else { return None };
        self.state = State::Asked { version, fallback };
        Some((
            version,
            ApiVersionsRequest::default()
                .with_client_software_name(StrBytes::from_static_str("ottla"))
                .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION"))),
        ))
    }

    /// Takes the body of the answer.
    pub(crate) fn handle_response(&mut self, body: Bytes) -> Result<(), HandshakeError> {
        let State::Asked { version, fallback } = self.state else {
            return Err(HandshakeError::NoCommonVersion);
        };
        let code = body.first_chunk::<2>().map(|bytes| ErrorCode(i16::from_be_bytes(*bytes)));
        if code == Some(ErrorCode::UNSUPPORTED_VERSION) {
            if fallback {
                return Err(HandshakeError::NoCommonVersion);
            }
            // Old brokers list nothing here; version 0 is then the only one left to ask in.
            let offered = decode_response::<ApiVersionsRequest>(0, body)
                .ok()
                .and_then(|response| ClientVersions::from_response(&response).range(ApiKey::API_VERSIONS));
            let version = offered.and_then(|offered| negotiate(0..=newest(), offered)).unwrap_or(0);
            self.state = State::Ask { version: version.min(newest()), fallback: true };
            return Ok(());
        }
        let response = decode_response::<ApiVersionsRequest>(version, body)?;
        let code = ErrorCode(response.error_code);
        if code.is_err() {
            return Err(HandshakeError::Refused(code));
        }
        let versions = ClientVersions::from_response(&response);
        let finalized = response
            .finalized_features
            .iter()
            .map(|feature| (feature.name.to_string(), feature.max_version_level))
            .collect();
        self.features = Some(PeerFeatures { versions, finalized });
        self.state = State::Done;
        Ok(())
    }

    /// What the broker said, once it has.
    pub(crate) fn take_features(&mut self) -> Option<PeerFeatures> {
        self.features.take()
    }
}

fn newest() -> i16 {
    supported(ApiKey::API_VERSIONS.0).map_or(0, |range| *range.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::codec::{encode_response, split_response};
    use ottla_wire::messages::ApiVersionsResponse;
    use ottla_wire::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey};

    fn row(key: ApiKey, min: i16, max: i16) -> ApiVersion {
        ApiVersion::default().with_api_key(key.0).with_min_version(min).with_max_version(max)
    }

    fn body(version: i16, response: &ApiVersionsResponse) -> Bytes {
        let frame = encode_response(ApiKey::API_VERSIONS.0, version, 1, response).unwrap();
        let bytes = frame.to_bytes().unwrap().slice(4..);
        split_response(ApiKey::API_VERSIONS.0, version, bytes).unwrap().1
    }

    #[test]
    fn newest_version_first_and_done_in_one_exchange() {
        let mut handshake = Handshake::new();
        let (version, request) = handshake.poll_request().unwrap();
        assert_eq!(version, newest());
        assert_eq!(request.client_software_name.as_str(), "ottla");
        assert!(handshake.poll_request().is_none(), "one question at a time");
        let answer = ApiVersionsResponse::default()
            .with_api_keys(vec![row(ApiKey::FETCH, 4, 17)])
            .with_finalized_features(vec![
                FinalizedFeatureKey::default()
                    .with_name(StrBytes::from_static_str("transaction.version"))
                    .with_max_version_level(2),
            ]);
        handshake.handle_response(body(version, &answer)).unwrap();
        let features = handshake.take_features().unwrap();
        assert_eq!(features.versions.range(ApiKey::FETCH), Some(4..=17));
        assert_eq!(features.finalized.get("transaction.version"), Some(&2));
    }

    #[test]
    fn falls_back_to_what_an_older_broker_offers() {
        let mut handshake = Handshake::new();
        handshake.poll_request().unwrap();
        let refusal = ApiVersionsResponse::default()
            .with_error_code(ErrorCode::UNSUPPORTED_VERSION.0)
            .with_api_keys(vec![row(ApiKey::API_VERSIONS, 0, 2)]);
        handshake.handle_response(body(0, &refusal)).unwrap();
        assert!(handshake.take_features().is_none());
        let (version, _) = handshake.poll_request().unwrap();
        assert_eq!(version, 2);
        let answer = ApiVersionsResponse::default().with_api_keys(vec![row(ApiKey::METADATA, 0, 5)]);
        handshake.handle_response(body(2, &answer)).unwrap();
        assert_eq!(handshake.take_features().unwrap().versions.range(ApiKey::METADATA), Some(0..=5));
    }

    #[test]
    fn falls_back_to_zero_when_the_refusal_lists_nothing_and_then_gives_up() {
        let mut handshake = Handshake::new();
        handshake.poll_request().unwrap();
        let refusal = ApiVersionsResponse::default().with_error_code(ErrorCode::UNSUPPORTED_VERSION.0);
        handshake.handle_response(body(0, &refusal)).unwrap();
        assert_eq!(handshake.poll_request().unwrap().0, 0);
        let again = handshake.handle_response(body(0, &refusal));
        assert!(matches!(again, Err(HandshakeError::NoCommonVersion)));
    }

    #[test]
    fn hostile_answers_are_errors() {
        for bytes in [
            &b""[..],
            &[0][..],
            &[0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f][..],
            &[0, 0, 0x7f, 0xff, 0xff, 0xff][..],
        ] {
            let mut handshake = Handshake::new();
            handshake.poll_request().unwrap();
            assert!(handshake.handle_response(Bytes::copy_from_slice(bytes)).is_err(), "{bytes:?}");
        }
    }
}
