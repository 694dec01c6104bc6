use super::super::runtime;
use super::*;

/// Tells when it is dropped.
struct Watched(Arc<AtomicBool>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An operation without end that a forked child has from its parent.
fn inherited() -> (Operation<()>, Arc<AtomicBool>) {
    let is_dropped = Arc::new(AtomicBool::new(false));
    let watched = Watched(Arc::clone(&is_dropped));
    let future: Running<()> = Box::pin(async move {
        let _watched = watched;
        std::future::pending().await
    });
    let state = State::Running(Guarded::inherited(future));
    (Operation { state, runtime: Some(runtime().unwrap()) }, is_dropped)
}

#[test]
fn operations_inherited_through_a_fork_are_refused_and_left_as_they_lie() {
    let is_forked = |result: Result<(), Error>| result.unwrap_err().kind() == ErrorKind::Forked;
    let (operation, is_dropped) = inherited();
    assert!(is_forked(operation.wait_done()));
    assert!(!is_dropped.load(Ordering::Relaxed));
    let (operation, is_dropped) = inherited();
    drop(operation);
    assert!(!is_dropped.load(Ordering::Relaxed));
    let (operation, _) = inherited();
    assert!(is_forked(operation.map(|()| ()).wait_done()));
    let (operation, is_dropped) = inherited();
    let (sender, receiver) = std::sync::mpsc::channel();
    operation.on_done(move |told| sender.send(told).unwrap());
    assert!(is_forked(receiver.try_recv().unwrap()), "it is told at once");
    assert!(!is_dropped.load(Ordering::Relaxed));
}
