//! Answers on their way out: frames whose pieces are in memory or in files, written in order.
//!
//! Several answers that are ready together leave in one vectored write; file pieces go from file to socket inside the
//! kernel where the stream can do that. A peer that takes nothing for `ottla.connection.write.timeout.ms` is given up.

use crate::storage::DiskFile;
use bytes::{Buf, Bytes};
use ottla_env::{Env, Stream};
use ottla_wire::{Frame, Segment};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// Pieces of one vectored write.
const MAX_PIECES: usize = 64;
/// Step in which a file is read when the kernel cannot pass it on by itself.
const COPY_BYTES: usize = 64 * 1024;
/// Kernels send at most this much of a file at once.
const SEND_FILE_BYTES: usize = 0x7fff_0000;

/// Part of a file.
#[derive(Debug, Clone)]
pub(crate) struct FileSlice {
    /// The file.
    pub(crate) file: Arc<dyn DiskFile>,
    /// Where the part begins.
    pub(crate) position: u64,
    /// How long it is.
    pub(crate) len: usize,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// The frame; an external segment's token is an index into `files`.
    pub(crate) frame: Frame,
    /// The file parts the frame names.
    pub(crate) files: Vec<FileSlice>,
}

impl From<Frame> for Outbound {
    fn from(frame: Frame) -> Self {
        Self { frame, files: Vec::new() }
    }
}

enum Piece {
    Memory(Bytes),
    File(FileSlice),
}

/// Answers that wait to be written.
pub(crate) struct OutboundQueue {
    pieces: VecDeque<Piece>,
    len_bytes: usize,
    write_timeout: Duration,
}

impl OutboundQueue {
    /// An empty queue that gives a peer up after `write_timeout` without progress.
    pub(crate) fn new(write_timeout: Duration) -> Self {
        Self { pieces: VecDeque::new(), len_bytes: 0, write_timeout }
    }

    /// Bytes waiting.
    pub(crate) fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    /// Appends an answer.
    pub(crate) fn push(&mut self, outbound: Outbound) {
        let Outbound { frame, mut files } = outbound;
        self.len_bytes += frame.len();
        for segment in frame.into_segments() {
            match segment {
                Segment::Bytes(bytes) if bytes.is_empty() => {}
                Segment::Bytes(bytes) => self.pieces.push_back(Piece::Memory(bytes)),
                Segment::External { token, .. } => {
                    let index = usize::try_from(token).ok().filter(|index| *index < files.len());
                    let index =
                        index.expect("an external segment's token is an index into its answer's files");
                    // Each part is named once; what is left behind is never looked at again.
                    let file = files[index].clone();
                    files[index].len = 0;
                    self.pieces.push_back(Piece::File(file));
                }
            }
        }
    }

    /// Writes everything. Errors: the peer is gone, or `TimedOut` when it took nothing for too long.
    pub(crate) async fn flush(&mut self, env: &Env, stream: &mut Stream) -> io::Result<()> {
        while let Some(front) = self.pieces.front_mut() {
            let timeout = self.write_timeout;
            let written = match front {
                Piece::File(slice) if slice.len == 0 => {
                    self.pieces.pop_front();
                    continue;
                }
                Piece::File(slice) => {
                    let descriptor = slice.file.as_fd().filter(|_| stream.can_send_file());
                    if let Some(descriptor) = descriptor {
                        let len = slice.len.min(SEND_FILE_BYTES);
                        let sending = stream.send_file(descriptor, slice.position, len);
                        let sent = in_time(env, timeout, sending).await?;
                        advance_file(slice, sent)?;
                        sent
                    } else {
                        let chunk = read_chunk(slice)?;
                        let len = chunk.len();
                        advance_file(slice, len)?;
                        self.pieces.push_front(Piece::Memory(chunk));
                        0
                    }
                }
                Piece::Memory(_) => {
                    let mut slices = [IoSlice::new(&[]); MAX_PIECES];
                    let mut count = 0;
                    for (slot, piece) in slices.iter_mut().zip(&self.pieces) {
                        let Piece::Memory(bytes) = piece else { break };
                        *slot = IoSlice::new(bytes);
                        count += 1;
                    }
                    let written = in_time(env, timeout, stream.write_vectored(&slices[..count])).await?;
                    if written == 0 {
                        return Err(io::ErrorKind::WriteZero.into());
                    }
                    self.advance_memory(written);
                    written
                }
            };
            self.len_bytes = self.len_bytes.saturating_sub(written);
        }
        self.len_bytes = 0;
        Ok(())
    }

    fn advance_memory(&mut self, mut written: usize) {
        while written > 0 {
            let Some(Piece::Memory(front)) = self.pieces.front_mut() else { return };
            if front.len() > written {
                front.advance(written);
                return;
            }
            written -= front.len();
            self.pieces.pop_front();
        }
    }
}

fn advance_file(slice: &mut FileSlice, len: usize) -> io::Result<()> {
    if len == 0 {
        // The length prefix is gone already: there is no honest way to go on with this connection.
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the log file ended before the records did",
        ));
    }
    slice.position += len as u64;
    slice.len -= len;
    Ok(())
}

fn read_chunk(slice: &FileSlice) -> io::Result<Bytes> {
    let mut chunk = vec![0; slice.len.min(COPY_BYTES)];
    let len = slice.file.read_at(slice.position, &mut chunk)?;
    chunk.truncate(len);
    Ok(Bytes::from(chunk))
}

/// Runs `io`; a timer is made only when it cannot finish at once, which is rare.
async fn in_time<T>(env: &Env, timeout: Duration, io: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut io = pin!(io);
    let first = poll_fn(|cx| Poll::Ready(io.as_mut().poll(cx))).await;
    if let Poll::Ready(result) = first {
        return result;
    }
    let result = env.timeout_at(env.now() + timeout, io).await;
    result.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
}
