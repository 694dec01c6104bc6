//! Topic configuration: a topic's own values over the broker's over Kafka's defaults.
//!
//! Owns how the three levels fold into one effective value, where broker keys count in other units
//! (`log.retention.hours` for `retention.ms`). Does not know what a log does with it.

use super::parse::ConfigValue;
use super::table::{ConfigKey, TOPIC_KEYS, suggestion};
use super::{BrokerConfig, ConfigError, default_value, parse};

/// Where an effective value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The topic's own.
    Topic,
    /// The broker's configuration file.
    Broker,
    /// Nobody set it.
    Default,
}

/// Keys that would be a lie to accept with another value than their default.
pub(crate) const REFUSED: &[&str] = &["remote.storage.enable", "errors.deadletterqueue.group.enable"];

/// Keys without effect and without harm: replication between brokers and tiered storage are not there yet, and files grow as
/// they are written.
pub(crate) const INERT: &[&str] = &[
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "preallocate",
    "remote.copy.lag.bytes",
    "remote.copy.lag.ms",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "unclean.leader.election.enable",
];

/// Reads one topic value. Errors: unknown key, wrong value, an effect this broker does not have.
pub(crate) fn check(name: &str, text: &str) -> Result<ConfigValue, ConfigError> {
    let Some(key) = TOPIC_KEYS.get(name) else {
        let problem = match suggestion(name, TOPIC_KEYS.keys().copied()) {
            Some(suggestion) => format!("Unknown topic config name: {name}; did you mean {suggestion}?"),
            None => format!("Unknown topic config name: {name}"),
        };
        return Err(ConfigError::new(name, problem));
    };
    let value = parse(key, text).map_err(|error| {
        ConfigError::new(name, format!("Invalid value {text} for configuration {name}: {}", error.problem))
    })?;
    if REFUSED.contains(&name) && value != default_value(key) {
        return Err(ConfigError::new(name, "this broker cannot do that yet"));
    }
    Ok(value)
}

/// The effective value of the topic key `name`, whose own text is `own`.
///
/// Panics when `name` is no topic key: callers name them in code or have checked them.
pub(crate) fn effective(broker: &BrokerConfig, name: &str, own: Option<&str>) -> (ConfigValue, Source) {
    let key = TOPIC_KEYS.get(name).expect("topic configuration is asked for by names of the table");
    if let Some(value) = own.and_then(|text| parse(key, text).ok()) {
        return (value, Source::Topic);
    }
    for synonym in &key.broker_synonyms {
        if broker.is_explicit(synonym)
            && let Some(value) = in_topic_units(key, synonym, broker.value(synonym))
        {
            return (value, Source::Broker);
        }
    }
    (default_value(key), Source::Default)
}

/// A broker value in the units of the topic key.
pub(crate) fn in_topic_units(key: &ConfigKey, synonym: &str, value: ConfigValue) -> Option<ConfigValue> {
    let ConfigValue::Number(number) = value else {
        return (value != ConfigValue::Null).then_some(value);
    };
    let factor = if !key.name.ends_with(".ms") {
        1
    } else if synonym.ends_with(".hours") {
        3_600_000
    } else if synonym.ends_with(".minutes") {
        60_000
    } else {
        1
    };
    // Any negative retention means for ever, in whatever unit.
    Some(ConfigValue::Number(if number < 0 { number.max(-1) } else { number.saturating_mul(factor) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(pairs: &[(&str, &str)]) -> BrokerConfig {
        let mut config = BrokerConfig::in_memory();
        pairs.iter().for_each(|(name, value)| config.set(name, value).unwrap());
        config
    }

    #[test]
    fn the_topic_wins_over_the_broker_over_the_default() {
        let config = broker(&[("log.retention.hours", "2")]);
        let retention = |own| effective(&config, "retention.ms", own);
        assert_eq!(retention(Some("5")), (ConfigValue::Number(5), Source::Topic));
        assert_eq!(retention(None), (ConfigValue::Number(7_200_000), Source::Broker));
        let plain = BrokerConfig::in_memory();
        assert_eq!(
            effective(&plain, "retention.ms", None),
            (ConfigValue::Number(604_800_000), Source::Default)
        );
    }

    #[test]
    fn the_finer_unit_wins_among_broker_keys() {
        let config = broker(&[("log.retention.hours", "2"), ("log.retention.ms", "77")]);
        assert_eq!(effective(&config, "retention.ms", None).0, ConfigValue::Number(77));
    }

    #[test]
    fn unknown_topic_keys_are_refused() {
        assert!(check("retention.msec", "1").unwrap_err().problem.contains("retention.ms"));
        let problem = check("retention.ms", "soon").unwrap_err().problem;
        assert!(problem.contains("retention.ms") && problem.contains("soon"), "{problem}");
        assert!(check("remote.storage.enable", "true").is_err());
    }
}
