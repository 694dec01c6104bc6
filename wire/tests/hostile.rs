//! What a hostile peer can make a decoder do: nothing but refuse, within memory bounded by the size of the frame.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may fail it")]

mod typed;
mod vectors_file;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use bytes::Bytes;
use ottla_wire::{
    api_version,
    codec::{self, CodecError},
    fetch,
    guard::{self, Direction, Fault},
    messages::*,
    produce,
    schema::{
        self, Struct, Type,
        value::{self, StructValue, Value},
    },
};
use proptest::prelude::*;
use vectors_file::{Vector, vectors};

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Counts what each thread holds.
struct Counting;

// SAFETY: every call goes to the system allocator unchanged; the counters are plain thread-local integers.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(size: isize) {
    // Threads that are ending have no counters any more.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + size);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Most bytes held at once by `work`, beyond what was held before.
fn peak_bytes<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = work();
    (usize::try_from(PEAK.get() - before).unwrap_or(0), result)
}

/// What may be held for a body of `len` bytes. The constant is the few unknown tagged fields that any body may have.
fn bound(len: usize) -> usize {
    len * 64 + 8 * 1024
}

/// Decodes in every way there is; every way must stay within the bound.
fn decode_all(message: &'static schema::Message, version: i16, body: &Bytes) {
    let within = |what: &str, peak: usize| {
        assert!(
            peak <= bound(body.len()),
            "{} v{version} {what}: {peak} bytes for a body of {}",
            message.name,
            body.len()
        );
    };
    let (peak, guarded) = peak_bytes(|| guard::check_message(message, version, body).is_ok());
    assert_eq!(peak, 0, "the guard allocates");
    let (_, tree) = peak_bytes(|| value::decode(message, version, body).is_ok());
    assert_eq!(guarded, tree, "the tree reads whatever the guard accepts");
    let direction = match message.kind {
        schema::Kind::Request => Direction::Request,
        schema::Kind::Response => Direction::Response,
        _ => return,
    };
    if api_version::supported(message.key).is_some_and(|range| range.contains(&version)) {
        let (peak, decoded) =
            peak_bytes(|| typed::decode(message.key, version, direction, body).unwrap().is_ok());
        within("typed", peak);
        // Behind a request, bytes may be left over.
        let accepted = match direction {
            Direction::Request => guard::check_prefix(message.key, version, direction, body).is_ok(),
            Direction::Response => guarded,
        };
        assert!(accepted || !decoded);
        match (message.key, direction) {
            (0, Direction::Request) => {
                let (peak, ours) =
                    peak_bytes(|| produce::decode_produce_request(version, body.clone()).is_ok());
                within("produce", peak);
                // It drops unknown tagged fields, and so need not limit them.
                assert!(ours || !decoded);
            }
            (1, Direction::Response) => {
                let (peak, ours) = peak_bytes(|| fetch::decode_fetch_response(version, body.clone()).is_ok());
                within("fetch", peak);
                // It drops unknown tagged fields, and so need not limit them.
                assert!(ours || !decoded);
            }
            _ => {}
        }
    }
}

#[test]
fn a_tiny_request_that_claims_two_billion_elements_is_refused() {
    // Metadata version 1: the count is all there is. The typed decoder alone asks for 206 GB and aborts.
    let body = Bytes::from_static(&[0x7f, 0xff, 0xff, 0xff]);
    let (peak, result) = peak_bytes(|| codec::decode_request::<MetadataRequest>(1, body));
    let Err(CodecError::Guard(error)) = result else { panic!("{result:?}") };
    assert_eq!(error.fault, Fault::CountPastEnd { count: 0x7fff_ffff, left_bytes: 0 });
    assert_eq!((error.message, error.field), ("MetadataRequest", "topics"));
    assert_eq!(peak, 0);
    // The same in compact form, as Metadata version 12 has it.
    let body = Bytes::from_static(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]);
    assert!(matches!(codec::decode_request::<MetadataRequest>(12, body), Err(CodecError::Guard(_))));
}

