//! Addresses of brokers as people write them.

use super::parse::option_error;
use crate::error::Error;
use std::fmt;
use std::sync::Arc;

/// A host name or address, and a port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Name or literal address, an IPv6 one without brackets.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

impl HostPort {
    /// `host` and `port` as they are.
    pub fn new(host: impl Into<Arc<str>>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// Reads `host:port`, `[v6]:port`, or either after a listener's name: `PLAINTEXT://host:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| {
            option_error("bootstrap.servers", format!("bootstrap.servers cannot hold {text:?}: {why}"))
                .with_hint("write host:port, such as localhost:9092 or [::1]:9092")
        };
        let plain = match text.split_once("://") {
            Some((listener, rest)) if listener.eq_ignore_ascii_case("plaintext") => rest,
            Some((listener, _)) => {
                return Err(wrong(&format!("{listener:?} is no listener this client can speak to")));
            }
            None => text,
        };
        let Some((host, port)) = plain.rsplit_once(':') else {
            return Err(wrong("the port is missing"));
        };
        let host = match (host.strip_prefix('['), host.contains(':')) {
            (Some(inner), _) => inner.strip_suffix(']').ok_or_else(|| wrong("a bracket is missing"))?,
            (None, true) => return Err(wrong("an IPv6 address needs brackets")),
            (None, false) => host,
        };
        if host.is_empty() || host.contains(char::is_whitespace) || host.contains('/') {
            return Err(wrong("the host is not a name or address"));
        }
        match port.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Self::new(host, port)),
            _ => Err(wrong("the port is not a number from 1 to 65535")),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_read() {
        assert_eq!(HostPort::parse("kafka-1:9092").unwrap(), HostPort::new("kafka-1", 9092));
        assert_eq!(HostPort::parse("[::1]:19092").unwrap().to_string(), "[::1]:19092");
        assert_eq!(HostPort::parse("PLAINTEXT://h:1").unwrap(), HostPort::new("h", 1));
    }

    #[test]
    fn each_slip_is_named() {
        for (text, why) in [
            ("localhost", "the port is missing"),
            ("::1:9092", "an IPv6 address needs brackets"),
            ("localhost:kafka", "the port is not a number"),
            ("localhost:0", "the port is not a number"),
            ("http://localhost:9092", "no listener this client can speak to"),
            (":9092", "the host is not a name"),
        ] {
            let error = HostPort::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
