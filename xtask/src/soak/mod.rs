//! `make soak`: a program in each language works for minutes as services do, with clients that come and go, and ends with
//! nothing lost and no more memory, threads or descriptors than it had (bench/soak/README.md).

mod judge;
mod programs;
mod watch;

use crate::bindings::{build_workspace, copy, library};
use crate::run::run;
use judge::{Measure, Trend};
use programs::{PROGRAMS, Program};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use watch::{Sample, Watched};

const USAGE: &str = "usage: soak [python|node|c|kotlin|rust …] [--minutes 10] [--rate 2000]";
/// This share of the time warms up and is not judged.
const WARM_UP: f64 = 0.2;
/// How long programs may take, beyond their time, to read what is left and to close.
const ENDING: Duration = Duration::from_secs(180);
const PARTITIONS: &str = "3";
/// What keeps the broker's own memory and disk bounded.
const BROKER: &[&str] = &[
    "listeners=PLAINTEXT://127.0.0.1:0",
    "group.initial.rebalance.delay.ms=0",
    "num.partitions=3",
    "log.segment.bytes=1048576",
    "log.retention.bytes=8388608",
    "log.retention.check.interval.ms=5000",
    "ottla.log.tail.cache.bytes=8388608",
];

struct Told {
    programs: Vec<Program>,
    seconds: f64,
    /// Records a second, of each program.
    rate: u32,
}

fn told(arguments: &[String]) -> Result<Told, String> {
    let mut told = Told { programs: Vec::new(), seconds: 600.0, rate: 2000 };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value; {USAGE}"));
        let number = |text: &String| text.parse::<f64>().ok().filter(|number| *number > 0.0);
        let malformed = |text: &String| format!("{word} {text}: a number above 0 is expected");
        match word.as_str() {
            "--minutes" => value().and_then(|text| {
                told.seconds = (number(text).ok_or_else(|| malformed(text))? * 60.0).ceil();
                Ok(())
            })?,
            "--rate" => value().and_then(|text| {
                told.rate = text.parse().map_err(|_| malformed(text))?;
                Ok(())
            })?,
            name => {
                let program = PROGRAMS.iter().find(|program| program.0 == name);
                told.programs.push(*program.ok_or_else(|| format!("{name}: {USAGE}"))?);
            }
        }
    }
    if told.programs.is_empty() {
        told.programs = PROGRAMS.to_vec();
    }
    Ok(told)
}

