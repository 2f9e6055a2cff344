//! Processes of a Postgres server, and lock files that name a wrong process. Callers have the rights of the user who runs
//! Postgres: root in a container may not see the working folder of another user's process.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::{Process, Status};

use super::Explain as _;
use super::cluster::replace;
use super::home::Owner;

/// No process on Linux has this id (`PID_MAX_LIMIT` is 2^22).
const NO_PROCESS: i32 = i32::MAX;

/// A Postgres process with this working folder, which all live processes of a server have.
pub(super) fn working_in(cluster: &Path) -> Option<i32> {
    let cluster = std::fs::metadata(cluster).ok()?;
    std::fs::read_dir("/proc").into_iter().flatten().flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        // A shell in that folder does not count.
        (is_same(&working_folder(pid)?, &cluster) && is_postgres(&status(pid)?)).then_some(pid)
    })
}

/// The process id in a lock file of Postgres. It is negative there for a server without clients.
pub(super) fn named_in(lock_file: &str) -> Option<i32> {
    lock_file.lines().next()?.trim().parse::<i32>().ok()?.checked_abs().filter(|pid| *pid > 0)
}

/// Whether a process has this id, possibly a dead one.
pub(super) fn exists(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None::<Signal>) != Err(Errno::ESRCH)
}

/// Whether this id certainly belongs to no server process of this cluster and user, but to another program or to a dead
/// process that its parent has not reaped, as happens in containers.
pub(super) fn is_foreign(pid: i32, cluster: &Path, user: &Owner) -> bool {
    let works_elsewhere = || {
        let cluster = std::fs::metadata(cluster).ok()?;
        Some(!is_same(&working_folder(pid)?, &cluster))
    };
    status(pid).is_some_and(|status| {
        !is_postgres(&status) || status.ruid != user.uid.as_raw() || works_elsewhere().unwrap_or(false)
    })
}

/// Corrects a lock file of a killed server that Postgres does not recognize, because another process has its id. Only the
/// id is replaced: by the rest Postgres finds processes that still use the shared memory and are not visible here.
pub(super) fn correct(lock_file: &Path, cluster: &Path, user: &Owner) -> io::Result<()> {
    let Some(text) = std::fs::read_to_string(lock_file).if_exists()? else { return Ok(()) };
    match named_in(&text) {
        Some(pid) if is_foreign(pid, cluster, user) => {
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            replace(lock_file, &format!("{NO_PROCESS}\n{rest}"))
        }
        Some(_) => Ok(()),
        // A server writes its id before it uses any shared memory.
        None => std::fs::remove_file(lock_file),
    }
}

fn status(pid: i32) -> Option<Status> {
    Process::new(pid).and_then(|process| process.status()).ok()
}

/// Whether it is a live process of Postgres. Some distributions wrap the program (`.postgres-wrapped`).
fn is_postgres(status: &Status) -> bool {
    !status.state.starts_with(['Z', 'X']) && status.name.contains("postgres")
}

fn working_folder(pid: i32) -> Option<Metadata> {
    std::fs::metadata(format!("/proc/{pid}/cwd")).ok()
}

pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
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
    fn processes_of_a_server_are_recognized() {
        let [programs, cluster, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let (cluster, other) = (cluster.path(), other.path());
        let me = Owner::current();
        let mut visitor = shell(programs.path(), "bash", cluster);
        assert_eq!(working_in(cluster), None);
        assert!(is_foreign(id(&visitor), cluster, &me));

        let mut server = shell(programs.path(), ".postgres-wrapped", cluster);
        assert_eq!(working_in(cluster), Some(id(&server)));
        assert_eq!(working_in(other), None);
        assert!(!is_foreign(id(&server), cluster, &me));
        let another = Owner { uid: Uid::from_raw(me.uid.as_raw() + 1), ..me.clone() };
        assert!(is_foreign(id(&server), cluster, &another));
        // The server of another cluster, with a number that was ours.
        assert!(is_foreign(id(&server), other, &me));

        // Dead, and not reaped yet.
        drop(server.stdin.take());
        while working_in(cluster).is_some() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(exists(id(&server)));
        while !is_foreign(id(&server), cluster, &me) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        server.wait().unwrap();
        assert!(!exists(id(&server)));
        assert!(!is_foreign(id(&server), cluster, &me));
        visitor.kill().unwrap();
        visitor.wait().unwrap();
    }

    #[test]
    fn the_process_id_is_read_from_a_lock_file() {
        assert_eq!(named_in("4711\n/srv/desk/postgres\n"), Some(4711));
        assert_eq!(named_in("-4711\n"), Some(4711));
        assert_eq!(named_in(""), None);
        assert_eq!(named_in("0\n"), None);
    }

    #[test]
    fn a_lock_file_loses_only_a_foreign_process_id() {
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
