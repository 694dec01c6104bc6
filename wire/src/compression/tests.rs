use super::*;
use proptest::prelude::*;

const COMPRESSED: [Codec; 4] = [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

/// 512 MiB of zeros; 16 KiB with zstd.
fn bomb(codec: Codec) -> Vec<u8> {
    let mut bytes = Vec::new();
    let zeros = vec![0u8; 32 << 20];
    let mut member = Vec::new();
    compress(codec.into(), &zeros, &mut member).unwrap();
    for _ in 0..16 {
        bytes.extend_from_slice(&member);
    }
    bytes
}

#[test]
fn a_bomb_is_stopped_at_the_limit_with_memory_of_the_limit() {
    let limit_bytes = 1 << 20;
    for codec in COMPRESSED {
        let bytes = bomb(codec);
        let mut output = Vec::new();
        let error = decompress_into(codec, &bytes, limit_bytes, &mut output).unwrap_err();
        assert_eq!(error, DecompressError::TooLarge { limit_bytes }, "{codec:?}");
        assert!(output.capacity() <= limit_bytes + 1, "{codec:?} took {} bytes", output.capacity());
    }
}

#[test]
fn a_zstd_frame_of_16_kib_for_512_mib_is_stopped_at_the_default_limit() {
    let mut encoder = ::zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..512 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let bytes = encoder.finish().unwrap();
    assert!(bytes.len() < 64 << 10);
    let limit_bytes = DEFAULT_MAX_DECOMPRESSED_BYTES;
    assert_eq!(decompress(Codec::Zstd, &bytes, limit_bytes), Err(DecompressError::TooLarge { limit_bytes }));
}

#[test]
fn the_limit_itself_is_allowed() {
    let input = vec![3u8; 200_000];
    for codec in Codec::ALL {
        let mut bytes = Vec::new();
        compress(codec.into(), &input, &mut bytes).unwrap();
        assert!(decompress(codec, &bytes, input.len()).unwrap() == input, "{codec:?}");
        let limit_bytes = input.len() - 1;
        let error = decompress(codec, &bytes, limit_bytes).unwrap_err();
        assert_eq!(error, DecompressError::TooLarge { limit_bytes }, "{codec:?}");
    }
}

#[test]
fn empty_input_is_not_a_stream() {
    for codec in COMPRESSED {
        assert!(decompress(codec, b"", 100).is_err(), "{codec:?}");
    }
}

#[test]
fn names_and_ids_lead_back_to_their_codec() {
    for codec in Codec::ALL {
        assert_eq!(Codec::from_id(codec.id()), Some(codec));
        assert_eq!(Codec::from_name(codec.name()), Some(codec));
        assert_eq!(Compression::from(codec).codec(), codec);
    }
    assert_eq!(Codec::from_id(5), None);
    assert_eq!(Codec::from_name("producer"), None);
}

fn compression() -> impl Strategy<Value = Compression> {
    prop_oneof![
        Just(Compression::None),
        (-1..=9).prop_map(|level| Compression::Gzip { level }),
        Just(Compression::Snappy),
        (1..=17).prop_map(|level| Compression::Lz4 { level }),
        (-5..=5).prop_map(|level| Compression::Zstd { level }),
    ]
}

proptest! {
    #[test]
    fn compressed_bytes_survive_a_round_trip(
        compression in compression(),
        piece in proptest::collection::vec(any::<u8>(), 0..60),
        repeats in 0usize..40,
    ) {
        let input = piece.repeat(repeats);
        let mut bytes = b"prefix".to_vec();
        compress(compression, &input, &mut bytes).unwrap();
        prop_assert_eq!(&bytes[..6], b"prefix");
        prop_assert_eq!(decompress(compression.codec(), &bytes[6..], input.len()).unwrap(), input);
    }

    #[test]
    fn damaged_bytes_are_refused_or_stay_within_the_limit(
        compression in compression(),
        piece in proptest::collection::vec(any::<u8>(), 1..40),
        repeats in 1usize..30,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Vec::new();
        compress(compression, &piece.repeat(repeats), &mut bytes).unwrap();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut output = Vec::new();
        for input in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if decompress_into(compression.codec(), input, 2000, &mut output).is_ok() {
                prop_assert!(output.len() <= 2000);
            }
        }
    }
}
