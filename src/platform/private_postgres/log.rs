//! The log of the private Postgres, whose size is limited.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::Explain as _;

/// A longer log is emptied, and its last bytes of this number become `server.log.1`.
const MAX: u64 = 10 * 1024 * 1024;
/// How many bytes and lines [`tail`] returns at most.
const TAIL: u64 = 4096;
const TAIL_LINES: usize = 8;

pub(super) fn path(cluster: &Path) -> PathBuf {
    cluster.join("server.log")
}

pub(super) fn is_long(cluster: &Path) -> io::Result<bool> {
    std::fs::symlink_metadata(path(cluster)).map(|found| found.len() > MAX)
}

/// Truncates the log if it is too long. A renamed file would not do, because the server would go on appending to it.
pub(super) fn truncate(cluster: &Path) -> io::Result<()> {
    let log = open(File::options().read(true).write(true), &path(cluster));
    let Some(mut log) = log.if_exists()? else { return Ok(()) };
    let length = log.metadata()?.len();
    if length <= MAX {
        return Ok(());
    }
    let before = cluster.join("server.log.1");
    if copy_end(&mut log, length, &before).is_err() {
        // On a full disk the space is worth more than the old lines.
        let _ = std::fs::remove_file(&before);
    }
    log.set_len(0)
}

fn copy_end(log: &mut File, length: u64, before: &Path) -> io::Result<()> {
    log.seek(SeekFrom::Start(length - MAX))?;
    let mut copy = open(File::options().write(true).create(true).truncate(true).mode(0o600), before)?;
    io::copy(&mut log.take(MAX), &mut copy).map(|_| ())
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)
}

pub(super) fn tail(cluster: &Path) -> io::Result<String> {
    let mut log = open(File::options().read(true), &path(cluster))?;
    let length = log.metadata()?.len();
    log.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut end = Vec::new();
    log.take(TAIL).read_to_end(&mut end)?;
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_truncated_and_its_end_is_copied() {
        let cluster = tempfile::tempdir().unwrap();
        let log = path(cluster.path());
        truncate(cluster.path()).unwrap();
        let mut text = "x".repeat(usize::try_from(3 * MAX).unwrap());
        text.push_str("\nthe last line\n");
        std::fs::write(&log, text).unwrap();

        assert_eq!(tail(cluster.path()).unwrap().lines().last(), Some("the last line"));
        truncate(cluster.path()).unwrap();

        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
        let before = std::fs::read_to_string(cluster.path().join("server.log.1")).unwrap();
        assert!(before.ends_with("\nthe last line\n"));
        assert_eq!(u64::try_from(before.len()).unwrap(), MAX);
        std::fs::write(&log, "short\n").unwrap();
        truncate(cluster.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "short\n");
    }
}
