//! Length-prefixed frames: taken off an inbound buffer, and built as segments for one vectored write.
//!
//! Knows nothing of what a frame holds. Big `Bytes` (record batches) become segments of their own and are never
//! copied; bytes that the holder streams from a file are only counted.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use smallvec::SmallVec;

/// Bytes of a frame's length prefix.
pub const LENGTH_PREFIX_BYTES: usize = 4;

/// What is wrong with an inbound frame. The connection cannot be used any further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The length prefix is below zero.
    #[error("negative frame size {size}")]
    Negative {
        /// The size the peer claims.
        size: i32,
    },
    /// The frame is larger than this side accepts.
    #[error("frame of {size_bytes} bytes exceeds the limit of {max_bytes} bytes")]
    TooLarge {
        /// The size the peer claims.
        size_bytes: usize,
        /// The limit in force.
        max_bytes: usize,
    },
}

/// Splits a stream of bytes into frames.
#[derive(Debug, Clone)]
pub struct FrameDecoder {
    max_frame_bytes: usize,
}

impl FrameDecoder {
    /// A decoder that refuses frames above `max_frame_bytes` (without the length prefix).
    pub fn new(max_frame_bytes: usize) -> Self {
        Self { max_frame_bytes }
    }

    /// Changes the limit for the frames that follow, as after authentication.
    pub fn set_max_frame_bytes(&mut self, max_frame_bytes: usize) {
        self.max_frame_bytes = max_frame_bytes;
    }

    /// Takes one whole frame (without its length prefix) off the front of `buf`, zero-copy.
    ///
    /// `None` asks for more bytes. Room for them is reserved in steps that double what has arrived, so that a peer
    /// cannot make this side allocate by merely announcing a large frame.
    pub fn decode(&mut self, buf: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        const FIRST_STEP_BYTES: usize = 64 * 1024;
        let Some(prefix) = buf.first_chunk::<LENGTH_PREFIX_BYTES>() else { return Ok(None) };
        let size = i32::from_be_bytes(*prefix);
        let size_bytes = usize::try_from(size).map_err(|_| FrameError::Negative { size })?;
        if size_bytes > self.max_frame_bytes {
            return Err(FrameError::TooLarge { size_bytes, max_bytes: self.max_frame_bytes });
        }
        let missing = (LENGTH_PREFIX_BYTES + size_bytes).saturating_sub(buf.len());
        if missing > 0 {
            buf.reserve(missing.min(buf.len().max(FIRST_STEP_BYTES)));
            return Ok(None);
        }
        buf.advance(LENGTH_PREFIX_BYTES);
        Ok(Some(buf.split_to(size_bytes).freeze()))
    }
}

/// A piece of an outbound frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes the holder streams from a file: the wire only counts them.
    External {
        /// How many bytes it stands for.
        len: usize,
        /// The holder's name for it.
        token: u64,
    },
}

impl Segment {
    /// Bytes this segment puts on the wire.
    pub fn len(&self) -> usize {
        match self {
            Segment::Bytes(bytes) => bytes.len(),
            Segment::External { len, .. } => *len,
        }
    }

    /// True when it puts nothing on the wire.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Bytes> for Segment {
    fn from(bytes: Bytes) -> Self {
        Segment::Bytes(bytes)
    }
}

/// The segments of a frame, in wire order.
pub type Segments = SmallVec<[Segment; 3]>;

/// An outbound frame: length prefix and payload as segments for one vectored write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    segments: Segments,
    len: usize,
}

impl Frame {
    /// A frame that already begins with its length prefix.
    pub fn from_bytes(bytes: Bytes) -> Self {
        let len = bytes.len();
        Self { segments: SmallVec::from_iter([Segment::Bytes(bytes)]), len }
    }

    /// The segments in wire order; the first begins with the length prefix.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// All bytes on the wire, the length prefix included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True for a frame without bytes, which no encoder makes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives the segments away.
    pub fn into_segments(self) -> Segments {
        self.segments
    }

    /// The whole frame in one piece, copied if it has several; `None` if part of it lies in a file.
    pub fn to_bytes(&self) -> Option<Bytes> {
        if let [Segment::Bytes(bytes)] = &self.segments[..] {
            return Some(bytes.clone());
        }
        let mut whole = BytesMut::with_capacity(self.len);
        for segment in &self.segments {
            match segment {
                Segment::Bytes(bytes) => whole.put_slice(bytes),
                Segment::External { .. } => return None,
            }
        }
        Some(whole.freeze())
    }
}

/// A frame grew past what its length prefix can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("frame of {size_bytes} bytes is too large to send")]
pub struct FrameTooLarge {
    /// Its size without the prefix.
    pub size_bytes: usize,
}

/// Builds a frame: small fields go into one buffer, large pieces are kept by reference between them.
#[derive(Debug)]
pub struct FrameBuilder {
    buffer: BytesMut,
    /// Each large piece with the length of `buffer` at which it stands.
    pieces: SmallVec<[(usize, Segment); 2]>,
    pieces_bytes: usize,
}

