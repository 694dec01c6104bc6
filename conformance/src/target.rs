//! A broker under test: started here, or already running somewhere.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::error::{Context, Error};
use crate::kafka::ApacheKafka;
use crate::probe::{self, Advertised, Probe};
use crate::process::Background;
use crate::{assets, connection};
use ottla_env::Env;
use ottla_wire::ApiKey;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const START_PATIENCE: Duration = Duration::from_secs(30);
const PROBE_PAUSE: Duration = Duration::from_millis(20);

/// Which broker to judge.
#[derive(Clone, Debug)]
pub(crate) enum TargetSpec {
    /// Apache Kafka from its jars.
    Kafka,
    /// `ottla broker`.
    Ottla,
    /// One that runs already, at `host:port`.
    Bootstrap(String),
}

/// A broker that serves.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) bootstrap: String,
    pub(crate) advertised: Advertised,
    _running: Running,
}

/// What keeps the broker alive: dropping it ends one that was started here.
#[allow(dead_code)] // Held for its Drop only.
enum Running {
    Kafka(ApacheKafka),
    Ottla { process: Background, folder: tempfile::TempDir },
    Elsewhere,
}

impl TargetSpec {
    /// Column of the report.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Kafka => "kafka",
            Self::Ottla => "ottla",
            Self::Bootstrap(address) => address,
        }
    }
}

impl Target {
    pub(crate) async fn start(env: &Env, spec: &TargetSpec) -> Result<Self, Error> {
        let (bootstrap, running) = match spec {
            TargetSpec::Kafka => {
                let kafka = ApacheKafka::start().await?;
                (kafka.bootstrap_servers(), Running::Kafka(kafka))
            }
            TargetSpec::Ottla => start_ottla(env).await?,
            TargetSpec::Bootstrap(address) => (address.clone(), Running::Elsewhere),
        };
        let deadline = env.now() + START_PATIENCE;
        let advertised = probe::advertised(env, &bootstrap, deadline).await?;
        if !matches!(spec, TargetSpec::Bootstrap(_)) {
            // A broker without coordinators is judged too: the cases will say so.
            if let Err(error) = warm_up(env, &bootstrap, &advertised, deadline).await {
                tracing::warn!("{error}");
            }
        }
        Ok(Self { name: spec.name().to_owned(), bootstrap, advertised, _running: running })
    }
}

/// Waits until the coordinators serve: a fresh broker makes their topics when first asked, and loads them.
async fn warm_up(
    env: &Env,
    bootstrap: &str,
    advertised: &Advertised,
    deadline: Instant,
) -> Result<(), Error> {
    let mut probe = Probe::new(env, bootstrap, advertised);
    // Enough names to meet every partition of the small internal topics.
    for index in 0..16 {
        let name = format!("warm-up-{index}");
        let group = json!({"groupId": name, "topics": []});
        let transaction = json!({"transactionalId": name, "transactionTimeoutMs": 10_000});
        // InitProducerId also serves producers without transactions; EndTxn tells that there is a coordinator.
        for (sign, api, version, kind, body) in
            [("OffsetFetch", "OffsetFetch", 5, 0, group), ("EndTxn", "InitProducerId", 1, 1, transaction)]
        {
            if ApiKey::from_name(sign).is_none_or(|api| !advertised.contains_key(&api.0)) {
                continue;
            }
            loop {
                let coordinator = json!({"key": name, "keyType": kind});
                let found = probe.ask("FindCoordinator", 3, coordinator, deadline).await?;
                if found["errorCode"] == "NONE" {
                    let answer = probe.ask(api, version, body.clone(), deadline).await?;
                    if answer["errorCode"] == "NONE" {
                        break;
                    }
                }
                if env.now() >= deadline {
                    return Err(Error::new(format!("{api} is not served in time: {found}")));
                }
                env.sleep(PROBE_PAUSE).await;
            }
        }
    }
    Ok(())
}

/// A program of this workspace: beside the running one, or in the build folder above it.
pub(crate) fn own_program(variable: &str, name: &str) -> Result<PathBuf, Error> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    let here = std::env::current_exe().context(|| "cannot tell where this program is".to_owned())?;
    let found = here.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| Error::new(format!("no program {name} beside this one; {variable} may name it")))
}

async fn start_ottla(env: &Env) -> Result<(String, Running), Error> {
    let program = own_program("OTTLA_BIN", "ottla")?;
    let folder = tempfile::Builder::new()
        .prefix("ottla-broker-")
        .tempdir()
        .context(|| "cannot create a folder for the broker".to_owned())?;
    let config = folder.path().join("server.properties");
    let text = assets::text("kafka/ottla.properties").unwrap_or_default();
    std::fs::write(&config, text).context(|| format!("cannot write {}", config.display()))?;
    let output = folder.path().join("stdout.log");
    let data = folder.path().join("data");
    let arguments = ["broker", "--config"].map(Into::into).into_iter().chain([config.into_os_string()]);
    let settings = ["listeners=PLAINTEXT://127.0.0.1:0".to_owned(), format!("log.dirs={}", data.display())];
    let settings = settings.into_iter().flat_map(|setting| ["--set".into(), setting.into()]);
    let mut process = Background::start(program, arguments.chain(settings), &[], &output)?;
    let deadline = env.now() + START_PATIENCE;
    loop {
        if let Some(status) = process.ended() {
            return Err(Error::new(format!("ottla broker ended with {status}: {}", process.tail(8 << 10))));
        }
        if let Some(address) = ready_line(&output)
            && connection::is_ready(env, &address, deadline).await.unwrap_or(false)
        {
            return Ok((address, Running::Ottla { process, folder }));
        }
        if env.now() >= deadline {
            return Err(Error::new(format!("ottla broker is not ready in time: {}", process.tail(8 << 10))));
        }
        env.sleep(PROBE_PAUSE).await;
    }
}

/// The address in the line `ready on 127.0.0.1:9092`.
fn ready_line(output: &Path) -> Option<String> {
    let text = std::fs::read_to_string(output).ok()?;
    let (complete, _) = text.rsplit_once('\n')?;
    complete.lines().find_map(|line| line.trim().strip_prefix("ready on ")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_line_counts_once_it_is_complete() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out");
        std::fs::write(&path, "starting\nready on 127.0.0.1:90").expect("written");
        assert_eq!(ready_line(&path), None);
        std::fs::write(&path, "starting\nready on 127.0.0.1:9092\n").expect("written");
        assert_eq!(ready_line(&path).as_deref(), Some("127.0.0.1:9092"));
    }
}
