//! What the kernel knows about a process: memory, CPU time, descriptors, threads, connections.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use rustix::param::clock_ticks_per_second;

/// A process that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Resources(i32);

impl Resources {
    /// Looks at the process with this id.
    #[must_use]
    pub fn of(pid: i32) -> Self {
        Self(pid)
    }

    /// Resident memory in KiB, from `smaps_rollup`: the figure in `status` is only approximate.
    ///
    /// # Errors
    /// The process is gone; so with all others.
    pub fn memory_kib(self) -> anyhow::Result<u64> {
        fs::read_to_string(self.file("smaps_rollup"))
            .with_context(|| format!("failed to read the memory of process {}", self.0))?
            .lines()
            .find_map(|line| line.strip_prefix("Rss:"))
            .and_then(|rest| rest.split_whitespace().next())
            .context("no Rss in smaps_rollup")?
            .parse()
            .context("Rss is not a number")
    }

    /// CPU time of all threads, living and ended, in steps of a hundredth of a second.
    ///
    /// # Errors
    /// See [`Resources::memory_kib`].
    pub fn cpu_time(self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(self.file("stat"))?;
        // The name, which may hold anything, ends with the last bracket; utime and stime are the
        // 12th and 13th field behind it.
        let (_name, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.map(str::parse::<u64>).sum::<Result<_, _>>()?;
        Ok(Duration::from_millis(
            ticks * 1_000 / clock_ticks_per_second(),
        ))
    }

    /// Open descriptors.
    ///
    /// # Errors
    /// See [`Resources::memory_kib`].
    pub fn descriptors(self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(self.file("fd"))?.count())
    }

    /// Threads.
    ///
    /// # Errors
    /// See [`Resources::memory_kib`].
    pub fn threads(self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(self.file("task"))?.count())
    }

    /// Established TCP connections.
    ///
    /// # Errors
    /// See [`Resources::memory_kib`].
    pub fn connections(self) -> anyhow::Result<usize> {
        let mut sockets = HashSet::new();
        for descriptor in fs::read_dir(self.file("fd"))? {
            // One that was closed in the meantime is none.
            let Ok(target) = fs::read_link(descriptor?.path()) else {
                continue;
            };
            let target = target.to_string_lossy();
            let inode = target.strip_prefix("socket:[");
            sockets.extend(inode.and_then(|rest| Some(rest.strip_suffix(']')?.to_owned())));
        }
        let table = fs::read_to_string(self.file("net/tcp"))?;
        let is_ours_and_established = |line: &&str| {
            // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
            let mut fields = line.split_whitespace();
            fields.nth(3) == Some("01")
                && fields.nth(5).is_some_and(|inode| sockets.contains(inode))
        };
        Ok(table.lines().filter(is_ours_and_established).count())
    }

    fn file(self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.0))
    }
}
