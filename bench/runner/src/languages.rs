//! The bindings beside what else there is in their language: who takes part, in what shapes, and the rounds.

use crate::broker::Broker;
use crate::client::{Run, Work, measure as run};
use crate::{PARTITIONS, least, median, most, probe};
use std::path::Path;
use std::process::Command;

/// How much work, how often.
pub struct Plan {
    rounds: usize,
    records: [(usize, u64); 2],
    warmup: u64,
}

pub const FULL: Plan = Plan { rounds: 5, records: [(100, 600_000), (1024, 200_000)], warmup: 100_000 };
pub const QUICK: Plan = Plan { rounds: 1, records: [(100, 400_000), (1024, 150_000)], warmup: 50_000 };

/// A language: the first contestant is Ottla, and fills the topics that all consumers read.
pub struct Language {
    pub name: &'static str,
    /// The peer that the others are compared with.
    bar: &'static str,
    contestants: &'static [Contestant],
}

/// A client in one shape of using it.
struct Contestant {
    client: &'static str,
    program: Program,
    /// `--shape`; how the table calls it, too.
    shape: &'static str,
    verb: &'static str,
    /// It gets this fraction of the records, so that slow ones end within the hour.
    divide: u64,
}

/// How a program is started; paths are relative to `build/bench/` and to `bench/clients/`.
#[derive(Clone, Copy)]
enum Program {
    OttlaPython,
    Python(&'static str),
    OttlaNode,
    Node(&'static str),
    OttlaC,
    Librdkafka,
    OttlaKotlin,
    Java,
}

const fn produce(client: &'static str, program: Program, shape: &'static str) -> Contestant {
    Contestant { client, program, shape, verb: "produce", divide: 1 }
}

const fn consume(client: &'static str, program: Program, shape: &'static str) -> Contestant {
    Contestant { client, program, shape, verb: "consume", divide: 1 }
}

impl Contestant {
    const fn with_a_share_of(self, divide: u64) -> Self {
        Self { divide, ..self }
    }
}

pub const ALL: &[Language] = &[
    Language {
        name: "python",
        bar: "confluent-kafka",
        contestants: &[
            produce("ottla", Program::OttlaPython, "each"),
            produce("ottla", Program::OttlaPython, "callback"),
            produce("ottla", Program::OttlaPython, "many"),
            produce("ottla", Program::OttlaPython, "asyncio"),
            produce("ottla", Program::OttlaPython, "asyncio-many"),
            produce("confluent-kafka", Program::Python("confluent-kafka"), ""),
            produce("aiokafka", Program::Python("aiokafka"), "").with_a_share_of(5),
            consume("ottla", Program::OttlaPython, "record"),
            consume("ottla", Program::OttlaPython, "batch"),
            consume("ottla", Program::OttlaPython, "asyncio-record"),
            consume("ottla", Program::OttlaPython, "asyncio-batch"),
            consume("confluent-kafka", Program::Python("confluent-kafka"), "record"),
            consume("confluent-kafka", Program::Python("confluent-kafka"), "batch"),
            consume("aiokafka", Program::Python("aiokafka"), "record").with_a_share_of(2),
            consume("aiokafka", Program::Python("aiokafka"), "batch").with_a_share_of(2),
        ],
    },
    Language {
        name: "node",
        bar: "@platformatic/kafka",
        contestants: &[
            produce("ottla", Program::OttlaNode, "each"),
            produce("ottla", Program::OttlaNode, "many"),
            produce("@platformatic/kafka", Program::Node("platformatic"), "stream").with_a_share_of(2),
            produce("@platformatic/kafka", Program::Node("platformatic"), "many").with_a_share_of(2),
            produce("kafkajs", Program::Node("kafkajs"), "many").with_a_share_of(2),
            produce("kafkajs", Program::Node("kafkajs"), "each").with_a_share_of(50),
            consume("ottla", Program::OttlaNode, "record"),
            consume("ottla", Program::OttlaNode, "batch"),
            consume("@platformatic/kafka", Program::Node("platformatic"), "record").with_a_share_of(2),
            consume("kafkajs", Program::Node("kafkajs"), "record").with_a_share_of(2),
            consume("kafkajs", Program::Node("kafkajs"), "batch").with_a_share_of(2),
        ],
    },
    Language {
        name: "c",
        bar: "librdkafka",
        contestants: &[
            produce("ottla", Program::OttlaC, "each"),
            produce("ottla", Program::OttlaC, "many"),
            produce("librdkafka", Program::Librdkafka, ""),
            consume("ottla", Program::OttlaC, "record"),
            consume("ottla", Program::OttlaC, "batch"),
            consume("librdkafka", Program::Librdkafka, "record"),
            consume("librdkafka", Program::Librdkafka, "batch"),
        ],
    },
    Language {
        name: "kotlin",
        bar: "java",
        contestants: &[
            produce("ottla", Program::OttlaKotlin, "each"),
            produce("ottla", Program::OttlaKotlin, "many"),
            produce("java", Program::Java, ""),
            consume("ottla", Program::OttlaKotlin, "record"),
            consume("ottla", Program::OttlaKotlin, "batch"),
            consume("java", Program::Java, "batch"),
        ],
    },
];

impl Program {
    fn command(self, bench: &Path) -> Command {
        let (clients, built) = (bench.join("clients"), bench.join("../build/bench"));
        let start = |program: &Path, file: &str| {
            let mut command = Command::new(program);
            command.arg(clients.join(file));
            command
        };
        match self {
            Self::OttlaPython => {
                let mut command = start(Path::new("python3"), "python/bench.py");
                command.env("PYTHONPATH", built.join("python"));
                command
            }
            Self::Python(name) => start(&built.join(name).join("bin/python"), &format!("{name}/bench.py")),
            Self::OttlaNode => {
                let mut command = start(Path::new("node"), "node/bench.mjs");
                command.env("OTTLA_NATIVE_LIBRARY", built.join("ottla.node"));
                command
            }
            Self::Node(name) => {
                let mut command = start(Path::new("node"), &format!("{name}/bench.mjs"));
                command.env("OTTLA_BENCH_MODULES", built.join(name));
                command
            }
            Self::OttlaC => Command::new(built.join("ottla-c")),
            Self::Librdkafka => Command::new(bench.join("target/release/bench-librdkafka-c")),
            Self::OttlaKotlin => {
                let mut command = Command::new("java");
                let library = format!("-Dottla.library.path={}", built.join("libottla_kotlin.so").display());
                let classes = format!(
                    "{0}/kotlin-client-1.jar:{0}/dependency/*",
                    clients.join("kotlin/target").display()
                );
                command.args(["-Xmx512m", &library, "-cp", &classes, "dev.ottla.bench.BenchKt"]);
                command
            }
            Self::Java => crate::client::java(bench),
        }
    }
}

impl Contestant {
    fn run(&self, bench: &Path, work: &Work<'_>) -> Result<Run, String> {
        let with_shape = ["--shape", self.shape];
        let more: &[&str] = if self.shape.is_empty() { &[] } else { &with_shape };
        run(self.client, self.program.command(bench), work, more)
    }

    fn records(&self, all: u64) -> u64 {
        all / self.divide
    }
}

/// One language's contestants in turn, on one broker of Ottla's.
pub fn measure(language: &Language, bench: &Path, binary: &Path, plan: &Plan) -> Result<(), String> {
    let broker = Broker::ottla(binary)?;
    let bootstrap = broker.bootstrap();
    let rig = Rig { language, bench, bootstrap: &bootstrap, plan };
    println!("\n## {} on one broker ({}), rounds interleaved, medians", language.name, broker.name());
    for (title, batch) in [
        ("batch.size 16384, linger.ms 5 for all", Some((16_384, 5))),
        ("each client's own batch size and linger", None),
    ] {
        rig.print_head(&format!("Producing, {title}"));
        for (record_bytes, records) in plan.records {
            rig.produce(record_bytes, records, batch)?;
        }
    }
    rig.print_head("Consuming what was produced with batch.size 16384");
    for (record_bytes, records) in plan.records {
        rig.consume(record_bytes, records)?;
    }
    Ok(())
}

struct Rig<'a> {
    language: &'a Language,
    bench: &'a Path,
    bootstrap: &'a str,
    plan: &'a Plan,
}

impl<'a> Rig<'a> {
    fn contestants(&self, verb: &str) -> Vec<&'a Contestant> {
        self.language.contestants.iter().filter(|contestant| contestant.verb == verb).collect()
    }

