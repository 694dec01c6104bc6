//! Configuration under Kafka's own names.
//!
//! [`BrokerConfig`] holds an effective value for every broker key of Kafka's (`tables/broker-configs.tsv`) and for the
//! few keys that exist only here (`tables/ottla-configs.tsv`). A key nobody knows is refused with a suggestion; a key
//! that Kafka knows is used, without effect, or refused ([`stance`] says which and why). Topic keys: [`topic`].

mod connections;
mod dynamic;
pub(crate) mod listener;
pub(crate) mod parse;
pub(crate) mod stance;
pub(crate) mod table;
pub(crate) mod topic;

pub(crate) use dynamic::check_dynamic;
pub(crate) use listener::ListenerConfig;
use parse::ConfigValue;
use stance::Stance;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
pub(crate) use table::{BROKER_KEYS, ConfigKey, GROUP_KEYS, TOPIC_KEYS};

/// A configuration that cannot be used, and the key that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid configuration {key}: {problem}")]
pub struct ConfigError {
    /// The key at fault.
    pub key: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

/// Where logs live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StorageConfig {
    /// Gone with the process.
    Memory,
    /// `log.dirs`.
    Directories(Vec<PathBuf>),
}

/// The configuration of one broker.
#[derive(Clone)]
pub struct BrokerConfig {
    /// What was said, in the words it was said in; passwords included, so it is never printed.
    explicit: BTreeMap<&'static str, ConfigValue>,
    listeners: Vec<ListenerConfig>,
    storage: StorageConfig,
    connections_per_ip: Vec<(String, usize)>,
}

impl BrokerConfig {
    /// Reads Kafka properties. A name that comes twice takes its last value, as in a properties file.
    ///
    /// Errors: an unknown key (with the likeliest meant one), a value outside its type or range, a key whose effect
    /// this broker does not have, listeners that cannot be.
    pub fn from_properties(
        properties: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut explicit = BTreeMap::new();
        for (name, text) in properties {
            let name = name.trim();
            let Some(key) = BROKER_KEYS.get(name) else { return Err(unknown(name)) };
            let value = parse(key, &text)?;
            match stance::stance(key) {
                Stance::Used => {}
                Stance::Inert => tracing::info!(key = name, "this configuration has no effect here"),
                Stance::Refused(reason) => {
                    if default_value(key) != value {
                        return Err(ConfigError::new(name, reason));
                    }
                }
            }
            explicit.insert(key.name, value);
        }
        // Whoever asks for the id is told the same by both names.
        if !explicit.contains_key("node.id")
            && let Some(id @ ConfigValue::Number(0..)) = explicit.get("broker.id").cloned()
        {
            explicit.insert("node.id", id);
        }
        let mut config = Self {
            explicit,
            listeners: Vec::new(),
            storage: StorageConfig::Memory,
            connections_per_ip: Vec::new(),
        };
        config.resolve()?;
        Ok(config)
    }

    /// A broker for tests: nothing touches a disk, a free port of 127.0.0.1, and no waiting where Kafka waits for
    /// more members or more brokers to come.
    pub fn in_memory() -> Self {
        Self::embedded([("ottla.storage", "memory".to_owned())])
    }

    /// As [`Self::in_memory`], with its logs under `directory`.
    pub fn in_dir(directory: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        let directory = directory.into();
        let text = directory.to_str().filter(|text| !text.contains(','));
        let text = text.ok_or_else(|| {
            ConfigError::new("log.dirs", format!("{} cannot be written as a property", directory.display()))
        })?;
        Ok(Self::embedded([("log.dirs", text.to_owned())]))
    }

    fn embedded(extra: [(&str, String); 1]) -> Self {
        let preset = [
            ("listeners", "PLAINTEXT://127.0.0.1:0"),
            ("offsets.topic.replication.factor", "1"),
            ("transaction.state.log.replication.factor", "1"),
            ("transaction.state.log.min.isr", "1"),
            ("share.coordinator.state.topic.replication.factor", "1"),
            ("share.coordinator.state.topic.min.isr", "1"),
            ("group.initial.rebalance.delay.ms", "0"),
        ];
        let preset = preset.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let extra = extra.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self::from_properties(preset.chain(extra)).expect("the preset names known keys and allowed values")
    }

