//! Every typed message, reached by API key: decoded through the guard and encoded again.
#![allow(dead_code, reason = "each test uses its part")]

use bytes::{Bytes, BytesMut};
use ottla_wire::{
    codec::{self, CodecError},
    for_each_request,
    guard::Direction,
    protocol::{Encodable, Request},
};

/// Decodes a body; `None` when there is no typed message of that key.
pub(crate) fn decode(
    api_key: i16,
    version: i16,
    direction: Direction,
    body: &Bytes,
) -> Option<Result<(), CodecError>> {
    macro_rules! dispatch {
        ($($request:ty),* $(,)?) => {
            match api_key {
                $(<$request as Request>::KEY => Some(match direction {
                    Direction::Request => codec::decode_request::<$request>(version, body.clone()).map(drop),
                    Direction::Response => codec::decode_response::<$request>(version, body.clone()).map(drop),
                }),)*
                _ => None,
            }
        };
    }
    for_each_request!(dispatch)
}

/// Decodes a body and encodes what was understood; `None` when there is no typed message of that key.
pub(crate) fn round_trip(
    api_key: i16,
    version: i16,
    direction: Direction,
    body: &Bytes,
) -> Option<Result<Bytes, String>> {
    macro_rules! dispatch {
        ($($request:ty),* $(,)?) => {
            match api_key {
                $(<$request as Request>::KEY => Some(one::<$request>(version, direction, body)),)*
                _ => None,
            }
        };
    }
    for_each_request!(dispatch)
}

fn one<R: Request>(version: i16, direction: Direction, body: &Bytes) -> Result<Bytes, String> {
    let mut encoded = BytesMut::new();
    match direction {
        Direction::Request => {
            let request: R =
                codec::decode_request(version, body.clone()).map_err(|error| error.to_string())?;
            request.encode(&mut encoded, version).map_err(|error| format!("encode: {error:#}"))?;
        }
        Direction::Response => {
            let response =
                codec::decode_response::<R>(version, body.clone()).map_err(|error| error.to_string())?;
            response.encode(&mut encoded, version).map_err(|error| format!("encode: {error:#}"))?;
        }
    }
    Ok(encoded.freeze())
}
