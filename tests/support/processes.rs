//! Reads the process table of Linux.

use std::path::Path;

pub fn children(of: i32) -> Vec<i32> {
    let list = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap();
    list.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// Whether this process exists and is not a zombie.
pub fn is_running(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// The postmaster of the private Postgres in this data directory, if it is running.
pub fn find_postmaster(data_dir: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    let is_postgres = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim() == "postgres";
    is_postgres.then_some(pid)
}
