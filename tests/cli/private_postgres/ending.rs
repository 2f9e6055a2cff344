//! How a command or a server ends whose private Postgres is to be stopped.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::Connection as _;
use tempfile::TempDir;

use super::strangers::hold;
use super::{connect, promptly};
use crate::cli::processes::{DataDir, postmaster};
use crate::support::{Server, find_postmaster, lives, run, within};

/// Somebody holds `start.lock` when the command is done. Beside a server it has nothing to stop; without one it
/// cannot stop what it used.
#[tokio::test]
async fn a_command_that_cannot_stop_postgres_has_done_its_work_all_the_same() {
    for is_alone in [false, true] {
        let folder = DataDir::new();
        let data = folder.text();
        let mut server = Server::start(folder.path(), &["--data-dir", data]).await;
        let (mut blocker, mut other) = (connect(folder.path()).await, connect(folder.path()).await);
        let mut transaction = blocker.begin().await.unwrap();
        let lock = "LOCK TABLE groupdesk.api_tokens IN EXCLUSIVE MODE";
        sqlx::raw_sql(lock).execute(&mut *transaction).await.unwrap();

        let create =
            ["token", "create", "--name", "robot", "--scope", "read", "--system", "--data-dir", data];
        let meanwhile = async {
            within(30, "the command waits", async || {
                let waits = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)";
                sqlx::query_scalar(waits).fetch_one(&mut other).await.unwrap()
            })
            .await;
            if is_alone {
                server.signal(Signal::SIGKILL);
                server.end().await;
            }
            let held = hold(&folder, "start.lock");
            transaction.rollback().await.unwrap();
            (held, Instant::now())
        };
        let (made, (held, released)) = futures::join!(run(&create), meanwhile);

        assert_eq!(made.status, 0, "{made:?}");
        assert!(made.out.starts_with("groupdesk_"), "{made:?}");
        assert_eq!(made.err.contains("the private Postgres was not stopped"), is_alone, "{made:?}");
        if is_alone {
            assert!(made.err.contains(&format!("process {} (", std::process::id())), "{made:?}");
        } else {
            assert!(released.elapsed() < Duration::from_secs(4), "{:?}", released.elapsed());
        }
        drop(held);
        let listed = promptly(&["token", "list", "--data-dir", data]).await;
        assert!(listed.out.contains("\trobot\t"), "{listed:?}");
        assert_eq!(find_postmaster(folder.path()).is_none(), is_alone);
    }
}

/// A folder with the programs of some version of Postgres.
fn programs() -> PathBuf {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let packaged = packaged.map(|entry| entry.unwrap().path().join("bin"));
    let path = std::env::var_os("PATH").unwrap();
    let mut folders = packaged.chain(std::env::split_paths(&path));
    let has_all =
        |bin: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file());
    folders.find(has_all).expect("the programs of a Postgres")
}

/// An upgrade of the system replaced them by those of another version.
#[tokio::test]
async fn a_running_postgres_is_used_and_stopped_without_its_programs() {
    let (folder, place) = (DataDir::new(), TempDir::with_prefix("bin").unwrap());
    std::fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    let bin = place.path().join("bin");
    symlink(programs(), &bin).unwrap();
    let settings = ["--data-dir", folder.text(), "--postgres-bin", bin.to_str().unwrap()];
    let mut server = Server::start(folder.path(), &settings).await;
    let postgres = postmaster(folder.path());

    std::fs::remove_file(&bin).unwrap();

    let listed = promptly(&[&["operator", "list"][..], &settings].concat()).await;
    assert_eq!(listed.status, 0, "{listed:?}");
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    within(10, "Postgres has gone", async || !lives(postgres)).await;
    let refused = promptly(&[&["operator", "list"][..], &settings].concat()).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("--postgres-bin"), "{refused:?}");
}
