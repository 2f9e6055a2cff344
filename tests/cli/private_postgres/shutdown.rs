//! How commands and servers end, and when they stop their private Postgres.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::Connection as _;
use tempfile::TempDir;

use super::other_users::hold;
use super::{connect, promptly};
use crate::cli::processes::{DataDir, postmaster};
use crate::support::{Server, find_postmaster, is_running, run, wait_until};

/// Another process holds `start.lock` when the command ends. With a running server there is nothing to
/// stop; without one the command cannot stop the Postgres that it used.
#[tokio::test]
async fn command_succeeds_even_if_it_cannot_stop_postgres() {
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
        let interfere = async {
            wait_until(30, "the command waits", async || {
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
        let (created, (held, released)) = futures::join!(run(&create), interfere);

        assert_eq!(created.status, 0, "{created:?}");
        assert!(created.out.starts_with("groupdesk_"), "{created:?}");
        assert_eq!(created.err.contains("stopping the private Postgres failed"), is_alone, "{created:?}");
        if is_alone {
            assert!(created.err.contains(&format!("process {} (", std::process::id())), "{created:?}");
        } else {
            assert!(released.elapsed() < Duration::from_secs(4), "{:?}", released.elapsed());
        }
        drop(held);
        let listed = promptly(&["token", "list", "--data-dir", data]).await;
        assert!(listed.out.contains("\trobot\t"), "{listed:?}");
        assert_eq!(find_postmaster(folder.path()).is_none(), is_alone);
    }
}

/// A directory with the programs of any Postgres version.
fn programs() -> PathBuf {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let packaged = packaged.map(|entry| entry.unwrap().path().join("bin"));
    let path = std::env::var_os("PATH").unwrap();
    let mut folders = packaged.chain(std::env::split_paths(&path));
    let has_all =
        |bin: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file());
    folders.find(has_all).expect("the programs of a Postgres")
}

/// A system upgrade replaced the programs by those of another version.
#[tokio::test]
async fn running_postgres_needs_no_programs() {
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
    wait_until(10, "Postgres has ended", async || !is_running(postgres)).await;
    let refused = promptly(&[&["operator", "list"][..], &settings].concat()).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("--postgres-bin"), "{refused:?}");
}
