//! The schema walk: untrusted bytes are held against a message's schema before anything decodes them.
//!
//! The typed decoder allocates whatever count a peer claims; a frame of 30 bytes can ask it for over 150 GB. The walk
//! refuses counts that cannot fit, lengths below zero or past the end, malformed varints, text that is not UTF-8,
//! tagged fields whose size lies, and bytes left over. It does not allocate, and steps over records without looking
//! at them. Schemas do not contain themselves (checked at build time), so its depth has a bound.

use crate::{
    api_version::ApiKey,
    schema::{self, Field, Message, Reader, Struct, Type, check_tag},
};

pub use crate::schema::Fault;

/// Which of an API's two messages bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From client to broker.
    Request,
    /// From broker to client.
    Response,
}

/// Bytes that do not follow their schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} version {version}, field {field}, byte {position}: {fault}")]
pub struct GuardError {
    /// Kafka's name of the message.
    pub message: &'static str,
    /// The version it was read as.
    pub version: i16,
    /// The innermost field or struct that was being read.
    pub field: &'static str,
    /// Offset within the body at which reading stopped.
    pub position: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// Holds the body of a request or response against its schema; nothing may be left over behind it.
pub fn check(api_key: i16, version: i16, direction: Direction, body: &[u8]) -> Result<(), GuardError> {
    check_message(message_of(api_key, version, direction)?, version, body)
}

/// As [`check`], but allows bytes behind the last field and tells where they begin.
///
/// Apache Kafka ignores what is left over behind a request, and some clients do send such bytes (librdkafka 2.16 with
/// Metadata version 13).
pub fn check_prefix(
    api_key: i16,
    version: i16,
    direction: Direction,
    body: &[u8],
) -> Result<usize, GuardError> {
    let message = message_of(api_key, version, direction)?;
    let mut walk = Walk::new(message, version, body);
    let walked = walk.fields();
    walked.map(|()| walk.reader.position()).map_err(|fault| walk.error(fault))
}

fn message_of(api_key: i16, version: i16, direction: Direction) -> Result<&'static Message, GuardError> {
    let message = match direction {
        Direction::Request => schema::request(api_key),
        Direction::Response => schema::response(api_key),
    };
    message.ok_or_else(|| GuardError {
        message: ApiKey(api_key).name(),
        version,
        field: "",
        position: 0,
        fault: Fault::NoSchema,
    })
}

/// Holds the body of any message, also a record of an internal log, against its schema.
pub fn check_message(message: &'static Message, version: i16, body: &[u8]) -> Result<(), GuardError> {
    let mut walk = Walk::new(message, version, body);
    walk.message().map_err(|fault| walk.error(fault))
}

struct Walk<'a> {
    message: &'static Message,
    reader: Reader<'a>,
    version: i16,
    flexible: bool,
    /// How many more unknown tagged fields the frame's size justifies.
    unknown_tags_left: usize,
    field: &'static str,
}

impl<'a> Walk<'a> {
    fn new(message: &'static Message, version: i16, body: &'a [u8]) -> Self {
        /// An unknown tagged field takes two bytes on the wire, and up to a whole map node of about 450 bytes once
        /// decoded. One for each 16 bytes keeps decoding below 64 bytes for one.
        const BYTES_PER_UNKNOWN_TAG: usize = 16;
        /// What any frame may carry, however small.
        const FREE_UNKNOWN_TAGS: usize = 16;
        Self {
            message,
            reader: Reader::new(body),
            version,
            flexible: message.is_flexible(version),
            unknown_tags_left: FREE_UNKNOWN_TAGS + body.len() / BYTES_PER_UNKNOWN_TAG,
            field: "",
        }
    }

    fn error(&self, fault: Fault) -> GuardError {
        GuardError {
            message: self.message.name,
            version: self.version,
            field: self.field,
            position: self.reader.position(),
            fault,
        }
    }

