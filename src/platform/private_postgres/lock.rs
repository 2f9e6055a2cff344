//! Lock files, which no other user may open, and waits, which have a limit and report in the log what they wait for.

use std::fs::{File, Metadata, Permissions, TryLockError};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::stat::{major, minor};
use tokio::time::{Instant, sleep, timeout};

use super::home::Owner;
use super::processes::is_same;
use super::{Explain as _, Result};

/// Anyone who may open a lock file may lock it for any time.
const MODE: u32 = 0o600;

pub(super) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    pub(super) fn open(owner: &Owner, path: PathBuf) -> Result<Self> {
        let opened = owner.act(|| {
            // A link would lead elsewhere, and opening a pipe would wait.
            let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
            let mut options = File::options();
            options.create(true).truncate(false).write(true).mode(MODE).custom_flags(flags.bits());
            options.open(&path)
        });
        let file = opened.map_err(|error| match std::fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.uid() != owner.uid.as_raw() => foreign(&path, &metadata, owner),
            Ok(_) | Err(_) => format!("cannot open {} as '{}': {error}", path.display(), owner.name),
        })?;
        let metadata = file.metadata().explain("look at", &path)?;
        if !metadata.is_file() || metadata.uid() != owner.uid.as_raw() {
            return Err(foreign(&path, &metadata, owner));
        }
        if metadata.mode() & 0o077 != 0 {
            owner.act(|| file.set_permissions(Permissions::from_mode(MODE))).explain("protect", &path)?;
        }
        Ok(Self { file, path })
    }

    pub(super) fn try_lock(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    pub(super) fn unlock(&self) -> Result<()> {
        self.file.unlock().explain("unlock", &self.path)
    }

    /// The standard input of a child process: the lock lasts until both processes have ended.
    pub(super) fn for_child(&self) -> Result<Stdio> {
        self.file.try_clone().map(Stdio::from).explain("share", &self.path)
    }

    /// Waits for the lock. `attempt`: `File::try_lock` or `File::try_lock_shared`.
    pub(super) async fn lock(
        &self,
        limit: Duration,
        attempt: impl Fn(&File) -> std::result::Result<(), TryLockError>,
    ) -> Result<()> {
        let held = || {
            let holder = holder(&self.file).unwrap_or_else(|| "another process".to_owned());
            format!("{holder} has locked {}; let it finish, or end it", self.path.display())
        };
        let mut wait = Wait::up_to(limit);
        loop {
            match attempt(&self.file) {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => wait.next(held).await?,
                Err(TryLockError::Error(error)) => return Err(error).explain("lock", &self.path),
            }
        }
    }
}

fn holder(file: &File) -> Option<String> {
    let file = file.metadata().ok()?;
    // Waiting processes are listed after the holder.
    let pid = procfs::locks().ok()?.into_iter().filter(|lock| lock.inode == file.ino()).find_map(|lock| {
        // A process of another namespace has the id 0.
        let pid = lock.pid.filter(|pid| *pid > 0)?;
        let device = (u64::from(lock.devmaj), u64::from(lock.devmin));
        // On Btrfs a lock and its file have different device numbers.
        (device == (major(file.dev()), minor(file.dev())) || has_open(pid, &file)).then_some(pid)
    })?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(match name.trim() {
        "" => format!("process {pid}"),
        name => format!("process {pid} ({name})"),
    })
}

fn has_open(pid: i32, file: &Metadata) -> bool {
    let handles = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let mut files = handles.filter_map(|handle| std::fs::metadata(handle.path()).ok());
    files.any(|open| is_same(&open, file))
}

fn foreign(path: &Path, metadata: &Metadata, expected: &Owner) -> String {
    let remedy = "or is no plain file: remove it while no groupdesk runs here";
    Owner::of(metadata).owns(path, &format!(" and not to '{}', {remedy}", expected.name))
}

const CHECK_INTERVAL: Duration = Duration::from_millis(50);
const FIRST_REPORT: Duration = Duration::from_secs(2);
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

pub(super) struct Wait {
    since: Instant,
    limit: Duration,
    next_report: Instant,
}

impl Wait {
    pub(super) fn up_to(limit: Duration) -> Self {
        let since = Instant::now();
        Self { since, limit, next_report: since + FIRST_REPORT }
    }

    pub(super) fn has_lasted(&self, time: Duration) -> bool {
        self.since.elapsed() >= time
    }

    /// # Errors
    /// The limit is reached; the error contains the reason of the wait.
    pub(super) async fn next(&mut self, reason: impl Fn() -> String) -> Result<()> {
        if self.has_lasted(self.limit) {
            return Err(format!("gave up after {} s: {}", self.since.elapsed().as_secs(), reason()));
        }
        self.report(reason);
        sleep(CHECK_INTERVAL).await;
        Ok(())
    }

    /// Waits for the end of work, without a limit.
    pub(super) async fn during<T>(mut self, work: impl Future<Output = T>, reason: impl Fn() -> String) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            match timeout(CHECK_INTERVAL, &mut work).await {
                Ok(done) => return done,
                Err(_) => self.report(&reason),
            }
        }
    }

    fn report(&mut self, reason: impl Fn() -> String) {
        let now = Instant::now();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            tracing::warn!(waited_s = self.since.elapsed().as_secs(), "waiting: {}", reason());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_files_are_found_by_their_own_device_number() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| File::create(folder.path().join(name)).unwrap());
        let me = i32::try_from(std::process::id()).unwrap();
        let (file_found, other_found) = (file.metadata().unwrap(), other.metadata().unwrap());
        drop(other);
        assert!(has_open(me, &file_found));
        assert!(!has_open(me, &other_found));
    }
}
