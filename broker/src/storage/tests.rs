use super::*;
use std::path::PathBuf;

/// Runs `check` on every kind of disk, in an empty directory.
fn on_each_disk(check: impl Fn(&dyn Disk, PathBuf)) {
    let directory = tempfile::tempdir().unwrap();
    check(&FileDisk, directory.path().to_owned());
    let memory = MemoryDisk::default();
    memory.create_dir_all(Path::new("/data")).unwrap();
    check(&memory, PathBuf::from("/data"));
    let faulty = FaultyDisk::default();
    faulty.create_dir_all(Path::new("/data")).unwrap();
    check(&faulty, PathBuf::from("/data"));
}

#[test]
fn reads_back_what_vectored_writes_put_across_chunks() {
    on_each_disk(|disk, root| {
        let file = disk.open(&root.join("a"), OpenMode::Create).unwrap();
        let first: Vec<u8> = (0..300_000u32).map(|i| i as u8).collect();
        let second = vec![7u8; 300_000];
        file.write_at(0, &[IoSlice::new(&first), IoSlice::new(&second)]).unwrap();
        file.write_at(600_000, &[IoSlice::new(b"end")]).unwrap();
        assert_eq!(file.len_bytes().unwrap(), 600_003);
        let mut read = vec![0; 600_003];
        read_exact_at(&*file, 0, &mut read).unwrap();
        assert_eq!(read, [first, second, b"end".to_vec()].concat());
        assert_eq!(file.read_at(600_001, &mut [0; 9]).unwrap(), 2);
        file.truncate(262_145).unwrap();
        assert_eq!(file.len_bytes().unwrap(), 262_145);
        file.truncate(262_147).unwrap();
        let mut tail = [9; 3];
        read_exact_at(&*file, 262_144, &mut tail).unwrap();
        assert_eq!(tail[1..], [0, 0]);
    });
}

#[test]
fn renamed_directory_takes_its_files_along() {
    on_each_disk(|disk, root| {
        disk.create_dir_all(&root.join("t-0")).unwrap();
        replace_file(disk, &root.join("t-0/x"), b"content", true).unwrap();
        disk.rename(&root.join("t-0"), &root.join("t-0-delete")).unwrap();
        assert_eq!(read_file(disk, &root.join("t-0/x"), 100).unwrap(), None);
        assert_eq!(read_file(disk, &root.join("t-0-delete/x"), 100).unwrap().unwrap(), b"content");
        let names: Vec<_> = disk.list(&root).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["t-0-delete"]);
        disk.remove_dir_all(&root.join("t-0-delete")).unwrap();
        assert_eq!(disk.list(&root).unwrap(), []);
    });
}

#[test]
fn second_lock_is_refused_until_the_first_is_dropped() {
    on_each_disk(|disk, root| {
        let held = disk.lock(&root.join(".lock")).unwrap();
        assert!(held.is_some());
        assert!(disk.lock(&root.join(".lock")).unwrap().is_none());
        drop(held);
        assert!(disk.lock(&root.join(".lock")).unwrap().is_some());
    });
}

#[test]
fn file_over_its_limit_is_refused() {
    on_each_disk(|disk, root| {
        replace_file(disk, &root.join("x"), b"12345", false).unwrap();
        assert_eq!(read_file(disk, &root.join("x"), 4).unwrap_err().kind(), io::ErrorKind::InvalidData);
    });
}

#[test]
fn power_cut_takes_what_was_not_synced() {
    let disk = FaultyDisk::default();
    disk.create_dir_all(Path::new("/d")).unwrap();
    let kept = disk.open(Path::new("/d/kept"), OpenMode::Create).unwrap();
    kept.write_at(0, &[IoSlice::new(b"synced")]).unwrap();
    kept.sync().unwrap();
    disk.sync_dir(Path::new("/d")).unwrap();
    kept.write_at(6, &[IoSlice::new(b" and not")]).unwrap();
    disk.open(Path::new("/d/lost"), OpenMode::Create).unwrap();
    let content = |disk: &FaultyDisk, name| read_file(disk, Path::new(name), 100).unwrap();
    let none = disk.after_power_cut(Survival::None, 1);
    assert_eq!(content(&none, "/d/kept").unwrap(), b"synced");
    assert_eq!(content(&none, "/d/lost"), None);
    let all = disk.after_power_cut(Survival::All, 1);
    assert_eq!(content(&all, "/d/kept").unwrap(), b"synced and not");
    assert_eq!(content(&all, "/d/lost").unwrap(), b"");
}
