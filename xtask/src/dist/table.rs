//! What `make dist` says at its end: what each package weighs and how long its first snippet took.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// No package is larger, unpacked.
pub(super) const MOST_BYTES: u64 = 15_000_000;

/// One package, tried.
pub(super) struct Row {
    pub(super) package: String,
    /// What one downloads.
    pub(super) packed: u64,
    /// What lies on the disk afterwards.
    pub(super) unpacked: u64,
    /// What may lie there at most.
    pub(super) most: u64,
    pub(super) attempt: Attempt,
}

/// How the first snippet of a package went.
pub(super) enum Attempt {
    /// It printed what it should in this time; on this processor it must do so within the limit.
    Ran { took: Duration, limit: Duration, on: &'static str },
    /// There is no environment to run it in; what was looked at instead.
    Looked(&'static str),
}

pub(super) fn print(rows: &[Row]) {
    println!("\n{:<58} {:>9} {:>9} {:>10}  in", "package", "packed", "unpacked", "snippet");
    for Row { package, packed, unpacked, attempt, .. } in rows {
        let (time, place) = match attempt {
            Attempt::Ran { took, on, .. } => (format!("{:.2} s", took.as_secs_f64()), *on),
            Attempt::Looked(at) => ("-".to_owned(), *at),
        };
        println!("{package:<58} {:>9} {:>9} {time:>10}  {place}", megabytes(*packed), megabytes(*unpacked));
    }
}

/// Refuses what is too large or too slow.
pub(super) fn judge(rows: &[Row]) -> Result<(), String> {
    let mut findings = vec![];
    for Row { package, unpacked, most, attempt, .. } in rows {
        if unpacked > most {
            let (has, most) = (megabytes(*unpacked), megabytes(*most));
            findings.push(format!("{package}: {has} unpacked, at most {most}"));
        }
        if let Attempt::Ran { took, limit, .. } = attempt
            && took > limit
        {
            let (took, limit) = (took.as_secs_f64(), limit.as_secs_f64());
            findings.push(format!("{package}: its first snippet took {took:.2} s, at most {limit} s"));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("dist: {}", findings.join("\n      "))) }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The bytes of a file, or of all files below a folder; a link is none.
pub(super) fn weight(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if metadata.is_file() {
        return metadata.len();
    }
    if !metadata.is_dir() {
        return 0;
    }
    fs::read_dir(path)
        .map_or(0, |found| found.filter_map(Result::ok).map(|entry| weight(&entry.path())).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(unpacked: u64, took: u64) -> Row {
        let limit = Duration::from_secs(2);
        let attempt = Attempt::Ran { took: Duration::from_millis(took), limit, on: "here" };
        Row { package: "ottla.whl".to_owned(), packed: 1, unpacked, most: MOST_BYTES, attempt }
    }

    #[test]
    fn packages_too_large_or_too_slow_are_refused() {
        assert_eq!(judge(&[row(14_000_000, 1_999)]), Ok(()));
        assert!(judge(&[row(16_000_000, 1)]).unwrap_err().contains("16.0 MB unpacked, at most 15.0 MB"));
        assert!(judge(&[row(1, 2_500)]).unwrap_err().contains("took 2.50 s"));
    }
}
