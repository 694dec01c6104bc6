//! Text to typed values: names are found, refused or explained; values are checked against their row.
//! Knows the rows' types but not what the options mean together; that is `typed`.

use super::table::{self, ClientKind, OptionRow, Support, ValueType};
use crate::error::{Error, ErrorKind};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

const OPERATION: &str = "configure the client";

/// A checked value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Choices are lower case here.
    Text(String),
    List(Vec<String>),
}

/// Checked options of one client, defaults filled in.
#[derive(Clone)]
pub(crate) struct Values {
    kind: ClientKind,
    /// By the row's name.
    values: BTreeMap<&'static str, Value>,
    /// Names the user set himself.
    explicit: BTreeMap<&'static str, String>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in &self.values {
            if table::find(name).is_some_and(|row| row.sensitive) {
                map.entry(name, &"[hidden]");
            } else {
                map.entry(name, value);
            }
        }
        map.finish()
    }
}

impl Values {
    /// Checks every `(name, value)` pair for a client of `kind` and fills in defaults.
    pub(crate) fn parse<N, V>(
        kind: ClientKind,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut parsed = Self { kind, values: BTreeMap::new(), explicit: BTreeMap::new() };
        for (name, value) in options {
            parsed.set(name.as_ref(), value.as_ref())?;
        }
        for row in table::rows().iter().filter(|row| row.kinds.contains(kind)) {
            if parsed.values.contains_key(row.name) {
                continue;
            }
            if let Some(default) = row.default.for_kind(kind) {
                let value = parse_value(row, row.name, default)?;
                parsed.values.insert(row.name, value);
            } else if row.default == table::DefaultValue::Required {
                return Err(config_error(format!("{} is required", row.name))
                    .with_context("option", row.name)
                    .with_hint(row.doc));
            }
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let Some(row) = table::find(name) else {
            return Err(unknown(self.kind, name));
        };
        if !row.kinds.contains(self.kind) {
            return Err(misplaced(self.kind, row, name));
        }
        let text = text.trim();
        if let Some(earlier) = self.explicit.get(row.name)
            && earlier != name
        {
            return Err(config_error(format!(
                "{earlier} and {name} are two names of one option, and both are set"
            ))
            .with_context("option", row.name)
            .with_hint(format!("keep {} only", row.name)));
        }
        let harmless = |values: &[&str]| values.iter().any(|value| value.eq_ignore_ascii_case(text));
        match row.support {
            Support::Used => {}
            Support::NotYet(values) if harmless(values) => {}
            Support::Refused(_, values) if harmless(values) => {}
            Support::NotYet(values) => return Err(not_yet(row, name, text, values)),
            Support::Refused(why, _) => {
                return Err(config_error(format!("{name} cannot be set here: {why}"))
                    .with_kind(ErrorKind::Config)
                    .with_context("option", name));
            }
        }
        let value = parse_value(row, name, text)?;
        self.values.insert(row.name, value);
        self.explicit.insert(row.name, name.to_owned());
        Ok(())
    }

    /// Whether the user set it, under any of its names.
    pub(crate) fn is_explicit(&self, name: &str) -> bool {
        self.explicit.contains_key(name)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        debug_assert!(
            table::find(name).is_some_and(|row| row.name == name && row.kinds.contains(self.kind)),
            "{name} is no {} option",
            self.kind
        );
        self.values.get(name)
    }

    pub(crate) fn bool(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Bool(true)))
    }

    /// A number; 0 where the row has none, which its tests exclude.
    pub(crate) fn int(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(Value::Int(number)) => *number,
            _ => 0,
        }
    }

    /// A number of `_ms`.
    pub(crate) fn duration(&self, name: &str) -> Duration {
        Duration::from_millis(u64::try_from(self.int(name)).unwrap_or(0))
    }

    /// A size or count, which the row bounds from below by 0.
    pub(crate) fn size(&self, name: &str) -> usize {
        usize::try_from(self.int(name)).unwrap_or(0)
    }

    /// A text, a choice in lower case; `None` where it is null or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }
}

