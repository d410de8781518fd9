//! What the kernel knows of a process: CPU, memory, core, open files. No servers here.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::time::ClockId;
use nix::unistd::Pid;

/// User and system time of all threads of `pid`, ended ones too. The same sum as `utime` + `stime` of
/// `/proc/PID/stat`, which counts in ticks of 10 ms: too coarse for a round of a second.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid.cast_signed()));
    let time = clock.and_then(ClockId::now).with_context(|| format!("CPU time of process {pid}"))?;
    Ok(Duration::from(time))
}

/// Resident memory of `pid` in bytes.
pub(crate) fn resident(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a status without VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS is a number of kB")?;
    Ok(kib * 1024)
}

/// Which core the servers run on and which the load, so that neither is billed for the other's caches.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pinning {
    Apart { server: usize, load: usize },
    Off,
}

impl Pinning {
    /// The first and the last core that this process may use; `Off` where there is but one.
    pub(crate) fn choose() -> Result<Self> {
        let allowed = sched_getaffinity(Pid::from_raw(0)).context("which cores may be used")?;
        let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
        Ok(match (cores.next(), cores.next_back()) {
            (Some(server), Some(load)) => Self::Apart { server, load },
            _ => Self::Off,
        })
    }

    /// Runs `start` on the server's core: a child inherits the core of the thread that makes it.
    pub(crate) fn on_server_core<T>(self, start: impl FnOnce() -> Result<T>) -> Result<T> {
        let Self::Apart { server, .. } = self else { return start() };
        let before = sched_getaffinity(Pid::from_raw(0)).context("this thread's cores")?;
        pin(server)?;
        let started = start();
        sched_setaffinity(Pid::from_raw(0), &before).context("back to the cores of before")?;
        started
    }

    /// Keeps this thread on the load's core from now on.
    pub(crate) fn stay_on_load_core(self) -> Result<()> {
        match self {
            Self::Apart { load, .. } => pin(load),
            Self::Off => Ok(()),
        }
    }

    pub(crate) fn describe(self) -> String {
        match self {
            Self::Apart { server, load } => format!("servers on core {server}, load on core {load}"),
            Self::Off => "not pinned: servers and load share the cores".to_owned(),
        }
    }
}

fn pin(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core)
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &set))
        .with_context(|| format!("core {core}"))
}

/// Raises the number of files this process may open, as far as it is let, and says how many that is.
pub(crate) fn raise_open_files(wanted: u64) -> Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).context("open-file limit")?;
    if hard < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, wanted).is_ok() {
        return Ok(wanted);
    }
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("raise the open-file limit")?;
    Ok(hard.max(soft))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let pid = std::process::id();
        let before = cpu(pid).unwrap();
        let mut sum = 0_u64;
        while cpu(pid).unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(cpu(pid).unwrap() > before);
        assert!(resident(pid).unwrap() > 100 * 1024);
        let mut gone = std::process::Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        assert!(cpu(gone.id()).is_err(), "a process that is not there");
    }

    #[test]
    fn a_child_runs_on_the_servers_core_and_this_thread_stays_where_it_was() {
        let before = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let pinning = Pinning::choose().unwrap();
        let inside = pinning.on_server_core(|| Ok(sched_getaffinity(Pid::from_raw(0))?)).unwrap();
        if let Pinning::Apart { server, load } = pinning {
            assert!(inside.is_set(server).unwrap() && !inside.is_set(load).unwrap());
        }
        assert_eq!(sched_getaffinity(Pid::from_raw(0)).unwrap(), before);
    }
}
