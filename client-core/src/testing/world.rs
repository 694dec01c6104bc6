//! A world for tests that is all in memory: a clock that jumps when nothing else is left to do, and a network of pipes.
//!
//! Minutes pass in no time, names resolve to what the test says, and addresses can swallow connection attempts.

use ottla_env::{BoxFuture, ByteStream, Clock, ConnectOptions, Env, Listener, Net, RngRoot, Stream, Task};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::mpsc;

/// Turns that every task gets before time is taken to be all that is waited for.
const TURNS: usize = 200;
/// What a pipe holds.
const PIPE_BYTES: usize = 1 << 20;

/// The world; it ends with the value. Its runtime must have one thread.
pub(crate) struct World {
    pub(crate) env: Env,
    pub(crate) net: Arc<MemoryNet>,
    _time: Task<()>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(JumpingClock::new());
        let net = Arc::new(MemoryNet::default());
        let env = Env::new(clock.clone(), net.clone(), RngRoot::from_seed(1));
        let time = env.spawn("time", async move {
            loop {
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
                clock.jump();
            }
        });
        Self { env, net, _time: time }
    }
}

/// Time that stands still while anything else happens.
#[derive(Clone)]
struct JumpingClock(Arc<Mutex<Time>>);

struct Time {
    started: Instant,
    now: Instant,
    sleepers: BTreeMap<(Instant, u64), Waker>,
    next_sleeper: u64,
}

impl JumpingClock {
    #[allow(clippy::disallowed_methods)] // An arbitrary beginning.
    fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(Time { started: now, now, sleepers: BTreeMap::new(), next_sleeper: 0 })))
    }

    /// To the next moment at which somebody wants to wake.
    fn jump(&self) {
        let mut time = self.0.lock();
        if let Some(((at, _), waker)) = time.sleepers.pop_first() {
            time.now = time.now.max(at);
            drop(time);
            waker.wake();
        }
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Instant {
        self.0.lock().now
    }

    fn wall_ms(&self) -> i64 {
        let time = self.0.lock();
        1_700_000_000_000 + i64::try_from((time.now - time.started).as_millis()).unwrap()
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'_, ()> {
        let id = {
            let mut time = self.0.lock();
            time.next_sleeper += 1;
            time.next_sleeper
        };
        Box::pin(Sleep { time: self.0.clone(), key: (deadline, id) })
    }
}

struct Sleep {
    time: Arc<Mutex<Time>>,
    key: (Instant, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut time = self.time.lock();
        if time.now >= self.key.0 {
            return Poll::Ready(());
        }
        time.sleepers.insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.time.lock().sleepers.remove(&self.key);
    }
}

/// Pipes between addresses.
#[derive(Default)]
pub(crate) struct MemoryNet(Mutex<Links>);

#[derive(Default)]
struct Links {
    names: BTreeMap<String, Vec<IpAddr>>,
    listeners: BTreeMap<SocketAddr, mpsc::UnboundedSender<(Stream, SocketAddr)>>,
    swallowing: BTreeSet<IpAddr>,
    tried: Vec<SocketAddr>,
    next_port: u16,
}

impl MemoryNet {
    /// Says what a name resolves to from now on.
    pub(crate) fn name(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        self.0.lock().names.insert(name.to_owned(), addresses);
    }

    /// Connection attempts to the address are answered by nobody.
    pub(crate) fn swallow(&self, address: &str) {
        self.0.lock().swallowing.insert(address.parse().unwrap());
    }

    /// Every connection attempt so far.
    pub(crate) fn tried(&self) -> Vec<SocketAddr> {
        self.0.lock().tried.clone()
    }
}

impl Net for MemoryNet {
    fn connect(&self, address: SocketAddr, _: ConnectOptions) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let listener = {
                let mut links = self.0.lock();
                links.tried.push(address);
                if links.swallowing.contains(&address.ip()) {
                    None
                } else {
                    Some(links.listeners.get(&address).cloned())
                }
            };
            let Some(listener) = listener else { return std::future::pending().await };
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let listener = listener.ok_or_else(refused)?;
            let (here, there) = tokio::io::duplex(PIPE_BYTES);
            let from = SocketAddr::from(([127, 0, 0, 1], 1));
            let accepted = Stream::Other(Box::new(Pipe { pipe: there, local: address, peer: from }));
            listener.send((accepted, from)).map_err(|_| refused())?;
            Ok(Stream::Other(Box::new(Pipe { pipe: here, local: from, peer: address })))
        })
    }

    fn listen(&self, mut address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        Box::pin(async move {
            let mut links = self.0.lock();
            if address.port() == 0 {
                links.next_port += 1;
                address.set_port(9_000 + links.next_port);
            }
            let (sender, accepted) = mpsc::unbounded_channel();
            links.listeners.insert(address, sender);
            Ok(Box::new(MemoryListener { address, accepted }) as Box<dyn Listener>)
        })
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            if let Ok(address) = host.parse() {
                return Ok(vec![SocketAddr::new(address, port)]);
            }
            match self.0.lock().names.get(host) {
                Some(addresses) => {
                    Ok(addresses.iter().map(|address| SocketAddr::new(*address, port)).collect())
                }
                None => Err(io::Error::other("no such host")),
            }
        })
    }
}

struct MemoryListener {
    address: SocketAddr,
    accepted: mpsc::UnboundedReceiver<(Stream, SocketAddr)>,
}

impl Listener for MemoryListener {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn accept(&mut self) -> BoxFuture<'_, io::Result<(Stream, SocketAddr)>> {
        Box::pin(
            async move { self.accepted.recv().await.ok_or_else(|| io::Error::other("the network is gone")) },
        )
    }
}

struct Pipe {
    pipe: DuplexStream,
    local: SocketAddr,
    peer: SocketAddr,
}

impl ByteStream for Pipe {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}
