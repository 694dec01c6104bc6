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