    /// Sets one more key; the same errors as [`Self::from_properties`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let one = Self::from_properties([
            (name.to_owned(), value.to_owned()),
            // So that the one key is judged by itself and not by what it would need beside it.
            ("ottla.allow.plaintext.beyond.loopback".to_owned(), "true".to_owned()),
        ])?;
        let mut changed = self.clone();
        changed.explicit.extend(one.explicit.into_iter().filter(|(key, _)| *key == name));
        changed.resolve()?;
        *self = changed;
        Ok(())
    }

    /// [`Self::set`] in a chain.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, ConfigError> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Works out what takes more than one key.
    fn resolve(&mut self) -> Result<(), ConfigError> {
        let roles = self.list("process.roles");
        if !["broker", "controller"].iter().all(|role| roles.iter().any(|given| given == role)) {
            return Err(ConfigError::new(
                "process.roles",
                "a node is broker and controller at once yet: broker,controller",
            ));
        }
        let node_id = self.node_id();
        if let (true, broker_id @ 0..) = (self.is_explicit("node.id"), self.int("broker.id"))
            && broker_id != node_id
        {
            return Err(ConfigError::new(
                "broker.id",
                format!("it is the old name of node.id, which says {node_id}"),
            ));
        }
        let bootstrap = self.list("controller.quorum.bootstrap.servers");
        if bootstrap.len() > 1 {
            return Err(ConfigError::new(
                "controller.quorum.bootstrap.servers",
                format!("{} are several nodes, and the quorum is one node yet", bootstrap.join(",")),
            ));
        }
        let protocols = self.list("group.coordinator.rebalance.protocols");
        if !protocols.iter().any(|protocol| protocol.eq_ignore_ascii_case("classic")) {
            return Err(ConfigError::new(
                "group.coordinator.rebalance.protocols",
                "the classic protocol cannot be switched off",
            ));
        }
        let voters = self.list("controller.quorum.voters");
        let own = format!("{node_id}@");
        if let Some(other) = voters.iter().find(|voter| !voter.starts_with(&own)) {
            return Err(ConfigError::new(
                "controller.quorum.voters",
                format!("{other} is another node, and the quorum is one node yet"),
            ));
        }
        self.storage = match self.text("ottla.storage") {
            Some("memory") => StorageConfig::Memory,
            _ => {
                let directories = self.list("log.dirs");
                // Named and empty is a mistake, not the wish for Kafka's default below /tmp.
                let falls_back = directories.is_empty() && !self.is_explicit("log.dirs");
                let directories = if falls_back { self.list("log.dir") } else { directories };
                if directories.is_empty() {
                    return Err(ConfigError::new("log.dirs", "no directory is named"));
                }
                if let Some(metadata) = self.text("metadata.log.dir")
                    && directories.first().is_none_or(|first| Path::new(first) != Path::new(metadata))
                {
                    return Err(ConfigError::new(
                        "metadata.log.dir",
                        "the metadata log is kept in the first directory of log.dirs yet",
                    ));
                }
                StorageConfig::Directories(directories.iter().map(PathBuf::from).collect())
            }
        };
        self.connections_per_ip = connections::per_ip_overrides(self)?;
        self.listeners = listener::listeners(self)?;
        Ok(())
    }

    /// `node.id`, or `broker.id` where only that is set: its name before there was a quorum.
    pub fn node_id(&self) -> i32 {
        match self.int("broker.id") {
            broker_id @ 0.. if !self.is_explicit("node.id") => broker_id,
            _ => self.int("node.id"),
        }
    }

    /// `max.connections.per.ip.overrides`: host or address, and how many.
    pub(crate) fn connections_per_ip(&self) -> &[(String, usize)] {
        &self.connections_per_ip
    }

    pub(crate) fn listeners(&self) -> &[ListenerConfig] {
        &self.listeners
    }

    pub(crate) fn storage(&self) -> &StorageConfig {
        &self.storage
    }

    /// What was set or has a default of our own, as text, for those who fold it under topic configuration; passwords
    /// left out.
    pub(crate) fn log_properties(&self) -> BTreeMap<String, String> {
        let own = self
            .value(table::MAX_DECOMPRESSED)
            .shown()
            .map(|value| (table::MAX_DECOMPRESSED.to_owned(), value));
        let shown =
            self.explicit.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.shown()?)));
        own.into_iter().chain(shown).collect()
    }

    /// Whether `name` was set rather than left at its default.
    pub(crate) fn is_explicit(&self, name: &str) -> bool {
        self.explicit.contains_key(name)
    }

    /// The effective value. Panics when `name` is no broker key: callers name them in code.
    pub(crate) fn value(&self, name: &str) -> ConfigValue {
        let key = BROKER_KEYS.get(name);
        let key = key.expect("configuration is asked for by names of the table");
        self.explicit.get(name).cloned().unwrap_or_else(|| default_value(key))
    }

    /// A boolean key.
    pub(crate) fn boolean(&self, name: &str) -> bool {
        matches!(self.value(name), ConfigValue::Boolean(true))
    }

    /// A short, int or long key; `None` is null.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.value(name) {
            ConfigValue::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A long key that has a default.
    pub(crate) fn long(&self, name: &str) -> i64 {
        self.number(name).expect("the table gives this number a default")
    }

    /// A short or int key that has a default.
    pub(crate) fn int(&self, name: &str) -> i32 {
        i32::try_from(self.long(name)).expect("the type of this key keeps it within 32 bits")
    }

    /// A number of bytes or things that has a default; a negative one means no bound.
    pub(crate) fn size(&self, name: &str) -> usize {
        usize::try_from(self.long(name)).unwrap_or(usize::MAX)
    }

    /// A double key that has a default.
    pub(crate) fn double(&self, name: &str) -> f64 {
        match self.value(name) {
            ConfigValue::Double(number) => number,
            _ => 0.0,
        }
    }

    /// A span of milliseconds that has a default; a negative one is none at all.
    pub(crate) fn duration_ms(&self, name: &str) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.long(name)).unwrap_or(0))
    }

    /// A string key as it was said, or its default; `None` is null.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.explicit.get(name) {
            Some(ConfigValue::Text(text)) => Some(text),
            Some(_) => None,
            None => BROKER_KEYS.get(name).and_then(|key| key.default),
        }
    }

    /// A list key; null is empty.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            ConfigValue::List(items) => items,
            _ => Vec::new(),
        }
    }
}

