//! A bounds-checked cursor over untrusted bytes: the primitive types of the protocol.

/// Why a primitive could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end within the value.
    #[error("the bytes end within the value")]
    EndsEarly,
    /// A length or count is below -1.
    #[error("negative length {0}")]
    NegativeLength(i32),
    /// A length reaches past the end.
    #[error("length {length_bytes} exceeds the {left_bytes} bytes left")]
    LengthPastEnd {
        /// What the peer claims.
        length_bytes: usize,
        /// What there is.
        left_bytes: usize,
    },
    /// More elements are claimed than the bytes left can hold.
    #[error("{count} elements cannot fit the {left_bytes} bytes left")]
    CountPastEnd {
        /// What the peer claims.
        count: usize,
        /// What there is.
        left_bytes: usize,
    },
    /// A varint has more than 32 bits.
    #[error("varint exceeds 32 bits")]
    VarintTooLong,
    /// Null where the schema does not allow it.
    #[error("null is not allowed here")]
    NullNotAllowed,
    /// A nullable struct begins with neither -1 nor 1.
    #[error("{0} is no presence byte of a nullable struct")]
    BadPresence(i8),
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// Tags are not in ascending order, one repeats, or one exceeds 31 bits.
    #[error("tag {0} is out of order or out of range")]
    BadTag(u32),
    /// A tagged field's size differs from what its value takes.
    #[error("the tagged field says {said_bytes} bytes and takes {took_bytes}")]
    TagSize {
        /// What the peer claims.
        said_bytes: usize,
        /// What the value takes.
        took_bytes: usize,
    },
    /// So many unknown tagged fields that keeping them would cost far more memory than the frame has bytes.
    #[error("too many unknown tagged fields")]
    TooManyUnknownTags,
    /// Bytes are left after the last field.
    #[error("{0} bytes left over")]
    Leftover(usize),
    /// No schema for this message and version.
    #[error("there is no schema for this message and version")]
    NoSchema,
}

/// Where reading stands. Copies are cheap: a reader is two words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Bytes not read yet.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let left_bytes = self.left();
        if len > left_bytes {
            return Err(Fault::LengthPastEnd { length_bytes: len, left_bytes });
        }
        let taken = &self.bytes[self.at..self.at + len];
        self.at += len;
        Ok(taken)
    }

    /// As [`Reader::take`], for values of fixed size.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let chunk = self.bytes[self.at..].first_chunk::<N>().ok_or(Fault::EndsEarly)?;
        self.at += N;
        Ok(*chunk)
    }

    #[inline]
    pub(crate) fn i8(&mut self) -> Result<i8, Fault> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn i16(&mut self) -> Result<i16, Fault> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn i32(&mut self) -> Result<i32, Fault> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn i64(&mut self) -> Result<i64, Fault> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    #[inline]
    pub(crate) fn unsigned_varint(&mut self) -> Result<u32, Fault> {
        let [first] = self.array::<1>()?;
        if first < 0x80 {
            return Ok(u32::from(first));
        }
        let mut value = u32::from(first & 0x7f);
        for shift in [7, 14, 21, 28] {
            let [byte] = self.array::<1>()?;
            if shift == 28 && byte > 0x0f {
                return Err(Fault::VarintTooLong);
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::VarintTooLong)
    }

    /// A length or count, `None` for null: a varint of one more in flexible versions, else 32 bits.
    #[inline]
    pub(crate) fn length32(&mut self, flexible: bool) -> Result<Option<usize>, Fault> {
        if flexible { self.compact_length() } else { non_negative(self.i32()?) }
    }

    /// The length of a string, `None` for null: a varint of one more in flexible versions, else 16 bits.
    #[inline]
    pub(crate) fn length16(&mut self, flexible: bool) -> Result<Option<usize>, Fault> {
        if flexible { self.compact_length() } else { non_negative(i32::from(self.i16()?)) }
    }

    #[inline]
    fn compact_length(&mut self) -> Result<Option<usize>, Fault> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|len| len as usize))
    }

    /// The count of an array whose elements take at least `min_element_bytes` each, `None` for null.
    #[inline]
    pub(crate) fn count(&mut self, flexible: bool, min_element_bytes: usize) -> Result<Option<usize>, Fault> {
        let count = self.length32(flexible)?;
        if let Some(count) = count
            && count > self.left() / min_element_bytes.max(1)
        {
            return Err(Fault::CountPastEnd { count, left_bytes: self.left() });
        }
        Ok(count)
    }

    /// The bytes of a string, `None` for null; the caller looks whether they are text.
    #[inline]
    pub(crate) fn text_bytes(&mut self, flexible: bool) -> Result<Option<&'a [u8]>, Fault> {
        let Some(len) = self.length16(flexible)? else { return Ok(None) };
        self.take(len).map(Some)
    }

    /// A string, `None` for null.
    #[inline]
    pub(crate) fn text(&mut self, flexible: bool) -> Result<Option<&'a str>, Fault> {
        let Some(bytes) = self.text_bytes(flexible)? else { return Ok(None) };
        std::str::from_utf8(bytes).map(Some).map_err(|_| Fault::NotUtf8)
    }

    /// Bytes or records, `None` for null.
    #[inline]
    pub(crate) fn bytes(&mut self, flexible: bool) -> Result<Option<&'a [u8]>, Fault> {
        let Some(len) = self.length32(flexible)? else { return Ok(None) };
        self.take(len).map(Some)
    }

    /// Walks tagged fields: `known` reads the value of a tag it knows, all of it, and says whether it did. Others
    /// are skipped.
    #[inline]
    pub(crate) fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Reader<'a>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let mut previous = None;
        for _ in 0..self.unsigned_varint()? {
            let tag = self.unsigned_varint()?;
            check_tag(&mut previous, tag)?;
            let said_bytes = self.unsigned_varint()? as usize;
            let mut field = Reader::new(self.take(said_bytes)?);
            if known(tag, &mut field)? && field.left() > 0 {
                return Err(Fault::TagSize { said_bytes, took_bytes: field.position() });
            }
        }
        Ok(())
    }

    /// The presence byte of a nullable struct.
    #[inline]
    pub(crate) fn presence(&mut self) -> Result<bool, Fault> {
        match self.i8()? {
            1 => Ok(true),
            -1 => Ok(false),
            other => Err(Fault::BadPresence(other)),
        }
    }
}

