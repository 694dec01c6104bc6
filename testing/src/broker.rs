//! One broker's life: start, topics, stop.

use ottla::admin::{Admin, CallOptions, ChangeOptions, NewTopic};
use ottla::facade::{Guarded, Operation, Runtime, runtime};
use ottla::{Error, ErrorKind};
use ottla_broker::{Broker, BrokerConfig, StartError};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const START: &str = "start a test broker";
const CREATE_TOPIC: &str = "create a topic";
const STOP: &str = "stop the test broker";

/// How long a topic may take to get its leaders: far beyond what a broker in the same process needs, also under valgrind on a
/// machine with other things to do. Callers wait for as long as they like.
const CREATE_TOPIC_TIMEOUT: Duration = Duration::from_secs(240);

/// What a broker nobody waits for any more gets to answer what is due.
const DROP_TIMEOUT: Duration = Duration::from_secs(5);

/// Kept of the time to stop for closing the logs, which comes after the answers that are due.
const LOGS_SHARE: u32 = 4;

/// A broker in this process, with all it holds in memory. Dropping it stops it in the background.
///
/// ```no_run
/// # fn f() -> Result<(), ottla::Error> {
/// use ottla_testing::TestBroker;
/// use std::time::Duration;
/// let limit = Duration::from_secs(10);
/// let broker = TestBroker::start(Vec::new()).wait(limit).expect("in time")?;
/// broker.create_topic("orders", 3, Vec::new()).wait(limit).expect("in time")?;
/// println!("bootstrap.servers={}", broker.bootstrap());
/// broker.stop(limit).wait(limit).expect("in time")?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TestBroker {
    bootstrap: String,
    running: Guarded<Running>,
    runtime: Runtime,
}

/// Ends the broker when it goes.
#[derive(Debug)]
struct Running {
    shared: Arc<Shared>,
    runtime: Runtime,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Running {
        broker: Broker,
        /// Made with the first topic.
        admin: Option<Admin>,
    },
    /// Tells everyone who waits how it ended.
    Stopping(watch::Receiver<Option<Result<(), Error>>>),
}

