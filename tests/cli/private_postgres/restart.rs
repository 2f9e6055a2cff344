//! The private Postgres of a running server ends unexpectedly.

use std::net::TcpListener;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use pretty_assertions::assert_eq;

use super::{connect, create_group, is_ready, promptly, status, token, wrapped};
use crate::cli::processes::{DataDir, postmaster};
use crate::support::{Server, children, find_postmaster, groupdesk, is_running, wait_until};

/// Kills all processes of this Postgres.
async fn kill_all(first: i32) {
    let all = [vec![first], children(first)].concat();
    for pid in &all {
        // Some end by themselves once the first process is gone.
        kill(Pid::from_raw(*pid), Signal::SIGKILL).ok();
    }
    wait_until(20, "every process has ended", async || !all.iter().any(|pid| is_running(*pid))).await;
}

#[tokio::test]
async fn killed_postgres_is_restarted_with_all_data() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let token = token(folder.text()).await;
    let first = create_group(&server, &token, "EMEA").await;
    for _ in 0..2 {
        let postgres = postmaster(folder.path());
        kill_all(postgres).await;
        wait_until(30, "the server is ready again", async || {
            find_postmaster(folder.path()).is_some_and(|pid| pid != postgres) && is_ready(&server).await
        })
        .await;
        assert_eq!(status(&server, &token, &first).await, 200);
        create_group(&server, &token, "APAC").await;
    }
    let postgres = postmaster(folder.path());
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert!(!is_running(postgres), "the restarted Postgres is stopped, too");
}

#[tokio::test]
async fn server_stops_cleanly_without_its_postgres() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    kill_all(postmaster(folder.path())).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert_eq!(find_postmaster(folder.path()), None);
}

/// Whether another postmaster runs and the server is ready.
async fn is_replaced(postgres: i32, data_dir: &Path, server: &Server) -> bool {
    find_postmaster(data_dir).is_some_and(|pid| pid != postgres) && is_ready(server).await
}

/// Keeps a backend busy for 15 seconds without checking for signals.
const BUSY: &str = "DO $$ BEGIN
    WHILE clock_timestamp() < statement_timestamp() + interval '15 seconds' LOOP END LOOP;
END $$";

/// Root in a container may not see the working directories of another user's processes.
#[tokio::test]
async fn restart_waits_for_leftover_backends() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = DataDir::new();
    let serve = wrapped("setpriv", &["--bounding-set", "-sys_ptrace"], &groupdesk(&["serve"]));
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut server = Server::launch(serve, &address, folder.path(), &["--data-dir", folder.text()]).await;
    let (mut busy, mut other) = (connect(folder.path()).await, connect(folder.path()).await);
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut busy).await.unwrap();
    let busy = tokio::spawn(async move { sqlx::query(BUSY).execute(&mut busy).await });
    wait_until(10, "the backend is busy", async || {
        let is_busy = "SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1";
        sqlx::query_scalar(is_busy).bind(pid).fetch_one(&mut other).await.unwrap()
    })
    .await;
    let pid_file = folder.path().join("postgres/postmaster.pid");
    let before = std::fs::read_to_string(&pid_file).unwrap();
    let postgres = postmaster(folder.path());

    kill(Pid::from_raw(postgres), Signal::SIGKILL).unwrap();

    let expected = format!("process {pid} (postgres) works in");
    wait_until(12, "the server waits for it", async || server.log().contains(&expected)).await;
    assert!(is_running(pid));
    assert_eq!(std::fs::read_to_string(&pid_file).unwrap(), before);
    busy.await.unwrap().ok();
    wait_until(40, "the server is ready again", async || is_replaced(postgres, folder.path(), &server).await)
        .await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

/// A running Postgres does not create its socket again.
#[tokio::test]
async fn postgres_without_its_socket_is_restarted() {
    let folder = DataDir::new();
    let socket = folder.path().join("socket");
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let token = token(folder.text()).await;
    let group = create_group(&server, &token, "EMEA").await;
    for is_folder in [false, true] {
        let postgres = postmaster(folder.path());
        if is_folder {
            std::fs::remove_dir_all(&socket).unwrap();
        } else {
            std::fs::remove_file(socket.join(".s.PGSQL.5432")).unwrap();
        }
        wait_until(60, "the server is ready again", async || {
            is_replaced(postgres, folder.path(), &server).await
        })
        .await;
        assert!(!is_running(postgres));
        assert_eq!(status(&server, &token, &group).await, 200);
        let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

/// The command looks for the socket in its usual place and notices first.
#[tokio::test]
async fn command_restarts_a_postgres_whose_socket_was_moved() {
    let folder = DataDir::new();
    let socket = folder.path().join("socket");
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let postgres = postmaster(folder.path());
    std::fs::rename(&socket, folder.path().join("moved")).unwrap();

    let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;

    assert_eq!(listed.status, 0, "{listed:?}");
    wait_until(60, "the server is ready again", async || is_replaced(postgres, folder.path(), &server).await)
        .await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
