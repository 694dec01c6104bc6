//! What a few bytes of a peer may cost: measured as the memory this process really holds, with what C libraries take, or,
//! where many threads take part whose allocator keeps what is free, as what this program asked for.
// A test that fails says where, talks to sockets of its own, and asks the system about its process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::disallowed_types)]

mod support;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_broker::{Broker, BrokerConfig, Limit};
use ottla_wire::ErrorCode;
use ottla_wire::batch::{BatchBuilder, BatchOptions, ProducerStamp};
use ottla_wire::compression::Compression;
use ottla_wire::crc32c::crc32c;
use ottla_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::messages::{ApiVersionsRequest, ListOffsetsRequest, MetadataRequest};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Client, batch, broker, create_topic, produce, produced};
use tokio::sync::{Mutex, MutexGuard};

const MIB: usize = 1 << 20;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Counts what the program holds.
struct Counting;

// SAFETY: every call goes to the system allocator unchanged; the counters are plain integers.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size_bytes: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        grow(size_bytes);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size_bytes) }
    }
}

fn grow(size_bytes: usize) {
    let live = LIVE.fetch_add(size_bytes, Ordering::Relaxed) + size_bytes;
    MOST.fetch_max(live, Ordering::Relaxed);
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Tests of one program run at once, and memory is the whole program's: each test holds it from its first line on.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Memory that was held at most since the start of the measurement, beyond what was held then.
struct Peak {
    before: usize,
    live_before: usize,
}

impl Peak {
    /// Starts; the test holds [`ALONE`].
    fn measure(_alone: &MutexGuard<'_, ()>) -> Self {
        // Sets the peak back to what is held now.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let live_before = LIVE.load(Ordering::Relaxed);
        MOST.store(live_before, Ordering::Relaxed);
        Self { before: status("VmRSS"), live_before }
    }

    /// What was asked for by this program.
    fn asked_bytes(&self) -> usize {
        MOST.load(Ordering::Relaxed).saturating_sub(self.live_before)
    }

    /// What the process held in memory.
    fn bytes(&self) -> usize {
        status("VmHWM").saturating_sub(self.before)
    }
}

/// A line of the kernel's account of this process.
fn status(name: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// A zstd frame of nothing but zeros, four bytes for 128 KiB of them.
fn zstd_of_zeros(size_bytes: usize, window_log: u8) -> Bytes {
    const BLOCK_BYTES: usize = 128 * 1024;
    let mut frame = BytesMut::new();
    frame.put_u32_le(0xFD2F_B528);
    frame.put_u8(0); // No content size, no checksum, no dictionary.
    frame.put_u8((window_log - 10) << 3);
    let blocks = size_bytes / BLOCK_BYTES;
    for block in 1..=blocks {
        let is_last = u32::from(block == blocks);
        let one_byte_repeated = 1;
        frame.put_uint_le(u64::from(is_last | one_byte_repeated << 1 | (BLOCK_BYTES as u32) << 3), 3);
        frame.put_u8(0);
    }
    frame.freeze()
}

/// A batch with these records, compressed by zstd as it says.
fn zstd_batch(records: &[u8]) -> Bytes {
    let mut checked = BytesMut::new();
    checked.put_i16(4); // The codec.
    checked.put_i32(0); // Last offset delta.
    checked.put_i64(0);
    checked.put_i64(0);
    checked.put_i64(-1);
    checked.put_i16(-1);
    checked.put_i32(-1);
    checked.put_i32(1);
    checked.put_slice(records);
    let mut whole = BytesMut::new();
    whole.put_i64(0);
    whole.put_i32(4 + 1 + 4 + checked.len() as i32);
    whole.put_i32(-1);
    whole.put_i8(2);
    whole.put_u32(crc32c(&checked));
    whole.put_slice(&checked);
    whole.freeze()
}

#[tokio::test]
async fn sixteen_kilobytes_that_would_be_half_a_gigabyte_take_what_the_limit_allows() {
    let alone = ALONE.lock().await;
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    // The window is a second copy of what was decompressed last.
    for (window_log, max_bytes) in [(17, 160 * MIB), (27, 300 * MIB)] {
        let bomb = zstd_batch(&zstd_of_zeros(512 * MIB, window_log));
        assert!(bomb.len() < 17_000, "{} bytes", bomb.len());
        let peak = Peak::measure(&alone);
        let before = broker.limits().count(Limit::DecompressedBytes);
        let response = client.call(9, &produce("topic", 0, 1, bomb)).await;
        let refused = produced(&response);
        assert_eq!(ErrorCode(refused.error_code), ErrorCode::MESSAGE_TOO_LARGE);
        let message = refused.error_message.as_deref().unwrap_or_default();
        assert!(message.contains("max.decompressed.message.bytes"), "{message}");
        assert_eq!(broker.limits().count(Limit::DecompressedBytes), before + 1);
        assert!(peak.bytes() < max_bytes, "{} MiB", peak.bytes() / MIB);
    }
}

#[test]
fn many_bombs_at_once_take_what_the_budget_allows() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build().unwrap();
    runtime.block_on(async {
        let alone = ALONE.lock().await;
        let config =
            BrokerConfig::in_memory().with("ottla.max.decompressed.inflight.bytes", "67108864").unwrap();
        let broker = Broker::start(config).await.unwrap();
        let mut bystander = Client::connect(&broker).await;
        create_topic(&mut bystander, "topic", 1).await;
        let bomb = zstd_batch(&zstd_of_zeros(512 * MIB, 17));
        let mut clients = Vec::new();
        for _ in 0..16 {
            let mut client = Client::connect(&broker).await;
            client.call(0, &ApiVersionsRequest::default()).await;
            clients.push(client);
        }
        let peak = Peak::measure(&alone);
        let bombing = clients.into_iter().map(|mut client| {
            let request = produce("topic", 0, 1, bomb.clone()).with_timeout_ms(30_000);
            tokio::spawn(async move { produced(&client.call(9, &request).await).clone() })
        });
        for bombing in bombing.collect::<Vec<_>>() {
            let refused = bombing.await.unwrap();
            assert_eq!(ErrorCode(refused.error_code), ErrorCode::MESSAGE_TOO_LARGE);
            // Here it is less than what the topic would allow.
            let message = refused.error_message.as_deref().unwrap_or_default();
            assert!(message.contains("ottla.max.decompressed.inflight.bytes"), "{message}");
        }
        // The budget, what each thread takes without asking and keeps, and something for requests.
        let most = peak.asked_bytes();
        assert!(most < (64 + 8 * 4 + 16) * MIB, "{} MiB", most / MIB);
        assert!(broker.limits().count(Limit::DecompressedInflightBytes) > 0);
        let response = bystander.call(9, &produce("topic", 0, 1, batch(&["one"]))).await;
        assert_eq!(produced(&response).error_code, 0);
    });
}

#[test]
fn many_lookups_at_once_take_what_the_budget_allows() {
    const PARTITIONS: i32 = 8;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build().unwrap();
    runtime.block_on(async {
        let alone = ALONE.lock().await;
        let config =
            BrokerConfig::in_memory().with("ottla.max.decompressed.inflight.bytes", "67108864").unwrap();
        let broker = Broker::start(config).await.unwrap();
        let mut clients = Vec::new();
        for _ in 0..PARTITIONS {
            let mut client = Client::connect(&broker).await;
            client.call(0, &ApiVersionsRequest::default()).await;
            clients.push(client);
        }
        create_topic(&mut clients[0], "topic", PARTITIONS).await;
        let large = zeros(30 * MIB);
        for index in 0..PARTITIONS {
            let response = clients[0].call(9, &produce("topic", index, 1, large.clone())).await;
            assert_eq!(ErrorCode(produced(&response).error_code), ErrorCode::NONE);
        }
        let peak = Peak::measure(&alone);
        let asking = clients.into_iter().zip(0..).map(|(mut client, index)| {
            let partition = ListOffsetsPartition::default().with_partition_index(index).with_timestamp(0);
            let topic = ListOffsetsTopic::default()
                .with_name(support::topic_name("topic"))
                .with_partitions(vec![partition.with_current_leader_epoch(-1)]);
            let request = ListOffsetsRequest::default().with_topics(vec![topic]);
            tokio::spawn(async move { client.call(7, &request).await.topics[0].partitions[0].clone() })
        });
        for asking in asking.collect::<Vec<_>>() {
            let found = asking.await.unwrap();
            assert_eq!((found.error_code, found.offset, found.timestamp), (0, 0, 1));
        }
        let most = peak.asked_bytes();
        assert!(most < (64 + 8 * 4 + 16) * MIB, "{} MiB", most / MIB);
    });
}

/// A batch of one record of zeros.
fn zeros(size_bytes: usize) -> Bytes {
    let options = BatchOptions { compression: Compression::Zstd { level: 3 }, ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options, BytesMut::new());
    builder.append(1, None, Some(&vec![0; size_bytes]), &[]);
    builder.finish(ProducerStamp::NONE).unwrap()
}

#[tokio::test]
async fn a_batch_that_grows_as_far_as_is_allowed_is_taken() {
    let _alone = ALONE.lock().await;
    // One record of zeros, just below the limit and far beyond what is checked without asking.
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    let response = client.call(9, &produce("topic", 0, 1, zeros(60 * MIB))).await;
    assert_eq!(ErrorCode(produced(&response).error_code), ErrorCode::NONE);
}

#[tokio::test]
async fn few_bytes_that_announce_billions_of_things_take_next_to_nothing() {
    let alone = ALONE.lock().await;
    let broker = broker(&[]).await;
    let mut bystander = Client::connect(&broker).await;
    bystander.call(0, &ApiVersionsRequest::default()).await;
    // Metadata with as many topics as a count can say, of 72 bytes each once decoded: 154 GB.
    let header = |version: i16| {
        let mut request = BytesMut::new();
        request.put_i16(3);
        request.put_i16(version);
        request.put_i32(7);
        request.put_i16(-1);
        request
    };
    let mut plain = header(1);
    plain.put_i32(i32::MAX);
    let mut compact = header(12);
    compact.put_u8(0); // No tagged fields in the header.
    compact.put_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0x07]);
    let peak = Peak::measure(&alone);
    for (request, is_first) in [(&plain, true), (&plain, false), (&compact, true), (&compact, false)] {
        let mut client = Client::connect(&broker).await;
        if !is_first {
            client.call(0, &ApiVersionsRequest::default()).await;
        }
        let mut frame = BytesMut::new();
        frame.put_i32(request.len() as i32);
        frame.put_slice(request);
        assert!(frame.len() < 24);
        client.write(&frame).await;
        client.expect_close().await;
    }
    assert!(peak.bytes() < 16 * MIB, "{} MiB", peak.bytes() / MIB);
    bystander.call(1, &MetadataRequest::default().with_topics(None)).await;
}
