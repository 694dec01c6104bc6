//! `max.connections.per.ip.overrides`, read.

use super::{BrokerConfig, ConfigError};

const OVERRIDES: &str = "max.connections.per.ip.overrides";

/// `host:count` each, by commas; an IPv6 address may stand in brackets or without.
pub(super) fn per_ip_overrides(config: &BrokerConfig) -> Result<Vec<(String, usize)>, ConfigError> {
    let text = config.text(OVERRIDES).unwrap_or_default();
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let wrong = || ConfigError::new(OVERRIDES, format!("{item:?} is not of the form host:count"));
            let (host, count) = item.rsplit_once(':').ok_or_else(wrong)?;
            let host = host.trim().trim_start_matches('[').trim_end_matches(']');
            let count = count.trim().parse::<u32>().map_err(|_| wrong())?;
            if host.is_empty() {
                return Err(wrong());
            }
            Ok((host.to_owned(), usize::try_from(count).unwrap_or(usize::MAX)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_addresses_have_their_counts() {
        let config = BrokerConfig::in_memory();
        let set = |text| config.clone().with(OVERRIDES, text);
        assert_eq!(
            set("127.0.0.1:2, far:10,::1:3,[::2]:0").unwrap().connections_per_ip(),
            [("127.0.0.1", 2), ("far", 10), ("::1", 3), ("::2", 0)]
                .map(|(host, count)| (host.to_owned(), count))
        );
        for wrong in ["far", "far:", ":3", "far:-1", "far:many"] {
            assert_eq!(set(wrong).unwrap_err().key, OVERRIDES, "{wrong}");
        }
    }
}
