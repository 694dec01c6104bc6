//! Requests: a whole frame as a broker reads it, header and body.
//!
//! What the decoder accepts must encode again, and decode to the same bytes from there on.
#![no_main]

#[path = "../../tests/typed/mod.rs"]
mod typed;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ottla_wire::{api_version, codec, guard::Direction, produce};

fuzz_target!(|data: &[u8]| {
    let mut body = Bytes::copy_from_slice(data);
    let Ok(header) = codec::decode_request_header(&mut body) else { return };
    let (key, version) = (header.api_key, header.api_version);
    if !api_version::supported(key).is_some_and(|range| range.contains(&version)) {
        return;
    }
    let typed = typed::decode(key, version, Direction::Request, &body).expect("a supported API is typed");
    if key == 0 {
        let ours = produce::decode_produce_request(version, body.clone());
        assert!(ours.is_ok() || typed.is_err(), "the typed decoder accepts what ours refuses: {ours:?}");
    }
    if typed.is_ok() {
        let again = typed::round_trip(key, version, Direction::Request, &body).unwrap();
        let again = again.expect("what was decoded can be encoded");
        // Bytes behind the last field are ignored, but justify memory for unknown tagged fields; the encoding has none.
        let mut padded = again.to_vec();
        padded.resize(again.len().max(body.len()), 0);
        let third = typed::round_trip(key, version, Direction::Request, &padded.into()).unwrap();
        assert_eq!(third, Ok(again));
    }
});
