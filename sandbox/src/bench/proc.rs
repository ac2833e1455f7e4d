//! What the kernel knows of a process: CPU time and peak memory.

use std::{fs, io, time::Duration};

use super::error::BenchError;

/// Length of one tick of `/proc/<pid>/stat`: 1/100 s, a constant of Linux's interface.
const TICK: Duration = Duration::from_millis(10);

/// User and system time of all threads, also those that ended.
pub(super) fn cpu(pid: u32) -> Result<Duration, BenchError> {
    read(pid, "stat", parse_cpu)
}

/// The most memory that was resident since the peak was last forgotten, in bytes.
pub(super) fn peak_rss(pid: u32) -> Result<u64, BenchError> {
    read(pid, "status", parse_peak_rss)
}

/// Begins a new peak with what is resident now.
pub(super) fn forget_peak(pid: u32) -> Result<(), BenchError> {
    let path = format!("/proc/{pid}/clear_refs");
    fs::write(&path, "5").map_err(|source| BenchError::Io { what: path, source })
}

fn read<T>(pid: u32, file: &str, parse: fn(&str) -> Option<T>) -> Result<T, BenchError> {
    let path = format!("/proc/{pid}/{file}");
    let strange = || io::Error::from(io::ErrorKind::InvalidData);
    let text = fs::read_to_string(&path);
    text.and_then(|text| parse(&text).ok_or_else(strange))
        .map_err(|source| BenchError::Io { what: path, source })
}

/// Fields 14 and 15. The name, field 2, stands in brackets and may hold blanks and brackets.
fn parse_cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * user.checked_add(system)?)
}

fn parse_peak_rss(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "71 (a) b (c)) S 1 71 71 0 -1 4194560 900 0 1 0 250 50 7 7 20 0 9 0 12345 1 2";
        assert_eq!(parse_cpu(stat), Some(Duration::from_secs(3)));
        for strange in ["", "71 (core", "71 (core) S 1 2 3", "71 (core) S 1 1 1 1 1 1 1 1 1 1 x 1"]
        {
            assert_eq!(parse_cpu(strange), None, "{strange}");
        }
    }

    #[test]
    fn peak_memory_is_in_bytes() {
        let status =
            "Name:\tcore\nVmPeak:\t  900000 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n";
        assert_eq!(parse_peak_rss(status), Some(20 << 20));
        assert_eq!(parse_peak_rss("VmHWM:\t12 MB\n"), None);
        assert_eq!(parse_peak_rss("VmRSS:\t10240 kB\n"), None);
    }

    #[test]
    fn our_own_process_can_be_read() {
        let pid = std::process::id();
        assert!(cpu(pid).is_ok());
        assert!(forget_peak(pid).is_ok());
        assert!(peak_rss(pid).expect("readable") > 0);
    }
}
