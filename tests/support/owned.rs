//! A data directory that belongs to another user, like that of the packaged service.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown};
use tempfile::TempDir;
use tokio::process::Command;

use super::processes::find_postmaster;
use super::program::program;

/// Every Linux has this user, and nothing else runs as it.
const SERVICE: &str = "daemon";

pub struct OwnedDataDir {
    folder: TempDir,
    /// A copy, because that user may not be allowed to enter the build directory.
    program: PathBuf,
    _program_folder: TempDir,
    pub user: User,
}

impl OwnedDataDir {
    /// `None` unless the tests run as root, which is needed to switch users.
    pub fn new() -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let user = User::from_name(SERVICE).unwrap().expect("a user daemon");
        let folder = TempDir::with_prefix("desk").unwrap();
        chown(folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        let program_folder = TempDir::with_prefix("program").unwrap();
        chown(program_folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        let program = program_folder.path().join("groupdesk");
        let built = env!("CARGO_BIN_EXE_groupdesk");
        if std::fs::hard_link(built, &program).is_err() {
            std::fs::copy(built, &program).unwrap();
        }
        Some(Self { folder, program, _program_folder: program_folder, user })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn text(&self) -> &str {
        self.path().to_str().unwrap()
    }

    /// The program, run by the owner of the directory.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program(&self.program, args);
        command.current_dir("/").uid(self.user.uid.as_raw()).gid(self.user.gid.as_raw());
        command
    }

    /// The paths in the directory and in its cluster that do not belong to its owner.
    pub fn not_owned(&self) -> Vec<PathBuf> {
        let mut found = vec![self.path().to_owned()];
        for folder in [self.path().to_owned(), self.path().join("postgres"), self.path().join("socket")] {
            found.extend(std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()));
        }
        // A file that no longer exists cannot belong to another user.
        found.retain(|path| {
            std::fs::symlink_metadata(path).is_ok_and(|found| found.uid() != self.user.uid.as_raw())
        });
        found
    }
}

impl Drop for OwnedDataDir {
    fn drop(&mut self) {
        if let Some(pid) = find_postmaster(self.path()) {
            kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
        }
    }
}
