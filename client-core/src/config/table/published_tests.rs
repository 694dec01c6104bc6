//! The option table against what Kafka 4.4's clients and librdkafka 2.15 publish (`tables/`): every name has a row, and
//! where a default, a type or a range differs, [`DIFFERENCES`] says why. It is the one list of such differences.

use super::*;
use std::collections::BTreeSet;

/// What of an option differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Aspect {
    /// The default, or for an option that is not obeyed: Kafka's default is not taken.
    Default,
    Type,
    Range,
}

use Aspect::{Default as D, Range as R, Type as T};

/// Differences that are on purpose, and why.
const DIFFERENCES: &[(&str, Aspect, &str)] = &[
    ("auto.offset.reset", R, "durations and librdkafka's words are read when the configuration is typed"),
    ("bootstrap.servers", D, "an admin client needs it too: bootstrap.controllers is not supported yet"),
    ("compression.gzip.level", R, "0 lies between -1 and 9; it is refused when the level is used"),
    ("connections.max.idle.ms", R, "below -1 there is no meaning"),
    ("enable.metrics.push", D, "pushing metrics (KIP-714) is not built yet"),
    ("group.id", R, "a group without a name is refused, as brokers refuse it"),
    ("heartbeat.interval.ms", R, "without a pause heartbeats would never end"),
    ("key.deserializer", D, "keys and values are bytes here: there is nothing to require"),
    ("key.serializer", D, "keys and values are bytes here: there is nothing to require"),
    ("max.in.flight.requests.per.connection", R, "bounded as in librdkafka: every queue has a bound"),
    ("metadata.cluster.check.enable", D, "telling brokers whom the client expects is not built yet"),
    ("partition.assignment.strategy", D, "the same assignors, by the names that members agree on"),
    (
        "receive.buffer.bytes",
        D,
        "a buffer of 64 KiB cannot grow with the connection: slower on long ways, and a fifth more CPU on short ones",
    ),
    ("session.timeout.ms", R, "a session of no time ends before it begins"),
    ("socket.connection.setup.timeout.max.ms", R, "no connection is opened in no time"),
    ("socket.connection.setup.timeout.ms", R, "no connection is opened in no time"),
    ("value.deserializer", D, "keys and values are bytes here: there is nothing to require"),
    ("value.serializer", D, "keys and values are bytes here: there is nothing to require"),
];

struct Published<'a> {
    name: &'a str,
    value_type: &'a str,
    default: &'a str,
    valid: &'a str,
}

const TABLES: [(&str, ClientKind); 3] = [
    (include_str!("../../../tables/producer-configs.tsv"), ClientKind::Producer),
    (include_str!("../../../tables/consumer-configs.tsv"), ClientKind::Consumer),
    (include_str!("../../../tables/admin-configs.tsv"), ClientKind::Admin),
];

fn published(table: &str) -> Vec<Published<'_>> {
    let rows = table.lines().skip(1).map(|line| match *line.split('\t').collect::<Vec<_>>() {
        [name, value_type, default, valid, ..] => Published { name, value_type, default, valid },
        _ => panic!("{line:?} has too few columns"),
    });
    rows.collect()
}

fn default_differs(row: &OptionRow, kind: ClientKind, theirs: &str) -> bool {
    // Kafka's null and its empty texts are both "not set" here.
    let theirs = if matches!(theirs, "null" | "\"\"") { "" } else { theirs };
    match row.support {
        Support::Used if theirs == "(required)" => row.default != DefaultValue::Required,
        Support::Used => {
            row.default == DefaultValue::Required || row.default.for_kind(kind).unwrap_or("") != theirs
        }
        Support::NotYet(harmless) | Support::Refused(_, harmless) => {
            !theirs.is_empty() && !harmless.iter().any(|value| value.eq_ignore_ascii_case(theirs))
        }
    }
}

fn type_differs(row: &OptionRow, theirs: &str) -> bool {
    // What is not obeyed is compared as text.
    if row.support != Support::Used {
        return false;
    }
    !match row.value_type {
        ValueType::Boolean => theirs == "boolean",
        ValueType::Int { .. } => matches!(theirs, "short" | "int" | "long"),
        ValueType::Float { .. } => theirs == "double",
        ValueType::Text | ValueType::NonEmptyText | ValueType::Choice(_) => {
            matches!(theirs, "string" | "class" | "password")
        }
        ValueType::List => theirs == "list",
    }
}

fn range_differs(row: &OptionRow, theirs: &Published<'_>) -> bool {
    if row.support != Support::Used {
        return false;
    }
    let valid = theirs.valid.trim_start_matches("(case insensitive) ");
    let inner = valid.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match row.value_type {
        ValueType::Int { min, max } => {
            let widest = if theirs.value_type == "long" { LONG_MAX } else { INT_MAX };
            let bounds: Option<(i64, i64)> = inner.and_then(|inner| {
                let (first, rest) = inner.split_once(",...")?;
                let last = match rest.strip_prefix(',') {
                    Some(last) => last.parse().ok()?,
                    None => widest,
                };
                Some((first.parse().ok()?, last))
            });
            bounds != Some((min, max))
        }
        ValueType::Choice(words) => {
            let ours: BTreeSet<String> = words.iter().map(|word| word.to_lowercase()).collect();
            let theirs = inner.unwrap_or("").split(", ").map(str::to_lowercase).collect();
            ours != theirs
        }
        ValueType::NonEmptyText => valid != "non-empty string",
        ValueType::Boolean | ValueType::Float { .. } | ValueType::Text | ValueType::List => !valid.is_empty(),
    }
}

#[test]
fn every_published_name_has_a_row() {
    for (table, kind) in TABLES {
        for option in published(table) {
            let row = find(option.name).unwrap_or_else(|| panic!("{} has no row", option.name));
            assert!(row.kinds.contains(kind), "{} is an option of the {kind} too", option.name);
        }
    }
    for name in include_str!("../../../tables/librdkafka-configs.txt").lines() {
        assert!(find(name).is_some(), "{name} has no row");
    }
}

#[test]
fn defaults_types_and_ranges_are_kafkas_except_where_a_reason_is_given() {
    let mut found = BTreeSet::new();
    let mut details = String::new();
    for (table, kind) in TABLES {
        for option in published(table) {
            let row = find(option.name).unwrap();
            let differences = [
                (D, default_differs(row, kind, option.default)),
                (T, type_differs(row, option.value_type)),
                (R, range_differs(row, &option)),
            ];
            for (aspect, differs) in differences {
                if differs && found.insert((option.name, aspect)) {
                    details += &format!(
                        "{kind} {} {aspect:?}: {} {:?} {:?}, here {:?} {:?} {:?}\n",
                        option.name,
                        option.value_type,
                        option.default,
                        option.valid,
                        row.value_type,
                        row.default,
                        row.support
                    );
                }
            }
        }
    }
    let explained: BTreeSet<_> = DIFFERENCES.iter().map(|(name, aspect, _)| (*name, *aspect)).collect();
    assert_eq!(found, explained, "differences:\n{details}");
}

#[test]
fn reasons_are_given_once_and_in_order() {
    assert!(DIFFERENCES.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    assert!(DIFFERENCES.iter().all(|(_, _, why)| why.len() > 10));
}
