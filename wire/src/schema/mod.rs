//! Kafka's message schemas as static tables, for every API and for the records of internal logs.
//!
//! Generated from `schema/*.jsonl`. [`crate::guard`] walks untrusted bytes along them; [`value`] turns any message
//! of any version into a tree and back, also those the typed messages lack.

mod json;
mod reader;
pub mod value;

pub use reader::Fault;
pub(crate) use reader::{Reader, check_tag};

/// An inclusive range of versions; empty when `max < min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The first version.
    pub min: i16,
    /// The last version; `i16::MAX` when open-ended.
    pub max: i16,
}

impl Versions {
    /// Whether `version` lies in the range.
    #[inline]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }
}

/// What a message is, and thereby what its key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A request; the key is the API key.
    Request,
    /// A response; the key is the API key.
    Response,
    /// A request or response header; without key.
    Header,
    /// Data inside messages, control batches or files of a log; without key.
    Data,
    /// A record of the metadata log; the key is the record type.
    MetadataRecord,
    /// A record of `__remote_log_metadata`; the key is the record type.
    RemoteLogRecord,
    /// The key of a record in `__consumer_offsets`; the key here is its leading version number.
    GroupKey,
    /// The value of a record in `__consumer_offsets`.
    GroupValue,
    /// The key of a record in `__transaction_state`.
    TransactionKey,
    /// The value of a record in `__transaction_state`.
    TransactionValue,
    /// The key of a record in `__share_group_state`.
    ShareKey,
    /// The value of a record in `__share_group_state`.
    ShareValue,
}

/// The schema of one message.
#[derive(Debug)]
pub struct Message {
    /// Kafka's name, as in `FetchRequest`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// API key, record type or record key version; -1 where there is none.
    pub key: i16,
    /// The versions that exist.
    pub versions: Versions,
    /// First version with compact lengths and tagged fields; `i16::MAX` for never.
    pub flexible_from: i16,
    /// False while the newest version may still change.
    pub latest_version_stable: bool,
    /// Its fields.
    pub root: &'static Struct,
}

/// A struct of a message.
#[derive(Debug)]
pub struct Struct {
    /// Kafka's name of the struct.
    pub name: &'static str,
    /// The smallest encoding in each version, from version 0.
    pub min_sizes: &'static [u32],
    /// Its fields, in wire order.
    pub fields: &'static [Field],
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Kafka's name with a lower first letter, as in its JSON form.
    pub name: &'static str,
    /// The versions that have it.
    pub versions: Versions,
    /// The versions in which it may be null.
    pub nullable: Versions,
    /// Its tag, or -1 for a field with a fixed place.
    pub tag: i32,
    /// Keeps the old form of its length in flexible versions too (the client id).
    pub never_flexible: bool,
    /// Its type.
    pub kind: Type,
    /// Its value when absent.
    pub default: Default,
}

/// The type of a field.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Type {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    /// Record batches: bytes to the schema.
    Records,
    Struct(&'static Struct),
    Array(&'static Type),
}

/// The value of a field that is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Zero, false, the empty string, no elements, or a struct of defaults.
    Empty,
    /// Null.
    Null,
    /// A number.
    Int(i64),
    /// A truth value.
    Bool(bool),
}

include!(concat!(env!("OUT_DIR"), "/schema_table.rs"));

impl Message {
    /// Whether `version` has compact lengths and tagged fields.
    #[inline]
    pub const fn is_flexible(&self, version: i16) -> bool {
        version >= self.flexible_from
    }
}

impl Struct {
    /// Bytes of the smallest encoding in `version`.
    #[inline]
    pub(crate) fn min_size(&self, version: i16) -> usize {
        usize::try_from(version)
            .ok()
            .and_then(|index| self.min_sizes.get(index))
            .map_or(1, |size| *size as usize)
    }
}

impl Type {
    /// Bytes of the smallest encoding as an element of an array.
    #[inline]
    pub(crate) fn min_size(&self, version: i16, flexible: bool) -> usize {
        match self {
            Type::String => {
                if flexible {
                    1
                } else {
                    2
                }
            }
            Type::Bytes | Type::Records | Type::Array(_) => {
                if flexible {
                    1
                } else {
                    4
                }
            }
            Type::Struct(structure) => structure.min_size(version),
            fixed => fixed.fixed_size().unwrap_or(1),
        }
    }

    /// Bytes of every encoding, for types without a length.
    #[inline]
    pub(crate) fn fixed_size(&self) -> Option<usize> {
        match self {
            Type::Bool | Type::Int8 => Some(1),
            Type::Int16 | Type::Uint16 => Some(2),
            Type::Int32 | Type::Uint32 => Some(4),
            Type::Int64 | Type::Float64 => Some(8),
            Type::Uuid => Some(16),
            Type::String | Type::Bytes | Type::Records | Type::Struct(_) | Type::Array(_) => None,
        }
    }
}

/// Every message there is.
pub fn messages() -> &'static [Message] {
    &MESSAGES
}

/// The request of an API.
#[inline]
pub fn request(api_key: i16) -> Option<&'static Message> {
    usize::try_from(api_key).ok().and_then(|key| *REQUESTS.get(key)?)
}

/// The response of an API.
#[inline]
pub fn response(api_key: i16) -> Option<&'static Message> {
    usize::try_from(api_key).ok().and_then(|key| *RESPONSES.get(key)?)
}

/// The message of a kind with a key.
pub fn message(kind: Kind, key: i16) -> Option<&'static Message> {
    match kind {
        Kind::Request => request(key),
        Kind::Response => response(key),
        kind => MESSAGES.iter().find(|message| message.kind == kind && message.key == key),
    }
}

/// The message with Kafka's name `name`, as in `OffsetCommitValue`.
pub fn by_name(name: &str) -> Option<&'static Message> {
    MESSAGES.iter().find(|message| message.name == name)
}
