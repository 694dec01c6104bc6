use super::super::parse::Values;
use super::*;
use std::collections::BTreeSet;

#[test]
fn names_and_aliases_are_unique() {
    let mut seen = BTreeSet::new();
    for row in rows() {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            assert!(seen.insert(*name), "{name} stands twice");
        }
    }
}

#[test]
fn every_option_has_a_meaning_and_a_client() {
    for row in rows() {
        assert!(row.doc.ends_with('.') && row.doc.len() > 10, "{}: {}", row.name, row.doc);
        assert!(row.kinds.iter().next().is_some(), "{}", row.name);
    }
}

#[test]
fn defaults_pass_their_own_checks() {
    for kind in ClientKind::ALL {
        Values::parse(kind, [("bootstrap.servers", "localhost:9092")]).unwrap();
    }
}

#[test]
fn what_happens_anyway_can_be_written_down() {
    for row in rows() {
        let (Support::NotYet(harmless) | Support::Refused(_, harmless)) = row.support else { continue };
        for value in harmless {
            for kind in row.kinds.iter() {
                Values::parse(kind, [("bootstrap.servers", "localhost:9092"), (row.name, *value)])
                    .unwrap_or_else(|error| panic!("{}={value:?}: {error}", row.name));
            }
        }
    }
}

#[test]
fn passwords_are_marked_sensitive() {
    for row in rows() {
        let looks_secret = ["password", "passphrase", "secret"].iter().any(|word| row.name.contains(word))
            && !row.name.contains("ssl.secure.random");
        if looks_secret {
            assert!(row.sensitive, "{}", row.name);
        }
    }
}

/// The names of Kafka 4.4's three clients and of librdkafka 2.15, as published.
#[test]
fn every_published_name_has_a_row() {
    for (names, kinds) in [
        (include_str!("../../../tables/producer-configs.txt"), &[ClientKind::Producer][..]),
        (include_str!("../../../tables/consumer-configs.txt"), &[ClientKind::Consumer][..]),
        (include_str!("../../../tables/admin-configs.txt"), &[ClientKind::Admin][..]),
        (include_str!("../../../tables/librdkafka-configs.txt"), &[][..]),
    ] {
        for name in names.lines().filter(|line| !line.is_empty()) {
            let row = find(name).unwrap_or_else(|| panic!("{name} has no row"));
            for kind in kinds {
                assert!(row.kinds.contains(*kind), "{name} is an option of the {kind} too");
            }
        }
    }
}
