//! Which cases run: what the caller asked for, what the driver can do, what the broker advertises.

use crate::case::{Case, Level};
use crate::error::Error;
use crate::probe::Advertised;
use crate::report::Skip;
use ottla_wire::ApiKey;
use std::collections::BTreeSet;

/// What the caller asked for; empty lists mean everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Names of cases; a name that ends in `*` stands for all that begin so.
    pub only: Vec<String>,
    /// Levels.
    pub levels: Vec<Level>,
}

impl Selection {
    /// Whether the case is asked for.
    pub fn takes(&self, case: &Case) -> bool {
        (self.only.is_empty() || self.only.iter().any(|pattern| glob(pattern, &case.id)))
            && (self.levels.is_empty() || self.levels.contains(&case.level))
    }
}

/// The APIs a client needs for an operation, beyond those no broker lacks.
const NEEDED_APIS: &[(&str, &[&str])] = &[
    (
        "consumer.subscribe",
        &["FindCoordinator", "JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "OffsetFetch"],
    ),
    ("consumer.commit", &["FindCoordinator", "OffsetCommit"]),
    ("consumer.committed", &["FindCoordinator", "OffsetFetch"]),
    ("producer.init_transactions", &["FindCoordinator", "InitProducerId", "AddPartitionsToTxn", "EndTxn"]),
    ("producer.send_offsets", &["TxnOffsetCommit"]),
    ("admin.create_partitions", &["CreatePartitions"]),
    ("admin.describe_configs", &["DescribeConfigs"]),
    ("admin.alter_configs", &["IncrementalAlterConfigs"]),
    ("admin.delete_records", &["DeleteRecords"]),
    ("admin.list_groups", &["ListGroups"]),
    ("admin.describe_groups", &["FindCoordinator", "DescribeGroups"]),
    ("admin.delete_groups", &["FindCoordinator", "DeleteGroups"]),
    ("admin.list_group_offsets", &["FindCoordinator", "OffsetFetch"]),
    ("admin.alter_group_offsets", &["FindCoordinator", "OffsetCommit"]),
    ("admin.delete_group_offsets", &["FindCoordinator", "OffsetDelete"]),
    ("admin.describe_cluster", &["DescribeCluster"]),
    ("group.protocol.consumer", &["ConsumerGroupHeartbeat"]),
];

/// Why a case cannot run against a broker, if it cannot.
pub(crate) fn lacks_api(case: &Case, advertised: &Advertised) -> Option<Skip> {
    let operations = case.steps.iter().flat_map(|step| {
        // A coordinator asked by raw requests is needed as much as one a client asks.
        let to = |kind| step.fields.get("to").is_some_and(|to| to.get(kind).is_some());
        let coordinator = to("transaction").then_some("producer.init_transactions");
        coordinator
            .or_else(|| to("group").then_some("consumer.subscribe"))
            .into_iter()
            .chain([step.op.as_str()])
    });
    let features = case.requires.iter().map(String::as_str);
    let needed = operations.chain(features).flat_map(|name| {
        NEEDED_APIS.iter().filter(move |(operation, _)| *operation == name).flat_map(|(_, apis)| apis.iter())
    });
    let missing =
        needed.filter(|name| ApiKey::from_name(name).is_some_and(|api| !advertised.contains_key(&api.0)));
    if let Some(name) = missing.into_iter().next() {
        return Some(Skip::BrokerLacks((*name).to_owned()));
    }
    case.steps.iter().find_map(|step| {
        let (name, version) = step.wire_version()?;
        let api = ApiKey::from_name(name)?;
        match advertised.get(&api.0) {
            None => Some(Skip::BrokerLacks(name.to_owned())),
            Some((min, max)) if version >= 0 && !(i64::from(*min)..=i64::from(*max)).contains(&version) => {
                Some(Skip::BrokerLacks(format!("{name} version {version}")))
            }
            Some(_) => None,
        }
    })
}

/// Why a case cannot run with a driver, if it cannot.
pub(crate) fn lacks_capability(case: &Case, driver: &str, capabilities: &BTreeSet<String>) -> Option<Skip> {
    if let Some(reason) = case.not_for.get(driver) {
        return Some(Skip::ClientDiffers(reason.clone()));
    }
    let own = case.steps.iter().filter(|step| step.driver.as_deref().is_none_or(|name| name == "self"));
    let operations = own.filter_map(|step| step.operations());
    let needed = operations.chain(case.requires.iter().map(String::as_str));
    let missing: BTreeSet<_> = needed.filter(|name| !capabilities.contains(*name)).collect();
    let missing: Vec<_> = missing.into_iter().map(str::to_owned).collect();
    (!missing.is_empty()).then_some(Skip::DriverLacks(missing))
}

/// Cases listed as failing.
#[derive(Clone, Debug, Default)]
pub struct KnownFailing {
    entries: Vec<(String, Option<String>)>,
}

impl KnownFailing {
    /// Reads a list: `case [driver]` a line, `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut entries = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace().map(str::to_owned);
            let Some(case) = words.next() else { continue };
            entries.push((case, words.next()));
            if let Some(word) = words.next() {
                return Err(Error::new(format!(
                    "a known failure is a case and a driver; {word:?} is too much"
                )));
            }
        }
        Ok(Self { entries })
    }

    /// Adds another list.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Whether the case is listed for the driver.
    pub fn lists(&self, case: &str, driver: &str) -> bool {
        self.entries
            .iter()
            .any(|(pattern, only)| glob(pattern, case) && only.as_deref().is_none_or(|only| only == driver))
    }
}

