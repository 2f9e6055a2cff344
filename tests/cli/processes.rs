//! The folder of a private Postgres, and its first process.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::find_postmaster;

/// Directly below the temporary folder: as root Postgres runs as another user, who must get there.
/// A test that fails halfway leaves no server behind.
pub(super) struct DataDir(TempDir);

impl DataDir {
    pub(super) fn new() -> Self {
        Self(TempDir::with_prefix("desk").unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn text(&self) -> &str {
        self.path().to_str().unwrap()
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if let Some(pid) = find_postmaster(self.path()) {
            kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
        }
    }
}

/// The first process of the Postgres in this folder.
pub(super) fn postmaster(data_dir: &Path) -> i32 {
    find_postmaster(data_dir).expect("a running Postgres")
}
