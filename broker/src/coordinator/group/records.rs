//! The records of `__consumer_offsets` in Kafka's own formats.
//!
//! Reads every version of the records of classic groups and committed offsets; writes OffsetCommitValue version 4 (1 when
//! the offset carries its own expiry) and GroupMetadataValue version 3, as Kafka 4.4 does. Records of other kinds of
//! groups are left to those who know them. Written by hand: commits are the hot path of a coordinator.

use crate::coordinator::shard::BadRecord;
use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::varint::{put_unsigned_varint, read_unsigned_varint};
use std::sync::Arc;
use uuid::Uuid;

const LEGACY_OFFSET_COMMIT: i16 = 0;
const OFFSET_COMMIT: i16 = 1;
const GROUP_METADATA: i16 = 2;
/// Tag of the topic id in an offset's value.
const TOPIC_ID_TAG: u32 = 0;

/// A record that this coordinator acts upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupRecord {
    /// An offset was committed, or (no value) forgotten.
    Offset { group: Arc<str>, topic: Arc<str>, partition: i32, value: Option<CommittedOffset> },
    /// A classic group is in a new generation, or (no value) gone.
    Metadata { group: Arc<str>, value: Option<GroupMetadata> },
}

/// An offset as it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommittedOffset {
    pub(crate) offset: i64,
    /// -1: not known.
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: Arc<str>,
    pub(crate) commit_timestamp_ms: i64,
    /// Set by clients that asked for a retention of their own; -1 otherwise.
    pub(crate) expire_timestamp_ms: i64,
    /// Nil when not known.
    pub(crate) topic_id: Uuid,
}

/// A classic group's generation.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct GroupMetadata {
    pub(crate) protocol_type: Arc<str>,
    pub(crate) generation: i32,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<Arc<str>>,
    /// When the group came into its state; -1: not known.
    pub(crate) current_state_timestamp_ms: i64,
    pub(crate) members: Vec<MemberMetadata>,
}

/// A member of a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberMetadata {
    pub(crate) member_id: Arc<str>,
    pub(crate) group_instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    pub(crate) subscription: Bytes,
    pub(crate) assignment: Bytes,
}

impl GroupRecord {
    /// Writes key and value; `false`: the value is null.
    pub(crate) fn encode(&self, key: &mut BytesMut, value: &mut BytesMut) -> Result<bool, BadRecord> {
        match self {
            Self::Offset { group, topic, partition, value: offset } => {
                key.put_i16(OFFSET_COMMIT);
                put_string(key, group)?;
                put_string(key, topic)?;
                key.put_i32(*partition);
                let Some(offset) = offset else { return Ok(false) };
                offset.encode(value)?;
            }
            Self::Metadata { group, value: metadata } => {
                key.put_i16(GROUP_METADATA);
                put_string(key, group)?;
                let Some(metadata) = metadata else { return Ok(false) };
                metadata.encode(value)?;
            }
        }
        Ok(true)
    }

    /// Reads a record; `None` for one of a kind that is not for classic groups.
    pub(crate) fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, BadRecord> {
        let mut key = Fields::new("key", key);
        match key.i16()? {
            LEGACY_OFFSET_COMMIT | OFFSET_COMMIT => {
                let (group, topic, partition) = (key.string()?, key.string()?, key.i32()?);
                let value = value.map(CommittedOffset::decode).transpose()?;
                Ok(Some(Self::Offset { group, topic, partition, value }))
            }
            GROUP_METADATA => {
                let group = key.string()?;
                let value = value.map(GroupMetadata::decode).transpose()?;
                Ok(Some(Self::Metadata { group, value }))
            }
            _ => Ok(None),
        }
    }
}

impl CommittedOffset {
    fn encode(&self, out: &mut BytesMut) -> Result<(), BadRecord> {
        // Only version 1 can say when an offset expires; it has neither leader epoch nor topic id.
        if self.expire_timestamp_ms >= 0 {
            out.put_i16(1);
            out.put_i64(self.offset);
            put_string(out, &self.metadata)?;
            out.put_i64(self.commit_timestamp_ms);
            out.put_i64(self.expire_timestamp_ms);
            return Ok(());
        }
        out.put_i16(4);
        out.put_i64(self.offset);
        out.put_i32(self.leader_epoch);
        put_unsigned_varint(out, length(self.metadata.len())? + 1);
        out.put_slice(self.metadata.as_bytes());
        out.put_i64(self.commit_timestamp_ms);
        if self.topic_id.is_nil() {
            put_unsigned_varint(out, 0);
        } else {
            put_unsigned_varint(out, 1);
            put_unsigned_varint(out, TOPIC_ID_TAG);
            put_unsigned_varint(out, 16);
            out.put_slice(self.topic_id.as_bytes());
        }
        Ok(())
    }

