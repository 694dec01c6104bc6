//! `tables/apis.tsv` → the constants and the static table of `api_version.rs`.

use std::fmt::Write;

pub(crate) fn generate(table: &str) -> String {
    let mut constants = String::from("impl ApiKey {\n");
    let mut entries = String::from("static TABLE: &[Api] = &[\n");
    for (index, row) in super::rows(table).enumerate() {
        let [
            key,
            name,
            min,
            max,
            max_unstable,
            _,
            _,
            flexible_from,
            listeners,
            cluster_action,
            forwardable,
            ..,
        ] = row[..]
        else {
            panic!("apis.tsv: too few columns in {row:?}");
        };
        let key: i16 = key.parse().unwrap();
        assert_eq!(key as usize, index, "apis.tsv must be dense from 0, so that it can be indexed");
        // A removed API keeps its key: its range is empty.
        let (min, max, max_unstable) = if min == "-" { ("0", "-1", "-1") } else { (min, max, max_unstable) };
        let flexible_from = if flexible_from == "never" { "i16::MAX" } else { flexible_from };
        if max != "-1" {
            let constant = constant_name(name);
            writeln!(constants, "    /// `{name}`.\n    pub const {constant}: ApiKey = ApiKey({key});")
                .unwrap();
        }
        writeln!(
            entries,
            "    Api {{ key: ApiKey({key}), name: {name:?}, min: {min}, max: {max}, max_with_unstable: {max_unstable}, \
             flexible_from: {flexible_from}, on_broker: {}, on_controller: {}, cluster_action: {cluster_action}, \
             forwardable: {forwardable} }},",
            listeners.split('+').any(|listener| listener == "broker"),
            listeners.split('+').any(|listener| listener == "controller"),
        )
        .unwrap();
    }
    constants + "}\n" + &entries + "];\n"
}

/// `OffsetForLeaderEpoch` → `OFFSET_FOR_LEADER_EPOCH`.
fn constant_name(name: &str) -> String {
    let mut constant = String::new();
    for (index, letter) in name.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}