    fn fields(&mut self) -> Result<(), Fault> {
        if !self.message.versions.contains(self.version) {
            return Err(Fault::NoSchema);
        }
        self.structure(self.message.root)
    }

    fn message(&mut self) -> Result<(), Fault> {
        self.fields()?;
        match self.reader.left() {
            0 => Ok(()),
            left => Err(Fault::Leftover(left)),
        }
    }

    fn structure(&mut self, structure: &'static Struct) -> Result<(), Fault> {
        for field in structure.fields {
            if field.tag < 0 && field.versions.contains(self.version) {
                self.field = field.name;
                self.value(field)?;
            }
        }
        if self.flexible {
            self.tagged_fields(structure)?;
        }
        Ok(())
    }

    #[inline]
    fn value(&mut self, field: &'static Field) -> Result<(), Fault> {
        if let Some(size) = field.kind.fixed_size() {
            return self.reader.take(size).map(drop).map_err(|_| Fault::EndsEarly);
        }
        let flexible = self.flexible && !field.never_flexible;
        let nullable = || field.nullable.contains(self.version);
        match field.kind {
            Type::String => match self.reader.text(flexible)? {
                None if !nullable() => Err(Fault::NullNotAllowed),
                _ => Ok(()),
            },
            Type::Bytes | Type::Records => match self.reader.bytes(flexible)? {
                None if !nullable() => Err(Fault::NullNotAllowed),
                _ => Ok(()),
            },
            Type::Array(element) => {
                match self.reader.count(flexible, element.min_size(self.version, flexible))? {
                    None if !nullable() => Err(Fault::NullNotAllowed),
                    None => Ok(()),
                    Some(count) => self.elements(element, count, flexible),
                }
            }
            Type::Struct(structure) => {
                if nullable() && !self.reader.presence()? {
                    return Ok(());
                }
                self.structure(structure)
            }
            // Types of fixed size are done above.
            _ => Ok(()),
        }
    }