    fn decode(value: &[u8]) -> Result<Self, BadRecord> {
        let mut fields = Fields::new("offset", value);
        let version = fields.version(4)?;
        let offset = fields.i64()?;
        let leader_epoch = if version >= 3 { fields.i32()? } else { -1 };
        let metadata = if version >= 4 { fields.compact_string()? } else { fields.string()? };
        let commit_timestamp_ms = fields.i64()?;
        let expire_timestamp_ms = if version == 1 { fields.i64()? } else { -1 };
        let mut topic_id = Uuid::nil();
        if version >= 4 {
            fields.tagged(|tag, bytes| {
                if tag == TOPIC_ID_TAG {
                    topic_id = Uuid::from_slice(bytes).map_err(|error| BadRecord(error.to_string()))?;
                }
                Ok(())
            })?;
        }
        Ok(Self { offset, leader_epoch, metadata, commit_timestamp_ms, expire_timestamp_ms, topic_id })
    }
}

impl GroupMetadata {
    fn encode(&self, out: &mut BytesMut) -> Result<(), BadRecord> {
        out.put_i16(3);
        put_string(out, &self.protocol_type)?;
        out.put_i32(self.generation);
        put_nullable_string(out, self.protocol.as_deref())?;
        put_nullable_string(out, self.leader.as_deref())?;
        out.put_i64(self.current_state_timestamp_ms);
        out.put_u32(length(self.members.len())?);
        for member in &self.members {
            put_string(out, &member.member_id)?;
            put_nullable_string(out, member.group_instance_id.as_deref())?;
            put_string(out, &member.client_id)?;
            put_string(out, &member.client_host)?;
            out.put_i32(member.rebalance_timeout_ms);
            out.put_i32(member.session_timeout_ms);
            for bytes in [&member.subscription, &member.assignment] {
                out.put_u32(length(bytes.len())?);
                out.put_slice(bytes);
            }
        }
        Ok(())
    }

    fn decode(value: &[u8]) -> Result<Self, BadRecord> {
        let mut fields = Fields::new("group", value);
        let version = fields.version(4)?;
        fields.flexible = version >= 4;
        let protocol_type = fields.any_string()?.unwrap_or_default();
        let generation = fields.i32()?;
        let protocol = fields.any_string()?;
        let leader = fields.any_string()?;
        let current_state_timestamp_ms = if version >= 2 { fields.i64()? } else { -1 };
        let count = if fields.flexible {
            (fields.unsigned_varint()? as usize).saturating_sub(1)
        } else {
            usize::try_from(fields.i32()?).unwrap_or(0)
        };
        let mut members = Vec::new();
        for _ in 0..count {
            let member_id = fields.any_string()?.unwrap_or_default();
            let group_instance_id = if version >= 3 { fields.any_string()? } else { None };
            let client_id = fields.any_string()?.unwrap_or_default();
            let client_host = fields.any_string()?.unwrap_or_default();
            let own_rebalance_timeout_ms = if version >= 1 { Some(fields.i32()?) } else { None };
            let session_timeout_ms = fields.i32()?;
            members.push(MemberMetadata {
                member_id,
                group_instance_id,
                client_id,
                client_host,
                rebalance_timeout_ms: own_rebalance_timeout_ms.unwrap_or(session_timeout_ms),
                session_timeout_ms,
                subscription: fields.any_bytes()?,
                assignment: fields.any_bytes()?,
            });
            if fields.flexible {
                fields.tagged(|_, _| Ok(()))?;
            }
        }
        Ok(Self { protocol_type, generation, protocol, leader, current_state_timestamp_ms, members })
    }
}

fn length(length: usize) -> Result<u32, BadRecord> {
    // One less than fits, as compact lengths count one more.
    i32::try_from(length).ok().and_then(|length| u32::try_from(length).ok()).ok_or_else(|| too_long(length))
}

