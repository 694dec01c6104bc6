//! What a process cost so far, read from the kernel.

use std::fs;

/// CPU seconds (user and system) of a process since its start; resolution 10 ms.
pub fn cpu_seconds(pid: u32) -> Result<f64, String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|error| format!("process {pid} is gone: {error}"))?;
    // The second field is the command in parentheses and may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
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