    fn work(
        &self,
        verb: &'a str,
        topic: &'a str,
        records: u64,
        warmup: u64,
        record_bytes: usize,
        batch: Option<(usize, u32)>,
    ) -> Work<'a> {
        Work { verb, bootstrap: self.bootstrap, topic, warmup, records, record_bytes, batch }
    }

    fn produce(&self, record_bytes: usize, records: u64, batch: Option<(usize, u32)>) -> Result<(), String> {
        let contestants = self.contestants("produce");
        let mut figures = vec![Vec::new(); contestants.len()];
        for round in 0..self.plan.rounds {
            for (index, contestant) in contestants.iter().enumerate() {
                let topic = format!("produce-{record_bytes}-{round}-{index}-{}", batch.is_some());
                probe::create_topic(self.bootstrap, &topic, PARTITIONS)?;
                let (records, warmup) = (contestant.records(records), contestant.records(self.plan.warmup));
                let work =
                    Work { topic: &topic, ..self.work("produce", "", records, warmup, record_bytes, batch) };
                figures[index].push(contestant.run(self.bench, &work)?);
                probe::delete_topic(self.bootstrap, &topic)?;
            }
        }
        self.print(record_bytes, &contestants, &figures);
        Ok(())
    }

    /// All read the same records, which Ottla wrote; those with a share of them a topic with that many.
    fn consume(&self, record_bytes: usize, records: u64) -> Result<(), String> {
        let contestants = self.contestants("consume");
        let mut shares: Vec<u64> = contestants.iter().map(|contestant| contestant.divide).collect();
        shares.sort_unstable();
        shares.dedup();
        let topic_of = |divide: u64| format!("consume-{record_bytes}-{divide}");
        for &divide in &shares {
            let topic = topic_of(divide);
            probe::create_topic(self.bootstrap, &topic, PARTITIONS)?;
            let work = Work {
                topic: &topic,
                ..self.work("produce", "", records / divide, 0, record_bytes, Some((16_384, 5)))
            };
            self.language.contestants[0].run(self.bench, &work)?;
        }
        let mut figures = vec![Vec::new(); contestants.len()];
        for _ in 0..self.plan.rounds {
            for (index, contestant) in contestants.iter().enumerate() {
                let topic = topic_of(contestant.divide);
                let (records, warmup) = (contestant.records(records), contestant.records(self.plan.warmup));
                let work =
                    Work { topic: &topic, ..self.work("consume", "", records, warmup, record_bytes, None) };
                figures[index].push(contestant.run(self.bench, &work)?);
            }
        }
        for &divide in &shares {
            probe::delete_topic(self.bootstrap, &topic_of(divide))?;
        }
        self.print(record_bytes, &contestants, &figures);
        Ok(())
    }

    fn print_head(&self, title: &str) {
        println!(
            "\n{title}\n\n| record | client | shape | CPU ns/record (min–max) | records/s | CPU against {} |",
            self.language.bar
        );
        println!("|---|---|---|---|---|---|");
    }

    /// Against the bar's first row.
    fn print(&self, record_bytes: usize, contestants: &[&Contestant], figures: &[Vec<Run>]) {
        let cpu = |runs: &[Run]| -> Vec<f64> {
            runs.iter().map(|run| run.cpu_seconds * 1e9 / run.records).collect()
        };
        let bar = contestants.iter().position(|contestant| contestant.client == self.language.bar);
        let bar = bar.map_or(f64::NAN, |at| median(&cpu(&figures[at])));
        for (contestant, runs) in contestants.iter().zip(figures) {
            let cpu = cpu(runs);
            let rate: Vec<f64> = runs.iter().map(|run| run.records / run.seconds).collect();
            println!(
                "| {record_bytes} B | {} | {} | {:.0} ({:.0}–{:.0}) | {:.0} k | {:.2} |",
                contestant.client,
                contestant.shape,
                median(&cpu),
                least(&cpu),
                most(&cpu),
                median(&rate) / 1e3,
                median(&cpu) / bar
            );
        }
    }
}
