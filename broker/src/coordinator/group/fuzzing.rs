//! Records of `__consumer_offsets` from anywhere.

use super::config::GroupConfig;
use super::places::Places;
use super::records::GroupRecord;
use super::shard::GroupShard;
use crate::config::BrokerConfig;
use crate::coordinator::shard::{Now, Shard as _, TransactionalProducer};
use crate::fuzzing::Input;
use bytes::BytesMut;
use ottla_env::{Env, RngRoot};
use std::sync::Arc;

/// So many deadlines are let pass.
const TIMEOUTS_MAX: usize = 64;

/// Any keys and values: refused or understood; what is understood survives being written again and is replayed into a
/// shard, whose groups then live through their deadlines.
pub fn coordinator_records(input: &[u8]) {
    let mut input = Input(input);
    let config = Arc::new(GroupConfig::new(&BrokerConfig::in_memory()));
    let mut shard = GroupShard::new(config, Places::default(), RngRoot::from_seed(1).child("groups"));
    let mut now = Now { instant: Env::system().now(), wall_ms: 1_000_000 };
    let loaded_at = usize::from(input.byte());
    let mut offset = 0;
    while !input.is_empty() {
        if offset as usize == loaded_at {
            shard.handle_loaded(now);
        }
        let act = input.byte();
        let producer = (act & 3 == 3)
            .then_some(TransactionalProducer { producer_id: i64::from(act >> 4), producer_epoch: 0 });
        if let (Some(producer), true) = (producer, act & 4 != 0) {
            shard.replay_end_transaction(producer, act & 8 != 0);
            continue;
        }
        let (key_len, value_len) = (input.number(), input.number());
        let (key, value) = (input.bytes(key_len), input.bytes(value_len));
        let value = (value_len != usize::from(u16::MAX)).then_some(value);
        let Ok(Some(record)) = GroupRecord::decode(key, value) else { continue };
        let (mut again_key, mut again_value) = (BytesMut::new(), BytesMut::new());
        let has_value =
            record.encode(&mut again_key, &mut again_value).expect("what was read can be written");
        let again = GroupRecord::decode(&again_key, has_value.then_some(&again_value[..]));
        let again = again.expect("what was written can be read").expect("of the same kind");
        // Times and versions that mean nothing are not kept, so that only the second writing must equal the first.
        let (mut twice_key, mut twice_value) = (BytesMut::new(), BytesMut::new());
        again.encode(&mut twice_key, &mut twice_value).expect("what was written can be written again");
        assert_eq!((twice_key, twice_value), (again_key, again_value));
        shard.replay(&record, offset, producer);
        offset += 1;
    }
    if offset as usize <= loaded_at {
        shard.handle_loaded(now);
    }
    for _ in 0..TIMEOUTS_MAX {
        while let Some(write) = shard.poll_write() {
            for record in &write.records {
                shard.replay(record, offset, write.producer);
                offset += 1;
            }
            shard.handle_written(write.then, Ok(()), now);
        }
        while shard.poll_reply().is_some() {}
        let Some(next) = shard.poll_timeout() else { break };
        let passed = next.saturating_duration_since(now.instant);
        now = Now {
            instant: next.max(now.instant),
            wall_ms: now.wall_ms.saturating_add(passed.as_millis() as i64),
        };
        shard.handle_timeout(now);
    }
}