impl FrameBuilder {
    /// An empty frame; `capacity_bytes` is for the small fields alone.
    pub fn with_capacity(capacity_bytes: usize) -> Self {
        let mut buffer = BytesMut::with_capacity(LENGTH_PREFIX_BYTES + capacity_bytes);
        buffer.put_i32(0);
        Self { buffer, pieces: SmallVec::new(), pieces_bytes: 0 }
    }

    /// Where the small fields are written.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Appends a large piece without copying it.
    pub fn push(&mut self, segment: Segment) {
        if !segment.is_empty() {
            self.pieces_bytes += segment.len();
            self.pieces.push((self.buffer.len(), segment));
        }
    }

    /// Patches the length prefix and cuts the buffer around the large pieces.
    pub fn finish(mut self) -> Result<Frame, FrameTooLarge> {
        let len = self.buffer.len() + self.pieces_bytes;
        let size_bytes = len - LENGTH_PREFIX_BYTES;
        let prefix = i32::try_from(size_bytes).map_err(|_| FrameTooLarge { size_bytes })?;
        self.buffer[..LENGTH_PREFIX_BYTES].copy_from_slice(&prefix.to_be_bytes());
        let mut rest = self.buffer.freeze();
        let mut segments = Segments::new();
        let mut cut = 0;
        for (at, piece) in self.pieces {
            if at > cut {
                segments.push(Segment::Bytes(rest.split_to(at - cut)));
                cut = at;
            }
            segments.push(piece);
        }
        if !rest.is_empty() {
            segments.push(Segment::Bytes(rest));
        }
        Ok(Frame { segments, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_taken_only_when_whole() {
        let mut decoder = FrameDecoder::new(100);
        let mut buf = BytesMut::new();
        for byte in [0, 0, 0, 3, 7, 8] {
            buf.put_u8(byte);
            assert_eq!(decoder.decode(&mut buf), Ok(None));
        }
        buf.put_slice(&[9, 0, 0]);
        assert_eq!(decoder.decode(&mut buf), Ok(Some(Bytes::from_static(&[7, 8, 9]))));
        assert_eq!(&buf[..], [0, 0]);
        buf.put_slice(&[0, 0]);
        assert_eq!(decoder.decode(&mut buf), Ok(Some(Bytes::new())));
    }

    #[test]
    fn sizes_below_zero_and_above_the_limit_are_refused() {
        let mut decoder = FrameDecoder::new(10);
        let mut buf = BytesMut::from(&(-1_i32).to_be_bytes()[..]);
        assert_eq!(decoder.decode(&mut buf), Err(FrameError::Negative { size: -1 }));
        let mut buf = BytesMut::from(&11_i32.to_be_bytes()[..]);
        assert_eq!(decoder.decode(&mut buf), Err(FrameError::TooLarge { size_bytes: 11, max_bytes: 10 }));
        decoder.set_max_frame_bytes(11);
        assert_eq!(decoder.decode(&mut buf), Ok(None));
    }

    #[test]
    fn an_announced_frame_does_not_allocate_what_has_not_arrived() {
        let mut decoder = FrameDecoder::new(usize::MAX);
        let mut buf = BytesMut::from(&i32::MAX.to_be_bytes()[..]);
        assert_eq!(decoder.decode(&mut buf), Ok(None));
        assert!(buf.capacity() <= 256 * 1024);
    }

    #[test]
    fn large_pieces_are_kept_by_reference_between_the_small_fields() {
        let records = Bytes::from_static(b"records");
        let mut builder = FrameBuilder::with_capacity(16);
        builder.buffer().put_slice(b"ab");
        builder.push(Segment::Bytes(records.clone()));
        builder.push(Segment::Bytes(Bytes::new()));
        builder.push(Segment::External { len: 100, token: 5 });
        builder.buffer().put_slice(b"c");
        let frame = builder.finish().unwrap();
        assert_eq!(frame.len(), 4 + 2 + 7 + 100 + 1);
        let [head, Segment::Bytes(kept), external, tail] = frame.segments() else { panic!("{frame:?}") };
        assert_eq!(head, &Segment::Bytes(Bytes::from_static(&[0, 0, 0, 110, b'a', b'b'])));
        assert_eq!(kept.as_ptr(), records.as_ptr());
        assert_eq!(external, &Segment::External { len: 100, token: 5 });
        assert_eq!(tail, &Segment::Bytes(Bytes::from_static(b"c")));
        assert_eq!(frame.to_bytes(), None);
    }

    #[test]
    fn a_frame_too_large_for_its_prefix_is_refused() {
        let mut builder = FrameBuilder::with_capacity(0);
        builder.push(Segment::External { len: i32::MAX as usize, token: 0 });
        builder.push(Segment::External { len: 1, token: 1 });
        assert_eq!(builder.finish(), Err(FrameTooLarge { size_bytes: 0x8000_0000 }));
    }
}
