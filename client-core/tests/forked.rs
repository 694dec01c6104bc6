//! A process that forks while it has clients. Alone in its process: nothing else runs while it is copied.
#![allow(unsafe_code, clippy::unwrap_used, clippy::print_stderr)]

use ottla::ErrorKind;
use ottla::facade::{Producer, runtime};
use ottla::record::Record;
use ottla_broker::{Broker, BrokerConfig};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_forked_child_is_told_and_can_make_clients_of_its_own() {
    let on = runtime().unwrap();
    let broker = on.handle().block_on(Broker::start(BrokerConfig::in_memory())).unwrap();
    let options = vec![("bootstrap.servers".to_owned(), broker.bootstrap_servers())];
    let producer = Producer::start(options.clone()).unwrap();
    producer.send(Record::to("t").value("parent")).wait_done().unwrap();
    // SAFETY: the child uses only what this test is about, and ends by `_exit`, without the parent's destructors.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        let inherited = producer.send(Record::to("t").value("child")).wait_done();
        let refused = inherited.is_err_and(|error| error.kind() == ErrorKind::Forked);
        drop(producer);
        let own = Producer::start(options).and_then(|own| {
            own.send(Record::to("t").value("child")).wait_done()?;
            own.close(LIMIT).wait_done()
        });
        if let Err(error) = &own {
            eprintln!("{error}");
        }
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(if refused && own.is_ok() { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: `status` is written for a child of this process.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "the child failed: {status}");
    producer.close(LIMIT).wait_done().unwrap();
    on.handle().block_on(broker.stop(LIMIT)).unwrap();
}
