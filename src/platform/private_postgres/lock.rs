//! Lock files: nobody else may open them, and nobody waits for one without an end.

use std::fs::{File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::stat::{major, minor};

use super::error::{Explain as _, Result, failed};
use super::owner::Owner;
use super::wait::Wait;

/// Who may open a lock file may lock it, for as long as they like.
const MODE: u32 = 0o600;

pub(super) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Opens the file, and makes it where there is none.
    pub(super) fn open(owner: &Owner, path: PathBuf) -> Result<Self> {
        let opened = owner.act(|| {
            // Neither a link nor a pipe: opening one would lead elsewhere, or wait.
            let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
            let mut options = File::options();
            options.create(true).truncate(false).write(true).mode(MODE).custom_flags(flags.bits());
            options.open(&path)
        });
        let file = match opened {
            Ok(file) => file,
            Err(error) => return Err(closed(&path, owner, &error)),
        };
        let found = file.metadata().explain("look at", &path)?;
        if !found.is_file() || found.uid() != owner.uid.as_raw() {
            return Err(anothers(&path, &Owner::of(&found), owner));
        }
        if found.mode() & 0o077 != 0 {
            owner.act(|| file.set_permissions(Permissions::from_mode(MODE))).explain("protect", &path)?;
        }
        Ok(Self { file, path })
    }

    pub(super) async fn lock(&self, patience: Duration) -> Result<()> {
        self.wait_for(patience, File::try_lock).await
    }

    pub(super) async fn lock_shared(&self, patience: Duration) -> Result<()> {
        self.wait_for(patience, File::try_lock_shared).await
    }

    /// At once, or not at all.
    pub(super) fn is_locked_now(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    pub(super) fn unlock(&self) -> Result<()> {
        self.file.unlock().explain("unlock", &self.path)
    }

    /// For a child as its standard input: the lock lasts until both have ended.
    pub(super) fn for_child(&self) -> Result<Stdio> {
        self.file.try_clone().map(Stdio::from).explain("share", &self.path)
    }

    async fn wait_for(
        &self,
        patience: Duration,
        attempt: impl Fn(&File) -> std::result::Result<(), TryLockError>,
    ) -> Result<()> {
        let mut wait = Wait::of(patience);
        loop {
            match attempt(&self.file) {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => wait.on(|| self.held()).await?,
                Err(TryLockError::Error(error)) => return Err(error).explain("lock", &self.path),
            }
        }
    }

    fn held(&self) -> String {
        let holder = holder(&self.file).unwrap_or_else(|| "another process".to_owned());
        format!("{holder} has locked {}; let it finish, or end it", self.path.display())
    }
}

/// The process that has locked the file, as in `process 4711 (groupdesk)`.
fn holder(file: &File) -> Option<String> {
    let file = file.metadata().ok()?;
    let locks = procfs::locks().ok()?;
    // Those who wait for a lock stand after its holder. A process of another namespace has the number 0.
    let locks = locks.into_iter().filter(|lock| lock.inode == file.ino());
    let found: Vec<(i32, bool)> = locks
        .filter_map(|lock| {
            let is_same_device =
                u64::from(lock.devmaj) == major(file.dev()) && u64::from(lock.devmin) == minor(file.dev());
            Some((lock.pid.filter(|pid| *pid > 0)?, is_same_device))
        })
        .collect();
    // On Btrfs the number of a lock's device is not that of the file's.
    let (pid, _) = found.iter().find(|(pid, is_same_device)| *is_same_device || has_open(*pid, &file))?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(match name.trim() {
        "" => format!("process {pid}"),
        name => format!("process {pid} ({name})"),
    })
}

fn has_open(pid: i32, file: &Metadata) -> bool {
    let handles = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let mut files = handles.filter_map(|handle| std::fs::metadata(handle.path()).ok());
    files.any(|open| (open.dev(), open.ino()) == (file.dev(), file.ino()))
}

fn closed(path: &Path, owner: &Owner, error: &io::Error) -> super::PrivatePostgresError {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.uid() != owner.uid.as_raw() => anothers(path, &Owner::of(&found), owner),
        Ok(_) | Err(_) => failed(format!("cannot open {} as '{}': {error}", path.display(), owner.name)),
    }
}

fn anothers(path: &Path, found: &Owner, expected: &Owner) -> super::PrivatePostgresError {
    failed(format!(
        "{} belongs to '{}' and not to '{}', or is no plain file: remove it while no groupdesk runs here",
        path.display(),
        found.name,
        expected.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_file_open_is_found_whatever_the_number_of_its_device() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| File::create(folder.path().join(name)).unwrap());
        let me = i32::try_from(std::process::id()).unwrap();
        let (file_found, other_found) = (file.metadata().unwrap(), other.metadata().unwrap());
        drop(other);
        assert!(has_open(me, &file_found));
        assert!(!has_open(me, &other_found));
    }
}
