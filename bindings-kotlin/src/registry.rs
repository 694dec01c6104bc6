//! Handles: a number stands for a client; one that was released is an error, never a dangling pointer.

use crate::producer::Producing;
use ottla::Error;
use ottla::facade::{Admin, Consumer};
use ottla_testing::TestBroker;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// What a handle stands for.
#[derive(Clone)]
pub(crate) enum Client {
    Producer(Arc<Producing>),
    Consumer(Arc<Consumer>),
    Admin(Arc<Admin>),
    TestBroker(Arc<TestBroker>),
}

static CLIENTS: RwLock<BTreeMap<i64, Client>> = RwLock::new(BTreeMap::new());
static NEXT: AtomicI64 = AtomicI64::new(1);

/// A handle that nothing had before.
pub(crate) fn new_handle() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Lets `handle` stand for `client`.
pub(crate) fn insert(handle: i64, client: Client) {
    CLIENTS.write().insert(handle, client);
}

/// What a handle stands for. Errors: `Closed` when it was released.
pub(crate) fn find(handle: i64) -> Result<Client, Error> {
    CLIENTS.read().get(&handle).cloned().ok_or_else(|| Error::closed("use a client"))
}

/// Ends a handle. Dropping a client that was not closed ends it in the background.
pub(crate) fn release(handle: i64) {
    let client = CLIENTS.write().remove(&handle);
    // Outside the lock: what it drops may take its time.
    drop(client);
}

pub(crate) fn producer(handle: i64) -> Result<Arc<Producing>, Error> {
    match find(handle)? {
        Client::Producer(producer) => Ok(producer),
        _ => Err(Error::closed("use a producer")),
    }
}

pub(crate) fn consumer(handle: i64) -> Result<Arc<Consumer>, Error> {
    match find(handle)? {
        Client::Consumer(consumer) => Ok(consumer),
        _ => Err(Error::closed("use a consumer")),
    }
}