/// A configuration error about no option in particular.
pub(crate) fn config_error(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, OPERATION, message)
}

/// An option's value that contradicts another or cannot be.
pub(crate) fn option_error(name: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    config_error(message).with_context("option", name)
}

fn not_yet(row: &OptionRow, name: &str, text: &str, harmless: &[&str]) -> Error {
    let shown = if row.sensitive { "[hidden]" } else { text };
    let error = Error::new(ErrorKind::Unsupported, OPERATION, format!("{name}={shown} is not supported yet"))
        .with_context("option", name);
    match harmless {
        _ if !row.remark.is_empty() => error.with_hint(row.remark),
        // A default that does nothing is no mechanism that works.
        _ if name.starts_with("sasl.") || name.starts_with("ssl.") => error.with_hint(format!(
            "remove {name}: only listeners with security.protocol=PLAINTEXT can be reached"
        )),
        [] | [""] => error.with_hint(format!("remove {name}")),
        values => error.with_hint(format!("supported: {}", values.join(", "))),
    }
}

fn misplaced(kind: ClientKind, row: &OptionRow, name: &str) -> Error {
    let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.to_string()).collect();
    config_error(format!("{name} is an option of the {}, not of the {kind}", kinds.join(" and the ")))
        .with_context("option", name)
        .with_hint(format!("remove it here, or set it on the {}", kinds.join(" or the ")))
}

fn unknown(kind: ClientKind, name: &str) -> Error {
    let error = config_error(format!("{name:?} is not an option of the {kind}")).with_context("option", name);
    match suggestion(kind, name) {
        Some(close) => error.with_hint(format!("did you mean {close:?}?")),
        None => error.with_hint("docs/client-options.md lists every option"),
    }
}

