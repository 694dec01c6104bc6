//! Whole requests and responses, header and body, between typed messages and frames.
//!
//! Inbound bytes are never shown to the message types before the schema walk of [`crate::guard`] has accepted
//! them, and nothing may be left over. Knows nothing of connections: who matches a correlation id to its request
//! is the caller's affair.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

use crate::{
    api_version::ApiKey,
    frame::{Frame, FrameBuilder},
    guard::{self, Direction, GuardError},
    schema::Reader,
};

/// Why bytes could not be turned into a message, or a message into bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The frame ends within its header, or the header is malformed.
    #[error("malformed header: {reason}")]
    Header {
        /// What is wrong.
        reason: &'static str,
    },
    /// A request for an API this version does not know; its header cannot be read any further.
    #[error("unknown API key {api_key} (version {api_version})")]
    UnknownApi {
        /// The key of the request.
        api_key: i16,
        /// The version of the request.
        api_version: i16,
        /// The id to answer with, where the request got that far.
        correlation_id: Option<i32>,
    },
    /// A version that has no schema; a request's header cannot be read any further.
    #[error("version {api_version} of {} is not supported", ApiKey(*api_key))]
    UnsupportedVersion {
        /// The key of the request.
        api_key: i16,
        /// The version of the request.
        api_version: i16,
        /// The id to answer with, where the request got that far.
        correlation_id: Option<i32>,
    },
    /// The body does not follow its schema.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The message types refused the body.
    #[error("malformed {} version {api_version}: {reason}", ApiKey(*api_key))]
    Body {
        /// The API of the body.
        api_key: i16,
        /// The version of the body.
        api_version: i16,
        /// What the decoder said.
        reason: String,
    },
    /// Bytes are left after the body.
    #[error("{left_bytes} bytes left over after {} version {api_version}", ApiKey(*api_key))]
    Leftover {
        /// The API of the body.
        api_key: i16,
        /// The version of the body.
        api_version: i16,
        /// How many bytes.
        left_bytes: usize,
    },
    /// The message cannot be said in this version, as when a field that the version lacks is set.
    #[error("cannot encode {} version {api_version}: {reason}", ApiKey(*api_key))]
    Encode {
        /// The API of the message.
        api_key: i16,
        /// The version asked for.
        api_version: i16,
        /// What the encoder said.
        reason: String,
    },
}

impl CodecError {
    pub(crate) fn encode(api_key: i16, api_version: i16, reason: impl ToString) -> Self {
        CodecError::Encode { api_key, api_version, reason: reason.to_string() }
    }

    pub(crate) fn body(api_key: i16, api_version: i16, reason: impl ToString) -> Self {
        CodecError::Body { api_key, api_version, reason: reason.to_string() }
    }
}

/// The header of a request, versions 1 and 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHeader {
    /// The API asked for.
    pub api_key: i16,
    /// The version of request and response.
    pub api_version: i16,
    /// The id the response must carry.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<StrBytes>,
}

/// Encodes a request with its header into one frame.
pub fn encode_request<R: Request>(
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    request: &R,
) -> Result<Frame, CodecError> {
    const USUAL_BYTES: usize = 252;
    let mut builder = FrameBuilder::with_capacity(USUAL_BYTES);
    let buffer = builder.buffer();
    put_request_header(buffer, R::KEY, version, correlation_id, client_id)?;
    request.encode(buffer, version).map_err(|error| CodecError::encode(R::KEY, version, error))?;
    builder.finish().map_err(|error| CodecError::encode(R::KEY, version, error))
}