/// Tags ascend, as KIP-482 says; the typed messages keep them in 31 bits.
#[inline]
pub(crate) fn check_tag(previous: &mut Option<u32>, tag: u32) -> Result<(), Fault> {
    if tag > i32::MAX as u32 || previous.is_some_and(|previous| tag <= previous) {
        return Err(Fault::BadTag(tag));
    }
    *previous = Some(tag);
    Ok(())
}

#[inline]
fn non_negative(length: i32) -> Result<Option<usize>, Fault> {
    match usize::try_from(length) {
        Ok(length) => Ok(Some(length)),
        Err(_) if length == -1 => Ok(None),
        Err(_) => Err(Fault::NegativeLength(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_of_more_than_32_bits_are_refused() {
        let read = |bytes: &[u8]| Reader::new(bytes).unsigned_varint();
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Err(Fault::VarintTooLong));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x8f, 0x00]), Err(Fault::VarintTooLong));
        assert_eq!(read(&[0xac, 0x02]), Ok(300));
        assert_eq!(read(&[0xac]), Err(Fault::EndsEarly));
        assert_eq!(read(&[]), Err(Fault::EndsEarly));
    }

    #[test]
    fn lengths_below_null_are_refused() {
        assert_eq!(Reader::new(&[0xff, 0xff]).length16(false), Ok(None));
        assert_eq!(Reader::new(&[0xff, 0xfe]).length16(false), Err(Fault::NegativeLength(-2)));
        assert_eq!(Reader::new(&[0]).length16(true), Ok(None));
        assert_eq!(Reader::new(&[1]).length32(true), Ok(Some(0)));
    }

    #[test]
    fn a_count_is_held_against_the_bytes_left() {
        let claims = |count: i32| {
            let mut bytes = count.to_be_bytes().to_vec();
            bytes.extend([0; 8]);
            Reader::new(&bytes).count(false, 4)
        };
        assert_eq!(claims(2), Ok(Some(2)));
        assert_eq!(claims(3), Err(Fault::CountPastEnd { count: 3, left_bytes: 8 }));
        assert_eq!(claims(i32::MAX), Err(Fault::CountPastEnd { count: i32::MAX as usize, left_bytes: 8 }));
    }
}
