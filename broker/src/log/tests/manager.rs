use super::*;
use ottla_env::Env;
use std::path::PathBuf;
use uuid::Uuid;

fn config() -> LogManagerConfig {
    LogManagerConfig {
        directories: vec![PathBuf::from("/d")],
        cluster_id: "c".to_owned(),
        node_id: 1,
        ..LogManagerConfig::default()
    }
}

async fn start(disk: &Arc<dyn Disk>) -> Arc<LogManager> {
    LogManager::start(Env::system(), Arc::clone(disk), config()).await.unwrap()
}

#[tokio::test]
async fn logs_survive_a_clean_restart_and_are_not_read_again() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let id = Uuid::from_u128(7);
    let first = start(&disk).await;
    assert_eq!(first.clean_shutdown_epoch(), None);
    let log = first.open_or_create("t", id, 3, Arc::default()).unwrap();
    log.lock().put(batch(1_000_000, 5));
    log.lock().set_high_watermark(5);
    first.stop(42).await.unwrap();
    drop((log, first));

    let second = start(&disk).await;
    assert_eq!(second.clean_shutdown_epoch(), Some(42));
    let log = second.get("t", 3).unwrap();
    {
        let log = log.lock();
        assert_eq!((log.log_end_offset(), log.high_watermark(), log.topic_id()), (5, 5, Some(id)));
    }
    // What a default would delete stays until the topic's own configuration is known.
    let much_later = i64::MAX / 2;
    assert!(!log.lock().apply_retention(much_later).unwrap());
    assert_eq!(second.open_or_create("t", id, 3, Arc::default()).unwrap().lock().log_end_offset(), 5);
    let keep = LogConfig { retention_ms: -1, ..LogConfig::default() };
    second.open_or_create("t", id, 3, Arc::new(keep)).unwrap();
    assert!(!log.lock().apply_retention(much_later).unwrap());
    drop((log, second));

    // The second one was not stopped; its tasks go when the runtime next looks at them.
    tokio::task::yield_now().await;
    let third = start(&disk).await;
    assert_eq!(third.clean_shutdown_epoch(), None);
    assert_eq!(third.get("t", 3).unwrap().lock().log_end_offset(), 5);
}

#[tokio::test]
async fn directory_of_another_owner_or_in_use_is_refused() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let first = start(&disk).await;
    let refused = |config| LogManager::start(Env::system(), Arc::clone(&disk), config);
    assert!(matches!(
        refused(config()).await.unwrap_err(),
        LogManagerError::Directory(DirectoryError::Locked(_))
    ));
    drop(first);
    // Its tasks go when the runtime next looks at them.
    tokio::task::yield_now().await;
    assert!(matches!(
        refused(LogManagerConfig { node_id: 2, ..config() }).await.unwrap_err(),
        LogManagerError::Directory(DirectoryError::OtherNode { found: 1, wanted: 2, .. })
    ));
    assert!(matches!(
        refused(LogManagerConfig { cluster_id: "x".to_owned(), ..config() }).await.unwrap_err(),
        LogManagerError::Directory(DirectoryError::OtherCluster { .. })
    ));
}

#[tokio::test]
async fn recreated_topic_starts_empty_and_the_old_log_is_out_of_use() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let manager = start(&disk).await;
    let old = manager.open_or_create("t", Uuid::from_u128(1), 0, Arc::default()).unwrap();
    old.lock().put(batch(1_000_000, 5));
    let new = manager.open_or_create("t", Uuid::from_u128(2), 0, Arc::default()).unwrap();
    assert_eq!(new.lock().log_end_offset(), 0);
    let error = old.lock().append(batch(1_000_000, 1), CLIENT, 0, 0).unwrap_err();
    assert_eq!(error.code(), ottla_wire::ErrorCode::KAFKA_STORAGE_ERROR);
    // What goes wrong in the old one is not held against the directory.
    assert!(!manager.directories()[0].health().is_offline());
    new.lock().put(batch(1_000_000, 1));
    manager.flush(&new).await.unwrap();
    assert_eq!(new.lock().recovery_point(), 1);
    manager.delete("t", 0).unwrap();
    assert!(manager.get("t", 0).is_none());
    manager.stop(-1).await.unwrap();
}