/// The nearest usable name, when it is near enough to be a slip of the keyboard.
fn suggestion(kind: ClientKind, name: &str) -> Option<&'static str> {
    let wanted = normalise(name);
    let limit = (wanted.len() / 4).clamp(1, 4);
    table::rows()
        .iter()
        .filter(|row| row.kinds.contains(kind) && !matches!(row.support, Support::Refused(..)))
        .flat_map(|row| std::iter::once(&row.name).chain(row.aliases))
        .map(|candidate| (edit_distance(&wanted, &normalise(candidate)), *candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `bootstrapServers`, `bootstrap_servers` and `bootstrap.servers` are one name misspelt.
fn normalise(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 4);
    for character in name.chars().take(128) {
        if character.is_ascii_uppercase() && !plain.is_empty() && !plain.ends_with('.') {
            plain.push('.');
        }
        plain.push(match character {
            '_' | '-' => '.',
            other => other.to_ascii_lowercase(),
        });
    }
    plain
}

/// Edits (insert, remove, replace, swap of neighbours) between two texts.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0usize; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

fn parse_value(row: &OptionRow, name: &str, text: &str) -> Result<Value, Error> {
    let refuse = |expected: String| {
        let shown = if row.sensitive { "[hidden]".to_owned() } else { format!("{text:?}") };
        Err(config_error(format!("{name} cannot be {shown}: expected {expected}"))
            .with_context("option", name.to_owned()))
    };
    match row.value_type {
        ValueType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => refuse("true or false".to_owned()),
        },
        ValueType::Int { min, max } => match text.parse::<i64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(Value::Int(number)),
            _ => refuse(format!("a whole number from {min} to {max}")),
        },
        ValueType::Float { min, max } => match text.parse::<f64>() {
            Ok(number) if (min..=max).contains(&number) => Ok(Value::Float(number)),
            _ => refuse(format!("a number from {min} to {max}")),
        },
        ValueType::Text => Ok(Value::Text(text.to_owned())),
        ValueType::NonEmptyText if text.is_empty() => refuse("some text".to_owned()),
        ValueType::NonEmptyText => Ok(Value::Text(text.to_owned())),
        ValueType::Choice(words) => {
            let lower = text.to_ascii_lowercase();
            if words.contains(&lower.as_str()) {
                return Ok(Value::Text(lower));
            }
            let near = words
                .iter()
                .map(|word| (edit_distance(&lower, word), *word))
                // Every word of one letter is one slip away from any other.
                .filter(|(distance, word)| *distance <= (word.len() / 3).max(1) && *distance < word.len())
                .min();
            match near {
                Some((_, word)) => refuse(format!("one of {}", words.join(", ")))
                    .map_err(|error: Error| error.with_hint(format!("did you mean {word:?}?"))),
                None => refuse(format!("one of {}", words.join(", "))),
            }
        }
        ValueType::List => Ok(Value::List(
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: ClientKind, options: &[(&str, &str)]) -> Result<Values, Error> {
        Values::parse(kind, options.iter().copied().chain([("bootstrap.servers", "localhost:9092")]))
    }

    #[test]
    fn misspelt_names_get_a_suggestion() {
        for (name, meant) in [
            ("linger.msec", "linger.ms"),
            ("compresion.type", "compression.type"),
            ("enableIdempotence", "enable.idempotence"),
            ("batch_size", "batch.size"),
            ("akcs", "acks"),
        ] {
            let error = parse(ClientKind::Producer, &[(name, "1")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(&format!("did you mean {meant:?}?")), "{error}");
        }
    }

    #[test]
    fn a_name_near_nothing_gets_no_suggestion() {
        let error = parse(ClientKind::Producer, &[("flux.capacitor", "1")]).unwrap_err();
        assert!(!error.to_string().contains("did you mean"), "{error}");
    }

    #[test]
    fn producer_option_on_a_consumer_says_whose_it_is() {
        let error = parse(ClientKind::Consumer, &[("linger.ms", "5")]).unwrap_err();
        assert!(
            error.to_string().contains("linger.ms is an option of the producer, not of the consumer"),
            "{error}"
        );
    }

    #[test]
    fn librdkafka_names_are_understood() {
        let values = parse(ClientKind::Producer, &[("queue.buffering.max.ms", "7")]).unwrap();
        assert_eq!(values.int("linger.ms"), 7);
        assert!(values.is_explicit("linger.ms"));
    }

    #[test]
    fn two_names_of_one_option_contradict() {
        let error =
            parse(ClientKind::Producer, &[("queue.buffering.max.ms", "7"), ("linger.ms", "8")]).unwrap_err();
        assert!(error.to_string().contains("two names of one option"), "{error}");
    }

    #[test]
    fn planned_options_take_only_what_happens_anyway() {
        parse(ClientKind::Admin, &[("security.protocol", "PLAINTEXT")]).unwrap();
        let error = parse(ClientKind::Admin, &[("security.protocol", "SSL")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("security.protocol=SSL is not supported yet"), "{error}");
    }

    #[test]
    fn java_classes_are_refused_with_the_reason() {
        let error = parse(
            ClientKind::Producer,
            &[("key.serializer", "org.apache.kafka.common.serialization.StringSerializer")],
        )
        .unwrap_err();
        assert!(error.to_string().contains("keys and values are bytes here"), "{error}");
    }

    #[test]
    fn secrets_show_neither_in_errors_nor_in_debug() {
        let error = parse(ClientKind::Producer, &[("sasl.password", "hunter2")]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.to_string().contains("sasl.password"), "{error}");
    }

    #[test]
    fn values_out_of_range_name_the_range() {
        let error = parse(ClientKind::Producer, &[("batch.size", "-1")]).unwrap_err();
        assert!(error.to_string().contains("a whole number from 0 to 2147483647"), "{error}");
        let error = parse(ClientKind::Producer, &[("compression.type", "gzipp")]).unwrap_err();
        assert!(error.to_string().contains("did you mean \"gzip\"?"), "{error}");
    }

    #[test]
    fn missing_bootstrap_servers_is_reported() {
        let error = Values::parse(ClientKind::Admin, [("client.id", "x")]).unwrap_err();
        assert!(error.to_string().contains("bootstrap.servers is required"), "{error}");
    }

    #[test]
    fn edit_distance_counts_a_swap_once() {
        assert_eq!(edit_distance("akcs", "acks"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
