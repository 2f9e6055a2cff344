//! A server whose private Postgres ends under it.

use std::net::TcpListener;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use pretty_assertions::assert_eq;

use super::{connect, create_group, is_ready, promptly, status, token, wrapped};
use crate::cli::processes::{DataDir, postmaster};
use crate::support::{Server, children, find_postmaster, groupdesk, lives, within};

/// Kills every process of it.
async fn killed(first: i32) {
    let all = [vec![first], children(first)].concat();
    for pid in &all {
        // Some end by themselves once the first is gone.
        kill(Pid::from_raw(*pid), Signal::SIGKILL).ok();
    }
    within(20, "every process is gone", async || !all.iter().any(|pid| lives(*pid))).await;
}

#[tokio::test]
async fn a_postgres_that_was_killed_is_started_again_and_has_what_was_acknowledged() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let token = token(folder.text()).await;
    let first = create_group(&server, &token, "EMEA").await;
    for _ in 0..2 {
        let postgres = postmaster(folder.path());
        killed(postgres).await;
        within(30, "it is ready again", async || {
            find_postmaster(folder.path()).is_some_and(|pid| pid != postgres) && is_ready(&server).await
        })
        .await;
        assert_eq!(status(&server, &token, &first).await, 200);
        create_group(&server, &token, "APAC").await;
    }
    let postgres = postmaster(folder.path());
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert!(!lives(postgres), "it stops what it started again");
}

#[tokio::test]
async fn a_server_ends_well_when_its_postgres_is_gone_already() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    killed(postmaster(folder.path())).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert_eq!(find_postmaster(folder.path()), None);
}

/// Does another Postgres than this run there, and is the server ready?
async fn is_replaced(postgres: i32, data_dir: &Path, server: &Server) -> bool {
    find_postmaster(data_dir).is_some_and(|pid| pid != postgres) && is_ready(server).await
}

/// For so long its process takes no notice of anything.
const BUSY: &str = "DO $$ BEGIN
    WHILE clock_timestamp() < statement_timestamp() + interval '15 seconds' LOOP END LOOP;
END $$";

/// Root in a container may not see in which folder processes of another user work.
#[tokio::test]
async fn no_postgres_is_started_beside_a_process_that_a_killed_one_left() {
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
    within(10, "it is busy", async || {
        let is_busy = "SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1";
        sqlx::query_scalar(is_busy).bind(pid).fetch_one(&mut other).await.unwrap()
    })
    .await;
    let pid_file = folder.path().join("postgres/postmaster.pid");
    let before = std::fs::read_to_string(&pid_file).unwrap();
    let postgres = postmaster(folder.path());

    kill(Pid::from_raw(postgres), Signal::SIGKILL).unwrap();

    let said = format!("process {pid} (postgres) works in");
    within(12, "the server waits for it", async || server.log().contains(&said)).await;
    assert!(lives(pid));
    assert_eq!(std::fs::read_to_string(&pid_file).unwrap(), before);
    busy.await.unwrap().ok();
    within(40, "it is ready again", async || is_replaced(postgres, folder.path(), &server).await).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

/// A running Postgres does not make its socket again.
#[tokio::test]
async fn a_postgres_whose_socket_was_removed_is_started_again() {
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
        within(60, "it is ready again", async || is_replaced(postgres, folder.path(), &server).await).await;
        assert!(!lives(postgres));
        assert_eq!(status(&server, &token, &group).await, 200);
        let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
    }
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

/// It is found by the command first, which looks for it in the folder's usual place.
#[tokio::test]
async fn a_postgres_whose_socket_was_moved_is_started_again_by_who_looks_for_it() {
    let folder = DataDir::new();
    let socket = folder.path().join("socket");
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let postgres = postmaster(folder.path());
    std::fs::rename(&socket, folder.path().join("moved")).unwrap();

    let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;

    assert_eq!(listed.status, 0, "{listed:?}");
    within(60, "it is ready again", async || is_replaced(postgres, folder.path(), &server).await).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
