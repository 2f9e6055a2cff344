//! The directory of a private Postgres, and its postmaster.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::find_postmaster;

/// Directly in the temporary directory: for root, Postgres runs as another user, who must have access. A
/// failed test leaves no Postgres running.
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

/// The postmaster of the Postgres in this directory.
pub(super) fn postmaster(data_dir: &Path) -> i32 {
    find_postmaster(data_dir).expect("a running Postgres")
}
