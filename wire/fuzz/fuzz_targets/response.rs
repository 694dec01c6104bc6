//! Responses: the first two bytes say which API and version was asked for, the rest is the frame a client reads.
#![no_main]

#[path = "../../tests/typed/mod.rs"]
mod typed;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ottla_wire::{api_version, codec, fetch, guard::Direction};

fuzz_target!(|data: &[u8]| {
    let Some(([key, version], frame)) = data.split_first_chunk() else { return };
    let (key, version) = (i16::from(*key), i16::from(*version));
    if !api_version::supported(key).is_some_and(|range| range.contains(&version)) {
        return;
    }
    let Ok((_, body)) = codec::split_response(key, version, Bytes::copy_from_slice(frame)) else { return };
    let typed = typed::decode(key, version, Direction::Response, &body).expect("a supported API is typed");
    if key == 1 {
        let ours = fetch::decode_fetch_response(version, body.clone());
        assert!(ours.is_ok() || typed.is_err(), "the typed decoder accepts what ours refuses: {ours:?}");
    }
    if typed.is_ok() {
        let again = typed::round_trip(key, version, Direction::Response, &body).unwrap();
        let again = again.expect("what was decoded can be encoded");
        let third = typed::round_trip(key, version, Direction::Response, &again).unwrap();
        assert_eq!(third, Ok(again));
    }
});
