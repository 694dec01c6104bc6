//! Runs the benchmarks side by side: brokers with one client in turn, clients on one broker in turn.

mod broker;
mod client;
mod languages;
mod probe;
mod process;

use broker::Broker;
use client::{Client, Run, Work, bench_folder};
use std::path::{Path, PathBuf};

/// How much work, how often.
struct Plan {
    rounds: usize,
    records: [(usize, u64); 2],
    warmup: u64,
    starts: usize,
}

const FULL: Plan = Plan { rounds: 5, records: [(100, 3_000_000), (1024, 1_000_000)], warmup: 300_000, starts: 10 };
const QUICK: Plan = Plan { rounds: 1, records: [(100, 1_000_000), (1024, 400_000)], warmup: 100_000, starts: 2 };
const PARTITIONS: i32 = 6;
const BROKER_WARMUP_ROUNDS: usize = 2;

#[tokio::main]
async fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let plan = if quick { QUICK } else { FULL };
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let bench = bench_folder();
    let binary = bench.join("../target/release/ottla");
    println!("{}", machine());
    if wanted("start") {
        cold_start(&binary, &plan).await?;
    }
    if wanted("brokers") {
        brokers(&bench, &binary, &plan).await?;
    }
    if wanted("clients") {
        clients(&bench, &binary, &plan)?;
    }
    for language in languages::ALL.iter().filter(|language| wanted(language.name)) {
        languages::measure(language, &bench, &binary, if quick { &languages::QUICK } else { &languages::FULL })?;
    }
    Ok(())
}

async fn cold_start(binary: &PathBuf, plan: &Plan) -> Result<(), String> {
    println!("\n## Cold start to the first acknowledged record, and idle memory\n");
    println!("| broker | first ack ms, median (min–max) | idle MiB, median |\n|---|---|---|");
    let (mut ottla, mut kafka) = (Vec::new(), Vec::new());
    for round in 0..plan.starts {
        ottla.push(broker::ottla_cold_start(binary)?);
        if round < 3 {
            kafka.push(broker::kafka_cold_start().await?);
        }
    }
    for (name, figures) in [("ottla", &ottla), ("Apache Kafka 4.4.0", &kafka)] {
        let ms: Vec<f64> = figures.iter().map(|figure| figure.0).collect();
        let mib: Vec<f64> = figures.iter().map(|figure| figure.1 as f64 / 1024.0).collect();
        println!("| {name} | {:.0} ({:.0}–{:.0}) | {:.1} |", median(&ms), least(&ms), most(&ms), median(&mib));
    }
    Ok(())
}

/// One client (franz-go, neither broker's own), both brokers running, rounds interleaved.
async fn brokers(bench: &Path, binary: &Path, plan: &Plan) -> Result<(), String> {
    println!("\n## Broker CPU per record (franz-go as the client, rounds interleaved)\n");
    println!("| record | verb | ottla ns | Apache Kafka ns | ratio |\n|---|---|---|---|---|");
    let both = [Broker::ottla(binary)?, Broker::kafka().await?];
    for (record_bytes, records) in plan.records {
        let mut figures = [const { [const { Vec::new() }; 2] }; 2];
        // The first rounds warm both brokers (the JVM compiles what is hot) and are not counted.
        for round in 0..plan.rounds + BROKER_WARMUP_ROUNDS {
            for (index, broker) in both.iter().enumerate() {
                let topic = format!("brokers-{record_bytes}-{round}");
                let bootstrap = broker.bootstrap();
                probe::create_topic(&bootstrap, &topic, PARTITIONS)?;
                for (verb_index, verb) in ["produce", "consume"].into_iter().enumerate() {
                    let work =
                        Work { verb, bootstrap: &bootstrap, topic: &topic, warmup: 0, records, record_bytes, batch: Some((16_384, 5)) };
                    let before = process::cpu_seconds(broker.pid()?)?;
                    let run = Client::FranzGo.run(bench, &work)?;
                    let spent = process::cpu_seconds(broker.pid()?)? - before;
                    if round >= BROKER_WARMUP_ROUNDS {
                        figures[verb_index][index].push(spent * 1e9 / run.records);
                    }
                }
                probe::delete_topic(&bootstrap, &topic)?;
            }
        }
        for (verb_index, verb) in ["produce", "consume"].into_iter().enumerate() {
            let [ottla, kafka] = &figures[verb_index];
            let ratio = median(ottla) / median(kafka);
            println!("| {record_bytes} B | {verb} | {:.0} | {:.0} | {ratio:.2} |", median(ottla), median(kafka));
        }
    }
    Ok(())
}

