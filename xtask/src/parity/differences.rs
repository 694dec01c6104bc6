//! The differences between languages that are meant, each with its reason, and whether they are all there are.

use super::Surface;
use std::collections::{BTreeMap, BTreeSet};

/// How an operation differs.
#[derive(Debug)]
enum How {
    /// These languages lack it.
    Lacking,
    /// These languages alone have it.
    Only,
    /// These languages have it by another name.
    Called(Vec<String>),
}

#[derive(Debug)]
struct Difference<'a> {
    operation: &'a str,
    how: How,
    languages: BTreeSet<&'a str>,
}

/// A line of the list: `Type.operation - languages: reason`, `+` for those that alone have it, `=` for other names
/// (`Producer.send_many = kotlin send_all: …`).
fn parse(line: &str) -> Result<Difference<'_>, String> {
    let wrong = || format!("no difference: {line:?}");
    let (head, reason) = line.split_once(": ").ok_or_else(wrong)?;
    let mut words = head.splitn(3, ' ');
    let (Some(operation), Some(sign), Some(list)) = (words.next(), words.next(), words.next()) else {
        return Err(wrong());
    };
    if reason.trim().len() < 15 || !operation.contains('.') {
        return Err(format!("a difference needs an operation and a reason: {line:?}"));
    }
    let entries = list.split(", ");
    let (languages, names): (BTreeSet<_>, Vec<_>) =
        entries.map(|entry| entry.split_once(' ').unwrap_or((entry, ""))).unzip();
    let names: Vec<_> = names.into_iter().map(str::to_owned).collect();
    let is_named = names.iter().all(|name| !name.is_empty());
    let how = match (sign, is_named) {
        ("-", false) => How::Lacking,
        ("+", false) => How::Only,
        ("=", true) => How::Called(names),
        _ => return Err(wrong()),
    };
    Ok(Difference { operation, how, languages })
}

/// What is not as listed: differences that nobody meant, and listed ones that are none (any more).
pub(crate) fn problems(surfaces: &BTreeMap<&str, Surface>, list: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = list.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut differences = Vec::new();
    for line in lines {
        match parse(line) {
            Ok(difference) => differences.push(difference),
            Err(problem) => problems.push(problem),
        }
    }
    let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (language, surface) in surfaces {
        for (name, operations) in surface {
            for operation in operations {
                owners.entry(format!("{name}.{operation}")).or_default().insert(language);
            }
        }
    }
    for difference in &differences {
        let How::Called(names) = &difference.how else { continue };
        let name = difference.operation.split('.').next().unwrap_or_default();
        for (language, other) in difference.languages.iter().zip(names) {
            let there =
                owners.get_mut(&format!("{name}.{other}")).is_some_and(|found| found.remove(language));
            let twice = !owners.entry(difference.operation.to_owned()).or_default().insert(language);
            if !there || twice {
                problems.push(format!(
                    "{} is not called {other} in {language}: take it off the list",
                    difference.operation
                ));
            }
        }
    }
    let all: BTreeSet<&str> = surfaces.keys().copied().collect();
    // Languages whose type is made otherwise altogether.
    let apart = |operation: &str| -> BTreeSet<&str> {
        let whole = operation.split_once('.').map_or(String::new(), |(name, _)| format!("{name}.*"));
        let found = differences.iter().filter(|difference| difference.operation == whole);
        found.flat_map(|difference| difference.languages.iter().copied()).collect()
    };
    for (operation, found) in owners.iter().filter(|(_, found)| !found.is_empty()) {
        let listed = differences.iter().find(|difference| {
            difference.operation == operation && !matches!(difference.how, How::Called(_))
        });
        let expected: BTreeSet<&str> = match listed {
            None => all.clone(),
            Some(Difference { how: How::Only, languages, .. }) => languages.clone(),
            Some(Difference { languages, .. }) => all.difference(languages).copied().collect(),
        };
        let apart = apart(operation);
        let expected: BTreeSet<&str> = match listed {
            Some(_) => expected,
            None => {
                expected.into_iter().filter(|name| found.contains(name) || !apart.contains(name)).collect()
            }
        };
        let join = |set: Vec<&&str>| set.into_iter().copied().collect::<Vec<_>>().join(", ");
        let lacking = join(expected.difference(found).collect());
        let beyond = join(found.difference(&expected).collect());
        if !lacking.is_empty() {
            problems.push(format!(
                "{operation} is not in {lacking}: add it there, or list the difference with its reason"
            ));
        }
        if !beyond.is_empty() {
            problems
                .push(format!("{operation} is in {beyond}, too: it does not belong into the list any more"));
        }
    }
    for difference in &differences {
        if let Some(name) = difference.operation.strip_suffix(".*") {
            let common = owners.iter().filter(|(operation, found)| {
                operation.starts_with(name) && found.len() + difference.languages.len() == all.len()
            });
            if common.count() < 5 {
                problems.push(format!(
                    "{} is like the others' in all but a few: list those",
                    difference.operation
                ));
            }
            continue;
        }
        let is_gone = owners.get(difference.operation).is_none_or(BTreeSet::is_empty);
        let is_everywhere = matches!(difference.how, How::Only) && difference.languages == all;
        if is_gone || is_everywhere {
            problems.push(format!("{} is listed for nothing: take it off the list", difference.operation));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(list: &str) -> Vec<String> {
        let surface = |operations: &[&str]| -> Surface {
            Surface::from([("Producer", operations.iter().map(|name| (*name).to_owned()).collect())])
        };
        let surfaces = BTreeMap::from([
            ("rust", surface(&["send", "close", "stream"])),
            ("node", surface(&["send", "close", "ready"])),
            ("c", surface(&["put", "close"])),
        ]);
        problems(&surfaces, list)
    }

    const COMPLETE: &str = "# comment\n\
        Producer.send = c put: a word of its own for a reason\n\
        Producer.stream - node, c: they have no streams at all\n\
        Producer.ready + node: only there is there no waiting\n";

    #[test]
    fn listed_differences_are_fine() {
        assert_eq!(judge(COMPLETE), Vec::<String>::new());
    }

    #[test]
    fn difference_that_is_not_listed_is_a_problem() {
        let problems = judge(&COMPLETE.replace("Producer.ready", "# Producer.ready"));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("Producer.ready is not in c, rust"), "{problems:?}");
        assert_eq!(judge("").len(), 4);
    }

    #[test]
    fn listed_difference_that_is_none_is_a_problem() {
        for (line, told) in [
            ("Producer.close - c: it once had no close", "Producer.close is in c, too"),
            ("Producer.flush + node: it once had a flush", "Producer.flush is listed for nothing"),
            ("Producer.close = node end: it once was called end", "is not called end in node"),
        ] {
            let problems = judge(&format!("{COMPLETE}{line}\n"));
            assert!(problems.iter().any(|problem| problem.contains(told)), "{line}: {problems:?}");
        }
    }

    #[test]
    fn line_without_a_reason_is_a_problem() {
        for line in [
            "Producer.send - c",
            "Producer.send - c: so",
            "Producer.send ? c: for some good reason",
            "send - c: for some good reason",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