pub(crate) fn soak(root: &Path, arguments: &[String]) -> Result<(), String> {
    let told = told(arguments)?;
    build_workspace(root)?;
    run(root, "cargo", &["build", "--workspace", "--locked", "--quiet", "--example", "soak"])?;
    let made = root.join("build/soak");
    let mut starts = Vec::new();
    for (name, lay_out) in &told.programs {
        starts.push((*name, lay_out(root, &made)?));
    }
    let command = made.join("ottla");
    copy(&library(root, "ottla-c")?.with_file_name("ottla"), &command)?;

    let data = made.join("data");
    let _ = fs::remove_dir_all(&data);
    let mut starting = Command::new(&command);
    starting.arg("broker").args(BROKER.iter().flat_map(|property| ["--set", property]));
    starting.args(["--set", &format!("log.dirs={}", data.display())]).env("RUST_LOG", "warn");
    let broker = Watched::start("broker", &mut starting)?.with_data(&data);
    let ready = broker.line(Duration::from_secs(60))?;
    let bootstrap = ready.strip_prefix("ready on ").ok_or(format!("the broker says {ready:?}"))?;
    let seconds = format!("{}", told.seconds);
    let rate = told.rate.to_string();
    let mut watched = Vec::new();
    for (name, start) in &starts {
        let topic = format!("soak-{name}");
        let create = ["topics", "create", &topic, "--partitions", PARTITIONS, "--bootstrap", bootstrap];
        run(root, &command.display().to_string(), &create)?;
        let mut program = Command::new(start);
        program.args(["--bootstrap", bootstrap, "--topic", &topic, "--seconds", &seconds, "--rate", &rate]);
        watched.push(Watched::start(name, program.current_dir(root))?);
    }
    watched.push(broker);
    watch(&mut watched, told.seconds)?;
    for process in &watched {
        let lines: String = process.samples.iter().map(Sample::csv).collect();
        let head = "seconds,own_kib,resident_kib,threads,descriptors,cpu_seconds\n".to_owned();
        for (ending, text) in [("csv", head + &lines), ("jsonl", process.said.join("\n") + "\n")] {
            let file = made.join(format!("{}.{ending}", process.name));
            fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    let _ = fs::remove_dir_all(&data);
    conclude(&watched, told.seconds)
}

/// Looks at every process once a second until the programs have ended, and then ends the broker, which is the last.
fn watch(watched: &mut [Watched], seconds: f64) -> Result<(), String> {
    let started = Instant::now();
    let deadline = Duration::from_secs_f64(seconds) + ENDING;
    let (mut told, mut gives_up) = (0, false);
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let elapsed = started.elapsed();
        let mut running = 0;
        for process in &mut *watched {
            running += usize::from(process.look(elapsed.as_secs_f64())?);
        }
        let Some((broker, programs)) = watched.split_last() else { return Ok(()) };
        if broker.ended.is_some() || elapsed > deadline {
            return Ok(());
        }
        // The others' time is not worth waiting for.
        let has_failed = programs.iter().any(|program| program.ended.is_some_and(|status| !status.success()));
        if has_failed && !gives_up {
            gives_up = true;
            programs.iter().filter(|program| program.ended.is_none()).try_for_each(Watched::terminate)?;
        }
        if running == 1 {
            broker.terminate()?;
        }
        if elapsed.as_secs() / 60 > told {
            told = elapsed.as_secs() / 60;
            println!("  {told} min: {}", watched.iter().map(progress).collect::<Vec<_>>().join(", "));
        }
    }
}

fn progress(process: &Watched) -> String {
    let memory = process.samples.last().map_or(0.0, |sample| sample.own_kib / 1024.0);
    match process.counts().get("acknowledged") {
        Some(records) => format!("{} {records} records, {memory:.1} MiB", process.name),
        None => format!("{} {memory:.1} MiB", process.name),
    }
}

/// What is watched, by its name.
const MEASURES: &[(&str, Measure, watch::Value)] = &[
    ("memory", Measure::Memory, |sample| sample.own_kib),
    ("threads", Measure::Count, |sample| sample.threads),
    ("descriptors", Measure::Count, |sample| sample.descriptors),
];

/// Prints the table; an error when a program found something, or something grew.
fn conclude(watched: &[Watched], seconds: f64) -> Result<(), String> {
    let mut findings = String::new();
    let mut rows = vec![
        [
            "",
            "sent",
            "read",
            "doubled",
            "handovers",
            "clients",
            "refused",
            "cancelled",
            "dropped",
            "CPU s",
            "MiB",
            "growth/bound MiB",
            "threads",
            "descriptors",
            "",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for process in watched {
        let counts = process.counts();
        let is_broker = process.name == "broker";
        let mut found = if is_broker { Vec::new() } else { counts.findings() };
        match process.ended {
            Some(status) if status.success() => {}
            Some(status) => found.push(format!("it ended with {status}")),
            None => found.push("it did not end".to_owned()),
        }
        let mut row = vec![process.name.clone()];
        for name in ["sent", "read", "doubled", "handovers", "clients", "refused", "cancelled", "dropped"] {
            row.push(counts.get(name).map_or_else(String::new, |count| count.to_string()));
        }
        row.push(
            process.samples.last().map_or_else(String::new, |sample| format!("{:.0}", sample.cpu_seconds)),
        );
        for (name, measure, value) in MEASURES {
            let trend = process.trend(*measure, seconds * WARM_UP, seconds, *value);
            row.extend(cells(*measure, trend));
            match trend {
                Some(trend) if trend.is_flat() => {}
                Some(Trend { first, last, bound }) => {
                    found.push(format!("{name} grew from {first:.0} to {last:.0}, more than {bound:.0}"));
                }
                None => found.push(format!("too short to judge {name}")),
            }
        }
        row.push(if found.is_empty() { "flat".to_owned() } else { "FAILED".to_owned() });
        rows.push(row);
        for finding in found {
            let _ = writeln!(findings, "{}: {finding}", process.name);
        }
    }
    print!("{}", aligned(&rows));
    if findings.is_empty() {
        println!("nothing was lost, and nothing grew");
        Ok(())
    } else {
        Err(findings.trim_end().to_owned())
    }
}

fn cells(measure: Measure, trend: Option<Trend>) -> Vec<String> {
    match (measure, trend) {
        (Measure::Memory, Some(Trend { first, last, bound })) => vec![
            format!("{:.1}", last / 1024.0),
            format!("{:+.2}/{:.1}", (last - first) / 1024.0, bound / 1024.0),
        ],
        (Measure::Count, Some(Trend { first, last, .. })) => vec![format!("{first:.1} to {last:.1}")],
        (Measure::Memory, None) => vec![String::new(); 2],
        (Measure::Count, None) => vec![String::new()],
    }
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default())
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Result<Told, String> {
        told(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn all_programs_run_for_ten_minutes_unless_told_otherwise() {
        let all = words(&[]).unwrap();
        assert_eq!((all.programs.len(), all.seconds, all.rate), (5, 600.0, 2000));
        let few = words(&["c", "--minutes", "0.5", "rust", "--rate", "100"]).unwrap();
        assert_eq!(few.programs.iter().map(|program| program.0).collect::<Vec<_>>(), ["c", "rust"]);
        assert_eq!((few.seconds, few.rate), (30.0, 100));
        for wrong in [&["cobol"][..], &["--minutes"], &["--minutes", "0"], &["--rate", "many"]] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [["", "one"], ["c", "1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "   one\nc    1\n");
    }
}