/// Every client on Ottla's broker: once with one setting for all, once each with its own defaults.
fn clients(bench: &Path, binary: &Path, plan: &Plan) -> Result<(), String> {
    let broker = Broker::ottla(binary)?;
    println!("\n## Clients on one broker ({}), rounds interleaved, medians\n", broker.name());
    for (title, batch) in [("batch.size 16384, linger.ms 5 for all", Some((16_384, 5))), ("each client's own batch size and linger", None)] {
        println!("\n{title}\n\n| record | verb | client | CPU ns/record (min–max) | records/s | CPU against franz-go |\n|---|---|---|---|---|---|");
        for (record_bytes, records) in plan.records {
            let mut figures = [const { [const { Vec::<Run>::new() }; client::ALL.len()] }; 2];
            for round in 0..plan.rounds {
                for (index, client) in client::ALL.into_iter().enumerate() {
                    let topic = format!("clients-{record_bytes}-{round}-{index}-{}", batch.is_some());
                    let bootstrap = broker.bootstrap();
                    probe::create_topic(&bootstrap, &topic, PARTITIONS)?;
                    for (verb_index, verb) in ["produce", "consume"].into_iter().enumerate() {
                        if !client.takes_part(verb) {
                            continue;
                        }
                        let warmup = plan.warmup;
                        // A consumer reads what the producer's warm-up wrote, too.
                        let records = if verb == "produce" { records } else { records + warmup };
                        let work = Work { verb, bootstrap: &bootstrap, topic: &topic, warmup, records, record_bytes, batch };
                        figures[verb_index][index].push(client.run(bench, &work)?);
                    }
                    probe::delete_topic(&bootstrap, &topic)?;
                }
            }
            for (verb_index, verb) in ["produce", "consume"].into_iter().enumerate() {
                print_clients(record_bytes, verb, &figures[verb_index]);
            }
        }
    }
    Ok(())
}

fn print_clients(record_bytes: usize, verb: &str, figures: &[Vec<Run>; client::ALL.len()]) {
    let cpu = |runs: &[Run]| -> Vec<f64> { runs.iter().map(|run| run.cpu_seconds * 1e9 / run.records).collect() };
    let bar = client::ALL.iter().position(|client| *client == Client::FranzGo).map_or(f64::NAN, |at| median(&cpu(&figures[at])));
    for (client, runs) in client::ALL.into_iter().zip(figures).filter(|(_, runs)| !runs.is_empty()) {
        let cpu = cpu(runs);
        let rate: Vec<f64> = runs.iter().map(|run| run.records / run.seconds).collect();
        println!(
            "| {record_bytes} B | {verb} | {} | {:.0} ({:.0}–{:.0}) | {:.2} M | {:.2} |",
            client.name(),
            median(&cpu),
            least(&cpu),
            most(&cpu),
            median(&rate) / 1e6,
            median(&cpu) / bar
        );
    }
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("").trim_start_matches([' ', '\t', ':']);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("machine: {model}, {cores} cores, Linux {}, load before: {}", kernel.trim(), load.trim())
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(figures: &[f64]) -> f64 {
    let sorted = sorted(figures);
    if sorted.is_empty() { f64::NAN } else { (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0 }
}

fn least(figures: &[f64]) -> f64 {
    sorted(figures).first().copied().unwrap_or(f64::NAN)
}

fn most(figures: &[f64]) -> f64 {
    sorted(figures).last().copied().unwrap_or(f64::NAN)
}
