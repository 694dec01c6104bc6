//! What this broker can be told, and what it serves, as rows for people: the pages in `docs/` are made from them.
//!
//! Owns no fact: the rows are those the configuration and the dispatcher work with.

use crate::config::stance::{Stance, stance};
use crate::config::{BROKER_KEYS, ConfigKey, TOPIC_KEYS, topic};
use crate::server::dispatch;
use ottla_wire::ApiKey;
use std::ops::RangeInclusive;

/// One configuration key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConfigRow {
    /// Its name.
    pub name: &'static str,
    /// Kafka's name of its type.
    pub value_type: &'static str,
    /// The default; `None` is null.
    pub default: Option<&'static str>,
    /// Kafka's default, where it is another.
    pub kafkas_default: Option<&'static str>,
    /// What values it takes, in Kafka's words; empty for any.
    pub valid: &'static str,
    /// `read-only`, `per-broker` or `cluster-wide`; empty for a topic's.
    pub update_mode: &'static str,
    /// What setting it does.
    pub effect: Effect,
    /// Broker keys that give a topic's key its default, the strongest first.
    pub broker_synonyms: Vec<&'static str>,
    /// What it is, for keys that Kafka does not have.
    pub meaning: &'static str,
}

/// What setting a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is acted upon.
    Used,
    /// Nothing: it is accepted, and named once in the log.
    Inert,
    /// Only the default is accepted; the text says what is missing.
    Refused(&'static str),
}

/// The broker's keys, by name.
pub fn broker_configs() -> impl Iterator<Item = ConfigRow> {
    BROKER_KEYS.values().map(|key| {
        let effect = match stance(key) {
            Stance::Used => Effect::Used,
            Stance::Inert => Effect::Inert,
            Stance::Refused(reason) => Effect::Refused(reason),
        };
        row(key, effect)
    })
}

/// The keys of a topic, by name.
pub fn topic_configs() -> impl Iterator<Item = ConfigRow> {
    TOPIC_KEYS.values().map(|key| {
        let effect = if topic::REFUSED.contains(&key.name) {
            Effect::Refused("this broker cannot do that yet")
        } else if topic::INERT.contains(&key.name) {
            Effect::Inert
        } else {
            Effect::Used
        };
        row(key, effect)
    })
}

/// The APIs that are served and advertised, in which versions.
pub fn served_versions() -> impl Iterator<Item = (ApiKey, RangeInclusive<i16>)> {
    dispatch::SERVED.iter().cloned()
}

fn row(key: &ConfigKey, effect: Effect) -> ConfigRow {
    let kafkas = key.kafkas_default.trim_matches('"');
    ConfigRow {
        name: key.name,
        value_type: key.config_type.name(),
        default: key.default,
        kafkas_default: (kafkas != key.default.unwrap_or("null") && key.default.is_some()).then_some(kafkas),
        valid: key.valid_text,
        update_mode: key.update_mode,
        effect,
        broker_synonyms: key.broker_synonyms.clone(),
        meaning: key.meaning,
    }
}
