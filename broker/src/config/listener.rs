//! `listeners`, `advertised.listeners` and `listener.security.protocol.map`, parsed into what is to be bound.
//!
//! Owns the rule that plain text stays on this machine unless the configuration says otherwise in words.

use super::{BrokerConfig, ConfigError};
use std::net::IpAddr;

/// The key that lets plain text leave the machine.
pub(crate) const ALLOW_BEYOND_LOOPBACK: &str = "ottla.allow.plaintext.beyond.loopback";

/// One listener to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListenerConfig {
    /// Its name, upper case.
    pub(crate) name: String,
    /// Where to bind; empty means every interface.
    pub(crate) host: String,
    /// 0 takes a free port.
    pub(crate) port: u16,
    /// What clients are told; without it, the address they came in by. Port 0 means the bound one.
    pub(crate) advertised: Option<(String, u16)>,
}

/// Reads and checks the listeners of `config`; controller listeners are left out, as a node that is its own
/// controller has nobody to open one for.
pub(crate) fn listeners(config: &BrokerConfig) -> Result<Vec<ListenerConfig>, ConfigError> {
    let advertised = config
        .list("advertised.listeners")
        .iter()
        .map(|text| endpoint("advertised.listeners", text))
        .collect::<Result<Vec<_>, _>>()?;
    let controller_names = config.list("controller.listener.names");
    let mut listeners: Vec<ListenerConfig> = Vec::new();
    for text in config.list("listeners") {
        let (name, host, port) = endpoint("listeners", &text)?;
        if controller_names.iter().any(|controller| controller.eq_ignore_ascii_case(&name)) {
            continue;
        }
        if listeners.iter().any(|other| other.name == name) {
            return Err(ConfigError::new("listeners", format!("the name {name} is there twice")));
        }
        let protocol = security_protocol(config, &name);
        if protocol != "PLAINTEXT" {
            return Err(ConfigError::new(
                "listeners",
                format!("listener {name} asks for {protocol}, and only PLAINTEXT is spoken yet"),
            ));
        }
        if !is_loopback(&host) && !config.boolean(ALLOW_BEYOND_LOOPBACK) {
            return Err(ConfigError::new(
                "listeners",
                format!(
                    "{text} would speak plain text beyond this machine; bind 127.0.0.1, or say \
                     {ALLOW_BEYOND_LOOPBACK}=true"
                ),
            ));
        }
        let advertised = advertised.iter().find(|(other, ..)| *other == name);
        let advertised = advertised.map(|(_, host, port)| (host.clone(), *port));
        listeners.push(ListenerConfig { name, host, port, advertised });
    }
    if listeners.is_empty() {
        return Err(ConfigError::new("listeners", "no listener is left for clients"));
    }
    for (name, host, _) in &advertised {
        let known = listeners.iter().any(|listener| listener.name == *name)
            || controller_names.iter().any(|controller| controller.eq_ignore_ascii_case(name));
        if !known {
            return Err(ConfigError::new("advertised.listeners", format!("{name} is not among listeners")));
        }
        if host.is_empty() || host == "0.0.0.0" || host == "::" {
            return Err(ConfigError::new(
                "advertised.listeners",
                format!("{name} needs a host that clients can reach"),
            ));
        }
    }
    Ok(listeners)
}

/// What `listener.security.protocol.map` says of `name`; a listener may also be called like its protocol.
fn security_protocol(config: &BrokerConfig, name: &str) -> String {
    let map = config.text("listener.security.protocol.map").unwrap_or_default();
    let named = map.split(',').filter_map(|pair| pair.trim().split_once(':'));
    let mut found = named.filter(|(listener, _)| listener.eq_ignore_ascii_case(name));
    found.next().map_or_else(|| name.to_owned(), |(_, protocol)| protocol.trim().to_ascii_uppercase())
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `NAME://host:port`; the host may be empty, or an IPv6 address in brackets.
fn endpoint(key: &'static str, text: &str) -> Result<(String, String, u16), ConfigError> {
    let wrong = || ConfigError::new(key, format!("{text:?} is not of the form NAME://host:port"));
    let (name, address) = text.split_once("://").ok_or_else(wrong)?;
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().map_err(|_| wrong())?;
    if name.is_empty() {
        return Err(wrong());
    }
    Ok((name.to_ascii_uppercase(), host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<BrokerConfig, ConfigError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        BrokerConfig::from_properties(pairs.chain([("ottla.storage".to_owned(), "memory".to_owned())]))
    }

    #[test]
    fn plain_text_beyond_loopback_needs_words() {
        for listeners in ["PLAINTEXT://:9092", "PLAINTEXT://0.0.0.0:9092", "PLAINTEXT://[::]:9092"] {
            let refused = config(&[("listeners", listeners)]).unwrap_err();
            assert!(refused.to_string().contains(ALLOW_BEYOND_LOOPBACK), "{refused}");
            assert!(config(&[("listeners", listeners), (ALLOW_BEYOND_LOOPBACK, "true")]).is_ok());
        }
        assert!(config(&[("listeners", "PLAINTEXT://localhost:0,OTHER://[::1]:0")]).is_err());
    }

    #[test]
    fn a_single_node_file_of_kafkas_is_understood() {
        let config = config(&[
            ("process.roles", "broker,controller"),
            ("node.id", "7"),
            ("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
            ("advertised.listeners", "PLAINTEXT://kafka.test:19092,CONTROLLER://localhost:9093"),
            ("controller.quorum.voters", "7@localhost:9093"),
            ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
            ("num.network.threads", "3"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.node_id(), 7);
        let expected = ListenerConfig {
            name: "PLAINTEXT".into(),
            host: "localhost".into(),
            port: 9092,
            advertised: Some(("kafka.test".into(), 19092)),
        };
        assert_eq!(config.listeners(), [expected]);
    }

    #[test]
    fn tls_is_refused_rather_than_ignored() {
        assert!(config(&[("listeners", "SSL://127.0.0.1:9092")]).is_err());
        assert!(config(&[("ssl.keystore.location", "/keys")]).is_err());
    }
}
