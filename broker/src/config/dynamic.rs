//! Broker values changed at run time, on all brokers or on one.
//!
//! Owns which keys may be changed while the broker runs: those whose new value takes effect at once, which are the
//! defaults of topics. The others belong into the configuration file.

use super::table::{BROKER_KEYS, TOPIC_KEYS};
use super::{BrokerConfig, ConfigError, parse, unknown};
use imbl::OrdMap;
use std::sync::Arc;

/// Refuses what cannot be changed at run time; `None` takes a value back to the file's.
pub(crate) fn check_dynamic(name: &str, value: Option<&str>) -> Result<(), ConfigError> {
    let key = BROKER_KEYS.get(name).ok_or_else(|| unknown(name))?;
    if key.update_mode == "read-only" {
        return Err(ConfigError::new(
            name,
            format!("Cannot update these configs dynamically: {name}; set it in the configuration file"),
        ));
    }
    if !TOPIC_KEYS.values().any(|topic| topic.broker_synonyms.contains(&name)) {
        return Err(ConfigError::new(
            name,
            format!("{name} takes effect at a restart only; set it in the configuration file"),
        ));
    }
    value.map_or(Ok(()), |value| parse(key, value).map(|_| ()))
}

impl BrokerConfig {
    /// This configuration with values set at run time over it: those of all brokers, then this one's own.
    pub(crate) fn overridden<'a>(
        &self,
        layers: impl IntoIterator<Item = &'a OrdMap<Arc<str>, Arc<str>>>,
    ) -> Self {
        let mut config = self.clone();
        for (name, value) in layers.into_iter().flatten() {
            // They were checked when they were set; one that an older version allowed changes nothing.
            if let Some(key) = BROKER_KEYS.get(&**name)
                && let Ok(value) = parse(key, value)
            {
                config.explicit.insert(key.name, value);
            }
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_effect_can_be_changed() {
        assert!(check_dynamic("log.retention.ms", Some("1000")).is_ok());
        for (name, value) in [
            ("listeners", "x"),
            ("log.retention.msec", "1"),
            ("num.io.threads", "9"),
            ("log.retention.ms", "x"),
        ] {
            assert!(check_dynamic(name, Some(value)).is_err(), "{name}");
        }
    }

    #[test]
    fn one_broker_wins_over_all_over_the_file() {
        let file = BrokerConfig::in_memory().with("log.retention.ms", "1").unwrap();
        let layer = |value: &str| OrdMap::unit(Arc::from("log.retention.ms"), Arc::from(value));
        assert_eq!(file.overridden([&layer("2")]).long("log.retention.ms"), 2);
        assert_eq!(file.overridden([&layer("2"), &layer("3")]).long("log.retention.ms"), 3);
    }
}
