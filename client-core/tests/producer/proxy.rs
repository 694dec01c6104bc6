//! A proxy that misbehaves on command.

use super::broker;
use ottla_broker::Broker;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a [`Proxy`] does to its connections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mood {
    Pass,
    /// Takes what is sent and lets nothing through either way.
    Swallow,
    /// Passes requests on and swallows the answers.
    SwallowAnswers,
}

/// Stands between producer and broker.
pub(crate) struct Proxy {
    pub(crate) address: String,
    mood: watch::Sender<Mood>,
    /// Counts up to cut every connection.
    cut: watch::Sender<u64>,
}

impl Proxy {
    /// A proxy and the broker behind it, which advertises the proxy.
    pub(crate) async fn before_broker(properties: &[(&str, &str)]) -> (Arc<Self>, Broker) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let advertised = format!("PLAINTEXT://{address}");
        let mut all = vec![("advertised.listeners", advertised.as_str())];
        all.extend_from_slice(properties);
        let broker = broker(&all).await;
        let proxy =
            Arc::new(Self { address, mood: watch::Sender::new(Mood::Pass), cut: watch::Sender::new(0) });
        let target = broker.addresses()[0];
        let this = Arc::clone(&proxy);
        tokio::spawn(async move {
            while let Ok((inbound, _)) = listener.accept().await {
                let Ok(outbound) = TcpStream::connect(target).await else { continue };
                let this = Arc::clone(&this);
                tokio::spawn(async move { this.carry(inbound, outbound).await });
            }
        });
        (proxy, broker)
    }

    async fn carry(&self, inbound: TcpStream, outbound: TcpStream) {
        let mut cut = self.cut.subscribe();
        let (from_client, to_client) = inbound.into_split();
        let (from_broker, to_broker) = outbound.into_split();
        let requests = pump(from_client, to_broker, self.mood.subscribe(), |mood| mood != Mood::Swallow);
        let answers = pump(from_broker, to_client, self.mood.subscribe(), |mood| mood == Mood::Pass);
        tokio::select! {
            _ = cut.changed() => {}
            () = requests => {}
            () = answers => {}
        }
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub(crate) fn cut(&self) {
        self.cut.send_modify(|count| *count += 1);
    }
}

async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mood: watch::Receiver<Mood>,
    passes: impl Fn(Mood) -> bool,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mood = *mood.borrow();
        if passes(mood) && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