impl TestBroker {
    /// Starts a broker with these properties, by the broker's own names, on top of what suits a test: logs in memory, a
    /// free port of 127.0.0.1, internal topics of one replica, groups that do not wait for more members.
    ///
    /// Errors: `Config` for a property that is unknown (with the likeliest one meant), out of range, or without effect in
    /// this broker; `Network` when a listener cannot be bound.
    pub fn start(properties: Vec<(String, String)>) -> Operation<Self> {
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => return Operation::done(Err(error)),
        };
        Operation::start(&runtime.clone(), async move {
            let mut config = BrokerConfig::in_memory();
            for (name, value) in &properties {
                config.set(name, value).map_err(|error| {
                    Error::new(ErrorKind::Config, START, error.to_string()).with_context("option", error.key)
                })?;
            }
            // In a task of its own: whoever gives up waiting must not stop a start half way.
            let started = runtime.handle().spawn(Broker::start(config)).await;
            let broker = started
                .map_err(|error| Error::new(ErrorKind::Internal, START, error.to_string()))?
                .map_err(start_error)?;
            let bootstrap = broker.bootstrap_servers();
            let state = Mutex::new(State::Running { broker, admin: None });
            let running = Running { shared: Arc::new(Shared { state }), runtime: runtime.clone() };
            Ok(Self { bootstrap, running: Guarded::new(running), runtime })
        })
    }

    /// `host:port` of its listener, for a client's `bootstrap.servers`.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Creates a topic of so many partitions, with these options (`cleanup.policy` …), and returns when it can be used:
    /// when every partition has a leader.
    ///
    /// Errors: `TOPIC_ALREADY_EXISTS`, `INVALID_PARTITIONS`, `INVALID_CONFIG` and the like; `Closed` after [`Self::stop`].
    pub fn create_topic(&self, name: &str, partitions: i32, configs: Vec<(String, String)>) -> Operation<()> {
        let shared = match self.running.get(CREATE_TOPIC) {
            Ok(running) => running.shared.clone(),
            Err(error) => return Operation::done(Err(error)),
        };
        let bootstrap = self.bootstrap.clone();
        let topic = configs
            .into_iter()
            .fold(NewTopic::new(name, partitions, 1), |topic, (name, value)| topic.config(name, value));
        Operation::start(&self.runtime, async move {
            let admin = shared.admin(&bootstrap).await?;
            create(&admin, topic).await
        })
    }

    /// Stops the broker: answers that are due go out, connections end, memory is given back. Returns by `timeout`; a
    /// broker that is not done by then goes on stopping in the background. Stopping twice is one stop.
    ///
    /// Errors: `Timeout`; `Internal` when logs could not be closed.
    pub fn stop(&self, timeout: Duration) -> Operation<()> {
        let mut ended = match self.running.get(STOP) {
            Ok(running) => running.shared.stop(&self.runtime, timeout),
            Err(error) => return Operation::done(Err(error)),
        };
        Operation::start(&self.runtime, async move {
            let outcome = tokio::time::timeout(timeout, ended.wait_for(Option::is_some)).await;
            match outcome {
                Ok(Ok(outcome)) => outcome.clone().unwrap_or(Ok(())),
                Ok(Err(_)) => Err(Error::new(ErrorKind::Internal, STOP, "the broker's end was cut short")),
                Err(_) => Err(Error::timeout(STOP, "waited for the broker's connections and logs to close")),
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.shared.stop(&self.runtime, DROP_TIMEOUT));
    }
}

impl Shared {
    async fn admin(&self, bootstrap: &str) -> Result<Admin, Error> {
        if let Some(admin) = self.existing_admin()? {
            return Ok(admin);
        }
        let made = Admin::builder()
            .set("bootstrap.servers", bootstrap)
            .set("client.id", "ottla-testing")
            .build()
            .await?;
        match &mut *self.state.lock() {
            State::Running { admin, .. } => Ok(admin.get_or_insert(made).clone()),
            State::Stopping(_) => Err(Error::closed(CREATE_TOPIC)),
        }
    }

    fn existing_admin(&self) -> Result<Option<Admin>, Error> {
        match &*self.state.lock() {
            State::Running { admin, .. } => Ok(admin.clone()),
            State::Stopping(_) => Err(Error::closed(CREATE_TOPIC)),
        }
    }

    /// Begins to stop, once.
    fn stop(&self, runtime: &Runtime, timeout: Duration) -> watch::Receiver<Option<Result<(), Error>>> {
        let mut state = self.state.lock();
        if let State::Stopping(ended) = &*state {
            return ended.clone();
        }
        let (tell, ended) = watch::channel(None);
        let running = std::mem::replace(&mut *state, State::Stopping(ended.clone()));
        drop(state);
        if let State::Running { broker, admin } = running {
            let _ending = runtime.handle().spawn(async move {
                if let Some(admin) = admin {
                    admin.close(Duration::ZERO).await;
                }
                let stopped = broker.stop(timeout - timeout / LOGS_SHARE).await;
                let outcome =
                    stopped.map_err(|error| Error::new(ErrorKind::Internal, STOP, error.to_string()));
                if let Err(error) = &outcome {
                    tracing::warn!(%error, "a test broker did not stop cleanly");
                }
                let _ = tell.send(Some(outcome));
            });
        }
        ended
    }
}

#[allow(clippy::disallowed_methods)] // Tests run on the machine's own clock, and so does their broker.
async fn create(admin: &Admin, topic: NewTopic) -> Result<(), Error> {
    let deadline = tokio::time::Instant::now() + CREATE_TOPIC_TIMEOUT;
    let name = topic.name.clone();
    let wanted = topic.num_partitions.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let options = ChangeOptions { timeout: Some(CREATE_TOPIC_TIMEOUT), validate_only: false };
    for result in admin.create_topics([topic], options).await?.into_values() {
        result?;
    }
    loop {
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        let described = admin.describe_topics([name.as_str()], CallOptions { timeout: Some(left) }).await?;
        let is_there = described.into_values().any(|result| {
            result.is_ok_and(|topic| {
                topic.partitions.len() >= wanted
                    && topic.partitions.iter().all(|partition| partition.leader.is_some())
            })
        });
        if is_there {
            return Ok(());
        }
        if left.is_zero() {
            return Err(Error::timeout(CREATE_TOPIC, "waited for leaders of all partitions")
                .with_context("topic", name));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn start_error(error: StartError) -> Error {
    let kind = match &error {
        StartError::Config(_) => ErrorKind::Config,
        StartError::Listen { .. } => ErrorKind::Network,
        _ => ErrorKind::Internal,
    };
    let told = Error::new(kind, START, error.to_string());
    match &error {
        StartError::Config(config) => told.with_context("option", &config.key),
        _ => told,
    }
}
