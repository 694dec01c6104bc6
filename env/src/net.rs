//! The network: connect, listen, resolve. Streams are plain `AsyncRead + AsyncWrite`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // This is the one place that may name tokio's sockets.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A boxed future; these stand only at the edge, never on a per-record path.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where connections come from and go to.
pub trait Net: Send + Sync + 'static {
    /// Opens a connection. The caller sets the deadline.
    fn connect(&self, address: SocketAddr, options: ConnectOptions) -> BoxFuture<'_, io::Result<Stream>>;
    /// Starts listening; port 0 takes a free one.
    fn listen(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>>;
    /// All addresses of a host, in the resolver's order.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// Socket settings of an outgoing connection; `None` leaves the system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectOptions {
    /// `send.buffer.bytes`.
    pub send_buffer_bytes: Option<u32>,
    /// `receive.buffer.bytes`.
    pub receive_buffer_bytes: Option<u32>,
}

/// Something that accepts connections.
pub trait Listener: Send + Sync + 'static {
    /// The bound address, with its real port.
    fn local_addr(&self) -> io::Result<SocketAddr>;
    /// The next connection and its peer.
    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, SocketAddr)>>;
}

/// A byte stream to a peer.
pub enum Stream {
    /// A kernel socket; the only kind that can take a file without a copy.
    Tcp(TcpStream),
    /// Anything else: TLS, a simulated link.
    Other(Box<dyn ByteStream>),
}

/// What a stream that is not a kernel socket must be.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static {
    /// This end's address.
    fn local_addr(&self) -> io::Result<SocketAddr>;
    /// The other end's address.
    fn peer_addr(&self) -> io::Result<SocketAddr>;
}

impl Stream {
    /// This end's address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.local_addr(),
            Self::Other(other) => other.local_addr(),
        }
    }

    /// The other end's address.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.peer_addr(),
            Self::Other(other) => other.peer_addr(),
        }
    }

    /// Whether [`Self::send_file`] passes bytes from file to socket inside the kernel.
    pub fn can_send_file(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// Sends up to `len_bytes` bytes of `file` from `position`; returns how many went (0: the file ended).
    ///
    /// Errors: `Unsupported` when [`Self::can_send_file`] is false; else what `sendfile(2)` says.
    pub async fn send_file(
        &self,
        file: BorrowedFd<'_>,
        position: u64,
        len_bytes: usize,
    ) -> io::Result<usize> {
        let Self::Tcp(tcp) = self else {
            return Err(io::Error::from(io::ErrorKind::Unsupported));
        };
        loop {
            tcp.writable().await?;
            let sent = tcp.try_io(Interest::WRITABLE, || {
                let mut offset = position;
                rustix::fs::sendfile(tcp.as_fd(), file, Some(&mut offset), len_bytes).map_err(io::Error::from)
            });
            match sent {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("peer", &self.peer_addr().ok()).finish()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Other(other) => Pin::new(other).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Other(other) => Pin::new(other).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Other(other) => Pin::new(other).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.is_write_vectored(),
            Self::Other(other) => other.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Other(other) => Pin::new(other).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Other(other) => Pin::new(other).poll_shutdown(cx),
        }
    }
}

/// The machine's network.
#[derive(Debug, Default)]
pub struct SystemNet;

impl Net for SystemNet {
    fn connect(&self, address: SocketAddr, options: ConnectOptions) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            if let Some(bytes) = options.send_buffer_bytes {
                socket.set_send_buffer_size(bytes)?;
            }
            if let Some(bytes) = options.receive_buffer_bytes {
                socket.set_recv_buffer_size(bytes)?;
            }
            let tcp = socket.connect(address).await?;
            // Requests are written whole; waiting for more would only add latency.
            tcp.set_nodelay(true)?;
            Ok(Stream::Tcp(tcp))
        })
    }

    fn listen(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        Box::pin(async move {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(Box::new(SystemListener(socket.listen(1024)?)) as Box<dyn Listener>)
        })
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

struct SystemListener(TcpListener);

impl Listener for SystemListener {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, SocketAddr)>> {
        Box::pin(async move {
            let (tcp, peer) = self.0.accept().await?;
            tcp.set_nodelay(true)?;
            Ok((Stream::Tcp(tcp), peer))
        })
    }
}