#[test]
fn a_tiny_response_that_claims_two_billion_elements_is_refused() {
    let body = Bytes::from_static(&[0, 0, 0x7f, 0xff, 0xff, 0xff]);
    let (peak, result) = peak_bytes(|| codec::decode_response::<ApiVersionsRequest>(0, body));
    assert!(matches!(result, Err(CodecError::Guard(_))), "{result:?}");
    assert_eq!(peak, 0);
    let body = Bytes::from_static(&[0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
    assert!(fetch::decode_fetch_response(4, body.clone()).is_err());
    assert!(codec::decode_response::<FetchRequest>(4, body).is_err());
}

#[test]
fn every_length_field_may_lie() {
    const LIES: &[&[u8]] = &[
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xfe],
        &[0xff, 0xff, 0xff, 0xff],
        &[0, 0, 0, 0],
        &[0x7f, 0xff],
        &[0xff, 0xfe],
        &[0],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for vector in vectors().iter().filter(|vector| vector.variant == "full") {
        let body = vector.body();
        for at in 0..body.len() {
            for lie in LIES.iter().filter(|lie| at + lie.len() <= body.len()) {
                let mut lying = body.to_vec();
                lying[at..at + lie.len()].copy_from_slice(lie);
                decode_all(vector.schema(), vector.version, &Bytes::from(lying));
            }
        }
    }
}

/// A struct whose arrays hold `counts[depth]` elements at each depth, and else as few bytes as can be.
fn filled(structure: &'static Struct, version: i16, counts: &[usize], options: Options) -> StructValue {
    let mut value = StructValue::new();
    for field in structure.fields.iter().filter(|field| field.versions.contains(version)) {
        if field.tag >= 0 && !options.tagged {
            continue;
        }
        let nullable = field.nullable.contains(version);
        let (count, deeper) = counts.split_first().map_or((0, counts), |(count, deeper)| (*count, deeper));
        let filling = match field.kind {
            Type::Array(Type::Struct(element)) => {
                let element = Value::Struct(filled(element, version, deeper, options));
                Value::Array(vec![element; count])
            }
            Type::Array(element) => Value::Array(vec![smallest(element); count]),
            Type::Struct(_) if nullable && !options.structs => Value::Null,
            Type::Struct(structure) => Value::Struct(filled(structure, version, counts, options)),
            _ if nullable && field.tag < 0 => Value::Null,
            ref kind => smallest(kind),
        };
        value.set(field.name, filling);
    }
    if options.unknown_tag {
        value.unknown_tagged_fields.push((9_999, Bytes::new()));
    }
    value
}

fn smallest(kind: &Type) -> Value {
    match kind {
        Type::Bool => Value::Bool(false),
        Type::Float64 => Value::Float(0.0),
        Type::Uuid => Value::Uuid(uuid::Uuid::nil()),
        Type::String => Value::String(Default::default()),
        Type::Bytes | Type::Records => Value::Bytes(Bytes::new()),
        Type::Array(_) => Value::Array(Vec::new()),
        Type::Struct(_) => panic!("filled above"),
        _ => Value::Int(0),
    }
}

#[derive(Debug, Clone, Copy)]
struct Options {
    /// Tagged fields are present.
    tagged: bool,
    /// Nullable structs are present.
    structs: bool,
    /// Every struct has a tagged field nobody knows.
    unknown_tag: bool,
}

#[test]
fn decoding_holds_at_most_64_bytes_for_each_byte_of_the_frame() {
    const SHAPES: &[&[usize]] =
        &[&[2000], &[1, 2000], &[1, 1, 2000], &[300, 1], &[20, 20, 1], &[60, 1, 1, 1]];
    let mut accepted = 0;
    for message in schema::messages() {
        for version in message.versions.min..=message.versions.max {
            for shape in SHAPES {
                for bits in 0..8 {
                    let options =
                        Options { tagged: bits & 1 > 0, structs: bits & 2 > 0, unknown_tag: bits & 4 > 0 };
                    if options.unknown_tag && !message.is_flexible(version) {
                        continue;
                    }
                    let value = filled(message.root, version, shape, options);
                    let body = value::encode(message, version, &value).unwrap();
                    accepted += usize::from(guard::check_message(message, version, &body).is_ok());
                    decode_all(message, version, &body);
                }
            }
        }
    }
    assert!(accepted > 10_000, "{accepted} bodies got past the guard");
}

fn vector() -> impl Strategy<Value = Vector> {
    any::<prop::sample::Index>().prop_map(|index| index.get(vectors()).clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn mutated_bodies_are_read_or_refused(
        vector in vector(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = vector.body().to_vec();
        for (at, byte, what) in mutations {
            let at = at.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(at, byte),
                _ if at == bytes.len() => {}
                1 => drop(bytes.remove(at)),
                2 => bytes[at] ^= 1 << (byte % 8),
                _ => bytes[at] = byte,
            }
        }
        decode_all(vector.schema(), vector.version, &Bytes::from(bytes));
    }

    #[test]
    fn any_bytes_are_a_frame_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut frame = Bytes::from(bytes);
        for version in [0, 4, 9, 12] {
            let _ = codec::split_response(3, version, frame.clone());
        }
        let _ = codec::decode_request_header(&mut frame);
    }

    #[test]
    fn what_a_tree_holds_it_encodes_and_reads_again(
        vector in vector(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = vector.body().to_vec();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(Value::Struct(tree)) = value::decode(vector.schema(), vector.version, &Bytes::from(bytes)) {
            let again = value::encode(vector.schema(), vector.version, &tree).unwrap();
            let Value::Struct(tree_again) = value::decode(vector.schema(), vector.version, &again).unwrap() else {
                panic!("a message is a struct")
            };
            let third = value::encode(vector.schema(), vector.version, &tree_again).unwrap();
            prop_assert_eq!(again, third);
        }
    }
}
