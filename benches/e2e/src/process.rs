//! What the kernel knows about a process: CPU time and resident memory.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// A process under a name, written `name=pid`.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) name: String,
    pub(crate) pid: i32,
}

/// Reads `name=pid`.
pub(crate) fn watched(text: &str) -> anyhow::Result<Watched> {
    let (name, pid) = text.split_once('=').context("expected name=pid")?;
    Ok(Watched {
        name: name.to_owned(),
        pid: pid.parse()?,
    })
}

/// CPU time of all threads, living and ended, user and system, in nanoseconds' precision.
///
/// The process clock instead of `/proc/PID/stat`, which counts in steps of 10 ms, and of the
/// threads' `schedstat`, which loses threads that ended.
pub(crate) fn cpu_time(pid: i32) -> anyhow::Result<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(pid))
        .with_context(|| format!("failed to find the CPU clock of process {pid}"))?;
    Ok(Duration::from(clock_gettime(clock)?))
}

/// CPU time that everything on the machine used since it started, in steps of 10 ms.
pub(crate) fn machine_cpu_time() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields: Vec<u64> = stat
        .lines()
        .next()
        .context("/proc/stat is empty")?
        .split_whitespace()
        .skip(1)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    // user nice system idle iowait irq softirq steal guest guest_nice; guests count as user too.
    let ticks: u64 = [0, 1, 2, 5, 6, 7]
        .into_iter()
        .filter_map(|field: usize| fields.get(field))
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Resident memory in KiB, from `smaps_rollup`: the figure in `status` is only approximate.
pub(crate) fn resident_kib(pid: i32) -> anyhow::Result<u64> {
    fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
        .with_context(|| format!("failed to read the memory of process {pid}"))?
        .lines()
        .find_map(|line| line.strip_prefix("Rss:"))
        .and_then(|rest| rest.split_whitespace().next())
        .context("no Rss in smaps_rollup")?
        .parse()
        .context("Rss is not a number")
}
