//! A bare connection to a broker: whole frames in and out, no opinion about what is in them.

use crate::error::{Context, Error};
use bytes::Bytes;
use ottla_env::{ConnectOptions, Env, Stream};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// More than any answer the cases ask for.
const MAX_FRAME_BYTES: usize = 128 << 20;

/// How reading ended.
#[derive(Debug)]
pub(crate) enum Received {
    /// A whole frame, without its length prefix.
    Frame(Bytes),
    /// The peer closed the connection, or reset it.
    Closed,
    /// Nothing came until the deadline.
    Silence,
}

/// One TCP connection.
pub(crate) struct Connection {
    env: Env,
    stream: Stream,
}

impl Connection {
    /// Connects to `host:port`.
    pub(crate) async fn open(env: &Env, address: &str, deadline: Instant) -> Result<Self, Error> {
        let connect = async {
            let (host, port) =
                address.rsplit_once(':').ok_or_else(|| Error::new(format!("no port in {address:?}")))?;
            let port = port.parse().context(|| format!("no port in {address:?}"))?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let mut last = Error::new(format!("{host} has no address"));
            for socket in env.net().resolve(host, port).await.context(|| format!("cannot resolve {host}"))? {
                match env.net().connect(socket, ConnectOptions::default()).await {
                    Ok(stream) => return Ok(Self { env: env.clone(), stream }),
                    Err(error) => last = Error::caused(format!("cannot connect to {socket}"), error),
                }
            }
            Err(last)
        };
        env.timeout_at(deadline, connect)
            .await
            .unwrap_or_else(|| Err(Error::new(format!("cannot connect to {address} in time"))))
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), Error> {
        let Self { env, stream } = self;
        let write = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        env.timeout_at(deadline, write)
            .await
            .ok_or_else(|| Error::new("the peer takes no more bytes"))?
            .context(|| "cannot write".to_owned())
    }

    /// Tells the peer that nothing more will come.
    pub(crate) async fn shut_down(&mut self, deadline: Instant) -> Result<(), Error> {
        let Self { env, stream } = self;
        env.timeout_at(deadline, stream.shutdown())
            .await
            .ok_or_else(|| Error::new("cannot shut the connection down in time"))?
            .context(|| "cannot shut the connection down".to_owned())
    }

    /// Writes a frame: the length prefix and the payload.
    pub(crate) async fn write_frame(&mut self, payload: &[u8], deadline: Instant) -> Result<(), Error> {
        let length = i32::try_from(payload.len()).context(|| "frame too long".to_owned())?;
        let mut frame = Vec::with_capacity(payload.len() + 4);
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(payload);
        self.write(&frame, deadline).await
    }

    /// Reads the next frame.
    pub(crate) async fn read_frame(&mut self, deadline: Instant) -> Result<Received, Error> {
        let Self { env, stream } = self;
        let read = async {
            let length = stream.read_i32().await?;
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > MAX_FRAME_BYTES {
                return Ok(None);
            }
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await?;
            Ok::<_, std::io::Error>(Some(Bytes::from(payload)))
        };
        match env.timeout_at(deadline, read).await {
            None => Ok(Received::Silence),
            Some(Ok(Some(frame))) => Ok(Received::Frame(frame)),
            Some(Ok(None)) => Err(Error::new("the peer announced a frame that is too long")),
            Some(Err(_)) => Ok(Received::Closed),
        }
    }
}

/// Whether the broker at `address` speaks Kafka and lists at least one broker as alive.
pub(crate) async fn is_ready(env: &Env, address: &str, deadline: Instant) -> Result<bool, Error> {
    // ApiVersions v0 and Metadata v1 without topics, both under request header v1 with a null client id.
    const API_VERSIONS: [u8; 10] = [0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    const METADATA: [u8; 14] = [0, 3, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0, 0, 0, 0];
    let mut connection = Connection::open(env, address, deadline).await?;
    connection.write_frame(&API_VERSIONS, deadline).await?;
    let Received::Frame(frame) = connection.read_frame(deadline).await? else { return Ok(false) };
    if frame.get(4..6) != Some(&[0, 0]) {
        return Ok(false);
    }
    connection.write_frame(&METADATA, deadline).await?;
    let Received::Frame(frame) = connection.read_frame(deadline).await? else { return Ok(false) };
    Ok(frame.get(4..8).is_some_and(|count| count != [0; 4]))
}