    fn elements(&mut self, element: &'static Type, count: usize, flexible: bool) -> Result<(), Fault> {
        if let Some(size) = element.fixed_size() {
            // The count was held against the bytes left.
            return self.reader.take(count * size).map(drop);
        }
        for _ in 0..count {
            match element {
                Type::String => self.reader.text(flexible)?.map(drop).ok_or(Fault::NullNotAllowed)?,
                Type::Bytes | Type::Records => {
                    self.reader.bytes(flexible)?.map(drop).ok_or(Fault::NullNotAllowed)?;
                }
                Type::Struct(structure) => self.structure(structure)?,
                Type::Array(inner) => {
                    let min_size = inner.min_size(self.version, flexible);
                    let count = self.reader.count(flexible, min_size)?.ok_or(Fault::NullNotAllowed)?;
                    self.elements(inner, count, flexible)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    #[inline]
    fn tagged_fields(&mut self, structure: &'static Struct) -> Result<(), Fault> {
        let count = self.reader.unsigned_varint()?;
        if count == 0 {
            return Ok(());
        }
        self.present_tagged_fields(structure, count)
    }

    #[cold]
    fn present_tagged_fields(&mut self, structure: &'static Struct, count: u32) -> Result<(), Fault> {
        self.field = structure.name;
        let mut previous = None;
        for _ in 0..count {
            let tag = self.reader.unsigned_varint()?;
            check_tag(&mut previous, tag)?;
            let said_bytes = self.reader.unsigned_varint()? as usize;
            let left_bytes = self.reader.left();
            if said_bytes > left_bytes {
                return Err(Fault::LengthPastEnd { length_bytes: said_bytes, left_bytes });
            }
            let known = structure
                .fields
                .iter()
                .find(|field| u32::try_from(field.tag) == Ok(tag) && field.versions.contains(self.version));
            match known {
                Some(field) => {
                    self.field = field.name;
                    let before = self.reader.position();
                    self.value(field)?;
                    let took_bytes = self.reader.position() - before;
                    if took_bytes != said_bytes {
                        return Err(Fault::TagSize { said_bytes, took_bytes });
                    }
                }
                None => {
                    self.unknown_tags_left =
                        self.unknown_tags_left.checked_sub(1).ok_or(Fault::TooManyUnknownTags)?;
                    self.reader.take(said_bytes)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heartbeat version 4 (flexible): group id, generation id, member id, group instance id, tags.
    fn heartbeat(group_id: &[u8], tags: &[u8]) -> Result<(), Fault> {
        let body = [group_id, &[0, 0, 0, 1], &[2, b'm'], &[0], tags].concat();
        check(12, 4, Direction::Request, &body).map_err(|error| error.fault)
    }

    #[test]
    fn what_follows_the_schema_is_accepted() {
        assert_eq!(heartbeat(&[2, b'g'], &[0]), Ok(()));
        assert_eq!(heartbeat(&[2, b'g'], &[2, 5, 0, 9, 1, 0xff]), Ok(()));
    }

    #[test]
    fn null_and_bad_text_are_refused_where_the_schema_forbids_them() {
        assert_eq!(heartbeat(&[0], &[0]), Err(Fault::NullNotAllowed));
        assert_eq!(heartbeat(&[2, 0xff], &[0]), Err(Fault::NotUtf8));
        assert!(matches!(heartbeat(&[0xff, 0xff, 3], &[0]), Err(Fault::LengthPastEnd { .. })));
    }

    #[test]
    fn tagged_fields_must_ascend_and_fit() {
        assert_eq!(heartbeat(&[1], &[2, 9, 0, 9, 0]), Err(Fault::BadTag(9)));
        assert_eq!(heartbeat(&[1], &[2, 9, 0, 5, 0]), Err(Fault::BadTag(5)));
        assert_eq!(
            heartbeat(&[1], &[1, 9, 7, 0]),
            Err(Fault::LengthPastEnd { length_bytes: 7, left_bytes: 1 })
        );
        assert_eq!(heartbeat(&[1], &[2, 9, 0]), Err(Fault::EndsEarly));
        assert_eq!(heartbeat(&[1], &[0, 0]), Err(Fault::Leftover(1)));
    }

    #[test]
    fn a_known_tagged_field_must_have_the_size_it_says() {
        // ApiVersions response version 3: error, no keys, throttle time, then finalized features epoch (tag 1).
        let with_size = |size: u8| {
            let body = [&[0, 0, 1, 0, 0, 0, 0, 1, 1, size][..], &[0; 9][..usize::from(size).min(9)]].concat();
            check(18, 3, Direction::Response, &body).map_err(|error| error.fault)
        };
        assert_eq!(with_size(8), Ok(()));
        assert_eq!(with_size(9), Err(Fault::TagSize { said_bytes: 9, took_bytes: 8 }));
        assert_eq!(with_size(7), Err(Fault::EndsEarly));
    }

    #[test]
    fn a_flood_of_unknown_tagged_fields_is_refused() {
        let mut tags = vec![100];
        tags.extend((1..=100).flat_map(|tag| [tag, 0]));
        assert_eq!(heartbeat(&[1], &tags), Err(Fault::TooManyUnknownTags));
    }

    #[test]
    fn unknown_messages_and_versions_have_no_schema() {
        for (key, version) in [(-1, 0), (4, 0), (999, 0), (12, 5), (12, -1)] {
            let error = check(key, version, Direction::Request, &[]).unwrap_err();
            assert_eq!(error.fault, Fault::NoSchema);
        }
    }

    #[test]
    fn an_error_names_the_field_and_the_place() {
        let error = check(12, 4, Direction::Request, &[2, b'g', 0, 0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "HeartbeatRequest version 4, field generationId, byte 2: the bytes end within the value"
        );
    }
}
