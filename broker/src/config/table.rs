//! One row per configuration key: Kafka's own tables, and the few keys that exist only here.
//!
//! Owns the shape of a row and how a row is found, with a suggestion for a name nobody has. Does not know which keys
//! this broker acts on ([`super::stance`]) nor what their values are.

use super::parse::{ConfigType, Valid};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Defaults of Kafka's that differ here, each for a reason.
const DEFAULTS: &[(&str, &str)] = &[
    // A node that is not told otherwise is a whole cluster of its own, reachable from this machine only.
    ("node.id", "1"),
    ("process.roles", "broker,controller"),
    ("controller.listener.names", "CONTROLLER"),
    ("listeners", "PLAINTEXT://127.0.0.1:9092"),
    // Kafka's defaults ask for three brokers, which its own example configuration takes back in the same way.
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    // Kafka leaves these unbounded; a peer that may connect must not be able to take every descriptor.
    ("max.connections", "4096"),
    ("max.connections.per.ip", "256"),
    // Kafka's is 2 GiB, which a batch of some kilobytes can swell to.
    (MAX_DECOMPRESSED, "134217728"),
];

/// The one of [`DEFAULTS`] that is also a topic's.
pub(crate) const MAX_DECOMPRESSED: &str = "max.decompressed.message.bytes";

fn own_default(name: &str, kafkas: &'static str) -> &'static str {
    DEFAULTS.iter().find(|(key, _)| *key == name).map_or(kafkas, |(_, value)| value)
}

/// What is known of one configuration key.
#[derive(Debug)]
pub(crate) struct ConfigKey {
    /// Kafka's dotted name.
    pub(crate) name: &'static str,
    /// How its text is read.
    pub(crate) config_type: ConfigType,
    /// The value without configuration; `None` is null.
    pub(crate) default: Option<&'static str>,
    /// Kafka's own default, as its table writes it.
    pub(crate) kafkas_default: &'static str,
    /// What values are allowed.
    pub(crate) valid: Valid,
    /// The same in the table's words.
    pub(crate) valid_text: &'static str,
    /// `read-only`, `per-broker` or `cluster-wide`; empty for topic keys.
    pub(crate) update_mode: &'static str,
    /// Kafka's part of the broker the key belongs to; empty for topic keys.
    pub(crate) area: &'static str,
    /// Broker keys that give a topic key its default, the strongest first; empty for broker keys.
    pub(crate) broker_synonyms: Vec<&'static str>,
    /// What it is, for keys that exist only here; Kafka's documentation tells of the others.
    pub(crate) meaning: &'static str,
}

impl ConfigKey {
    /// Whether items can be added to and taken from its value.
    pub(crate) fn is_list(&self) -> bool {
        self.config_type == ConfigType::List
    }
}

/// Every broker key by name.
pub(crate) static BROKER_KEYS: LazyLock<BTreeMap<&'static str, ConfigKey>> = LazyLock::new(|| {
    let kafka = include_str!("../../tables/broker-configs.tsv");
    let own = include_str!("../../tables/ottla-configs.tsv");
    let rows = kafka.lines().skip(1).chain(own.lines().skip(1));
    rows.map(|row| {
        let field: Vec<&'static str> = row.split('\t').collect();
        let column = |index: usize| field.get(index).copied().unwrap_or("");
        let name = column(0);
        let default = own_default(name, column(2));
        let key = ConfigKey {
            name,
            config_type: ConfigType::named(column(1)),
            default: default_of(default),
            kafkas_default: column(2),
            valid: Valid::described(column(3)),
            valid_text: column(3),
            update_mode: column(6),
            area: column(7),
            broker_synonyms: Vec::new(),
            meaning: column(9),
        };
        (name, key)
    })
    .collect()
});

/// Every topic key by name.
pub(crate) static TOPIC_KEYS: LazyLock<BTreeMap<&'static str, ConfigKey>> =
    LazyLock::new(|| resource_keys("topic"));

/// Every group key by name.
pub(crate) static GROUP_KEYS: LazyLock<BTreeMap<&'static str, ConfigKey>> =
    LazyLock::new(|| resource_keys("group"));

fn resource_keys(resource: &str) -> BTreeMap<&'static str, ConfigKey> {
    let table: &'static str = include_str!("../../tables/topic-configs.tsv");
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect::<Vec<&'static str>>());
    rows.filter(|field| field.first() == Some(&resource))
        .map(|field| {
            let column = |index: usize| field.get(index).copied().unwrap_or("");
            let name = column(1);
            let key = ConfigKey {
                name,
                config_type: ConfigType::named(column(2)),
                default: default_of(own_default(name, column(3))),
                kafkas_default: column(3),
                valid: Valid::described(column(4)),
                valid_text: column(4),
                update_mode: "",
                area: "",
                broker_synonyms: column(7).split(',').filter(|synonym| !synonym.is_empty()).collect(),
                meaning: "",
            };
            (name, key)
        })
        .collect()
}

/// The tables write null as `null`, the empty text as `""` and a missing default as `(required)`.
fn default_of(text: &'static str) -> Option<&'static str> {
    match text {
        "null" | "(required)" => None,
        "\"\"" => Some(""),
        text => Some(text),
    }
}

/// The known name most like `name`, when it is near enough to be a slip.
pub(crate) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let nearest = known.map(|known| (edit_distance(name, known), known)).min()?;
    // A third of the letters wrong is no longer a slip.
    (nearest.0 <= (name.len() / 3).clamp(1, 4)).then_some(nearest.1)
}

/// Levenshtein distance over bytes; names are ASCII.
fn edit_distance(left: &str, right: &str) -> usize {
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, left_byte) in left.bytes().enumerate() {
        let mut diagonal = row;
        let mut current = vec![row + 1];
        for (column, right_byte) in right.bytes().enumerate() {
            let above = previous[column + 1];
            let beside = current[column];
            current.push((above + 1).min(beside + 1).min(diagonal + usize::from(left_byte != right_byte)));
            diagonal = above;
        }
        previous = current;
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_satisfies_its_own_row() {
        let tables = [&*BROKER_KEYS, &*TOPIC_KEYS, &*GROUP_KEYS];
        for key in tables.iter().flat_map(|table| table.values()) {
            if let Some(default) = key.default {
                let value = key.config_type.parse(default).and_then(|value| key.valid.check(value));
                assert!(value.is_ok(), "{}: {:?}", key.name, value);
            }
        }
    }

    #[test]
    fn topic_synonyms_name_broker_keys() {
        for key in TOPIC_KEYS.values() {
            for synonym in &key.broker_synonyms {
                assert!(BROKER_KEYS.contains_key(synonym), "{} names {synonym}", key.name);
            }
        }
    }

    #[test]
    fn a_slip_finds_its_name_and_nonsense_does_not() {
        let find = |name| suggestion(name, BROKER_KEYS.keys().copied());
        assert_eq!(find("num.partition"), Some("num.partitions"));
        assert_eq!(find("mesage.max.bytes"), Some("message.max.bytes"));
        assert_eq!(find("colour.of.the.sky"), None);
    }
}
