//! One call about many items: grouped by the broker to ask, asked at once, retried item by item.

use crate::client::{Client, CoordinatorKind, Target};
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::future::Future;
use std::time::Instant;

/// What became of each item asked about.
pub type Results<K, V> = BTreeMap<K, Result<V, Error>>;

/// What one request told about its items.
pub(super) type Answers<K, V> = Vec<(K, Result<V, Error>)>;

/// Whom to ask about an item.
pub(super) enum Route {
    Controller,
    AnyBroker,
    Node(NodeId),
    Leader(TopicPartition),
    Coordinator(CoordinatorKind, String),
}

/// Requests are grouped by this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Destination {
    Controller,
    AnyBroker,
    Node(NodeId),
    Coordinator(NodeId),
}

impl From<Destination> for Target {
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::Controller => Self::Controller,
            Destination::AnyBroker => Self::AnyBroker,
            Destination::Node(node) => Self::Node(node),
            Destination::Coordinator(node) => Self::CoordinatorNode(node),
        }
    }
}

/// Brings every item to a result by `deadline`: those that fail in a way that may mend are asked about again, at the
/// broker that is then the right one.
pub(super) async fn fan_out<K, V, F, Answered>(
    client: &Client,
    operation: &'static str,
    items: impl IntoIterator<Item = K>,
    route: impl Fn(&K) -> Route,
    deadline: Instant,
    ask: F,
) -> Results<K, V>
where
    K: Ord + Clone + Debug,
    F: Fn(Target, Vec<K>) -> Answered,
    Answered: Future<Output = Result<Answers<K, V>, Error>>,
{
    let mut pending: BTreeSet<K> = items.into_iter().collect();
    let mut results = Results::new();
    let mut failures = 0;
    while !pending.is_empty() {
        let mut last_errors: BTreeMap<K, Error> = BTreeMap::new();
        let mut groups: BTreeMap<Destination, Vec<K>> = BTreeMap::new();
        let routes = join_all(pending.iter().map(|item| find(client, route(item), deadline))).await;
        for (item, found) in pending.iter().zip(routes) {
            match found {
                Ok(destination) => groups.entry(destination).or_default().push(item.clone()),
                Err(error) => {
                    last_errors.insert(item.clone(), error);
                }
            }
        }
        let asked = join_all(groups.into_iter().map(|(destination, group)| {
            let answered = ask(destination.into(), group.clone());
            async move { (destination, group, answered.await) }
        }))
        .await;
        for (destination, group, answered) in asked {
            let mut left: BTreeSet<K> = group.into_iter().collect();
            match answered {
                Ok(answers) => {
                    for (item, answer) in answers {
                        if !left.remove(&item) {
                            continue;
                        }
                        match answer {
                            Ok(value) => {
                                pending.remove(&item);
                                results.insert(item, Ok(value));
                            }
                            Err(error) => {
                                last_errors.insert(item, error);
                            }
                        }
                    }
                    for item in left {
                        let error = Error::new(
                            ErrorKind::Protocol,
                            operation,
                            "the broker's answer leaves this item out",
                        )
                        .with_context("item", format_args!("{item:?}"));
                        last_errors.insert(item, error);
                    }
                }
                Err(error) => {
                    client.look_again(&destination.into(), &error);
                    for item in left {
                        last_errors.insert(item, error.clone());
                    }
                }
            }
        }
        let mut retry_error = None;
        for (item, error) in last_errors {
            look_again(client, route(&item), &error);
            if error.is_retriable() {
                retry_error = Some(error.clone());
                match results.get_mut(&item) {
                    // The last attempt was only cut short: what went wrong before it tells more.
                    Some(Err(reason)) if client.env().now() >= deadline => {
                        if error.is_outcome_unknown() {
                            *reason = reason.clone().with_outcome_unknown();
                        }
                    }
                    _ => {
                        results.insert(item, Err(error.with_operation(operation)));
                    }
                }
            } else {
                pending.remove(&item);
                results.insert(item, Err(error.with_operation(operation)));
            }
        }
        let Some(error) = retry_error else { break };
        failures += 1;
        if client.pause(operation, failures, error, deadline).await.is_err() {
            // The items left keep the error they had last.
            break;
        }
    }
    results
}

async fn find(client: &Client, route: Route, deadline: Instant) -> Result<Destination, Error> {
    match route {
        Route::Controller => Ok(Destination::Controller),
        Route::AnyBroker => {
            client.metadata().ready("find a broker", deadline).await?;
            Ok(Destination::AnyBroker)
        }
        Route::Node(node) => {
            client.metadata().ready("find the broker", deadline).await?;
            Ok(Destination::Node(node))
        }
        Route::Leader(partition) => {
            client.metadata().topic(&partition.topic, "find the leader", deadline).await?;
            client.leader(&partition.topic, partition.partition).map(|leader| Destination::Node(leader.node))
        }
        Route::Coordinator(kind, key) => {
            client.coordinator(kind, &key, deadline).await.map(Destination::Coordinator)
        }
    }
}

fn look_again(client: &Client, route: Route, error: &Error) {
    match route {
        Route::Coordinator(kind, key) => client.look_again(&Target::Coordinator(kind, key), error),
        Route::Controller | Route::Leader(_) => client.look_again(&Target::Controller, error),
        Route::AnyBroker | Route::Node(_) => {}
    }
}

/// The only item of a call about one.
pub(super) fn single<V>(operation: &'static str, mut results: Results<(), V>) -> Result<V, Error> {
    results
        .remove(&())
        .unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, operation, "the call ended without a result")))
}