fn too_long(length: usize) -> BadRecord {
    BadRecord(format!("{length} bytes do not fit a record's field"))
}

fn put_string(out: &mut BytesMut, text: &str) -> Result<(), BadRecord> {
    out.put_i16(i16::try_from(text.len()).map_err(|_| too_long(text.len()))?);
    out.put_slice(text.as_bytes());
    Ok(())
}

fn put_nullable_string(out: &mut BytesMut, text: Option<&str>) -> Result<(), BadRecord> {
    match text {
        Some(text) => put_string(out, text),
        None => {
            out.put_i16(-1);
            Ok(())
        }
    }
}

/// Reads fields from the front of a slice.
pub(super) struct Fields<'a> {
    what: &'static str,
    rest: &'a [u8],
    flexible: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes, flexible: false }
    }

    fn short(&self) -> BadRecord {
        BadRecord(format!("{} ends too early", self.what))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BadRecord> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadRecord> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.short())?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn i16(&mut self) -> Result<i16, BadRecord> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    pub(super) fn i32(&mut self) -> Result<i32, BadRecord> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    fn i64(&mut self) -> Result<i64, BadRecord> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    fn unsigned_varint(&mut self) -> Result<u32, BadRecord> {
        let mut position = 0;
        let value = read_unsigned_varint(self.rest, &mut position).ok_or_else(|| self.short())?;
        self.rest = &self.rest[position..];
        Ok(value)
    }

    fn version(&mut self, newest: i16) -> Result<i16, BadRecord> {
        let version = self.i16()?;
        if (0..=newest).contains(&version) {
            return Ok(version);
        }
        Err(BadRecord(format!("{} of version {version}, newest known is {newest}", self.what)))
    }

    fn text(&self, bytes: &'a [u8]) -> Result<Arc<str>, BadRecord> {
        let text = std::str::from_utf8(bytes);
        text.map(Arc::from).map_err(|error| BadRecord(format!("{}: {error}", self.what)))
    }

    pub(super) fn string(&mut self) -> Result<Arc<str>, BadRecord> {
        self.nullable_string()?.ok_or_else(|| BadRecord(format!("{} has a null string", self.what)))
    }

    fn nullable_string(&mut self) -> Result<Option<Arc<str>>, BadRecord> {
        match self.i16()? {
            -1 => Ok(None),
            length => {
                let bytes = self.take(usize::try_from(length).map_err(|_| self.short())?)?;
                self.text(bytes).map(Some)
            }
        }
    }

    fn compact_string(&mut self) -> Result<Arc<str>, BadRecord> {
        self.compact_bytes()?.map_or_else(|| Ok(Arc::from("")), |bytes| self.text(bytes))
    }

    fn compact_bytes(&mut self) -> Result<Option<&'a [u8]>, BadRecord> {
        match self.unsigned_varint()? {
            0 => Ok(None),
            length => self.take(length as usize - 1).map(Some),
        }
    }

    fn any_string(&mut self) -> Result<Option<Arc<str>>, BadRecord> {
        if !self.flexible {
            return self.nullable_string();
        }
        self.compact_bytes()?.map(|bytes| self.text(bytes)).transpose()
    }

    fn any_bytes(&mut self) -> Result<Bytes, BadRecord> {
        let bytes = if self.flexible {
            self.compact_bytes()?.unwrap_or_default()
        } else {
            let length = self.i32()?;
            self.take(usize::try_from(length).map_err(|_| self.short())?)?
        };
        Ok(Bytes::copy_from_slice(bytes))
    }

    fn tagged(
        &mut self,
        mut field: impl FnMut(u32, &[u8]) -> Result<(), BadRecord>,
    ) -> Result<(), BadRecord> {
        for _ in 0..self.unsigned_varint()? {
            let tag = self.unsigned_varint()?;
            let size = self.unsigned_varint()? as usize;
            field(tag, self.take(size)?)?;
        }
        Ok(())
    }
}

/// The topics a consumer subscribed to, from its metadata in a JoinGroup; `None` when it is not of that shape.
pub(super) fn subscribed_topics(metadata: &[u8]) -> Option<Vec<Arc<str>>> {
    let mut fields = Fields::new("subscription", metadata);
    if fields.i16().ok()? < 0 {
        return None;
    }
    let count = fields.i32().ok()?;
    (0..count).map(|_| fields.string().ok()).collect()
}