/// Writes a request header. The client id keeps its old form, a 16-bit length, in header version 2 too.
pub(crate) fn put_request_header(
    buffer: &mut BytesMut,
    api_key: i16,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<(), CodecError> {
    buffer.put_i16(api_key);
    buffer.put_i16(version);
    buffer.put_i32(correlation_id);
    match client_id {
        None => buffer.put_i16(-1),
        Some(client_id) => {
            let len = i16::try_from(client_id.len())
                .map_err(|_| CodecError::encode(api_key, version, "client id is longer than 32767 bytes"))?;
            buffer.put_i16(len);
            buffer.put_slice(client_id.as_bytes());
        }
    }
    if ApiKey(api_key).request_header_version(version) >= 2 {
        buffer.put_u8(0);
    }
    Ok(())
}

/// Reads the header off the front of a request and leaves the body in `frame`.
///
/// For an API or version without a schema the error still carries key, version and correlation id, so that the
/// request can be answered (ApiVersions) or reported.
pub fn decode_request_header(frame: &mut Bytes) -> Result<RequestHeader, CodecError> {
    const ENDS_EARLY: CodecError = CodecError::Header { reason: "the frame ends within the request header" };
    let api_key = frame.try_get_i16().map_err(|_| ENDS_EARLY)?;
    let api_version = frame.try_get_i16().map_err(|_| ENDS_EARLY)?;
    let correlation_id = frame.try_get_i32().map_err(|_| ENDS_EARLY)?;
    let api = ApiKey(api_key)
        .api()
        .filter(|api| !api.versions().is_empty())
        .ok_or(CodecError::UnknownApi { api_key, api_version, correlation_id: Some(correlation_id) })?;
    if !api.has_version(api_version) {
        return Err(CodecError::UnsupportedVersion {
            api_key,
            api_version,
            correlation_id: Some(correlation_id),
        });
    }
    let client_id = match frame.try_get_i16().map_err(|_| ENDS_EARLY)? {
        -1 => None,
        len => {
            let len = usize::try_from(len)
                .map_err(|_| CodecError::Header { reason: "the length of the client id is negative" })?;
            if frame.len() < len {
                return Err(ENDS_EARLY);
            }
            let text = StrBytes::from_utf8(frame.split_to(len))
                .map_err(|_| CodecError::Header { reason: "the client id is not UTF-8" })?;
            Some(text)
        }
    };
    if api.key.request_header_version(api_version) >= 2 {
        skip_tagged_fields(frame)?;
    }
    Ok(RequestHeader { api_key, api_version, correlation_id, client_id })
}

/// Headers define no tagged field so far; those of the future are skipped.
fn skip_tagged_fields(frame: &mut Bytes) -> Result<(), CodecError> {
    let mut reader = Reader::new(frame);
    reader
        .tagged_fields(|_, _| Ok(false))
        .map_err(|_| CodecError::Header { reason: "the tagged fields of the header are malformed" })?;
    let position = reader.position();
    frame.advance(position);
    Ok(())
}

/// Decodes the body of a request. Bytes behind its last field are ignored, as Apache Kafka does.
pub fn decode_request<R: Request>(version: i16, body: Bytes) -> Result<R, CodecError> {
    let size_bytes = guard::check_prefix(R::KEY, version, Direction::Request, &body)?;
    decode_body(R::KEY, version, body.slice(..size_bytes))
}

/// Encodes a response with its header into one frame.
pub fn encode_response<R: Encodable + HeaderVersion>(
    api_key: i16,
    version: i16,
    correlation_id: i32,
    response: &R,
) -> Result<Frame, CodecError> {
    const USUAL_BYTES: usize = 252;
    let mut builder = FrameBuilder::with_capacity(USUAL_BYTES);
    let buffer = builder.buffer();
    put_response_header(buffer, api_key, version, correlation_id);
    response.encode(buffer, version).map_err(|error| CodecError::encode(api_key, version, error))?;
    builder.finish().map_err(|error| CodecError::encode(api_key, version, error))
}

/// Writes a response header.
pub(crate) fn put_response_header(buffer: &mut BytesMut, api_key: i16, version: i16, correlation_id: i32) {
    buffer.put_i32(correlation_id);
    if ApiKey(api_key).response_header_version(version) >= 1 {
        buffer.put_u8(0);
    }
}

/// Splits a response into its correlation id and its body; `api_key` and `version` are those of the request.
pub fn split_response(api_key: i16, version: i16, mut frame: Bytes) -> Result<(i32, Bytes), CodecError> {
    const ENDS_EARLY: CodecError = CodecError::Header { reason: "the frame ends within the response header" };
    let correlation_id = frame.try_get_i32().map_err(|_| ENDS_EARLY)?;
    if ApiKey(api_key).response_header_version(version) >= 1 {
        skip_tagged_fields(&mut frame)?;
    }
    Ok((correlation_id, frame))
}

/// The correlation id of a response whose request is not known yet: the first four bytes of every response.
pub fn peek_correlation_id(frame: &[u8]) -> Option<i32> {
    frame.first_chunk().map(|bytes| i32::from_be_bytes(*bytes))
}

/// Decodes the body of the response to a request of type `R`.
pub fn decode_response<R: Request>(version: i16, body: Bytes) -> Result<R::Response, CodecError> {
    guard::check(R::KEY, version, Direction::Response, &body)?;
    decode_body(R::KEY, version, body)
}

fn decode_body<T: Decodable>(api_key: i16, version: i16, mut body: Bytes) -> Result<T, CodecError> {
    let message = T::decode(&mut body, version).map_err(|error| CodecError::body(api_key, version, error))?;
    if !body.is_empty() {
        return Err(CodecError::Leftover { api_key, api_version: version, left_bytes: body.len() });
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse, MetadataRequest};

    fn payload(frame: &Frame) -> Bytes {
        frame.to_bytes().unwrap().slice(4..)
    }

    #[test]
    fn a_request_comes_back_as_it_went() {
        for version in [1, 9, 13] {
            let request = MetadataRequest::default().with_topics(None).with_allow_auto_topic_creation(true);
            let mut bytes = payload(&encode_request(version, 7, Some("me"), &request).unwrap());
            let header = decode_request_header(&mut bytes).unwrap();
            assert_eq!((header.api_key, header.api_version, header.correlation_id), (3, version, 7));
            assert_eq!(header.client_id.as_deref(), Some("me"));
            assert_eq!(decode_request::<MetadataRequest>(version, bytes), Ok(request));
        }
    }

    #[test]
    fn unknown_apis_and_versions_still_tell_the_correlation_id() {
        let mut bytes = Bytes::from_static(&[0x7f, 0, 0, 1, 0, 0, 0, 9]);
        assert_eq!(
            decode_request_header(&mut bytes),
            Err(CodecError::UnknownApi { api_key: 0x7f00, api_version: 1, correlation_id: Some(9) })
        );
        for version in [99_i16, -1] {
            let mut bytes = BytesMut::new();
            bytes.put_i16(18);
            bytes.put_i16(version);
            bytes.put_i32(9);
            assert_eq!(
                decode_request_header(&mut bytes.freeze()),
                Err(CodecError::UnsupportedVersion {
                    api_key: 18,
                    api_version: version,
                    correlation_id: Some(9)
                })
            );
        }
    }

    #[test]
    fn a_request_header_cut_anywhere_is_refused() {
        let whole = payload(&encode_request(3, 7, Some("me"), &ApiVersionsRequest::default()).unwrap());
        for len in 0..13 - 2 {
            let mut cut = whole.slice(..len);
            assert!(matches!(decode_request_header(&mut cut), Err(CodecError::Header { .. })), "{len}");
        }
    }

    #[test]
    fn the_response_of_api_versions_has_the_old_header() {
        let response = ApiVersionsResponse::default();
        let bytes = payload(&encode_response(18, 4, 7, &response).unwrap());
        assert_eq!(&bytes[..6], [0, 0, 0, 7, 0, 0], "no tagged fields before the error code");
        let (correlation_id, body) = split_response(18, 4, bytes).unwrap();
        assert_eq!(correlation_id, 7);
        assert_eq!(decode_response::<ApiVersionsRequest>(4, body), Ok(response));
    }

    #[test]
    fn bytes_left_over_are_an_error() {
        let response = ApiVersionsResponse::default();
        let mut bytes = BytesMut::from(&payload(&encode_response(18, 4, 7, &response).unwrap())[4..]);
        bytes.put_u8(0);
        assert!(decode_response::<ApiVersionsRequest>(4, bytes.freeze()).is_err());
    }
}