/// Never shows a value: the names that were set are enough to tell configurations apart.
impl std::fmt::Debug for BrokerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrokerConfig").field("explicit", &self.explicit).finish_non_exhaustive()
    }
}

fn unknown(name: &str) -> ConfigError {
    let problem = match table::suggestion(name, BROKER_KEYS.keys().copied()) {
        Some(suggestion) => format!("there is no such key; did you mean {suggestion}?"),
        None => "there is no such key".to_owned(),
    };
    ConfigError::new(name, problem)
}

/// Parses and checks one value of one key.
pub(crate) fn parse(key: &ConfigKey, text: &str) -> Result<ConfigValue, ConfigError> {
    let value = key.config_type.parse(text).and_then(|value| key.valid.check(value));
    value.map_err(|problem| ConfigError::new(key.name, problem))
}

/// The value of `key` without configuration.
pub(crate) fn default_value(key: &ConfigKey) -> ConfigValue {
    match key.default {
        // A test keeps every default readable.
        Some(text) => key.config_type.parse(text).unwrap_or(ConfigValue::Null),
        None => ConfigValue::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<BrokerConfig, ConfigError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        BrokerConfig::from_properties(pairs)
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_meant() {
        let refused = config(&[("auto.create.topic.enable", "true")]).unwrap_err();
        assert!(refused.problem.contains("auto.create.topics.enable"), "{refused}");
    }

    #[test]
    fn values_outside_type_or_range_name_the_key() {
        for (name, value) in [("num.partitions", "0"), ("node.id", "one"), ("log.cleanup.policy", "shred")] {
            assert_eq!(config(&[(name, value)]).unwrap_err().key, name);
        }
    }

    #[test]
    fn a_refused_key_takes_its_default_and_nothing_else() {
        assert!(config(&[("authorizer.class.name", "")]).is_ok());
        assert!(config(&[("authorizer.class.name", "org.example.Authorizer")]).is_err());
    }

    #[test]
    fn an_old_files_broker_id_is_the_node_id() {
        assert_eq!(config(&[("broker.id", "5")]).unwrap().node_id(), 5);
        assert_eq!(config(&[("broker.id", "5")]).unwrap().int("node.id"), 5);
        assert_eq!(config(&[("broker.id", "5"), ("node.id", "5")]).unwrap().node_id(), 5);
        assert_eq!(config(&[("broker.id", "-1"), ("node.id", "3")]).unwrap().node_id(), 3);
        assert_eq!(BrokerConfig::in_memory().with("broker.id", "7").unwrap().node_id(), 7);
        assert_eq!(config(&[("broker.id", "5"), ("node.id", "6")]).unwrap_err().key, "broker.id");
    }

    #[test]
    fn what_inert_keys_would_ask_for_beyond_that_is_refused() {
        for (name, good, bad) in [
            ("controller.quorum.bootstrap.servers", "one:9093", "one:9093,two:9093"),
            ("group.coordinator.rebalance.protocols", "classic", "consumer"),
            ("metadata.log.dir", "/tmp/kafka-logs", "/elsewhere"),
        ] {
            assert!(config(&[(name, good)]).is_ok(), "{name}");
            assert_eq!(config(&[(name, bad)]).unwrap_err().key, name);
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let refused = config(&[("ssl.keystore.password", "canary")]).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("canary"));
    }

    #[test]
    fn presets_hold_and_can_be_changed() {
        let config = BrokerConfig::in_memory().with("num.partitions", "3").unwrap();
        assert_eq!(config.int("num.partitions"), 3);
        assert_eq!(config.storage(), &StorageConfig::Memory);
        assert_eq!(config.listeners()[0].port, 0);
        assert!(BrokerConfig::in_memory().with("listeners", "PLAINTEXT://:9092").is_err());
    }
}