fn glob(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(extra: &str) -> Case {
        let text = format!(
            "id: area.name\ntitle: t\nlevel: core\nsource: [KIP-1]\n{extra}\nsteps:\n  - {{do: producer.create, handle: p}}\n  - {{do: wire.call, api: Fetch, version: 12}}\n"
        );
        Case::parse("area/name.yaml", &text).expect("a case")
    }

    #[test]
    fn capabilities_come_from_steps_and_from_requires() {
        let case = case("requires: [compression.zstd]");
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let reason = lacks_capability(&case, "d", &names(&["producer.create"]));
        assert_eq!(reason, Some(Skip::DriverLacks(vec!["compression.zstd".to_owned()])));
        assert_eq!(lacks_capability(&case, "d", &names(&["producer.create", "compression.zstd"])), None);
    }

    #[test]
    fn versions_outside_the_advertised_range_are_skipped() {
        let case = case("");
        assert!(lacks_api(&case, &Advertised::new()).is_some());
        assert!(lacks_api(&case, &Advertised::from([(1, (4, 11))])).is_some());
        assert_eq!(lacks_api(&case, &Advertised::from([(1, (4, 12))])), None);
    }

    #[test]
    fn operations_need_the_apis_behind_them() {
        let text = "id: area.name\ntitle: t\nlevel: groups\nsource: [KIP-1]\nsteps:\n  - {do: consumer.commit, handle: c}\n";
        let case = Case::parse("area/name.yaml", text).expect("a case");
        let reason = lacks_api(&case, &Advertised::from([(10, (0, 6))]));
        assert_eq!(reason, Some(Skip::BrokerLacks("OffsetCommit".to_owned())));
        assert_eq!(lacks_api(&case, &Advertised::from([(10, (0, 6)), (8, (2, 9))])), None);
        assert!(
            NEEDED_APIS
                .iter()
                .flat_map(|(_, apis)| apis.iter())
                .all(|name| ApiKey::from_name(name).is_some())
        );
    }

    #[test]
    fn known_failures_may_name_a_driver_and_end_in_a_star() {
        let list = KnownFailing::parse("area.*  java # why\n\nother.case\n").expect("a list");
        assert!(list.lists("area.name", "java") && !list.lists("area.name", "rust"));
        assert!(list.lists("other.case", "rust") && !list.lists("other.case2", "rust"));
        assert!(KnownFailing::parse("a b c").is_err());
    }
}
