//! What a process cost so far, read from the kernel.

use std::fs;
use std::time::{Duration, Instant};

/// CPU seconds (user and system) of a process since its start, to the nanosecond, ended threads included.
pub fn cpu_seconds(pid: u32) -> Result<f64, String> {
    let pid_t = libc::pid_t::try_from(pid).map_err(|_| format!("{pid} is no process id"))?;
    let mut clock: libc::clockid_t = 0;
    // SAFETY: the call only writes the clock's id.
    let found = unsafe { libc::clock_getcpuclockid(pid_t, &raw mut clock) };
    if found != 0 {
        return Err(format!("process {pid} is gone"));
    }
    // SAFETY: a zeroed timespec is a valid value, and the call only writes it.
    let (read, time) = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        (libc::clock_gettime(clock, &raw mut time), time)
    };
    if read != 0 {
        return Err(format!("the CPU clock of process {pid} cannot be read: {}", std::io::Error::last_os_error()));
    }
    Ok(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

/// Asks a process of ours to end (SIGTERM) and waits until it has; its parent is still to reap it.
pub fn terminate(pid: u32, patience: Duration) -> Result<(), String> {
    let pid_t = libc::pid_t::try_from(pid).map_err(|_| format!("{pid} is no process id"))?;
    // SAFETY: a signal to a child that was not reaped, so that the id is still its own.
    if unsafe { libc::kill(pid_t, libc::SIGTERM) } != 0 {
        return Err(format!("process {pid} takes no signal: {}", std::io::Error::last_os_error()));
    }
    let give_up = Instant::now() + patience;
    loop {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
        if state.is_none_or(|state| state == "Z") {
            return Ok(());
        }
        if Instant::now() > give_up {
            return Err(format!("process {pid} did not end within {patience:?}"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Resident memory in KiB.
pub fn resident_kib(pid: u32) -> Result<u64, String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).map_err(|error| format!("process {pid} is gone: {error}"))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("no VmRSS of process {pid}"))
}
