//! What the system says about the processes of a Postgres server, and lock files that name the wrong one.
//!
//! Everything here is called with the rights of the user who runs Postgres: root in a container may not see in
//! which folder another user's process works.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::owner::Owner;
use super::server::replace;

/// Linux gives no process this number (`PID_MAX_LIMIT` is 2^22).
const NO_PROCESS: i32 = i32::MAX;

/// A process of a server that works in this folder, as every process of a Postgres server does. A dead one works
/// nowhere.
pub(super) fn working_in(cluster: &Path) -> Option<i32> {
    let cluster = std::fs::metadata(cluster).ok()?;
    std::fs::read_dir("/proc").into_iter().flatten().flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let is_there = working_folder(pid).is_some_and(|folder| is_same(&folder, &cluster));
        // Not the shell of somebody who looks around.
        (is_there && Status::of(pid)?.is_postgres()).then_some(pid)
    })
}

/// The number of the process that a lock file of Postgres names. It is negative where that serves no clients.
pub(super) fn named_in(lock_file: &str) -> Option<i32> {
    let number = lock_file.lines().next()?.trim().parse::<i32>().ok()?.checked_abs()?;
    (number > 0).then_some(number)
}

/// Is there a process of this number, which may be a dead one?
pub(super) fn exists(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None::<Signal>) != Err(Errno::ESRCH)
}

/// Is this number certainly not that of a process of this cluster's server, which this user runs? It may be another
/// program's by now, or that of a dead process whose parent never asked for its status, as happens in containers.
pub(super) fn is_anothers(pid: i32, cluster: &Path, user: &Owner) -> bool {
    let Some(status) = Status::of(pid) else { return false };
    let works_elsewhere = || {
        let cluster = std::fs::metadata(cluster).ok()?;
        Some(!is_same(&working_folder(pid)?, &cluster))
    };
    !status.is_postgres() || status.uid != user.uid.as_raw() || works_elsewhere().unwrap_or(false)
}

/// Postgres recognizes a lock file that a killed server left, unless the number in it is another process's. Then
/// only the number goes: by the rest of the file Postgres finds processes of the old server that use its shared
/// memory and that this process may not see.
pub(super) fn correct(lock_file: &Path, cluster: &Path, user: &Owner) -> io::Result<()> {
    let text = match std::fs::read_to_string(lock_file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match named_in(&text) {
        Some(pid) if is_anothers(pid, cluster, user) => {
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            replace(lock_file, &format!("{NO_PROCESS}\n{rest}"))
        }
        Some(_) => Ok(()),
        // A server that got as far as to use any memory has written its number.
        None => std::fs::remove_file(lock_file),
    }
}

/// Of a process; see proc_pid_status(5).
struct Status {
    name: String,
    is_dead: bool,
    uid: u32,
}

impl Status {
    fn of(pid: i32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some(Self {
            name: value("Name:")?.to_owned(),
            is_dead: value("State:")?.starts_with(['Z', 'X']),
            uid: value("Uid:")?.split_whitespace().next()?.parse().ok()?,
        })
    }

    /// Some distributions wrap the program in another one (`.postgres-wrapped`).
    fn is_postgres(&self) -> bool {
        !self.is_dead && self.name.contains("postgres")
    }
}

fn working_folder(pid: i32) -> Option<Metadata> {
    std::fs::metadata(format!("/proc/{pid}/cwd")).ok()
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command, Stdio};

    use nix::unistd::Uid;

    use super::*;

    /// A shell by another name, which ends when its standard input does.
    fn shell(folder: &Path, name: &str, works_in: &Path) -> Child {
        let program = folder.join(name);
        std::os::unix::fs::symlink("/bin/sh", &program).unwrap();
        let mut shell = Command::new(program);
        shell.arg0("sh").args(["-c", "read line"]).stdin(Stdio::piped()).current_dir(works_in);
        shell.spawn().unwrap()
    }

    fn id(process: &Child) -> i32 {
        i32::try_from(process.id()).unwrap()
    }

    #[test]
    fn processes_of_a_server_are_told_from_others() {
        let [programs, cluster, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let (cluster, other) = (cluster.path(), other.path());
        let me = Owner::current();
        let mut visitor = shell(programs.path(), "bash", cluster);
        assert_eq!(working_in(cluster), None);
        assert!(is_anothers(id(&visitor), cluster, &me));

        let mut server = shell(programs.path(), ".postgres-wrapped", cluster);
        assert_eq!(working_in(cluster), Some(id(&server)));
        assert_eq!(working_in(other), None);
        assert!(!is_anothers(id(&server), cluster, &me));
        let somebody = Owner { uid: Uid::from_raw(me.uid.as_raw() + 1), ..me.clone() };
        assert!(is_anothers(id(&server), cluster, &somebody));
        // The server of another cluster, with a number that was ours.
        assert!(is_anothers(id(&server), other, &me));

        // Dead, and nobody has asked for its status.
        drop(server.stdin.take());
        while working_in(cluster).is_some() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(exists(id(&server)));
        while !is_anothers(id(&server), cluster, &me) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        server.wait().unwrap();
        assert!(!exists(id(&server)));
        assert!(!is_anothers(id(&server), cluster, &me));
        visitor.kill().unwrap();
        visitor.wait().unwrap();
    }

    #[test]
    fn a_number_is_read_from_a_lock_file() {
        assert_eq!(named_in("4711\n/srv/desk/postgres\n"), Some(4711));
        assert_eq!(named_in("-4711\n"), Some(4711));
        assert_eq!(named_in(""), None);
        assert_eq!(named_in("0\n"), None);
    }

    #[test]
    fn a_lock_file_loses_no_more_than_a_number_that_is_anothers() {
        let cluster = tempfile::tempdir().unwrap();
        let lock_file = cluster.path().join("postmaster.pid");
        let corrected = |text: &str| {
            std::fs::write(&lock_file, text).unwrap();
            correct(&lock_file, cluster.path(), &Owner::current()).unwrap();
            std::fs::read_to_string(&lock_file).ok()
        };
        let rest = "/srv/desk/postgres\n1790000000\n5432\n/srv/desk/socket\n\n  5432001     32768\nready\n";
        let of_this_test = format!("{}\n{rest}", std::process::id());
        assert_eq!(corrected(&of_this_test), Some(format!("{NO_PROCESS}\n{rest}")));
        // Postgres itself sees that nobody has this number.
        let of_nobody = format!("{NO_PROCESS}\n{rest}");
        assert_eq!(corrected(&of_nobody), Some(of_nobody));
        // The disk was full when it was written.
        assert_eq!(corrected(""), None);
        correct(&lock_file, cluster.path(), &Owner::current()).unwrap();
    }
}
