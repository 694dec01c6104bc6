//! What is flat, and what was lost: judges measurements and counters, and knows nothing of processes.

/// Memory that grew by less than this share is flat: no allocator gives back all at once.
const MEMORY_SHARE: f64 = 0.02;
/// And up to this many KiB, whatever the share.
const MEMORY_KIB: f64 = 4096.0;
/// Clients that come and go have connections and threads when they are looked at; a leak has hundreds.
const COUNT_SLACK: f64 = 4.0;
/// What a poll hands out at most (`max.poll.records`): as much may come again when a partition changes hands.
const RECORDS_PER_POLL: u64 = 500;
/// Into so many parts the time is divided; the least of each part counts.
const PARTS: usize = 24;

/// What is measured, with its bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Measure {
    /// KiB of memory that is the process's own.
    Memory,
    /// Threads or descriptors.
    Count,
}

/// How something went over the time it was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trend {
    /// At the beginning of the time, by the line through the least values.
    pub(super) first: f64,
    /// At its end.
    pub(super) last: f64,
    /// How much more that may be and still be flat.
    pub(super) bound: f64,
}

impl Trend {
    pub(super) fn is_flat(&self) -> bool {
        self.last - self.first <= self.bound
    }
}

/// The line through the least values of each part of the time: what a collector leaves behind counts, not what it has not
/// collected yet. `samples` are seconds and values, in order; `None` when there are too few of them to tell.
pub(super) fn trend(measure: Measure, samples: &[(f64, f64)]) -> Option<Trend> {
    if samples.len() < PARTS {
        return None;
    }
    let floors: Vec<(f64, f64)> = (0..PARTS)
        .filter_map(|part| {
            let part = samples.get(samples.len() * part / PARTS..samples.len() * (part + 1) / PARTS)?;
            part.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1))
        })
        .collect();
    let count = floors.len() as f64;
    let middle =
        floors.iter().fold((0.0, 0.0), |sum, floor| (sum.0 + floor.0 / count, sum.1 + floor.1 / count));
    let (mut along, mut across) = (0.0, 0.0);
    for (time, value) in &floors {
        along += (time - middle.0).powi(2);
        across += (time - middle.0) * (value - middle.1);
    }
    let slope = if along > 0.0 { across / along } else { 0.0 };
    let at = |time: f64| middle.1 + slope * (time - middle.0);
    let (first, last) = (at(samples.first()?.0), at(samples.last()?.0));
    let bound = match measure {
        Measure::Memory => MEMORY_KIB.max(first * MEMORY_SHARE),
        Measure::Count => COUNT_SLACK,
    };
    Some(Trend { first, last, bound })
}

/// What a program reports on its last line (bench/soak/README.md).
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(String);

impl Counts {
    pub(super) fn of(line: &str) -> Self {
        Self(line.replace(' ', ""))
    }

    /// A counter's value; `None` when the line does not have it.
    pub(super) fn get(&self, name: &str) -> Option<u64> {
        let (_, rest) = self.0.split_once(&format!("\"{name}\":"))?;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    }

    /// What is wrong with them: nothing when every record was acknowledged and read, in order, and none came twice but what
    /// at-least-once allows when partitions change hands.
    pub(super) fn findings(&self) -> Vec<String> {
        if !self.0.contains("\"done\":true") {
            return vec!["it did not come to its end".to_owned()];
        }
        let get = |name: &str| self.get(name).unwrap_or_default();
        let mut findings = Vec::new();
        for name in ["sent", "clients", "handovers", "refused", "cancelled", "dropped"] {
            if get(name) == 0 {
                findings.push(format!("{name} is 0: nothing was tried"));
            }
        }
        for name in ["failed", "lost", "out_of_order", "unexpected"] {
            if self.get(name) != Some(0) {
                findings.push(format!("{name} is {}", get(name)));
            }
        }
        if get("acknowledged") != get("sent") {
            findings.push(format!("{} of {} records were acknowledged", get("acknowledged"), get("sent")));
        }
        if get("read") != get("acknowledged") + get("doubled") {
            findings.push(format!("{} records were read", get("read")));
        }
        if get("doubled") > get("handovers") * RECORDS_PER_POLL {
            findings.push(format!("doubled {} in {} handovers", get("doubled"), get("handovers")));
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..480).map(|second| (f64::from(second), value(f64::from(second)))).collect()
    }

    fn is_flat(measure: Measure, value: impl Fn(f64) -> f64) -> bool {
        trend(measure, &samples(value)).unwrap().is_flat()
    }

    #[test]
    fn what_grows_is_refused() {
        assert!(!is_flat(Measure::Memory, |second| 50_000.0 + 12.0 * second));
        assert!(!is_flat(Measure::Count, |second| 20.0 + second / 60.0));
    }

    #[test]
    fn growth_under_a_saw_tooth_is_refused() {
        let saw = |second: f64| 50_000.0 + 3_000.0 * (second % 7.0) + 12.0 * second;
        assert!(!is_flat(Measure::Memory, saw));
    }

    #[test]
    fn a_saw_tooth_is_flat() {
        assert!(is_flat(Measure::Memory, |second| 50_000.0 + 3_000.0 * (second % 13.0)));
        assert!(is_flat(Measure::Count, |second| 20.0 + second % 5.0));
    }

    #[test]
    fn a_constant_and_a_decline_are_flat() {
        assert!(is_flat(Measure::Memory, |_| 50_000.0));
        assert!(is_flat(Measure::Memory, |second| 50_000.0 - 20.0 * second));
    }

    #[test]
    fn growth_within_the_share_of_a_large_process_is_flat() {
        assert!(is_flat(Measure::Memory, |second| 1_000_000.0 + 30.0 * second));
    }

    #[test]
    fn too_few_samples_tell_nothing() {
        assert!(trend(Measure::Memory, &samples(|_| 1.0)[..PARTS - 1]).is_none());
    }

    const GOOD: &str = "{\"sent\": 10, \"acknowledged\":10,\"failed\":0,\"read\":13,\"doubled\":3,\"lost\":0,\"out_of_order\":0,\
                        \"handovers\":1,\"clients\":1,\"refused\":1,\"cancelled\":1,\"dropped\":1,\"unexpected\":0,\"done\": true}";

    #[test]
    fn records_that_came_again_when_partitions_changed_hands_are_allowed() {
        assert_eq!(Counts::of(GOOD).findings(), Vec::<String>::new());
        assert_eq!(Counts::of(GOOD).get("read"), Some(13));
    }

    #[test]
    fn lost_records_needless_doubles_and_an_early_end_are_findings() {
        let findings = |from: &str, to: &str| Counts::of(&GOOD.replace(from, to)).findings();
        assert_eq!(findings("\"lost\":0", "\"lost\":1"), ["lost is 1"]);
        assert_eq!(findings("\"read\":13", "\"read\":12"), ["12 records were read"]);
        assert_eq!(findings("\"acknowledged\":10", "\"acknowledged\":9").len(), 2);
        assert_eq!(
            findings("\"handovers\":1", "\"handovers\":0"),
            ["handovers is 0: nothing was tried", "doubled 3 in 0 handovers"]
        );
        assert_eq!(findings("true", "false"), ["it did not come to its end"]);
        assert_eq!(Counts::of("").findings(), ["it did not come to its end"]);
    }
}
